//! What single outputs give, and what is wrong with them. Whole situations stand in `tests/inputs`.

use preclear_model::Diagnostics;
use preclear_simulator::snapshot::{KeyManager, VpcEndpointKind};
use preclear_simulator::{Given, Layer, Snapshot};

use crate::files::MemoryFiles;
use crate::testing::codes;
use crate::{Loaded, Options, snapshot};

mod errors;
mod iam;
mod keys;
mod organizations;

const DOCUMENT: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
const KEY_FOLDER: &str = "d/account/111122223333/us-west-2/kms/keys/k-1";
const KEY_ARN: &str = "arn:aws:kms:us-west-2:111122223333:key/k-1";

/// Loads the folder `d`.
fn load(files: &[(&str, &str)]) -> Result<Loaded<Snapshot>, Diagnostics> {
    load_with(files, &Options::default())
}

fn load_with(files: &[(&str, &str)], options: &Options) -> Result<Loaded<Snapshot>, Diagnostics> {
    let files = MemoryFiles::from_iter(files.iter().copied());
    snapshot::load(["d"], &files, options)
}

/// Loads without any complaint.
#[track_caller]
fn read(files: &[(&str, &str)]) -> Snapshot {
    let loaded = load(files).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(codes(&loaded.diagnostics), [""; 0]);
    loaded.value
}

/// Codes with what they point at.
fn complaints(files: &[(&str, &str)]) -> Vec<String> {
    match load(files) {
        Ok(loaded) => codes(&loaded.diagnostics),
        Err(errors) => codes(&errors),
    }
}

/// Rule: UI-31.
#[test]
fn a_key_is_put_together_of_its_outputs() {
    let key = |name: &str| format!("{KEY_FOLDER}/{name}");
    let policy = format!(
        r#"{{"Policy": {}, "PolicyName": "default"}}"#,
        serde_json::to_string(crate::testing::KEY_POLICY).unwrap()
    );
    let snapshot = read(&[
        (&key("a.json"), &policy),
        (
            &key("b.json"),
            &format!(
                r#"{{"KeyMetadata": {{"Arn": "{KEY_ARN}", "KeyState": "Disabled", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
                "KeyManager": "CUSTOMER", "CreationDate": 1770640198.441, "NewMember": [1]}}}}"#
            ),
        ),
        (&key("c.json"), r#"{"Grants": [], "Truncated": false}"#),
        (&key("d.yaml"), "Tags:\n- {TagKey: n, TagValue: '4711'}"),
        (
            "d/aliases.json",
            r#"{"Aliases": [{"AliasName": "alias/x", "AliasArn": "arn:aws:kms:us-west-2:111122223333:alias/x", "TargetKeyId": "k-1"},
                {"AliasName": "alias/aws/s3", "AliasArn": "arn:aws:kms:us-west-2:111122223333:alias/aws/s3", "TargetKeyId": "k-2"}]}"#,
        ),
        (
            "d/keys.json",
            r#"{"Keys": [{"KeyId": "k-3", "KeyArn": "arn:aws:kms:us-west-2:111122223333:key/k-3"}]}"#,
        ),
    ]);
    let find = |id: &str| {
        let mut keys = snapshot.keys.iter();
        keys.find(|key| key.arn.resource_id() == id).unwrap()
    };
    let key = find("k-1");
    let policy = key.policy.value().unwrap();
    assert_eq!(policy.name, "keys/k-1/policy");
    let at = policy.place(policy.span).locate();
    assert_eq!(at.position.line, 1);
    assert_eq!(
        (key.state.as_str(), key.spec.as_str()),
        ("Disabled", "SYMMETRIC_DEFAULT")
    );
    assert_eq!(key.grants.as_deref(), Some([].as_slice()));
    assert_eq!(key.tags.as_ref().unwrap()["n"], "4711");
    assert_eq!(key.aliases.as_deref().unwrap(), ["alias/x"]);
    // The list has all aliases of the account and Region.
    assert_eq!(find("k-3").aliases.as_deref(), Some([].as_slice()));
    assert_eq!(find("k-2").manager, KeyManager::Aws);
    assert_eq!(find("k-2").service.as_deref(), Some("s3"));
    assert!(find("k-3").policy.is_left_out() && !snapshot.complete);
    assert_eq!(snapshot.account.as_deref(), Some("111122223333"));
    assert_eq!(snapshot.region.as_deref(), Some("us-west-2"));
}

