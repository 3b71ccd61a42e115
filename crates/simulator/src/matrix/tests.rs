//! What must be kept apart is, and what need not be is not.
//!
//! Each pair differs in one thing that a decision reads, and gets two answers: a class that forgot it would give one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_model::caller::{Caller, CallerKind, Credentials};
use preclear_model::{Arn, Policy, PolicyKind};
use serde_json::{Value, json};

use super::{Axes, Matrix};
use crate::layer::Layer;
use crate::request::{Ask, ContextMode, Request};
use crate::snapshot::{
    Given, GrantRecord, GroupRecord, KeyManager, KeyRecord, ObjectRecord, Organization,
    OrganizationNode, PrincipalRecord, ResourceRecord, Snapshot,
};
use crate::{Engine, Verdict, document};

const USER: &str = "arn:aws:iam::111122223333:user/U";
const OTHER_USER: &str = "arn:aws:iam::111122223333:user/V";
pub(super) const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/k1";
pub(super) const OTHER_KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/k2";

pub(super) fn policy(kind: PolicyKind, statements: Value) -> Arc<Policy> {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Arc::new(document::parse(&text, "p", kind).expect("a policy"))
}

fn allow(action: &str, resource: &str, condition: Value) -> Value {
    json!([{"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}])
}

pub(super) fn user(arn: &str, statements: Value) -> PrincipalRecord {
    PrincipalRecord {
        policies: Given::Here(vec![policy(PolicyKind::Identity, statements)]),
        groups: Given::Nothing,
        ..PrincipalRecord::new(Arn::parse(arn).expect("an ARN"))
    }
}

/// A key that leaves everything to the account.
pub(super) fn key(arn: &str) -> KeyRecord {
    let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
    let statements =
        json!([{"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}]);
    KeyRecord {
        policy: Given::Here(policy(PolicyKind::Key, statements)),
        ..KeyRecord::new(Arn::parse(arn).expect("an ARN"))
    }
}

/// A user with one policy, and two keys.
pub(super) fn world(statements: Value) -> Snapshot {
    Snapshot {
        complete: true,
        region: Some("us-west-2".to_owned()),
        principals: vec![user(USER, statements)],
        keys: vec![key(KEY), key(OTHER_KEY)],
        ..Snapshot::default()
    }
}

pub(super) fn base() -> Request {
    let caller = Caller::parse(USER).expect("a user");
    Request {
        mode: ContextMode::Closed,
        ..Request::new(caller, Ask::Action(String::new()))
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// The matrix, once every cell is compared with the decision of its request.
fn matrix(snapshot: Snapshot, axes: [&[&str]; 3], base: &Request) -> Matrix {
    let engine = Engine::compile(snapshot);
    let [callers, actions, resources] = axes.map(texts);
    let callers: Vec<Caller> = callers
        .iter()
        .map(|text| Caller::parse(text).expect("a caller"))
        .collect();
    let axes = Axes {
        callers: &callers,
        actions: &actions,
        resources: &resources,
        base,
    };
    let matrix = engine.matrix(&axes);
    for caller in 0..callers.len() {
        for action in 0..actions.len() {
            for resource in 0..resources.len() {
                let request = axes.request(caller, action, resource).expect("a cell");
                let decided = engine.decide(&request);
                let cell = matrix.verdict(caller, action, resource);
                assert_eq!(cell, Some(decided), "{request:?}");
            }
        }
    }
    matrix
}

/// Two resources that a decision tells apart.
fn differ(snapshot: Snapshot, action: &str, resources: [&str; 2]) {
    differ_with(snapshot, action, resources, &base());
}

fn differ_with(snapshot: Snapshot, action: &str, resources: [&str; 2], base: &Request) {
    let matrix = matrix(snapshot, [&[USER], &[action], &resources], base);
    let verdicts = [0, 1].map(|resource| matrix.verdict(0, 0, resource));
    assert_ne!(verdicts[0], verdicts[1], "the pair shows nothing");
}

const KEYS: [&str; 2] = [KEY, OTHER_KEY];

fn keys_differ(condition: Value, change: impl Fn(&mut KeyRecord)) {
    let mut world = world(allow("kms:*", "*", condition));
    world.keys.last_mut().into_iter().for_each(change);
    differ(world, "kms:Decrypt", KEYS);
}

/// Keys that differ in what nobody speaks of are one.
fn keys_are_alike(change: impl Fn(&mut KeyRecord)) {
    let mut world = world(allow("kms:*", "*", json!({})));
    world.keys.last_mut().into_iter().for_each(change);
    let matrix = matrix(world, [&[USER], &["kms:Decrypt"], &KEYS], &base());
    assert_eq!(matrix.classes(), [1, 1, 1]);
}

fn tags(team: &str) -> Option<BTreeMap<String, String>> {
    Some(BTreeMap::from([("team".to_owned(), team.to_owned())]))
}

fn grant(operation: &str, id: &str) -> Option<Vec<GrantRecord>> {
    Some(vec![GrantRecord {
        id: id.to_owned(),
        token: Some(format!("token of {id}")),
        grantee: Some(OTHER_USER.to_owned()),
        operations: vec![operation.to_owned()],
        consistent: true,
        ..GrantRecord::default()
    }])
}

#[test]
fn keys_that_say_the_same_are_one_class() {
    keys_are_alike(|_| {});
    keys_are_alike(|key| key.tags = tags("red"));
    keys_are_alike(|key| key.aliases = Some(texts(&["alias/app"])));
    keys_are_alike(|key| key.last_used = Some("2026-01-01".to_owned()));
    keys_are_alike(|key| key.state = "Disabled".to_owned());
    let mut world = world(allow("kms:*", "*", json!({})));
    for (number, key) in world.keys.iter_mut().enumerate() {
        key.grants = grant("Decrypt", &number.to_string());
    }
    let matrix = matrix(world, [&[USER], &["kms:Encrypt"], &KEYS], &base());
    assert_eq!(matrix.classes(), [1, 1, 1]);
}

#[test]
fn contents_of_keys_tell_them_apart() {
    keys_differ(json!({}), |key| {
        let other = json!({"AWS": "arn:aws:iam::111122223333:role/admin"});
        let statements =
            json!([{"Effect": "Allow", "Principal": other, "Action": "kms:*", "Resource": "*"}]);
        key.policy = Given::Here(policy(PolicyKind::Key, statements));
    });
    keys_differ(json!({}), |key| key.policy = Given::LeftOut);
    keys_differ(json!({}), |key| {
        let deny =
            json!([{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}]);
        key.ram_policy = Given::Here(policy(PolicyKind::Key, deny));
    });
    keys_differ(json!({}), |key| key.manager = KeyManager::AwsOwned);
    let is = |name: &str, value: &str| json!({"StringEquals": {name: value}});
    keys_differ(is("kms:KeySpec", "SYMMETRIC_DEFAULT"), |key| {
        key.spec = "RSA_2048".to_owned();
    });
    keys_differ(is("kms:KeyUsage", "ENCRYPT_DECRYPT"), |key| {
        key.usage = "SIGN_VERIFY".to_owned();
    });
    keys_differ(is("kms:KeyOrigin", "AWS_KMS"), |key| {
        key.origin = "EXTERNAL".to_owned()
    });
    keys_differ(json!({"Bool": {"kms:MultiRegion": "false"}}), |key| {
        key.multi_region = true
    });
    keys_differ(json!({"Null": {"kms:MultiRegionKeyType": "true"}}), |key| {
        key.multi_region_type = Some("PRIMARY".to_owned());
    });
}

#[test]
fn what_conditions_speak_of_tells_keys_apart() {
    let team = |name: &str| json!({"StringEquals": {name: "red"}});
    keys_differ(team("aws:ResourceTag/team"), |key| key.tags = tags("red"));
    keys_differ(team("AWS:resourcetag/TEAM"), |key| key.tags = tags("red"));
    keys_differ(json!({"Null": {"aws:ResourceTag/team": "true"}}), |key| {
        key.tags = tags("red")
    });
    let variable = json!({"StringEquals": {"aws:username": "${aws:ResourceTag/team}"}});
    keys_differ(variable, |key| key.tags = tags("U"));
    let alias = json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}});
    keys_differ(alias, |key| key.aliases = Some(texts(&["alias/app"])));
    let mut world = world(allow(
        "kms:*",
        "*",
        json!({"Null": {"kms:TrailingDaysWithoutKeyUsage": "true"}}),
    ));
    for key in world.keys.iter_mut().skip(1) {
        key.last_used = Some("2026-01-01".to_owned());
    }
    let base = Request {
        now: Some("2026-02-01T00:00:00Z".to_owned()),
        ..base()
    };
    differ_with(world, "kms:ScheduleKeyDeletion", KEYS, &base);
}

#[test]
fn grants_tell_keys_apart() {
    let named = |key: &mut KeyRecord, grantee: &str, operation: &str| {
        key.grants = grant(operation, "1");
        for grant in key.grants.iter_mut().flatten() {
            grant.grantee = Some(grantee.to_owned());
        }
    };
    let none = || world(allow("s3:*", "*", json!({})));
    let mut operations = none();
    let mut keys = operations.keys.iter_mut();
    keys.next()
        .into_iter()
        .for_each(|key| named(key, USER, "Decrypt"));
    keys.next()
        .into_iter()
        .for_each(|key| named(key, USER, "Encrypt"));
    differ(operations, "kms:Decrypt", KEYS);
    let mut grantees = none();
    let mut keys = grantees.keys.iter_mut();
    keys.next()
        .into_iter()
        .for_each(|key| named(key, USER, "Decrypt"));
    keys.next()
        .into_iter()
        .for_each(|key| named(key, OTHER_USER, "Decrypt"));
    differ(grantees, "kms:Decrypt", KEYS);
    // Tokens count where a call brings one.
    let mut tokens = none();
    for (number, key) in tokens.keys.iter_mut().enumerate() {
        named(key, USER, "Decrypt");
        for grant in key.grants.iter_mut().flatten() {
            grant.consistent = false;
            grant.token = Some(number.to_string());
        }
    }
    let mut base = base();
    base.parameters = json!({"GrantTokens": ["1"]}).as_object().cloned();
    differ_with(tokens, "kms:Decrypt", KEYS, &base);
}

#[test]
fn patterns_tell_resources_apart() {
    let [one, other] = ["arn:aws:s3:::data/a1", "arn:aws:s3:::data/b1"];
    for pattern in [
        "arn:aws:s3:::data/a*",
        "arn:aws:s3:::data/a1",
        "arn:aws:s3:::data/a?",
        "arn:aws:s3:::*a1",
    ] {
        differ(
            world(allow("s3:*", pattern, json!({}))),
            "s3:GetObject",
            [one, other],
        );
    }
    let named = world(allow(
        "s3:*",
        "arn:aws:s3:::data/${aws:username}",
        json!({}),
    ));
    differ(
        named,
        "s3:GetObject",
        ["arn:aws:s3:::data/U", "arn:aws:s3:::data/V"],
    );
    let not = json!([{"Effect": "Allow", "Action": "s3:*", "NotResource": one}]);
    differ(world(not), "s3:GetObject", [one, other]);
    let head = world(allow("s3:*", "arn:aws:s3:::data/*", json!({})));
    differ(head, "s3:GetObject", [one, "arn:aws:s3:::other/a1"]);
    // Case of the first fields is read in two ways (AMB-15).
    let case = world(allow(
        "sqs:*",
        "arn:aws:sqs:US-west-2:111122223333:q",
        json!({}),
    ));
    let queues = [
        "arn:aws:sqs:us-west-2:111122223333:q",
        "arn:aws:sqs:us-west-2:111122223333:r",
    ];
    differ(case, "sqs:SendMessage", queues);
    let key = world(allow("kms:*", "arn:aws:kms:*:*:key/k1*", json!({})));
    differ(key, "kms:Decrypt", KEYS);
}

#[test]
fn texts_that_no_pattern_tells_apart_are_one_class() {
    let world = world(allow("s3:*", "arn:aws:s3:::data/*", json!({})));
    let objects = [
        "arn:aws:s3:::data/a",
        "arn:aws:s3:::data/b",
        "arn:aws:s3:::data/c/d",
    ];
    let matrix = matrix(world, [&[USER], &["s3:GetObject"], &objects], &base());
    assert_eq!(matrix.classes(), [1, 1, 1]);
    assert_eq!(matrix.count(Verdict::Allow), 3);
}

#[test]
fn fields_of_arns_tell_resources_apart() {
    let is = |name: &str, value: &str| allow("sqs:*", "*", json!({"StringEquals": {name: value}}));
    let queue = "arn:aws:sqs:us-west-2:111122223333:q";
    let account = "arn:aws:sqs:us-west-2:444455556666:q";
    let region = "arn:aws:sqs:eu-west-1:111122223333:q";
    let partition = "arn:aws-cn:sqs:us-west-2:111122223333:q";
    let owner = is("aws:ResourceAccount", "111122223333");
    differ(world(owner), "sqs:SendMessage", [queue, account]);
    let place = is("aws:RequestedRegion", "us-west-2");
    differ(world(place), "sqs:SendMessage", [queue, region]);
    let all = || world(allow("*", "*", json!({})));
    differ(all(), "sqs:SendMessage", [queue, partition]);
    differ(all(), "sqs:SendMessage", [queue, "q"]);
    differ(
        all(),
        "kms:Decrypt",
        [KEY, "arn:aws:kms:us-west-2:111122223333:key/k3"],
    );
    differ(all(), "kms:Decrypt", [KEY, "arn:aws:s3:::data/a"]);
    let alias = json!({"StringEquals": {"kms:RequestAlias": "alias/app"}});
    let mut named = world(allow("kms:*", "*", alias));
    for key in &mut named.keys {
        key.aliases = Some(vec![format!("alias/{}", key.arn.resource_name())]);
    }
    named.keys[0].aliases = Some(texts(&["alias/app"]));
    differ(named, "kms:Decrypt", ["alias/app", "alias/k2"]);
}

#[test]
fn what_is_listed_or_refused_or_elsewhere_tells_resources_apart() {
    let all = || world(allow("*", "*", json!({})));
    let deny = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]);
    let record = |arn: &str| ResourceRecord::new(Arn::parse(arn).expect("an ARN"));
    let mut bucket = all();
    bucket.resources.push(ResourceRecord {
        policy: Given::Here(policy(PolicyKind::Resource, deny)),
        ..record("arn:aws:s3:::data")
    });
    differ(
        bucket,
        "s3:GetObject",
        ["arn:aws:s3:::data/a", "arn:aws:s3:::other/a"],
    );
    let mut rejected = all();
    let queues = [
        "arn:aws:sqs:us-west-2:111122223333:q",
        "arn:aws:sqs:us-west-2:111122223333:r",
    ];
    rejected.resources = queues.map(record).to_vec();
    let owners = BTreeSet::from([queues[1].to_owned()]);
    rejected.rejected = BTreeMap::from([(Layer::Resource, owners)]);
    differ(rejected, "sqs:SendMessage", queues);
    // One whose shared policy was refused, beside a key policy that is known.
    let mut refused_key = all();
    let owners = BTreeSet::from([OTHER_KEY.to_owned()]);
    refused_key.rejected = BTreeMap::from([(Layer::Resource, owners)]);
    differ(refused_key, "kms:Decrypt", KEYS);
    let mut external = all();
    external.external = texts(&["arn:aws:kms:us-west-2:111122223333:key/e*"]);
    let keys = ["e1", "f1"].map(|id| format!("arn:aws:kms:us-west-2:111122223333:key/{id}"));
    differ(external, "kms:Decrypt", [&keys[0], &keys[1]]);
    let tagged = json!({"StringEquals": {"s3:ExistingObjectTag/team": "red"}});
    let mut objects = world(allow("s3:*", "*", tagged));
    objects.resources.push(ResourceRecord {
        objects: vec![ObjectRecord {
            key: "a".to_owned(),
            kms_key: None,
            bucket_key: false,
            encryption_context: BTreeMap::new(),
            tags: tags("red").unwrap_or_default(),
        }],
        ..record("arn:aws:s3:::data")
    });
    differ(
        objects,
        "s3:GetObject",
        ["arn:aws:s3:::data/a", "arn:aws:s3:::data/b"],
    );
    let mut named = base();
    named.parameters = json!({"KeyId": KEY}).as_object().cloned();
    differ_with(all(), "kms:Decrypt", KEYS, &named);
}

/// Rows of KMS's table that differ in condition keys alone.
const ALIKE: [&str; 2] = ["kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"];

fn actions_differ(snapshot: Snapshot, actions: [&str; 2]) {
    let matrix = matrix(snapshot, [&[USER], &actions, &[KEY]], &base());
    let verdicts = [0, 1].map(|action| matrix.verdict(0, action, 0));
    assert_ne!(verdicts[0], verdicts[1], "the pair shows nothing");
}

#[test]
fn actions_are_told_apart_by_what_decisions_read() {
    let named = world(allow("kms:GenerateDataKey", "*", json!({})));
    actions_differ(named, ALIKE);
    let not = json!([{"Effect": "Allow", "NotAction": "kms:GenerateDataKey", "Resource": "*"}]);
    actions_differ(world(not), ALIKE);
    // `*:*` is read in two ways (AMB-3), and what stands beside it in one.
    let twice =
        json!([{"Effect": "Allow", "Action": ["kms:GenerateDataKey", "*:*"], "Resource": "*"}]);
    actions_differ(world(twice), ALIKE);
    // Only one of the two has the key.
    let algorithm = allow(
        "kms:*",
        "*",
        json!({"Null": {"kms:RecipientAttestation:ImageSha384": "true"}}),
    );
    let mut mode = world(algorithm);
    mode.complete = true;
    let open = Request {
        mode: ContextMode::Open,
        ..base()
    };
    let mac = matrix(mode, [&[USER], &ALIKE, &[KEY]], &open);
    assert_ne!(mac.verdict(0, 0, 0), mac.verdict(0, 1, 0));
    let mut granted = world(allow("s3:*", "*", json!({})));
    granted.keys[0].grants = grant("GenerateDataKey", "1");
    for grant in granted.keys[0].grants.iter_mut().flatten() {
        grant.grantee = Some(USER.to_owned());
    }
    actions_differ(granted, ALIKE);
    // The bucket's own actions and those of KMS on one resource.
    actions_differ(world(allow("*", "*", json!({}))), ["kms:Encrypt", "kms"]);
    let other_account = |action: &str| {
        let mut foreign = world(allow("kms:*", "*", json!({})));
        let everyone =
            json!([{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]);
        let foreign_key = KEY.replace("111122223333", "444455556666");
        foreign.keys = vec![KeyRecord {
            policy: Given::Here(policy(PolicyKind::Key, everyone)),
            ..key(&foreign_key)
        }];
        let cells = matrix(
            foreign,
            [&[USER], &["kms:Encrypt", action], &[&foreign_key]],
            &base(),
        );
        (cells.verdict(0, 0, 0), cells.verdict(0, 1, 0))
    };
    let (encrypt, enable) = other_account("kms:EnableKey");
    assert_ne!(encrypt, enable);
}

#[test]
fn actions_that_policies_take_for_one_are_one_class() {
    let world = world(allow("s3:*", "*", json!({})));
    let actions = [
        "s3:GetObject",
        "s3:PutObject",
        "kms:EnableKey",
        "kms:UpdateKeyDescription",
    ];
    let matrix = matrix(world, [&[USER], &actions, &[KEY]], &base());
    assert_eq!(matrix.classes()[1], 2);
}

const USERS: [&str; 2] = [USER, OTHER_USER];

fn callers(change: impl Fn(&mut Snapshot), statements: Value) -> Matrix {
    let mut world = world(statements.clone());
    world.principals.push(user(OTHER_USER, statements));
    change(&mut world);
    matrix(
        world,
        [
            &USERS,
            &["kms:Encrypt", "s3:GetObject"],
            &[KEY, "arn:aws:s3:::b/U"],
        ],
        &base(),
    )
}

fn callers_differ(change: impl Fn(&mut Snapshot), statements: Value) {
    let matrix = callers(change, statements);
    let of = |caller| [0, 1].map(|action| matrix.row(caller, action).collect::<Vec<_>>());
    assert_ne!(of(0), of(1), "the pair shows nothing");
}

#[test]
fn callers_that_nothing_tells_apart_are_one_class() {
    let matrix = callers(|_| {}, allow("kms:*", "*", json!({})));
    assert_eq!(matrix.classes()[0], 1);
}

#[test]
fn callers_are_told_apart_by_what_decisions_read() {
    let all = || allow("*", "*", json!({}));
    let is = |key: &str, value: &str| allow("*", "*", json!({"StringEquals": {key: value}}));
    let none = |_: &mut Snapshot| {};
    callers_differ(none, is("aws:username", "U"));
    callers_differ(none, is("aws:PrincipalArn", USER));
    callers_differ(
        none,
        allow("s3:*", "arn:aws:s3:::b/${aws:username}", json!({})),
    );
    let with_tags = |world: &mut Snapshot| world.principals[0].tags = tags("red");
    callers_differ(with_tags, is("aws:PrincipalTag/team", "red"));
    callers_differ(
        |world| {
            let ids = ["AIDA1", "AIDA2"].map(|id| Some(id.to_owned()));
            for (principal, id) in world.principals.iter_mut().zip(ids) {
                principal.id = id;
            }
        },
        is("aws:userid", "AIDA1"),
    );
    let boundary = || policy(PolicyKind::Boundary, allow("s3:*", "*", json!({})));
    callers_differ(
        |world| world.principals[0].boundary = Given::Here(boundary()),
        all(),
    );
    callers_differ(
        |world| {
            let deny = json!([{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]);
            let arn = Arn::parse("arn:aws:iam::111122223333:group/G").expect("an ARN");
            world.principals[0].groups = Given::Here(vec![arn.as_str().to_owned()]);
            world.groups.push(GroupRecord {
                arn,
                policies: Given::Here(vec![policy(PolicyKind::Identity, deny)]),
            });
        },
        all(),
    );
    callers_differ(
        |world| {
            let deny = json!([{"Effect": "Deny", "Principal": {"AWS": USER}, "Action": "kms:*", "Resource": "*"}]);
            world.keys[0].policy = Given::Here(policy(PolicyKind::Key, deny));
        },
        all(),
    );
    callers_differ(
        |world| world.keys[0].grants = grant("Encrypt", "1"),
        allow("s3:*", "*", json!({})),
    );
    callers_differ(
        |world| {
            let owners = BTreeSet::from([USER.to_owned()]);
            world.rejected = BTreeMap::from([(Layer::Identity, owners)]);
        },
        all(),
    );
    callers_differ(|world| world.principals.truncate(1), all());
    callers_differ(|world| world.principals[0].policies = Given::Nothing, all());
    callers_differ(|world| world.external = texts(&[USER]), all());
}

#[test]
fn groups_that_are_not_mentioned_tell_callers_apart() {
    callers_differ(
        |world| {
            world.complete = false;
            world.layers_empty = BTreeSet::from([Layer::Resource, Layer::Boundary]);
            world.principals[0].groups = Given::LeftOut;
        },
        allow("sqs:*", "*", json!({})),
    );
}

#[test]
fn actions_are_told_apart_by_keys_resources_and_names() {
    let pair = |statements: Value, actions: [&str; 2], resource: &str, base: &Request| {
        let matrix = matrix(world(statements), [&[USER], &actions, &[resource]], base);
        let verdicts = [0, 1].map(|action| matrix.verdict(0, action, 0));
        assert_ne!(verdicts[0], verdicts[1], "the pair shows nothing");
    };
    let object = "arn:aws:s3:::data/a";
    let open = Request {
        mode: ContextMode::Open,
        ..base()
    };
    let untold = json!({"Null": {"s3:x-amz-acl": "true"}});
    let of_objects = ["s3:GetObject", "s3:PutObject"];
    pair(allow("s3:*", "*", untold), of_objects, object, &open);
    let on_objects = allow("s3:*", "arn:aws:s3:::data/*", json!({}));
    let of_nothing = ["s3:GetObject", "s3:ListAllMyBuckets"];
    pair(on_objects, of_nothing, object, &base());
    let of_sts = ["sts:GetCallerIdentity", "sts:GetAccessKeyInfo"];
    pair(allow("s3:*", "*", json!({})), of_sts, object, &base());
}

#[test]
fn keys_of_aws_are_told_apart() {
    let mut keys = world(allow("kms:*", "*", json!({})));
    for (key, service) in keys.keys.iter_mut().zip(["s3", "sqs"]) {
        key.manager = KeyManager::Aws;
        key.service = Some(service.to_owned());
        key.policy = Given::LeftOut;
    }
    let via = Request {
        via: texts(&["s3"]),
        ..base()
    };
    differ_with(keys, "kms:Decrypt", KEYS, &via);
}

/// Two callers that a decision tells apart.
fn own_callers_differ(snapshot: Snapshot, callers: [Caller; 2], base: &Request) {
    let engine = Engine::compile(snapshot);
    let [actions, resources] = [texts(&["s3:GetObject"]), texts(&["arn:aws:s3:::b/x"])];
    let axes = Axes {
        callers: &callers,
        actions: &actions,
        resources: &resources,
        base,
    };
    let matrix = engine.matrix(&axes);
    let cells = [0, 1].map(|caller| matrix.verdict(caller, 0, 0));
    let decided = [0, 1].map(|caller| engine.decide(&axes.request(caller, 0, 0).expect("a cell")));
    assert_ne!(decided[0], decided[1], "the pair shows nothing");
    assert_eq!(cells, decided.map(Some));
}

fn caller(arn: &str) -> Caller {
    Caller::parse(arn).expect("a caller")
}

#[test]
fn callers_are_told_apart_by_what_they_say() {
    let is = |key: &str, value: &str| allow("s3:*", "*", json!({"StringEquals": {key: value}}));
    // A session of a role whose path is known, and a user.
    let role = "arn:aws:iam::111122223333:role/R";
    let mut both = world(is("aws:PrincipalType", "User"));
    both.principals.push(PrincipalRecord {
        arn: Arn::parse(role).expect("an ARN"),
        ..both.principals[0].clone()
    });
    let mut session = caller("arn:aws:sts::111122223333:assumed-role/R/s");
    if let CallerKind::RoleSession { role_arn, .. } = &mut session.kind {
        *role_arn = Arn::parse(role);
    }
    own_callers_differ(both, [caller(USER), session.clone()], &base());
    let roles = |statements: Value| Snapshot {
        principals: vec![user(role, statements)],
        ..world(allow("sqs:*", "*", json!({})))
    };
    for (partition, account) in [("aws-cn", "111122223333"), ("aws", "444455556666")] {
        let other = format!("arn:{partition}:iam::{account}:user/U");
        let statements = is("aws:PrincipalAccount", "111122223333");
        let mut two = world(statements.clone());
        two.principals.push(user(&other, statements));
        own_callers_differ(two, [caller(USER), caller(&other)], &base());
    }
    let credentials = [Credentials::LongTerm, Credentials::SessionToken].map(|kind| Caller {
        credentials: Some(kind),
        ..caller(USER)
    });
    let long_term = allow("s3:*", "*", json!({"Null": {"aws:TokenIssueTime": "true"}}));
    let open = Request {
        mode: ContextMode::Open,
        ..base()
    };
    own_callers_differ(world(long_term), credentials, &open);
    // An id that is not the listed one.
    let mut listed = world(allow("s3:*", "*", json!({})));
    listed.principals[0].id = Some("AIDA1".to_owned());
    let ids = ["AIDA1", "AIDA2"].map(|id| Caller {
        id: Some(id.to_owned()),
        ..caller(USER)
    });
    own_callers_differ(listed, ids, &base());
    let identities = ["x", "y"].map(|identity| Caller {
        source_identity: Some(identity.to_owned()),
        ..session.clone()
    });
    own_callers_differ(roles(is("aws:SourceIdentity", "x")), identities, &base());
    let tagged = ["red", "blue"].map(|value| Caller {
        tags: BTreeMap::from([("team".to_owned(), value.to_owned())]),
        ..session.clone()
    });
    own_callers_differ(roles(is("aws:PrincipalTag/team", "red")), tagged, &base());
}

#[test]
fn unique_ids_in_principals_tell_callers_apart() {
    callers_differ(
        |world| {
            let ids =
                ["AIDAAAAAAAAAAAAAAAAA1", "AIDAAAAAAAAAAAAAAAAA2"].map(|id| Some(id.to_owned()));
            for (principal, id) in world.principals.iter_mut().zip(ids) {
                principal.id = id;
            }
            let deny = json!([{"Effect": "Deny", "Principal": {"AWS": "AIDAAAAAAAAAAAAAAAAA1"}, "Action": "kms:*", "Resource": "*"}]);
            world.keys[0].policy = Given::Here(policy(PolicyKind::Key, deny));
        },
        allow("*", "*", json!({})),
    );
}

#[test]
fn service_linked_roles_are_told_apart_by_path_and_by_name() {
    let deny = json!([{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]);
    let everyone =
        json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]);
    let node = |id: &str, scps: Given<Vec<Arc<Policy>>>| OrganizationNode {
        id: id.to_owned(),
        parent: None,
        scps,
        rcps: Given::Nothing,
    };
    let organized = || Snapshot {
        organization: Some(Organization {
            id: "o-example".to_owned(),
            management_account: Some("999999999999".to_owned()),
            root: node("r-ab12", Given::LeftOut),
            units: Vec::new(),
            accounts: vec![node(
                "111122223333",
                Given::Here(vec![policy(PolicyKind::Scp, deny.clone())]),
            )],
        }),
        resources: vec![ResourceRecord {
            policy: Given::Here(policy(PolicyKind::Resource, everyone.clone())),
            account: Some("111122223333".to_owned()),
            ..ResourceRecord::new(Arn::parse("arn:aws:s3:::b").expect("an ARN"))
        }],
        ..world(allow("sqs:*", "*", json!({})))
    };
    let session = |role: &str| caller(&format!("arn:aws:sts::111122223333:assumed-role/{role}/s"));
    own_callers_differ(
        organized(),
        [session("AWSServiceRoleForX"), session("R")],
        &base(),
    );
    let mut listed = organized();
    for path in ["aws-service-role/x.amazonaws.com/S", "R"] {
        let arn = format!("arn:aws:iam::111122223333:role/{path}");
        listed
            .principals
            .push(user(&arn, allow("sqs:*", "*", json!({}))));
    }
    own_callers_differ(listed, [session("S"), session("R")], &base());
}

#[test]
fn tags_and_names_of_resources_tell_them_apart() {
    let red = json!({"StringEquals": {"aws:ResourceTag/team": "red"}});
    let mut keys = world(allow("kms:*", "*", red.clone()));
    for (key, team) in keys.keys.iter_mut().zip(["red", "blue"]) {
        key.tags = tags(team).map(|tags| {
            let values = tags.into_values();
            values.map(|value| ("team".to_owned(), value)).collect()
        });
    }
    differ(keys, "kms:Decrypt", KEYS);
    let mut users = world(allow("iam:*", "*", red.clone()));
    users
        .principals
        .push(user(OTHER_USER, allow("sqs:*", "*", json!({}))));
    users.principals[0].tags = Some(BTreeMap::from([("team".to_owned(), "red".to_owned())]));
    differ(users, "iam:GetUser", [USER, OTHER_USER]);
    let mut aliases = world(allow("kms:*", KEY, json!({})));
    for (key, alias) in aliases.keys.iter_mut().zip(["alias/one", "alias/two"]) {
        key.aliases = Some(texts(&[alias]));
    }
    let arns =
        ["one", "two"].map(|name| format!("arn:aws:kms:us-west-2:111122223333:alias/{name}"));
    differ(aliases, "kms:Decrypt", [&arns[0], &arns[1]]);
    // A queue and a topic that have all but the service in common.
    let of_region =
        ["sqs", "sns"].map(|service| format!("arn:aws:{service}:us-west-2:111122223333:q"));
    let pattern = "arn:aws:sqs:*:111122223333:*";
    differ(
        world(allow("*", pattern, json!({}))),
        "sqs:SendMessage",
        [&of_region[0], &of_region[1]],
    );
}

/// Two actions that a decision tells apart.
fn pair(snapshot: Snapshot, actions: [&str; 2], resource: &str, base: &Request) {
    let caller = base.caller.clone();
    let engine = Engine::compile(snapshot);
    let axes = Axes {
        callers: &[caller],
        actions: &texts(&actions),
        resources: &texts(&[resource]),
        base,
    };
    let matrix = engine.matrix(&axes);
    let cells = [0, 1].map(|action| matrix.verdict(0, action, 0));
    let decided = [0, 1].map(|action| engine.decide(&axes.request(0, action, 0).expect("a cell")));
    assert_ne!(decided[0], decided[1], "the pair shows nothing");
    assert_eq!(cells, decided.map(Some));
}

#[test]
fn the_same_permission_of_two_services_is_told_apart() {
    // Canonical ids mean something to Amazon S3 alone. Rule: IAM-PRIN-10.
    const ID: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    let mut bucket = world(allow("*", "*", json!({})));
    let by_id = json!([{"Effect": "Allow", "Principal": {"CanonicalUser": ID}, "Action": "*", "Resource": "*"}]);
    bucket.resources.push(ResourceRecord {
        policy: Given::Here(policy(PolicyKind::Resource, by_id)),
        account: Some("444455556666".to_owned()),
        ..ResourceRecord::new(Arn::parse("arn:aws:s3:::b").expect("an ARN"))
    });
    let base = Request {
        caller: Caller {
            canonical_id: Some(ID.to_owned()),
            ..caller(USER)
        },
        ..base()
    };
    let actions = ["s3:GetObject", "sqs:SendMessage"];
    pair(bucket, actions, "arn:aws:s3:::b/x", &base);
}

#[test]
fn the_algorithm_of_a_call_tells_its_action_apart() {
    let condition = json!({"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}});
    let mut keys = world(allow("kms:*", "*", condition));
    for key in &mut keys.keys {
        key.spec = "RSA_2048".to_owned();
    }
    let open = Request {
        mode: ContextMode::Open,
        ..base()
    };
    pair(keys, ["kms:Encrypt", "kms:GenerateDataKey"], KEY, &open);
}

/// Each operation has parameters of its own. Rule: UI-38.
#[test]
fn parameters_tell_actions_of_kms_apart() {
    let mut base = base();
    base.parameters = json!({"Description": "x"}).as_object().cloned();
    let actions = ["kms:EnableKey", "kms:UpdateKeyDescription"];
    pair(world(allow("kms:*", "*", json!({}))), actions, KEY, &base);
}

/// Credentials of GetSessionToken call nothing of IAM without MFA, but PassRole is no call. Rule: IAM-EVAL-24.
#[test]
fn actions_of_iam_are_told_apart_by_name() {
    let mut base = base();
    base.caller.credentials = Some(Credentials::SessionToken);
    let actions = ["iam:GetRole", "iam:PassRole"];
    let role = "arn:aws:iam::111122223333:role/R";
    pair(world(allow("iam:*", "*", json!({}))), actions, role, &base);
}

/// Rule: KMS-AMK-1.
#[test]
fn policies_of_aws_managed_keys_tell_actions_apart() {
    let actions = ["kms:GetKeyPolicy", "kms:EnableKeyRotation"];
    let mut listed = world(allow("kms:*", "*", json!({})));
    for key in &mut listed.keys {
        key.manager = KeyManager::Aws;
        key.service = Some("s3".to_owned());
        key.policy = Given::LeftOut;
    }
    pair(listed, actions, KEY, &base());
    let made = "arn:aws:kms:us-west-2:111122223333:alias/aws/s3";
    pair(
        world(allow("kms:*", "*", json!({}))),
        actions,
        made,
        &base(),
    );
}

#[test]
fn grants_that_are_made_for_resources_tell_actions_apart() {
    let mut granted = world(allow("s3:*", "*", json!({})));
    for key in &mut granted.keys {
        key.grants = grant("DescribeKey", "1");
        for grant in key.grants.iter_mut().flatten() {
            grant.grantee = Some(USER.to_owned());
            grant.operations = texts(&["DescribeKey", "GetPublicKey"]);
            grant.source_arn = Some("arn:aws:s3:::b".to_owned());
        }
    }
    pair(
        granted,
        ["kms:DescribeKey", "kms:GetPublicKey"],
        KEY,
        &base(),
    );
}

#[test]
fn a_bucket_and_its_objects_are_told_apart() {
    let record = |arn: &str| ResourceRecord::new(Arn::parse(arn).expect("an ARN"));
    let red = json!({"StringEquals": {"aws:ResourceTag/team": "red"}});
    let mut tagged = world(allow("s3:*", "*", red));
    tagged.resources.push(ResourceRecord {
        tags: tags("red"),
        ..record("arn:aws:s3:::b")
    });
    differ(
        tagged,
        "s3:ListBucket",
        ["arn:aws:s3:::b", "arn:aws:s3:::b/x"],
    );
    let mut external = world(allow("sqs:*", "*", json!({})));
    external.external = texts(&["arn:aws:s3:::e"]);
    differ(
        external,
        "s3:GetObject",
        ["arn:aws:s3:::e/x", "arn:aws:s3:::f/x"],
    );
}

/// A key that nobody lists, and what is no key at all.
#[test]
fn services_of_resources_tell_them_apart() {
    let all = world(allow("*", "*", json!({})));
    let resources = [
        "arn:aws:kms:us-west-2:111122223333:key/unlisted",
        "arn:aws:sqs:us-west-2:111122223333:key/unlisted",
    ];
    differ(all, "kms:Decrypt", resources);
}

#[test]
fn tags_that_are_not_told_are_not_none() {
    let tagged = json!({"Null": {"aws:ResourceTag/team": "false"}});
    let mut keys = world(allow("kms:*", "*", tagged));
    keys.complete = false;
    keys.layers_empty = BTreeSet::from([Layer::Boundary, Layer::Grants]);
    for key in keys.keys.iter_mut().skip(1) {
        key.tags = Some(BTreeMap::new());
    }
    let open = Request {
        mode: ContextMode::Open,
        ..base()
    };
    differ_with(keys, "kms:Encrypt", KEYS, &open);
}

#[test]
fn counts_and_lists_are_those_of_the_cells() {
    let world = world(allow("kms:Encrypt", KEY, json!({})));
    let axes: [&[&str]; 3] = [&[USER, "anonymous"], &["kms:Encrypt", "kms:Decrypt"], &KEYS];
    let matrix = matrix(world, axes, &base());
    assert_eq!(matrix.len(), 8);
    assert_eq!(matrix.count(Verdict::Allow), 1);
    assert_eq!(matrix.count(Verdict::ImplicitDeny), 7);
    assert_eq!(matrix.allowed().collect::<Vec<_>>(), [(0, 0, 0)]);
    assert_eq!(matrix.cells(Verdict::ImplicitDeny).count(), 7);
    assert_eq!(matrix.verdict(2, 0, 0), None);
    assert_eq!(matrix.row(0, 2).len(), 0);
}

#[test]
fn an_empty_axis_makes_no_cells() {
    let matrix = matrix(
        world(allow("*", "*", json!({}))),
        [&[USER], &["kms:Encrypt"], &[]],
        &base(),
    );
    assert!(matrix.is_empty());
    assert_eq!(
        (matrix.count(Verdict::Allow), matrix.allowed().count()),
        (0, 0)
    );
}
