//! Any JSON or YAML text as a tree in which every element knows its place and nothing is lost.

use crate::source::Span;

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`; in YAML also `~` and nothing at all.
    Null,
    /// A string, number or boolean.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// An object; members in the order of the text. Duplicates never get here.
    Mapping(Vec<Member>),
}

/// A scalar with its source text: `012345678901` stays that text, whatever type YAML gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text; escapes resolved, numbers and booleans as written.
    pub text: String,
    /// The type that the notation gives it.
    pub kind: ScalarKind,
    /// True for an unquoted YAML scalar: its type is a guess of YAML's, so it may be read as text.
    pub plain: bool,
}

/// Type of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScalarKind {
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// Its value.
    pub value: Node,
}
