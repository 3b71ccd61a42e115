//! ARNs compared field by field. Rule: IAM-COND-25.

use preclear_model::Template;
use preclear_wildcard::{Pattern, Token};

use super::{Hit, Subject};
use crate::variable::{VariableFields, VariablePattern, Wildcards};
use crate::{Ambiguities, Evidence, KeyName, KeyTypes, Lookup, Outcome};

/// Colons that divide the six fields.
const COLONS: usize = 5;

#[derive(Debug, Clone)]
enum Operand {
    Fields(VariableFields),
    /// Fewer than six fields, such as `*`: nobody has published what it matches; the guess is nothing. Rule: AMB-12.
    Short(VariablePattern),
}

/// Operands of an `Arn…` test.
#[derive(Debug, Clone)]
pub(crate) struct Arns(Vec<Operand>);

/// What every ARN starts with.
const START: &str = "arn:";

/// True for a text of six fields, the first of which is `arn`.
pub(crate) fn is_arn(text: &str) -> bool {
    text.starts_with(START) && text.bytes().filter(|byte| *byte == b':').count() >= COLONS
}

/// Whether the texts of a pattern are ARNs; `None` where some may and some may not.
pub(crate) fn are_arns(pattern: &Pattern) -> Option<bool> {
    match (start_as_arns(pattern), have_fields(pattern)) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Whether the texts of a pattern start as an ARN does.
fn start_as_arns(pattern: &Pattern) -> Option<bool> {
    let (mut wanted, mut is_certain) = (START, true);
    for token in pattern.tokens() {
        match token {
            Token::Text(text) if text.starts_with(wanted) => wanted = "",
            Token::Text(text) => match wanted.strip_prefix(text) {
                Some(rest) => wanted = rest,
                None => return Some(false),
            },
            Token::AnyOne => {
                is_certain = false;
                wanted = wanted.get(1..).unwrap_or_default();
            }
            Token::AnyRun | Token::Slot(_) => return None,
        }
        if wanted.is_empty() {
            return is_certain.then_some(true);
        }
    }
    Some(false)
}

/// Whether the texts of a pattern have the fields of an ARN, those that start as one does.
fn have_fields(pattern: &Pattern) -> Option<bool> {
    let (mut colons, mut wildcards, mut is_endless) = (0_usize, 0_usize, false);
    let mut letters = 0;
    for token in pattern.tokens() {
        match token {
            Token::Text(text) => {
                colons += text.matches(':').count();
                letters += text.chars().count();
            }
            Token::AnyOne => {
                // In an ARN the first three are letters.
                wildcards += usize::from(is_endless || letters >= START.len() - 1);
                letters += 1;
            }
            Token::AnyRun | Token::Slot(_) => is_endless = true,
        }
    }
    if colons >= COLONS {
        Some(true)
    } else if is_endless || colons + wildcards >= COLONS {
        None
    } else {
        Some(false)
    }
}

/// True where the pattern as written has fewer than six fields.
pub(crate) fn is_short(template: &Template, keys: &dyn KeyTypes) -> bool {
    VariableFields::compile(template, keys).is_none()
}

impl Arns {
    pub(crate) fn new<'t>(
        operands: impl Iterator<Item = &'t Template>,
        keys: &dyn KeyTypes,
    ) -> Self {
        let operand = |template: &Template| match VariableFields::compile(template, keys) {
            Some(fields) => Operand::Fields(fields),
            None => Operand::Short(VariablePattern::compile(template, Wildcards::Active, keys)),
        };
        Self(operands.map(operand).collect())
    }

    pub(crate) fn matches<E: Evidence>(
        &self,
        subject: Subject<'_>,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Hit<E> {
        Hit {
            matched: super::any_of(&self.0, |operand| {
                operand.matches(subject, keys, ambiguities)
            }),
            is_malformed: match subject {
                Subject::Text(text) => !is_arn(text),
                Subject::SomeText => false,
                Subject::SomeTextLike(like) => are_arns(like.pattern) == Some(false),
            },
        }
    }

    /// True if some operand is short and has a value for each of its variables: it matches every ARN in one of the
    /// readings. Rule: AMB-12.
    pub(crate) fn dispute_every_arn(&self, keys: &impl Lookup, ambiguities: Ambiguities) -> bool {
        self.0.iter().any(|operand| match operand {
            Operand::Fields(_) => false,
            Operand::Short(pattern) => {
                let has_value: Outcome<()> = pattern.is_resolved(keys, ambiguities);
                has_value.value.is_true()
            }
        })
    }

    /// Keys of the variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &KeyName> {
        self.0.iter().flat_map(|operand| {
            let (fields, short) = match operand {
                Operand::Fields(fields) => (Some(fields), None),
                Operand::Short(pattern) => (None, Some(pattern)),
            };
            fields
                .into_iter()
                .flat_map(VariableFields::variables)
                .chain(short.into_iter().flat_map(VariablePattern::variables))
        })
    }
}

