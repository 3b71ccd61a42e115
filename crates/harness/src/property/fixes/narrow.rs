//! The additions let nobody do more than a requirement names, asked of the engine over the catalogue.
//!
//! Who is asked for: everybody of the snapshot and of the requirements, another role of the account and of another one, root users,
//! another service, anonymous callers. What a rule puts into a statement must be in the call: a grant that is for no AWS resource
//! (KMS-GRANT-16), a role passed to another service (JOB-6), a service that acts for nobody or for another account (KMS-POL-10).

use preclear_model::Arn;
use preclear_model::caller::Caller;
use preclear_simulator::job::{JobVerdict, RequirementPart};
use preclear_simulator::{Ask, ContextMode, ContextValue, Decider, Request, Verdict};
use preclear_wildcard::Pattern;
use serde_json::json;

use super::narrow_questions::{Circumstance, Questions};
use super::{Tried, state};
use crate::scenario::{Asked, Violation};

pub(super) fn violation(tried: &Tried) -> Option<Violation> {
    if tried.report.fixes.is_empty() {
        return None;
    }
    let named: Vec<&RequirementPart> = state::parts(&tried.report)
        .chain(state::parts(&tried.after))
        .map(|(_, part)| part)
        .collect();
    let questions = Questions::of(tried, &named);
    let mut asked = Asking {
        before: tried.engine.decider(),
        after: tried.mended.decider(),
    };
    for principal in &questions.principals {
        let Ok(caller) = Caller::parse(principal) else {
            continue;
        };
        let mut request = Request {
            mode: ContextMode::Closed,
            region: tried.job.region.clone(),
            session_policies: Some(Vec::new()),
            ..Request::new(caller, Ask::Action(String::new()))
        };
        for (resource, actions) in &questions.resources {
            request.resource = Some(resource.clone());
            for action in actions.of(principal) {
                request.ask = Ask::Action(action.clone());
                for circumstance in questions.circumstances(principal, action) {
                    state_circumstance(&mut request, circumstance);
                    let is_named = || {
                        let mut named = named.iter();
                        named.any(|part| names(part, principal, action, resource, circumstance))
                    };
                    if asked.opens(&request) && !is_named() {
                        return Some(found(tried, principal, action, resource, circumstance));
                    }
                }
            }
        }
    }
    None
}

fn state_circumstance(request: &mut Request, circumstance: &Circumstance) {
    request.context.clear();
    request.grant_for_aws_resource = circumstance.is_grant_for_aws_resource().then_some(true);
    if let Circumstance::Stated(key, value) = circumstance
        && request.grant_for_aws_resource.is_none()
    {
        let value = ContextValue::One(value.clone());
        request.context.insert((*key).to_owned(), value);
    }
}

/// The worlds before and after.
struct Asking<'t> {
    before: Decider<'t>,
    after: Decider<'t>,
}

impl Asking<'_> {
    /// True where the additions let the call pass, or make it possible that it does.
    fn opens(&mut self, request: &Request) -> bool {
        match self.after.decide(request) {
            Verdict::Allow => self.before.decide(request) != Verdict::Allow,
            Verdict::Depends => self.before.decide(request).is_deny(),
            _ => false,
        }
    }
}

/// True where a requirement names this call.
fn names(
    part: &RequirementPart,
    principal: &str,
    action: &str,
    resource: &str,
    circumstance: &Circumstance,
) -> bool {
    is_meant(part, principal)
        && part.action == action
        && covers(part, resource)
        && carried(part).is_none_or(|needed| *circumstance == needed)
}

/// True for who needs the permission, and for everybody of an account that needs it as a whole (IAM-PRIN-2).
fn is_meant(part: &RequirementPart, principal: &str) -> bool {
    let account = |text: &str| Arn::parse(text).map(|arn| arn.account().to_owned());
    let is_of_account = || {
        part.is_account
            && account(principal).is_some_and(|own| account(&part.principal) == Some(own))
    };
    part.principal == principal || is_of_account()
}

fn covers(part: &RequirementPart, resource: &str) -> bool {
    part.resource == resource
        || part.result.resource == resource
        || part.resource == "*"
        || Pattern::parse(&part.resource).is_match(resource)
        // An alias of the key, where the question was resolved to it.
        || is_alias_of(part, resource)
}

fn is_alias_of(part: &RequirementPart, resource: &str) -> bool {
    let arn = Arn::parse(resource);
    arn.is_some_and(|arn| arn.service() == "kms" && arn.resource().starts_with("alias/"))
        && part.action.starts_with("kms:")
}

/// What a rule gives a statement for this permission, so that no other call meets it.
fn carried(part: &RequirementPart) -> Option<Circumstance> {
    let stated = |key: &'static str| {
        let value = part.context.get(key).cloned();
        value.map(|value| Circumstance::Stated(key, value))
    };
    match part.action.as_str() {
        "iam:PassRole" => stated("iam:PassedToService"),
        "kms:CreateGrant" => {
            stated("kms:GrantIsForAWSResource").or_else(|| stated("aws:SourceAccount"))
        }
        _ if !part.principal.starts_with("arn:") => stated("aws:SourceAccount"),
        _ => None,
    }
}

fn found(
    tried: &Tried,
    principal: &str,
    action: &str,
    resource: &str,
    circumstance: &Circumstance,
) -> Violation {
    let message = format!(
        "opened, and named by no requirement: {principal} may {action} on {resource} ({circumstance:?})"
    );
    let mut request = json!({
        "principal": principal, "action": action, "resource": resource, "mode": "closed",
        "region": tried.job.region,
    });
    match circumstance {
        _ if circumstance.is_grant_for_aws_resource() => {
            request["grant_for_aws_resource"] = json!(true)
        }
        Circumstance::Stated(key, value) => request["context"] = json!({ *key: value }),
        Circumstance::Plain => {}
    }
    let asked = Asked {
        request,
        ..tried.shown(&tried.report.fixes, "not asked for", JobVerdict::Denied)
    };
    let asked = Asked {
        expected: "deny",
        ..asked
    };
    tried.violation(message, asked)
}
