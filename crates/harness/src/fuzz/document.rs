//! Documents in JSON and YAML: what the reader makes of them, against `serde_json`.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use preclear_model::{
    Diagnostics, Limits, Node, Place, Scalar, ScalarKind, Source, Value as NodeValue, json, node,
    yaml,
};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Finding, hold, place, same};

/// Depth to which readers promise to read.
const DEPTH_MAX: usize = Limits::FILE.depth;

/// Reads a text as JSON and as whatever it is, and holds the result against `serde_json`'s.
pub(super) fn check(text: &str) -> Result<(), Finding> {
    let source = Arc::new(Source::new("d.json", text));
    let read = json::read(&source);
    if let Err(found) = &read {
        place::check(found)?;
        hold(found.has_errors(), || {
            format!("refused without error: {text:?}")
        })?;
    }
    let shape = serde_json::from_str::<Shape>(&source.text);
    match (&read, &shape) {
        (Ok(node), Ok(shape)) => {
            hold(shape.is_readable(), || {
                format!("accepted: {text:?} {shape:?}")
            })?;
            spans_hold(node, &source, true)?;
            agree(node, &source)?;
            written_again(node)?;
        }
        // Numbers are texts here, whatever a machine makes of them.
        (Ok(_), Err(error)) if error.to_string().starts_with("number out of range") => {}
        (Ok(_), Err(error)) => {
            return Err(Finding::new(format!(
                "{text:?} is read, and serde_json refuses it: {error}"
            )));
        }
        (Err(found), Ok(shape)) => hold(!shape.is_readable(), || {
            format!("serde_json reads {text:?}: {found}")
        })?,
        (Err(_), Err(_)) => {}
    }
    any_notation(text, read.as_ref().ok())
}

/// As YAML, or whatever the text looks like.
fn any_notation(text: &str, as_json: Option<&Node>) -> Result<(), Finding> {
    let source = Arc::new(Source::new("d.yaml", text));
    for read in [node::read(&source), yaml::read(&source)] {
        match read {
            Ok(node) => spans_hold(&node, &source, false)?,
            Err(found) => place::check(&found)?,
        }
    }
    if let (Some(as_json), Ok(as_yaml)) = (as_json, yaml::read(&source)) {
        // JSON is YAML, but for what the reader of YAML refuses.
        same(
            || format!("{text:?} as JSON and as YAML"),
            &as_json.to_json(),
            &as_yaml.to_json(),
        )?;
    }
    Ok(())
}

/// Every element stands in the text, in the order of the text, inside of what it is in.
fn spans_hold(node: &Node, source: &Arc<Source>, is_json: bool) -> Result<(), Finding> {
    place::inside(&source.place(node.span))?;
    let mut at = node.span.start;
    let children = node.items().iter().map(|item| (None, item));
    let members = node.members().iter();
    for (name, child) in children.chain(members.map(|member| (Some(member), &member.value))) {
        if let Some(member) = name {
            place::inside(&source.place(member.name_span))?;
        }
        if is_json {
            // Aliases of YAML stand elsewhere.
            let first = name.map_or(child.span, |member| member.name_span);
            let is_in = at <= first.start && child.span.end <= node.span.end;
            hold(is_in, || {
                format!("{child:?} is not in its place in {:?}", source.text)
            })?;
            at = child.span.end;
        }
        spans_hold(child, source, is_json)?;
    }
    Ok(())
}

/// The element says what `serde_json` reads at its place.
fn agree(node: &Node, source: &Arc<Source>) -> Result<(), Finding> {
    let slice = source.slice(node.span);
    let told = |error| Finding::new(format!("{slice:?} at {node:?}: {error}"));
    match &node.value {
        NodeValue::Scalar(Scalar {
            text,
            kind: ScalarKind::Number,
            ..
        }) => return same(|| "a number as written".to_owned(), &text.as_str(), &slice),
        NodeValue::Sequence(items) => {
            let raw: Vec<&RawValue> = serde_json::from_str(slice).map_err(told)?;
            let spans: Vec<&str> = items.iter().map(|item| source.slice(item.span)).collect();
            let raw: Vec<&str> = raw.iter().map(|raw| raw.get()).collect();
            same(|| format!("elements of {slice:?}"), &raw, &spans)?;
            items.iter().try_for_each(|item| agree(item, source))?;
        }
        NodeValue::Mapping(members) => {
            let raw: Members<'_> = serde_json::from_str(slice).map_err(told)?;
            let own: Vec<(String, &str)> = members
                .iter()
                .map(|member| (member.name.clone(), source.slice(member.value.span)))
                .collect();
            same(|| format!("members of {slice:?}"), &raw.0, &own)?;
            for member in members {
                let name: String =
                    serde_json::from_str(source.slice(member.name_span)).map_err(told)?;
                same(|| "a name at its place".to_owned(), &name, &member.name)?;
                agree(&member.value, source)?;
            }
        }
        NodeValue::Null | NodeValue::Scalar(_) => {
            let value: Value = serde_json::from_str(slice).map_err(told)?;
            same(|| format!("value of {slice:?}"), &value, &node.to_json())?;
        }
    }
    Ok(())
}

