//! What the templates cover, for help texts.

use crate::job::template::library::library;

/// An operation that a template describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobTemplate {
    /// Id of the template; several operations may share one.
    pub id: &'static str,
    /// Operation as a job file names it, such as `sagemaker:CreateLabelingJob`.
    pub operation: &'static str,
    /// What it does, for people.
    pub title: &'static str,
    /// Revisions of the service's documentation that it knows. Rule: JOB-PZ-1.
    pub profiles: &'static [String],
    /// The revision that counts if a job names none.
    pub default_profile: Option<&'static str>,
    /// Documentation that it rests on.
    pub sources: &'static [String],
}

/// Every operation that a job may start with, by name.
///
/// ```
/// let operations: Vec<&str> = preclear_simulator::job::templates().iter().map(|known| known.operation).collect();
/// assert!(operations.contains(&"sagemaker:CreateLabelingJob"));
/// ```
#[must_use]
pub fn templates() -> Vec<JobTemplate> {
    let mut all: Vec<JobTemplate> = library()
        .loaded
        .iter()
        .map(|loaded| &loaded.template)
        .flat_map(|template| {
            template.operations.iter().map(|operation| JobTemplate {
                id: &template.id,
                operation: &operation.operation,
                title: &operation.title,
                profiles: &template.profiles,
                default_profile: template.default_profile.as_deref(),
                sources: &template.sources,
            })
        })
        .collect();
    all.sort_by_key(|known| known.operation);
    all
}
