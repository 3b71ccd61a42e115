//! Says of statements of a document that a part of them is not determined.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::monotony::find_policies;
use crate::choose::Choose;

/// Statements that are opened at most.
const OPEN_MAX: usize = 3;

/// What an open statement hangs on; the number keeps them apart.
const NAME: &str = "data.aws_iam_policy_document.open.statement";

/// Opens some statements of the policies of a snapshot.
pub(super) fn open_in_snapshot(choices: &mut impl Choose, snapshot: &mut Value) {
    let mut policies = Vec::new();
    find_policies(snapshot, "", &mut policies);
    let policies = policies.into_iter().map(|(pointer, _)| pointer).collect();
    open(choices, snapshot, policies, "s");
}

/// Opens some statements of the session policies of a request.
pub(super) fn open_in_request(choices: &mut impl Choose, request: &mut Value) {
    let list = "/principal/session_policies";
    let policies = request.pointer(list).and_then(Value::as_array);
    let numbers = 0..policies.map_or(0, Vec::len);
    let policies = numbers.map(|number| format!("{list}/{number}")).collect();
    open(choices, request, policies, "r");
}

/// Opens statements of the policies at these places.
fn open(choices: &mut impl Choose, document: &mut Value, policies: Vec<String>, mark: &str) {
    let mut statements = Vec::new();
    for pointer in &policies {
        let policy = document.pointer(&format!("{pointer}/Statement"));
        let count = match policy {
            Some(Value::Array(statements)) => statements.len(),
            Some(Value::Object(_)) => 1,
            _ => 0,
        };
        statements.extend((0..count).map(|number| (pointer, number)));
    }
    let mut open: BTreeMap<&String, BTreeMap<String, Value>> = BTreeMap::new();
    for name in 0..=choices.below(OPEN_MAX) {
        let Some((pointer, number)) = statements.get(choices.below(statements.len())) else {
            return;
        };
        let policy = open.entry(pointer).or_default();
        let hangs_on = json!([format!("{NAME}.{mark}{name}")]);
        policy.insert(number.to_string(), hangs_on);
    }
    for (pointer, statements) in open {
        if let Some(policy) = document.pointer_mut(pointer) {
            *policy = json!({"document": policy.take(), "undetermined": statements});
        }
    }
}
