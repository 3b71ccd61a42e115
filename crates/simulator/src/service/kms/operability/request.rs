//! What any request can be wrong about: how it names the key, numbers out of bounds; and rehearsals.

use preclear_catalog::kms::{self as tables, KmsException, ParameterType};

use super::{Call, is_true, of_request};
use crate::explanation::{Change, KmsAnswer};
use crate::parameters;
use crate::service::target::is_alias;

pub(super) fn answer(call: &Call<'_>) -> Option<KmsAnswer> {
    key_by_alias(call).or_else(|| number_out_of_bounds(call))
}

/// Only the operations that have `kms:RequestAlias` find a key by its alias. `resource` says what the question is about, in any
/// form (UI-11); what the call passes is the parameter. Rule: KMS-ID-5.
fn key_by_alias(call: &Call<'_>) -> Option<KmsAnswer> {
    let action = call.action?;
    let finds_by_alias = action.is_permission_only || action.takes("kms:RequestAlias");
    if finds_by_alias || !call.role.is_key() {
        return None;
    }
    let member = if action.targets.contains(&tables::Target::Alias) {
        "TargetKeyId"
    } else {
        "KeyId"
    };
    let typed = call.text(member)?;
    if !is_alias(typed) {
        return None;
    }
    let why = format!("`{typed}` is an alias, and this operation takes none as `{member}`");
    let remedy = match call.key {
        Some(key) => format!("name the key by its id or ARN, `{}`", key.record.arn),
        None => "name the key by its id or ARN".to_owned(),
    };
    Some(of_request(
        KmsException::InvalidArn,
        "KMS-ID-5",
        why,
        remedy,
    ))
}

/// Rule: KMS-COND-1, table.
fn number_out_of_bounds(call: &Call<'_>) -> Option<KmsAnswer> {
    let given = call.parameters()?;
    let operations = tables::operations_needing(call.case.action.name());
    let mut members = operations
        .iter()
        .flat_map(|operation| operation.parameters().iter());
    members.find_map(|(name, kind)| {
        let ParameterType::Number(Some(bounds)) = kind else {
            return None;
        };
        let number = parameters::number(given.get(name)?)?;
        let why = format!(
            "`{name}` is {number}, and KMS takes {} to {}",
            bounds.start(),
            bounds.end()
        );
        let remedy = format!("give `parameters.{name}` a number within those bounds");
        let answer = of_request(KmsException::Validation, "KMS-COND-1", why, remedy);
        (!bounds.contains(&number)).then_some(answer)
    })
}

/// A rehearsal that would have succeeded. Rule: KMS-ACT-7.
pub(super) fn rehearsal(call: &Call<'_>) -> Option<KmsAnswer> {
    is_true(call.case.request.parameter("DryRun")).then(|| KmsAnswer {
        exception: KmsException::DryRunOperation,
        why: "this is how a rehearsal succeeds: without `DryRun` the call would be carried out"
            .to_owned(),
        rule: "KMS-ACT-7",
        change: Change::Nothing,
        remedy: "nothing has to change".to_owned(),
    })
}
