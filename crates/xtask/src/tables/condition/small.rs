//! The tables of IAM-COND-1, IAM-COND-7 and IAM-COND-8 as they stand, and IAM-COND-9.

use serde_json::json;

use super::super::case::Case;
use super::super::cell::Truth;
use super::super::markdown::{Rules, plain};
use super::super::operators::FAMILIES;
use super::super::world::{self, Effect, USER};
use super::asked::{MULTIPLE, context};
use super::form::{Form, Set};
use super::probe::{Expected, Probes};
use super::truths::{Operands, Reading, State, Truths};
use crate::failure::Failure;

pub(super) fn cases(rules: &Rules, truths: &Truths) -> Result<Vec<Case>, Failure> {
    Ok(vec![
        lists(rules)?,
        sets(rules)?,
        missing(rules, truths)?,
        if_exists_of_sets(rules, truths)?,
        null_if_exists(rules)?,
    ])
}

/// IAM-COND-1: `a` is a value that the list matches, `c` one that it does not.
fn lists(rules: &Rules) -> Result<Case, Failure> {
    let table = rules.table("IAM-COND-1")?;
    let mut probes = Probes::default();
    for family in FAMILIES {
        let Some(example) = family.examples.first() else {
            continue;
        };
        let values = |label: &str| match label {
            "a" => example.matching.iter().take(2).map(Some).collect(),
            "c" => example.failing.iter().take(1).map(Some).collect(),
            "absent" => vec![None],
            _ => Vec::new(),
        };
        let names = [(family.positive, "positive"), (family.negated, "negated")];
        for (base, polarity) in names
            .iter()
            .flat_map(|(bases, polarity)| bases.iter().map(move |base| (*base, *polarity)))
        {
            let probe = probes.add(base, base, family.key, json!(example.operands));
            for row in table.rows() {
                let cell = row.cell(&format!("{polarity} operator, [\"a\",\"b\"]"))?;
                let truth = Truth::read(cell).ok_or_else(|| row.unread(cell))?;
                let values = values(&plain(row.label()));
                if values.is_empty() {
                    return Err(row.unread(row.label()));
                }
                for value in values {
                    let (about, request) = match value {
                        Some(value) => (
                            format!("value {}", json!(value)),
                            context(family.key, json!(value)),
                        ),
                        None => ("key absent".to_owned(), json!({})),
                    };
                    let about = format!(" {}, {about}", json!(example.operands));
                    probes.ask(&probe, &about, &request, &Expected::certain(truth));
                }
            }
        }
    }
    Ok(probes.case(
        "iam-cond/COND-1",
        &["IAM-COND-1", "IAM-COND-2"],
        "several operands: a positive operator is true if one matches, a negated one if none does",
    ))
}

/// IAM-COND-7: the operators of its header against the sets of its rows.
fn sets(rules: &Rules) -> Result<Case, Failure> {
    let table = rules.table("IAM-COND-7")?;
    let mut probes = Probes::default();
    let list = |text: &str| -> Vec<String> {
        let inner = text.trim_matches(|c| matches!(c, '{' | '}' | '[' | ']'));
        let values = inner
            .split(',')
            .map(str::trim)
            .filter(|value| !value.is_empty());
        values.map(str::to_owned).collect()
    };
    for column in table.header().iter().skip(1).map(|name| plain(name)) {
        let (operator, operands) = column.split_once(' ').ok_or_else(|| {
            Failure::new(format!(
                "`IAM-COND-7` has a column `{column}` without operands"
            ))
        })?;
        let probe = probes.add(operator, operator, "aws:TagKeys", json!(list(operands)));
        for row in table.rows() {
            let cell = row.cell(&column)?;
            let expected = Truth::read(cell)
                .map(Expected::certain)
                .ok_or_else(|| row.unread(cell))?;
            for set in plain(row.label()).split(" or ") {
                let request = match set {
                    "absent" => json!({}),
                    set => context("aws:TagKeys", json!(list(set))),
                };
                probes.ask(
                    &probe,
                    &format!(" {operands}, tag keys {set}"),
                    &request,
                    &expected,
                );
            }
        }
    }
    Ok(probes.case(
        "iam-cond/COND-7",
        &["IAM-COND-7", "IAM-COND-13"],
        "what the set operators say of each set of tag keys",
    ))
}

