//! The templates that jobs are simulated with: those of the catalogue, and others given beside them.

use std::fmt;
use std::sync::{Arc, LazyLock};

use preclear_model::{Diagnostics, Node, Source};

use crate::job::summary::JobTemplate;
use crate::job::template::read;
use crate::job::template::verify::Plan;
use crate::job::template::{Operation, Template};

/// A template whose parts fit together.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) template: Template,
    /// One for each operation.
    pub(crate) plans: Vec<Plan>,
    pub(crate) source: Arc<Source>,
    pub(crate) tree: Node,
}

/// An operation with its template.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'l> {
    pub(crate) template: &'l Template,
    pub(crate) operation: &'l Operation,
    pub(crate) plan: &'l Plan,
}

/// Templates of jobs: which permissions the operations of services need. Rule: JOB-2.
///
/// Cloning is cheap. The default are those that are shipped.
///
/// ```
/// use preclear_simulator::job::JobTemplates;
/// let shipped = JobTemplates::default();
/// assert!(shipped.list().iter().any(|known| known.operation == "sagemaker:CreateLabelingJob"));
/// ```
#[derive(Clone)]
pub struct JobTemplates(Arc<Vec<Arc<Loaded>>>);

static SHIPPED: LazyLock<JobTemplates> = LazyLock::new(|| {
    let files = preclear_catalog::jobs::templates().iter();
    let loaded = files.filter_map(|(file, text)| {
        // A test of the crate reads each of them.
        read::template(&Arc::new(Source::new(*file, *text))).ok()
    });
    JobTemplates(Arc::new(loaded.map(Arc::new).collect()))
});

impl Default for JobTemplates {
    fn default() -> Self {
        SHIPPED.clone()
    }
}

impl fmt::Debug for JobTemplates {
    /// Their ids: a template fills pages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.0.iter().map(|loaded| &loaded.template.id);
        f.debug_list().entries(ids).finish()
    }
}

impl JobTemplates {
    /// The same with one more. Its operations count in place of those of the same name that are shipped.
    ///
    /// # Errors
    ///
    /// `INVALID_TEMPLATE`, also for an operation that another template describes which was given before, and what is wrong with
    /// JSON or YAML, each with its place.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use preclear_model::Source;
    /// use preclear_simulator::job::JobTemplates;
    /// let source = Arc::new(Source::new("mine.json", r#"{"id": "mine", "service": "sns.amazonaws.com"}"#));
    /// let errors = JobTemplates::default().with(&source).unwrap_err();
    /// assert_eq!(errors.0[0].place.as_ref().unwrap().locate().to_string(), "mine.json:1:1");
    /// assert_eq!(errors.0[0].message, "the member `sources` is missing");
    /// ```
    pub fn with(&self, source: &Arc<Source>) -> Result<Self, Diagnostics> {
        let added = Arc::new(read::template(source)?);
        let given = self.0.len().saturating_sub(SHIPPED.0.len());
        let mut twice = Diagnostics::new();
        for (index, operation) in added.template.operations.iter().enumerate() {
            let is_same =
                |own: &&Operation| own.operation.eq_ignore_ascii_case(&operation.operation);
            let mut others = self.0.iter().take(given);
            let other =
                others.find(|other| other.template.operations.iter().any(|own| is_same(&own)));
            if let Some(other) = other {
                twice.push(read::described_twice(&added, index, other));
            }
        }
        if twice.has_errors() {
            return Err(twice);
        }
        let others = self.0.iter().cloned();
        Ok(Self(Arc::new(
            std::iter::once(added).chain(others).collect(),
        )))
    }

    /// Every operation that a job may start with, by name.
    #[must_use]
    pub fn list(&self) -> Vec<JobTemplate<'_>> {
        let mut all: Vec<JobTemplate<'_>> = self
            .0
            .iter()
            .map(|loaded| &loaded.template)
            .flat_map(|template| {
                let operations = template.operations.iter();
                operations.map(|operation| JobTemplate::of(template, operation))
            })
            .collect();
        // Of two with one name the first counts; sorting keeps it in front.
        all.sort_by_key(|known| known.operation);
        all.dedup_by_key(|known| known.operation);
        all
    }

    /// The template for an operation, or for the id of a template that has one operation.
    pub(crate) fn find(&self, asked: &str) -> Option<Found<'_>> {
        self.0.iter().find_map(|loaded| loaded.find(asked))
    }

    #[cfg(test)]
    pub(crate) fn loaded(&self) -> impl Iterator<Item = &Loaded> {
        self.0.iter().map(Arc::as_ref)
    }
}

impl Loaded {
    pub(crate) fn find(&self, asked: &str) -> Option<Found<'_>> {
        let template = &self.template;
        let is_only = template.operations.len() == 1 && template.id.eq_ignore_ascii_case(asked);
        template
            .operations
            .iter()
            .zip(&self.plans)
            .find(|(operation, _)| is_only || operation.operation.eq_ignore_ascii_case(asked))
            .map(|(operation, plan)| Found {
                template,
                operation,
                plan,
            })
    }
}
