//! What documents leave unclear that only all of them together can show. Rule: IAM-TRI-7.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Arn, Diagnostic, Place};
use preclear_simulator::snapshot::{GroupRecord, NOT_KNOWN, PrincipalRecord, Tags};
use preclear_simulator::{Given, Layer, Snapshot};

use crate::loader::Loader;
use crate::part::{Candidates, Part};
use crate::values::Flaw;

/// What the parts leave unclear.
#[derive(Debug, Default)]
pub(crate) struct Unclear {
    candidates: Vec<Candidates>,
    aliases: BTreeSet<String>,
    key_policies: BTreeMap<String, BTreeMap<String, Place>>,
    places: BTreeMap<String, Place>,
    of_stacks: BTreeSet<String>,
}

/// Tags that every stack gives what it makes. Whether a service takes them is up to the service.
const STACK_TAGS: [&str; 3] = [
    "aws:cloudformation:logical-id",
    "aws:cloudformation:stack-id",
    "aws:cloudformation:stack-name",
];

impl Unclear {
    /// Takes it from the parts.
    pub(crate) fn of(parts: &mut [Part]) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.candidates.append(&mut part.candidates);
            all.aliases.append(&mut part.aliases_not_told);
            for (key, mut policies) in std::mem::take(&mut part.key_policies) {
                let known = all.key_policies.entry(key).or_default();
                known.append(&mut policies);
            }
            all.places.append(&mut part.places_not_told);
            all.of_stacks.append(&mut part.of_stacks);
        }
        all
    }

    /// Makes unknown in the whole what is unclear.
    pub(crate) fn leave_open(self, loader: &mut Loader<'_>, snapshot: &mut Snapshot) {
        for (key, policies) in &self.key_policies {
            key_policies(loader, snapshot, key, policies);
        }
        leave_places_open(loader, snapshot, &self.places);
        tag_by_stack(snapshot, &self.of_stacks);
        for candidates in self.candidates {
            candidates.leave_open(snapshot);
        }
        for key in self.aliases {
            // Whatever is before `key/` stands for all keys of the account and Region.
            let is_meant =
                |arn: &&str| **arn == key || (key.ends_with(":key/") && arn.starts_with(&key));
            let listed = snapshot.keys.iter().map(|record| record.arn.as_str());
            let meant: Vec<String> = listed.filter(is_meant).map(str::to_owned).collect();
            for arn in meant {
                leave_aliases_open(snapshot, &arn);
            }
        }
    }
}

impl Candidates {
    fn leave_open(self, snapshot: &mut Snapshot) {
        let mut owners = self.owners(snapshot);
        if owners.is_empty() && snapshot.complete {
            owners.extend(self.make(snapshot));
        }
        let known = snapshot.undetermined.entry(self.layer).or_default();
        for owner in owners {
            let names = known.entry(owner).or_default();
            names.extend(self.hangs_on.iter().cloned());
        }
    }

    /// Those that are listed.
    fn owners(&self, snapshot: &Snapshot) -> Vec<String> {
        let principals = snapshot.principals.iter().map(|record| &record.arn);
        let groups = snapshot.groups.iter().map(|record| &record.arn);
        let keys = snapshot.keys.iter().map(|record| &record.arn);
        let arns = principals.chain(groups).chain(keys);
        let arns = arns.map(|arn| (arn, arn.account()));
        let resources = snapshot.resources.iter().map(|record| {
            // The ARN of a bucket names no account.
            let own = record.account.as_deref();
            (&record.arn, own.unwrap_or(record.arn.account()))
        });
        let all = arns.chain(resources);
        let fitting = all.filter(|(arn, account)| self.may_be(arn, account));
        fitting.map(|(arn, _)| arn.as_str().to_owned()).collect()
    }

    fn may_be(&self, arn: &Arn, account: &str) -> bool {
        arn.service() == self.service
            && (account.is_empty() || account == self.account)
            && (self.kind.is_empty() || arn.resource_type() == Some(self.kind))
            && self
                .name
                .as_ref()
                .is_none_or(|name| name_of(arn).eq_ignore_ascii_case(name))
    }

    /// A user, role or group that must be there though nobody lists it: something is attached to it.
    fn make(&self, snapshot: &mut Snapshot) -> Option<String> {
        let name = self.name.as_ref()?;
        let near = snapshot.principals.first().map(|record| &record.arn);
        let near = near.or(snapshot.keys.first().map(|record| &record.arn));
        let partition = near.map_or("aws", Arn::partition);
        let resource = format!("{}/{name}", self.kind);
        let arn = Arn::from_fields(partition, self.service, "", &self.account, &resource)?;
        // Nobody in AWS has such a name: what is attached concerns nobody.
        if Flaw::of(&arn).is_some() {
            return None;
        }
        let text = arn.as_str().to_owned();
        if self.kind == "group" {
            let policies = Given::LeftOut;
            snapshot.groups.push(GroupRecord { arn, policies });
        } else {
            snapshot.principals.push(PrincipalRecord {
                is_path_known: false,
                ..PrincipalRecord::new(arn)
            });
        }
        Some(text)
    }
}