/// `list-aliases --key-id` lists those of one key; its output looks the same.
#[test]
fn aliases_of_one_key_say_nothing_of_others() {
    let aliases = r#"{"Aliases": [{"AliasName": "alias/x", "AliasArn": "arn:aws:kms:us-west-2:111122223333:alias/x", "TargetKeyId": "k-1"}]}"#;
    let keys = format!(r#"{{"Keys": [{{"KeyArn": "{KEY_ARN}"}}, {{"KeyArn": "{KEY_ARN}3"}}]}}"#);
    for folder in ["d", KEY_FOLDER] {
        let snapshot = read(&[(&format!("{folder}/a.json"), aliases), ("d/k.json", &keys)]);
        let aliases: Vec<_> = snapshot
            .keys
            .iter()
            .map(|key| key.aliases.clone())
            .collect();
        assert!(aliases.contains(&None), "{folder}: {aliases:?}");
        assert!(aliases.contains(&Some(vec!["alias/x".to_owned()])));
    }
    let none = read(&[
        (&format!("{KEY_FOLDER}/a.json"), r#"{"Aliases": []}"#),
        ("d/k.json", &keys),
    ]);
    assert_eq!(none.keys[0].aliases.as_deref(), Some([].as_slice()));
    assert_eq!(none.keys[1].aliases, None);
}

#[test]
fn pages_are_joined() {
    let alias = |name: &str| {
        format!(
            r#"{{"AliasName": "alias/{name}", "AliasArn": "arn:aws:kms:us-west-2:111122223333:alias/{name}", "TargetKeyId": "k-1"}}"#
        )
    };
    let first = format!(
        r#"{{"Aliases": [{}], "NextMarker": "x", "Truncated": true}}"#,
        alias("a")
    );
    let second = format!(r#"{{"Aliases": [{}], "Truncated": false}}"#, alias("b"));
    let snapshot = read(&[("d/1.json", &first), ("d/2.json", &second)]);
    assert_eq!(
        snapshot.keys[0].aliases.as_deref().unwrap(),
        ["alias/a", "alias/b"]
    );
    assert_eq!(
        complaints(&[("d/1.json", &first)]),
        ["NEXT_PAGE_MISSING true"]
    );
    // Pages of another folder are those of another list.
    let found = complaints(&[("d/1.json", &first), ("d/e/2.json", &second)]);
    assert!(
        found.contains(&"NEXT_PAGE_MISSING true".to_owned()),
        "{found:?}"
    );
    let grants = r#"{"Grants": [], "NextMarker": "x", "Truncated": true}"#;
    let file = format!("{KEY_FOLDER}/g.json");
    let grants = (file.as_str(), grants);
    let loaded = load(&[grants]).unwrap();
    assert_eq!(loaded.value.keys[0].grants, None, "there may be more");
    let loaded = load(&[grants, ("d/s.yaml", "preclear: 1\ncomplete: true")]).unwrap();
    assert_eq!(loaded.value.keys[0].grants, None, "whatever else says so");
    assert!(!loaded.value.complete);
}

#[test]
fn resources_are_put_together_of_their_outputs() {
    let policy = serde_json::to_string(
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#,
    )
    .unwrap();
    let snapshot = read(&[
        (
            "d/111122223333/s3/list.json",
            r#"{"Buckets": [{"Name": "b", "BucketRegion": "eu-west-1"}, {"Name": "c"}], "Owner": {"ID": "x"}}"#,
        ),
        (
            "d/111122223333/buckets/b/e.json",
            r#"{"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault":
                {"SSEAlgorithm": "aws:kms", "New": 1}, "BucketKeyEnabled": true, "New": 1}], "New": 1}, "New": 1}"#,
        ),
        (
            "d/111122223333/buckets/b/l.json",
            r#"{"LocationConstraint": "EU"}"#,
        ),
        (
            "d/111122223333/buckets/c/l.json",
            r#"{"LocationConstraint": null}"#,
        ),
        (
            "d/buckets/china/l.json",
            r#"{"LocationConstraint": "cn-north-1"}"#,
        ),
        (
            "d/sqs.json",
            &format!(
                r#"{{"Attributes": {{"QueueArn": "arn:aws:sqs:us-west-2:111122223333:q", "Policy": {policy}, "KmsMasterKeyId": "alias/aws/sqs"}}}}"#
            ),
        ),
        (
            "d/sqs-all.json",
            r#"{"Attributes": {"QueueArn": "arn:aws:sqs:us-west-2:111122223333:r", "CreatedTimestamp": "1",
                "LastModifiedTimestamp": "1", "MaximumMessageSize": "1"}}"#,
        ),
        (
            "d/sqs-some.json",
            r#"{"Attributes": {"QueueArn": "arn:aws:sqs:us-west-2:111122223333:s"}}"#,
        ),
        (
            "d/endpoints.json",
            &format!(
                r#"{{"VpcEndpoints": [{{"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "PolicyDocument": {policy}, "OwnerId": "111122223333"}},
                {{"VpcEndpointId": "vpce-2", "VpcEndpointType": "GatewayLoadBalancer"}}]}}"#
            ),
        ),
    ]);
    let find = |arn: &str| {
        let mut resources = snapshot.resources.iter();
        resources.find(|one| one.arn.as_str() == arn).unwrap()
    };
    let bucket = find("arn:aws:s3:::b");
    assert_eq!(bucket.region.as_deref(), Some("eu-west-1"));
    assert_eq!(bucket.account.as_deref(), Some("111122223333"));
    let encryption = bucket.encryption.value().unwrap();
    assert!(encryption.kms && encryption.bucket_key && encryption.key.is_none());
    assert_eq!(find("arn:aws:s3:::c").region.as_deref(), Some("us-east-1"));
    assert!(find("arn:aws-cn:s3:::china").account.is_none());
    let queue = find("arn:aws:sqs:us-west-2:111122223333:q");
    assert!(queue.policy.value().is_some());
    assert_eq!(queue.kms_key.as_deref(), Some("alias/aws/sqs"));
    let all = find("arn:aws:sqs:us-west-2:111122223333:r");
    assert_eq!(all.policy, Given::Nothing);
    let some = find("arn:aws:sqs:us-west-2:111122223333:s");
    assert_eq!(some.policy, Given::LeftOut, "nobody asked for it");
    let [endpoint] = snapshot.vpc_endpoints.as_slice() else {
        panic!("{:?}", snapshot.vpc_endpoints);
    };
    assert_eq!(endpoint.kind, VpcEndpointKind::Gateway);
    assert!(endpoint.policy.value().is_some());
}

/// A refused policy of an output is treated as one of a snapshot file. Rule: IAM-GRAM-19.
#[test]
fn refused_policies_make_their_layer_unknown_if_that_is_wanted() {
    let file = format!("{KEY_FOLDER}/p.json");
    let files = [(
        file.as_str(),
        r#"{"Policy": "{\"Version\": \"2012-10-17\", \"Statement\": 1}"}"#,
    )];
    assert!(load(&files).unwrap_err().has_errors());
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let loaded = load_with(&files, &options).unwrap();
    assert!(loaded.value.has_rejected(Layer::Resource, KEY_ARN));
}

#[test]
fn places_lead_into_strings() {
    let file = format!("{KEY_FOLDER}/p.json");
    let policy =
        "{\n  \"Policy\": \"{\\\"Version\\\": \\\"2012-10-17\\\", \\\"Statement\\\": []}\"\n}";
    let found = load(&[(&file, policy)]).unwrap_err();
    let place = found.0[0].place.as_ref().unwrap().outermost().locate();
    assert_eq!(place.position.line, 2);
    assert!(place.position.column > 12, "{:?}", place.position);
}
