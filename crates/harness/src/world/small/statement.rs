//! The statements of a small world, and where they stand.

use serde_json::{Map, Value, json};

use super::feature::Picker;
use crate::choose::Choose;
use crate::world::names::{KEY, OTHER, OWN};

/// Where a statement stands, and what it does. RCPs only deny (IAM-GRAM-20).
const PLACES: [(&str, &str); 13] = [
    ("identity", "Allow"),
    ("identity", "Deny"),
    ("resource", "Allow"),
    ("resource", "Deny"),
    ("boundary", "Allow"),
    ("boundary", "Deny"),
    ("session", "Allow"),
    ("session", "Deny"),
    ("scp", "Allow"),
    ("scp", "Deny"),
    ("rcp", "Deny"),
    ("vpce", "Allow"),
    ("vpce", "Deny"),
];

/// The object that is asked for.
pub(super) const OBJECT: &str = "arn:aws:s3:::b/x";

/// Names of the features of the first and the second statement.
struct Names {
    place: &'static str,
    effect: &'static str,
    action: &'static str,
    resource: &'static str,
    principal: &'static str,
    condition: &'static str,
}

const NAMES: [Names; 2] = [
    Names {
        place: "first place",
        effect: "first effect",
        action: "first action",
        resource: "first resource",
        principal: "first principal",
        condition: "first condition",
    },
    Names {
        place: "second place",
        effect: "second effect",
        action: "second action",
        resource: "second resource",
        principal: "second principal",
        condition: "second condition",
    },
];

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    pub(super) place: &'static str,
    pub(super) allows: bool,
    pub(super) document: Value,
    /// The condition key that it tests.
    pub(super) key: Option<&'static str>,
}

/// One statement, or two of which the second stands in no earlier place than the first. A second place is out of the plain.
pub(super) fn statements<C: Choose>(picker: &mut Picker<'_, C>) -> Vec<Statement> {
    let first = picker.free(PLACES.len());
    let second = picker.free(PLACES.len() - first + 1);
    let second = second.checked_sub(1).map(|more| first + more);
    let place = |at: usize| PLACES.get(at).map(|(place, _)| place);
    if second.is_some_and(|second| place(second) != place(first)) {
        picker.spend();
    }
    let places = [Some(first), second];
    let places = places.into_iter().zip(&NAMES);
    places
        .filter_map(|(place, names)| {
            let (place, effect) = place.and_then(|at| PLACES.get(at).copied())?;
            Some(statement(picker, place, effect, names))
        })
        .collect()
}

fn statement<C: Choose>(
    picker: &mut Picker<'_, C>,
    place: &'static str,
    effect: &'static str,
    names: &Names,
) -> Statement {
    picker.keep(names.place, place);
    picker.keep(names.effect, effect);
    let mut members = Map::from_iter([("Effect".to_owned(), json!(effect))]);
    let (name, actions) = action(picker, place, names);
    members.insert(name.to_owned(), actions);
    let resources = json!([KEY, OBJECT]);
    let (name, resources) = match picker.pick(names.resource, &["*", "these", "others"]) {
        "these" => ("Resource", resources),
        "others" => ("NotResource", resources),
        _ => ("Resource", json!("*")),
    };
    members.insert(name.to_owned(), resources);
    if let Some((name, principal)) = principal(picker, place, effect, names) {
        members.insert(name.to_owned(), principal);
    }
    let mut key = None;
    if let Some((tested, block)) = condition(picker, names) {
        key = Some(tested);
        members.insert("Condition".to_owned(), block);
    }
    Statement {
        place,
        allows: effect == "Allow",
        document: Value::Object(members),
        key,
    }
}

/// An RCP names services, and nothing but them (IAM-GRAM-20).
fn action<C: Choose>(
    picker: &mut Picker<'_, C>,
    place: &'static str,
    names: &Names,
) -> (&'static str, Value) {
    let these = json!(["kms:Decrypt", "s3:GetObject"]);
    let is_rcp = place == "rcp";
    let values: &[&str] = if is_rcp {
        &["*", "these"]
    } else {
        &["*", "these", "others"]
    };
    match picker.pick(names.action, values) {
        "these" => ("Action", these),
        "others" => ("NotAction", these),
        _ if is_rcp => ("Action", json!(["kms:*", "s3:*"])),
        _ => ("Action", json!("*")),
    }
}

/// Rule: IAM-GRAM-14, IAM-GRAM-15.
fn principal<C: Choose>(
    picker: &mut Picker<'_, C>,
    place: &'static str,
    effect: &'static str,
    names: &Names,
) -> Option<(&'static str, Value)> {
    const ALLOWED: [&str; 7] = [
        "*",
        "account",
        "other account",
        "user",
        "role",
        "session",
        "service",
    ];
    const DENIED: [&str; 9] = [
        "*",
        "account",
        "other account",
        "user",
        "role",
        "session",
        "service",
        "not a whole chain",
        "not a part of a chain",
    ];
    let values: &[&str] = match (place, effect) {
        ("resource", "Allow") => &ALLOWED,
        ("resource", _) => &DENIED,
        ("vpce", _) => &["*", "account"],
        ("rcp", _) => &["*"],
        _ => return None,
    };
    let user = "arn:aws:iam::111122223333:user/team/ana";
    let role = "arn:aws:iam::111122223333:role/app/R";
    let session = "arn:aws:sts::111122223333:assumed-role/R/s1";
    let value = match picker.pick(names.principal, values) {
        "account" => json!({ "AWS": OWN }),
        "other account" => json!({ "AWS": OTHER }),
        "user" => json!({ "AWS": user }),
        "role" => json!({ "AWS": role }),
        "session" => json!({ "AWS": session }),
        "service" => json!({ "Service": "sns.amazonaws.com" }),
        // Rule: IAM-PRIN-17.
        "not a whole chain" => {
            return Some(("NotPrincipal", json!({ "AWS": [OWN, user] })));
        }
        "not a part of a chain" => return Some(("NotPrincipal", json!({ "AWS": role }))),
        _ => json!("*"),
    };
    Some(("Principal", value))
}

/// The key that is tested, and the block.
fn condition<C: Choose>(
    picker: &mut Picker<'_, C>,
    names: &Names,
) -> Option<(&'static str, Value)> {
    const VALUES: [&str; 9] = [
        "none",
        "equals",
        "not equals",
        "equals if exists",
        "null",
        "bool",
        "bool if exists",
        "for any value",
        "for all values",
    ];
    let (key, operator, operand) = match picker.pick(names.condition, &VALUES) {
        "equals" => ("aws:referer", "StringEquals", "a"),
        "not equals" => ("aws:referer", "StringNotEquals", "a"),
        "equals if exists" => ("aws:referer", "StringEqualsIfExists", "a"),
        "null" => ("aws:referer", "Null", "true"),
        "bool" => ("aws:SecureTransport", "Bool", "false"),
        "bool if exists" => ("aws:SecureTransport", "BoolIfExists", "true"),
        "for any value" => ("aws:TagKeys", "ForAnyValue:StringEquals", "a"),
        "for all values" => ("aws:TagKeys", "ForAllValues:StringEquals", "a"),
        _ => return None,
    };
    Some((key, json!({ operator: { key: operand } })))
}
