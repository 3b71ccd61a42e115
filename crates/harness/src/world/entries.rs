//! Entries of a snapshot: users and roles, keys with their grants, resources, endpoints.

use preclear_catalog::kms::KeyState;
use preclear_model::PolicyKind;
use serde_json::{Value, json};

use super::names::{OTHER, OWN};
use super::policy::{Theme, policy};
use crate::choose::Choose;

/// The group that users may belong to.
pub(crate) const GROUP: &str = "arn:aws:iam::111122223333:group/g";

/// A member that is given, left out, or said to be nothing, as often as the weights say.
pub(super) fn given<C: Choose>(
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
    if kind != PolicyKind::Rcp && choices.weighted(&[1, 3]) == 1 {
        list.push(allow_all());
    }
    let count = choices.weighted(&[1, 4, 2, 1]);
    list.extend((0..count).map(|_| policy(choices, kind, theme)));
    Value::Array(list)
}

pub(crate) fn allow_all() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    })
}

fn tags(choices: &mut impl Choose) -> Value {
    match choices.weighted(&[4, 2, 1]) {
        0 => json!({"team": choices.one_of(&["red", "blue"])}),
        1 => json!({}),
        _ => json!({"Team": "Red", "env": "prod"}),
    }
}

pub(super) fn principal(choices: &mut impl Choose, arn: &str, id: &str, theme: Theme) -> Value {
    let mut entry = json!({ "arn": arn });
    given(choices, &mut entry, "id", [3, 1, 0], |_| json!(id));
    given(choices, &mut entry, "policies", [10, 2, 1], |choices| {
        policies(choices, PolicyKind::Identity, theme)
    });
    given(choices, &mut entry, "boundary", [2, 4, 2], |choices| {
        let is_wide = choices.once_in(2);
        if is_wide {
            allow_all()
        } else {
            policy(choices, PolicyKind::Boundary, theme)
        }
    });
    if arn.contains(":user/") {
        given(choices, &mut entry, "groups", [2, 3, 2], |_| json!([GROUP]));
    } else {
        given(choices, &mut entry, "trust", [6, 1, 0], |choices| {
            trust_policy(choices, theme)
        });
    }
    given(choices, &mut entry, "tags", [3, 2, 0], tags);
    entry
}

pub(super) fn group(choices: &mut impl Choose, theme: Theme) -> Value {
    let mut entry = json!({ "arn": GROUP });
    given(choices, &mut entry, "policies", [4, 1, 1], |choices| {
        policies(choices, PolicyKind::Identity, theme)
    });
    entry
}

/// A key policy; often with the statement that lets the account's identity policies count.
pub(crate) fn key_policy(choices: &mut impl Choose, account: &str, theme: Theme) -> Value {
    let mut document = policy(choices, PolicyKind::Key, theme);
    if choices.weighted(&[1, 2]) == 1 {
        let principals = match choices.weighted(&[4, 1]) {
            0 => json!({ "AWS": account }),
            _ => json!({ "AWS": [OWN, OTHER] }),
        };
        add(
            &mut document,
            json!({
                "Effect": "Allow",
                "Principal": principals,
                "Action": "kms:*",
                "Resource": "*",
            }),
        );
    }
    document
}

/// A trust policy; often with a statement that lets callers of both accounts ask.
fn trust_policy(choices: &mut impl Choose, theme: Theme) -> Value {
    let mut document = policy(choices, PolicyKind::Trust, theme);
    if choices.once_in(2) {
        add(
            &mut document,
            json!({
                "Effect": "Allow",
                "Principal": {"AWS": [OWN, OTHER], "Federated": super::names::PROVIDERS},
                "Action": "sts:*",
            }),
        );
    }
    document
}

/// The policy of a resource; often with a statement that lets callers of both accounts in.
fn resource_policy(choices: &mut impl Choose, theme: Theme) -> Value {
    let mut document = policy(choices, PolicyKind::Resource, theme);
    if choices.once_in(3) {
        add(
            &mut document,
            json!({
                "Effect": "Allow",
                "Principal": {"AWS": [OWN, OTHER], "Service": "sns.amazonaws.com"},
                "Action": "*",
                "Resource": "*",
            }),
        );
    }
    document
}

/// Adds a statement to a policy.
fn add(document: &mut Value, statement: Value) {
    match &mut document["Statement"] {
        Value::Array(statements) => statements.push(statement),
        only => *only = json!([only.take(), statement]),
    }
}

pub(super) fn key(choices: &mut impl Choose, arn: &str, theme: Theme) -> Value {
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
    given(choices, &mut entry, "aliases", [2, 1, 1], |_| {
        json!(["alias/a"])
    });
    given(choices, &mut entry, "tags", [3, 2, 0], tags);
    given(choices, &mut entry, "grants", [2, 2, 0], grants);
    match choices.weighted(&[9, 1, 1, 1]) {
        1 => entry["spec"] = json!("RSA_2048"),
        2 => {
            entry["spec"] = json!("RSA_2048");
            entry["usage"] = json!("SIGN_VERIFY");
        }
        3 => {
            entry["spec"] = json!("HMAC_256");
            entry["usage"] = json!("GENERATE_VERIFY_MAC");
        }
        _ => {}
    }
    if choices.once_in(6) {
        let state = choices.one_of(&KeyState::ALL).map(KeyState::name);
        entry["state"] = json!(state);
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
            let grantees = match choices.weighted(&[12, 1]) {
                0 => &grantees[..],
                _ => &["arn:aws:sts::111122223333:federated-user/F"][..],
            };
            let mut grant = json!({
                "GrantId": format!("g{index}"),
                "GranteePrincipal": choices.one_of(grantees),
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
                grant["RetiringPrincipal"] = json!(choices.one_of(grantees));
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

pub(super) fn resource(choices: &mut impl Choose, arn: &str, theme: Theme) -> Value {
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
        resource_policy(choices, theme)
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
