//! The keys that requests are about, each with everything that a condition key can be derived from.

use serde_json::{Value, json};

use super::super::super::case::merged;
use super::super::super::world::A;
use super::super::fits::Kind;
use super::super::place::{self, delegated, key_arn, role_arn};
use super::super::table::{Operation, Shape};
use super::asks::On;

/// Retiring needs a grant, in every request.
pub(super) fn with_grant(operation: &Operation, rest: &Value) -> Value {
    match operation.shape {
        Shape::Retire => merged(&json!({"parameters": {"GrantId": "constrained"}}), rest),
        _ => rest.clone(),
    }
}

/// The ARN of the key that the operation fits.
pub(super) fn main(operation: &Operation) -> String {
    let is_multi_region = operation
        .fits
        .as_ref()
        .is_some_and(|fits| fits.is_multi_region);
    key_arn(if is_multi_region { "mrk-main" } else { "main" })
}

/// The resource, as it is typed.
pub(super) fn base(operation: &Operation, on: On) -> Value {
    let resource = match on {
        _ if !operation.has_key() => "*".to_owned(),
        On::Main => main(operation),
        On::Alias => "alias/app".to_owned(),
        On::Primary => key_arn("mrk-main"),
        On::Asymmetric => key_arn("asymmetric"),
        On::Unused => key_arn("unused"),
    };
    json!({"resource": resource})
}

/// All keys.
pub(super) fn keys(operation: &Operation) -> Vec<Value> {
    let Some(fits) = &operation.fits else {
        return Vec::new();
    };
    let used =
        json!({"aliases": ["alias/app"], "tags": {"team": "blue"}, "last_used": "2026-05-01"});
    let mut grants = json!({});
    if operation.shape == Shape::Retire {
        let grant = |id: &str, rest: Value| {
            merged(
                &place::grant(id, &role_arn(A, "Other"), A, &["Decrypt"]),
                &rest,
            )
        };
        let constraints = json!({"Constraints": {"EncryptionContextSubset": {"team": "blue"}}});
        grants = json!({"grants": [grant("constrained", constraints), grant("bare", json!({}))]});
    }
    let main_members = merged(&merged(&fits.sample(), &used), &grants);
    let primary = merged(&fits.sample(), &json!({"multi_region_type": "PRIMARY"}));
    let mut keys = Vec::new();
    if fits.is_multi_region {
        keys.push(delegated(
            &key_arn("mrk-main"),
            A,
            &merged(&main_members, &primary),
        ));
    } else {
        keys.push(delegated(&key_arn("main"), A, &main_members));
        keys.push(delegated(&key_arn("mrk-main"), A, &primary));
    }
    keys.push(delegated(&key_arn("unused"), A, &fits.sample()));
    let asymmetric = Kind::Rs.sample().members();
    keys.push(delegated(&key_arn("asymmetric"), A, &asymmetric));
    keys
}
