//! What generated questions exercise: verdicts of every kind are common, and so are the rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use preclear_harness::exercise::{Exercised, RULES, drawn};

/// Worlds that are looked at.
const WORLDS: u64 = 120;

fn exercised(worlds: u64) -> Exercised {
    let mut exercised = Exercised::default();
    for seed in 1..=worlds {
        drawn(seed, &mut exercised);
    }
    exercised
}

#[test]
fn no_verdict_is_rare_and_rules_are_exercised() {
    let total = exercised(WORLDS);
    assert_eq!(total.questions, WORLDS * 24);
    for mode in [Some("open"), Some("closed"), None] {
        let verdicts = ["allow", "explicit_deny", "implicit_deny", "depends"];
        let counts = verdicts.map(|verdict| total.verdicts(mode, verdict));
        let all: u64 = counts.iter().sum();
        for (verdict, count) in verdicts.into_iter().zip(counts) {
            assert!(
                count * 100 > all * 11,
                "{verdict} in {mode:?}: {count} of {all}"
            );
            assert!(
                count * 100 < all * 55,
                "{verdict} in {mode:?}: {count} of {all}"
            );
        }
        assert_eq!(total.verdicts(mode, "invalid"), 0);
    }
    assert!(
        total.of_kms * 100 >= total.questions * 38,
        "{}",
        total.of_kms
    );
    let never: Vec<String> = total.never();
    let rules = never
        .iter()
        .filter(|name| name.starts_with("IAM-") || name.starts_with("KMS-"));
    let rules: Vec<&String> = rules.collect();
    assert!(
        rules.len() <= RULES_MISSED_MAX,
        "{}: {rules:?}",
        rules.len()
    );
    let operators = never
        .iter()
        .filter(|name| name.starts_with("operator ") && !name.starts_with("operator Binary"));
    let operators: Vec<&String> = operators.collect();
    assert!(operators.len() <= OPERATORS_MISSED_MAX, "{operators:?}");
}

/// Rules that so few worlds may miss.
const RULES_MISSED_MAX: usize = 14;
/// Outcomes of operators that so few worlds may miss.
const OPERATORS_MISSED_MAX: usize = 24;

#[test]
fn the_same_worlds_exercise_the_same_rules() {
    assert_eq!(exercised(4), exercised(4));
    assert_ne!(exercised(4), exercised(5));
}

/// A rule without a row would be missed by nobody.
#[test]
fn every_rule_has_a_row() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    let mut rules = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the rules are there") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(path).expect("a text");
        for heading in text.lines().filter_map(|line| line.strip_prefix("### ")) {
            let id = heading.split(' ').next().unwrap_or_default();
            if id.starts_with("IAM-") || id.starts_with("KMS-") {
                rules.insert(id.to_owned());
            }
        }
    }
    let rows: BTreeSet<String> = RULES.iter().map(|(rule, _)| (*rule).to_owned()).collect();
    assert_eq!(rows, rules);
    assert_eq!(rows.len(), RULES.len(), "a rule has two rows");
}
