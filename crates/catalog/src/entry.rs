//! Services, actions and resource types: handles of one or two words that read the catalogue when asked.

use std::fmt;
use std::ops::Range;

use crate::catalog::Catalog;
use crate::fold;
use crate::format::{Section, USES_BITS};
use crate::globals;
use crate::key::{ConditionKey, is_member};
use crate::kms;
use crate::level::AccessLevel;

/// Fields of an ARN.
const ARN_FIELDS: usize = 6;

/// Keys that every request for an action carries: service, action, key. Rule: IAM-COND-11.
const ALWAYS_CARRIED: [(&str, &str, &str); 4] = [
    ("kms", "CreateGrant", "kms:GrantOperations"),
    (
        "route53",
        "ChangeResourceRecordSets",
        "route53:ChangeResourceRecordSetsActions",
    ),
    (
        "route53",
        "ChangeResourceRecordSets",
        "route53:ChangeResourceRecordSetsNormalizedRecordNames",
    ),
    (
        "route53",
        "ChangeResourceRecordSets",
        "route53:ChangeResourceRecordSetsRecordTypes",
    ),
];

/// A service, named by the prefix of its actions.
#[derive(Clone, Copy)]
pub struct Service<'c> {
    catalog: &'c Catalog,
    index: usize,
}

impl<'c> Service<'c> {
    pub(crate) fn new(catalog: &'c Catalog, index: usize) -> Self {
        Service { catalog, index }
    }

    fn word(self, field: usize) -> u32 {
        let word = self.catalog.blob.word(Section::Services, self.index, field);
        word.unwrap_or_default()
    }

    fn range(self, section: Section, field: usize) -> Range<usize> {
        let start = self.word(field) as usize;
        let end = start.saturating_add(self.word(field + 1) as usize);
        let records = self.catalog.blob.records(section);
        start.min(records)..end.min(records)
    }

    pub(crate) fn action_range(self) -> Range<usize> {
        self.range(Section::Actions, 2)
    }

    pub(crate) fn resource_range(self) -> Range<usize> {
        self.range(Section::ResourceTypes, 4)
    }

    /// Prefix of its actions, in lower case (`kms`).
    #[must_use]
    pub fn prefix(self) -> &'c str {
        self.catalog.text_of(Section::Services, self.index, 0)
    }

    /// Name for readers (`AWS Key Management Service`).
    #[must_use]
    pub fn name(self) -> &'c str {
        self.catalog.text_of(Section::Services, self.index, 1)
    }

    /// Its actions, by name.
    pub fn actions(self) -> impl Iterator<Item = Action<'c>> {
        self.action_range()
            .map(move |index| Action::new(self, index))
    }

    /// Numbers of its actions, which are neighbours.
    #[must_use]
    pub fn action_ids(self) -> Range<u32> {
        ids(self.action_range())
    }

    /// Numbers of its actions that begin with `prefix` in any ASCII case; they are neighbours.
    #[must_use]
    pub fn ids_starting_with(self, prefix: &str) -> Range<u32> {
        let (own, prefix) = (self.action_range(), prefix.as_bytes());
        let names = self.catalog.blob.names(Section::Actions);
        let place = |is_before: &dyn Fn(&[u8]) -> bool| {
            let (mut low, mut high) = (own.start, own.end);
            while low < high {
                let middle = low.midpoint(high);
                if is_before(names.get(middle)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low
        };
        let first = place(&|name| fold::compare(name, prefix).is_lt());
        let behind =
            place(&|name| fold::compare(name, prefix).is_lt() || fold::starts_with(name, prefix));
        ids(first..behind)
    }

    /// Its actions that begin with `prefix` in any ASCII case, by name; found without a scan. Rule: KMS-ACT-2
    pub fn actions_starting_with(self, prefix: &str) -> impl Iterator<Item = Action<'c>> {
        let found = self.ids_starting_with(prefix);
        found.map(move |id| Action::new(self, id as usize))
    }

    /// Action of a name in any ASCII case.
    #[must_use]
    pub fn action(self, name: &str) -> Option<Action<'c>> {
        let found = self
            .catalog
            .search(Section::Actions, self.action_range(), name.as_bytes());
        found.ok().map(|index| Action::new(self, index))
    }

    /// Its resource types, by name.
    pub fn resource_types(self) -> impl Iterator<Item = ResourceType<'c>> {
        let catalog = self.catalog;
        self.resource_range()
            .map(move |index| ResourceType { catalog, index })
    }

    /// Whether it has resources, and all of them are named `type/…` or `type:…`, as far as is known. Rule: IAM-WILD-11
    ///
    /// ```
    /// let catalog = preclear_catalog::catalog();
    /// let has_types = |service| catalog.service(service).is_some_and(|service| service.names_types());
    /// assert!(has_types("iam") && has_types("lambda") && !has_types("s3"));
    /// ```
    #[must_use]
    pub fn names_types(self) -> bool {
        let is_typed = |form: &str| {
            let resource = form.splitn(ARN_FIELDS, ':').nth(ARN_FIELDS - 1);
            let kind = resource.and_then(|resource| resource.split_once(['/', ':']));
            kind.is_some_and(|(kind, _)| !kind.is_empty() && !kind.contains(['$', '*', '{']))
        };
        let mut forms = self
            .resource_types()
            .flat_map(ResourceType::arn_patterns)
            .peekable();
        forms.peek().is_some() && forms.all(is_typed)
    }

    /// Resource type of a name in any ASCII case.
    #[must_use]
    pub fn resource_type(self, name: &str) -> Option<ResourceType<'c>> {
        let catalog = self.catalog;
        let found = catalog.search(
            Section::ResourceTypes,
            self.resource_range(),
            name.as_bytes(),
        );
        found.ok().map(|index| ResourceType { catalog, index })
    }

    /// Every condition key that the service's actions and resources take, by name.
    pub fn condition_keys(self) -> impl Iterator<Item = ConditionKey<'c>> {
        keys_of(self.catalog, self.word(6))
    }
}

