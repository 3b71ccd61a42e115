//! Results as JSON. Rule: UI-50.
//!
//! The members are a contract: change them only by adding. Nothing below this crate serialises itself, so the whole
//! contract stands here.

mod explanation;
mod job;
mod who_can;

pub(crate) use explanation::{advised, line_error, of_line, verdict_of_line};
pub(crate) use job::report;
pub(crate) use who_can::{who_can, who_can_lines};

use serde_json::Value;

/// Where the schema of SARIF is, as its logs name it.
pub(crate) const SARIF_SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One document over several lines, with a line break behind it.
pub(crate) fn document(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// One line.
pub(crate) fn line(value: &Value) -> String {
    let mut text = value.to_string();
    text.push('\n');
    text
}
