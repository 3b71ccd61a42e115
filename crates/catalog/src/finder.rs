//! Actions looked up one after another, as the lists of policies name them.

use std::ops::Range;

use crate::blob::Names;
use crate::catalog::{Catalog, search, search_near};
use crate::entry::Service;
use crate::format::Section;

/// Looks up one action after another. Lists name a service many times in a row, and mostly its actions in order: services are
/// remembered, and each action is looked for near the last one of its service.
///
/// ```
/// use preclear_catalog::{ActionFinder, catalog};
///
/// let mut finder = ActionFinder::new(catalog());
/// for name in ["Decrypt", "DescribeKey", "createkey"] {
///     let id = finder.id("KMS", name).expect("an action of KMS");
///     assert_eq!(Some(id), catalog().action("kms", name).map(|action| action.id()));
/// }
/// assert_eq!(finder.ids_starting_with("kms", "generatedatakey").len(), 4);
/// assert_eq!(finder.id("kms", "NoSuch"), None);
/// ```
#[derive(Debug, Clone)]
pub struct ActionFinder<'c> {
    catalog: &'c Catalog,
    services: Names<'c>,
    actions: Names<'c>,
    /// Each prefix has one place; the last one that was looked up has it.
    remembered: Vec<Option<Remembered<'c>>>,
    places: usize,
    /// Place of the last one.
    last: usize,
}

#[derive(Debug, Clone)]
struct Remembered<'c> {
    service: Service<'c>,
    prefix: &'c [u8],
    own: Range<usize>,
    /// Behind the last action.
    next: usize,
}

impl<'c> ActionFinder<'c> {
    /// For some actions of a catalogue.
    #[must_use]
    pub fn new(catalog: &'c Catalog) -> Self {
        ActionFinder::remembering(catalog, 8)
    }

    /// For actions of so many services of a catalogue that it pays to remember those.
    #[must_use]
    pub fn remembering(catalog: &'c Catalog, places: usize) -> Self {
        ActionFinder {
            catalog,
            services: catalog.blob.names(Section::Services),
            actions: catalog.blob.names(Section::Actions),
            remembered: Vec::new(),
            places: places.max(1),
            last: 0,
        }
    }

    fn service(&mut self, prefix: &str) -> Option<&mut Remembered<'c>> {
        let prefix = prefix.as_bytes();
        let known = |place: &Option<Remembered<'c>>| place.as_ref().map(|known| known.prefix);
        if self.remembered.get(self.last).and_then(known) != Some(prefix) {
            self.turn_to(prefix);
        }
        self.remembered.get_mut(self.last)?.as_mut()
    }

    /// Makes a service the last one; none where there is no such service.
    fn turn_to(&mut self, prefix: &[u8]) {
        let hash = prefix.iter().fold(0_usize, |hash, byte| {
            let folded = usize::from(byte.to_ascii_lowercase());
            hash.wrapping_mul(31).wrapping_add(folded)
        });
        self.last = hash % self.places;
        self.remembered.resize(self.places, None);
        let Some(place) = self.remembered.get_mut(self.last) else {
            return;
        };
        let is_wanted = |known: &Remembered<'_>| known.prefix.eq_ignore_ascii_case(prefix);
        if !place.as_ref().is_some_and(is_wanted) {
            let all = 0..self.catalog.blob.records(Section::Services);
            let found = search(self.services, all, prefix).ok();
            *place = found.map(|index| {
                let service = Service::new(self.catalog, index);
                let own = service.action_range();
                Remembered {
                    service,
                    prefix: self.services.get(index),
                    next: own.start,
                    own,
                }
            });
        }
    }

    /// Id of the action of a service, both names in any ASCII case.
    pub fn id(&mut self, service: &str, name: &str) -> Option<u32> {
        let actions = self.actions;
        let service = self.service(service)?;
        let found =
            search_near(actions, service.own.clone(), service.next, name.as_bytes()).ok()?;
        service.next = found + 1;
        u32::try_from(found).ok()
    }

    /// Name of the action of an id; empty where there is none.
    #[must_use]
    pub fn name(&self, id: u32) -> &'c str {
        std::str::from_utf8(self.actions.get(id as usize)).unwrap_or_default()
    }

    /// Ids of a service's actions that begin with `prefix` in any ASCII case; empty where there is no such service.
    pub fn ids_starting_with(&mut self, service: &str, prefix: &str) -> Range<u32> {
        let service = self.service(service);
        service.map_or(0..0, |own| own.service.ids_starting_with(prefix))
    }
}
