//! From rows to the answer about the whole job. Rule: JOB-4.

use crate::explanation::{Operability, Verdict};
use crate::job::report::{Basis, JobVerdict, Requirement, RequirementPart};

/// The answer about a job whose request is valid.
pub(crate) fn of(requirements: &[Requirement]) -> JobVerdict {
    let parts = || {
        requirements
            .iter()
            .flat_map(|requirement| &requirement.parts)
    };
    let mandatory = || parts().filter(|part| part.basis == Basis::Mandatory);
    if mandatory().any(|part| part.result.verdict.is_deny()) {
        JobVerdict::Denied
    } else if mandatory().any(is_inoperable) {
        JobVerdict::Inoperable
    } else if mandatory().any(|part| part.result.verdict == Verdict::Depends)
        || lacks_parts(requirements, Basis::Mandatory)
    {
        JobVerdict::Undecided
    } else if parts()
        .filter(|part| part.basis == Basis::Listed)
        .any(is_open)
        || lacks_parts(requirements, Basis::Listed)
    {
        JobVerdict::Gaps
    } else {
        JobVerdict::Allowed
    }
}

/// Whether nothing is known that a requirement could ask about.
fn lacks_parts(requirements: &[Requirement], basis: Basis) -> bool {
    requirements
        .iter()
        .any(|requirement| requirement.missing.is_some() && requirement.basis == basis)
}

/// Allowed, but KMS would answer with an exception.
pub(crate) fn is_inoperable(part: &RequirementPart) -> bool {
    part.result.verdict == Verdict::Allow
        && matches!(part.result.operability, Operability::Exception(_))
}

fn is_open(part: &RequirementPart) -> bool {
    part.result.verdict.is_deny() || part.result.verdict == Verdict::Depends
}

/// The worst of the parts; nothing to decide without parts. Rule: JOB-2.
pub(crate) fn of_parts(parts: &[RequirementPart]) -> Verdict {
    let verdicts = parts.iter().map(|part| part.result.verdict);
    verdicts
        .min_by_key(|verdict| crate::service::operation::rank(*verdict))
        .unwrap_or(Verdict::NotApplicable)
}

/// The strongest basis of the parts; the row's own without parts.
pub(crate) fn basis_of(parts: &[RequirementPart], own: Basis) -> Basis {
    parts.iter().map(|part| part.basis).min().unwrap_or(own)
}
