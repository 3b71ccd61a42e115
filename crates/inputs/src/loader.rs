//! Reads documents: bytes to text, placeholders, text to nodes. Keeps what was found wrong on the way.
//!
//! The loader knows no format beyond JSON and YAML.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use preclear_model::node::{self, Limits, Scalar};
use preclear_model::{
    Diagnostic, Diagnostics, Node, Place, Policy, PolicyKind, Source, Span, Value,
};
use preclear_simulator::Layer;

use crate::cloudformation;
use crate::files::{self, FileErrorKind, Files};
use crate::params::Params;
use crate::placeholder::{left_over, substitute};

/// How inputs are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Values of placeholders. Rule: JOB-LINT-2.
    pub params: Params,
    /// True: accept what IAM's grammar calls an error where evaluation has a meaning for it.
    pub lenient: bool,
    /// True: a rejected policy makes its layer unknown instead of ending the run. Rule: IAM-GRAM-19.
    pub keep_going: bool,
    /// ARNs by the names that plans and templates of the snapshot have for what they make, for questions to use.
    pub names: Arc<BTreeMap<String, String>>,
    /// Files that the run reads for something else, and directories that it writes to: no part of a snapshot whose directory
    /// holds them.
    pub elsewhere: Vec<PathBuf>,
    /// Codes that messages can have, which expectations of test files may name; none where any may be named.
    pub codes: Arc<[&'static str]>,
}

/// A value that was read, with what there is to say about it.
#[derive(Debug, Clone)]
pub struct Loaded<T> {
    /// The value.
    pub value: T,
    /// Warnings and notes; no errors.
    pub diagnostics: Diagnostics,
}

/// The text that nodes stand in.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The text.
    pub(crate) source: Arc<Source>,
    /// The file it stands in: what it mentions is relative to that.
    pub(crate) path: PathBuf,
}

impl Origin {
    /// The place of a node.
    pub(crate) fn place(&self, node: &Node) -> Place {
        self.source.place(node.span)
    }
}

/// One text that was read into a tree.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The text.
    pub(crate) origin: Origin,
    /// The tree; placeholders with values are replaced, places are those of the text.
    pub(crate) node: Arc<Node>,
}

/// Reads documents and collects diagnostics.
pub(crate) struct Loader<'f> {
    pub(crate) files: &'f dyn Files,
    pub(crate) options: Options,
    pub(crate) diagnostics: Diagnostics,
    /// Mentioned files that were searched for placeholders, by their normal paths.
    checked: BTreeSet<PathBuf>,
    /// Layers with a rejected policy whose owner is not told, such as one that a flag names. Rule: IAM-GRAM-19.
    pub(crate) rejected_layers: BTreeSet<Layer>,
    /// Owners of rejected policies by layer. Rule: IAM-GRAM-19.
    pub(crate) rejected: BTreeMap<Layer, BTreeSet<String>>,
    /// Policies that preclear ships, once read.
    pub(crate) managed: BTreeMap<(String, PolicyKind), Arc<Policy>>,
    /// Files that describe accounts, with what they are.
    pub(crate) described_by: Vec<(PathBuf, &'static str)>,
    /// Addresses that several plans have for what is not made yet.
    pub(crate) shared_addresses: BTreeSet<String>,
    /// Files that were named and say nothing of accounts, with why.
    pub(crate) not_read: Vec<(PathBuf, String)>,
    /// Files read so far; `None` for those that could not be read, so that each is reported once.
    documents: BTreeMap<PathBuf, Option<Document>>,
}

impl<'f> Loader<'f> {
    pub(crate) fn new(files: &'f dyn Files, options: &Options) -> Self {
        Self {
            files,
            options: options.clone(),
            diagnostics: Diagnostics::new(),
            checked: BTreeSet::new(),
            rejected_layers: BTreeSet::new(),
            rejected: BTreeMap::new(),
            managed: BTreeMap::new(),
            described_by: Vec::new(),
            shared_addresses: BTreeSet::new(),
            not_read: Vec::new(),
            documents: BTreeMap::new(),
        }
    }

    /// The value with the warnings, or everything if there are errors.
    pub(crate) fn finish<T>(mut self, value: Option<T>) -> Result<Loaded<T>, Diagnostics> {
        self.diagnostics.sort();
        match value {
            Some(value) if !self.diagnostics.has_errors() => Ok(Loaded {
                value,
                diagnostics: self.diagnostics,
            }),
            _ => Err(self.diagnostics),
        }
    }

    /// Reads a file that a document mentions.
    pub(crate) fn mentioned_file(&mut self, path: &Path, by: &Place) -> Option<Document> {
        let key = files::normal(path);
        let document = self.document(path, Some(by))?;
        if self.checked.insert(key.clone())
            && self.report_placeholders(&document.node, &document.origin.source)
        {
            self.documents.insert(key, None);
            return None;
        }
        Some(document)
    }

