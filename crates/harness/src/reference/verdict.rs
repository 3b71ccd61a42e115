//! One decision: gates, layers, guardrails, grants, and how they become a verdict. Rule: IAM-EVAL-26, KMS-DEC-0.

use preclear_catalog::kms::PermissionSource;
use preclear_simulator::Verdict;

use super::identity::OfRequester;
use super::kms::{gate, retire};
use super::layer::Says;
use super::path;
use super::question::Question;
use super::resource_policy::resource_policy;
use super::sts::{self, Special};
use super::value::Tri;
use super::{guardrail, principal::Classes};

/// The verdict on one question. Rule: IAM-EVAL-26.
pub(crate) fn verdict(question: &Question<'_>) -> Verdict {
    if is_cross_partition(question) {
        return Verdict::ImplicitDeny;
    }
    match sts::special(question) {
        Special::Allows => Verdict::Allow,
        Special::Denies(Tri::True) => Verdict::ImplicitDeny,
        Special::Denies(Tri::False) => by_policies(question),
        // STS denies or leaves it to the policies.
        Special::Denies(Tri::Unknown) => {
            let by_policies = by_policies(question);
            if by_policies == Verdict::ExplicitDeny {
                question.uses.borrow_mut().has_open_kind = true;
            }
            either(Verdict::ImplicitDeny, by_policies)
        }
    }
}

/// Requester and resource in different partitions. Rule: IAM-EVAL-6.
fn is_cross_partition(question: &Question<'_>) -> bool {
    let own = question.requester.partition();
    let there = question.target.partition.as_deref();
    own.zip(there).is_some_and(|(own, there)| own != there)
}

/// What is answered where two readings are possible: what they agree on; denies of two kinds agree on a deny that no
/// statement is sure to make. Rule: UI-39, IAM-TRI-10.
pub(crate) fn either(one: Verdict, other: Verdict) -> Verdict {
    if one == other {
        one
    } else if one.is_deny() && other.is_deny() {
        Verdict::ImplicitDeny
    } else {
        Verdict::Depends
    }
}

/// Everything behind the gates. Rule: IAM-EVAL-26, KMS-DEC-0.
fn by_policies(question: &Question<'_>) -> Verdict {
    if let Some(answer) = gate::answer(question) {
        return answer;
    }
    let is_retiring = is_retiring(question);
    let mut own = OfRequester::of(question);
    let mut scp = guardrail::scp(question);
    if sts::is_without_principal(question) {
        // IAM-EVAL-23.
        own = OfRequester {
            identity: Says::SILENT,
            boundary: Says::OPEN,
            session: Says::OPEN,
        };
        scp = Says::OPEN;
    }
    let rcp = guardrail::rcp(question);
    let endpoint = guardrail::vpc_endpoint(question);
    let rp = resource_policy(question);
    // A key policy has no say in who retires a grant. Rule: KMS-GRANT-14.
    let rp_deny = if is_retiring { Tri::False } else { rp.deny };
    let denied = Tri::any([own.deny(), rp_deny, scp.deny, rcp.deny, endpoint.deny]);
    let guard = Tri::all([scp.allow, rcp.allow, endpoint.allow]);
    let granted = match is_retiring {
        _ if gate::is_unsupported(question) => Tri::False,
        // What nobody signed, KMS refuses. Rule: KMS-POL-8.
        true if question.requester.is_unsigned() => Tri::False,
        true => retire::granted(question, &own),
        false => path::granted(question, &own, &allowed(question, rp.allow)),
    };
    compose(denied, guard, granted)
}

/// RetireGrant has rules of its own. Rule: KMS-GRANT-14.
fn is_retiring(question: &Question<'_>) -> bool {
    question.is_on_key()
        && question
            .kms
            .is_some_and(|row| row.source == PermissionSource::RetireRules)
}

/// What a resource policy gives; some actions no key policy can give. Rule: KMS-ACT-6.
fn allowed(question: &Question<'_>, classes: Classes) -> Classes {
    let is_iam_only = question
        .kms
        .is_some_and(|row| row.source == PermissionSource::IamOnly);
    if is_iam_only { Classes::NONE } else { classes }
}

/// The end of the procedure. Rule: IAM-EVAL-26.
fn compose(denied: Tri, guard: Tri, granted: Tri) -> Verdict {
    match (denied, guard.and(granted)) {
        (Tri::True, _) => Verdict::ExplicitDeny,
        (_, Tri::False) => Verdict::ImplicitDeny,
        (Tri::False, Tri::True) => Verdict::Allow,
        _ => Verdict::Depends,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Tri::{False, True, Unknown};

    #[test]
    fn iam_eval_26_denies_win_and_a_missing_grant_is_certain() {
        assert_eq!(compose(True, False, False), Verdict::ExplicitDeny);
        assert_eq!(compose(True, Unknown, True), Verdict::ExplicitDeny);
        assert_eq!(compose(Unknown, True, False), Verdict::ImplicitDeny);
        assert_eq!(compose(Unknown, False, Unknown), Verdict::ImplicitDeny);
        assert_eq!(compose(False, True, True), Verdict::Allow);
        assert_eq!(compose(Unknown, True, True), Verdict::Depends);
        assert_eq!(compose(False, Unknown, True), Verdict::Depends);
        assert_eq!(compose(False, True, Unknown), Verdict::Depends);
    }

    #[test]
    fn iam_tri_10_denies_of_two_kinds_are_an_implicit_one() {
        use Verdict::{Allow, Depends, ExplicitDeny, ImplicitDeny};
        assert_eq!(either(ExplicitDeny, ImplicitDeny), ImplicitDeny);
        assert_eq!(either(ExplicitDeny, ExplicitDeny), ExplicitDeny);
        assert_eq!(either(Allow, ImplicitDeny), Depends);
        assert_eq!(either(Depends, Depends), Depends);
    }
}
