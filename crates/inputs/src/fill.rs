//! Texts with placeholders, for readers of documents that belong to no snapshot: what is left over is told, and something can
//! stand in its place so that the rest of the document can be looked at. Rule: JOB-LINT-2.

use std::collections::BTreeMap;
use std::sync::Arc;

use preclear_model::{Diagnostics, Limits, Node, Source, Span, Value};

use crate::cloudformation;
use crate::loader;
use crate::params::{ParamKind, Params};
use crate::placeholder::{Form, Placeholder, left_over};

/// Reads JSON or YAML and fills the placeholders that have values. The source of the places is the one given, unless the text
/// can only be parsed once it is filled. In what looks like a template of CloudFormation tags are functions.
///
/// # Errors
///
/// Whatever makes the text unusable.
pub fn read(
    source: &Arc<Source>,
    params: &Params,
    limits: &Limits,
) -> Result<(Arc<Source>, Node), Diagnostics> {
    let limits = Limits {
        functions: cloudformation::may_be_template(&source.text),
        ..*limits
    };
    let (read, tree) = loader::parse(source, params, &limits)?;
    if limits.functions && !cloudformation::is_template(&tree) {
        // What a tag means elsewhere nobody knows.
        return loader::parse(
            source,
            params,
            &Limits {
                functions: false,
                ..limits
            },
        );
    }
    Ok((read, tree))
}

/// Fills the placeholders of a tree that have values.
pub fn fill(node: &mut Node, params: &Params) {
    if !params.is_empty() {
        loader::substitute_scalars(node, params);
    }
}

/// What is left of placeholders in a tree, with something to stand in its place.
///
/// ```
/// use std::sync::Arc;
/// use preclear_inputs::{Params, fill};
/// use preclear_model::{Limits, Source};
/// let source = Arc::new(Source::new("p.json", r#"["arn:aws:iam::<account-id>:role/<role-name>"]"#));
/// let (source, mut node) = fill::read(&source, &Params::default(), &Limits::POLICY).unwrap();
/// let left = fill::LeftOver::of(&node, &source, &Params::default());
/// assert_eq!(left.diagnostics.len(), 2);
/// left.stand_in(&mut node);
/// let text = node.items()[0].as_text().unwrap();
/// assert!(!text.contains('<'));
/// assert_eq!(left.restored(text), "arn:aws:iam::<account-id>:role/<role-name>");
/// ```
#[derive(Debug, Clone, Default)]
pub struct LeftOver {
    /// One error for each name.
    pub diagnostics: Diagnostics,
    /// Places of the scalars and member names that hold some: whatever else is said of them is said of the stand-in.
    pub spans: Vec<Span>,
    values: Params,
    /// Each stand-in with the placeholder as it was written.
    written: Vec<(String, String)>,
}

impl LeftOver {
    /// The placeholders of a tree that have no value.
    #[must_use]
    pub fn of(node: &Node, source: &Arc<Source>, params: &Params) -> Self {
        let mut left = Self::default();
        let mut values = BTreeMap::new();
        left.collect(node, params, &mut values);
        if left.spans.is_empty() {
            return left;
        }
        left.diagnostics = loader::unresolved(node, source, params);
        left.values = values.into_iter().collect();
        left
    }

    /// True if nothing is left over.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Puts stand-ins in the places of the placeholders.
    pub fn stand_in(&self, node: &mut Node) {
        fill(node, &self.values);
    }

    /// A text with the placeholders in place of the stand-ins.
    #[must_use]
    pub fn restored(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (stand_in, written) in &self.written {
            if text.contains(stand_in.as_str()) {
                text = text.replace(stand_in.as_str(), written);
            }
        }
        text
    }

