//! Keys, and what they are used for.

use super::*;
use crate::snapshot::KeyManager;

#[test]
fn key_identifiers_lead_to_keys() {
    let mut blocks = Blocks::new(json!({}));
    let mut listed = key(KEY_ONE, json!([delegation(ACCOUNT)]));
    listed.aliases = Some(vec!["alias/one".to_owned()]);
    blocks.world.snapshot.keys = vec![listed];
    let id = KEY_ONE.rsplit('/').next().unwrap();
    for identifier in [
        KEY_ONE,
        id,
        "alias/one",
        "arn:aws:kms:us-west-2:111122223333:alias/one",
    ] {
        assert_eq!(
            blocks.value(json!({"key": identifier})),
            [KEY_ONE],
            "{identifier}"
        );
    }
    assert_eq!(
        blocks.value(json!({"key": "alias/two"})),
        ["arn:aws:kms:us-west-2:111122223333:alias/two"]
    );
    assert_eq!(
        blocks.value(json!({"key": ["abc", "alias/aws/s3"]})),
        [
            "arn:aws:kms:us-west-2:111122223333:key/abc",
            "arn:aws:kms:us-west-2:111122223333:alias/aws/s3",
        ]
    );
    assert_eq!(
        blocks.value(json!({"key": "arn:aws:s3:::b"})),
        ["arn:aws:s3:::b"],
        "left for the check of formats"
    );
}

#[test]
fn writes_use_the_named_key_else_the_header_else_the_default() {
    let mut blocks = Blocks::new(json!({}));
    let write = |bucket: &str, key: Option<&str>, header: bool| json!({"write": {"objects": format!("arn:aws:s3:::{bucket}/o/*"), "key": key.into_iter().collect::<Vec<_>>(), "header": header}});
    blocks.world.snapshot.keys = vec![key(KEY_TWO, json!([delegation(ACCOUNT)]))];
    blocks.world.snapshot.resources = vec![
        bucket("plain", ACCOUNT),
        encrypted(bucket("keyed", ACCOUNT), Some(KEY_TWO), true),
        encrypted(bucket("managed", ACCOUNT), None, false),
        encrypted(bucket("theirs", OTHER), None, false),
    ];
    let mut keys = |expr: Value| {
        let uses = blocks.uses(expr);
        uses.into_iter()
            .map(|key_use| (key_use.key, key_use.context["aws:s3:arn"].clone()))
            .collect::<Vec<_>>()
    };
    let used = |key: &str, arn: &str| vec![(key.to_owned(), arn.to_owned())];
    let aws_managed = "arn:aws:kms:us-west-2:111122223333:alias/aws/s3";
    assert_eq!(
        keys(write("plain", Some(KEY_ONE), false)),
        used(KEY_ONE, "arn:aws:s3:::plain/o/*")
    );
    assert_eq!(
        keys(write("keyed", Some(KEY_ONE), false)),
        used(KEY_ONE, "arn:aws:s3:::keyed"),
        "the bucket's own setting"
    );
    assert_eq!(
        keys(write("keyed", None, true)),
        used(aws_managed, "arn:aws:s3:::keyed"),
        "not the bucket's key"
    );
    assert_eq!(
        keys(write("keyed", None, false)),
        used(KEY_TWO, "arn:aws:s3:::keyed")
    );
    assert_eq!(keys(write("plain", None, false)), []);
    assert_eq!(
        keys(write("plain", None, true)),
        used(aws_managed, "arn:aws:s3:::plain/o/*")
    );
    assert_eq!(
        keys(write("managed", None, false)),
        [],
        "open to everybody of the account through S3"
    );
    assert_eq!(
        keys(write("theirs", None, false)),
        used(
            "arn:aws:kms:us-west-2:444455556666:alias/aws/s3",
            "arn:aws:s3:::theirs/o/*"
        ),
        "aws/s3 of the bucket's account"
    );
    assert_eq!(keys(write("nobody", None, false)), []);
}

