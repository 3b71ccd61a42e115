//! What a test asks for and what the request has, as people read it.

use preclear_condition::{Arity, KeyName, KeyState, KeyTypes, Lookup, Test};
use preclear_model::policy::ConditionTest;
use preclear_model::{Piece, Template};

use crate::context::View;
use crate::engine::key_types::CatalogKeyTypes;

/// The request has no such key.
pub(crate) const ABSENT: &str = "(absent)";
/// It has one, whose value nobody told.
const PRESENT: &str = "(present)";
/// Nobody knows.
const UNKNOWN: &str = "(unknown)";

/// Operands as written.
pub(crate) fn operands(test: &Test) -> String {
    test.operand_texts().collect::<Vec<_>>().join(", ")
}

/// The request's value of a key, as near misses show it.
pub(crate) fn actual_value(view: &View<'_>, key: &KeyName) -> String {
    match view.state(key) {
        KeyState::Absent => ABSENT.to_owned(),
        KeyState::Present => PRESENT.to_owned(),
        KeyState::Like(_) => view.context.like(key).unwrap_or(PRESENT).to_owned(),
        KeyState::Unknown | KeyState::Conflict | KeyState::Disputed { .. } => UNKNOWN.to_owned(),
        KeyState::One(value) => value.to_owned(),
        KeyState::Many([]) => "(empty)".to_owned(),
        KeyState::Many(values) => values.join(", "),
        KeyState::Empty { .. } => String::new(),
    }
}

/// The values that a key certainly has.
pub(crate) fn values_of(view: &View<'_>, key: &KeyName) -> Vec<String> {
    match view.state(key) {
        KeyState::One(value) => vec![value.to_owned()],
        KeyState::Many(values) => values.iter().map(|value| (*value).to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// The pattern of a value that nobody knows more of.
pub(crate) fn pattern_of(view: &View<'_>, key: &KeyName) -> Option<String> {
    match view.state(key) {
        KeyState::Like(_) => view.context.like(key).map(str::to_owned),
        _ => None,
    }
}

/// The operands with the values of their variables in this request; `None` for a test without variables. Rule: IAM-VAR-4.
pub(crate) fn operands_here(view: &View<'_>, source: &ConditionTest) -> Option<String> {
    let takes_variables = source.operator.base.takes_variables();
    let templates = source.operands.iter().map(|operand| &operand.template);
    here(view, templates.filter(|_| takes_variables))
}

/// Texts with the values of their variables, behind commas; `None` where they have none.
pub(crate) fn here<'t>(
    view: &View<'_>,
    templates: impl Iterator<Item = &'t Template> + Clone,
) -> Option<String> {
    let has_variables = |template: &Template| template.variables().next().is_some();
    if !templates.clone().any(has_variables) {
        return None;
    }
    let filled: Vec<String> = templates.map(|template| filled(view, template)).collect();
    Some(filled.join(", "))
}

/// One text; without a value for a variable it stands for nothing (IAM-VAR-6).
fn filled(view: &View<'_>, template: &Template) -> String {
    let mut text = String::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(own) => text.push_str(own),
            Piece::Literal(character) => text.push_str(&format!("${{{character}}}")),
            Piece::Variable { key, default } => {
                let value = value(view, &KeyName::new(key));
                match value.or(default.as_deref().map(str::to_owned)) {
                    Some(value) => text.push_str(&value),
                    None => return ABSENT.to_owned(),
                }
            }
        }
    }
    text
}

/// The value of a variable; `None` where it has none: its key is absent or has several.
fn value(view: &View<'_>, key: &KeyName) -> Option<String> {
    if CatalogKeyTypes.arity(key) == Arity::Multi {
        return None;
    }
    match view.state(key) {
        KeyState::Absent => None,
        KeyState::One(value) => Some(value.to_owned()),
        KeyState::Many([value]) => Some((*value).to_owned()),
        KeyState::Many(_) => None,
        KeyState::Empty { .. } => Some(String::new()),
        KeyState::Present
        | KeyState::Like(_)
        | KeyState::Unknown
        | KeyState::Conflict
        | KeyState::Disputed { .. } => Some(UNKNOWN.to_owned()),
    }
}
