//! What the key stands in the way of: its state, what it is for, which algorithms it has; and the key of a ciphertext. Rule:
//! KMS-STATE-2, KMS-STATE-3, KMS-ID-6.

use preclear_catalog::kms::{
    self as tables, KeyFamily, KeyState, KmsAction, KmsException, MultiRegionNeed, StateCaveat,
    StateClass,
};
use serde_json::Value;

use super::{Call, of_key, of_request};
use crate::engine::keys::CompiledKey;
use crate::explanation::KmsAnswer;
use crate::service::kms::resolve;
use crate::snapshot::{KeyRecord, NOT_KNOWN};
use crate::target::{KeyTarget, TargetKind};

pub(super) fn answer(call: &Call<'_>) -> Option<KmsAnswer> {
    let (key, action) = (call.key?, call.action?);
    incorrect_key(call, key)
        .or_else(|| in_state(call, action, &key.record))
        .or_else(|| unfit(action, &key.record))
        .or_else(|| unfit_algorithm(call, action, &key.record))
}

/// A key is named, but another one made the ciphertext. Rule: KMS-ID-6.
fn incorrect_key(call: &Call<'_>, key: &CompiledKey) -> Option<KmsAnswer> {
    let case = call.case;
    if !matches!(case.action.name(), "decrypt" | "reencryptfrom") {
        return None;
    }
    let modifiers = case.request.parameter("DryRunModifiers");
    let modifiers = modifiers.and_then(Value::as_array).into_iter().flatten();
    let mut modifiers = modifiers.filter(|modifier| *modifier == "IGNORE_CIPHERTEXT");
    if modifiers.next().is_some() {
        return None;
    }
    let made_by = case.request.ciphertext_key.as_deref()?;
    let other = resolve::key_anywhere(case.inquiry, made_by).ok()?;
    let other_arn = match &other.kind {
        TargetKind::Key(KeyTarget::Found { key }) => key.record.arn.as_arn_ref(),
        _ => other.arn?,
    };
    let decrypts = {
        let own = key.record.arn.as_arn_ref();
        other_arn == own || resolve::are_related(other_arn, own)
    };
    let why = format!("`{other_arn}` made the ciphertext");
    let remedy = "name that key, or none: KMS reads it from the ciphertext";
    (!decrypts).then(|| of_request(KmsException::IncorrectKey, "KMS-ID-6", why, remedy))
}

/// Rule: KMS-STATE-2.
fn in_state(call: &Call<'_>, action: &KmsAction, key: &KeyRecord) -> Option<KmsAnswer> {
    let class = action.state_class?;
    let state = KeyState::from_name(&key.state)?;
    let outcome = tables::state_outcome(class, state);
    match outcome.exception_for(call.role) {
        Some(KmsException::UnsupportedOperation) => {
            let unfit = unsupported(action, key);
            Some(
                unfit.unwrap_or_else(|| {
                    state_answer(class, state, KmsException::UnsupportedOperation)
                }),
            )
        }
        Some(exception) => Some(state_answer(class, state, exception)),
        // What would be another key's usage elsewhere is another kind of key here.
        None if outcome.caveat == Some(StateCaveat::FittingOriginOnly) => wrong_family(action, key)
            .map(|answer| KmsAnswer {
                exception: KmsException::UnsupportedOperation,
                ..answer
            })
            .or_else(|| wrong_origin(action, key)),
        None => None,
    }
}

fn state_answer(class: StateClass, state: KeyState, exception: KmsException) -> KmsAnswer {
    let name = state.name();
    if class == StateClass::Cancel {
        let why = format!("the key is `{name}`, so it has no deletion to cancel");
        let remedy = "name a key that is to be deleted";
        return of_request(exception, "KMS-STATE-2", why, remedy);
    }
    let remedy = match state {
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
            if class == StateClass::Schedule =>
        {
            "its deletion is scheduled; for another waiting period cancel it first"
        }
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => {
            "cancel its deletion, then enable it, or name another key"
        }
        KeyState::Disabled => "enable the key, or name another one",
        KeyState::PendingImport => "import its key material, or name another key",
        KeyState::Unavailable => "connect its custom key store, or name another key",
        KeyState::Creating => "wait until the replica is made",
        KeyState::Updating => "wait until its primary Region has changed",
        KeyState::Enabled => "name another key",
    };
    let why = format!("the key is `{name}`");
    of_key(exception, "KMS-STATE-2", why, remedy)
}

