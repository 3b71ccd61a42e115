//! Reasons of an answer that was found case by case. Rule: IAM-TRI-10.

use super::{Evidences, reasons, verdict_of};
use crate::compose::Answer;
use crate::context::Context;
use crate::decide::{Case, Run};
use crate::explanation::{Reason, Refinement, Verdict};
use crate::refine;

/// An answer that all cases agree on.
pub(crate) struct Refined {
    pub(crate) verdict: Verdict,
    /// What decides in some case.
    pub(crate) reasons: Vec<Reason>,
    pub(crate) keys: Vec<Refinement>,
}

/// Refines an open answer, if it can be.
pub(crate) fn refine<'a>(
    case: &'a Case<'a>,
    context: &Context,
    open: &Run<'a, Evidences>,
) -> Option<Refined> {
    let mut found = Found::default();
    let (answer, keys) = refine::answer(
        case,
        context,
        case.request.ambiguity,
        open,
        &mut |answer, run| found.add(answer, reasons::collect(case, run, verdict_of(answer))),
    )?;
    Some(Refined {
        verdict: verdict_of(answer),
        reasons: found.in_order(open),
        keys,
    })
}

/// Reasons of the cases so far, each once.
#[derive(Default)]
struct Found {
    /// What is missing where nothing denies, as each case tells it: the nearest path first.
    missing: Vec<Reason>,
    /// Statements and grants that decide.
    deciding: Vec<Reason>,
}

impl Found {
    fn add(&mut self, answer: Answer, reasons: Vec<Reason>) {
        let place = if answer == Answer::ImplicitDeny {
            &mut self.missing
        } else {
            &mut self.deciding
        };
        for reason in reasons {
            if !place.contains(&reason) {
                place.push(reason);
            }
        }
    }

    /// What is missing makes a deny certain, so it comes first; statements follow as in the policies, whatever the
    /// order of the cases. Rule: IAM-RSN-1, IAM-RSN-3.
    fn in_order(mut self, open: &Run<'_, Evidences>) -> Vec<Reason> {
        self.deciding
            .sort_by_cached_key(|reason| (reason.code, position(open, reason)));
        self.missing.extend(self.deciding);
        self.missing
    }
}

/// Layer, policy and statement of a reason by number.
fn position(run: &Run<'_, Evidences>, reason: &Reason) -> Option<(usize, usize, usize)> {
    let statement = reason.statement.as_ref()?;
    run.layers.iter().enumerate().find_map(|(level, layer)| {
        let mut policies = layer.policies();
        let is_layer = Some(layer.layer) == reason.layer;
        let policy = policies.position(|policy| policy.document.name == statement.policy)?;
        is_layer.then_some((level, policy, statement.statement))
    })
}
