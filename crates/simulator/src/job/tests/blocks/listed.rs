//! What the snapshot says of things.

use super::*;
use crate::job::existence;
use crate::snapshot::ResourceRecord;

#[test]
fn the_snapshot_says_roles_keys_and_owners() {
    let function = "arn:aws:lambda:us-west-2:111122223333:function:f";
    let mut blocks = Blocks::new(json!({}));
    let mut record = ResourceRecord::new(arn(function));
    record.role = Some("arn:aws:iam::111122223333:role/f".to_owned());
    record.kms_key = Some("k".to_owned());
    record.dataset_group = Some("g".to_owned());
    record.region = Some("eu-west-1".to_owned());
    blocks.world.snapshot.resources = vec![record, bucket("theirs", OTHER)];
    let ask = |member: &str, of: &str| json!({"attribute": {"of": of, "member": member}});
    assert_eq!(
        blocks.value(ask("role", &format!("{function}:live"))),
        ["arn:aws:iam::111122223333:role/f"]
    );
    assert_eq!(
        blocks.value(ask("kms_key", function)),
        ["arn:aws:kms:eu-west-1:111122223333:key/k"]
    );
    assert_eq!(blocks.value(ask("dataset_group", function)), ["g"]);
    assert_eq!(blocks.value(ask("region", function)), ["eu-west-1"]);
    assert_eq!(
        blocks.value(ask(
            "role",
            "arn:aws:lambda:us-west-2:111122223333:function:h"
        )),
        [""; 0]
    );
    let owners = json!({"account_of": ["arn:aws:s3:::theirs", "arn:aws:s3:::theirs/k", function, "arn:aws:s3:::unknown", "no"]});
    assert_eq!(blocks.value(owners), [OTHER, ACCOUNT]);
}

#[test]
fn functions_of_aws_need_no_permission() {
    let mut blocks = Blocks::new(json!({}));
    let own = "arn:aws:lambda:us-west-2:111122223333:function:PRE-BoundingBox";
    let functions = json!({"custom_functions": [
        "arn:aws:lambda:us-west-2:081040173940:function:PRE-BoundingBox",
        "arn:aws:lambda:us-west-2:081040173940:function:ACS-BoundingBox:1",
        "arn:aws:lambda:us-east-1:081040173940:function:PRE-BoundingBox",
        own,
    ]});
    assert_eq!(
        blocks.value(functions),
        [
            "arn:aws:lambda:us-east-1:081040173940:function:PRE-BoundingBox",
            own
        ]
    );
}

#[test]
fn things_are_known_if_listed_external_or_of_aws() {
    let mut blocks = Blocks::new(json!({}));
    let mut listed = key(KEY_ONE, json!([delegation(ACCOUNT)]));
    listed.aliases = Some(vec!["alias/one".to_owned()]);
    blocks.world.snapshot.keys = vec![listed];
    blocks.world.snapshot.principals = vec![role(
        "arn:aws:iam::111122223333:role/r",
        Vec::new(),
        "x.amazonaws.com",
    )];
    blocks.world.snapshot.resources = vec![bucket("b", ACCOUNT)];
    blocks.world.snapshot.external = vec![
        "arn:aws:lambda:*:*:function:shared-*".to_owned(),
        "arn:aws:kms:*:444455556666:*".to_owned(),
    ];
    let unknown = |what: &str, of: &[&str]| {
        let existence = serde_json::from_value(json!({"what": what, "of": of})).unwrap();
        blocks
            .with(|scope| existence::check(scope, &existence))
            .len()
    };
    let own = |name: &str| format!("arn:aws:kms:us-west-2:111122223333:{name}");
    assert_eq!(
        unknown(
            "key",
            &[
                KEY_ONE,
                &own("alias/one"),
                &own("alias/aws/s3"),
                "arn:aws:kms:us-west-2:444455556666:key/1"
            ]
        ),
        0
    );
    assert_eq!(unknown("key", &[KEY_TWO, &own("alias/two")]), 2);
    assert_eq!(
        unknown(
            "role",
            &[
                "arn:aws:iam::111122223333:role/r",
                "arn:aws:iam::111122223333:role/path/r"
            ]
        ),
        1
    );
    assert_eq!(unknown("bucket", &["arn:aws:s3:::b", "arn:aws:s3:::c"]), 1);
    assert_eq!(
        unknown(
            "function",
            &[
                "arn:aws:lambda:us-west-2:1:function:shared-f",
                "arn:aws:lambda:us-west-2:1:function:f"
            ]
        ),
        1
    );
}

