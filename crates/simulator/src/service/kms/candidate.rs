//! The key policy that a call would set, and what KMS finds wrong with it as a document. Rule: KMS-POL-12, KMS-POL-13,
//! KMS-POL-14, KMS-COND-1.

use std::sync::Arc;

use preclear_catalog::kms::KmsException;
use preclear_model::policy::{ConditionTest, PrincipalKind};
use preclear_model::{Match, Policy, PolicyKind, PrincipalEntry, SetQualifier, Statement};
use serde_json::Value;

use super::operability::of_request;
use crate::Warning;
use crate::codes;
use crate::decide::Case;
use crate::document;
use crate::explanation::KmsAnswer;

/// A candidate that a request gives.
#[derive(Debug)]
pub(super) enum Candidate {
    /// The document.
    Policy(Arc<Policy>),
    /// Something that is no policy.
    NoPolicy,
}

/// The candidate of a call that sets a key policy; `None` for other calls, and for those that give none.
pub(super) fn of(case: &Case<'_>) -> Option<Candidate> {
    let takes_policy = matches!(
        case.action.name(),
        "putkeypolicy" | "createkey" | "replicatekey"
    );
    if !takes_policy {
        return None;
    }
    if let Some(policy) = &case.request.key_policy_candidate {
        return Some(Candidate::Policy(Arc::clone(policy)));
    }
    let text = match case.request.parameter("Policy")? {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        document => document.to_string(),
    };
    let policy = document::parse(&text, "parameters.Policy", PolicyKind::Key);
    Some(policy.map_or(Candidate::NoPolicy, |policy| {
        Candidate::Policy(Arc::new(policy))
    }))
}

/// What KMS answers to the document alone.
pub(super) fn answer(candidate: &Candidate) -> Option<KmsAnswer> {
    let malformed = |rule: &'static str, why: String, remedy: &str| {
        let exception = KmsException::MalformedPolicyDocument;
        Some(of_request(exception, rule, why, remedy))
    };
    let Candidate::Policy(policy) = candidate else {
        let why = "the new key policy cannot be read as one".to_owned();
        return malformed("KMS-POL-13", why, "correct the document");
    };
    if policy.exceeds_quota {
        let why = "the new key policy is longer than 32,768 bytes";
        let remedy = "shorten the document";
        let exception = KmsException::LimitExceeded;
        return Some(of_request(exception, "KMS-POL-13", why, remedy));
    }
    if policy.statements.is_empty() {
        let why = "the new key policy has no statement".to_owned();
        return malformed("KMS-POL-13", why, "add one that names principals");
    }
    let named = |index: usize, statement: &Statement| match statement.sid.as_deref() {
        Some(sid) if !sid.is_empty() => format!("statement {sid} of the new key policy"),
        _ => format!("statement {index} of the new key policy"),
    };
    let mut statements = policy.statements.iter().enumerate();
    let dead = statements.clone().find(|(_, one)| is_dead(one));
    if let Some((index, statement)) = dead {
        let why = format!("{} could have no effect", named(index, statement));
        return malformed("KMS-POL-12", why, "give it `Action` and `Resource`");
    }
    let (index, open) = statements.find(|(_, one)| is_overly_permissive(one))?;
    let why = format!(
        "{} is too permissive: `ForAllValues` is true without a value",
        named(index, open)
    );
    malformed("KMS-COND-1", why, "test the key without `ForAllValues`")
}

/// Since August 2025 the API stores no statement that can have no effect. Rule: KMS-POL-12.
fn is_dead(statement: &Statement) -> bool {
    statement.action.is_none() || !matches!(statement.resource, Some(Match::In(_)))
}

/// `ForAllValues` on pairs of the encryption context or on request tags. Rule: KMS-COND-1.
fn is_overly_permissive(statement: &Statement) -> bool {
    let is_open = |test: &ConditionTest| {
        let key = test.key.to_ascii_lowercase();
        test.operator.set == Some(SetQualifier::ForAllValues)
            && (key.starts_with("kms:encryptioncontext:") || key.starts_with("aws:requesttag/"))
    };
    statement.conditions.iter().any(is_open)
}

/// Users and roles that the candidate names and that do not exist, as far as a complete snapshot tells. KMS would refuse the
/// document; that they are merely not listed is likelier. Rule: KMS-POL-14.
pub(crate) fn warnings(case: &Case<'_>) -> Vec<Warning> {
    let Some(Candidate::Policy(policy)) = of(case) else {
        return Vec::new();
    };
    if !case.engine.snapshot().complete {
        return Vec::new();
    }
    let named = policy
        .statements
        .iter()
        .flat_map(|statement| match &statement.principal {
            Some(Match::In(entries) | Match::NotIn(entries)) => entries.as_slice(),
            None => &[],
        });
    named
        .filter(|entry| is_unlisted(case, entry))
        .map(|entry| {
            let message = format!("`{}`: the snapshot has no such identity", entry.text);
            let warning = Warning::new(&codes::KMS_UNKNOWN_PRINCIPAL, message);
            warning.at(Some(policy.place(entry.span)))
        })
        .collect()
}

fn is_unlisted(case: &Case<'_>, entry: &PrincipalEntry) -> bool {
    let (PrincipalKind::User(arn) | PrincipalKind::Role(arn)) = &entry.kind else {
        return false;
    };
    let is_listed = case.engine.principals().by_arn(arn.as_str()).is_some();
    !is_listed && !case.engine.is_external(arn.as_str())
}
