//! IAM-TRI-3 and IAM-TRI-4: each form of each operator against each state of a key, one file for an operator.

use serde_json::json;

use super::super::case::Case;
use super::super::cell::Truth;
use super::super::operators::{FAMILIES, Family};
use super::super::world::Effect;
use super::asked::{Asked, MULTIPLE, context, effects, unknown_states};
use super::form::{Form, Set};
use super::probe::{Expected, Probes};
use super::truths::{Operands, Reading, State, Truths};
use crate::failure::Failure;

pub(super) fn cases(truths: &Truths) -> Result<Vec<Case>, Failure> {
    let mut cases = Vec::new();
    for family in FAMILIES {
        let named = |names: &'static [&'static str], is_negated| {
            names.iter().map(move |&name| (name, is_negated))
        };
        for (base, is_negated) in named(family.positive, false).chain(named(family.negated, true)) {
            let operator = Operator {
                family,
                base,
                is_negated,
                truths,
            };
            cases.push(operator.single()?);
            cases.push(operator.multiple()?);
        }
    }
    Ok(cases)
}

/// One operator.
struct Operator<'a> {
    family: &'static Family,
    base: &'static str,
    is_negated: bool,
    truths: &'a Truths,
}

impl Operator<'_> {
    fn single(&self) -> Result<Case, Failure> {
        let key = self.family.key;
        let mut probes = Probes::default();
        for form in Form::all(self.base, self.is_negated) {
            for (operands, list) in self.lists() {
                let probe = probes.add(&name(form, operands), &form.operator(), key, json!(list));
                let known = self.known_values(form, operands);
                for asked in known.into_iter().chain(unknown_states(key, form, operands)) {
                    if !is_settled(form, operands, asked.state) {
                        continue;
                    }
                    let reading = self.truths.single(form, operands, asked.state)?;
                    let expected = self.expected(reading, form, operands, asked.state, key);
                    probes.ask_of(
                        asked.effects,
                        &probe,
                        &about(operands, &asked.about),
                        &asked.request,
                        &expected,
                    );
                }
            }
        }
        Ok(probes.case(
            &format!("iam-tri-3/{}", self.base),
            &["IAM-TRI-3", "IAM-COND-8", "IAM-COND-9", "IAM-COND-10", "IAM-COND-26", "IAM-TRI-11", self.family.rule],
            &format!("each form of {} against each state of a single-valued key, in an Allow and in a Deny", self.base),
        ))
    }

    fn multiple(&self) -> Result<Case, Failure> {
        // The near misses are those of single-valued keys.
        let mut probes = Probes::terse();
        for form in Form::all(self.base, self.is_negated) {
            for (operands, list) in self.lists() {
                let probe = probes.add(
                    &name(form, operands),
                    &form.operator(),
                    MULTIPLE,
                    json!(list),
                );
                let known = self.known_sets(form, operands);
                for asked in known
                    .into_iter()
                    .chain(unknown_states(MULTIPLE, form, operands))
                {
                    let is_empty = asked.state
                        == State::Values {
                            some_match: false,
                            some_fail: false,
                        };
                    // Whether an empty set is present is told for set operators only.
                    let is_told = !is_empty || form.set != Set::None;
                    if !is_told || !is_settled_of_sets(form, operands) {
                        continue;
                    }
                    let reading = self.truths.multiple(form, operands, asked.state)?;
                    let expected = self.expected(reading, form, operands, asked.state, MULTIPLE);
                    probes.ask_of(
                        asked.effects,
                        &probe,
                        &about(operands, &asked.about),
                        &asked.request,
                        &expected,
                    );
                }
            }
        }
        Ok(probes.case(
            &format!("iam-tri-4/{}", self.base),
            &["IAM-TRI-4", "IAM-COND-6", "IAM-COND-7", "IAM-COND-8", "IAM-COND-9", "IAM-TRI-11"],
            &format!("each form of {} against each state of a multivalued key, in an Allow and in a Deny", self.base),
        ))
    }

    /// The lists of operands that the tables tell apart, as far as this operator has them.
    fn lists(&self) -> Vec<(Operands, &'static [&'static str])> {
        let ordinary = self.family.examples.first().map(|example| example.operands);
        let ordinary = ordinary.map(|list| (Operands::Ordinary, list));
        let universal = self
            .family
            .universal
            .map(|list| (Operands::Universal, list));
        let dead = Some((Operands::Dead, self.family.dead));
        [ordinary, universal, dead].into_iter().flatten().collect()
    }

    fn expected(
        &self,
        reading: Reading,
        form: Form,
        operands: Operands,
        state: State,
        key: &str,
    ) -> Expected {
        if operands == Operands::Dead && form.is_negated && state != State::Absent {
            let is_known = matches!(state, State::Value { .. });
            return Expected {
                truth: Truth::U,
                depends_on: is_known.then(|| self.family.dead_negated.to_owned()),
            };
        }
        match reading {
            Reading::Certain(truth) => Expected::certain(truth),
            Reading::Open { beside: None } => Expected::unknown(&key.to_ascii_lowercase()),
            Reading::Open { beside: Some(_) } => Expected {
                truth: Truth::U,
                depends_on: None,
            },
            Reading::Ambiguity(entry) => Expected::unknown(&entry),
        }
    }

    fn known_values(&self, form: Form, operands: Operands) -> Vec<Asked> {
        let key = self.family.key;
        let value = |about: &str, value: Option<&&str>, matches| {
            value.map(|value| Asked {
                about: about.to_owned(),
                request: context(key, json!(value)),
                state: State::Value { matches },
                effects: effects(form, operands),
            })
        };
        let first = self.family.examples.first();
        let matching = first.and_then(|example| example.matching.first());
        let failing = first.and_then(|example| example.failing.first());
        match operands {
            Operands::Ordinary => [
                value("match", matching, true),
                value("no match", failing, false),
            ]
            .into_iter()
            .flatten()
            .collect(),
            _ => value("known", matching, true).into_iter().collect(),
        }
    }

    fn known_sets(&self, form: Form, operands: Operands) -> Vec<Asked> {
        let first = self.family.examples.first();
        let (matching, failing) = first.map_or((&[][..], &[][..]), |example| {
            (example.matching, example.failing)
        });
        let mixed = [take(matching, 1), take(failing, 1)].concat();
        let sets = [
            ("{match}", take(matching, 1), true, false),
            ("{match, other}", mixed, true, true),
            ("{other, other}", take(failing, 2), false, true),
            ("{}", Vec::new(), false, false),
        ];
        let asked = |(about, values, some_match, some_fail): (&str, Vec<&str>, bool, bool)| Asked {
            about: about.to_owned(),
            request: context(MULTIPLE, json!(values)),
            state: State::Values {
                some_match,
                some_fail,
            },
            // Two sets are enough to see both effects.
            effects: if some_match {
                effects(form, operands)
            } else {
                &[Effect::Deny]
            },
        };
        let is_ordinary = operands == Operands::Ordinary;
        let sets = sets.into_iter().skip(usize::from(!is_ordinary));
        sets.map(asked).collect()
    }
}

