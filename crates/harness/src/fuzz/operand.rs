//! One test of a condition: operator, value, operands. Engine and reference each read texts as dates, numbers, addresses,
//! truths and ARNs in their own way, and must come to the same.
//!
//! An input is a letter for the operator (from `A` on in the order of [`BaseOperator::all`]), a letter for everything else,
//! and lines: the value, the value of the variable `${x:v}`, and the operands.

use preclear_condition::{
    Ambiguities, Arity, Condition, KeyKind, KeyName, KeyState, KeyTypes, Lookup, Outcome,
};
use preclear_model::policy::{ConditionTest, ParseOptions, PolicyKind, parse_policy};
use preclear_model::{BaseOperator, OperatorFamily, Statement};
use preclear_simulator::AmbiguityMode;
use preclear_wildcard::Pattern;
use serde_json::json;

use super::{Finding, hold, same};
use crate::reference::language::{condition_holds, is_open_test};
use crate::reference::value::{Context, Toward, Tri, Value};

/// Key that is tested, and key of the variable.
const KEY: &str = "x:k";
const VARIABLE: &str = "x:v";

/// Operands of one test; more say nothing new.
const OPERANDS_MAX: usize = 4;

/// What stands between the values of a set.
const BETWEEN: char = '|';

/// Puts the test to both, and to its own opposites.
///
/// # Errors
/// A difference, or an order of numbers or dates that is none.
///
/// ```
/// preclear_harness::fuzz::operand::oracle(b"G@5.0\n\n5").unwrap();
/// ```
pub fn oracle(data: &[u8]) -> Result<(), Finding> {
    let Some(trial) = Trial::read(data) else {
        return Ok(());
    };
    trial.agree()?;
    trial.is_consistent()
}

/// A test, and what is known of its keys.
#[derive(Debug, Clone)]
struct Trial {
    base: BaseOperator,
    /// What stands around the operator's name.
    around: (&'static str, &'static str),
    version: &'static str,
    mode: Mode,
    value: Value,
    is_set: Tri,
    variable: Value,
    operands: Vec<String>,
}

/// How what is ambiguous is decided.
#[derive(Debug, Clone, Copy)]
struct Mode {
    ambiguity: AmbiguityMode,
    toward: Toward,
}

const MODES: [Mode; 4] = [
    Mode {
        ambiguity: AmbiguityMode::Report,
        toward: Toward::Allow,
    },
    Mode {
        ambiguity: AmbiguityMode::Guess,
        toward: Toward::Allow,
    },
    Mode {
        ambiguity: AmbiguityMode::Failsafe,
        toward: Toward::Allow,
    },
    Mode {
        ambiguity: AmbiguityMode::Failsafe,
        toward: Toward::Deny,
    },
];

impl Mode {
    fn of_engine(self) -> Ambiguities {
        match (self.ambiguity, self.toward) {
            (AmbiguityMode::Report, _) => Ambiguities::Report,
            (AmbiguityMode::Guess, _) => Ambiguities::Guess,
            (AmbiguityMode::Failsafe, toward) => Ambiguities::Always(toward == Toward::Deny),
        }
    }
}

