//! Who may, as JSON. Rule: UI-20.

use preclear_model::Arn;
use preclear_model::policy::Version;
use preclear_simulator::explanation::MetTest;
use preclear_simulator::who_can::{Candidate, Condition, Meaning, Source, Way};
use preclear_simulator::{Engine, WhoCan};
use serde_json::{Map, Value, json};

use super::explanation::{diagnostic, operability, place, reason, warning};

/// The whole object; with the engine, why those may not who may not.
pub(crate) fn who_can(answer: &WhoCan, in_full: Option<&Engine>) -> Value {
    let may = answer.listed.iter().filter(|one| one.may());
    let outsiders = answer.outsiders.iter().filter(|one| one.may());
    let not = answer.listed.iter().filter(|one| !one.may());
    let not = not.map(|one| {
        let mut value = json!({"principal": one.who.name(), "verdict": one.verdict.name()});
        let denial = in_full.and_then(|engine| answer.denial(engine, one));
        let denial = denial.and_then(|denial| denial.primary);
        if let (Value::Object(members), Some(reason)) = (&mut value, denial) {
            members.insert("primary".to_owned(), self::reason(&reason));
        }
        value
    });
    let mut members = Map::from_iter([
        ("action".to_owned(), json!(answer.action)),
        ("resource".to_owned(), json!(answer.resource)),
        ("pattern".to_owned(), json!(answer.is_pattern)),
        ("calls".to_owned(), json!(answer.calls.name())),
        ("keys".to_owned(), answer.meanings().map(meaning).collect()),
        ("principals".to_owned(), may.map(candidate).collect()),
        ("outsiders".to_owned(), outsiders.map(candidate).collect()),
        ("others".to_owned(), not.collect()),
        (
            "warnings".to_owned(),
            answer.warnings.iter().map(warning).collect(),
        ),
    ]);
    if !answer.errors.is_empty() {
        let errors = answer.errors.iter().map(diagnostic).collect();
        members.insert("errors".to_owned(), errors);
    }
    Value::Object(members)
}

/// One value for each who may; one with the errors where nobody can ask.
pub(crate) fn who_can_lines(answer: &WhoCan) -> Vec<Value> {
    if !answer.errors.is_empty() {
        let errors: Vec<Value> = answer.errors.iter().map(diagnostic).collect();
        return vec![json!({"verdict": "invalid", "errors": errors})];
    }
    answer.allowed().map(candidate).collect()
}

/// What a short name of a key means to callers of an account; `null`: no key that is listed. Rule: KMS-ID-1.
fn meaning(meaning: &Meaning) -> Value {
    let key = meaning.key.as_ref().map(Arn::as_str);
    json!({"name": meaning.name, "account": meaning.account, "key": key})
}

fn candidate(candidate: &Candidate) -> Value {
    let mut members = Map::new();
    members.insert("principal".to_owned(), json!(candidate.who.name()));
    members.insert("kind".to_owned(), json!(candidate.who.kind()));
    members.insert("what".to_owned(), json!(candidate.who.to_string()));
    members.insert("verdict".to_owned(), json!(candidate.verdict.name()));
    members.insert(
        "ways".to_owned(),
        candidate.ways().iter().map(way).collect(),
    );
    members.insert(
        "conditions".to_owned(),
        candidate.conditions().iter().map(condition).collect(),
    );
    members.insert(
        "limits".to_owned(),
        candidate.limits().map(condition).collect(),
    );
    if let Some(answer) = &candidate.answer {
        members.insert("resource".to_owned(), json!(answer.resource));
        let depends_on: Vec<String> = answer.depends_on.iter().map(ToString::to_string).collect();
        members.insert("depends_on".to_owned(), json!(depends_on));
        operability(&mut members, &answer.operability);
    }
    Value::Object(members)
}

fn way(way: &Way) -> Value {
    let mut members = Map::new();
    members.insert("way".to_owned(), json!(way.kind.name()));
    members.insert("code".to_owned(), json!(way.code.name()));
    if let Some((action, resource)) = &way.part {
        members.insert("action".to_owned(), json!(action));
        members.insert("resource".to_owned(), json!(resource));
    }
    let conditions = |own: &Option<Condition>| own.iter().map(condition).collect::<Value>();
    let statements = way.statements.iter().map(|one| {
        let statement = &one.statement;
        let mut members = Map::new();
        members.insert("layer".to_owned(), json!(one.layer.name()));
        members.insert("policy".to_owned(), json!(statement.policy));
        members.insert("statement".to_owned(), json!(statement.statement));
        members.insert("sid".to_owned(), json!(statement.sid));
        place(&mut members, statement.place.as_ref());
        members.insert("open_to_all".to_owned(), json!(one.is_open_to_all));
        members.insert("conditions".to_owned(), conditions(&one.condition));
        Value::Object(members)
    });
    members.insert("statements".to_owned(), statements.collect());
    if let Some(grant) = &way.grant {
        members.insert("grant".to_owned(), json!(grant));
        members.insert("conditions".to_owned(), conditions(&way.condition));
    }
    if let Some(terms) = &way.terms {
        place(&mut members, terms.place.as_ref());
        members.insert("grant_name".to_owned(), json!(terms.name));
        members.insert("grant_operations".to_owned(), json!(terms.operations));
        let constraints = pairs(&terms.constraints);
        members.insert("grant_constraints".to_owned(), constraints);
    }
    members.insert("open_to_all".to_owned(), json!(way.is_open_to_all()));
    members.insert(
        "needs_own_policies".to_owned(),
        json!(way.needs_own_policies),
    );
    Value::Object(members)
}

fn condition(condition: &Condition) -> Value {
    let mut members = Map::new();
    members.insert("layer".to_owned(), json!(condition.layer.name()));
    match &condition.source {
        Source::Statement(statement) => {
            members.insert("policy".to_owned(), json!(statement.policy));
            members.insert("statement".to_owned(), json!(statement.statement));
            members.insert("sid".to_owned(), json!(statement.sid));
            place(&mut members, statement.place.as_ref());
        }
        Source::Grant(id) => {
            members.insert("grant".to_owned(), json!(id));
        }
    }
    let effect = if condition.allows { "Allow" } else { "Deny" };
    members.insert("effect".to_owned(), json!(effect));
    members.insert(
        "tests".to_owned(),
        condition.tests.iter().map(test).collect(),
    );
    members.insert("remarks".to_owned(), json!(condition.remarks));
    if !condition.constraints.is_empty() {
        members.insert("constraints".to_owned(), pairs(&condition.constraints));
    }
    Value::Object(members)
}

/// Constraints of a grant, by the members of ListGrants.
fn pairs(constraints: &[(&'static str, String)]) -> Value {
    let pairs = constraints.iter();
    let pairs = pairs.map(|(element, value)| ((*element).to_owned(), json!(value)));
    Value::Object(pairs.collect())
}

fn test(test: &MetTest) -> Value {
    let mut value = json!({"operator": test.operator, "key": test.key, "values": test.operands});
    // Only there are `${…}` variables (IAM-GRAM-4).
    if let (Version::V2012, Value::Object(members)) = (test.version, &mut value)
        && test.operands.iter().any(|text| text.contains("${"))
    {
        members.insert("variables".to_owned(), json!(true));
    }
    value
}
