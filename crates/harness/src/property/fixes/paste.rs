//! Additions pasted into a snapshot file, as a user would: sharing no code with the simulator, which has its own way to apply them.

use preclear_simulator::job::{Fix, FixTarget};
use serde_json::{Value, json};

/// The snapshot file with the statements in the policies that they belong to.
pub(super) fn into(snapshot: &Value, fixes: &[Fix]) -> Value {
    let mut pasted = snapshot.clone();
    for fix in fixes {
        paste(&mut pasted, fix);
    }
    pasted
}

fn paste(snapshot: &mut Value, fix: &Fix) {
    let (list, member) = match fix.target {
        FixTarget::Identity(_) => ("principals", "policies"),
        FixTarget::Trust(_) => ("principals", "trust"),
        FixTarget::Key(_) => ("keys", "policy"),
        FixTarget::Resource(_) => ("resources", "policy"),
    };
    let Some(entry) = entry(snapshot, list, fix.target.arn()) else {
        return;
    };
    let policy = json!({"Version": "2012-10-17", "Statement": [fix.statement]});
    match (entry.get_mut(member), member) {
        (Some(Value::Array(policies)), "policies") => policies.push(policy),
        (_, "policies") => entry[member] = json!([policy]),
        (Some(present @ Value::Object(_)), _) => push_statement(present, &fix.statement),
        _ => entry[member] = policy,
    }
}

/// What is listed under an ARN; an identity that is not listed is written down.
fn entry<'s>(snapshot: &'s mut Value, list: &str, arn: &str) -> Option<&'s mut Value> {
    let members = snapshot.as_object_mut()?;
    let entries = members.entry(list).or_insert_with(|| json!([]));
    let entries = entries.as_array_mut()?;
    let is_listed = entries.iter().any(|entry| entry["arn"] == arn);
    if !is_listed && list == "principals" {
        entries.push(json!({"arn": arn}));
    }
    entries.iter_mut().find(|entry| entry["arn"] == arn)
}

fn push_statement(policy: &mut Value, statement: &Value) {
    match policy.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.push(statement.clone()),
        Some(one) => *one = json!([one.take(), statement]),
        None => policy["Statement"] = json!([statement]),
    }
}
