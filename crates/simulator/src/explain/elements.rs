//! The elements of one statement, each evaluated for itself.

use preclear_condition::{Outcome, Tri};
use preclear_model::Statement;

use super::{Evidences, is_false};
use crate::context::{Context, Endpoint, View};
use crate::decide::Case;
use crate::engine::policies::{CompiledPolicy, CompiledStatement};
use crate::evaluate::{LayerResult, Query, is_key_policy, principal_outcome};
use crate::explanation::MetTest;
use crate::layer::Layer;
use crate::matching::principal::{MatchClass, PrincipalOutcome};
use crate::snapshot::VpcEndpointKind;

/// Elements of one statement, each evaluated for itself.
pub(crate) struct Elements {
    pub(crate) principal: Outcome<Evidences>,
    /// The same by the classes of its entries.
    by_class: PrincipalOutcome<Evidences>,
    /// It matches the caller's account and nothing nearer: in a key policy a delegation.
    pub(crate) is_by_account: bool,
    pub(crate) action: Outcome<Evidences>,
    pub(crate) resource: Outcome<Evidences>,
    pub(crate) conditions: Vec<Outcome<Evidences>>,
}

impl Elements {
    pub(crate) fn evaluate(
        case: &Case<'_>,
        context: &Context,
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
        let gateway = is_gateway(case, context, layer.layer);
        let principal = principal_outcome(policy, statement, query, gateway);
        let is_by = |classes: &[MatchClass]| principal.by(classes).value.is_true();
        Self {
            is_by_account: is_by(&[MatchClass::Account])
                && !is_by(MatchClass::DIRECT)
                && !is_by(&[MatchClass::Entity]),
            principal: principal.any(),
            by_class: principal,
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

    pub(super) fn condition_fails(&self) -> bool {
        self.conditions.iter().any(is_false)
    }

    /// Whether the principal may match by an entry of these classes.
    pub(super) fn may_match_by(&self, classes: &[MatchClass]) -> bool {
        !is_false(&self.by_class.by(classes))
    }

    /// True where nothing but the principal can keep the statement from applying.
    pub(crate) fn may_match_but_for_principal(&self) -> bool {
        !is_false(&self.action) && !is_false(&self.resource) && !self.condition_fails()
    }

    /// Conditions with this outcome, as written.
    pub(super) fn tests_that(
        &self,
        policy: &CompiledPolicy,
        statement: &CompiledStatement,
        source: &Statement,
        value: Tri,
    ) -> Vec<MetTest> {
        let tests = statement.condition.tests().iter().zip(&self.conditions);
        let found = tests.filter(|(_, outcome)| outcome.value == value);
        found
            .filter_map(|(test, _)| source.conditions.get(test.index()))
            .map(|test| MetTest {
                operator: test.operator_text.to_string(),
                key: test.key.to_string(),
                operands: test
                    .operands
                    .iter()
                    .map(|operand| operand.template.source.to_string())
                    .collect(),
                version: policy.document.version,
            })
            .collect()
    }

    pub(super) fn failures(&self) -> usize {
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

pub(super) fn query<'a>(case: &'a Case<'a>, context: &'a Context<'a>) -> Query<'a> {
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

fn is_gateway(case: &Case<'_>, context: &Context, layer: Layer) -> bool {
    let Endpoint::Stated(id) = context.endpoint() else {
        return false;
    };
    let endpoint = case.engine.vpc_endpoint(id);
    layer == Layer::VpcEndpoint
        && endpoint.is_some_and(|endpoint| endpoint.record.kind == VpcEndpointKind::Gateway)
}

/// True if all but the condition of a statement may match.
pub(crate) fn matches_but_for_condition(
    case: &Case<'_>,
    context: &Context,
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
