//! The templates of the catalogue, read once.

use std::sync::LazyLock;

use crate::job::template::verify::{Plan, TemplateError, plans};
use crate::job::template::{Operation, Template};

/// A template whose parts fit together.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) template: Template,
    /// One for each operation.
    plans: Vec<Plan>,
}

/// All templates, and what is wrong with those that cannot be used.
#[derive(Debug, Default)]
pub(crate) struct Library {
    pub(crate) loaded: Vec<Loaded>,
    pub(crate) errors: Vec<TemplateError>,
}

/// An operation with its template.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'l> {
    pub(crate) template: &'l Template,
    pub(crate) operation: &'l Operation,
    pub(crate) plan: &'l Plan,
}

static LIBRARY: LazyLock<Library> =
    LazyLock::new(|| Library::read(preclear_catalog::jobs::templates().iter().copied()));

/// The templates of the catalogue.
pub(crate) fn library() -> &'static Library {
    &LIBRARY
}

/// Reads one template.
///
/// # Errors
///
/// A text that is no template, or one that does not fit together.
pub(crate) fn load(file: &str, json: &str) -> Result<Loaded, Vec<TemplateError>> {
    let template: Template = serde_json::from_str(json).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        let message = error.to_string();
        let end = message.find(" at line ").unwrap_or(message.len());
        let message = message.get(..end).unwrap_or_default().to_owned();
        vec![TemplateError {
            file: file.to_owned(),
            place,
            message,
        }]
    })?;
    let plans = plans(file, &template)?;
    Ok(Loaded { template, plans })
}

impl Library {
    fn read<'t>(files: impl Iterator<Item = (&'t str, &'t str)>) -> Self {
        let mut library = Self::default();
        for (file, json) in files {
            match load(file, json) {
                Ok(loaded) => library.loaded.push(loaded),
                Err(errors) => library.errors.extend(errors),
            }
        }
        library
    }

    /// The template for an operation, or for the id of a template that has one operation.
    pub(crate) fn find(&self, asked: &str) -> Option<Found<'_>> {
        self.loaded.iter().find_map(|loaded| loaded.find(asked))
    }

    /// Operations of all templates, by name.
    pub(crate) fn operations(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .loaded
            .iter()
            .flat_map(|loaded| &loaded.template.operations)
            .map(|operation| operation.operation.as_str())
            .collect();
        names.sort_unstable();
        names
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
