//! What is not known before apply is unknown, and the address of what has it is named. Rule: UI-31, IAM-TRI-7.

use std::collections::BTreeSet;
use std::path::Path;

use preclear_simulator::snapshot::NOT_KNOWN;
use preclear_simulator::{Layer, Snapshot};
use serde_json::{Value, json};

use super::{configured, load, plan, resource};
use crate::files::MemoryFiles;
use crate::{Options, snapshot};

const DOCUMENT: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
const OF_KEY: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}}"#;
const OF_BUCKET: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#;
const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/aws_kms_key.k";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";

/// A resource with its configuration and what the plan says of it.
struct Planned {
    kind: &'static str,
    name: &'static str,
    values: Value,
    expressions: Value,
    unknown: Option<Value>,
}

fn planned(kind: &'static str, name: &'static str, values: Value, expressions: Value) -> Planned {
    Planned {
        kind,
        name,
        values,
        expressions,
        unknown: None,
    }
}

impl Planned {
    fn unknown(mut self, unknown: Value) -> Self {
        self.unknown = Some(unknown);
        self
    }
}

fn document(all: &[Planned]) -> Value {
    let resources: Vec<Value> = all
        .iter()
        .map(|one| resource(one.kind, one.name, Value::Null, one.values.clone()))
        .collect();
    let own: Vec<Value> = all
        .iter()
        .map(|one| configured(one.kind, one.name, one.expressions.clone()))
        .collect();
    let changes: Vec<Value> = all
        .iter()
        .filter_map(|one| {
            let unknown = one.unknown.clone()?;
            let address = format!("{}.{}", one.kind, one.name);
            let change = json!({"actions": ["create"], "after_unknown": unknown});
            Some(json!({"address": address, "type": one.kind, "change": change}))
        })
        .collect();
    let mut document = plan(&resources, &own);
    document["resource_changes"] = json!(changes);
    document
}

fn role() -> Planned {
    let name = json!({"constant_value": "app"});
    planned(
        "aws_iam_role",
        "app",
        json!({"name": "app", "path": "/"}),
        json!({"name": name}),
    )
}

fn key() -> Planned {
    planned("aws_kms_key", "k", json!({}), json!({}))
}

fn refers(references: &[&str]) -> Value {
    json!({"references": references})
}

/// What a layer of an owner hangs on.
fn later(snapshot: &Snapshot, layer: Layer, owner: &str) -> BTreeSet<String> {
    let owners = snapshot.undetermined.get(&layer);
    owners
        .and_then(|owners| owners.get(owner))
        .cloned()
        .unwrap_or_default()
}

#[track_caller]
fn assert_later(all: &[Planned], layer: Layer, owner: &str, address: &str) {
    let (snapshot, _) = load(&document(all));
    let names = later(&snapshot, layer, owner);
    assert!(names.contains(address), "{layer} of {owner}: {names:?}");
}

/// Files beside one another, one with `complete: true`.
fn load_all(texts: &[(&str, String)]) -> (Snapshot, Vec<&'static str>) {
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let files = MemoryFiles::from_iter(texts);
    let loaded = snapshot::load([Path::new("d")], &files, &Options::default());
    let loaded = loaded.unwrap_or_else(|errors| panic!("{errors}"));
    let codes = loaded.diagnostics.iter().map(|found| found.code).collect();
    (loaded.value, codes)
}

const HOME: &str = "{preclear: 1, account: '111122223333', region: us-west-2, complete: true}";

