//! The few states of a key that stand for all that it may have. Rule: IAM-TRI-10.
//!
//! Tests look at a value only through their operands, so values that stand alike to all operands are one case. A key
//! whose type is known has values of that type, in a spelling that nobody disputes: `aws:SecureTransport` is `true` or
//! `false`, `aws:CurrentTime` is an instant. A key of any other type may hold any text.
//!
//! What is found out about cases is left to others; nothing here evaluates more than one key.

mod address;
mod date;
mod number;
mod text;

use crate::operator::{Block, Decimal, Instant, Points};
use crate::{Ambiguities, Arity, KeyKind, KeyName, KeyState, Lookup, Outcome, Test, Tri};

/// Values of one key that are tried. Lists of that many accounts are rare.
const VALUES_MAX: usize = 256;

/// Values of a multivalued key that make up sets: all their subsets are tried.
const SET_VALUES_MAX: usize = 6;

/// A test of the key, and how it decides what is ambiguous.
#[derive(Debug, Clone, Copy)]
pub struct Use<'t> {
    /// The test.
    pub test: &'t Test,
    /// How it is evaluated.
    pub ambiguities: Ambiguities,
}

/// A state that a key may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseState {
    /// The request has no such key.
    Absent,
    /// One value.
    One(String),
    /// A set of values, possibly empty.
    Many(Vec<String>),
    /// The empty text alone, in one of the two ways to read it (AMB-17).
    Empty {
        /// `Null` takes it for no value.
        is_null: bool,
    },
}

