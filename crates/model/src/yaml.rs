//! YAML texts as nodes: one document, aliases resolved within a budget, duplicates refused, scalars with their text.
//!
//! `saphyr-parser` decides what is YAML; its events are built into nodes here without recursion.

use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::node::{Limits, Member, Node, Scalar, ScalarKind, Value, report_duplicates, too_deep};
use crate::source::{Source, Span};

mod chars;
mod places;
mod schema;

use chars::ByteOffsets;
use places::{span_of_scalar, without_properties};

/// Reads a YAML text of one document.
///
/// Merge keys (`<<`), names that are not scalars, and tags other than those of strings, lists and objects are refused.
///
/// # Errors
/// The first place that is not YAML, and whatever is refused in front of it.
///
/// ```
/// use std::sync::Arc;
/// use preclear_model::{Source, yaml};
/// let source = Arc::new(Source::new("s.yaml", "base: &b [x]\nother: *b\nid: 0123"));
/// let tree = yaml::read(&source).unwrap();
/// assert_eq!(tree.get("other").unwrap().items()[0].as_text(), Some("x"));
/// assert_eq!(tree.get("id").unwrap().as_text(), Some("0123"));
/// ```
pub fn read(source: &Arc<Source>) -> Result<Node, Diagnostics> {
    read_within(source, &Limits::FILE)
}

/// As [`read`], within other limits.
///
/// # Errors
/// As [`read`].
pub fn read_within(source: &Arc<Source>, limits: &Limits) -> Result<Node, Diagnostics> {
    limits.check(source)?;
    let mut builder = Builder::new(source, limits);
    for event in Parser::new_from_str(&source.text) {
        let outcome = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => Err(builder.invalid(&error).into()),
        };
        if let Err(fatal) = outcome {
            builder.found.extend(fatal);
            break;
        }
    }
    builder.finish()
}

/// A list or an object that is not closed yet.
struct Open {
    anchor: usize,
    start: u32,
    /// End of what has been read of it.
    end: u32,
    content: Content,
    /// The function of CloudFormation that its tag names.
    function: Option<String>,
}

enum Content {
    List(Vec<Node>),
    /// Members, and the name whose value comes next.
    Object(Vec<Member>, Option<(String, Span)>),
}

/// A node that aliases can repeat.
struct Anchored {
    node: Node,
    size: Size,
}

/// What repeating a node costs.
#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

struct Builder<'s> {
    source: &'s Arc<Source>,
    limits: &'s Limits,
    offsets: ByteOffsets<'s>,
    open: Vec<Open>,
    /// Complete nodes by anchor; `None` while the node is open.
    anchors: HashMap<usize, Option<Anchored>>,
    /// What aliases have added so far.
    repeated: Size,
    root: Option<Node>,
    documents: usize,
    found: Diagnostics,
}