/// What stands beside one resource in an expression may be another one: a `local`, a condition, an index.
#[test]
fn only_a_reference_that_is_the_whole_expression_tells_which_resource_it_is() {
    let policy = |name| {
        let values = json!({"name": name, "policy": DOCUMENT});
        planned("aws_iam_policy", name, values, json!({}))
    };
    let attachment = |references: &[&str]| {
        let expressions =
            json!({"role": {"constant_value": "app"}, "policy_arn": refers(references)});
        planned(
            "aws_iam_role_policy_attachment",
            "at",
            json!({"role": "app"}),
            expressions,
        )
    };
    for references in [
        &["local.p"][..],
        &[
            "var.x",
            "aws_iam_policy.p.arn",
            "aws_iam_policy.p",
            "local.other",
        ],
        &["aws_iam_policy.p.arn", "aws_iam_policy.p", "each.key"],
        &["aws_iam_policy.pb", "aws_iam_policy.p"],
        &[
            "aws_iam_policy.pb.arn",
            "aws_iam_policy.pb",
            "aws_iam_policy.p.arn",
            "aws_iam_policy.p",
        ],
        &["data.aws_iam_policy.x.arn", "data.aws_iam_policy.x"],
        &["var.policies.p", "var.policies"],
        &["module.m"],
        &[
            "aws_iam_policy.p.tags[\"arn\"]",
            "aws_iam_policy.p.tags",
            "aws_iam_policy.p",
        ],
        &[],
    ] {
        let all = [role(), policy("p"), policy("pb"), attachment(references)];
        assert_later(
            &all,
            Layer::Identity,
            ROLE,
            "aws_iam_role_policy_attachment.at",
        );
    }
    for references in [
        &["aws_iam_policy.p.arn", "aws_iam_policy.p"][..],
        &["aws_iam_policy.p"],
    ] {
        let all = [role(), policy("p"), policy("pb"), attachment(references)];
        let (snapshot, _) = load(&document(&all));
        assert_eq!(
            later(&snapshot, Layer::Identity, ROLE),
            BTreeSet::new(),
            "{references:?}"
        );
        assert_eq!(snapshot.principals[0].policies.value().unwrap().len(), 1);
    }
}

/// A policy whose owner is not known may be that of any resource of the kind.
#[test]
fn policies_of_unknown_owners_leave_all_open_that_they_may_concern() {
    let of = |kind, member: &str| {
        let expressions =
            json!({member: refers(&["local.x"]), "policy": {"constant_value": OF_KEY}});
        planned(kind, "p", json!({"policy": OF_KEY}), expressions)
    };
    let named =
        |kind, member: &str, name: &str| planned(kind, "x", json!({member: name}), json!({}));
    let cases = [
        (
            key(),
            of("aws_kms_key_policy", "key_id"),
            Layer::Resource,
            KEY,
        ),
        (
            named("aws_s3_bucket", "bucket", "b"),
            of("aws_s3_bucket_policy", "bucket"),
            Layer::Resource,
            "arn:aws:s3:::b",
        ),
        (
            named("aws_sqs_queue", "name", "q"),
            of("aws_sqs_queue_policy", "queue_url"),
            Layer::Resource,
            "arn:aws:sqs:us-west-2:111122223333:q",
        ),
        (
            named("aws_sns_topic", "name", "t"),
            of("aws_sns_topic_policy", "arn"),
            Layer::Resource,
            "arn:aws:sns:us-west-2:111122223333:t",
        ),
        (
            named("aws_vpc_endpoint", "id", "vpce-1"),
            of("aws_vpc_endpoint_policy", "vpc_endpoint_id"),
            Layer::VpcEndpoint,
            "vpce-1",
        ),
        (
            named("aws_lambda_function", "function_name", "f"),
            of("aws_lambda_permission", "function_name"),
            Layer::Resource,
            "arn:aws:lambda:us-west-2:111122223333:function:f",
        ),
        (key(), of("aws_kms_grant", "key_id"), Layer::Grants, KEY),
        (
            role(),
            of("aws_iam_role_policy", "role"),
            Layer::Identity,
            ROLE,
        ),
    ];
    for (owner, policy, layer, arn) in cases {
        let address = format!("{}.p", policy.kind);
        assert_later(&[owner, policy], layer, arn, &address);
    }
}

