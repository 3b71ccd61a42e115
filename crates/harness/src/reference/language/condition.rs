//! `Condition`: lists, negation, missing keys, several values.

use preclear_model::policy::{ConditionTest, Operand};
use preclear_model::{BaseOperator, OperatorFamily, Piece, SetQualifier, Statement};
use preclear_simulator::AmbiguityMode;

use super::super::value::{Context, Open, Reading, Toward, Tri, Value, read};
use super::operand::{self, Text};
use super::variable::is_only_disputed;

/// See [`super::condition_holds`].
pub(super) fn holds(statement: &Statement, context: &dyn Context, toward: Toward) -> Tri {
    Tri::all(
        statement
            .conditions
            .iter()
            .map(|test| test_holds(test, context, toward)),
    )
}

/// One test: operator, key, operands. Rule: IAM-TRI-8, AMB-4, AMB-13, AMB-18.
fn test_holds(test: &ConditionTest, context: &dyn Context, toward: Toward) -> Tri {
    let mode = context.ambiguity();
    let allows_less = Tri::from(toward == Toward::Deny);
    if mode == AmbiguityMode::Failsafe && test.operator.case_variant {
        return allows_less;
    }
    // With a set operator `Null` asks for no value, nor with both truths or none.
    let asks_for_value = test.operator.base != BaseOperator::Null
        || test.operator.set.is_none() && lists(test, "true") != lists(test, "false");
    if asks_for_value && context.has_twin(&test.key) {
        return Tri::Unknown;
    }
    let outcome = read(mode, toward, |reading| outcome(test, context, reading));
    let operands = test.operands.iter().map(|operand| &operand.template);
    let is_disputed =
        outcome == Tri::Unknown && is_only_disputed(Some(&test.key), operands, context);
    match mode {
        AmbiguityMode::Report if test.operator.case_variant => Tri::Unknown,
        AmbiguityMode::Failsafe if is_disputed => allows_less,
        AmbiguityMode::Failsafe if outcome == Tri::Unknown => {
            of_any_value(test, context, toward).unwrap_or(outcome)
        }
        _ => outcome,
    }
}

/// A test of a key whose value nobody knows, where whatever the value is a disputed variable leaves it open: in `failsafe` it
/// counts as what allows less for each, and so for all. `None` for other tests. Rule: IAM-TRI-6, IAM-TRI-8, AMB-18.
fn of_any_value(test: &ConditionTest, context: &dyn Context, toward: Toward) -> Option<Tri> {
    let is_of_texts = test.operator.base.family() == OperatorFamily::String;
    if !is_of_texts || context.is_multivalued(&test.key) != Tri::False {
        return None;
    }
    let is_disputed = |operand: &Operand| match &*operand.template.pieces {
        [Piece::Variable { key, .. }] => {
            context.is_disputed(key) && context.value(key) == Value::Unknown
        }
        _ => false,
    };
    let mut operands = test.operands.iter();
    // A match settles the list, and so does what counts as one.
    let is_match_less = (toward == Toward::Deny) != test.operator.base.is_negated();
    let is_settled = match is_match_less {
        true => operands.any(is_disputed),
        false => !test.operands.is_empty() && operands.all(is_disputed),
    };
    let allows_less = Tri::from(toward == Toward::Deny);
    match context.value(&test.key) {
        _ if !is_settled || context.is_disputed(&test.key) => None,
        Value::Present => Some(allows_less),
        Value::Unknown => {
            let arity = Tri::False;
            let absent = read(context.ambiguity(), toward, |reading| {
                let asked = Asked {
                    test,
                    arity,
                    context,
                    reading,
                };
                asked.absent()
            });
            Some(allows_less.either(absent))
        }
        _ => None,
    }
}

