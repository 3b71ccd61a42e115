//! Calls that take several decisions: each is named and expected by itself, and the worst is the call's.

use serde_json::{Value, json};

use super::super::case::{Case, set};
use super::super::world::A;
use super::asked::{expected, verdict};
use super::place::session;

/// A decision of a call: its name in the result, and its code.
pub(super) type Part<'a> = (String, &'a str);

/// Asks for a call and expects these decisions, and no more than the worst of them.
pub(super) fn ask(
    case: &mut Case,
    about: &str,
    caller: &str,
    operation: &str,
    parameters: Value,
    parts: &[Part<'_>],
) {
    let request = json!({"principal": caller, "operation": operation, "parameters": parameters});
    case.test(about, request, expected_of(parts));
}

/// The same for a role of account A, with its name in that of the test.
pub(super) fn ask_role(
    case: &mut Case,
    about: &str,
    role: &str,
    operation: &str,
    parameters: Value,
    parts: &[Part<'_>],
) {
    let about = format!("{about}: {role}");
    ask(
        case,
        &about,
        &session(A, role),
        operation,
        parameters,
        parts,
    );
}

fn expected_of(parts: &[Part<'_>]) -> Value {
    let mut of_each = json!({});
    for (name, code) in parts {
        set(&mut of_each, name, expected(code));
    }
    let has = |wanted: &str| parts.iter().any(|(_, code)| verdict(code) == wanted);
    let mut worst = ["explicit_deny", "implicit_deny"].into_iter();
    let worst = worst.find(|verdict| has(verdict)).unwrap_or("allow");
    json!({"verdict": worst, "parts": of_each})
}
