//! The snapshot around the statements of a small world. Rule: UI-33.

use serde_json::{Value, json};

use super::feature::Picker;
use super::statement::Statement;
use crate::choose::Choose;
use crate::world::entries::allow_all;
use crate::world::names::{KEY, MANAGEMENT, OTHER, OWN, REGION};

pub(super) fn snapshot<C: Choose>(picker: &mut Picker<'_, C>, statements: &[Statement]) -> Value {
    let at = |place: &str| -> Vec<&Statement> {
        let there = statements
            .iter()
            .filter(|statement| statement.place == place);
        there.collect()
    };
    let complete = picker.pick("snapshot", &["complete", "in part"]) == "complete";
    let mut identity: Vec<Value> = documents(&at("identity"));
    if picker.pick("identity policies", &["allow all", "none"]) == "allow all" {
        identity.push(allow_all());
    }
    let boundary = limiting(&at("boundary")).unwrap_or_default();
    let principals = PRINCIPALS.map(|(arn, id)| {
        json!({"arn": arn, "id": id, "policies": identity, "groups": [], "boundary": boundary, "tags": {}})
    });
    let principals: Vec<Value> = principals.into_iter().map(without_groups).collect();
    let resource = resource_policy(picker, &at("resource"));
    let mut snapshot = json!({
        "preclear": 1,
        "complete": complete,
        "region": REGION,
        "principals": principals,
        "keys": [{
            "arn": KEY,
            "policy": resource,
            "aliases": [],
            "tags": {},
            "state": picker.pick("key state", &["Enabled", "Disabled"]),
            "grants": grants(picker),
        }],
        "resources": [{"arn": "arn:aws:s3:::b", "account": OWN, "policy": resource, "tags": {}}],
        "organization": organization(&at("scp"), &at("rcp")),
        "vpc_endpoints": [],
    });
    if let Some(policy) = limiting(&at("vpce")) {
        snapshot["vpc_endpoints"] = json!([{"id": "vpce-1", "kind": "interface", "vpc": "vpc-1", "account": OWN, "policy": policy}]);
    }
    let layers = [
        "as listed",
        "scp not loaded",
        "identity not loaded",
        "resource open",
    ];
    match picker.pick("layers", &layers) {
        "scp not loaded" => snapshot["layers_not_loaded"] = json!(["scp"]),
        "identity not loaded" => snapshot["layers_not_loaded"] = json!(["identity"]),
        "resource open" => snapshot["layers_open"] = json!(["resource"]),
        _ => {}
    }
    snapshot
}

/// Who asks: ARN, unique id.
const PRINCIPALS: [(&str, &str); 3] = [
    (
        "arn:aws:iam::111122223333:user/team/ana",
        "AIDAEXAMPLEUSER00001",
    ),
    (
        "arn:aws:iam::111122223333:role/app/R",
        "AROAEXAMPLEROLER0001",
    ),
    (
        "arn:aws:iam::444455556666:role/app/R",
        "AROAEXAMPLEROLER0002",
    ),
];

/// Only users are in groups.
fn without_groups(mut principal: Value) -> Value {
    let is_role = principal["arn"]
        .as_str()
        .is_some_and(|arn| arn.contains(":role/"));
    if is_role && let Value::Object(members) = &mut principal {
        members.shift_remove("groups");
    }
    principal
}

fn documents(statements: &[&Statement]) -> Vec<Value> {
    match statements {
        [] => Vec::new(),
        _ => vec![document(statements.iter().map(|one| one.document.clone()))],
    }
}

pub(super) fn document(statements: impl IntoIterator<Item = Value>) -> Value {
    let statements: Vec<Value> = statements.into_iter().collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// The policy of a layer that limits: it allows everything unless one of the statements allows. `None` without statements.
pub(super) fn limiting(statements: &[&Statement]) -> Option<Value> {
    if statements.is_empty() {
        return None;
    }
    let is_vpce = statements.iter().any(|statement| statement.place == "vpce");
    let mut list: Vec<Value> = statements.iter().map(|one| one.document.clone()).collect();
    if statements.iter().all(|statement| !statement.allows) {
        let mut all = allow_all()["Statement"][0].take();
        if is_vpce {
            all["Principal"] = json!("*");
        }
        list.push(all);
    }
    Some(document(list))
}

/// The policy of the key and of the bucket.
fn resource_policy<C: Choose>(picker: &mut Picker<'_, C>, statements: &[&Statement]) -> Value {
    let role = ["111122223333", "444455556666"]
        .map(|account| format!("arn:aws:iam::{account}:role/app/R"));
    let principal = match picker.pick("resource policy", &["account", "nobody", "both roles"]) {
        "account" => json!({ "AWS": OWN }),
        "both roles" => json!({ "AWS": role }),
        // A policy has statements, so one that is about something else.
        _ => json!({ "AWS": "arn:aws:iam::999999999999:root" }),
    };
    let base = json!({"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"});
    document(
        statements
            .iter()
            .map(|one| one.document.clone())
            .chain([base]),
    )
}

/// Rule: KMS-GRANT-4, KMS-GRANT-5, KMS-GRANT-11, KMS-GRANT-12.
fn grants<C: Choose>(picker: &mut Picker<'_, C>) -> Value {
    let values = [
        "none",
        "role",
        "session",
        "account",
        "role, for a context",
        "other role, by owner",
        "other role, by its account",
    ];
    let kind = picker.pick("grant", &values);
    let grantee = match kind {
        "none" => return json!([]),
        "session" => "arn:aws:sts::111122223333:assumed-role/R/s1",
        "account" => "arn:aws:iam::111122223333:root",
        "other role, by owner" | "other role, by its account" => {
            "arn:aws:iam::444455556666:role/app/R"
        }
        _ => "arn:aws:iam::111122223333:role/app/R",
    };
    let mut grant = json!({
        "GrantId": "g0",
        "GranteePrincipal": grantee,
        "Operations": ["Decrypt", "CreateGrant"],
        "IssuingAccount": OWN,
    });
    match kind {
        "role, for a context" => {
            grant["Constraints"] = json!({"EncryptionContextEquals": {"team": "red"}});
        }
        "other role, by its account" => grant["IssuingAccount"] = json!(OTHER),
        _ => {}
    }
    json!([grant])
}

/// The statements stand at the accounts, below a root that allows everything. Rule: IAM-EVAL-7, IAM-EVAL-9.
fn organization(scps: &[&Statement], rcps: &[&Statement]) -> Value {
    let scps = vec![limiting(scps).unwrap_or_else(allow_all)];
    let rcps = documents(rcps);
    let account = |id: &str| json!({"id": id, "parent": "r-1", "scps": scps, "rcps": rcps});
    json!({
        "id": "o-1",
        "management_account": MANAGEMENT,
        "root": {"id": "r-1", "scps": [allow_all()], "rcps": []},
        "units": [],
        "accounts": [account(OWN), account(OTHER)],
    })
}
