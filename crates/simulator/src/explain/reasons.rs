//! Reasons of a decision, in the order of IAM-RSN-3 and IAM-RSN-4.

use std::collections::HashSet;

use preclear_condition::Tri;
use preclear_model::Effect;

use super::Evidences;
use crate::compose::{self, Factor, Path, PathKind};
use crate::decide::{Case, Run};
use crate::evaluate::{LayerResult, StatementResult};
use crate::explanation::{Code, Reason, Verdict};
use crate::layer::Layer;
use crate::matching::principal::MatchClass;
use crate::service::kms::grants;
use crate::target::TargetKind;

/// All reasons; the first is the primary one.
pub(crate) fn collect(case: &Case<'_>, run: &Run<'_, Evidences>, verdict: Verdict) -> Vec<Reason> {
    each_once(match verdict {
        Verdict::ExplicitDeny => explicit(case, run),
        Verdict::ImplicitDeny => implicit(case, run),
        Verdict::Allow => allowing(case, run),
        Verdict::Depends | Verdict::NotApplicable | Verdict::Invalid => Vec::new(),
    })
}

/// What would allow a request that is undecided: every path that no factor closes, with what may open it.
pub(crate) fn open_ways(case: &Case<'_>, run: &Run<'_, Evidences>) -> Vec<Reason> {
    each_once(of_paths(case, run, |value| !value.is_false()))
}

fn each_once(mut reasons: Vec<Reason>) -> Vec<Reason> {
    // The same reason may come by several paths; only its first place counts. A key may have tens of thousands of grants, but
    // statements are few.
    let mut grants = HashSet::new();
    let mut others = Vec::new();
    reasons.retain(|reason| match &reason.grant {
        Some(id) => grants.insert((reason.code.name(), id.clone())),
        None => {
            let is_new = !others.contains(reason);
            if is_new {
                others.push(reason.clone());
            }
            is_new
        }
    });
    reasons
}

fn statement_reason(code: Code, layer: Layer, result: &StatementResult<'_, Evidences>) -> Reason {
    let reference = result.policy.reference(result.statement);
    Reason {
        policy: Some(reference.policy.clone()),
        statement: Some(reference),
        ..Reason::new(code, Some(layer))
    }
}

/// Every deny statement that applies, by layer. Rule: IAM-RSN-3.
fn explicit(case: &Case<'_>, run: &Run<'_, Evidences>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for layer in run.layers.iter().filter(|layer| layer.deny.value.is_true()) {
        let code = match layer.layer {
            Layer::Scp => Code::ExplicitDenyScp,
            Layer::Rcp => Code::ExplicitDenyRcp,
            Layer::VpcEndpoint => Code::ExplicitDenyVpce,
            Layer::Boundary => Code::ExplicitDenyBoundary,
            Layer::Session => Code::ExplicitDenySession,
            Layer::Resource if is_trust(case) => Code::ExplicitDenyTrust,
            Layer::Resource | Layer::Grants => Code::ExplicitDenyResource,
            Layer::Identity => Code::ExplicitDenyIdentity,
        };
        let denies = layer.statements.iter().filter(|result| {
            result.statement.effect == Effect::Deny && result.applies().value.is_true()
        });
        reasons.extend(denies.map(|result| statement_reason(code, layer.layer, result)));
    }
    reasons
}

fn is_trust(case: &Case<'_>) -> bool {
    matches!(case.target.kind, TargetKind::TrustedRole(_))
}

fn is_key(case: &Case<'_>) -> bool {
    matches!(case.target.kind, TargetKind::Key(_))
}

