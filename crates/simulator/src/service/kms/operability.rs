//! Whether an allowed KMS call would work: key state, usage, origin, algorithm, parameters, lockout. Never changes a
//! decision. With which context a ciphertext was made nobody states, so InvalidCiphertextException is never foretold.
//! Rule: KMS-STATE-1…3, KMS-POL-15, KMS-ACT-7, KMS-COND-5.

use preclear_catalog::kms::{self as tables, KeyState, KmsAction, StateCaveat};
use serde_json::Value;

use super::candidate::{self, Candidate};
use super::{grant_request, lockout};
use crate::decide::Case;
use crate::engine::keys::CompiledKey;
use crate::explanation::Operability;
use crate::target::{KeyTarget, TargetKind};

/// Exceptions that are no matter of the state table.
const INVALID_KEY_USAGE: &str = "InvalidKeyUsageException";
const UNSUPPORTED: &str = "UnsupportedOperationException";
const INCORRECT_KEY: &str = "IncorrectKeyException";
const DRY_RUN: &str = "DryRunOperationException";

/// What an authorised call meets.
pub(crate) fn of(case: &Case<'_>, target: tables::Target) -> Operability {
    let key = match &case.target.kind {
        TargetKind::Key(KeyTarget::Found { key }) => Some(key),
        _ => None,
    };
    let action = tables::action(case.action.name());
    let family = key.and_then(|key| tables::key_family(&key.record.spec, &key.record.usage));
    let of_key = || match (key, action) {
        (Some(key), Some(action)) => incorrect_key(case, key)
            .or_else(|| state_exception(action, key, target))
            .or_else(|| unfit_key(action, key))
            .or_else(|| unfit_algorithm(case, action, key)),
        _ => None,
    };
    let exception = grant_request::exception(case, family)
        .or_else(of_key)
        .or_else(|| of_candidate(case))
        .or_else(|| action.and_then(|action| dry_run(case, action)));
    exception.map_or(Operability::Ok, Operability::Exception)
}

/// What KMS answers to the key policy that the call would set. Rule: KMS-POL-12, KMS-POL-13, KMS-POL-15.
fn of_candidate(case: &Case<'_>) -> Option<&'static str> {
    let candidate = candidate::of(case)?;
    candidate::exception(&candidate).or_else(|| match candidate {
        Candidate::Policy(policy) => lockout::exception(case, policy),
        Candidate::NoPolicy => None,
    })
}

/// A rehearsal that would have succeeded. Rule: KMS-ACT-7.
fn dry_run(case: &Case<'_>, action: &KmsAction) -> Option<&'static str> {
    (action.has_dry_run && is_true(case.request.parameter("DryRun"))).then_some(DRY_RUN)
}

/// A flag as JSON, or as a command line passes it.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// A key is named, but another one made the ciphertext. Rule: KMS-ID-6.
fn incorrect_key(case: &Case<'_>, key: &CompiledKey) -> Option<&'static str> {
    if !matches!(case.action.name(), "decrypt" | "reencryptfrom") {
        return None;
    }
    let modifiers = case
        .request
        .parameter("DryRunModifiers")
        .and_then(Value::as_array);
    let ignores_ciphertext = modifiers
        .into_iter()
        .flatten()
        .any(|modifier| modifier == "IGNORE_CIPHERTEXT");
    if ignores_ciphertext {
        return None;
    }
    let made_by = case.request.ciphertext_key.as_deref()?;
    let other =
        super::resolve::key_anywhere(case.engine, case.request, case.requester, made_by).ok()?;
    let other_arn = match &other.kind {
        TargetKind::Key(KeyTarget::Found { key }) => key.record.arn.clone(),
        _ => other.arn?,
    };
    let decrypts =
        other_arn == key.record.arn || super::resolve::are_related(&other_arn, &key.record.arn);
    (!decrypts).then_some(INCORRECT_KEY)
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

/// An algorithm that keys of the spec do not have; one that is left out is SYMMETRIC_DEFAULT where the operation encrypts.
/// Rule: KMS-STATE-3, KMS-COND-0.
fn unfit_algorithm(case: &Case<'_>, action: &KmsAction, key: &CompiledKey) -> Option<&'static str> {
    let parameters = case.sources().parameters()?;
    let spec = tables::spec(&key.record.spec)?;
    let algorithm = action.algorithm.as_ref()?;
    let stated = parameters.get(&algorithm.name).and_then(Value::as_str);
    let named = stated.or(algorithm.omitted.as_deref())?;
    (!spec.has_algorithm(named)).then_some(INVALID_KEY_USAGE)
}
