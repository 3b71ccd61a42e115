//! The document as a whole: accounts of examples, statements without names.

use preclear_model::policy::{PrincipalKind, Statement};
use preclear_model::{Match, Span};

use crate::codes;
use crate::finding::Finding;
use crate::subject::{Subject, Whole};

/// Accounts that AWS's documentation uses. Rule: JOB-LINT-1
const EXAMPLE_ACCOUNTS: [&str; 7] = [
    "111111111111",
    "111122223333",
    "123456789012",
    "444455556666",
    "555555555555",
    "777788889999",
    "999999999999",
];

/// The first place of each example account. Rule: JOB-LINT-1
pub(super) fn example_accounts(whole: &Whole<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for account in EXAMPLE_ACCOUNTS {
        let first = whole
            .statements
            .iter()
            .find_map(|subject| Some((subject, place_of(account, subject.statement)?)));
        if let Some((subject, span)) = first {
            let message = format!("`{account}` is an account of AWS's documentation");
            findings.push(subject.finding(&codes::EXAMPLE_ACCOUNT_ID, span, message));
        }
    }
    findings
}

/// Where a statement names an account: in a principal, a resource or a condition.
fn place_of(account: &str, statement: &Statement) -> Option<Span> {
    let principals = match &statement.principal {
        Some(Match::In(entries) | Match::NotIn(entries)) => entries.as_slice(),
        None => &[],
    };
    let resources = match &statement.resource {
        Some(Match::In(entries) | Match::NotIn(entries)) => entries.as_slice(),
        None => &[],
    };
    let texts = principals
        .iter()
        // Canonical ids are digits too, of another kind.
        .filter(|entry| !matches!(entry.kind, PrincipalKind::CanonicalUser(_)))
        .map(|entry| (entry.text.as_str(), entry.span))
        .chain(
            resources
                .iter()
                .map(|entry| (entry.template.source.as_str(), entry.span)),
        )
        .chain(
            statement
                .conditions
                .iter()
                .flat_map(|test| &test.operands)
                .map(|operand| (operand.template.source.as_str(), operand.span)),
        );
    let mut texts = texts;
    texts
        .find(|(text, _)| names_account(text, account))
        .map(|(_, span)| span)
}

/// Whether the account stands in the text on its own: as all of it, or between colons.
fn names_account(text: &str, account: &str) -> bool {
    text.split(':').any(|field| field == account)
}

/// Statements without `Sid` among others that have one, told at the first of them. Rule: JOB-LINT-1
pub(super) fn missing_sids(whole: &Whole<'_>) -> Vec<Finding> {
    let is_named = |subject: &&Subject<'_>| {
        subject
            .statement
            .sid
            .as_deref()
            .is_some_and(|sid| !sid.is_empty())
    };
    if !whole.statements.iter().any(|subject| is_named(&subject)) {
        return Vec::new();
    }
    let unnamed = whole.statements.iter().filter(|subject| !is_named(subject));
    let unnamed: Vec<&Subject<'_>> = unnamed.collect();
    let Some(first) = unnamed.first() else {
        return Vec::new();
    };
    let message = match unnamed.len() {
        1 => format!("statement {} has no `Sid`, others have one", first.index),
        count => format!(
            "{count} of {} statements have no `Sid`, others have one; this is the first",
            whole.statements.len()
        ),
    };
    vec![first.about(&codes::MISSING_SID, message)]
}
