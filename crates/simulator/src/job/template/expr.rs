//! Values and conditions of a template: texts with names in them, building blocks, tests.
//!
//! A value is a list of texts; what is absent is an empty list. This module knows how they are written, not what
//! they come to.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A text with names in braces: `arn:{partition}:s3:::{bucket}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) pieces: Vec<TextPiece>,
}

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TextPiece {
    Literal(String),
    Name(String),
}

impl Text {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// A brace that encloses no name.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, from)) = rest.split_once('{') {
            let (name, after) = from
                .split_once('}')
                .ok_or_else(|| format!("`{text}`: a brace is not closed"))?;
            let is_name = !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if !is_name {
                return Err(format!(
                    "`{text}`: `{{{name}}}` is no name: lower-case letters and `_`"
                ));
            }
            if !before.is_empty() {
                pieces.push(TextPiece::Literal(before.to_owned()));
            }
            pieces.push(TextPiece::Name(name.to_owned()));
            rest = after;
        }
        if rest.contains('}') {
            return Err(format!("`{text}`: a brace closes nothing"));
        }
        if !rest.is_empty() {
            pieces.push(TextPiece::Literal(rest.to_owned()));
        }
        Ok(Self { pieces })
    }

    /// Names in it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            TextPiece::Name(name) => Some(name.as_str()),
            TextPiece::Literal(_) => None,
        })
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

/// A value: a text, a list of values (their union), or a building block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expr {
    Text(Text),
    All(Vec<Expr>),
    Block(Box<Block>),
}

impl Default for Expr {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExprVisitor)
    }
}

struct ExprVisitor;

impl<'de> Visitor<'de> for ExprVisitor {
    type Value = Expr;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a list of values, or a building block")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Expr, E> {
        Text::parse(text).map(Expr::Text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Expr, A::Error> {
        let mut all = Vec::new();
        while let Some(expr) = sequence.next_element()? {
            all.push(expr);
        }
        Ok(Expr::All(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Expr, A::Error> {
        Block::deserialize(MapAccessDeserializer::new(map))
            .map(|block| Expr::Block(Box::new(block)))
    }
}

/// A building block.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Block {
    /// Texts, numbers and booleans at a path of the request; lists on the way are walked through.
    Field(String),
    /// The first value that is not empty.
    First(Vec<Expr>),
    /// One value or another.
    If {
        when: Condition,
        then: Expr,
        #[serde(default, rename = "else")]
        otherwise: Expr,
    },
    /// For each text the value beside the first pattern that matches it; nothing if none does.
    Match {
        of: Expr,
        cases: Vec<(String, Text)>,
    },
    /// For each text of the form `from` the text `to`; names in braces stand for the same parts in both.
    Rewrite { of: Expr, from: Text, to: Text },
    /// Buckets of S3 URIs, as ARNs.
    S3Bucket(Expr),
    /// Objects of S3 URIs that name one, as ARNs.
    S3Object(Expr),
    /// Everything below S3 URIs, as ARN patterns.
    S3Below(Expr),
    /// What is read below S3 URIs or bucket ARNs. Rule: JOB-2.
    S3Contents {
        of: Expr,
        #[serde(default)]
        except: Expr,
    },
    /// ARNs of the keys that key identifiers mean. Rule: KMS-ID-1.
    Key(Expr),
    /// Accounts of ARNs; those of buckets as far as the snapshot says them.
    AccountOf(Expr),
    /// What the snapshot says of the resources with these ARNs.
    Attribute { of: Expr, member: Attribute },
    /// Lambda functions that are not AWS's own. Rule: JOB-GT-4.
    CustomFunctions(Expr),
}

/// A member of a resource of the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Attribute {
    KmsKey,
    Role,
    DatasetGroup,
    Region,
}

impl Block {
    /// Values inside.
    pub(crate) fn parts(&self) -> Vec<&Expr> {
        match self {
            Self::Field(_) => Vec::new(),
            Self::First(all) => all.iter().collect(),
            Self::If {
                when,
                then,
                otherwise,
            } => {
                let mut parts = when.values();
                parts.extend([then, otherwise]);
                parts
            }
            Self::Match { of, .. } | Self::Rewrite { of, .. } | Self::Attribute { of, .. } => {
                vec![of]
            }
            Self::S3Contents { of, except } => vec![of, except],
            Self::S3Bucket(of)
            | Self::S3Object(of)
            | Self::S3Below(of)
            | Self::Key(of)
            | Self::AccountOf(of)
            | Self::CustomFunctions(of) => vec![of],
        }
    }
}

/// A test.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Condition {
    /// The name has a value.
    Given(String),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// Some text is in both.
    Equals(Expr, Expr),
    /// Some text of the first is not in the second.
    Differs(Expr, Expr),
    /// Some text of the first matches a pattern of the second.
    Like(Expr, Expr),
}

impl Condition {
    /// Values inside.
    pub(crate) fn values(&self) -> Vec<&Expr> {
        match self {
            Self::Given(_) => Vec::new(),
            Self::Not(condition) => condition.values(),
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().flat_map(Self::values).collect()
            }
            Self::Equals(left, right) | Self::Differs(left, right) | Self::Like(left, right) => {
                vec![left, right]
            }
        }
    }