/// Rule: KMS-STATE-3.
fn unfit(action: &KmsAction, key: &KeyRecord) -> Option<KmsAnswer> {
    wrong_family(action, key).or_else(|| unsupported(action, key))
}

fn wrong_family(action: &KmsAction, key: &KeyRecord) -> Option<KmsAnswer> {
    let family = tables::key_family(&key.spec, &key.usage)?;
    if action.usable.admits_family(family) {
        return None;
    }
    let wanted = action.usable.families.iter().map(|family| words(*family));
    let wanted: Vec<&str> = wanted.collect();
    let why = format!(
        "the key is of spec {} for {}, and the operation takes {}",
        key.spec,
        key.usage,
        wanted.join(" or ")
    );
    let remedy = "name such a key: spec and usage of a key never change";
    Some(of_key(
        KmsException::InvalidKeyUsage,
        "KMS-STATE-3",
        why,
        remedy,
    ))
}

fn words(family: KeyFamily) -> &'static str {
    match family {
        KeyFamily::Symmetric => "symmetric keys for ENCRYPT_DECRYPT",
        KeyFamily::AsymmetricEncryption => "asymmetric keys for ENCRYPT_DECRYPT",
        KeyFamily::Signing => "keys for SIGN_VERIFY",
        KeyFamily::Mac => "keys for GENERATE_VERIFY_MAC",
        KeyFamily::KeyAgreement => "keys for KEY_AGREEMENT",
        KeyFamily::KeyEncapsulation => "keys for ENCAPSULATE_DECAPSULATE",
    }
}

fn unsupported(action: &KmsAction, key: &KeyRecord) -> Option<KmsAnswer> {
    let in_store = key.custom_key_store.as_deref();
    let in_store = in_store.filter(|_| !action.usable.custom_key_store);
    wrong_origin(action, key)
        .or_else(|| {
            let store = in_store?;
            let why = format!("the key is in the custom key store `{store}`");
            Some(another_kind(why, "name a key that is in none"))
        })
        .or_else(|| {
            let (why, remedy) = lacks_regions(action, key)?;
            Some(another_kind(why, remedy))
        })
}

fn wrong_origin(action: &KmsAction, key: &KeyRecord) -> Option<KmsAnswer> {
    if key.origin == NOT_KNOWN {
        return None;
    }
    let wanted = action.usable.origins.join(" or ");
    let why = format!("the origin of the key is {}", key.origin);
    let remedy = format!("name a key of origin {wanted}: the origin of a key never changes");
    let answer = another_kind(why, remedy);
    (!action.usable.admits_origin(&key.origin)).then_some(answer)
}

fn lacks_regions(action: &KmsAction, key: &KeyRecord) -> Option<(String, &'static str)> {
    let need = action.usable.multi_region?;
    if !key.multi_region {
        return Some((
            "the key is no multi-Region key".to_owned(),
            "name a multi-Region key",
        ));
    }
    let is_replica = key.multi_region_type.as_deref() == Some("REPLICA");
    (need == MultiRegionNeed::Primary && is_replica).then(|| {
        (
            "the key is a replica".to_owned(),
            "name the primary key, in its Region",
        )
    })
}

fn another_kind(why: String, remedy: impl Into<String>) -> KmsAnswer {
    of_key(
        KmsException::UnsupportedOperation,
        "KMS-STATE-2",
        why,
        remedy,
    )
}

/// An algorithm that keys of the spec do not have; one that is left out is SYMMETRIC_DEFAULT where the operation encrypts.
/// Rule: KMS-STATE-3, KMS-COND-0.
fn unfit_algorithm(call: &Call<'_>, action: &KmsAction, key: &KeyRecord) -> Option<KmsAnswer> {
    let parameters = call.parameters()?;
    let spec = tables::spec(&key.spec)?;
    let algorithm = action.algorithm.as_ref()?;
    let stated = parameters.get(&algorithm.name).and_then(Value::as_str);
    let named = stated.or(algorithm.omitted.as_deref())?;
    if spec.has_algorithm(named) {
        return None;
    }
    let name = &algorithm.name;
    let why = match stated {
        Some(_) => format!("a key of spec {} has no algorithm `{named}`", key.spec),
        None => format!(
            "the request leaves `{name}` out, which means `{named}`, and a key of spec {} has no such algorithm",
            key.spec
        ),
    };
    let own = spec.algorithms_for(&key.usage).join("` or `");
    let remedy = format!("give `parameters.{name}` as `{own}`");
    Some(of_request(
        KmsException::InvalidKeyUsage,
        "KMS-STATE-3",
        why,
        remedy,
    ))
}
