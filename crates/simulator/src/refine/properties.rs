//! Small random policies against every completion of their unknown keys. Rule: IAM-TRI-6, IAM-TRI-10.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::tests::{request, snapshot, statement};
use crate::request::{AmbiguityMode, ContextValue};
use crate::{Detail, Engine, Request, Verdict};

/// A key with what tests ask of it and the values it may turn out to have.
struct Key {
    name: &'static str,
    operators: &'static [&'static str],
    operands: &'static [&'static str],
    values: &'static [&'static str],
    /// The empty text is a value too, of which nobody has published how `Null` takes it.
    may_be_empty: bool,
    is_multi: bool,
}

const TEXT_OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
    "Null",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringNotEquals",
];

/// Values take every way to stand to the operands: equal, equal but for case, in order between, of no type at all.
const KEYS: [Key; 7] = [
    Key {
        name: "aws:Referer",
        operators: TEXT_OPERATORS,
        operands: &["a", "A", "b", "true", "false"],
        values: &["a", "A", "b", "B", "z", "true", "True", "false", "FALSE"],
        may_be_empty: true,
        is_multi: false,
    },
    Key {
        name: "aws:PrincipalTag/mixed",
        operators: &[
            "StringEquals",
            "StringNotEqualsIgnoreCase",
            "StringEqualsIgnoreCase",
            "BoolIfExists",
            "Bool",
            "ArnEquals",
            "ArnNotEquals",
            "Null",
        ],
        operands: &["true", "False", "arn:aws:s3:::B", "k"],
        values: &[
            "true",
            "TRUE",
            "false",
            "False",
            "falſe",
            "arn:aws:s3:::B",
            "arn:aws:s3:::b",
            "k",
            "K",
            "\u{212a}",
            "z",
            "arn:aws:s3:::z",
        ],
        may_be_empty: true,
        is_multi: false,
    },
    Key {
        name: "aws:SecureTransport",
        operators: &["Bool", "BoolIfExists", "Null", "ForAllValues:Bool"],
        operands: &["true", "false", "True"],
        values: &["true", "false"],
        may_be_empty: false,
        is_multi: false,
    },
    Key {
        name: "aws:MultiFactorAuthAge",
        operators: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEqualsIfExists",
            "Null",
        ],
        operands: &["-1", "5", "5.5", "007", "ten", "+6"],
        values: &[
            "-2", "-1", "0", "5", "5.2", "5.5", "5.7", "6", "6.5", "7", "8",
        ],
        may_be_empty: false,
        is_multi: false,
    },
    Key {
        name: "aws:TokenIssueTime",
        operators: &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEqualsIfExists",
            "DateGreaterThan",
            "DateGreaterThanEquals",
            "Null",
        ],
        operands: &[
            "2025-01-01",
            "2025-01-01T00:00:01.5Z",
            "1700000000",
            "1999",
            "soon",
        ],
        values: &[
            "1970-01-01",
            "1970-01-01T00:33:19Z",
            "1990-01-01",
            "1999-01-01",
            "2001-01-01",
            "1700000000",
            "2024-01-01",
            "2025-01-01T00:00:00Z",
            "2025-01-01T00:00:01Z",
            "2025-01-01T00:00:01.5Z",
            "2026-01-01",
        ],
        may_be_empty: false,
        is_multi: false,
    },
    Key {
        name: "aws:SourceIp",
        operators: &["IpAddress", "NotIpAddress", "IpAddressIfExists", "Null"],
        operands: &[
            "203.0.113.0/24",
            "203.0.113.128/25",
            "203.0.113.7",
            "2001:db8::/32",
            "0.0.0.0/0",
            "::/0",
            "x",
        ],
        values: &[
            "203.0.113.1",
            "203.0.113.7",
            "203.0.113.130",
            "198.51.100.1",
            "2001:db8::1",
            "2001:db9::1",
        ],
        may_be_empty: false,
        is_multi: false,
    },
    Key {
        name: "aws:TagKeys",
        operators: &[
            "ForAnyValue:StringEquals",
            "ForAnyValue:StringNotEquals",
            "ForAllValues:StringEquals",
            "ForAllValues:StringNotEqualsIgnoreCase",
            "ForAllValues:StringEqualsIgnoreCase",
            "StringNotEquals",
            "StringEqualsIfExists",
            "Null",
        ],
        operands: &["a", "A", "b"],
        values: &["a", "A", "b", "B", "z"],
        may_be_empty: true,
        is_multi: true,
    },
];

/// A state of a key in a completion; `None`: absent.
type State = Option<ContextValue>;