impl Trial {
    /// `None` where there is no operator.
    fn read(data: &[u8]) -> Option<Trial> {
        let [operator, form, text @ ..] = data else {
            return None;
        };
        let (operator, form) = (usize::from(*operator), usize::from(*form));
        let bases: Vec<BaseOperator> = BaseOperator::all().collect();
        let base = *bases.get((operator + bases.len() * 3 - 65) % bases.len())?;
        let set = ["", "", "ForAllValues:", "ForAnyValue:"][form & 3];
        let if_exists = if form & 4 != 0 && base != BaseOperator::Null {
            "IfExists"
        } else {
            ""
        };
        let text = String::from_utf8_lossy(text);
        let mut lines = text.split('\n');
        let value = lines.next().unwrap_or_default();
        let variable = lines.next().unwrap_or_default();
        let is_set = [Tri::False, Tri::True, Tri::Unknown][usize::from(set.is_empty()) * 2 % 3];
        let (value, is_set) = match form >> 5 & 7 {
            3 => (Value::Absent, Tri::False),
            4 => (Value::Present, is_set),
            5 => (Value::Unknown, is_set),
            6 => (Value::Like(value.to_owned()), Tri::False),
            7 => (
                Value::Known(value.split(BETWEEN).map(str::to_owned).collect()),
                Tri::True,
            ),
            1 => (Value::Known(Vec::new()), Tri::True),
            _ => (Value::one(value), Tri::False),
        };
        Some(Trial {
            base,
            around: (set, if_exists),
            version: ["2012-10-17", "2008-10-17"][usize::from(operator > 127)],
            mode: MODES[form >> 3 & 3],
            value,
            is_set,
            variable: Value::one_or_absent(Some(variable).filter(|text| !text.is_empty())),
            operands: lines.take(OPERANDS_MAX).map(str::to_owned).collect(),
        })
    }

    /// The statement with the test, as the parser reads it; `None` where it refuses it.
    fn statement(&self, base: BaseOperator) -> Option<Statement> {
        let (set, if_exists) = self.around;
        let operator = format!("{set}{}{if_exists}", base.name());
        let document = json!({"Version": self.version, "Statement": {
            "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {operator: {KEY: self.operands}},
        }});
        let (text, options) = (document.to_string(), ParseOptions::default());
        let (policy, _) = parse_policy(&text, "p", PolicyKind::Identity, options);
        policy?.statements.into_iter().next()
    }

    fn engine(&self, tests: &[ConditionTest]) -> Tri {
        let condition = Condition::compile(tests, self);
        let known = Known::of(self);
        let outcome: Outcome<()> = condition.evaluate(&known, self.mode.of_engine());
        match outcome.value {
            preclear_condition::Tri::False => Tri::False,
            preclear_condition::Tri::Unknown => Tri::Unknown,
            preclear_condition::Tri::True => Tri::True,
        }
    }

    fn agree(&self) -> Result<(), Finding> {
        let Some(statement) = self.statement(self.base) else {
            return Ok(());
        };
        if statement.conditions.iter().any(is_open_test) || self.has_spare_bits() {
            return Ok(());
        }
        let engine = self.engine(&statement.conditions);
        let reference = condition_holds(&statement, self, self.mode.toward);
        let is_known = matches!(self.value, Value::Known(_) | Value::Absent);
        // Of what is not known either may know more than the other.
        let is_open = !is_known && (engine == Tri::Unknown || reference == Tri::Unknown);
        hold(engine == reference || is_open, || {
            format!("{self:?}: the engine says {engine:?}, the reference {reference:?}")
        })
    }

    /// True for base64 whose last letter has bits that are not used: decoders ignore them, or refuse the text.
    fn has_spare_bits(&self) -> bool {
        let values = match &self.value {
            Value::Known(values) => values.as_slice(),
            _ => &[],
        };
        let mut texts = values.iter().chain(&self.operands);
        self.base == BaseOperator::BinaryEquals
            && texts.any(|text| {
                let last = text.trim_end_matches('=').chars().last();
                let whole = if text.ends_with("==") {
                    "AQgw"
                } else {
                    "AEIMQUYcgkosw048"
                };
                text.ends_with('=') && !last.is_some_and(|last| whole.contains(last))
            })
    }