/// The test under one reading, by what is known of the key. Rule: IAM-TRI-3, IAM-TRI-4.
fn outcome(test: &ConditionTest, context: &dyn Context, reading: &Reading) -> Tri {
    if test.operator.base == BaseOperator::Null {
        return null(test, context, reading);
    }
    let value = context.value(&test.key);
    let asked = Asked {
        test,
        arity: context.is_multivalued(&test.key),
        context,
        reading,
    };
    match &value {
        Value::Absent => asked.absent(),
        Value::Unknown => {
            let given = asked.absent().either(asked.given(&Given::One(Text::Any)));
            if asked.arity == Tri::False {
                given
            } else {
                // A set without values is possible too.
                given.either(asked.given(&Given::Set(&[])))
            }
        }
        Value::Present => asked.given(&Given::One(Text::Any)),
        Value::Like(like) => asked.given(&Given::One(Text::Like(like))),
        Value::Known(values) => match values.as_slice() {
            [] if asked.arity == Tri::False => asked.absent(),
            [value] if asked.arity != Tri::True => asked.given(&Given::One(Text::Known(value))),
            values => asked.given(&Given::Set(values)),
        },
    }
}

/// What every ARN matches.
const SOME_ARN: &str = "arn:*:*:*:*:*";

/// What a key that is there holds.
enum Given<'v> {
    /// One text, or some set of texts of which nothing is known.
    One(Text<'v>),
    /// This set.
    Set(&'v [String]),
}

/// A test, asked of a request under a reading.
struct Asked<'t> {
    test: &'t ConditionTest,
    /// Whether the key is multivalued.
    arity: Tri,
    context: &'t dyn Context,
    reading: &'t Reading,
}

impl Asked<'_> {
    fn is_negated(&self) -> bool {
        self.test.operator.base.is_negated()
    }

    /// The key is missing. Rule: IAM-COND-8, IAM-COND-9, IAM-COND-26, AMB-7.
    fn absent(&self) -> Tri {
        let operator = self.test.operator;
        let holds = match operator.set {
            None => self.is_negated() || operator.if_exists,
            Some(SetQualifier::ForAllValues) => true,
            Some(SetQualifier::ForAnyValue) => {
                operator.if_exists && !self.reading.guesses(Open::AnyValueIfExists)
            }
        };
        holds.into()
    }

    /// The key is there.
    fn given(&self, given: &Given<'_>) -> Tri {
        match self.test.operator.set {
            None => self.bare(given),
            Some(set) => self.over_set(set, given),
        }
    }

    /// Without a set operator: never true of a multivalued key. Rule: IAM-COND-5, IAM-COND-6.
    fn bare(&self, given: &Given<'_>) -> Tri {
        match (self.arity, given) {
            (Tri::True, _) | (_, Given::Set(_)) => Tri::False,
            // One value, or several.
            (Tri::Unknown, Given::One(Text::Any)) => self.bare_on_one(Text::Any).either(Tri::False),
            (_, Given::One(text)) => self.bare_on_one(*text),
        }
    }

    /// Rule: IAM-COND-12, AMB-16.
    fn bare_on_one(&self, text: Text<'_>) -> Tri {
        if !self.test.operands.is_empty() {
            return self.satisfies(text);
        }
        if self.is_negated() && !self.test.operator.if_exists {
            self.reading.guesses(Open::NegatedEmptyList).into()
        } else {
            Tri::False
        }
    }

    /// With a set operator; of a single-valued key the value is a set of one. Rule: IAM-COND-7, IAM-COND-10, IAM-COND-12,
    /// IAM-COND-13.
    fn over_set(&self, set: SetQualifier, given: &Given<'_>) -> Tri {
        let has_operands = !self.test.operands.is_empty();
        let is_all = set == SetQualifier::ForAllValues;
        match given {
            Given::Set(values) if values.iter().all(String::is_empty) => is_all.into(),
            _ if !has_operands => Tri::False,
            Given::One(text) => self.satisfies(*text),
            Given::Set(values) => {
                let mut each = values
                    .iter()
                    .map(|value| self.satisfies(Text::Known(value)));
                if is_all {
                    Tri::all(each)
                } else {
                    Tri::any(&mut each)
                }
            }
        }
    }

    /// Whether one value satisfies the operator against the whole list: OR, and NOR for negated operators.
    /// Rule: IAM-COND-1, IAM-COND-14, IAM-COND-21, AMB-9.
    fn satisfies(&self, text: Text<'_>) -> Tri {
        let base = self.test.operator.base.positive();
        let matched = self.one_matches(base, text);
        if base == BaseOperator::Bool {
            return matched.or(self.both_truths_are_listed());
        }
        if !self.is_negated() {
            return matched;
        }
        let is_bad = self.has_bad_part(base, text);
        let is_open_arn = base.family() == OperatorFamily::Arn && is_bad == Tri::Unknown;
        // An ARN, or none: then it is a bad value.
        let as_either = || {
            let as_other = Tri::from(!self.reading.guesses(Open::NegatedBadValue));
            self.satisfies(Text::Like(SOME_ARN)).either(as_other)
        };
        if is_open_arn && matches!(text, Text::Any) {
            return as_either();
        }
        let none_matches = if matched == Tri::True || is_bad == Tri::False {
            matched.not()
        } else {
            match (self.reading.guesses(Open::NegatedBadValue), is_bad) {
                (true, Tri::True) => Tri::False,
                (true, _) => matched.not().either(Tri::False),
                (false, _) => matched.not(),
            }
        };
        // Of all ARNs and of all other texts more is certain at times than of those of a pattern.
        match text {
            Text::Like(like)
                if is_open_arn && none_matches == Tri::Unknown && *like != *SOME_ARN =>
            {
                as_either()
            }
            _ => none_matches,
        }
    }

    /// Whether one of the operands matches. Rule: IAM-COND-1.
    fn one_matches(&self, base: BaseOperator, text: Text<'_>) -> Tri {
        let operands = self.test.operands.iter();
        Tri::any(operands.map(|operand| self.matches(base, operand, text)))
    }

    fn matches(&self, base: BaseOperator, operand: &Operand, text: Text<'_>) -> Tri {
        operand::matches(base, &operand.template, text, self.context, self.reading)
    }

    /// A list of `true` and `false` is true of whatever is there. Rule: IAM-COND-21.
    fn both_truths_are_listed(&self) -> Tri {
        let operands = || self.test.operands.iter();
        let is = |operand, truth| self.matches(BaseOperator::Bool, operand, Text::Known(truth));
        let pairs = operands().flat_map(|first| operands().map(move |second| (first, second)));
        // What is written twice is not both.
        let written = |operand: &Operand| operand.template.source.to_lowercase();
        let pairs = pairs.filter(|(first, second)| written(first) != written(second));
        Tri::any(pairs.map(|(first, second)| is(first, "true").and(is(second, "false"))))
    }

    /// Whether an operand, or the value, does not parse.
    fn has_bad_part(&self, base: BaseOperator, text: Text<'_>) -> Tri {
        let mut operands = self.test.operands.iter();
        let has_bad_operand =
            operands.any(|operand| operand::is_bad_operand(base, &operand.template, self.reading));
        operand::is_bad_value(base, text, self.reading).or(has_bad_operand.into())
    }
}

