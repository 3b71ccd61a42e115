//! Rule: UI-31

use std::path::Path;

use preclear_simulator::{Layer, Snapshot};
use serde_json::{Value, json};

use super::references::steps;
use crate::files::MemoryFiles;
use crate::{Options, snapshot};

const HOME: &str = "{preclear: 1, account: '111122223333', region: us-west-2}";

fn load(document: &Value) -> (Snapshot, Vec<&'static str>) {
    let text = document.to_string();
    let files = MemoryFiles::from_iter([("d/t.json", text.as_str()), ("d/h.yaml", HOME)]);
    let loaded = snapshot::load([Path::new("d")], &files, &Options::default());
    let loaded = loaded.unwrap_or_else(|errors| panic!("{errors}"));
    let codes = loaded.diagnostics.iter().map(|found| found.code).collect();
    (loaded.value, codes)
}

fn resource(kind: &str, name: &str, index: Value, values: Value) -> Value {
    let address = match &index {
        Value::Null => format!("{kind}.{name}"),
        index => format!("{kind}.{name}[{index}]"),
    };
    json!({"address": address, "mode": "managed", "type": kind, "name": name, "index": index, "values": values})
}

fn plan(resources: &[Value], configured: &[Value]) -> Value {
    json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": resources}},
        "configuration": {"root_module": {"resources": configured}},
    })
}

fn configured(kind: &str, name: &str, expressions: Value) -> Value {
    json!({"mode": "managed", "type": kind, "name": name, "expressions": expressions})
}

#[test]
fn addresses_are_cut_at_their_dots() {
    let cut = steps("module.a[\"x.y\"].aws_iam_role.r[0].arn");
    let names: Vec<&str> = cut.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["module", "a", "aws_iam_role", "r", "arn"]);
    assert_eq!(cut[1].1.as_deref(), Some("x.y"));
    assert_eq!(cut[3].1.as_deref(), Some("0"));
    for odd in ["", ".", "[", "]", "a[", "a[\"", "..[]]"] {
        steps(odd);
    }
}

/// An attachment of each instance belongs to the role of the same instance.
#[test]
fn instances_refer_to_their_like() {
    let role = |key: &str| {
        resource(
            "aws_iam_role",
            "r",
            json!(key),
            json!({"name": key, "path": "/"}),
        )
    };
    let policy = |key: &str| {
        let document = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
        resource(
            "aws_iam_role_policy",
            "p",
            json!(key),
            json!({"name": key, "policy": document}),
        )
    };
    let references = json!({"role": {"references": ["aws_iam_role.r", "each.key"]}, "policy": {}});
    let (snapshot, codes) = load(&plan(
        &[role("a"), role("b"), policy("a")],
        &[
            configured("aws_iam_role", "r", json!({})),
            configured("aws_iam_role_policy", "p", references),
        ],
    ));
    assert_eq!(codes, [""; 0]);
    let of = |name: &str| {
        let mut all = snapshot.principals.iter();
        let found = all.find(|one| one.arn.as_str().ends_with(name)).unwrap();
        found.policies.value().map_or(0, Vec::len)
    };
    assert_eq!((of("role/a"), of("role/b")), (1, 0));
}

/// A policy that may belong to either of two roles leaves both open.
#[test]
fn what_may_belong_to_several_leaves_all_open() {
    let role = |key: i32| {
        resource(
            "aws_iam_role",
            "r",
            json!(key),
            json!({"name": format!("r{key}")}),
        )
    };
    let policy = resource(
        "aws_iam_role_policy",
        "p",
        Value::Null,
        json!({"name": "p"}),
    );
    let references =
        json!({"role": {"references": ["aws_iam_role.r"]}, "policy": {"references": []}});
    let (snapshot, _) = load(&plan(
        &[role(0), role(1), policy],
        &[
            configured("aws_iam_role", "r", json!({})),
            configured("aws_iam_role_policy", "p", references),
        ],
    ));
    let open = &snapshot.undetermined[&Layer::Identity];
    assert_eq!(open.len(), 2, "{open:?}");
}

