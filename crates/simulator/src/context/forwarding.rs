//! Whether a service calls with the caller's identity, as far as the request says: a forward access session.
//! Rule: UI-39, IAM-PRIN-13.

use preclear_condition::Tri;

use preclear_model::caller::CallerKind;

use super::Said;
use super::names::NETWORK;
use crate::request::{ContextMode, Request};

/// Keys that tell of a service which calls with the caller's identity.
pub(crate) const VIA_SERVICE: &str = "aws:ViaAWSService";
pub(super) const KMS_VIA_SERVICE: &str = "kms:ViaService";
pub(super) const CALLED_VIA: [&str; 3] =
    ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"];

/// Whether a service calls: `via`, or a key that tells of one. What is said of the flag wins over what follows from the
/// services called. Rule: UI-39, IAM-CTX-1.
pub(crate) fn of(request: &Request) -> Tri {
    if request.says_nothing_of_context() {
        return Tri::from(!request.via.is_empty());
    }
    match Said::of(request, VIA_SERVICE) {
        Said::Nothing => without_flag(request),
        said => passed_on(request).or(said.is_true()),
    }
}

/// The same by what the flag would follow from.
pub(super) fn without_flag(request: &Request) -> Tri {
    let called = |key: &&str| Said::of(request, key).exists();
    let by_called = CALLED_VIA.iter().map(called).fold(Tri::False, Tri::or);
    passed_on(request).or(by_called)
}

fn passed_on(request: &Request) -> Tri {
    Tri::from(!request.via.is_empty()).or(Said::of(request, KMS_VIA_SERVICE).exists())
}

/// True where nobody says whether a service calls: the default takes it for a call of the caller's own. A call whose network is told
/// is one, as what a service passes on has none. Rule: UI-20, UI-39.
pub(crate) fn is_unsaid(request: &Request) -> bool {
    let is_told = |key: &str| !matches!(Said::of(request, key), Said::Nothing);
    let is_there = |key: &str| matches!(Said::of(request, key), Said::Value(_) | Said::Present);
    request.mode == ContextMode::Open
        && of(request).is_false()
        && ![VIA_SERVICE, KMS_VIA_SERVICE].into_iter().any(is_told)
        && request.vpc_endpoint.is_none()
        && !NETWORK.iter().any(|key| is_there(key.text()))
}

/// True for callers whose identity a service can pass on. One that acts as itself calls directly, and what nobody signed has no
/// identity. Rule: IAM-PRIN-13, KMS-POL-10.
pub(crate) fn can_pass_on(caller: &CallerKind) -> bool {
    !matches!(
        caller,
        CallerKind::Service { .. }
            | CallerKind::ServiceIdentity { .. }
            | CallerKind::Anonymous
            | CallerKind::Federated { .. }
    )
}

/// The key that would settle it where it is open, in lower case.
pub(crate) fn open_key(request: &Request) -> String {
    let is_open = |key: &&str| matches!(Said::of(request, key), Said::Unknown | Said::Present);
    let mut keys = [VIA_SERVICE, KMS_VIA_SERVICE].into_iter().chain(CALLED_VIA);
    keys.find(is_open).unwrap_or(VIA_SERVICE).to_lowercase()
}

/// The two cases of that key, in words.
pub(crate) fn cases(key: &str) -> [&'static str; 2] {
    if key.eq_ignore_ascii_case(VIA_SERVICE) {
        ["absent or `false`", "`true`"]
    } else {
        ["absent", "any value"]
    }
}
