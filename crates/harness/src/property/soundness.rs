//! A definite answer survives every completion. Rule: IAM-TRI-6, IAM-TRI-8, IAM-EVAL-26.

use preclear_simulator::{AmbiguityMode, Ask, Code, Detail, Engine, Request, Verdict};
use serde_json::Value;

use super::{Failed, Tally, World};
use crate::choose::Choose;
use crate::completion::{self, Fill};
use crate::open::{Opening, is_settled, openings};
use crate::scenario::{Asked, Read, Scenario, Violation, is_definite, stands, still};
use crate::world::mentioned::Mentioned;
use crate::world::read;

/// Requests asked about one world.
const REQUESTS: usize = 4;
/// Completions of one question that leave the snapshot as it is: these need no new engine.
const COMPLETIONS: usize = 12;
/// Completions of one question that fill the snapshot.
const SNAPSHOT_COMPLETIONS: usize = 2;

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    for _ in 0..REQUESTS {
        let (document, request) = world.request(choices)?;
        let verdict = world.engine.decide(&request);
        tally.count(request.mode, verdict);
        if !is_definite(verdict) {
            continue;
        }
        let question = Question {
            world: &world,
            document: &document,
            request: &request,
            verdict,
        };
        question.ask_in_other_modes(tally)?;
        question.complete(choices, tally)?;
    }
    Ok(())
}

/// A question with a definite answer.
struct Question<'a> {
    world: &'a World,
    document: &'a Value,
    request: &'a Request,
    verdict: Verdict,
}

impl Question<'_> {
    /// An answer that no ambiguity leaves open is the same however ambiguities are read.
    fn ask_in_other_modes(&self, tally: &mut Tally) -> Result<(), Box<Failed>> {
        if self.request.ambiguity != AmbiguityMode::Report {
            return Ok(());
        }
        let engine = &self.world.engine;
        tally.checks += 2;
        if differing_mode(engine, self.request, self.verdict).is_none() {
            return Ok(());
        }
        self.confirmed(Vec::new())
    }

    /// The failure, unless what looked like a change is none.
    fn confirmed(&self, fills: Vec<Fill>) -> Result<(), Box<Failed>> {
        let failed = self.failed(fills);
        match failed.scenario.as_ref().and_then(violation) {
            Some(_) => Err(failed),
            None => Ok(()),
        }
    }

    fn complete(&self, choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
        let mentioned = self.world.mentioned(self.document);
        let snapshot = self.world.engine.snapshot();
        let openings = openings(snapshot, self.request, mentioned.keys());
        let (of_snapshot, of_request): (Vec<&Opening>, Vec<&Opening>) = openings
            .iter()
            .partition(|opening| opening.is_of_snapshot());
        let count = if of_request.is_empty() {
            0
        } else {
            COMPLETIONS
        };
        for _ in 0..count {
            self.try_completion(choices, tally, &openings, &mentioned, false)?;
        }
        let count = if of_snapshot.is_empty() {
            0
        } else {
            SNAPSHOT_COMPLETIONS
        };
        for _ in 0..count {
            self.try_completion(choices, tally, &openings, &mentioned, true)?;
        }
        Ok(())
    }

    fn try_completion(
        &self,
        choices: &mut impl Choose,
        tally: &mut Tally,
        openings: &[Opening],
        mentioned: &Mentioned,
        fills_snapshot: bool,
    ) -> Result<(), Box<Failed>> {
        let fills = completion::draw(
            choices,
            openings,
            mentioned,
            action_of(self.request),
            fills_snapshot,
        );
        if fills.is_empty() {
            return Ok(());
        }
        let mut request = self.document.clone();
        // Most completions leave the snapshot alone, and it is large.
        let mut snapshot = Lazy::Same;
        let changed = snapshot.apply(&self.world.document, &fills, &mut request);
        let read = read::request(&request)
            .map_err(|errors| Violation::refused("completed request", &request, &errors))?;
        tally.checks += 1;
        let after = match &snapshot {
            Lazy::Changed(document) if changed => {
                let engine = read::engine(document).map_err(|errors| {
                    Violation::refused("completed snapshot", document, &errors)
                })?;
                engine.decide(&read)
            }
            _ => self.world.engine.decide(&read),
        };
        if stands(self.verdict, after) {
            return Ok(());
        }
        self.confirmed(fills)
    }

    fn failed(&self, fills: Vec<Fill>) -> Box<Failed> {
        let scenario = Scenario {
            snapshot: self.world.document.clone(),
            request: self.document.clone(),
            fills,
            ..Scenario::default()
        };
        let message = format!("the answer {} changes when it is completed", self.verdict);
        Failed::of(scenario, Violation::new(message))
    }
}

/// The snapshot of a completion, copied only where the completion changes it.
enum Lazy {
    Same,
    Changed(Value),
}

