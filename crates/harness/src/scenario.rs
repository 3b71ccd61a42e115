//! A world, a question about it, and what is put in place of what is open: all that a failure needs to be shown again.

use preclear_model::Diagnostics;
use preclear_simulator::{Detail, Engine, Request, Verdict};
use serde_json::{Map, Value, json};

use crate::completion::Fill;
use crate::world::read;

/// Documents, and a completion of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scenario {
    /// A snapshot file.
    pub snapshot: Value,
    /// A request file, or a job file.
    pub request: Value,
    /// The completion; empty where the property has none.
    pub fills: Vec<Fill>,
    /// What else was drawn at random, such as an order.
    pub seed: u64,
}

/// A question that was asked, and what had to come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// A snapshot file.
    pub snapshot: Value,
    /// A request file, or a job file.
    pub request: Value,
    /// What the answer is called.
    pub name: &'static str,
    /// What it should be, in the words of test files.
    pub expected: &'static str,
}

/// How a property fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// What was found, in a sentence.
    pub message: String,
    /// The questions that show it; the last one is answered otherwise than the property wants.
    pub asked: Vec<Asked>,
}

impl Asked {
    /// The question of a scenario.
    pub(crate) fn of(scenario: &Scenario, name: &'static str, expected: &'static str) -> Asked {
        Asked {
            snapshot: scenario.snapshot.clone(),
            request: scenario.request.clone(),
            name,
            expected,
        }
    }
}

impl Violation {
    /// Something that was found, not shown yet.
    pub(crate) fn new(message: String) -> Violation {
        Violation {
            message,
            asked: Vec::new(),
        }
    }

    /// The same with the questions that show it.
    pub(crate) fn shown_by(self, asked: Vec<Asked>) -> Violation {
        Violation { asked, ..self }
    }

    /// A document that the reader refuses, so that nothing can be asked.
    pub(crate) fn refused(what: &str, document: &Value, errors: &Diagnostics) -> Violation {
        let errors: Vec<String> = errors.errors().map(|error| error.message.clone()).collect();
        let errors = errors.join("; ");
        Violation::new(format!(
            "the generator made a {what} that is refused: {errors}\n{document}"
        ))
    }

    /// Test files that show it: `preclear test` runs them. Rule: UI-40.
    #[must_use]
    pub fn test_files(&self) -> Vec<Value> {
        let mut files: Vec<(&Value, Vec<Value>)> = Vec::new();
        for asked in &self.asked {
            // A job says who submits it, a request who asks.
            let what = match asked.request.get("caller") {
                Some(_) => "job",
                None => "request",
            };
            let test = json!({
                "name": asked.name,
                (what): asked.request,
                "expect": expectation(asked),
            });
            match files
                .iter_mut()
                .find(|(snapshot, _)| **snapshot == asked.snapshot)
            {
                Some((_, tests)) => tests.push(test),
                None => files.push((&asked.snapshot, vec![test])),
            }
        }
        let file = |(snapshot, tests): (&Value, Vec<Value>)| json!({"preclear": 1, "why": self.message, "snapshot": snapshot, "tests": tests});
        files.into_iter().map(file).collect()
    }
}

/// The verdict, with what a test must name that would otherwise guard nothing.
fn expectation(asked: &Asked) -> Value {
    let mut expect = Map::from_iter([("verdict".to_owned(), json!(asked.expected))]);
    if let (Ok(engine), Ok(request)) =
        (read::engine(&asked.snapshot), read::request(&asked.request))
    {
        let answer = engine.explain(&request, Detail::Reasons);
        let unlisted = answer.assumptions.iter();
        let unlisted: Vec<&String> = unlisted
            .filter(|assumption| assumption.starts_with("principal:"))
            .collect();
        if !unlisted.is_empty() {
            expect.insert("assumptions".to_owned(), json!(unlisted));
        }
        if answer
            .warnings
            .iter()
            .any(|warning| warning.code == "UNKNOWN_ACTION")
        {
            expect.insert("warnings".to_owned(), json!(["UNKNOWN_ACTION"]));
        }
    }
    Value::Object(expect)
}

/// A scenario as the engine has it.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) engine: Engine,
    pub(crate) request: Request,
}

impl Read {
    /// Reads both documents; `None` if one is refused.
    pub(crate) fn of(snapshot: &Value, request: &Value) -> Option<Read> {
        Some(Read {
            engine: read::engine(snapshot).ok()?,
            request: read::request(request).ok()?,
        })
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.engine.decide(&self.request)
    }
}

/// True for an answer that nothing open can change.
pub(crate) fn is_definite(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Depends | Verdict::Invalid)
}

/// True if an answer still stands after something open was settled. What denies because nothing allows may turn out to
/// be denied by a statement as well (IAM-EVAL-26); nothing else may change.
pub(crate) fn stands(before: Verdict, after: Verdict) -> bool {
    before == after || (before == Verdict::ImplicitDeny && after == Verdict::ExplicitDeny)
}

/// What has to come of a question whose answer was definite before, in the words of test files.
pub(crate) fn still(before: Verdict) -> &'static str {
    match before {
        Verdict::ImplicitDeny => "deny",
        other => other.name(),
    }
}
