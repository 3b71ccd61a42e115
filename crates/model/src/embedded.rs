//! JSON that stands in a string of another text, as AWS's tools print policies. Rule: UI-30, UI-4.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::json;
use crate::node::{Limits, Node, is_percent_encoded};
use crate::source::{Source, Span};

/// Strings in strings that are looked through; tools that quote twice exist, those that quote thrice do not.
const LAYERS_MAX: usize = 4;

/// Reads the JSON in a string node of `source`, percent-encoded or not; places of the result are in the new source.
///
/// # Errors
/// `NOT_A_DOCUMENT` where the node is no string, or a string of something else; else the errors of [`json::read`].
///
/// ```
/// use std::sync::Arc;
/// use preclear_model::{Limits, Source, embedded, json};
/// let file = Arc::new(Source::new("a.json", r#""%7B%22a%22%3A1%7D""#));
/// let (tree, inner) = embedded::read(&json::read(&file).unwrap(), &file, &Limits::POLICY).unwrap();
/// assert_eq!(inner.text, r#"{"a":1}"#);
/// assert!(tree.get("a").is_some());
/// ```
pub fn read(
    node: &Node,
    source: &Arc<Source>,
    limits: &Limits,
) -> Result<(Node, Arc<Source>), Diagnostics> {
    let (mut node, mut source) = unwrap(node, source, limits)?;
    for _ in 1..LAYERS_MAX {
        if node.as_text().is_none() {
            return Ok((node, source));
        }
        (node, source) = unwrap(&node, &source, limits)?;
    }
    if node.as_text().is_some() {
        Err(no_document(&node, &source))
    } else {
        Ok((node, source))
    }
}

/// The text in a string node of `source`, percent-encoded or not, whether or not it is JSON; `None` where it is no string, or its
/// encoding is broken.
///
/// ```
/// use std::sync::Arc;
/// use preclear_model::{Source, embedded, json};
/// let file = Arc::new(Source::new("a.json", r#""%7B%22a%22%3A1,%7D""#));
/// let inner = embedded::text(&json::read(&file).unwrap(), &file).unwrap();
/// assert_eq!(inner.text, r#"{"a":1,}"#);
/// ```
#[must_use]
pub fn text(node: &Node, source: &Arc<Source>) -> Option<Source> {
    let inner = Source::embedded(source, node.span, node.as_text()?);
    if is_percent_encoded(inner.text.trim_start()) {
        Source::percent_decoded(&Arc::new(inner)).ok()
    } else {
        Some(inner)
    }
}

/// Reads one layer.
fn unwrap(
    node: &Node,
    source: &Arc<Source>,
    limits: &Limits,
) -> Result<(Node, Arc<Source>), Diagnostics> {
    let Some(text) = node.as_text() else {
        return Err(no_document(node, source));
    };
    let mut inner = Arc::new(Source::embedded(source, node.span, text));
    if is_percent_encoded(inner.text.trim_start()) {
        inner = Source::percent_decoded(&inner)
            .map(Arc::new)
            .map_err(|offset| badly_encoded(&inner, offset))?;
    }
    if !inner.text.trim_start().starts_with(['{', '[', '"']) {
        return Err(no_document(node, source));
    }
    let node = json::read_within(&inner, limits)?;
    Ok((node, inner))
}

fn no_document(node: &Node, source: &Arc<Source>) -> Diagnostics {
    Diagnostic::error(
        "NOT_A_DOCUMENT",
        format!("a JSON document is expected here, not {}", node.kind_name()),
    )
    .rule("UI-30")
    .at(source.place(node.span))
    .help("give the document as an object, or as a string that holds it, percent-encoded or not")
    .into()
}

