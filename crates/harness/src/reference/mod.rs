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
mod refusal;
mod requester;
mod resource_policy;
mod sts;
mod target;
mod value;
mod verdict;

use std::cell::RefCell;

use preclear_simulator::{Request, Snapshot, Verdict};

use self::context::forwarding::is_forwarded;
use self::question::{Cases, Frame};
use self::value::Tri;

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
    let cases = Cases::new();
    let asked = RefCell::default();
    let reading = |is_forwarded| {
        operation::answer(Frame {
            snapshot,
            request,
            is_forwarded,
            cases: &cases,
            asked: &asked,
        })
    };
    // Where nobody knows whether a service calls on, the answer is what both readings agree on. Rule: UI-39.
    let plain = match is_forwarded(request) {
        Tri::False => reading(false),
        Tri::True => reading(true),
        Tri::Unknown => verdict::either(reading(false), reading(true)),
    };
    Answer {
        verdict: plain,
        plain,
    }
}
