//! Questions whose answers the rules give, one line each: how they name it, a world, who asks for what, the answer.
//!
//! Account A is the one of the worlds; user `U`, role `R`, bucket `b`, key `K` are in it. B is another account. Unless a line says
//! otherwise the snapshot is complete and the context closed, as the rules have it for their own examples.

mod callers;
mod context;
mod grants;
mod guardrails;
mod kms;
mod sts;
mod undecided;

use preclear_simulator::Verdict;
use serde_json::{Value, json};

use crate::world::read;

const A: &str = "111122223333";
const B: &str = "444455556666";
const U: &str = "arn:aws:iam::111122223333:user/U";
const R: &str = "arn:aws:iam::111122223333:role/R";
const R_S: &str = "arn:aws:sts::111122223333:assumed-role/R/s";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/f";
const B_U: &str = "arn:aws:iam::444455556666:user/U2";
const B_R: &str = "arn:aws:iam::444455556666:role/R2";
const B_R_S: &str = "arn:aws:sts::444455556666:assumed-role/R2/s";
const BUCKET: &str = "arn:aws:s3:::b";
const OBJECT: &str = "arn:aws:s3:::b/x";
const QUEUE: &str = "arn:aws:sqs:us-west-2:111122223333:q";
const K: &str = "arn:aws:kms:us-west-2:111122223333:key/11111111-1111-1111-1111-111111111111";

/// A snapshot under construction.
#[derive(Debug, Clone)]
struct World(Value);

impl World {
    /// A complete one, of nothing.
    fn new() -> World {
        World(json!({"preclear": 1, "complete": true, "account": A, "region": "us-west-2"}))
    }

    /// With a member.
    fn set(mut self, member: &str, value: Value) -> World {
        self.0[member] = value;
        self
    }

    /// With one entry more in a list.
    fn add(mut self, list: &str, entry: Value) -> World {
        let entries = &mut self.0[list];
        if entries.is_null() {
            *entries = json!([]);
        }
        entries.as_array_mut().unwrap().push(entry);
        self
    }

    fn principal(self, arn: &str, members: Value) -> World {
        let mut entry = members;
        entry["arn"] = arn.into();
        self.add("principals", entry)
    }

    /// With a user or role that has these statements, and nothing else.
    fn with(self, arn: &str, statements: &[Value]) -> World {
        self.principal(arn, json!({"policies": policies(statements)}))
    }

    /// With the bucket `b` of A and its policy.
    fn bucket(self, statements: &[Value]) -> World {
        self.resource(BUCKET, statements)
    }

    fn resource(self, arn: &str, statements: &[Value]) -> World {
        let policy = policies(statements).into_iter().next();
        self.add(
            "resources",
            json!({"arn": arn, "account": A, "policy": policy}),
        )
    }

    /// With the key `K`, its policy and other members.
    fn key(self, statements: &[Value], members: Value) -> World {
        let mut entry = members;
        entry["arn"] = K.into();
        if !statements.is_empty() {
            entry["policy"] = policy(statements);
        }
        self.add("keys", entry)
    }
}

/// A policy document.
fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// One document, or none.
fn policies(statements: &[Value]) -> Vec<Value> {
    let has_some = !statements.is_empty();
    has_some.then(|| policy(statements)).into_iter().collect()
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn deny(action: &str, resource: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": resource})
}

/// A statement of a resource-based policy: whom, or for service principals and federated ones an object.
fn of(principal: impl Into<Value>, mut statement: Value) -> Value {
    let principal = principal.into();
    statement["Principal"] = match &principal {
        Value::String(text) if text == "*" => principal,
        Value::Object(_) => principal,
        _ => json!({ "AWS": principal }),
    };
    statement
}

/// An Allow of everything on what the policy is on.
fn open_to(principal: impl Into<Value>) -> Value {
    of(principal, allow("*", "*"))
}

/// A statement with a condition.
fn when(operator: &str, key: &str, operand: impl Into<Value>, mut statement: Value) -> Value {
    statement["Condition"] = json!({ operator: { key: operand.into() } });
    statement
}

/// A request in a closed context.
fn asks(principal: impl Into<Value>, action: &str, resource: &str) -> Value {
    json!({"principal": principal.into(), "action": action, "resource": resource, "mode": "closed"})
}

/// A request with one member more.
fn and(mut request: Value, member: &str, value: impl Into<Value>) -> Value {
    request[member] = value.into();
    request
}

/// A session with a session policy.
fn limited(arn: &str, statements: &[Value]) -> Value {
    json!({"arn": arn, "session_policies": policies(statements)})
}

/// What a line says.
type Line = (&'static str, World, Value, Verdict);

/// Asks each line's question, and tells all that are answered otherwise.
fn check(lines: impl IntoIterator<Item = Line>) {
    let mut wrong = Vec::new();
    for (name, World(snapshot), request, expected) in lines {
        let snapshot = read::snapshot(&snapshot).expect(name);
        let request = read::request(&request).expect(name);
        let found = super::decide(&snapshot, &request);
        if found.verdict != expected {
            wrong.push(format!("{name}: {expected} expected, {found:?} found"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
