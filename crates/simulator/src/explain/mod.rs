//! From what a decision found to what a person can use: reasons, near misses, dependencies.

mod asked_resource;
mod assumptions;
mod cases;
mod elements;
mod grants;
mod later;
mod near_miss;
mod nearness;
mod reasons;
mod relevance;
mod report;
mod values;

pub(crate) use values::ABSENT;
pub(crate) mod warnings;

use std::collections::BTreeSet;

use preclear_condition::{Dependency, Evidence, Outcome};

use crate::compose::Answer;
use crate::context::Context;
use crate::decide::{self, Case};
use crate::engine::Detail;
use crate::explanation::{Explanation, Verdict};
use crate::refine;
use crate::request::AmbiguityMode;
use crate::service::blank;

/// Dependencies of unknowns.
pub(crate) type Evidences = BTreeSet<Dependency>;

/// The verdict of an answer.
pub(crate) fn verdict_of(answer: Answer) -> Verdict {
    match answer {
        Answer::Allow => Verdict::Allow,
        Answer::ExplicitDeny => Verdict::ExplicitDeny,
        Answer::ImplicitDeny => Verdict::ImplicitDeny,
        Answer::Depends => Verdict::Depends,
    }
}

/// Explains one case.
pub(crate) fn case(case: &Case<'_>, detail: Detail) -> Explanation {
    let context = Context::new(case.sources());
    let run = decide::run::<Evidences>(case, &context, case.request.ambiguity);
    let mut explanation = blank(case.request);
    explanation.action.clone_from(&case.action_text);
    explanation.resource = case.target.display();
    let answer = run.composition.answer();
    explanation.verdict = verdict_of(answer);
    explanation.reasons = reasons::collect(case, &run, explanation.verdict);
    if answer == Answer::Depends {
        match cases::refine(case, &context, &run) {
            Some(refined) => {
                explanation.verdict = refined.verdict;
                explanation.reasons = refined.reasons;
                explanation.refined = refined.keys;
            }
            None => {
                explanation.depends_on = run.composition.dependencies();
                explanation.open_ways = reasons::open_ways(case, &run);
            }
        }
    }
    let determined_later = later::warnings(case, &run, &explanation.depends_on);
    if explanation.verdict != Verdict::Depends {
        explanation.primary = explanation.reasons.first().cloned();
    }
    explanation.near_misses = match explanation.verdict {
        Verdict::ImplicitDeny | Verdict::Depends => {
            near_miss::collect(case, &context, &run, &explanation.reasons)
        }
        Verdict::ExplicitDeny => near_miss::of_denies(&context, &run),
        Verdict::Allow | Verdict::NotApplicable | Verdict::Invalid => Vec::new(),
    };
    explanation.ambiguities = ambiguities(case, &context, &explanation);
    explanation.assumptions = assumptions::collect(case, &context, &run);
    if explanation.verdict == Verdict::Allow {
        let of_organization = assumptions::of_organization(&run);
        explanation.assumptions.extend(of_organization);
    }
    explanation.warnings = warnings::collect(case, &context, &run);
    explanation.warnings.extend(determined_later);
    if detail == Detail::Full {
        explanation.layers = report::layers(case, &context, &run);
    }
    explanation
}

/// Entries of the ambiguity register that mattered: those that would leave the answer open in report mode.
/// Rule: IAM-TRI-8.
fn ambiguities(case: &Case<'_>, context: &Context, explanation: &Explanation) -> BTreeSet<u8> {
    let numbers = |dependencies: &Evidences| {
        dependencies
            .iter()
            .filter_map(|dependency| match dependency {
                Dependency::Ambiguity(number) => Some(*number),
                _ => None,
            })
            .collect()
    };
    if case.request.ambiguity == AmbiguityMode::Report {
        return numbers(&explanation.depends_on);
    }
    let report = decide::run::<Evidences>(case, context, AmbiguityMode::Report);
    if report.composition.answer() != Answer::Depends {
        return BTreeSet::new();
    }
    // A key that was split here may hide what its cases leave open.
    let left_open = if explanation.refined.is_empty() {
        refine::answer(
            case,
            context,
            AmbiguityMode::Report,
            &report,
            &mut |_, _| {},
        )
        .map(|_| Evidences::new())
    } else {
        refine::left_open(case, context, &report)
    };
    numbers(&left_open.unwrap_or_else(|| report.composition.dependencies()))
}

/// Keeps an outcome's truth value only.
pub(crate) fn is_false<E: Evidence>(outcome: &Outcome<E>) -> bool {
    outcome.value.is_false()
}
