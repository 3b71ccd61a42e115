//! Layers: policies folded to what they allow and what they deny. Rule: IAM-EVAL-1, IAM-EVAL-2.
//!
//! Which policies a layer has is not known here, nor how layers combine.

use std::sync::Arc;

use preclear_model::policy::{PrincipalEntry, PrincipalKind};
use preclear_model::{Effect, Match, Policy, PolicyKind, Statement};

use super::context::Facts;
use super::language::{action_applies, condition_holds, resource_applies};
use super::principal::{Classes, Place, classes};
use super::question::Question;
use super::value::{Toward, Tri};

/// What a layer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Says {
    pub(crate) allow: Tri,
    pub(crate) deny: Tri,
}

impl Says {
    /// A layer that does not reach the request, or limits nothing.
    pub(crate) const OPEN: Says = Says {
        allow: Tri::True,
        deny: Tri::False,
    };
    /// A layer without a policy, where that allows nothing.
    pub(crate) const SILENT: Says = Says {
        allow: Tri::False,
        deny: Tri::False,
    };
    /// A layer of whose policies nothing is known. Rule: IAM-TRI-7.
    pub(crate) const UNKNOWN: Says = Says {
        allow: Tri::Unknown,
        deny: Tri::Unknown,
    };

    /// The union of documents. Rule: IAM-EVAL-2.
    pub(crate) fn or(self, other: Says) -> Says {
        Says {
            allow: self.allow.or(other.allow),
            deny: self.deny.or(other.deny),
        }
    }

    /// The same, unless something else holds that lifts the layer.
    pub(crate) fn unless(self, lifted: Tri) -> Says {
        Says {
            allow: self.allow.or(lifted),
            deny: self.deny.and(lifted.not()),
        }
    }

    /// The same with policies of which nothing is known, if there are some. Rule: IAM-GRAM-19.
    pub(crate) fn or_unknown(self, is_some: bool) -> Says {
        if is_some {
            self.or(Says::UNKNOWN)
        } else {
            self
        }
    }
}

/// What policies without principals say. Rule: IAM-EVAL-2.
pub(crate) fn says<'p>(
    question: &Question<'_>,
    policies: impl IntoIterator<Item = &'p Arc<Policy>>,
) -> Says {
    let statements = policies.into_iter().flat_map(|policy| &policy.statements);
    statements.fold(Says::SILENT, |says, statement| {
        let applies = is_about(question, &Facts::of(question), statement);
        let applies = applies.and(determined(statement));
        says.or(match statement.effect {
            Effect::Allow => Says {
                allow: applies,
                deny: Tri::False,
            },
            Effect::Deny => Says {
                allow: Tri::False,
                deny: applies,
            },
        })
    })
}

/// What policies with principals say: what they allow for each class of match. Rule: IAM-EVAL-15.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SaysOf {
    pub(crate) allow: Classes,
    pub(crate) deny: Tri,
}

impl SaysOf {
    /// No policy.
    pub(crate) const SILENT: SaysOf = SaysOf {
        allow: Classes::NONE,
        deny: Tri::False,
    };

    /// A layer that is assumed open. Rule: IAM-TRI-7.
    pub(crate) fn open() -> SaysOf {
        SaysOf {
            allow: Classes::every(Tri::True),
            deny: Tri::False,
        }
    }

    /// A policy of which nothing is known. Rule: IAM-TRI-7.
    pub(crate) fn unknown() -> SaysOf {
        SaysOf {
            allow: Classes::every(Tri::Unknown),
            deny: Tri::Unknown,
        }
    }

    /// The union of documents. Rule: IAM-EVAL-2.
    pub(crate) fn or(self, other: SaysOf) -> SaysOf {
        SaysOf {
            allow: self.allow.or(other.allow),
            deny: self.deny.or(other.deny),
        }
    }

    /// Any class is enough.
    pub(crate) fn of_any(self) -> Says {
        Says {
            allow: self.allow.any(),
            deny: self.deny,
        }
    }
}

/// What a policy with principals says. Rule: IAM-EVAL-15.
pub(crate) fn says_of(question: &Question<'_>, policy: &Policy, place: Place) -> SaysOf {
    let is_key_policy = policy.kind == PolicyKind::Key;
    let facts = match is_key_policy {
        true => Facts::in_key_policy(question),
        false => Facts::of(question),
    };
    let mut says = SaysOf::SILENT;
    for statement in &policy.statements {
        if is_key_policy && is_dead(statement) {
            continue;
        }
        let meant = match is_of_anybody(statement) {
            true => Classes::every(Tri::True),
            false => classes(question, statement, place),
        };
        if meant.any() == Tri::False {
            continue;
        }
        let meant = meant.and(is_about(question, &facts, statement).and(determined(statement)));
        match statement.effect {
            Effect::Allow => says.allow = says.allow.or(meant),
            Effect::Deny => says.deny = says.deny.or(meant.any()),
        }
    }
    says
}

/// What is not all determined may say less than is written. Rule: IAM-TRI-7.
fn determined(statement: &Statement) -> Tri {
    match statement.open {
        Some(_) => Tri::Unknown,
        None => Tri::True,
    }
}

/// Whom it names is not determined: anybody, in any way.
fn is_of_anybody(statement: &Statement) -> bool {
    let named = match &statement.principal {
        Some(Match::In(entries)) => entries.as_slice(),
        _ => &[],
    };
    let is_everyone = |entry: &PrincipalEntry| matches!(entry.kind, PrincipalKind::Everyone);
    statement.open.is_some() && named.iter().any(is_everyone)
}

/// A statement of a key policy without Resource, or without Action and NotAction, has no effect. Rule: KMS-POL-12.
fn is_dead(statement: &Statement) -> bool {
    statement.resource.is_none() || statement.action.is_none()
}

/// Action test, resource test and condition of a statement. Rule: IAM-EVAL-1.
fn is_about(question: &Question<'_>, facts: &Facts<'_, '_>, statement: &Statement) -> Tri {
    let toward = match statement.effect {
        Effect::Allow => Toward::Allow,
        Effect::Deny => Toward::Deny,
    };
    let action = action_applies(statement, &question.full_action(), facts, toward);
    if action == Tri::False {
        return action;
    }
    let resource = resource_applies(statement, &question.target.resource, facts, toward);
    if resource == Tri::False {
        return resource;
    }
    let condition = condition_holds(statement, facts, toward);
    let is_about = action.and(resource).and(condition);
    if is_about == Tri::Unknown {
        question.uses.borrow_mut().add(statement);
    }
    is_about
}
