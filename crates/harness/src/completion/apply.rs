//! A completion put into documents.

use preclear_simulator::Layer;
use serde_json::{Map, Value, json};

use super::Fill;
use crate::open::{Opening, Openness};

/// Puts a completion into the documents of snapshot and request. True if the snapshot changed.
pub fn apply(fills: &[Fill], snapshot: &mut Value, request: &mut Value) -> bool {
    let mut changed = false;
    for fill in fills {
        match &fill.opening {
            Opening::Key(key, _) => set_key(request, key, &fill.value),
            Opening::SessionName => changed |= name_session(snapshot, request, &fill.value),
            // Whose id it is, other fills may have to say first.
            Opening::UniqueId => {}
            Opening::CanonicalId => request["principal"]["canonical_id"] = fill.value.clone(),
            Opening::FederatedUser => request["principal"]["user"] = fill.value.clone(),
            Opening::SessionPolicies => {
                request["principal"]["session_policies"] = fill.value.clone();
            }
            Opening::Parameters => give_parameters(request, &fill.value),
            Opening::ResourceAccount => request["resource_account"] = fill.value.clone(),
            _ => {
                changed = true;
                set_in_snapshot(snapshot, request, fill);
            }
        }
    }
    let ids = fills
        .iter()
        .filter(|fill| fill.opening == Opening::UniqueId);
    for fill in ids {
        give_id(snapshot, request, &fill.value);
    }
    admit_both_ways(request);
    if fills
        .iter()
        .any(|fill| fill.opening == Opening::Organization)
    {
        keep_organization_keys(request);
    }
    changed | keep_endpoint_open(fills, snapshot, request)
}

/// True if putting the completion into documents may change the snapshot.
pub(crate) fn changes_snapshot(fills: &[Fill]) -> bool {
    let of_snapshot =
        |fill: &Fill| fill.opening.is_of_snapshot() || fill.opening == Opening::SessionName;
    fills.iter().any(of_snapshot) || names_endpoint(fills)
}

/// True if the completion names an endpoint of which nothing was known. Its layer was assumed open, and stays so.
/// Rule: IAM-EVAL-11.
fn names_endpoint(fills: &[Fill]) -> bool {
    fills.iter().any(|fill| {
        let unknown = Opening::Key("aws:sourcevpce".to_owned(), Openness::Unknown);
        fill.opening == unknown && !fill.value.is_null()
    })
}

fn keep_endpoint_open(fills: &[Fill], snapshot: &mut Value, request: &Value) -> bool {
    if !names_endpoint(fills) || request.get("vpc_endpoint").is_some() {
        return false;
    }
    declare(snapshot, "vpce", Some("layers_open"));
    true
}

/// Names of the lists in which a layer may be declared.
const DECLARATIONS: [&str; 3] = ["layers_not_loaded", "layers_open", "layers_empty"];

/// Puts a layer into one of the lists, or none, and takes it out of the others.
fn declare(snapshot: &mut Value, layer: &str, list: Option<&str>) {
    for name in DECLARATIONS {
        let Some(Value::Array(layers)) = snapshot.get_mut(name) else {
            continue;
        };
        layers.retain(|own| own != layer);
    }
    if let Some(list) = list {
        push(snapshot, list, json!(layer));
    }
}

fn push(object: &mut Value, list: &str, value: Value) {
    match object.get_mut(list) {
        Some(Value::Array(items)) => items.push(value),
        _ => object[list] = json!([value]),
    }
}

/// Says a key once, in place of anything that was said of it before.
fn set_key(request: &mut Value, key: &str, value: &Value) {
    for list in ["unknown", "absent", "present"] {
        if let Some(Value::Array(names)) = request.get_mut(list) {
            names.retain(|name| {
                !name
                    .as_str()
                    .is_some_and(|name| name.eq_ignore_ascii_case(key))
            });
        }
    }
    if value.is_null() {
        push(request, "absent", json!(key));
        return;
    }
    match request.get_mut("context") {
        Some(Value::Object(context)) => {
            context.insert(key.to_owned(), value.clone());
        }
        _ => {
            let context = Map::from_iter([(key.to_owned(), value.clone())]);
            request["context"] = Value::Object(context);
        }
    }
}