/// Lists lose what is not known: they are not what is left of them.
#[test]
fn lists_that_are_not_whole_may_name_all() {
    for (value, unknown) in [
        (json!({}), json!({"roles": true})),
        (json!({"roles": []}), json!({"roles": true})),
        (json!({"roles": [null]}), json!({"roles": [true]})),
        (json!({"roles": ["other"]}), json!({"roles": [false, true]})),
    ] {
        let expressions =
            json!({"roles": refers(&["local.roles"]), "policy_arn": refers(&["aws_iam_policy.p"])});
        let policy = planned(
            "aws_iam_policy",
            "p",
            json!({"policy": DOCUMENT}),
            json!({}),
        );
        let attachment = planned("aws_iam_policy_attachment", "at", value, expressions);
        for attachment in [
            attachment.unknown(unknown),
            planned(
                "aws_iam_policy_attachment",
                "at",
                json!({"roles": []}),
                json!({"roles": refers(&["local.roles"])}),
            ),
        ] {
            let all = [
                role(),
                key(),
                planned("aws_iam_policy", "p", policy.values.clone(), json!({})),
                attachment,
            ];
            assert_later(&all, Layer::Identity, ROLE, "aws_iam_policy_attachment.at");
        }
    }
    let expressions = json!({"user": {"constant_value": "u"}, "groups": refers(&["local.groups"])});
    let membership = planned(
        "aws_iam_user_group_membership",
        "m",
        json!({"user": "u"}),
        expressions,
    );
    let user = planned("aws_iam_user", "u", json!({"name": "u"}), json!({}));
    let arn = "arn:aws:iam::111122223333:user/u";
    assert_later(
        &[user, membership],
        Layer::Identity,
        arn,
        "aws_iam_user_group_membership.m",
    );
}

/// A grant whose constraints are not known may or may not allow.
#[test]
fn grants_with_unknown_constraints_are_unknown() {
    let values = |constraints: Value| {
        let mut values = json!({"name": "g", "grantee_principal": ROLE, "operations": ["Decrypt"]});
        values["key_id"] = json!(KEY);
        values["constraints"] = constraints;
        values
    };
    let expressions = json!({
        "key_id": refers(&["aws_kms_key.k.key_id", "aws_kms_key.k"]),
        "constraints": [{"encryption_context_equals": refers(&["local.context"])}],
    });
    for (constraints, unknown) in [
        (
            json!([{"encryption_context_equals": {}}]),
            json!([{"encryption_context_equals": {"a": true}}]),
        ),
        (
            json!([{"encryption_context_equals": {"a": "b"}}]),
            json!([{"encryption_context_equals": {"c": true}}]),
        ),
        (json!([{}]), json!([{"encryption_context_equals": true}])),
        (json!([]), json!(true)),
    ] {
        let grant = || {
            planned(
                "aws_kms_grant",
                "g",
                values(constraints.clone()),
                expressions.clone(),
            )
        };
        let told = grant().unknown(json!({"constraints": unknown}));
        assert_later(&[key(), told], Layer::Grants, KEY, "aws_kms_grant.g");
        assert_later(&[key(), grant()], Layer::Grants, KEY, "aws_kms_grant.g");
    }
    let constraints = json!([{"encryption_context_equals": {"a": "b"}}]);
    let grant = planned("aws_kms_grant", "g", values(constraints), expressions);
    let grant = grant.unknown(json!({"constraints": [{"encryption_context_equals": {}}]}));
    let (snapshot, _) = load(&document(&[key(), grant]));
    assert_eq!(later(&snapshot, Layer::Grants, KEY), BTreeSet::new());
}

