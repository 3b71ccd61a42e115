//! What a property gives, held against what there is: what no request ever has would make it hold of nothing.
//!
//! Knows no types and no names itself. What is wrong with a value is what the engine warns of in a request that has it.

use preclear_catalog::Action;
use preclear_condition::codes::UNKNOWN_CONDITION_KEY;
use preclear_inputs::{NOW_SYSTEM, clock, is_key_name};
use preclear_model::caller::Caller;
use preclear_model::codes::LITERAL_CONDITION_KEY;
use preclear_simulator::codes::{
    CONTEXT_KEY_NOT_FOR_ACTION, CONTEXT_VALUE_NOT_OF_TYPE, UNKNOWN_VIA_SERVICE,
};
use preclear_simulator::{Ask, ContextValue, Detail, Engine, Request, Snapshot, Warning};

use crate::property::Property;
use crate::selection;
use preclear_simulator::cast::Mentioned;
use preclear_simulator::cast::{Facts, State};

/// The instant that a property fixes, as requests say it.
///
/// # Errors
///
/// A text that is no time; a clock that would make the outcome another one tomorrow.
pub(crate) fn instant(text: &str) -> Result<String, String> {
    let example = "write it as `2026-01-01T00:00:00Z` or with an offset such as `+02:00`";
    match clock(text) {
        Some(now) if now != NOW_SYSTEM => Ok(now),
        Some(_) => Err(format!(
            "`{text}` would be another time in every run: {example}"
        )),
        None => Err(format!("`{text}` is no time: {example}")),
    }
}

/// What looks wrong in what is given, and need not be.
///
/// # Errors
///
/// What cannot be right: a name that is no key, or nearly one that is; a value that is none of its key's type; a service
/// that nobody knows.
pub(crate) fn notes(
    property: &Property,
    actions: &[Action<'_>],
    mentioned: &Mentioned,
) -> Result<Vec<String>, String> {
    let engine = Engine::compile(Snapshot::default());
    let caller = Caller::parse("arn:aws:iam::111122223333:user/any");
    let caller = caller.map_err(|error| error.to_string())?;
    let warnings = |action: Action<'_>, facts: &Facts, via: Vec<String>| {
        let mut request = Request::new(caller.clone(), Ask::Action(selection::name(action)));
        request.via = via;
        facts.apply(&mut request);
        engine.explain(&request, Detail::Reasons).warnings
    };
    let Some(first) = actions.first() else {
        return Ok(Vec::new());
    };
    let through = property.via.iter().cloned();
    for service in through.chain(service_of(&property.facts)) {
        refuse(&warnings(*first, &Facts::default(), vec![service]))?;
    }
    let mut notes = Vec::new();
    for (key, state) in property.facts.iter() {
        if !is_key_name(key) {
            return Err(format!(
                "`{key}` is no context key: write it with its prefix, such as `aws:SourceIp`"
            ));
        }
        let mut said = Facts::default();
        said.say(key, state.clone());
        let found = warnings(*first, &said, Vec::new());
        refuse(&found)?;
        let is_unheard_of = |one: &&Warning| one.code == UNKNOWN_CONDITION_KEY.name;
        if let Some(warning) = found.iter().find(is_unheard_of) {
            // A policy that tests it knows better than the catalogue.
            let is_near = warning.help != UNKNOWN_CONDITION_KEY.remedy;
            if is_near && !mentioned.names(key) {
                return Err(format!("no request carries `{key}`: {}", warning.help));
            }
            notes.push(format!(
                "no request is known to carry `{key}`, which `when` gives"
            ));
        }
        let is_of_others = |action: &Action<'_>| {
            let found = warnings(*action, &said, Vec::new());
            found
                .iter()
                .any(|one| one.code == CONTEXT_KEY_NOT_FOR_ACTION.name)
        };
        if actions.iter().all(is_of_others) {
            notes.push(format!(
                "requests for these actions never carry `{key}`, which `when` gives"
            ));
        }
    }
    Ok(notes)
}

/// The service that `kms:ViaService` names.
fn service_of(facts: &Facts) -> Option<String> {
    match facts.get("kms:ViaService") {
        Some(State::Value(ContextValue::One(host))) => host.split('.').next().map(str::to_owned),
        _ => None,
    }
}

/// What can only be a slip.
fn refuse(warnings: &[Warning]) -> Result<(), String> {
    for warning in warnings {
        let message = &warning.message;
        if warning.code == CONTEXT_VALUE_NOT_OF_TYPE.name {
            return Err(message.clone());
        }
        if [UNKNOWN_VIA_SERVICE.name, LITERAL_CONDITION_KEY.name].contains(&warning.code) {
            return Err(format!("{message}: {}", warning.help));
        }
    }
    Ok(())
}