/// A session with a name, of the role that the request named: the snapshot says which path it has.
fn name_session(snapshot: &mut Value, request: &mut Value, session: &Value) -> bool {
    let role = request["principal"]["arn"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let (Some(account), Some(name)) = (role.split(':').nth(4), role.rsplit('/').next()) else {
        return false;
    };
    let session = session.as_str().unwrap_or_default();
    request["principal"]["arn"] = json!(format!(
        "arn:aws:sts::{account}:assumed-role/{name}/{session}"
    ));
    if entry(snapshot, "principals", &role).is_some() {
        return false;
    }
    push(snapshot, "principals", json!({ "arn": role }));
    true
}

/// A unique id, unless it is known to be another's: one of another kind, or not the one that is listed.
fn give_id(snapshot: &mut Value, request: &mut Value, id: &Value) {
    let principal = &request["principal"];
    let arn = principal["arn"].as_str().unwrap_or_default();
    let is_role = arn.contains(":role/") || arn.contains(":assumed-role/");
    let other = if is_role { "AIDA" } else { "AROA" };
    let text = id.as_str().unwrap_or_default();
    let user = principal["user"].as_str().unwrap_or(arn);
    let listed = entry(snapshot, "principals", user).and_then(|entry| entry.get("id"));
    if !text.starts_with(other) && listed.is_none_or(|listed| listed == id) {
        request["principal"]["id"] = id.clone();
    }
}

fn give_parameters(request: &mut Value, parameters: &Value) {
    let mut given = parameters.clone();
    if let Some(Value::Object(known)) = request.get("parameters") {
        for (name, value) in known {
            given[name] = value.clone();
        }
    }
    request["parameters"] = given;
}

/// True where what is known of a layer counts beside what was not loaded, as it does of grants and session policies. That
/// the layer is empty, or open, would say that it does not count after all.
fn is_known_in_part(snapshot: &Value, request: &Value, layer: Layer) -> bool {
    let is_given = |list: Option<&Value>| {
        let list = list.and_then(Value::as_array);
        list.is_some_and(|list| !list.is_empty())
    };
    match layer {
        Layer::Grants => {
            let keys = snapshot.get("keys").and_then(Value::as_array);
            let mut keys = keys.into_iter().flatten();
            keys.any(|key| is_given(key.get("grants")))
        }
        Layer::Session => is_given(request.pointer("/principal/session_policies")),
        _ => false,
    }
}

fn set_in_snapshot(snapshot: &mut Value, request: &Value, fill: &Fill) {
    match &fill.opening {
        Opening::Layer(layer) => {
            let list = match fill.value.as_str() {
                _ if is_known_in_part(snapshot, request, *layer) => None,
                Some("open") => Some("layers_open"),
                Some("empty") => Some("layers_empty"),
                _ => None,
            };
            declare(snapshot, layer.name(), list);
        }
        Opening::Member("organization", node, member) => {
            if let Some(node) = node_of(snapshot, node) {
                node[*member] = fill.value.clone();
            }
        }
        Opening::Member(list, id, member) => {
            if let Some(entry) = entry(snapshot, list, id) {
                entry[*member] = fill.value.clone();
            }
        }
        Opening::Entry(list, id) => {
            let value = without_declared(snapshot, &fill.value);
            match entry(snapshot, list, id) {
                // Two layers may leave the same entry open.
                Some(entry) => *entry = value,
                None => push(snapshot, list, value),
            }
        }
        Opening::Organization => snapshot["organization"] = fill.value.clone(),
        Opening::Completeness => snapshot["complete"] = json!(true),
        _ => {}
    }
}

/// An entry without the members of layers about which the snapshot declares something else.
fn without_declared(snapshot: &Value, entry: &Value) -> Value {
    let mut lists = DECLARATIONS
        .into_iter()
        .filter_map(|list| snapshot.get(list));
    let mut is_declared = |layer: &str| {
        let mut layers = lists.by_ref().filter_map(Value::as_array).flatten();
        layers.any(|own| own == layer)
    };
    let mut entry = entry.clone();
    if let Value::Object(members) = &mut entry {
        for member in ["boundary", "grants"] {
            if members.contains_key(member) && is_declared(member) {
                members.remove(member);
            }
        }
    }
    entry
}

/// The entry of a list by its ARN or id.
fn entry<'v>(snapshot: &'v mut Value, list: &str, id: &str) -> Option<&'v mut Value> {
    let Some(Value::Array(entries)) = snapshot.get_mut(list) else {
        return None;
    };
    entries.iter_mut().find(|entry| {
        entry
            .get("arn")
            .or(entry.get("id"))
            .is_some_and(|own| own == id)
    })
}

/// Root, unit or account of the organisation.
fn node_of<'v>(snapshot: &'v mut Value, id: &str) -> Option<&'v mut Value> {
    let organization = snapshot.get_mut("organization")?;
    if organization
        .pointer("/root/id")
        .is_some_and(|own| own == id)
    {
        return organization.get_mut("root");
    }
    let list = if id.starts_with("ou-") {
        "units"
    } else {
        "accounts"
    };
    entry(organization, list, id)
}

/// The value that the request gives for a key.
fn given<'v>(request: &'v Value, key: &str) -> Option<&'v Value> {
    let context = request.get("context").and_then(Value::as_object);
    let mut context = context.into_iter().flatten();
    context
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value)
}

/// True if the request gives a value for the key, or says that there is one.
fn is_stated(request: &Value, key: &str) -> bool {
    let present = request.get("present").and_then(Value::as_array);
    let mut present = present.into_iter().flatten().filter_map(Value::as_str);
    given(request, key).is_some() || present.any(|name| name.eq_ignore_ascii_case(key))
}

/// A call has a public address or an endpoint, but both may be known to exist. Rule: IAM-CTX-5.
fn admit_both_ways(request: &mut Value) {
    let through_endpoint =
        is_stated(request, "aws:SourceVpce") || request.get("vpc_endpoint").is_some();
    if through_endpoint && is_stated(request, "aws:SourceIp") {
        request["force_context"] = json!(true);
    }
}

/// In closed mode keys that nobody gave are absent, also those that an organisation would tell. Rule: IAM-TRI-11.
fn keep_organization_keys(request: &mut Value) {
    if request.get("mode").is_none_or(|mode| mode != "closed") {
        return;
    }
    let lists =
        ["unknown", "absent"].map(|list| request.get(list).and_then(Value::as_array).cloned());
    let listed: Vec<Value> = lists.into_iter().flatten().flatten().collect();
    for key in ORGANIZATION_KEYS {
        let is_listed = listed
            .iter()
            .filter_map(Value::as_str)
            .any(|own| own.eq_ignore_ascii_case(key));
        if !is_listed && !is_stated(request, key) {
            set_key(request, key, &Value::Null);
        }
    }
}

/// Keys that follow from the organisation.
const ORGANIZATION_KEYS: [&str; 6] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];
