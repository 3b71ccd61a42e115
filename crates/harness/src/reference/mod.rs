//! The reference evaluator: slow and plain, written from the rules alone, to be compared with the engine.
//!
//! It refuses to know how the engine decides: beside the policy model, the tables of the catalogue and the public data of
//! a snapshot and a request it shares no code with it. A reader should be able to lay a rule beside each function.

mod context;
mod guardrail;
mod identity;
mod kms;
mod language;
mod layer;
mod listed;
mod not_principal;
mod operation;
mod path;
mod principal;
mod question;
mod refine;
mod refusal;
mod requester;
mod resource_policy;
mod sts;
mod target;
#[cfg(test)]
mod tests;
mod value;
mod verdict;

use std::cell::RefCell;

use preclear_simulator::{AmbiguityMode, Request, Snapshot, Verdict};

use self::context::Facts;
use self::context::forwarding::is_forwarded;
use self::question::{Cases, Frame};
use self::refine::uses::Uses;
use self::value::{Context, Tri};

/// What the rules answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The answer, case by case where that settles it. Rule: IAM-TRI-10.
    pub verdict: Verdict,
    /// The answer of three-valued logic alone. Rule: IAM-TRI-2.
    pub plain: Verdict,
}

/// Decides a request from the rules. Rule: IAM-EVAL-26, KMS-DEC-0.
#[must_use]
pub fn decide(snapshot: &Snapshot, request: &Request) -> Answer {
    let uses = RefCell::default();
    let plain = ask(snapshot, request, Trial::default(), &uses);
    let uses = uses.into_inner();
    match plain {
        Verdict::Depends => Answer {
            verdict: by_cases(snapshot, request, &uses),
            plain,
        },
        // Certain by the two cases of one question alone: whether STS answers by itself.
        Verdict::ImplicitDeny if uses.has_open_kind => Answer {
            verdict: plain,
            plain: Verdict::Depends,
        },
        definite => Answer {
            verdict: definite,
            plain: definite,
        },
    }
}

/// What is tried in place of what is not known. Rule: IAM-TRI-10.
#[derive(Debug, Clone, Default)]
struct Trial {
    cases: Cases,
    is_empty_there: Option<bool>,
}

/// The answer with some keys taken to have values. Where nobody knows whether a service calls on, it is what both readings
/// agree on. Rule: UI-39.
fn ask(snapshot: &Snapshot, request: &Request, trial: Trial, uses: &RefCell<Uses>) -> Verdict {
    let reading = |is_forwarded| {
        operation::answer(Frame {
            snapshot,
            request,
            is_forwarded,
            cases: &trial.cases,
            is_empty_there: trial.is_empty_there,
            uses,
        })
    };
    match is_forwarded(request) {
        Tri::False => reading(false),
        Tri::True => reading(true),
        Tri::Unknown => verdict::either(reading(false), reading(true)),
    }
}

/// The answer case by case, with the empty text in both readings of AMB-17 unless the mode has one. Rule: IAM-TRI-10,
/// IAM-TRI-8.
fn by_cases(snapshot: &Snapshot, request: &Request, uses: &Uses) -> Verdict {
    let (cases, ignored) = (Cases::new(), RefCell::default());
    let frame = Frame {
        snapshot,
        request,
        is_forwarded: is_forwarded(request) == Tri::True,
        cases: &cases,
        is_empty_there: None,
        uses: &ignored,
    };
    // Several decisions may know different things of a key; such keys are not split.
    let questions = operation::questions(frame).unwrap_or_default();
    let [(question, _)] = questions.as_slice() else {
        return Verdict::Depends;
    };
    let facts = Facts::of(question);
    let is_open = |key: &str| facts.is_disputed(key) || facts.has_twin(key);
    let splits = refine::splits(uses, |key| facts.value(key), is_open);
    let under = |is_empty_there: Option<bool>| {
        refine::refined(&splits, |cases| {
            let trial = Trial {
                cases: cases.clone(),
                is_empty_there,
            };
            ask(snapshot, request, trial, &RefCell::default())
        })
    };
    match request.ambiguity {
        AmbiguityMode::Guess | AmbiguityMode::Failsafe => under(None),
        AmbiguityMode::Report => match under(Some(true)) {
            Verdict::Depends => Verdict::Depends,
            there => verdict::either(there, under(Some(false))),
        },
    }
}