#[test]
fn types_that_are_not_read_are_named() {
    let (_, codes) = load(&plan(
        &[resource("aws_dynamodb_table", "t", Value::Null, json!({}))],
        &[],
    ));
    assert_eq!(codes, ["RESOURCE_TYPE_NOT_READ"]);
}

#[test]
fn odd_plans_are_no_reason_to_panic() {
    for value in [
        json!(1),
        json!([]),
        json!({}),
        json!(null),
        json!("*"),
        json!([[]]),
        json!([null]),
        json!("arn:aws:kms"),
    ] {
        let members = [
            "name",
            "policy",
            "role",
            "user",
            "group",
            "roles",
            "groups",
            "users",
            "policy_arn",
            "permissions_boundary",
            "arn",
            "inline_policy",
            "managed_policy_arns",
            "key_id",
            "target_key_id",
            "bucket",
            "rule",
            "operations",
            "constraints",
            "grantee_principal",
            "function_name",
            "principal",
            "tags",
            "tags_all",
            "id",
            "roots",
            "accounts",
            "content",
            "policy_id",
            "target_id",
            "parent_id",
            "assume_role_policy",
            "multi_region",
            "primary_key_arn",
            "queue_url",
        ];
        let values: serde_json::Map<String, Value> = members
            .iter()
            .map(|name| ((*name).to_owned(), value.clone()))
            .collect();
        let kinds = super::TYPES;
        let all: Vec<Value> = kinds
            .iter()
            .map(|kind| resource(kind, "x", Value::Null, json!(values)))
            .collect();
        let own: Vec<Value> = kinds
            .iter()
            .map(|kind| {
                let circle = json!({"references": ["var.x", format!("{kind}.x"), "module.m.o", "each.value"]});
                let expressions: serde_json::Map<String, Value> =
                    members.iter().map(|name| ((*name).to_owned(), circle.clone())).collect();
                configured(kind, "x", json!(expressions))
            })
            .collect();
        let empty: Vec<Value> = kinds
            .iter()
            .map(|kind| resource(kind, "x", Value::Null, json!({})))
            .collect();
        for document in [
            plan(&all, &own),
            plan(&empty, &own),
            plan(&all, &[]),
            plan(std::slice::from_ref(&value), std::slice::from_ref(&value)),
        ] {
            let mut document = document;
            let change = |kind: &&str| {
                let change = json!({"actions": ["delete"], "before": value, "after_unknown": {"policy": value, "tags": value, "rule": value}});
                json!({"address": format!("{kind}.x"), "type": kind, "change": change})
            };
            let changes: Vec<Value> = kinds.iter().map(change).collect();
            document["resource_changes"] = json!(changes);
            document["deferred_changes"] = value.clone();
            document["configuration"]["provider_config"] = json!({"aws": {"module_address": value, "expressions": {"region": value, "assume_role": value, "default_tags": value}}});
            let text = document.to_string();
            let files = MemoryFiles::from_iter([("d/t.json", text.as_str()), ("d/h.yaml", HOME)]);
            let _ = snapshot::load([Path::new("d")], &files, &Options::default());
        }
    }
}

mod documents;
mod later;

/// Without a configuration nothing tells whether somebody configures a policy.
#[test]
fn an_unknown_policy_without_configuration_is_unknown() {
    let arn = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let key = resource("aws_kms_key", "k", Value::Null, json!({"arn": arn}));
    let rejects = |configured: &[Value]| {
        let mut document = plan(std::slice::from_ref(&key), configured);
        let change = json!({"actions": ["create"], "after": {"arn": arn}, "after_unknown": {"policy": true}});
        document["resource_changes"] = json!([{"address": "aws_kms_key.k", "change": change}]);
        let (snapshot, _) = load(&document);
        snapshot.has_rejected(Layer::Resource, arn)
    };
    assert!(rejects(&[]));
    // Nobody configures one: it is KMS's own.
    assert!(!rejects(&[configured("aws_kms_key", "k", json!({}))]));
}
