//! Callers that may not use a key, and may give themselves the permission. Rule: KMS-POL-19.

use preclear_catalog::kms::{self as tables, StateClass};
use preclear_model::codes;

use crate::Warning;
use crate::compose::Answer;
use crate::context::Context;
use crate::decide::{self, Case, Inquiry};
use crate::explanation::Verdict;
use crate::matching::action::ActionName;
use crate::request::Request;
use crate::service::target::{self, Wildcards};
use crate::target::{KeyTarget, TargetKind};

/// Actions with which a caller obtains any other on the key.
const ROADS: [&str; 2] = ["kms:PutKeyPolicy", "kms:CreateGrant"];

/// The warning about a use of the key that nothing allows yet.
pub(crate) fn warning(case: &Case<'_>, verdict: Verdict) -> Option<Warning> {
    let is_use = tables::action(case.action.name()).is_some_and(|action| {
        action.is_grantable && action.state_class == Some(StateClass::Crypto)
    });
    let TargetKind::Key(KeyTarget::Found { key }) = &case.target.kind else {
        return None;
    };
    if verdict != Verdict::ImplicitDeny || !is_use || case.requester.account().is_none() {
        return None;
    }
    let key_arn = key.record.arn.as_str();
    // The caller would make these calls itself, with parameters of their own.
    let request = Request {
        via: Vec::new(),
        parameters: None,
        ..case.request.clone()
    };
    let open: Vec<&str> = ROADS
        .into_iter()
        .filter(|road| is_allowed(case, &request, road, key_arn))
        .collect();
    if open.is_empty() {
        return None;
    }
    let message = format!(
        "the caller may call `{}` on the key, and so give itself `{}`",
        open.join("` and `"),
        case.action_text
    );
    let warning = Warning::new(&codes::ESCALATION_POSSIBLE, message);
    Some(warning.at(case.request.place.clone()))
}

fn is_allowed(case: &Case<'_>, request: &Request, action_text: &str, key_arn: &str) -> bool {
    let Some(action) = ActionName::parse(action_text, case.arena) else {
        return false;
    };
    let inquiry = Inquiry {
        request,
        ..case.inquiry
    };
    let found = target::find(inquiry, &action, Some(key_arn), Wildcards::Literal);
    let Ok(target) = found else { return false };
    let case = Case::new(inquiry, action_text.to_owned(), action, target);
    if super::gate(&case).is_some() {
        return false;
    }
    let context = Context::new(case.sources());
    let run = decide::run::<()>(&case, &context, request.ambiguity);
    run.composition.answer() == Answer::Allow
}