/// IAM-COND-8: each of its rows for operators of every kind.
fn missing(rules: &Rules, truths: &Truths) -> Result<Case, Failure> {
    let bases = [
        "StringLike",
        "NumericLessThan",
        "NotIpAddress",
        "ArnNotEquals",
    ];
    let mut probes = Probes::default();
    for family in FAMILIES {
        let Some(example) = family.examples.first() else {
            continue;
        };
        let names = [(family.positive, false), (family.negated, true)];
        for (base, is_negated) in names
            .iter()
            .flat_map(|(bases, polarity)| bases.iter().map(move |base| (*base, *polarity)))
        {
            for form in Form::all(base, is_negated)
                .into_iter()
                .filter(|_| bases.contains(&base))
            {
                for (key, kind) in [(family.key, "single-valued"), (MULTIPLE, "multivalued")] {
                    let name = format!("{} {kind}", form.operator());
                    let probe = probes.add(&name, &form.operator(), key, json!(example.operands));
                    let expected = expected(truths.missing(form)?)?;
                    probes.ask(
                        &probe,
                        &format!(", {kind} key absent"),
                        &json!({}),
                        &expected,
                    );
                }
            }
        }
    }
    let row = rules
        .table("IAM-COND-8")?
        .row("`Null:\"true\"` / `Null:\"false\"`")?;
    let cell = row.cell("key absent")?;
    let (when_true, when_false) = cell.split_once(" / ").ok_or_else(|| row.unread(cell))?;
    for (operand, truth) in [("true", when_true), ("false", when_false)] {
        let expected = Truth::read(truth)
            .map(Expected::certain)
            .ok_or_else(|| row.unread(cell))?;
        let probe = probes.add(
            &format!("Null {operand}"),
            "Null",
            "aws:referer",
            json!(operand),
        );
        probes.ask(
            &probe,
            &format!(" \"{operand}\", key absent"),
            &json!({}),
            &expected,
        );
    }
    Ok(probes.case(
        "iam-cond/COND-8",
        &["IAM-COND-8", "IAM-COND-26"],
        "what each form says of a key that is not there",
    ))
}

/// IAM-COND-9: with a set operator, `IfExists` is heard by nobody.
fn if_exists_of_sets(rules: &Rules, truths: &Truths) -> Result<Case, Failure> {
    let rule = rules.rule("IAM-COND-9")?;
    rule.says("with a set qualifier adds nothing")?;
    let mut probes = Probes::default();
    for (base, is_negated) in [("StringEquals", false), ("StringNotEquals", true)] {
        for form in Form::all(base, is_negated) {
            if form.set == Set::None {
                continue;
            }
            let probe = probes.add(
                &form.operator(),
                &form.operator(),
                "aws:TagKeys",
                json!(["a", "b"]),
            );
            probes.ask(
                &probe,
                " [a,b], no tag keys",
                &json!({}),
                &expected(truths.missing(form)?)?,
            );
            for (values, some_match, some_fail) in [
                (&["a"][..], true, false),
                (&["a", "c"], true, true),
                (&["c"], false, true),
            ] {
                let state = State::Values {
                    some_match,
                    some_fail,
                };
                let reading = truths.set(form, Operands::Ordinary, state)?;
                let about = format!(" [a,b], tag keys {values:?}");
                probes.ask(
                    &probe,
                    &about,
                    &context("aws:TagKeys", json!(values)),
                    &expected(reading)?,
                );
            }
        }
    }
    Ok(probes.case(
        "iam-cond/COND-9",
        &["IAM-COND-9", "IAM-COND-8", "AMB-7"],
        "IfExists adds nothing to a set operator",
    ))
}

/// IAM-COND-9: `Null` takes no `IfExists`.
fn null_if_exists(rules: &Rules) -> Result<Case, Failure> {
    rules.rule("IAM-COND-9")?.says("`Null` takes no IfExists")?;
    rules.rule("IAM-GRAM-17")?.says("`NullIfExists` → **E**")?;
    let statement = json!({
        "Effect": Effect::Allow.name(), "Action": "s3:GetObject", "Resource": "*",
        "Condition": {"NullIfExists": {"aws:referer": "true"}},
    });
    let user = json!({"arn": USER, "policies": [world::policy("probes", vec![statement])]});
    let snapshot = world::snapshot(vec![user], Vec::new());
    let rules = ["IAM-COND-9", "IAM-GRAM-17"];
    let mut case = Case::new(
        "iam-cond/COND-9-null",
        &rules,
        "Null with IfExists is refused",
        snapshot,
    );
    let request =
        json!({"principal": USER, "action": "s3:GetObject", "resource": "arn:aws:s3:::team/x"});
    case.test("NullIfExists", request, json!("invalid"));
    Ok(case)
}

fn expected(reading: Reading) -> Result<Expected, Failure> {
    match reading {
        Reading::Certain(truth) => Ok(Expected::certain(truth)),
        Reading::Ambiguity(entry) => Ok(Expected::unknown(&entry)),
        Reading::Open { .. } => Err(Failure::new(
            "a key that is known or absent has an open cell",
        )),
    }
}
