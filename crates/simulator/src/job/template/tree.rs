//! Reads values off a tree of JSON or YAML, so that every error has its place and is told in words for people.

use std::fmt;

use preclear_model::near::nearest;
use preclear_model::node::{Member, ScalarKind, Value};
use preclear_model::{Node, Span};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};

/// What is wrong with a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misread {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// Where; the innermost element that is known.
    pub(crate) span: Option<Span>,
}

/// Reads a value.
///
/// # Errors
///
/// The first thing that is wrong.
pub(crate) fn read<T: DeserializeOwned>(tree: &Node) -> Result<T, Misread> {
    T::deserialize(Element(tree)).map_err(|error| error.at(opening(tree)))
}

impl Misread {
    fn new(message: String) -> Self {
        Self {
            message,
            help: None,
            span: None,
        }
    }

    /// An error that knows its place keeps it.
    fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }

    /// A name that is none of these.
    fn unknown(message: String, name: &str, known: &[&str]) -> Self {
        let list = || format!("there are: {}", known.join(", "));
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => Some(format!("did you mean `{near}`? {}", list())),
            None if known.is_empty() => None,
            None => Some(list()),
        };
        Self {
            help,
            ..Self::new(message)
        }
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misread {}

impl serde::de::Error for Misread {
    /// A message; behind a line break what to do.
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        match text.split_once('\n') {
            Some((message, help)) => Self {
                help: Some(help.to_owned()),
                ..Self::new(message.to_owned())
            },
            None => Self::new(text),
        }
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Unit | Unexpected::Option => "nothing (`null`)".to_owned(),
            Unexpected::Seq => "a list".to_owned(),
            Unexpected::Map => "an object".to_owned(),
            Unexpected::Str(text) => format!("the text `{text}`"),
            Unexpected::Bool(value) => format!("`{value}`"),
            Unexpected::Unsigned(number) => format!("the number {number}"),
            other => other.to_string(),
        };
        let wanted = in_words(&wanted.to_string());
        Self::new(format!("here stands {found}; it must be {wanted}"))
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::invalid_type(found, wanted)
    }

    fn invalid_length(length: usize, wanted: &dyn Expected) -> Self {
        let wanted = in_words(&wanted.to_string());
        Self::new(format!(
            "the list has {length} elements; it must be {wanted}"
        ))
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> Self {
        Self::unknown(format!("`{name}` is not known here"), name, known)
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::unknown(format!("there is no member `{name}` here"), name, known)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(format!("the member `{name}` is missing"))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(format!("the member `{name}` stands here twice"))
    }
}

/// What the reader of a type calls it, as people do.
fn in_words(wanted: &str) -> String {
    let digits = |text: &str| text.chars().find(char::is_ascii_digit);
    match wanted {
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        "a string" => "a text".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        _ if wanted.starts_with("enum ") || wanted == "variant identifier" => {
            "a word, or an object with one member".to_owned()
        }
        _ if wanted.contains("tuple") => match digits(wanted) {
            Some(count) => format!("a list of {count}"),
            None => "a list".to_owned(),
        },
        _ if wanted.starts_with("struct ") => "an object".to_owned(),
        other => other.to_owned(),
    }
}

/// What is marked of an element: all of a scalar, of anything larger the first character.
fn opening(node: &Node) -> Span {
    let start = node.span.start;
    match node.as_scalar() {
        Some(_) => node.span,
        None => Span {
            start,
            end: node.span.end.min(start.saturating_add(1)),
        },
    }
}

fn unexpected(node: &Node) -> Unexpected<'_> {
    match &node.value {
        Value::Null => Unexpected::Unit,
        Value::Sequence(_) => Unexpected::Seq,
        Value::Mapping(_) => Unexpected::Map,
        Value::Scalar(scalar) => match scalar.kind {
            ScalarKind::Text => Unexpected::Str(&scalar.text),
            ScalarKind::Number => Unexpected::Other("a number"),
            ScalarKind::Boolean => Unexpected::Bool(node.as_bool().unwrap_or_default()),
        },
    }
}

/// An element of the tree.
#[derive(Clone, Copy)]
struct Element<'n>(&'n Node);

impl<'n> Element<'n> {
    fn wrong<T>(self, wanted: &dyn Expected) -> Result<T, Misread> {
        let error: Misread = serde::de::Error::invalid_type(unexpected(self.0), wanted);
        Err(error.at(opening(self.0)))
    }

    fn list<'de, V: Visitor<'de>>(
        self,
        items: &'n [Node],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        let mut list = Items { left: items.iter() };
        let wanted = visitor_words(&visitor);
        let value = visitor
            .visit_seq(&mut list)
            .map_err(|error| error.at(opening(self.0)))?;
        match list.left.next() {
            None => Ok(value),
            Some(more) => {
                let message = format!("the list has {} elements; it must be {wanted}", items.len());
                Err(Misread::new(message).at(opening(more)))
            }
        }
    }

    fn object<'de, V: Visitor<'de>>(
        self,
        members: &'n [Member],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        let mut object = Members {
            left: members.iter(),
            value: None,
        };
        let value = visitor
            .visit_map(&mut object)
            .map_err(|error| error.at(opening(self.0)))?;
        match object.left.next() {
            None => Ok(value),
            Some(more) => {
                let message = format!(
                    "`{}` is one member too many: one says what it is",
                    more.name
                );
                Err(Misread::new(message).at(more.name_span))
            }
        }
    }
}

