//! What to do where AWS's behaviour is not published.

use crate::{Dependency, Evidence, Outcome};

/// How an ambiguous test is decided. Rule: IAM-TRI-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ambiguities {
    /// Unknown, with the entry as dependency.
    Report,
    /// The register's guess.
    Guess,
    /// This value for every ambiguous test: the reading that allows less, which depends on what the test
    /// guards, so the caller chooses it.
    Always(bool),
}

impl Ambiguities {
    /// Decides an ambiguous test whose guess is known.
    #[must_use]
    pub fn decide<E: Evidence>(self, number: u8, guess: bool) -> Outcome<E> {
        match self {
            Self::Report => Outcome::unknown(|| Dependency::Ambiguity(number)),
            Self::Guess => Outcome::known(guess),
            Self::Always(value) => Outcome::known(value),
        }
    }
}
