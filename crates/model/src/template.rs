//! Texts that may hold policy variables.

/// A part of a text. Rule: IAM-VAR-1, IAM-WILD-12.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands; `*` and `?` in it are wildcards where wildcards work.
    Text(String),
    /// One of `${*}`, `${?}`, `${$}`: the character itself, never a wildcard.
    Literal(char),
    /// `${key}` or `${key, 'default'}`.
    Variable {
        /// Condition key as written.
        key: String,
        /// Text between the single quotes.
        default: Option<String>,
    },
}

/// A text in pieces. In a 2008-10-17 document always one `Text`. Rule: IAM-GRAM-4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The text as written.
    pub source: String,
    /// Its pieces in order.
    pub pieces: Vec<Piece>,
}
