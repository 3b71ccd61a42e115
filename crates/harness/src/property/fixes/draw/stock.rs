//! Names that requests and worlds share.

use serde_json::{Value, json};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const OTHER: &str = "444455556666";
pub(super) const ACCOUNTS: [&str; 2] = [ACCOUNT, OTHER];
pub(super) const SESSION_POLICIES: [&str; 2] = [
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#,
];
pub(super) const REGION: &str = "us-west-2";

/// The VPC endpoint that a caller may pass.
pub(super) const ENDPOINT: &str = "vpce-1";

/// Who submits jobs; drawn with weights.
pub(super) const CALLERS: [&str; 5] = [
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:iam::111122223333:role/team/Caller",
    "arn:aws:sts::111122223333:assumed-role/Caller/s1",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:role/Guest",
];

/// Roles that requests name.
pub(super) const ROLES: [&str; 3] = [
    "arn:aws:iam::111122223333:role/service-role/Worker",
    "arn:aws:iam::111122223333:role/Runner",
    "arn:aws:iam::111122223333:role/team/Caller",
];

/// The role of functions, models and what else acts by itself.
pub(super) const OWN_ROLE: &str = "arn:aws:iam::111122223333:role/service-role/Function";

/// Users and roles that are listed.
pub(super) const IDENTITIES: [&str; 6] = [
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:iam::111122223333:role/team/Caller",
    "arn:aws:iam::444455556666:role/Guest",
    "arn:aws:iam::111122223333:role/service-role/Worker",
    "arn:aws:iam::111122223333:role/Runner",
    OWN_ROLE,
];

/// Keys of the job's account, then one of another account and one that AWS manages; each with its alias.
pub(super) const KEYS: [(&str, &str); 4] = [
    (
        "arn:aws:kms:us-west-2:111122223333:key/11111111-aaaa-4bbb-8ccc-1234567890ab",
        "alias/one",
    ),
    (
        "arn:aws:kms:us-west-2:111122223333:key/22222222-aaaa-4bbb-8ccc-1234567890ab",
        "alias/two",
    ),
    (
        "arn:aws:kms:us-west-2:444455556666:key/33333333-aaaa-4bbb-8ccc-1234567890ab",
        "alias/three",
    ),
    (
        "arn:aws:kms:us-west-2:111122223333:key/44444444-aaaa-4bbb-8ccc-1234567890ab",
        "alias/aws/s3",
    ),
];

/// Identifiers of keys, of any form.
pub(super) const KEY_NAMES: [&str; 8] = [
    KEYS[0].0,
    "11111111-aaaa-4bbb-8ccc-1234567890ab",
    KEYS[1].0,
    "alias/one",
    "arn:aws:kms:us-west-2:111122223333:alias/two",
    KEYS[2].0,
    "arn:aws:kms:us-west-2:444455556666:alias/three",
    "alias/aws/s3",
];

pub(super) const BUCKETS: [&str; 3] = ["in-data", "out-data", "sagemaker-data"];

pub(super) const URIS: [&str; 6] = [
    "s3://in-data/m.json",
    "s3://out-data/out",
    "s3://in-data/2026/",
    "s3://sagemaker-data/x/y.json",
    "s3://out-data",
    "s3://sagemaker-data/o/",
];

