//! What is known of the request's context.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use preclear_wildcard::Pattern;

use crate::{Ambiguities, Dependency, KeyTypes};

/// Number that a catalogue gives a key, so that it can be told without comparing names. It means nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub u16);

/// Name of a condition key: compared ignoring case. Rule: IAM-COND-3.
///
/// A name that was compiled carries the number its catalogue gave it; that number has no part in comparisons.
///
/// ```
/// use preclear_condition::{Arity, KeyId, KeyKind, KeyName, KeyTypes};
///
/// struct Numbered;
/// impl KeyTypes for Numbered {
///     fn arity(&self, _: &KeyName) -> Arity { Arity::Single }
///     fn kind(&self, _: &KeyName) -> Option<KeyKind> { None }
///     fn id(&self, folded: &str) -> Option<KeyId> { (folded == "aws:sourceip").then_some(KeyId(7)) }
/// }
/// let compiled = KeyName::compile("AWS:SourceIp", &Numbered);
/// assert_eq!(compiled.id(), Some(KeyId(7)));
/// assert_eq!(compiled, KeyName::new("aws:sourceip"));
/// ```
#[derive(Debug, Clone)]
pub struct KeyName {
    folded: Box<str>,
    id: Option<KeyId>,
}

impl KeyName {
    /// Folds a name as written.
    #[must_use]
    pub fn new(written: &str) -> Self {
        Self {
            folded: written.to_lowercase().into_boxed_str(),
            id: None,
        }
    }

    /// Folds a name as written, and asks a catalogue for its number.
    #[must_use]
    pub fn compile(written: &str, keys: &dyn KeyTypes) -> Self {
        let name = Self::new(written);
        Self {
            id: keys.id(&name.folded),
            ..name
        }
    }

    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.folded
    }

    /// The number that the catalogue gave it.
    #[must_use]
    pub fn id(&self) -> Option<KeyId> {
        self.id
    }
}

impl PartialEq for KeyName {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for KeyName {}

impl PartialOrd for KeyName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for KeyName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl Hash for KeyName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
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
    Many(&'a [&'a str]),
    /// The empty text alone, in one of the two ways to read it (AMB-17): a case of what is unknown. Rule: IAM-TRI-10.
    Empty {
        /// `Null` takes it for no value.
        is_null: bool,
    },
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
    /// Nobody has published what the key is for such a request. Rule: IAM-TRI-8, AMB-18.
    Disputed {
        /// The entry of the ambiguity register.
        number: u8,
        /// What the register guesses.
        guess: Guess,
    },
}

/// What the register guesses of a key of which nothing is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guess {
    /// The request has no such key.
    Absent,
    /// Anything, absent included.
    Unknown,
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

    /// The state where ambiguous tests are decided so: guessed, a disputed key is what the register says.
    #[must_use]
    pub(crate) fn read(self, ambiguities: Ambiguities) -> Self {
        match (self.plain(), ambiguities) {
            (Self::Disputed { guess, .. }, Ambiguities::Guess) => match guess {
                Guess::Absent => Self::Absent,
                Guess::Unknown => Self::Unknown,
            },
            (state, _) => state,
        }
    }

    /// What would settle an unknown that comes from the key.
    pub(crate) fn dependency(self, key: &KeyName) -> Dependency {
        match self {
            Self::Disputed { number, .. } => Dependency::Ambiguity(number),
            _ => Dependency::Key(key.as_str().to_owned()),
        }
    }
}

/// A context that can be asked for keys.
pub trait Lookup {
    /// State of the key.
    fn state(&self, key: &KeyName) -> KeyState<'_>;
}
