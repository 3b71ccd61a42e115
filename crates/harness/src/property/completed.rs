//! What the reference evaluator says of the completions of a question that it leaves open.
//!
//! Splitting into cases is optional (IAM-TRI-10), and the engine splits more keys than the reference does: where the engine is
//! definite and the reference is not, the question is completed again and again, and the reference asked each time. A definite
//! answer has to be that of every completion (IAM-TRI-6).

use preclear_simulator::{Ask, Engine, Request, Verdict};
use serde_json::Value;

use super::reference::Answers;
use crate::choose::{Choose, Seeded};
use crate::completion;
use crate::open::openings;
use crate::reference;
use crate::scenario::stands;
use crate::world::mentioned::Mentioned;
use crate::world::read;

/// Completions of one question.
const COMPLETIONS: u64 = 256;
/// Completions that have to be definite, so that the engine's answer is confirmed.
const CONFIRMED_MIN: usize = 24;

/// True if the engine's answer is definite, the reference leaves it open, and its answers to completions are the engine's.
pub(crate) fn is_confirmed(
    found: Answers,
    engine: &Engine,
    snapshot: &Value,
    document: &Value,
    request: &Request,
) -> bool {
    let is_definite = matches!(found.engine, Verdict::Allow) || found.engine.is_deny();
    if !is_definite || found.reference.verdict != Verdict::Depends {
        return false;
    }
    let mentioned = Mentioned::of(&[snapshot, document]);
    let openings = openings(engine.snapshot(), request, mentioned.keys());
    let (Ask::Action(action) | Ask::Operation(action)) = &request.ask;
    let mut confirmed = 0;
    for seed in 0..COMPLETIONS {
        let choices = &mut Seeded::new(seed);
        let fills_snapshot = choices.once_in(4);
        let fills = completion::draw(choices, &openings, &mentioned, action, fills_snapshot);
        let (mut snapshot, mut document) = (snapshot.clone(), document.clone());
        completion::apply(&fills, &mut snapshot, &mut document);
        let (Ok(snapshot), Ok(mut completed)) =
            (read::snapshot(&snapshot), read::request(&document))
        else {
            return false;
        };
        (completed.mode, completed.ambiguity) = (request.mode, request.ambiguity);
        let answer = reference::decide(&snapshot, &completed).verdict;
        if answer == Verdict::Depends {
            continue;
        }
        let is_same = stands(found.engine, answer) || found.engine.is_deny() && answer.is_deny();
        if !is_same {
            return false;
        }
        confirmed += 1;
    }
    confirmed >= CONFIRMED_MIN
}
