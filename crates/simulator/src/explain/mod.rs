//! From what a decision found to what a person can use: reasons, near misses, dependencies.

mod cases;
mod near_miss;
mod reasons;
mod report;
pub(crate) mod warnings;

use std::collections::BTreeSet;

use preclear_condition::{Dependency, Evidence, KeyName, KeyState, Lookup, Outcome};

use crate::compose::Answer;
use crate::context::{Context, Endpoint, View};
use crate::decide::{self, Case, Run};
use crate::engine::Detail;
use crate::evaluate::LayerState;
use crate::explanation::{Explanation, Verdict};
use crate::layers::UNLISTED_ENDPOINT;
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
    let context = Context::build(case.sources());
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
            None => explanation.depends_on = run.composition.dependencies(),
        }
    }
    if explanation.verdict != Verdict::Depends {
        explanation.primary = explanation.reasons.first().cloned();
    }
    if matches!(
        explanation.verdict,
        Verdict::ImplicitDeny | Verdict::Depends
    ) {
        explanation.near_misses = near_miss::collect(case, &context, &run);
    }
    explanation.ambiguities = ambiguities(case, &context, &explanation);
    explanation.assumptions = assumptions(case, &context, &run);
    explanation.warnings = warnings::collect(case, &context, &run);
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

/// What was taken for granted. Rule: IAM-TRI-7, KMS-DEC-2.
fn assumptions(case: &Case<'_>, context: &Context, run: &Run<'_, Evidences>) -> BTreeSet<String> {
    let mut assumptions: BTreeSet<String> = case.target.assumptions.iter().cloned().collect();
    for layer in run.layers.iter() {
        if layer.state == LayerState::AssumedOpen {
            assumptions.insert(format!("layer:{} open", layer.layer));
        }
    }
    let sources = case.sources();
    let no_endpoint = LayerState::NotReached("no endpoint is stated");
    let endpoint_is_open = run.layers.vpce.state == no_endpoint && may_pass_an_endpoint(context);
    if endpoint_is_open {
        assumptions.insert("layer:vpce open".to_owned());
    }
    if case.requester.is_service_linked_by_name() {
        assumptions.insert("requester:service-linked role by its name".to_owned());
    }
    let is_unlisted = case.requester.record.is_none()
        && matches!(
            case.requester.kind(),
            preclear_model::caller::CallerKind::User { .. }
                | preclear_model::caller::CallerKind::RoleSession { .. }
        );
    if is_unlisted && sources.engine.snapshot().complete {
        assumptions.insert(format!(
            "principal:{} is not listed and has nothing attached",
            case.requester.display()
        ));
    }
    if let Endpoint::Stated(id) = &context.endpoint
        && run.layers.vpce.state == UNLISTED_ENDPOINT
    {
        assumptions.insert(format!(
            "vpc_endpoint:{id} is not listed: it has the default policy"
        ));
    }
    for key in tested_keys(case, context, run) {
        assumptions.insert(format!("absent:{key}"));
    }
    assumptions
}

/// True where nobody said that the call passes no endpoint. Rule: IAM-EVAL-11.
fn may_pass_an_endpoint(context: &Context) -> bool {
    let view = View {
        context,
        in_key_policy: false,
        supposed: &[],
    };
    let state = view.state(&KeyName::new("aws:SourceVpce"));
    matches!(
        state,
        KeyState::Unknown | KeyState::Present | KeyState::Like(_)
    )
}

/// Keys that count as absent only because nobody said otherwise, and that a statement which otherwise matches tests.
fn tested_keys(case: &Case<'_>, context: &Context, run: &Run<'_, Evidences>) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for layer in run.layers.iter() {
        for policy in &layer.policies {
            for statement in &policy.statements {
                let assumed: Vec<_> = statement
                    .condition
                    .keys()
                    .filter(|key| context.is_assumed_absent(key))
                    .map(|key| key.as_str().to_owned())
                    .collect();
                if !assumed.is_empty()
                    && near_miss::matches_but_for_condition(case, context, layer, policy, statement)
                {
                    keys.extend(assumed);
                }
            }
        }
    }
    keys
}

/// Keeps an outcome's truth value only.
pub(crate) fn is_false<E: Evidence>(outcome: &Outcome<E>) -> bool {
    outcome.value.is_false()
}