    /// Reads a file; each is read once.
    pub(crate) fn document(
        &mut self,
        path: &Path,
        mentioned_at: Option<&Place>,
    ) -> Option<Document> {
        let key = files::normal(path);
        if let Some(known) = self.documents.get(&key) {
            return known.clone();
        }
        let document = self
            .text_of(path, mentioned_at)
            .and_then(|source| self.parse(source, path));
        self.documents.insert(key, document.clone());
        document
    }

    /// Reads a file as text.
    pub(crate) fn text_of(
        &mut self,
        path: &Path,
        mentioned_at: Option<&Place>,
    ) -> Option<Arc<Source>> {
        let name = path.display().to_string();
        let bytes = match self.files.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let (code, help) = match error.kind {
                    FileErrorKind::NotFound if mentioned_at.is_some() => (
                        "MISSING_FILE",
                        "paths are relative to the file that mentions them",
                    ),
                    FileErrorKind::NotFound => ("MISSING_FILE", "check the path"),
                    FileErrorKind::IsDirectory => ("UNREADABLE_FILE", "name a file in it"),
                    FileErrorKind::TooLarge => {
                        ("INPUT_TOO_LARGE", "check that this is the file you meant")
                    }
                    FileErrorKind::Other => {
                        ("UNREADABLE_FILE", "check the path and its permissions")
                    }
                };
                let mut diagnostic =
                    Diagnostic::error(code, format!("`{name}` cannot be read: {error}"))
                        .rule("UI-30")
                        .help(help);
                diagnostic.place = mentioned_at.cloned();
                self.diagnostics.push(diagnostic);
                return None;
            }
        };
        match Source::from_bytes(name, bytes) {
            Ok(source) => Some(Arc::new(source)),
            Err(found) => {
                self.diagnostics.extend(found);
                None
            }
        }
    }

    /// Reads a text; what is left of placeholders is not reported here.
    pub(crate) fn parse(&mut self, source: Arc<Source>, path: &Path) -> Option<Document> {
        let limits = match cloudformation::may_be_template(&source.text) {
            true => Limits::TEMPLATE,
            false => Limits::FILE,
        };
        match parse(&source, &self.options.params, &limits) {
            Ok((source, node)) => Some(Document {
                origin: Origin {
                    source,
                    path: path.to_owned(),
                },
                node: Arc::new(node),
            }),
            Err(errors) => {
                self.diagnostics.extend(errors);
                None
            }
        }
    }

    /// What a name of a plan or template stands for; other texts as they are.
    pub(crate) fn named<'t>(&'t self, text: &'t str) -> &'t str {
        let known = self.options.names.get(text);
        known.map_or(text, String::as_str)
    }

    /// How many errors there are so far.
    pub(crate) fn error_count(&self) -> usize {
        self.diagnostics.errors().count()
    }

    /// Replaces the placeholders of a tree that have values.
    pub(crate) fn substitute(&self, node: &mut Node) {
        if !self.options.params.is_empty() {
            substitute_scalars(node, &self.options.params);
        }
    }

    /// A node as somebody else's JSON, placeholders replaced in the documents that its strings hold too.
    pub(crate) fn json(&self, node: &Node) -> serde_json::Value {
        let mut value = node.to_json();
        if !self.options.params.is_empty() {
            substitute_json(&mut value, &self.options.params);
        }
        value
    }

    /// True if a tree has placeholders without value.
    pub(crate) fn has_placeholders(&self, node: &Node, source: &Arc<Source>) -> bool {
        unresolved(node, source, &self.options.params)
            .iter()
            .next()
            .is_some()
    }

    /// Reports placeholders without value in a tree; true if there are any. Rule: JOB-LINT-2.
    pub(crate) fn report_placeholders(&mut self, node: &Node, source: &Arc<Source>) -> bool {
        let found = unresolved(node, source, &self.options.params);
        let any = !found.is_empty();
        self.diagnostics.extend(found);
        any
    }
}

/// Reads a text and replaces the placeholders that have values.
///
/// The text is parsed as it stands, so that places are those of the file. Only where it cannot be parsed that way (a
/// placeholder in the place of a number) it is replaced before, and the places are those of the new text.
pub(crate) fn parse(
    source: &Arc<Source>,
    params: &Params,
    limits: &Limits,
) -> Result<(Arc<Source>, Node), Diagnostics> {
    let mut errors = match node::read_within(source, limits) {
        Ok(mut node) => {
            if !params.is_empty() {
                substitute_scalars(&mut node, params);
            }
            return Ok((Arc::clone(source), node));
        }
        Err(errors) => errors,
    };
    if let Some(new) = substitute(&source.text, params) {
        let new = Arc::new(Source::new(source.name.clone(), new.text));
        if let Ok(node) = node::read_within(&new, limits) {
            return Ok((new, node));
        }
    }
    blame_placeholder(source, params, &mut errors);
    Err(errors)
}

