//! What the key to be can be wrong about: spec and usage of CreateKey, the Region of ReplicateKey. Rule: KMS-STATE-3a, KMS-ID-7.

use preclear_catalog::kms::{self as tables, KeySpec, KmsException};

use super::{Call, of_request};
use crate::explanation::KmsAnswer;
use crate::service::kms::resolve;

/// The spec that a key has unless the request says otherwise, and its only usage. Rule: KMS-COND-0.
const DEFAULT_SPEC: &str = "SYMMETRIC_DEFAULT";
const DEFAULT_USAGE: &str = "ENCRYPT_DECRYPT";

/// Rule: KMS-STATE-3a.
pub(super) fn answer(call: &Call<'_>) -> Option<KmsAnswer> {
    if !call.is("createkey") {
        return None;
    }
    call.parameters()?;
    let named = ["KeySpec", "CustomerMasterKeySpec"]
        .into_iter()
        .find_map(|member| call.text(member))
        .unwrap_or(DEFAULT_SPEC);
    let refused = |why: String, remedy: String| {
        Some(of_request(
            KmsException::Validation,
            "KMS-STATE-3a",
            why,
            remedy,
        ))
    };
    let Some(spec) = tables::spec(named) else {
        let known: Vec<&str> = tables::specs()
            .iter()
            .map(|one| one.spec.as_str())
            .collect();
        let remedy = format!("give `parameters.KeySpec` one of `{}`", known.join("`, `"));
        return refused(format!("there is no key spec `{named}`"), remedy);
    };
    if let Some(elsewhere) = not_here(call, spec) {
        return Some(elsewhere);
    }
    let usages: Vec<&str> = spec.usages.keys().map(String::as_str).collect();
    let remedy = format!("give `parameters.KeyUsage` as `{}`", usages.join("` or `"));
    match call.text("KeyUsage") {
        Some(usage) if !spec.usages.contains_key(usage) => refused(
            format!("no key of spec {named} has the usage {usage}"),
            remedy,
        ),
        None if named != DEFAULT_SPEC => {
            let why = format!(
                "only for {DEFAULT_SPEC} can `KeyUsage` be left out, which then is {DEFAULT_USAGE}"
            );
            refused(why, remedy)
        }
        _ => None,
    }
}

/// Some specs exist in China Regions only.
fn not_here(call: &Call<'_>, spec: &KeySpec) -> Option<KmsAnswer> {
    let partition = call.case.requester.partition()?;
    let is_here = spec.partitions.is_empty() || spec.partitions.iter().any(|own| own == partition);
    let why = format!("keys of spec {} exist in China Regions only", spec.spec);
    let remedy = "ask for another spec";
    let answer = of_request(
        KmsException::UnsupportedOperation,
        "KMS-STATE-3a",
        why,
        remedy,
    );
    (!is_here).then_some(answer)
}

/// A primary key has one replica in a Region. Rule: KMS-ID-7.
pub(super) fn replica(call: &Call<'_>) -> Option<KmsAnswer> {
    if !call.is("replicatekey") {
        return None;
    }
    let region = call.text("ReplicaRegion")?;
    let replica = resolve::relative(&call.key?.record.arn, region)?;
    call.case.engine.keys().resolve(&replica)?;
    let why = format!("`{replica}` exists");
    let remedy = "name a Region that has none of the related keys";
    Some(of_request(
        KmsException::AlreadyExists,
        "KMS-ID-7",
        why,
        remedy,
    ))
}
