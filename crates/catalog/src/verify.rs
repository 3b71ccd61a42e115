//! The whole-blob check that look-ups leave out: checksum, order of every table, range of every index.

use std::cmp::Ordering;

use crate::blob::CatalogError;
use crate::catalog::Catalog;
use crate::fold;
use crate::format::{KEY_IS_FAMILY, Section, USES_BITS, checksum, split_family};
use crate::key::KeyKind;
use crate::level::AccessLevel;

impl Catalog {
    /// Checks everything that look-ups take on trust.
    ///
    /// # Errors
    ///
    /// The first fault found: wrong checksum, tables out of order, or an index out of range, with its place.
    pub fn verify(&self) -> Result<(), CatalogError> {
        if self.blob.stored_checksum() != Some(checksum(self.blob.bytes())) {
            return Err(CatalogError::WrongChecksum);
        }
        self.check_text()?;
        self.check_services()?;
        self.check_actions()?;
        self.check_resource_types()?;
        self.check_keys()
    }

    fn check_text(&self) -> Result<(), CatalogError> {
        let source = self.blob.source_version();
        require(source.is_some_and(|text| !text.is_empty()), || {
            "the source's version".to_owned()
        })
    }

    fn check_services(&self) -> Result<(), CatalogError> {
        let records = self.blob.records(Section::Services);
        self.check_order(Section::Services, 0..records)?;
        let mut next_action = 0;
        let mut next_resource = 0;
        for (index, service) in self.services().enumerate() {
            let place = || format!("service `{}` ({index})", service.prefix());
            let (actions, resources) = (service.action_range(), service.resource_range());
            require(self.is_text(Section::Services, index, 1), place)?;
            require(
                actions.start == next_action && resources.start == next_resource,
                place,
            )?;
            self.check_order(Section::Actions, actions.clone())?;
            self.check_order(Section::ResourceTypes, resources.clone())?;
            self.check_key_list(self.blob.word(Section::Services, index, 6), place)?;
            next_action = actions.end;
            next_resource = resources.end;
        }
        require(
            next_action == self.blob.records(Section::Actions)
                && next_resource == self.blob.records(Section::ResourceTypes),
            || "the end of the services".to_owned(),
        )
    }

    fn check_actions(&self) -> Result<(), CatalogError> {
        for service in self.services() {
            let resources = service.resource_range();
            for index in service.action_range() {
                let name = self.text_of(Section::Actions, index, 0);
                let place = || format!("action `{}:{name}`", service.prefix());
                let packed = self
                    .blob
                    .word(Section::Actions, index, 1)
                    .unwrap_or(u32::MAX);
                require(AccessLevel::from_code(packed >> USES_BITS).is_some(), place)?;
                self.check_key_list(self.blob.word(Section::Actions, index, 2), place)?;
                self.check_key_list(self.blob.word(Section::Actions, index, 3), place)?;
                let uses = self.blob.try_list(packed & ((1 << USES_BITS) - 1));
                let uses: Vec<u32> = uses.ok_or_else(|| fault(place))?.collect();
                require(uses.len().is_multiple_of(3), place)?;
                for used in uses.chunks_exact(3) {
                    if let [resource, keys, dependents] = *used {
                        require(resources.contains(&((resource >> 1) as usize)), place)?;
                        self.check_key_list(Some(keys), place)?;
                        self.check_text_list(Some(dependents), place)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn check_resource_types(&self) -> Result<(), CatalogError> {
        for index in 0..self.blob.records(Section::ResourceTypes) {
            let place = || format!("resource type {index}");
            self.check_text_list(self.blob.word(Section::ResourceTypes, index, 1), place)?;
            self.check_key_list(self.blob.word(Section::ResourceTypes, index, 2), place)?;
        }
        Ok(())
    }

    fn check_keys(&self) -> Result<(), CatalogError> {
        let records = self.blob.records(Section::Keys);
        self.check_order(Section::Keys, 0..records)?;
        let mut family = 0;
        for (index, key) in self.condition_keys().enumerate() {
            let place = || format!("condition key `{}`", key.name());
            let attributes = self.blob.word(Section::Keys, index, 1).unwrap_or(u32::MAX);
            let kind = KeyKind::from_code(attributes & 0xff);
            require(kind.is_some_and(|kind| key.accepts(kind)), place)?;
            let split = split_family(key.name());
            let is_family = (attributes >> 16) & KEY_IS_FAMILY != 0;
            require(split.is_some() == is_family, place)?;
            if let Some((before, _, after)) = split {
                let listed = self
                    .blob
                    .word(Section::Families, family, 0)
                    .map(|key| key as usize);
                let length = self
                    .blob
                    .word(Section::Families, family, 1)
                    .map(|length| length as usize);
                require(listed == Some(index) && length == Some(before.len()), place)?;
                require(split_family(after).is_none(), place)?;
                family += 1;
            }
        }
        require(family == self.blob.records(Section::Families), || {
            "the families".to_owned()
        })
    }

    /// Names are texts, not empty, and strictly ascending.
    fn check_order(
        &self,
        section: Section,
        records: std::ops::Range<usize>,
    ) -> Result<(), CatalogError> {
        let mut previous: &[u8] = &[];
        for index in records {
            let name = self.name_bytes(section, index);
            let is_next = fold::compare(previous, name) == Ordering::Less;
            require(is_next && self.is_text(section, index, 0), || {
                format!("record {index} of `{section:?}`")
            })?;
            previous = name;
        }
        Ok(())
    }

    fn is_text(&self, section: Section, record: usize, field: usize) -> bool {
        let text = self.blob.word(section, record, field);
        text.is_some_and(|text| self.blob.text(text).is_some())
    }

    fn check_key_list(
        &self,
        list: Option<u32>,
        place: impl Fn() -> String,
    ) -> Result<(), CatalogError> {
        let keys = list.and_then(|list| self.blob.try_list(list));
        let mut smallest = 0;
        for key in keys.ok_or_else(|| fault(&place))? {
            let key = key as usize;
            require(
                key >= smallest && key < self.blob.records(Section::Keys),
                &place,
            )?;
            smallest = key + 1;
        }
        Ok(())
    }

    fn check_text_list(
        &self,
        list: Option<u32>,
        place: impl Fn() -> String,
    ) -> Result<(), CatalogError> {
        let texts = list.and_then(|list| self.blob.try_list(list));
        for text in texts.ok_or_else(|| fault(&place))? {
            require(self.blob.text(text).is_some(), &place)?;
        }
        Ok(())
    }
}

fn require(holds: bool, place: impl Fn() -> String) -> Result<(), CatalogError> {
    if holds { Ok(()) } else { Err(fault(place)) }
}

fn fault(place: impl Fn() -> String) -> CatalogError {
    CatalogError::Inconsistent(place())
}
