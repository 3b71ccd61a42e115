//! Whom `Principal` and `NotPrincipal` mean, and in which class of match. Rule: IAM-PRIN-2.
//!
//! Knows nothing of actions, resources and conditions.

use preclear_model::caller::CallerKind;
use preclear_model::policy::{PrincipalEntry, PrincipalKind};
use preclear_model::{Arn, Effect, Match, Statement};
use preclear_simulator::{AmbiguityMode, ContextMode};

use super::not_principal;
use super::question::Question;
use super::value::{Toward, Tri, settle};

/// How an entry means the requester. Rule: IAM-PRIN-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// `"*"`.
    Wild,
    /// The user itself.
    User,
    /// Exactly this session.
    Session,
    /// The role of the session, or the user of the federated user's session.
    Entity,
    /// The account.
    Account,
    /// The service as itself.
    Service,
    /// The identity provider.
    Fed,
}

/// For each class, whether an entry of it means the requester.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Classes([Tri; 7]);

impl Classes {
    /// No class.
    pub(crate) const NONE: Classes = Classes([Tri::False; 7]);
    /// Every class, as far as `truth` goes: what is not known, or assumed open, may name anybody. Rule: IAM-TRI-7.
    pub(crate) fn every(truth: Tri) -> Classes {
        Classes([truth; 7])
    }

    /// One class.
    pub(crate) fn one(class: Class, truth: Tri) -> Classes {
        let mut classes = Classes::NONE;
        if let Some(slot) = classes.0.get_mut(class as usize) {
            *slot = truth;
        }
        classes
    }

    /// Whether one of these classes matches: `rp(C)`. Rule: IAM-EVAL-15.
    pub(crate) fn of(&self, classes: &[Class]) -> Tri {
        let truths = classes
            .iter()
            .map(|class| self.0.get(*class as usize).copied());
        Tri::any(truths.map(|truth| truth.unwrap_or(Tri::False)))
    }

    /// Whether any class matches: `rp(any)`. Rule: IAM-EVAL-15.
    pub(crate) fn any(&self) -> Tri {
        Tri::any(self.0)
    }

    /// Union. Rule: IAM-PRIN-2.
    pub(crate) fn or(self, other: Classes) -> Classes {
        let mut union = self;
        for (slot, truth) in union.0.iter_mut().zip(other.0) {
            *slot = slot.or(truth);
        }
        union
    }

    /// Each class, if something else holds as well.
    pub(crate) fn and(self, truth: Tri) -> Classes {
        Classes(self.0.map(|own| own.and(truth)))
    }
}

/// Where a policy stands that names principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A resource, a key, an RCP, an interface endpoint.
    Ordinary,
    /// A gateway endpoint, where an account means its root user only. Rule: IAM-PRIN-16.
    Gateway,
}

/// In which classes a statement means the requester; a statement without either element never does. Rule: IAM-PRIN-2,
/// IAM-GRAM-21.
pub(crate) fn classes(question: &Question<'_>, statement: &Statement, place: Place) -> Classes {
    let toward = match statement.effect {
        Effect::Allow => Toward::Allow,
        Effect::Deny => Toward::Deny,
    };
    match (&statement.principal, statement.effect) {
        (None, _) => Classes::NONE,
        (Some(Match::In(entries)), _) => entries
            .iter()
            .map(|entry| of_entry(question, entry, place, toward))
            .fold(Classes::NONE, Classes::or),
        (Some(Match::NotIn(entries)), Effect::Deny) => {
            Classes::one(Class::Wild, not_principal::denies(question, entries, place))
        }
        (Some(Match::NotIn(entries)), Effect::Allow) => {
            Classes::one(Class::Wild, not_principal::allows(question, entries, place))
        }
    }
}

/// In which class an entry means the requester. Rule: IAM-PRIN-2.
pub(crate) fn of_entry(
    question: &Question<'_>,
    entry: &PrincipalEntry,
    place: Place,
    toward: Toward,
) -> Classes {
    let truth = |class, truth: Tri| Classes::one(class, truth);
    match &entry.kind {
        PrincipalKind::Everyone => truth(Class::Wild, everyone(question, toward)),
        PrincipalKind::Account { partition, account } => truth(
            Class::Account,
            of_account(question, partition.as_deref(), account, place),
        ),
        PrincipalKind::User(arn) => of_user(question, arn),
        PrincipalKind::Role(arn) => truth(Class::Entity, of_role(question, arn, toward)),
        PrincipalKind::RoleSession(arn) => truth(Class::Session, of_session(question, arn)),
        PrincipalKind::FederatedUser(arn) => {
            let own = match question.requester.kind() {
                CallerKind::FederatedUser { arn: own, .. } => own == arn,
                _ => false,
            };
            truth(Class::Session, own.into())
        }
        PrincipalKind::UniqueId(id) => of_unique_id(question, id),
        PrincipalKind::Service(name) => {
            let own = match question.requester.kind() {
                CallerKind::Service { name: own } => own.eq_ignore_ascii_case(name),
                _ => false,
            };
            truth(Class::Service, own.into())
        }
        PrincipalKind::Federated(provider) => {
            let own = match question.requester.kind() {
                CallerKind::Federated { provider: own } => own == provider,
                _ => false,
            };
            truth(Class::Fed, own.into())
        }
        PrincipalKind::CanonicalUser(id) => truth(Class::Account, of_canonical_id(question, id)),
        PrincipalKind::Other => Classes::NONE,
    }
}