/// The name of a user, role or group, without its path.
fn name_of(arn: &Arn) -> &str {
    arn.resource_id().rsplit('/').next().unwrap_or_default()
}

/// Leaves open which aliases a key has. In a complete snapshot that takes a key of which more is there than is listed, so what else its
/// entry leaves out says that it is nothing.
fn leave_aliases_open(snapshot: &mut Snapshot, arn: &str) {
    let open = snapshot.undetermined.get(&Layer::Grants);
    let has_open_grants = open.is_some_and(|owners| owners.contains_key(arn));
    let mut keys = snapshot.keys.iter_mut();
    let Some(key) = keys.find(|key| key.arn.as_str() == arn) else {
        return;
    };
    if !snapshot.complete {
        return;
    }
    key.tags.get_or_insert_default();
    if !has_open_grants {
        key.grants.get_or_insert_default();
    }
    if !snapshot.external.iter().any(|known| known == arn) {
        snapshot.external.push(arn.to_owned());
        snapshot.external.sort();
    }
}

/// Policies that a key has beside the default one. Rule: KMS-POL-2.
fn key_policies(
    loader: &mut Loader<'_>,
    snapshot: &Snapshot,
    key: &str,
    policies: &BTreeMap<String, Place>,
) {
    let mut keys = snapshot.keys.iter();
    let record = keys.find(|record| record.arn.as_str() == key);
    let has_ram = record.is_some_and(|record| record.ram_policy.value().is_some());
    for (name, place) in policies {
        if name == "AWS_RAM" && has_ram {
            continue;
        }
        let message = format!("`{key}` has a policy `{name}`, and no file has its document");
        loader.diagnostics.push(
            Diagnostic::warning("POLICY_WITHOUT_DOCUMENT", message)
                .rule("KMS-POL-2")
                .at(place.clone())
                .help("add the output of `aws kms get-key-policy --policy-name AWS_RAM` in the folder of the key"),
        );
        loader.leave_open(Layer::Resource, key);
    }
}

/// Units and accounts of which nobody tells what is above them. Rule: IAM-EVAL-7, IAM-TRI-7.
fn leave_places_open(
    loader: &mut Loader<'_>,
    snapshot: &mut Snapshot,
    places: &BTreeMap<String, Place>,
) {
    let Some(organization) = &mut snapshot.organization else {
        return;
    };
    let below = organization.units.iter_mut();
    let open = below
        .chain(&mut organization.accounts)
        .filter(|node| node.parent.is_none());
    let mut ids = Vec::new();
    let mut first = None;
    for node in open {
        let Some(place) = places.get(&node.id) else {
            continue;
        };
        node.parent = Some(NOT_KNOWN.to_owned());
        ids.push(format!("`{}`", node.id));
        first = first.or_else(|| Some(place.clone()));
    }
    if let Some(first) = first {
        let others = ids.len().saturating_sub(3);
        ids.truncate(3);
        let others = match others {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        let message = format!(
            "no output tells what is above {}{others} in the organization: SCPs and RCPs of units may reach them",
            ids.join(", ")
        );
        loader.diagnostics.push(
            Diagnostic::warning("ORGANIZATION_IN_PART", message)
                .rule("IAM-TRI-7")
                .at(first)
                .help("add the outputs of `aws organizations list-parents`, or of `list-accounts-for-parent` for the root and each unit"),
        );
    }
}

/// What stacks make has tags that no template shows.
fn tag_by_stack(snapshot: &mut Snapshot, made: &BTreeSet<String>) {
    let is_complete = snapshot.complete;
    let external = &snapshot.external;
    let tag = |arn: &Arn, tags: &mut Option<Tags>| {
        let arn = arn.as_str();
        let is_external = || {
            external
                .iter()
                .any(|known| known == arn || known.contains('*'))
        };
        if !made.contains(arn) || (tags.is_none() && (!is_complete || is_external())) {
            // What is left out is unknown.
            return;
        }
        let tags = tags.get_or_insert_default();
        for name in STACK_TAGS {
            let known = tags.entry(name.to_owned());
            known.or_insert_with(|| NOT_KNOWN.to_owned());
        }
    };
    let principals = snapshot.principals.iter_mut();
    principals.for_each(|record| tag(&record.arn, &mut record.tags));
    let keys = snapshot.keys.iter_mut();
    keys.for_each(|record| tag(&record.arn, &mut record.tags));
    let resources = snapshot.resources.iter_mut();
    resources.for_each(|record| tag(&record.arn, &mut record.tags));
}