/// A key that is not known is no missing key: it has an alias that nobody has listed.
#[test]
fn keys_that_are_not_known_leave_encryption_unknown() {
    let queue = planned(
        "aws_sqs_queue",
        "q",
        json!({"name": "q"}),
        json!({"kms_master_key_id": refers(&["local.key"])}),
    );
    let queue = queue.unknown(json!({"kms_master_key_id": true}));
    let (snapshot, _) = load(&document(&[queue]));
    let key = snapshot.resources[0].kms_key.clone().unwrap();
    assert!(snapshot.external.contains(&key), "{key}");
    assert!(later(&snapshot, Layer::Resource, &key).contains("aws_sqs_queue.q"));

    let bucket = || planned("aws_s3_bucket", "b", json!({"bucket": "b"}), json!({}));
    let rule = json!([{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]);
    let told = json!([{"apply_server_side_encryption_by_default": [{"kms_master_key_id": true}]}]);
    let kind = "aws_s3_bucket_server_side_encryption_configuration";
    for (values, unknown) in [
        (
            json!({"bucket": "b", "rule": rule}),
            Some(json!({"rule": told})),
        ),
        (json!({"bucket": "b", "rule": rule}), None),
        (json!({"bucket": "b"}), Some(json!({"rule": true}))),
        (json!({"rule": rule}), Some(json!({"bucket": true}))),
    ] {
        // As a `dynamic` block: it is not in the configuration.
        let mut encryption = planned(
            kind,
            "e",
            values,
            json!({"bucket": refers(&["local.bucket"])}),
        );
        encryption.unknown = unknown;
        let (snapshot, _) = load(&document(&[bucket(), encryption]));
        let encryption = snapshot.resources[0].encryption.value().unwrap();
        let key = encryption.key.clone().unwrap();
        assert!(encryption.kms && snapshot.external.contains(&key), "{key}");
    }
    // In the bucket itself, as older configurations have it.
    let rule_of_bucket = json!([{"rule": rule}]);
    let mut old = bucket();
    old.values["server_side_encryption_configuration"] = rule_of_bucket;
    let unknown = json!([{"rule": told}]);
    let old = old.unknown(json!({"server_side_encryption_configuration": unknown}));
    let (snapshot, _) = load(&document(&[old]));
    let encryption = snapshot.resources[0].encryption.value().unwrap();
    assert!(snapshot.external.contains(encryption.key.as_ref().unwrap()));
    // Nothing but the algorithm is configured: S3's own key.
    let values = json!({"bucket": "b", "rule": rule});
    let encryption = planned(kind, "e", values, json!({"rule": [{}]})).unknown(json!({}));
    let (snapshot, _) = load(&document(&[bucket(), encryption]));
    assert_eq!(snapshot.resources[0].encryption.value().unwrap().key, None);
}

/// An alias of an unknown key is there all the same.
#[test]
fn an_alias_of_an_unknown_key_names_some_key() {
    let alias = planned(
        "aws_kms_alias",
        "a",
        json!({"name": "alias/a"}),
        json!({"target_key_id": refers(&["local.key"])}),
    );
    let (snapshot, codes) = load(&document(&[key(), alias]));
    let arn = "arn:aws:kms:us-west-2:111122223333:alias/a".to_owned();
    assert!(snapshot.external.contains(&arn), "{:?}", snapshot.external);
    assert_eq!(codes, ["RESOURCE_ADDS_NOTHING"]);
}

/// An alias's key is the one that it is configured with; other resources of a bucket name the bucket.
#[test]
fn references_through_other_resources_are_followed() {
    let alias = planned(
        "aws_kms_alias",
        "a",
        json!({"name": "alias/a"}),
        json!({"target_key_id": refers(&["aws_kms_key.k.key_id", "aws_kms_key.k"])}),
    );
    let through = refers(&["aws_kms_alias.a.target_key_arn", "aws_kms_alias.a"]);
    let policy = planned(
        "aws_kms_key_policy",
        "p",
        json!({"policy": OF_KEY}),
        json!({"key_id": through}),
    );
    let (snapshot, codes) = load(&document(&[key(), alias, policy]));
    assert_eq!(codes, [""; 0]);
    assert!(snapshot.undetermined.is_empty() && snapshot.keys[0].policy.value().is_some());

    let bucket = planned("aws_s3_bucket", "b", json!({}), json!({}));
    let versioning = planned(
        "aws_s3_bucket_versioning",
        "v",
        json!({}),
        json!({"bucket": refers(&["aws_s3_bucket.b.id", "aws_s3_bucket.b"])}),
    );
    let through = refers(&[
        "aws_s3_bucket_versioning.v.bucket",
        "aws_s3_bucket_versioning.v",
    ]);
    let policy = planned(
        "aws_s3_bucket_policy",
        "p",
        json!({"policy": OF_BUCKET}),
        json!({"bucket": through}),
    );
    let (snapshot, _) = load(&document(&[bucket, versioning, policy]));
    assert!(
        snapshot.undetermined.is_empty(),
        "{:?}",
        snapshot.undetermined
    );
    assert!(snapshot.resources[0].policy.value().is_some());
}

/// Rule: IAM-TRI-7.
#[test]
fn tags_that_are_not_all_known_are_unknown() {
    let tags = json!({"tags": refers(&["local.tags"])});
    for (values, unknown) in [
        (json!({"tags": {}}), Some(json!({"tags": {"env": true}}))),
        (
            json!({"tags": {"a": "b"}, "tags_all": {"a": "b"}}),
            Some(json!({"tags": {"env": true}, "tags_all": true})),
        ),
        (json!({}), Some(json!({"tags": true}))),
        (json!({"tags": {}}), None),
        (json!({}), None),
    ] {
        let mut key = planned("aws_kms_key", "k", values, tags.clone());
        key.unknown = unknown;
        let (snapshot, codes) = load(&document(&[key]));
        let unknown = (NOT_KNOWN.to_owned(), NOT_KNOWN.to_owned());
        assert_eq!(snapshot.keys[0].tags, Some([unknown].into()));
        assert_eq!(codes, ["TAGS_NOT_DETERMINED"]);
    }
    // Without tags and defaults of the provider all tags are none, which plans call unknown.
    let key = key().unknown(json!({"tags_all": true}));
    let (snapshot, codes) = load(&document(&[key]));
    assert_eq!((snapshot.external, codes), (Vec::new(), Vec::new()));
    let known = planned(
        "aws_kms_key",
        "k",
        json!({"tags": {"a": "b"}, "tags_all": {"a": "b", "c": "d"}}),
        tags,
    );
    let (snapshot, _) = load(&document(&[known.unknown(json!({}))]));
    assert_eq!(
        snapshot.keys[0].tags.as_ref().map(|tags| tags.len()),
        Some(2)
    );
}

/// The configuration leaves `dynamic` blocks out: what is planned counts, but for copies.
#[test]
fn inline_policies_of_dynamic_blocks_count() {
    let policies = json!([{"name": "d", "policy": DOCUMENT}]);
    let mut role = role().unknown(json!({"arn": true}));
    role.values["inline_policy"] = policies;
    let of_role = |snapshot: &Snapshot| snapshot.principals[0].policies.value().map_or(0, Vec::len);
    let (snapshot, _) = load(&document(&[role]));
    assert_eq!(of_role(&snapshot), 1);
    let mut role = self::role();
    role.values["inline_policy"] = json!([{"name": "d", "policy": DOCUMENT}]);
    let mut document = document(&[role]);
    document["resource_changes"] = json!([{
        "address": "aws_iam_role_policy.d",
        "type": "aws_iam_role_policy",
        "change": {"actions": ["delete"], "before": {"role": "app", "name": "d", "policy": DOCUMENT}},
    }]);
    let (snapshot, _) = load(&document);
    assert_eq!(of_role(&snapshot), 0, "the plan takes it away");
}

/// The key's copy of a policy that is taken away does not count, and what comes in its place is not told.
#[test]
fn a_key_policy_that_is_deleted_does_not_count() {
    let arn = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let key = planned(
        "aws_kms_key",
        "k",
        json!({"arn": arn, "policy": OF_KEY}),
        json!({}),
    );
    let mut document = document(&[key]);
    document["resource_changes"] = json!([{
        "address": "aws_kms_key_policy.p",
        "type": "aws_kms_key_policy",
        "change": {"actions": ["delete"], "before": {"key_id": "1234abcd-12ab-34cd-56ef-1234567890ab"}},
    }]);
    let (snapshot, _) = load(&document);
    assert!(later(&snapshot, Layer::Resource, arn).contains("aws_kms_key_policy.p"));
    assert!(snapshot.keys[0].policy.value().is_none());
}

/// `removed { lifecycle { destroy = false } }`: it stays in AWS.
#[test]
fn what_the_plan_only_forgets_is_still_there() {
    let of_role = |actions: Value| {
        let mut document = document(&[role()]);
        document["resource_changes"] = json!([{
            "address": "aws_iam_role_policy.d", "mode": "managed", "type": "aws_iam_role_policy", "name": "d",
            "change": {"actions": actions, "before": {"role": "app", "name": "d", "policy": DOCUMENT}, "after": null},
        }]);
        let (snapshot, _) = load(&document);
        snapshot.principals[0].policies.value().map_or(0, Vec::len)
    };
    assert_eq!(of_role(json!(["forget"])), 1);
    assert_eq!(of_role(json!(["delete"])), 0);
}

/// Tags by default that only applying tells: the resource's own are not all.
#[test]
fn tags_by_default_that_are_not_known_leave_all_tags_unknown() {
    let key = |tags: Value| {
        let arn = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let values = json!({"arn": arn, "tags": tags});
        let key = planned("aws_kms_key", "k", values, json!({}));
        let (snapshot, codes) = load(&document(&[key.unknown(json!({"tags_all": true}))]));
        (
            snapshot.keys[0].tags.clone(),
            codes.contains(&"TAGS_NOT_DETERMINED"),
        )
    };
    let (tags, is_told) = key(json!({"a": "b"}));
    assert!(is_told && tags.is_some_and(|tags| tags.contains_key(NOT_KNOWN)));
    // Nobody gives any: that is what plans always say of them.
    let (tags, is_told) = key(Value::Null);
    assert!(!is_told && tags.is_none_or(|tags| tags.is_empty()));
}

/// Rule: IAM-PRIN-5.
#[test]
fn what_is_attached_to_a_role_of_another_file_is_added_whatever_the_path() {
    let policy = planned(
        "aws_iam_role_policy",
        "p",
        json!({"name": "p", "role": "app", "policy": DOCUMENT}),
        json!({}),
    );
    let unknown = planned(
        "aws_iam_role_policy",
        "q",
        json!({"name": "q", "role": "app"}),
        json!({"policy": refers(&["local.p"])}),
    );
    let plan = document(&[policy, unknown]).to_string();
    let arn = "arn:aws:iam::111122223333:role/team/App";
    let listed = |policies: &str| {
        let other = format!("{{preclear: 1, principals: [{{arn: '{arn}'{policies}}}]}}");
        load_all(&[
            ("d/h.yaml", HOME.to_owned()),
            ("d/r.yaml", other),
            ("d/t.json", plan.clone()),
        ])
    };
    for policies in ["", ", policies: []"] {
        let (snapshot, codes) = listed(policies);
        assert_eq!(codes, [""; 0]);
        assert_eq!(snapshot.principals.len(), 1);
        assert_eq!(snapshot.principals[0].policies.value().unwrap().len(), 1);
        assert!(later(&snapshot, Layer::Identity, arn).contains("aws_iam_role_policy.q"));
    }
    // One of the same name says something else: nobody can tell which of the two counts.
    let other = r#", policies: [{name: p, document: {Version: "2012-10-17", Statement: {Effect: Allow, Action: "*", Resource: "*"}}}]"#;
    let (snapshot, _) = listed(other);
    assert!(later(&snapshot, Layer::Identity, arn).contains("aws_iam_role_policy.p"));
    // A role that nobody lists exists all the same.
    let (snapshot, codes) = load_all(&[("d/h.yaml", HOME.to_owned()), ("d/t.json", plan.clone())]);
    assert!(
        snapshot.external.contains(&ROLE.to_owned()),
        "{:?}",
        snapshot.external
    );
    assert_eq!(codes, ["RESOURCE_ADDS_NOTHING"]);
}

#[test]
fn permissions_with_conditions_of_their_own_leave_the_policy_open() {
    let function = || {
        planned(
            "aws_lambda_function",
            "f",
            json!({"function_name": "f"}),
            json!({}),
        )
    };
    for (member, value) in [
        ("event_source_token", json!("X")),
        ("function_url_auth_type", json!("NONE")),
        ("invoked_via_function_url", json!(true)),
    ] {
        let values = json!({"function_name": "f", "action": "lambda:InvokeFunctionUrl", "principal": "*", member: value});
        let permission = planned("aws_lambda_permission", "p", values, json!({}));
        let arn = "arn:aws:lambda:us-west-2:111122223333:function:f";
        assert_later(
            &[function(), permission],
            Layer::Resource,
            arn,
            "aws_lambda_permission.p",
        );
    }
}

#[test]
fn plans_that_do_not_hold_all_leave_all_open() {
    for (member, value) in [
        ("errored", json!(true)),
        ("complete", json!(false)),
        (
            "deferred_changes",
            json!([{"resource_change": {"address": "aws_iam_role_policy.d"}}]),
        ),
    ] {
        let mut document = document(&[role(), key()]);
        document[member] = value;
        let texts = [
            ("d/h.yaml", HOME.to_owned()),
            ("d/t.json", document.to_string()),
        ];
        let (snapshot, codes) = load_all(&texts);
        assert_eq!(codes, ["PLAN_IN_PART"]);
        assert!(!snapshot.complete);
        for (layer, owner) in [
            (Layer::Identity, ROLE),
            (Layer::Resource, KEY),
            (Layer::Grants, KEY),
        ] {
            let names = later(&snapshot, layer, owner);
            assert_eq!(names.len(), 1, "{layer}");
            assert!(member != "deferred_changes" || names.contains("aws_iam_role_policy.d"));
        }
    }
}

/// Two configurations may give different things one address.
#[test]
fn one_address_in_two_plans_is_two_things() {
    let plan = document(&[key(), role()]).to_string();
    let (snapshot, codes) = load_all(&[
        ("d/a.json", plan.replace("\"app\"", "\"a\"")),
        ("d/b.json", plan.replace("\"app\"", "\"b\"")),
        ("d/h.yaml", HOME.to_owned()),
    ]);
    assert_eq!(codes, [""; 0]);
    assert_eq!((snapshot.keys.len(), snapshot.principals.len()), (2, 2));
    assert!(
        !snapshot.names.contains_key("aws_kms_key.k"),
        "{:?}",
        snapshot.names
    );
}

#[test]
fn providers_tell_accounts_and_regions_where_they_are_configured() {
    let mut own = configured("aws_kms_key", "k", json!({}));
    own["provider_config_key"] = json!("aws.b");
    let mut document = plan(
        &[resource("aws_kms_key", "k", Value::Null, json!({}))],
        &[own],
    );
    let role = json!([{"role_arn": {"constant_value": "arn:aws:iam::444455556666:role/x"}}]);
    document["configuration"]["provider_config"] = json!({
        "aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-west-2"}}},
        "aws.b": {"name": "aws", "alias": "b", "expressions": {
            "region": {"constant_value": "eu-west-1"},
            "assume_role_with_web_identity": role,
        }},
    });
    let (snapshot, _) = load(&document);
    assert_eq!(snapshot.keys[0].arn.account(), "444455556666");
    assert_eq!(snapshot.keys[0].arn.region(), "eu-west-1");

    let document = json!({
        "format_version": "1.2",
        "variables": {"region": {"value": "us-east-1"}},
        "planned_values": {"root_module": {"child_modules": [{
            "address": "module.eu",
            "resources": [{"address": "module.eu.aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k", "values": {}}],
        }]}},
        "configuration": {
            "provider_config": {
                "aws": {"name": "aws", "expressions": {"region": refers(&["var.region"])}},
                "module.eu:aws": {"name": "aws", "module_address": "module.eu", "expressions": {"region": refers(&["var.region"])}},
            },
            "root_module": {"module_calls": {"eu": {
                "expressions": {"region": {"constant_value": "eu-west-1"}},
                "module": {"resources": [{
                    "mode": "managed", "type": "aws_kms_key", "name": "k",
                    "provider_config_key": "module.eu:aws", "expressions": {},
                }]},
            }}},
        },
    });
    let (snapshot, _) = load(&document);
    assert_eq!(snapshot.keys[0].arn.region(), "eu-west-1");
}

