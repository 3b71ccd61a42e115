//! Permissions to create grants, and what conditions on grants can name. Rule: KMS-GRANT-2, KMS-GRANT-8

use preclear_model::PolicyKind;
use preclear_model::policy::ResourceEntry;

use super::context;
use crate::arns::{self, Selection};
use crate::codes;
use crate::finding::Finding;
use crate::subject::Subject;

/// `kms:CreateGrant` on every key, without condition. Rule: KMS-GRANT-8, JOB-LINT-1
///
/// All of KMS (`kms:*`) is an administrator's and says so; a key policy stands at one key.
pub(super) fn broad(subject: &Subject<'_>) -> Vec<Finding> {
    let is_for_caller = matches!(subject.kind(), PolicyKind::Identity | PolicyKind::Session);
    let is_unconditional = subject.statement.conditions.is_empty();
    let is_broad = subject.resources().iter().any(selects_every_key);
    if !subject.allows() || !is_for_caller || !is_unconditional || !is_broad {
        return Vec::new();
    }
    let entries = subject
        .actions()
        .iter()
        .filter(|entry| entry.reaches("kms:CreateGrant") && !entry.is_whole_service());
    entries
        .map(|entry| {
            let message = format!(
                "`{}` on every key lets the caller give any use of any key to anyone",
                entry.entry.text
            );
            subject.finding(&codes::BROAD_CREATEGRANT, entry.entry.span, message)
        })
        .collect()
}

/// Whether the entry selects all keys of all accounts.
fn selects_every_key(entry: &ResourceEntry) -> bool {
    match arns::selection(entry) {
        Selection::Everything => true,
        Selection::Arns(pattern) => arns::all_keys().is_some_and(|keys| pattern.covers(&keys)),
        Selection::Unclear => false,
    }
}

/// Operations that a condition names and no grant contains. Rule: KMS-GRANT-2
pub(super) fn operations(subject: &Subject<'_>) -> Vec<Finding> {
    context::grant_operations(subject)
}
