//! Rule: UI-31

use std::path::Path;

use preclear_simulator::{Given, Layer, Snapshot};
use serde_json::{Value, json};

use super::graph::steps;
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
            let text = document.to_string();
            let files = MemoryFiles::from_iter([("d/t.json", text.as_str()), ("d/h.yaml", HOME)]);
            let _ = snapshot::load([Path::new("d")], &files, &Options::default());
        }
    }
}

/// What is said of a plan where nothing else exists, with what its changes leave unknown.
fn complete(resources: &[Value], configured: &[Value], unknown: &[(&str, Value)]) -> Snapshot {
    let mut document = plan(resources, configured);
    let changes = unknown.iter().map(|(address, unknown)| {
        json!({"address": address, "change": {"actions": ["create"], "after_unknown": unknown}})
    });
    document["resource_changes"] = changes.collect();
    let home = "{preclear: 1, account: '111122223333', region: us-west-2, complete: true}";
    let text = document.to_string();
    let files = MemoryFiles::from_iter([("d/t.json", text.as_str()), ("d/h.yaml", home)]);
    let loaded = snapshot::load([Path::new("d")], &files, &Options::default());
    loaded.unwrap_or_else(|errors| panic!("{errors}")).value
}

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/aws_kms_key.k";

fn key(values: Value) -> Value {
    resource("aws_kms_key", "k", Value::Null, values)
}

/// Pairs that are not known are left out of a map, so the grant would allow more than it does.
#[test]
fn a_grant_with_unknown_constraints_is_unknown() {
    let values = json!({"operations": ["Decrypt"], "grantee_principal": "arn:aws:iam::111122223333:role/r",
        "constraints": [{"encryption_context_subset": {"a": "1"}}]});
    let expressions = json!({"key_id": {"references": ["aws_kms_key.k.id", "aws_kms_key.k"]}});
    let load = |unknown: Value| {
        let grant = resource("aws_kms_grant", "g", Value::Null, values.clone());
        let configured = configured("aws_kms_grant", "g", expressions.clone());
        complete(
            &[key(json!({})), grant],
            &[configured],
            &[("aws_kms_grant.g", unknown)],
        )
    };
    let known = load(json!({"constraints": [{"encryption_context_subset": {}}]}));
    assert_eq!(known.keys[0].grants.as_ref().map(Vec::len), Some(1));
    let unknown = load(json!({"constraints": [{"encryption_context_subset": {"b": true}}]}));
    assert_eq!(unknown.keys[0].grants, None);
    assert!(unknown.undetermined[&Layer::Grants].contains_key(KEY));
}

#[test]
fn tags_of_which_one_is_unknown_are_unknown() {
    let values = json!({"tags": {"a": "1"}, "tags_all": {"a": "1"}});
    let load =
        |unknown: Value| complete(&[key(values.clone())], &[], &[("aws_kms_key.k", unknown)]);
    let unknown = load(json!({"tags": {"b": true}, "tags_all": true}));
    assert_eq!(unknown.keys[0].tags, None);
    assert_eq!(unknown.external, [KEY]);
    // The provider may add more.
    let unknown = load(json!({"tags_all": {"c": true}}));
    assert_eq!((&unknown.keys[0].tags, unknown.external.len()), (&None, 1));
    // All of those without any are not known before either.
    let values = json!({"tags": null});
    let known = complete(
        &[key(values)],
        &[],
        &[("aws_kms_key.k", json!({"tags_all": true}))],
    );
    assert!(known.external.is_empty());
}

