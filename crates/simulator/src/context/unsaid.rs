//! States of keys that nobody mentioned. Rule: IAM-CTX-2, IAM-CTX-7, IAM-TRI-11.

use preclear_catalog::{catalog, globals};
use preclear_condition::{KeyName, KeyState};
use preclear_model::caller::CallerKind;

use crate::context::Sources;
use crate::request::{ContextMode, ContextValue, Request};

/// What the default of a key turns on.
#[derive(Debug)]
pub(crate) struct Unsaid {
    pub(crate) mode: ContextMode,
    service: String,
    action: String,
    is_role_session: bool,
    is_service: bool,
    is_temporary: Option<bool>,
}

impl Unsaid {
    pub(crate) fn new(sources: Sources<'_>) -> Self {
        Self {
            mode: sources.request.mode,
            service: sources.action.service().to_owned(),
            action: sources.action.name().to_owned(),
            is_role_session: matches!(
                sources.requester.kind(),
                // Claims of the provider are there while the role is asked for (IAM-EVAL-23).
                CallerKind::RoleSession { .. } | CallerKind::Federated { .. }
            ),
            is_service: sources.requester.is_service(),
            is_temporary: sources.requester.is_temporary(),
        }
    }

    /// State of a key that was neither said nor derived.
    pub(crate) fn state(&self, key: &KeyName) -> KeyState<'static> {
        if self.mode == ContextMode::Closed {
            return KeyState::Absent;
        }
        match globals::key(key.as_str()) {
            Some(global) => self.global_state(global.presence),
            None => self.service_state(key),
        }
    }

    fn global_state(&self, presence: globals::Presence) -> KeyState<'static> {
        use globals::Presence as P;
        let unknown_if = |condition: bool| {
            if condition {
                KeyState::Unknown
            } else {
                KeyState::Absent
            }
        };
        match presence {
            P::DerivedElsePresent | P::Present => KeyState::Present,
            P::DerivedElseUnknown | P::ResourceTagsElseUnknown | P::Unknown => KeyState::Unknown,
            // What could be derived has been: the key does not exist for this caller.
            P::Derived
            | P::Absent
            | P::AbsentUnlessGiven
            | P::ForwardedElseAbsent
            | P::ForwardedElseFalse
            | P::LegacyAbsent => KeyState::Absent,
            P::RoleSessionUnknownElseAbsent => unknown_if(self.is_role_session),
            P::ServicePrincipalUnknownElseAbsent => unknown_if(self.is_service),
            P::LongTermAbsentElseUnknown => unknown_if(self.is_temporary != Some(false)),
            P::TemporaryPresentLongTermAbsent => match self.is_temporary {
                Some(true) => KeyState::Present,
                Some(false) => KeyState::Absent,
                None => KeyState::Unknown,
            },
        }
    }

    /// A service's key exists only where the action has it. Rule: IAM-CTX-7.
    fn service_state(&self, key: &KeyName) -> KeyState<'static> {
        let Some(action) = catalog().action(&self.service, &self.action) else {
            return KeyState::Unknown;
        };
        let has_key = action.takes(key.as_str());
        if has_key {
            KeyState::Unknown
        } else {
            KeyState::Absent
        }
    }
}

/// Keys that are derived only as a default, so that giving another value contradicts nothing. That a service calls is no
/// default: something says so. Nor is what the request states under another name.
pub(crate) fn is_default(request: &Request, key: &str, derived: &ContextValue) -> bool {
    const FOR_RESOURCE: &str = "kms:grantisforawsresource";
    let is_key = |name: &str| key.eq_ignore_ascii_case(name);
    let is_true = matches!(derived, ContextValue::One(value) if value == "true");
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
