//! The layers of the requester: identity policies, boundary, session policies. Rule: IAM-EVAL-12, IAM-EVAL-13, IAM-EVAL-14.

use preclear_model::caller::CallerKind;
use preclear_simulator::{Given, Layer, Snapshot};

use super::layer::{Says, says};
use super::listed::{Declared, Known, declared, is_all_listed, known};
use super::question::Question;
use super::value::Tri;

/// I, B and S of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfRequester {
    pub(crate) identity: Says,
    pub(crate) boundary: Says,
    pub(crate) session: Says,
}

impl OfRequester {
    /// The layers of the requester of a question. Rule: IAM-EVAL-12…14.
    pub(crate) fn of(question: &Question<'_>) -> OfRequester {
        OfRequester {
            identity: identity(question),
            boundary: boundary(question),
            session: session(question),
        }
    }

    /// Boundary and session policy: both limit. Rule: IAM-EVAL-13, IAM-EVAL-14.
    pub(crate) fn cap(&self) -> Tri {
        self.boundary.allow.and(self.session.allow)
    }

    /// Any explicit deny among them. Rule: IAM-EVAL-3.
    pub(crate) fn deny(&self) -> Tri {
        Tri::any([self.identity.deny, self.boundary.deny, self.session.deny])
    }
}

/// True for users, sessions of roles and federated users: those to whom identity policies can be attached.
/// Rule: IAM-EVAL-12.
fn has_policies(question: &Question<'_>) -> bool {
    matches!(
        question.requester.kind(),
        CallerKind::User { .. } | CallerKind::RoleSession { .. } | CallerKind::FederatedUser { .. }
    )
}

/// I: inline and attached policies and those of groups; of a session those of the role, of a federated user those of the
/// user. The root user needs none; services and requests that nobody signed have none. Rule: IAM-EVAL-12, IAM-EVAL-20.
fn identity(question: &Question<'_>) -> Says {
    let requester = &question.requester;
    let snapshot = question.snapshot;
    if requester.is_root() {
        return Says::OPEN;
    }
    if !has_policies(question) {
        return Says::SILENT;
    }
    match declared(snapshot, Layer::Identity) {
        Declared::NotLoaded => return Says::UNKNOWN,
        Declared::Open => return Says::OPEN,
        Declared::Empty => return Says::SILENT,
        Declared::AsListed => {}
    }
    // Whose policies they are, nobody said. Rule: IAM-PRIN-6.
    if requester.is_user_unknown() {
        return Says::UNKNOWN;
    }
    let is_all_listed = requester.is_all_listed();
    let Some(record) = requester.record else {
        return Says::SILENT.or_unknown(!is_all_listed);
    };
    let own = match known(&record.policies, is_all_listed) {
        Known::Here(policies) => says(question, policies),
        Known::Nothing => Says::SILENT,
        Known::Unknown => Says::UNKNOWN,
    };
    let own = own.or_unknown(snapshot.has_rejected(Layer::Identity, record.arn.as_str()));
    let of_groups = match known(&record.groups, is_all_listed) {
        // Roles are in no group.
        _ if requester.is_role_session() => Says::SILENT,
        Known::Here(groups) => groups
            .iter()
            .map(|arn| of_group(question, arn))
            .fold(Says::SILENT, Says::or),
        Known::Nothing => Says::SILENT,
        Known::Unknown => Says::UNKNOWN,
    };
    own.or(of_groups)
}

/// The policies of a group. Rule: IAM-EVAL-12.
fn of_group(question: &Question<'_>, arn: &str) -> Says {
    let snapshot = question.snapshot;
    let is_all_listed = is_all_listed(snapshot, arn);
    let mut listed = snapshot.groups.iter();
    let says = match listed.find(|group| group.arn.as_str() == arn) {
        None => Says::SILENT.or_unknown(!is_all_listed),
        Some(group) => match known(&group.policies, is_all_listed) {
            Known::Here(policies) => says(question, policies),
            Known::Nothing => Says::SILENT,
            Known::Unknown => Says::UNKNOWN,
        },
    };
    says.or_unknown(snapshot.has_rejected(Layer::Identity, arn))
}

