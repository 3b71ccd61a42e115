//! Looks at the questions that generators make.

use super::Exercised;
use crate::choose::{Choose, Exhaustive, Seeded};
use crate::property::agreement::MODES;
use crate::world::{self, Ground, read};

/// Questions looked at in one drawn world.
const QUESTIONS: usize = 24;

/// Looks at a drawn world: each of its requests in one of the modes, one after the other.
///
/// A world that the reader refuses is passed over; that generators make none is asked elsewhere.
pub fn drawn(seed: u64, exercised: &mut Exercised) {
    let mut choices = Seeded::new(seed);
    let snapshot = world::snapshot(&mut choices);
    let Ok(engine) = read::engine(&snapshot) else {
        return;
    };
    let ground = Ground::of(&snapshot);
    for (_, (mode, ambiguity)) in (0..QUESTIONS).zip(MODES.into_iter().cycle()) {
        let document = world::request_on(&mut choices, &snapshot, &ground);
        if let Ok(mut request) = read::request(&document) {
            (request.mode, request.ambiguity) = (mode, ambiguity);
            exercised.look(&engine, &request);
        }
    }
}

/// Looks at a world of the small family, with every question in one of its modes.
pub fn small(choices: &mut impl Choose, strength: usize, exercised: &mut Exercised) {
    let small = world::small::world(choices, strength);
    let Ok(engine) = read::engine(&small.snapshot) else {
        return;
    };
    let questions = Exhaustive::new().values(|choices| small.question(choices));
    for (nth, question) in questions.enumerate() {
        let modes = question.modes;
        let mode = modes.get(nth % modes.len().max(1)).copied();
        if let (Some((mode, ambiguity)), Ok(mut request)) = (mode, read::request(&question.request))
        {
            (request.mode, request.ambiguity) = (mode, ambiguity);
            exercised.look(&engine, &request);
        }
    }
}