impl CaseState {
    /// The state as a context tells it; `list` keeps the list of a set's values.
    #[must_use]
    pub fn state<'s>(&'s self, list: impl FnOnce(&'s [String]) -> &'s [&'s str]) -> KeyState<'s> {
        match self {
            Self::Absent => KeyState::Absent,
            Self::One(value) => KeyState::One(value),
            Self::Many(values) => KeyState::Many(list(values)),
            Self::Empty { is_null } => KeyState::Empty { is_null: *is_null },
        }
    }

    /// The values of a set.
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Many(values) => values.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// States of one key, such that whatever state it has, all uses come out as in one of these.
///
/// ```
/// use preclear_condition::cases::{KeyCases, Use};
/// use preclear_condition::{Ambiguities, Arity, Condition, KeyKind, KeyName, KeyTypes};
/// use preclear_model::policy::{ConditionTest, Operand};
/// use preclear_model::{Operator, Span, Template};
///
/// struct AllSingle;
/// impl KeyTypes for AllSingle {
///     fn arity(&self, _: &KeyName) -> Arity { Arity::Single }
///     fn kind(&self, _: &KeyName) -> Option<KeyKind> { None }
/// }
/// let tests = ["StringEquals", "StringNotEquals"].map(|operator| ConditionTest {
///     operator: Operator::parse(operator).unwrap(),
///     operator_text: operator.into(),
///     key: "aws:Referer".into(),
///     key_span: Span::default(),
///     operands: vec![Operand { template: Template::literal("a"), span: Span::default() }],
/// });
/// let condition = Condition::compile(&tests, &AllSingle);
/// let uses: Vec<Use<'_>> = condition
///     .tests()
///     .iter()
///     .map(|test| Use { test, ambiguities: Ambiguities::Report })
///     .collect();
/// let cases = KeyCases::of(&uses, None, true).unwrap();
/// assert_eq!(cases.labels(), ["absent", "`a`", "another value"]);
/// // To these two tests a key that is absent is like one of another value.
/// assert_eq!(cases.states().len(), 2);
/// ```
#[derive(Debug, Clone)]
pub struct KeyCases {
    states: Vec<CaseState>,
    labels: Vec<String>,
}

/// A value that stands for those that every test treats alike.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Value {
    text: String,
    /// What it stands for, in words.
    label: String,
}

impl Value {
    fn new(text: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            label: label.into(),
        }
    }
}

impl KeyCases {
    /// Splits a key, of which no more is known than that it exists, or not even that. All uses are of the same key.
    ///
    /// `None` where no few states are sure to stand for all others: globs, variables, operators of different types
    /// on one key, too many operands.
    #[must_use]
    pub fn of(uses: &[Use<'_>], kind: Option<KeyKind>, may_be_absent: bool) -> Option<Self> {
        let is_multi = match uses.first()?.test.arity() {
            Arity::Single | Arity::Uncatalogued => false,
            Arity::Multi => true,
            // One value or several: no few states stand for both.
            Arity::Varying => return None,
        };
        let points = uses
            .iter()
            .map(|one| one.test.points())
            .collect::<Option<Vec<_>>>()?;
        let mut values = values(points, kind)?;
        // `Null` may take an empty text for no value at all: then both readings are cases (AMB-17).
        let reads_empty = may_be_absent
            && uses.iter().any(|one| one.test.asks_for_presence())
            && matches!(kind, None | Some(KeyKind::Text));
        if reads_empty {
            values.retain(|value| !value.text.is_empty());
        }
        let (mut states, mut labels) = (Vec::new(), Vec::new());
        if may_be_absent {
            states.push(CaseState::Absent);
            labels.push("absent".to_owned());
        }
        if is_multi {
            let names: Vec<&str> = values.iter().map(|value| value.label.as_str()).collect();
            if may_be_absent {
                labels.push("no values".to_owned());
            }
            labels.push(format!("every set of {}", names.join(", ")));
            states.extend(sets(&values, uses, may_be_absent)?);
        } else {
            labels.extend(values.iter().map(|value| value.label.clone()));
            states.extend(values.into_iter().map(|value| CaseState::One(value.text)));
        }
        if reads_empty {
            labels.push("the empty text".to_owned());
            states.extend([true, false].map(|is_null| CaseState::Empty { is_null }));
        }
        let states = distinct(states, |state| {
            let texts = state.texts();
            outcomes(uses, state.state(|_| &texts))
        });
        Some(Self { states, labels })
    }

    /// The states, no two of which all uses treat alike. Never empty.
    #[must_use]
    pub fn states(&self) -> &[CaseState] {
        &self.states
    }

    /// The cases in words, before those that are alike are joined: `absent`, each constant, `another value`.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }
}

/// Every set of the values that can make a difference.
fn sets(values: &[Value], uses: &[Use<'_>], may_be_empty: bool) -> Option<Vec<CaseState>> {
    let texts = values.iter().map(|value| value.text.as_str());
    let (empty, texts): (Vec<&str>, Vec<&str>) = texts.partition(|text| text.is_empty());
    let mut members = distinct(texts, |text| outcomes(uses, KeyState::One(text)));
    members.extend(empty);
    if members.len() > SET_VALUES_MAX {
        return None;
    }
    let all = (0_u32..1 << members.len()).map(|chosen| {
        let chosen = move |place: &usize| chosen & (1 << place) != 0;
        let places = (0..members.len()).filter(chosen);
        places.filter_map(|place| members.get(place)).copied()
    });
    // A key that exists has at least one value that is not empty (IAM-TRI-1).
    let all = all.filter(|set| may_be_empty || set.clone().any(|text| !text.is_empty()));
    let owned = all.map(|set| CaseState::Many(set.map(str::to_owned).collect()));
    Some(owned.collect())
}

/// The first of those that come out alike.
fn distinct<T>(all: impl IntoIterator<Item = T>, outcomes: impl Fn(&T) -> Vec<Tri>) -> Vec<T> {
    let mut seen = std::collections::HashSet::new();
    let mut kept = Vec::new();
    for one in all {
        if seen.insert(outcomes(&one)) {
            kept.push(one);
        }
    }
    kept
}

/// How every use comes out in a state of the key.
fn outcomes(uses: &[Use<'_>], state: KeyState<'_>) -> Vec<Tri> {
    let outcome = |one: &Use<'_>| {
        let outcome: Outcome<()> = one.test.evaluate(&Everywhere(state), one.ambiguities);
        outcome.value
    };
    uses.iter().map(outcome).collect()
}

/// A context in which there is only one key to ask for.
struct Everywhere<'s>(KeyState<'s>);

impl Lookup for Everywhere<'_> {
    fn state(&self, _: &KeyName) -> KeyState<'_> {
        self.0
    }
}

/// Points of all tests by what is compared with them, as far as any test does.
#[derive(Debug, Default)]
struct Sorted<'p> {
    texts: Option<text::Texts<'p>>,
    numbers: Option<Vec<&'p Decimal<'static>>>,
    instants: Option<Vec<&'p Instant<'static>>>,
    blocks: Option<Vec<Block>>,
}