/// Places of actions as their numbers.
fn ids(places: Range<usize>) -> Range<u32> {
    let id = |place| u32::try_from(place).unwrap_or(u32::MAX);
    id(places.start)..id(places.end)
}

impl fmt::Debug for Service<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Service").field(&self.prefix()).finish()
    }
}

/// An action of a service.
#[derive(Clone, Copy)]
pub struct Action<'c> {
    service: Service<'c>,
    index: usize,
}

impl<'c> Action<'c> {
    pub(crate) fn new(service: Service<'c>, index: usize) -> Self {
        Action { service, index }
    }

    fn word(self, field: usize) -> u32 {
        let blob = &self.service.catalog.blob;
        blob.word(Section::Actions, self.index, field)
            .unwrap_or_default()
    }

    /// Number of the action in this catalogue, below [`Catalog::action_count`]; the order is service, then name.
    #[must_use]
    pub fn id(self) -> u32 {
        u32::try_from(self.index).unwrap_or(u32::MAX)
    }

    /// Its service.
    #[must_use]
    pub fn service(self) -> Service<'c> {
        self.service
    }

    /// Name without prefix, as AWS spells it (`GenerateDataKey`).
    #[must_use]
    pub fn name(self) -> &'c str {
        self.service
            .catalog
            .text_of(Section::Actions, self.index, 0)
    }

    /// What it does to what it touches.
    #[must_use]
    pub fn access_level(self) -> AccessLevel {
        AccessLevel::from_code(self.word(1) >> USES_BITS).unwrap_or(AccessLevel::Write)
    }

    /// The resource types it can be limited to.
    pub fn resource_uses(self) -> impl Iterator<Item = ResourceUse<'c>> {
        let catalog = self.service.catalog;
        let mut words = catalog.blob.list(self.word(1) & ((1 << USES_BITS) - 1));
        std::iter::from_fn(move || {
            let (resource, keys, dependent_actions) = (words.next()?, words.next()?, words.next()?);
            Some(ResourceUse {
                catalog,
                resource,
                keys,
                dependent_actions,
            })
        })
    }

    /// Whether policies can limit it to resources; otherwise it is decided on `*`.
    #[must_use]
    pub fn has_resource(self) -> bool {
        self.resource_uses().next().is_some()
    }

    /// Names of every condition key it takes: its own, those of its uses and those of the resource types used, by name,
    /// families by their placeholders. Rule: IAM-CTX-7
    pub fn condition_keys(self) -> impl Iterator<Item = &'c str> {
        key_names(self.service.catalog, self.word(3))
    }

    /// Whether requests for the action can carry a condition key, in any ASCII case.
    ///
    /// Members of a family count by their family, `${TagKey}` and `<key>` alike. Global keys are no matter of actions, so every
    /// action takes them; when requests carry them, [`globals`](mod@crate::globals) knows. Of KMS its own table decides.
    /// Rule: IAM-CTX-2, IAM-CTX-7, KMS-COND-1
    ///
    /// ```
    /// use preclear_catalog::catalog;
    ///
    /// let get = catalog().action("s3", "GetObject").expect("an action");
    /// assert!(get.takes("s3:existingobjecttag/team") && get.takes("aws:SourceIp"));
    /// assert!(!get.takes("s3:prefix") && !get.takes("kms:ViaService"));
    /// ```
    #[must_use]
    pub fn takes(self, key: &str) -> bool {
        globals::key(key).is_some() || self.takes_of_services(key)
    }

    /// The same for a key that is known to be none of the global ones. Rule: IAM-CTX-7, KMS-COND-1
    #[must_use]
    pub fn takes_of_services(self, key: &str) -> bool {
        if self.service.prefix() == "kms"
            && let Some(row) = kms::action(self.name())
        {
            return row.takes(key);
        }
        let mut keys = self.condition_keys();
        keys.any(|taken| taken.eq_ignore_ascii_case(key) || is_member(taken, key))
    }

    /// Whether every request for the action carries the key, since the call cannot do without what it stands for.
    ///
    /// ```
    /// use preclear_catalog::catalog;
    /// let create = catalog().action("kms", "CreateGrant").unwrap();
    /// assert!(create.always_carries("kms:GrantOperations") && !create.always_carries("kms:RetiringPrincipal"));
    /// ```
    #[must_use]
    pub fn always_carries(self, key: &str) -> bool {
        let mut rows = ALWAYS_CARRIED.iter();
        rows.any(|(prefix, name, carried)| {
            self.service.prefix() == *prefix
                && self.name() == *name
                && carried.eq_ignore_ascii_case(key)
        })
    }

    /// Names of the condition keys listed for the action itself, whatever the resource.
    pub fn own_condition_keys(self) -> impl Iterator<Item = &'c str> {
        key_names(self.service.catalog, self.word(2))
    }

    /// Actions that the caller needs besides (`iam:PassRole`), as far as the source lists them.
    pub fn dependent_actions(self) -> impl Iterator<Item = &'c str> {
        self.resource_uses()
            .flat_map(ResourceUse::dependent_actions)
    }
}

