//! Grants: next to policies, they only allow. Rule: KMS-GRANT-1…17.

use preclear_catalog::kms as tables;
use preclear_condition::{Evidence, Outcome};
use preclear_model::caller::CallerKind;

use super::child_grant;
use super::fit::{self, Fit};
use crate::arena::List;
use crate::compose::{Factor, Path, PathKind, is_cross_account};
use crate::context::Sources;
use crate::engine::Declared;
use crate::evaluate::Query;
use crate::layer::Layer;
use crate::layers::{Layers, unknown_layer};
use crate::matching::principal::MatchClass;
use crate::request::GrantKeyTrust;
use crate::snapshot::GrantRecord;
use crate::target::{KeyTarget, TargetKind};

/// Grants of the key, if they are known, and those the request assumes.
pub(crate) fn of<'t>(sources: Sources<'t>) -> (Option<&'t [GrantRecord]>, &'t [GrantRecord]) {
    let listed = match &sources.target.kind {
        TargetKind::Key(KeyTarget::Found { key }) => key.record.grants.as_deref(),
        _ => None,
    };
    (listed, &sources.request.assumed_grants)
}

/// Grants that take part: those of the key unless the layer is declared empty, and those the request assumes.
pub(crate) fn counted<'t>(sources: Sources<'t>) -> (&'t [GrantRecord], &'t [GrantRecord]) {
    let (listed, assumed) = of(sources);
    let is_empty = sources
        .engine
        .snapshot()
        .layers_empty
        .contains(&Layer::Grants);
    let listed = listed.filter(|_| !is_empty);
    (listed.unwrap_or_default(), assumed)
}

/// True for operations that a grant may list.
pub(crate) fn may_give(sources: Sources<'_>) -> bool {
    let is_grantable = |action: &tables::KmsAction| action.is_grantable;
    sources.action.of_kms().is_some_and(is_grantable)
}

/// True where there may be grants that are not listed. Rule: IAM-TRI-7.
pub(crate) fn are_unknown(sources: Sources<'_>) -> bool {
    let (listed, _) = of(sources);
    let snapshot = sources.engine.snapshot();
    let key = sources.target.arn;
    let is_external = key.is_some_and(|arn| sources.engine.is_external(arn.as_str()));
    let all_listed = snapshot.complete && !is_external;
    match sources.engine.declared(Layer::Grants) {
        Some(Declared::NotLoaded) => true,
        Some(Declared::Open | Declared::Empty) => false,
        None => listed.is_none() && !all_listed,
    }
}

/// The grant that a path's index means.
pub(crate) fn by_index(sources: Sources<'_>, index: usize) -> Option<&GrantRecord> {
    let (listed, assumed) = of(sources);
    listed.unwrap_or_default().iter().chain(assumed).nth(index)
}

/// Adds one path per grant that may fit; one unknown path where grants are not loaded.
pub(crate) fn add_paths<'a, E: Evidence>(
    paths: &mut List<'a, Path<'a, E>>,
    sources: Sources<'a>,
    layers: &Layers<'_, E>,
    query: Query<'_>,
) {
    if !may_give(sources) {
        return;
    }
    let snapshot = sources.engine.snapshot();
    let (listed, assumed) = of(sources);
    let is_unknown = are_unknown(sources);
    let is_empty = snapshot.layers_empty.contains(&Layer::Grants);
    let listed = listed.unwrap_or_default();
    let counted = listed
        .iter()
        .chain(assumed)
        .enumerate()
        .filter(|(index, _)| !is_empty || *index >= listed.len())
        .filter_map(|(index, grant)| grant_path(index, grant, sources, layers, query));
    paths.extend(counted);
    if is_unknown {
        paths.push(unknown_path(sources, layers));
    }
}