impl Operand {
    fn matches<E: Evidence>(
        &self,
        subject: Subject<'_>,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        match (self, subject) {
            // What has fields, but another first one, is no ARN and matches nothing.
            (Self::Fields(_), Subject::Text(text)) if !text.starts_with(START) => {
                Outcome::known(false)
            }
            (Self::Fields(fields), Subject::Text(text)) => fields.matches(text, keys, ambiguities),
            (Self::Fields(fields), Subject::SomeText) => fields.can_match(keys, ambiguities),
            (Self::Fields(fields), Subject::SomeTextLike(like)) => {
                let dependency = || like.dependency();
                let matched = fields.matches_each_of(like.pattern, dependency, keys, ambiguities);
                match start_as_arns(like.pattern) {
                    Some(true) => matched,
                    Some(false) => Outcome::known(false),
                    None => matched.and(Outcome::unknown(dependency)),
                }
            }
            (Self::Short(pattern), subject) => short(pattern, subject, keys, ambiguities),
        }
    }
}

/// A pattern of fewer than six fields against an ARN. Rule: AMB-12.
fn short<E: Evidence>(
    pattern: &VariablePattern,
    subject: Subject<'_>,
    keys: &impl Lookup,
    ambiguities: Ambiguities,
) -> Outcome<E> {
    // A value that is no ARN, like an operand whose variable has no value, matches nothing in any reading.
    let is_arn = match subject {
        Subject::Text(text) => Some(is_arn(text)),
        Subject::SomeText => None,
        Subject::SomeTextLike(like) => are_arns(like.pattern),
    };
    let has_value: Outcome<E> = pattern.is_resolved(keys, ambiguities);
    if is_arn == Some(false) || has_value.value.is_false() {
        return Outcome::known(false);
    }
    let is_open = is_arn.is_none() || has_value.value.is_unknown();
    match ambiguities {
        Ambiguities::Report => {
            // If it matches anything, then most likely as a glob over the whole text.
            let as_glob = match subject {
                Subject::Text(text) => pattern.matches(text, keys, ambiguities),
                Subject::SomeText => pattern.matches_unknown_text(keys, ambiguities),
                Subject::SomeTextLike(like) => {
                    pattern.matches_each_of(like.pattern, || like.dependency(), keys, ambiguities)
                }
            };
            ambiguities.decide(12, false).unsettled_with(as_glob)
        }
        Ambiguities::Always(true) if is_open => {
            let open = Outcome::undecided().unsettled_with(has_value);
            match subject {
                Subject::SomeTextLike(like) if is_arn.is_none() => {
                    open.depending_on(|| like.dependency())
                }
                _ => open,
            }
        }
        _ => ambiguities.decide(12, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_says_whether_its_texts_are_arns() {
        for (pattern, expected) in [
            ("arn:aws:s3:::b", Some(true)),
            ("arn:*:*:*:*:*", Some(true)),
            ("*:*:*:*:*:*", None),
            ("?rn:aws:s3:::b", None),
            ("a?n:aws:s3:::b", None),
            ("arn*:aws:s3:::b", None),
            ("b?n:aws:s3:::b", Some(false)),
            ("ar:aws:s3:::b:c", Some(false)),
            ("arnx:aws:s3:::b", Some(false)),
            (":::::", Some(false)),
            ("ar", Some(false)),
            ("arn:aws", Some(false)),
            ("arn:b:c:d:e", Some(false)),
            ("arn:b:c:d:e?", None),
            ("????????", None),
            ("????", Some(false)),
            ("???:", Some(false)),
            ("arn:*", None),
            ("*", None),
        ] {
            assert_eq!(are_arns(&Pattern::parse(pattern)), expected, "{pattern}");
        }
    }
}