/// Guardrails that do not allow, then what the nearest path lacks. Rule: IAM-RSN-3, IAM-RSN-4.
fn implicit(case: &Case<'_>, run: &Run<'_, Evidences>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for level in run
        .layers
        .scp
        .iter()
        .filter(|level| level.allow.value.is_false())
    {
        let policy = level.level.map(str::to_owned);
        reasons.push(Reason {
            policy,
            ..Reason::new(Code::NoScpAllow, Some(Layer::Scp))
        });
    }
    if run.layers.vpce.allow.value.is_false() {
        reasons.push(silent(Code::NoVpceAllow, &run.layers.vpce));
    }
    if run.composition.granted.value.is_false() {
        let mut paths: Vec<&Path<'_, Evidences>> = run
            .composition
            .paths
            .iter()
            .filter(|path| takes_part(case, path))
            .collect();
        paths.sort_by_key(|path| {
            (
                !is_stopped_by_delegation(path),
                unopened(path),
                order(path.kind),
            )
        });
        for path in paths {
            reasons.extend(missing(case, run, path));
        }
    }
    drop_untrue(run, &mut reasons);
    reasons
}

/// Where the policy is mandatory each path asks for an entry of its own kind, and lacks it though another kind is there: that no
/// policy allows is said only where none does, and once. Rule: KMS-DEC-0, last lines; IAM-RSN-2.
fn drop_untrue(run: &Run<'_, Evidences>, reasons: &mut Vec<Reason>) {
    let allows = !run
        .layers
        .resource
        .allow_by(MatchClass::ANY)
        .value
        .is_false();
    let is_said = reasons
        .iter()
        .any(|reason| reason.code == Code::IamNotEnabledByKeyPolicy);
    let mut is_primary = true;
    reasons.retain(|reason| {
        let is_untrue = match reason.code {
            Code::NoResourceAllow => allows || is_said,
            Code::NoTrustAllow => allows,
            _ => false,
        };
        std::mem::take(&mut is_primary) || !is_untrue
    });
}

/// A layer that is silent; names its policy where there is exactly one.
fn silent(code: Code, layer: &LayerResult<'_, Evidences>) -> Reason {
    let mut policies = layer.policies();
    let policy = match (policies.next(), policies.next()) {
        (Some(policy), None) => Some(policy.document.name.clone()),
        _ => None,
    };
    Reason {
        policy,
        ..Reason::new(code, Some(layer.layer))
    }
}

/// Where the resource's policy is not mandatory, its paths count only if it said something. Rule: IAM-RSN-4.
fn takes_part(case: &Case<'_>, path: &Path<'_, Evidences>) -> bool {
    if path.kind == PathKind::Grant {
        return true;
    }
    let optional = matches!(path.kind, PathKind::Entity | PathKind::Direct)
        && !compose::requires_resource_policy(case.sources());
    let resource_fails = path
        .factors
        .iter()
        .any(|(factor, outcome)| matches!(factor, Factor::Resource(_)) && outcome.value.is_false());
    !(optional && resource_fails)
}

/// True for a grant that allows but for the limits of what it may pass on: that is what the caller must hear.
/// Rule: KMS-DEC-0, last gate.
fn is_stopped_by_delegation(path: &Path<'_, Evidences>) -> bool {
    let mut failing = path
        .factors
        .iter()
        .filter(|(_, outcome)| outcome.value.is_false());
    matches!(
        (failing.next(), failing.next()),
        (Some((Factor::Delegation, _)), None)
    )
}

/// How much is missing before boundary and session policy are asked: a path that is open but for these came
/// closer than one that nothing opens. Rule: IAM-RSN-4, KMS-DEC-0.
fn unopened(path: &Path<'_, Evidences>) -> usize {
    path.factors
        .iter()
        .filter(|(factor, _)| {
            !matches!(
                factor,
                Factor::Boundary | Factor::Session | Factor::DisputedLimits
            )
        })
        .filter(|(_, outcome)| outcome.value.is_false())
        .count()
}

/// Ties: identity, entity, direct. Rule: IAM-RSN-4.
fn order(kind: PathKind) -> u8 {
    match kind {
        PathKind::Identity
        | PathKind::CrossAccount
        | PathKind::Root
        | PathKind::Service
        | PathKind::Anonymous
        | PathKind::Federated
        | PathKind::Retire
        | PathKind::Unsupported => 0,
        PathKind::Entity => 1,
        PathKind::Direct => 2,
        PathKind::Grant => 3,
    }
}