/// What a visitor expects.
fn visitor_words<'de, V: Visitor<'de>>(visitor: &V) -> String {
    struct Words<'v, V>(&'v V);
    impl<'de, V: Visitor<'de>> fmt::Display for Words<'_, &V> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.expecting(f)
        }
    }
    in_words(&Words(&visitor).to_string())
}

impl<'de> Deserializer<'de> for Element<'_> {
    type Error = Misread;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        if let Some(text) = self.0.as_text() {
            return visitor
                .visit_str(text)
                .map_err(|error: Misread| error.at(self.0.span));
        }
        match &self.0.value {
            Value::Null => visitor
                .visit_unit()
                .map_err(|error: Misread| error.at(opening(self.0))),
            Value::Sequence(items) => self.list(items, visitor),
            Value::Mapping(members) => self.object(members, visitor),
            Value::Scalar(_) => match self.0.as_bool() {
                Some(value) => visitor
                    .visit_bool(value)
                    .map_err(|error: Misread| error.at(self.0.span)),
                None => self.wrong(&visitor),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.0.as_bool() {
            Some(value) => visitor.visit_bool(value),
            None => self.wrong(&visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        let named = match (&self.0.value, self.0.as_text()) {
            (_, Some(text)) => Named {
                name: text,
                span: self.0.span,
                value: None,
            },
            (Value::Mapping(members), _) => match members.as_slice() {
                [one] => Named {
                    name: &one.name,
                    span: one.name_span,
                    value: Some(&one.value),
                },
                [] => {
                    let help = format!("there are: {}", known.join(", "));
                    let error =
                        Misread::new("the object has no member that says what it is".to_owned());
                    let error = Misread {
                        help: Some(help),
                        ..error
                    };
                    return Err(error.at(opening(self.0)));
                }
                [_, more, ..] => {
                    let message = format!(
                        "`{}` is one member too many: one says what it is",
                        more.name
                    );
                    return Err(Misread::new(message).at(more.name_span));
                }
            },
            _ => return self.wrong(&"a word, or an object with one member"),
        };
        visitor
            .visit_enum(named)
            .map_err(|error| error.at(opening(self.0)))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// What is left of a list.
struct Items<'n> {
    left: std::slice::Iter<'n, Node>,
}

impl<'de> SeqAccess<'de> for &mut Items<'_> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misread> {
        let Some(item) = self.left.next() else {
            return Ok(None);
        };
        seed.deserialize(Element(item))
            .map(Some)
            .map_err(|error| error.at(opening(item)))
    }
}

/// What is left of an object.
struct Members<'n> {
    left: std::slice::Iter<'n, Member>,
    /// The value of the member whose name was read last.
    value: Option<&'n Member>,
}

impl<'de> MapAccess<'de> for &mut Members<'_> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misread> {
        let Some(member) = self.left.next() else {
            return Ok(None);
        };
        self.value = Some(member);
        let name: serde::de::value::StrDeserializer<'_, Misread> =
            member.name.as_str().into_deserializer();
        seed.deserialize(name)
            .map(Some)
            .map_err(|error| error.at(member.name_span))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misread> {
        let Some(member) = self.value.take() else {
            return Err(Misread::new("a member has no value".to_owned()));
        };
        seed.deserialize(Element(&member.value))
            .map_err(|error| error.at(opening(&member.value)))
    }
}

/// A word, with what belongs to it.
struct Named<'n> {
    name: &'n str,
    span: Span,
    value: Option<&'n Node>,
}

impl<'de, 'n> EnumAccess<'de> for Named<'n> {
    type Error = Misread;
    type Variant = Content<'n>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content<'n>), Misread> {
        let name: serde::de::value::StrDeserializer<'_, Misread> = self.name.into_deserializer();
        let variant = seed
            .deserialize(name)
            .map_err(|error| error.at(self.span))?;
        let content = Content {
            name: self.name,
            span: self.span,
            value: self.value,
        };
        Ok((variant, content))
    }
}

/// What belongs to a word.
struct Content<'n> {
    name: &'n str,
    span: Span,
    value: Option<&'n Node>,
}

impl<'n> Content<'n> {
    fn element(self) -> Result<Element<'n>, Misread> {
        let Self { name, span, value } = self;
        let missing = || {
            Misread::new(format!(
                "`{name}` is an object with this member: it needs a value"
            ))
        };
        value.map(Element).ok_or_else(|| missing().at(span))
    }
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Misread;

    fn unit_variant(self) -> Result<(), Misread> {
        match self.value {
            None => Ok(()),
            Some(node) if node.is_null() => Ok(()),
            Some(node) => {
                let message = format!("`{}` stands alone: it takes no value", self.name);
                Err(Misread::new(message).at(opening(node)))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misread> {
        let element = self.element()?;
        seed.deserialize(element)
            .map_err(|error| error.at(opening(element.0)))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misread> {
        self.element()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.element()?.deserialize_any(visitor)
    }
}