    fn collect(&mut self, node: &Node, params: &Params, values: &mut BTreeMap<String, String>) {
        match &node.value {
            Value::Null => {}
            Value::Scalar(scalar) => self.note(&scalar.text, node.span, params, values),
            Value::Sequence(items) => {
                for item in items {
                    self.collect(item, params, values);
                }
            }
            Value::Mapping(members) => {
                for member in members {
                    self.note(&member.name, member.name_span, params, values);
                    self.collect(&member.value, params, values);
                }
            }
        }
    }

    fn note(
        &mut self,
        text: &str,
        span: Span,
        params: &Params,
        values: &mut BTreeMap<String, String>,
    ) {
        let found = left_over(text, params);
        if found.is_empty() {
            return;
        }
        self.spans.push(span);
        for placeholder in found {
            if values.contains_key(&placeholder.name) {
                continue;
            }
            let value = stand_in(text, &placeholder, values.len() + 1);
            let written = text.get(placeholder.range.clone()).unwrap_or_default();
            self.written.push((value.clone(), written.to_owned()));
            values.insert(placeholder.name, value);
        }
    }
}

/// A text that nobody writes, of the kind that the place asks for. All end in something that keeps one from being the start
/// of another.
fn stand_in(text: &str, placeholder: &Placeholder, number: usize) -> String {
    let is_all = placeholder.range.len() == text.len();
    let kind = match placeholder.form {
        Form::Bare(kind) => Some(kind),
        Form::Angle | Form::Dollar => slot(text, placeholder).or_else(|| {
            let kinds = [ParamKind::Account, ParamKind::Region];
            kinds
                .into_iter()
                .find(|kind| kind.covers(&placeholder.name))
        }),
    };
    match kind {
        Some(ParamKind::Account) => format!("9070{number:08}"),
        Some(ParamKind::Region) => format!("zz-filler{number}-1"),
        _ if is_all && placeholder.name.to_ascii_lowercase().ends_with("arn") => {
            format!("arn:aws:iam::907000000000:role/filler-{number}-x")
        }
        _ => format!("filler-{number}-x"),
    }
}

/// What the field of an ARN is that a placeholder fills.
fn slot(text: &str, placeholder: &Placeholder) -> Option<ParamKind> {
    let before = text.get(..placeholder.range.start)?;
    let behind = text.get(placeholder.range.end..)?;
    let arn = before.rfind("arn:")?;
    let fields = before.get(arn..)?;
    let is_whole = fields.ends_with(':') && behind.starts_with(':');
    match fields.matches(':').count() {
        3 if is_whole => Some(ParamKind::Region),
        4 if is_whole => Some(ParamKind::Account),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_fit_their_place_and_are_taken_back() {
        let text = r#"{"a": "arn:aws:lambda:<region>:<acct>:function:<name-a>", "b": "<role-arn>", "c": "x ${env}"}"#;
        let source = Arc::new(Source::new("p.json", text));
        let params = Params::from_iter([("name-a", "f")]);
        let (source, mut node) = read(&source, &params, &Limits::POLICY).unwrap();
        let left = LeftOver::of(&node, &source, &params);
        assert_eq!((left.diagnostics.len(), left.spans.len()), (4, 3));
        left.stand_in(&mut node);
        let a = node.get("a").and_then(Node::as_text).unwrap();
        assert_eq!(a, "arn:aws:lambda:zz-filler1-1:907000000002:function:f");
        assert_eq!(
            left.restored(a),
            "arn:aws:lambda:<region>:<acct>:function:f"
        );
        assert!(
            node.get("b")
                .and_then(Node::as_text)
                .unwrap()
                .starts_with("arn:")
        );
        let c = node.get("c").and_then(Node::as_text).unwrap();
        assert_eq!(left.restored(c), "x ${env}");
    }

    #[test]
    fn nothing_is_left_over_where_all_is_filled() {
        let source = Arc::new(Source::new("p.json", r#"["<a-b>"]"#));
        let params = Params::from_iter([("a-b", "x")]);
        let (source, node) = read(&source, &params, &Limits::POLICY).unwrap();
        assert!(LeftOver::of(&node, &source, &params).is_empty());
    }
}
