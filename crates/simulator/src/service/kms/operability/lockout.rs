//! Would the caller still be able to change the key policy afterwards? Rule: KMS-POL-15.

use std::sync::Arc;

use preclear_catalog::kms::KmsException;
use preclear_model::Policy;
use serde_json::Value;

use super::{is_true, of_request};
use crate::compose::Answer;
use crate::context::Context;
use crate::decide::{self, Case};
use crate::engine::keys::CompiledKey;
use crate::explanation::KmsAnswer;
use crate::matching::action::ActionName;
use crate::matching::resource::Question;
use crate::snapshot::{Given, KeyRecord};
use crate::target::{KeyHandle, KeyTarget, Target, TargetKind, Untagged};

/// What the safety check answers to the candidate policy of the request; nothing where the check is bypassed, or where the
/// outcome is open.
pub(super) fn answer(case: &Case<'_>, candidate: Arc<Policy>) -> Option<KmsAnswer> {
    if is_bypassed(case) {
        return None;
    }
    let key = Arc::new(CompiledKey::compile(&record_with(case, candidate)?));
    let record = &key.record;
    let arn = record.arn.as_arn_ref();
    let tags = record.tags.clone();
    let target = Target {
        question: Question::one(arn.as_str(), case.arena),
        typed: Some(arn.as_str()),
        account: Some(arn.account()),
        region: Some(arn.region()),
        arn: Some(arn),
        kind: TargetKind::Key(KeyTarget::Found {
            key: KeyHandle::Made(Arc::clone(&key)),
        }),
        tags: tags.as_ref(),
        untagged: Untagged::left_out(case.engine.snapshot().complete),
        same_key: None,
        assumed_owner: None,
    };
    let action_text = "kms:PutKeyPolicy".to_owned();
    let action = ActionName::parse(&action_text, case.arena)?;
    let again = Case::new(case.inquiry, action_text, action, target);
    let context = Context::new(again.sources());
    let run = decide::run::<()>(&again, &context, case.request.ambiguity);
    match run.composition.answer() {
        Answer::ExplicitDeny | Answer::ImplicitDeny => Some(locked_out(case)),
        Answer::Allow | Answer::Depends => None,
    }
}

fn locked_out(case: &Case<'_>) -> KmsAnswer {
    let caller = case.requester.caller.display_arn();
    let why = format!("under the new key policy {caller} could not call kms:PutKeyPolicy again");
    let remedy =
        "let the new policy allow it that, or set `parameters.BypassPolicyLockoutSafetyCheck`";
    let exception = KmsException::MalformedPolicyDocument;
    of_request(exception, "KMS-POL-15", why, remedy)
}

fn is_bypassed(case: &Case<'_>) -> bool {
    is_true(case.request.parameter("BypassPolicyLockoutSafetyCheck"))
}

/// The key as it would be: its own record, or for a new key one in the caller's account. Grants and `AWS_RAM` do
/// not count.
fn record_with(case: &Case<'_>, candidate: Arc<Policy>) -> Option<KeyRecord> {
    let mut record = match &case.target.kind {
        TargetKind::Key(KeyTarget::Found { key }) => key.record.clone(),
        _ => {
            let sources = case.sources();
            let partition = case.requester.partition().unwrap_or("aws");
            let account = case.requester.account()?;
            let arn = preclear_model::Arn::from_fields(
                partition,
                "kms",
                sources.region()?,
                account,
                "key/new",
            )?;
            as_asked(case, KeyRecord::new(arn))
        }
    };
    record.policy = Given::Here(candidate);
    record.ram_policy = Given::Nothing;
    record.grants = Some(Vec::new());
    Some(record)
}

/// A new key with the properties and tags that the call gives it. Rule: KMS-COND-0, KMS-ACT-5.
fn as_asked(case: &Case<'_>, key: KeyRecord) -> KeyRecord {
    let text = |name: &str| case.request.text_parameter(name).map(str::to_owned);
    let tags = case.request.parameter("Tags").and_then(Value::as_array);
    let pair = |tag: &Value| {
        let member = |name: &str| tag.get(name)?.as_str().map(str::to_owned);
        Some((member("TagKey")?, member("TagValue")?))
    };
    let multi_region = is_true(case.request.parameter("MultiRegion"));
    KeyRecord {
        spec: text("KeySpec")
            .or_else(|| text("CustomerMasterKeySpec"))
            .unwrap_or(key.spec),
        usage: text("KeyUsage").unwrap_or(key.usage),
        origin: text("Origin").unwrap_or(key.origin),
        multi_region,
        multi_region_type: multi_region.then(|| "PRIMARY".to_owned()),
        aliases: Some(Vec::new()),
        tags: Some(tags.into_iter().flatten().filter_map(pair).collect()),
        ..key
    }
}
