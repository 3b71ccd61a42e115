//! Members of a KMS call that the API does not have, with their places. Rule: UI-38.

use preclear_model::{Diagnostic, Node, Place, Span};
use preclear_simulator::parameters::{self, Mistake, SHORT_FORMS, Step};
use preclear_simulator::request::Request;

use super::opening;
use crate::loader::{Loader, Origin};

/// Reports everything that is wrong with the members of the call; true if nothing is.
pub(crate) fn report(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    request: &Request,
) -> bool {
    let mistakes = parameters::mistakes(request);
    let is_right = mistakes.is_empty();
    for mistake in mistakes {
        let given = node.get("parameters");
        let span = given
            .and_then(|given| span(given, &mistake))
            .or_else(|| short_form(node, &mistake))
            .unwrap_or_else(|| opening(node));
        let place = origin.source.place(span);
        loader.diagnostics.push(diagnostic(mistake, place));
    }
    is_right
}

/// The mistake as an error at its place.
pub(super) fn diagnostic(mistake: Mistake, place: Place) -> Diagnostic {
    let error = Diagnostic::error(mistake.code.name, mistake.message);
    error.rule("UI-38").help(mistake.help).at(place)
}

/// Where it stands among the parameters: a name that is wrong, or a value; nothing if they do not have it.
pub(super) fn span(parameters: &Node, mistake: &Mistake) -> Option<Span> {
    let mut node = parameters;
    let mut span = None;
    for step in &mistake.path {
        match step {
            Step::Member(name) => {
                let member = node.member(name)?;
                node = &member.value;
                let is_value = node.as_scalar().is_some() && !mistake.is_of_name();
                span = Some(if is_value {
                    node.span
                } else {
                    member.name_span
                });
            }
            Step::Item(index) => {
                node = node.items().get(*index)?;
                let is_value = node.as_scalar().is_some();
                span = Some(if is_value { node.span } else { opening(node) });
            }
        }
    }
    span
}

/// The member of the request that is short for one of the call's.
fn short_form(node: &Node, mistake: &Mistake) -> Option<Span> {
    let [Step::Member(name)] = mistake.path.as_slice() else {
        return None;
    };
    let (short, _) = SHORT_FORMS.iter().find(|(_, member)| member == name)?;
    Some(node.member(short)?.name_span)
}
