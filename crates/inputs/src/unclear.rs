//! What documents leave unclear that only all of them together can show. Rule: IAM-TRI-7.

use std::collections::BTreeSet;

use preclear_model::Arn;
use preclear_simulator::snapshot::{GroupRecord, PrincipalRecord};
use preclear_simulator::{Given, Layer, Snapshot};

use crate::part::{Candidates, Part};
use crate::values::Flaw;

/// What the parts leave unclear.
#[derive(Debug, Default)]
pub(crate) struct Unclear {
    candidates: Vec<Candidates>,
    aliases: BTreeSet<String>,
}

impl Unclear {
    /// Takes it from the parts.
    pub(crate) fn of(parts: &mut [Part]) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.candidates.append(&mut part.candidates);
            all.aliases.append(&mut part.aliases_not_told);
        }
        all
    }

    /// Makes unknown in the whole what is unclear.
    pub(crate) fn leave_open(self, snapshot: &mut Snapshot) {
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
