//! Additions that turn out to change nothing are taken back. Rule: JOB-4, UI-13.
//!
//! Where a permission is there for a part of a pattern only, nobody can tell from the answer whether an allow is missing or a deny stands in
//! the way (IAM-WILD-13): an addition is tried, and it is no addition if it does not help.

use std::collections::BTreeSet;

use preclear_condition::Dependency;
use serde_json::Value;

use crate::explanation::{Code, Verdict};
use crate::job::literal;
use crate::job::report::{Fix, Requirement, RequirementPart};

/// Elements of a statement that may hold more than one entry.
const LISTS: [&str; 2] = ["Action", "Resource"];

/// The additions without what changes nothing for the rows: `start` are those before any addition, `after` those with all of them, and
/// `again` decides them with others.
///
/// Only what serves a row that is still open, or that was open from the start, can be idle, and what gives an action on a resource that
/// another addition gives too: one may keep a condition of the statement that nearly allowed, which the call meets, where the other has none.
pub(crate) fn prune(
    mut fixes: Vec<Fix>,
    start: &[Requirement],
    after: &[Requirement],
    again: impl Fn(&[Fix]) -> Vec<Requirement>,
) -> Vec<Fix> {
    let depends = |part: &RequirementPart| part.result.verdict == Verdict::Depends;
    let was_open = start.iter().filter(|row| row.parts.iter().any(depends));
    let is_open = after.iter().filter(|row| row.parts.iter().any(is_open));
    let open: Vec<&str> = was_open.chain(is_open).map(|row| row.id.as_str()).collect();
    let is_suspect = |fix: &Fix| fix.serves.iter().any(|id| open.contains(&id.as_str()));
    let wanted = states(after);
    let is_idle = |fixes: &[Fix]| states(&again(fixes)) == wanted;
    let mut at = 0;
    while let Some(fix) = fixes.get(at) {
        if !is_suspect(fix) && !overlaps(&fixes, at) {
            at += 1;
            continue;
        }
        let mut without = fixes.clone();
        without.remove(at);
        if is_idle(&without) {
            fixes = without;
            continue;
        }
        for member in LISTS {
            fixes = without_idle_entries(fixes, at, member, &is_idle);
        }
        at += 1;
    }
    fixes
}

/// True if another addition to the same policy gives one of the actions on one of the resources.
fn overlaps(fixes: &[Fix], at: usize) -> bool {
    let texts = |fix: &Fix, member: &str| match fix.statement.get(member) {
        Some(Value::Array(texts)) => texts.clone(),
        Some(text) => vec![text.clone()],
        None => Vec::new(),
    };
    let covers = |one: &Value, other: &Value| {
        let pair = one.as_str().zip(other.as_str());
        pair.is_some_and(|(one, other)| literal::covers(one, other) || literal::covers(other, one))
    };
    let meet = |one: &Fix, other: &Fix, member: &str| {
        let others = texts(other, member);
        let is_met = |own: &Value| others.iter().any(|text| covers(own, text));
        texts(one, member).iter().any(is_met)
    };
    let Some(fix) = fixes.get(at) else {
        return false;
    };
    fixes.iter().enumerate().any(|(nth, other)| {
        nth != at
            && other.target == fix.target
            && LISTS.iter().all(|member| meet(fix, other, member))
    })
}

/// Takes each entry of a list away that nothing hangs on.
fn without_idle_entries(
    mut fixes: Vec<Fix>,
    at: usize,
    member: &str,
    is_idle: &impl Fn(&[Fix]) -> bool,
) -> Vec<Fix> {
    let mut nth = 0;
    while let Some(entries) = list(&mut fixes, at, member)
        && entries.len() > 1
        && nth < entries.len()
    {
        let mut without = fixes.clone();
        if let Some(entries) = list(&mut without, at, member) {
            entries.remove(nth);
        }
        if is_idle(&without) {
            fixes = without;
        } else {
            nth += 1;
        }
    }
    if let Some(fix) = fixes.get_mut(at)
        && let Some(Value::Array(entries)) = fix.statement.get(member)
        && let [only] = entries.as_slice()
    {
        // As statements with one entry are written.
        let only = only.clone();
        fix.statement[member] = only;
    }
    fixes
}

fn list<'f>(fixes: &'f mut [Fix], at: usize, member: &str) -> Option<&'f mut Vec<Value>> {
    fixes.get_mut(at)?.statement.get_mut(member)?.as_array_mut()
}

fn is_open(part: &RequirementPart) -> bool {
    part.result.verdict.is_deny() || part.result.verdict == Verdict::Depends
}

/// What of a decision an addition may change.
type State<'r> = (Verdict, BTreeSet<Code>, &'r BTreeSet<Dependency>);

fn states(rows: &[Requirement]) -> Vec<State<'_>> {
    let parts = rows.iter().flat_map(|row| &row.parts);
    parts.map(state).collect()
}

fn state(part: &RequirementPart) -> State<'_> {
    let result = &part.result;
    // What allows may be one thing or another.
    let reasons = result.reasons.iter().filter(|_| is_open(part));
    let codes = reasons.map(|reason| reason.code);
    (result.verdict, codes.collect(), &result.depends_on)
}
