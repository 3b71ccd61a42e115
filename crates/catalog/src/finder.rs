//! Actions looked up one after another, as the lists of policies name them.

use std::ops::Range;

use crate::catalog::Catalog;
use crate::entry::Service;

/// Looks up one action after another. Lists name a service many times in a row, and mostly its actions in order: each is looked
/// for near the last one.
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
#[derive(Debug, Clone, Copy)]
pub struct ActionFinder<'c> {
    catalog: &'c Catalog,
    /// The service of the last action.
    service: Option<Service<'c>>,
    /// Behind the last action.
    next: usize,
}

impl<'c> ActionFinder<'c> {
    /// For the actions of a catalogue.
    #[must_use]
    pub fn new(catalog: &'c Catalog) -> Self {
        ActionFinder {
            catalog,
            service: None,
            next: 0,
        }
    }

    /// As [`Catalog::service`].
    pub fn service(&mut self, prefix: &str) -> Option<Service<'c>> {
        let is_last = |last: &Service<'_>| last.has_prefix(prefix);
        if !self.service.as_ref().is_some_and(is_last) {
            self.service = self.catalog.service(prefix);
        }
        self.service
    }

    /// Id of the action of a service, both names in any ASCII case.
    pub fn id(&mut self, service: &str, name: &str) -> Option<u32> {
        let found = self.service(service)?.find_near(name, self.next).ok()?;
        self.next = found + 1;
        u32::try_from(found).ok()
    }

    /// Ids of a service's actions that begin with `prefix` in any ASCII case; empty where there is no such service.
    pub fn ids_starting_with(&mut self, service: &str, prefix: &str) -> Range<u32> {
        let service = self.service(service);
        service.map_or(0..0, |own| own.ids_starting_with(prefix))
    }
}
