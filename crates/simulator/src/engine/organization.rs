//! The organisation: which SCPs and RCPs lie above an account.

use std::collections::HashMap;

use crate::engine::policies::CompiledPolicy;
use crate::engine::principals::compile_list;
use crate::snapshot::{Given, Organization, OrganizationNode};

/// Root, unit or account with its policies.
#[derive(Debug)]
pub(crate) struct CompiledNode {
    pub(crate) id: String,
    parent: Option<usize>,
    pub(crate) scps: Given<Vec<CompiledPolicy>>,
    pub(crate) rcps: Given<Vec<CompiledPolicy>>,
}

/// The organisation.
#[derive(Debug)]
pub(crate) struct CompiledOrganization {
    pub(crate) id: String,
    management_account: Option<String>,
    nodes: Vec<CompiledNode>,
    accounts: HashMap<String, usize>,
}

impl CompiledOrganization {
    pub(crate) fn compile(organization: &Organization) -> Self {
        let mut nodes = vec![compile_node(&organization.root)];
        let mut index_of = HashMap::from([(organization.root.id.clone(), 0)]);
        for node in organization.units.iter().chain(&organization.accounts) {
            index_of.insert(node.id.clone(), nodes.len());
            nodes.push(compile_node(node));
        }
        let parents = organization
            .units
            .iter()
            .chain(&organization.accounts)
            .map(|node| {
                // Without a parent, or with one that is not listed, a node hangs under the root.
                node.parent
                    .as_ref()
                    .and_then(|parent| index_of.get(parent).copied())
                    .or(Some(0))
            });
        for (node, parent) in nodes.iter_mut().skip(1).zip(parents) {
            node.parent = parent;
        }
        let accounts = organization
            .accounts
            .iter()
            .filter_map(|node| {
                index_of
                    .get(&node.id)
                    .map(|index| (node.id.clone(), *index))
            })
            .collect();
        Self {
            id: organization.id.clone(),
            management_account: organization.management_account.clone(),
            nodes,
            accounts,
        }
    }

    /// True if the account belongs to the organisation.
    pub(crate) fn has(&self, account: &str) -> bool {
        self.is_management(account) || self.accounts.contains_key(account)
    }

    /// True for the management account.
    pub(crate) fn is_management(&self, account: &str) -> bool {
        self.management_account.as_deref() == Some(account)
    }

    /// Levels from the root down to the account; empty for an account outside.
    pub(crate) fn chain(&self, account: &str) -> Vec<&CompiledNode> {
        let mut chain = Vec::new();
        let mut next = self.accounts.get(account).copied();
        // A snapshot with a circle of units must not hang us: no chain is longer than the tree.
        while let Some(node) = next.and_then(|index| self.nodes.get(index)) {
            if chain.len() > self.nodes.len() {
                break;
            }
            chain.push(node);
            next = node.parent;
        }
        chain.reverse();
        chain
    }

    /// `o-x/r-y/ou-z/` of the account. Rule: IAM-CTX-3.
    pub(crate) fn path(&self, account: &str) -> String {
        let mut path = format!("{}/", self.id);
        for node in self.chain(account) {
            if node.id != account {
                path.push_str(&node.id);
                path.push('/');
            }
        }
        path
    }
}

fn compile_node(node: &OrganizationNode) -> CompiledNode {
    CompiledNode {
        id: node.id.clone(),
        parent: None,
        scps: compile_list(&node.scps),
        rcps: compile_list(&node.rcps),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, parent: Option<&str>) -> OrganizationNode {
        OrganizationNode {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            scps: Given::LeftOut,
            rcps: Given::LeftOut,
        }
    }

    fn organization(units: Vec<OrganizationNode>) -> CompiledOrganization {
        CompiledOrganization::compile(&Organization {
            id: "o-1".to_owned(),
            management_account: Some("999999999999".to_owned()),
            root: node("r-1", None),
            units,
            accounts: vec![node("111122223333", Some("ou-b"))],
        })
    }

    #[test]
    fn chain_runs_from_the_root_to_the_account() {
        let organization =
            organization(vec![node("ou-b", Some("ou-a")), node("ou-a", Some("r-1"))]);
        let chain: Vec<&str> = organization
            .chain("111122223333")
            .iter()
            .map(|node| node.id.as_str())
            .collect();
        assert_eq!(chain, ["r-1", "ou-a", "ou-b", "111122223333"]);
        assert_eq!(organization.path("111122223333"), "o-1/r-1/ou-a/ou-b/");
    }

    #[test]
    fn accounts_that_are_not_listed_are_outside() {
        let organization = organization(Vec::new());
        assert!(!organization.has("444455556666"));
        assert!(organization.has("999999999999"));
        assert!(organization.chain("444455556666").is_empty());
    }

    #[test]
    fn a_circle_of_units_ends() {
        let organization =
            organization(vec![node("ou-b", Some("ou-a")), node("ou-a", Some("ou-b"))]);
        assert!(organization.chain("111122223333").len() <= 6);
    }
}
