//! Statements that failed in exactly one element. Rule: IAM-RSN-5.

use preclear_condition::{KeyName, KeyState, Lookup, Outcome, Test};
use preclear_model::policy::{PrincipalEntry, PrincipalKind};
use preclear_model::{Effect, Match, Statement};

use super::{Evidences, is_false};
use crate::context::{Endpoint, Entry, View};
use crate::decide::{Case, Run};
use crate::engine::policies::{CompiledPolicy, CompiledStatement};
use crate::evaluate::{LayerResult, Query, is_key_policy, principal_outcome};
use crate::explanation::NearMiss;
use crate::layer::Layer;
use crate::snapshot::VpcEndpointKind;

/// Elements of one statement, each evaluated for itself.
pub(crate) struct Elements {
    pub(crate) principal: Outcome<Evidences>,
    pub(crate) action: Outcome<Evidences>,
    pub(crate) resource: Outcome<Evidences>,
    pub(crate) conditions: Vec<Outcome<Evidences>>,
}

impl Elements {
    pub(crate) fn evaluate(
        case: &Case<'_>,
        context: &crate::context::Context,
        layer: &LayerResult<'_, Evidences>,
        policy: &CompiledPolicy,
        statement: &CompiledStatement,
    ) -> Self {
        let query = query(case, context);
        let ambiguities = query.ambiguities(statement.effect);
        let view = View {
            context,
            in_key_policy: is_key_policy(policy),
            supposed: &[],
        };
        Self {
            principal: principal_outcome(
                policy,
                statement,
                query,
                is_gateway(case, context, layer.layer),
            )
            .any(),
            action: statement.action.matches(&case.action, ambiguities),
            resource: statement
                .resource
                .matches(&case.target.question, &view, ambiguities),
            conditions: statement
                .condition
                .tests()
                .iter()
                .map(|test| test.evaluate(&view, ambiguities))
                .collect(),
        }
    }

    fn condition_fails(&self) -> bool {
        self.conditions.iter().any(is_false)
    }

    /// True where nothing but the principal can keep the statement from applying.
    pub(crate) fn may_match_but_for_principal(&self) -> bool {
        !is_false(&self.action) && !is_false(&self.resource) && !self.condition_fails()
    }

    fn failures(&self) -> usize {
        [
            is_false(&self.principal),
            is_false(&self.action),
            is_false(&self.resource),
            self.condition_fails(),
        ]
        .into_iter()
        .filter(|fails| *fails)
        .count()
    }
}

fn query<'a>(case: &'a Case<'a>, context: &'a crate::context::Context) -> Query<'a> {
    Query {
        requester: case.requester,
        action: &case.action,
        question: &case.target.question,
        context,
        supposed: &[],
        mode: case.request.mode,
        ambiguity: case.request.ambiguity,
    }
}

fn is_gateway(case: &Case<'_>, context: &crate::context::Context, layer: Layer) -> bool {
    let Endpoint::Stated(id) = &context.endpoint else {
        return false;
    };
    let endpoint = case.engine.vpc_endpoint(id);
    layer == Layer::VpcEndpoint
        && endpoint.is_some_and(|endpoint| endpoint.record.kind == VpcEndpointKind::Gateway)
}

/// True if all but the condition of a statement may match.
pub(crate) fn matches_but_for_condition(
    case: &Case<'_>,
    context: &crate::context::Context,
    layer: &LayerResult<'_, Evidences>,
    policy: &CompiledPolicy,
    statement: &CompiledStatement,
) -> bool {
    let query = query(case, context);
    let ambiguities = query.ambiguities(statement.effect);
    let view = View {
        context,
        in_key_policy: is_key_policy(policy),
        supposed: &[],
    };
    let action: Outcome<()> = statement.action.matches(&case.action, ambiguities);
    let resource: Outcome<()> =
        statement
            .resource
            .matches(&case.target.question, &view, ambiguities);
    let may_match = |outcome: &Outcome<()>| !outcome.value.is_false();
    may_match(&action)
        && may_match(&resource)
        && may_match(
            &principal_outcome(
                policy,
                statement,
                query,
                is_gateway(case, context, layer.layer),
            )
            .any(),
        )
}

