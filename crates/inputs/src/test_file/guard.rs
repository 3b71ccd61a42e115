//! Expectations that every answer would meet, or none. Rule: UI-40.

use std::sync::Arc;

use preclear_model::near::nearest;
use preclear_model::{Node, Value};

use crate::loader::{Loader, Origin};

/// The error of an expectation that every answer meets: its members hold nothing, but for those of `exact`, to which nothing is an
/// answer too. True where it is one.
pub(super) fn is_void(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    exact: &[&str],
    help: &str,
) -> bool {
    let Some(members) = node.as_mapping() else {
        return false;
    };
    let asserts = members.iter().any(|member| match &member.value.value {
        Value::Null => false,
        Value::Scalar(_) => true,
        Value::Sequence(items) => !items.is_empty() || exact.contains(&member.name.as_str()),
        Value::Mapping(members) => !members.is_empty() || exact.contains(&member.name.as_str()),
    });
    if asserts {
        return false;
    }
    let message = "`expect` names nothing, so every answer would meet it";
    loader.error("EMPTY_INPUT", "UI-40", message, (origin, node.span), help);
    true
}

/// Checks the codes in a list of an expectation: one that no message has is a slip of the pen.
pub(super) fn check_codes(loader: &mut Loader<'_>, node: &Node, origin: &Origin, name: &str) {
    let list = node.get(name).and_then(Node::as_sequence);
    for item in list.unwrap_or_default() {
        check_code(loader, item, origin);
    }
}

/// Checks a code of an expectation.
pub(super) fn check_code(loader: &mut Loader<'_>, node: &Node, origin: &Origin) {
    let Some(text) = node.as_text() else {
        return;
    };
    let known = Arc::clone(&loader.options.codes);
    if known.is_empty() || known.contains(&text) {
        return;
    }
    let help = match nearest(text, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "docs/diagnostics.md lists the codes of all messages".to_owned(),
    };
    let message = format!("no message has the code `{text}`");
    let at = (origin, node.span);
    loader.error("UNKNOWN_VALUE", "UI-40", message, at, help);
}