impl<'p> Sorted<'p> {
    fn add(&mut self, points: Points<'p>) {
        match points {
            Points::Nothing => {}
            Points::Texts(texts) => self.texts().exact.extend(texts),
            Points::Folded(texts) => self.texts().folded.extend(texts),
            Points::Truth => self.texts().has_truth = true,
            Points::Arns(texts) => {
                self.texts().has_arns = true;
                self.texts().exact.extend(texts);
            }
            // No operand can be read: nothing is told apart.
            Points::Numbers(numbers) if numbers.is_empty() => {}
            Points::Instants(instants) if instants.is_empty() => {}
            Points::Blocks(blocks) if blocks.is_empty() => {}
            Points::Numbers(numbers) => self.numbers.get_or_insert_default().extend(numbers),
            Points::Instants(instants) => self.instants.get_or_insert_default().extend(instants),
            Points::Blocks(blocks) => self.blocks.get_or_insert_default().extend(blocks),
        }
    }

    fn texts(&mut self) -> &mut text::Texts<'p> {
        self.texts.get_or_insert_default()
    }
}

/// A value for each way to stand to all points; `None` for points of several types.
fn values(points: Vec<Points<'_>>, kind: Option<KeyKind>) -> Option<Vec<Value>> {
    let mut sorted = Sorted::default();
    for one in points {
        sorted.add(one);
    }
    let is_one_of = |kinds: &[KeyKind]| kind.is_some_and(|kind| kinds.contains(&kind));
    let values = match (sorted.texts, sorted.numbers, sorted.instants, sorted.blocks) {
        (texts, None, None, None) => text::values(&texts.unwrap_or_default(), kind)?,
        (None, Some(numbers), None, None) => {
            number::values(numbers, is_one_of(&[KeyKind::Number, KeyKind::Epoch]))?
        }
        // Texts that may mean two instants are not told from each other here.
        (None, None, Some(instants), None) if is_one_of(&[KeyKind::Date, KeyKind::Epoch]) => {
            date::values(instants)?
        }
        (None, None, None, Some(blocks)) => address::values(&blocks, is_one_of(&[KeyKind::Ip])),
        _ => return None,
    };
    (values.len() <= VALUES_MAX).then_some(values)
}

#[cfg(test)]
mod tests {
    use preclear_model::policy::{ConditionTest, Operand};
    use preclear_model::{Operator, Span, Template};

    use super::*;
    use crate::{Condition, KeyTypes};

    /// Every key has this arity and this type.
    struct All(Arity, Option<KeyKind>);

    impl KeyTypes for All {
        fn arity(&self, _: &KeyName) -> Arity {
            self.0
        }

        fn kind(&self, _: &KeyName) -> Option<KeyKind> {
            self.1
        }
    }

    /// Cases of a key without type that is tested with these operators and operands.
    fn cases(arity: Arity, tests: &[(&str, &[&str])], may_be_absent: bool) -> Option<KeyCases> {
        cases_of(All(arity, None), tests, may_be_absent)
    }

    fn cases_of(all: All, tests: &[(&str, &[&str])], may_be_absent: bool) -> Option<KeyCases> {
        let tests = tests.iter().map(|(operator, operands)| ConditionTest {
            operator: Operator::parse(operator).unwrap(),
            operator_text: (*operator).into(),
            key: "aws:TagKeys".into(),
            key_span: Span::default(),
            operands: operands
                .iter()
                .map(|text| Operand {
                    template: Template::literal(text),
                    span: Span::default(),
                })
                .collect(),
        });
        let tests: Vec<ConditionTest> = tests.collect();
        let condition = Condition::compile(&tests, &all);
        let uses: Vec<Use<'_>> = condition
            .tests()
            .iter()
            .map(|test| Use {
                test,
                ambiguities: Ambiguities::Report,
            })
            .collect();
        KeyCases::of(&uses, all.1, may_be_absent)
    }

    /// Whether one test splits a single key of a type into what it lets pass and what not.
    fn is_split(kind: Option<KeyKind>, operator: &str, operand: &str) -> bool {
        let all = All(Arity::Single, kind);
        let found = cases_of(all, &[(operator, &[operand])], false);
        found.is_some_and(|found| found.states().len() >= 2)
    }

