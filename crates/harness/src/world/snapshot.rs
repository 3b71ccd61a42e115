//! Snapshot files: accounts with everything that bears on a decision. Rule: UI-33, IAM-TRI-7.

use preclear_model::PolicyKind;
use serde_json::{Map, Value, json};

use super::names::{IDENTITIES, MANAGEMENT, OTHER, OWN, REGION};
use super::policy::{Theme, policy};
use crate::choose::Choose;

/// Layers by the names of files.
pub(crate) const LAYERS: [&str; 8] = [
    "scp", "identity", "resource", "boundary", "session", "rcp", "vpce", "grants",
];
/// The group that users may belong to.
const GROUP: &str = "arn:aws:iam::111122223333:group/g";
/// Keys that a snapshot may list.
pub(crate) const KEYS: [&str; 2] = [
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
    let principals = IDENTITIES.iter().enumerate();
    let principals = principals.filter(|(index, _)| listed(choices, *index < 3));
    let principals: Vec<_> = principals.map(|(_, identity)| *identity).collect();
    let principals = principals
        .into_iter()
        .map(|(arn, id, _)| principal(choices, arn, id, theme));
    list("principals", principals.collect());
    if choices.once_in(2) {
        list("groups", vec![group(choices, theme)]);
    }
    let keys: Vec<&str> = KEYS.into_iter().filter(|_| listed(choices, true)).collect();
    list("keys", keys.into_iter().map(|arn| key(choices, arn, theme)).collect());
    let resources: Vec<&str> = RESOURCES
        .into_iter()
        .enumerate()
        .filter(|(index, _)| listed(choices, *index < 2))
        .map(|(_, arn)| arn)
        .collect();
    let resources = resources.into_iter().map(|arn| resource(choices, arn, theme));
    list("resources", resources.collect());
    let endpoints: Vec<Value> = [("vpce-1", "interface"), ("vpce-2", "gateway")]
        .into_iter()
        .filter_map(|(id, kind)| listed(choices, true).then(|| endpoint(choices, id, kind, theme)))
        .collect();
    list("vpc_endpoints", endpoints);
    Value::Object(members)
}

fn listed(choices: &mut impl Choose, is_common: bool) -> bool {
    choices.weighted(if is_common { &[1, 4] } else { &[1, 1] }) == 1
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

/// A member that is given, left out, or said to be nothing, as often as the weights say.
fn given<C: Choose>(
    choices: &mut C,
    entry: &mut Value,
    name: &str,
    weights: [usize; 3],
    value: impl FnOnce(&mut C) -> Value,
) {
    let value = match choices.weighted(&weights) {
        0 => value(choices),
        1 => return,
        _ => Value::Null,
    };
    if let Value::Object(members) = entry {
        members.insert(name.to_owned(), value);
    }
}

/// Some policies; often one that allows everything among them, or nobody would be allowed much.
pub(crate) fn policies(choices: &mut impl Choose, kind: PolicyKind, theme: Theme) -> Value {
    let mut list = Vec::new();
    if kind != PolicyKind::Rcp && choices.once_in(2) {
        list.push(allow_all());
    }
    let count = choices.weighted(&[1, 4, 2, 1]);
    list.extend((0..count).map(|_| policy(choices, kind, theme)));
    Value::Array(list)
}

fn allow_all() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    })
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

fn tags(choices: &mut impl Choose) -> Value {
    match choices.weighted(&[4, 2, 1]) {
        0 => json!({"team": choices.one_of(&["red", "blue"])}),
        1 => json!({}),
        _ => json!({"Team": "Red", "env": "prod"}),
    }
}

fn principal(choices: &mut impl Choose, arn: &str, id: &str, theme: Theme) -> Value {
    let mut entry = json!({ "arn": arn });
    given(choices, &mut entry, "id", [3, 1, 0], |_| json!(id));
    given(choices, &mut entry, "policies", [10, 2, 1], |choices| {
        policies(choices, PolicyKind::Identity, theme)
    });
    given(choices, &mut entry, "boundary", [2, 4, 2], |choices| {
        let is_wide = choices.once_in(3);
        if is_wide { allow_all() } else { policy(choices, PolicyKind::Boundary, theme) }
    });
    if arn.contains(":user/") {
        given(choices, &mut entry, "groups", [2, 3, 2], |_| json!([GROUP]));
    } else {
        given(choices, &mut entry, "trust", [6, 1, 0], |choices| {
            policy(choices, PolicyKind::Trust, theme)
        });
    }
    given(choices, &mut entry, "tags", [3, 2, 0], tags);
    entry
}

fn group(choices: &mut impl Choose, theme: Theme) -> Value {
    let mut entry = json!({ "arn": GROUP });
    given(choices, &mut entry, "policies", [4, 1, 1], |choices| {
        policies(choices, PolicyKind::Identity, theme)
    });
    entry
}

