//! Statements and entries that say what others say already. Rule: JOB-LINT-1

use std::collections::HashMap;
use std::sync::Arc;

use preclear_model::policy::{ActionEntry, ConditionTest, ResourceEntry, Statement};
use preclear_model::{Match, Policy};
use preclear_wildcard::Pattern;

use crate::arns::{self, Selection};
use crate::codes;
use crate::finding::Finding;
use crate::reach::Entry;
use crate::subject::{Subject, Whole};

/// Comparisons of one entry with another that are worth the time. Real documents need some ten thousand.
const COMPARISONS_MAX: usize = 1_000_000;

/// Entries of `Action` beside one for their whole service, and entries written twice.
///
/// Narrower patterns cover entries as well, but then the single action is often named on purpose: AWS's console does it.
pub(super) fn entries(whole: &Whole<'_>) -> Vec<Finding> {
    whole.statements.iter().flat_map(entries_of).collect()
}

fn entries_of(subject: &Subject<'_>) -> Vec<Finding> {
    let mut first: HashMap<String, &Entry<'_>> = HashMap::new();
    for entry in &subject.entries {
        first
            .entry(entry.entry.text.to_ascii_lowercase())
            .or_insert(entry);
    }
    let wide: Vec<&Entry<'_>> = first
        .values()
        .copied()
        .filter(|entry| entry.is_whole_service())
        .collect();
    let is_covered_by = |entry: &Entry<'_>, wider: &Entry<'_>| {
        !entry.is_whole_service()
            && (wider.entry.text.starts_with('*')
                || wider.prefix().eq_ignore_ascii_case(entry.prefix()))
    };
    let covering = |entry: &Entry<'_>| {
        let twin = first.get(&entry.entry.text.to_ascii_lowercase()).copied();
        let twin = twin.filter(|twin| twin.entry.span != entry.entry.span);
        let wider = || {
            wide.iter()
                .copied()
                .filter(|wider| is_covered_by(entry, wider))
        };
        // Of several the first in the text, so that the answer does not depend on the map.
        twin.or_else(|| wider().min_by_key(|wider| wider.entry.span))
    };
    let covered = subject
        .entries
        .iter()
        .filter_map(|entry| Some((entry, covering(entry)?)));
    covered
        .map(|(entry, wider)| {
            let message = format!(
                "`{}` covers `{}` already",
                wider.entry.text, entry.entry.text
            );
            let finding = subject.finding(&codes::REDUNDANT, entry.entry.span, message);
            finding.related(subject.document.place(wider.entry.span), "covers it")
        })
        .collect()
}

/// Statements that another statement covers, of this document or one beside it.
pub(super) fn statements(whole: &Whole<'_>) -> Vec<Finding> {
    let weight = weight(whole.document);
    let is_affordable =
        |other: &Policy| weight.saturating_mul(self::weight(other)) <= COMPARISONS_MAX;
    let is_own_affordable = is_affordable(whole.document);
    let beside: Vec<&Policy> = whole
        .options
        .beside
        .iter()
        .map(Arc::as_ref)
        .filter(|other| other.kind == whole.document.kind && is_affordable(other))
        .collect();
    let covering = |subject: &Subject<'_>| {
        let mut own = whole
            .statements
            .iter()
            .filter(|other| is_own_affordable && other.index != subject.index);
        let own = own.find(|other| {
            // Of two that say the same the first one stays.
            covers(other.statement, subject.statement)
                && (other.index < subject.index || !covers(subject.statement, other.statement))
        });
        let mut beside = beside.iter().flat_map(|document| {
            document
                .statements
                .iter()
                .map(move |other| (*document, other))
        });
        own.map(|other| (whole.document, other.statement))
            .or_else(|| beside.find(|(_, other)| covers(other, subject.statement)))
    };
    let covered = whole
        .statements
        .iter()
        .filter_map(|subject| Some((subject, covering(subject)?)));
    covered
        .map(|(subject, (document, other))| repeated(subject, document, other))
        .collect()
}

/// How many entries there are to compare.
fn weight(document: &Policy) -> usize {
    let of_statement = |statement: &Statement| {
        let actions = statement
            .action
            .as_ref()
            .map_or(0, |entries| entries.entries().len());
        let resources = statement
            .resource
            .as_ref()
            .map_or(0, |entries| entries.entries().len());
        let principals = statement
            .principal
            .as_ref()
            .map_or(0, |entries| entries.entries().len());
        1 + actions + resources + principals + statement.conditions.len()
    };
    document.statements.iter().map(of_statement).sum()
}

fn repeated(subject: &Subject<'_>, document: &Policy, other: &Statement) -> Finding {
    let name = match &other.sid {
        Some(sid) => format!("the statement `{sid}`"),
        None => "another statement".to_owned(),
    };
    let place = if document.name == subject.document.name {
        String::new()
    } else {
        format!(" of `{}`", document.name)
    };
    let message = format!("{name}{place} says all of this already");
    subject
        .about(&codes::REDUNDANT, message)
        .related(document.place(other.span), "says it already")
}

/// Whether `wider` applies to every request that `narrower` applies to, with the same effect.
///
/// Texts are compared in pieces, so what is a variable in one document and plain text in another differs.
fn covers(wider: &Statement, narrower: &Statement) -> bool {
    wider.effect == narrower.effect
        && element_covers(
            wider.action.as_ref(),
            narrower.action.as_ref(),
            action_covers,
            |a, b| a.text == b.text,
        )
        && element_covers(
            wider.resource.as_ref(),
            narrower.resource.as_ref(),
            resource_covers,
            |a, b| a.template == b.template,
        )
        && element_covers(
            wider.principal.as_ref(),
            narrower.principal.as_ref(),
            |a, b| a.kind == b.kind,
            |a, b| a.kind == b.kind,
        )
        && wider.conditions.iter().all(|test| {
            narrower
                .conditions
                .iter()
                .any(|other| is_same_test(test, other))
        })
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
                && narrower
                    .iter()
                    .all(|entry| wider.iter().any(|other| covers(other, entry)))
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
    if !wider.text.contains(['*', '?']) {
        return wider.text.eq_ignore_ascii_case(&narrower.text);
    }
    action_pattern(wider).covers(&action_pattern(narrower))
}

fn resource_covers(wider: &ResourceEntry, narrower: &ResourceEntry) -> bool {
    if wider.template == narrower.template
        || matches!(arns::selection(wider), Selection::Everything)
    {
        return true;
    }
    match (
        arns::certain_pattern(wider),
        arns::certain_pattern(narrower),
    ) {
        (Some(wider), Some(narrower)) => wider.covers(&narrower),
        _ => false,
    }
}

fn is_same_test(one: &ConditionTest, other: &ConditionTest) -> bool {
    one.operator == other.operator
        && one.key.eq_ignore_ascii_case(&other.key)
        && one.operands.len() == other.operands.len()
        && one
            .operands
            .iter()
            .zip(&other.operands)
            .all(|(a, b)| a.template == b.template)
}
