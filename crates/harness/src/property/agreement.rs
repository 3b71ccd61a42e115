//! The verdict alone and the full explanation come to the same answer.

use preclear_simulator::{AmbiguityMode, ContextMode, Detail, Engine, Request, Verdict};

use super::given::OfOneAnswer;
use super::{Failed, Tally, World};
use crate::choose::Choose;
use crate::scenario::{Asked, Read, Scenario, Violation};

/// Requests asked about one world.
const REQUESTS: usize = 24;

/// Modes in which every request can be asked.
pub const MODES: [(ContextMode, AmbiguityMode); 6] = [
    (ContextMode::Open, AmbiguityMode::Report),
    (ContextMode::Open, AmbiguityMode::Guess),
    (ContextMode::Open, AmbiguityMode::Failsafe),
    (ContextMode::Closed, AmbiguityMode::Report),
    (ContextMode::Closed, AmbiguityMode::Guess),
    (ContextMode::Closed, AmbiguityMode::Failsafe),
];

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    for _ in 0..REQUESTS {
        let (document, request) = world.request(choices)?;
        OfOneAnswer::Agreement.hold(&world, &document, &request, tally)?;
    }
    Ok(())
}

/// The verdict alone, and what is wrong with it.
pub(super) fn found(engine: &Engine, request: &Request) -> (Verdict, Option<Violation>) {
    let (short, full) = both(engine, request, Detail::Reasons);
    (short, (short != full).then(|| differ(short, full)))
}

fn both(engine: &Engine, request: &Request, detail: Detail) -> (Verdict, Verdict) {
    (
        engine.decide(request),
        engine.explain(request, detail).verdict,
    )
}

fn differ(short: Verdict, full: Verdict) -> Violation {
    Violation::new(format!(
        "the verdict alone is {short}, that of the explanation {full}"
    ))
}

/// Asks the request in some of the [`MODES`]: what it disagrees on, if it does.
#[must_use]
pub fn disagreement(
    engine: &Engine,
    request: &Request,
    modes: impl IntoIterator<Item = (ContextMode, AmbiguityMode)>,
) -> Option<String> {
    let mut request = request.clone();
    modes.into_iter().find_map(|(mode, ambiguity)| {
        (request.mode, request.ambiguity) = (mode, ambiguity);
        let (short, full) = both(engine, &request, Detail::Reasons);
        let found = differ(short, full).message;
        (short != full).then(|| format!("{found}, {mode:?}, {ambiguity:?}"))
    })
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let read = Read::of(&scenario.snapshot, &scenario.request)?;
    let (short, full) = both(&read.engine, &read.request, Detail::Full);
    let asked = Asked::of(scenario, "the verdict alone", short.name());
    (short != full).then(|| differ(short, full).shown_by(vec![asked]))
}
