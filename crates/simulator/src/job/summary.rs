//! What a template covers, for help texts and documentation.

use crate::job::template::{Operation, Template};

/// An operation that a template describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobTemplate<'t> {
    /// Id of the template; several operations may share one.
    pub id: &'t str,
    /// Service principal that runs the job.
    pub service: &'t str,
    /// Operation as a job file names it, such as `sagemaker:CreateLabelingJob`.
    pub operation: &'t str,
    /// What it does, for people.
    pub title: &'t str,
    /// Revisions of the service's documentation that it knows. Rule: JOB-PZ-1.
    pub profiles: &'t [String],
    /// The revision that counts if a job names none.
    pub default_profile: Option<&'t str>,
    /// Documentation that it rests on.
    pub sources: &'t [String],
    /// What surprises users, a sentence each.
    pub notes: &'t [String],
}

impl<'t> JobTemplate<'t> {
    pub(crate) fn of(template: &'t Template, operation: &'t Operation) -> Self {
        Self {
            id: &template.id,
            service: &template.service,
            operation: &operation.operation,
            title: &operation.title,
            profiles: &template.profiles,
            default_profile: template.default_profile.as_deref(),
            sources: &template.sources,
            notes: &template.notes,
        }
    }
}
