//! Single statements, put to the language and to the engine: what hangs on one statement alone, both answer alike.

mod draw;

use preclear_catalog::catalog;
use preclear_model::policy::{
    ConditionTest, ParseOptions, Policy, PolicyKind, ResourceEntry, parse_policy,
};
use preclear_model::{Match, OperatorFamily, Statement};
use preclear_simulator::{AmbiguityMode, ContextMode, ContextValue, Engine, Request, Verdict};
use serde_json::json;

use self::draw::{KEYS, LIKE, RESOURCES, plain, request, statement};
use super::super::value::{Context, Toward, Tri, Value};
use super::{Resource, action_applies, condition_holds, resource_applies};
use crate::choose::{Choose, Seeded};
use crate::world::read;

/// What the request says, in which nothing follows from anything.
struct Said<'r>(&'r Request);

impl Context for Said<'_> {
    fn value(&self, key: &str) -> Value {
        let is = |name: &String| name.eq_ignore_ascii_case(key);
        let request = self.0;
        if request.unknown.iter().any(is) {
            return Value::Unknown;
        }
        if request.present.iter().any(is) {
            return Value::Present;
        }
        let given = request
            .context
            .iter()
            .find(|(name, _)| is(name))
            .map(|(_, value)| value);
        let pattern = request
            .like
            .iter()
            .find(|(name, _)| is(name))
            .map(|(_, pattern)| pattern.clone());
        match (given, pattern) {
            (_, Some(pattern)) => Value::Like(pattern),
            (Some(ContextValue::One(text)), _) => Value::Known(vec![text.clone()]),
            (Some(ContextValue::Many(texts)), _) => Value::Known(texts.clone()),
            // A global key that the catalogue does not know (IAM-CTX-2). What it knows and the request does not say is
            // drawn as absent.
            (None, None) if request.mode == ContextMode::Open && is_new_global(key) => {
                Value::Unknown
            }
            (None, None) => Value::Absent,
        }
    }

    fn is_multivalued(&self, key: &str) -> Tri {
        let own = KEYS
            .into_iter()
            .find(|(name, ..)| name.eq_ignore_ascii_case(key));
        match own {
            Some(("x:own", ..)) => {
                let given = self.0.context.get("x:own");
                matches!(given, Some(ContextValue::Many(texts)) if texts.len() != 1).into()
            }
            Some((_, arity, _)) => arity,
            None => Tri::False,
        }
    }

    fn ambiguity(&self) -> AmbiguityMode {
        self.0.ambiguity
    }
}

fn is_new_global(key: &str) -> bool {
    let is_global = key
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    is_global && catalog().condition_key(key).is_none()
}

/// True where the rules leave room for both answers, or the engine is known to fall short of them.
fn is_open(statement: &Statement) -> bool {
    let mut tests = statement.conditions.iter();
    statement.resource.as_ref().is_some_and(is_open_resource) || tests.any(is_open_test)
}

fn is_open_resource(resource: &Match<ResourceEntry>) -> bool {
    resource.entries().iter().any(|entry| {
        let source = &entry.template.source;
        let service = source.split(':').nth(2).unwrap_or_default();
        // Of which service AMB-2 speaks where the pattern names none.
        service.contains(['*', '?'])
            // AMB-14 together with AMB-15.
            || entry.incomplete && source.contains(char::is_uppercase)
            // What a key that may be absent or empty makes of NotResource (AMB-5, AMB-6).
            || resource.is_negated() && !entry.template.is_plain_text()
    })
}

/// True for a test about which rules leave room for both answers.
pub(crate) fn is_open_test(test: &ConditionTest) -> bool {
    let mut operands = test.operands.iter().map(|operand| &operand.template);
    match test.operator.base.family() {
        // Whether an operand that is no truth once its variables are replaced is dead (IAM-TRI-3).
        OperatorFamily::Bool => operands.any(|operand| !operand.is_plain_text()),
        // Mapped addresses in the policy (AMB-24).
        OperatorFamily::Ip => operands.any(|operand| operand.source.contains("::ffff:")),
        _ => false,
    }
}