/// ARNs by what the name of their member holds; the first that fits.
pub(super) const ARNS: [(&str, &[&str]); 16] = [
    (
        "Workteam",
        &[
            "arn:aws:sagemaker:us-west-2:111122223333:workteam/private-crowd/team1",
            "arn:aws:sagemaker:us-west-2:394669845002:workteam/public-crowd/default",
            "arn:aws:sagemaker:us-west-2:394669845002:workteam/vendor-crowd/v1",
        ],
    ),
    (
        "AlgorithmSpecification",
        &[
            "arn:aws:sagemaker:us-west-2:027400017018:labeling-job-algorithm-specification/object-detection",
        ],
    ),
    (
        "Lambda",
        &[
            "arn:aws:lambda:us-west-2:111122223333:function:my-step",
            "arn:aws:lambda:us-west-2:081040173940:function:PRE-BoundingBox",
            "arn:aws:lambda:us-west-2:111122223333:function:SageMaker-step",
        ],
    ),
    (
        "Function",
        &["arn:aws:lambda:us-west-2:111122223333:function:my-step"],
    ),
    (
        "Topic",
        &[
            "arn:aws:sns:us-west-2:111122223333:news",
            "arn:aws:sns:us-west-2:444455556666:news",
        ],
    ),
    ("Target", &["arn:aws:sns:us-west-2:111122223333:news"]),
    ("Queue", &["arn:aws:sqs:us-west-2:111122223333:jobs"]),
    (
        "Stream",
        &["arn:aws:kinesis:us-west-2:111122223333:stream/clicks"],
    ),
    (
        "LogGroup",
        &["arn:aws:logs:us-west-2:111122223333:log-group:g1:*"],
    ),
    ("Bucket", &["arn:aws:s3:::out-data", "arn:aws:s3:::in-data"]),
    (
        "Vault",
        &["arn:aws:backup:us-west-2:111122223333:backup-vault:v1"],
    ),
    (
        "solution",
        &[
            "arn:aws:personalize:us-west-2:111122223333:solution/s/v1",
            "arn:aws:personalize:us-west-2:111122223333:solution/t/v1",
        ],
    ),
    (
        "datasetGroup",
        &["arn:aws:personalize:us-west-2:111122223333:dataset-group/g"],
    ),
    (
        "dataset",
        &["arn:aws:personalize:us-west-2:111122223333:dataset/g/INTERACTIONS"],
    ),
    (
        "metricAttribution",
        &["arn:aws:personalize:us-west-2:111122223333:metric-attribution/m"],
    ),
    // A key by its ARN, in members of which the template says no more than that it is one.
    ("ey", &[KEYS[0].0, KEYS[1].0, KEYS[2].0]),
];

/// An ARN of which nothing is told.
pub(super) const ANY_ARN: [&str; 3] = [
    "arn:aws:dynamodb:us-west-2:111122223333:table/t1",
    "arn:aws:ec2:us-west-2:111122223333:volume/vol-1",
    "arn:aws:sagemaker:us-west-2:111122223333:model/m1",
];

/// Texts by what the name of their member holds; the first that fits.
pub(super) const TEXTS: [(&str, &[&str]); 9] = [
    (
        "QueueUrl",
        &["https://sqs.us-west-2.amazonaws.com/111122223333/jobs"],
    ),
    ("Bucket", &["in-data", "out-data"]),
    ("Region", &["us-west-2", "eu-west-1"]),
    ("Account", &[OTHER, ACCOUNT]),
    ("Role", &[ROLES[0], ROLES[1]]),
    ("Zone", &["us-west-2a"]),
    ("Service", &["s3.amazonaws.com", "events.amazonaws.com"]),
    ("Path", &["/p/"]),
    (
        "SecretId",
        &[
            "arn:aws:secretsmanager:us-west-2:111122223333:secret:s1-AbCdEf",
            "s1",
        ],
    ),
];

pub(super) const ANY_TEXT: [&str; 3] = ["n1", "boxes-01", "x-y"];

/// Things that are always listed, beside those that a job names: what belongs to others of them.
pub(super) fn resources() -> Vec<Value> {
    let group = "arn:aws:personalize:us-west-2:111122223333:dataset-group/g";
    vec![
        json!({"arn": group}),
        json!({"arn": "arn:aws:personalize:us-west-2:111122223333:solution/s", "dataset_group": group}),
        json!({"arn": "arn:aws:personalize:us-west-2:111122223333:metric-attribution/m", "dataset_group": group}),
    ]
}
