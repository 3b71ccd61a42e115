//! Source texts and places in them.

use std::sync::Arc;

/// A half-open range of byte offsets in a source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One text that was read, with the name users know it by.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// File path as the user wrote it, or a description such as `--principal`.
    pub name: String,
    /// The whole text, without a byte order mark.
    pub text: String,
    // The reader adds: for a text embedded in a string of another source, that place and the map of offsets.
}

/// A span in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// The part of it that is meant.
    pub span: Span,
}
