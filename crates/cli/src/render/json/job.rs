//! The answer about a job as JSON. Rule: UI-50.

use preclear_model::Place;
use preclear_simulator::job::{Fix, JobError, JobReport, JobVerdict, Requirement, RequirementPart};
use serde_json::{Map, Value, json};

use super::explanation::{explanation, located, warning};
use crate::render::text::Fixed;

/// The whole object; `fixed` is what became of the job with the additions, where it was simulated again with them.
pub(crate) fn report(report: &JobReport, fixed: Option<&Fixed>) -> Value {
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    add("job", json!(report.name));
    add("operation", json!(report.operation));
    add("caller", json!(report.caller));
    add("verdict", json!(report.verdict.name()));
    if report.verdict == JobVerdict::Invalid {
        add(
            "code",
            json!(report.errors.first().map(|error| &error.code)),
        );
        add("errors", report.errors.iter().map(error).collect());
    }
    add("assumptions", json!(report.assumptions()));
    add("warnings", report.warnings.iter().map(warning).collect());
    add("fixes", report.fixes.iter().map(fix).collect());
    if let Some(fixed) = fixed {
        add("fixed", json!(fixed.verdict.name()));
        if !fixed.written.is_empty() {
            let written = fixed.written.iter();
            let written = written
                .map(|one| json!({"file": one.path.display().to_string(), "what": one.what}));
            add("written", written.collect());
        }
    }
    add("obstacles", json!(report.obstacles));
    add(
        "requirements",
        report.requirements.iter().map(requirement).collect(),
    );
    Value::Object(members)
}

fn error(error: &JobError) -> Value {
    let mut members = Map::new();
    members.insert("code".to_owned(), json!(error.code));
    members.insert("field".to_owned(), json!(error.field));
    members.insert("rule".to_owned(), json!(error.rule));
    members.insert("message".to_owned(), json!(error.message));
    located(&mut members, error.place.as_ref().map(Place::locate));
    members.insert("help".to_owned(), json!(error.help));
    Value::Object(members)
}

pub(super) fn fix(fix: &Fix) -> Value {
    json!({
        "policy": fix.target.to_string(), "statement": fix.statement, "serves": fix.serves, "notes": fix.notes,
    })
}

fn requirement(requirement: &Requirement) -> Value {
    let mut members = Map::new();
    members.insert("id".to_owned(), json!(requirement.id));
    members.insert("basis".to_owned(), json!(requirement.basis.letter()));
    members.insert("phase".to_owned(), json!(requirement.phase.name()));
    members.insert("why".to_owned(), json!(requirement.why));
    match requirement.parts.as_slice() {
        [one] => members.extend(part(one)),
        parts => {
            members.insert("result".to_owned(), json!(requirement.result.name()));
            if !parts.is_empty() {
                members.insert(
                    "parts".to_owned(),
                    parts.iter().map(|one| Value::Object(part(one))).collect(),
                );
            }
        }
    }
    if let Some(text) = &requirement.missing {
        members.insert("missing".to_owned(), json!(text));
    }
    if let Some(text) = &requirement.if_missing {
        members.insert("if_missing".to_owned(), json!(text));
    }
    if !requirement.hints.is_empty() {
        let hint = requirement.hints.join("; ");
        members.insert("hint".to_owned(), json!(hint));
    }
    Value::Object(members)
}

fn part(part: &RequirementPart) -> Map<String, Value> {
    let members = [
        ("basis", json!(part.basis.letter())),
        ("principal", json!(part.principal)),
        ("action", json!(part.action)),
        ("resource", json!(part.resource)),
        ("context", json!(part.context)),
        ("result", json!(part.result.verdict.name())),
        ("explanation", explanation(&part.result)),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
