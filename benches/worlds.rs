//! Accounts of a given size, and requests that are decided in them.

use preclear_harness::world::read;
use preclear_simulator::{Engine, Request, Snapshot};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A snapshot and the requests asked of it.
#[derive(Debug)]
pub struct World {
    /// The accounts.
    pub snapshot: Snapshot,
    /// The requests, each with another answer or another way to it.
    pub requests: Vec<Request>,
}

impl World {
    fn new(snapshot: &Value, requests: &[Value]) -> Self {
        let snapshot = read::snapshot(snapshot).expect("the snapshot is well-formed");
        let requests = requests
            .iter()
            .map(|request| read::request(request).expect("the request is well-formed"))
            .collect();
        Self { snapshot, requests }
    }

    /// The engine for it.
    #[must_use]
    pub fn engine(&self) -> Engine {
        Engine::compile(self.snapshot.clone())
    }
}

fn statement(effect: &str, actions: Value, resources: Value, condition: Value) -> Value {
    let mut statement = json!({"Effect": effect, "Action": actions, "Resource": resources});
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    statement
}

fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn role(policies: Vec<Value>) -> Value {
    json!({
        "arn": format!("arn:aws:iam::{ACCOUNT}:role/app"),
        "id": "AROAEXAMPLE",
        "tags": {"team": "labeling"},
        "policies": policies,
    })
}

fn decrypt(extra: Value) -> Value {
    let mut request = json!({
        "principal": format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/session"),
        "action": "kms:Decrypt",
        "resource": KEY,
        "mode": "closed",
        "now": "2026-11-22T12:00:00Z",
    });
    if let Some(members) = extra.as_object() {
        for (name, value) in members {
            request[name] = value.clone();
        }
    }
    request
}

/// One policy of one statement, without conditions.
#[must_use]
pub fn one_by_one() -> World {
    let allow = statement(
        "Allow",
        json!("s3:GetObject"),
        json!("arn:aws:s3:::data/*"),
        Value::Null,
    );
    let snapshot = json!({
        "preclear": 1,
        "complete": true,
        "principals": [role(vec![document(vec![allow])])],
    });
    let ask = |action: &str, resource: &str| {
        json!({
            "principal": format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/session"),
            "action": action,
            "resource": resource,
            "mode": "closed",
        })
    };
    World::new(
        &snapshot,
        &[
            ask(
                "s3:GetObject",
                "arn:aws:s3:::data/2026/11/22/part-00017.parquet",
            ),
            ask(
                "s3:GetObject",
                "arn:aws:s3:::other/2026/11/22/part-00017.parquet",
            ),
            ask(
                "s3:PutObject",
                "arn:aws:s3:::data/2026/11/22/part-00017.parquet",
            ),
        ],
    )
}

/// Ten policies of five statements, two of them with conditions; a key policy; three levels of SCPs.
#[must_use]
pub fn all_layers() -> World {
    let policies = (0..10).map(|number| {
        document(vec![
            statement(
                "Allow",
                json!(["s3:GetObject", "s3:PutObject", "s3:List*"]),
                json!([
                    format!("arn:aws:s3:::bucket-{number}/*"),
                    format!("arn:aws:s3:::bucket-{number}")
                ]),
                Value::Null,
            ),
            statement(
                "Allow",
                json!(["kms:Decrypt", "kms:GenerateDataKey*"]),
                json!(format!(
                    "arn:aws:kms:*:{ACCOUNT}:key/{}",
                    if number == 7 {
                        "*"
                    } else {
                        "0987dcba-09fe-87dc-65ba-ab0987654321"
                    }
                )),
                json!({
                    "StringEquals": {"kms:EncryptionContext:project": "p1"},
                    "StringLike": {"aws:PrincipalTag/team": "label*"},
                }),
            ),
            statement(
                "Allow",
                json!(["sqs:SendMessage", "sqs:Receive*"]),
                json!(format!("arn:aws:sqs:*:{ACCOUNT}:queue-{number}-*")),
                Value::Null,
            ),
            statement(
                "Deny",
                json!("kms:ScheduleKeyDeletion"),
                json!("*"),
                json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            ),
            statement(
                "Allow",
                json!(["logs:Put*", "logs:Create*"]),
                json!("*"),
                Value::Null,
            ),
        ])
    });
    let key_policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:role/admin")}, "Action": ["kms:Create*", "kms:Put*"], "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
         "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalAccount": ACCOUNT}}},
        {"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": "kms:Decrypt*", "Resource": "*",
         "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": format!("arn:aws:logs:*:{ACCOUNT}:*")}}},
    ]});
    let scp = |region: &str| {
        document(vec![
            statement("Allow", json!("*"), json!("*"), Value::Null),
            statement(
                "Deny",
                json!(["kms:*", "s3:*", "ec2:*"]),
                json!("*"),
                json!({"StringNotEquals": {"aws:RequestedRegion": [region, "eu-west-1", "us-east-1"]}}),
            ),
        ])
    };
    let snapshot = json!({
        "preclear": 1,
        "complete": true,
        "organization": {
            "id": "o-example",
            "management_account": "999999999999",
            "root": {"id": "r-ab12", "scps": [scp("eu-central-1")]},
            "units": [{"id": "ou-ab12-x", "parent": "r-ab12", "scps": [scp("eu-west-2")]}],
            "accounts": [{"id": ACCOUNT, "parent": "ou-ab12-x", "scps": [scp("us-west-2")]}],
        },
        "principals": [role(policies.collect())],
        "keys": [{"arn": KEY, "policy": key_policy, "aliases": ["alias/app"]}],
    });
    let context =
        |project: &str| json!({"parameters": {"EncryptionContext": {"project": project}}});
    World::new(
        &snapshot,
        &[
            decrypt(context("p1")),
            decrypt(context("p2")),
            decrypt(
                json!({"resource": "alias/app", "region": "eu-west-1", "parameters": {"EncryptionContext": {"project": "p1"}}}),
            ),
            decrypt(json!({"action": "kms:ScheduleKeyDeletion"})),
        ],
    )
}

/// As many policies, each of `statements` statements; ten of all statements speak of the resource.
#[must_use]
pub fn many(policies: usize, statements: usize) -> World {
    let total = policies * statements;
    let every = (total / 10).max(1);
    let policy = |number: usize| {
        let statements = (number * statements..(number + 1) * statements).map(|place| {
            let effect = if place % 100 == 99 { "Deny" } else { "Allow" };
            let resource = if place % every == 0 {
                format!("arn:aws:s3:::data/team-{}*", "")
            } else {
                format!("arn:aws:s3:::bucket-{place}/*")
            };
            let condition = if place % 4 == 0 {
                json!({"StringEquals": {"aws:PrincipalTag/team": "labeling"}})
            } else {
                Value::Null
            };
            let effect = if place % every == 0 { "Allow" } else { effect };
            statement(
                effect,
                json!(["s3:GetObject", "s3:PutObject"]),
                json!(resource),
                condition,
            )
        });
        document(statements.collect())
    };
    let snapshot = json!({
        "preclear": 1,
        "complete": true,
        "principals": [role((0..policies).map(policy).collect())],
    });
    let ask = |action: &str, resource: String| {
        json!({
            "principal": format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/session"),
            "action": action,
            "resource": resource,
            "mode": "closed",
        })
    };
    World::new(
        &snapshot,
        &[
            ask(
                "s3:GetObject",
                "arn:aws:s3:::data/team-7/part-00017.parquet".to_owned(),
            ),
            ask(
                "s3:GetObject",
                "arn:aws:s3:::elsewhere/part-00017.parquet".to_owned(),
            ),
        ],
    )
}
