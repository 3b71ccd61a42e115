//! The organisation: which SCPs and RCPs lie above an account.

use std::collections::HashMap;

use preclear_condition::Tri;

use crate::engine::compiler::Compiler;
use crate::engine::policies::PolicySet;
use crate::engine::principals::compile_list;
use crate::engine::table::NameTable;
use crate::snapshot::{Given, NOT_KNOWN, Organization, OrganizationNode};

/// Place of the root among the nodes.
const ROOT: usize = 0;

/// Root, unit or account with its policies.
#[derive(Debug)]
pub(crate) struct CompiledNode {
    pub(crate) id: String,
    parent: Option<usize>,
    pub(crate) scps: Given<PolicySet>,
    pub(crate) rcps: Given<PolicySet>,
}

/// The organisation.
#[derive(Debug)]
pub(crate) struct CompiledOrganization {
    pub(crate) id: String,
    management_account: Option<String>,
    /// True if what is not said is not there.
    is_certain: bool,
    nodes: Vec<CompiledNode>,
    accounts: NameTable<String, Above>,
    /// An account that is not listed.
    outside: Above,
}

/// Levels above an account.
#[derive(Debug, Clone)]
pub(crate) struct Chain<'o> {
    /// From the root down to the account; empty for an account outside.
    pub(crate) levels: Levels<'o>,
    /// False where there may be more levels than these.
    pub(crate) is_whole: bool,
}

/// Nodes from the root down.
#[derive(Debug, Clone)]
pub(crate) struct Levels<'o> {
    nodes: &'o [CompiledNode],
    indexes: std::slice::Iter<'o, usize>,
}

impl<'o> Iterator for Levels<'o> {
    type Item = &'o CompiledNode;

    fn next(&mut self) -> Option<Self::Item> {
        self.nodes.get(*self.indexes.next()?)
    }
}

/// Levels above an account, as places of nodes, and its path.
#[derive(Debug, Default)]
struct Above {
    indexes: Box<[usize]>,
    is_whole: bool,
    path: Option<Box<str>>,
}

impl CompiledOrganization {
    /// Nodes of a complete snapshot that name no parent hang below the root; of any other, and where the parent is not known,
    /// it is not known what is between. Rule: IAM-TRI-7.
    pub(crate) fn compile(
        organization: &Organization,
        is_complete: bool,
        compiler: &mut Compiler,
    ) -> Self {
        // Guardrails that come without an organisation are all that there is.
        let is_certain = is_complete || organization.id.is_empty();
        let mut nodes = vec![compile_node(&organization.root, compiler)];
        let mut index_of = HashMap::from([(organization.root.id.clone(), 0)]);
        for node in organization.units.iter().chain(&organization.accounts) {
            index_of.insert(node.id.clone(), nodes.len());
            nodes.push(compile_node(node, compiler));
        }
        let parents = organization
            .units
            .iter()
            .chain(&organization.accounts)
            .map(|node| {
                let named = node.parent.as_ref();
                let found = named.and_then(|parent| index_of.get(parent).copied());
                let is_told = node.parent.as_deref() != Some(NOT_KNOWN);
                found.or((is_certain && is_told).then_some(ROOT))
            });
        for (node, parent) in nodes.iter_mut().skip(1).zip(parents) {
            node.parent = parent;
        }
        let mut compiled = Self {
            id: organization.id.clone(),
            management_account: organization.management_account.clone(),
            is_certain,
            nodes,
            accounts: NameTable::default(),
            outside: Above::default(),
        };
        for node in &organization.accounts {
            if let Some(index) = index_of.get(&node.id) {
                let above = compiled.above(&node.id, Some(*index));
                compiled.accounts.insert(node.id.clone(), above);
            }
        }
        compiled.outside = compiled.above("", None);
        compiled
    }

    /// True if the account belongs to the organisation.
    pub(crate) fn has(&self, account: &str) -> bool {
        self.accounts.contains_key(account) || self.management_account.as_deref() == Some(account)
    }

    /// True for the management account; unknown where nobody says which it is. Rule: IAM-EVAL-8, IAM-EVAL-10.
    pub(crate) fn is_management(&self, account: &str) -> Tri {
        match &self.management_account {
            Some(management) => (management == account).into(),
            None if self.is_certain => Tri::False,
            None => Tri::Unknown,
        }
    }

    /// The levels above an account, itself included.
    pub(crate) fn chain(&self, account: &str) -> Chain<'_> {
        let above = self.accounts.get(account).unwrap_or(&self.outside);
        Chain {
            levels: Levels {
                nodes: &self.nodes,
                indexes: above.indexes.iter(),
            },
            is_whole: above.is_whole,
        }
    }

    /// `o-x/r-y/ou-z/` of the account; `None` where it is not known. Rule: IAM-CTX-3.
    pub(crate) fn path(&self, account: &str) -> Option<&str> {
        let above = self.accounts.get(account).unwrap_or(&self.outside);
        above.path.as_deref()
    }

    /// What is above the node of an account.
    fn above(&self, account: &str, node: Option<usize>) -> Above {
        let mut indexes = Vec::new();
        let mut next = node;
        // A snapshot with a circle of units must not hang us: no chain is longer than the tree.
        while let Some(index) = next.filter(|_| indexes.len() < self.nodes.len()) {
            indexes.push(index);
            next = self.nodes.get(index).and_then(|node| node.parent);
        }
        let is_whole = indexes.last().is_none_or(|top| *top == ROOT);
        if !is_whole {
            // The root is above whatever is between.
            indexes.push(ROOT);
        }
        indexes.reverse();
        let path = self.path_through(account, &indexes, is_whole);
        Above {
            path: path.map(String::into_boxed_str),
            indexes: indexes.into(),
            is_whole,
        }
    }

    fn path_through(&self, account: &str, indexes: &[usize], is_whole: bool) -> Option<String> {
        let root = self.nodes.get(ROOT).filter(|root| !root.id.is_empty())?;
        // The management account need not be listed; it has a place all the same.
        let is_placed = !indexes.is_empty() || self.is_certain;
        if !is_whole || !is_placed {
            return None;
        }
        let below = indexes.iter().skip(1);
        let below = below.filter_map(|index| self.nodes.get(*index));
        let ids = [self.id.as_str(), &root.id]
            .into_iter()
            .chain(below.map(|node| node.id.as_str()));
        Some(
            ids.filter(|id| *id != account)
                .map(|id| format!("{id}/"))
                .collect(),
        )
    }
}