/// One statement, put to both.
struct Trial {
    seed: u64,
    asked: &'static str,
    is_deny: bool,
    policy: Policy,
    engine: Engine,
    request: Request,
}

impl Trial {
    /// `None` where the reader refuses the document. Requests are completed by the seed.
    fn draw(choices: &mut impl Choose, seed: u64) -> Option<Trial> {
        let asked = RESOURCES[choices.below(RESOURCES.len())];
        let is_deny = choices.once_in(2);
        let mut statements = vec![statement(
            choices,
            asked,
            if is_deny { "Deny" } else { "Allow" },
        )];
        if is_deny {
            statements.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        }
        let version = ["2012-10-17", "2008-10-17"][usize::from(choices.once_in(8))];
        let mut snapshot = json!({"preclear": 1, "complete": true, "account": "111122223333", "region": "us-west-2",
            "principals": [{"arn": "arn:aws:iam::111122223333:user/U", "policies": []}]});
        let kind = if asked.starts_with("arn:aws:s3") && choices.once_in(3) {
            for statement in &mut statements {
                statement["Principal"] = json!("*");
            }
            PolicyKind::Resource
        } else {
            PolicyKind::Identity
        };
        let document = json!({"Version": version, "Statement": statements});
        let (policy, _) = parse_policy(&document.to_string(), "p", kind, ParseOptions::default());
        if kind == PolicyKind::Resource {
            snapshot["resources"] = json!([{"arn": "arn:aws:s3:::b", "policy": document}]);
        } else {
            snapshot["principals"][0]["policies"] = json!([document]);
        }
        let engine = read::engine(&snapshot).ok()?;
        let mut request = read::request(&request(choices, asked)).ok()?;
        if choices.once_in(3) {
            let (key, ..) = KEYS[choices.below(9)];
            set(&mut request, key, State::Like(choices.one_of(LIKE)?));
        }
        Some(Trial {
            seed,
            asked,
            is_deny,
            policy: policy?,
            engine,
            request,
        })
    }

    /// What the reference says of the statement makes the verdict.
    fn reference(&self, request: &Request) -> Verdict {
        let toward = if self.is_deny {
            Toward::Deny
        } else {
            Toward::Allow
        };
        let resource = match self.asked {
            "*" => Resource::Everything,
            text => Resource::One(text.to_owned()),
        };
        let statement = &self.policy.statements[0];
        let said = Said(request);
        let applies = Tri::all([
            action_applies(statement, "s3:PutObject", &said, toward),
            resource_applies(statement, &resource, &said, toward),
            condition_holds(statement, &said, toward),
        ]);
        match (applies, self.is_deny) {
            (Tri::Unknown, _) => Verdict::Depends,
            (Tri::True, true) => Verdict::ExplicitDeny,
            (Tri::False, false) => Verdict::ImplicitDeny,
            _ => Verdict::Allow,
        }
    }

    /// How the engine's answer differs from the reference's, if it does.
    fn difference(&self) -> Option<String> {
        let (engine, reference) = (
            self.engine.decide(&self.request),
            self.reference(&self.request),
        );
        let statement = &self.policy.statements[0];
        let told = |what: String| {
            let Request {
                context,
                like,
                unknown,
                absent,
                present,
                mode,
                ambiguity,
                ..
            } = &self.request;
            let text = self.policy.source.slice(self.policy.span);
            format!(
                "{}: engine {engine}, reference {what}\n{text}\n{} {context:?} like {like:?} unknown {unknown:?} absent \
                 {absent:?} present {present:?} {mode:?} {ambiguity:?}\n",
                self.seed, self.asked
            )
        };
        match (engine, reference) {
            _ if engine == reference || is_open(statement) => None,
            // The engine knows less of a value of which a pattern is known.
            (Verdict::Depends, _) if !self.request.like.is_empty() => None,
            (_, Verdict::Depends) => {
                let completed = (0..COMPLETIONS).map(|number| self.completed(number));
                let mut answers = completed.map(|request| (self.reference(&request), request));
                let (other, request) = answers.find(|(answer, _)| *answer != engine)?;
                Some(told(format!(
                    "{reference}, {other} of {:?}",
                    request.context
                )))
            }
            _ => Some(told(reference.to_string())),
        }
    }

