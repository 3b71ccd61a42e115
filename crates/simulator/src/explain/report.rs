//! The full report: every layer, every statement considered.

use preclear_condition::Tri;
use preclear_model::{Effect, Match};

use super::elements::Elements;
use super::values::{actual_value, operands, operands_here};
use super::{Evidences, grants};
use crate::context::{Context, View};
use crate::decide::{Case, Run};
use crate::engine::policies::{CompiledPolicy, CompiledStatement};
use crate::evaluate::{LayerResult, LayerState, is_key_policy};
use crate::explanation::{LayerReport, StatementReport};
use crate::layer::Layer;

/// All layers, in the order of IAM-RSN-3.
pub(crate) fn layers(
    case: &Case<'_>,
    context: &Context,
    run: &Run<'_, Evidences>,
) -> Vec<LayerReport> {
    let layers = run.layers.iter();
    let of_policies = layers.map(|layer| layer_report(case, context, layer));
    of_policies
        .chain(grants::report(case, context, run))
        .collect()
}

fn layer_report(
    case: &Case<'_>,
    context: &Context,
    layer: &LayerResult<'_, Evidences>,
) -> LayerReport {
    let statements = layer
        .policies()
        .flat_map(|policy| {
            let statements = policy.statements.iter();
            statements.map(move |statement| (policy, statement))
        })
        .map(|(policy, statement)| statement_report(case, context, layer, policy, statement))
        .collect();
    LayerReport {
        layer: layer.layer,
        level: layer.level.map(str::to_owned),
        allow: layer.allow.value,
        deny: layer.deny.value,
        note: note(layer.state).or_else(|| irrelevance(case, layer.layer)),
        statements,
        grants: Vec::new(),
    }
}

/// What a layer allows without effect. Rule: KMS-GRANT-14.
fn irrelevance(case: &Case<'_>, layer: Layer) -> Option<String> {
    let is_in_vain = layer == Layer::Resource && grants::is_retirement(case);
    is_in_vain.then(|| "no key policy has a say in RetireGrant, KMS-GRANT-14".to_owned())
}

fn note(state: LayerState) -> Option<String> {
    match state {
        LayerState::Evaluated => None,
        LayerState::NotReached(why) | LayerState::NoPolicy(why) => Some(why.to_owned()),
        LayerState::AssumedOpen => Some("assumed open".to_owned()),
        LayerState::Unknown => Some("not loaded".to_owned()),
    }
}

fn statement_report(
    case: &Case<'_>,
    context: &Context,
    layer: &LayerResult<'_, Evidences>,
    policy: &CompiledPolicy,
    statement: &CompiledStatement,
) -> StatementReport {
    let elements = Elements::evaluate(case, context, layer, policy, statement);
    let mut applies = elements
        .principal
        .value
        .and(elements.action.value)
        .and(elements.resource.value);
    for outcome in &elements.conditions {
        applies = applies.and(outcome.value);
    }
    if statement.is_open {
        applies = applies.and(Tri::Unknown);
    }
    StatementReport {
        statement: policy.reference(statement),
        allows: statement.effect == Effect::Allow,
        applies,
        remarks: remarks(case, context, policy, statement, &elements)
            .into_iter()
            .chain(delegation(case, policy, statement, &elements, applies))
            .chain(open(policy, statement, applies))
            .collect(),
        undecided: policy.source(statement).map_or_else(Vec::new, |source| {
            elements.tests_that(policy, statement, source, Tri::Unknown)
        }),
    }
}

/// An Allow of a key policy that matches the account alone gives nobody anything by itself. Rule: KMS-POL-3, KMS-XA-1.
fn delegation(
    case: &Case<'_>,
    policy: &CompiledPolicy,
    statement: &CompiledStatement,
    elements: &Elements,
    applies: Tri,
) -> Option<String> {
    let delegates = is_key_policy(policy)
        && statement.effect == Effect::Allow
        && elements.is_by_account
        && !applies.is_false()
        && !case.requester.is_root();
    let account = case.requester.account().filter(|_| delegates)?;
    Some(format!(
        "it lets identity policies of {account} count, and allows nothing by itself (KMS-POL-3)"
    ))
}

/// Of a statement with a part that is not determined nobody knows whether it applies. Rule: IAM-TRI-7.
fn open(policy: &CompiledPolicy, statement: &CompiledStatement, applies: Tri) -> Option<String> {
    let hangs_on = policy.source(statement)?.open.as_deref()?;
    (!applies.is_false()).then(|| {
        let names = hangs_on.iter().map(|name| format!("`{name}`"));
        let names: Vec<String> = names.collect();
        format!(
            "what of it is not determined yet may match the call: {}",
            names.join(", ")
        )
    })
}

fn remarks(
    case: &Case<'_>,
    context: &Context,
    policy: &CompiledPolicy,
    statement: &CompiledStatement,
    elements: &Elements,
) -> Vec<String> {
    let mut remarks = Vec::new();
    let Some(source) = policy.source(statement) else {
        return remarks;
    };
    // What a negated element names is what it excludes.
    let mut remark = |value: Tri, element: &str, is_negated: bool, actual: &str| {
        let words = match (value, is_negated) {
            (Tri::True, _) => return,
            (Tri::False, false) => "does not match",
            (Tri::Unknown, false) => "may match",
            (Tri::False, true) => "excludes",
            (Tri::Unknown, true) => "may exclude",
        };
        let not = if is_negated { "Not" } else { "" };
        remarks.push(format!("{not}{element} {words} {actual}"));
    };
    remark(
        elements.principal.value,
        "Principal",
        matches!(source.principal, Some(Match::NotIn(_))),
        &case.requester.display(),
    );
    remark(
        elements.action.value,
        "Action",
        matches!(source.action, Some(Match::NotIn(_))),
        &case.action_text,
    );
    remark(
        elements.resource.value,
        "Resource",
        matches!(source.resource, Some(Match::NotIn(_))),
        case.target.question.text(),
    );
    let view = View {
        context,
        in_key_policy: is_key_policy(policy),
        supposed: &[],
    };
    let applies = elements.failures() == 0 && remarks.is_empty();
    for (test, outcome) in statement.condition.tests().iter().zip(&elements.conditions) {
        let verb = match outcome.value {
            // What would keep a statement from denying is of interest, too.
            Tri::True if applies && statement.effect == Effect::Deny => "holds",
            Tri::True => continue,
            Tri::False => "fails",
            Tri::Unknown => "is undecided",
        };
        let written = source.conditions.get(test.index());
        let here = written.and_then(|written| operands_here(&view, written));
        remarks.push(format!(
            "{} {} {}{} {verb}: the request has {}",
            test.operator_text(),
            test.key_text(),
            operands(test),
            here.map(|here| format!(" (here {here})"))
                .unwrap_or_default(),
            actual_value(&view, test.key())
        ));
    }
    remarks
}
