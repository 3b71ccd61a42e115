//! A statement of which a part is not determined leaves open what hangs on it, and nothing else. Rule: IAM-TRI-6, IAM-TRI-7.
//!
//! Worlds are those of all properties; then some statements are said to be open. A definite answer is that of every world in which they
//! are determined: as they stand, narrower, or gone. Engine and reference answer alike, what is open is named, and a snapshot that is
//! written and read again says the same. Who can and matrices are tried on some of these worlds.

mod opened;
mod replaced;

use preclear_inputs::normal;
use preclear_simulator::{Detail, Engine, Explanation, Request, Verdict};
use serde_json::Value;

use self::opened::{open_in_request, open_in_snapshot};
use self::replaced::replaced;
use super::agreement::MODES;
use super::{Failed, Tally, World, completed, dependencies, matrix, reference, who_can};
use crate::choose::Choose;
use crate::scenario::{Asked, Scenario, Violation, is_definite, stands, still};
use crate::world::read;

/// Requests asked about one world.
const REQUESTS: usize = 16;
/// Worlds in which the open statements of one are determined.
const ROUNDS: usize = 8;
/// Of so many worlds one is asked who can, and one has a matrix.
const SELDOM: usize = 8;

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    let mut requests = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let (mut document, mut request) = world.request(choices)?;
        let (mode, ambiguity) = choices.one_of(&MODES).unwrap_or(MODES[0]);
        (request.mode, request.ambiguity) = (mode, ambiguity);
        document["mode"] = super::mode_name(mode).into();
        document["ambiguity"] = super::ambiguity_name(ambiguity).into();
        requests.push(document);
    }
    let mut of_many = Vec::new();
    if choices.once_in(SELDOM) {
        of_many.push(who_can::scenario(choices, &world)?);
    }
    if choices.once_in(SELDOM) {
        of_many.push(matrix::scenario(choices, &world)?);
    }
    for mut scenario in of_many {
        open_in_snapshot(choices, &mut scenario.snapshot);
        tally.checks += 1;
        if let Some(violation) = of_many_answers(&scenario) {
            return Err(Failed::of(scenario, violation));
        }
    }
    let mut snapshot = world.document;
    open_in_snapshot(choices, &mut snapshot);
    let seed = choices.below(1 << 16) as u64;
    let world = Opened::of(&snapshot, seed).map_err(|errors| {
        Violation::refused("snapshot with open statements", &snapshot, &errors)
    })?;
    for mut document in requests {
        if choices.once_in(4) {
            open_in_request(choices, &mut document);
        }
        let request = read::request(&document)
            .map_err(|errors| Violation::refused("request", &document, &errors))?;
        tally.count(request.mode, world.engine.decide(&request));
        tally.checks += world.replaced.len() as u64;
        if let Some(violation) = world.violation(&document, &request) {
            let scenario = Scenario {
                snapshot,
                request: document,
                seed,
                ..Scenario::default()
            };
            return Err(Failed::of(scenario, violation));
        }
    }
    Ok(())
}

/// A world with open statements, and worlds in which they are determined.
struct Opened<'d> {
    document: &'d Value,
    seed: u64,
    engine: Engine,
    /// Written and read again.
    again: Engine,
    /// Each with its number and its document; what the grammar refuses is left out.
    replaced: Vec<(usize, Value, Engine)>,
}

impl<'d> Opened<'d> {
    fn of(document: &'d Value, seed: u64) -> Result<Self, preclear_model::Diagnostics> {
        let engine = read::engine(document)?;
        let again = read::engine(&normal::file(engine.snapshot()))?;
        let replaced = (0..ROUNDS).filter_map(|round| {
            let document = replaced(document, seed, round);
            let engine = read::engine(&document).ok()?;
            Some((round, document, engine))
        });
        Ok(Self {
            document,
            seed,
            again,
            replaced: replaced.collect(),
            engine,
        })
    }

