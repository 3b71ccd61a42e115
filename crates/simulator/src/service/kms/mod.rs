//! What KMS changes: identifiers, grants, gates before any policy question, operability after it.

pub(crate) mod candidate;
mod child_grant;
mod encryption_context;
pub(crate) mod escalation;
pub(crate) mod fit;
pub(crate) mod grants;
pub(crate) mod managed;
pub(crate) mod meant;
pub(crate) mod operability;
pub(crate) mod resolve;

use preclear_catalog::kms::CrossAccount;
use preclear_condition::{Evidence, Outcome};
use preclear_model::caller::CallerKind;

use crate::arena::{List, list};
use crate::compose::{self, Factor, Path, PathKind};
use crate::context::Sources;
use crate::decide::Case;
use crate::engine::keys::KeyIdentifier;
use crate::evaluate::Query;
use crate::explanation::{Code, Verdict};
use crate::layers::Layers;
use crate::snapshot::KeyManager;
use crate::target::{KeyTarget, TargetKind};

/// An answer that no policy can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gate {
    pub(crate) verdict: Verdict,
    pub(crate) code: Code,
}

/// Operations that AWS managed keys do not take from customers; that their aliases are AWS's own covers all three calls on
/// aliases. Rule: KMS-AMK-3, KMS-ID-8.
const UNSUPPORTED_ON_AWS_MANAGED: &[&str] = &[
    "putkeypolicy",
    "schedulekeydeletion",
    "disablekey",
    "createalias",
    "updatealias",
    "deletealias",
];

/// Gates of KMS-DEC-0 before any policy is asked.
pub(crate) fn gate(case: &Case<'_>) -> Option<Gate> {
    let TargetKind::Key(target) = &case.target.kind else {
        return None;
    };
    let deny = |code| {
        Some(Gate {
            verdict: Verdict::ImplicitDeny,
            code,
        })
    };
    let manager = match target {
        KeyTarget::Missing => return deny(Code::KeyNotFound),
        KeyTarget::NotLoaded => None,
        KeyTarget::Found { key } => Some(key.record.manager),
    };
    if manager == Some(KeyManager::AwsOwned) {
        return Some(Gate {
            verdict: Verdict::NotApplicable,
            code: Code::NotApplicableAwsOwned,
        });
    }
    let action = case.action.of_kms();
    let works_across = action.is_some_and(|action| action.cross_account != CrossAccount::No);
    if compose::is_cross_account(case.sources()) && !works_across {
        return deny(Code::OperationNotCrossAccount);
    }
    if compose::is_cross_account(case.sources()) && is_region_disabled(case) {
        return deny(Code::RegionNotEnabled);
    }
    if compose::is_cross_account(case.sources()) && takes_key_arn_only(case) {
        return deny(Code::KeyNotFound);
    }
    None
}

/// True for an operation that the key does not take, whatever its policy says. Rule: KMS-AMK-3.
fn is_unsupported(sources: Sources<'_>, target: &KeyTarget<'_>) -> bool {
    let KeyTarget::Found { key } = target else {
        return false;
    };
    let is_listed = UNSUPPORTED_ON_AWS_MANAGED.contains(&sources.action.name());
    is_listed && sources.action.service() == "kms" && key.record.manager == KeyManager::Aws
}

/// True where the caller's account has not enabled the opt-in Region of the key. Rule: KMS-XA-3.
fn is_region_disabled(case: &Case<'_>) -> bool {
    let disabled = &case.engine.snapshot().disabled_regions;
    let regions = case
        .requester
        .account()
        .and_then(|account| disabled.get(account));
    let region = case.target.region;
    regions
        .zip(region)
        .is_some_and(|(regions, region)| regions.contains(region))
}

/// True for operations that find a key of another account by its key ARN alone, asked by an alias. Rule: KMS-ID-5.
fn takes_key_arn_only(case: &Case<'_>) -> bool {
    let operation = matches!(
        case.action.name(),
        "creategrant" | "listgrants" | "revokegrant" | "getkeyrotationstatus"
    );
    let typed = case.target.typed.and_then(KeyIdentifier::parse);
    operation && !matches!(typed, Some(KeyIdentifier::KeyArn(_)))
}

/// Paths to a key: those of the general rules and the grants. `None` where the target is no key. Rule: IAM-EVAL-25.
///
/// Also takes from the layers what cannot decide about `kms:RetireGrant`.
pub(crate) fn paths<'a, E: Evidence>(
    sources: Sources<'a>,
    layers: &mut Layers<'_, E>,
    query: Query<'_>,
) -> Option<List<'a, Path<'a, E>>> {
    let arena = sources.arena;
    let only = |kind, factor| {
        let path = Path::new(arena, kind, [(factor, Outcome::known(false))]);
        Some(list(arena, [path]))
    };
    let TargetKind::Key(target) = &sources.target.kind else {
        return None;
    };
    if is_unsupported(sources, target) {
        return only(PathKind::Unsupported, Factor::Unsupported);
    }
    let is_retirement = sources.action.is("kms", "retiregrant");
    if is_retirement {
        // A key policy cannot deny it (KMS-GRANT-14).
        layers.resource.deny = Outcome::known(false);
    }
    if matches!(sources.requester.kind(), CallerKind::Anonymous) {
        // KMS refuses unsigned requests, whatever a key policy says (KMS-POL-8).
        return only(PathKind::Anonymous, Factor::Resource(&[]));
    }
    if is_retirement {
        return Some(grants::retire_paths(sources, layers, query));
    }
    let mut paths = compose::paths(sources, layers, query.ambiguity);
    grants::add_paths(&mut paths, sources, layers, query);
    Some(paths)
}
