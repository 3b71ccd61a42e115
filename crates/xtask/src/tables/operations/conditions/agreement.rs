//! The operation table says which keys an operation carries, and the key table which operations carry a key: both must
//! say the same.

use super::super::table::{Operation, Shape};
use super::keys::{ConditionKey, RESOURCE_TAG, carried};
use crate::failure::Failure;

/// Pairs of which the tables say different things, and why that is passed over.
const DIFFERENT: [(&str, &str); 2] = [
    // The key table: all key operations and custom stores. The operation table is the longer text.
    ("kms:CallerAccount", "CreateKey"),
    // The operation table repeats AWS's list; the new key has no tags yet (IAM-CTX-8).
    (RESOURCE_TAG, "CreateKey"),
];

/// Fails if the tables disagree.
pub(super) fn check(operations: &[Operation], keys: &[ConditionKey]) -> Result<(), Failure> {
    for operation in operations {
        let carried = carried(operation, keys)?;
        for key in keys.iter().filter(|key| !key.operations.is_empty()) {
            let (key_name, name) = (key.name.as_str(), operation.name.as_str());
            let is_carried = carried.contains(&key.name);
            if is_carried != is_listed(key, operation, operations)?
                && !DIFFERENT.contains(&(key_name, name))
            {
                return Err(Failure::new(format!(
                    "`{key_name}` of `{name}`: the operation table and the key table disagree"
                )));
            }
        }
    }
    Ok(())
}

/// Whether the cell `Operations` of a key means the operation.
fn is_listed(
    key: &ConditionKey,
    operation: &Operation,
    all: &[Operation],
) -> Result<bool, Failure> {
    let cell = match (key.operations.as_str(), key.name.as_str()) {
        // One cell for two keys, each with its operation.
        ("UpdatePrimaryRegion / ReplicateKey", "kms:PrimaryRegion") => "UpdatePrimaryRegion",
        ("UpdatePrimaryRegion / ReplicateKey", "kms:ReplicaRegion") => "ReplicateKey",
        (cell, _) => cell,
    };
    // What follows is about policies.
    let cell = cell.split(';').next().unwrap_or(cell);
    let (cell, except) = match cell.split_once(" except ") {
        Some((cell, except)) => (cell, Some(except)),
        None => (cell, None),
    };
    let mut is_listed = false;
    for phrase in cell.replace(" + ", ", ").split(", ") {
        is_listed |= is_meant(phrase, operation, all).ok_or_else(|| {
            Failure::new(format!(
                "`{}`: no reading for the operations `{phrase}`",
                key.name
            ))
        })?;
    }
    Ok(is_listed && except != Some(operation.name.as_str()))
}

fn is_meant(phrase: &str, operation: &Operation, all: &[Operation]) -> Option<bool> {
    let name = operation.name.as_str();
    let is_data_key = name.starts_with("GenerateDataKey");
    Some(match phrase {
        "all key operations" | "key operations" => operation.shape != Shape::NoKey,
        "custom stores" => name.contains("CustomKeyStore"),
        "crypto ops" => operation.class.as_deref() == Some("crypto") && operation.crosses,
        "data-key ops" | "GenerateDataKey(Pair)(WithoutPlaintext)" => is_data_key,
        "GenerateDataKeyPair(WithoutPlaintext)" => name.starts_with("GenerateDataKeyPair"),
        "ReEncrypt*" | "ReEncryptFrom/To" => operation.shape == Shape::Half,
        "CreateKey (IAM)" => name == "CreateKey",
        _ if all.iter().any(|operation| operation.name == phrase) => name == phrase,
        _ => return None,
    })
}
