//! Statements that failed in exactly one element. Rule: IAM-RSN-5.

use preclear_condition::{Test, Tri};
use preclear_model::policy::{PrincipalEntry, PrincipalKind, ResourceEntry};
use preclear_model::{Effect, Match, Statement};

use super::elements::Elements;
use super::nearness;
use super::relevance::{Opening, Relevance};
use super::values::{actual_value, here, operands, operands_here, pattern_of, values_of};
use super::{Evidences, grants, is_false};
use crate::context::{Context, View};
use crate::decide::{Case, Run};
use crate::engine::policies::{CompiledPolicy, CompiledStatement};
use crate::evaluate::{LayerResult, is_key_policy};
use crate::explanation::{NearMiss, Reason};
use crate::layer::Layer;

/// All near misses: those that could have changed the answer before the idle ones, the nearest first; of equal ones those of the
/// layers that `reasons` name, in their order.
pub(crate) fn collect(
    case: &Case<'_>,
    context: &Context,
    run: &Run<'_, Evidences>,
    reasons: &[Reason],
) -> Vec<NearMiss> {
    let relevance = Relevance::of(&run.composition);
    let mut found = Vec::new();
    for layer in run.layers.iter() {
        let is_reached = relevance.reaches(layer);
        for policy in layer.policies() {
            let allowing = policy.statements.iter();
            // What a statement asks for that is not determined yet is nothing to keep to.
            let allowing = allowing.filter(|statement| !statement.is_open);
            for statement in allowing.filter(|statement| statement.effect == Effect::Allow) {
                let misses = of_statement(case, context, layer, policy, statement, &relevance);
                found.extend(misses.into_iter().map(|miss| NearMiss {
                    is_idle: miss.is_idle || !is_reached,
                    ..miss
                }));
            }
        }
    }
    let is_reached = relevance.reaches_grants();
    let of_grants = grants::near_misses(case, context).into_iter();
    found.extend(of_grants.map(|miss| NearMiss {
        is_idle: !is_reached,
        ..miss
    }));
    let place = |layer: Layer| {
        let mut layers = reasons.iter().map(|reason| reason.layer);
        let place = layers.position(|named| named == Some(layer));
        place.unwrap_or(usize::MAX)
    };
    found.sort_by_key(|miss| {
        let place = place(miss.layer);
        // Statements about other actions are seldom the ones that were meant.
        let is_about_others = matches!(miss.element, "Action" | "NotAction" | "Operations");
        // Nothing else counts as long as a guardrail does not allow; among paths a condition is nearer than another name.
        let is_guardrail = matches!(miss.layer, Layer::Scp | Layer::Rcp | Layer::VpcEndpoint);
        let stands_first = is_guardrail && place == 0;
        let effort = effort(miss.element);
        let is_name = effort > 0;
        (
            (miss.is_idle, miss.is_remote, is_about_others),
            (!stands_first, is_name),
            (place, effort),
        )
    });
    found
}

/// What a person can mend most easily takes the least.
fn effort(element: &str) -> u8 {
    match element {
        "Condition"
        | "EncryptionContextEquals"
        | "EncryptionContextSubset"
        | "SourceArn"
        | "GrantToken" => 0,
        "Principal" | "NotPrincipal" | "GranteePrincipal" | "GranteeServicePrincipal" => 1,
        "Resource" | "NotResource" => 2,
        _ => 3,
    }
}

fn of_statement(
    case: &Case<'_>,
    context: &Context,
    layer: &LayerResult<'_, Evidences>,
    policy: &CompiledPolicy,
    statement: &CompiledStatement,
    relevance: &Relevance<'_>,
) -> Vec<NearMiss> {
    let elements = Elements::evaluate(case, context, layer, policy, statement);
    let Some(source) = policy
        .source(statement)
        .filter(|_| elements.failures() == 1)
    else {
        return Vec::new();
    };
    let opening = if is_false(&elements.principal) {
        Opening::ByAnybody
    } else {
        Opening::By(&elements)
    };
    let is_idle = !relevance.opens(layer.layer, opening);
    let view = View {
        context,
        in_key_policy: is_key_policy(policy),
        supposed: &[],
    };
    let miss = |element: &'static str, expected: String, actual: String| NearMiss {
        statement: Some(policy.reference(statement)),
        is_idle,
        met: elements.tests_that(policy, statement, source, Tri::True),
        open: elements.tests_that(policy, statement, source, Tri::Unknown),
        ..of_layer(layer.layer, element, expected, actual)
    };
    if elements.condition_fails() {
        let tests = statement.condition.tests().iter();
        return tests
            .zip(&elements.conditions)
            .filter(|(_, outcome)| is_false(outcome))
            .map(|(test, _)| of_test(miss, &view, source, test))
            .collect();
    }
    let missed = if is_false(&elements.principal) {
        let (element, expected, actual) = principal_miss(case, source);
        NearMiss {
            is_remote: !nearness::may_mean_caller(source, case.requester),
            ..miss(element, expected, actual)
        }
    } else if is_false(&elements.action) {
        let (element, expected) = entries(source.action.as_ref(), "Action", "NotAction", |entry| {
            &entry.text
        });
        NearMiss {
            is_remote: !statement.action.speaks_of(case.action.service()),
            ..miss(element, expected, case.action_text.clone())
        }
    } else {
        resource_miss(case, &view, source, miss)
    };
    vec![missed]
}