/// The path through grants that are not loaded, at the widest. At home one to exactly this session is not limited; that of
/// another account always is. Rule: KMS-GRANT-10.
fn unknown_path<'a, E: Evidence>(sources: Sources<'a>, layers: &Layers<'_, E>) -> Path<'a, E> {
    let grant = (Factor::Grant(usize::MAX), unknown_layer(Layer::Grants));
    let mut path = Path::new(sources.arena, PathKind::Grant, [grant]);
    if is_cross_account(sources) {
        path.require(Factor::Boundary, layers.boundary.allow.clone());
        path.require(Factor::Session, layers.session.allow.clone());
    } else if matches!(sources.requester.kind(), CallerKind::RootSession) {
        // A grant names a root session by its account alone, and then the task policy limits (IAM-EVAL-20).
        path.require(Factor::Session, layers.session.allow.clone());
    }
    path
}

/// The path through one grant; `None` if the grant certainly does not fit. An account as grantee is a delegation: its
/// identities need a policy of their own. Rule: KMS-GRANT-10, KMS-GRANT-11, KMS-GRANT-12.
fn grant_path<'a, E: Evidence>(
    index: usize,
    grant: &GrantRecord,
    sources: Sources<'a>,
    layers: &Layers<'_, E>,
    query: Query<'_>,
) -> Option<Path<'a, E>> {
    let (class, is_grantee) = fit::grantee_class(grant, sources, query)?;
    let fits = is_grantee.and(Fit::of(grant, sources, query).outcome());
    if fits.value.is_false() {
        return None;
    }
    let mut path = Path::new(
        sources.arena,
        PathKind::Grant,
        [(Factor::Grant(index), fits)],
    );
    let foreign = is_cross_account(sources);
    // A grant to exactly this user or session of the key's account is not limited (KMS-GRANT-10).
    let is_free = !foreign
        && matches!(
            class,
            MatchClass::User | MatchClass::Session | MatchClass::Service
        );
    if !is_free {
        path.require(Factor::Boundary, layers.boundary.allow.clone());
        path.require(Factor::Session, layers.session.allow.clone());
    }
    if class == MatchClass::Account && !sources.requester.is_root() {
        path.require(Factor::Identity, layers.identity.allow.clone());
    }
    if foreign
        && sources.request.grant_key_trust == GrantKeyTrust::Strict
        && !sources.requester.is_root()
    {
        let issued_at_home = grant.issuing_account.as_deref().or(sources.target.account)
            == sources.requester.account();
        let trust = Outcome::known(issued_at_home).or(layers.identity.allow.clone());
        path.require(Factor::KeyTrust, trust);
    }
    if sources.action.is("kms", "creategrant") {
        // A grant that is made through this one.
        let within = child_grant::stays_within(grant, sources);
        path.require(Factor::Delegation, within);
    }
    Some(path)
}

/// Who may retire a grant. Rule: KMS-GRANT-14.
pub(crate) fn retire_paths<'a, E: Evidence>(
    sources: Sources<'a>,
    layers: &Layers<'_, E>,
    query: Query<'_>,
) -> List<'a, Path<'a, E>> {
    let only = |entitled| {
        let factors = [(Factor::Entitlement, entitled)];
        Path::new(sources.arena, PathKind::Retire, factors)
    };
    let (grants, _) = counted(sources);
    // A grant that is named and listed is no other one.
    let is_found = is_named(sources) && meant_grants(grants, sources).next().is_some();
    let is_unknown = are_unknown(sources) && !is_found;
    let mut paths = List::new_in(sources.arena);
    for (index, grant) in meant_grants(grants, sources) {
        add_retire_paths(&mut paths, (index, grant), sources, layers, query);
    }
    if is_unknown {
        paths.push(only(unknown_layer(Layer::Grants)));
    }
    if paths.is_empty() {
        paths.push(only(Outcome::known(false)));
    }
    paths
}

/// The grant whose constraints a call of RetireGrant carries as condition keys.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Retired<'g> {
    /// This one, or several with the same constraints.
    Grant(&'g GrantRecord),
    /// No grant of the key is meant.
    None,
    /// It is open which one.
    Open,
}