#[test]
fn the_snapshot_says_how_buckets_encrypt() {
    let mut blocks = Blocks::new(json!({}));
    let mut far = encrypted(bucket("far", OTHER), None, true);
    far.region = Some("eu-west-1".to_owned());
    blocks.world.snapshot.keys = vec![key(KEY_ONE, json!([delegation(ACCOUNT)]))];
    blocks.world.snapshot.resources = vec![
        bucket("plain", ACCOUNT),
        encrypted(bucket("keyed", ACCOUNT), Some(KEY_ONE), false),
        far,
        ResourceRecord::new(arn("arn:aws:sqs:us-west-2:111122223333:q")),
    ];
    let mut ask =
        |member: &str, of: &str| blocks.value(json!({"attribute": {"of": of, "member": member}}));
    assert_eq!(ask("bucket_key", "arn:aws:s3:::plain"), ["false"]);
    assert_eq!(ask("bucket_key", "arn:aws:s3:::far/o"), ["true"]);
    assert_eq!(ask("bucket_key", "arn:aws:s3:::unknown"), [""; 0]);
    assert_eq!(
        ask("bucket_key", "arn:aws:sqs:us-west-2:111122223333:q"),
        [""; 0]
    );
    assert_eq!(ask("default_key", "arn:aws:s3:::plain"), [""; 0]);
    assert_eq!(ask("default_key", "arn:aws:s3:::keyed"), [KEY_ONE]);
    let managed = "arn:aws:kms:eu-west-1:444455556666:alias/aws/s3";
    assert_eq!(ask("default_key", "arn:aws:s3:::far"), [managed]);
    assert_eq!(ask("account", "arn:aws:s3:::far"), [OTHER]);
    assert_eq!(
        ask("account", "arn:aws:sqs:us-west-2:111122223333:q"),
        [ACCOUNT]
    );
    assert_eq!(
        ask("region", "arn:aws:sqs:us-west-2:111122223333:q"),
        ["us-west-2"]
    );
    assert_eq!(
        ask("account", "arn:aws:sqs:us-west-2:111122223333:p"),
        [""; 0]
    );
    assert_eq!(ask("account", "arn:aws:s3:::*"), [ACCOUNT, OTHER]);
    assert_eq!(ask("default_key", "arn:aws:s3:::keyed/in/*"), [KEY_ONE]);
}

#[test]
fn resources_are_described_by_path() {
    let mut blocks = Blocks::new(json!({}));
    let described = |name: &str, description: Value| {
        let mut record = ResourceRecord::new(arn(name));
        record.describe = description.as_object().cloned();
        record
    };
    blocks.world.snapshot.resources = vec![
        described(
            "arn:aws:sagemaker:us-west-2:111122223333:model/a",
            json!({"ExecutionRoleArn": "r", "Containers": [{"ModelDataUrl": "s3://b/1"}, {"ModelDataUrl": "s3://b/2"}]}),
        ),
        described(
            "arn:aws:sagemaker:us-west-2:111122223333:model/b",
            json!({"ExecutionRoleArn": "s"}),
        ),
        bucket("b", ACCOUNT),
    ];
    let mut ask =
        |of: &str, path: &str| blocks.value(json!({"described": {"of": of, "path": path}}));
    let model = |name: &str| format!("arn:aws:sagemaker:us-west-2:111122223333:model/{name}");
    assert_eq!(ask(&model("a"), "ExecutionRoleArn"), ["r"]);
    let data = ["s3://b/1", "s3://b/2"];
    assert_eq!(ask(&model("a"), "Containers.ModelDataUrl"), data);
    assert_eq!(ask(&model("a"), "Containers[].ModelDataUrl"), data);
    assert_eq!(ask(&model("b"), "Containers.ModelDataUrl"), [""; 0]);
    assert_eq!(ask(&model("*"), "ExecutionRoleArn"), ["r", "s"]);
    assert_eq!(ask(&model("c"), "ExecutionRoleArn"), [""; 0]);
    assert_eq!(ask("arn:aws:s3:::b", "ExecutionRoleArn"), [""; 0]);
}

#[test]
fn what_a_describe_call_wraps_counts_like_the_bare_description() {
    let mut blocks = Blocks::new(json!({}));
    let described = |name: &str, description: Value| {
        let mut record = ResourceRecord::new(arn(name));
        record.describe = description.as_object().cloned();
        record
    };
    let config =
        |name: &str| format!("arn:aws:glue:us-west-2:111122223333:security-configuration/{name}");
    let bare = json!({"Name": "n", "EncryptionConfiguration": {"KmsKeyArn": KEY_ONE}});
    blocks.world.snapshot.resources = vec![
        described(&config("bare"), bare.clone()),
        described(
            &config("wrapped"),
            json!({"SecurityConfiguration": bare, "ResponseMetadata": {"HTTPStatusCode": 200}}),
        ),
        described(&config("listed"), json!({"SecurityConfigurations": [bare]})),
        described(
            &config("two"),
            json!({"SecurityConfigurations": [bare, bare]}),
        ),
        described(
            &config("beside"),
            json!({"SecurityConfiguration": bare, "More": true}),
        ),
        described(
            "arn:aws:elasticfilesystem:us-west-2:111122223333:file-system/fs-1",
            json!({"FileSystems": [{"KmsKeyId": KEY_TWO}]}),
        ),
    ];
    let mut ask = |of: &str| {
        let path = "EncryptionConfiguration.KmsKeyArn";
        blocks.value(json!({"described": {"of": of, "path": path}}))
    };
    assert_eq!(ask(&config("bare")), [KEY_ONE]);
    assert_eq!(ask(&config("wrapped")), [KEY_ONE]);
    assert_eq!(ask(&config("listed")), [KEY_ONE]);
    // Which of two is meant nobody says, and what stands beside other members is no wrapper.
    assert_eq!(ask(&config("two")), [""; 0]);
    assert_eq!(ask(&config("beside")), [""; 0]);
    let file_system = "arn:aws:elasticfilesystem:us-west-2:111122223333:file-system/fs-1";
    let key = json!({"attribute": {"of": file_system, "member": "kms_key"}});
    assert_eq!(blocks.value(key), [KEY_TWO]);
}

