//! The short road for request lines: no tree, no places, hardly a copy.
//!
//! It may give up on any line, and must then give `None`; what it does accept it reads exactly as the long road does. Placeholders it
//! finds only where they hide behind escapes: the text of the line shows the others.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use preclear_model::caller::Caller;
use preclear_model::node::DEPTH_MAX;
use preclear_simulator::parameters;
use preclear_simulator::request::{ContextValue, Request};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::placeholder::holds_any;
use crate::request::Draft;
use crate::settings::{AMBIGUITIES, MODES, is_clock, is_key_name};
use crate::values::{is_account_id, is_key_identifier, is_region};

/// The request of a line; `None` where the long road must look.
pub(super) fn read(text: &str, defaults: Option<&Draft>) -> Option<Request> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let draft = deserializer.deserialize_map(Line).ok()?;
    deserializer.end().ok()?;
    let request = draft.or(defaults).request().ok()?;
    parameters::mistakes(&request).is_empty().then_some(request)
}

/// Gives up: the long road finds out why.
pub(super) fn give_up<E: Error>() -> E {
    E::custom("the line needs a closer look")
}

struct Line;

impl<'de> Visitor<'de> for Line {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
        let mut draft = Draft::default();
        let mut seen = 0_u32;
        while let Some(name) = map.next_key_seed(Text)? {
            let index = MEMBERS
                .iter()
                .position(|member| *member == name)
                .ok_or_else(give_up)?;
            if seen & (1 << index) != 0 {
                return Err(give_up());
            }
            seen |= 1 << index;
            member(&mut draft, &name, &mut map)?;
        }
        Ok(draft)
    }
}

/// The members that the short road reads.
const MEMBERS: [&str; 21] = [
    "id",
    "principal",
    "action",
    "operation",
    "resource",
    "resource_account",
    "region",
    "context",
    "encryption_context",
    "grant_tokens",
    "parameters",
    "ciphertext_key",
    "unknown",
    "absent",
    "present",
    "mode",
    "ambiguity",
    "now",
    "via",
    "vpc_endpoint",
    "force_context",
];

fn member<'de, A: MapAccess<'de>>(
    draft: &mut Draft,
    name: &str,
    map: &mut A,
) -> Result<(), A::Error> {
    let settings = &mut draft.settings;
    match name {
        "id" => draft.id = Some(owned(map)?),
        "principal" => {
            let text = map.next_value_seed(Text)?;
            draft.principal = Some(Caller::parse(&text).map_err(|_| give_up())?.into());
        }
        "action" => draft.action = Some(owned(map)?),
        "operation" => draft.operation = Some(owned(map)?),
        "resource" => draft.resource = Some(owned(map)?),
        "resource_account" => draft.resource_account = Some(checked(map, is_account_id)?),
        "region" => settings.region = Some(checked(map, is_region)?),
        "context" => settings.context = map.next_value_seed(Context)?,
        "encryption_context" => draft.encryption_context = Some(map.next_value_seed(Pairs)?),
        "grant_tokens" => draft.grant_tokens = Some(map.next_value_seed(Texts)?),
        "parameters" => match map.next_value_seed(Json { depth: 0 })? {
            // A policy among them has to be parsed.
            Value::Object(members) if !members.contains_key("Policy") => {
                draft.parameters = Some(members)
            }
            _ => return Err(give_up()),
        },
        "ciphertext_key" => draft.ciphertext_key = Some(checked(map, is_key_identifier)?),
        "unknown" => settings.unknown = Some(keys(map)?),
        "absent" => settings.absent = Some(keys(map)?),
        "present" => settings.present = Some(keys(map)?),
        "mode" => settings.mode = Some(word(map, &MODES)?),
        "ambiguity" => settings.ambiguity = Some(word(map, &AMBIGUITIES)?),
        "now" => settings.now = Some(checked(map, is_clock)?),
        "via" => draft.via = Some(map.next_value_seed(OneOrMany)?),
        "vpc_endpoint" => settings.vpc_endpoint = Some(owned(map)?),
        "force_context" => draft.force_context = Some(map.next_value::<bool>()?),
        _ => return Err(give_up()),
    }
    Ok(())
}

