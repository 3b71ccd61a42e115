//! Permissions of a report, each asked by itself: the engine, and the reference, answer as the row does.
//!
//! Rows that say more than actor, action and resource are left out: what they add is told nowhere but in the template.

use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind};
use preclear_simulator::job::{JobReport, JobRequest, RequirementPart};
use preclear_simulator::{Ask, Engine, Request};
use serde_json::Value;

use super::super::{Finding, hold, same};
use super::template::Template;
use crate::property::reference::answers;

/// Members of a part that need no more than a report tells.
const TOLD: [&str; 5] = ["as", "actions", "on", "basis", "when"];

/// Asks each permission of the plain rows.
pub(super) fn check(
    engine: &Engine,
    job: &JobRequest,
    template: &Template,
    report: &JobReport,
) -> Result<(), Finding> {
    for row in &report.requirements {
        let mut templates = template.requirements().iter();
        let Some(words) = templates.find(|known| known["id"].as_str() == Some(&row.id)) else {
            return Err(Finding::new(format!(
                "no row of the template is {}",
                row.id
            )));
        };
        let Some(actor) = plain_actor(words) else {
            continue;
        };
        for part in row.parts.iter().filter(|part| is_certain(part)) {
            let request = match actor {
                Actor::Caller => of_caller(job, part),
                Actor::Role => of_role(job, part, template.service()),
            };
            let Some(request) = request else {
                continue;
            };
            let found = answers(engine, &request);
            let told = || {
                format!(
                    "{}: {} on {} alone: {request:?}",
                    row.id, part.action, part.resource
                )
            };
            same(told, &found.engine, &part.result.verdict)?;
            hold(found.are_agreed(), || format!("{found:?}: {}", told()))?;
        }
    }
    Ok(())
}

/// A resource that stands for itself.
fn is_certain(part: &RequirementPart) -> bool {
    part.resource == "*" || !part.resource.contains(['*', '?'])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Actor {
    Caller,
    Role,
}

/// Who acts in a row whose parts say nothing beside actor, actions and resource.
fn plain_actor(row: &Value) -> Option<Actor> {
    let parts = row.get("parts")?.as_array()?;
    let mut actors = parts.iter().map(|part| {
        let allow = part.get("allow")?.as_object()?;
        let is_plain = allow.keys().all(|member| TOLD.contains(&member.as_str()));
        let actor = match &allow["as"] {
            Value::String(word) if word == "caller" => Actor::Caller,
            Value::Object(word) if word.contains_key("role") => Actor::Role,
            _ => return None,
        };
        is_plain.then_some(actor)
    });
    let first = actors.next()??;
    actors.all(|actor| actor == Some(first)).then_some(first)
}

/// What the job says of all its calls.
fn blank(job: &JobRequest, caller: Caller, part: &RequirementPart) -> Request {
    let mut request = Request::new(caller, Ask::Action(part.action.clone()));
    request.resource = Some(part.resource.clone());
    request.region.clone_from(&job.region);
    request.session_policies = Some(Vec::new());
    request.unknown.clone_from(&job.unknown);
    request.absent.clone_from(&job.absent);
    request.present.clone_from(&job.present);
    (request.mode, request.ambiguity) = (job.mode, job.ambiguity);
    request.now.clone_from(&job.now);
    request.grant_key_trust = job.grant_key_trust;
    request
}

/// The caller's own call, with its context.
fn of_caller(job: &JobRequest, part: &RequirementPart) -> Option<Request> {
    // The Region of the snapshot is not told by the report.
    job.region.as_ref()?;
    let mut request = blank(job, job.caller.clone()?, part);
    request.session_policies.clone_from(&job.session_policies);
    request.session_policy_rejected = job.session_policy_rejected;
    request.context.clone_from(&job.context);
    request.vpc_endpoint.clone_from(&job.vpc_endpoint);
    Some(request)
}

/// A call of the session that the service makes of the role.
fn of_role(job: &JobRequest, part: &RequirementPart, service: &str) -> Option<Request> {
    job.region.as_ref()?;
    let role = Arn::parse(&part.principal)?;
    let kind = CallerKind::RoleSession {
        role: role.resource_name().to_owned(),
        role_arn: Some(role.clone()),
        session: service.split('.').next().map(str::to_owned),
    };
    let caller = Caller::new(kind, Some(role.partition()), Some(role.account()));
    Some(blank(job, caller, part))
}