#[test]
fn a_key_is_the_entrys_own_or_the_one_it_is_described_with() {
    let mut blocks = Blocks::new(json!({}));
    let resource = |name: &str, own: Option<&str>, description: Value| {
        let mut record = ResourceRecord::new(arn(name));
        record.kms_key = own.map(str::to_owned);
        record.describe = description.as_object().cloned();
        record
    };
    blocks.world.snapshot.resources = vec![
        resource(
            "arn:aws:sqs:us-west-2:111122223333:q",
            None,
            json!({"Attributes": {"KmsMasterKeyId": KEY_ONE}}),
        ),
        resource(
            "arn:aws:sqs:us-west-2:111122223333:both",
            Some(KEY_TWO),
            json!({"Attributes": {"KmsMasterKeyId": KEY_ONE}}),
        ),
        resource(
            "arn:aws:dynamodb:eu-west-1:444455556666:table/t",
            None,
            json!({"SSEDescription": {"KMSMasterKeyArn": "alias/t"}}),
        ),
        resource(
            "arn:aws:sns:us-west-2:111122223333:t",
            None,
            json!({"KMSKeyArn": KEY_ONE, "Attributes": {"KmsMasterKeyId": ""}}),
        ),
    ];
    let mut key = |of: &str| blocks.value(json!({"attribute": {"of": of, "member": "kms_key"}}));
    assert_eq!(key("arn:aws:sqs:us-west-2:111122223333:q"), [KEY_ONE]);
    assert_eq!(key("arn:aws:sqs:us-west-2:111122223333:both"), [KEY_TWO]);
    assert_eq!(
        key("arn:aws:dynamodb:eu-west-1:444455556666:table/t"),
        ["arn:aws:kms:eu-west-1:444455556666:alias/t"]
    );
    let of_another_service = key("arn:aws:sns:us-west-2:111122223333:t");
    assert_eq!(of_another_service, [""; 0]);
}

#[test]
fn what_is_listed_is_told_from_what_is_not() {
    let role_arn = "arn:aws:iam::111122223333:role/r";
    let mut blocks = Blocks::new(json!({}));
    let mut listed = key(KEY_ONE, json!([delegation(ACCOUNT)]));
    listed.aliases = Some(vec!["alias/one".to_owned()]);
    blocks.world.snapshot.keys = vec![listed];
    blocks.world.snapshot.principals = vec![role(role_arn, Vec::new(), "x.amazonaws.com")];
    let mut holder = bucket("b", ACCOUNT);
    holder.objects = vec![object("o", None, false)];
    let function = "arn:aws:lambda:us-west-2:111122223333:function:f";
    blocks.world.snapshot.resources = vec![holder, ResourceRecord::new(arn(function))];
    blocks.world.snapshot.external = vec!["arn:aws:sqs:*".to_owned()];
    let alias = "arn:aws:kms:us-west-2:111122223333:alias/one";
    let version = format!("{function}:live");
    let there = [
        role_arn,
        KEY_ONE,
        alias,
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/o",
        version.as_str(),
    ];
    let away = [
        KEY_TWO,
        "arn:aws:s3:::c",
        "arn:aws:s3:::b/p",
        "arn:aws:sqs:us-west-2:111122223333:q",
        "no",
    ];
    let all = [there.as_slice(), away.as_slice()].concat();
    assert_eq!(blocks.value(json!({"listed": all})), there);
    assert!(blocks.holds(json!({"listed": [KEY_TWO, KEY_ONE]})));
    assert!(!blocks.holds(json!({"listed": away})));
    assert!(!blocks.holds(json!({"listed": []})));
    assert_eq!(
        blocks.value(json!({"listed": "arn:aws:iam::*:role/*"})),
        [role_arn]
    );
    assert_eq!(
        blocks.value(json!({"listed": "arn:aws:s3:::b*"})),
        ["arn:aws:s3:::b", "arn:aws:s3:::b/o"]
    );
    assert_eq!(blocks.value(json!({"listed": "arn:aws:sqs:*"})), [""; 0]);
    assert!(blocks.holds(json!({"listed": "arn:aws:kms:*:key/*"})));
}
