//! Keys that follow from who asks. Rule: IAM-PRIN-1, IAM-CTX-2.

use preclear_catalog::globals::Presence;
use preclear_model::caller::{CallerKind, Credentials};
use preclear_simulator::AmbiguityMode;

use super::organization;
use super::said::is_same;
use crate::reference::question::Question;
use crate::reference::value::Value;

/// Keys of which nobody knows whether a service principal carries them. Rule: AMB-18.
const OF_SERVICES: [&str; 4] = [
    "aws:principalarn",
    "aws:principaltype",
    "aws:principalaccount",
    "aws:userid",
];

/// True for a key that is an open question for this requester. Rule: AMB-18.
pub(crate) fn is_disputed(question: &Question<'_>, key: &str) -> bool {
    question.requester.is_service() && OF_SERVICES.contains(&key)
}

/// What follows for a key; `None` if nothing does. Rule: IAM-PRIN-1.
pub(crate) fn derived(question: &Question<'_>, key: &str) -> Option<Value> {
    if is_disputed(question, key) {
        let is_guess = question.request.ambiguity == AmbiguityMode::Guess;
        return Some(match key {
            "aws:principalarn" if is_guess => Value::Absent,
            _ => Value::Unknown,
        });
    }
    let requester = &question.requester;
    let snapshot = question.snapshot;
    Some(match key {
        "aws:principalaccount" => Value::one_or_absent(match requester.is_unsigned() {
            true => Some("anonymous".to_owned()),
            false => requester.account().map(str::to_owned),
        }),
        "aws:principaltype" => {
            Value::one_or_absent(principal_type(requester.kind()).map(str::to_owned))
        }
        "aws:principalarn" => principal_arn(question),
        "aws:userid" => user_id(question),
        "aws:username" => Value::one_or_absent(match requester.kind() {
            CallerKind::User { arn } => Some(arn.resource_name().to_owned()),
            _ => None,
        }),
        "aws:principalisawsservice" => Value::one_or_absent(
            (!requester.is_unsigned()).then(|| requester.is_service().to_string()),
        ),
        "aws:principalservicename" | "aws:principalservicenameslist" => {
            Value::one_or_absent(match requester.kind() {
                CallerKind::Service { name } => Some(name.clone()),
                _ => None,
            })
        }
        "aws:assumedroot" => Value::one_or_absent(
            matches!(requester.kind(), CallerKind::RootSession).then(|| "true".to_owned()),
        ),
        "aws:sourceidentity" => Value::one(requester.caller.source_identity.clone()?),
        "aws:principalorgid" if requester.account().is_none() => Value::Absent,
        "aws:principalorgid" => organization::id(snapshot, requester.account())?,
        "aws:principalorgpaths" if requester.account().is_none() => Value::Absent,
        "aws:principalorgpaths" => organization::paths(snapshot, requester.account())?,
        _ => return tag(question, key.strip_prefix("aws:principaltag/")?),
    })
}

/// Column `aws:PrincipalType` of the table. Rule: IAM-PRIN-1.
fn principal_type(kind: &CallerKind) -> Option<&'static str> {
    Some(match kind {
        CallerKind::Root | CallerKind::RootSession => "Account",
        CallerKind::User { .. } => "User",
        CallerKind::FederatedUser { .. } => "FederatedUser",
        CallerKind::RoleSession { .. } => "AssumedRole",
        CallerKind::Anonymous | CallerKind::Federated { .. } => "Anonymous",
        CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. } => return None,
    })
}

/// Column `aws:PrincipalArn`: of a session the ARN of the role, which is there even where its path is not known.
/// Rule: IAM-PRIN-1, IAM-CTX-2.
fn principal_arn(question: &Question<'_>) -> Value {
    let requester = &question.requester;
    let partition = requester.partition().unwrap_or_default();
    let account = requester.account().unwrap_or_default();
    match requester.kind() {
        CallerKind::Root | CallerKind::RootSession => {
            Value::one(format!("arn:{partition}:iam::{account}:root"))
        }
        CallerKind::User { arn } | CallerKind::FederatedUser { arn, .. } => {
            Value::one(arn.as_str().to_owned())
        }
        CallerKind::RoleSession { .. } => requester
            .role_arn()
            .map_or(Value::Present, |arn| Value::one(arn.as_str().to_owned())),
        _ => Value::Absent,
    }
}

