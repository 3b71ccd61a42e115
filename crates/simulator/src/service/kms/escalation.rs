//! Callers that may not use a key, and may give themselves the permission. Rule: KMS-POL-19.

use preclear_catalog::kms::{self as tables, StateClass};
use preclear_condition::Tri;
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

/// Keys that a call has only because a service makes it.
const OF_FORWARDING: [&str; 6] = [
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:ViaAWSService",
    "kms:GrantIsForAWSResource",
    "kms:ViaService",
];

/// Words around the roads in the message about one request.
const CALLER_MAY: &str = "the caller may call ";
const AND_SO: &str = " on the key, and so give itself ";

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
    let request = direct(case.request);
    let open: Vec<&str> = ROADS
        .into_iter()
        .filter(|road| is_allowed(case, &request, road, key_arn))
        .collect();
    if open.is_empty() {
        return None;
    }
    let message = format!(
        "{CALLER_MAY}`{}`{AND_SO}`{}`",
        open.join("` and `"),
        case.action_text
    );
    let warning = Warning::new(&codes::ESCALATION_POSSIBLE, message);
    Some(warning.at(case.request.place.clone()))
}

/// The caller would make these calls itself, not within the call that is asked about: through no service, for no resource
/// of one, and with parameters of their own. Rule: KMS-GRANT-16.
fn direct(request: &Request) -> Request {
    let mut request = Request {
        via: Vec::new(),
        parameters: None,
        grant_for_aws_resource: Some(false),
        ..request.clone()
    };
    let is_direct = |key: &str| {
        !OF_FORWARDING
            .iter()
            .any(|own| key.eq_ignore_ascii_case(own))
    };
    request.context.retain(|key, _| is_direct(key));
    request.like.retain(|key, _| is_direct(key));
    request.unknown.retain(|key| is_direct(key));
    request.present.retain(|key| is_direct(key));
    request
}

/// The warning as a job tells it: once for all uses of the key by one principal, which the job names.
pub(crate) fn of_job(warning: &Warning, principal: &str, key: &str) -> Option<Warning> {
    let (roads, _) = warning
        .message
        .strip_prefix(CALLER_MAY)?
        .split_once(AND_SO)?;
    let message = format!(
        "`{principal}` may call {roads} on the key `{key}`, and so give itself whatever else it lacks there"
    );
    Some(Warning::new(&codes::ESCALATION_POSSIBLE, message))
}

fn is_allowed(case: &Case<'_>, request: &Request, action_text: &str, key_arn: &str) -> bool {
    let Some(action) = ActionName::parse(action_text, case.arena) else {
        return false;
    };
    let inquiry = Inquiry {
        request,
        is_forwarded: Tri::False,
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