/// A key policy; often with the statement that lets the account's identity policies count.
pub(crate) fn key_policy(choices: &mut impl Choose, account: &str, theme: Theme) -> Value {
    let mut document = policy(choices, PolicyKind::Key, theme);
    if choices.once_in(2) {
        let delegation = json!({
            "Effect": "Allow",
            "Principal": {"AWS": account},
            "Action": "kms:*",
            "Resource": "*",
        });
        match &mut document["Statement"] {
            Value::Array(statements) => statements.push(delegation),
            only => *only = json!([only.take(), delegation]),
        }
    }
    document
}

fn key(choices: &mut impl Choose, arn: &str, theme: Theme) -> Value {
    let account = arn.split(':').nth(4).unwrap_or(OWN);
    let mut entry = json!({ "arn": arn });
    if choices.once_in(15) {
        entry["manager"] = json!("AWS");
        entry["service"] = json!("sqs");
    }
    given(choices, &mut entry, "policy", [8, 1, 0], |choices| {
        key_policy(choices, account, theme)
    });
    if choices.once_in(15) {
        entry["ram_policy"] = policy(choices, PolicyKind::Key, theme);
    }
    given(choices, &mut entry, "aliases", [2, 1, 1], |_| json!(["alias/a"]));
    given(choices, &mut entry, "tags", [3, 2, 0], tags);
    given(choices, &mut entry, "grants", [2, 2, 0], grants);
    if choices.once_in(12) {
        entry["spec"] = json!("RSA_2048");
    }
    if choices.once_in(12) {
        entry["state"] = json!("Disabled");
    }
    entry
}

/// Grants of a key.
pub(crate) fn grants(choices: &mut impl Choose) -> Value {
    let count = choices.weighted(&[2, 4, 2]);
    (0..count)
        .map(|index| {
            let grantees = [
                "arn:aws:iam::111122223333:role/app/R",
                "arn:aws:iam::111122223333:user/team/ana",
                "arn:aws:sts::111122223333:assumed-role/R/s1",
                "arn:aws:iam::444455556666:role/app/R",
                "arn:aws:iam::111122223333:root",
            ];
            let operations = ["Decrypt", "GenerateDataKey", "CreateGrant", "RetireGrant"];
            let mut grant = json!({
                "GrantId": format!("g{index}"),
                "GranteePrincipal": choices.one_of(&grantees),
                "Operations": [choices.one_of(&operations[..2]), choices.one_of(&operations[2..])],
            });
            match choices.weighted(&[4, 1, 1, 1]) {
                1 => grant["Constraints"] = json!({"EncryptionContextEquals": {"team": "red"}}),
                2 => grant["Constraints"] = json!({"EncryptionContextSubset": {"team": "red"}}),
                3 => {
                    grant["Constraints"] =
                        json!({"SourceArn": "arn:aws:sns:eu-west-1:111122223333:t"});
                }
                _ => {}
            }
            if choices.once_in(5) {
                grant["RetiringPrincipal"] = json!(choices.one_of(&grantees));
            }
            if choices.once_in(5) {
                grant["IssuingAccount"] = json!(choices.one_of(&[OTHER, OWN]));
            }
            if choices.once_in(8) {
                grant["Consistent"] = json!(false);
                grant["GrantToken"] = json!("token");
            }
            grant
        })
        .collect()
}

fn resource(choices: &mut impl Choose, arn: &str, theme: Theme) -> Value {
    let mut entry = json!({ "arn": arn });
    if arn.starts_with("arn:aws:s3") {
        given(choices, &mut entry, "account", [3, 1, 0], |choices| {
            json!(choices.one_of(&[OWN, OTHER]))
        });
        if choices.once_in(4) {
            entry["objects"] = json!([{"key": "x", "tags": {"team": "red"}}]);
        }
    }
    given(choices, &mut entry, "policy", [5, 2, 2], |choices| {
        policy(choices, PolicyKind::Resource, theme)
    });
    given(choices, &mut entry, "tags", [2, 2, 0], tags);
    entry
}

/// A VPC endpoint.
pub(crate) fn endpoint(choices: &mut impl Choose, id: &str, kind: &str, theme: Theme) -> Value {
    let mut entry = json!({ "id": id, "kind": kind });
    given(choices, &mut entry, "vpc", [2, 1, 0], |_| json!("vpc-1"));
    given(choices, &mut entry, "account", [2, 1, 0], |_| json!(OWN));
    given(choices, &mut entry, "policy", [4, 1, 1], |choices| {
        policy(choices, PolicyKind::VpcEndpoint, theme)
    });
    entry
}