/// Column `aws:userid`; it is there even where the unique id or the session's name is not known.
/// Rule: IAM-PRIN-1, IAM-CTX-2.
fn user_id(question: &Question<'_>) -> Value {
    let requester = &question.requester;
    let account = requester.account().unwrap_or_default();
    let id = requester.unique_id();
    let text = match requester.kind() {
        CallerKind::Root | CallerKind::RootSession => Some(account.to_owned()),
        CallerKind::User { .. } => id.map(str::to_owned),
        CallerKind::FederatedUser { arn, .. } => Some(format!("{account}:{}", arn.resource_id())),
        CallerKind::RoleSession { session, .. } => {
            let session = session.as_ref();
            id.zip(session)
                .map(|(id, session)| format!("{id}:{session}"))
        }
        CallerKind::Anonymous | CallerKind::Federated { .. } => Some("anonymous".to_owned()),
        CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. } => None,
    };
    text.map_or(Value::Present, Value::one)
}

/// `aws:PrincipalTag/k`: the session tag if there is one, else the tag of the role or user. Rule: IAM-PRIN-14.
fn tag(question: &Question<'_>, name: &str) -> Option<Value> {
    let requester = &question.requester;
    let of_session = tagged(requester.caller.tags.iter(), name);
    if of_session != Value::Absent {
        return Some(of_session);
    }
    match requester.kind() {
        CallerKind::User { .. }
        | CallerKind::FederatedUser { .. }
        | CallerKind::RoleSession { .. } => {}
        // Nobody else can have tags.
        _ => return Some(Value::Absent),
    }
    // Whose tags they are, nobody said, in both modes. Rule: IAM-PRIN-6, IAM-TRI-6.
    if requester.is_user_unknown() {
        return Some(Value::Unknown);
    }
    match requester.record.map(|record| &record.tags) {
        Some(Some(tags)) => Some(tagged(tags.iter(), name)),
        Some(None) | None => requester.is_all_listed().then_some(Value::Absent),
    }
}

/// True for a tag of the requester beside one whose name differs in case alone. Rule: AMB-13.
pub(crate) fn has_twin(question: &Question<'_>, key: &str) -> bool {
    let Some(name) = key.strip_prefix("aws:principaltag/") else {
        return false;
    };
    let requester = &question.requester;
    let listed = requester.record.and_then(|record| record.tags.as_ref());
    let count = |tags: &std::collections::BTreeMap<String, String>| {
        tags.keys().filter(|own| is_same(own, name)).count()
    };
    match count(&requester.caller.tags) {
        0 => listed.is_some_and(|tags| count(tags) > 1),
        own => own > 1,
    }
}

/// The value of a tag, its key in any letter case; of two that differ in case alone nobody knows which counts (AMB-13).
/// Rule: IAM-COND-3.
pub(crate) fn tagged<'t>(
    tags: impl Iterator<Item = (&'t String, &'t String)>,
    name: &str,
) -> Value {
    let mut found = tags.filter(|(key, _)| is_same(key, name));
    match (found.next(), found.next()) {
        (None, _) => Value::Absent,
        (Some((_, value)), None) => Value::one(value.clone()),
        (Some(_), Some(_)) => Value::Present,
    }
}

/// What a global key is in open mode if nothing follows for it: the column "default". Rule: IAM-CTX-2.
pub(crate) fn default_of(question: &Question<'_>, presence: Presence) -> Value {
    let requester = &question.requester;
    let unknown_if = |is_unknown: bool| match is_unknown {
        true => Value::Unknown,
        false => Value::Absent,
    };
    match presence {
        Presence::DerivedElsePresent | Presence::Present => Value::Present,
        Presence::DerivedElseUnknown | Presence::Unknown | Presence::ResourceTagsElseUnknown => {
            Value::Unknown
        }
        Presence::Derived
        | Presence::Absent
        | Presence::AbsentUnlessGiven
        | Presence::ForwardedElseFalse
        | Presence::ForwardedElseAbsent
        | Presence::LegacyAbsent => Value::Absent,
        Presence::RoleSessionUnknownElseAbsent => {
            unknown_if(requester.is_role_session() || requester.is_of_provider())
        }
        Presence::ServicePrincipalUnknownElseAbsent => unknown_if(requester.is_service()),
        Presence::TemporaryPresentLongTermAbsent => match requester.is_temporary() {
            Some(true) => Value::Present,
            Some(false) => Value::Absent,
            None => Value::Unknown,
        },
        Presence::LongTermAbsentElseUnknown => unknown_if(can_have_mfa(question)),
    }
}

/// Credentials that may have been obtained with MFA: all that are not long-term ones.
/// Rule: IAM-CTX-2.
fn can_have_mfa(question: &Question<'_>) -> bool {
    let caller = question.requester.caller;
    match caller.kind {
        CallerKind::RoleSession { .. }
        | CallerKind::FederatedUser { .. }
        | CallerKind::RootSession => true,
        CallerKind::User { .. } | CallerKind::Root => {
            caller.credentials != Some(Credentials::LongTerm)
        }
        _ => false,
    }
}
