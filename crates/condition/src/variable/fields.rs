//! An ARN with variables, matched field by field.

use preclear_model::Template;
use preclear_wildcard::{FieldPattern, Pattern};

use super::cuts::Cuttable;
use super::slots::Variables;
use super::{FIELDS, Overlap, Part, Substituted, Wildcards, split};
use crate::{Ambiguities, Dependency, Evidence, KeyName, KeyTypes, Lookup, Outcome};

/// A pattern of ARNs with policy variables in it: each of six fields is a glob of its own.
/// Rule: IAM-WILD-5, IAM-COND-25, IAM-VAR-3…7.
#[derive(Debug, Clone)]
pub struct VariableFields {
    fields: FieldPattern,
    variables: Variables,
}

impl VariableFields {
    /// Compiles a template; `None` if it has fewer than six fields as written. What a variable inserts never
    /// divides a field.
    #[must_use]
    pub fn compile(template: &Template, keys: &dyn KeyTypes) -> Option<Self> {
        let (parts, variables) = split(template, Wildcards::Active, keys);
        Self::from_parts(&parts, variables)
    }

    /// Compiles a template in which missing trailing fields are `*`; `None` only if it is no ARN pattern even so.
    /// Rule: IAM-WILD-10.
    #[must_use]
    pub fn compile_padded(template: &Template, keys: &dyn KeyTypes) -> Option<Self> {
        let (mut parts, variables) = split(template, Wildcards::Active, keys);
        let present: usize = parts.iter().map(colons).sum();
        for _ in present..FIELDS - 1 {
            parts.extend([Part::Text(":".to_owned()), Part::AnyRun]);
        }
        Self::from_parts(&parts, variables)
    }

    fn from_parts(parts: &[Part], variables: Variables) -> Option<Self> {
        let fields = FieldPattern::from_tokens(parts.iter().map(Part::token), ':', FIELDS)?;
        Some(Self { fields, variables })
    }

    /// Whether it matches the ARN. Variables as in [`VariablePattern::matches`](super::VariablePattern::matches).
    #[must_use]
    pub fn matches<E: Evidence>(
        &self,
        text: &str,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        if self.variables.is_empty() {
            return Outcome::known(self.fields.is_match_with(text, &[]));
        }
        self.variables.decide(keys, ambiguities, |slots| {
            self.fields.is_match_with(text, slots)
        })
    }

    /// Whether it matches the ARN as a pattern of `Resource`: there a `*` that ends a field may also run past the
    /// colon. Rule: IAM-WILD-5, AMB-1.
    #[must_use]
    pub fn matches_resource<E: Evidence>(
        &self,
        text: &str,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let by_field = self.matches(text, keys, ambiguities);
        if by_field.value.is_true() || (self.variables.is_empty() && !self.fields.can_spill(text)) {
            return by_field;
        }
        let spilling = self.variables.decide(keys, ambiguities, |slots| {
            self.fields.is_match_spilling_with(text, slots)
        });
        ambiguities.between(1, spilling, by_field)
    }

    /// Whether it matches, field by field, every ARN that `question` matches: true if it does, false if the two
    /// share none, else unknown with the question's text as dependency. AMB-1 has no say here: it would need a
    /// resource whose name repeats the end of an ARN. Rule: IAM-WILD-13.
    #[must_use]
    pub fn matches_all_of<E: Evidence>(
        &self,
        question: &FieldPattern,
        question_text: &str,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        self.compare(
            |filled| Overlap::of(|| filled.intersects(question), || filled.covers(question)),
            || Dependency::Resource(question_text.to_owned()),
            keys,
            ambiguities,
        )
    }

    /// Whether it matches, field by field, each text of a pattern that is not divided into fields: true if it does,
    /// false if it matches none, else unknown with `unsettled` as dependency. What a wildcard of that pattern stands
    /// for may divide fields. Rule: IAM-WILD-13, IAM-COND-25.
    pub(crate) fn matches_each_of<E: Evidence>(
        &self,
        texts: &Pattern,
        unsettled: impl Fn() -> Dependency,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let texts = Cuttable::new(texts);
        self.compare(
            |filled| texts.overlap_with(&filled),
            unsettled,
            keys,
            ambiguities,
        )
    }

    fn compare<E: Evidence>(
        &self,
        overlap: impl Fn(FieldPattern) -> Overlap,
        unsettled: impl Fn() -> Dependency,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        self.variables.decide_for_all(
            keys,
            ambiguities,
            |slots| {
                self.fields
                    .substitute(slots)
                    .map_or(Overlap::Nothing, &overlap)
            },
            unsettled,
        )
    }

    /// True if it matches whatever has six fields.
    #[must_use]
    pub fn matches_everything(&self) -> bool {
        self.fields.matches_everything()
    }

    /// The pattern with its variables filled in; an empty value is empty text (the guess of AMB-6).
    #[must_use]
    pub fn substituted(&self, keys: &impl Lookup) -> Substituted<FieldPattern> {
        let reading = self.variables.guess::<()>(keys);
        Substituted {
            pattern: self.fields.substitute(reading.filled.values()),
            is_open: reading.is_open,
        }
    }

    /// Whether it can match some ARN that is not known: false if a variable in it has no value, else unknown.
    pub(crate) fn can_match<E: Evidence>(
        &self,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        self.variables.can_match(keys, ambiguities)
    }

    /// Whether every variable has a value or a default: what does not can match nothing (IAM-VAR-6, AMB-5).
    #[must_use]
    pub fn is_resolved<E: Evidence>(
        &self,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        self.variables.are_resolved(keys, ambiguities)
    }

    /// The pattern with a slot for each variable.
    #[must_use]
    pub fn fields(&self) -> &FieldPattern {
        &self.fields
    }

    /// Keys of its variables.
    pub fn variables(&self) -> impl Iterator<Item = &KeyName> {
        self.variables.keys()
    }
}

fn colons(part: &Part) -> usize {
    match part {
        Part::Text(text) => text.matches(':').count(),
        _ => 0,
    }
}