/// Where a placeholder is what cannot be parsed, the remedy is a value for it.
fn blame_placeholder(source: &Arc<Source>, params: &Params, errors: &mut Diagnostics) {
    let offsets: Vec<usize> = errors
        .iter()
        .filter_map(|error| error.place.as_ref())
        .map(|place| place.span.start as usize)
        .collect();
    let blamed = left_over(&source.text, params)
        .into_iter()
        .find(|placeholder| {
            // A parser may stop one character early or late.
            offsets.iter().any(|offset| {
                (placeholder.range.start.saturating_sub(1)..=placeholder.range.end).contains(offset)
            })
        });
    if let Some(placeholder) = blamed {
        let place = source.place(Span::new(placeholder.range.start, placeholder.range.end));
        errors.push(unresolved_placeholder(&placeholder.name, place, params));
    }
}

/// Replaces the placeholders in the scalars and member names of a tree.
pub(crate) fn substitute_scalars(node: &mut Node, params: &Params) {
    let replace = |text: &mut String| {
        if let Some(new) = substitute(text, params) {
            *text = new.text;
        }
    };
    match &mut node.value {
        Value::Null => {}
        // A document in a string is read by itself later, and keeps exact places if it is left alone here.
        Value::Scalar(scalar) if holds_document(scalar) => {}
        Value::Scalar(scalar) => replace(&mut scalar.text),
        Value::Sequence(items) => items
            .iter_mut()
            .for_each(|item| substitute_scalars(item, params)),
        Value::Mapping(members) => {
            for member in members {
                replace(&mut member.name);
                substitute_scalars(&mut member.value, params);
            }
        }
    }
}

fn substitute_json(value: &mut serde_json::Value, params: &Params) {
    use serde_json::Value;
    match value {
        Value::String(text) => {
            if let Some(new) = substitute(text, params) {
                *text = new.text;
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| substitute_json(item, params)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|value| substitute_json(value, params)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn holds_document(scalar: &Scalar) -> bool {
    let text = scalar.text.strip_prefix('\u{feff}').unwrap_or(&scalar.text);
    text.trim_start().starts_with(['{', '"'])
}

/// The placeholders of a tree that have no value, each name once. Rule: JOB-LINT-2.
pub(crate) fn unresolved(node: &Node, source: &Arc<Source>, params: &Params) -> Diagnostics {
    let mut found = Vec::new();
    collect_unresolved(node, source, params, &mut found);
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for (name, place) in found {
        match index.get(&name).and_then(|at| diagnostics.get_mut(*at)) {
            Some(first) => first.related.push((place, "also here".to_owned())),
            None => {
                diagnostics.push(unresolved_placeholder(&name, place, params));
                index.insert(name, diagnostics.len() - 1);
            }
        }
    }
    diagnostics.into_iter().collect()
}

fn collect_unresolved(
    node: &Node,
    source: &Arc<Source>,
    params: &Params,
    found: &mut Vec<(String, Place)>,
) {
    match &node.value {
        Value::Null => {}
        Value::Scalar(scalar) => unresolved_in(&scalar.text, node.span, source, params, found),
        Value::Sequence(items) => {
            items
                .iter()
                .for_each(|item| collect_unresolved(item, source, params, found));
        }
        Value::Mapping(members) => {
            for member in members {
                unresolved_in(&member.name, member.name_span, source, params, found);
                collect_unresolved(&member.value, source, params, found);
            }
        }
    }
}

/// The placeholders of one scalar.
fn unresolved_in(
    text: &str,
    span: Span,
    source: &Arc<Source>,
    params: &Params,
    found: &mut Vec<(String, Place)>,
) {
    // Offsets in the text say nothing about the file where escapes or replaced placeholders stand in between.
    let raw = source.slice(span);
    let mut from = 0;
    for placeholder in left_over(text, params) {
        let written = text.get(placeholder.range.clone()).unwrap_or_default();
        let at = raw.get(from..).and_then(|rest| rest.find(written));
        let span = match at {
            Some(at) => {
                let start = span.start as usize + from + at;
                from += at + written.len();
                Span::new(start, start + written.len())
            }
            None => span,
        };
        found.push((placeholder.name, source.place(span)));
    }
}

fn unresolved_placeholder(name: &str, place: Place, params: &Params) -> Diagnostic {
    Diagnostic::error(
        "UNRESOLVED_PLACEHOLDER",
        format!("the placeholder `{name}` has no value"),
    )
    .rule("JOB-LINT-2")
    .at(place)
    .help(params.how_to_give(name))
}

#[cfg(test)]
mod tests;
