//! What a condition key holds when the parameter that feeds it is left out.

use super::super::super::markdown::Rules;
use super::super::table::Operation;
use super::keys::{ATTESTATION, CONTEXT, ConditionKey};
use crate::failure::Failure;

/// What the docs say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftOut {
    Absent,
    Default(&'static str),
    /// Nothing, or the call must have it.
    Unsaid,
}

/// Fails if KMS-COND-0 no longer says what is built in here.
pub(super) fn check(rules: &Rules) -> Result<(), Failure> {
    let effective = rules.rule("KMS-COND-0")?;
    effective.says(
        "Request-type keys take the parameter's *effective* value, defaults included, for KeySpec, KeyUsage, KeyOrigin, \
         MultiRegion, EncryptionAlgorithm (e.g. CreateKey without KeySpec has `kms:KeySpec`=SYMMETRIC_DEFAULT).",
    )?;
    effective.says(
        "when the parameter is omitted: BypassPolicyLockoutSafetyCheck and ExpirationModel",
    )?;
    effective.says("A key that does not belong to the operation is absent")?;
    let inputs = rules.rule("KMS-DEC-2")?;
    inputs.says(
        "(members left out: default or absent, KMS-COND-0); neither given: Unknown in open mode",
    )?;
    inputs.says("KeySpec, KeyUsage, KeyOrigin, MultiRegion, MultiRegionKeyType, ResourceAliases, aws:ResourceTag: from key and caller")?;
    inputs.says("ViaService (absent) and GrantIsForAWSResource (`false`), unless a forward access session is stated")?;
    rules
        .rule("IAM-CTX-7")?
        .says("not in the catalogue of the requested action is Absent, even in open mode")?;
    rules
        .rule("IAM-CTX-8")?
        .says("the new resource has no tags yet: `aws:ResourceTag/k` Absent")
}

/// What a key of an operation holds without its parameter.
pub(super) fn left_out(operation: &Operation, key: &ConditionKey) -> LeftOut {
    let is_grant = operation.name == "CreateGrant";
    match key.name.as_str() {
        // KMS-COND-0 itself.
        "kms:KeySpec" if operation.name == "CreateKey" => LeftOut::Default("SYMMETRIC_DEFAULT"),
        "kms:EncryptionAlgorithm" => LeftOut::Default("SYMMETRIC_DEFAULT"),
        "kms:ExpirationModel" | "kms:BypassPolicyLockoutSafetyCheck" => LeftOut::Absent,
        CONTEXT | "kms:EncryptionContextKeys" => LeftOut::Absent,
        ATTESTATION if key.semantics.contains("otherwise absent") => LeftOut::Absent,
        // The row is about two keys, this sentence about one.
        "kms:MessageType" if key.semantics.contains("MessageType defaults to RAW") => {
            LeftOut::Default("RAW")
        }
        "kms:GrantConstraintType" | "kms:RetiringPrincipal" | "kms:RetiringServicePrincipal"
            if is_grant && key.semantics.contains("absent if none") =>
        {
            LeftOut::Absent
        }
        "kms:PolicyName" if key.semantics == "default when omitted" => LeftOut::Default("default"),
        "kms:ScheduleKeyDeletionPendingWindowInDays"
            if key.semantics.contains("default 30 counts as 30") =>
        {
            LeftOut::Default("30")
        }
        "kms:RotationPeriodInDays" if key.semantics.contains("default 365") => {
            LeftOut::Default("365")
        }
        _ => LeftOut::Unsaid,
    }
}
