//! One layer of policies against one request. Layers know nothing of each other, nor of services.

use preclear_condition::{Ambiguities, Dependency, Evidence, Outcome};
use preclear_model::policy::{PrincipalEntry, PrincipalKind};
use preclear_model::{Effect, Match};

use crate::arena::{Arena, List};
use crate::context::{Context, Supposed, View};
use crate::engine::policies::{CompiledPolicy, CompiledStatement, PolicySet};
use crate::layer::Layer;
use crate::matching::action::ActionName;
use crate::matching::principal::{self, MatchClass, PrincipalOutcome, PrincipalQuestion};
use crate::matching::resource::Question;
use crate::request::{AmbiguityMode, ContextMode};
use crate::requester::Requester;

/// One decision's question: requester, action, resource, context. Rule: IAM-EVAL-4.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a> {
    pub(crate) requester: &'a Requester<'a>,
    pub(crate) action: &'a ActionName<'a>,
    pub(crate) question: &'a Question<'a>,
    pub(crate) context: &'a Context<'a>,
    /// What conditions see otherwise; everything else goes by the context.
    pub(crate) supposed: Supposed<'a>,
    pub(crate) mode: ContextMode,
    pub(crate) ambiguity: AmbiguityMode,
}

impl Query<'_> {
    /// How ambiguous tests of a statement are decided. Rule: IAM-TRI-8.
    pub(crate) fn ambiguities(&self, effect: Effect) -> Ambiguities {
        self.ambiguity.of(effect)
    }
}

impl AmbiguityMode {
    /// How ambiguous tests of a statement with this effect are decided. Rule: IAM-TRI-8.
    pub(crate) fn of(self, effect: Effect) -> Ambiguities {
        match self {
            Self::Report => Ambiguities::Report,
            Self::Guess => Ambiguities::Guess,
            Self::Failsafe => Ambiguities::Always(effect == Effect::Deny),
        }
    }
}

/// A statement that does not certainly fail.
#[derive(Debug)]
pub(crate) struct StatementResult<'a, E> {
    pub(crate) policy: &'a CompiledPolicy,
    pub(crate) statement: &'a CompiledStatement,
    /// Action, resource and condition.
    pub(crate) elements: Outcome<E>,
    pub(crate) principal: PrincipalOutcome<E>,
}

impl<E: Evidence> StatementResult<'_, E> {
    /// Whether the statement applies. Rule: IAM-EVAL-1.
    pub(crate) fn applies(&self) -> Outcome<E> {
        self.applies_by(MatchClass::ANY)
    }

    /// Whether it applies through an entry of these classes.
    pub(crate) fn applies_by(&self, classes: &[MatchClass]) -> Outcome<E> {
        self.elements.clone().and(self.principal.by(classes))
    }
}

/// Where the documents of a layer came from, or why there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LayerState {
    /// Its policies were evaluated.
    Evaluated,
    /// It does not reach this request; the words say why.
    NotReached(&'static str),
    /// It has no policy; the words say what that means.
    NoPolicy(&'static str),
    /// Assumed to let everything pass.
    AssumedOpen,
    /// Its policies are not loaded.
    Unknown,
}

/// What a layer contributes. Rule: IAM-EVAL-2.
#[derive(Debug)]
pub(crate) struct LayerResult<'a, E> {
    pub(crate) layer: Layer,
    /// For SCPs and RCPs: id of the root, unit or account.
    pub(crate) level: Option<&'a str>,
    pub(crate) state: LayerState,
    /// What was evaluated; empty where nothing is told.
    pub(crate) sets: List<'a, &'a PolicySet>,
    /// Statements that do not certainly fail; where nothing is told, of policies with principals alone.
    pub(crate) statements: List<'a, StatementResult<'a, E>>,
    pub(crate) allow: Outcome<E>,
    pub(crate) deny: Outcome<E>,
    /// What further policies of the layer, not loaded, may allow: unknown, or false if there are none.
    rest: Outcome<E>,
}

impl<'a, E: Evidence> LayerResult<'a, E> {
    /// A layer without statements.
    pub(crate) fn fixed(arena: &'a Arena, layer: Layer, state: LayerState, allow: bool) -> Self {
        Self {
            layer,
            level: None,
            state,
            sets: List::new_in(arena),
            statements: List::new_in(arena),
            allow: Outcome::known(allow),
            deny: Outcome::known(false),
            rest: Outcome::known(false),
        }
    }

    /// A layer whose policies are not loaded. Rule: IAM-TRI-7.
    pub(crate) fn unknown(arena: &'a Arena, layer: Layer) -> Self {
        let unknown = || Outcome::unknown(|| Dependency::Layer(layer.name()));
        Self {
            allow: unknown(),
            deny: unknown(),
            ..Self::fixed(arena, layer, LayerState::Unknown, false)
        }
    }

    /// Evaluates one set of policies.
    pub(crate) fn evaluate(
        arena: &'a Arena,
        layer: Layer,
        set: &'a PolicySet,
        query: Query<'_>,
        gateway: bool,
    ) -> Self {
        Self::evaluate_all(arena, layer, &[set], query, gateway)
    }

