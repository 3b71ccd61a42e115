//! Reads a template file, and says of everything that is wrong with it where it stands.

use std::sync::Arc;

use preclear_model::{Diagnostic, Diagnostics, Node, Place, Source, Span, json};

use crate::codes;
use crate::job::template::library::Loaded;
use crate::job::template::verify::{Problem, plans};
use crate::job::template::{Template, path};

/// Reads one template.
///
/// # Errors
///
/// A text that is no JSON, no template, or does not fit together.
pub(crate) fn template(source: &Arc<Source>) -> Result<Loaded, Diagnostics> {
    let tree = json::read(source)?;
    let template: Template = serde_json::from_str(&source.text)
        .map_err(|error| Diagnostics::from(unreadable(source, &error)))?;
    let plans = plans(&template).map_err(|problems| {
        let found = problems
            .iter()
            .map(|problem| misfit(source, &tree, problem));
        found.collect::<Diagnostics>()
    })?;
    Ok(Loaded { template, plans })
}

fn unreadable(source: &Arc<Source>, error: &serde_json::Error) -> Diagnostic {
    let message = error.to_string();
    let end = message.find(" at line ").unwrap_or(message.len());
    let message = message.get(..end).unwrap_or_default();
    invalid(message.to_owned(), source.place(place_of(source, error)))
}

/// The character at which the reader stopped; it counts columns in bytes, from one.
fn place_of(source: &Source, error: &serde_json::Error) -> Span {
    let lines = source.text.split_inclusive('\n');
    let before: usize = lines
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let stopped = (before + error.column().saturating_sub(1)).min(source.text.len());
    let start = source.text.floor_char_boundary(stopped);
    Span::new(start, source.text.ceil_char_boundary(start + 1))
}

fn misfit(source: &Arc<Source>, tree: &Node, problem: &Problem) -> Diagnostic {
    invalid(problem.message(), place(source, tree, &problem.path))
}

/// The place of the member that a path leads to, or of the nearest around it.
fn place(source: &Arc<Source>, tree: &Node, path: &str) -> Place {
    source.place(path::span(tree, path))
}

fn invalid(message: String, place: Place) -> Diagnostic {
    let row = &codes::INVALID_TEMPLATE;
    Diagnostic::error(row.name, message)
        .rule(row.rule)
        .at(place)
        .help(row.remedy)
}
