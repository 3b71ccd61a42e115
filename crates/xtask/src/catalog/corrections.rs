//! Corrections of the package, from a hand-kept table in which each has its reason.
//!
//! A correction that changes nothing is refused: the package has caught up, and the row can go.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use preclear_catalog::KeyKind;
use serde::Deserialize;

use super::model::{Action, Key, ResourceType, Service, Use};
use crate::failure::{Failure, While as _};

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Corrections {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    #[serde(default)]
    keys: Vec<KeyCorrection>,
    #[serde(default)]
    families: Vec<Family>,
    #[serde(default)]
    older_names: Vec<OlderName>,
    #[serde(default)]
    resource_types: Vec<ResourceTypeCorrection>,
    #[serde(default)]
    actions: Vec<ActionCorrection>,
}

/// Type and arity of a condition key, or a key that the package lacks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyCorrection {
    name: String,
    /// The service that lists the key, where that is not the one of its prefix.
    service: Option<String>,
    kinds: Vec<KeyKind>,
    multivalued: bool,
    #[serde(default)]
    may_have_several: bool,
    #[serde(default)]
    added: bool,
    #[serde(rename = "why")]
    _why: String,
}

/// A condition key that stands for a family and does not say so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    service: String,
    name: String,
    family: String,
    #[serde(rename = "why")]
    _why: String,
}

/// A condition key that requests carry wherever they carry the present one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OlderName {
    service: String,
    name: String,
    present: String,
    #[serde(rename = "why")]
    _why: String,
}

/// A resource type that the package lacks, or condition keys of one that it has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceTypeCorrection {
    service: String,
    name: String,
    /// Forms of its ARNs, if it is new.
    #[serde(default)]
    arns: Vec<String>,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(rename = "why")]
    _why: String,
}

/// Condition keys and resource types that an action takes besides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionCorrection {
    name: String,
    #[serde(default)]
    keys: Vec<String>,
    /// With them no resource type is required any more: a call names one of several.
    #[serde(default)]
    resources: Vec<String>,
    #[serde(rename = "why")]
    _why: String,
}

impl Corrections {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let json = fs::read_to_string(path).failing_to(|| format!("read `{}`", path.display()))?;
        serde_json::from_str(&json).failing_to(|| format!("read `{}`", path.display()))
    }

    /// Lays the table over the package's services.
    pub(crate) fn apply(self, services: &mut BTreeMap<String, Service>) -> Result<(), Failure> {
        for row in self.keys {
            row.apply(services)?;
        }
        for row in self.families {
            row.apply(services)?;
        }
        for row in self.older_names {
            row.apply(services)?;
        }
        for row in self.resource_types {
            row.apply(services)?;
        }
        for row in self.actions {
            row.apply(services)?;
        }
        Ok(())
    }
}

fn service_of<'s>(
    services: &'s mut BTreeMap<String, Service>,
    prefix: &str,
    whose: &str,
) -> Result<&'s mut Service, Failure> {
    let service = services.get_mut(prefix);
    service.ok_or_else(|| Failure::new(format!("no service has `{whose}`")))
}

