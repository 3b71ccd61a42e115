//! The members that each API request of KMS may have, and their types. Rule: UI-38.
//!
//! Knows what a request may look like, not which values KMS takes, but for the bounds of some numbers.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::action;
use crate::embedded;

/// What stands at a place of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterType {
    /// A text; bytes are written as one.
    Text,
    /// True or false.
    Flag,
    /// A whole number; KMS refuses others than these, if it says which.
    Number(Option<RangeInclusive<i64>>),
    /// A date, an instant, or seconds since 1970.
    Time,
    /// An object of texts.
    Pairs,
    /// A policy document, or the text of one.
    Document,
    /// A list of things of one type.
    List(Box<ParameterType>),
    /// An object with these members.
    Object(Members),
}

/// The members of an object, in the order of the API.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members(Vec<(String, ParameterType)>);

impl Members {
    /// Type of a member, spelled as the API does.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ParameterType> {
        let mut members = self.iter();
        members.find(|(own, _)| *own == name).map(|(_, kind)| kind)
    }

    /// Names and types.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ParameterType)> {
        self.0.iter().map(|(name, kind)| (name.as_str(), kind))
    }
}

type Operations = BTreeMap<String, Members>;

/// The tables as written: an operation's members by type, `@NAME` for an object that several have.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    objects: BTreeMap<String, Map<String, Value>>,
    operations: BTreeMap<String, Map<String, Value>>,
}

impl Table {
    fn resolved(&self) -> Result<Operations, String> {
        let operations = self.operations.iter();
        operations
            .map(|(name, members)| Ok((name.clone(), self.members(members)?)))
            .collect()
    }

    /// `@GROUP` in place of a name: one member for each condition key of that group, called as the key behind its last `:`.
    fn members(&self, written: &Map<String, Value>) -> Result<Members, String> {
        let mut members = Vec::new();
        for (name, kind) in written {
            let kind = self.kind(kind)?;
            match name.strip_prefix('@') {
                Some(group) => {
                    let keys = action::key_group(group).ok_or_else(|| name.clone())?;
                    let names = keys.iter().filter_map(|key| key.rsplit(':').next());
                    members.extend(names.map(|name| (name.to_owned(), kind.clone())));
                }
                None => members.push((name.clone(), kind)),
            }
        }
        Ok(Members(members))
    }

    fn kind(&self, written: &Value) -> Result<ParameterType, String> {
        match written {
            Value::Array(element) => match element.as_slice() {
                [element] => Ok(ParameterType::List(Box::new(self.kind(element)?))),
                _ => Err(written.to_string()),
            },
            Value::String(name) => self.named(name).ok_or_else(|| name.clone()),
            _ => Err(written.to_string()),
        }
    }

    fn named(&self, name: &str) -> Option<ParameterType> {
        Some(match name {
            "text" => ParameterType::Text,
            "flag" => ParameterType::Flag,
            "number" => ParameterType::Number(None),
            "time" => ParameterType::Time,
            "pairs" => ParameterType::Pairs,
            "document" => ParameterType::Document,
            _ => match (name.strip_prefix('@'), name.split_once("..")) {
                // An object holds no other one, so this ends.
                (Some(object), _) => {
                    ParameterType::Object(self.members(self.objects.get(object)?).ok()?)
                }
                (None, Some((from, to))) => {
                    ParameterType::Number(Some(from.parse().ok()?..=to.parse().ok()?))
                }
                (None, None) => return None,
            },
        })
    }
}

const JSON: &str = include_str!("../../data/kms/parameters.json");

static OPERATIONS: LazyLock<Operations> = LazyLock::new(|| {
    let table: Table = embedded::table(JSON);
    table.resolved().unwrap_or_default()
});

static NONE: Members = Members(Vec::new());

/// What the request of an operation may have; nothing for one that there is not.
pub(super) fn of_operation(name: &str) -> &'static Members {
    OPERATIONS.get(name).unwrap_or(&NONE)
}

#[cfg(test)]
mod tests {
    use super::super::{actions, operations, parameter_keys};
    use super::*;

    #[test]
    fn table_parses_and_names_every_operation() {
        let table: Table = embedded::try_table(JSON).expect("parameters.json parses");
        let written = table.resolved().expect("every type is one");
        let written: Vec<&str> = written.keys().map(String::as_str).collect();
        let known: Vec<&str> = operations().iter().map(|one| one.name.as_str()).collect();
        assert_eq!(written, known);
    }

    #[test]
    fn objects_are_not_nested() {
        let table: Table = embedded::try_table(JSON).expect("parameters.json parses");
        for members in table.objects.values() {
            let is_plain = |kind: &Value| !kind.to_string().contains('@');
            assert!(members.values().all(is_plain), "{members:?}");
        }
    }

    /// What a condition key or an algorithm repeats is a member of the operations that have the key. Rule: KMS-COND-0
    #[test]
    fn members_of_other_tables_are_members_here() {
        for action in actions() {
            let operations = super::super::operations_needing(&action.name);
            let has = |name: &str| {
                operations
                    .iter()
                    .any(|one| one.parameters().get(name).is_some())
            };
            let repeated = parameter_keys().filter(|(key, _)| action.takes(key));
            for (key, parameter) in repeated {
                assert!(has(&parameter.name), "{} {key}", action.name);
            }
            if let Some(parameter) = &action.algorithm {
                assert!(has(&parameter.name), "{} {}", action.name, parameter.name);
            }
            let is_attested = action.takes("kms:RecipientAttestation:PCR0");
            assert_eq!(has("Recipient"), is_attested, "{}", action.name);
            let is_alias = action.name.ends_with("Alias");
            let is_on_key = action.targets.iter().any(|target| target.is_key());
            if is_on_key && !is_alias && !action.is_permission_only {
                let is_named = has("KeyId") || has("SourceKeyId");
                assert!(is_named, "{}", action.name);
            }
        }
    }

    #[test]
    fn attested_values_are_members_of_the_recipient() {
        let Some(ParameterType::Object(recipient)) = of_operation("Decrypt").get("Recipient")
        else {
            panic!("an object")
        };
        for name in [
            "PCR0",
            "PCR31",
            "NitroTPMPCR23",
            "ImageSha384",
            "AttestationDocument",
        ] {
            assert_eq!(recipient.get(name), Some(&ParameterType::Text), "{name}");
        }
        assert_eq!(recipient.get("PRC0"), None);
    }
}
