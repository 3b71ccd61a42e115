//! What a small world is asked.

use preclear_simulator::{AmbiguityMode, ContextMode};
use serde_json::{Value, json};

use super::feature::{Feature, Picker};
use super::snapshot::limiting;
use super::statement::{OBJECT, Statement};
use crate::choose::Choose;
use crate::property::agreement::MODES;
use crate::world::names::KEY;

/// A question about a small world.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// A request file.
    pub request: Value,
    /// The modes in which it is asked: all of them where the mode says what a key is, some where the request says it.
    pub modes: &'static [(ContextMode, AmbiguityMode)],
    /// What the question is made of.
    pub features: Vec<Feature>,
}

const CALLERS: [(&str, &str); 5] = [
    ("user", "arn:aws:iam::111122223333:user/team/ana"),
    ("session", "arn:aws:sts::111122223333:assumed-role/R/s1"),
    ("root", "arn:aws:iam::111122223333:root"),
    (
        "session of the other account",
        "arn:aws:sts::444455556666:assumed-role/R/s1",
    ),
    ("service", "sns.amazonaws.com"),
];

const ACTIONS: [(&str, &str); 4] = [
    ("kms:Decrypt", KEY),
    ("s3:GetObject", OBJECT),
    ("kms:CreateGrant", KEY),
    ("kms:ListKeys", "*"),
];

/// What the request says of the keys that are tested.
const STATES: [&str; 6] = ["unsaid", "fits", "other", "absent", "unknown", "present"];

/// Where the request says what the keys are: each way to read an ambiguity, and each mode for the keys that it derives.
const SAID: [(ContextMode, AmbiguityMode); 3] = [
    (ContextMode::Open, AmbiguityMode::Report),
    (ContextMode::Closed, AmbiguityMode::Guess),
    (ContextMode::Open, AmbiguityMode::Failsafe),
];

pub(super) fn question(choices: &mut impl Choose, statements: &[Statement]) -> Question {
    let mut picker = Picker::new(choices, 0);
    let at = picker.free(CALLERS.len());
    let (name, caller) = CALLERS.get(at).copied().unwrap_or(CALLERS[0]);
    picker.keep("caller", name);
    let at = picker.free(ACTIONS.len());
    let (action, resource) = ACTIONS.get(at).copied().unwrap_or(ACTIONS[0]);
    picker.keep("action", action);
    let mut request = json!({
        "principal": {"arn": caller},
        "action": action,
        "resource": resource,
    });
    if action == "kms:CreateGrant" {
        request["parameters"] = json!({
            "Operations": ["Decrypt"],
            "GranteePrincipal": "arn:aws:iam::111122223333:role/app/R",
        });
    }
    let is_service = !caller.starts_with("arn:");
    let is_session = caller.contains(":assumed-role/");
    let at = |place: &str| -> Vec<&Statement> {
        let there = statements
            .iter()
            .filter(|statement| statement.place == place);
        there.collect()
    };
    if is_session {
        let policies: Vec<Value> = limiting(&at("session")).into_iter().collect();
        request["principal"]["session_policies"] = json!(policies);
    }
    if !is_service && !at("vpce").is_empty() {
        request["vpc_endpoint"] = json!("vpce-1");
    }
    let state = state(&mut picker, &mut request, statements);
    Question {
        request,
        modes: if state == "unsaid" { &MODES } else { &SAID },
        features: picker.features,
    }
}

/// Says of every key that is tested what it is.
fn state<C: Choose>(
    picker: &mut Picker<'_, C>,
    request: &mut Value,
    statements: &[Statement],
) -> &'static str {
    let mut keys: Vec<&str> = statements.iter().filter_map(|one| one.key).collect();
    keys.dedup();
    if keys.is_empty() {
        return "unsaid";
    }
    let at = picker.free(STATES.len());
    let state = STATES.get(at).copied().unwrap_or_default();
    picker.keep("key", state);
    let value = |key: &str| match (key, state) {
        ("aws:SecureTransport", "fits") => json!("true"),
        ("aws:SecureTransport", _) => json!("false"),
        ("aws:TagKeys", "fits") => json!(["a"]),
        ("aws:TagKeys", _) => json!(["b"]),
        (_, "fits") => json!("a"),
        _ => json!("b"),
    };
    match state {
        "fits" | "other" => {
            request["context"] = keys
                .iter()
                .map(|key| ((*key).to_owned(), value(key)))
                .collect();
        }
        "absent" | "unknown" | "present" => request[state] = json!(keys),
        _ => {}
    }
    state
}
