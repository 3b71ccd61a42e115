//! Contexts, catalogues and tests in few words.

use std::collections::{BTreeMap, BTreeSet};

use preclear_condition::{
    Ambiguities, Arity, Condition, ConditionWarning, Dependency, Guess, KeyKind, KeyName, KeyState,
    KeyTypes, Lookup, Outcome, Test, Tri,
};
use preclear_model::policy::{ConditionTest, Operand};
use preclear_model::{Operator, Span, Template, Version};
use preclear_wildcard::Pattern;

/// State of a key, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Absent,
    Present,
    Unknown,
    Conflict,
    /// Disputed in AMB-18.
    Disputed(Guess),
    One(String),
    Many(Vec<String>),
    Like(Pattern),
}

pub(crate) fn one(value: &str) -> State {
    State::One(value.to_owned())
}

pub(crate) fn many(values: &[&str]) -> State {
    State::Many(values.iter().copied().map(String::from).collect())
}

pub(crate) fn like(pattern: &str) -> State {
    State::Like(Pattern::parse(pattern))
}

/// A context: keys not set are absent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context(BTreeMap<KeyName, State>);

impl Context {
    pub(crate) fn new(keys: &[(&str, State)]) -> Self {
        Self(
            keys.iter()
                .map(|(key, state)| (KeyName::new(key), state.clone()))
                .collect(),
        )
    }

    pub(crate) fn set(&mut self, key: &str, state: State) {
        self.0.insert(KeyName::new(key), state);
    }
}

impl Lookup for Context {
    fn state(&self, key: &KeyName) -> KeyState<'_> {
        match self.0.get(key) {
            None | Some(State::Absent) => KeyState::Absent,
            Some(State::Present) => KeyState::Present,
            Some(State::Unknown) => KeyState::Unknown,
            Some(State::Conflict) => KeyState::Conflict,
            Some(State::Disputed(guess)) => KeyState::Disputed {
                number: 18,
                guess: *guess,
            },
            Some(State::One(value)) => KeyState::One(value),
            // A state lends its list; for a test it may stay.
            Some(State::Many(values)) => KeyState::Many(Box::leak(
                values.iter().map(String::as_str).collect::<Box<[&str]>>(),
            )),
            Some(State::Like(pattern)) => KeyState::Like(pattern),
        }
    }
}

/// A catalogue in the names themselves: `s:…` is single-valued, `m:…` multivalued, `v:…` now one and now the other,
/// `u:…` not catalogued; what stands
/// behind a colon may name the type.
pub(crate) struct Names;

impl KeyTypes for Names {
    fn arity(&self, key: &KeyName) -> Arity {
        match key.as_str().split(':').next() {
            Some("m") => Arity::Multi,
            Some("u") => Arity::Uncatalogued,
            Some("v") => Arity::Varying,
            _ => Arity::Single,
        }
    }

    fn kind(&self, key: &KeyName) -> Option<KeyKind> {
        Some(match key.as_str().rsplit(':').next()? {
            "text" => KeyKind::Text,
            "arn" => KeyKind::Arn,
            "bool" => KeyKind::Boolean,
            "number" => KeyKind::Number,
            "date" => KeyKind::Date,
            "epoch" => KeyKind::Epoch,
            "ip" => KeyKind::Ip,
            "binary" => KeyKind::Binary,
            _ => return None,
        })
    }
}

/// A test as the model gives it: variables only where they work.
pub(crate) fn test(operator: &str, key: &str, operands: &[&str]) -> ConditionTest {
    let parsed = Operator::parse(operator).unwrap();
    let template = |text: &str| {
        if parsed.base.takes_variables() {
            Template::parse(text, Version::V2012).unwrap()
        } else {
            Template::literal(text)
        }
    };
    ConditionTest {
        operator: parsed,
        operator_text: operator.into(),
        key: key.into(),
        key_span: Span::default(),
        operands: operands
            .iter()
            .map(|text| Operand {
                template: template(text),
                span: Span::default(),
            })
            .collect(),
    }
}

pub(crate) fn compile(tests: &[ConditionTest]) -> Condition {
    Condition::compile(tests, &Names)
}

pub(crate) fn doubts(tests: &[ConditionTest]) -> Vec<ConditionWarning> {
    preclear_condition::doubts(tests, &Names)
}

pub(crate) type Explained = Outcome<BTreeSet<Dependency>>;

/// Evaluates one test with `state` for its key.
pub(crate) fn outcome(
    operator: &str,
    key: &str,
    operands: &[&str],
    state: &State,
    ambiguities: Ambiguities,
) -> Explained {
    let context = Context::new(&[(key, state.clone())]);
    outcome_in(operator, key, operands, &context, ambiguities)
}

/// Evaluates one test in a context.
pub(crate) fn outcome_in(
    operator: &str,
    key: &str,
    operands: &[&str],
    context: &Context,
    ambiguities: Ambiguities,
) -> Explained {
    let condition = compile(&[test(operator, key, operands)]);
    let explained: Explained = condition.evaluate(context, ambiguities);
    let plain: Outcome<()> = condition.evaluate(context, ambiguities);
    assert_eq!(plain.value, explained.value, "evidence changes nothing");
    let alone: Explained = condition
        .tests()
        .first()
        .map(|test: &Test| test.evaluate(context, ambiguities))
        .unwrap();
    assert_eq!(alone, explained, "a test alone is the block of one test");
    assert_eq!(
        explained.evidence.is_empty(),
        !explained.value.is_unknown(),
        "an unknown depends on something, a decided outcome on nothing: {operator} {operands:?} {context:?}"
    );
    explained
}

pub(crate) fn value(operator: &str, key: &str, operands: &[&str], state: &State) -> Tri {
    outcome(operator, key, operands, state, Ambiguities::Report).value
}

/// What an outcome depends on, as text.
pub(crate) fn wants(outcome: &Explained) -> Vec<String> {
    outcome.evidence.iter().map(ToString::to_string).collect()
}
