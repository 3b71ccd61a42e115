//! One test of a condition block: the tables of missing, present and unknown keys.

use preclear_model::policy::ConditionTest;
use preclear_model::{Operator, SetQualifier, Text};

use crate::operator::{
    Likeness, Operands, Points, Presence, Spelling, Subject, is_only_empty_text,
};
use crate::{
    Ambiguities, Arity, Dependency, Evidence, KeyName, KeyState, KeyTypes, Lookup, Outcome,
};

/// A compiled test: operator, key and operands.
#[derive(Debug, Clone)]
pub struct Test {
    index: usize,
    key: KeyName,
    key_text: Text,
    operator: Operator,
    operator_text: Text,
    operand_texts: Box<[Text]>,
    arity: Arity,
    operands: Operands,
}

impl Test {
    pub(super) fn compile(index: usize, test: &ConditionTest, keys: &dyn KeyTypes) -> Self {
        let key = KeyName::compile(&test.key, keys);
        Self {
            index,
            arity: keys.arity(&key),
            key,
            key_text: test.key.clone(),
            operator: test.operator,
            operator_text: test.operator_text.clone(),
            operand_texts: test
                .operands
                .iter()
                .map(|operand| operand.template.source.clone())
                .collect(),
            operands: Operands::compile(test.operator.base, &test.operands, keys),
        }
    }

    /// Its place among the tests of the block.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The key it asks for.
    #[must_use]
    pub fn key(&self) -> &KeyName {
        &self.key
    }

    /// The key as written.
    #[must_use]
    pub fn key_text(&self) -> &str {
        &self.key_text
    }

    /// The operator.
    #[must_use]
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// The operator as written.
    #[must_use]
    pub fn operator_text(&self) -> &str {
        &self.operator_text
    }

    /// The operands as written.
    pub fn operand_texts(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.operand_texts.iter().map(Text::as_str)
    }

    /// Keys of the variables in its operands, with repetitions.
    pub fn variables(&self) -> impl Iterator<Item = &KeyName> {
        self.operands.variables()
    }

    /// How many values its key takes.
    pub(crate) fn arity(&self) -> Arity {
        self.arity
    }

