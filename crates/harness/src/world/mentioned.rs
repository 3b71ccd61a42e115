//! What the policies of a document speak of: services, and condition keys with the values they are compared with.
//!
//! Requests and completions are drawn from it, so that they touch what decides.

use std::collections::BTreeMap;

use serde_json::Value;

use super::keys;
use crate::choose::Choose;

/// Condition keys in lower case, each with its operands as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentioned {
    keys: BTreeMap<String, Vec<String>>,
    /// Services of actions, as often as they are named.
    services: Vec<String>,
}

impl Mentioned {
    /// Reads every policy below these values.
    #[must_use]
    pub fn of(documents: &[&Value]) -> Mentioned {
        let mut mentioned = Mentioned::default();
        for document in documents {
            mentioned.read(document);
        }
        mentioned
    }

    /// Reads another document.
    pub(crate) fn add(&mut self, document: &Value) {
        self.read(document);
    }

    fn read(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.read(item)),
            Value::Object(members) => {
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("Condition", Value::Object(operators)) => {
                            operators.values().for_each(|keys| self.read_tests(keys));
                            self.read_variables(member);
                        }
                        ("Resource" | "NotResource", _) => self.read_variables(member),
                        ("Action" | "NotAction", _) => self.read_services(member),
                        _ => self.read(member),
                    }
                }
            }
            _ => {}
        }
    }

    fn read_tests(&mut self, keys: &Value) {
        for (key, operands) in keys.as_object().into_iter().flatten() {
            let known = self.keys.entry(key.to_ascii_lowercase()).or_default();
            let operands = operands
                .as_array()
                .map_or(std::slice::from_ref(operands), Vec::as_slice);
            known.extend(operands.iter().map(|operand| match operand {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            }));
        }
    }

    fn read_services(&mut self, actions: &Value) {
        let actions = actions
            .as_array()
            .map_or(std::slice::from_ref(actions), Vec::as_slice);
        let named = actions.iter().filter_map(Value::as_str);
        let services = named.filter_map(|action| action.split_once(':'));
        self.services
            .extend(services.map(|(service, _)| service.to_ascii_lowercase()));
    }

    fn read_variables(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                for piece in text.split("${").skip(1) {
                    let name = piece.split(['}', ',']).next().unwrap_or_default();
                    if name.contains(':') {
                        self.keys.entry(name.to_ascii_lowercase()).or_default();
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.read_variables(item)),
            Value::Object(members) => members.values().for_each(|item| self.read_variables(item)),
            _ => {}
        }
    }

    /// The keys in lower case.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// One of the services; `None` if there are none.
    pub(crate) fn one_service(&self, choices: &mut impl Choose) -> Option<&str> {
        let at = choices.below(self.services.len());
        self.services.get(at).map(String::as_str)
    }

    /// One of the keys, in lower case; `None` if there are none.
    pub(crate) fn one_key(&self, choices: &mut impl Choose) -> Option<&str> {
        self.keys().nth(choices.below(self.keys.len()))
    }

    /// A value of a key: one that some policy would find, one that requests have, or any text if values are texts.
    ///
    /// Keys of other types have values of their type: it is AWS that makes them.
    pub(crate) fn value(&self, choices: &mut impl Choose, key: &str) -> String {
        let known = keys::find(key);
        let values = known.map_or(&["a", "b"][..], |known| known.values);
        let operands = self.keys.get(&key.to_ascii_lowercase());
        let operands = operands.map_or(&[][..], Vec::as_slice);
        let usual = choices.one_of(values).unwrap_or_default();
        let weights = [4, if operands.is_empty() { 0 } else { 4 }, 1];
        let drawn = match choices.weighted(&weights) {
            1 => {
                let operand = operands.get(choices.below(operands.len()));
                let operand = operand.map_or("", String::as_str);
                // What a variable stands for is said elsewhere.
                let has_variable = operand.contains("${");
                if has_variable {
                    usual.to_owned()
                } else {
                    filled(choices, operand)
                }
            }
            2 => choices.one_of(&["zzz", "x"]).unwrap_or_default().to_owned(),
            _ => usual.to_owned(),
        };
        if known.is_none_or(|known| known.admits(&drawn)) {
            drawn
        } else {
            usual.to_owned()
        }
    }

    /// A value of the key that the operand matches; `None` if it is no value of the key's type.
    pub(crate) fn value_like(
        &self,
        choices: &mut impl Choose,
        key: &str,
        operand: &str,
    ) -> Option<String> {
        if operand.contains("${") {
            return None;
        }
        let value = filled(choices, operand);
        let is_fit = keys::find(key).is_none_or(|known| known.admits(&value));
        is_fit.then_some(value)
    }
}

/// A text that the pattern matches.
fn filled(choices: &mut impl Choose, pattern: &str) -> String {
    let run = choices.one_of(&["x", "", "a/b", "*"]).unwrap_or_default();
    pattern.replace('*', run).replace('?', "e")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::choose::Bytes;

    #[test]
    fn keys_of_conditions_and_variables_are_found_with_their_operands() {
        let document = json!({"principals": [{"policies": [{
            "Statement": {
                "Resource": ["arn:aws:s3:::b/${aws:UserName}/${aws:PrincipalTag/a, 'x'}${*}"],
                "Condition": {
                    "StringLike": {"aws:SourceVpce": "vpce-*"},
                    "Bool": {"aws:SecureTransport": [true, "${aws:referer}"]},
                },
            },
        }]}]});
        let mentioned = Mentioned::of(&[&document]);
        let keys: Vec<&str> = mentioned.keys().collect();
        let expected = [
            "aws:principaltag/a",
            "aws:referer",
            "aws:securetransport",
            "aws:sourcevpce",
            "aws:username",
        ];
        assert_eq!(keys, expected);
        let operand = mentioned.value(&mut Bytes::new(&[0, 4, 0, 0]), "aws:SourceVpce");
        assert_eq!(operand, "vpce-x");
        let operand = mentioned.value(&mut Bytes::new(&[1, 4, 1]), "aws:SecureTransport");
        assert_eq!(operand, "false");
    }
}