/// Of a key's policy, alias and grant only applying tells of which key they are.
#[test]
fn what_may_belong_to_any_key_leaves_all_of_them_open() {
    let of = |kind: &str, attribute: &str, values: Value| {
        let expressions = json!({attribute: {"references": ["local.key"]}});
        (
            resource(kind, "x", Value::Null, values),
            configured(kind, "x", expressions),
        )
    };
    let policy = json!({"policy": "{\"Version\": \"2012-10-17\", \"Statement\": []}"});
    let (one, its) = of("aws_kms_key_policy", "key_id", policy);
    let snapshot = complete(&[key(json!({})), one], &[its], &[]);
    assert!(snapshot.has_rejected(Layer::Resource, KEY));
    assert_eq!(snapshot.keys[0].policy, Given::LeftOut);
    let (one, its) = of("aws_kms_alias", "target_key_id", json!({"name": "alias/a"}));
    let snapshot = complete(&[key(json!({})), one], &[its], &[]);
    let alias = "arn:aws:kms:us-west-2:111122223333:alias/a";
    assert_eq!(snapshot.external, [alias, KEY]);
    let grant =
        json!({"operations": ["Decrypt"], "grantee_principal": "arn:aws:iam::111122223333:role/r"});
    let (one, its) = of("aws_kms_grant", "key_id", grant);
    let snapshot = complete(&[key(json!({})), one], &[its], &[]);
    assert!(snapshot.undetermined[&Layer::Grants].contains_key(KEY));
}

#[test]
fn a_user_whose_groups_are_unknown_may_be_in_any() {
    let user = resource("aws_iam_user", "u", Value::Null, json!({"name": "u"}));
    let group = resource("aws_iam_group", "g", Value::Null, json!({"name": "g"}));
    let arn = "arn:aws:iam::111122223333:user/u";
    let kind = "aws_iam_user_group_membership";
    let load = |values: Value, expressions: Value| {
        let member = resource(kind, "m", Value::Null, values);
        let configured = configured(kind, "m", expressions);
        complete(&[user.clone(), group.clone(), member], &[configured], &[])
    };
    let to_group = json!({"references": ["aws_iam_group.g.name", "aws_iam_group.g"]});
    let local = json!({"references": ["local.x"]});
    // One of the list is unknown, and one is what it may be.
    let known = load(
        json!({"user": "u", "groups": [null]}),
        json!({"groups": to_group}),
    );
    assert!(!known.undetermined.contains_key(&Layer::Identity));
    for (values, expressions) in [
        (
            json!({"user": "u", "groups": [null]}),
            json!({"groups": local}),
        ),
        (json!({"user": "u"}), json!({"groups": to_group})),
        (json!({"groups": ["g"]}), json!({"user": local})),
    ] {
        let snapshot = load(values, expressions);
        assert!(snapshot.undetermined[&Layer::Identity].contains_key(arn));
    }
}

#[test]
fn a_bucket_policy_of_an_unknown_bucket_leaves_all_of_them_open() {
    let bucket = resource("aws_s3_bucket", "b", Value::Null, json!({"bucket": "b"}));
    let policy = resource(
        "aws_s3_bucket_policy",
        "p",
        Value::Null,
        json!({"policy": "{}"}),
    );
    let local = json!({"bucket": {"references": ["local.x"]}});
    let configured = configured("aws_s3_bucket_policy", "p", local);
    let snapshot = complete(&[bucket, policy], &[configured], &[]);
    assert!(snapshot.has_rejected(Layer::Resource, "arn:aws:s3:::b"));
}

/// What it inherits is not what the root has.
#[test]
fn a_unit_somewhere_has_open_guardrails() {
    let organization = resource(
        "aws_organizations_organization",
        "o",
        Value::Null,
        json!({"id": "o-1", "roots": [{"id": "r-ab12"}], "accounts": []}),
    );
    let kind = "aws_organizations_organizational_unit";
    let unit = resource(kind, "u", Value::Null, json!({"id": "ou-ab12-11111111"}));
    let configured = configured(kind, "u", json!({"parent_id": {"references": ["local.x"]}}));
    let snapshot = complete(&[organization, unit], &[configured], &[]);
    for layer in [Layer::Scp, Layer::Rcp] {
        assert!(snapshot.has_rejected(layer, "ou-ab12-11111111"));
    }
}
