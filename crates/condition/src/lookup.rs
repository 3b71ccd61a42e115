//! What is known of the request's context.

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
    /// Two tags that differ only by case: unpredictable in every mode (AMB-13).
    Conflict,
}

/// A context that can be asked for keys.
pub trait Lookup {
    /// State of the key.
    fn state(&self, key: &KeyName) -> KeyState<'_>;
}
