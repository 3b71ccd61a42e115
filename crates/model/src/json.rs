//! JSON texts as nodes: strictly RFC 8259, with the place of every element and with duplicate members refused.
//!
//! `serde_json` decides what is JSON. The visitor here follows it with a cursor over the same text, which costs a
//! second look at white space and punctuation only. Texts without defects need not come so far: the module `tree` reads
//! them in one pass, to the same values and places.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::node::{Limits, Member, Node, Scalar, ScalarKind, Value, report_duplicates, too_deep};
use crate::source::{Source, Span};
use crate::tree;

/// Reads a JSON text. Rule: IAM-GRAM-1, IAM-GRAM-3.
///
/// # Errors
/// The first place that is not JSON, and all duplicate members in front of it.
///
/// ```
/// use std::sync::Arc;
/// use preclear_model::{Source, json};
/// let source = Arc::new(Source::new("p.json", r#"{"a": [1, "\u00e9"]}"#));
/// let tree = json::read(&source).unwrap();
/// assert_eq!(source.slice(tree.get("a").unwrap().items()[1].span), r#""\u00e9""#);
/// let twice = Arc::new(Source::new("p.json", r#"{"a": 1, "a": 2}"#));
/// assert_eq!(json::read(&twice).unwrap_err().0[0].code, "DUPLICATE_MEMBER");
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
    match tree::scan(source, limits) {
        Some(tree) => Ok(tree.root().to_node()),
        None => read_in_full(source, limits),
    }
}

/// Reads a text that may be broken in any way, and says what is wrong with it.
pub(crate) fn read_in_full(source: &Arc<Source>, limits: &Limits) -> Result<Node, Diagnostics> {
    let mut reader = Reader {
        source,
        limits,
        at: 0,
        fatal: None,
        found: Diagnostics::new(),
    };
    let mut deserializer = serde_json::Deserializer::from_str(&source.text);
    let node = NodeSeed {
        reader: &mut reader,
        depth: 0,
    }
    .deserialize(&mut deserializer)
    .and_then(|node| deserializer.end().map(|()| node));
    let Reader {
        fatal, mut found, ..
    } = reader;
    match node {
        Ok(node) if found.is_empty() => return Ok(node),
        Ok(_) => {}
        Err(error) => found.push(fatal.unwrap_or_else(|| explain(source, &error))),
    }
    found.sort();
    Err(found)
}

/// True for a text that is one JSON value; costs no memory.
pub(crate) fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// What the visitor knows while it walks.
struct Reader<'s> {
    source: &'s Arc<Source>,
    limits: &'s Limits,
    /// Offset up to which the text has been walked.
    at: usize,
    /// Why the walk was broken off, where `serde_json` does not know.
    fatal: Option<Diagnostic>,
    found: Diagnostics,
}

impl<'s> Reader<'s> {
    fn byte(&self) -> Option<u8> {
        self.source.text.as_bytes().get(self.at).copied()
    }

    /// Walks over white space, and over one separator if it comes next.
    fn skip(&mut self, separator: u8) {
        self.skip_space();
        if self.byte() == Some(separator) {
            self.at += 1;
            self.skip_space();
        }
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
    }

    /// Walks over a scalar; its span.
    fn walk(&mut self, raw: &RawValue) -> Span {
        let start = self.at;
        self.at += raw.get().len();
        debug_assert_eq!(
            self.source.text.get(start..self.at),
            Some(raw.get()),
            "the cursor follows the parser"
        );
        Span::new(start, self.at)
    }

    /// Walks over the bracket that closes what `start` opened; the span of the whole.
    fn close(&mut self, start: usize) -> Span {
        self.skip_space();
        self.at += 1;
        Span::new(start, self.at)
    }

    /// What a string says.
    fn unquote<E: serde::de::Error>(&mut self, raw: &str, span: Span) -> Result<String, E> {
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        if !inner.contains('\\') {
            return Ok(inner.to_owned());
        }
        serde_json::from_str(raw).map_err(|error| {
            // A string cannot hold line breaks, so the column is an offset in it.
            let offset = span.start as usize + error.column().saturating_sub(1);
            self.fatal = Some(invalid(self.source, offset, &reason(&error)));
            E::custom("string")
        })
    }

    fn scalar<E: serde::de::Error>(&mut self, raw: &RawValue) -> Result<Node, E> {
        let span = self.walk(raw);
        let text = raw.get();
        let (text, kind) = match text.as_bytes().first() {
            Some(b'n') => {
                return Ok(Node {
                    span,
                    value: Value::Null,
                });
            }
            Some(b'"') => (self.unquote(text, span)?, ScalarKind::Text),
            Some(b't' | b'f') => (text.to_owned(), ScalarKind::Boolean),
            _ => (text.to_owned(), ScalarKind::Number),
        };
        Ok(Node {
            span,
            value: Value::Scalar(Scalar {
                text,
                kind,
                plain: false,
            }),
        })
    }
}

