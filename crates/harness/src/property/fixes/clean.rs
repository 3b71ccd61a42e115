//! What is proposed can be pasted: documents without errors, and statements without a wildcard that nobody named.

use preclear_model::policy::{ParseOptions, parse_policy};
use preclear_simulator::Detail;
use preclear_simulator::job::{Fix, FixTarget, JobVerdict, fixed_documents, simulate};
use serde_json::Value;

use super::{Tried, paste, state, told};
use crate::scenario::Violation;
use crate::world::read;

pub(super) fn violation(tried: &Tried) -> Option<Violation> {
    let fixes = &tried.report.fixes;
    if fixes.is_empty() {
        return None;
    }
    let message = refused(tried)
        .or_else(|| fixes.iter().find_map(|fix| wild(tried, fix)))
        .or_else(|| fixes.iter().find_map(|fix| unasked(tried, fix)))
        .or_else(|| pasted_otherwise(tried))?;
    let asked = tried.shown(fixes, "with the additions", JobVerdict::Allowed);
    Some(tried.violation(message, asked))
}

/// A document with errors.
fn refused(tried: &Tried) -> Option<String> {
    let documents = fixed_documents(tried.engine.snapshot(), &tried.report.fixes);
    documents.into_iter().find_map(|(target, document)| {
        let options = ParseOptions::default();
        let (policy, found) = parse_policy(&document, "fix", target.kind(), options);
        let is_refused = policy.is_none() || found.has_errors();
        is_refused.then(|| format!("the new {target} is refused: {found}\n{document}"))
    })
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        Some(Value::Object(members)) => members
            .values()
            .flat_map(|value| texts(Some(value)))
            .collect(),
        value => value.and_then(Value::as_str).into_iter().collect(),
    }
}

fn is_wild(text: &str) -> bool {
    text.replace("${*}", "")
        .replace("${?}", "")
        .contains(['*', '?'])
}

/// A wildcard that the requirements have not.
fn wild(tried: &Tried, fix: &Fix) -> Option<String> {
    let is_named = |text: &str| {
        let mut parts = state::parts(&tried.report).chain(state::parts(&tried.after));
        parts.any(|(row, part)| fix.serves.contains(&row.id) && part.resource == text)
    };
    // In a key policy `*` means this key (KMS-POL-11).
    let is_of_key = matches!(fix.target, FixTarget::Key(_));
    let wild = ["Action", "Principal", "Resource"]
        .into_iter()
        .find_map(|member| {
            let mut texts = texts(fix.statement.get(member)).into_iter();
            let is_fine =
                |text: &str| member == "Resource" && (is_of_key && text == "*" || is_named(text));
            texts.find(|text| is_wild(text) && !is_fine(text))
        })?;
    Some(format!("`{wild}` was named by nobody: {}", told(fix)))
}

/// An action that no row which the statement serves asks for.
fn unasked(tried: &Tried, fix: &Fix) -> Option<String> {
    let is_asked = |action: &str| {
        let mut parts = state::parts(&tried.report).chain(state::parts(&tried.after));
        parts.any(|(row, part)| fix.serves.contains(&row.id) && part.action == action)
    };
    let mut actions = texts(fix.statement.get("Action")).into_iter();
    let unasked = actions.find(|action| !is_asked(action))?;
    Some(format!("nobody asks for {unasked}: {}", told(fix)))
}

/// Statements that a user pastes do what `apply_fixes` does.
fn pasted_otherwise(tried: &Tried) -> Option<String> {
    let snapshot = paste::into(&tried.snapshot, &tried.report.fixes);
    let engine = match read::engine(&snapshot) {
        Ok(engine) => engine,
        Err(errors) => return Some(format!("what is pasted is refused: {errors:?}")),
    };
    let verdict = simulate(&engine, &tried.job, Detail::Reasons).verdict;
    (verdict != tried.after.verdict).then(|| {
        format!(
            "pasted it is {verdict}, applied {}: {snapshot}",
            tried.after.verdict
        )
    })
}
