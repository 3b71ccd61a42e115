//! One question about a condition key.

use serde_json::{Value, json};

use super::super::super::case::set;

/// A request, by whom: the role that may if one condition holds.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    pub(super) name: String,
    /// The condition of the role's permission; a list: of so many permissions.
    pub(super) condition: Value,
    pub(super) request: Value,
    pub(super) expect: Value,
}

/// A condition with one test.
pub(super) fn condition(operator: &str, key: &str, value: &str) -> Value {
    let (mut test, mut condition) = (json!({}), json!({}));
    set(&mut test, key, json!(value));
    set(&mut condition, operator, test);
    condition
}
