//! Statements and entries that say what others say already. Rule: JOB-LINT-1

use preclear_model::policy::{ActionEntry, ConditionTest, ResourceEntry, Statement};
use preclear_model::{Match, Policy};
use preclear_wildcard::Pattern;

use crate::arns::{self, Selection};
use crate::codes;
use crate::finding::Finding;
use crate::subject::{Subject, Whole};

/// Statements that are compared with one another; more would take too long to be worth it.
const STATEMENTS_MAX: usize = 200;

/// Entries of one list that are compared with one another.
const ENTRIES_MAX: usize = 500;

/// Entries of `Action` beside one for their whole service, and entries written twice.
///
/// Narrower patterns cover entries as well, but then the single action is often named on purpose: AWS's console does it.
pub(super) fn entries(whole: &Whole<'_>) -> Vec<Finding> {
    whole.statements.iter().flat_map(entries_of).collect()
}

fn entries_of(subject: &Subject<'_>) -> Vec<Finding> {
    let entries = subject.entries.iter().take(ENTRIES_MAX).enumerate();
    entries
        .filter_map(|(index, entry)| {
            let text = &entry.entry.text;
            let others = subject.entries.iter().take(ENTRIES_MAX).enumerate();
            let (_, wider) = others.filter(|(other, _)| *other != index).find(|(other, wider)| {
                let is_twin = wider.entry.text.eq_ignore_ascii_case(text);
                // Of twins the first one stays.
                (is_twin && *other < index)
                    || (!is_twin && wider.is_whole_service() && action_covers(wider.entry, entry.entry))
            })?;
            let message = format!("`{}` covers `{text}` already", wider.entry.text);
            let finding = subject.finding(&codes::REDUNDANT, entry.entry.span, message);
            Some(finding.related(subject.document.place(wider.entry.span), "covers it"))
        })
        .collect()
}

/// Statements that another statement covers, of this document or one beside it.
pub(super) fn statements(whole: &Whole<'_>) -> Vec<Finding> {
    if whole.statements.len() > STATEMENTS_MAX {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for subject in &whole.statements {
        let own = whole.statements.iter().filter(|other| other.index != subject.index).find(|other| {
            covers(other.statement, subject.statement)
                && (other.index < subject.index || !covers(subject.statement, other.statement))
        });
        let beside = || {
            let documents = whole.options.beside.iter().filter(|other| other.kind == whole.document.kind);
            let mut statements =
                documents.flat_map(|document| document.statements.iter().map(move |other| (document, other)));
            statements.by_ref().take(STATEMENTS_MAX).find(|(_, other)| covers(other, subject.statement))
        };
        let covering = own
            .map(|other| (whole.document, other.statement))
            .or_else(|| beside().map(|(document, other)| (document.as_ref(), other)));
        if let Some((document, other)) = covering {
            findings.push(repeated(subject, document, other));
        }
    }
    findings
}

fn repeated(subject: &Subject<'_>, document: &Policy, other: &Statement) -> Finding {
    let name = match &other.sid {
        Some(sid) => format!("the statement `{sid}`"),
        None => "another statement".to_owned(),
    };
    let place = if document.name == subject.document.name { String::new() } else { format!(" of `{}`", document.name) };
    let message = format!("{name}{place} says all of this already");
    subject.about(&codes::REDUNDANT, message).related(document.place(other.span), "says it already")
}

/// Whether `wider` applies to every request that `narrower` applies to, with the same effect.
///
/// Texts are compared in pieces, so what is a variable in one document and plain text in another differs.
fn covers(wider: &Statement, narrower: &Statement) -> bool {
    wider.effect == narrower.effect
        && element_covers(wider.action.as_ref(), narrower.action.as_ref(), action_covers, |a, b| a.text == b.text)
        && element_covers(wider.resource.as_ref(), narrower.resource.as_ref(), resource_covers, |a, b| a.template == b.template)
        && element_covers(wider.principal.as_ref(), narrower.principal.as_ref(), |a, b| a.kind == b.kind, |a, b| a.kind == b.kind)
        && wider.conditions.iter().all(|test| narrower.conditions.iter().any(|other| is_same_test(test, other)))
}

/// Whether an element covers another: each entry of the narrower one by some entry of the wider. Negated elements, which turn
/// the order around, must be equal.
fn element_covers<T>(
    wider: Option<&Match<T>>,
    narrower: Option<&Match<T>>,
    covers: impl Fn(&T, &T) -> bool,
    equals: impl Fn(&T, &T) -> bool,
) -> bool {
    match (wider, narrower) {
        (None, None) => true,
        (Some(Match::In(wider)), Some(Match::In(narrower))) => {
            !narrower.is_empty()
                && wider.len().max(narrower.len()) <= ENTRIES_MAX
                && narrower.iter().all(|entry| wider.iter().any(|other| covers(other, entry)))
        }
        (Some(Match::NotIn(wider)), Some(Match::NotIn(narrower))) => {
            wider.len() == narrower.len() && wider.iter().zip(narrower).all(|(a, b)| equals(a, b))
        }
        _ => false,
    }
}

fn action_pattern(entry: &ActionEntry) -> Pattern {
    Pattern::parse(&entry.text.to_ascii_lowercase())
}

fn action_covers(wider: &ActionEntry, narrower: &ActionEntry) -> bool {
    wider.text == narrower.text || action_pattern(wider).covers(&action_pattern(narrower))
}

fn resource_covers(wider: &ResourceEntry, narrower: &ResourceEntry) -> bool {
    if wider.template == narrower.template || matches!(arns::selection(wider), Selection::Everything) {
        return true;
    }
    match (arns::certain_pattern(wider), arns::certain_pattern(narrower)) {
        (Some(wider), Some(narrower)) => wider.covers(&narrower),
        _ => false,
    }
}

fn is_same_test(one: &ConditionTest, other: &ConditionTest) -> bool {
    one.operator == other.operator
        && one.key.eq_ignore_ascii_case(&other.key)
        && one.operands.len() == other.operands.len()
        && one.operands.iter().zip(&other.operands).all(|(a, b)| a.template == b.template)
}
