//! Requests that have to do with a world.

use preclear_catalog::kms;
use preclear_model::PolicyKind;
use preclear_simulator::Ask;
use preclear_simulator::parameters::of_encryption_context;
use serde_json::{Map, Value, json};

use super::condition;
use super::ground::{Ground, Seed};
use super::keys;
use super::mentioned::Mentioned;
use super::names::{
    CANONICAL_IDS, IDENTITIES, KEY, OTHER, OTHER_CALLERS, OWN, PROVIDERS, SERVICE_TABLE, SESSIONS,
    Service,
};
use super::policy::{Theme, policy};
use crate::choose::Choose;

/// How a request that grows from a statement strays from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stray {
    Nowhere,
    Action,
    Resource,
    Caller,
    Condition,
}

const STRAYS: [Stray; 5] = [
    Stray::Nowhere,
    Stray::Action,
    Stray::Resource,
    Stray::Caller,
    Stray::Condition,
];

/// A request that fits a statement or a grant of the snapshot, or nearly does; now and then any other.
pub(super) fn request(choices: &mut impl Choose, snapshot: &Value, ground: &Ground) -> Value {
    let mut members = Map::new();
    let seed = match choices.weighted(&[1, 5]) {
        1 => ground.one_seed(choices),
        _ => None,
    };
    let stray = STRAYS[choices.weighted(&[8, 1, 1, 1, 2])];
    let grown = match seed {
        Some(seed) if stray != Stray::Action => seed.question(choices, stray == Stray::Resource),
        _ => None,
    };
    let (action, resource) = match grown {
        Some(grown) => grown,
        None => question(choices, &ground.mentioned),
    };
    let is_kms = action.starts_with("kms:");
    let meant = match seed {
        Some(seed) if stray != Stray::Caller => seed.caller(choices),
        _ => None,
    };
    let caller = match meant {
        Some(arn) if !action.starts_with("sts:AssumeRoleWith") => known_caller(choices, &arn),
        _ => caller(choices, action),
    };
    let is_session = takes_session_policies(&caller);
    members.insert("action".to_owned(), json!(action));
    if let Some(resource) = resource {
        // Short names mean a key of the caller's account and Region.
        let is_full = resource == "*" || resource.starts_with("arn:");
        let is_meant = has_account(&caller) && snapshot.get("region").is_some();
        let resource = if is_full || is_meant { resource } else { KEY };
        members.insert("resource".to_owned(), json!(resource));
    }
    members.insert("principal".to_owned(), caller);
    let mode = if choices.weighted(&[3, 2]) == 0 {
        "open"
    } else {
        "closed"
    };
    members.insert("mode".to_owned(), json!(mode));
    let ambiguity = ["report", "guess", "failsafe"];
    let ambiguity = ambiguity.get(choices.weighted(&[3, 1, 1]));
    members.insert("ambiguity".to_owned(), json!(ambiguity));
    let mut request = Value::Object(members);
    if is_session && choices.once_in(4) {
        let count = choices.weighted(&[1, 4, 1]);
        let policies: Vec<Value> = (0..count)
            .map(|_| policy(choices, PolicyKind::Session, Theme::of_action(action)))
            .collect();
        request["principal"]["session_policies"] = json!(policies);
    }
    if choices.once_in(3) {
        request["now"] = json!("2026-03-01T00:00:00Z");
    }
    if choices.once_in(10) && has_account(&request["principal"]) {
        request["via"] = match choices.below(3) {
            0 => json!("s3"),
            1 => json!("athena"),
            _ => json!(["cloudformation", "sqs"]),
        };
    }
    if choices.once_in(8) && has_account(&request["principal"]) {
        request["vpc_endpoint"] = json!(choices.one_of(&["vpce-1", "vpce-2", "vpce-9"]));
    }
    if let Some(endpoint) = seed.and_then(|seed| seed.endpoint.as_ref())
        && has_account(&request["principal"])
        && request.get("via").is_none()
    {
        request["vpc_endpoint"] = json!(endpoint);
    }
    if is_kms && choices.once_in(2) {
        request["parameters"] = parameters(choices, action);
    }
    if let Some(seed) = seed.filter(|_| is_kms) {
        meet_constraints(choices, &mut request, seed, action);
    }
    if choices.once_in(8) && lacks_owner(snapshot, &request) {
        request["resource_account"] = json!(choices.one_of(&[OTHER, OWN]));
    }
    let mut mentioned = std::borrow::Cow::Borrowed(&ground.mentioned);
    if request["principal"].get("session_policies").is_some() {
        mentioned.to_mut().add(&request);
    }
    let tests = match seed {
        Some(seed) if stray != Stray::Condition => seed.tests.as_slice(),
        _ => &[],
    };
    say_keys(choices, &mut request, &mentioned, tests);
    request
}