    fn violation(&self, document: &Value, request: &Request) -> Option<Violation> {
        let answer = self.engine.explain(request, Detail::Full);
        self.of_the_answer(document, request, &answer)
            .or_else(|| self.of_the_normal_form(document, request, &answer))
            .or_else(|| {
                let is_definite = is_definite(answer.verdict);
                is_definite.then(|| self.of_replacements(document, request, &answer))?
            })
    }

    /// What is wrong with the answer by itself: another verdict without reasons, a dependency that is none, another verdict of the
    /// reference.
    fn of_the_answer(
        &self,
        document: &Value,
        request: &Request,
        answer: &Explanation,
    ) -> Option<Violation> {
        let engine = &self.engine;
        let alone = engine.decide(request);
        if alone != answer.verdict {
            let message = format!(
                "the verdict alone is {alone}, that of the explanation {}",
                answer.verdict
            );
            return Some(self.shown(message, document, alone.name()));
        }
        if let Some(message) = dependencies::complaint(engine, request, answer) {
            return Some(self.shown(message, document, alone.name()));
        }
        let found = reference::answers(engine, request);
        let is_confirmed =
            || completed::is_confirmed(found, engine, self.document, document, request);
        (!found.are_agreed() && !is_confirmed()).then(|| {
            let expected = found.reference.verdict.name();
            self.shown(reference::told(found).message, document, expected)
        })
    }

    fn of_the_normal_form(
        &self,
        document: &Value,
        request: &Request,
        answer: &Explanation,
    ) -> Option<Violation> {
        let again = self.again.explain(request, Detail::Full);
        let is_same = again.verdict == answer.verdict && again.depends_on == answer.depends_on;
        (!is_same).then(|| {
            let message = format!(
                "{} by {:?}, and of the snapshot written and read again {} by {:?}",
                answer.verdict, answer.depends_on, again.verdict, again.depends_on
            );
            self.shown(message, document, answer.verdict.name())
        })
    }

    /// A definite answer that is not the one of a world in which the statements are determined. Rule: IAM-TRI-6.
    fn of_replacements(
        &self,
        document: &Value,
        request: &Request,
        answer: &Explanation,
    ) -> Option<Violation> {
        let before = answer.verdict;
        self.replaced.iter().find_map(|(round, snapshot, engine)| {
            let completed = replaced(document, self.seed, *round);
            let same;
            let asked = match completed == *document {
                true => request,
                false => {
                    same = read::request(&completed).ok()?;
                    &same
                }
            };
            let after = engine.decide(asked);
            if stands(before, after) || is_excused(answer, after) {
                return None;
            }
            let message = format!(
                "{before} turns into {after} where open statements are determined (IAM-TRI-6)"
            );
            let shown = self.shown(message, document, before.name());
            let completed = Asked {
                snapshot: snapshot.clone(),
                request: completed,
                name: "determined",
                expected: still(before),
            };
            let asked = shown.asked.iter().cloned().chain([completed]).collect();
            Some(shown.shown_by(asked))
        })
    }

    fn shown(&self, message: String, document: &Value, expected: &'static str) -> Violation {
        let asked = Asked {
            snapshot: self.document.clone(),
            request: document.clone(),
            name: "with open statements",
            expected,
        };
        Violation::new(message).shown_by(vec![asked])
    }
}

/// Where an answer was found case by case, a deny is certain and its kind is not, and statements with more keys may have more cases than
/// are tried. Rule: IAM-TRI-10.
fn is_excused(before: &Explanation, after: Verdict) -> bool {
    let are_denies = before.verdict.is_deny() && after.is_deny();
    !before.refined.is_empty() && (are_denies || after == Verdict::Depends)
}

/// Who can, or a matrix, of a world with open statements.
fn of_many_answers(scenario: &Scenario) -> Option<Violation> {
    match scenario.request.get("principals").is_some() && scenario.request.get("actions").is_none()
    {
        true => who_can::violation(scenario),
        false => matrix::violation(scenario),
    }
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    if scenario.request.get("base").is_some() {
        return of_many_answers(scenario);
    }
    let request = read::request(&scenario.request).ok()?;
    let world = Opened::of(&scenario.snapshot, scenario.seed).ok()?;
    world.violation(&scenario.request, &request)
}