fn prefix_of(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

fn refused(what: &str, name: &str, fault: &str) -> Failure {
    Failure::new(format!("{what} `{name}` {fault}"))
}

impl KeyCorrection {
    fn apply(self, services: &mut BTreeMap<String, Service>) -> Result<(), Failure> {
        let lower = self.name.to_ascii_lowercase();
        let prefix = self.service.as_deref().unwrap_or(prefix_of(&lower));
        let service = service_of(services, prefix, &self.name)?;
        let key = Key {
            name: self.name.clone(),
            kinds: self.kinds,
            is_multivalued: self.multivalued,
            may_have_several: self.may_have_several,
            is_global: false,
        };
        match (service.keys.get(&lower), self.added) {
            (Some(_), true) => Err(refused("condition key", &self.name, "is there already")),
            (None, false) => Err(refused(
                "condition key",
                &self.name,
                "is not there to correct",
            )),
            (Some(known), false) if *known == key => {
                Err(refused("condition key", &self.name, "is so already"))
            }
            _ => {
                service.keys.insert(lower, key);
                Ok(())
            }
        }
    }
}

impl Family {
    fn apply(self, services: &mut BTreeMap<String, Service>) -> Result<(), Failure> {
        let service = service_of(services, &self.service, &self.name)?;
        let Some(key) = service.keys.remove(&self.name.to_ascii_lowercase()) else {
            return Err(refused(
                "condition key",
                &self.name,
                "is not there to correct",
            ));
        };
        let lower = self.family.to_ascii_lowercase();
        let family = service.keys.entry(lower).or_insert_with(|| Key {
            name: self.family,
            ..key
        });
        let name = family.name.clone();
        for names in key_lists(service) {
            for taken in names {
                if taken.eq_ignore_ascii_case(&self.name) {
                    taken.clone_from(&name);
                }
            }
        }
        Ok(())
    }
}

impl OlderName {
    fn apply(self, services: &mut BTreeMap<String, Service>) -> Result<(), Failure> {
        let service = service_of(services, &self.service, &self.name)?;
        if !service.keys.contains_key(&self.name.to_ascii_lowercase()) {
            return Err(refused("condition key", &self.name, "is not described"));
        }
        let mut lists = 0;
        for names in key_lists(service) {
            let has = |name: &str| names.iter().any(|taken| taken.eq_ignore_ascii_case(name));
            if has(&self.present) && !has(&self.name) {
                names.push(self.name.clone());
                lists += 1;
            }
        }
        if lists == 0 {
            let fault = format!("goes with `{}` already", self.present);
            return Err(refused("condition key", &self.name, &fault));
        }
        Ok(())
    }
}

/// The condition keys of all actions, their uses and resource types.
fn key_lists(service: &mut Service) -> impl Iterator<Item = &mut Vec<String>> {
    let of_actions = service.actions.values_mut().flat_map(|action| {
        let of_uses = action.uses.iter_mut().map(|used| &mut used.keys);
        of_uses.chain(std::iter::once(&mut action.keys))
    });
    let of_types = service
        .resource_types
        .values_mut()
        .map(|resource_type| &mut resource_type.keys);
    of_actions.chain(of_types)
}

impl ResourceTypeCorrection {
    fn apply(self, services: &mut BTreeMap<String, Service>) -> Result<(), Failure> {
        let service = service_of(services, &self.service, &self.name)?;
        let lower = self.name.to_ascii_lowercase();
        match service.resource_types.get_mut(&lower) {
            Some(known) if self.arns.is_empty() => {
                add_all(&mut known.keys, self.keys, "resource type", &self.name)
            }
            Some(_) => Err(refused("resource type", &self.name, "is there already")),
            None if self.arns.is_empty() => Err(refused(
                "resource type",
                &self.name,
                "is not there to correct",
            )),
            None => {
                let added = ResourceType {
                    name: self.name,
                    arn_patterns: self.arns,
                    keys: self.keys,
                };
                service.resource_types.insert(lower, added);
                Ok(())
            }
        }
    }
}

/// Adds condition keys to a list, none of which may be there.
fn add_all(
    keys: &mut Vec<String>,
    added: Vec<String>,
    what: &str,
    name: &str,
) -> Result<(), Failure> {
    for key in added {
        if keys.iter().any(|known| known.eq_ignore_ascii_case(&key)) {
            return Err(refused(what, name, &format!("takes `{key}` already")));
        }
        keys.push(key);
    }
    Ok(())
}

impl ActionCorrection {
    fn apply(self, services: &mut BTreeMap<String, Service>) -> Result<(), Failure> {
        let lower = self.name.to_ascii_lowercase();
        let service = service_of(services, prefix_of(&lower), &self.name)?;
        let short = lower.split_once(':').map_or("", |(_, short)| short);
        let action = service.actions.get_mut(short);
        let action = action.ok_or_else(|| refused("action", &self.name, "is not there"))?;
        add_all(&mut action.keys, self.keys, "action", &self.name)?;
        if self.resources.is_empty() {
            return Ok(());
        }
        for name in &self.resources {
            let known = service.resource_types.get(&name.to_ascii_lowercase());
            let known = known.ok_or_else(|| {
                let fault = format!("cannot act on `{name}`, which is not described");
                refused("action", &self.name, &fault)
            })?;
            add_use(action, &known.name)?;
        }
        for used in &mut action.uses {
            used.is_required = false;
        }
        action.uses.sort();
        Ok(())
    }
}

fn add_use(action: &mut Action, resource_type: &str) -> Result<(), Failure> {
    let acts_already = |used: &Use| used.resource_type.eq_ignore_ascii_case(resource_type);
    if action.uses.iter().any(acts_already) {
        let fault = format!("acts on `{resource_type}` already");
        return Err(refused("action", &action.name, &fault));
    }
    action.uses.push(Use {
        resource_type: resource_type.to_owned(),
        is_required: false,
        keys: Vec::new(),
        dependent_actions: Vec::new(),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use preclear_catalog::AccessLevel;

    use super::*;

    fn key(name: &str) -> (String, Key) {
        let key = Key {
            name: name.to_owned(),
            kinds: vec![KeyKind::String],
            is_multivalued: false,
            may_have_several: false,
            is_global: false,
        };
        (name.to_ascii_lowercase(), key)
    }

    /// A service of one resource type, one action on it, and these condition keys, all of which the type takes.
    fn service(keys: &[&str]) -> BTreeMap<String, Service> {
        let names = || keys.iter().map(|name| (*name).to_owned()).collect();
        let thing = ResourceType {
            name: "Thing".to_owned(),
            arn_patterns: vec!["arn:${Partition}:x:::thing/${Id}".to_owned()],
            keys: names(),
        };
        let action = Action {
            name: "Get".to_owned(),
            level: AccessLevel::Read,
            uses: vec![Use {
                resource_type: "Thing".to_owned(),
                is_required: true,
                keys: Vec::new(),
                dependent_actions: Vec::new(),
            }],
            keys: Vec::new(),
        };
        let service = Service {
            prefix: "x".to_owned(),
            name: "X".to_owned(),
            actions: BTreeMap::from([("get".to_owned(), action)]),
            resource_types: BTreeMap::from([("thing".to_owned(), thing)]),
            keys: keys.iter().map(|name| key(name)).collect(),
        };
        BTreeMap::from([("x".to_owned(), service)])
    }

    fn apply(services: &mut BTreeMap<String, Service>, json: &str) -> Result<(), String> {
        let corrections: Corrections = serde_json::from_str(json).expect("a table");
        corrections
            .apply(services)
            .map_err(|failure| failure.to_string())
    }

    /// Corrects once, and is refused the second time with these words.
    fn corrected(keys: &[&str], json: &str, again: &str) -> Service {
        let mut services = service(keys);
        apply(&mut services, json).expect("corrected");
        let refused = apply(&mut services, json).expect_err("refused");
        assert!(refused.contains(again), "{refused}");
        services.remove("x").expect("the service")
    }

    #[test]
    fn keys_get_types_and_arity() {
        let service = corrected(
            &["x:Until"],
            r#"{"rules": [], "keys": [
                {"name": "x:Until", "kinds": ["date", "numeric"], "multivalued": false, "may_have_several": true, "why": "w"},
                {"name": "x:New", "kinds": ["arn"], "multivalued": true, "added": true, "why": "w"},
                {"name": "other.example:amr", "service": "x", "kinds": ["string"], "multivalued": true, "added": true, "why": "w"}]}"#,
            "`x:Until` is so already",
        );
        let until = &service.keys["x:until"];
        assert_eq!(until.kinds, [KeyKind::Date, KeyKind::Numeric]);
        assert!(until.may_have_several && !until.is_multivalued);
        assert!(service.keys["x:new"].is_multivalued);
        assert!(service.keys.contains_key("other.example:amr"));
    }

    #[test]
    fn families_take_the_place_of_their_name() {
        let json = r#"{"rules": [], "families": [
            {"service": "x", "name": "x:Tag/tag-key", "family": "x:Tag/${TagKey}", "why": "w"}]}"#;
        let lost = corrected(&["x:Tag/tag-key"], json, "is not there to correct");
        assert_eq!(lost.resource_types["thing"].keys, ["x:Tag/${TagKey}"]);
        assert_eq!(lost.keys["x:tag/${tagkey}"].name, "x:Tag/${TagKey}");
        let both = corrected(
            &["x:Tag/tag-key", "x:Tag/${TagKey}"],
            json,
            "is not there to correct",
        );
        assert_eq!(both.keys.len(), 1);
    }

    #[test]
    fn older_names_go_with_the_present_ones() {
        let json = r#"{"rules": [], "older_names": [
            {"service": "x", "name": "x:Old", "present": "x:New", "why": "w"}]}"#;
        let mut services = service(&["x:New"]);
        services
            .get_mut("x")
            .expect("the service")
            .keys
            .extend([key("x:Old")]);
        apply(&mut services, json).expect("corrected");
        assert_eq!(
            services["x"].resource_types["thing"].keys,
            ["x:New", "x:Old"]
        );
        let refused = apply(&mut services, json).expect_err("refused");
        assert!(refused.contains("goes with `x:New` already"), "{refused}");
        let refused = apply(&mut service(&["x:New"]), json).expect_err("refused");
        assert!(refused.contains("`x:Old` is not described"), "{refused}");
    }

    #[test]
    fn actions_get_keys_and_resource_types_of_which_none_is_required() {
        let service = corrected(
            &[],
            r#"{"rules": [],
                "resource_types": [{"service": "x", "name": "Other", "arns": ["arn:${Partition}:x:::other/${Id}"], "why": "w"}],
                "actions": [{"name": "x:Get", "keys": ["x:Key"], "resources": ["other"], "why": "w"}]}"#,
            "resource type `Other` is there already",
        );
        let action = &service.actions["get"];
        assert_eq!(action.keys, ["x:Key"]);
        let uses: Vec<_> = action
            .uses
            .iter()
            .map(|used| (used.resource_type.as_str(), used.is_required))
            .collect();
        assert_eq!(uses, [("Other", false), ("Thing", false)]);
    }

    #[test]
    fn rows_that_fit_nothing_are_refused() {
        for (row, fault) in [
            (
                r#""keys": [{"name": "x:No", "kinds": ["arn"], "multivalued": false, "why": "w"}]"#,
                "is not there to correct",
            ),
            (
                r#""resource_types": [{"service": "x", "name": "No", "keys": ["x:Key"], "why": "w"}]"#,
                "is not there to correct",
            ),
            (
                r#""resource_types": [{"service": "x", "name": "thing", "keys": ["X:KEY"], "why": "w"}]"#,
                "takes `X:KEY` already",
            ),
            (
                r#""actions": [{"name": "x:No", "why": "w"}]"#,
                "is not there",
            ),
            (
                r#""actions": [{"name": "x:Get", "resources": ["No"], "why": "w"}]"#,
                "`No`, which is not described",
            ),
            (
                r#""actions": [{"name": "x:Get", "resources": ["thing"], "why": "w"}]"#,
                "acts on `Thing` already",
            ),
            (
                r#""actions": [{"name": "y:Get", "why": "w"}]"#,
                "no service has `y:Get`",
            ),
        ] {
            let json = format!(r#"{{"rules": [], {row}}}"#);
            let refused = apply(&mut service(&["x:Key"]), &json).expect_err("refused");
            assert!(refused.contains(fault), "{row}: {refused}");
        }
    }

    #[test]
    fn the_table_reads_and_gives_reasons() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalog/data/corrections.json");
        Corrections::read(&path).expect("corrections.json reads");
        let json: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&path).expect("the file")).expect("JSON");
        for (kind, rows) in json.as_object().expect("an object") {
            for row in rows.as_array().expect("a list") {
                let why = row["why"].as_str();
                assert!(
                    kind == "rules" || why.is_some_and(|why| !why.is_empty()),
                    "{row}"
                );
            }
        }
    }
}
