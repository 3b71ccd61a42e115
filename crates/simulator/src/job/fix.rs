//! The smallest additions that mend denied requirements. Rule: JOB-4, UI-13.
//!
//! An addition names the concrete principal, actions and resource, and the conditions that a rule gives. It never
//! widens what is there, and nothing is proposed against a deny or a ceiling: those are obstacles, which only a
//! change of the statement in the way can remove.

use std::collections::BTreeMap;

use preclear_condition::Dependency;
use preclear_model::Arn;
use preclear_wildcard::Pattern;
use serde_json::{Map, Value, json};

use crate::engine::Engine;
use crate::explanation::{Code, Operability, Verdict};
use crate::job::report::{Basis, Fix, FixTarget, Requirement, RequirementPart};

/// What is proposed for a report.
#[derive(Debug, Default)]
pub(crate) struct Proposal {
    pub(crate) fixes: Vec<Fix>,
    pub(crate) obstacles: Vec<String>,
}

/// Where an addition goes and what it says, but for the actions: additions that agree in this are one statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    target: FixTarget,
    /// `(type, name)` of the principal, where the policy names one.
    principal: Option<(&'static str, String)>,
    resource: String,
    /// `(operator, key, value)`.
    conditions: Vec<(&'static str, String, String)>,
}

#[derive(Debug, Default)]
struct Addition {
    actions: Vec<String>,
    serves: Vec<String>,
}

/// Proposes additions for every denied part of the requirements.
pub(crate) fn propose(engine: &Engine, requirements: &[Requirement]) -> Proposal {
    let mut additions: BTreeMap<Slot, Addition> = BTreeMap::new();
    let mut obstacles = Vec::new();
    for requirement in requirements {
        for part in requirement
            .parts
            .iter()
            .filter(|part| part.basis != Basis::Advisory)
        {
            match remedy(engine, part) {
                Remedy::None => {}
                Remedy::Add(slot) => {
                    let addition = additions.entry(slot).or_default();
                    push_new(&mut addition.actions, &part.action);
                    push_new(&mut addition.serves, &requirement.id);
                }
                Remedy::Obstacle(text) => {
                    push_new(&mut obstacles, &format!("{}: {text}", requirement.id))
                }
            }
        }
    }
    let fixes = additions
        .into_iter()
        .map(|(slot, addition)| fix(slot, addition))
        .collect();
    Proposal {
        fixes: join_principals(fixes),
        obstacles,
    }
}

fn push_new(list: &mut Vec<String>, text: &str) {
    if !list.iter().any(|own| own == text) {
        list.push(text.to_owned());
    }
}

enum Remedy {
    None,
    Add(Slot),
    Obstacle(String),
}

fn remedy(engine: &Engine, part: &RequirementPart) -> Remedy {
    let result = &part.result;
    if is_covered_in_part(part) {
        return identity(part);
    }
    if let (Verdict::Allow, Operability::Exception(exception)) =
        (result.verdict, &result.operability)
    {
        return Remedy::Obstacle(format!(
            "{} is allowed, but KMS answers {exception} for {}: the key itself must change",
            part.action, part.resource
        ));
    }
    let Some(primary) = result.primary.as_ref().filter(|_| result.verdict.is_deny()) else {
        return Remedy::None;
    };
    if result.verdict == Verdict::ExplicitDeny {
        let statement = primary.statement.as_ref().map_or_else(
            || "a statement".to_owned(),
            |statement| {
                format!(
                    "statement {} of {}",
                    name(statement.statement, statement.sid.as_deref()),
                    statement.policy
                )
            },
        );
        return Remedy::Obstacle(format!(
            "{statement} denies {}: no addition can help, that statement must change",
            part.action
        ));
    }
    match primary.code {
        Code::NoIdentityAllow | Code::KeyTrustMissing => identity(part),
        Code::IamNotEnabledByKeyPolicy | Code::NoResourceAllow => resource(engine, part),
        Code::NoTrustAllow => trust(part),
        Code::NoScpAllow => ceiling(part, "an SCP level", primary.policy.as_deref()),
        Code::NoBoundaryAllow => {
            ceiling(part, "the permissions boundary", primary.policy.as_deref())
        }
        Code::NoSessionAllow | Code::FederatedNoSessionPolicy => {
            ceiling(part, "the session policy", primary.policy.as_deref())
        }
        Code::NoVpceAllow => ceiling(part, "the VPC endpoint policy", primary.policy.as_deref()),
        code => Remedy::Obstacle(format!(
            "{} on {} fails with {code}: no policy statement can help",
            part.action, part.resource
        )),
    }
}

/// True where the only open question is whether every resource of a pattern is allowed (IAM-WILD-13): some are.
fn is_covered_in_part(part: &RequirementPart) -> bool {
    let result = &part.result;
    result.verdict == Verdict::Depends
        && result
            .depends_on
            .iter()
            .all(|dependency| matches!(dependency, Dependency::Resource(_)))
}

fn name(index: usize, sid: Option<&str>) -> String {
    sid.map_or_else(|| index.to_string(), |sid| format!("`{sid}`"))
}

fn ceiling(part: &RequirementPart, what: &str, policy: Option<&str>) -> Remedy {
    let policy = policy
        .map(|policy| format!(" ({policy})"))
        .unwrap_or_default();
    Remedy::Obstacle(format!(
        "{what}{policy} does not allow {}: it must be widened, an addition elsewhere cannot help",
        part.action
    ))
}

/// A statement on the caller's own policies, with the concrete resource.
fn identity(part: &RequirementPart) -> Remedy {
    let Some(arn) = identity_arn(part) else {
        return Remedy::Obstacle(format!("{} has no identity policies", part.principal));
    };
    Remedy::Add(Slot {
        target: FixTarget::Identity(arn),
        principal: None,
        resource: part.resource.clone(),
        conditions: conditions(part, false),
    })
}

/// ARN of the user or role whose policies count for the part.
fn identity_arn(part: &RequirementPart) -> Option<String> {
    let arn = Arn::parse(&part.principal)?;
    matches!(arn.service(), "iam").then(|| arn.as_str().to_owned())
}

/// A statement on the policy of the key or resource, naming the caller.
fn resource(engine: &Engine, part: &RequirementPart) -> Remedy {
    let is_kms = part.action.starts_with("kms:");
    let arn = part.result.resource.as_str();
    let principal = match identity_arn(part) {
        Some(arn) => ("AWS", arn),
        None => ("Service", part.principal.clone()),
    };
    if is_kms {
        let is_listed = engine
            .snapshot()
            .keys
            .iter()
            .any(|key| key.arn.as_str() == arn);
        if !is_listed {
            return Remedy::Obstacle(format!(
                "the key policy of {arn} does not allow {}, and the key is not in the snapshot",
                part.action
            ));
        }
        return Remedy::Add(Slot {
            target: FixTarget::Key(arn.to_owned()),
            principal: Some(principal),
            // In a key policy `*` means this key (KMS-POL-11).
            resource: "*".to_owned(),
            conditions: conditions(part, true),
        });
    }
    match carrier(engine, &part.resource) {
        Some(carrier) => Remedy::Add(Slot {
            target: FixTarget::Resource(carrier),
            principal: Some(principal),
            resource: part.resource.clone(),
            conditions: conditions(part, true),
        }),
        None => Remedy::Obstacle(format!("no policy of {} is in the snapshot", part.resource)),
    }
}

/// ARN of the listed resource whose policy covers this one.
fn carrier(engine: &Engine, resource: &str) -> Option<String> {
    let arn = Arn::parse(resource)?;
    engine
        .resources()
        .carrier(&arn)
        .map(|carrier| carrier.record.arn.as_str().to_owned())
}

fn trust(part: &RequirementPart) -> Remedy {
    let principal = match identity_arn(part) {
        Some(arn) => ("AWS", arn),
        None => ("Service", part.principal.clone()),
    };
    Remedy::Add(Slot {
        target: FixTarget::Trust(part.resource.clone()),
        principal: Some(principal),
        resource: String::new(),
        conditions: conditions(part, true),
    })
}

/// Conditions that a rule gives for the action. `names_principal` where the statement stands on a resource.
fn conditions(
    part: &RequirementPart,
    names_principal: bool,
) -> Vec<(&'static str, String, String)> {
    let stated = |key: &str| {
        part.context
            .get(key)
            .map(|value| (key.to_owned(), value.clone()))
    };
    let mut conditions = Vec::new();
    match part.action.as_str() {
        // Rule: KMS-GRANT-16.
        "kms:CreateGrant"
            if part
                .context
                .get("kms:GrantIsForAWSResource")
                .is_none_or(|value| value == "true") =>
        {
            conditions.push((
                "Bool",
                "kms:GrantIsForAWSResource".to_owned(),
                "true".to_owned(),
            ));
        }
        // Rule: JOB-6.
        "iam:PassRole" => {
            conditions.extend(
                stated("iam:PassedToService").map(|(key, value)| ("StringEquals", key, value)),
            );
        }
        _ => {}
    }
    let is_service = identity_arn(part).is_none();
    if names_principal && is_service {
        // A service acts for many customers: the account keeps others out (JOB-PZ-2, KMS-POL-10).
        conditions
            .extend(stated("aws:SourceAccount").map(|(key, value)| ("StringEquals", key, value)));
    }
    conditions
}

fn fix(slot: Slot, addition: Addition) -> Fix {
    let mut statement = Map::new();
    statement.insert("Effect".to_owned(), json!("Allow"));
    if let Some((kind, name)) = &slot.principal {
        statement.insert("Principal".to_owned(), json!({ *kind: name }));
    }
    statement.insert("Action".to_owned(), one_or_many(&addition.actions));
    if !slot.resource.is_empty() {
        statement.insert("Resource".to_owned(), json!(slot.resource));
    }
    if !slot.conditions.is_empty() {
        statement.insert("Condition".to_owned(), conditions_json(&slot.conditions));
    }
    Fix {
        target: slot.target,
        statement: Value::Object(statement),
        serves: addition.serves,
    }
}

fn conditions_json(conditions: &[(&'static str, String, String)]) -> Value {
    let mut operators: Map<String, Value> = Map::new();
    for (operator, key, value) in conditions {
        let keys = operators
            .entry(*operator)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(keys) = keys {
            keys.insert(key.clone(), json!(value));
        }
    }
    Value::Object(operators)
}

fn one_or_many(texts: &[String]) -> Value {
    match texts {
        [one] => json!(one),
        many => json!(many),
    }
}

/// Statements of one policy that say the same of the same principal on several resources become one.
fn join_principals(fixes: Vec<Fix>) -> Vec<Fix> {
    let mut joined: Vec<Fix> = Vec::new();
    for fix in fixes {
        match joined
            .iter_mut()
            .find(|own| own.target == fix.target && differ_only_in_resource(own, &fix))
        {
            Some(own) => {
                append_resource(&mut own.statement, &fix.statement);
                for id in &fix.serves {
                    push_new(&mut own.serves, id);
                }
            }
            None => joined.push(fix),
        }
    }
    joined
}

fn differ_only_in_resource(left: &Fix, right: &Fix) -> bool {
    let without = |statement: &Value| {
        let mut statement = statement.clone();
        if let Value::Object(members) = &mut statement {
            members.remove("Resource");
        }
        statement
    };
    left.statement.get("Resource").is_some()
        && without(&left.statement) == without(&right.statement)
}

fn append_resource(statement: &mut Value, other: &Value) {
    let Some(more) = other.get("Resource").cloned() else {
        return;
    };
    let Some(own) = statement.get_mut("Resource") else {
        return;
    };
    let mut resources = match own.take() {
        Value::Array(list) => list,
        one => vec![one],
    };
    resources.push(more);
    let all = resources.clone();
    // What another entry covers need not be said again.
    resources.retain(|resource| {
        !all.iter()
            .any(|other| other != resource && covers(other, resource))
    });
    *own = match <[Value; 1]>::try_from(resources) {
        Ok([one]) => one,
        Err(many) => Value::Array(many),
    };
}

fn covers(wide: &Value, narrow: &Value) -> bool {
    let (Some(wide), Some(narrow)) = (wide.as_str(), narrow.as_str()) else {
        return false;
    };
    Pattern::parse(wide).covers(&Pattern::parse(narrow))
}
