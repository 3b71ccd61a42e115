//! With the additions in place everything is allowed, but for what the report named an obstacle for.

use preclear_simulator::Verdict;
use preclear_simulator::job::{JobVerdict, Requirement, RequirementPart};

use super::Tried;
use super::state::{find, is_met, parts, told};
use crate::scenario::Violation;

pub(super) fn violation(tried: &Tried) -> Option<Violation> {
    let message = is_short(tried)
        .or_else(|| blocks_nothing(tried))
        .or_else(|| takes(tried))?;
    let fixes = &tried.report.fixes;
    let asked = tried.shown(fixes, "with the additions", JobVerdict::Allowed);
    Some(tried.violation(message, asked))
}

/// A permission that is neither allowed afterwards nor blocked.
fn is_short(tried: &Tried) -> Option<String> {
    if tried.report.verdict == JobVerdict::Invalid {
        return None;
    }
    let open: Vec<(&Requirement, &RequirementPart)> = parts(&tried.after)
        .filter(|(_, part)| !is_met(part))
        .collect();
    let unexcused = open
        .iter()
        .find(|(row, part)| !is_blocked(tried, row, part) && !was_open(tried, row, part));
    match unexcused {
        Some((row, part)) => Some(format!(
            "neither allowed by the additions nor blocked: {}",
            told(row, part)
        )),
        None if open.is_empty()
            && !lacks_permissions(tried)
            && tried.after.verdict != JobVerdict::Allowed =>
        {
            Some("everything is allowed, and the verdict is another".to_owned())
        }
        None => None,
    }
}

/// True where of a row that applies nothing follows, since the snapshot says too little: the job has a warning of that.
fn lacks_permissions(tried: &Tried) -> bool {
    let is_told = |row: &Requirement| {
        let mut warnings = tried.after.warnings.iter();
        warnings.any(|one| one.code == "ROW_WITHOUT_PARTS" && one.message.contains(&row.id))
    };
    let mut rows = tried.after.requirements.iter();
    rows.any(|row| row.parts.is_empty() && row.result == Verdict::Depends && is_told(row))
}

/// True where nobody knew, and nobody knows: nothing is proposed for that.
fn was_open(tried: &Tried, row: &Requirement, part: &RequirementPart) -> bool {
    let before = find(&tried.report, row, part);
    part.result.verdict == Verdict::Depends
        && before.is_some_and(|before| before.result.verdict == Verdict::Depends)
}

/// Ids of the rows that an obstacle stands in the way of.
fn blocked(obstacle: &str) -> impl Iterator<Item = &str> {
    let ids = obstacle.split_once(": ").map_or("", |(ids, _)| ids);
    ids.split(", ")
}

/// True where an obstacle stands in the way of a row.
pub(super) fn is_of(obstacle: &str, id: &str) -> bool {
    blocked(obstacle).any(|own| own == id)
}

/// True where an obstacle of the row speaks of the action, of the resource or what it belongs to, or of who needs it.
fn is_blocked(tried: &Tried, row: &Requirement, part: &RequirementPart) -> bool {
    let RequirementPart {
        action, resource, ..
    } = part;
    let bucket = resource.split('/').next().unwrap_or(resource);
    let names = [
        action,
        bucket,
        &part.result.resource,
        &part.principal,
        tried.report.caller.as_deref().unwrap_or(action),
    ];
    let mut obstacles = tried.report.obstacles.iter();
    obstacles.any(|obstacle| {
        is_of(obstacle, &row.id) && names.into_iter().any(|name| obstacle.contains(name))
    })
}

/// An obstacle that stands in nobody's way once the additions are made.
fn blocks_nothing(tried: &Tried) -> Option<String> {
    let is_free = |id: &str| parts(&tried.after).all(|(row, part)| row.id != id || is_met(part));
    let mut obstacles = tried.report.obstacles.iter();
    obstacles.find_map(|obstacle| {
        let free = blocked(obstacle).find(|id| is_free(id))?;
        Some(format!(
            "{free} is met, and yet an obstacle is named: {obstacle}"
        ))
    })
}

/// A permission that was there and is not any more.
fn takes(tried: &Tried) -> Option<String> {
    let mut lost = parts(&tried.report).filter(|(row, before)| {
        let after = find(&tried.after, row, before);
        is_met(before) && after.is_some_and(|after| !is_met(after))
    });
    let (row, part) = lost.next()?;
    Some(format!("the additions take away: {}", told(row, part)))
}
