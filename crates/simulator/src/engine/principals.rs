//! Users, roles and groups of the snapshot, compiled.

use std::collections::HashMap;
use std::sync::Arc;

use preclear_model::caller::{Caller, CallerKind};
use preclear_model::{Arn, Policy};

use crate::engine::policies::PolicySet;
use crate::engine::table::NameTable;
use crate::snapshot::{Given, GroupRecord, PrincipalRecord, Snapshot, Tags};

/// A user or role.
#[derive(Debug)]
pub(crate) struct CompiledPrincipal {
    pub(crate) arn: Arn,
    /// False where the ARN's path is made up.
    pub(crate) is_path_known: bool,
    pub(crate) id: Option<String>,
    pub(crate) policies: Given<PolicySet>,
    /// Indexes of the groups; the ARN of one that the snapshot does not list.
    pub(crate) groups: Given<Vec<Result<usize, String>>>,
    pub(crate) boundary: Given<PolicySet>,
    pub(crate) trust: Given<PolicySet>,
    pub(crate) tags: Option<Tags>,
}

/// A group.
#[derive(Debug)]
pub(crate) struct CompiledGroup {
    pub(crate) arn: Arn,
    pub(crate) policies: Given<PolicySet>,
}

/// All identities.
#[derive(Debug, Default)]
pub(crate) struct Principals {
    records: Vec<CompiledPrincipal>,
    groups: Vec<CompiledGroup>,
    by_arn: NameTable<String, usize>,
    /// Role names are unique in an account, and a session ARN shows nothing else.
    by_role: NameTable<String, Vec<usize>>,
}

pub(crate) fn compile_given(policy: &Given<Arc<Policy>>) -> Given<PolicySet> {
    match policy {
        Given::LeftOut => Given::LeftOut,
        Given::Nothing => Given::Nothing,
        Given::Here(policy) => Given::Here(PolicySet::compile([policy])),
    }
}

pub(crate) fn compile_list(policies: &Given<Vec<Arc<Policy>>>) -> Given<PolicySet> {
    match policies {
        Given::LeftOut => Given::LeftOut,
        Given::Nothing => Given::Nothing,
        Given::Here(list) => Given::Here(PolicySet::compile(list)),
    }
}

impl Principals {
    pub(crate) fn compile(snapshot: &Snapshot) -> Self {
        let group_index: HashMap<&str, usize> = snapshot
            .groups
            .iter()
            .enumerate()
            .map(|(index, group)| (group.arn.as_str(), index))
            .collect();
        let mut principals = Self {
            groups: snapshot.groups.iter().map(compile_group).collect(),
            ..Self::default()
        };
        for record in &snapshot.principals {
            principals.add(record, &group_index);
        }
        principals
    }

    fn add(&mut self, record: &PrincipalRecord, group_index: &HashMap<&str, usize>) {
        let index = self.records.len();
        self.by_arn.insert(record.arn.as_str().to_owned(), index);
        if let Some(path) = record.arn.resource().strip_prefix("role/") {
            let name = path.rsplit('/').next().unwrap_or(path);
            let of_name = self.by_role.entry(name.to_owned()).or_default();
            // The last one of a name counts, as with ARNs.
            of_name.insert(0, index);
        }
        let groups = match &record.groups {
            Given::LeftOut => Given::LeftOut,
            Given::Nothing => Given::Nothing,
            Given::Here(arns) => Given::Here(
                arns.iter()
                    .map(|arn| group_index.get(arn.as_str()).copied().ok_or(arn.clone()))
                    .collect(),
            ),
        };
        self.records.push(CompiledPrincipal {
            arn: record.arn.clone(),
            is_path_known: record.is_path_known,
            id: record.id.clone(),
            policies: compile_list(&record.policies),
            groups,
            boundary: compile_given(&record.boundary),
            trust: compile_given(&record.trust),
            tags: record.tags.clone(),
        });
    }

    /// The identity with this ARN.
    pub(crate) fn by_arn(&self, arn: &str) -> Option<&CompiledPrincipal> {
        self.by_arn
            .get(arn)
            .and_then(|index| self.records.get(*index))
    }

    /// The user or role behind a caller. Rule: IAM-PRIN-5.
    pub(crate) fn of(&self, caller: &Caller) -> Option<&CompiledPrincipal> {
        match &caller.kind {
            CallerKind::User { arn } => self.by_arn(arn.as_str()),
            CallerKind::FederatedUser { user, .. } => self.by_arn(user.as_ref()?.as_str()),
            CallerKind::RoleSession {
                role_arn: Some(arn),
                ..
            } => self.by_arn(arn.as_str()),
            CallerKind::RoleSession {
                role,
                role_arn: None,
                ..
            } => {
                let (partition, account) =
                    (caller.partition.as_deref()?, caller.account.as_deref()?);
                let of_name = self.by_role.get(role)?.iter();
                let mut roles = of_name.filter_map(|index| self.records.get(*index));
                roles.find(|record| {
                    record.arn.account() == account && record.arn.partition() == partition
                })
            }
            _ => None,
        }
    }

    pub(crate) fn group(&self, index: usize) -> Option<&CompiledGroup> {
        self.groups.get(index)
    }
}

fn compile_group(group: &GroupRecord) -> CompiledGroup {
    CompiledGroup {
        arn: group.arn.clone(),
        policies: compile_list(&group.policies),
    }
}
