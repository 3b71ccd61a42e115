//! The answer to one request as JSON. Rule: IAM-RSN-1, UI-50.

use super::job::fix;
use preclear_condition::Tri;
use preclear_inputs::LineError;
use preclear_model::{Diagnostic, Located, Place};
use preclear_simulator::explanation::{GrantReport, LayerReport, Part, StatementReport};
use preclear_simulator::job::{Advice, Through};
use preclear_simulator::{
    AmbiguityMode, ContextMode, Explanation, Layer, NearMiss, Operability, Reason, Refinement,
    Verdict, Warning,
};
use serde_json::{Map, Value, json};

/// The whole object. Layers are in it if the answer has them.
pub(crate) fn explanation(explanation: &Explanation) -> Value {
    let mut members = Map::new();
    if let Some(id) = &explanation.id {
        members.insert("id".to_owned(), json!(id));
    }
    answer(&mut members, explanation);
    let asked = [
        ("principal", &explanation.caller),
        ("action", &explanation.action),
        ("resource", &explanation.resource),
    ];
    for (name, text) in asked {
        let text = (!text.is_empty()).then_some(text);
        members.insert(name.to_owned(), json!(text));
    }
    Value::Object(members)
}

/// The whole object for a line of requests, with the line's number where the request has no id.
pub(crate) fn of_line(explained: &Explanation, line: usize) -> Value {
    let value = explanation(explained);
    match value {
        Value::Object(members) if explained.id.is_none() => {
            let line = ("line".to_owned(), json!(line));
            Value::Object(std::iter::once(line).chain(members).collect())
        }
        value => value,
    }
}

/// The verdict of a line alone, with the id of its request, else with its number.
pub(crate) fn verdict_of_line(verdict: Verdict, id: Option<&str>, line: usize) -> Value {
    match id {
        Some(id) => json!({"id": id, "verdict": verdict.name()}),
        None => json!({"line": line, "verdict": verdict.name()}),
    }
}

/// The whole object with what would mend the request. Rule: UI-12.
pub(crate) fn advised(explained: &Explanation, advice: &Advice) -> Value {
    let mut value = explanation(explained);
    if let Value::Object(members) = &mut value {
        members.insert("fixes".to_owned(), advice.fixes.iter().map(fix).collect());
        members.insert("obstacles".to_owned(), json!(advice.obstacles));
        if !advice.through.is_empty() {
            let through = advice.through.iter().map(through).collect();
            members.insert("through".to_owned(), through);
        }
    }
    value
}

/// A statement that allows it where a service makes the call, and the answer then. Rule: UI-39.
fn through(through: &Through) -> Value {
    let mut members = Map::new();
    members.insert("via".to_owned(), json!(through.services));
    members.insert("verdict".to_owned(), json!(through.verdict.name()));
    members.insert("policy".to_owned(), json!(through.statement.policy));
    members.insert("statement".to_owned(), json!(through.statement.statement));
    members.insert("sid".to_owned(), json!(through.statement.sid));
    place(&mut members, through.statement.place.as_ref());
    Value::Object(members)
}

/// A line of requests that cannot be used. Rule: UI-35.
pub(crate) fn line_error(error: &LineError) -> Value {
    let mut members = Map::new();
    if let Some(id) = &error.id {
        members.insert("id".to_owned(), json!(id));
    }
    members.insert("line".to_owned(), json!(error.line));
    verdict(&mut members, Verdict::Invalid);
    members.insert("primary".to_owned(), Value::Null);
    for name in [
        "reasons",
        "near_misses",
        "depends_on",
        "ambiguities",
        "assumptions",
        "warnings",
    ] {
        members.insert(name.to_owned(), Value::Array(Vec::new()));
    }
    members.insert(
        "errors".to_owned(),
        error
            .diagnostics
            .iter()
            .map(|one| diagnostic_at(one, error.locate(one)))
            .collect(),
    );
    Value::Object(members)
}