    /// What holds of the engine alone, of one value under the bare operators.
    fn is_consistent(&self) -> Result<(), Finding> {
        // In `failsafe` each test is read by itself.
        let is_one_reading = self.mode.ambiguity != AmbiguityMode::Failsafe;
        if !is_one_reading || self.around != ("", "") || !matches!(self.value, Value::Known(_)) {
            return Ok(());
        }
        let ask = |base| {
            let statement = self.statement(base)?;
            Some(self.engine(&statement.conditions))
        };
        use BaseOperator as B;
        if let Some(negated) = B::all().find(|one| one.is_negated() && one.positive() == self.base)
            && let (Some(own), Some(other)) = (ask(self.base), ask(negated))
        {
            hold(own != Tri::True || other == Tri::False, || {
                format!("{self:?} and {negated:?}: {own:?} and {other:?}")
            })?;
        }
        let orders = match self.base.family() {
            OperatorFamily::Numeric => [
                B::NumericLessThan,
                B::NumericEquals,
                B::NumericGreaterThan,
                B::NumericLessThanEquals,
                B::NumericGreaterThanEquals,
            ],
            OperatorFamily::Date => [
                B::DateLessThan,
                B::DateEquals,
                B::DateGreaterThan,
                B::DateLessThanEquals,
                B::DateGreaterThanEquals,
            ],
            _ => return Ok(()),
        };
        let one = Trial {
            operands: self.operands.iter().take(1).cloned().collect(),
            ..self.clone()
        };
        one.is_ordered(orders)
    }

    /// Less, equal or greater: one of them, or none where one side is no number; the others are made of these.
    fn is_ordered(&self, orders: [BaseOperator; 5]) -> Result<(), Finding> {
        let mut asked = [Tri::Unknown; 5];
        for (asked, base) in asked.iter_mut().zip(orders) {
            let Some(statement) = self.statement(base) else {
                return Ok(());
            };
            *asked = self.engine(&statement.conditions);
        }
        let [less, equal, greater, at_most, at_least] = asked;
        let told = || format!("{self:?}: {asked:?}");
        let certain = [less, equal, greater].map(|one| usize::from(one == Tri::True));
        hold(certain.iter().sum::<usize>() <= 1, told)?;
        if asked.contains(&Tri::Unknown) {
            return Ok(());
        }
        same(told, &at_most, &less.or(equal))?;
        same(told, &at_least, &greater.or(equal))
    }
}

impl KeyTypes for Trial {
    fn arity(&self, key: &KeyName) -> Arity {
        match self.is_multivalued(key.as_str()) {
            Tri::False => Arity::Single,
            Tri::True => Arity::Multi,
            Tri::Unknown => Arity::Varying,
        }
    }

    fn kind(&self, _: &KeyName) -> Option<KeyKind> {
        None
    }
}

impl Context for Trial {
    fn value(&self, key: &str) -> Value {
        match key.to_lowercase().as_str() {
            KEY => self.value.clone(),
            VARIABLE => self.variable.clone(),
            _ => Value::Absent,
        }
    }

    fn is_multivalued(&self, key: &str) -> Tri {
        if key.eq_ignore_ascii_case(KEY) {
            self.is_set
        } else {
            Tri::False
        }
    }

    fn ambiguity(&self) -> AmbiguityMode {
        self.mode.ambiguity
    }
}

/// The same keys as the engine asks for them.
struct Known<'t> {
    trial: &'t Trial,
    values: Vec<&'t str>,
    pattern: Pattern,
}

impl<'t> Known<'t> {
    fn of(trial: &'t Trial) -> Known<'t> {
        Known {
            trial,
            values: match &trial.value {
                Value::Known(values) => values.iter().map(String::as_str).collect(),
                _ => Vec::new(),
            },
            pattern: match &trial.value {
                Value::Like(pattern) => Pattern::parse(pattern),
                _ => Pattern::parse("*"),
            },
        }
    }
}

impl Lookup for Known<'_> {
    fn state(&self, key: &KeyName) -> KeyState<'_> {
        match (key.as_str(), &self.trial.variable) {
            (KEY, _) => match &self.trial.value {
                Value::Absent => KeyState::Absent,
                Value::Present => KeyState::Present,
                Value::Unknown => KeyState::Unknown,
                Value::Like(_) => KeyState::Like(&self.pattern),
                Value::Known(_) if self.trial.is_set == Tri::True => KeyState::Many(&self.values),
                Value::Known(_) => KeyState::One(self.values.first().copied().unwrap_or_default()),
            },
            (VARIABLE, Value::Known(values)) => values
                .first()
                .map_or(KeyState::Absent, |value| KeyState::One(value)),
            _ => KeyState::Absent,
        }
    }
}
