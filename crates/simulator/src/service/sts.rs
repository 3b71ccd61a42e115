//! What STS changes. Rule: IAM-EVAL-22 to IAM-EVAL-24.

use preclear_model::caller::{CallerKind, Credentials};

use crate::decide::Case;
use crate::explanation::{Code, Verdict};
use crate::service::kms::Gate;

/// Actions whose resource is a role and whose resource policy is the role's trust policy.
pub(crate) const ROLE_ACTIONS: &[&str] = &[
    "assumerole",
    "assumerolewithsaml",
    "assumerolewithwebidentity",
    "tagsession",
    "setsourceidentity",
];

/// Calls that STS answers by itself, whatever policies say.
pub(crate) fn gate(case: &Case<'_>) -> Option<Gate> {
    let restricted = Some(Gate {
        verdict: Verdict::ImplicitDeny,
        code: Code::StsRestriction,
    });
    let action = &case.action;
    let kind = case.requester.kind();
    if action.is("sts", "getcalleridentity") {
        return Some(Gate {
            verdict: Verdict::Allow,
            code: Code::AllowStsSpecial,
        });
    }
    let is_sts = action.service() == "sts";
    match kind {
        CallerKind::FederatedUser { .. } if is_sts || action.service() == "iam" => {
            return restricted;
        }
        CallerKind::Root | CallerKind::RootSession if action.is("sts", "assumerole") => {
            return restricted;
        }
        // The older text of AWS's two is followed: it allows more (DOC-8).
        CallerKind::User { .. }
            if is_sts
                && case.requester.caller.credentials == Some(Credentials::SessionToken)
                && !action.is("sts", "assumerole") =>
        {
            return restricted;
        }
        _ => {}
    }
    action.is("sts", "getsessiontoken").then_some(Gate {
        verdict: Verdict::Allow,
        code: Code::AllowStsSpecial,
    })
}