fn answer(members: &mut Map<String, Value>, explanation: &Explanation) {
    verdict(members, explanation.verdict);
    let rest = [
        (
            "primary",
            explanation.primary.as_ref().map_or(Value::Null, reason),
        ),
        ("reasons", explanation.reasons.iter().map(reason).collect()),
        (
            "near_misses",
            explanation.near_misses.iter().map(near_miss).collect(),
        ),
        (
            "depends_on",
            explanation
                .depends_on
                .iter()
                .map(ToString::to_string)
                .collect(),
        ),
        (
            "ambiguities",
            explanation
                .ambiguities
                .iter()
                .map(|number| format!("AMB-{number}"))
                .collect(),
        ),
        (
            "assumptions",
            explanation.assumptions.iter().map(String::as_str).collect(),
        ),
        (
            "warnings",
            explanation.warnings.iter().map(warning).collect(),
        ),
    ];
    members.extend(rest.map(|(name, value)| (name.to_owned(), value)));
    if !explanation.refined.is_empty() {
        members.insert(
            "refined".to_owned(),
            explanation.refined.iter().map(refinement).collect(),
        );
    }
    operability(members, &explanation.operability);
    members.insert("mode".to_owned(), mode(explanation));
    if !explanation.parts.is_empty() {
        members.insert(
            "parts".to_owned(),
            explanation.parts.iter().map(part).collect(),
        );
    }
    if !explanation.errors.is_empty() {
        members.insert(
            "errors".to_owned(),
            explanation.errors.iter().map(diagnostic).collect(),
        );
    }
    if !explanation.layers.is_empty() {
        members.insert(
            "layers".to_owned(),
            explanation.layers.iter().map(layer).collect(),
        );
    }
}

/// `ok` or the exception's name, and beside an exception why.
pub(super) fn operability(members: &mut Map<String, Value>, operability: &Operability) {
    let name = match operability {
        Operability::NotAsked => return,
        Operability::Ok => "ok",
        Operability::Exception(answer) => answer.exception.name(),
    };
    members.insert("operability".to_owned(), json!(name));
    if let Some(answer) = operability.answer() {
        let reason = json!({
            "message": answer.why,
            "rule": answer.rule,
            "change": answer.change.name(),
            "help": answer.remedy,
        });
        members.insert("operability_reason".to_owned(), reason);
    }
}

/// `verdict`, and the same in the words of IAM-RSN-1.
fn verdict(members: &mut Map<String, Value>, verdict: Verdict) {
    let (decision, kind) = match verdict {
        Verdict::Allow => (json!("Allow"), Value::Null),
        Verdict::ExplicitDeny => (json!("Deny"), json!("explicit")),
        Verdict::ImplicitDeny => (json!("Deny"), json!("implicit")),
        Verdict::Depends => (json!("Depends"), Value::Null),
        Verdict::NotApplicable | Verdict::Invalid => (Value::Null, Value::Null),
    };
    members.insert("verdict".to_owned(), json!(verdict.name()));
    members.insert("decision".to_owned(), decision);
    members.insert("kind".to_owned(), kind);
}

fn mode(explanation: &Explanation) -> Value {
    let context = match explanation.mode {
        ContextMode::Open => "open",
        ContextMode::Closed => "closed",
    };
    let ambiguity = match explanation.ambiguity {
        AmbiguityMode::Report => "report",
        AmbiguityMode::Guess => "guess",
        AmbiguityMode::Failsafe => "failsafe",
    };
    json!({"context": context, "ambiguity": ambiguity})
}

fn part(part: &Part) -> Value {
    let mut members = Map::new();
    members.insert("action".to_owned(), json!(part.action));
    members.insert("resource".to_owned(), json!(part.resource));
    answer(&mut members, &part.result);
    Value::Object(members)
}

pub(super) fn reason(reason: &Reason) -> Value {
    let statement = reason.statement.as_ref();
    let mut members = Map::new();
    members.insert("code".to_owned(), json!(reason.code.name()));
    members.insert(
        "layer".to_owned(),
        json!(reason.layer.map(preclear_simulator::Layer::name)),
    );
    let policy = statement
        .map(|statement| &statement.policy)
        .or(reason.policy.as_ref());
    members.insert("policy".to_owned(), json!(policy));
    members.insert(
        "statement".to_owned(),
        json!(statement.map(|statement| statement.statement)),
    );
    members.insert(
        "sid".to_owned(),
        json!(statement.and_then(|statement| statement.sid.as_ref())),
    );
    if let Some(grant) = &reason.grant {
        members.insert("grant".to_owned(), json!(grant));
    }
    place(&mut members, statement.and_then(|one| one.place.as_ref()));
    Value::Object(members)
}