fn owned<'de, A: MapAccess<'de>>(map: &mut A) -> Result<String, A::Error> {
    Ok(map.next_value_seed(Text)?.into_owned())
}

fn checked<'de, A: MapAccess<'de>>(
    map: &mut A,
    is_right: fn(&str) -> bool,
) -> Result<String, A::Error> {
    let text = owned(map)?;
    if is_right(&text) {
        Ok(text)
    } else {
        Err(give_up())
    }
}

fn keys<'de, A: MapAccess<'de>>(map: &mut A) -> Result<BTreeSet<String>, A::Error> {
    let names = map.next_value_seed(Texts)?;
    if names.iter().all(|name| is_key_name(name)) {
        Ok(names.into_iter().collect())
    } else {
        Err(give_up())
    }
}

fn word<'de, T: Copy, A: MapAccess<'de>>(map: &mut A, words: &[(&str, T)]) -> Result<T, A::Error> {
    let text = map.next_value_seed(Text)?;
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(give_up)
}

/// A text that was written with escapes.
fn unescaped<E: Error>(text: &str) -> Result<String, E> {
    if holds_any(text) {
        return Err(give_up());
    }
    Ok(text.to_owned())
}

/// A string, borrowed where it holds no escapes.
pub(super) struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        unescaped(text).map(Cow::Owned)
    }
}

/// A list of strings.
struct Texts;

impl<'de> DeserializeSeed<'de> for Texts {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Texts {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = list.next_element_seed(Text)? {
            texts.push(text.into_owned());
        }
        Ok(texts)
    }
}

/// A string, or a list of them.
struct OneOrMany;

impl<'de> DeserializeSeed<'de> for OneOrMany {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(vec![text.to_owned()])
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(vec![unescaped(text)?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Texts.visit_seq(list)
    }
}

/// Names and scalars, such as an encryption context.
struct Pairs;

impl<'de> DeserializeSeed<'de> for Pairs {
    type Value = BTreeMap<String, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Pairs {
    type Value = BTreeMap<String, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = BTreeMap::new();
        while let Some(name) = map.next_key_seed(Text)? {
            let ContextValue::One(value) = map.next_value_seed(Key)? else {
                return Err(give_up());
            };
            if pairs.insert(name.into_owned(), value).is_some() {
                return Err(give_up());
            }
        }
        Ok(pairs)
    }
}

/// Context keys with their values.
struct Context;

impl<'de> DeserializeSeed<'de> for Context {
    type Value = BTreeMap<String, ContextValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Context {
    type Value = BTreeMap<String, ContextValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut context = BTreeMap::new();
        while let Some(name) = map.next_key_seed(Text)? {
            let value = map.next_value_seed(Key)?;
            if !is_key_name(&name) || context.insert(name.into_owned(), value).is_some() {
                return Err(give_up());
            }
        }
        Ok(context)
    }
}

/// The value of a context key: a scalar, or a list of scalars.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = ContextValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = ContextValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar or a list of scalars")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<ContextValue, E> {
        Ok(ContextValue::One(text.to_owned()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ContextValue, E> {
        unescaped(text).map(ContextValue::One)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<ContextValue, E> {
        Ok(ContextValue::One(value.to_string()))
    }

    // Other numbers may be written in more than one way, and the text counts.
    fn visit_u64<E: Error>(self, value: u64) -> Result<ContextValue, E> {
        Ok(ContextValue::One(value.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ContextValue, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Self)? {
            let ContextValue::One(value) = value else {
                return Err(give_up());
            };
            values.push(value);
        }
        Ok(ContextValue::Many(values))
    }
}

/// Any JSON, with members that stand twice refused.
struct Json {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Json {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth >= DEPTH_MAX {
            return Err(give_up());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        unescaped(text).map(Value::String)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Self {
            depth: self.depth + 1,
        })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key_seed(Text)? {
            let value = map.next_value_seed(Self {
                depth: self.depth + 1,
            })?;
            if members.insert(name.into_owned(), value).is_some() {
                return Err(give_up());
            }
        }
        Ok(Value::Object(members))
    }
}
