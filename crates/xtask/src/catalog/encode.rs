//! Writing of the blob, as `preclear_catalog::format` lays it down. The same input yields the same bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use preclear_catalog::format::{
    self, CHECKSUM_AT, HEADER_BYTES, KEY_IS_FAMILY, KEY_IS_GLOBAL, KEY_IS_MULTIVALUED,
    KEY_MAY_HAVE_SEVERAL, MAGIC, Section, TEXT_LENGTH_BITS, USES_BITS, VERSION,
};

use super::model::{Action, Key, Service};
use crate::failure::{Failure, While as _};

/// The blob of the catalogue.
pub(crate) fn encode(
    services: &BTreeMap<String, Service>,
    keys: &BTreeMap<String, Key>,
    source_version: &str,
) -> Result<Vec<u8>, Failure> {
    let mut writer = Writer::new(services, keys, source_version)?;
    for key in keys.values() {
        writer.key(key)?;
    }
    for service in services.values() {
        writer.service(service)?;
    }
    writer.finish(source_version)
}

struct Writer {
    text: Vec<u8>,
    places: BTreeMap<String, u32>,
    key_indexes: BTreeMap<String, u32>,
    lists: Vec<u32>,
    known_lists: HashMap<Vec<u32>, u32>,
    services: Vec<u32>,
    actions: Vec<u32>,
    resource_types: Vec<u32>,
    keys: Vec<u32>,
    families: Vec<u32>,
}

impl Writer {
    fn new(
        services: &BTreeMap<String, Service>,
        keys: &BTreeMap<String, Key>,
        source_version: &str,
    ) -> Result<Self, Failure> {
        let mut texts: BTreeSet<&str> = keys.values().map(|key| key.name.as_str()).collect();
        texts.insert(source_version);
        for service in services.values() {
            texts.extend([service.prefix.as_str(), service.name.as_str()]);
            for action in service.actions.values() {
                texts.insert(&action.name);
                texts.extend(
                    action
                        .uses
                        .iter()
                        .flat_map(|used| &used.dependent_actions)
                        .map(String::as_str),
                );
            }
            for resource_type in service.resource_types.values() {
                texts.insert(&resource_type.name);
                texts.extend(resource_type.arn_patterns.iter().map(String::as_str));
            }
        }
        let mut text = Vec::new();
        let mut places = BTreeMap::new();
        for entry in texts {
            let offset = word(text.len())?;
            let length = word(entry.len())?;
            if length >= 1 << TEXT_LENGTH_BITS || offset >= 1 << (u32::BITS - TEXT_LENGTH_BITS) {
                return Err(Failure::new(format!(
                    "`{entry}` does not fit into the layout: widen its texts"
                )));
            }
            places.insert(entry.to_owned(), (offset << TEXT_LENGTH_BITS) | length);
            text.extend_from_slice(entry.as_bytes());
        }
        let mut key_indexes = BTreeMap::new();
        for (index, lower) in keys.keys().enumerate() {
            key_indexes.insert(lower.clone(), word(index)?);
        }
        Ok(Writer {
            text,
            places,
            key_indexes,
            lists: Vec::new(),
            known_lists: HashMap::new(),
            services: Vec::new(),
            actions: Vec::new(),
            resource_types: Vec::new(),
            keys: Vec::new(),
            families: Vec::new(),
        })
    }

    fn place(&self, text: &str) -> Result<u32, Failure> {
        let place = self.places.get(text).copied();
        place.ok_or_else(|| Failure::new(format!("`{text}` was not collected")))
    }

    fn list(&mut self, words: Vec<u32>) -> Result<u32, Failure> {
        if let Some(known) = self.known_lists.get(&words) {
            return Ok(*known);
        }
        let place = word(self.lists.len())?;
        self.lists.push(word(words.len())?);
        self.lists.extend_from_slice(&words);
        self.known_lists.insert(words, place);
        Ok(place)
    }

    fn text_list(&mut self, texts: &[String]) -> Result<u32, Failure> {
        let places: Result<Vec<u32>, Failure> = texts.iter().map(|text| self.place(text)).collect();
        self.list(places?)
    }