/// What a path lacks, in the order of IAM-RSN-3.
fn missing(case: &Case<'_>, run: &Run<'_, Evidences>, path: &Path<'_, Evidences>) -> Vec<Reason> {
    let mut failing: Vec<&Factor> = path
        .factors
        .iter()
        .filter(|(_, outcome)| outcome.value.is_false())
        .map(|(factor, _)| factor)
        .collect();
    failing.sort_by_key(|factor| match factor {
        Factor::Entitlement | Factor::Delegation | Factor::KeyTrust | Factor::Grant(_) => 0,
        Factor::Resource(_) | Factor::Unsupported => 1,
        Factor::Identity => 2,
        Factor::Boundary | Factor::DisputedLimits => 3,
        Factor::Session => 4,
    });
    let alone = failing.len() == 1;
    // Nothing but the rules of retiring entitles to it (KMS-GRANT-14).
    let retire = (path.kind == PathKind::Retire)
        .then(|| Reason::new(Code::RetireGrantNotEntitled, Some(Layer::Grants)));
    let missing = failing
        .into_iter()
        .flat_map(|factor| missing_factor(case, run, path, factor, alone));
    retire.into_iter().chain(missing).collect()
}

fn missing_factor(
    case: &Case<'_>,
    run: &Run<'_, Evidences>,
    path: &Path<'_, Evidences>,
    factor: &Factor,
    alone: bool,
) -> Vec<Reason> {
    let layers = &run.layers;
    let grant = || Some(grant_id(case, path)).flatten();
    match factor {
        Factor::Resource(classes) => {
            let only_delegation = alone
                && path.kind == PathKind::Identity
                && **classes == [MatchClass::Account]
                && layers.identity.allow.value.is_true();
            let code = if is_trust(case) {
                Code::NoTrustAllow
            } else if only_delegation && is_key(case) {
                Code::IamNotEnabledByKeyPolicy
            } else {
                Code::NoResourceAllow
            };
            vec![silent(code, &layers.resource)]
        }
        Factor::Identity => vec![silent(Code::NoIdentityAllow, &layers.identity)],
        Factor::Boundary => vec![silent(Code::NoBoundaryAllow, &layers.boundary)],
        Factor::DisputedLimits => [
            (Code::NoBoundaryAllow, &layers.boundary),
            (Code::NoSessionAllow, &layers.session),
        ]
        .into_iter()
        .filter(|(_, layer)| layer.allow.value.is_false())
        .map(|(code, layer)| silent(code, layer))
        .collect(),
        Factor::Session => {
            let mut reasons = vec![silent(Code::NoSessionAllow, &layers.session)];
            let is_federated = matches!(
                case.requester.kind(),
                preclear_model::caller::CallerKind::FederatedUser { .. }
            );
            if is_federated && case.session_policies.is_empty() {
                reasons.push(Reason::new(
                    Code::FederatedNoSessionPolicy,
                    Some(Layer::Session),
                ));
            }
            reasons
        }
        Factor::Unsupported => vec![Reason::new(
            Code::UnsupportedOnAwsManagedKey,
            Some(Layer::Resource),
        )],
        Factor::KeyTrust => vec![Reason {
            grant: grant(),
            ..Reason::new(Code::KeyTrustMissing, Some(Layer::Grants))
        }],
        Factor::Delegation => {
            vec![Reason {
                grant: grant(),
                ..Reason::new(Code::GrantDelegationExceeded, Some(Layer::Grants))
            }]
        }
        Factor::Entitlement | Factor::Grant(_) => {
            vec![Reason {
                grant: grant(),
                ..Reason::new(Code::RetireGrantNotEntitled, Some(Layer::Grants))
            }]
        }
    }
}

fn grant_id(case: &Case<'_>, path: &Path<'_, Evidences>) -> Option<String> {
    let index = path.factors.iter().find_map(|(factor, _)| match factor {
        Factor::Grant(index) => Some(*index),
        _ => None,
    })?;
    grants::by_index(case.sources(), index).map(|grant| grant.id.clone())
}

