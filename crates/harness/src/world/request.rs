//! Requests that have to do with a world.

use preclear_catalog::kms;
use preclear_model::PolicyKind;
use preclear_simulator::Ask;
use preclear_simulator::parameters::of_encryption_context;
use serde_json::{Map, Value, json};

use super::condition;
use super::keys;
use super::mentioned::Mentioned;
use super::names::{
    CANONICAL_IDS, IDENTITIES, KEY, OTHER, OTHER_CALLERS, OWN, PROVIDERS, SERVICE_TABLE, SESSIONS,
    Service,
};
use super::policy::{Theme, policy};
use crate::choose::Choose;

pub(super) fn request(choices: &mut impl Choose, snapshot: &Value) -> Value {
    let mut members = Map::new();
    let mentioned = Mentioned::of(&[snapshot]);
    let (action, resource) = question(choices, &mentioned);
    let is_kms = action.starts_with("kms:");
    let caller = caller(choices, action);
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
    if is_kms && choices.once_in(2) {
        request["parameters"] = parameters(choices, action);
    }
    if choices.once_in(8) && lacks_owner(snapshot, &request) {
        request["resource_account"] = json!(choices.one_of(&[OTHER, OWN]));
    }
    let mentioned = Mentioned::of(&[snapshot, &request]);
    say_keys(choices, &mut request, &mentioned);
    request
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

fn listed_identity(
    choices: &mut impl Choose,
) -> Option<(&'static str, &'static str, &'static str)> {
    let at = choices.weighted(&[8, 6, 4, 2, 1, 1, 1, 1, 8]);
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
        let mut operations = kms::operations_needing(action);
        operations.any(|operation| operation.parameters().get(name).is_some())
    };
    given.retain(|name, _| is_known(name));
    members
}

/// What the request says of condition keys: most of those that policies test, and some others.
fn say_keys(choices: &mut impl Choose, request: &mut Value, mentioned: &Mentioned) {
    let mut context: Map<String, Value> = Map::new();
    let mut lists: [(&str, Vec<String>); 3] = [
        ("unknown", Vec::new()),
        ("absent", Vec::new()),
        ("present", Vec::new()),
    ];
    let mut said: Vec<String> = Vec::new();
    let through_endpoint = request.get("vpc_endpoint").is_some();
    for _ in 0..choices.below(8) {
        let name = match mentioned.one_key(choices) {
            Some(key) if choices.below(4) > 0 => {
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
        said.push(folded);
        match choices.weighted(&[6, 2, 2, 1]) {
            0 => {
                let value = value(choices, &name, mentioned);
                context.insert(name, value);
            }
            list => lists[list - 1].1.push(name),
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