    fn key_list<'k>(&mut self, names: impl Iterator<Item = &'k String>) -> Result<u32, Failure> {
        let mut indexes = BTreeSet::new();
        for name in names {
            let index = self.key_indexes.get(&name.to_ascii_lowercase());
            indexes.insert(
                *index.ok_or_else(|| {
                    Failure::new(format!("condition key `{name}` is not described"))
                })?,
            );
        }
        self.list(indexes.into_iter().collect())
    }

    fn key(&mut self, key: &Key) -> Result<(), Failure> {
        let first = key.kinds.first();
        let first = first
            .ok_or_else(|| Failure::new(format!("condition key `{}` has no type", key.name)))?;
        let accepted = key
            .kinds
            .iter()
            .fold(0, |bits, kind| bits | (1 << kind.code()));
        let mut flags = 0;
        if key.is_multivalued {
            flags |= KEY_IS_MULTIVALUED;
        }
        if key.may_have_several {
            flags |= KEY_MAY_HAVE_SEVERAL;
        }
        if key.is_global {
            flags |= KEY_IS_GLOBAL;
        }
        if let Some((before, _, after)) = format::split_family(&key.name) {
            if format::split_family(after).is_some() {
                return Err(Failure::new(format!(
                    "condition key `{}` has two placeholders",
                    key.name
                )));
            }
            flags |= KEY_IS_FAMILY;
            let index = word(self.keys.len() / 2)?;
            self.families.extend([index, word(before.len())?]);
        }
        let name = self.place(&key.name)?;
        self.keys
            .extend([name, first.code() | (accepted << 8) | (flags << 16)]);
        Ok(())
    }

    fn service(&mut self, service: &Service) -> Result<(), Failure> {
        let first_action = word(self.actions.len() / 4)?;
        let first_resource = word(self.resource_types.len() / 3)?;
        let mut resource_indexes = BTreeMap::new();
        for (resource_type, index) in service.resource_types.values().zip(first_resource..) {
            resource_indexes.insert(resource_type.name.clone(), index);
            let name = self.place(&resource_type.name)?;
            let patterns = self.text_list(&resource_type.arn_patterns)?;
            let keys = self.key_list(resource_type.keys.iter())?;
            self.resource_types.extend([name, patterns, keys]);
        }
        for action in service.actions.values() {
            self.action(service, action, &resource_indexes)?;
        }
        let record = [
            self.place(&service.prefix)?,
            self.place(&service.name)?,
            first_action,
            word(service.actions.len())?,
            first_resource,
            word(service.resource_types.len())?,
            self.key_list(service.keys.keys())?,
        ];
        self.services.extend(record);
        Ok(())
    }

    fn action(
        &mut self,
        service: &Service,
        action: &Action,
        resource_indexes: &BTreeMap<String, u32>,
    ) -> Result<(), Failure> {
        let mut uses = Vec::new();
        let mut all_keys: Vec<&String> = action.keys.iter().collect();
        for used in &action.uses {
            let index = resource_indexes.get(&used.resource_type);
            let index = index.ok_or_else(|| {
                Failure::new(format!(
                    "action `{}:{}` uses resource type `{}`, which is not described",
                    service.prefix, action.name, used.resource_type
                ))
            })?;
            let keys = self.key_list(used.keys.iter())?;
            let dependents = self.text_list(&used.dependent_actions)?;
            uses.extend([(index << 1) | u32::from(used.is_required), keys, dependents]);
            all_keys.extend(&used.keys);
            let resource_type = service
                .resource_types
                .get(&used.resource_type.to_ascii_lowercase());
            all_keys.extend(
                resource_type
                    .into_iter()
                    .flat_map(|resource_type| &resource_type.keys),
            );
        }
        let uses = self.list(uses)?;
        if uses >= 1 << USES_BITS {
            return Err(Failure::new("lists do not fit into the layout: widen them"));
        }
        let record = [
            self.place(&action.name)?,
            uses | (action.level.code() << USES_BITS),
            self.key_list(action.keys.iter())?,
            self.key_list(all_keys.into_iter())?,
        ];
        self.actions.extend(record);
        Ok(())
    }

    fn finish(self, source_version: &str) -> Result<Vec<u8>, Failure> {
        let source_version = self.place(source_version)?;
        let bytes_of = |words: &[u32]| -> Vec<u8> {
            words.iter().flat_map(|word| word.to_le_bytes()).collect()
        };
        let mut table = Vec::new();
        let mut content = Vec::new();
        for section in Section::ALL {
            let bytes = match section {
                Section::Services => bytes_of(&self.services),
                Section::Actions => bytes_of(&self.actions),
                Section::ResourceTypes => bytes_of(&self.resource_types),
                Section::Keys => bytes_of(&self.keys),
                Section::Families => bytes_of(&self.families),
                Section::Lists => bytes_of(&self.lists),
                Section::Text => self.text.clone(),
            };
            let offset = word(HEADER_BYTES + content.len())?;
            let records = word(bytes.len() / section.record_bytes())?;
            table.extend_from_slice(&offset.to_le_bytes());
            table.extend_from_slice(&records.to_le_bytes());
            content.extend_from_slice(&bytes);
        }
        let mut blob = MAGIC.to_vec();
        blob.extend_from_slice(&VERSION.to_le_bytes());
        blob.extend_from_slice(&source_version.to_le_bytes());
        blob.extend_from_slice(&[0; 8]);
        blob.extend_from_slice(&table);
        blob.extend_from_slice(&content);
        let checksum = format::checksum(&blob).to_le_bytes();
        let place = blob.get_mut(CHECKSUM_AT..CHECKSUM_AT + checksum.len());
        let place = place.ok_or_else(|| Failure::new("the catalogue came out empty"))?;
        place.copy_from_slice(&checksum);
        Ok(blob)
    }
}

