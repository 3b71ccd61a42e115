//! Values of a template: texts with names in them, and building blocks.
//!
//! A value is a list of texts; what is absent is an empty list. This module knows how they are written, not what
//! they come to.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::job::template::condition::Condition;
use crate::job::template::text::Text;
use crate::job::template::verify::ITEM;

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
    /// Names of the members of an object at a path of the request.
    Names(String),
    /// For each element of the list, or for the object, at a path: a value, where the test holds. Paths that start with
    /// `./` are read within the element.
    Elements {
        of: String,
        when: Option<Condition>,
        take: Expr,
    },
    /// The first value that is not empty.
    First(Vec<Expr>),
    /// One value or another.
    If {
        when: Condition,
        then: Expr,
        #[serde(default, rename = "else")]
        otherwise: Expr,
    },
    /// For each text the value beside the first pattern that matches it; nothing if none does. `{item}` is the text.
    Match {
        of: Expr,
        cases: Vec<(String, Text)>,
    },
    /// For each text of the form `from` the text `to`; names in braces stand for the same parts in both.
    Rewrite { of: Expr, from: Text, to: Text },
    /// All texts as one.
    Join { of: Expr, with: String },
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
    /// Those of the objects that lie under no KMS key, as far as the snapshot says it.
    S3Plain(Expr),
    /// ARNs of the keys that key identifiers mean. Rule: KMS-ID-1.
    Key(Expr),
    /// Accounts of ARNs; those of buckets as far as the snapshot says them.
    AccountOf(Expr),
    /// What the snapshot says of the resources with these ARNs, or with ARNs that match these patterns.
    Attribute { of: Expr, member: Attribute },
    /// What such resources are described as in the snapshot, by a path.
    Described { of: Expr, path: String },
    /// Those of the ARNs, and the ARNs matching the patterns, that the snapshot lists.
    Listed(Expr),
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
    /// Owner.
    Account,
    /// Whether a bucket's default encryption has a bucket key.
    BucketKey,
    /// Key of a bucket's default encryption.
    DefaultKey,
    /// Whether a resource has a policy of its own.
    HasPolicy,
}

impl Attribute {
    /// As templates write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::KmsKey => "kms_key",
            Self::Role => "role",
            Self::DatasetGroup => "dataset_group",
            Self::Region => "region",
            Self::Account => "account",
            Self::BucketKey => "bucket_key",
            Self::DefaultKey => "default_key",
            Self::HasPolicy => "has_policy",
        }
    }
}

impl Block {
    /// As templates write it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Field(_) => "field",
            Self::Names(_) => "names",
            Self::Elements { .. } => "elements",
            Self::First(_) => "first",
            Self::If { .. } => "if",
            Self::Match { .. } => "match",
            Self::Rewrite { .. } => "rewrite",
            Self::Join { .. } => "join",
            Self::S3Bucket(_) => "s3_bucket",
            Self::S3Object(_) => "s3_object",
            Self::S3Below(_) => "s3_below",
            Self::S3Contents { .. } => "s3_contents",
            Self::S3Plain(_) => "s3_plain",
            Self::Key(_) => "key",
            Self::AccountOf(_) => "account_of",
            Self::Attribute { .. } => "attribute",
            Self::Described { .. } => "described",
            Self::Listed(_) => "listed",
            Self::CustomFunctions(_) => "custom_functions",
        }
    }

    /// Values inside, each behind the member that holds it; `None`: the block's own.
    pub(crate) fn parts(&self) -> Vec<(Option<&'static str>, &Expr)> {
        match self {
            Self::Field(_) | Self::Names(_) => Vec::new(),
            Self::First(all) => all.iter().map(|expr| (None, expr)).collect(),
            Self::If {
                then, otherwise, ..
            } => vec![(Some("then"), then), (Some("else"), otherwise)],
            Self::Elements { take, .. } => vec![(Some("take"), take)],
            Self::Match { of, .. }
            | Self::Rewrite { of, .. }
            | Self::Join { of, .. }
            | Self::Attribute { of, .. }
            | Self::Described { of, .. } => vec![(Some("of"), of)],
            Self::S3Contents { of, except } => vec![(Some("of"), of), (Some("except"), except)],
            Self::S3Bucket(of)
            | Self::S3Object(of)
            | Self::S3Below(of)
            | Self::S3Plain(of)
            | Self::Key(of)
            | Self::AccountOf(of)
            | Self::Listed(of)
            | Self::CustomFunctions(of) => vec![(None, of)],
        }
    }

    /// The test inside.
    pub(crate) fn condition(&self) -> Option<&Condition> {
        match self {
            Self::If { when, .. } => Some(when),
            Self::Elements { when, .. } => when.as_ref(),
            _ => None,
        }
    }

    /// Names that its value depends on.
    fn names(&self) -> Vec<&str> {
        let parts = self.parts().into_iter();
        let mut names: Vec<&str> = parts.flat_map(|(_, expr)| expr.names()).collect();
        names.extend(self.condition().into_iter().flat_map(Condition::names));
        if let Self::Match { cases, .. } = self {
            let used = cases.iter().flat_map(|(_, text)| text.names());
            names.extend(used.filter(|name| *name != ITEM));
        }
        names
    }
}

impl Expr {
    /// Names that its value depends on.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => text.names().collect(),
            Self::All(all) => all.iter().flat_map(Self::names).collect(),
            Self::Block(block) => block.names(),
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
    fn values_are_texts_lists_and_blocks() {
        assert!(matches!(expr(r#""a""#), Ok(Expr::Text(_))));
        assert!(matches!(expr(r#"["a", {"field": "b"}]"#), Ok(Expr::All(all)) if all.len() == 2));
        let found =
            expr(r#"{"if": {"when": {"given": "x"}, "then": "{y}", "else": {"field": "f"}}}"#)
                .unwrap();
        assert_eq!(found.names(), ["y", "x"]);
        let within = r#"{"elements": {"of": "L", "when": {"same": ["{x}", "a"]}, "take": "{y}"}}"#;
        assert_eq!(expr(within).unwrap().names(), ["y", "x"]);
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
        let error = expr(r#"{"elements": {"of": "x"}}"#).unwrap_err();
        assert!(
            error.to_string().contains("missing field `take`"),
            "{error}"
        );
        assert!(expr("7").is_err());
    }
}
