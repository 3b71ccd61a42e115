//! Which layers reach a request, and what each contributes. Rule: IAM-EVAL-7…15.

use std::ops::Deref;

use preclear_condition::{Dependency, Evidence, Outcome, Tri};
use preclear_model::ArnRef;
use preclear_model::caller::CallerKind;

use crate::arena::{Arena, List, text};
use crate::context::{Endpoint, Sources};
use crate::engine::Declared;
use crate::engine::organization::{Chain, CompiledNode, CompiledOrganization};
use crate::engine::policies::PolicySet;
use crate::engine::principals::{CompiledGroup, CompiledPrincipal};
use crate::evaluate::{LayerResult, LayerState, Query};
use crate::layer::Layer;
use crate::service::sts;
use crate::snapshot::{Given, KeyManager, VpcEndpointKind};
use crate::target::{KeyTarget, TargetKind};

/// Everything that bears on one decision.
#[derive(Debug)]
pub(crate) struct Layers<'a, E> {
    /// One result per level, root first.
    pub(crate) scp: Levels<'a, E>,
    /// One result per level, root first.
    pub(crate) rcp: Levels<'a, E>,
    pub(crate) vpce: LayerResult<'a, E>,
    pub(crate) boundary: LayerResult<'a, E>,
    pub(crate) session: LayerResult<'a, E>,
    pub(crate) resource: LayerResult<'a, E>,
    pub(crate) identity: LayerResult<'a, E>,
}

/// What each level of the organisation contributes, root first; one result where the policies of no level count.
#[derive(Debug)]
pub(crate) enum Levels<'a, E> {
    One(LayerResult<'a, E>),
    Each(List<'a, LayerResult<'a, E>>),
}

impl<'a, E> Deref for Levels<'a, E> {
    type Target = [LayerResult<'a, E>];

    fn deref(&self) -> &Self::Target {
        match self {
            Self::One(result) => std::slice::from_ref(result),
            Self::Each(results) => results,
        }
    }
}

impl<'a, E> Layers<'a, E> {
    /// All results, in the order of IAM-RSN-3.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &LayerResult<'a, E>> {
        let guardrails = self.scp.iter().chain(self.rcp.iter());
        guardrails.chain(self.behind_guardrails())
    }

    /// Those without the levels of the organisation.
    pub(crate) fn behind_guardrails(&self) -> [&LayerResult<'a, E>; 5] {
        [
            &self.vpce,
            &self.boundary,
            &self.session,
            &self.resource,
            &self.identity,
        ]
    }
}

/// Evaluates all layers that reach the request.
pub(crate) fn gather<'a, E: Evidence>(
    sources: Sources<'a>,
    session_policies: &'a PolicySet,
    query: Query<'_>,
) -> Layers<'a, E> {
    Layers {
        scp: scp(sources, query),
        rcp: rcp(sources, query),
        vpce: vpce(sources, query),
        boundary: boundary(sources, query),
        session: session(sources, session_policies, query),
        resource: resource(sources, query),
        identity: identity(sources, query),
    }
}

/// What the snapshot declares of the whole layer, if anything. Rule: IAM-TRI-7.
///
/// A layer known to be empty allows nothing where its policies grant, and everything where they only limit.
fn declared<'a, E: Evidence>(sources: Sources<'a>, layer: Layer) -> Option<LayerResult<'a, E>> {
    let grants = matches!(layer, Layer::Identity | Layer::Resource);
    let fixed = |state, allow| LayerResult::fixed(sources.arena, layer, state, allow);
    Some(match sources.engine.declared(layer)? {
        Declared::NotLoaded => LayerResult::unknown(sources.arena, layer),
        Declared::Open => fixed(LayerState::AssumedOpen, true),
        Declared::Empty => fixed(LayerState::NoPolicy("declared empty"), !grants),
    })
}

/// Why an account has no guardrails in a complete snapshot that lists no organization. Rule: IAM-TRI-7.
pub(crate) const IN_NO_ORGANIZATION: &str = "the account is in no organization";

/// Why a call that an identity provider vouches for has no layer of its own. Rule: IAM-EVAL-23.
const UNSIGNED: &str = "an identity provider vouches for the call, and nobody signs it";

fn not_reached<'a, E: Evidence>(
    arena: &'a Arena,
    layer: Layer,
    why: &'static str,
) -> LayerResult<'a, E> {
    LayerResult::fixed(arena, layer, LayerState::NotReached(why), true)
}

