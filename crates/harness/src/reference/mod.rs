//! The reference evaluator: slow and plain, written from the rules alone, to be compared with the engine.
//!
//! It refuses to know how the engine decides: beside the policy model, the tables of the catalogue and the public data of
//! a snapshot and a request it shares no code with it. A reader should be able to lay a rule beside each function.

mod context;
mod guardrail;
mod identity;
mod kms;
pub(crate) mod language;
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
pub(crate) mod value;
mod verdict;

use std::cell::RefCell;

use preclear_simulator::{AmbiguityMode, Request, Snapshot, Verdict};

use crate::choose::Choose;

use self::context::Facts;
use self::context::forwarding::is_forwarded;
use self::kms::grant;
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

/// Decides a request from the rules. Where nobody knows whether a service calls on, the answer is what both readings agree
/// on. Rule: IAM-EVAL-26, KMS-DEC-0, UI-39.
#[must_use]
pub fn decide(snapshot: &Snapshot, request: &Request) -> Answer {
    let asked = |is_forwarded| Asked {
        snapshot,
        request,
        is_forwarded,
    };
    match is_forwarded(request) {
        Tri::False => asked(false).answer(),
        Tri::True => asked(true).answer(),
        Tri::Unknown => {
            let (direct, forwarded) = (asked(false).answer(), asked(true).answer());
            Answer {
                verdict: verdict::either(direct.verdict, forwarded.verdict),
                plain: verdict::either(direct.plain, forwarded.plain),
            }
        }
    }
}

/// How the engine's answer about a drawn statement differs from the language's, if it does.
pub(crate) fn statement_difference(choices: &mut impl Choose) -> Option<String> {
    language::statement_difference(choices)
}

/// What is tried in place of what is not known. Rule: IAM-TRI-10.
#[derive(Debug, Clone, Default)]
struct Trial {
    cases: Cases,
    is_empty_there: Option<bool>,
}

/// A request under one reading of whether a service calls on. Rule: UI-39.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    snapshot: &'a Snapshot,
    request: &'a Request,
    is_forwarded: bool,
}

impl Asked<'_> {
    fn answer(self) -> Answer {
        let uses = RefCell::default();
        let plain = self.ask(&Trial::default(), &uses);
        let uses = uses.into_inner();
        let (verdict, plain) = match plain {
            Verdict::Depends => (self.by_cases(&uses), plain),
            // Certain by the two cases of one question alone: whether STS answers by itself.
            Verdict::ImplicitDeny if uses.has_open_kind => (plain, Verdict::Depends),
            definite => (definite, definite),
        };
        Answer { verdict, plain }
    }

    /// The answer with some keys taken to have values.
    fn ask(self, trial: &Trial, uses: &RefCell<Uses>) -> Verdict {
        operation::answer(self.frame(trial, uses))
    }

    fn frame<'f>(self, trial: &'f Trial, uses: &'f RefCell<Uses>) -> Frame<'f>
    where
        Self: 'f,
    {
        Frame {
            snapshot: self.snapshot,
            request: self.request,
            is_forwarded: self.is_forwarded,
            cases: &trial.cases,
            is_empty_there: trial.is_empty_there,
            uses,
        }
    }

    /// The answer case by case, with the empty text in both readings of AMB-17 unless the mode has one.
    /// Rule: IAM-TRI-10, IAM-TRI-8.
    fn by_cases(self, uses: &Uses) -> Verdict {
        let (nothing, ignored) = (Trial::default(), RefCell::default());
        // Several decisions may know different things of a key; such keys are not split.
        let questions = operation::questions(self.frame(&nothing, &ignored)).unwrap_or_default();
        let [(question, _)] = questions.as_slice() else {
            return Verdict::Depends;
        };
        let facts = Facts::of(question);
        let is_open = |key: &str| {
            let is_of_grants = grant::depends_on(question, key);
            let is_disputed = facts.is_disputed(key) || facts.has_twin(key);
            is_of_grants || is_disputed || sts::depends_on(question, key)
        };
        let splits = refine::splits(uses, |key| facts.value(key), is_open);
        let under = |is_empty_there: Option<bool>| {
            refine::refined(&splits, |cases| {
                let trial = Trial {
                    cases: cases.clone(),
                    is_empty_there,
                };
                self.ask(&trial, &RefCell::default())
            })
        };
        match self.request.ambiguity {
            AmbiguityMode::Guess | AmbiguityMode::Failsafe => under(None),
            AmbiguityMode::Report => match under(Some(true)) {
                Verdict::Depends => Verdict::Depends,
                there => verdict::either(there, under(Some(false))),
            },
        }
    }
}
