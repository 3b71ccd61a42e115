//! Reading of the package's JSON. Descriptions are left where they are: only names and types are taken.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use preclear_catalog::{AccessLevel, KeyKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::model::{Action, Key, ResourceType, Service, Use};
use crate::failure::{Failure, While as _};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAction {
    name: String,
    access_level: String,
    resource_types: Vec<RawUse>,
    condition_keys: Vec<String>,
    dependent_actions: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawUse {
    name: String,
    required: bool,
    condition_keys: Vec<String>,
    dependent_actions: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawResourceType {
    key: String,
    arn: String,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct RawKey {
    key: String,
    #[serde(rename = "type")]
    kind: String,
}

/// Services of the unpacked package, by prefix.
pub(crate) fn read(package: &Path) -> Result<BTreeMap<String, Service>, Failure> {
    let data = package.join("data");
    let names: BTreeMap<String, String> = json(&data.join("serviceNames.json"))?;
    let mut services = BTreeMap::new();
    for (prefix, name) in names {
        if prefix != prefix.to_ascii_lowercase() {
            return Err(Failure::new(format!(
                "service prefix `{prefix}` is not in lower case"
            )));
        }
        let file = format!("{prefix}.json");
        let actions: BTreeMap<String, RawAction> = json(&data.join("actions").join(&file))?;
        let resource_types: BTreeMap<String, RawResourceType> =
            json(&data.join("resourceTypes").join(&file))?;
        let keys: BTreeMap<String, RawKey> = json(&data.join("conditionKeys").join(&file))?;
        let service = Service {
            name,
            actions: by_name(
                actions.into_values().map(|raw| action(&prefix, raw)),
                |action| &action.name,
            )?,
            resource_types: by_name(
                resource_types
                    .into_values()
                    .map(|raw| Ok(resource_type(raw))),
                |resource_type| &resource_type.name,
            )?,
            keys: by_name(keys.into_values().map(key), |key| &key.name)?,
            prefix: prefix.clone(),
        };
        services.insert(prefix, service);
    }
    Ok(services)
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = fs::read_to_string(path).failing_to(|| format!("read `{}`", path.display()))?;
    serde_json::from_str(&text).failing_to(|| format!("read `{}`", path.display()))
}

/// Sorts by name in lower case; two of one name are an error.
fn by_name<T>(
    items: impl Iterator<Item = Result<T, Failure>>,
    name: impl Fn(&T) -> &String,
) -> Result<BTreeMap<String, T>, Failure> {
    let mut sorted = BTreeMap::new();
    for item in items {
        let item = item?;
        let lower = name(&item).to_ascii_lowercase();
        if sorted.contains_key(&lower) {
            return Err(Failure::new(format!(
                "the package has `{}` twice",
                name(&item)
            )));
        }
        sorted.insert(lower, item);
    }
    Ok(sorted)
}

fn action(prefix: &str, raw: RawAction) -> Result<Action, Failure> {
    if !raw.dependent_actions.is_empty() && raw.resource_types.is_empty() {
        return Err(Failure::new(format!(
            "action `{prefix}:{}` has dependent actions but no resource to keep them with",
            raw.name
        )));
    }
    let mut uses: Vec<Use> = raw
        .resource_types
        .into_iter()
        .map(|used| Use {
            resource_type: used.name,
            is_required: used.required,
            keys: used.condition_keys,
            dependent_actions: raw
                .dependent_actions
                .iter()
                .cloned()
                .chain(used.dependent_actions)
                .collect(),
        })
        .collect();
    // The package lists a few uses twice.
    uses.sort();
    uses.dedup();
    Ok(Action {
        level: access_level(&raw.access_level).ok_or_else(|| {
            Failure::new(format!(
                "action `{prefix}:{}` has access level `{}`",
                raw.name, raw.access_level
            ))
        })?,
        name: raw.name,
        uses,
        keys: raw.condition_keys,
    })
}

/// The package joins the level with the plain one that it refines: `Tagging, Write`.
fn access_level(text: &str) -> Option<AccessLevel> {
    let mut level = None;
    for word in text.split(", ") {
        let next = match word {
            "Read" => AccessLevel::Read,
            "Write" => AccessLevel::Write,
            "List" => AccessLevel::List,
            "Permissions management" => AccessLevel::PermissionsManagement,
            "Tagging" => AccessLevel::Tagging,
            _ => return None,
        };
        level = match (level, next) {
            (None, next) => Some(next),
            (Some(AccessLevel::Write), next) => Some(next),
            (Some(level), AccessLevel::Write) => Some(level),
            (Some(_), _) => return None,
        };
    }
    level
}

fn resource_type(raw: RawResourceType) -> ResourceType {
    ResourceType {
        name: raw.key,
        arn_patterns: raw.arn.split(", ").map(str::to_owned).collect(),
        keys: raw.condition_keys,
    }
}

fn key(raw: RawKey) -> Result<Key, Failure> {
    let (kind, is_multivalued) = match raw.kind.strip_prefix("ArrayOf") {
        Some(kind) => (kind, true),
        None => (raw.kind.as_str(), false),
    };
    let kind = match kind {
        "String" => KeyKind::String,
        "ARN" => KeyKind::Arn,
        "Bool" => KeyKind::Bool,
        "Numeric" => KeyKind::Numeric,
        "Date" => KeyKind::Date,
        "IPAddress" => KeyKind::IpAddress,
        "Binary" => KeyKind::Binary,
        _ => {
            return Err(Failure::new(format!(
                "condition key `{}` has type `{}`",
                raw.key, raw.kind
            )));
        }
    };
    Ok(Key {
        name: raw.key,
        kinds: vec![kind],
        is_multivalued,
        may_have_several: false,
        is_global: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_refined_by_the_other_word() {
        assert_eq!(access_level("Tagging, Write"), Some(AccessLevel::Tagging));
        assert_eq!(
            access_level("Write, Permissions management"),
            Some(AccessLevel::PermissionsManagement)
        );
        assert_eq!(access_level("List"), Some(AccessLevel::List));
        assert_eq!(access_level("Read, List"), None);
        assert_eq!(access_level("Destroy"), None);
    }

    #[test]
    fn arrays_are_multivalued() {
        let raw = |kind: &str| RawKey {
            key: "a:b".to_owned(),
            kind: kind.to_owned(),
        };
        let arns = key(raw("ArrayOfARN")).expect("a key");
        assert!(arns.is_multivalued && arns.kinds == [KeyKind::Arn]);
        assert!(key(raw("Colour")).is_err());
    }
}
