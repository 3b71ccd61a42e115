//! How layers join to a decision. Rule: IAM-EVAL-17…26.

use std::collections::BTreeSet;

use preclear_condition::{Dependency, Evidence, Outcome};
use preclear_model::caller::CallerKind;

use crate::arena::{Arena, List, list};
use crate::context::Sources;
use crate::layers::Layers;
use crate::matching::principal::MatchClass;
use crate::request::AmbiguityMode;
use crate::service::sts;
use crate::target::TargetKind;

/// One thing that a path needs.
#[derive(Debug, Clone)]
pub(crate) enum Factor {
    Identity,
    Boundary,
    Session,
    /// The resource-based policy, by these match classes.
    Resource(&'static [MatchClass]),
    /// A grant of the key, by its index.
    Grant(usize),
    /// An identity policy at home, where the key's owner issued the grant. Rule: KMS-GRANT-11.
    KeyTrust,
    /// A child grant within its parent. Rule: KMS-GRANT-9.
    Delegation,
    /// Entitlement to retire a grant. Rule: KMS-GRANT-14.
    Entitlement,
    /// AWS managed keys do not take the operation. Rule: KMS-AMK-3.
    Unsupported,
    /// Boundary and session policy where it is not published whether they limit (AMB-19).
    DisputedLimits,
}

/// A way to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathKind {
    Identity,
    Entity,
    Direct,
    CrossAccount,
    Root,
    Service,
    Anonymous,
    Federated,
    Grant,
    Retire,
    /// None: nothing can allow it.
    Unsupported,
}

/// A conjunction of factors; any true path allows.
#[derive(Debug)]
pub(crate) struct Path<'a, E> {
    pub(crate) kind: PathKind,
    /// What became of each; empty where nothing is told.
    pub(crate) factors: Factors<'a, E>,
    outcome: Outcome<E>,
}

/// Factors with what became of them.
pub(crate) type Factors<'a, E> = List<'a, (Factor, Outcome<E>)>;

impl<'a, E: Evidence> Path<'a, E> {
    /// A path that needs all of these.
    pub(crate) fn new<const N: usize>(
        arena: &'a Arena,
        kind: PathKind,
        factors: [(Factor, Outcome<E>); N],
    ) -> Self {
        let mut path = Self {
            kind,
            factors: List::new_in(arena),
            outcome: Outcome::known(true),
        };
        for (factor, outcome) in factors {
            path.require(factor, outcome);
        }
        path
    }

    /// Adds something that the path needs too.
    pub(crate) fn require(&mut self, factor: Factor, outcome: Outcome<E>) {
        if E::IS_TOLD {
            self.factors.push((factor, outcome.clone()));
        }
        self.outcome = std::mem::take(&mut self.outcome).and(outcome);
    }

    /// Whether all factors hold.
    pub(crate) fn outcome(&self) -> Outcome<E> {
        self.outcome.clone()
    }
}

/// True if caller and resource belong to different accounts. Rule: IAM-EVAL-5.
pub(crate) fn is_cross_account(sources: Sources<'_>) -> bool {
    match (sources.requester.account(), sources.target.account) {
        (Some(own), Some(owner)) => own != owner,
        _ => false,
    }
}

/// True where the resource's policy is mandatory in its own account too. Rule: IAM-EVAL-16, KMS-POL-1.
pub(crate) fn requires_resource_policy(sources: Sources<'_>) -> bool {
    matches!(
        sources.target.kind,
        TargetKind::Key(_) | TargetKind::TrustedRole(_)
    )
}