/// SCPs of the caller's account. Rule: IAM-EVAL-7, IAM-EVAL-8.
fn scp<'a, E: Evidence>(sources: Sources<'a>, query: Query<'_>) -> Levels<'a, E> {
    let arena = sources.arena;
    let requester = sources.requester;
    let snapshot = sources.engine.snapshot();
    let exempt = |why| Levels::One(not_reached(arena, Layer::Scp, why));
    if sts::is_for_providers(sources.action) {
        return exempt(UNSIGNED);
    }
    let Some(account) = requester.account() else {
        return exempt("callers outside every account have no SCPs");
    };
    if requester.is_service_linked() {
        return exempt("SCPs do not reach service-linked roles");
    }
    let organization = sources.engine.organization();
    let is_management = is_management(organization, account);
    if is_management.is_true() {
        return exempt("SCPs do not reach the management account");
    }
    if organization.is_some_and(|organization| !organization.has(account)) {
        return exempt("the account is outside the organization");
    }
    if let Some(declared) = declared(sources, Layer::Scp) {
        return Levels::One(declared);
    }
    match organization {
        Some(organization) => {
            let chain = organization.chain(account);
            let level = |node| scp_level(sources, node, query);
            Levels::Each(levels(arena, Layer::Scp, chain, level, is_management))
        }
        None if snapshot.complete => exempt(IN_NO_ORGANIZATION),
        None => Levels::One(LayerResult::unknown(arena, Layer::Scp)),
    }
}

/// Whether guardrails pass the account by; an account of no organisation is no management account.
fn is_management(organization: Option<&CompiledOrganization>, account: &str) -> Tri {
    organization.map_or(Tri::False, |organization| {
        organization.is_management(account)
    })
}

/// What the levels of a chain say; what is not known of it may limit too. Rule: IAM-EVAL-7, IAM-TRI-7.
fn levels<'a, E: Evidence>(
    arena: &'a Arena,
    layer: Layer,
    chain: Chain<'a>,
    level: impl Fn(&'a CompiledNode) -> LayerResult<'a, E>,
    is_management: Tri,
) -> List<'a, LayerResult<'a, E>> {
    let gap = (!chain.is_whole).then(|| LayerResult::unknown(arena, layer));
    let results = chain.levels.map(level).chain(gap);
    let mut levels = List::new_in(arena);
    levels.extend(results.map(|result| match is_management {
        Tri::Unknown => result.if_reached(|| Outcome::unknown(|| Dependency::Layer(layer.name()))),
        Tri::True | Tri::False => result,
    }));
    levels
}

fn scp_level<'a, E: Evidence>(
    sources: Sources<'a>,
    node: &'a CompiledNode,
    query: Query<'_>,
) -> LayerResult<'a, E> {
    let mut level = match &node.scps {
        Given::Here(policies) => {
            LayerResult::evaluate(sources.arena, Layer::Scp, policies, query, false)
        }
        Given::Nothing => LayerResult::fixed(
            sources.arena,
            Layer::Scp,
            LayerState::NoPolicy("no SCP attached: nothing is allowed"),
            false,
        ),
        Given::LeftOut if sources.engine.snapshot().complete => LayerResult::fixed(
            sources.arena,
            Layer::Scp,
            LayerState::NoPolicy("FullAWSAccess alone"),
            true,
        ),
        Given::LeftOut => LayerResult::unknown(sources.arena, Layer::Scp),
    };
    level = with_rejected(sources, level, &node.id);
    level.level = Some(&node.id);
    level
}

/// Adds policies of a level that were refused. Rule: IAM-GRAM-19.
fn with_rejected<'a, E: Evidence>(
    sources: Sources<'_>,
    level: LayerResult<'a, E>,
    owner: &str,
) -> LayerResult<'a, E> {
    if is_rejected(sources, level.layer, owner) {
        level.with_unknown_rest()
    } else {
        level
    }
}

/// True if a policy of the layer that belongs to `owner` was refused. Rule: IAM-GRAM-19.
fn is_rejected(sources: Sources<'_>, layer: Layer, owner: &str) -> bool {
    sources.engine.has_rejected(layer, owner)
}

