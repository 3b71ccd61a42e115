//! What KMS answers before any policy is asked. Rule: KMS-DEC-0.

use preclear_catalog::kms::CrossAccount;
use preclear_simulator::Verdict;
use preclear_simulator::snapshot::KeyManager;

use crate::reference::guardrail::is_aws_managed;
use crate::reference::question::Question;
use crate::reference::target::{Key, Kind};

/// Actions that nobody can take on a key which AWS manages. Rule: KMS-AMK-3.
const NOT_ON_AWS_MANAGED: [&str; 6] = [
    "PutKeyPolicy",
    "ScheduleKeyDeletion",
    "DisableKey",
    "CreateAlias",
    "UpdateAlias",
    "DeleteAlias",
];

/// Actions that take a key of another account by its key ARN only. Rule: KMS-ID-5.
const BY_KEY_ARN: [&str; 4] = [
    "CreateGrant",
    "ListGrants",
    "RevokeGrant",
    "GetKeyRotationStatus",
];

/// The answer where a gate is shut: a key that does not exist, one that belongs to AWS, an operation that does not work
/// across accounts, a Region that is not enabled, a foreign key named by its alias.
/// Rule: KMS-DEC-0, KMS-AMK-5, KMS-XA-2, KMS-XA-3, KMS-ID-5.
pub(crate) fn answer(question: &Question<'_>) -> Option<Verdict> {
    if question.service != "kms" {
        return None;
    }
    let key = match &question.target.kind {
        Kind::Key(key) => Some(key),
        _ => None,
    };
    match key {
        Some(Key::NotFound) => return Some(Verdict::ImplicitDeny),
        Some(Key::Listed(record)) if record.manager == KeyManager::AwsOwned => {
            return Some(Verdict::NotApplicable);
        }
        _ => {}
    }
    let crosses = question
        .kms
        .is_none_or(|row| row.cross_account == CrossAccount::Yes);
    let is_shut = question.is_cross_account() && (!crosses || is_region_disabled(question));
    let is_misnamed = question.is_cross_account()
        && question.is_action("kms", &BY_KEY_ARN)
        && question
            .typed
            .as_deref()
            .is_some_and(|typed| typed.contains(":alias/"));
    (is_shut || is_misnamed).then_some(Verdict::ImplicitDeny)
}

/// True for what nothing allows on a key that AWS manages; an explicit deny is told all the same. Rule: KMS-AMK-3.
pub(crate) fn is_unsupported(question: &Question<'_>) -> bool {
    is_aws_managed(question) && question.is_action("kms", &NOT_ON_AWS_MANAGED)
}

/// True if the caller's account has not enabled the Region of a foreign key. Rule: KMS-XA-3.
fn is_region_disabled(question: &Question<'_>) -> bool {
    let account = question.requester.account().unwrap_or_default();
    let disabled = question.snapshot.disabled_regions.get(account);
    let region = question.target.region.as_ref();
    disabled
        .zip(region)
        .is_some_and(|(regions, region)| regions.contains(region))
}