/// The paths of the general rules; services add their own. Rule: IAM-EVAL-17…23; for callers without account
/// IAM-EVAL-21.
pub(crate) fn paths<'a, E: Evidence>(
    sources: Sources<'a>,
    layers: &Layers<'_, E>,
    ambiguity: AmbiguityMode,
) -> List<'a, Path<'a, E>> {
    const FEDERATED: &[MatchClass] = &[MatchClass::Federated];
    let arena = sources.arena;
    let only = |kind, classes| list(arena, [resource_only(arena, kind, classes, layers)]);
    match sources.requester.kind() {
        // Identity providers vouch for these calls, and nobody signs them. Rule: IAM-EVAL-23.
        _ if sts::is_for_providers(sources.action) => only(PathKind::Federated, FEDERATED),
        CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. } => {
            const CLASSES: &[MatchClass] = &[MatchClass::Service, MatchClass::Wild];
            only(PathKind::Service, CLASSES)
        }
        CallerKind::Anonymous => only(PathKind::Anonymous, &[MatchClass::Wild]),
        CallerKind::Federated { .. } => only(PathKind::Federated, FEDERATED),
        CallerKind::Root | CallerKind::RootSession => list(arena, [root_path(sources, layers)]),
        _ if is_cross_account(sources) => list(arena, [cross_account_path(arena, layers)]),
        _ => same_account_paths(sources, layers, ambiguity),
    }
}

fn resource_only<'a, E: Evidence>(
    arena: &'a Arena,
    kind: PathKind,
    classes: &'static [MatchClass],
    layers: &Layers<'_, E>,
) -> Path<'a, E> {
    Path::new(arena, kind, [resource_factor(classes, layers)])
}

fn resource_factor<E: Evidence>(
    classes: &'static [MatchClass],
    layers: &Layers<'_, E>,
) -> (Factor, Outcome<E>) {
    (Factor::Resource(classes), layers.resource.allow_by(classes))
}

/// Rule: IAM-EVAL-20, KMS-POL-4.
fn root_path<'a, E: Evidence>(sources: Sources<'a>, layers: &Layers<'_, E>) -> Path<'a, E> {
    let session = (Factor::Session, layers.session.allow.clone());
    let mut path = Path::new(sources.arena, PathKind::Root, [session]);
    if requires_resource_policy(sources) || is_cross_account(sources) {
        let (factor, outcome) = resource_factor(MatchClass::ANY, layers);
        path.require(factor, outcome);
    }
    path
}

/// Rule: IAM-EVAL-19, KMS-XA-1.
fn cross_account_path<'a, E: Evidence>(arena: &'a Arena, layers: &Layers<'_, E>) -> Path<'a, E> {
    let [identity, boundary, session] = identity_factors(layers);
    let resource = resource_factor(MatchClass::ANY, layers);
    let factors = [resource, identity, boundary, session];
    Path::new(arena, PathKind::CrossAccount, factors)
}

fn identity_factors<E: Evidence>(layers: &Layers<'_, E>) -> [(Factor, Outcome<E>); 3] {
    [
        (Factor::Identity, layers.identity.allow.clone()),
        (Factor::Boundary, layers.boundary.allow.clone()),
        (Factor::Session, layers.session.allow.clone()),
    ]
}

/// Rule: IAM-EVAL-17, as a table IAM-EVAL-18; for trust policies IAM-EVAL-22.
fn same_account_paths<'a, E: Evidence>(
    sources: Sources<'a>,
    layers: &Layers<'_, E>,
    ambiguity: AmbiguityMode,
) -> List<'a, Path<'a, E>> {
    const ACCOUNT: &[MatchClass] = &[MatchClass::Account];
    const ENTITY: &[MatchClass] = &[MatchClass::Entity];
    let arena = sources.arena;
    let mut identity = Path::new(arena, PathKind::Identity, identity_factors(layers));
    if requires_resource_policy(sources) {
        let (factor, outcome) = resource_factor(ACCOUNT, layers);
        identity.require(factor, outcome);
    }
    let entity = [
        resource_factor(ENTITY, layers),
        (Factor::Boundary, layers.boundary.allow.clone()),
        (Factor::Session, layers.session.allow.clone()),
    ];
    let entity = Path::new(arena, PathKind::Entity, entity);
    let mut paths = List::with_capacity_in(4, arena);
    paths.push(identity);
    paths.push(entity);
    if matches!(sources.target.kind, TargetKind::TrustedRole(_)) {
        paths.extend(trust_direct_paths(arena, layers, ambiguity));
    } else {
        let direct = resource_only(arena, PathKind::Direct, MatchClass::DIRECT, layers);
        paths.push(direct);
    }
    paths
}