    /// Evaluates the union of the sets.
    pub(crate) fn evaluate_all(
        arena: &'a Arena,
        layer: Layer,
        sets: &[&'a PolicySet],
        query: Query<'_>,
        gateway: bool,
    ) -> Self {
        let mut result = Self::fixed(arena, layer, LayerState::Evaluated, false);
        if E::IS_TOLD {
            result.sets.extend_from_slice(sets);
        }
        for set in sets {
            set.candidates(query.action, query.question, arena, |policy, statement| {
                if result.is_settled_for(policy, statement) {
                    return;
                }
                let found = evaluate_statement(layer, policy, statement, query, gateway);
                if let Some(found) = found {
                    result.add(found);
                }
            });
        }
        result
    }

    /// Whether the statement can add nothing: one of its kind applies already, and nothing is told of any.
    fn is_settled_for(&self, policy: &CompiledPolicy, statement: &CompiledStatement) -> bool {
        !E::IS_TOLD
            && match statement.effect {
                // By what class another one allows is asked later.
                Effect::Allow => self.allow.value.is_true() && !policy.has_principals(),
                Effect::Deny => self.deny.value.is_true(),
            }
    }

    /// Adds a statement that does not certainly fail.
    fn add(&mut self, found: StatementResult<'a, E>) {
        let applies = found.applies();
        let side = match found.statement.effect {
            Effect::Allow => &mut self.allow,
            Effect::Deny => &mut self.deny,
        };
        *side = std::mem::take(side).or(applies);
        // By what class a statement matches is asked later; all else only where it is told.
        if E::IS_TOLD || found.policy.has_principals() {
            self.statements.push(found);
        }
    }

    /// The policies that were evaluated, in their order.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &'a CompiledPolicy> {
        self.sets.iter().flat_map(|set| set.policies())
    }

    /// Adds policies of the layer that are not loaded.
    pub(crate) fn with_unknown_rest(mut self) -> Self {
        let unknown = || Outcome::unknown(|| Dependency::Layer(self.layer.name()));
        let (allow, deny) = (unknown(), unknown());
        self.rest = unknown();
        self.allow = self.allow.or(allow);
        self.deny = self.deny.or(deny);
        self
    }

    /// What is left where nobody knows whether a layer that only limits reaches the request: one that does not lets
    /// everything pass. Rule: IAM-TRI-6.
    pub(crate) fn if_reached(mut self, unknown: impl Fn() -> Outcome<E>) -> Self {
        self.allow = self.allow.or(unknown());
        self.deny = self.deny.and(unknown());
        self
    }

    /// Whether an Allow applies through an entry of these classes. Rule: IAM-EVAL-15.
    pub(crate) fn allow_by(&self, classes: &[MatchClass]) -> Outcome<E> {
        match self.state {
            LayerState::Evaluated => Outcome::any(
                self.statements
                    .iter()
                    .filter(|result| result.statement.effect == Effect::Allow)
                    .map(|result| result.applies_by(classes)),
            )
            .or(self.rest.clone()),
            _ => self.allow.clone(),
        }
    }
}

/// Evaluates one statement; `None` if an element certainly fails, its condition included. Rule: IAM-EVAL-1, IAM-COND-2.
fn evaluate_statement<'a, E: Evidence>(
    layer: Layer,
    policy: &'a CompiledPolicy,
    statement: &'a CompiledStatement,
    query: Query<'_>,
    gateway: bool,
) -> Option<StatementResult<'a, E>> {
    let ambiguities = query.ambiguities(statement.effect);
    let live = |outcome: Outcome<E>| (!outcome.value.is_false()).then_some(outcome);
    let view = View {
        context: query.context,
        in_key_policy: is_key_policy(policy),
        supposed: query.supposed,
    };
    let action = live(statement.action.matches(query.action, ambiguities))?;
    let resource = live(
        statement
            .resource
            .matches(query.question, &view, ambiguities),
    )?;
    let principal = principal_outcome(policy, statement, query, gateway);
    if principal.any().value.is_false() {
        return None;
    }
    let condition = live(statement.condition.evaluate(&view, ambiguities))?;
    Some(StatementResult {
        policy,
        statement,
        elements: action
            .and(resource)
            .and(condition)
            .and(determined(statement, layer)),
        principal,
    })
}

/// Whether a statement says what stands in it: one of which a part is not determined may say less. Rule: IAM-TRI-7.
fn determined<E: Evidence>(statement: &CompiledStatement, layer: Layer) -> Outcome<E> {
    match statement.is_open {
        true => Outcome::unknown(|| Dependency::Layer(layer.name())),
        false => Outcome::known(true),
    }
}

/// What the statement's principal element says.
pub(crate) fn principal_outcome<E: Evidence>(
    policy: &CompiledPolicy,
    statement: &CompiledStatement,
    query: Query<'_>,
    gateway: bool,
) -> PrincipalOutcome<E> {
    if !policy.has_principals() {
        return PrincipalOutcome::Everyone;
    }
    let question = PrincipalQuestion {
        requester: query.requester,
        mode: query.mode,
        gateway,
        is_s3: query.action.service().starts_with("s3"),
    };
    let element = policy
        .source(statement)
        .and_then(|source| source.principal.as_ref());
    // Who is meant is not determined: it may be anybody, in any way.
    if statement.is_open && element.is_some_and(names_everyone) {
        return PrincipalOutcome::Everyone;
    }
    principal::evaluate(
        element,
        statement.effect,
        question,
        query.ambiguities(statement.effect),
    )
}

fn names_everyone(element: &Match<PrincipalEntry>) -> bool {
    let mut entries = element.entries().iter();
    !element.is_negated() && entries.any(|entry| matches!(entry.kind, PrincipalKind::Everyone))
}

/// Key policies see no `kms:ResourceAliases`. Rule: KMS-COND-0, table.
pub(crate) fn is_key_policy(policy: &CompiledPolicy) -> bool {
    policy.document.kind == preclear_model::PolicyKind::Key
}