    #[test]
    fn operands_are_split_by_their_type() {
        for kind in [None, Some(KeyKind::Number)] {
            assert!(is_split(kind, "NumericEquals", "5"), "{kind:?}");
        }
        for kind in [None, Some(KeyKind::Ip)] {
            assert!(is_split(kind, "IpAddress", "203.0.113.0/24"), "{kind:?}");
        }
        for kind in [KeyKind::Date, KeyKind::Epoch] {
            assert!(
                is_split(Some(kind), "DateLessThan", "2026-01-01"),
                "{kind:?}"
            );
        }
        // A text without a type may mean two instants.
        assert!(!is_split(None, "DateLessThan", "2026-01-01"));
        let two: [(&str, &[&str]); 2] = [("NumericEquals", &["5"]), ("StringEquals", &["a"])];
        assert!(cases(Arity::Single, &two, false).is_none());
    }

    fn many(texts: &[&str]) -> CaseState {
        CaseState::Many(texts.iter().map(|&text| text.to_owned()).collect())
    }

    #[test]
    fn sets_that_come_out_alike_are_one_case() {
        let tests: [(&str, &[&str]); 2] = [
            ("ForAnyValue:StringEquals", &["a"]),
            ("ForAllValues:StringEquals", &["a", "b"]),
        ];
        let found = cases(Arity::Multi, &tests, true).unwrap();
        // Without values no value is `a`, and all are; so it is with `b` alone.
        let expected = [
            CaseState::Absent,
            many(&["a"]),
            many(&[":other"]),
            many(&["a", ":other"]),
        ];
        assert_eq!(found.states(), expected);
        let every_set = "every set of `a`, `b`, another value";
        assert_eq!(found.labels(), ["absent", "no values", every_set]);
    }

    #[test]
    fn a_key_that_exists_has_a_value() {
        let tests: [(&str, &[&str]); 1] = [("ForAllValues:StringEquals", &["a"])];
        let found = cases(Arity::Multi, &tests, false).unwrap();
        assert_eq!(found.states(), [many(&["a"]), many(&[":other"])]);
        assert_eq!(found.labels(), ["every set of `a`, another value"]);
        let tests: [(&str, &[&str]); 2] = [
            ("ForAnyValue:StringEquals", &[""]),
            ("ForAllValues:StringEquals", &["", "a"]),
        ];
        let found = cases(Arity::Multi, &tests, false).unwrap();
        let has_value = |state: &CaseState| match state {
            CaseState::Many(texts) => texts.iter().any(|text| !text.is_empty()),
            _ => false,
        };
        assert!(found.states().iter().all(has_value), "{:?}", found.states());
        assert!(found.states().contains(&many(&["a", ""])));
    }

    #[test]
    fn sets_of_many_values_are_left_alone() {
        let names = ["a", "b", "c", "d", "e", "f"];
        let tests: Vec<(&str, &[&str])> = names
            .iter()
            .map(|name| ("ForAnyValue:StringEquals", std::slice::from_ref(name)))
            .collect();
        let (five, six) = (&tests[..5], &tests[..]);
        let found = cases(Arity::Multi, five, true).unwrap();
        // To these tests values beside the five are as good as none.
        assert_eq!(found.states().len(), 1 << 5);
        assert!(cases(Arity::Multi, six, true).is_none());
    }

    /// Rule: AMB-17.
    #[test]
    fn the_empty_text_is_two_cases_where_null_asks() {
        let tests: [(&str, &[&str]); 3] = [
            ("Null", &["true"]),
            ("StringEquals", &["a"]),
            ("StringEquals", &[""]),
        ];
        let found = cases(Arity::Single, &tests, true).unwrap();
        let states = found.states();
        assert!(!states.contains(&CaseState::One(String::new())));
        assert!(states.contains(&CaseState::One("a".to_owned())));
        for is_null in [true, false] {
            assert!(states.contains(&CaseState::Empty { is_null }), "{states:?}");
        }
        let found = cases(Arity::Single, &tests, false).unwrap();
        let empties = found.states().iter();
        let empties = empties.filter(|state| matches!(state, CaseState::Empty { .. }));
        assert_eq!(empties.count(), 0);
    }

    #[test]
    fn keys_of_one_value_or_several_are_left_alone() {
        let tests: [(&str, &[&str]); 1] = [("StringEquals", &["a"])];
        assert!(cases(Arity::Varying, &tests, true).is_none());
        for arity in [Arity::Single, Arity::Uncatalogued] {
            let found = cases(arity, &tests, true).unwrap();
            assert_eq!(found.labels(), ["absent", "`a`", "another value"]);
        }
    }
}
