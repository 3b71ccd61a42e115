//! The engine answers as the reference evaluator does, in every mode. Rule: IAM-EVAL-26, KMS-DEC-0.
//!
//! Where an answer is found case by case only, a deny may be of one kind in some cases and of the other in others; no rule
//! says which kind it then is, so that either will do.

use preclear_simulator::{Engine, Request, Snapshot, Verdict};

use super::agreement::MODES;
use super::{Failed, Tally, World};
use crate::choose::Choose;
use crate::reference;
use crate::scenario::{Asked, Read, Scenario, Violation};
use crate::world::read;

/// Requests asked about one world.
const REQUESTS: usize = 24;

/// Two answers that are not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The engine's.
    pub engine: Verdict,
    /// The reference evaluator's.
    pub reference: reference::Answer,
}

/// Asks both; `None` where they agree.
#[must_use]
pub fn difference(engine: &Engine, snapshot: &Snapshot, request: &Request) -> Option<Difference> {
    let found = Difference {
        engine: engine.decide(request),
        reference: reference::decide(snapshot, request),
    };
    (!found.is_agreed()).then_some(found)
}

impl Difference {
    /// Rule: IAM-TRI-10.
    fn is_agreed(self) -> bool {
        let Difference { engine, reference } = self;
        let is_by_cases = reference.plain == Verdict::Depends;
        let are_denies = engine.is_deny() && reference.verdict.is_deny();
        engine == reference.verdict || is_by_cases && are_denies
    }
}

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    let snapshot = read::snapshot(&world.document)
        .map_err(|errors| Violation::refused("snapshot", &world.document, &errors))?;
    for _ in 0..REQUESTS {
        let (mut document, mut request) = world.request(choices)?;
        for (mode, ambiguity) in MODES {
            (request.mode, request.ambiguity) = (mode, ambiguity);
            tally.checks += 1;
            tally.count(request.mode, world.engine.decide(&request));
            let Some(found) = difference(&world.engine, &snapshot, &request) else {
                continue;
            };
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

fn told(found: Difference) -> Violation {
    let Difference { engine, reference } = found;
    Violation::new(format!(
        "the engine answers {engine}, the reference {} ({} without cases)",
        reference.verdict, reference.plain
    ))
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let read = Read::of(&scenario.snapshot, &scenario.request)?;
    let snapshot = read::snapshot(&scenario.snapshot).ok()?;
    let found = difference(&read.engine, &snapshot, &read.request)?;
    let expected = found.reference.verdict.name();
    let asked = Asked::of(scenario, "as the reference answers", expected);
    Some(told(found).shown_by(vec![asked]))
}
