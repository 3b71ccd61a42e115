//! States of keys that nobody mentioned. Rule: IAM-CTX-2, IAM-CTX-7, IAM-TRI-11.

use preclear_catalog::{Action, catalog, globals};
use preclear_model::caller::CallerKind;

use crate::context::{Entry, Sources};
use crate::request::{ContextMode, Request};

/// The catalogue's row of the action that is asked for.
pub(super) fn action(sources: Sources<'_>) -> Option<Action<'static>> {
    catalog().action(sources.action.service(), sources.action.name())
}

/// State of a key that was neither said nor derived.
pub(super) fn state(
    sources: Sources<'_>,
    presence: Option<globals::Presence>,
    key: &str,
    action: impl FnOnce() -> Option<Action<'static>>,
) -> Entry<'static> {
    if sources.request.mode == ContextMode::Closed {
        return Entry::Absent;
    }
    match presence {
        Some(presence) => global_state(sources, presence),
        // A global key that the catalogue does not know may be one that AWS has added: no service's key.
        None if key.starts_with("aws:") => Entry::Unknown,
        // A service's key exists only where the action has it. Rule: IAM-CTX-7.
        None => match action() {
            Some(action) if !action.takes_of_services(key) => Entry::Absent,
            _ => Entry::Unknown,
        },
    }
}

fn global_state(sources: Sources<'_>, presence: globals::Presence) -> Entry<'static> {
    use globals::Presence as P;
    let requester = sources.requester;
    let unknown_if = |condition: bool| {
        if condition {
            Entry::Unknown
        } else {
            Entry::Absent
        }
    };
    match presence {
        P::DerivedElsePresent | P::Present => Entry::Present,
        P::DerivedElseUnknown | P::ResourceTagsElseUnknown | P::Unknown => Entry::Unknown,
        // What could be derived has been: the key does not exist for this caller.
        P::Derived
        | P::Absent
        | P::AbsentUnlessGiven
        | P::ForwardedElseAbsent
        | P::ForwardedElseFalse
        | P::LegacyAbsent => Entry::Absent,
        // Claims of the provider are there while the role is asked for (IAM-EVAL-23).
        P::RoleSessionUnknownElseAbsent => unknown_if(matches!(
            requester.kind(),
            CallerKind::RoleSession { .. } | CallerKind::Federated { .. }
        )),
        P::ServicePrincipalUnknownElseAbsent => unknown_if(requester.is_service()),
        P::LongTermAbsentElseUnknown => unknown_if(requester.is_temporary() != Some(false)),
        P::TemporaryPresentLongTermAbsent => match requester.is_temporary() {
            Some(true) => Entry::Present,
            Some(false) => Entry::Absent,
            None => Entry::Unknown,
        },
    }
}

/// Keys that are derived only as a default, so that giving another value contradicts nothing. That a service calls is no
/// default: something says so. Nor is what the request states under another name.
pub(crate) fn is_default(request: &Request, key: &str, derived: Entry<'_>) -> bool {
    const FOR_RESOURCE: &str = "kms:grantisforawsresource";
    let is_key = |name: &str| key.eq_ignore_ascii_case(name);
    let is_true = matches!(derived, Entry::One("true"));
    let is_stated = (is_key("aws:viaawsservice") && is_true)
        || (is_key(FOR_RESOURCE) && request.grant_for_aws_resource.is_some());
    let defaults = [
        "aws:viaawsservice",
        "aws:calledvia",
        FOR_RESOURCE,
        "aws:requestedregion",
    ];
    !is_stated && defaults.into_iter().any(is_key)
}
