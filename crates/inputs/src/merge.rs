//! Joins what several documents say into one snapshot. Rule: UI-31, UI-32.
//!
//! Documents may complete each other: one has a key's policy, the next its grants. What two of them say differently
//! is an error that names both places. Nothing here knows where a part comes from.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_model::{Diagnostic, Diagnostics, Place, Policy};
use preclear_simulator::Snapshot;
use preclear_simulator::snapshot::{Organization, OrganizationNode};

use crate::check;
use crate::part::{Entry, OrganizationPart, Part, Said};
use crate::same::{Record, same_content};

mod printed;

/// Joins parts into one snapshot and checks the whole.
///
/// The diagnostics may hold errors; the snapshot must not be used then.
///
/// ```
/// use preclear_inputs::merge::merge;
/// let (snapshot, diagnostics) = merge([]);
/// assert!(diagnostics.is_empty() && !snapshot.complete);
/// ```
#[must_use]
pub fn merge(parts: impl IntoIterator<Item = Part>) -> (Snapshot, Diagnostics) {
    let mut merger = Merger::default();
    for part in parts {
        merger.add(part);
    }
    merger.finish()
}

#[derive(Default)]
struct Merger {
    whole: Part,
    /// Names that mean several things.
    ambiguous: BTreeSet<String>,
    diagnostics: Diagnostics,
}

impl Merger {
    fn add(&mut self, part: Part) {
        let (whole, diagnostics) = (&mut self.whole, &mut self.diagnostics);
        add_said(&mut whole.account, part.account, "account", diagnostics);
        add_said(&mut whole.region, part.region, "region", diagnostics);
        add_said(&mut whole.complete, part.complete, "complete", diagnostics);
        whole.homes.accounts.extend(part.homes.accounts);
        whole.homes.regions.extend(part.homes.regions);
        for (layer, owners) in part.open {
            whole.open.entry(layer).or_default().extend(owners);
        }
        for (layer, owners) in part.undetermined {
            let known = whole.undetermined.entry(layer).or_default();
            for (owner, names) in owners {
                known.entry(owner).or_default().extend(names);
            }
        }
        whole.stand_ins.extend(part.stand_ins);
        for (name, arn) in part.names {
            // A name that means two things means neither.
            match whole.names.get(&name) {
                Some(known) if *known != arn => {
                    whole.names.remove(&name);
                    self.ambiguous.insert(name);
                }
                _ if self.ambiguous.contains(&name) => {}
                _ => {
                    whole.names.insert(name, arn);
                }
            }
        }
        whole.is_in_part |= part.is_in_part;
        whole.layers_not_loaded.extend(part.layers_not_loaded);
        whole.layers_open.extend(part.layers_open);
        whole.layers_empty.extend(part.layers_empty);
        whole.layer_places.extend(part.layer_places);
        whole.external.extend(part.external);
        for (account, regions) in part.disabled_regions {
            whole
                .disabled_regions
                .entry(account)
                .or_default()
                .extend(regions);
        }
        add_organization(&mut whole.organization, part.organization, diagnostics);
        whole.principals.extend(part.principals);
        whole.groups.extend(part.groups);
        whole.keys.extend(part.keys);
        whole.resources.extend(part.resources);
        whole.vpc_endpoints.extend(part.vpc_endpoints);
    }

    fn finish(self) -> (Snapshot, Diagnostics) {
        let Self {
            mut whole,
            mut diagnostics,
            ..
        } = self;
        if whole.is_in_part {
            // Something is missing, whatever another file says.
            whole.complete = None;
        }
        let d = &mut diagnostics;
        printed::wins(&mut whole);
        join(&mut whole.principals, |record| record.arn.as_str(), d);
        join(&mut whole.groups, |record| record.arn.as_str(), d);
        join(&mut whole.keys, |record| record.arn.as_str(), d);
        join(&mut whole.resources, |record| record.arn.as_str(), d);
        join(&mut whole.vpc_endpoints, |record| record.id.as_str(), d);
        if let Some(organization) = &mut whole.organization {
            join(&mut organization.units, |node| node.id.as_str(), d);
            join(&mut organization.accounts, |node| node.id.as_str(), d);
        }
        check::part(&mut whole, d);
        let snapshot = snapshot(whole);
        same_arn_same_policy(&snapshot, d);
        diagnostics.sort();
        (snapshot, diagnostics)
    }
}

/// Keeps what was said first; says so where the second differs.
fn add_said<T: PartialEq + std::fmt::Display>(
    whole: &mut Option<Said<T>>,
    part: Option<Said<T>>,
    member: &str,
    diagnostics: &mut Diagnostics,
) {
    match (&*whole, part) {
        (_, None) => {}
        (None, Some(part)) => *whole = Some(part),
        (Some(first), Some(second)) if first.value != second.value => {
            diagnostics.push(contradiction(
                format!(
                    "`{member}` is `{}` here and `{}` elsewhere",
                    second.value, first.value
                ),
                &second.place,
                &first.place,
            ));
        }
        (Some(_), Some(_)) => {}
    }
}

pub(crate) fn contradiction(message: String, second: &Place, first: &Place) -> Diagnostic {
    Diagnostic::error("CONTRADICTION", message)
        .rule("UI-32")
        .at(second.clone())
        .related(first.clone(), "the other one")
        .help("keep one of the two, or make them say the same")
}