fn resource_miss(
    case: &Case<'_>,
    view: &View<'_>,
    source: &Statement,
    miss: impl Fn(&'static str, String, String) -> NearMiss,
) -> NearMiss {
    let resource = source.resource.as_ref();
    let named = resource.map(Match::entries).unwrap_or_default();
    let (element, expected) = entries(resource, "Resource", "NotResource", |entry| {
        &entry.template.source
    });
    let templates = named.iter().map(|entry: &ResourceEntry| &entry.template);
    NearMiss {
        stands_for: here(view, templates),
        is_remote: !nearness::may_mean_resource(source, case.target.arn),
        ..miss(element, expected, case.target.question.text().to_owned())
    }
}

/// A near miss of nobody yet.
pub(crate) fn of_layer(
    layer: Layer,
    element: &'static str,
    expected: String,
    actual: String,
) -> NearMiss {
    NearMiss {
        layer,
        statement: None,
        grant: None,
        denies: false,
        element,
        key: None,
        operator: None,
        expected,
        stands_for: None,
        actual,
        values: Vec::new(),
        pattern: None,
        is_remote: false,
        is_idle: false,
        is_hinted: false,
        met: Vec::new(),
        open: Vec::new(),
    }
}

fn of_test(
    miss: impl Fn(&'static str, String, String) -> NearMiss,
    view: &View<'_>,
    source: &Statement,
    test: &Test,
) -> NearMiss {
    let written = source.conditions.get(test.index());
    NearMiss {
        key: Some(test.key_text().to_owned()),
        operator: Some(test.operator_text().to_owned()),
        stands_for: written.and_then(|written| operands_here(view, written)),
        values: values_of(view, test.key()),
        pattern: pattern_of(view, test.key()),
        ..miss("Condition", operands(test), actual_value(view, test.key()))
    }
}

/// The conditions of the statements that deny: if one were not met, its statement would not deny. Rule: KMS-DEC-1.
pub(crate) fn of_denies(context: &Context, run: &Run<'_, Evidences>) -> Vec<NearMiss> {
    let mut found = Vec::new();
    for layer in run.layers.iter() {
        let denies = layer.statements.iter().filter(|result| {
            result.statement.effect == Effect::Deny && result.applies().value.is_true()
        });
        for result in denies {
            let Some(source) = result.policy.source(result.statement) else {
                continue;
            };
            let view = View {
                context,
                in_key_policy: is_key_policy(result.policy),
                supposed: &[],
            };
            let miss = |element: &'static str, expected: String, actual: String| NearMiss {
                statement: Some(result.policy.reference(result.statement)),
                denies: true,
                ..of_layer(layer.layer, element, expected, actual)
            };
            let tests = result.statement.condition.tests().iter();
            found.extend(tests.map(|test| of_test(miss, &view, source, test)));
        }
    }
    found
}

fn entries<T>(
    element: Option<&Match<T>>,
    positive: &'static str,
    negated: &'static str,
    text: impl Fn(&T) -> &str,
) -> (&'static str, String) {
    let join = |entries: &[T]| entries.iter().map(&text).collect::<Vec<_>>().join(", ");
    match element {
        Some(Match::In(entries)) => (positive, join(entries)),
        Some(Match::NotIn(entries)) => (negated, join(entries)),
        None => (positive, "(missing)".to_owned()),
    }
}

/// The entry that looks most like the caller: the session, or where it speaks of no session its role. Rule: KMS-POL-6.
fn principal_miss(case: &Case<'_>, source: &Statement) -> (&'static str, String, String) {
    let (role, session) = (case.requester.display(), case.request.caller.display_arn());
    let speaks_of_sessions = |entries: &[PrincipalEntry]| {
        let mut kinds = entries.iter().map(|entry| &entry.kind);
        kinds.any(|kind| matches!(kind, PrincipalKind::RoleSession(_)))
    };
    let entries = source.principal.as_ref().map(Match::entries);
    let actual = if speaks_of_sessions(entries.unwrap_or_default()) {
        session
    } else {
        role
    };
    let nearest = |entries: &[PrincipalEntry]| {
        entries
            .iter()
            .map(|entry| entry.text.as_str())
            .max_by(|left, right| {
                strsim::normalized_levenshtein(left, &actual)
                    .total_cmp(&strsim::normalized_levenshtein(right, &actual))
            })
            .unwrap_or("(nobody)")
            .to_owned()
    };
    match &source.principal {
        Some(Match::In(entries)) => ("Principal", nearest(entries), actual),
        Some(Match::NotIn(entries)) => ("NotPrincipal", nearest(entries), actual),
        None => ("Principal", "(missing)".to_owned(), actual),
    }
}