/// Every path that allows, with its statements.
fn allowing(case: &Case<'_>, run: &Run<'_, Evidences>) -> Vec<Reason> {
    let reasons = of_paths(case, run, Tri::is_true);
    if reasons.is_empty() {
        vec![Reason::new(Code::AllowExtra, None)]
    } else {
        reasons
    }
}

/// The paths whose outcome counts, with the statements whose outcome does.
fn of_paths(case: &Case<'_>, run: &Run<'_, Evidences>, counts: fn(Tri) -> bool) -> Vec<Reason> {
    let paths = run.composition.paths.iter();
    let mut paths: Vec<&Path<'_, Evidences>> =
        paths.filter(|path| counts(path.outcome().value)).collect();
    paths.sort_by_key(|path| allow_order(case, path.kind));
    let reasons = paths.into_iter();
    reasons
        .flat_map(|path| allowing_path(case, run, path, counts))
        .collect()
}

/// For keys the key policy comes first, then grants, then delegation (KMS-DEC-0); elsewhere as in IAM-RSN-4. It is the
/// order of reasons alone: all paths are evaluated together. Rule: KMS-DEC-3.
fn allow_order(case: &Case<'_>, kind: PathKind) -> u8 {
    match (is_key(case), kind) {
        (true, PathKind::Direct) => 0,
        (true, PathKind::Entity) => 1,
        (true, PathKind::Grant) => 2,
        (true, _) => 3,
        (false, kind) => order(kind),
    }
}

fn allowing_path(
    case: &Case<'_>,
    run: &Run<'_, Evidences>,
    path: &Path<'_, Evidences>,
    counts: fn(Tri) -> bool,
) -> Vec<Reason> {
    let code = allow_code(case, path.kind);
    if matches!(path.kind, PathKind::Grant | PathKind::Retire) {
        return vec![Reason {
            grant: grant_id(case, path),
            ..Reason::new(code, Some(Layer::Grants))
        }];
    }
    let mut reasons = Vec::new();
    for (factor, _) in &path.factors {
        match factor {
            Factor::Identity => reasons.extend(allow_statements(
                code,
                &run.layers.identity,
                MatchClass::ANY,
                counts,
            )),
            Factor::Resource(classes) => {
                reasons.extend(allow_statements(
                    code,
                    &run.layers.resource,
                    classes,
                    counts,
                ));
            }
            _ => {}
        }
    }
    if reasons.is_empty() {
        reasons.push(Reason::new(code, None));
    }
    reasons
}

fn allow_statements(
    code: Code,
    layer: &LayerResult<'_, Evidences>,
    classes: &[MatchClass],
    counts: fn(Tri) -> bool,
) -> Vec<Reason> {
    layer
        .statements
        .iter()
        .filter(|result| {
            result.statement.effect == Effect::Allow && counts(result.applies_by(classes).value)
        })
        .map(|result| statement_reason(code, layer.layer, result))
        .collect()
}

fn allow_code(case: &Case<'_>, kind: PathKind) -> Code {
    let cross = compose::is_cross_account(case.sources());
    match kind {
        PathKind::Grant | PathKind::Retire => Code::AllowGrant,
        PathKind::CrossAccount => Code::AllowCrossAccount,
        PathKind::Root if cross => Code::AllowCrossAccount,
        PathKind::Identity if is_key(case) => Code::AllowIamViaKeyPolicy,
        PathKind::Identity => Code::AllowIdentity,
        _ if is_key(case) => Code::AllowKeyPolicy,
        PathKind::Root => Code::AllowRoot,
        PathKind::Entity => Code::AllowResourceEntity,
        PathKind::Direct => Code::AllowResourceDirect,
        PathKind::Service => Code::AllowService,
        PathKind::Anonymous => Code::AllowAnonymous,
        // It has a factor that is never true.
        PathKind::Unsupported => Code::AllowExtra,
        PathKind::Federated => Code::AllowFederated,
    }
}
