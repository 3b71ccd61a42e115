//! `Null`: IAM-TRI-3's rows of it for single-valued and multivalued keys, and the operands of IAM-COND-24.

use serde_json::{Value, json};

use super::super::case::Case;
use super::super::cell::{Cell, Truth};
use super::super::markdown::Rules;
use super::asked::{MULTIPLE, context};
use super::probe::{Expected, Probes};
use crate::failure::Failure;

pub(super) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    let row = rules.table("IAM-TRI-4")?.row("Null")?;
    match Cell::read(row, "Known(set)")? {
        Cell::AsSingle => {}
        _ => return Err(row.unread(row.cell("Known(set)")?)),
    }
    let single = case(
        rules,
        "iam-tri-3",
        "aws:referer",
        "a single-valued",
        &json!("a"),
    )?;
    let multiple = case(
        rules,
        "iam-tri-4",
        MULTIPLE,
        "a multivalued",
        &json!(["a", "b"]),
    )?;
    Ok(vec![single, multiple])
}

/// The columns of the table and the requests that belong there.
fn states(key: &str, value: &Value) -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("Known", "known", context(key, value.clone())),
        ("Absent", "absent (closed)", json!({})),
        (
            "Absent",
            "absent (open)",
            json!({"mode": "open", "absent": [key]}),
        ),
        ("Present", "present", json!({"present": [key]})),
        ("Unknown", "unknown (open)", json!({"mode": "open"})),
        ("Unknown", "unknown (closed)", json!({"unknown": [key]})),
    ]
}

fn case(
    rules: &Rules,
    folder: &str,
    key: &str,
    kind: &str,
    value: &Value,
) -> Result<Case, Failure> {
    let table = rules.table("IAM-TRI-3")?;
    let mut probes = Probes::default();
    for (operand, label) in [
        (json!("true"), "Null \"true\""),
        (json!(true), "Null \"true\""),
        (json!("false"), "Null \"false\""),
        (json!(false), "Null \"false\""),
    ] {
        let row = table.row(label)?;
        let kind = if operand.is_boolean() { "JSON " } else { "" };
        let name = format!(
            "Null {kind}{}",
            operand.as_str().map_or(operand.to_string(), str::to_owned)
        );
        let probe = probes.add(&name, "Null", key, operand.clone());
        for (column, about, request) in states(key, value) {
            let Cell::Plain { truth, .. } = Cell::read(row, column)? else {
                return Err(row.unread(row.cell(column)?));
            };
            let expected = match truth {
                Truth::U => Expected::unknown(&key.to_ascii_lowercase()),
                truth => Expected::certain(truth),
            };
            probes.ask(
                &probe,
                &format!(" {operand}, key {about}"),
                &request,
                &expected,
            );
        }
    }
    always(rules, key, value, &mut probes)?;
    Ok(probes.case(
        &format!("{folder}/Null"),
        &[
            "IAM-TRI-3",
            "IAM-TRI-4",
            "IAM-COND-24",
            "IAM-GRAM-17",
            "IAM-TRI-11",
        ],
        &format!("Null against each state of {kind} key, in an Allow and in a Deny"),
    ))
}

/// The lists and set operators that make `Null` say the same of every key.
fn always(rules: &Rules, key: &str, value: &Value, probes: &mut Probes) -> Result<(), Failure> {
    let operands = rules.rule("IAM-COND-24")?;
    operands.says("Both values listed → always true")?;
    operands.says("any other operand never matches")?;
    let sets = rules.rule("IAM-GRAM-17")?;
    sets.says(
        "`ForAllValues:Null` → **W**, always true; `ForAnyValue:Null` → **W**, always false",
    )?;
    for (name, operator, operand, truth) in [
        ("Null both", "Null", json!(["true", "false"]), Truth::T),
        ("Null other", "Null", json!("maybe"), Truth::F),
        (
            "ForAllValues Null true",
            "ForAllValues:Null",
            json!("true"),
            Truth::T,
        ),
        (
            "ForAllValues Null false",
            "ForAllValues:Null",
            json!("false"),
            Truth::T,
        ),
        (
            "ForAnyValue Null true",
            "ForAnyValue:Null",
            json!("true"),
            Truth::F,
        ),
        (
            "ForAnyValue Null false",
            "ForAnyValue:Null",
            json!("false"),
            Truth::F,
        ),
    ] {
        let probe = probes.add(name, operator, key, operand.clone());
        for (_, about, request) in states(key, value) {
            let about = format!(" {operand}, key {about}");
            probes.ask(&probe, &about, &request, &Expected::certain(truth));
        }
    }
    Ok(())
}
