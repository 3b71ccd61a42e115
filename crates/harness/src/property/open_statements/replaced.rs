//! What a world may be like once its open statements are determined: each as it stands, narrower, or gone. Rule: IAM-TRI-6.

use serde_json::{Value, json};

use crate::choose::{Choose, Seeded};
use crate::world::condition::condition;
use crate::world::principal::principal;

/// The document with all its open statements determined: in the first round as they stand, in the second gone, then as may be. The same
/// for the same seed, round and names, whatever else is in the document.
pub(super) fn replaced(document: &Value, seed: u64, round: usize) -> Value {
    let mut document = document.clone();
    determine(&mut document, seed, round);
    document
}

fn determine(value: &mut Value, seed: u64, round: usize) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| determine(item, seed, round)),
        Value::Object(members) => {
            if members.contains_key("document")
                && let Some(Value::Object(open)) = members.remove("undetermined")
            {
                let mut open: Vec<(usize, Value)> = open
                    .into_iter()
                    .filter_map(|(number, names)| Some((number.parse().ok()?, names)))
                    .collect();
                // From the last one on, since statements that go move those behind them.
                open.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
                for (number, names) in open {
                    let drawn = &mut Seeded::new(mixed(seed, round, &names));
                    if let Some(statements) = members["document"].get_mut("Statement") {
                        replace(drawn, statements, number, round);
                    }
                }
            }
            members
                .values_mut()
                .for_each(|member| determine(member, seed, round));
        }
        _ => {}
    }
}

fn mixed(seed: u64, round: usize, names: &Value) -> u64 {
    let text = names.to_string();
    let name = text
        .bytes()
        .fold(seed, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
    name.wrapping_mul(97).wrapping_add(round as u64)
}

fn replace(choices: &mut impl Choose, statements: &mut Value, number: usize, round: usize) {
    let how = match round {
        0 => return,
        1 => 0,
        _ => choices.below(8),
    };
    if how == 0 {
        return remove(statements, number);
    }
    let one = match statements {
        Value::Array(list) => list.get_mut(number),
        statement => Some(statement),
    };
    let Some(statement) = one else {
        return;
    };
    match how {
        1 => {}
        2 => fewer(choices, statement, "Action"),
        3 => fewer(choices, statement, "Resource"),
        4 => fewer(choices, statement, "Principal"),
        5 => one_condition_more(choices, statement),
        _ => {
            for element in ["Action", "Resource", "Principal"] {
                if choices.once_in(2) {
                    fewer(choices, statement, element);
                }
            }
            if choices.once_in(3) {
                one_condition_more(choices, statement);
            }
        }
    }
}

/// Takes a statement out; one that is alone is left with an action that nobody calls, since a document needs a statement.
fn remove(statements: &mut Value, number: usize) {
    match statements {
        Value::Array(list) if list.len() > 1 => {
            list.remove(number);
        }
        Value::Array(list) => list.iter_mut().for_each(silence),
        statement => silence(statement),
    }
}

fn silence(statement: &mut Value) {
    if let Some(members) = statement.as_object_mut() {
        members.remove("NotAction");
        members.insert("Action".to_owned(), json!("sts:GetServiceBearerToken"));
    }
}

/// Makes an element mean less: an entry less, or one that means less. One that names everyone may turn out to name anybody.
fn fewer(choices: &mut impl Choose, statement: &mut Value, element: &str) {
    if element == "Principal" {
        return fewer_principals(choices, statement);
    }
    match statement.get_mut(element) {
        Some(Value::Array(entries)) if entries.len() > 1 && choices.once_in(2) => {
            entries.remove(choices.below(entries.len()));
        }
        Some(Value::Array(entries)) => {
            let at = choices.below(entries.len());
            if let Some(Value::String(entry)) = entries.get_mut(at) {
                narrow(choices, entry, element);
            }
        }
        Some(Value::String(entry)) => narrow(choices, entry, element),
        _ => more_left_out(choices, statement, element),
    }
}

/// One entry more of `NotAction` or `NotResource`.
fn more_left_out(choices: &mut impl Choose, statement: &mut Value, element: &str) {
    let left_out = match element {
        "Action" => ["kms:D*", "s3:Get*", "sts:*"],
        _ => ["arn:aws:kms:*", "arn:aws:s3:::b/*", "arn:aws:sqs:*"],
    };
    let entry = json!(choices.one_of(&left_out));
    match statement.get_mut(format!("Not{element}")) {
        Some(Value::Array(entries)) => entries.push(entry),
        Some(own) => *own = json!([own.take(), entry]),
        None => {}
    }
}

/// Puts something in the place of the asterisk at the end.
fn narrow(choices: &mut impl Choose, entry: &mut String, element: &str) {
    let ends: &[&str] = match (element, entry.as_str()) {
        ("Action", "*") => &["kms:*", "s3:*", "sts:*", "kms:Decrypt"],
        ("Action", _) => &["*t", "Get*", "Decrypt", "D*", "Put*"],
        (_, "*") => &[
            "arn:aws:kms:*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::b/*",
            "arn:aws:kms:eu-west-1:111122223333:key/k1",
            "arn:aws:*:*:111122223333:*",
        ],
        _ => &["*1", "k1", "*x", "?", "b*"],
    };
    let end = choices.one_of(ends).unwrap_or_default();
    if let Some(start) = entry.strip_suffix('*') {
        *entry = format!("{start}{end}");
    }
}

fn fewer_principals(choices: &mut impl Choose, statement: &mut Value) {
    let is_trust = statement.get("Resource").is_none() && statement.get("NotResource").is_none();
    let Some(element) = statement.get_mut("Principal") else {
        return;
    };
    let everyone = json!("*");
    let names_everyone = |entries: &Value| {
        *entries == everyone
            || entries
                .as_array()
                .is_some_and(|all| all.contains(&everyone))
    };
    if names_everyone(element) || element.get("AWS").is_some_and(names_everyone) {
        *element = principal(choices, is_trust);
        return;
    }
    let Some(types) = element.as_object_mut() else {
        return;
    };
    for entries in types.values_mut() {
        if let Value::Array(entries) = entries
            && entries.len() > 1
        {
            entries.remove(choices.below(entries.len()));
        }
    }
}

fn one_condition_more(choices: &mut impl Choose, statement: &mut Value) {
    let Some(Value::Object(operators)) = condition(choices) else {
        return;
    };
    if !statement["Condition"].is_object() {
        statement["Condition"] = json!({});
    }
    for (operator, keys) in operators {
        let own = &mut statement["Condition"][operator.as_str()];
        match own {
            Value::Object(own) => {
                for (key, operands) in keys.as_object().into_iter().flatten() {
                    own.entry(key).or_insert_with(|| operands.clone());
                }
            }
            own => *own = keys,
        }
    }
}
