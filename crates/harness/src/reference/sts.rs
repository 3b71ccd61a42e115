//! What STS answers by itself, and who may assume a role. Rule: IAM-EVAL-22, IAM-EVAL-23, IAM-EVAL-24.

use preclear_model::caller::{CallerKind, Credentials};

use super::context::Facts;
use super::identity::OfRequester;
use super::principal::{Class, Classes, mode};
use super::question::Question;
use super::target::Kind;
use super::value::{Context, Toward, Tri, Value, settle};

/// Calls of which `sts:TagSession` and `sts:SetSourceIdentity` are parts.
const ASSUME: [&str; 3] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
];

/// Permissions of STS that are no calls: what is passed to AssumeRole needs them. Rule: IAM-EVAL-22.
const PERMISSIONS: [&str; 3] = ["TagSession", "SetSourceIdentity", "SetContext"];

/// Calls that no AWS principal signs. Rule: IAM-EVAL-23.
const UNSIGNED: [&str; 2] = ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"];

/// True for actions of STS on a role, whose trust policy is mandatory. Rule: IAM-EVAL-16.
pub(crate) fn is_on_role(question: &Question<'_>) -> bool {
    question.service == "sts" && matches!(question.target.kind, Kind::Role { .. })
}

/// True where the layers of the requester and of its account do not reach: the call has no AWS principal.
/// Rule: IAM-EVAL-23.
pub(crate) fn is_without_principal(question: &Question<'_>) -> bool {
    question.is_action("sts", &UNSIGNED)
        || (is_on_role(question) && question.requester.is_of_provider())
}

/// What STS decides without asking a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    /// It allows.
    Allows,
    /// It denies; unknown where that is open.
    Denies(Tri),
}

/// What STS decides by itself, if it does. Rule: IAM-EVAL-22, IAM-EVAL-24.
pub(crate) fn special(question: &Question<'_>) -> Special {
    let requester = &question.requester;
    if question.is_action("sts", &["GetCallerIdentity"]) {
        return Special::Allows;
    }
    let is_call_of_iam = question.service == "iam" && !question.is_action("iam", &["PassRole"]);
    if requester.is_federated_user() && (is_call_of_iam || question.service == "sts") {
        return Special::Denies(Tri::True);
    }
    if is_of_session_token(question) {
        if is_call_of_iam {
            return Special::Denies(has_mfa(question).not());
        }
        let assumes =
            question.is_action("sts", &["AssumeRole"]) || question.is_action("sts", &PERMISSIONS);
        if question.service == "sts" && !assumes {
            return Special::Denies(Tri::True);
        }
    }
    if question.is_action("sts", &["AssumeRole"])
        && (requester.is_root() || requester.is_unsigned())
    {
        return Special::Denies(Tri::True);
    }
    if question.is_action("sts", &["GetSessionToken"]) {
        return Special::Allows;
    }
    Special::Denies(Tri::False)
}

/// True for a key that decides what STS decides by itself: more depends on it than conditions. Rule: IAM-EVAL-24.
pub(crate) fn depends_on(question: &Question<'_>, key: &str) -> bool {
    key == "aws:multifactorauthpresent" && special(question) == Special::Denies(Tri::Unknown)
}

/// Credentials of GetSessionToken; those of a user that are not stated are taken for others. Rule: IAM-EVAL-24, DOC-8.
fn is_of_session_token(question: &Question<'_>) -> bool {
    let caller = question.requester.caller;
    matches!(caller.kind, CallerKind::User { .. } | CallerKind::Root)
        && caller.credentials == Some(Credentials::SessionToken)
}

/// Whether the credentials were obtained with MFA. Rule: IAM-EVAL-24.
fn has_mfa(question: &Question<'_>) -> Tri {
    match Facts::of(question).value("aws:MultiFactorAuthPresent") {
        Value::Known(texts) => texts
            .iter()
            .any(|text| text.eq_ignore_ascii_case("true"))
            .into(),
        Value::Absent => Tri::False,
        Value::Like(_) | Value::Present | Value::Unknown => Tri::Unknown,
    }
}

/// Whether a role may be assumed. Rule: IAM-EVAL-22, IAM-EVAL-23.
pub(crate) fn granted(question: &Question<'_>, own: &OfRequester, trust: &Classes) -> Tri {
    let requester = &question.requester;
    if is_without_principal(question) {
        return trust.of(&[Class::Fed]);
    }
    if requester.is_service() {
        return trust.of(&[Class::Service, Class::Wild]);
    }
    if requester.is_unsigned() {
        return trust.of(&[Class::Wild]);
    }
    let (identity, boundary, session) = (own.identity.allow, own.boundary.allow, own.session.allow);
    if question.is_cross_account() {
        return Tri::all([trust.any(), identity, boundary, session]);
    }
    if requester.is_root() {
        return trust.any().and(session);
    }
    let account = Tri::all([trust.of(&[Class::Account]), identity, boundary, session]);
    let user = trust.of(&[Class::User]).and(boundary);
    let role = Tri::all([trust.of(&[Class::Entity]), boundary, session]);
    Tri::any([account, user, role, directly(question, own, trust)])
}

/// The trust policy names the session or everybody: whether boundary and session policy limit is open, each by itself
/// (AMB-19). Rule: IAM-EVAL-22.
fn directly(question: &Question<'_>, own: &OfRequester, trust: &Classes) -> Tri {
    let named = trust.of(&[Class::Session, Class::Wild]);
    let guess = named.and(own.boundary.allow);
    let least = guess.and(own.session.allow);
    let most = named;
    let other = settle(mode(question), Toward::Allow, least, most);
    settle(mode(question), Toward::Allow, guess, other)
}

/// True for a call that assumes a role and so can pass tags and a source identity. Rule: IAM-EVAL-22.
pub(crate) fn assumes_role(name: &str) -> bool {
    ASSUME.iter().any(|call| call.eq_ignore_ascii_case(name))
}