/// A trust policy that names user, session or everyone. Rule: IAM-EVAL-22, DOC-9.
fn trust_direct_paths<'a, E: Evidence>(
    arena: &'a Arena,
    layers: &Layers<'_, E>,
    ambiguity: AmbiguityMode,
) -> [Path<'a, E>; 2] {
    const USER: &[MatchClass] = &[MatchClass::User];
    const DISPUTED: &[MatchClass] = &[MatchClass::Session, MatchClass::Wild];
    let (boundary, session) = (layers.boundary.allow.clone(), layers.session.allow.clone());
    // AMB-19: the readings are "both limit" and "neither does"; the guess lies between.
    let strict = boundary.clone().and(session);
    let limits = match ambiguity {
        AmbiguityMode::Failsafe => strict,
        AmbiguityMode::Guess => boundary.clone(),
        AmbiguityMode::Report if strict.value.is_true() => strict,
        AmbiguityMode::Report => preclear_condition::Ambiguities::Report.decide(19, true),
    };
    let limited = [resource_factor(USER, layers), (Factor::Boundary, boundary)];
    let disputed = [
        resource_factor(DISPUTED, layers),
        (Factor::DisputedLimits, limits),
    ];
    [
        Path::new(arena, PathKind::Direct, limited),
        Path::new(arena, PathKind::Direct, disputed),
    ]
}

/// What the procedure of IAM-EVAL-26 found.
#[derive(Debug)]
pub(crate) struct Composition<'a, E> {
    /// Some layer denies.
    pub(crate) denied: Outcome<E>,
    /// Every guardrail allows.
    pub(crate) guard: Outcome<E>,
    /// Some path allows.
    pub(crate) granted: Outcome<E>,
    pub(crate) paths: List<'a, Path<'a, E>>,
}

/// The answer of the procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Allow,
    ExplicitDeny,
    ImplicitDeny,
    Depends,
}

impl<'a, E: Evidence> Composition<'a, E> {
    /// Joins layers and paths.
    pub(crate) fn new(layers: &Layers<'_, E>, paths: List<'a, Path<'a, E>>) -> Self {
        let mut denied = Outcome::known(false);
        let mut guard = Outcome::known(true);
        for levels in [&layers.scp, &layers.rcp] {
            for level in levels.iter() {
                denied = denied.or(level.deny.clone());
                guard = guard.and(level.allow.clone());
            }
        }
        let guard = guard.and(layers.vpce.allow.clone());
        for layer in layers.behind_guardrails() {
            denied = denied.or(layer.deny.clone());
        }
        let granted = Outcome::any(paths.iter().map(Path::outcome));
        Self {
            denied,
            guard,
            granted,
            paths,
        }
    }

    /// A deny wins over everything, and nothing is allowed that is not allowed for certain. Rule: IAM-EVAL-26,
    /// IAM-EVAL-3, IAM-TRI-6.
    pub(crate) fn answer(&self) -> Answer {
        if self.denied.value.is_true() {
            Answer::ExplicitDeny
        } else if self.guard.value.is_false() || self.granted.value.is_false() {
            Answer::ImplicitDeny
        } else if self.denied.value.is_false()
            && self.guard.value.is_true()
            && self.granted.value.is_true()
        {
            Answer::Allow
        } else {
            Answer::Depends
        }
    }
}

impl Composition<'_, BTreeSet<Dependency>> {
    /// Union over what was left undecided. Rule: IAM-TRI-9.
    pub(crate) fn dependencies(&self) -> BTreeSet<Dependency> {
        [&self.denied, &self.guard, &self.granted]
            .into_iter()
            .filter(|outcome| outcome.value.is_unknown())
            .flat_map(|outcome| outcome.evidence.iter().cloned())
            .collect()
    }
}
