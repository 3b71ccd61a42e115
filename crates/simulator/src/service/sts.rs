//! What STS changes. Rule: IAM-EVAL-22…24.

use preclear_condition::{Dependency, Tri};
use preclear_model::caller::{CallerKind, Credentials};

use crate::Warning;
use crate::codes;
use crate::context::Said;
use crate::decide::Case;
use crate::explanation::{Code, Explanation, Verdict};
use crate::matching::action::ActionName;
use crate::request::ContextMode;
use crate::service::kms::Gate;

/// The key that tells whether the credentials were obtained with MFA.
const MFA: &str = "aws:MultiFactorAuthPresent";

/// Actions whose resource is a role and whose resource policy is the role's trust policy.
pub(crate) const ROLE_ACTIONS: &[&str] = &[
    "assumerole",
    "assumerolewithsaml",
    "assumerolewithwebidentity",
    "tagsession",
    "setsourceidentity",
];

/// True for calls that only an identity provider's word opens. Rule: IAM-EVAL-23.
pub(crate) fn is_for_providers(action: &ActionName<'_>) -> bool {
    action.is("sts", "assumerolewithsaml") || action.is("sts", "assumerolewithwebidentity")
}

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
        CallerKind::FederatedUser { .. } if is_sts || is_iam_call(case) => return restricted,
        CallerKind::Root | CallerKind::RootSession | CallerKind::Anonymous
            if action.is("sts", "assumerole") =>
        {
            return restricted;
        }
        // The older text of AWS's two is followed: it allows more (DOC-8).
        _ if has_session_token(case) && is_closed_to_session_tokens(case) => return restricted,
        _ if needs_mfa(case) && mfa(case).is_false() => return restricted,
        _ => {}
    }
    action.is("sts", "getsessiontoken").then_some(Gate {
        verdict: Verdict::Allow,
        code: Code::AllowStsSpecial,
    })
}

/// True for a user, the root user included: they have credentials of their own, and may get others by GetSessionToken.
fn is_user(case: &Case<'_>) -> bool {
    matches!(
        case.requester.kind(),
        CallerKind::User { .. } | CallerKind::Root
    )
}

/// True for a user, the root user included, with credentials of GetSessionToken.
fn has_session_token(case: &Case<'_>) -> bool {
    is_user(case) && case.requester.caller.credentials == Some(Credentials::SessionToken)
}

/// True for an action that is a call of IAM: iam:PassRole is a permission that calls of other services take.
fn is_iam_call(case: &Case<'_>) -> bool {
    case.action.service() == "iam" && !case.action.is("iam", "passrole")
}

/// Of STS, credentials of GetSessionToken may call AssumeRole and GetCallerIdentity alone. Rule: IAM-EVAL-24, DOC-8.
fn is_closed_to_session_tokens(case: &Case<'_>) -> bool {
    case.action.service() == "sts"
        && !is_part_of_assume_role(case)
        && !case.action.is("sts", "getcalleridentity")
}

/// True for AssumeRole and for the permissions that the call takes beside it. Rule: IAM-EVAL-22.
fn is_part_of_assume_role(case: &Case<'_>) -> bool {
    ["assumerole", "tagsession", "setsourceidentity"]
        .iter()
        .any(|name| case.action.is("sts", name))
}

/// Of IAM, credentials of GetSessionToken may call nothing without MFA. Rule: IAM-EVAL-24, DOC-8.
fn needs_mfa(case: &Case<'_>) -> bool {
    is_iam_call(case) && has_session_token(case)
}

/// What is taken for granted of a user whose credentials nobody stated, where those of GetSessionToken without MFA would
/// get another answer. Rule: IAM-EVAL-24, DOC-8.
pub(crate) fn assumption(case: &Case<'_>, verdict: Verdict) -> Option<&'static str> {
    let is_open = is_user(case) && case.requester.caller.credentials.is_none();
    let is_refused =
        is_closed_to_session_tokens(case) || (is_iam_call(case) && !mfa(case).is_true());
    (is_open && is_refused && verdict != Verdict::ImplicitDeny)
        .then_some("requester:credentials are not a session token's")
}

/// Whether the request was made with MFA.
fn mfa(case: &Case<'_>) -> Tri {
    match Said::of(case.request, MFA) {
        Said::Nothing if case.request.mode == ContextMode::Open => Tri::Unknown,
        said => said.is_true(),
    }
}

/// The verdict where policies allow, and it is not known whether the call is possible at all.
pub(crate) fn possible(case: &Case<'_>, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Allow if needs_mfa(case) && mfa(case).is_unknown() => Verdict::Depends,
        _ => verdict,
    }
}

/// Leaves open what hangs on MFA, and says where AWS's pages differ. Rule: DOC-8.
pub(crate) fn restrict(case: &Case<'_>, explanation: &mut Explanation) {
    let is_denied = matches!(
        explanation.verdict,
        Verdict::ExplicitDeny | Verdict::ImplicitDeny
    );
    if is_denied || !has_session_token(case) {
        return;
    }
    if needs_mfa(case) && mfa(case).is_unknown() {
        explanation.verdict = Verdict::Depends;
        explanation.primary = None;
        explanation.reasons.clear();
        let key = Dependency::Key(MFA.to_ascii_lowercase());
        explanation.depends_on.insert(key);
    }
    if needs_mfa(case) || is_part_of_assume_role(case) {
        let message = format!(
            "AWS's pages disagree whether credentials of GetSessionToken may call {}: one says that they may call nothing of IAM and STS (DOC-8)",
            case.action_text
        );
        let warning = Warning::new(&codes::DOUBTFUL_SESSION_TOKEN, message);
        explanation
            .warnings
            .push(warning.at(case.request.place.clone()));
        explanation
            .warnings
            .sort_by(|a, b| (a.code, &a.message).cmp(&(b.code, &b.message)));
    }
}