fn near_miss(miss: &NearMiss) -> Value {
    let mut members = Map::new();
    if let Some(statement) = &miss.statement {
        members.insert("policy".to_owned(), json!(statement.policy));
        members.insert("statement".to_owned(), json!(statement.statement));
        members.insert("sid".to_owned(), json!(statement.sid));
    }
    if let Some(grant) = &miss.grant {
        members.insert("grant".to_owned(), json!(grant));
    }
    if miss.denies {
        members.insert("effect".to_owned(), json!("Deny"));
    }
    members.insert("element".to_owned(), json!(miss.element));
    if let Some(key) = &miss.key {
        members.insert("key".to_owned(), json!(key));
    }
    if let Some(operator) = &miss.operator {
        members.insert("operator".to_owned(), json!(operator));
    }
    members.insert("expected".to_owned(), json!(miss.expected));
    if let Some(value) = &miss.stands_for {
        members.insert("stands_for".to_owned(), json!(value));
    }
    members.insert("actual".to_owned(), json!(miss.actual));
    if miss.is_idle {
        members.insert("idle".to_owned(), json!(true));
    }
    let statement = miss.statement.as_ref();
    place(&mut members, statement.and_then(|one| one.place.as_ref()));
    Value::Object(members)
}

/// A key that was split, and its cases.
fn refinement(refinement: &Refinement) -> Value {
    json!({"key": refinement.key, "cases": refinement.cases})
}

/// `file` and `line` of a statement, where they are known.
pub(super) fn place(members: &mut Map<String, Value>, place: Option<&Place>) {
    if let Some(place) = place {
        let located = place.locate();
        members.insert("file".to_owned(), json!(located.name));
        members.insert("line".to_owned(), json!(located.position.line));
    }
}

pub(super) fn warning(warning: &Warning) -> Value {
    let mut members = Map::new();
    members.insert("code".to_owned(), json!(warning.code));
    members.insert("rule".to_owned(), json!(warning.rule));
    members.insert("message".to_owned(), json!(warning.message));
    located(&mut members, warning.place.as_ref().map(Place::locate));
    members.insert("help".to_owned(), json!(warning.help));
    Value::Object(members)
}

/// Where something is: file, line and column, and those of the text inside a string.
pub(super) fn located(members: &mut Map<String, Value>, located: Option<Located>) {
    if let Some(located) = located {
        members.insert("file".to_owned(), json!(located.name));
        members.insert("line".to_owned(), json!(located.position.line));
        members.insert("column".to_owned(), json!(located.position.column));
        if let Some(inner) = located.inner {
            members.insert(
                "inner".to_owned(),
                json!({"line": inner.line, "column": inner.column}),
            );
        }
    }
}

fn layer(layer: &LayerReport) -> Value {
    let mut value = json!({
        "layer": layer.layer.name(),
        "level": layer.level,
        "allow": tri(layer.allow),
        "deny": tri(layer.deny),
        "note": layer.note,
        "statements": layer.statements.iter().map(statement).collect::<Vec<_>>(),
    });
    if let (Layer::Grants, Value::Object(members)) = (layer.layer, &mut value) {
        let grants = layer.grants.iter().map(grant).collect();
        members.insert("grants".to_owned(), Value::Array(grants));
    }
    value
}

fn grant(report: &GrantReport) -> Value {
    json!({
        "grant": report.id,
        "applies": tri(report.applies),
        "remarks": report.remarks,
    })
}

fn statement(report: &StatementReport) -> Value {
    json!({
        "policy": report.statement.policy,
        "statement": report.statement.statement,
        "sid": report.statement.sid,
        "effect": if report.allows { "Allow" } else { "Deny" },
        "applies": tri(report.applies),
        "remarks": report.remarks,
    })
}

/// `true`, `false`, and `null` for unknown.
fn tri(value: Tri) -> Value {
    match value {
        Tri::True => Value::Bool(true),
        Tri::False => Value::Bool(false),
        Tri::Unknown => Value::Null,
    }
}

/// What is wrong with an input.
pub(super) fn diagnostic(diagnostic: &Diagnostic) -> Value {
    diagnostic_at(diagnostic, diagnostic.place.as_ref().map(Place::locate))
}

fn diagnostic_at(diagnostic: &Diagnostic, at: Option<Located>) -> Value {
    let mut members = Map::new();
    members.insert("code".to_owned(), json!(diagnostic.code));
    members.insert("rule".to_owned(), json!(diagnostic.rule));
    members.insert("message".to_owned(), json!(diagnostic.message));
    located(&mut members, at);
    if let Some(help) = &diagnostic.help {
        members.insert("help".to_owned(), json!(help));
    }
    Value::Object(members)
}
