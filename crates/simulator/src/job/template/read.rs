//! Reads a template file, and says of everything that is wrong with it where it stands.

use std::sync::Arc;

use preclear_model::{Diagnostic, Diagnostics, Node, Place, Source, node};

use crate::codes;
use crate::job::template::library::Loaded;
use crate::job::template::verify::{Problem, plans};
use crate::job::template::{Template, path, tree};

/// Reads one template, in JSON or YAML.
///
/// # Errors
///
/// A text that is neither, no template, or does not fit together.
pub(crate) fn template(source: &Arc<Source>) -> Result<Loaded, Diagnostics> {
    let tree = node::read(source)?;
    let template: Template = tree::read(&tree).map_err(|error| {
        let place = source.place(error.span.unwrap_or_default());
        let found = invalid(error.message, place);
        Diagnostics::from(match error.help {
            Some(help) => found.help(help),
            None => found,
        })
    })?;
    let plans = plans(&template).map_err(|problems| {
        let found = problems
            .iter()
            .map(|problem| misfit(source, &tree, problem));
        found.collect::<Diagnostics>()
    })?;
    Ok(Loaded {
        template,
        plans,
        source: Arc::clone(source),
        tree,
    })
}

/// An operation that two given templates describe: which of them counts would depend on their order.
pub(crate) fn described_twice(new: &Loaded, index: usize, other: &Loaded) -> Diagnostic {
    let operation = &new.template.operations[index].operation;
    let message = format!(
        "`{operation}` is described by `{}` as well",
        other.source.name
    );
    let path = format!("operations[{index}].operation");
    invalid(message, place(&new.source, &new.tree, &path))
        .help("give one template for each operation")
}

fn misfit(source: &Arc<Source>, tree: &Node, problem: &Problem) -> Diagnostic {
    let found = invalid(problem.message(), place(source, tree, &problem.path));
    match problem.help() {
        Some(help) => found.help(help),
        None => found,
    }
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