/// RCPs of the resource's account: AWS's own always allows, so they only deny. Rule: IAM-EVAL-9, IAM-EVAL-10, DOC-5.
fn rcp<'a, E: Evidence>(sources: Sources<'a>, query: Query<'_>) -> Levels<'a, E> {
    let arena = sources.arena;
    let exempt = |why| Levels::One(not_reached(arena, Layer::Rcp, why));
    if let Some(why) = rcp_exemption(sources) {
        return exempt(why);
    }
    let snapshot = sources.engine.snapshot();
    let organization = sources.engine.organization();
    let account = sources.target.account;
    let is_management = account.map_or(Tri::False, |account| is_management(organization, account));
    if is_management.is_true() {
        return exempt("RCPs do not reach resources of the management account");
    }
    let is_outside = organization
        .zip(account)
        .is_some_and(|(organization, account)| !organization.has(account));
    if is_outside {
        return exempt("the resource is outside the organization");
    }
    let always_allows = |mut result: LayerResult<'a, E>| {
        result.allow = Outcome::known(true);
        result
    };
    if let Some(declared) = declared(sources, Layer::Rcp) {
        return Levels::One(always_allows(declared));
    }
    match (organization, account) {
        (Some(organization), Some(account)) => {
            let chain = organization.chain(account);
            let level = |node| rcp_level(sources, node, query);
            let mut levels = levels(arena, Layer::Rcp, chain, level, is_management);
            for level in &mut levels {
                level.allow = Outcome::known(true);
            }
            Levels::Each(levels)
        }
        (None, _) if snapshot.complete => exempt(IN_NO_ORGANIZATION),
        _ => Levels::One(always_allows(LayerResult::unknown(arena, Layer::Rcp))),
    }
}

/// Why no RCP reaches the request, if none does. Rule: IAM-EVAL-10, KMS-XA-4, KMS-AMK-4.
fn rcp_exemption(sources: Sources<'_>) -> Option<&'static str> {
    let action = sources.action;
    if sources.requester.is_service_linked() {
        return Some("RCPs do not reach service-linked roles");
    }
    if !action.supports_rcp() {
        return Some("the service does not take part in RCPs");
    }
    if action.is("kms", "retiregrant") {
        return Some("RCPs do not control kms:RetireGrant");
    }
    match &sources.target.kind {
        TargetKind::Key(KeyTarget::Found { key }) if key.record.manager == KeyManager::Aws => {
            Some("RCPs do not reach AWS managed keys")
        }
        _ => None,
    }
}

fn rcp_level<'a, E: Evidence>(
    sources: Sources<'a>,
    node: &'a CompiledNode,
    query: Query<'_>,
) -> LayerResult<'a, E> {
    let mut level = match &node.rcps {
        Given::Here(policies) => {
            LayerResult::evaluate(sources.arena, Layer::Rcp, policies, query, false)
        }
        Given::LeftOut if !sources.engine.snapshot().complete => {
            LayerResult::unknown(sources.arena, Layer::Rcp)
        }
        Given::Nothing | Given::LeftOut => LayerResult::fixed(
            sources.arena,
            Layer::Rcp,
            LayerState::NoPolicy("RCPFullAWSAccess alone"),
            true,
        ),
    };
    level = with_rejected(sources, level, &node.id);
    level.level = Some(&node.id);
    level
}

/// State of the endpoint's layer where a complete snapshot does not list the endpoint. Rule: IAM-TRI-7, UI-36.
pub(crate) const UNLISTED_ENDPOINT: LayerState =
    LayerState::NoPolicy("the endpoint is not listed: default policy");

/// Policy of the endpoint that the call passes; of forwarded calls none does. Rule: IAM-EVAL-11.
fn vpce<'a, E: Evidence>(sources: Sources<'a>, query: Query<'_>) -> LayerResult<'a, E> {
    match sources.is_forwarded {
        Tri::False => vpce_of_direct_call(sources, query),
        Tri::Unknown => vpce_of_direct_call(sources, query)
            .if_reached(|| Outcome::unknown(|| sources.forwarding_dependency())),
        Tri::True => not_reached(
            sources.arena,
            Layer::VpcEndpoint,
            "forwarded calls pass no endpoint",
        ),
    }
}

