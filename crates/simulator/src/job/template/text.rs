//! Texts of a template, which may hold names in braces.

use serde::de::Error as _;
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

    /// The whole text, if there is no name in it.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [TextPiece::Literal(text)] => Some(text),
            _ => None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
