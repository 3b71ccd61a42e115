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
