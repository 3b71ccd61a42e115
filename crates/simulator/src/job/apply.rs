//! A snapshot with proposed statements added, to see what they change.

use std::sync::Arc;

use preclear_model::{Arn, Policy, PolicyKind};
use serde_json::Value;

use crate::document;
use crate::job::report::{Fix, FixTarget};
use crate::snapshot::{Given, KeyRecord, PrincipalRecord, ResourceRecord, Snapshot};

/// The snapshot after the additions: what `--fix` promises is checked on it.
#[must_use]
pub fn apply_fixes(snapshot: &Snapshot, fixes: &[Fix]) -> Snapshot {
    let mut mended = snapshot.clone();
    for fix in fixes {
        match &fix.target {
            FixTarget::Identity(arn) => add_to_identity(&mut mended, arn, &fix.statement),
            FixTarget::Trust(arn) => add_to_trust(&mut mended, arn, &fix.statement),
            FixTarget::Key(arn) => add_to_key(&mut mended, arn, &fix.statement),
            FixTarget::Resource(arn) => add_to_resource(&mut mended, arn, &fix.statement),
        }
    }
    mended
}

/// The complete new document of a fix's target: its present policy with the statements added.
///
/// Identity policies get a document of their own, as an inline policy would. So do those of which a part is not determined yet: what
/// they say in full nobody knows.
#[must_use]
pub fn fixed_documents(snapshot: &Snapshot, fixes: &[Fix]) -> Vec<(FixTarget, String)> {
    let mut targets: Vec<&FixTarget> = fixes.iter().map(|fix| &fix.target).collect();
    targets.sort();
    targets.dedup();
    let mended = apply_fixes(snapshot, fixes);
    targets
        .into_iter()
        .filter_map(|target| {
            let policy = match target {
                FixTarget::Identity(_) => additions(fixes, target, PolicyKind::Identity)?,
                FixTarget::Trust(arn) => principal(&mended, arn)?.trust.value()?.as_ref().clone(),
                FixTarget::Key(arn) => key(&mended, arn)?.policy.value()?.as_ref().clone(),
                FixTarget::Resource(arn) => {
                    resource(&mended, arn)?.policy.value()?.as_ref().clone()
                }
            };
            let is_open = policy.statements.iter().any(|one| one.open.is_some());
            let policy = match is_open {
                true => additions(fixes, target, policy.kind)?,
                false => policy,
            };
            Some((
                target.clone(),
                document::pretty(&document::to_json(&policy)),
            ))
        })
        .collect()
}

/// The additions to a target alone.
fn additions(fixes: &[Fix], target: &FixTarget, kind: PolicyKind) -> Option<Policy> {
    let mut statements = fixes
        .iter()
        .filter(|fix| fix.target == *target)
        .map(|fix| &fix.statement);
    let first = document::only_statement(statements.next()?, "preclear-additions", kind)?;
    statements.try_fold(first, |policy, statement| {
        document::with_statement(&policy, statement)
    })
}

fn principal<'s>(snapshot: &'s Snapshot, arn: &str) -> Option<&'s PrincipalRecord> {
    snapshot
        .principals
        .iter()
        .find(|record| record.arn.as_str() == arn)
}

fn key<'s>(snapshot: &'s Snapshot, arn: &str) -> Option<&'s KeyRecord> {
    snapshot
        .keys
        .iter()
        .find(|record| record.arn.as_str() == arn)
}

fn resource<'s>(snapshot: &'s Snapshot, arn: &str) -> Option<&'s ResourceRecord> {
    snapshot
        .resources
        .iter()
        .find(|record| record.arn.as_str() == arn)
}

fn add_to_identity(snapshot: &mut Snapshot, arn: &str, statement: &Value) {
    let Some(addition) =
        document::only_statement(statement, "preclear-additions", PolicyKind::Identity)
    else {
        return;
    };
    let position = snapshot
        .principals
        .iter()
        .position(|record| record.arn.as_str() == arn);
    let index = match (position, Arn::parse(arn)) {
        (Some(index), _) => index,
        (None, Some(arn)) => {
            snapshot.principals.push(PrincipalRecord::new(arn));
            snapshot.principals.len() - 1
        }
        (None, None) => return,
    };
    let Some(record) = snapshot.principals.get_mut(index) else {
        return;
    };
    let addition = Arc::new(addition);
    match &mut record.policies {
        Given::Here(policies) => policies.push(addition),
        Given::LeftOut | Given::Nothing => record.policies = Given::Here(vec![addition]),
    }
}

fn add_to_trust(snapshot: &mut Snapshot, arn: &str, statement: &Value) {
    if let Some(record) = snapshot
        .principals
        .iter_mut()
        .find(|record| record.arn.as_str() == arn)
    {
        extend(&mut record.trust, statement, PolicyKind::Trust);
    }
}

fn add_to_key(snapshot: &mut Snapshot, arn: &str, statement: &Value) {
    if let Some(record) = snapshot
        .keys
        .iter_mut()
        .find(|record| record.arn.as_str() == arn)
    {
        extend(&mut record.policy, statement, PolicyKind::Key);
    }
}

fn add_to_resource(snapshot: &mut Snapshot, arn: &str, statement: &Value) {
    if let Some(record) = snapshot
        .resources
        .iter_mut()
        .find(|record| record.arn.as_str() == arn)
    {
        extend(&mut record.policy, statement, PolicyKind::Resource);
    }
}

fn extend(policy: &mut Given<Arc<Policy>>, statement: &Value, kind: PolicyKind) {
    let extended = match policy {
        Given::Here(present) => document::with_statement(present, statement),
        Given::LeftOut | Given::Nothing => {
            document::only_statement(statement, "preclear-additions", kind)
        }
    };
    if let Some(extended) = extended {
        *policy = Given::Here(Arc::new(extended));
    }
}