/// SCPs whose target is not known may reach everybody.
#[test]
fn policies_of_the_organization_with_unknown_targets_may_be_at_the_root() {
    let organization = planned(
        "aws_organizations_organization",
        "o",
        json!({"id": "o-exampleorgid", "roots": [{"id": "r-root"}], "accounts": [{"id": "111122223333"}]}),
        json!({}),
    );
    let policy = planned(
        "aws_organizations_policy",
        "p",
        json!({"name": "p", "content": DOCUMENT}),
        json!({}),
    );
    let attachment = planned(
        "aws_organizations_policy_attachment",
        "at",
        json!({}),
        json!({"policy_id": refers(&["aws_organizations_policy.p.id", "aws_organizations_policy.p"]), "target_id": refers(&["local.t"])}),
    );
    let address = "aws_organizations_policy_attachment.at";
    let (snapshot, _) = load(&document(&[organization, policy, attachment]));
    assert!(later(&snapshot, Layer::Scp, "r-root").contains(address));
}

#[test]
fn names_that_are_not_known_are_told() {
    let role = planned(
        "aws_iam_role",
        "app",
        json!({}),
        json!({"name": refers(&["random_pet.x"])}),
    );
    let (_, codes) = load(&document(&[role.unknown(json!({"name": true}))]));
    assert_eq!(codes, ["NAME_NOT_DETERMINED"]);
}