impl fmt::Debug for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Action")
            .field(&format_args!("{}:{}", self.service.prefix(), self.name()))
            .finish()
    }
}

/// A resource type as one action uses it.
#[derive(Clone, Copy)]
pub struct ResourceUse<'c> {
    catalog: &'c Catalog,
    resource: u32,
    keys: u32,
    dependent_actions: u32,
}

impl<'c> ResourceUse<'c> {
    /// The resource type.
    #[must_use]
    pub fn resource_type(self) -> ResourceType<'c> {
        ResourceType {
            catalog: self.catalog,
            index: (self.resource >> 1) as usize,
        }
    }

    /// Name of the resource type.
    #[must_use]
    pub fn name(self) -> &'c str {
        self.resource_type().name()
    }

    /// Whether every call names such a resource.
    #[must_use]
    pub fn is_required(self) -> bool {
        self.resource & 1 == 1
    }

    /// Names of the condition keys that the action takes with this resource.
    pub fn condition_keys(self) -> impl Iterator<Item = &'c str> {
        key_names(self.catalog, self.keys)
    }

    /// Actions that the caller needs besides with this resource.
    pub fn dependent_actions(self) -> impl Iterator<Item = &'c str> {
        let catalog = self.catalog;
        let texts = catalog.blob.list(self.dependent_actions);
        texts.map_while(move |text| catalog.blob.text(text))
    }
}

impl fmt::Debug for ResourceUse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceUse")
            .field("name", &self.name())
            .field("is_required", &self.is_required())
            .finish()
    }
}

/// A resource type of a service.
#[derive(Clone, Copy)]
pub struct ResourceType<'c> {
    catalog: &'c Catalog,
    index: usize,
}

impl<'c> ResourceType<'c> {
    /// Name (`key`).
    #[must_use]
    pub fn name(self) -> &'c str {
        self.catalog.text_of(Section::ResourceTypes, self.index, 0)
    }

    /// Forms of its ARNs, with placeholders (`arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}`).
    pub fn arn_patterns(self) -> impl Iterator<Item = &'c str> {
        let catalog = self.catalog;
        let list = catalog.blob.word(Section::ResourceTypes, self.index, 1);
        let texts = catalog.blob.list(list.unwrap_or_default());
        texts.map_while(move |text| catalog.blob.text(text))
    }

    /// The same forms as patterns: `*` stands for each placeholder (`arn:*:kms:*:*:key/*`).
    ///
    /// ```
    /// let kms = preclear_catalog::catalog().service("kms").expect("a service");
    /// let key = kms.resource_type("key").expect("a type");
    /// assert_eq!(key.arn_globs().collect::<Vec<_>>(), ["arn:*:kms:*:*:key/*"]);
    /// ```
    pub fn arn_globs(self) -> impl Iterator<Item = String> {
        self.arn_patterns().map(with_stars)
    }

    /// Names of the condition keys that every use of the resource takes.
    pub fn condition_keys(self) -> impl Iterator<Item = &'c str> {
        let list = self
            .catalog
            .blob
            .word(Section::ResourceTypes, self.index, 2);
        key_names(self.catalog, list.unwrap_or_default())
    }
}

fn with_stars(form: &str) -> String {
    let mut text = String::with_capacity(form.len());
    let mut rest = form;
    while let Some((before, from)) = rest.split_once("${") {
        text.push_str(before);
        text.push('*');
        rest = from.split_once('}').map_or("", |(_, after)| after);
    }
    text + rest
}

impl fmt::Debug for ResourceType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResourceType").field(&self.name()).finish()
    }
}

fn keys_of(catalog: &Catalog, list: u32) -> impl Iterator<Item = ConditionKey<'_>> {
    let keys = catalog.blob.list(list);
    keys.map(move |key| ConditionKey::new(catalog, key as usize))
}

fn key_names(catalog: &Catalog, list: u32) -> impl Iterator<Item = &str> {
    keys_of(catalog, list).map(ConditionKey::name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_always_carried_is_there() {
        for (service, name, key) in ALWAYS_CARRIED {
            let action = crate::catalog().action(service, name).unwrap();
            assert!(action.takes(key) && action.always_carries(key), "{key}");
        }
    }
}
