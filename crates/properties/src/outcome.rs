//! What comes of a check: a proof, a counterexample, or neither.

use std::collections::BTreeMap;
use std::fmt;

use preclear_simulator::job::Fix;
use preclear_simulator::{Explanation, Request, Snapshot};

use crate::culprits::Culprit;
use crate::property::Claim;
use crate::render;

/// A property that holds, and what was asked to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proof {
    /// The property.
    pub name: String,
    /// Which way it goes.
    pub claim: Claim,
    /// What was asked.
    pub scope: Scope,
}

impl Proof {
    /// How many questions were asked; never zero.
    #[must_use]
    pub fn questions(&self) -> usize {
        self.scope.questions
    }

    /// True if something that the property names was left out or looks wrong: the rest alone is proven. [`Scope`] says what.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let scope = &self.scope;
        let names = [&scope.left_out, &scope.elsewhere, &scope.notes];
        names.iter().any(|list| !list.is_empty())
            || scope.impossible > 0
            || scope.not_applicable > 0
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        render::proof(self, f)
    }
}

/// What a property was found to be about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scope {
    /// Questions that were asked, each about every context.
    pub questions: usize,
    /// Callers that the snapshot lists.
    pub listed: Vec<String>,
    /// What stands for all other callers.
    pub stand_ins: Vec<String>,
    /// Actions that were asked for.
    pub actions: Vec<String>,
    /// Resources that were asked for.
    pub resources: Vec<String>,
    /// Actions that the property names and that are decided on none of its resources.
    pub left_out: Vec<String>,
    /// Actions that callers of other accounts were not asked for where they take no resource: such a call is about the caller's
    /// own account.
    pub elsewhere: Vec<String>,
    /// Questions that what the property gives makes impossible.
    pub impossible: usize,
    /// Questions that need no permission, such as those about keys that AWS owns.
    pub not_applicable: usize,
    /// What looks wrong in the property, and need not be: a pattern that no listed caller matches, a key that nobody knows.
    pub notes: Vec<String>,
}

/// A property that could not be shown to hold.
#[derive(Clone)]
#[non_exhaustive]
pub enum Failure {
    /// It does not hold.
    Refuted(Box<Counterexample>),
    /// For some requests the answer depends on what nobody knows, and no context was found that settles it against the property.
    Open(Box<Open>),
    /// It cannot be checked, or is about nothing.
    Unusable(Unusable),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuted(found) => found.fmt(f),
            Self::Open(open) => open.fmt(f),
            Self::Unusable(why) => why.fmt(f),
        }
    }
}

/// As it is displayed: a test that returns it prints it so.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failure {}

/// A request that contradicts a property, with nothing in it that it can do without.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Counterexample {
    /// The property.
    pub name: String,
    /// Which way it goes.
    pub claim: Claim,
    /// Who asks, in words.
    pub caller: String,
    /// What the request says of condition keys: what the property gives is not among it. Whatever else a request brings, the answer
    /// is the same.
    pub context: BTreeMap<String, String>,
    /// What the property gives.
    pub given: BTreeMap<String, String>,
    /// True for a call that a service makes with the caller's identity.
    pub is_forwarded: bool,
    /// The statements and grants that allow it, so few that none can be left out; none if it is denied.
    pub culprits: Vec<Culprit>,
    /// True if it also takes what the caller's own policies, which nobody knows, are assumed to allow.
    pub assumes_own_policies: bool,
    /// Where the request is denied: the smallest additions that would allow it.
    pub fixes: Vec<Fix>,
    /// Where the request is denied: what no addition mends.
    pub obstacles: Vec<String>,
    /// The request.
    pub request: Request,
    /// The snapshot in which it is answered so: that of the policies, with the stand-ins listed that were asked for.
    pub snapshot: Snapshot,
    /// The engine's answer to it.
    pub answer: Explanation,
    /// Questions that are answered against the property in every context; this may be one of them.
    pub refuted: usize,
    /// Questions that were asked.
    pub questions: usize,
    /// What looks wrong in the property, as in [`Scope::notes`].
    pub notes: Vec<String>,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        render::counterexample(self, f)
    }
}

impl std::error::Error for Counterexample {}

/// Requests of which it could not be shown that they are answered as the property says, nor the contrary.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Open {
    /// The property.
    pub name: String,
    /// Which way it goes.
    pub claim: Claim,
    /// What each answer depends on, and one request for it: caller, action, resource.
    pub depends_on: BTreeMap<String, String>,
    /// Questions that are open.
    pub open: usize,
    /// Questions that were asked.
    pub questions: usize,
    /// What looks wrong in the property, as in [`Scope::notes`].
    pub notes: Vec<String>,
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        render::open(self, f)
    }
}

impl std::error::Error for Open {}

/// Why a property cannot be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unusable {
    /// The property.
    pub name: String,
    /// What is wrong, lower-case.
    pub message: String,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot be checked: {}\n  {}", self.name, self.message)
    }
}

impl std::error::Error for Unusable {}
