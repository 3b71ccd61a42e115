//! KMS-ACT-2: what action patterns expand to, by the names of the operation table.

use serde_json::{Value, json};

use super::super::case::Case;
use super::super::markdown::Rules;
use super::super::world::A;
use super::place::{self, REGION, allow, delegated, key_arn, role, session};
use super::table::{Operation, Shape};
use crate::failure::Failure;

/// A pattern, what the rule says of it, and how many operations that is.
const PREFIXES: [(&str, &str, usize); 6] = [
    ("GenerateDataKey", "`GenerateDataKey*` = 4 actions", 4),
    (
        "Describe",
        "`Describe*` = DescribeKey + DescribeCustomKeyStores",
        2,
    ),
    ("Decrypt", "`Decrypt*` = Decrypt", 1),
    ("Encrypt", "`Encrypt*` = Encrypt", 1),
    ("Get", "`Get*` = 5 (", 5),
    (
        "ReEncrypt",
        "`kms:ReEncrypt*` expands to ReEncryptFrom + ReEncryptTo",
        2,
    ),
];

/// Every operation of the first letter, asked by a role that has the pattern alone.
pub(super) fn case(operations: &[Operation], rules: &Rules) -> Result<Case, Failure> {
    let expansions = rules.rule("KMS-ACT-2")?;
    expansions.says("`Delete*` does not contain ScheduleKeyDeletion")?;
    expansions
        .says("Action names are case-insensitive: `GenerateDataKeyWithoutPlainText` is fine.")?;
    let mut roles = Vec::new();
    let mut tests = Vec::new();
    for (prefix, words, count) in PREFIXES {
        let rule = if prefix == "ReEncrypt" {
            "KMS-ACT-1"
        } else {
            "KMS-ACT-2"
        };
        rules.rule(rule)?.says(words)?;
        let matching = operations
            .iter()
            .filter(|operation| operation.name.starts_with(prefix));
        if matching.count() != count {
            return Err(Failure::new(format!(
                "`{rule}`: the operation table has another number of `{prefix}*`"
            )));
        }
        roles.push(role(A, prefix, vec![allow(&format!("kms:{prefix}*"), "*")]));
        let initial = prefix.chars().next();
        let asked = operations
            .iter()
            .filter(|operation| operation.name.chars().next() == initial);
        tests.extend(
            asked.filter_map(|operation| {
                test(operation, prefix, operation.name.starts_with(prefix))
            }),
        );
    }
    roles.push(role(A, "Delete", vec![allow("kms:Delete*", "*")]));
    roles.push(role(
        A,
        "Spelt",
        vec![allow("kms:GenerateDataKeyWithoutPlainText", "*")],
    ));
    for (name, role, is_allowed) in [
        ("ScheduleKeyDeletion", "Delete", false),
        ("DeleteImportedKeyMaterial", "Delete", true),
        ("GenerateDataKeyWithoutPlaintext", "Spelt", true),
    ] {
        tests.extend(test(
            super::table::named(operations, name)?,
            role,
            is_allowed,
        ));
    }
    let why = "patterns of actions, and the operations that they stand for";
    let snapshot = place::snapshot(roles, vec![delegated(&key_arn("main"), A, &json!({}))]);
    let rules = ["KMS-ACT-2", "KMS-ACT-1", "IAM-WILD-3"];
    let mut case =
        Case::new("kms-act-2/prefixes", &rules, why, snapshot).by_default("region", REGION);
    for (name, request, expect) in tests {
        case.test(name, request, expect);
    }
    Ok(case)
}

/// Retiring takes a grant, not a permission; the other one without a policy nobody calls.
fn test(operation: &Operation, role: &str, is_allowed: bool) -> Option<(String, Value, Value)> {
    if matches!(operation.shape, Shape::Retire | Shape::Nobody) {
        return None;
    }
    let resource = if operation.has_key() {
        key_arn("main")
    } else {
        "*".to_owned()
    };
    let request =
        json!({"principal": session(A, role), "action": operation.action(), "resource": resource});
    let expect = if is_allowed { "allow" } else { "implicit_deny" };
    Some((
        format!("{} by {role}", operation.name),
        request,
        json!(expect),
    ))
}