/// Members of the call that a grant asks for, most often. Rule: KMS-GRANT-5, KMS-GRANT-13.
fn meet_constraints(choices: &mut impl Choose, request: &mut Value, seed: &Seed, action: &str) {
    let mut wanted = json!({});
    if let Some(context) = seed
        .encryption_context
        .as_ref()
        .filter(|_| choices.below(4) > 0)
    {
        wanted["EncryptionContext"] = context.clone();
    }
    if let Some(token) = seed.grant_token.as_ref().filter(|_| choices.below(4) > 0) {
        wanted["GrantTokens"] = json!([token]);
    }
    let wanted = of_operations(action, wanted);
    if let Value::Object(wanted) = wanted
        && !wanted.is_empty()
    {
        for (name, value) in wanted {
            request["parameters"][name] = value;
        }
    }
}

/// An action, and what it is asked of.
fn question(
    choices: &mut impl Choose,
    mentioned: &Mentioned,
) -> (&'static str, Option<&'static str>) {
    let named = mentioned.one_service(choices).unwrap_or("s3");
    let is_named = |service: &&Service| {
        let mut actions = service.actions.iter();
        actions.any(|(action, _)| action.split(':').next() == Some(named))
    };
    let named = SERVICE_TABLE.iter().find(is_named);
    let service = match named {
        Some(named) if !choices.once_in(6) => named,
        _ => SERVICE_TABLE
            .get(choices.below(SERVICE_TABLE.len()))
            .unwrap_or(&SERVICE_TABLE[0]),
    };
    let at = choices.below(service.actions.len());
    let (action, resources) = service.actions.get(at).copied().unwrap_or_default();
    // Mostly the first ones, which policies name.
    let common = if choices.once_in(2) {
        resources.len()
    } else {
        2.min(resources.len())
    };
    let at = choices.below(common);
    (action, resources.get(at).copied())
}

fn caller(choices: &mut impl Choose, action: &str) -> Value {
    if action.starts_with("sts:AssumeRoleWith") && choices.below(8) > 0 {
        return json!({"federated": choices.one_of(&PROVIDERS)});
    }
    let Some((arn, id, name)) = listed_identity(choices) else {
        let arn = choices.one_of(&OTHER_CALLERS).unwrap_or("anonymous");
        let mut caller = json!({ "arn": arn });
        if arn.contains("federated-user") && choices.below(3) > 0 {
            caller["user"] = json!("arn:aws:iam::111122223333:user/team/ana");
        }
        return caller;
    };
    let is_role = arn.contains(":role/");
    let mut caller = json!({ "arn": arn });
    if is_role && choices.below(3) > 0 {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let session = choices.one_of(&SESSIONS).unwrap_or("s1");
        caller["arn"] = json!(format!(
            "arn:aws:sts::{account}:assumed-role/{name}/{session}"
        ));
    }
    if choices.once_in(6) {
        caller["id"] = json!(id);
    }
    if choices.once_in(12) {
        caller["canonical_id"] = json!(choices.one_of(&CANONICAL_IDS));
    }
    if is_role && choices.once_in(6) {
        caller["tags"] = json!({"team": choices.one_of(&["red", "blue"])});
    }
    if is_role && choices.once_in(8) {
        caller["source_identity"] = json!("ana");
    }
    if !is_role && choices.once_in(3) {
        let credentials = ["long_term", "session_token", "console"];
        caller["credentials"] = json!(choices.one_of(&credentials));
    }
    caller
}