/// Written again without white space, the document says the same.
fn written_again(node: &Node) -> Result<(), Finding> {
    let written = write(node);
    let again = Arc::new(Source::new("again.json", written.as_str()));
    let read = json::read(&again)
        .map_err(|found| Finding::new(format!("{written:?}, written by itself: {found}")))?;
    same(
        || format!("{written:?} written again"),
        &write(&read),
        &written,
    )?;
    same(
        || format!("{written:?} as values"),
        &read.to_json(),
        &node.to_json(),
    )
}

/// The document as JSON without white space; numbers stay as they are written.
pub(super) fn write(node: &Node) -> String {
    let mut written = String::new();
    write_to(node, &mut written);
    written
}

fn write_to(node: &Node, out: &mut String) {
    let quoted = |text: &str| Value::from(text).to_string();
    match &node.value {
        NodeValue::Null => out.push_str("null"),
        NodeValue::Scalar(Scalar { text, kind, .. }) => match kind {
            ScalarKind::Text => out.push_str(&quoted(text)),
            ScalarKind::Number | ScalarKind::Boolean => out.push_str(text),
        },
        NodeValue::Sequence(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_to(item, out);
            }
            out.push(']');
        }
        NodeValue::Mapping(members) => {
            out.push('{');
            for (index, member) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(&member.name));
                out.push(':');
                write_to(&member.value, out);
            }
            out.push('}');
        }
    }
}

/// True where something stands without quotes, and is not `null`.
pub(super) fn has_numbers_or_booleans(node: &Node) -> bool {
    let is_bare = node
        .as_scalar()
        .is_some_and(|scalar| scalar.kind != ScalarKind::Text);
    let members = node.members().iter().map(|member| &member.value);
    is_bare
        || node
            .items()
            .iter()
            .chain(members)
            .any(has_numbers_or_booleans)
}

/// What is said, without places: a stand-in for a whole document where notations are compared.
pub(super) fn in_brief(found: &Diagnostics) -> Vec<(String, String)> {
    let brief = found.iter().map(|finding| {
        let rule = finding.rule.unwrap_or_default();
        (format!("{} {rule}", finding.code), finding.message.clone())
    });
    brief.collect()
}

/// True where the innermost text at a place is, letter by letter or escaped, what stands at its outermost place.
pub(super) fn is_quoted_at(inner: &Place) -> bool {
    let outer = inner.outermost();
    let unescaped = serde_json::from_str::<String>(&format!("\"{}\"", outer.text()));
    unescaped.is_ok_and(|text| text == inner.text())
}

/// Members of an object, each with the text of its value.
struct Members<'t>(Vec<(String, &'t str)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut all = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    all.push((name, value.get()));
                }
                Ok(Members(all))
            }
        }
        deserializer.deserialize_map(All)
    }
}

/// What makes a JSON text one that is refused all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Shape {
    depth: usize,
    has_duplicates: bool,
}

impl Shape {
    /// Rule: IAM-GRAM-1, IAM-GRAM-3.
    fn is_readable(&self) -> bool {
        self.depth <= DEPTH_MAX && !self.has_duplicates
    }

    fn around(inner: Shape, own: Shape) -> Shape {
        Shape {
            depth: own.depth.max(inner.depth + 1),
            has_duplicates: own.has_duplicates || inner.has_duplicates,
        }
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;
        impl<'de> Visitor<'de> for Look {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
                Ok(Shape::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
                Ok(Shape::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
                Ok(Shape::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
                Ok(Shape::default())
            }

            fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
                Ok(Shape::default())
            }

            fn visit_unit<E>(self) -> Result<Shape, E> {
                Ok(Shape::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
                let mut own = Shape {
                    depth: 1,
                    ..Shape::default()
                };
                while let Some(inner) = list.next_element()? {
                    own = Shape::around(inner, own);
                }
                Ok(own)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
                let mut own = Shape {
                    depth: 1,
                    ..Shape::default()
                };
                let mut names = BTreeSet::new();
                while let Some((name, inner)) = map.next_entry::<String, Shape>()? {
                    own = Shape::around(inner, own);
                    own.has_duplicates |= !names.insert(name);
                }
                Ok(own)
            }
        }
        deserializer.deserialize_any(Look)
    }
}