impl<'s> Builder<'s> {
    fn new(source: &'s Arc<Source>, limits: &'s Limits) -> Builder<'s> {
        Builder {
            source,
            limits,
            offsets: ByteOffsets::new(&source.text),
            open: Vec::new(),
            anchors: HashMap::new(),
            repeated: Size::default(),
            root: None,
            documents: 0,
            found: Diagnostics::new(),
        }
    }

    fn finish(mut self) -> Result<Node, Diagnostics> {
        if self.found.is_empty() {
            match self.root {
                Some(node) => return Ok(node),
                None => self.found.push(
                    Diagnostic::error("EMPTY_INPUT", "the text holds no document")
                        .rule("IAM-GRAM-1")
                        .at(self.source.place(Span::default()))
                        .help("give a JSON or YAML document"),
                ),
            }
        }
        self.found.sort();
        Err(self.found)
    }

    /// Builds one event in; an error ends the reading.
    fn take(&mut self, event: Event<'_>, span: saphyr_parser::Span) -> Result<(), Diagnostics> {
        let span = Span::new(
            self.offsets.of(span.start.index()),
            self.offsets.of(span.end.index()),
        );
        match event {
            Event::DocumentStart(_) => self.start_document(span),
            Event::SequenceStart(anchor, tag) => {
                self.start(anchor, tag.as_deref(), span, Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => self.start(
                anchor,
                tag.as_deref(),
                span,
                Content::Object(Vec::new(), None),
            ),
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), span)
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn start_document(&mut self, span: Span) -> Result<(), Diagnostics> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        Err(self
            .error("SEVERAL_DOCUMENTS", "a second document starts here", span)
            .help("put each document into a file of its own")
            .into())
    }

    fn start(
        &mut self,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
        content: Content,
    ) -> Result<(), Diagnostics> {
        let span = without_properties(&self.source.text, span);
        if self.open.len() >= self.limits.depth {
            return Err(too_deep(self.source, span.start as usize, self.limits).into());
        }
        self.check_that_no_name_is_due(span)?;
        let core = match content {
            Content::List(_) => "seq",
            Content::Object(..) => "map",
        };
        let function = self.function(tag);
        if let Some(tag) = tag
            && function.is_none()
            && !(tag.is_yaml_core_schema() && tag.suffix == core)
        {
            self.refuse_tag(tag, span);
        }
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.open.push(Open {
            anchor,
            start: span.start,
            end: span.end,
            content,
            function,
        });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), Diagnostics> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        // Brackets have an end of their own; a block ends with its last element.
        let bracketed = matches!(
            self.source.text.as_bytes().get(open.start as usize),
            Some(b'[' | b'{')
        );
        let end = if bracketed {
            span.end.max(open.end)
        } else {
            open.end
        };
        let value = match open.content {
            Content::List(items) => Value::Sequence(items),
            Content::Object(members, _) => {
                report_duplicates(&members, self.source, &mut self.found);
                Value::Mapping(members)
            }
        };
        let span = Span {
            start: open.start,
            end,
        };
        let node = called(open.function, Node { span, value });
        self.put(node, open.anchor, span)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Diagnostics> {
        let span = span_of_scalar(&self.source.text, span, style, anchor != 0 || tag.is_some());
        let is_string = match tag {
            None => style != ScalarStyle::Plain,
            Some(tag) if is_string_tag(tag) => true,
            Some(tag) if self.function(Some(tag)).is_some() => style != ScalarStyle::Plain,
            Some(tag) => {
                self.refuse_tag(tag, span);
                true
            }
        };
        if !is_string && text == "<<" && self.name_is_due() {
            let message = "merge keys (`<<`) are not supported";
            self.found.push(
                self.error("YAML_MERGE_KEY", message, span)
                    .help("write the members out"),
            );
        }
        let kind = if is_string {
            Some(ScalarKind::Text)
        } else {
            schema::kind(text)
        };
        let value = match kind {
            None => Value::Null,
            Some(kind) => Value::Scalar(Scalar {
                text: text.to_owned(),
                kind,
                plain: !is_string,
            }),
        };
        if self.name_is_due() && kind.is_none() {
            return self.name(text, span);
        }
        let node = called(self.function(tag), Node { span, value });
        self.put(node, anchor, span)
    }

    /// The function of CloudFormation that a tag names, as it is called in JSON.
    fn function(&self, tag: Option<&Tag>) -> Option<String> {
        let tag = tag.filter(|tag| self.limits.functions && is_cloudformation_function(tag))?;
        Some(match tag.suffix.as_str() {
            name @ ("Ref" | "Condition") => name.to_owned(),
            name => format!("Fn::{name}"),
        })
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Diagnostics> {
        let Some(Some(anchored)) = self.anchors.get(&anchor) else {
            let message = "this alias stands inside the node that it repeats";
            return Err(self
                .error("YAML_RECURSIVE_ALIAS", message, span)
                .help("write the node out")
                .into());
        };
        let size = anchored.size;
        self.repeated.nodes = self.repeated.nodes.saturating_add(size.nodes);
        self.repeated.bytes = self.repeated.bytes.saturating_add(size.bytes);
        if self.repeated.nodes > self.limits.alias_nodes
            || self.repeated.bytes > crate::node::ALIAS_BYTES_MAX
        {
            let message = format!(
                "aliases repeat more than {} nodes or too much text",
                self.limits.alias_nodes
            );
            return Err(self
                .error("YAML_TOO_MANY_ALIASES", message, span)
                .help("write the document without aliases")
                .into());
        }
        if self.open.len() + size.depth > self.limits.depth {
            return Err(too_deep(self.source, span.start as usize, self.limits).into());
        }
        let node = anchored.node.clone();
        self.put(node, 0, span)
    }

    /// Puts a complete node where it belongs; `written` is where it or its alias stands.
    fn put(&mut self, node: Node, anchor: usize, written: Span) -> Result<(), Diagnostics> {
        if self.name_is_due() {
            // A name is not repeated often enough to be worth an anchor of its own, but it may have one.
            return match node.value {
                Value::Scalar(scalar) => {
                    if anchor != 0 {
                        let node = Node {
                            span: node.span,
                            value: Value::Scalar(scalar.clone()),
                        };
                        self.remember(anchor, &node);
                    }
                    self.name(&scalar.text, written)
                }
                _ => Err(self.name_is_no_scalar(written).into()),
            };
        }
        if anchor != 0 {
            self.remember(anchor, &node);
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(open) => {
                open.end = open.end.max(written.end);
                match &mut open.content {
                    Content::List(items) => items.push(node),
                    Content::Object(members, name) => {
                        let (name, name_span) = name.take().unwrap_or_default();
                        members.push(Member {
                            name,
                            name_span,
                            value: node,
                        });
                    }
                }
            }
        }
        Ok(())
    }

    fn remember(&mut self, anchor: usize, node: &Node) {
        self.anchors.insert(
            anchor,
            Some(Anchored {
                node: node.clone(),
                size: size(node),
            }),
        );
    }

    fn name(&mut self, text: &str, span: Span) -> Result<(), Diagnostics> {
        if let Some(open) = self.open.last_mut() {
            open.end = open.end.max(span.end);
            if let Content::Object(_, name) = &mut open.content {
                *name = Some((text.to_owned(), span));
            }
        }
        Ok(())
    }

    fn name_is_due(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| matches!(open.content, Content::Object(_, None)))
    }

    fn check_that_no_name_is_due(&self, span: Span) -> Result<(), Diagnostics> {
        if self.name_is_due() {
            Err(self.name_is_no_scalar(span).into())
        } else {
            Ok(())
        }
    }

    fn name_is_no_scalar(&self, span: Span) -> Diagnostic {
        self.error(
            "INVALID_YAML",
            "the name of a member is a list or an object",
            span,
        )
        .help("names of members are texts; put a text with braces or brackets in quotes")
    }

    fn refuse_tag(&mut self, tag: &Tag, span: Span) {
        let error = self.error(
            "YAML_TAG",
            format!("the tag `{tag}` is not supported"),
            span,
        );
        self.found.push(error.help(if is_cloudformation_function(tag) {
            "functions of CloudFormation are evaluated in whole templates only: give the template, or the document that it makes"
        } else {
            "remove the tag; only `!!str`, `!!seq` and `!!map` are understood"
        }));
    }

    fn error(&self, code: &'static str, message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic::error(code, message)
            .rule("UI-30")
            .at(self.source.place(span))
    }

    fn invalid(&self, error: &ScanError) -> Diagnostic {
        let offset = self.offsets.of(error.marker().index());
        // The scanner runs ahead of the events, and has a limit of its own.
        if error.info().contains("recursion limit") {
            return too_deep(self.source, offset, self.limits);
        }
        let length = self
            .source
            .text
            .get(offset..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        let message = format!("this is not YAML: {}", error.info());
        let help = match self.open_bracket(offset) {
            Some(bracket) => format!("{bracket} is not closed in front of it"),
            None => "check indentation, quotes and brackets; texts with `: `, ` #` or a leading `*`, `&`, `!`, `%`, `@` need quotes".to_owned(),
        };
        self.error("INVALID_YAML", message, Span::new(offset, offset + length))
            .help(help)
    }

    /// The bracket on a line above that nothing has closed: what follows it is read as its content.
    fn open_bracket(&self, offset: usize) -> Option<String> {
        let open = self.open.last()?;
        let start = open.start as usize;
        let bracket = self.source.text.get(start..)?.chars().next()?;
        let is_bracket = matches!(bracket, '[' | '{');
        let is_above = self.source.text.get(start..offset)?.contains('\n');
        let position = self
            .source
            .place(Span::new(start, start + 1))
            .locate()
            .position;
        let (line, column) = (position.line, position.column);
        (is_bracket && is_above).then(|| format!("the `{bracket}` at line {line}, column {column}"))
    }
}

/// What repeating a node costs; as deep as the reader's limit, so recursion is bounded.
fn size(node: &Node) -> Size {
    let own = Size {
        nodes: 1,
        ..Size::default()
    };
    match &node.value {
        Value::Null => own,
        Value::Scalar(scalar) => Size {
            bytes: scalar.text.len(),
            ..own
        },
        Value::Sequence(items) => items.iter().fold(Size { depth: 1, ..own }, |total, item| {
            total.around(size(item), 0)
        }),
        Value::Mapping(members) => members
            .iter()
            .fold(Size { depth: 1, ..own }, |total, member| {
                total.around(size(&member.value), member.name.len())
            }),
    }
}

impl Size {
    /// With one more child, whose name takes `name_bytes`.
    fn around(self, child: Size, name_bytes: usize) -> Size {
        Size {
            nodes: self.nodes.saturating_add(child.nodes),
            bytes: self
                .bytes
                .saturating_add(child.bytes)
                .saturating_add(name_bytes),
            depth: self.depth.max(child.depth + 1),
        }
    }
}

/// What stands under a tag, as JSON has it.
fn called(function: Option<String>, node: Node) -> Node {
    let Some(name) = function else {
        return node;
    };
    let span = node.span;
    let member = Member {
        name,
        name_span: span,
        value: node,
    };
    Node {
        span,
        value: Value::Mapping(vec![member]),
    }
}

fn is_string_tag(tag: &Tag) -> bool {
    let non_specific = tag.handle.is_empty() && tag.suffix == "!";
    non_specific || (tag.is_yaml_core_schema() && tag.suffix == "str")
}

fn is_cloudformation_function(tag: &Tag) -> bool {
    // Those of rules and of extensions of the language too.
    const FUNCTIONS: [&str; 28] = [
        "And",
        "Base64",
        "Cidr",
        "Condition",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "ForEach",
        "GetAtt",
        "GetAZs",
        "GetStackOutput",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "Ref",
        "RefAll",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
    ];
    tag.handle == "!" && FUNCTIONS.contains(&tag.suffix.as_str())
}

#[cfg(test)]
mod tests;
