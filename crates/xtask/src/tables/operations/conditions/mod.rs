//! The column `Cond`: each condition key that an operation carries has the value that the request or the key gives it;
//! all other keys of KMS are absent, whatever the mode.

mod absent;
mod agreement;
mod asks;
mod keys;
mod parameters;
mod present;
mod probe;
mod unsaid;
mod world;

use serde_json::{Value, json};

use super::super::case::{Case, merged, set};
use super::super::markdown::Rules;
use super::super::world::A;
use super::place::{self, REGION, allow, role, session};
use super::table::{Operation, Shape};
use crate::failure::Failure;

use self::asks::asks;
use self::keys::{ConditionKey, carried};
use self::probe::Probe;

/// A case for every operation that somebody calls.
pub(super) fn cases(operations: &[Operation], rules: &Rules) -> Result<Vec<Case>, Failure> {
    unsaid::check(rules)?;
    let keys = ConditionKey::all(rules)?;
    agreement::check(operations, &keys)?;
    let called = operations
        .iter()
        .filter(|operation| operation.shape != Shape::Nobody);
    called.map(|operation| case(operation, &keys)).collect()
}

fn case(operation: &Operation, keys: &[ConditionKey]) -> Result<Case, Failure> {
    let carried = carried(operation, keys)?;
    let mut probes = Vec::new();
    for key in keys.iter().filter(|key| carried.contains(&key.name)) {
        let asks = asks(operation, &key.name).ok_or_else(|| {
            Failure::new(format!(
                "`{}` of `{}`: nothing says how a request gets it",
                key.name, operation.name
            ))
        })?;
        for name in key.asked_as() {
            for operator in &key.operators {
                probes.extend(
                    asks.iter()
                        .flat_map(|ask| present::probes(operation, key, &name, operator, ask)),
                );
            }
        }
    }
    probes.extend(absent::special(operation, &carried));
    probes.extend(absent::others(operation, keys, &carried));
    let action = operation.action();
    let why = format!("{action}: the condition keys that it carries, and those that it does not");
    let rules = rules_of(operation);
    let (roles, tests) = with_roles(operation, probes);
    let snapshot = place::snapshot(roles, world::keys(operation));
    let path = format!("kms-cond/{}", operation.name);
    let mut case = Case::new(&path, &rules, &why, snapshot)
        .by_default("action", action)
        .by_default("region", REGION);
    for (name, request, expect) in tests {
        case.test(name, request, expect);
    }
    Ok(case)
}

/// The rules that the tests of an operation show.
fn rules_of(operation: &Operation) -> Vec<&'static str> {
    let mut rules = vec!["KMS-COND-0", "KMS-DEC-2", "IAM-CTX-7"];
    rules.extend(match operation.shape {
        Shape::Half => vec!["KMS-ACT-3", "KMS-COND-2"],
        Shape::Alias | Shape::AliasMove => vec!["KMS-ID-9", "KMS-COND-2"],
        Shape::NoKey if operation.name == "CreateKey" => vec!["IAM-CTX-8", "KMS-COND-2"],
        Shape::NoKey => Vec::new(),
        _ => vec!["KMS-COND-2"],
    });
    if matches!(
        operation.name.as_str(),
        "DescribeKey" | "GetPublicKey" | "RevokeGrant"
    ) {
        rules.push("KMS-COND-3");
    }
    rules
}

/// A role for each different condition, and the requests with their callers.
fn with_roles(
    operation: &Operation,
    probes: Vec<Probe>,
) -> (Vec<Value>, Vec<(String, Value, Value)>) {
    let mut conditions: Vec<Value> = Vec::new();
    let mut tests = Vec::new();
    for probe in probes {
        let known = conditions
            .iter()
            .position(|condition| *condition == probe.condition);
        let place = known.unwrap_or(conditions.len());
        if known.is_none() {
            conditions.push(probe.condition);
        }
        let caller = json!({"principal": session(A, &format!("If{place}"))});
        let test = (probe.name, merged(&caller, &probe.request), probe.expect);
        if !tests.contains(&test) {
            tests.push(test);
        }
    }
    let named = |(place, conditions): (usize, Value)| {
        // A list stands for as many statements.
        let conditions = match conditions {
            Value::Array(list) => list,
            one => vec![one],
        };
        let statement = |condition| {
            let mut statement = allow(&operation.action(), "*");
            set(&mut statement, "Condition", condition);
            statement
        };
        role(
            A,
            &format!("If{place}"),
            conditions.into_iter().map(statement).collect(),
        )
    };
    let mut roles: Vec<Value> = conditions.into_iter().enumerate().map(named).collect();
    roles.push(role(A, "Other", Vec::new()));
    (roles, tests)
}
