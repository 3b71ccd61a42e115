//! What is known of the request's context.

use preclear_wildcard::Pattern;

/// Name of a condition key: compared ignoring case. Rule: IAM-COND-3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName {
    folded: Box<str>,
}

impl KeyName {
    /// Folds a name as written.
    #[must_use]
    pub fn new(written: &str) -> Self {
        Self {
            folded: written.to_lowercase().into_boxed_str(),
        }
    }

    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.folded
    }
}

/// State of a key in a context. Rule: IAM-TRI-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState<'a> {
    /// The request has no such key.
    Absent,
    /// The key exists, its value was not given.
    Present,
    /// Anything, absent included.
    Unknown,
    /// One value.
    One(&'a str),
    /// A set of values, possibly empty.
    Many(&'a [String]),
    /// The key exists; its value is one of those the pattern matches, which one is not known. Rule: IAM-WILD-13.
    ///
    /// Of a multivalued key, as of a value that is no text or ARN to the operator, it says no more than `Present`.
    ///
    /// ```
    /// use preclear_condition::{KeyName, KeyState, Lookup};
    /// use preclear_wildcard::Pattern;
    ///
    /// struct Below(Pattern);
    /// impl Lookup for Below {
    ///     fn state(&self, _: &KeyName) -> KeyState<'_> { KeyState::Like(&self.0) }
    /// }
    ///
    /// let below = Below(Pattern::parse("arn:aws:s3:::out/boxes/*"));
    /// let state = below.state(&KeyName::new("kms:EncryptionContext:aws:s3:arn"));
    /// assert_eq!(state, KeyState::Like(&below.0));
    /// ```
    Like(&'a Pattern),
    /// Two tags that differ only by case: unpredictable in every mode (AMB-13).
    Conflict,
}

impl KeyState<'_> {
    /// The state without patterns that say more or less than they should: without wildcards a pattern is its text,
    /// and one with slots, whose texts nobody knows yet, says only that the key exists.
    #[must_use]
    pub(crate) fn plain(self) -> Self {
        match self {
            Self::Like(pattern) if pattern.has_slots() => Self::Present,
            Self::Like(pattern) => pattern.as_literal().map_or(self, Self::One),
            _ => self,
        }
    }
}

/// A context that can be asked for keys.
pub trait Lookup {
    /// State of the key.
    fn state(&self, key: &KeyName) -> KeyState<'_>;
}
