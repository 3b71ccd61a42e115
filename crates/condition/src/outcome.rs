//! A truth value together with what left it undecided.

use std::collections::BTreeSet;

use crate::{Dependency, Tri};

/// How much is remembered about an unknown: nothing (`()`) when only the answer is wanted, or the set of
/// dependencies when it is to be explained. The same evaluation serves both.
pub trait Evidence: Clone + Default {
    /// Whether anything is remembered. What only an explanation reads need not be kept where nothing is.
    const IS_TOLD: bool;
    /// Evidence of one unknown leaf.
    fn leaf(dependency: impl FnOnce() -> Dependency) -> Self;
    /// Joins what two unknowns depend on.
    fn merge(&mut self, other: Self);
}

impl Evidence for () {
    const IS_TOLD: bool = false;

    #[inline]
    fn leaf(_: impl FnOnce() -> Dependency) -> Self {}

    #[inline]
    fn merge(&mut self, (): Self) {}
}

impl Evidence for BTreeSet<Dependency> {
    const IS_TOLD: bool = true;

    fn leaf(dependency: impl FnOnce() -> Dependency) -> Self {
        Self::from([dependency()])
    }

    fn merge(&mut self, mut other: Self) {
        self.append(&mut other);
    }
}

/// A truth value; `evidence` is empty unless it is unknown. Rule: IAM-TRI-9.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome<E> {
    /// The truth value.
    pub value: Tri,
    /// What an unknown depends on.
    pub evidence: E,
}

impl<E: Evidence> Outcome<E> {
    /// A decided outcome.
    #[inline]
    #[must_use]
    pub fn known(value: bool) -> Self {
        Self {
            value: value.into(),
            evidence: E::default(),
        }
    }

    /// An unknown that `dependency` would settle.
    #[inline]
    #[must_use]
    pub fn unknown(dependency: impl FnOnce() -> Dependency) -> Self {
        Self {
            value: Tri::Unknown,
            evidence: E::leaf(dependency),
        }
    }

    /// An unknown whose dependencies are still to be told.
    #[must_use]
    pub(crate) fn undecided() -> Self {
        Self {
            value: Tri::Unknown,
            evidence: E::default(),
        }
    }

    /// Adds what an unknown depends on; a decided outcome stays as it is.
    #[must_use]
    pub(crate) fn depending_on(mut self, dependency: impl FnOnce() -> Dependency) -> Self {
        if self.value.is_unknown() {
            self.evidence.merge(E::leaf(dependency));
        }
        self
    }

    /// Conjunction: a false side settles it, and then nothing else matters.
    #[inline]
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::join(self, other, Tri::False)
    }

    /// Disjunction: a true side settles it, and then nothing else matters.
    #[inline]
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::join(self, other, Tri::True)
    }

    /// Conjunction of all; true for none.
    #[inline]
    #[must_use]
    pub fn all(outcomes: impl IntoIterator<Item = Self>) -> Self {
        outcomes.into_iter().fold(Self::known(true), Self::and)
    }

    /// Disjunction of all; false for none.
    #[inline]
    #[must_use]
    pub fn any(outcomes: impl IntoIterator<Item = Self>) -> Self {
        outcomes.into_iter().fold(Self::known(false), Self::or)
    }

    /// What is left where one of the two holds and nobody knows which: their value if they agree, else an unknown
    /// that depends on whatever either depends on.
    #[must_use]
    pub(crate) fn unsettled_with(mut self, other: Self) -> Self {
        if self.value != other.value {
            self.value = Tri::Unknown;
        }
        self.evidence.merge(other.evidence);
        self
    }

    #[inline]
    fn join(mut self, other: Self, settled: Tri) -> Self {
        if self.value == settled || other.value == settled {
            return Self {
                value: settled,
                evidence: E::default(),
            };
        }
        match (self.value, other.value) {
            (Tri::Unknown, Tri::Unknown) => {
                self.evidence.merge(other.evidence);
                self
            }
            (Tri::Unknown, _) => self,
            _ => other,
        }
    }
}

impl<E> std::ops::Not for Outcome<E> {
    type Output = Self;

    #[inline]
    fn not(self) -> Self {
        Self {
            value: !self.value,
            evidence: self.evidence,
        }
    }
}