    /// What it tells apart among values of its key; `None` where no few points do. Rule: IAM-TRI-10.
    pub(crate) fn points(&self) -> Option<Points<'_>> {
        if self.operand_texts.is_empty() || self.is_bare_on_set() {
            return Some(Points::Nothing);
        }
        self.operands.points(self.operand_texts())
    }

    /// True if it asks whether its key is there. Rule: IAM-COND-24, IAM-GRAM-17.
    pub(crate) fn asks_for_presence(&self) -> bool {
        matches!(self.operands, Operands::Presence(_)) && self.operator.set.is_none()
    }

    /// Whether the test holds. Rule: IAM-COND-6…14, IAM-TRI-3…5.
    #[must_use]
    pub fn evaluate<E: Evidence>(
        &self,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let outcome = self.evaluate_as_named(keys, ambiguities);
        match ambiguities {
            _ if !self.operator.case_variant => outcome,
            // Whether AWS takes the name at all is not known, so nothing is known of the outcome either. Rule: AMB-4.
            Ambiguities::Report => Outcome::undecided()
                .unsettled_with(outcome)
                .depending_on(|| Dependency::Ambiguity(4)),
            Ambiguities::Guess => outcome,
            Ambiguities::Always(value) => Outcome::known(value),
        }
    }

    /// The test with an operator in another case taken for the operator it names.
    fn evaluate_as_named<E: Evidence>(
        &self,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let state = keys.state(&self.key).read(ambiguities);
        if let Operands::Presence(presence) = &self.operands {
            return self.presence(*presence, state, ambiguities);
        }
        match state {
            KeyState::Conflict => Outcome::unknown(|| Dependency::Ambiguity(13)),
            KeyState::Absent => self.absent(ambiguities),
            KeyState::Like(pattern) if self.takes_one() && self.operands.compare_patterns() => {
                let like = Likeness {
                    pattern,
                    key: &self.key,
                };
                self.satisfies(Subject::SomeTextLike(like), keys, ambiguities)
            }
            KeyState::Present | KeyState::Like(_) => self.present(keys, ambiguities),
            KeyState::Unknown => self.unknown(keys, ambiguities),
            // What a variable leaves open is no dispute, and a reading of the dispute does not settle it.
            KeyState::Disputed { .. } if self.has_open_variable(keys, ambiguities) => {
                self.unknown(keys, ambiguities)
            }
            KeyState::Disputed { .. } => ambiguities.settle(self.unknown(keys, ambiguities)),
            KeyState::Empty { .. } if self.arity == Arity::Multi => {
                self.set(std::iter::empty(), keys, ambiguities)
            }
            KeyState::Empty { .. } => self.satisfies(Subject::Text(""), keys, ambiguities),
            KeyState::One(value) if self.arity == Arity::Multi => {
                let values = Some(value).filter(|value| !value.is_empty());
                self.set(values.into_iter(), keys, ambiguities)
            }
            KeyState::Many([value]) if matches!(self.arity, Arity::Single | Arity::Varying) => {
                self.satisfies(Subject::Text(value), keys, ambiguities)
            }
            KeyState::One(value) => self.satisfies(Subject::Text(value), keys, ambiguities),
            KeyState::Many(values) => {
                let values = if is_only_empty_text(values) {
                    &[]
                } else {
                    values
                };
                self.set(values.iter().copied(), keys, ambiguities)
            }
        }
    }

    /// Whether some variable of the operands has a value that is not known.
    fn has_open_variable(&self, keys: &impl Lookup, ambiguities: Ambiguities) -> bool {
        self.variables().any(|key| {
            let state = keys.state(key).read(ambiguities);
            matches!(
                state,
                KeyState::Unknown | KeyState::Present | KeyState::Like(_)
            )
        })
    }

    /// `Null`, which a set qualifier makes constant. Rule: IAM-GRAM-17, IAM-COND-24.
    fn presence<E: Evidence>(
        &self,
        presence: Presence,
        state: KeyState<'_>,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        match self.operator.set {
            Some(SetQualifier::ForAllValues) => Outcome::known(true),
            Some(SetQualifier::ForAnyValue) => Outcome::known(false),
            None => presence.evaluate(&self.key, state, ambiguities),
        }
    }

    /// The key is not there. Rule: IAM-COND-8; for `IfExists` IAM-COND-26, with a set qualifier IAM-COND-9, AMB-7.
    fn absent<E: Evidence>(&self, ambiguities: Ambiguities) -> Outcome<E> {
        let Operator {
            set,
            base,
            if_exists,
            ..
        } = self.operator;
        match set {
            Some(SetQualifier::ForAllValues) => Outcome::known(true),
            Some(SetQualifier::ForAnyValue) if if_exists => ambiguities.decide(7, false),
            Some(SetQualifier::ForAnyValue) => Outcome::known(false),
            None => Outcome::known(if_exists || base.is_negated()),
        }
    }

    /// The key is there, its value was not given: the column *Present* of IAM-TRI-3 and IAM-TRI-4.
    fn present<E: Evidence>(&self, keys: &impl Lookup, ambiguities: Ambiguities) -> Outcome<E> {
        if self.is_bare_on_set() {
            return Outcome::known(false);
        }
        let mut outcome = self.satisfies(Subject::SomeText, keys, ambiguities);
        if self.arity == Arity::Varying && self.operator.set.is_none() {
            // There may be several values.
            outcome = outcome.unsettled_with(Outcome::known(false));
        }
        outcome.depending_on(|| self.dependency(keys, ambiguities))
    }

    /// Nothing is known of the key: what its absence and its presence agree on. The columns *Unknown* of IAM-TRI-3
    /// and IAM-TRI-4.
    fn unknown<E: Evidence>(&self, keys: &impl Lookup, ambiguities: Ambiguities) -> Outcome<E> {
        let mut outcome = self
            .absent(ambiguities)
            .unsettled_with(self.present(keys, ambiguities));
        if !self.takes_one() {
            outcome = outcome.unsettled_with(self.set(std::iter::empty(), keys, ambiguities));
        }
        outcome.depending_on(|| self.dependency(keys, ambiguities))
    }

    /// The key has these values; empty ones that count for none are left out. Rule: IAM-COND-6, IAM-COND-7,
    /// DOC-4.
    fn set<'v, E: Evidence>(
        &self,
        values: impl Iterator<Item = &'v str>,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let Some(set) = self.operator.set else {
            return Outcome::known(false);
        };
        let for_all = set == SetQualifier::ForAllValues;
        let mut outcome = Outcome::known(for_all);
        for value in values {
            let one = self.satisfies(Subject::Text(value), keys, ambiguities);
            outcome = if for_all {
                outcome.and(one)
            } else {
                outcome.or(one)
            };
            if outcome.value == (!for_all).into() {
                break;
            }
        }
        outcome
    }

    /// Whether one value satisfies the operator against all operands. Rule: IAM-COND-1, IAM-COND-12, IAM-COND-14.
    fn satisfies<E: Evidence>(
        &self,
        subject: Subject<'_>,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        if self.operand_texts.is_empty() {
            return self.satisfies_nothing(ambiguities);
        }
        let in_spelling =
            |spelling| self.satisfies_in_spelling(subject, spelling, keys, ambiguities);
        let plain = in_spelling(Spelling::Plain);
        if self.operands.depends_on_spelling(subject) {
            ambiguities.between(20, plain, in_spelling(Spelling::Any))
        } else {
            plain
        }
    }

    /// An empty list of operands: no value satisfies it, but for AMB-16. Rule: IAM-COND-12.
    fn satisfies_nothing<E: Evidence>(&self, ambiguities: Ambiguities) -> Outcome<E> {
        let Operator {
            set,
            base,
            if_exists,
            ..
        } = self.operator;
        if base.is_negated() && set.is_none() && !if_exists {
            ambiguities.decide(16, true)
        } else {
            Outcome::known(false)
        }
    }

    fn satisfies_in_spelling<E: Evidence>(
        &self,
        subject: Subject<'_>,
        spelling: Spelling,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        if !self.operator.base.is_negated() {
            return self
                .operands
                .matches(subject, spelling, keys, ambiguities)
                .matched;
        }
        let hit = self
            .operands
            .matches(subject, spelling, keys, ambiguities.negated());
        let none_matches = !hit.matched;
        // A bad operand or value: false, or what NOR gives. Rule: AMB-9.
        let otherwise = |nor: Outcome<E>| ambiguities.between(9, Outcome::known(false), nor);
        match subject {
            _ if hit.is_malformed => otherwise(none_matches),
            // Of an ARN it is AMB-12, of a text that is none AMB-9: whatever the value is, it counts for less.
            Subject::SomeText | Subject::SomeTextLike(_)
                if ambiguities == Ambiguities::Always(false)
                    && self.operands.dispute_every_arn(keys, ambiguities.negated()) =>
            {
                Outcome::known(false)
            }
            // Even where no operand can match, the value may turn out to be bad.
            _ if none_matches.value.is_true() && self.operands.may_refuse(subject) => none_matches
                .clone()
                .unsettled_with(otherwise(none_matches))
                .depending_on(|| self.dependency(keys, ambiguities)),
            _ => none_matches,
        }
    }

    /// True where the key never has several values.
    fn takes_one(&self) -> bool {
        matches!(self.arity, Arity::Single | Arity::Uncatalogued)
    }

    /// True for an operator without set qualifier on a multivalued key. Rule: IAM-COND-6.
    fn is_bare_on_set(&self) -> bool {
        self.operator.set.is_none() && self.arity == Arity::Multi
    }

    /// What would settle an unknown that comes from the test's own key.
    fn dependency(&self, keys: &impl Lookup, ambiguities: Ambiguities) -> Dependency {
        let state = keys.state(&self.key).read(ambiguities);
        state.dependency(&self.key)
    }
}
