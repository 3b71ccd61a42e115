//! `Principal` and `NotPrincipal`. Rule: IAM-GRAM-14, IAM-GRAM-15.

use serde_json::{Map, Value, json};

use super::names::{AWS_PRINCIPALS, CANONICAL_IDS, PROVIDERS, SERVICES};
use crate::choose::Choose;

/// The value of `Principal`; `is_trust` where it may name identity providers.
pub(crate) fn principal(choices: &mut impl Choose, is_trust: bool) -> Value {
    if choices.below(4) == 0 {
        return json!("*");
    }
    let mut types: Map<String, Value> = Map::new();
    let weights = [16, 3, if is_trust { 4 } else { 0 }, 1];
    for _ in 0..=usize::from(choices.once_in(4)) {
        let (kind, names): (&str, &[&str]) = match choices.weighted(&weights) {
            0 => ("AWS", &AWS_PRINCIPALS),
            1 => ("Service", &SERVICES),
            2 => ("Federated", &PROVIDERS),
            _ => ("CanonicalUser", &CANONICAL_IDS),
        };
        types.insert(kind.to_owned(), entries(choices, names));
    }
    Value::Object(types)
}

/// The value of `NotPrincipal`: often the whole chain of a caller. Rule: IAM-PRIN-17.
pub(super) fn not_principal(choices: &mut impl Choose) -> Value {
    let chains = [
        json!(["111122223333", "arn:aws:iam::111122223333:user/team/ana"]),
        json!([
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/app/R",
            "arn:aws:sts::111122223333:assumed-role/R/s1",
        ]),
        json!([
            "444455556666",
            "arn:aws:iam::444455556666:role/app/R",
            "arn:aws:sts::444455556666:assumed-role/R/s1",
        ]),
        json!([
            "111122223333",
            "arn:aws:iam::111122223333:user/team/ana",
            "arn:aws:sts::111122223333:federated-user/F",
        ]),
        json!(["111122223333"]),
    ];
    match chains.into_iter().nth(choices.below(8)) {
        Some(chain) => json!({ "AWS": chain }),
        None => principal(choices, false),
    }
}

fn entries(choices: &mut impl Choose, names: &[&str]) -> Value {
    let mut entries: Vec<&str> = Vec::new();
    for _ in 0..=choices.weighted(&[6, 3, 1]) {
        // The first ones are those that callers have.
        let bound = if choices.once_in(3) {
            names.len()
        } else {
            names.len().min(6)
        };
        let name = names.get(choices.below(bound)).copied().unwrap_or("*");
        if !entries.contains(&name) {
            entries.push(name);
        }
    }
    match entries.as_slice() {
        [only] => json!(only),
        _ => json!(entries),
    }
}
