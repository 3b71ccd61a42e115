//! Which member of a request file a message is about: the simulator knows where a request starts, not its members.

use std::sync::Arc;

use preclear_model::{Node, Place, Source, node};
use preclear_simulator::Explanation;

/// Members by the codes of what can be wrong with them.
const MEMBERS: [(&str, &[&str]); 8] = [
    (
        "context",
        &[
            "CONTEXT_CONTRADICTS_REQUEST",
            "CONTEXT_KEY_NOT_FOR_ACTION",
            "CONTEXT_VALUE_NOT_OF_TYPE",
            "IMPOSSIBLE_CONTEXT",
            "LITERAL_CONDITION_KEY",
            "SEVERAL_VALUES",
            "UNKNOWN_CONDITION_KEY",
        ],
    ),
    (
        "resource",
        &[
            "INVALID_RESOURCE",
            "KEY_ARN_NEEDED",
            "LITERAL_STAR_RESOURCE",
            "RESOURCE_NOT_OF_ACTION",
            "RESOURCE_NOT_USED",
            "UNKNOWN_KEY",
        ],
    ),
    ("via", &["INVALID_SERVICE", "UNKNOWN_VIA_SERVICE"]),
    ("principal", &["MISPLACED_POLICY", "UNLISTED_CALLER"]),
    ("action", &["UNKNOWN_ACTION"]),
    ("operation", &["UNKNOWN_OPERATION", "UNKNOWN_ACTION"]),
    (
        "parameters",
        &[
            "INVALID_RESOURCE",
            "KEY_ARN_NEEDED",
            "PARAMETERS_NOT_USED",
            "UNKNOWN_KEY",
            "UNKNOWN_MEMBER",
            "WRONG_TYPE",
        ],
    ),
    ("region", &["INVALID_REGION"]),
];

/// The trees of request files, each read once.
#[derive(Debug, Default)]
pub(super) struct Members {
    read: Option<(Arc<Source>, Option<Node>)>,
}

impl Members {
    /// Lets what an answer says about the request as a whole point to the member that it is about.
    pub(super) fn point(&mut self, explanation: &mut Explanation, request: Option<&Place>) {
        let Some(request) = request else { return };
        for error in &mut explanation.errors {
            self.refine(error.code, &mut error.place, request);
        }
        for warning in &mut explanation.warnings {
            self.refine(warning.code, &mut warning.place, request);
        }
    }

    fn refine(&mut self, code: &str, place: &mut Option<Place>, request: &Place) {
        if place.as_ref() != Some(request) {
            return;
        }
        let about = MEMBERS.iter().filter(|(_, codes)| codes.contains(&code));
        for (name, _) in about {
            let tree = self.tree(&request.source);
            let object = tree.and_then(|tree| starting_at(tree, request.span.start));
            if let Some(member) = object.and_then(|object| object.member(name)) {
                *place = Some(request.source.place(member.name_span));
                return;
            }
        }
    }

    fn tree(&mut self, source: &Arc<Source>) -> Option<&Node> {
        if !matches!(&self.read, Some((known, _)) if Arc::ptr_eq(known, source)) {
            self.read = Some((Arc::clone(source), node::read(source).ok()));
        }
        self.read.as_ref().and_then(|(_, tree)| tree.as_ref())
    }
}

/// The object that starts at an offset; as deep as the reader's limit, so recursion is bounded.
fn starting_at(node: &Node, start: u32) -> Option<&Node> {
    if node.span.start == start && node.as_mapping().is_some() {
        return Some(node);
    }
    let inner = node.items().iter();
    let inner = inner.chain(node.members().iter().map(|member| &member.value));
    inner
        .filter(|inner| inner.span.start <= start && start < inner.span.end)
        .find_map(|inner| starting_at(inner, start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use preclear_model::{Diagnostic, Span};
    use preclear_simulator::Code;

    #[test]
    fn the_member_of_the_right_request_is_meant() {
        let text = "- {action: a, via: x}\n- action: b\n  via: y\n";
        let source = Arc::new(Source::new("r.yaml", text));
        let mut members = Members::default();
        for (start, line, column) in [(2, 1, 15), (24, 2, 0)] {
            let request = source.place(Span::new(start, start + 1));
            let mut answer = sample::denied(Code::InvalidRequest);
            answer.errors = vec![
                Diagnostic::error("INVALID_SERVICE", "m").at(request.clone()),
                Diagnostic::error("OTHER", "m").at(request.clone()),
            ];
            members.point(&mut answer, Some(&request));
            let places: Vec<_> = answer
                .errors
                .iter()
                .filter_map(|error| Some(error.place.as_ref()?.locate().position))
                .collect();
            let expected = if column == 0 { (3, 3) } else { (line, column) };
            assert_eq!((places[0].line, places[0].column), expected);
            assert_eq!(places[1], request.locate().position);
        }
    }
}