fn vpce_of_direct_call<'a, E: Evidence>(
    sources: Sources<'a>,
    query: Query<'_>,
) -> LayerResult<'a, E> {
    const LAYER: Layer = Layer::VpcEndpoint;
    let id = match query.context.endpoint() {
        Endpoint::Stated(id) => Some(id),
        Endpoint::Unnamed => None,
        Endpoint::NotStated => return not_reached(sources.arena, LAYER, "no endpoint is stated"),
    };
    if let Some(declared) = declared(sources, LAYER) {
        return declared;
    }
    let Some(id) = id else {
        return LayerResult::unknown(sources.arena, LAYER);
    };
    let Some(endpoint) = sources.engine.vpc_endpoint(id) else {
        return if sources.engine.snapshot().complete {
            LayerResult::fixed(sources.arena, LAYER, UNLISTED_ENDPOINT, true)
        } else {
            LayerResult::unknown(sources.arena, LAYER)
        };
    };
    match &endpoint.policy {
        _ if is_rejected(sources, LAYER, id) => LayerResult::unknown(sources.arena, LAYER),
        Given::Here(policy) => {
            let gateway = endpoint.record.kind == VpcEndpointKind::Gateway;
            LayerResult::evaluate(sources.arena, LAYER, policy, query, gateway)
        }
        Given::Nothing | Given::LeftOut => LayerResult::fixed(
            sources.arena,
            LAYER,
            LayerState::NoPolicy("default endpoint policy"),
            true,
        ),
    }
}

/// Permissions boundary. Rule: IAM-EVAL-13.
fn boundary<'a, E: Evidence>(sources: Sources<'a>, query: Query<'_>) -> LayerResult<'a, E> {
    const LAYER: Layer = Layer::Boundary;
    if sts::is_for_providers(sources.action) {
        return not_reached(sources.arena, LAYER, UNSIGNED);
    }
    if !has_identity_layers(sources) {
        return not_reached(sources.arena, LAYER, "the caller has no boundary");
    }
    if let Some(declared) = declared(sources, LAYER) {
        return declared;
    }
    let complete = is_caller_listed(sources);
    let record = sources.requester.record;
    match record.map(|record| &record.boundary) {
        _ if record.is_some_and(|record| is_rejected(sources, LAYER, record.arn.as_str())) => {
            LayerResult::unknown(sources.arena, LAYER)
        }
        Some(Given::Here(policy)) => {
            LayerResult::evaluate(sources.arena, LAYER, policy, query, false)
        }
        Some(Given::Nothing) => LayerResult::fixed(
            sources.arena,
            LAYER,
            LayerState::NoPolicy("no boundary"),
            true,
        ),
        Some(Given::LeftOut) | None if complete => LayerResult::fixed(
            sources.arena,
            LAYER,
            LayerState::NoPolicy("no boundary"),
            true,
        ),
        Some(Given::LeftOut) | None => LayerResult::unknown(sources.arena, LAYER),
    }
}

/// True where what the snapshot does not list about this ARN certainly does not exist. Rule: IAM-TRI-7, JOB-8.
fn is_all_listed(sources: Sources<'_>, arn: Option<&str>) -> bool {
    sources.engine.snapshot().complete && !arn.is_some_and(|arn| sources.engine.is_external(arn))
}

/// True where what the snapshot does not list about the caller certainly does not exist.
fn is_caller_listed(sources: Sources<'_>) -> bool {
    sources.engine.snapshot().complete
        && !sources.requester.is_external()
        && !is_user_unknown(sources)
}

/// True where what the snapshot does not list about the resource certainly does not exist.
fn is_target_listed(sources: Sources<'_>) -> bool {
    let arn = sources.target.arn;
    let bucket = arn
        .filter(|arn| arn.service() == "s3" && sources.engine.has_external())
        .and_then(|arn| {
            let name = arn.resource().split('/').next()?;
            let partition = arn.partition();
            Some(text!(sources.arena, "arn:{partition}:s3:::{name}"))
        });
    is_all_listed(sources, arn.map(ArnRef::as_str)) && is_all_listed(sources, bucket)
}

/// True for callers that identity policies and boundaries can be attached to.
fn has_identity_layers(sources: Sources<'_>) -> bool {
    matches!(
        sources.requester.kind(),
        CallerKind::User { .. } | CallerKind::RoleSession { .. } | CallerKind::FederatedUser { .. }
    )
}

/// True for a federated user whose IAM user was not told. Rule: IAM-PRIN-6.
fn is_user_unknown(sources: Sources<'_>) -> bool {
    matches!(
        sources.requester.kind(),
        CallerKind::FederatedUser { user: None, .. }
    )
}

