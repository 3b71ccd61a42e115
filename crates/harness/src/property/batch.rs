//! Many requests at once have the answers of each by itself, whatever the number of threads.
//!
//! Worlds get twins, as for matrices, and requests are put together from the parts of a few: so most requests are like others in what
//! decisions read, or just not.

use std::sync::LazyLock;

use preclear_simulator::{Detail, Engine, Request, Verdict};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::{Value, json};

use super::{Failed, Tally, World, matrix};
use crate::choose::Choose;
use crate::scenario::{Asked, Scenario, Violation};
use crate::world::read;

/// Requests of the world, and those put together from their parts and from twins.
const REQUESTS: usize = 12;
const MIXED: usize = 72;
/// Twins that are tried of each kind.
const TWINS: usize = 3;
/// Requests that are asked about one world: few are decided each by itself.
const ASKED: usize = 320;
/// Those that are explained as well.
const EXPLAINED: usize = 12;

/// Pools of one, two and three threads; fewer where no more can be started.
static POOLS: LazyLock<Vec<ThreadPool>> = LazyLock::new(|| {
    let pools = (1..=3).map(|threads| ThreadPoolBuilder::new().num_threads(threads).build());
    pools.filter_map(Result::ok).collect()
});

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    let mut snapshot = world.document.clone();
    let mut documents = Vec::new();
    for _ in 0..REQUESTS {
        documents.push(world.request(choices)?.0);
    }
    let mut twins: Vec<(&str, Value)> = Vec::new();
    for kind in ["keys", "principals", "resources"] {
        let member = if kind == "principals" {
            "principal"
        } else {
            "resource"
        };
        for number in 0..TWINS {
            let arn = matrix::add_twin(choices, &mut snapshot, kind, number);
            twins.extend(arn.map(|arn| (member, json!(arn))));
        }
    }
    for _ in 0..MIXED {
        let mixed = mixed(choices, &documents, &twins);
        documents.extend(mixed);
    }
    let scenario = Scenario {
        snapshot,
        request: json!({"requests": documents}),
        ..Scenario::default()
    };
    let Some(tried) = Tried::of(&scenario) else {
        return Ok(());
    };
    for request in &tried.requests {
        tally.checks += 1;
        tally.count(request.mode, tried.engine.decide(request));
    }
    match tried.violation() {
        None => Ok(()),
        Some(violation) => Err(Failed::of(scenario, violation)),
    }
}

/// The rest of one of the first requests, with caller, question and resource of others.
fn mixed(choices: &mut impl Choose, documents: &[Value], twins: &[(&str, Value)]) -> Option<Value> {
    let pick = |choices: &mut _| {
        let at = Choose::below(choices, REQUESTS.min(documents.len()));
        documents.get(at)
    };
    // Few are met often.
    let mut mixed = pick(choices)?.clone();
    let members = mixed.as_object_mut()?;
    for member in ["principal", "action", "resource"] {
        let of_kind: Vec<&Value> = twins
            .iter()
            .filter(|(kind, _)| *kind == member)
            .map(|(_, value)| value)
            .collect();
        let value = if !of_kind.is_empty() && choices.once_in(2) {
            of_kind.get(choices.below(of_kind.len())).copied()
        } else {
            pick(choices)?.get(member)
        };
        if let Some(value) = value {
            if member == "action" {
                members.remove("operation");
            }
            members.insert(member.to_owned(), value.clone());
        }
    }
    Some(mixed)
}

/// Requests about one world.
struct Tried<'s> {
    scenario: &'s Scenario,
    engine: Engine,
    documents: Vec<&'s Value>,
    requests: Vec<Request>,
}

impl<'s> Tried<'s> {
    /// `None` where the world is refused. Requests that are refused are left out.
    fn of(scenario: &'s Scenario) -> Option<Self> {
        let engine = read::engine(&scenario.snapshot).ok()?;
        let (mut documents, mut requests) = (Vec::new(), Vec::new());
        for document in scenario.request.get("requests")?.as_array()? {
            if let Ok(request) = read::request(document) {
                documents.push(document);
                requests.push(request);
            }
        }
        (!requests.is_empty()).then_some(Self {
            scenario,
            engine,
            documents,
            requests,
        })
    }

    fn violation(&self) -> Option<Violation> {
        let alone: Vec<Verdict> = self
            .requests
            .iter()
            .map(|one| self.engine.decide(one))
            .collect();
        let many = self
            .requests
            .iter()
            .cycle()
            .take(ASKED.max(self.requests.len()));
        let many: Vec<Request> = many.cloned().collect();
        let mut decider = self.engine.decider();
        let one_by_one: Vec<Verdict> = many.iter().rev().map(|one| decider.decide(one)).collect();
        let one_by_one: Vec<Verdict> = one_by_one.into_iter().rev().collect();
        if let Some(found) = self.told(&alone, &one_by_one, "verdicts of one decider") {
            return Some(found);
        }
        POOLS.iter().find_map(|pool| {
            let threads = pool.current_num_threads();
            let decided = pool.install(|| self.engine.decide_all(&many));
            let few = self.requests.get(..EXPLAINED).unwrap_or(&self.requests);
            let explained = pool.install(|| self.engine.explain_all(few, Detail::Reasons));
            let explained: Vec<Verdict> = explained.iter().map(|answer| answer.verdict).collect();
            let lacks_some = decided.len() != many.len() || explained.len() != few.len();
            let lacking = || Violation::new(format!("answers are missing, on {threads} threads"));
            lacks_some
                .then(lacking)
                .or_else(|| {
                    self.told(
                        &alone,
                        &decided,
                        &format!("verdicts of many, on {threads} threads,"),
                    )
                })
                .or_else(|| {
                    self.told(
                        &alone,
                        &explained,
                        &format!("explanations of many, on {threads} threads,"),
                    )
                })
        })
    }

    /// The first request that is answered otherwise among many.
    fn told(&self, alone: &[Verdict], found: &[Verdict], what: &str) -> Option<Violation> {
        let mut pairs = alone.iter().cycle().zip(found);
        let place = pairs.position(|(alone, found)| alone != found)?;
        let (own, other) = (alone.get(place % alone.len())?, found.get(place)?);
        let document = *self.documents.get(place % alone.len())?;
        let message = format!(
            "{what} differ from single answers: {other} in place of {own} for {document}; asked are {}",
            self.scenario.request
        );
        Some(Violation::new(message).shown_by(vec![Asked {
            snapshot: self.scenario.snapshot.clone(),
            request: document.clone(),
            name: "by itself",
            expected: own.name(),
        }]))
    }
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    Tried::of(scenario)?.violation()
}

/// Members of documents as texts.
pub(super) fn text<'v>(document: &'v Value, member: &str) -> Option<&'v str> {
    document.get(member)?.as_str()
}
