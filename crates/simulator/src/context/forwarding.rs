//! Whether a service calls with the caller's identity, as far as the request says: a forward access session.
//! Rule: UI-39, IAM-PRIN-13.

use preclear_condition::Tri;

use super::Said;
use crate::request::Request;

/// Keys that tell of a service which calls with the caller's identity.
pub(super) const VIA_SERVICE: &str = "aws:ViaAWSService";
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