/// `"*"` means everybody; whether an Allow to it means services is open (AMB-11). Rule: IAM-PRIN-9.
fn everyone(question: &Question<'_>, toward: Toward) -> Tri {
    let requester = &question.requester;
    if toward == Toward::Allow && requester.is_service() {
        return settle(question.request.ambiguity, toward, Tri::True, Tri::False);
    }
    Tri::True
}

/// Twelve digits or `:root`: every identity of the account. Rule: IAM-PRIN-3, IAM-PRIN-16.
fn of_account(
    question: &Question<'_>,
    partition: Option<&str>,
    account: &str,
    place: Place,
) -> Tri {
    let requester = &question.requester;
    let is_own = requester.account() == Some(account)
        && partition.is_none_or(|partition| requester.partition() == Some(partition));
    let is_meant = place == Place::Ordinary || requester.is_root();
    (is_own && is_meant).into()
}

/// The user itself, or a session that it made with GetFederationToken; whose session it is may be unknown, in both modes.
/// Rule: IAM-PRIN-4, IAM-PRIN-6.
fn of_user(question: &Question<'_>, arn: &Arn) -> Classes {
    match question.requester.kind() {
        CallerKind::User { arn: own } => Classes::one(Class::User, (own == arn).into()),
        CallerKind::FederatedUser {
            user: Some(user), ..
        } => Classes::one(Class::Entity, (user == arn).into()),
        CallerKind::FederatedUser { arn: own, .. } => {
            let is_possible = own.account() == arn.account() && own.partition() == arn.partition();
            let truth = if is_possible {
                Tri::Unknown
            } else {
                Tri::False
            };
            Classes::one(Class::Entity, truth)
        }
        _ => Classes::NONE,
    }
}

/// A session of the role: same partition, account and name, and the same path where the role's path is known. Whether the
/// case of the name counts is open (AMB-21). Rule: IAM-PRIN-5.
fn of_role(question: &Question<'_>, arn: &Arn, toward: Toward) -> Tri {
    let requester = &question.requester;
    let CallerKind::RoleSession { role, .. } = requester.kind() else {
        return Tri::False;
    };
    let is_of_account = requester.partition() == Some(arn.partition())
        && requester.account() == Some(arn.account());
    let path = |arn: &Arn| {
        let resource = arn.resource();
        let end = resource.len().saturating_sub(arn.resource_name().len());
        resource.get(..end).map(str::to_owned)
    };
    let is_on_path = requester
        .role_arn()
        .is_none_or(|own| path(own) == path(arn));
    let name = arn.resource_name();
    let exactly = is_of_account && is_on_path && name == role;
    let roughly = is_of_account && is_on_path && name.eq_ignore_ascii_case(role);
    settle(
        question.request.ambiguity,
        toward,
        exactly.into(),
        roughly.into(),
    )
}

/// Exactly this session; its name may not be given. Rule: IAM-PRIN-6.
fn of_session(question: &Question<'_>, arn: &Arn) -> Tri {
    let requester = &question.requester;
    let CallerKind::RoleSession { role, session, .. } = requester.kind() else {
        return Tri::False;
    };
    let mut names = arn.resource_id().split('/');
    let is_of_role = requester.partition() == Some(arn.partition())
        && requester.account() == Some(arn.account())
        && names.next() == Some(role);
    match session {
        Some(session) => (is_of_role && names.next() == Some(session)).into(),
        None if is_of_role => not_given(question),
        None => Tri::False,
    }
}

/// A field of the requester that is not given: unknown, in closed mode false. Rule: IAM-PRIN-6, IAM-PRIN-7.
fn not_given(question: &Question<'_>) -> Tri {
    match question.request.mode {
        ContextMode::Open => Tri::Unknown,
        ContextMode::Closed => Tri::False,
    }
}

/// The unique id of a user or role. Rule: IAM-PRIN-7.
fn of_unique_id(question: &Question<'_>, id: &str) -> Classes {
    let requester = &question.requester;
    let same = |own: Option<&str>| match own {
        Some(own) => (own == id).into(),
        None => not_given(question),
    };
    match requester.kind() {
        CallerKind::User { .. } if id.starts_with("AIDA") => {
            Classes::one(Class::User, same(requester.unique_id()))
        }
        CallerKind::RoleSession { .. } if id.starts_with("AROA") => {
            Classes::one(Class::Entity, same(requester.unique_id()))
        }
        CallerKind::FederatedUser { .. } if id.starts_with("AIDA") => {
            Classes::one(Class::Entity, same(requester.unique_id()))
        }
        _ => Classes::NONE,
    }
}

/// A canonical id, which means an account to Amazon S3 and nothing to anybody else. Rule: IAM-PRIN-10.
fn of_canonical_id(question: &Question<'_>, id: &str) -> Tri {
    let requester = &question.requester;
    if !question.service.starts_with("s3") || requester.account().is_none() {
        return Tri::False;
    }
    match requester.caller.canonical_id.as_deref() {
        Some(own) => (own == id).into(),
        None => not_given(question),
    }
}

/// What ambiguous behaviour counts as for this question. Rule: IAM-TRI-8.
pub(crate) fn mode(question: &Question<'_>) -> AmbiguityMode {
    question.request.ambiguity
}
