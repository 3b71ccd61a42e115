//! What grants: the combinations of layers that let a request through. Rule: IAM-EVAL-17…21.

use super::identity::OfRequester;
use super::kms::grant;
use super::principal::{Class, Classes};
use super::question::Question;
use super::sts;
use super::target::Kind;
use super::value::Tri;

/// Classes that name the requester itself, which boundary and session policy do not limit. Rule: IAM-EVAL-17.
pub(crate) const DIRECT: [Class; 3] = [Class::Wild, Class::User, Class::Session];

/// Whether something grants. Rule: IAM-EVAL-17, IAM-EVAL-19…23, IAM-EVAL-25.
pub(crate) fn granted(question: &Question<'_>, own: &OfRequester, rp: &Classes) -> Tri {
    if sts::is_on_role(question) {
        return sts::granted(question, own, rp);
    }
    let by_policies = by_policies(question, own, rp);
    by_policies.or(grant::granted(question, own))
}

/// What policies grant on anything but a role that is asked for. Rule: IAM-EVAL-17, IAM-EVAL-19…21.
pub(crate) fn by_policies(question: &Question<'_>, own: &OfRequester, rp: &Classes) -> Tri {
    let requester = &question.requester;
    // IAM-EVAL-21.
    if requester.is_service() {
        return rp.of(&[Class::Service, Class::Wild]);
    }
    if requester.is_unsigned() {
        // KMS refuses what nobody signed. Rule: KMS-POL-8.
        let is_taken = Tri::from(question.service != "kms");
        return rp.of(&[Class::Wild]).and(is_taken);
    }
    // IAM-EVAL-19, and IAM-EVAL-20 since the root user's I, B and S are true.
    if question.is_cross_account() {
        return Tri::all([own.identity.allow, own.cap(), rp.any()]);
    }
    let requires_rp = matches!(question.target.kind, Kind::Key(_));
    if requester.is_root() {
        let door = if requires_rp { rp.any() } else { Tri::True };
        return door.and(own.session.allow);
    }
    let door = match requires_rp {
        true => rp.of(&[Class::Account]),
        false => Tri::True,
    };
    let identity_path = Tri::all([own.identity.allow, own.cap(), door]);
    let direct_path = rp.of(&DIRECT);
    let entity_path = rp.of(&[Class::Entity]).and(own.cap());
    Tri::any([identity_path, direct_path, entity_path])
}