#[test]
fn what_a_plan_does_not_know_of_a_key_is_no_default() {
    let unknown = json!({"is_enabled": true, "customer_master_key_spec": true, "key_usage": true, "custom_key_store_id": true});
    let refers = || json!({"references": ["local.x"]});
    let configured = json!({"is_enabled": refers(), "customer_master_key_spec": refers(), "key_usage": refers(), "custom_key_store_id": refers()});
    let key = planned("aws_kms_key", "k", json!({}), configured).unknown(unknown.clone());
    let (snapshot, codes) = load(&document(&[key]));
    let key = &snapshot.keys[0];
    let told = [&key.state, &key.spec, &key.usage, &key.origin];
    assert_eq!(told, [NOT_KNOWN; 4]);
    assert_eq!(codes, ["PROPERTY_NOT_DETERMINED"; 4]);
    // What nobody configures is AWS's, and so is what a constant leaves to it.
    let key = planned("aws_kms_key", "k", json!({}), json!({})).unknown(unknown);
    let (snapshot, codes) = load(&document(&[key]));
    let key = &snapshot.keys[0];
    assert_eq!(
        (key.state.as_str(), key.spec.as_str()),
        ("Enabled", "SYMMETRIC_DEFAULT")
    );
    assert_eq!(codes, [""; 0]);
}