impl Lazy {
    fn apply(&mut self, document: &Value, fills: &[Fill], request: &mut Value) -> bool {
        if !completion::changes_snapshot(fills) {
            // What is filled in is of the request alone.
            completion::apply(fills, &mut Value::Null, request);
            return false;
        }
        let mut copy = document.clone();
        let changed = completion::apply(fills, &mut copy, request);
        *self = Lazy::Changed(copy);
        changed
    }
}

fn action_of(request: &Request) -> &str {
    let (Ask::Action(action) | Ask::Operation(action)) = &request.ask;
    action
}

/// The mode of ambiguities in which the answer is another one.
fn differing_mode(
    engine: &Engine,
    request: &Request,
    verdict: Verdict,
) -> Option<(&'static str, Verdict)> {
    let modes = [
        ("guess", AmbiguityMode::Guess),
        ("failsafe", AmbiguityMode::Failsafe),
    ];
    modes.into_iter().find_map(|(name, mode)| {
        let mut request = request.clone();
        request.ambiguity = mode;
        let other = engine.decide(&request);
        (!stands(verdict, other)).then_some((name, other))
    })
}

/// How the scenario fails, if it does.
pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let before = Read::of(&scenario.snapshot, &scenario.request)?;
    let verdict = before.verdict();
    if !is_definite(verdict) {
        return None;
    }
    let (snapshot, request, after, cause) = if scenario.fills.is_empty() {
        if before.request.ambiguity != AmbiguityMode::Report {
            return None;
        }
        let (mode, after) = differing_mode(&before.engine, &before.request, verdict)?;
        // `failsafe` reads each test for itself: of one case it may deny what both readings allow (IAM-TRI-8).
        let is_vaguer =
            after == Verdict::ImplicitDeny || (mode == "failsafe" && after == Verdict::Depends);
        if is_vaguer && leaves_cases_open(&before, &[], None) {
            return None;
        }
        let mut request = scenario.request.clone();
        request["ambiguity"] = Value::from(mode);
        let cause = format!("ambiguities are read as `{mode}`");
        (scenario.snapshot.clone(), request, after, cause)
    } else {
        is_completion(scenario, &before)?;
        let (mut snapshot, mut request) = (scenario.snapshot.clone(), scenario.request.clone());
        completion::apply(&scenario.fills, &mut snapshot, &mut request);
        let completed = Read::of(&snapshot, &request)?;
        let after = completed.verdict();
        if verdict.is_deny() && is_restricted_by_sts(&completed) {
            return None;
        }
        if after == Verdict::ImplicitDeny
            && leaves_cases_open(&before, &scenario.fills, Some(&completed))
        {
            return None;
        }
        (
            snapshot,
            request,
            after,
            "what is open is filled in".to_owned(),
        )
    };
    if stands(verdict, after) {
        return None;
    }
    let completed = Scenario {
        snapshot,
        request,
        ..Scenario::default()
    };
    let asked = vec![
        Asked::of(scenario, "as asked", verdict.name()),
        Asked::of(&completed, "completed", still(verdict)),
    ];
    let message = format!("{verdict} turns into {after} where {cause} (IAM-TRI-6)");
    Some(Violation::new(message).shown_by(asked))
}

/// True if STS denies by itself, before any policy is asked: then no statement counts (IAM-EVAL-24). Where it is open
/// whether it does, a deny is certain, but not which kind of deny.
fn is_restricted_by_sts(read: &Read) -> bool {
    let answer = read.engine.explain(&read.request, Detail::Reasons);
    let primary = answer.primary.map(|reason| reason.code);
    answer.verdict.is_deny() && primary == Some(Code::StsRestriction)
}

/// True if the answer was found case by case (IAM-TRI-10) and the key of the cases stays open. Then some statement denies
/// in each case, and where the rest denies as well nobody asks which.
///
/// A key of the network stays open though it has a value, as long as it is open whether a service calls on (IAM-PRIN-13).
fn leaves_cases_open(before: &Read, fills: &[Fill], completed: Option<&Read>) -> bool {
    let answer = before.engine.explain(&before.request, Detail::Reasons);
    let is_settled = |key: &str| {
        completed.is_none_or(|read| is_settled(read.engine.snapshot(), &read.request, key))
    };
    let is_filled = |key: &str| {
        let mut fills = fills.iter();
        let is_filled = fills.any(|fill| match &fill.opening {
            Opening::Key(filled, _) => filled.eq_ignore_ascii_case(key),
            _ => false,
        });
        is_filled && is_settled(key)
    };
    answer
        .refined
        .iter()
        .any(|refined| !is_filled(&refined.key))
}

/// Holds if everything that is filled in is open.
fn is_completion(scenario: &Scenario, before: &Read) -> Option<()> {
    let keys = scenario
        .fills
        .iter()
        .filter_map(|fill| match &fill.opening {
            Opening::Key(key, _) => Some(key.as_str()),
            _ => None,
        });
    let open = openings(before.engine.snapshot(), &before.request, keys);
    let mut fills = scenario.fills.iter();
    fills.all(|fill| open.contains(&fill.opening)).then_some(())
}