/// The caller of an ARN or name; a role mostly by one of its sessions.
fn known_caller(choices: &mut impl Choose, arn: &str) -> Value {
    let mut caller = json!({ "arn": arn });
    let is_role = arn.contains(":role/");
    if is_role && choices.below(5) > 0 {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let name = arn.rsplit('/').next().unwrap_or_default();
        let session = choices.one_of(&SESSIONS).unwrap_or("s1");
        caller["arn"] = json!(format!(
            "arn:aws:sts::{account}:assumed-role/{name}/{session}"
        ));
    }
    if arn.contains(":federated-user/") && choices.below(3) > 0 {
        caller["user"] = json!("arn:aws:iam::111122223333:user/team/ana");
    }
    if choices.once_in(4)
        && let Some((_, id, _)) = IDENTITIES.iter().find(|(known, _, _)| *known == arn)
    {
        caller["id"] = json!(id);
    }
    if is_role && choices.once_in(6) {
        caller["tags"] = json!({"team": choices.one_of(&["red", "blue"])});
    }
    if arn.contains(":user/") && choices.once_in(3) {
        let credentials = ["long_term", "session_token", "console"];
        caller["credentials"] = json!(choices.one_of(&credentials));
    }
    caller
}

fn listed_identity(
    choices: &mut impl Choose,
) -> Option<(&'static str, &'static str, &'static str)> {
    let at = choices.weighted(&[8, 6, 4, 2, 1, 1, 1, 1, 5]);
    IDENTITIES.get(at).copied()
}

/// True for a bucket or object of which the snapshot does not say whose it is.
fn lacks_owner(snapshot: &Value, request: &Value) -> bool {
    let resource = request["resource"].as_str().unwrap_or_default();
    let bucket = resource.split('/').next().unwrap_or_default();
    let mut listed = snapshot["resources"].as_array().into_iter().flatten();
    bucket.starts_with("arn:aws:s3:::")
        && !listed.any(|entry| entry["arn"] == bucket && entry.get("account").is_some())
}

/// True for callers that belong to an account: all but services and nobody.
fn has_account(caller: &Value) -> bool {
    caller["arn"]
        .as_str()
        .is_some_and(|arn| arn.starts_with("arn:"))
}

fn takes_session_policies(caller: &Value) -> bool {
    let arn = caller["arn"].as_str().unwrap_or_default();
    [
        ":assumed-role/",
        ":role/",
        ":federated-user/",
        ":assumed-root",
    ]
    .iter()
    .any(|part| arn.contains(part))
}

/// Members of a KMS call: those of a few that the action's operations have. Rule: UI-38.
pub(crate) fn parameters(choices: &mut impl Choose, action: &str) -> Value {
    let mut members = json!({});
    match choices.weighted(&[2, 3, 1]) {
        1 => members["EncryptionContext"] = json!({"team": choices.one_of(&["red", "blue"])}),
        2 => members["EncryptionContext"] = json!({"Team": "red", "env": "prod"}),
        _ => {}
    }
    if choices.once_in(4) {
        members["Operations"] = json!(["Decrypt"]);
        members["GranteePrincipal"] = json!("arn:aws:iam::111122223333:role/app/R");
    }
    if choices.once_in(6) {
        members["Constraints"] = json!({"EncryptionContextEquals": {"team": "red"}});
    }
    if choices.once_in(6) {
        members["EncryptionAlgorithm"] = json!("RSAES_OAEP_SHA_256");
    }
    if choices.once_in(6) {
        members["Tags"] = json!([{"TagKey": "team", "TagValue": "red"}]);
    }
    if choices.once_in(8) {
        members["GrantTokens"] = json!(["token"]);
    }
    if choices.once_in(10) {
        members["GrantId"] = json!("g0");
    }
    of_operations(action, members)
}

/// The members that a call for the action can have; an encryption context where the operation has it.
fn of_operations(action: &str, mut members: Value) -> Value {
    let Some(given) = members.as_object_mut() else {
        return members;
    };
    if let Some(context) = given.shift_remove("EncryptionContext") {
        for member in of_encryption_context(&Ask::Action(action.to_owned())) {
            given.insert(member.to_owned(), context.clone());
        }
    }
    let is_known = |name: &str| {
        let mut operations = kms::operations_needing(action).iter();
        operations.any(|operation| operation.parameters().get(name).is_some())
    };
    given.retain(|name, _| is_known(name));
    members
}

