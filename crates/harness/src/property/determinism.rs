//! The same question has the same answer, to the last word. Rule: IAM-RSN-1.

use preclear_simulator::{Detail, Engine, Request, Verdict};

use super::{Failed, Tally, World};
use crate::choose::Choose;
use crate::scenario::{Asked, Read, Scenario, Violation};
use crate::world::read;

/// Requests asked about one world.
const REQUESTS: usize = 12;

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    // Maps of another engine have another order.
    let twin = read::engine(&world.document)
        .map_err(|errors| Violation::refused("snapshot", &world.document, &errors))?;
    for _ in 0..REQUESTS {
        let (document, request) = world.request(choices)?;
        let (answer, text) = told(&world.engine, &request);
        let (_, again) = told(&twin, &request);
        tally.checks += 1;
        tally.count(request.mode, answer);
        if text == again {
            continue;
        }
        let scenario = Scenario {
            snapshot: world.document,
            request: document,
            ..Scenario::default()
        };
        return Err(Failed::of(scenario, differ(&text, &again)));
    }
    Ok(())
}

fn told(engine: &Engine, request: &Request) -> (Verdict, String) {
    let answer = engine.explain(request, Detail::Full);
    (answer.verdict, format!("{answer:?}"))
}

/// The place where the answers part.
fn differ(one: &str, other: &str) -> Violation {
    const SHOWN: usize = 120;
    let same = one
        .chars()
        .zip(other.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let around = |text: &str| -> String {
        text.chars()
            .skip(same.saturating_sub(SHOWN / 2))
            .take(SHOWN)
            .collect()
    };
    Violation::new(format!(
        "asked twice, the answer is told as `{}` and as `{}` (IAM-RSN-1)",
        around(one),
        around(other)
    ))
}

/// Maps may happen to have the same order, so it is tried more than once.
const TRIES: usize = 8;

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let first = Read::of(&scenario.snapshot, &scenario.request)?;
    let (verdict, text) = told(&first.engine, &first.request);
    let other = (0..TRIES).find_map(|_| {
        let other = Read::of(&scenario.snapshot, &scenario.request)?;
        let (_, other) = told(&other.engine, &other.request);
        (other != text).then_some(other)
    })?;
    let asked = Asked::of(scenario, "asked twice", verdict.name());
    Some(differ(&text, &other).shown_by(vec![asked]))
}