/// Which grant RetireGrant means. Rule: KMS-COND, table; KMS-GRANT-14.
pub(crate) fn retired(sources: Sources<'_>) -> Retired<'_> {
    let (listed, _) = counted(sources);
    let mut meant = meant_grants(listed, sources).map(|(_, grant)| grant);
    let first = meant.next();
    match first {
        Some(grant) if is_named(sources) => Retired::Grant(grant),
        _ if are_unknown(sources) => Retired::Open,
        Some(grant) => {
            let is_like_first = |other: &GrantRecord| {
                other.context_equals == grant.context_equals
                    && other.context_subset == grant.context_subset
            };
            if meant.all(is_like_first) {
                Retired::Grant(grant)
            } else {
                Retired::Open
            }
        }
        None => Retired::None,
    }
}

/// True if the call names a grant.
fn is_named(sources: Sources<'_>) -> bool {
    ["GrantId", "GrantToken"]
        .iter()
        .any(|member| sources.request.text_parameter(member).is_some())
}

/// The grant that `GrantId` or `GrantToken` names; without either, any grant of the key.
pub(crate) fn meant_grants<'g>(
    grants: &'g [GrantRecord],
    sources: Sources<'g>,
) -> impl Iterator<Item = (usize, &'g GrantRecord)> {
    let named = |member: &str| sources.request.text_parameter(member);
    let (id, token) = (named("GrantId"), named("GrantToken"));
    grants.iter().enumerate().filter(move |(_, grant)| {
        id.is_none_or(|id| grant.id == id)
            && token.is_none_or(|token| grant.token.as_deref() == Some(token))
    })
}

fn add_retire_paths<'a, E: Evidence>(
    paths: &mut List<'a, Path<'a, E>>,
    (index, grant): (usize, &GrantRecord),
    sources: Sources<'a>,
    layers: &Layers<'_, E>,
    query: Query<'_>,
) {
    let requester = sources.requester;
    let mut entitle = |entitled: Outcome<E>, needs_identity: bool| {
        let grant = [(Factor::Grant(index), entitled)];
        let mut path = Path::new(sources.arena, PathKind::Retire, grant);
        if needs_identity {
            // Only where a policy has to allow it can ceilings cut it (KMS-GRANT-14).
            path.require(Factor::Identity, layers.identity.allow.clone());
            path.require(Factor::Boundary, layers.boundary.allow.clone());
            path.require(Factor::Session, layers.session.allow.clone());
        } else if matches!(requester.kind(), CallerKind::RootSession) {
            // The task policy limits whatever the root user may do (IAM-EVAL-20).
            path.require(Factor::Session, layers.session.allow.clone());
        }
        paths.push(path);
    };
    if let CallerKind::Service { name } = requester.kind() {
        if grant.retiring_service.as_deref() == Some(name)
            || grant.retiring.as_deref() == Some(name)
        {
            entitle(Outcome::known(true), false);
        }
    } else if let Some((class, outcome)) = grant
        .retiring
        .as_deref()
        .and_then(|retiring| fit::identity_class(retiring, sources, query))
    {
        entitle(
            outcome,
            class == MatchClass::Account && !requester.is_root(),
        );
    }
    if fit::lists_operation(grant, "RetireGrant")
        && let Some((class, outcome)) = fit::grantee_class(grant, sources, query)
    {
        entitle(
            outcome,
            class == MatchClass::Account && !requester.is_root(),
        );
    }
    let accounts = retiring_accounts(grant, sources);
    if requester.account().is_some() && accounts.contains(&requester.account()) {
        entitle(Outcome::known(true), !requester.is_root());
    }
}

/// The accounts whose principals may retire a grant where their own policies allow it: the one that issued it, and the key's. Rule:
/// KMS-GRANT-14.
pub(crate) fn retiring_accounts<'g>(
    grant: &'g GrantRecord,
    sources: Sources<'g>,
) -> [Option<&'g str>; 2] {
    let of_key = sources.target.account;
    [grant.issuing_account.as_deref().or(of_key), of_key]
}
