//! Makes a condition's truth visible: one statement on an object of its own, which allows or denies if, and only if,
//! the condition is true.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::case::{Case, Test, merged};
use super::super::cell::Truth;
use super::super::world::{self, Effect, USER};

/// What a test expects of a condition.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) truth: Truth,
    /// What an unknown condition depends on; nothing: the rules do not say.
    pub(super) depends_on: Option<String>,
}

impl Expected {
    pub(super) fn certain(truth: Truth) -> Expected {
        Expected {
            truth,
            depends_on: None,
        }
    }

    pub(super) fn unknown(depends_on: &str) -> Expected {
        Expected {
            truth: Truth::U,
            depends_on: Some(depends_on.to_owned()),
        }
    }
}

/// The conditions of one file, each of which stands in an Allow and in a Deny.
#[derive(Debug, Default)]
pub(super) struct Probes {
    /// The near miss of an Allow that fails is left out.
    is_terse: bool,
    statements: Vec<Value>,
    tests: Vec<Test>,
}

/// One condition: an operator, a key, operands.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    name: String,
    operator: String,
    key: String,
}

impl Probes {
    /// Probes that leave out the near miss of an Allow that fails.
    pub(super) fn terse() -> Probes {
        Probes {
            is_terse: true,
            ..Probes::default()
        }
    }

    /// Adds the two statements of a condition, as far as they will be asked. `name` is theirs alone in this file.
    pub(super) fn add(&mut self, name: &str, operator: &str, key: &str, operands: Value) -> Probe {
        let mut test = Map::new();
        test.insert(key.to_owned(), operands);
        let mut condition = Map::new();
        condition.insert(operator.to_owned(), Value::Object(test));
        for effect in Effect::BOTH {
            self.statements.push(json!({
                "Effect": effect.name(),
                "Action": "s3:GetObject",
                "Resource": resource(effect, name),
                "Condition": condition,
            }));
        }
        Probe {
            name: name.to_owned(),
            operator: operator.to_owned(),
            key: key.to_owned(),
        }
    }

    /// Asks one question of both statements. `about` says what is special in it.
    pub(super) fn ask(&mut self, probe: &Probe, about: &str, request: &Value, expected: &Expected) {
        self.ask_of(&Effect::BOTH, probe, about, request, expected);
    }

    /// Asks one question of some statements.
    pub(super) fn ask_of(
        &mut self,
        effects: &[Effect],
        probe: &Probe,
        about: &str,
        request: &Value,
        expected: &Expected,
    ) {
        for &effect in effects {
            let own = json!({"resource": resource(effect, &probe.name)});
            self.tests.push(Test {
                name: format!(
                    "{}{about}: {} in {}",
                    probe.operator,
                    expected.truth.name(),
                    effect.name()
                ),
                request: merged(&own, request),
                expect: probe.expect(effect, expected, self.is_terse),
            });
        }
    }

    /// The file.
    pub(super) fn case(self, path: &str, rules: &[&str], why: &str) -> Case {
        let mut statements = vec![json!({
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::team/Deny/*",
        })];
        let asked: BTreeSet<&str> = self
            .tests
            .iter()
            .filter_map(|test| test.request["resource"].as_str())
            .collect();
        let is_asked = |statement: &Value| {
            statement["Resource"]
                .as_str()
                .is_some_and(|name| asked.contains(name))
        };
        statements.extend(self.statements.into_iter().filter(is_asked));
        let user = json!({"arn": USER, "policies": [world::policy("probes", statements)]});
        let bucket = json!({"arn": "arn:aws:s3:::team", "account": world::A});
        let snapshot = world::snapshot(vec![user], vec![bucket]);
        let mut case = Case::new(path, rules, why, snapshot)
            .by_default("principal", USER)
            .by_default("action", "s3:GetObject");
        case.tests = self.tests;
        case
    }
}

impl Probe {
    /// The answer; no other statement covers the object.
    fn expect(&self, effect: Effect, expected: &Expected, is_terse: bool) -> Value {
        match (expected.truth, effect) {
            (Truth::U, _) => match &expected.depends_on {
                Some(name) => json!({"verdict": "depends", "depends_on": [name]}),
                None => json!("depends"),
            },
            (Truth::T, Effect::Allow) | (Truth::F, Effect::Deny) => json!("allow"),
            (Truth::F, Effect::Allow) if is_terse => json!("implicit_deny"),
            (Truth::F, Effect::Allow) => {
                json!({"verdict": "implicit_deny", "near_miss": {"key": self.key, "operator": self.operator}})
            }
            (Truth::T, Effect::Deny) => json!("explicit_deny"),
        }
    }
}

fn resource(effect: Effect, name: &str) -> String {
    format!("arn:aws:s3:::team/{}/{}", effect.name(), world::slug(name))
}
