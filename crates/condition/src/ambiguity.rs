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

    /// Decides between what a test gives in the guessed reading and what it gives in the other one. Where both
    /// give the same, the ambiguity does not matter.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    /// use preclear_condition::{Ambiguities, Dependency, Outcome, Tri};
    ///
    /// type Explained = Outcome<BTreeSet<Dependency>>;
    /// let (yes, no) = (Explained::known(true), Explained::known(false));
    /// assert_eq!(Ambiguities::Report.between(9, yes.clone(), yes.clone()), yes);
    /// let undecided = Ambiguities::Report.between(9, no.clone(), yes.clone());
    /// assert_eq!(undecided.value, Tri::Unknown);
    /// assert!(undecided.evidence.contains(&Dependency::Ambiguity(9)));
    /// assert_eq!(Ambiguities::Guess.between(9, no.clone(), yes.clone()), no);
    /// assert_eq!(Ambiguities::Always(true).between(9, no, yes.clone()), yes);
    /// ```
    #[must_use]
    pub fn between<E: Evidence>(
        self,
        number: u8,
        guess: Outcome<E>,
        other: Outcome<E>,
    ) -> Outcome<E> {
        let matters = guess.value != other.value;
        match self {
            Self::Guess => guess,
            Self::Always(true) => guess.or(other),
            Self::Always(false) => guess.and(other),
            Self::Report => {
                let both = guess.unsettled_with(other);
                if matters {
                    both.unsettled_with(Outcome::unknown(|| Dependency::Ambiguity(number)))
                } else {
                    both
                }
            }
        }
    }

    /// An outcome that something disputed left open: unknown, but where every ambiguous test has the same value.
    #[must_use]
    pub(crate) fn settle<E: Evidence>(self, outcome: Outcome<E>) -> Outcome<E> {
        match self {
            Self::Always(value) if outcome.value.is_unknown() => Outcome::known(value),
            _ => outcome,
        }
    }

    /// For a test whose outcome is going to be negated: the value that `Always` asks for is that of the negation.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Always(value) => Self::Always(!value),
            Self::Report | Self::Guess => self,
        }
    }
}