/// Reads the value that comes next.
struct NodeSeed<'r, 's> {
    reader: &'r mut Reader<'s>,
    /// Lists and objects around it.
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_, '_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.reader.skip_space();
        let opening = self.reader.byte();
        if !matches!(opening, Some(b'{' | b'[')) {
            let raw = <&RawValue>::deserialize(deserializer)?;
            return self.reader.scalar(raw);
        }
        if self.depth >= self.reader.limits.depth {
            self.reader.fatal = Some(too_deep(
                self.reader.source,
                self.reader.at,
                self.reader.limits,
            ));
            return Err(D::Error::custom("depth"));
        }
        match opening {
            Some(b'{') => deserializer.deserialize_map(self),
            _ => deserializer.deserialize_seq(self),
        }
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_, '_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let NodeSeed { reader, depth } = self;
        let start = reader.at;
        reader.at += 1;
        let mut members = Vec::new();
        while let Some(raw) = map.next_key::<&RawValue>()? {
            reader.skip(b',');
            let name_span = reader.walk(raw);
            let name = reader.unquote(raw.get(), name_span)?;
            reader.skip(b':');
            let value = map.next_value_seed(NodeSeed {
                reader,
                depth: depth + 1,
            })?;
            members.push(Member {
                name,
                name_span,
                value,
            });
        }
        report_duplicates(&members, reader.source, &mut reader.found);
        Ok(Node {
            span: reader.close(start),
            value: Value::Mapping(members),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let NodeSeed { reader, depth } = self;
        let start = reader.at;
        reader.at += 1;
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Element(NodeSeed {
            reader,
            depth: depth + 1,
        }))? {
            items.push(item);
        }
        Ok(Node {
            span: reader.close(start),
            value: Value::Sequence(items),
        })
    }
}

/// Reads the next element of a list, behind its comma.
struct Element<'r, 's>(NodeSeed<'r, 's>);

impl<'de> DeserializeSeed<'de> for Element<'_, '_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.0.reader.skip(b',');
        self.0.deserialize(deserializer)
    }
}

/// What the parser says, without the position that it appends.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn explain(source: &Arc<Source>, error: &serde_json::Error) -> Diagnostic {
    let offset = if error.is_eof() {
        source.text.trim_end().len()
    } else {
        source.line_start(error.line()) + error.column().saturating_sub(1)
    };
    invalid(source, offset, &reason(error))
}

fn invalid(source: &Arc<Source>, offset: usize, reason: &str) -> Diagnostic {
    let mut start = offset.min(source.text.len());
    while !source.text.is_char_boundary(start) {
        start -= 1;
    }
    if reason.contains("control character") {
        // The parser points in front of it.
        let rest = source.text.get(start..).unwrap_or_default();
        start += rest.find(|c: char| c < ' ').unwrap_or_default();
    }
    let rest = source.text.get(start..).unwrap_or_default();
    let length = rest.chars().next().map_or(0, char::len_utf8);
    // The most common defect has a code of its own: tools can mend it.
    let code = if reason.contains("trailing comma") {
        "JSON_TRAILING_COMMA"
    } else {
        "INVALID_JSON"
    };
    Diagnostic::error(code, format!("this is not JSON: {}", in_words(reason)))
        .rule("IAM-GRAM-1")
        .at(source.place(Span::new(start, start + length)))
        .help(remedy(rest, reason))
}

/// The parser's reason without its own terms.
fn in_words(reason: &str) -> String {
    match reason {
        "expected ident" | "expected value" => "no value starts like this".to_owned(),
        "trailing characters" => "something follows the end of the value".to_owned(),
        _ => reason.replacen("EOF while parsing", "the text ends within", 1),
    }
}

/// What people mean when they write what JSON does not have.
fn remedy(rest: &str, reason: &str) -> &'static str {
    if reason.starts_with("EOF") {
        return "the text ends too early: a bracket, a brace or a quote is not closed";
    }
    if reason.contains("trailing comma") {
        return "remove the comma in front of the closing bracket";
    }
    if reason.contains("control character") {
        return "write line breaks as `\\n` and tabs as `\\t` inside strings";
    }
    if reason.contains("trailing characters") {
        return "keep one document; remove what follows it";
    }
    if rest.starts_with('\'') {
        return "put strings and names in double quotes";
    }
    if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') {
        return "remove the comment: JSON has none";
    }
    if reason.contains("key must be a string") {
        return "put the name of the member in double quotes";
    }
    if reason.contains("escape") || reason.contains("surrogate") {
        return "escape with `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` or `\\u` and four hexadecimal digits; characters above U+FFFF take a pair";
    }
    if reason.contains("invalid number") {
        return "write numbers without plus and leading zeros; put account ids in double quotes";
    }
    if reason.contains("expected `,`") {
        return "put a comma between members and between elements, and close what is open";
    }
    if reason.contains("expected `:`") {
        return "put a colon between the name and the value of a member";
    }
    "values are objects, lists, strings in double quotes, numbers, `true`, `false` and `null`"
}

#[cfg(test)]
mod tests;