fn badly_encoded(inner: &Arc<Source>, offset: usize) -> Diagnostics {
    Diagnostic::error("NOT_UTF8", "the percent-encoded text is not UTF-8")
        .rule("IAM-GRAM-1")
        .at(inner.place(Span::new(offset, offset + "%00".len())))
        .help("encode the UTF-8 bytes of the document")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the JSON in the string that a whole text is.
    fn read_string(raw: &str) -> Result<(Node, Arc<Source>), Diagnostics> {
        let file = Arc::new(Source::new("f", raw));
        read(&json::read(&file).unwrap(), &file, &Limits::POLICY)
    }

    #[test]
    fn strings_are_looked_through() {
        let document = r#"{"a": "é"}"#;
        let once = serde_json::to_string(document).unwrap();
        let twice = serde_json::to_string(&once).unwrap();
        for raw in [&once, &twice] {
            let (tree, source) = read_string(raw).unwrap();
            assert_eq!(source.text, document);
            let place = source.place(tree.get("a").unwrap().span);
            assert!(place.outermost().text().contains('é'), "{raw}");
        }
    }

    #[test]
    fn percent_encoding_is_undone() {
        let (tree, source) = read_string(r#""%0A%7B%22a%22%3A%22%C3%A9%22%7D""#).unwrap();
        assert_eq!(tree.get("a").unwrap().as_text(), Some("é"));
        assert_eq!(
            source
                .place(tree.get("a").unwrap().span)
                .locate()
                .position
                .column,
            18
        );
        let found = read_string(r#""%7B%ff%7D""#).unwrap_err();
        assert_eq!(
            (
                found.0[0].code,
                found.0[0].place.as_ref().unwrap().locate().position.column
            ),
            ("NOT_UTF8", 5)
        );
    }

    #[test]
    fn a_byte_order_mark_is_passed_over_and_noted() {
        for raw in [
            r#""\uFEFF{\"é\": 1, \"a\": 2}""#,
            r#""\uFEFF%7B%22%C3%A9%22:1,%22a%22:2%7D""#,
            r#""%EF%BB%BF{%22%C3%A9%22:1,%22a%22:2}""#,
        ] {
            let (tree, source) = read_string(raw).unwrap();
            let place = source.place(tree.get("a").unwrap().span);
            assert_eq!(place.text(), "2", "{raw}");
            assert_eq!(place.outermost().text(), "2", "{raw}");
            let mut layers = std::iter::successors(Some(&source), |source| {
                source.outer().map(|place| &place.source)
            });
            assert!(layers.any(|source| source.had_byte_order_mark), "{raw}");
        }
    }

    #[test]
    fn errors_are_placed_inside() {
        let found = read_string(r#""{\n  \"a\": 1,\n}""#).unwrap_err();
        assert_eq!(
            found.to_string(),
            "f:1:18 (3:1 of the text in it): error[JSON_TRAILING_COMMA] this is not JSON: trailing comma (IAM-GRAM-1)"
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for raw in [
            r#""""#,
            r#""hello""#,
            r#""arn:aws:iam::aws:policy/x""#,
            "7",
            "null",
            "{}",
        ] {
            assert_eq!(
                read_string(raw).unwrap_err().0[0].code,
                "NOT_A_DOCUMENT",
                "{raw}"
            );
        }
        let nested = (0..6).fold(String::from("{}"), |text, _| {
            serde_json::to_string(&text).unwrap()
        });
        assert_eq!(
            read_string(&nested).unwrap_err().0[0].code,
            "NOT_A_DOCUMENT"
        );
    }

    #[test]
    fn limits_hold_inside() {
        let raw =
            serde_json::to_string(&format!("{{\"a\": \"{}\"}}", "x".repeat(1 << 20))).unwrap();
        assert_eq!(read_string(&raw).unwrap_err().0[0].code, "INPUT_TOO_LARGE");
        let deep = serde_json::to_string(&"[".repeat(100_000)).unwrap();
        assert_eq!(
            read_string(&deep).unwrap_err().0[0].code,
            "NESTED_TOO_DEEPLY"
        );
    }
}
