//! Many requests at once have the answers of each by itself, whatever the number of threads.

use std::sync::LazyLock;

use preclear_simulator::{Detail, Engine, Request, Verdict};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::Value;

use super::{Failed, Tally, World};
use crate::choose::Choose;
use crate::scenario::{Asked, Read, Scenario, Violation};

/// Requests asked about one world.
const REQUESTS: usize = 24;
/// How often they are repeated: few requests are not shared out.
const ROUNDS: usize = 6;

/// Pools of one, two and three threads; fewer where no more can be started.
static POOLS: LazyLock<Vec<ThreadPool>> = LazyLock::new(|| {
    let pools = (1..=3).map(|threads| ThreadPoolBuilder::new().num_threads(threads).build());
    pools.filter_map(Result::ok).collect()
});

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    let mut documents = Vec::new();
    let mut requests = Vec::new();
    for _ in 0..REQUESTS {
        let (document, request) = world.request(choices)?;
        documents.push(document);
        requests.push(request);
    }
    for request in &requests {
        tally.checks += 1;
        tally.count(request.mode, world.engine.decide(request));
    }
    match difference(&world.engine, &requests) {
        None => Ok(()),
        Some((place, message)) => {
            let scenario = Scenario {
                snapshot: world.document,
                request: documents.swap_remove(place),
                ..Scenario::default()
            };
            Err(Failed::of(scenario, Violation::new(message)))
        }
    }
}

/// The first request that is answered otherwise among many.
fn difference(engine: &Engine, requests: &[Request]) -> Option<(usize, String)> {
    let many: Vec<Request> = (0..ROUNDS).flat_map(|_| requests.to_vec()).collect();
    let alone: Vec<Verdict> = many.iter().map(|request| engine.decide(request)).collect();
    POOLS.iter().find_map(|pool| {
        let threads = pool.current_num_threads();
        let decided = pool.install(|| engine.decide_all(&many));
        let explained = pool.install(|| engine.explain_all(requests, Detail::Reasons));
        let explained: Vec<Verdict> = explained.iter().map(|answer| answer.verdict).collect();
        let told = |found: &[Verdict], what: &str| {
            let mut pairs = alone.iter().zip(found);
            let place = pairs.position(|(alone, found)| alone != found)?;
            let message = format!("{what} differ from single answers, on {threads} threads");
            Some((place % requests.len(), message))
        };
        let lacks_some = decided.len() != many.len() || explained.len() != requests.len();
        let lacking = lacks_some.then(|| (0, format!("answers are missing, on {threads} threads")));
        lacking
            .or_else(|| told(&decided, "verdicts of many"))
            .or_else(|| told(&explained, "explanations of many"))
    })
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let read = Read::of(&scenario.snapshot, &scenario.request)?;
    let (_, message) = difference(&read.engine, std::slice::from_ref(&read.request))?;
    let asked = Asked::of(scenario, "by itself", read.verdict().name());
    Some(Violation::new(message).shown_by(vec![asked]))
}

/// Members of documents as texts.
pub(super) fn text<'v>(document: &'v Value, member: &str) -> Option<&'v str> {
    document.get(member)?.as_str()
}