fn word(number: usize) -> Result<u32, Failure> {
    u32::try_from(number).failing_to(|| "write a catalogue of more than 4 GiB".to_owned())
}

#[cfg(test)]
mod tests {
    use preclear_catalog::{AccessLevel, Catalog, KeyKind};

    use super::super::model::{ResourceType, Use};
    use super::*;

    fn key(name: &str, is_multivalued: bool) -> (String, Key) {
        let key = Key {
            name: name.to_owned(),
            kinds: vec![KeyKind::String],
            is_multivalued,
            may_have_several: false,
            is_global: false,
        };
        (name.to_ascii_lowercase(), key)
    }

    fn sample() -> (BTreeMap<String, Service>, BTreeMap<String, Key>) {
        let keys = BTreeMap::from([
            key("x:Tag/${Name}", false),
            key("x:Own", true),
            key("x:Kind", false),
        ]);
        let resource_type = ResourceType {
            name: "thing".to_owned(),
            arn_patterns: vec!["arn:${Partition}:x:::thing/${Id}".to_owned()],
            keys: vec!["x:Tag/${Name}".to_owned()],
        };
        let action = Action {
            name: "GetThing".to_owned(),
            level: AccessLevel::Tagging,
            uses: vec![Use {
                resource_type: "thing".to_owned(),
                is_required: true,
                keys: vec!["x:Kind".to_owned()],
                dependent_actions: vec!["iam:PassRole".to_owned()],
            }],
            keys: vec!["X:own".to_owned()],
        };
        let service = Service {
            prefix: "x".to_owned(),
            name: "Service X".to_owned(),
            actions: BTreeMap::from([("getthing".to_owned(), action)]),
            resource_types: BTreeMap::from([("thing".to_owned(), resource_type)]),
            keys: keys.clone(),
        };
        (BTreeMap::from([("x".to_owned(), service)]), keys)
    }

    #[test]
    fn what_is_written_is_read() {
        let (services, keys) = sample();
        let blob = encode(&services, &keys, "1.2").expect("encodes");
        assert_eq!(encode(&services, &keys, "1.2").expect("encodes"), blob);
        let catalog = Catalog::from_bytes(blob).expect("reads");
        catalog.verify().expect("whole");
        assert_eq!(catalog.source_version(), "1.2");
        let action = catalog.action("X", "getTHING").expect("found");
        assert_eq!(action.access_level(), AccessLevel::Tagging);
        assert_eq!(action.own_condition_keys().collect::<Vec<_>>(), ["x:Own"]);
        assert_eq!(
            action.condition_keys().collect::<Vec<_>>(),
            ["x:Kind", "x:Own", "x:Tag/${Name}"]
        );
        assert_eq!(
            action.dependent_actions().collect::<Vec<_>>(),
            ["iam:PassRole"]
        );
        let used = action.resource_uses().next().expect("a use");
        assert!(used.is_required());
        assert_eq!(used.condition_keys().collect::<Vec<_>>(), ["x:Kind"]);
        let patterns: Vec<&str> = used.resource_type().arn_patterns().collect();
        assert_eq!(patterns, ["arn:${Partition}:x:::thing/${Id}"]);
        assert!(
            catalog
                .condition_key("x:own")
                .is_some_and(|key| key.is_multivalued())
        );
        assert_eq!(
            catalog.condition_key("x:tag/a").map(|key| key.name()),
            Some("x:Tag/${Name}")
        );
    }

    #[test]
    fn a_missing_name_is_an_error() {
        let (services, mut keys) = sample();
        keys.remove("x:kind");
        let message = encode(&services, &keys, "1")
            .expect_err("refused")
            .to_string();
        assert!(message.contains("`x:Kind`"), "{message}");
    }
}
