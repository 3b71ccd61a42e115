//! What goes into the catalogue: services as the package has them, with the hand-kept tables laid over.

use std::collections::BTreeMap;

use preclear_catalog::{AccessLevel, KeyKind, globals, kms};

use crate::failure::Failure;

/// A service; names in the maps are in lower case.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) prefix: String,
    pub(crate) name: String,
    pub(crate) actions: BTreeMap<String, Action>,
    pub(crate) resource_types: BTreeMap<String, ResourceType>,
    pub(crate) keys: BTreeMap<String, Key>,
}

#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) name: String,
    pub(crate) level: AccessLevel,
    pub(crate) uses: Vec<Use>,
    pub(crate) keys: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    pub(crate) resource_type: String,
    pub(crate) is_required: bool,
    pub(crate) keys: Vec<String>,
    pub(crate) dependent_actions: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct ResourceType {
    pub(crate) name: String,
    pub(crate) arn_patterns: Vec<String>,
    pub(crate) keys: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) kinds: Vec<KeyKind>,
    pub(crate) is_multivalued: bool,
    pub(crate) may_have_several: bool,
    pub(crate) is_global: bool,
}

/// Lays the hand-kept table of KMS over the package's: actions and condition keys of actions that it lacks.
pub(crate) fn add_kms(services: &mut BTreeMap<String, Service>) -> Result<(), Failure> {
    let service = services
        .get_mut("kms")
        .ok_or_else(|| Failure::new("the package has no service `kms`"))?;
    for action in kms::actions() {
        let listed = service.actions.entry(action.name.to_ascii_lowercase());
        let listed = listed.or_insert_with(|| Action {
            name: action.name.clone(),
            level: action.level,
            uses: vec![Use {
                resource_type: "key".to_owned(),
                is_required: true,
                keys: Vec::new(),
                dependent_actions: Vec::new(),
            }],
            keys: Vec::new(),
        });
        // The writer drops those that the resource type has anyway.
        listed.keys.extend(action.condition_keys.iter().cloned());
    }
    Ok(())
}

/// Every condition key once, by its name in lower case. Rule: IAM-COND-5
///
/// Global keys come from their hand-kept table. Where services disagree, the one whose prefix the key has is right.
pub(crate) fn condition_keys(services: &BTreeMap<String, Service>) -> BTreeMap<String, Key> {
    let mut keys: BTreeMap<String, Key> = BTreeMap::new();
    for service in services.values() {
        for (lower, key) in &service.keys {
            let is_own = lower
                .split_once(':')
                .is_some_and(|(prefix, _)| prefix == service.prefix);
            if is_own || !keys.contains_key(lower) {
                keys.insert(lower.clone(), key.clone());
            }
        }
    }
    for global in globals::keys() {
        let key = Key {
            name: global.name.clone(),
            kinds: global.kinds.clone(),
            is_multivalued: global.is_multivalued,
            may_have_several: false,
            is_global: true,
        };
        keys.insert(global.name.to_ascii_lowercase(), key);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(prefix: &str, keys: &[(&str, KeyKind)]) -> (String, Service) {
        let keys = keys.iter().map(|(name, kind)| {
            let key = Key {
                name: (*name).to_owned(),
                kinds: vec![*kind],
                is_multivalued: false,
                may_have_several: false,
                is_global: false,
            };
            (name.to_ascii_lowercase(), key)
        });
        let service = Service {
            prefix: prefix.to_owned(),
            name: prefix.to_owned(),
            actions: BTreeMap::new(),
            resource_types: BTreeMap::new(),
            keys: keys.collect(),
        };
        (prefix.to_owned(), service)
    }

    #[test]
    fn the_own_service_is_right_about_its_keys() {
        for order in [["a", "owner"], ["owner", "z"]] {
            let services: BTreeMap<_, _> = order
                .into_iter()
                .map(|prefix| {
                    let kind = if prefix == "owner" {
                        KeyKind::Bool
                    } else {
                        KeyKind::String
                    };
                    service(prefix, &[("owner:Key", kind)])
                })
                .collect();
            assert_eq!(
                condition_keys(&services)["owner:key"].kinds,
                [KeyKind::Bool]
            );
        }
    }

    #[test]
    fn services_cannot_change_global_keys() {
        let services = BTreeMap::from([service("aws", &[("aws:TagKeys", KeyKind::Bool)])]);
        let keys = condition_keys(&services);
        assert_eq!(keys["aws:tagkeys"].kinds, [KeyKind::String]);
        assert!(keys["aws:tagkeys"].is_multivalued && keys["aws:tagkeys"].is_global);
    }
}
