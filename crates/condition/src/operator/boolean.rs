//! Truth values. Rule: IAM-COND-21.

use preclear_model::Template;

use super::string::{Fold, FoldedText};
use super::{Hit, Points, Subject};
use crate::{Ambiguities, Evidence, KeyName, KeyTypes, Lookup, Outcome};

/// Reads `true` or `false`, ignoring case.
pub(crate) fn parse(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operand {
    /// `true`, `false`, or a text that is neither.
    Fixed(Option<bool>),
    /// A text with variables. Rule: AMB-8.
    Variable(FoldedText),
}

/// Operands of a `Bool` test.
#[derive(Debug, Clone)]
pub(crate) struct Booleans(Vec<Operand>);

impl Booleans {
    pub(crate) fn new<'t>(
        operands: impl Iterator<Item = &'t Template>,
        keys: &dyn KeyTypes,
    ) -> Self {
        let operand = |template: &Template| {
            if template.variables().next().is_some() {
                Operand::Variable(FoldedText::compile(template, Fold::Ascii, keys))
            } else {
                Operand::Fixed(template.as_plain().and_then(parse))
            }
        };
        Self(operands.map(operand).collect())
    }

    /// True where both truth values are listed: then any value will do.
    pub(crate) fn lists_both(&self) -> bool {
        [true, false].iter().all(|wanted| {
            self.0
                .iter()
                .any(|operand| matches!(operand, Operand::Fixed(Some(value)) if value == wanted))
        })
    }

    pub(crate) fn matches<E: Evidence>(
        &self,
        subject: Subject<'_>,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Hit<E> {
        let matched = if self.lists_both() {
            Outcome::known(true)
        } else {
            let matched = super::any_of(&self.0, |operand| {
                operand.matches(subject, keys, ambiguities)
            });
            matched.or(self.lists_both_by_variables(keys, ambiguities))
        };
        // There is no negated form, so nothing asks what was malformed.
        Hit {
            matched,
            is_malformed: false,
        }
    }

    /// The same where a variable stands for one of them. Rule: IAM-COND-21, AMB-8.
    fn lists_both_by_variables<E: Evidence>(
        &self,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let operands = || self.0.iter();
        if operands().all(|operand| matches!(operand, Operand::Fixed(_))) {
            return Outcome::known(false);
        }
        let is = |operand: &Operand, truth| {
            operand.matches::<E>(Subject::Text(truth), keys, ambiguities)
        };
        let pairs = operands().flat_map(|one| operands().map(move |other| (one, other)));
        // What is written twice is not both.
        let pairs = pairs.filter(|(one, other)| one != other);
        Outcome::any(pairs.map(|(one, other)| is(one, "true").and(is(other, "false"))))
    }

    /// `None` with a variable.
    pub(crate) fn points(&self) -> Option<Points<'_>> {
        let is_fixed = |operand: &Operand| matches!(operand, Operand::Fixed(_));
        self.0.iter().all(is_fixed).then_some(Points::Truth)
    }

    /// Keys of the variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &KeyName> {
        self.0
            .iter()
            .filter_map(|operand| match operand {
                Operand::Fixed(_) => None,
                Operand::Variable(text) => Some(text.variables()),
            })
            .flatten()
    }
}

impl Operand {
    fn matches<E: Evidence>(
        &self,
        subject: Subject<'_>,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let value = match subject {
            Subject::SomeText | Subject::SomeTextLike(_) => None,
            Subject::Text(text) => match parse(text) {
                None => return Outcome::known(false),
                known => known,
            },
        };
        match (self, value) {
            (Self::Fixed(None), _) => Outcome::known(false),
            (Self::Fixed(Some(_)), None) => Outcome::undecided(),
            (Self::Fixed(Some(operand)), Some(value)) => Outcome::known(*operand == value),
            (Self::Variable(text), value) => {
                let substituted = match value {
                    // Only an operand that is a truth value can match the one that is not known.
                    None => {
                        let is = |truth| text.matches(truth, keys, ambiguities);
                        let is_truth = is("true").or(is("false"));
                        text.can_match(keys, ambiguities).and(is_truth)
                    }
                    Some(true) => text.matches("true", keys, ambiguities),
                    Some(false) => text.matches("false", keys, ambiguities),
                };
                // Not substituted, the operand is no truth value.
                ambiguities.between(8, substituted, Outcome::known(false))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_nothing_else_is_a_truth_value() {
        for text in ["true", "TRUE", "True"] {
            assert_eq!(parse(text), Some(true), "{text}");
        }
        for text in ["false", "FALSE"] {
            assert_eq!(parse(text), Some(false), "{text}");
        }
        for text in ["", "yes", "1", "0", " true", "true ", "ｔrue", "falſe"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