/// Session policies: those of the caller's own session, none of an earlier hop. Rule: IAM-EVAL-14, IAM-EVAL-27.
fn session<'a, E: Evidence>(
    sources: Sources<'a>,
    policies: &'a PolicySet,
    query: Query<'_>,
) -> LayerResult<'a, E> {
    const LAYER: Layer = Layer::Session;
    if sts::is_for_providers(sources.action) {
        return not_reached(sources.arena, LAYER, UNSIGNED);
    }
    let is_federated = match sources.requester.kind() {
        CallerKind::RoleSession { .. } | CallerKind::RootSession => false,
        CallerKind::FederatedUser { .. } => true,
        _ => return not_reached(sources.arena, LAYER, "the caller is no session"),
    };
    let snapshot = sources.engine.snapshot();
    let is_rejected = sources.request.session_policy_rejected;
    // What is given for a layer that is declared open or empty does not count (UI-36).
    let is_declared =
        snapshot.layers_open.contains(&LAYER) || snapshot.layers_empty.contains(&LAYER);
    let is_rejected = is_rejected && !is_declared;
    if !policies.is_empty() && !is_declared {
        let given = LayerResult::evaluate(sources.arena, LAYER, policies, query, false);
        let is_part = is_rejected || snapshot.layers_not_loaded.contains(&LAYER);
        return if is_part {
            given.with_unknown_rest()
        } else {
            given
        };
    }
    if is_rejected {
        return LayerResult::unknown(sources.arena, LAYER);
    }
    let is_empty = snapshot.layers_empty.contains(&LAYER);
    if let Some(declared) = declared(sources, LAYER).filter(|_| !(is_federated && is_empty)) {
        return declared;
    }
    let is_known = sources.request.session_policies.is_some() || snapshot.complete || is_empty;
    if !is_known {
        return LayerResult::unknown(sources.arena, LAYER);
    }
    if is_federated {
        LayerResult::fixed(
            sources.arena,
            LAYER,
            LayerState::NoPolicy("a federated user without session policy may do nothing"),
            false,
        )
    } else {
        LayerResult::fixed(
            sources.arena,
            LAYER,
            LayerState::NoPolicy("no session policy"),
            true,
        )
    }
}

/// Resource-based, key or trust policy. Rule: IAM-EVAL-15, IAM-EVAL-16.
fn resource<'a, E: Evidence>(sources: Sources<'a>, query: Query<'_>) -> LayerResult<'a, E> {
    const LAYER: Layer = Layer::Resource;
    let complete = || is_target_listed(sources);
    let none = || {
        LayerResult::fixed(
            sources.arena,
            LAYER,
            LayerState::NoPolicy("no resource policy"),
            false,
        )
    };
    if matches!(sources.target.kind, TargetKind::WithoutPolicy) {
        return none();
    }
    if let Some(declared) = declared(sources, LAYER) {
        return declared;
    }
    let owner = match &sources.target.kind {
        TargetKind::Key(KeyTarget::Found { key }) => {
            // A key that is tried with another policy (KMS-POL-15) has both.
            let record = &key.record;
            let lacks_one = record.policy.is_left_out() || record.ram_policy.is_left_out();
            lacks_one.then_some(&record.arn)
        }
        TargetKind::TrustedRole(role) => role.map(|role| &role.arn),
        TargetKind::Carrier(resource) => resource.map(|resource| &resource.record.arn),
        TargetKind::Key(_) | TargetKind::WithoutPolicy => None,
    };
    if owner.is_some_and(|arn| is_rejected(sources, LAYER, arn.as_str())) {
        return LayerResult::unknown(sources.arena, LAYER);
    }
    match &sources.target.kind {
        TargetKind::WithoutPolicy | TargetKind::Key(KeyTarget::Missing) => none(),
        TargetKind::Key(KeyTarget::NotLoaded) => LayerResult::unknown(sources.arena, LAYER),
        TargetKind::Key(KeyTarget::Found { key }) => {
            // A key made from its template lives as long as the target does.
            match (&key.policy, &key.ram_policy) {
                (Given::Here(policy), Given::Here(ram)) => {
                    let sets = [policy, ram];
                    LayerResult::evaluate_all(sources.arena, LAYER, &sets, query, false)
                }
                (Given::Here(policy), _) => {
                    LayerResult::evaluate(sources.arena, LAYER, policy, query, false)
                }
                // Every key has a policy; one that is not given is unknown (IAM-TRI-7).
                (_, Given::Here(ram)) => {
                    LayerResult::evaluate(sources.arena, LAYER, ram, query, false)
                        .with_unknown_rest()
                }
                _ => LayerResult::unknown(sources.arena, LAYER),
            }
        }
        TargetKind::TrustedRole(role) => match role.map(|role| &role.trust) {
            Some(Given::Here(policy)) => {
                LayerResult::evaluate(sources.arena, LAYER, policy, query, false)
            }
            Some(Given::Nothing) => none(),
            None if complete() => none(),
            Some(Given::LeftOut) | None => LayerResult::unknown(sources.arena, LAYER),
        },
        TargetKind::Carrier(resource) => match resource.map(|resource| &resource.policy) {
            Some(Given::Here(policy)) => {
                LayerResult::evaluate(sources.arena, LAYER, policy, query, false)
            }
            Some(Given::Nothing) => none(),
            Some(Given::LeftOut) | None if complete() => none(),
            Some(Given::LeftOut) | None => LayerResult::unknown(sources.arena, LAYER),
        },
    }
}