/// B: none set limits nothing; a role's limits its sessions, a user's its federated users. Rule: IAM-EVAL-13.
fn boundary(question: &Question<'_>) -> Says {
    if !has_policies(question) {
        return Says::OPEN;
    }
    match declared(question.snapshot, Layer::Boundary) {
        Declared::NotLoaded => return Says::UNKNOWN,
        Declared::Open | Declared::Empty => return Says::OPEN,
        Declared::AsListed => {}
    }
    let requester = &question.requester;
    if requester.is_user_unknown() {
        return Says::UNKNOWN;
    }
    let is_all_listed = requester.is_all_listed();
    let Some(record) = requester.record else {
        return match is_all_listed {
            true => Says::OPEN,
            false => Says::UNKNOWN,
        };
    };
    if is_rejected(question.snapshot, record.arn.as_str()) {
        return Says::UNKNOWN;
    }
    match known(&record.boundary, is_all_listed) {
        Known::Here(policy) => says(question, [policy]),
        Known::Nothing => Says::OPEN,
        Known::Unknown => Says::UNKNOWN,
    }
}

/// True for a boundary that was refused. Rule: IAM-GRAM-19.
fn is_rejected(snapshot: &Snapshot, arn: &str) -> bool {
    snapshot.has_rejected(Layer::Boundary, arn)
}

/// Whether the requester has a boundary attached. Rule: IAM-PRIN-17, UI-36.
pub(crate) fn has_boundary(question: &Question<'_>) -> Tri {
    if !has_policies(question) {
        return Tri::False;
    }
    // One that is listed is attached, also where its policy is not loaded; what is given for a layer that is declared open or
    // empty does not count. Rule: UI-36.
    let listed = question.requester.record.map(|record| &record.boundary);
    let is_attached = matches!(listed, Some(Given::Here(_)));
    match declared(question.snapshot, Layer::Boundary) {
        Declared::NotLoaded if !is_attached => return Tri::Unknown,
        Declared::Open | Declared::Empty => return Tri::False,
        Declared::NotLoaded | Declared::AsListed => {}
    }
    let requester = &question.requester;
    let is_all_listed = requester.is_all_listed() && !requester.is_user_unknown();
    match requester.record {
        Some(record) if is_rejected(question.snapshot, record.arn.as_str()) => Tri::True,
        Some(record) => match known(&record.boundary, is_all_listed) {
            Known::Here(_) => Tri::True,
            Known::Nothing => Tri::False,
            Known::Unknown => Tri::Unknown,
        },
        None if is_all_listed => Tri::False,
        None => Tri::Unknown,
    }
}

/// S: without one a role session is not limited, and a federated user may do nothing; of AssumeRoot it is the task
/// policy; users and the root user have none. Rule: IAM-EVAL-14.
fn session(question: &Question<'_>) -> Says {
    let snapshot = question.snapshot;
    let without = match question.requester.kind() {
        CallerKind::RoleSession { .. } | CallerKind::RootSession => Says::OPEN,
        CallerKind::FederatedUser { .. } => Says::SILENT,
        _ => return Says::OPEN,
    };
    let given = question.request.session_policies.as_deref();
    match declared(snapshot, Layer::Session) {
        // Those that the request gives count; of others nothing is known.
        Declared::NotLoaded => {
            return says(question, given.unwrap_or_default()).or(Says::UNKNOWN);
        }
        Declared::Open => return Says::OPEN,
        Declared::Empty => return without,
        Declared::AsListed => {}
    }
    let is_rejected = question.request.session_policy_rejected;
    match given {
        Some([]) | None if is_rejected => Says::UNKNOWN,
        Some([]) => without,
        Some(policies) => says(question, policies).or_unknown(is_rejected),
        None if snapshot.complete => without,
        None => Says::UNKNOWN,
    }
}
