//! Whether an allowed KMS call would work: key state, usage, origin, lockout. Never changes a decision.
//! Rule: KMS-STATE-1…3, KMS-POL-15.

use preclear_catalog::kms::{self as tables, KeyState, KmsAction, StateCaveat};

use crate::decide::Case;
use crate::engine::keys::CompiledKey;
use crate::explanation::Operability;
use crate::target::{KeyTarget, TargetKind};

/// Exceptions that are no matter of the state table.
const INVALID_KEY_USAGE: &str = "InvalidKeyUsageException";
const UNSUPPORTED: &str = "UnsupportedOperationException";
const INCORRECT_KEY: &str = "IncorrectKeyException";

/// What an authorised call meets.
pub(crate) fn of(case: &Case<'_>, target: tables::Target) -> Operability {
    let key = match &case.target.kind {
        TargetKind::Key(KeyTarget::Found { key }) => Some(key),
        _ => None,
    };
    let action = tables::action(case.action.name());
    let exception = match (key, action) {
        (Some(key), Some(action)) => incorrect_key(case, key)
            .or_else(|| state_exception(action, key, target))
            .or_else(|| unfit_key(action, key)),
        _ => None,
    };
    let exception = exception.or_else(|| super::lockout::exception(case));
    exception.map_or(Operability::Ok, Operability::Exception)
}

/// A key is named, but another one made the ciphertext. Rule: KMS-ID-6.
fn incorrect_key(case: &Case<'_>, key: &CompiledKey) -> Option<&'static str> {
    if !matches!(case.action.name(), "decrypt" | "reencryptfrom") {
        return None;
    }
    let made_by = case.request.ciphertext_key.as_deref()?;
    let other = super::resolve::key(case.engine, case.request, case.requester, made_by).ok()?;
    let other_arn = match &other.kind {
        TargetKind::Key(KeyTarget::Found { key }) => key.record.arn.clone(),
        _ => other.arn?,
    };
    (other_arn != key.record.arn).then_some(INCORRECT_KEY)
}

/// Rule: KMS-STATE-2.
fn state_exception(
    action: &KmsAction,
    key: &CompiledKey,
    target: tables::Target,
) -> Option<&'static str> {
    let class = action.state_class?;
    let state = KeyState::from_name(&key.record.state)?;
    let outcome = tables::state_outcome(class, state);
    if let Some(exception) = outcome.exception_for(target) {
        return Some(exception.name());
    }
    let needs_fit = outcome.caveat == Some(StateCaveat::FittingOriginOnly);
    (needs_fit && !fits(action, key)).then_some(UNSUPPORTED)
}

fn fits(action: &KmsAction, key: &CompiledKey) -> bool {
    let family = tables::key_family(&key.record.spec, &key.record.usage);
    family.is_none_or(|family| action.usable.admits_family(family))
        && action.usable.admits_origin(&key.record.origin)
}

/// Rule: KMS-STATE-3.
fn unfit_key(action: &KmsAction, key: &CompiledKey) -> Option<&'static str> {
    let usable = &action.usable;
    let family = tables::key_family(&key.record.spec, &key.record.usage);
    if family.is_some_and(|family| !usable.admits_family(family)) {
        return Some(INVALID_KEY_USAGE);
    }
    let is_in_custom_store = key.record.custom_key_store.is_some();
    let misses_multi_region = match usable.multi_region {
        None => false,
        Some(tables::MultiRegionNeed::Any) => !key.record.multi_region,
        Some(tables::MultiRegionNeed::Primary) => {
            !key.record.multi_region || key.record.multi_region_type.as_deref() == Some("REPLICA")
        }
    };
    let unsupported = !usable.admits_origin(&key.record.origin)
        || (is_in_custom_store && !usable.custom_key_store)
        || misses_multi_region;
    unsupported.then_some(UNSUPPORTED)
}