/// What the request says of condition keys: values that fit the tests, most of the keys that policies test, and others.
fn say_keys(
    choices: &mut impl Choose,
    request: &mut Value,
    mentioned: &Mentioned,
    tests: &[(String, String, Vec<String>)],
) {
    let mut context: Map<String, Value> = Map::new();
    let mut lists: [(&str, Vec<String>); 3] = [
        ("unknown", Vec::new()),
        ("absent", Vec::new()),
        ("present", Vec::new()),
    ];
    let mut said: Vec<String> = Vec::new();
    let through_endpoint = request.get("vpc_endpoint").is_some();
    let count = tests.len() + choices.below(7);
    for nth in 0..count {
        let test = tests.get(nth).filter(|_| choices.below(5) > 0);
        let name = match (test, mentioned.one_key(choices)) {
            (Some((_, key, _)), _) => key.clone(),
            (None, Some(key)) if choices.below(4) > 0 => {
                keys::find(key).map_or(key, |known| known.name).to_owned()
            }
            _ => {
                let key = condition::key(choices);
                condition::spelled(choices, key)
            }
        };
        let folded = name.to_ascii_lowercase();
        let has_address = said.iter().any(|key| key == "aws:sourceip") || through_endpoint;
        let has_endpoint = said.iter().any(|key| key == "aws:sourcevpce") || through_endpoint;
        let clashes = match folded.as_str() {
            "aws:sourceip" => has_endpoint,
            "aws:sourcevpce" => has_address,
            _ => false,
        };
        if said.contains(&folded) || clashes {
            continue;
        }
        let fitting = test.and_then(|(operator, key, operands)| {
            fitting(choices, mentioned, operator, key, operands)
        });
        said.push(folded);
        match fitting {
            Some(Fitting::Value(value)) => {
                context.insert(name, value);
            }
            Some(Fitting::Absent) => lists[1].1.push(name),
            None => match choices.weighted(&[6, 2, 2, 1]) {
                0 => {
                    let value = value(choices, &name, mentioned);
                    context.insert(name, value);
                }
                list => lists[list - 1].1.push(name),
            },
        }
    }
    if choices.once_in(60) {
        // AMB-13
        context.insert("aws:RequestTag/team".to_owned(), json!("red"));
        context.insert("aws:RequestTag/TEAM".to_owned(), json!("blue"));
        for (_, list) in &mut lists {
            list.retain(|name| !name.eq_ignore_ascii_case("aws:RequestTag/team"));
        }
    }
    request["context"] = Value::Object(context);
    for (list, names) in lists {
        if !names.is_empty() {
            request[list] = json!(names);
        }
    }
}

/// What makes a test true.
enum Fitting {
    Value(Value),
    Absent,
}

/// What makes a test true, as far as its operator says; `None` where any value will do as well.
fn fitting(
    choices: &mut impl Choose,
    mentioned: &Mentioned,
    operator: &str,
    key: &str,
    operands: &[String],
) -> Option<Fitting> {
    let operator = operator.rsplit(':').next().unwrap_or_default();
    let operand = operands.get(choices.below(operands.len()))?;
    let is_absence = operand == "true";
    if operator.starts_with("Null") {
        return is_absence.then_some(Fitting::Absent);
    }
    if operator.contains("Not") && choices.once_in(2) {
        return Some(Fitting::Absent);
    }
    if operator.contains("Not") {
        return None;
    }
    let value = mentioned.value_like(choices, key, operand)?;
    let is_multivalued = keys::find(key).is_some_and(|key| key.is_multivalued);
    let value = if is_multivalued {
        json!([value])
    } else {
        json!(value)
    };
    Some(Fitting::Value(value))
}

/// A value that a request may give for the key.
pub(crate) fn value(choices: &mut impl Choose, name: &str, mentioned: &Mentioned) -> Value {
    let is_multivalued = keys::find(name).is_some_and(|key| key.is_multivalued);
    if !is_multivalued {
        return json!(mentioned.value(choices, name));
    }
    let count = choices.weighted(&[1, 4, 3]);
    let mut values: Vec<String> = Vec::new();
    for _ in 0..count {
        let value = mentioned.value(choices, name);
        if !values.contains(&value) {
            values.push(value);
        }
    }
    json!(values)
}