    /// Names tested by [`Condition::Given`].
    pub(crate) fn given(&self) -> Vec<&str> {
        match self {
            Self::Given(name) => vec![name],
            Self::Not(condition) => condition.given(),
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().flat_map(Self::given).collect()
            }
            Self::Equals(..) | Self::Differs(..) | Self::Like(..) => Vec::new(),
        }
    }
}

impl Expr {
    /// Names that its value depends on.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => text.names().collect(),
            Self::All(all) => all.iter().flat_map(Self::names).collect(),
            Self::Block(block) => {
                let mut names: Vec<&str> =
                    block.parts().into_iter().flat_map(Self::names).collect();
                match block.as_ref() {
                    Block::If { when, .. } => names.extend(when.given()),
                    Block::Match { cases, .. } => {
                        names.extend(cases.iter().flat_map(|(_, text)| text.names()))
                    }
                    _ => {}
                }
                names
            }
        }
    }

    /// Paths of the request that it reads.
    pub(crate) fn fields(&self) -> Vec<&str> {
        match self {
            Self::Text(_) => Vec::new(),
            Self::All(all) => all.iter().flat_map(Self::fields).collect(),
            Self::Block(block) => match block.as_ref() {
                Block::Field(path) => vec![path],
                block => block.parts().into_iter().flat_map(Self::fields).collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expr(json: &str) -> Result<Expr, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn texts_hold_names_in_braces() {
        let text = Text::parse("arn:{partition}:s3:::{bucket}/*").unwrap();
        assert_eq!(text.names().collect::<Vec<_>>(), ["partition", "bucket"]);
        assert_eq!(text.pieces.len(), 5);
        for wrong in ["{", "}", "{}", "{A}", "a{b", "{a b}"] {
            assert!(Text::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Text::parse("").unwrap().pieces, []);
    }

    #[test]
    fn values_are_texts_lists_and_blocks() {
        assert!(matches!(expr(r#""a""#), Ok(Expr::Text(_))));
        assert!(matches!(expr(r#"["a", {"field": "b"}]"#), Ok(Expr::All(all)) if all.len() == 2));
        let found =
            expr(r#"{"if": {"when": {"given": "x"}, "then": "{y}", "else": {"field": "f"}}}"#)
                .unwrap();
        assert_eq!(found.names(), ["y", "x"]);
        assert_eq!(found.fields(), ["f"]);
    }

    #[test]
    fn unknown_blocks_and_members_are_errors_with_a_place() {
        let error = expr("{\n  \"fild\": \"b\"}").unwrap_err();
        assert!(
            error.to_string().contains("unknown variant `fild`"),
            "{error}"
        );
        assert_eq!(error.line(), 2);
        let error = expr(r#"{"s3_contents": {"of": "x", "but": "y"}}"#).unwrap_err();
        assert!(error.to_string().contains("unknown field `but`"), "{error}");
        let error = expr(r#"{"s3_contents": {}}"#).unwrap_err();
        assert!(error.to_string().contains("missing field `of`"), "{error}");
        assert!(expr("7").is_err());
    }
}