/// Whether the tables settle a cell of a list that matches nothing. A negated operator with it is an entry of the
/// register, which speaks of the bare form and a key that is there; of `ForAnyValue:…IfExists` two rules speak.
fn is_settled(form: Form, operands: Operands, state: State) -> bool {
    let is_bare = form.set == Set::None && !form.has_if_exists;
    let is_there = matches!(state, State::Value { .. } | State::Present);
    match (operands, form.is_negated) {
        (Operands::Dead, true) => is_bare && is_there,
        (Operands::Dead, false) => form.set != Set::ForAnyValue || !form.has_if_exists || is_there,
        _ => true,
    }
}

/// The same for a multivalued key, of which a negated operator with such a list is told nowhere.
fn is_settled_of_sets(form: Form, operands: Operands) -> bool {
    let has_both = form.set != Set::None && form.has_if_exists;
    operands != Operands::Dead || (!form.is_negated && !has_both)
}

fn name(form: Form, operands: Operands) -> String {
    let list = match operands {
        Operands::Ordinary => "",
        Operands::Universal => " any",
        Operands::Dead => " dead",
    };
    format!("{}{list}", form.name())
}

fn about(operands: Operands, about: &str) -> String {
    let list = match operands {
        Operands::Ordinary => "",
        Operands::Universal => ", universal",
        Operands::Dead => ", dead",
    };
    format!("{list}, {about}")
}

fn take(values: &'static [&'static str], count: usize) -> Vec<&'static str> {
    values.iter().copied().take(count).collect()
}
