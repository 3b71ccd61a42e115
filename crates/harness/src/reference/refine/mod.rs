//! What an undecided answer comes to case by case: the few states that stand for all that a key may have. Rule: IAM-TRI-10.
//!
//! Knows neither policies nor layers: it asks again and again, with keys that have values.

mod atoms;
pub(crate) mod uses;

use preclear_catalog::{ConditionKey, KeyKind, catalog};
use preclear_model::OperatorFamily;
use preclear_model::policy::ConditionTest;
use preclear_simulator::Verdict;

use self::uses::Uses;
use super::question::Cases;
use super::value::Value;
use super::verdict::either;

/// Keys that may be split at most. Rule: IAM-TRI-10.
const KEYS_MAX: usize = 6;
/// Answers that are asked for at most.
const ANSWERS_MAX: usize = 3000;
/// Values of a multivalued key of which every set is tried, at most.
const SET_MAX: usize = 6;

/// Keys from which more is derived than conditions see: how the call came, unique ids. Rule: IAM-TRI-10.
const OF_MORE: [&str; 3] = ["kms:viaservice", "aws:viaawsservice", "aws:userid"];

/// A key and the values that stand for all that it may have.
#[derive(Debug)]
pub(crate) struct Split {
    key: String,
    values: Vec<Value>,
}

/// The keys to split: those that undecided statements test, whose value nobody knows, and nothing else depends on.
/// `value` tells what is known of a key, `is_open` whether some ambiguity is about it. Rule: IAM-TRI-10.
pub(crate) fn splits(
    uses: &Uses,
    value: impl Fn(&str) -> Value,
    is_open: impl Fn(&str) -> bool,
) -> Vec<Split> {
    let mut splits = Vec::new();
    for (key, tests) in &uses.tests {
        let is_of_more = OF_MORE.contains(&key.as_str());
        let known = catalog().condition_key(key);
        let has_several = known.is_some_and(|key| key.may_have_several());
        if is_of_more || has_several || uses.variables.contains(key) || is_open(key) {
            continue;
        }
        let is_possibly_absent = match value(key) {
            Value::Unknown => true,
            Value::Present => false,
            _ => continue,
        };
        let Some(atoms) = atoms::of(known.map(|key| kind(key, tests)), tests) else {
            continue;
        };
        let is_multivalued = known.is_some_and(|key| key.is_multivalued());
        let Some(mut values) = values(atoms, is_multivalued) else {
            continue;
        };
        if is_possibly_absent {
            values.insert(0, Value::Absent);
            // What is there without values is not absent (AMB-7). Rule: IAM-TRI-1, IAM-COND-13.
            values.extend(is_multivalued.then(|| Value::Known(Vec::new())));
        } else if is_multivalued {
            // Present, so that one value at least is not empty. Rule: IAM-TRI-1.
            values.retain(has_text);
        }
        let key = key.clone();
        splits.push(Split { key, values });
    }
    splits
}

/// The type of a key; of one that holds dates and numbers alike the one that its tests ask for. Rule: IAM-COND-15.
fn kind(key: ConditionKey<'_>, tests: &[ConditionTest]) -> KeyKind {
    let has = |family| {
        let mut tests = tests.iter();
        tests.any(|test| test.operator.base.family() == family)
    };
    let is_number =
        key.accepts(KeyKind::Numeric) && has(OperatorFamily::Numeric) && !has(OperatorFamily::Date);
    if is_number {
        KeyKind::Numeric
    } else {
        key.kind()
    }
}

/// One value each; of a multivalued key every set but the empty one. `None` where there are too many. Rule: IAM-TRI-10.
fn values(atoms: Vec<String>, is_multivalued: bool) -> Option<Vec<Value>> {
    if !is_multivalued {
        let one = |atom| Value::Known(vec![atom]);
        return Some(atoms.into_iter().map(one).collect());
    }
    if atoms.len() > SET_MAX {
        return None;
    }
    let set = |members: usize| {
        let chosen = atoms.iter().enumerate();
        let chosen = chosen.filter(|(place, _)| members & (1 << place) != 0);
        Value::Known(chosen.map(|(_, atom)| atom.clone()).collect())
    };
    Some((1..1 << atoms.len()).map(set).collect())
}

/// True for a set with a value that is not empty.
fn has_text(value: &Value) -> bool {
    matches!(value, Value::Known(texts) if texts.iter().any(|text| !text.is_empty()))
}

/// Asks case by case; what all cases agree on, else Depends. Rule: IAM-TRI-10.
pub(crate) fn refined(splits: &[Split], ask: impl Fn(&Cases) -> Verdict) -> Verdict {
    let mut walk = Walk {
        ask,
        left: ANSWERS_MAX,
    };
    let open: Vec<&Split> = splits.iter().collect();
    walk.settle(&Cases::new(), &open, KEYS_MAX)
        .unwrap_or(Verdict::Depends)
}

struct Walk<F> {
    ask: F,
    left: usize,
}

impl<F: Fn(&Cases) -> Verdict> Walk<F> {
    fn ask(&mut self, cases: &Cases) -> Option<Verdict> {
        self.left = self.left.checked_sub(1)?;
        Some((self.ask)(cases))
    }

    /// What all cases of the open keys agree on; `None` where they do not, or where it takes too long. Rule: IAM-TRI-10.
    fn settle(&mut self, cases: &Cases, open: &[&Split], depth: usize) -> Option<Verdict> {
        let depth = depth.checked_sub(1)?;
        let mut best: Option<(usize, usize)> = None;
        for (place, split) in open.iter().enumerate() {
            let mut agreed: Option<Verdict> = None;
            let mut undecided = 0;
            for value in &split.values {
                match self.ask(&with(cases, &split.key, value))? {
                    Verdict::Depends => undecided += 1,
                    verdict => agreed = Some(merged(agreed, verdict)?),
                }
            }
            if undecided == 0 {
                return agreed;
            }
            let is_better =
                undecided < split.values.len() && best.is_none_or(|(_, least)| undecided < least);
            if is_better || best.is_none() {
                best = Some((place, undecided));
            }
        }
        let (place, _) = best?;
        let split = open.get(place)?;
        let others: Vec<&Split> = open
            .iter()
            .copied()
            .filter(|other| other.key != split.key)
            .collect();
        let mut agreed = None;
        for value in &split.values {
            let cases = with(cases, &split.key, value);
            let verdict = match self.ask(&cases)? {
                Verdict::Depends => self.settle(&cases, &others, depth)?,
                verdict => verdict,
            };
            agreed = Some(merged(agreed, verdict)?);
        }
        agreed
    }
}

/// The cases with one more.
fn with(cases: &Cases, key: &str, value: &Value) -> Cases {
    let mut cases = cases.clone();
    cases.insert(key.to_owned(), value.clone());
    cases
}

/// What two cases agree on; `None` if they do not.
fn merged(agreed: Option<Verdict>, verdict: Verdict) -> Option<Verdict> {
    let merged = agreed.map_or(verdict, |agreed| either(agreed, verdict));
    (merged != Verdict::Depends).then_some(merged)
}
