//! Snapshot files: accounts with everything that bears on a decision. Rule: UI-33, IAM-TRI-7.

use preclear_model::PolicyKind;
use serde_json::{Map, Value, json};

use super::entries::{self, allow_all, given};
use super::names::{IDENTITIES, MANAGEMENT, OTHER, OWN, REGION};
use super::policy::{Theme, policy};
use crate::choose::Choose;

/// Layers by the names of files.
const LAYERS: [&str; 8] = [
    "scp", "identity", "resource", "boundary", "session", "rcp", "vpce", "grants",
];
/// Keys that a snapshot may list.
const KEYS: [&str; 2] = [
    "arn:aws:kms:eu-west-1:111122223333:key/k1",
    "arn:aws:kms:eu-west-1:444455556666:key/k2",
];
/// Resources that a snapshot may list.
const RESOURCES: [&str; 5] = [
    "arn:aws:s3:::b",
    "arn:aws:sqs:eu-west-1:111122223333:q",
    "arn:aws:sqs:eu-west-1:444455556666:q",
    "arn:aws:lambda:eu-west-1:111122223333:function:f",
    "arn:aws:s3:::c",
];

/// VPC endpoints that a snapshot may list, with their kinds.
const ENDPOINTS: [(&str, &str); 2] = [("vpce-1", "interface"), ("vpce-2", "gateway")];

pub(super) fn snapshot(choices: &mut impl Choose) -> Value {
    let theme = Theme::draw(choices);
    let mut members = Map::new();
    members.insert("preclear".to_owned(), json!(1));
    members.insert("complete".to_owned(), json!(choices.below(5) < 3));
    if !choices.once_in(10) {
        members.insert("region".to_owned(), json!(REGION));
    }
    if choices.once_in(10) {
        members.insert("account".to_owned(), json!(OWN));
    }
    declare_layers(choices, &mut members);
    if choices.once_in(15) {
        let patterns = [
            "arn:aws:iam::444455556666:*",
            "arn:aws:s3:::b",
            "arn:aws:kms:*:444455556666:*",
        ];
        let external = choices.one_of(&patterns).unwrap_or_default();
        members.insert("external".to_owned(), json!([external]));
    }
    if choices.below(3) > 0 {
        members.insert("organization".to_owned(), organization(choices, theme));
    }
    let mut list = |name: &str, entries: Vec<Value>| {
        members.insert(name.to_owned(), Value::Array(entries));
    };
    let identities = some_of(choices, &IDENTITIES, 3).into_iter();
    let principals = identities.map(|(arn, id, _)| entries::principal(choices, arn, id, theme));
    list("principals", principals.collect());
    if choices.once_in(2) {
        list("groups", vec![entries::group(choices, theme)]);
    }
    let keys = some_of(choices, &KEYS, KEYS.len()).into_iter();
    let keys = keys.map(|arn| entries::key(choices, arn, theme));
    list("keys", keys.collect());
    let resources = some_of(choices, &RESOURCES, 2).into_iter();
    let resources = resources.map(|arn| entries::resource(choices, arn, theme));
    list("resources", resources.collect());
    let endpoints = some_of(choices, &ENDPOINTS, ENDPOINTS.len()).into_iter();
    let endpoints = endpoints.map(|(id, kind)| entries::endpoint(choices, id, kind, theme));
    list("vpc_endpoints", endpoints.collect());
    Value::Object(members)
}

/// Most of the first ones, and about half of the others.
fn some_of<T: Copy>(choices: &mut impl Choose, all: &[T], common: usize) -> Vec<T> {
    let mut some = Vec::new();
    for (index, entry) in all.iter().enumerate() {
        let weights = if index < common { [1, 4] } else { [1, 1] };
        if choices.weighted(&weights) == 1 {
            some.push(*entry);
        }
    }
    some
}

fn declare_layers(choices: &mut impl Choose, members: &mut Map<String, Value>) {
    let mut declared: Vec<&str> = Vec::new();
    for list in ["layers_not_loaded", "layers_open", "layers_empty"] {
        if !choices.once_in(10) {
            continue;
        }
        let layer = choices.one_of(&LAYERS).unwrap_or_default();
        if !declared.contains(&layer) {
            declared.push(layer);
            members.insert(list.to_owned(), json!([layer]));
        }
    }
}

/// An organisation with one unit.
pub(crate) fn organization(choices: &mut impl Choose, theme: Theme) -> Value {
    let mut node = |id: &str, parent: Option<&str>| {
        let mut node = json!({ "id": id });
        if let Some(parent) = parent {
            node["parent"] = json!(parent);
        }
        for (name, weights, kind) in [
            ("scps", [5, 4, 0], PolicyKind::Scp),
            ("rcps", [2, 3, 1], PolicyKind::Rcp),
        ] {
            given(choices, &mut node, name, weights, |choices| {
                guardrails(choices, kind, theme)
            });
        }
        node
    };
    let root = node("r-1", None);
    let unit = node("ou-1", Some("r-1"));
    let accounts = [(OWN, "ou-1"), (OTHER, "r-1")];
    let accounts: Vec<Value> = accounts
        .into_iter()
        .map(|(id, parent)| node(id, Some(parent)))
        .collect();
    let outside = usize::from(choices.once_in(3));
    json!({
        "id": "o-1",
        "management_account": MANAGEMENT,
        "root": root,
        "units": [unit],
        "accounts": accounts.get(..accounts.len() - outside),
    })
}

/// Policies of one level; of SCPs nearly always one that allows everything.
pub(crate) fn guardrails(choices: &mut impl Choose, kind: PolicyKind, theme: Theme) -> Value {
    let mut list = Vec::new();
    if kind == PolicyKind::Scp && choices.below(8) > 0 {
        list.push(allow_all());
    }
    let count = choices.weighted(&[4, 3, 1]);
    list.extend((0..count).map(|_| policy(choices, kind, theme)));
    Value::Array(list)
}