/// Near misses of all layers that do not allow.
pub(crate) fn collect(
    case: &Case<'_>,
    context: &crate::context::Context,
    run: &Run<'_, Evidences>,
) -> Vec<NearMiss> {
    let mut found = Vec::new();
    for layer in run.layers.iter() {
        let may_help = match layer.layer {
            // A key policy may allow by another class than the one that is needed.
            Layer::Resource => true,
            _ => !layer.allow.value.is_true(),
        };
        if !may_help {
            continue;
        }
        for policy in &layer.policies {
            for statement in policy
                .statements
                .iter()
                .filter(|statement| statement.effect == Effect::Allow)
            {
                found.extend(of_statement(case, context, layer, policy, statement));
            }
        }
    }
    // What a person can mend most easily comes first.
    found.sort_by_key(|miss| match miss.element {
        "Condition" => 0,
        "Principal" | "NotPrincipal" => 1,
        "Resource" | "NotResource" => 2,
        _ => 3,
    });
    found
}

fn of_statement(
    case: &Case<'_>,
    context: &crate::context::Context,
    layer: &LayerResult<'_, Evidences>,
    policy: &CompiledPolicy,
    statement: &CompiledStatement,
) -> Vec<NearMiss> {
    let elements = Elements::evaluate(case, context, layer, policy, statement);
    let Some(source) = policy
        .source(statement)
        .filter(|_| elements.failures() == 1)
    else {
        return Vec::new();
    };
    let view = View {
        context,
        in_key_policy: is_key_policy(policy),
        supposed: &[],
    };
    let miss = |element: &'static str, expected: String, actual: String| NearMiss {
        layer: layer.layer,
        statement: policy.reference(statement),
        element,
        key: None,
        operator: None,
        expected,
        actual,
    };
    if elements.condition_fails() {
        return statement
            .condition
            .tests()
            .iter()
            .zip(&elements.conditions)
            .filter(|(_, outcome)| is_false(outcome))
            .map(|(test, _)| {
                let (expected, actual) = (operands(test), actual_value(&view, test.key()));
                NearMiss {
                    key: Some(test.key_text().to_owned()),
                    operator: Some(test.operator_text().to_owned()),
                    ..miss("Condition", expected, actual)
                }
            })
            .collect();
    }
    let (element, expected, actual) = if is_false(&elements.principal) {
        principal_miss(case, source)
    } else if is_false(&elements.action) {
        let (element, expected) = entries(source.action.as_ref(), "Action", "NotAction", |entry| {
            &entry.text
        });
        (element, expected, case.action_text.clone())
    } else {
        let (element, expected) = entries(
            source.resource.as_ref(),
            "Resource",
            "NotResource",
            |entry| &entry.template.source,
        );
        (element, expected, case.target.question.text().to_owned())
    };
    vec![miss(element, expected, actual)]
}

/// Operands as written.
pub(crate) fn operands(test: &Test) -> String {
    test.operand_texts().collect::<Vec<_>>().join(", ")
}

/// The request's value of a key, as near misses show it.
pub(crate) fn actual_value(view: &View<'_>, key: &KeyName) -> String {
    match view.state(key) {
        KeyState::Absent => "(absent)".to_owned(),
        KeyState::Present => "(present)".to_owned(),
        KeyState::Like(_) => match view.context.entry(key) {
            Some(Entry::Like { text, .. }) => text.clone(),
            _ => "(present)".to_owned(),
        },
        KeyState::Unknown | KeyState::Conflict | KeyState::Disputed { .. } => {
            "(unknown)".to_owned()
        }
        KeyState::One(value) => value.to_owned(),
        KeyState::Many([]) => "(empty)".to_owned(),
        KeyState::Many(values) => values.join(", "),
        KeyState::Empty { .. } => String::new(),
    }
}

fn entries<T>(
    element: Option<&Match<T>>,
    positive: &'static str,
    negated: &'static str,
    text: impl Fn(&T) -> &String,
) -> (&'static str, String) {
    let join = |entries: &[T]| {
        entries
            .iter()
            .map(|entry| text(entry).as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
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
