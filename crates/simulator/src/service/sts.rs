//! What STS changes. Rule: IAM-EVAL-22…24.

use preclear_model::caller::{CallerKind, Credentials};

use crate::decide::Case;
use crate::explanation::{Code, Verdict};
use crate::request::ContextMode;
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
        CallerKind::Root | CallerKind::RootSession | CallerKind::Anonymous
            if action.is("sts", "assumerole") =>
        {
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
        // Of IAM they may call nothing without MFA.
        CallerKind::User { .. }
            if action.service() == "iam"
                && case.requester.caller.credentials == Some(Credentials::SessionToken)
                && lacks_mfa(case) =>
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

/// True if the request certainly was made without MFA.
fn lacks_mfa(case: &Case<'_>) -> bool {
    const KEY: &str = "aws:MultiFactorAuthPresent";
    let request = case.request;
    let names = |keys: &std::collections::BTreeSet<String>| {
        keys.iter().any(|key| key.eq_ignore_ascii_case(KEY))
    };
    match case.sources().said(KEY) {
        Some(value) => !value.eq_ignore_ascii_case("true"),
        None if names(&request.absent) => true,
        None if names(&request.unknown) || names(&request.present) => false,
        None => request.mode == ContextMode::Closed,
    }
}
