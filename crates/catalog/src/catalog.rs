//! Look-up in the embedded catalogue. Nothing is built at start: every table is searched where it lies.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use crate::blob::{Blob, CatalogError, Names};
use crate::entry::{Action, Service};
use crate::fold;
use crate::format::Section;
use crate::key::ConditionKey;

/// The generated blob.
static EMBEDDED: &[u8] = include_bytes!("catalog.bin");

/// The catalogue of services, actions, resource types and condition keys that preclear ships.
///
/// Reads the header on first use and nothing else.
#[must_use]
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| {
        // A test holds that the embedded blob is whole; without it, look-ups would find nothing.
        Catalog::from_bytes(EMBEDDED).unwrap_or(Catalog { blob: Blob::EMPTY })
    })
}

/// Services, actions, resource types and condition keys, sorted and searched in place.
///
/// Handles ([`Service`], [`Action`] …) borrow from the catalogue; those of [`catalog()`] live as long as the program.
pub struct Catalog {
    pub(crate) blob: Blob,
}

impl Catalog {
    /// Reads a blob of the layout in [`format`](mod@crate::format).
    ///
    /// Only the header is checked here, [`verify`](Catalog::verify) checks the rest; a damaged blob finds too little but never
    /// panics.
    ///
    /// # Errors
    ///
    /// Not a blob, another layout, or cut off.
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Catalog, CatalogError> {
        Blob::new(bytes.into()).map(|blob| Catalog { blob })
    }

    /// Version of the package that the services were taken from.
    #[must_use]
    pub fn source_version(&self) -> &str {
        self.blob.source_version().unwrap_or_default()
    }

    /// All services, by prefix.
    pub fn services(&self) -> impl Iterator<Item = Service<'_>> {
        (0..self.blob.records(Section::Services)).map(|index| Service::new(self, index))
    }

    /// Service of an action prefix (`kms`), in any ASCII case.
    #[must_use]
    pub fn service(&self, prefix: &str) -> Option<Service<'_>> {
        let all = 0..self.blob.records(Section::Services);
        let index = self
            .search(Section::Services, all, prefix.as_bytes())
            .ok()?;
        Some(Service::new(self, index))
    }

    /// Action of a service, both names in any ASCII case. Rule: KMS-ACT-2
    #[must_use]
    pub fn action(&self, service: &str, name: &str) -> Option<Action<'_>> {
        self.service(service)?.action(name)
    }

    /// Number of actions of all services; their [`Action::id`]s lie below.
    #[must_use]
    pub fn action_count(&self) -> u32 {
        u32::try_from(self.blob.records(Section::Actions)).unwrap_or(u32::MAX)
    }

    /// Action of an [`Action::id`].
    #[must_use]
    pub fn action_by_id(&self, id: u32) -> Option<Action<'_>> {
        let index = id as usize;
        // Services lie in the order of their actions: the last one that starts at or before the action owns it.
        let services = self.blob.records(Section::Services);
        let mut low = 0;
        let mut high = services;
        while low < high {
            let middle = low.midpoint(high);
            let first = Service::new(self, middle).action_range().start;
            if first <= index {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let service = Service::new(self, low.checked_sub(1)?);
        let owned = service.action_range().contains(&index);
        owned.then(|| Action::new(service, index))
    }

    /// All condition keys, by name, families by their placeholders.
    pub fn condition_keys(&self) -> impl Iterator<Item = ConditionKey<'_>> {
        (0..self.blob.records(Section::Keys)).map(|index| ConditionKey::new(self, index))
    }

    /// Condition key of a name in any ASCII case, global keys included.
    ///
    /// A key that belongs to a family finds the family: `aws:ResourceTag/team` finds `aws:ResourceTag/${TagKey}`. A key of an
    /// identity provider (`oidc.example.com:sub`) finds `${OidcProvider}:sub`. Rule: IAM-CTX-2
    #[must_use]
    pub fn condition_key(&self, key: &str) -> Option<ConditionKey<'_>> {
        let all = 0..self.blob.records(Section::Keys);
        match self.search(Section::Keys, all, key.as_bytes()) {
            Ok(index) => Some(ConditionKey::new(self, index)),
            Err(_) => ConditionKey::family_of(self, key),
        }
    }

    /// Place of a record by its first word, a text; `Err` is where the name would stand.
    pub(crate) fn search(
        &self,
        section: Section,
        records: Range<usize>,
        name: &[u8],
    ) -> Result<usize, usize> {
        search(self.blob.names(section), records, name)
    }

    pub(crate) fn name_bytes(&self, section: Section, record: usize) -> &[u8] {
        let text = self.blob.word(section, record, 0);
        text.and_then(|text| self.blob.text_bytes(text))
            .unwrap_or_default()
    }

    pub(crate) fn text_of(&self, section: Section, record: usize, field: usize) -> &str {
        let text = self.blob.word(section, record, field);
        text.and_then(|text| self.blob.text(text))
            .unwrap_or_default()
    }
}

/// Binary search among sorted names; `Err` is where the name would stand.
pub(crate) fn search(names: Names<'_>, records: Range<usize>, name: &[u8]) -> Result<usize, usize> {
    let mut low = records.start;
    let mut high = records.end.max(low);
    while low < high {
        let middle = low.midpoint(high);
        match fold::compare(names.get(middle), name) {
            Ordering::Less => low = middle + 1,
            Ordering::Equal => return Ok(middle),
            Ordering::Greater => high = middle,
        }
    }
    Err(low)
}

/// As [`search`], quickest for what stands at `near` or soon behind it.
pub(crate) fn search_near(
    names: Names<'_>,
    records: Range<usize>,
    near: usize,
    name: &[u8],
) -> Result<usize, usize> {
    let mut low = near.max(records.start);
    let mut reach = 0;
    // Twice as far each time, until the name is passed.
    while let Some(at) = low.checked_add(reach).filter(|at| *at < records.end) {
        match fold::compare(names.get(at), name) {
            Ordering::Less => low = at + 1,
            Ordering::Equal => return Ok(at),
            Ordering::Greater if reach == 0 => return search(names, records.start..at, name),
            Ordering::Greater => return search(names, low..at, name),
        }
        reach = reach * 2 + 1;
    }
    let start = if reach == 0 { records.start } else { low };
    search(names, start..records.end, name)
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog")
            .field("source_version", &self.source_version())
            .field("services", &self.blob.records(Section::Services))
            .field("actions", &self.blob.records(Section::Actions))
            .finish()
    }
}
