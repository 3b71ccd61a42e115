//! Diagnostics of every kind, brought to one form.

use preclear_lint::Finding;
use preclear_model::{Diagnostic, Diagnostics, Place, Severity};
use preclear_simulator::job::{JobError, JobReport};
use preclear_simulator::{Explanation, Warning, WhoCan};

/// One diagnostic as it came out.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) code: String,
    pub(crate) severity: Severity,
    pub(crate) rule: Option<String>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) place: Option<Place>,
}

impl From<&Diagnostic> for Seen {
    fn from(found: &Diagnostic) -> Self {
        Self {
            code: found.code.to_owned(),
            severity: found.severity,
            rule: found.rule.map(str::to_owned),
            message: found.message.clone(),
            help: found.help.clone(),
            place: found.place.clone(),
        }
    }
}

impl From<&Finding> for Seen {
    fn from(found: &Finding) -> Self {
        Self {
            code: found.code.to_owned(),
            severity: found.severity,
            rule: found.rule.map(str::to_owned),
            message: found.message.clone(),
            help: found.help.clone(),
            place: Some(found.place.clone()),
        }
    }
}

impl From<&Warning> for Seen {
    fn from(found: &Warning) -> Self {
        Self {
            code: found.code.to_owned(),
            severity: Severity::Warning,
            rule: Some(found.rule.to_owned()),
            message: found.message.clone(),
            help: Some(found.help.clone()),
            place: found.place.clone(),
        }
    }
}

impl From<&JobError> for Seen {
    fn from(found: &JobError) -> Self {
        Self {
            code: found.code.clone(),
            severity: Severity::Error,
            rule: found.rule.clone(),
            message: found.message.clone(),
            help: found.help.clone(),
            place: found.place.clone(),
        }
    }
}

/// All of a stage.
pub(crate) fn of(diagnostics: &Diagnostics) -> Vec<Seen> {
    diagnostics.iter().map(Seen::from).collect()
}

/// What came with an answer.
pub(crate) fn of_answer(answer: &Explanation) -> Vec<Seen> {
    let errors = answer.errors.iter().map(Seen::from);
    let warnings = answer.warnings.iter().map(Seen::from);
    let parts = answer.parts.iter().flat_map(|part| of_answer(&part.result));
    errors.chain(warnings).chain(parts).collect()
}

/// What came with the answer to who can.
pub(crate) fn of_who_can(answer: &WhoCan) -> Vec<Seen> {
    let errors = answer.errors.iter().map(Seen::from);
    let warnings = answer.warnings.iter().map(Seen::from);
    errors.chain(warnings).collect()
}

/// What came with a job's answer.
pub(crate) fn of_job(report: &JobReport) -> Vec<Seen> {
    let errors = report.errors.iter().map(Seen::from);
    let warnings = report.warnings.iter().map(Seen::from);
    errors.chain(warnings).collect()
}
