//! Accounts of a given size, and requests that are decided in them.

use preclear_harness::world::read;
use preclear_model::PolicyKind;
use preclear_model::caller::Caller;
use preclear_simulator::{Ask, Axes, Engine, Request, Snapshot};
use serde_json::{Value, json};

use crate::documents;

const ACCOUNT: &str = "111122223333";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A snapshot and the requests asked of it.
#[derive(Debug)]
pub struct World {
    /// The accounts.
    pub snapshot: Snapshot,
    /// The same as a file says it.
    pub document: Value,
    /// The requests, each with another answer or another way to it.
    pub requests: Vec<Request>,
    /// The same as a file says them.
    pub asked: Vec<Value>,
}

impl World {
    fn new(document: Value, asked: Vec<Value>) -> Self {
        let requests = asked
            .iter()
            .map(|request| read::request(request).expect("the request is well-formed"))
            .collect();
        Self {
            snapshot: read::snapshot(&document).expect("the snapshot is well-formed"),
            document,
            requests,
            asked,
        }
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
        snapshot,
        vec![
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
        snapshot,
        vec![
            decrypt(context("p1")),
            decrypt(context("p2")),
            decrypt(
                json!({"resource": "alias/app", "region": "eu-west-1", "parameters": {"EncryptionContext": {"project": "p1"}}}),
            ),
            decrypt(json!({"action": "kms:ScheduleKeyDeletion"})),
            // A Region that no level of SCPs lets through.
            decrypt(json!({
                "action": "s3:GetObject",
                "resource": "arn:aws:s3:::bucket-3/part-00017.parquet",
                "region": "sa-east-1",
            })),
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
                "arn:aws:s3:::data/team-*".to_owned()
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
        snapshot,
        vec![
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

/// Policies of so many patterns, each of which a careless matcher goes over again and again, and a long text that none matches.
#[must_use]
pub fn hostile(patterns: usize) -> World {
    // All that a pattern looks for is nearly everywhere in the text.
    let text = format!("{}b", "a".repeat(60)).repeat(16);
    let pattern = |number: usize| {
        let length = 62 + number % 67;
        let core = match number % 5 {
            0 => format!("*{}b", "a".repeat(length)),
            1 => format!("*{}?b", "a".repeat(length)),
            2 => format!("*{}b", "a?".repeat(length / 2)),
            3 => "a*".repeat(length) + "c",
            _ => "*a?aba".repeat(length / 6) + "*aa?bb",
        };
        format!("arn:aws:s3:::{core}*{number}*")
    };
    let numbers: Vec<usize> = (0..patterns).collect();
    let policies = numbers.chunks(100).map(|numbers| {
        let statements = numbers.chunks(10).map(|numbers| {
            let patterns: Vec<_> = numbers.iter().map(|number| pattern(*number)).collect();
            statement("Allow", json!("s3:GetObject"), json!(patterns), Value::Null)
        });
        document(statements.collect())
    });
    let snapshot = json!({
        "preclear": 1,
        "complete": true,
        "principals": [role(policies.collect())],
    });
    let asked = json!({
        "principal": format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/session"),
        "action": "s3:GetObject",
        "resource": format!("arn:aws:s3:::{text}"),
        "mode": "closed",
    });
    World::new(snapshot, vec![asked])
}

/// Identity policies of the sample that deny nothing, up to so many bytes, as those of one role; one more allows the request.
#[must_use]
pub fn sampled(bytes_max: usize) -> World {
    let mut bytes = 0;
    let policies = documents::sample()
        .into_iter()
        .filter(|document| document.kind == PolicyKind::Identity)
        .map(|document| document.source.text.to_string())
        .filter(|text| !text.contains(r#""Deny""#))
        .take_while(|text| {
            bytes += text.len();
            bytes <= bytes_max
        })
        .map(|text| serde_json::from_str(&text).expect("a policy is JSON"));
    let mut policies: Vec<Value> = policies.collect();
    let any = format!("arn:aws:kms:*:{ACCOUNT}:key/*");
    policies.push(document(vec![statement(
        "Allow",
        json!("kms:Decrypt"),
        json!(any),
        Value::Null,
    )]));
    let root = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
    let key_policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"},
    ]});
    let snapshot = json!({
        "preclear": 1,
        "complete": true,
        "principals": [role(policies)],
        "keys": [{"arn": KEY, "policy": key_policy}],
    });
    World::new(snapshot, vec![decrypt(Value::Null)])
}

/// Callers, actions and resources of a matrix, and the accounts that they are in.
#[derive(Debug)]
pub struct Fleet {
    /// The accounts.
    pub engine: Engine,
    /// Sessions of its roles.
    pub callers: Vec<Caller>,
    /// Actions of KMS and S3.
    pub actions: Vec<String>,
    /// Its keys.
    pub keys: Vec<String>,
    /// What all requests share.
    pub base: Request,
}

impl Fleet {
    /// What its matrix is about.
    #[must_use]
    pub fn axes(&self) -> Axes<'_> {
        Axes {
            callers: &self.callers,
            actions: &self.actions,
            resources: &self.keys,
            base: &self.base,
        }
    }

    /// As many requests, spread over the axes.
    #[must_use]
    pub fn requests(&self, count: usize) -> Vec<Request> {
        let axes = self.axes();
        let [callers, actions, keys] = [self.callers.len(), self.actions.len(), self.keys.len()];
        let request = |number: usize| {
            axes.request(number % callers, number / 7 % actions, number * 31 % keys)
        };
        (0..count).filter_map(request).collect()
    }

    /// The same as lines of JSON.
    #[must_use]
    pub fn lines(&self, count: usize) -> Vec<String> {
        let lines = self
            .requests(count)
            .into_iter()
            .enumerate()
            .map(|(number, request)| {
                let Ask::Action(action) = &request.ask else {
                    return String::new();
                };
                json!({
                    "id": format!("r{number}"),
                    "principal": request.caller.display_arn(),
                    "action": action,
                    "resource": request.resource,
                    "mode": "closed",
                })
                .to_string()
            });
        lines.collect()
    }
}

/// A hundred roles of ten teams, sixty actions, and as many keys with four key policies and the tags of four teams. Each role has
/// policies of its own where `are_alike` is false, and else those of its team.
#[must_use]
pub fn fleet(keys: usize, are_alike: bool) -> Fleet {
    const TEAMS: usize = 10;
    let key_arn = |number: usize| {
        format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{number:08x}-12ab-34cd-56ef-1234567890ab")
    };
    let role_policies = |number: usize| {
        let name = if are_alike { number % TEAMS } else { number };
        let any = format!("arn:aws:kms:*:{ACCOUNT}:key/*");
        let own_tags =
            json!({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}});
        vec![document(vec![
            statement(
                "Allow",
                json!(["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]),
                json!(any),
                own_tags,
            ),
            statement(
                "Allow",
                json!(["kms:List*", "kms:Get*"]),
                json!("*"),
                Value::Null,
            ),
            statement(
                "Allow",
                json!(["s3:Get*", "s3:PutObject"]),
                json!(format!("arn:aws:s3:::team-{name}/*")),
                Value::Null,
            ),
            statement(
                "Deny",
                json!(["kms:ScheduleKeyDeletion", "kms:DisableKey"]),
                json!("*"),
                Value::Null,
            ),
        ])]
    };
    let roles: Vec<Value> = (0..100)
        .map(|number| {
            json!({
                "arn": format!("arn:aws:iam::{ACCOUNT}:role/team-{}/app-{number}", number % TEAMS),
                "tags": {"team": format!("t{}", number % TEAMS)},
                "policies": role_policies(number),
            })
        })
        .collect();
    let key_policy = |shape: usize| {
        let root = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
        let admin = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:role/admin-{shape}")});
        json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "root", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"},
            {"Sid": "admin", "Effect": "Allow", "Principal": admin, "Action": ["kms:Create*", "kms:Put*"], "Resource": "*"},
            {"Sid": "transport", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
             "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}},
        ]})
    };
    let listed: Vec<Value> = (0..keys)
        .map(|number| {
            json!({
                "arn": key_arn(number),
                "policy": key_policy(number % 4),
                "aliases": [format!("alias/key-{number}")],
                "tags": {"team": format!("t{}", number / 4 % 4), "name": format!("key {number}")},
            })
        })
        .collect();
    let snapshot = json!({
        "preclear": 1,
        "complete": true,
        "principals": roles,
        "keys": listed,
    });
    let of_kms = "Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateDataKeyPair \
        GenerateDataKeyPairWithoutPlaintext GenerateMac VerifyMac Sign Verify GetPublicKey DescribeKey ReEncryptFrom ReEncryptTo \
        CreateGrant ListGrants RevokeGrant RetireGrant GetKeyPolicy PutKeyPolicy ListKeyPolicies GetKeyRotationStatus \
        EnableKeyRotation DisableKeyRotation EnableKey DisableKey ScheduleKeyDeletion CancelKeyDeletion TagResource UntagResource \
        ListResourceTags UpdateKeyDescription ImportKeyMaterial GetParametersForImport DeleteImportedKeyMaterial \
        ReplicateKey UpdatePrimaryRegion SynchronizeMultiRegionKey DeriveSharedSecret ListKeyRotations";
    let of_s3 = "GetObject GetObjectVersion GetObjectTagging GetObjectAcl PutObject PutObjectTagging PutObjectAcl DeleteObject \
        DeleteObjectVersion AbortMultipartUpload ListMultipartUploadParts RestoreObject GetObjectRetention PutObjectRetention \
        GetObjectLegalHold PutObjectLegalHold ReplicateObject ReplicateDelete GetObjectAttributes GetObjectTorrent";
    let named = |service: &'static str, names: &'static str| {
        let names = names.split_ascii_whitespace();
        names.map(move |name| format!("{service}:{name}"))
    };
    let world = World::new(snapshot, vec![decrypt(Value::Null)]);
    let mut requests = world.requests.clone();
    Fleet {
        engine: world.engine(),
        callers: (0..100)
            .map(|number| {
                Caller::parse(&format!(
                    "arn:aws:sts::{ACCOUNT}:assumed-role/app-{number}/session"
                ))
                .expect("a session")
            })
            .collect(),
        actions: named("kms", of_kms).chain(named("s3", of_s3)).collect(),
        keys: (0..keys).map(key_arn).collect(),
        base: requests.remove(0),
    }
}