fn compile_node(node: &OrganizationNode, compiler: &mut Compiler) -> CompiledNode {
    CompiledNode {
        id: node.id.clone(),
        parent: None,
        scps: compile_list(&node.scps, compiler),
        rcps: compile_list(&node.rcps, compiler),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "111122223333";
    const MANAGEMENT: &str = "999999999999";

    fn node(id: &str, parent: Option<&str>) -> OrganizationNode {
        OrganizationNode {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            scps: Given::LeftOut,
            rcps: Given::LeftOut,
        }
    }

    fn organization(units: Vec<OrganizationNode>) -> Organization {
        Organization {
            id: "o-1".to_owned(),
            management_account: Some(MANAGEMENT.to_owned()),
            root: node("r-1", None),
            units,
            accounts: vec![node(ACCOUNT, Some("ou-b"))],
        }
    }

    fn compile(organization: &Organization) -> [CompiledOrganization; 2] {
        [true, false].map(|is_complete| {
            CompiledOrganization::compile(organization, is_complete, &mut Compiler::default())
        })
    }

    fn levels<'o>(organization: &'o CompiledOrganization, account: &str) -> (Vec<&'o str>, bool) {
        let chain = organization.chain(account);
        let ids = chain.levels.map(|node| node.id.as_str());
        (ids.collect(), chain.is_whole)
    }

    #[test]
    fn chain_runs_from_the_root_to_the_account() {
        let units = vec![node("ou-b", Some("ou-a")), node("ou-a", Some("r-1"))];
        for compiled in compile(&organization(units)) {
            assert_eq!(
                levels(&compiled, ACCOUNT),
                (vec!["r-1", "ou-a", "ou-b", ACCOUNT], true)
            );
            let path = compiled.path(ACCOUNT);
            assert_eq!(path, Some("o-1/r-1/ou-a/ou-b/"));
        }
    }

    #[test]
    fn a_parent_that_is_left_out_is_the_root_or_unknown() {
        let [complete, open] = compile(&organization(vec![node("ou-b", None)]));
        let whole = vec!["r-1", "ou-b", ACCOUNT];
        assert_eq!(levels(&complete, ACCOUNT), (whole.clone(), true));
        assert_eq!(complete.path(ACCOUNT), Some("o-1/r-1/ou-b/"));
        assert_eq!(levels(&open, ACCOUNT), (whole, false));
        assert_eq!(open.path(ACCOUNT), None);
    }

    #[test]
    fn a_parent_that_is_not_known_may_be_any_unit() {
        let mut own = organization(vec![node("ou-b", Some("r-1"))]);
        own.accounts = vec![node(ACCOUNT, Some(NOT_KNOWN))];
        for compiled in compile(&own) {
            assert_eq!(levels(&compiled, ACCOUNT), (vec!["r-1", ACCOUNT], false));
            assert_eq!(compiled.path(ACCOUNT), None);
        }
    }

    #[test]
    fn guardrails_without_an_organization_hang_together() {
        let mut alone = organization(Vec::new());
        alone.id.clear();
        alone.management_account = None;
        alone.accounts = vec![node(ACCOUNT, None)];
        let [_, open] = compile(&alone);
        assert_eq!(levels(&open, ACCOUNT), (vec!["r-1", ACCOUNT], true));
        assert_eq!(open.is_management(ACCOUNT), Tri::False);
    }

    #[test]
    fn accounts_that_are_not_listed_are_outside() {
        for compiled in compile(&organization(Vec::new())) {
            assert!(!compiled.has("444455556666"));
            assert!(compiled.has(MANAGEMENT) && compiled.has(ACCOUNT));
            assert_eq!(levels(&compiled, "444455556666"), (Vec::new(), true));
        }
    }

    #[test]
    fn the_management_account_has_a_place_too() {
        let mut given = organization(Vec::new());
        let [complete, open] = compile(&given);
        assert_eq!(complete.path(MANAGEMENT), Some("o-1/r-1/"));
        assert_eq!(open.path(MANAGEMENT), None);
        assert_eq!(open.is_management(MANAGEMENT), Tri::True);
        assert_eq!(open.is_management(ACCOUNT), Tri::False);
        given.management_account = None;
        let [complete, open] = compile(&given);
        assert_eq!(complete.is_management(ACCOUNT), Tri::False);
        assert_eq!(open.is_management(ACCOUNT), Tri::Unknown);
    }

    #[test]
    fn without_the_id_of_the_root_no_path_is_known() {
        let mut given = organization(Vec::new());
        given.root.id.clear();
        for compiled in compile(&given) {
            assert_eq!(compiled.path(ACCOUNT), None);
        }
    }

    #[test]
    fn a_circle_of_units_ends() {
        let units = vec![node("ou-b", Some("ou-a")), node("ou-a", Some("ou-b"))];
        for compiled in compile(&organization(units)) {
            let (levels, is_whole) = levels(&compiled, ACCOUNT);
            assert!(levels.len() <= 6 && !is_whole);
        }
    }
}
