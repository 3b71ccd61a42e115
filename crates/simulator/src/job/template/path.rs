//! Members of a document by their path, such as `Tags[0].Key`.

use preclear_model::{Node, Span};

/// What the paths of `field` and `has` start with that are read within an element of `elements`.
const WITHIN_ELEMENT: &str = "./";

/// The path within an element, for one that is read there.
pub(crate) fn within_element(path: &str) -> Option<&str> {
    path.strip_prefix(WITHIN_ELEMENT)
}

/// The names on a path, from the outermost inwards; `Tags[]` says no more than `Tags`.
pub(crate) fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('.')
        .map(|step| step.strip_suffix("[]").unwrap_or(step))
}

/// Where the member stands that a path leads to: a scalar itself, of anything larger the name or the first character.
/// Of a member that is not there, where what it belongs to stands.
pub(crate) fn span(root: &Node, path: &str) -> Span {
    let mut node = root;
    let mut span = opening(node);
    for step in path.split('.') {
        let (name, indexes) = step.split_once('[').unwrap_or((step, ""));
        let Some(member) = node.member(name) else {
            break;
        };
        (node, span) = (&member.value, member.name_span);
        let indexes = indexes.split(['[', ']']).filter(|text| !text.is_empty());
        for item in indexes.map_while(|index| node.items().get(index.parse::<usize>().ok()?)) {
            (node, span) = (item, opening(item));
        }
    }
    if node.as_scalar().is_some() {
        node.span
    } else {
        span
    }
}

/// The first character: all of an object would mark half a file.
fn opening(node: &Node) -> Span {
    let start = node.span.start;
    Span {
        start,
        end: node.span.end.min(start.saturating_add(1)),
    }
}
