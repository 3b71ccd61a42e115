//! The engine answers as the reference evaluator does, in every mode. Rule: IAM-EVAL-26, KMS-DEC-0.
//!
//! Where one of them leaves open what the other answers, its answers to completions must be the other's (`completed`). Where an answer is found case by case only, a deny may be of one kind in some cases and of the other in others; no rule
//! says which kind it then is, so that either will do.

use preclear_simulator::{Engine, Request, Verdict};
use serde_json::Value;

use super::agreement::MODES;
use super::{Failed, Tally, World, completed};
use crate::choose::Choose;
use crate::reference;
use crate::scenario::{Asked, Read, Scenario, Violation};

/// Requests asked about one world.
const REQUESTS: usize = 24;

/// The answers of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answers {
    /// The engine's.
    pub engine: Verdict,
    /// The reference evaluator's.
    pub reference: reference::Answer,
}

/// Asks both.
#[must_use]
pub fn answers(engine: &Engine, request: &Request) -> Answers {
    Answers {
        engine: engine.decide(request),
        reference: reference::decide(engine.snapshot(), request),
    }
}

impl Answers {
    /// True if they agree. Rule: IAM-TRI-6, IAM-TRI-10.
    #[must_use]
    pub fn are_agreed(self) -> bool {
        let Answers { engine, reference } = self;
        let is_of_cases = reference.plain == Verdict::Depends;
        let are_denies = engine.is_deny() && reference.verdict.is_deny();
        engine == reference.verdict || is_of_cases && are_denies
    }
}

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    for _ in 0..REQUESTS {
        let (mut document, mut request) = world.request(choices)?;
        for (mode, ambiguity) in MODES {
            (request.mode, request.ambiguity) = (mode, ambiguity);
            tally.checks += 1;
            let found = answers(&world.engine, &request);
            tally.count(request.mode, found.engine);
            if found.are_agreed()
                || completed::is_confirmed(
                    found,
                    &world.engine,
                    &world.document,
                    &document,
                    &request,
                )
            {
                continue;
            }
            document["mode"] = super::mode_name(mode).into();
            document["ambiguity"] = super::ambiguity_name(ambiguity).into();
            let scenario = Scenario {
                snapshot: world.document,
                request: document,
                ..Scenario::default()
            };
            return Err(Failed::of(scenario, told(found)));
        }
    }
    Ok(())
}

/// Where both do not agree about a request of a document, in the first mode in which they do not.
#[must_use]
pub fn answers_in_every_mode(
    engine: &Engine,
    snapshot: &Value,
    document: &Value,
    request: &Request,
) -> Option<String> {
    differences_in_every_mode(engine, request, |found, request| {
        completed::is_confirmed(found, engine, snapshot, document, request)
    })
}

/// The same without documents, but for differences that are to be passed over.
#[must_use]
pub fn differences_in_every_mode(
    engine: &Engine,
    request: &Request,
    is_passed_over: impl Fn(Answers, &Request) -> bool,
) -> Option<String> {
    let mut request = request.clone();
    MODES.into_iter().find_map(|(mode, ambiguity)| {
        (request.mode, request.ambiguity) = (mode, ambiguity);
        let found = answers(engine, &request);
        let names = [super::mode_name(mode), super::ambiguity_name(ambiguity)];
        (!found.are_agreed() && !is_passed_over(found, &request))
            .then(|| format!("{names:?}: {}", told(found).message))
    })
}

/// What is wrong with answers that do not agree.
pub(super) fn told(found: Answers) -> Violation {
    let Answers { engine, reference } = found;
    Violation::new(format!(
        "the engine answers {engine}, the reference {} ({} without cases)",
        reference.verdict, reference.plain
    ))
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let read = Read::of(&scenario.snapshot, &scenario.request)?;
    let found = answers(&read.engine, &read.request);
    let is_confirmed = || {
        let (snapshot, request) = (&scenario.snapshot, &scenario.request);
        completed::is_confirmed(found, &read.engine, snapshot, request, &read.request)
    };
    if found.are_agreed() || is_confirmed() {
        return None;
    }
    let expected = found.reference.verdict.name();
    let asked = Asked::of(scenario, "as the reference answers", expected);
    Some(told(found).shown_by(vec![asked]))
}
