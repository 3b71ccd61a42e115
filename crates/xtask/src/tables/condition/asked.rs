//! Requests that put a key into a state.

use serde_json::{Map, Value, json};

use super::super::world::Effect;
use super::form::{Form, Set};
use super::truths::{Operands, State};

/// A multivalued key that a request in open mode leaves Unknown.
pub(super) const MULTIPLE: &str = "aws:VpceOrgPaths";

/// A request in which a key has a state, and the statements to ask.
pub(super) struct Asked {
    pub(super) about: String,
    pub(super) request: Value,
    pub(super) state: State,
    pub(super) effects: &'static [Effect],
}

/// The statements to ask. Of a special list, and of `IfExists` beside a set operator, which adds nothing (IAM-COND-9),
/// the Deny alone: it shows T, F and U as well.
pub(super) fn effects(form: Form, operands: Operands) -> &'static [Effect] {
    let is_own = form.set == Set::None || !form.has_if_exists;
    match operands {
        Operands::Ordinary if is_own => &Effect::BOTH,
        _ => &[Effect::Deny],
    }
}

/// The states without a value; for an ordinary list both ways to reach those in which the modes differ (IAM-TRI-11).
pub(super) fn unknown_states(key: &str, form: Form, operands: Operands) -> Vec<Asked> {
    let both = effects(form, operands);
    let states = [
        ("absent (closed)", json!({}), State::Absent, both),
        ("present", json!({"present": [key]}), State::Present, both),
        (
            "unknown (open)",
            json!({"mode": "open"}),
            State::Unknown,
            both,
        ),
        (
            "absent (open)",
            json!({"mode": "open", "absent": [key]}),
            State::Absent,
            &[Effect::Deny],
        ),
        (
            "unknown (closed)",
            json!({"unknown": [key]}),
            State::Unknown,
            &[Effect::Deny],
        ),
    ];
    let count = if operands == Operands::Ordinary { 5 } else { 3 };
    let asked = |(about, request, state, effects): (&str, Value, State, &'static [Effect])| Asked {
        about: about.to_owned(),
        request,
        state,
        effects,
    };
    states.into_iter().take(count).map(asked).collect()
}

/// A request that gives a key's value.
pub(super) fn context(key: &str, value: Value) -> Value {
    let mut context = Map::new();
    context.insert(key.to_owned(), value);
    json!({"context": context})
}