/// Joins entries that have the same key, keeping the order of first mention.
fn join<T: Record>(
    entries: &mut Vec<Entry<T>>,
    key: impl Fn(&T) -> &str,
    diagnostics: &mut Diagnostics,
) {
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    let mut joined: Vec<Entry<T>> = Vec::with_capacity(entries.len());
    for entry in std::mem::take(entries) {
        match index.entry(key(&entry.record).to_owned()) {
            Slot::Vacant(slot) => {
                slot.insert(joined.len());
                joined.push(entry);
            }
            Slot::Occupied(slot) => {
                if let Some(first) = joined.get_mut(*slot.get()) {
                    complete(first, entry, slot.key(), diagnostics);
                }
            }
        }
    }
    *entries = joined;
}

/// Completes the first entry with the members of a second one for the same thing.
fn complete<T: Record>(
    first: &mut Entry<T>,
    mut second: Entry<T>,
    key: &str,
    diagnostics: &mut Diagnostics,
) {
    if Arc::ptr_eq(&first.place.source, &second.place.source) {
        diagnostics.push(
            Diagnostic::error("DUPLICATE_ENTRY", format!("`{key}` is listed twice"))
                .rule("UI-32")
                .at(second.place)
                .related(first.place.clone(), "listed here first")
                .help("join the two entries"),
        );
        return;
    }
    for (member, place) in second.given {
        match first.given.entry(member) {
            Slot::Vacant(slot) => {
                slot.insert(place);
                first.record.take(&mut second.record, member);
            }
            Slot::Occupied(slot) => {
                if !first.record.same(&second.record, member) {
                    diagnostics.push(contradiction(
                        format!("two documents disagree on `{member}` of `{key}`"),
                        &place,
                        slot.get(),
                    ));
                }
            }
        }
    }
}

fn add_organization(
    whole: &mut Option<OrganizationPart>,
    part: Option<OrganizationPart>,
    diagnostics: &mut Diagnostics,
) {
    let Some(part) = part else { return };
    let Some(first) = whole else {
        *whole = Some(part);
        return;
    };
    let mut id = Some(first.id.clone());
    add_said(&mut id, Some(part.id), "id", diagnostics);
    add_said(
        &mut first.management_account,
        part.management_account,
        "management_account",
        diagnostics,
    );
    match (&mut first.root, part.root) {
        (_, None) => {}
        (root @ None, second) => *root = second,
        (Some(root), Some(second)) if root.record.id == second.record.id => {
            let id = root.record.id.clone();
            complete(root, second, &id, diagnostics);
        }
        (Some(root), Some(second)) => diagnostics.push(contradiction(
            format!(
                "the root is `{}` here and `{}` elsewhere",
                second.record.id, root.record.id
            ),
            &second.place,
            &root.place,
        )),
    }
    first.units.extend(part.units);
    first.accounts.extend(part.accounts);
}

/// Drops the places.
fn snapshot(whole: Part) -> Snapshot {
    fn records<T>(entries: Vec<Entry<T>>) -> Vec<T> {
        entries.into_iter().map(|entry| entry.record).collect()
    }
    let mut external = whole.external;
    external.sort();
    external.dedup();
    Snapshot {
        account: whole.account.map(|said| said.value),
        region: whole.region.map(|said| said.value),
        complete: whole.complete.is_some_and(|said| said.value),
        layers_not_loaded: whole.layers_not_loaded,
        layers_open: whole.layers_open,
        layers_empty: whole.layers_empty,
        rejected: BTreeMap::new(),
        undetermined: whole.undetermined,
        names: whole.names,
        stand_ins: whole.stand_ins,
        external,
        disabled_regions: whole.disabled_regions,
        organization: whole.organization.map(|organization| Organization {
            id: organization.id.value,
            management_account: organization.management_account.map(|said| said.value),
            root: organization.root.map_or_else(
                || OrganizationNode {
                    id: String::new(),
                    parent: None,
                    scps: Default::default(),
                    rcps: Default::default(),
                },
                |root| root.record,
            ),
            units: records(organization.units),
            accounts: records(organization.accounts),
        }),
        principals: records(whole.principals),
        groups: records(whole.groups),
        keys: records(whole.keys),
        resources: records(whole.resources),
        vpc_endpoints: records(whole.vpc_endpoints),
    }
}

/// One ARN is one document: a managed policy that two files hold in different versions is a contradiction.
fn same_arn_same_policy(snapshot: &Snapshot, diagnostics: &mut Diagnostics) {
    let mut known: BTreeMap<&str, &Arc<Policy>> = BTreeMap::new();
    for policy in policies(snapshot) {
        if !policy.name.starts_with("arn:") {
            continue;
        }
        match known.entry(&policy.name) {
            Slot::Vacant(slot) => {
                slot.insert(policy);
            }
            Slot::Occupied(slot) => {
                let first = *slot.get();
                if !Arc::ptr_eq(first, policy) && !same_content(first, policy) {
                    diagnostics.push(contradiction(
                        format!("`{}` has two different documents", policy.name),
                        &policy.place(policy.span),
                        &first.place(first.span),
                    ));
                }
            }
        }
    }
}

/// All policies that principals, groups and the organisation share by ARN.
fn policies(snapshot: &Snapshot) -> impl Iterator<Item = &Arc<Policy>> {
    let of_principals = snapshot.principals.iter().flat_map(|principal| {
        principal
            .policies
            .value()
            .into_iter()
            .flatten()
            .chain(principal.boundary.value())
    });
    let of_groups = snapshot
        .groups
        .iter()
        .flat_map(|group| group.policies.value().into_iter().flatten());
    let of_organization = snapshot.organization.iter().flat_map(|organization| {
        std::iter::once(&organization.root)
            .chain(&organization.units)
            .chain(&organization.accounts)
            .flat_map(|node| {
                let scps = node.scps.value().into_iter().flatten();
                scps.chain(node.rcps.value().into_iter().flatten())
            })
    });
    of_principals.chain(of_groups).chain(of_organization)
}

#[cfg(test)]
mod tests;