impl Key {
    fn states(&self, may_be_absent: bool) -> Vec<State> {
        let mut states = Vec::new();
        if may_be_absent {
            states.push(None);
        }
        if self.is_multi {
            let sets = (0_u32..1 << self.values.len()).filter(|set| may_be_absent || *set != 0);
            states.extend(sets.map(|set| {
                let members = self.values.iter().enumerate();
                let members = members.filter(|(place, _)| set & (1 << place) != 0);
                let members = members.map(|(_, value)| (*value).to_owned());
                Some(ContextValue::Many(members.collect()))
            }));
        } else {
            let values = self.values.iter();
            states.extend(values.map(|value| Some(ContextValue::One((*value).to_owned()))));
        }
        if may_be_absent && self.may_be_empty {
            let empty = String::new();
            states.push(Some(if self.is_multi {
                ContextValue::Many(vec![empty])
            } else {
                ContextValue::One(empty)
            }));
        }
        states
    }
}

/// Operators of which one holds where the other does not, for values that both can read.
const OPPOSITES: [(&str, &str); 12] = [
    ("StringEquals", "StringNotEquals"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("ForAnyValue:StringEquals", "ForAllValues:StringNotEquals"),
    ("ForAllValues:StringEquals", "ForAnyValue:StringNotEquals"),
    ("ArnEquals", "ArnNotEquals"),
    ("NumericEquals", "NumericNotEquals"),
    ("NumericLessThan", "NumericGreaterThanEquals"),
    ("NumericGreaterThan", "NumericLessThanEquals"),
    ("DateEquals", "DateNotEquals"),
    ("DateLessThan", "DateGreaterThanEquals"),
    ("IpAddress", "NotIpAddress"),
    ("Bool", "Bool"),
];

/// One test of a key: operator and operands.
#[derive(Debug, Clone)]
struct AnyTest {
    key: usize,
    operator: &'static str,
    operands: Vec<&'static str>,
}

impl AnyTest {
    fn json(&self) -> Value {
        json!({self.operator: {KEYS[self.key].name: self.operands}})
    }

    /// A test that is often true where this one is not.
    fn opposite(&self) -> Self {
        let operator = OPPOSITES
            .iter()
            .find_map(|(one, other)| match self.operator {
                own if own == *one => Some(*other),
                own if own == *other => Some(*one),
                _ => None,
            });
        let operands = match (self.operator, self.operands.as_slice()) {
            ("Bool" | "Null", ["true"]) => vec!["false"],
            ("Bool" | "Null", ["false"]) => vec!["true"],
            (_, own) => own.to_vec(),
        };
        let operator = operator.unwrap_or(self.operator);
        Self {
            key: self.key,
            operator,
            operands,
        }
    }
}

fn any_test(keys: [usize; 2]) -> impl Strategy<Value = AnyTest> {
    let numbers = (
        0_usize..3,
        0_usize..64,
        prop::collection::vec(0_usize..64, 1..3),
    );
    numbers.prop_map(move |(number, operator, operands)| {
        let number = keys[number / 2];
        let key = &KEYS[number];
        let operator = key.operators[operator % key.operators.len()];
        let operands: Vec<&str> = match operator {
            "Null" => vec![["true", "false"][operands[0] % 2]],
            _ => operands
                .iter()
                .map(|place| key.operands[place % key.operands.len()])
                .collect(),
        };
        AnyTest {
            key: number,
            operator,
            operands,
        }
    })
}

/// Statements of one or two tests, some followed by their opposites.
fn any_statements(keys: [usize; 2]) -> impl Strategy<Value = Vec<Value>> {
    let effect = prop_oneof![3 => Just("Allow"), 2 => Just("Deny")];
    let tests = (any_test(keys), prop::option::of(any_test(keys)));
    (effect, tests, any::<bool>()).prop_map(|(effect, (first, second), with_opposite)| {
        let of = |tests: &[&AnyTest]| {
            let mut condition = Map::new();
            for test in tests {
                let Value::Object(test) = test.json() else {
                    continue;
                };
                for (operator, keys) in test {
                    let place = condition.entry(operator).or_insert_with(|| json!({}));
                    if let (Value::Object(place), Value::Object(keys)) = (place, keys) {
                        place.extend(keys);
                    }
                }
            }
            statement(effect, Value::Object(condition))
        };
        let mut statements = vec![match &second {
            Some(second) => of(&[&first, second]),
            None => of(&[&first]),
        }];
        if with_opposite {
            statements.push(of(&[&first.opposite()]));
            statements.extend(second.map(|second| of(&[&second.opposite()])));
        }
        statements
    })
}

#[derive(Debug, Clone)]
struct World {
    statements: Vec<Value>,
    /// Keys by number, and whether they may be absent.
    open: Vec<(usize, bool)>,
    ambiguity: AmbiguityMode,
}

fn any_world() -> impl Strategy<Value = World> {
    let modes = prop_oneof![
        2 => Just(AmbiguityMode::Report),
        1 => Just(AmbiguityMode::Guess),
        1 => Just(AmbiguityMode::Failsafe),
    ];
    let keys = (0..KEYS.len(), 0..KEYS.len(), any::<[bool; 2]>(), modes);
    keys.prop_flat_map(|(first, second, may_be_absent, ambiguity)| {
        let statements = prop::collection::vec(any_statements([first, second]), 1..4);
        let always = prop::option::of(Just(statement("Allow", json!({}))));
        let mut open = vec![(first, may_be_absent[0])];
        if second != first {
            open.push((second, may_be_absent[1]));
        }
        (statements, always).prop_map(move |(statements, always)| World {
            statements: statements.into_iter().flatten().chain(always).collect(),
            open: open.clone(),
            ambiguity,
        })
    })
}

impl World {
    /// A request in which nothing is open.
    fn closed(&self) -> Request {
        let mut request = request(&[]);
        request.ambiguity = self.ambiguity;
        request
    }

    fn request(&self) -> Request {
        let mut request = self.closed();
        for (number, may_be_absent) in &self.open {
            let name = KEYS[*number].name.to_owned();
            if *may_be_absent {
                request.unknown.insert(name);
            } else {
                request.present.insert(name);
            }
        }
        request
    }

    /// The verdict of every completion, and whether it is all the same how `Null` takes its values.
    fn completed(&self, engine: &Engine) -> Vec<(Verdict, bool)> {
        let mut requests = vec![self.closed()];
        for (number, may_be_absent) in &self.open {
            let key = &KEYS[*number];
            let states = key.states(*may_be_absent);
            let with = |request: &Request, state: &State| {
                let mut request = request.clone();
                if let Some(value) = state {
                    request.context.insert(key.name.to_owned(), value.clone());
                }
                request
            };
            requests = requests
                .iter()
                .flat_map(|request| states.iter().map(|state| with(request, state)))
                .collect();
        }
        let is_empty = |value: &ContextValue| match value {
            ContextValue::One(value) => value.is_empty(),
            ContextValue::Many(values) => values.iter().any(String::is_empty),
        };
        let is_certain = |request: &Request| !request.context.values().any(is_empty);
        requests
            .iter()
            .map(|request| (engine.decide(request), is_certain(request)))
            .collect()
    }
}

proptest! {
    #[test]
    fn an_answer_is_given_exactly_where_all_completions_agree(world in any_world()) {
        let engine = Engine::compile(snapshot(&world.statements));
        let open = world.request();
        let answer = engine.explain(&open, Detail::Reasons);
        prop_assert_eq!(engine.decide(&open), answer.verdict);
        let completed = world.completed(&engine);
        let all = |wanted: fn(Verdict) -> bool| completed.iter().all(|(verdict, _)| wanted(*verdict));
        // A case is read in both ways; a request that states the value leaves open which (AMB-17), so that of a denial
        // it may stay open which statement denies.
        let no_other = |wanted: fn(Verdict) -> bool| {
            completed.iter().all(|(verdict, is_certain)| {
                let is_vaguer = match verdict {
                    Verdict::Depends => true,
                    Verdict::ImplicitDeny => wanted(Verdict::ExplicitDeny),
                    _ => false,
                };
                wanted(*verdict) || (!is_certain && is_vaguer)
            })
        };
        match answer.verdict {
            Verdict::Allow => prop_assert!(no_other(|verdict| verdict == Verdict::Allow)),
            Verdict::ExplicitDeny => prop_assert!(no_other(|verdict| verdict == Verdict::ExplicitDeny)),
            Verdict::ImplicitDeny => prop_assert!(no_other(Verdict::is_deny)),
            _ => prop_assert!(
                !all(|verdict| verdict == Verdict::Allow) && !all(Verdict::is_deny),
                "all agree: {:?}", completed.first()
            ),
        }
        if answer.verdict == Verdict::Depends {
            prop_assert!(answer.refined.is_empty() && !answer.depends_on.is_empty());
        } else {
            prop_assert!(answer.depends_on.is_empty() && answer.primary.is_some());
            prop_assert_eq!(answer.primary.as_ref(), answer.reasons.first());
        }
    }

    #[test]
    fn the_order_of_statements_does_not_matter(world in any_world(), seed in any::<u64>()) {
        let mut shuffled = world.statements.clone();
        shuffled.sort_by_key(|one| {
            let text = one.to_string();
            text.bytes().fold(seed, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)))
        });
        let open = world.request();
        let explain = |statements: &[Value]| Engine::compile(snapshot(statements)).explain(&open, Detail::Reasons);
        let (own, other) = (explain(&world.statements), explain(&shuffled));
        prop_assert_eq!(own.verdict, other.verdict);
        prop_assert_eq!(own.depends_on, other.depends_on);
        prop_assert_eq!(own.refined, other.refined);
        prop_assert_eq!(own.primary.map(|one| one.code), other.primary.map(|one| one.code));
    }
}
