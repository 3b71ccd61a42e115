//! What becomes of single permissions of a job.

use std::collections::BTreeSet;

use preclear_simulator::job::{Basis, JobReport, Requirement, RequirementPart};
use preclear_simulator::{Operability, Verdict};

/// Permissions that count for the verdict, each with its row.
pub(super) fn parts(
    report: &JobReport,
) -> impl Iterator<Item = (&Requirement, &RequirementPart)> + Clone {
    let rows = report.requirements.iter();
    let all = rows.flat_map(|row| row.parts.iter().map(move |part| (row, part)));
    all.filter(|(_, part)| part.basis != Basis::Advisory)
}

/// True where nothing stands in the way of the call.
pub(super) fn is_met(part: &RequirementPart) -> bool {
    let is_open = part.result.verdict.is_deny() || part.result.verdict == Verdict::Depends;
    !is_open && !matches!(part.result.operability, Operability::Exception(_))
}

/// True where both are the same permission.
pub(super) fn is_same(one: &RequirementPart, other: &RequirementPart) -> bool {
    let of = |part: &RequirementPart| {
        (
            part.principal.clone(),
            part.action.clone(),
            part.resource.clone(),
            part.context.clone(),
        )
    };
    one.action == other.action && of(one) == of(other)
}

/// The same permission in another report of the job. A row may ask for one twice, with policies of one side alone the second time.
pub(super) fn find<'r>(
    report: &'r JobReport,
    row: &Requirement,
    part: &RequirementPart,
) -> Option<&'r RequirementPart> {
    let other = report.requirements.iter().find(|own| own.id == row.id)?;
    let before = row.parts.iter().take_while(|own| !std::ptr::eq(*own, part));
    let nth = before.filter(|own| is_same(own, part)).count();
    other.parts.iter().filter(|own| is_same(own, part)).nth(nth)
}

/// What is in the way, in words that can be counted.
pub(super) fn lacks(part: &RequirementPart) -> BTreeSet<String> {
    let result = &part.result;
    let reasons = result.reasons.iter().chain(&result.primary);
    let reasons = reasons.map(|reason| {
        let owner = reason.policy.as_deref().unwrap_or_default();
        format!("{} {owner}", reason.code.name())
    });
    let open = result.depends_on.iter().map(ToString::to_string);
    reasons.chain(open).collect()
}

/// A permission in words.
pub(super) fn told(row: &Requirement, part: &RequirementPart) -> String {
    format!(
        "{}: {} may {} on {} ({})",
        row.id, part.principal, part.action, part.resource, part.result.verdict
    )
}
