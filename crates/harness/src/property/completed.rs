//! What a second evaluator says of the completions of a question that it leaves open.
//!
//! Splitting into cases is optional (IAM-TRI-10), and engine and reference do not split the same keys. Where one of them is
//! definite and the other is not, the question is completed again and again, and the one that left it open is asked each time. A
//! definite answer has to be that of every completion (IAM-TRI-6).

use preclear_simulator::{Ask, Engine, Request, Verdict};
use serde_json::Value;

use super::reference::Answers;
use crate::choose::{Choose, Seeded};
use crate::completion;
use crate::open::openings;
use crate::reference;
use crate::scenario::{is_definite, stands};
use crate::world::mentioned::Mentioned;
use crate::world::read;

/// Completions of one question.
const COMPLETIONS: u64 = 256;
/// Completions that have to be definite, so that the answer is confirmed.
const CONFIRMED_MIN: usize = 24;

/// Who leaves the question open, and what the other one answers.
#[derive(Debug, Clone, Copy)]
enum Open {
    Reference(Verdict),
    /// Only where the reference found its answer case by case.
    Engine(Verdict),
}

impl Open {
    fn of(found: Answers) -> Option<Self> {
        let Answers { engine, reference } = found;
        match (engine, reference.verdict) {
            (definite, Verdict::Depends) if is_definite(definite) => {
                Some(Self::Reference(definite))
            }
            (Verdict::Depends, definite)
                if is_definite(definite) && reference.plain == Verdict::Depends =>
            {
                Some(Self::Engine(definite))
            }
            _ => None,
        }
    }

    fn ask(self, snapshot: preclear_simulator::Snapshot, request: &Request) -> (Verdict, Verdict) {
        match self {
            Self::Reference(definite) => (definite, reference::decide(&snapshot, request).verdict),
            Self::Engine(definite) => (definite, Engine::compile(snapshot).decide(request)),
        }
    }
}

/// True if one answer is definite, the other is open, and who left it open answers completions as the other did the question.
pub(crate) fn is_confirmed(
    found: Answers,
    engine: &Engine,
    snapshot: &Value,
    document: &Value,
    request: &Request,
) -> bool {
    let Some(open) = Open::of(found) else {
        return false;
    };
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
        let (definite, answer) = open.ask(snapshot, &completed);
        if !is_definite(answer) {
            continue;
        }
        let is_same = stands(definite, answer) || definite.is_deny() && answer.is_deny();
        if !is_same {
            return false;
        }
        confirmed += 1;
    }
    confirmed >= CONFIRMED_MIN
}