/// Identity policies. Rule: IAM-EVAL-12.
fn identity<'a, E: Evidence>(sources: Sources<'a>, query: Query<'_>) -> LayerResult<'a, E> {
    const LAYER: Layer = Layer::Identity;
    if sts::is_for_providers(sources.action) {
        return LayerResult::fixed(
            sources.arena,
            LAYER,
            LayerState::NotReached(UNSIGNED),
            false,
        );
    }
    if sources.requester.is_root() {
        return not_reached(
            sources.arena,
            LAYER,
            "identity policies cannot be attached to a root user",
        );
    }
    if !has_identity_layers(sources) {
        return LayerResult::fixed(
            sources.arena,
            LAYER,
            LayerState::NotReached("the caller has no identity policies"),
            false,
        );
    }
    if let Some(declared) = declared(sources, LAYER) {
        return declared;
    }
    let complete = is_caller_listed(sources);
    let none = || {
        LayerResult::fixed(
            sources.arena,
            LAYER,
            LayerState::NoPolicy("no identity policy"),
            false,
        )
    };
    let Some(record) = sources.requester.record else {
        return if complete {
            none()
        } else {
            LayerResult::unknown(sources.arena, LAYER)
        };
    };
    let mut sets = List::new_in(sources.arena);
    // Policies left out are nothing in a complete snapshot, and neither is a group that it does not list.
    let mut all_known = !is_rejected(sources, LAYER, record.arn.as_str());
    let mut add = |policies: &'a Given<PolicySet>, complete| match policies {
        Given::Here(set) if set.is_empty() => true,
        Given::Here(set) => {
            sets.push(set);
            true
        }
        Given::Nothing => true,
        Given::LeftOut => complete,
    };
    all_known &= add(&record.policies, complete);
    for group in groups(sources, record) {
        all_known &= match group {
            Ok(group) => {
                let arn = group.arn.as_str();
                let is_whole = !is_rejected(sources, LAYER, arn);
                add(&group.policies, is_all_listed(sources, Some(arn))) && is_whole
            }
            Err(arn) => is_all_listed(sources, Some(arn)),
        };
    }
    let is_user = matches!(
        sources.requester.kind(),
        CallerKind::User { .. } | CallerKind::FederatedUser { .. }
    );
    if is_user && record.groups.is_left_out() {
        all_known &= complete;
    }
    let result = if sets.is_empty() {
        none()
    } else {
        LayerResult::evaluate_all(sources.arena, LAYER, &sets, query, false)
    };
    if all_known {
        result
    } else {
        result.with_unknown_rest()
    }
}

/// The groups of a user; the ARN of one that the snapshot does not list.
fn groups<'a>(
    sources: Sources<'a>,
    record: &'a CompiledPrincipal,
) -> impl Iterator<Item = Result<&'a CompiledGroup, &'a str>> {
    let groups = record.groups.value().into_iter().flatten();
    // Every index is one of a group.
    groups.filter_map(move |group| match group {
        Ok(index) => sources.engine.principals().group(*index).map(Ok),
        Err(arn) => Some(Err(arn.as_str())),
    })
}

/// Unknown that stands for a layer, for terms that are not policies.
pub(crate) fn unknown_layer<E: Evidence>(layer: Layer) -> Outcome<E> {
    Outcome::unknown(|| Dependency::Layer(layer.name()))
}