/// `Null`: whether the key is absent, or there. Rule: IAM-COND-24, IAM-GRAM-17, IAM-TRI-3.
fn null(test: &ConditionTest, context: &dyn Context, reading: &Reading) -> Tri {
    match test.operator.set {
        Some(SetQualifier::ForAllValues) => return Tri::True,
        Some(SetQualifier::ForAnyValue) => return Tri::False,
        None => {}
    }
    let is_empty_there = context.is_empty_there(&test.key);
    let is_there = || is_there(&context.value(&test.key), is_empty_there, reading);
    match (lists(test, "true"), lists(test, "false")) {
        (true, true) => Tri::True,
        (true, false) => is_there().not(),
        (false, true) => is_there(),
        (false, false) => Tri::False,
    }
}

/// True if the operand is among those of the test.
fn lists(test: &ConditionTest, text: &str) -> bool {
    let mut operands = test.operands.iter();
    operands.any(|operand| operand.template.source == text)
}

/// Rule: IAM-COND-13, AMB-17.
fn is_there(value: &Value, is_empty_there: Option<bool>, reading: &Reading) -> Tri {
    let is_empty_there =
        || Tri::from(is_empty_there.unwrap_or_else(|| reading.guesses(Open::NullOnEmpty)));
    match value {
        Value::Absent => Tri::False,
        Value::Unknown => Tri::Unknown,
        Value::Present => Tri::True,
        // What exists is there, whatever it holds (IAM-TRI-3).
        Value::Like(_) => Tri::True,
        Value::Known(values) if values.is_empty() => Tri::True,
        Value::Known(values) if values.iter().all(String::is_empty) => is_empty_there(),
        Value::Known(_) => Tri::True,
    }
}

#[cfg(test)]
mod tests;
