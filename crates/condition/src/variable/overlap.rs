//! How many of many texts a pattern matches.

use preclear_wildcard::Pattern;

/// What a pattern matches of the texts of another. Rule: IAM-WILD-13.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlap {
    /// None of them.
    Nothing,
    /// Some, or it is not known whether all or none.
    Some,
    /// All.
    All,
}

impl Overlap {
    /// The overlap of two patterns that may share texts, the first of which may cover the second.
    pub(crate) fn of(intersects: impl FnOnce() -> bool, covers: impl FnOnce() -> bool) -> Self {
        if !intersects() {
            Self::Nothing
        } else if covers() {
            Self::All
        } else {
            Self::Some
        }
    }

    /// What a pattern without slots matches of the texts of another.
    pub(crate) fn between(pattern: &Pattern, texts: &Pattern) -> Self {
        Self::of(|| pattern.intersects(texts), || pattern.covers(texts))
    }
}
