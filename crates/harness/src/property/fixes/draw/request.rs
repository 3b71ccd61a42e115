//! An API request of the members that a template declares, with values that name things of the world.

use serde_json::{Map, Value, json};

use super::stock;
use crate::choose::Choose;
use crate::fuzz::job::template::{self, Template};

/// A request, and the template that it follows.
pub(super) struct Request {
    shape: &'static Map<String, Value>,
    /// Texts that the template compares members with.
    compared: Vec<String>,
    members: Value,
}

impl Request {
    pub(super) fn draw(choices: &mut impl Choose, template: &Template) -> Request {
        let mut request = Request {
            shape: template.fields,
            compared: template.compared(),
            members: Value::Null,
        };
        request.members = request.object(choices, template.fields);
        request
    }

    pub(super) fn members(&self) -> Value {
        self.members.clone()
    }

    /// Draws members again that are wrong, or, where none is named, everything.
    pub(super) fn repair(&mut self, choices: &mut impl Choose, fields: &[Option<String>]) {
        let (shape, mut members) = (self.shape, self.members.take());
        for field in fields {
            let is_repaired = field.as_ref().is_some_and(|path| {
                let names: Vec<&str> = path.split('.').collect();
                self.again(choices, &mut members, shape, &names)
            });
            if !is_repaired {
                members = self.object(choices, shape);
            }
        }
        self.members = members;
    }

    /// Draws the member at a path again, or leaves it out. False if there is no such member.
    fn again(
        &self,
        choices: &mut impl Choose,
        members: &mut Value,
        shape: &Map<String, Value>,
        path: &[&str],
    ) -> bool {
        let Some((name, rest)) = path.split_first() else {
            return false;
        };
        let name = name.split('[').next().unwrap_or(name);
        let Some((is_required, own)) = declared(shape, name) else {
            return false;
        };
        let inner = match own {
            Value::Array(elements) => elements.first().and_then(Value::as_object),
            own => own.as_object(),
        };
        let present = members.get_mut(name).and_then(|value| match value {
            Value::Array(values) => values.first_mut(),
            value => Some(value),
        });
        if let (Some(inner), Some(present), false) = (inner, present, rest.is_empty()) {
            return self.again(choices, present, inner, rest);
        }
        let Some(members) = members.as_object_mut() else {
            return false;
        };
        if !is_required && members.contains_key(name) && choices.once_in(2) {
            members.shift_remove(name);
        } else {
            members.insert(name.to_owned(), self.value(choices, name, own));
        }
        true
    }

    fn object(&self, choices: &mut impl Choose, shape: &Map<String, Value>) -> Value {
        let mut members = Map::new();
        for (written, shape) in shape {
            let (name, is_required) = template::member(written);
            // Keys, roles and places are what jobs are about.
            let is_of_note = shape
                .as_str()
                .is_none_or(|kind| !matches!(kind, "text" | "number" | "boolean" | "map"));
            let is_there = is_required || choices.once_in(if is_of_note { 2 } else { 4 });
            if is_there {
                members.insert(name.to_owned(), self.value(choices, name, shape));
            }
        }
        Value::Object(members)
    }

    fn value(&self, choices: &mut impl Choose, name: &str, shape: &Value) -> Value {
        let kind = match shape {
            Value::Object(shape) => return self.object(choices, shape),
            Value::Array(shape) => {
                let element = shape.first().unwrap_or(&Value::Null);
                let count = 1 + choices.weighted(&[4, 1]);
                return (0..count)
                    .map(|_| self.value(choices, name, element))
                    .collect();
            }
            shape => shape.as_str().unwrap_or_default(),
        };
        let text = match kind {
            "number" => return json!(1 + choices.below(20)),
            "boolean" => return json!(!choices.once_in(2)),
            "map" if name == "RequestItems" => {
                let table = "arn:aws:dynamodb:us-west-2:111122223333:table/t1";
                return json!({(choices.one_of(&["t1", table]).unwrap_or(table)): {}});
            }
            "map" => return json!({}),
            "account" => choices.one_of(&stock::ACCOUNTS),
            "session_policy" => choices.one_of(&stock::SESSION_POLICIES),
            "role_arn" => choices.one_of(&stock::ROLES),
            "s3_uri" => choices.one_of(&stock::URIS),
            "key" => choices.one_of(&stock::KEY_NAMES),
            "key_arn" => choices.one_of(&[stock::KEYS[0].0, stock::KEYS[1].0, stock::KEYS[2].0]),
            "key_id_or_arn" => choices.one_of(&stock::KEY_NAMES[..3]),
            "arn" => choices.one_of(by_name(&stock::ARNS, name).unwrap_or(&stock::ANY_ARN)),
            _ => match by_name(&stock::TEXTS, name) {
                Some(texts) => choices.one_of(texts),
                None if choices.once_in(2) => return self.compared_text(choices),
                None => choices.one_of(&stock::ANY_TEXT),
            },
        };
        json!(text.unwrap_or_default())
    }

    /// A text on which something in the template turns.
    fn compared_text(&self, choices: &mut impl Choose) -> Value {
        let at = choices.below(self.compared.len());
        let text = self.compared.get(at).map(String::as_str);
        json!(text.unwrap_or(stock::ANY_TEXT[0]))
    }
}

/// Whether a member is demanded, and its shape.
fn declared<'s>(shape: &'s Map<String, Value>, name: &str) -> Option<(bool, &'s Value)> {
    let mut members = shape
        .iter()
        .map(|(written, shape)| (template::member(written), shape));
    let found = members.find(|((own, _), _)| *own == name);
    found.map(|((_, is_required), shape)| (is_required, shape))
}

fn by_name<'v>(values: &[(&str, &'v [&'v str])], name: &str) -> Option<&'v [&'v str]> {
    let mut values = values.iter();
    let found = values.find(|(part, _)| name.contains(part));
    found.map(|(_, texts)| *texts)
}