    /// True where the engine may leave open what an Arn operator makes of a value that is not known, though every ARN is
    /// matched, or no reading of a short pattern allows (AMB-12).
    fn is_left_open(&self) -> bool {
        let is_given = |key: &str| {
            let mut given = self.request.context.keys();
            given.any(|name| name.eq_ignore_ascii_case(key))
        };
        let mut tests = self.policy.statements[0].conditions.iter();
        self.engine.decide(&self.request) == Verdict::Depends
            && tests.any(|test| {
                test.operator.base.family() == OperatorFamily::Arn && !is_given(&test.key)
            })
    }

    /// The request with a value, or none, for everything that is open. Rule: IAM-TRI-6.
    fn completed(&self, number: u64) -> Request {
        let mut choices = Seeded::new(self.seed.wrapping_mul(COMPLETIONS) + number);
        let mut request = self.request.clone();
        for (key, arity, values) in KEYS {
            let is = |name: &String| name == key;
            let may_be_absent = request.unknown.iter().any(is);
            if !may_be_absent && !request.present.iter().any(is) {
                continue;
            }
            // A mapped address is disputed (AMB-24), and nothing that AWS writes.
            let values = plain(values).iter().copied();
            let values: Vec<&str> = values.filter(|text| !text.starts_with("::ffff:")).collect();
            let mut value = || values[choices.below(values.len())];
            let state = match arity {
                // One at least is not empty. Rule: IAM-TRI-1.
                Tri::True => State::Many(vec![value(), "b"]),
                _ => State::One(value()),
            };
            let state = if may_be_absent && choices.once_in(4) {
                State::Absent
            } else {
                state
            };
            set(&mut request, key, state);
        }
        request
    }
}

/// Ways in which what is open is closed, where the engine says more than the reference. Rule: IAM-TRI-10.
const COMPLETIONS: u64 = 60;

/// What becomes of a key.
enum State {
    Absent,
    One(&'static str),
    Many(Vec<&'static str>),
    Like(&'static str),
}

fn set(request: &mut Request, key: &str, state: State) {
    request.context.remove(key);
    for names in [
        &mut request.absent,
        &mut request.present,
        &mut request.unknown,
    ] {
        names.remove(key);
    }
    match state {
        State::Absent => {
            request.absent.insert(key.to_owned());
        }
        State::One(value) => {
            request
                .context
                .insert(key.to_owned(), ContextValue::One(value.to_owned()));
        }
        State::Many(values) => {
            let values = values.into_iter().map(str::to_owned).collect();
            request
                .context
                .insert(key.to_owned(), ContextValue::Many(values));
        }
        State::Like(pattern) => {
            request.like.insert(key.to_owned(), pattern.to_owned());
        }
    }
}

/// How the answers about a drawn statement differ, if they do.
pub(crate) fn statement_difference(choices: &mut impl Choose) -> Option<String> {
    let trial = Trial::draw(choices, 0)?;
    trial.difference().filter(|_| !trial.is_left_open())
}

/// Statements that are compared.
#[cfg(test)]
const MANY: u64 = 1_500;

#[test]
fn statements_mean_the_same_to_both() {
    let trials = (0..MANY).filter_map(|seed| Trial::draw(&mut Seeded::new(seed), seed));
    let trials: Vec<Trial> = trials.collect();
    assert!(
        trials.len() as u64 > MANY / 10 * 9,
        "most documents are accepted"
    );
    let differences: Vec<String> = trials.iter().filter_map(Trial::difference).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
