//! Parameters of a template, and what `--param` says of them. Rule: UI-31.

use std::collections::BTreeSet;

use preclear_model::near::nearest;
use preclear_model::{Diagnostic, Node};

use super::dynamic;
use super::evaluate::Evaluated;
use crate::loader::{Loader, Origin};
use crate::sketch::{list, text};

fn kind_of(parameter: &Node) -> &str {
    let kind = parameter.get("Type").and_then(Node::scalar_text);
    kind.unwrap_or("String")
}

/// True for a parameter whose value, given or by default, is the name of what Parameter Store holds.
fn is_stored(kind: &str) -> bool {
    kind.starts_with("AWS::SSM::Parameter::Value<")
}

/// What a parameter comes to: as given, else its default.
pub(super) fn value(name: &str, node: &Node, given: Option<&str>) -> Evaluated {
    let kind = kind_of(node);
    let value = match given {
        Some(given) => Some((given.to_owned(), node.span)),
        None => {
            let default = node.get("Default");
            default.and_then(|node| Some((node.as_scalar()?.text.clone(), node.span)))
        }
    };
    let mut hangs_on = BTreeSet::from([name.to_owned()]);
    let Some((value, span)) = value else {
        return Evaluated::Later(hangs_on);
    };
    if is_stored(kind) {
        hangs_on.insert(dynamic::stored(&value));
        return Evaluated::Later(hangs_on);
    }
    let references = dynamic::references(&value);
    if !references.is_empty() {
        hangs_on.extend(references);
        return Evaluated::Later(hangs_on);
    }
    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        let items = value.split(',').map(|item| text(span, item.trim()));
        return Evaluated::Known(list(span, items.collect()));
    }
    Evaluated::Known(text(span, value))
}

/// Values of `--param` that CloudFormation would refuse, or take for something else than a value.
pub(super) fn check(loader: &mut Loader<'_>, node: &Node, origin: &Origin) {
    let mut found = Vec::new();
    for member in node.get("Parameters").map_or(&[][..], Node::members) {
        let Some(given) = loader.options.params.get(&member.name) else {
            continue;
        };
        let warnings = [
            not_allowed(&member.name, &member.value, given),
            is_a_name(&member.name, &member.value, given),
        ];
        let warnings = warnings.into_iter().flatten();
        let place = origin.place(&member.value);
        found.extend(warnings.map(|warning| warning.rule("UI-31").at(place.clone())));
    }
    loader.diagnostics.extend(found);
}

fn not_allowed(name: &str, node: &Node, given: &str) -> Option<Diagnostic> {
    let allowed = node.get("AllowedValues")?.items().iter();
    let allowed: Vec<&str> = allowed
        .filter_map(|value| Some(value.as_scalar()?.text.as_str()))
        .collect();
    // A list is allowed where each of its items is.
    let mut items = given.split(',').map(str::trim);
    if allowed.is_empty() || allowed.contains(&given) || items.all(|item| allowed.contains(&item)) {
        return None;
    }
    let help = match nearest(given, allowed.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it allows `{}`", allowed.join("`, `")),
    };
    let message = format!(
        "`{given}` is none of the values that the parameter `{name}` allows; it counts all the same"
    );
    Some(Diagnostic::warning("PARAMETER_NOT_ALLOWED", message).help(help))
}

fn is_a_name(name: &str, node: &Node, given: &str) -> Option<Diagnostic> {
    let kind = kind_of(node);
    is_stored(kind).then(|| {
        let message = format!(
            "`{given}` is the name of what Parameter Store holds, not the value of the parameter `{name}`, whose type is `{kind}`: the value is not known"
        );
        let help = "to try a value, make it a parameter of type `String` in a copy of the template";
        Diagnostic::warning("PARAMETER_IS_A_NAME", message).help(help)
    })
}