#[test]
fn reads_use_what_was_written() {
    let mut blocks = Blocks::new(json!({}));
    let mut mixed = encrypted(bucket("mixed", ACCOUNT), Some(KEY_TWO), false);
    let mut paired = object("paired", Some(KEY_ONE), true);
    paired
        .encryption_context
        .insert("team".to_owned(), "x".to_owned());
    mixed.objects = vec![
        object("free", None, false),
        paired,
        object("managed", Some("alias/aws/s3"), false),
    ];
    let mut owned = key(
        "arn:aws:kms:us-west-2:111122223333:key/owned",
        json!([delegation(ACCOUNT)]),
    );
    owned.manager = KeyManager::AwsOwned;
    blocks.world.snapshot.keys = vec![owned];
    blocks.world.snapshot.resources = vec![
        mixed,
        encrypted(bucket("theirs", OTHER), None, false),
        encrypted(bucket("owned", ACCOUNT), Some("owned"), false),
    ];
    let mut keys = |objects: &[&str], named: &[&str]| {
        blocks.uses(json!({"read": {"objects": objects, "key": named}}))
    };
    let used = |key: &str, pairs: &[(&str, &str)]| KeyUse {
        key: key.to_owned(),
        context: pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    assert_eq!(
        keys(
            &["arn:aws:s3:::mixed/free", "arn:aws:s3:::mixed/managed"],
            &[]
        ),
        []
    );
    assert_eq!(
        keys(&["arn:aws:s3:::mixed/*"], &[]),
        [used(KEY_TWO, &[("aws:s3:arn", "arn:aws:s3:::mixed/*")])]
    );
    assert_eq!(
        keys(&["arn:aws:s3:::mixed/paired"], &[]),
        [used(
            KEY_ONE,
            &[("aws:s3:arn", "arn:aws:s3:::mixed"), ("team", "x")]
        )]
    );
    assert_eq!(
        keys(&["arn:aws:s3:::mixed/free"], &[KEY_ONE]),
        [used(KEY_ONE, &[("aws:s3:arn", "arn:aws:s3:::mixed/free")])]
    );
    assert_eq!(
        keys(&["arn:aws:s3:::theirs/o"], &[]),
        [used(
            "arn:aws:kms:us-west-2:444455556666:alias/aws/s3",
            &[("aws:s3:arn", "arn:aws:s3:::theirs/o")]
        ),]
    );
    assert_eq!(
        keys(&["arn:aws:s3:::owned/o"], &[]),
        [],
        "AWS owned keys ask nobody"
    );
}

/// JOB-S3-1: `aws/s3` is a key of the bucket's Region, whatever the job's.
#[test]
fn default_keys_are_of_the_buckets_region() {
    let mut blocks = Blocks::new(json!({}));
    let far = |name: &str, account: &str, key: Option<&str>| {
        let mut far = encrypted(bucket(name, account), key, false);
        far.region = Some("eu-west-1".to_owned());
        far
    };
    let id = "11111111-aaaa-4bbb-8ccc-1234567890ab";
    blocks.world.snapshot.resources = vec![
        far("managed", OTHER, None),
        far("keyed", OTHER, Some(id)),
        far("own", ACCOUNT, None),
    ];
    let mut keys = |expr: Value| {
        let uses = blocks.uses(expr);
        uses.into_iter().map(|one| one.key).collect::<Vec<_>>()
    };
    let write = |bucket: &str, header: bool| json!({"write": {"objects": format!("arn:aws:s3:::{bucket}/o"), "header": header}});
    let read = |bucket: &str| json!({"read": {"objects": format!("arn:aws:s3:::{bucket}/o")}});
    let theirs = "arn:aws:kms:eu-west-1:444455556666:alias/aws/s3";
    assert_eq!(keys(write("managed", false)), [theirs]);
    assert_eq!(keys(read("managed")), [theirs]);
    assert_eq!(
        keys(write("managed", true)),
        ["arn:aws:kms:eu-west-1:111122223333:alias/aws/s3"],
        "the header means the writer's"
    );
    assert_eq!(
        keys(write("keyed", false)),
        [format!("arn:aws:kms:eu-west-1:111122223333:key/{id}")],
        "who writes reads the id"
    );
    assert_eq!(
        keys(read("keyed")),
        [format!("arn:aws:kms:eu-west-1:444455556666:key/{id}")]
    );
    assert_eq!(keys(write("own", false)), [""; 0]);
}

/// KMS-AMK-2, KMS-AMK-5.
#[test]
fn named_keys_are_used_with_their_pairs() {
    let mut blocks = Blocks::new(json!({"L": [{"B": "x"}, {"B": "y"}]}));
    let mut listed = key(KEY_ONE, json!([delegation(ACCOUNT)]));
    listed.aliases = Some(vec!["alias/one".to_owned()]);
    let mut of_aws = key(KEY_TWO, json!([delegation(ACCOUNT)]));
    of_aws.manager = KeyManager::Aws;
    of_aws.service = Some("ebs".to_owned());
    blocks.world.snapshot.keys = vec![listed, of_aws];
    let mut uses = |key: Value, context: Value| {
        let uses = blocks.uses(json!({"named": {"key": key, "context": context}}));
        let shown = uses.into_iter().map(|one| {
            let pairs = one
                .context
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            format!("{} {}", one.key, pairs.collect::<Vec<_>>().join(" "))
        });
        shown.collect::<Vec<_>>()
    };
    assert_eq!(
        uses(
            json!(["alias/one", KEY_ONE]),
            json!({"a": "{region}", "none": []})
        ),
        [format!("{KEY_ONE} a=us-west-2")]
    );
    assert_eq!(
        uses(json!(KEY_ONE), json!({"a": {"field": "L.B"}, "b": "z"})),
        [format!("{KEY_ONE} a=x b=z"), format!("{KEY_ONE} a=y b=z")]
    );
    assert_eq!(uses(json!(KEY_ONE), json!({})), [format!("{KEY_ONE} ")]);
    assert_eq!(
        uses(json!(["alias/aws/ebs", KEY_TWO, []]), json!({})),
        [""; 0],
        "open to everybody of the account through the service"
    );
    let theirs = "arn:aws:kms:us-west-2:444455556666:alias/aws/ebs";
    assert_eq!(uses(json!(theirs), json!({})), [format!("{theirs} ")]);
}

#[test]
fn the_default_of_a_bucket_that_is_not_listed_is_open() {
    let mut blocks = Blocks::new(json!({}));
    blocks.world.snapshot.resources = vec![bucket("plain", ACCOUNT)];
    let mut open = |expr: Value| {
        blocks.key_uses["found"] = expr;
        blocks.with(|scope| {
            (
                scope.open_buckets("found").to_vec(),
                scope.is_given("found"),
            )
        })
    };
    let objects = [
        "arn:aws:s3:::plain/a",
        "arn:aws:s3:::other/a",
        "arn:aws:s3:::other/b",
    ];
    let other = vec!["arn:aws:s3:::other".to_owned()];
    assert_eq!(
        open(json!({"read": {"objects": objects}})),
        (other.clone(), true)
    );
    assert_eq!(open(json!({"write": {"objects": objects}})), (other, true));
    let none = || (Vec::new(), false);
    assert_eq!(open(json!({"read": {"objects": objects[0]}})), none());
    for said in [
        json!({"read": {"objects": objects, "key": KEY_ONE}}),
        json!({"write": {"objects": objects, "key": KEY_ONE}}),
        json!({"write": {"objects": objects, "header": true}}),
    ] {
        assert_eq!(open(said.clone()), (Vec::new(), true), "{said}");
    }
}

#[test]
fn keys_by_name_leave_out_those_of_aws_unless_they_are_wanted() {
    let mut blocks = Blocks::new(json!({}));
    let mut owned = key(KEY_TWO, json!([delegation(ACCOUNT)]));
    owned.manager = KeyManager::AwsOwned;
    blocks.world.snapshot.keys = vec![owned];
    let managed = "arn:aws:kms:us-west-2:111122223333:alias/aws/sqs";
    let mut keys = |wanted: bool| {
        let uses = blocks.uses(
            json!({"named": {"key": [KEY_ONE, KEY_TWO, "alias/aws/sqs"], "managed": wanted}}),
        );
        uses.into_iter()
            .map(|key_use| key_use.key)
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(false), [KEY_ONE]);
    assert_eq!(keys(true), [KEY_ONE, managed]);
}

#[test]
fn plain_objects_are_told_from_those_under_keys() {
    let mut blocks = Blocks::new(json!({}));
    let mut keyed = encrypted(bucket("keyed", ACCOUNT), Some(KEY_ONE), false);
    keyed.objects = vec![
        object("plain", None, false),
        object("own", Some(KEY_TWO), false),
    ];
    blocks.world.snapshot.resources = vec![keyed, bucket("free", ACCOUNT)];
    let objects = [
        "arn:aws:s3:::keyed/plain",
        "arn:aws:s3:::keyed/own",
        "arn:aws:s3:::keyed/*",
        "arn:aws:s3:::free/*",
        "arn:aws:s3:::unlisted/*",
    ];
    assert_eq!(
        blocks.value(json!({"s3_plain": objects})),
        [objects[0], objects[3]]
    );
}

#[test]
fn keys_of_objects_may_be_those_that_aws_manages() {
    let mut blocks = Blocks::new(json!({}));
    let aws_s3 = "arn:aws:kms:us-west-2:111122223333:alias/aws/s3";
    let mut by_default = encrypted(bucket("managed", ACCOUNT), None, false);
    by_default.objects = vec![object("own", Some(KEY_ONE), false)];
    blocks.world.snapshot.keys = vec![key(KEY_ONE, json!([delegation(ACCOUNT)]))];
    blocks.world.snapshot.resources = vec![by_default];
    let objects = ["arn:aws:s3:::managed/o", "arn:aws:s3:::managed/own"];
    let mut keys = |expr: Value| {
        let uses = blocks.uses(expr).into_iter();
        uses.map(|key_use| key_use.key).collect::<Vec<_>>()
    };
    let read = |managed: bool| json!({"read": {"objects": objects, "managed": managed}});
    assert_eq!(keys(read(false)), [KEY_ONE]);
    assert_eq!(keys(read(true)), [aws_s3, KEY_ONE]);
    let write = |managed: bool| json!({"write": {"objects": objects[0], "managed": managed}});
    assert_eq!(keys(write(false)), [""; 0]);
    assert_eq!(keys(write(true)), [aws_s3]);
}
