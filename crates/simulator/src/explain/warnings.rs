//! What looks wrong about a question, or about the statements that bear on it.

use preclear_catalog::{catalog, kms as tables};
use preclear_condition::{Ambiguities, Outcome};
use preclear_model::Match;
use preclear_model::near::nearest;

use super::Evidences;
use crate::context::Context;
use crate::decide::{Case, Run};
use crate::engine::policies::CompiledPolicy;
use crate::explanation::Warning;
use crate::matching::action::ActionName;
use crate::matching::principal;
use crate::matching::resource::Question;
use crate::request::ContextMode;
use crate::service::assume;
use crate::snapshot::Given;
use crate::target::TargetKind;

/// All warnings, in a fixed order.
pub(crate) fn collect(
    case: &Case<'_>,
    context: &Context,
    run: &Run<'_, Evidences>,
) -> Vec<Warning> {
    let mut warnings = context.warnings.clone();
    warnings.extend(literal_star(case));
    warnings.extend(unused_resource(case));
    warnings.extend(unknown_action(&case.action, &case.action_text));
    warnings.extend(encrypted_object(case));
    warnings.extend(assume::hints(case));
    warnings.extend(unused_parameters(case));
    warnings.extend(unused_account(case));
    for layer in run.layers.iter() {
        for policy in &layer.policies {
            warnings.extend(policy.warnings_about(case.action.service()));
            warnings.extend(ids_not_known(case, policy));
        }
    }
    warnings.sort();
    warnings.dedup();
    warnings
}

/// Entries that count as somebody else's only because nobody told the caller's id. Rule: IAM-PRIN-7, IAM-PRIN-10.
fn ids_not_known(case: &Case<'_>, policy: &CompiledPolicy) -> Vec<Warning> {
    if case.request.mode == ContextMode::Open || !policy.has_principals() {
        return Vec::new();
    }
    let may_ask = policy.statements.iter().filter(|statement| {
        let action: Outcome<()> = statement.action.matches(&case.action, Ambiguities::Report);
        !action.value.is_false()
    });
    let entries = may_ask.flat_map(|statement| {
        let principal = policy
            .source(statement)
            .and_then(|source| source.principal.as_ref());
        let entries = principal.map(Match::entries).unwrap_or_default();
        entries.iter().map(move |entry| (statement.index, entry))
    });
    entries
        .filter_map(|(index, entry)| {
            let (id, member) = principal::id_not_known(entry, case.requester)?;
            Some(Warning {
                code: "CALLER_ID_NOT_KNOWN",
                message: format!(
                    "{}, statement {index}: the caller's {id} is not given, so `{}` counts as another's (IAM-PRIN-7); give it as `{member}` of the principal",
                    policy.document.name, entry.text
                ),
            })
        })
        .collect()
}

/// ARN and snapshot come before what the request says of the owner. Rule: IAM-EVAL-5.
fn unused_account(case: &Case<'_>) -> Option<Warning> {
    let said = case.request.resource_account.as_deref()?;
    let owner = case.target.account.as_deref()?;
    (said != owner).then(|| Warning {
        code: "RESOURCE_ACCOUNT_NOT_USED",
        message: format!(
            "the request says that {said} owns {}, but it belongs to {owner}, which counts (IAM-EVAL-5)",
            case.target.display()
        ),
    })
}

/// Parameters say something of KMS and STS calls alone. Rule: UI-38.
fn unused_parameters(case: &Case<'_>) -> Option<Warning> {
    let parameters = case.request.parameters.as_ref()?;
    let is_used = matches!(case.action.service(), "kms" | "sts");
    (!is_used && !parameters.is_empty()).then(|| Warning {
        code: "PARAMETERS_NOT_USED",
        message: format!(
            "nothing of {} follows from `parameters` (UI-38); give condition keys in `context`",
            case.action_text
        ),
    })
}

fn literal_star(case: &Case<'_>) -> Option<Warning> {
    let action = catalog().action(case.action.service(), case.action.name())?;
    let is_star = case.target.typed.as_deref() == Some("*");
    (is_star && action.has_resource()).then(|| Warning {
        code: "LITERAL_STAR_RESOURCE",
        message: format!(
            "`*` stands for itself here, not for every resource of {} (UI-11, IAM-WILD-8)",
            case.action_text
        ),
    })
}

/// An action without resources is decided on `*`, also where the request names one. Rule: IAM-WILD-8.
fn unused_resource(case: &Case<'_>) -> Option<Warning> {
    let action = catalog().action(case.action.service(), case.action.name())?;
    let named = case.target.typed.as_deref().filter(|typed| *typed != "*")?;
    let is_star = matches!(case.target.question, Question::Everything);
    (is_star && !action.has_resource()).then(|| Warning {
        code: "RESOURCE_NOT_USED",
        message: format!(
            "{} is decided on no resource but `*`, so `{named}` does not count (IAM-WILD-8); ask with `resource: \"*\"`",
            case.action_text
        ),
    })
}

/// An action that no service defines is decided as policies would decide it, and so is easily allowed by a `*`.
pub(crate) fn unknown_action(action: &ActionName, text: &str) -> Option<Warning> {
    let service = action.service();
    if catalog().action(service, action.name()).is_some() {
        return None;
    }
    let suggestion = match catalog().service(service) {
        // An API operation that takes actions of other names (KMS-ACT-1).
        _ if service == "kms" && tables::operation(action.name()).is_some() => {
            format!(
                "; `{text}` is an API operation: ask for it as `operation` to decide all its actions"
            )
        }
        Some(known) => nearest(action.name(), known.actions().map(|action| action.name()))
            .map(|name| format!("; did you mean `{service}:{name}`?"))
            .unwrap_or_default(),
        None => nearest(
            service,
            catalog().services().map(|service| service.prefix()),
        )
        .map(|prefix| format!("; did you mean the service `{prefix}`?"))
        .unwrap_or_default(),
    };
    Some(Warning {
        code: "UNKNOWN_ACTION",
        message: format!("no service defines the action `{text}` (IAM-GRAM-11){suggestion}"),
    })
}

/// Code of the warning that an object's key needs a permission of its own.
pub(crate) const KEY_PERMISSION_NEEDED_TOO: &str = "KEY_PERMISSION_NEEDED_TOO";

/// Reading or writing an SSE-KMS object takes a second permission, on the key. Rule: JOB-S3-3, JOB-S3-4.
fn encrypted_object(case: &Case<'_>) -> Option<Warning> {
    let further = match (case.action.service(), case.action.name()) {
        ("s3", "getobject") => "kms:Decrypt",
        ("s3", "putobject") => "kms:GenerateDataKey",
        _ => return None,
    };
    let TargetKind::Carrier(Some(bucket)) = &case.target.kind else {
        return None;
    };
    let bucket = &bucket.record;
    let key = case
        .target
        .arn
        .as_ref()
        .and_then(|arn| arn.as_str().strip_prefix(bucket.arn.as_str()))
        .and_then(|rest| rest.strip_prefix('/'));
    let listed = bucket
        .objects
        .iter()
        .find(|object| key == Some(object.key.as_str()));
    let kms_key = match (listed, &bucket.encryption) {
        (Some(object), _) => object.kms_key.clone()?,
        (None, Given::Here(encryption)) if encryption.kms => encryption
            .key
            .clone()
            .unwrap_or_else(|| "alias/aws/s3".to_owned()),
        _ => return None,
    };
    Some(Warning {
        code: KEY_PERMISSION_NEEDED_TOO,
        message: format!(
            "the object is encrypted under `{kms_key}`: the call also takes {further} on that key, made through S3; ask for it with `via: s3`"
        ),
    })
}
