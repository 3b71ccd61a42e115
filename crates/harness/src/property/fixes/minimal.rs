//! Without any one statement, action or resource of the additions a requirement that it serves is worse off.

use preclear_simulator::job::{Fix, JobReport, JobVerdict};
use serde_json::Value;

use super::state::{find, is_met, lacks, parts};
use super::{Tried, told};
use crate::scenario::Violation;

/// Elements of a statement of which one entry may be too much.
const LISTS: [&str; 2] = ["Action", "Resource"];
/// Of entries of long lists, so manieth is left out; which ones differs from world to world.
const STEP: usize = 3;
const SHORT: usize = 3;

pub(super) fn violation(tried: &Tried) -> Option<Violation> {
    let fixes = &tried.report.fixes;
    (0..fixes.len()).find_map(|at| {
        let shift = tried.document.to_string().len();
        without(fixes, at, shift)
            .into_iter()
            .find_map(|(what, left)| {
                let serves = fixes.get(at).map_or(&[][..], |fix| fix.serves.as_slice());
                let report = tried.with(&left);
                if hurts(&tried.after, &report, serves) {
                    return None;
                }
                let message = format!("needless: {what}");
                let asked = tried.shown(&left, "without it", JobVerdict::Denied);
                Some(tried.violation(message, asked))
            })
    })
}

/// The additions without one of them, and without each entry of its lists.
fn without(fixes: &[Fix], at: usize, shift: usize) -> Vec<(String, Vec<Fix>)> {
    let Some(fix) = fixes.get(at) else {
        return Vec::new();
    };
    let mut rest = fixes.to_vec();
    rest.remove(at);
    let mut all = vec![(told(fix), rest)];
    for member in LISTS {
        let entries = fix.statement.get(member).and_then(Value::as_array);
        let is_tried =
            |nth: usize, count: usize| count <= SHORT || (nth + shift).is_multiple_of(STEP);
        let count = entries.map_or(0, Vec::len);
        let entries = entries.into_iter().flatten().enumerate();
        for (nth, entry) in entries.filter(|(nth, _)| is_tried(*nth, count)) {
            let mut less = fixes.to_vec();
            let list = less
                .get_mut(at)
                .and_then(|fix| fix.statement.get_mut(member));
            if let Some(entries) = list.and_then(Value::as_array_mut) {
                entries.remove(nth);
            }
            all.push((format!("{entry} in {}", told(fix)), less));
        }
    }
    all
}

/// True where a row that the statement serves is worse off than with all additions.
fn hurts(full: &JobReport, less: &JobReport, serves: &[String]) -> bool {
    let mut parts = parts(full).filter(|(row, _)| serves.contains(&row.id));
    parts.any(|(row, part)| match find(less, row, part) {
        // A row has other permissions where another way of it became the better one.
        None => is_met(part),
        Some(left) if is_met(part) => !is_met(left),
        Some(left) => {
            let (more, fewer) = (lacks(left), lacks(part));
            left.result.verdict != part.result.verdict || more.difference(&fewer).next().is_some()
        }
    })
}
