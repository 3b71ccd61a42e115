//! Where the report says that no addition can help, none does: not even one that opens everything to whoever needs it.

use preclear_model::Arn;
use preclear_simulator::Verdict;
use preclear_simulator::job::{Fix, FixTarget, JobVerdict, Requirement, RequirementPart};
use preclear_simulator::snapshot::KeyManager;
use serde_json::{Value, json};

use super::Tried;
use super::state::{find, is_met, parts, told};
use super::sufficient::is_of;
use crate::scenario::Violation;

pub(super) fn violation(tried: &Tried) -> Option<Violation> {
    let open: Vec<_> = parts(&tried.after)
        .filter(|(row, part)| !is_met(part) && is_claimed(tried, row, part))
        .collect();
    if open.is_empty() {
        return None;
    }
    let mut fixes = tried.report.fixes.clone();
    fixes.extend(open.iter().flat_map(|(_, part)| everything(tried, part)));
    let report = tried.with(&fixes);
    let (row, part) = open
        .into_iter()
        .find(|(row, part)| find(&report, row, part).is_some_and(is_met))?;
    let message = format!("an addition would help after all: {}", told(row, part));
    let asked = tried.shown(&fixes, "with everything opened", JobVerdict::Denied);
    Some(tried.violation(message, asked))
}

/// True where the report says that nothing helps: not where nobody knows, nor for what is not listed (JOB-8), nor where it tells how a
/// policy that names the caller would help (IAM-EVAL-18).
fn is_claimed(tried: &Tried, row: &Requirement, part: &RequirementPart) -> bool {
    let mut principals = tried.engine.snapshot().principals.iter();
    let is_listed = !part.principal.starts_with("arn:")
        || principals.any(|own| own.arn.as_str() == part.principal);
    let tells_how = |obstacle: &String| {
        let words = [" itself in ", "is not in the snapshot", "list the key"];
        words.iter().any(|words| obstacle.contains(words))
    };
    let mut obstacles = tried.report.obstacles.iter();
    let is_told = obstacles.any(|one| is_of(one, &row.id) && tells_how(one));
    part.result.verdict != Verdict::Depends && is_listed && !is_told
}

/// Statements for the identity, the resource and the key of a permission, where they are listed and have policies of their own.
fn everything(tried: &Tried, part: &RequirementPart) -> Vec<Fix> {
    let snapshot = tried.engine.snapshot();
    let resource = part.result.resource.as_str();
    let principal = match part.principal.strip_prefix("arn:") {
        Some(_) => json!({"AWS": part.principal}),
        None => json!({"Service": part.principal}),
    };
    let mut fixes = Vec::new();
    let mut push = |target: FixTarget, member: &str, value: Value| {
        let mut statement = json!({"Effect": "Allow", "Action": part.action});
        if member == "Principal" {
            statement["Principal"] = principal.clone();
        }
        match &target {
            FixTarget::Trust(_) => {}
            FixTarget::Resource(arn) => statement["Resource"] = json!([arn, format!("{arn}/*")]),
            _ => statement["Resource"] = value,
        }
        fixes.push(Fix {
            target,
            statement,
            serves: Vec::new(),
            notes: Vec::new(),
        });
    };
    let is_service_linked = |arn: &str| arn.contains(":role/aws-service-role/");
    for identity in &snapshot.principals {
        let arn = identity.arn.as_str();
        if is_service_linked(arn) {
            continue;
        }
        if arn == part.principal {
            push(FixTarget::Identity(arn.to_owned()), "", json!("*"));
        }
        if arn == resource && part.action.starts_with("sts:") {
            push(FixTarget::Trust(arn.to_owned()), "Principal", json!(null));
        }
    }
    let mut keys = snapshot.keys.iter();
    let key = keys.find(|key| key.arn.as_str() == resource && key.manager == KeyManager::Customer);
    if let Some(key) = key {
        let target = FixTarget::Key(key.arn.as_str().to_owned());
        push(target, "Principal", json!("*"));
    }
    let is_part = |arn: &Arn| {
        let arn = arn.as_str();
        arn == resource || resource.starts_with(&format!("{arn}/"))
    };
    let mut resources = snapshot.resources.iter();
    if let Some(listed) = resources.find(|listed| is_part(&listed.arn)) {
        let target = FixTarget::Resource(listed.arn.as_str().to_owned());
        push(target, "Principal", json!(null));
    }
    fixes
}
