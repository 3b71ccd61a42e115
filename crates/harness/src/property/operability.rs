//! Whether a key works is asked after the decision, and never changes it. Rule: KMS-STATE-1.

use preclear_catalog::kms::KeyState;
use preclear_simulator::{Code, Detail, Engine, Request, Verdict};
use serde_json::{Value, json};

use super::{Failed, Tally, World};
use crate::choose::Choose;
use crate::scenario::{Asked, Read, Scenario, Violation};
use crate::world::read;

/// Requests asked about one world.
const REQUESTS: usize = 8;

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    let state = KeyState::ALL[choices.below(KeyState::ALL.len())];
    let changed = with_state(&world.document, state);
    let engine = read::engine(&changed)
        .map_err(|errors| Violation::refused("snapshot in another state", &changed, &errors))?;
    for _ in 0..REQUESTS {
        let (document, request) = world.request(choices)?;
        let (before, after) = (
            decision(&world.engine, &request),
            decision(&engine, &request),
        );
        tally.checks += 1;
        tally.count(request.mode, before.0);
        if before == after {
            continue;
        }
        let scenario = Scenario {
            snapshot: world.document,
            request: document,
            ..Scenario::default()
        };
        return Err(Failed::of(scenario, differs(before, after, state)));
    }
    Ok(())
}

/// Verdict and first reason.
type Decision = (Verdict, Option<Code>);

fn decision(engine: &Engine, request: &Request) -> Decision {
    let answer = engine.explain(request, Detail::Reasons);
    (answer.verdict, answer.primary.map(|reason| reason.code))
}

fn differs(before: Decision, after: Decision, state: KeyState) -> Violation {
    Violation::new(format!(
        "{before:?} turns into {after:?} when the keys are {} (KMS-STATE-1)",
        state.name()
    ))
}

/// The snapshot with every key in this state.
fn with_state(snapshot: &Value, state: KeyState) -> Value {
    let mut changed = snapshot.clone();
    for key in changed["keys"].as_array_mut().into_iter().flatten() {
        key["state"] = json!(state.name());
    }
    changed
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let Read { engine, request } = Read::of(&scenario.snapshot, &scenario.request)?;
    let before = decision(&engine, &request);
    KeyState::ALL.into_iter().find_map(|state| {
        let snapshot = with_state(&scenario.snapshot, state);
        let after = decision(&read::engine(&snapshot).ok()?, &request);
        let changed = Scenario {
            snapshot,
            request: scenario.request.clone(),
            ..Scenario::default()
        };
        let asked = vec![
            Asked::of(scenario, "as the keys are", before.0.name()),
            Asked::of(&changed, "in another state", before.0.name()),
        ];
        (before != after).then(|| differs(before, after, state).shown_by(asked))
    })
}
