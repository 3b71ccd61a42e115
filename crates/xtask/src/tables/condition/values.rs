//! IAM-COND-16 to IAM-COND-25: the examples of each operator, with values and operands that do not parse
//! (IAM-COND-14). One file for an operator.

use serde_json::json;

use super::super::case::Case;
use super::super::cell::Truth;
use super::super::operators::{FAMILIES, Family};
use super::asked::context;
use super::probe::{Expected, Probes};
use crate::failure::Failure;

pub(super) fn cases() -> Result<Vec<Case>, Failure> {
    let mut cases = Vec::new();
    for family in FAMILIES {
        for base in family.positive {
            cases.push(case(family, base, false));
        }
        for base in family.negated {
            cases.push(case(family, base, true));
        }
    }
    Ok(cases)
}

fn case(family: &Family, base: &str, is_negated: bool) -> Case {
    let key = family.key;
    let mut probes = Probes::default();
    for (number, example) in family.examples.iter().enumerate() {
        let probe = probes.add(
            &format!("{base} {number}"),
            base,
            key,
            json!(example.operands),
        );
        let sides = [(example.matching, true), (example.failing, false)];
        for (values, matches) in sides {
            for value in values {
                let about = format!(" {}, value {}", json!(example.operands), json!(value));
                let expected = Expected::certain(Truth::of(matches != is_negated));
                probes.ask(&probe, &about, &context(key, json!(value)), &expected);
            }
        }
    }
    unreadable(family, base, is_negated, &mut probes);
    let mut rules = vec![family.rule];
    if !family.unreadable.is_empty() {
        rules.push("IAM-COND-14");
    }
    probes.case(
        &format!("{}/{base}", family.rule.to_ascii_lowercase()),
        &rules,
        &format!("what {base} matches and what it does not"),
    )
}

/// A value, or an operand beside good ones, that does not parse: no match; under a negated operator nobody knows.
fn unreadable(family: &Family, base: &str, is_negated: bool, probes: &mut Probes) {
    let Some(example) = family
        .examples
        .first()
        .filter(|_| !family.unreadable.is_empty())
    else {
        return;
    };
    let key = family.key;
    let bad = if is_negated {
        Expected::unknown("AMB-9")
    } else {
        Expected::certain(Truth::F)
    };
    let probe = probes.add(&format!("{base} value"), base, key, json!(example.operands));
    for value in family.unreadable {
        let about = format!(
            " {}, value {} that does not parse",
            json!(example.operands),
            json!(value)
        );
        probes.ask(&probe, &about, &context(key, json!(value)), &bad);
    }
    for (number, operand) in family.dead.iter().enumerate() {
        let list = [&[*operand][..], example.operands].concat();
        let probe = probes.add(&format!("{base} operand {number}"), base, key, json!(list));
        if let Some(value) = example.matching.first() {
            let about = format!(" {}, value {}", json!(list), json!(value));
            let expected = Expected::certain(Truth::of(!is_negated));
            probes.ask(&probe, &about, &context(key, json!(value)), &expected);
        }
        if let Some(value) = example.failing.first() {
            let about = format!(" {}, value {}", json!(list), json!(value));
            probes.ask(&probe, &about, &context(key, json!(value)), &bad);
        }
    }
}
