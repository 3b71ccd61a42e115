//! What all policies of a snapshot, and those of the session, say between them.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use preclear_condition::KeyName;
use preclear_model::{Piece, Policy, Template};

use super::content::{Quick, hash_of_policy, is_same_policy};
use crate::snapshot::{Given, Snapshot};

/// How keys for tags of the resource begin, in lower case.
pub(super) const RESOURCE_TAGS: &str = "aws:resourcetag/";

/// A table by something that hashes well.
pub(super) type Table<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// Distinct documents, and the condition keys that they speak of.
#[derive(Debug)]
pub(super) struct Corpus {
    /// One document of each content.
    pub(super) documents: Vec<Arc<Policy>>,
    /// Place of every document among them, by its address.
    ids: Table<usize, u32>,
    /// Names of keys in lower case.
    mentioned: HashSet<Box<str>>,
}

/// What stands for a policy: two of one number say the same.
pub(super) type PolicyId = u32;

const LEFT_OUT: PolicyId = PolicyId::MAX;
const NOTHING: PolicyId = PolicyId::MAX - 1;
/// A document that no part of the snapshot holds; there is none.
const STRAY: PolicyId = PolicyId::MAX - 2;

impl Corpus {
    /// Of a snapshot, and of session policies beside it. What is asked of it later must belong to the same snapshot.
    pub(super) fn of(snapshot: &Snapshot, session: &[Arc<Policy>]) -> Self {
        let mut corpus = Self {
            documents: Vec::new(),
            ids: Table::default(),
            mentioned: HashSet::new(),
        };
        let mut by_hash: Table<u64, Vec<u32>> = Table::default();
        for policy in documents(snapshot).chain(session) {
            corpus.add(policy, &mut by_hash);
        }
        let keys = corpus.documents.iter().flat_map(|policy| keys(policy));
        corpus.mentioned = keys.map(|key| KeyName::new(key).as_str().into()).collect();
        corpus
    }

    fn add(&mut self, policy: &Arc<Policy>, by_hash: &mut Table<u64, Vec<u32>>) {
        let address = Arc::as_ptr(policy).addr();
        if self.ids.contains_key(&address) {
            return;
        }
        let of_hash = by_hash.entry(hash_of_policy(policy)).or_default();
        let same = of_hash.iter().copied().find(|id| {
            let known = self.documents.get(*id as usize);
            known.is_some_and(|known| is_same_policy(known, policy))
        });
        let id = same.unwrap_or_else(|| {
            let id = u32::try_from(self.documents.len()).unwrap_or(STRAY);
            self.documents.push(Arc::clone(policy));
            of_hash.push(id);
            id
        });
        self.ids.insert(address, id);
    }

    /// The number of a policy of the snapshot.
    pub(super) fn id(&self, policy: &Given<Arc<Policy>>) -> PolicyId {
        match policy {
            Given::LeftOut => LEFT_OUT,
            Given::Nothing => NOTHING,
            Given::Here(policy) => self.id_of(policy),
        }
    }

    /// The numbers of several.
    pub(super) fn ids(&self, policies: &Given<Vec<Arc<Policy>>>) -> Vec<PolicyId> {
        match policies {
            Given::LeftOut => vec![LEFT_OUT],
            Given::Nothing => vec![NOTHING],
            Given::Here(policies) => policies.iter().map(|policy| self.id_of(policy)).collect(),
        }
    }

    fn id_of(&self, policy: &Arc<Policy>) -> PolicyId {
        let id = self.ids.get(&Arc::as_ptr(policy).addr());
        id.copied().unwrap_or(STRAY)
    }

    /// The condition keys that conditions and variables name, in lower case.
    pub(super) fn mentioned(&self) -> impl Iterator<Item = &str> {
        self.mentioned.iter().map(|key| &**key)
    }

    /// True if a condition or a variable names the key, given in lower case.
    pub(super) fn mentions(&self, key: &str) -> bool {
        self.mentioned.contains(key)
    }

    /// True if one names a key that starts so.
    pub(super) fn mentions_any(&self, family: &str) -> bool {
        self.mentioned().any(|key| key.starts_with(family))
    }
}

/// Every document of a snapshot. Those of AWS managed keys that it leaves out are not among them.
fn documents(snapshot: &Snapshot) -> impl Iterator<Item = &Arc<Policy>> {
    let principals = snapshot.principals.iter().flat_map(|principal| {
        let own = principal.policies.value().into_iter().flatten();
        own.chain(principal.boundary.value())
            .chain(principal.trust.value())
    });
    let groups = snapshot.groups.iter();
    let groups = groups.flat_map(|group| group.policies.value().into_iter().flatten());
    let nodes = snapshot.organization.iter().flat_map(|organization| {
        let below = organization.units.iter().chain(&organization.accounts);
        std::iter::once(&organization.root).chain(below)
    });
    let guardrails = nodes.flat_map(|node| {
        let lists = [node.scps.value(), node.rcps.value()];
        lists.into_iter().flatten().flatten()
    });
    let keys = snapshot.keys.iter();
    let keys = keys.flat_map(|key| key.policy.value().into_iter().chain(key.ram_policy.value()));
    let resources = snapshot.resources.iter();
    let resources = resources.filter_map(|resource| resource.policy.value());
    let endpoints = snapshot.vpc_endpoints.iter();
    let endpoints = endpoints.filter_map(|endpoint| endpoint.policy.value());
    principals
        .chain(groups)
        .chain(guardrails)
        .chain(keys)
        .chain(resources)
        .chain(endpoints)
}

/// The condition keys that a document names, with repetitions.
fn keys(policy: &Policy) -> impl Iterator<Item = &str> {
    policy.statements.iter().flat_map(|statement| {
        let tests = statement.conditions.iter();
        let operands = tests.clone().flat_map(|test| &test.operands);
        let entries = statement
            .resource
            .iter()
            .flat_map(|element| element.entries());
        let templates = operands
            .map(|operand| &operand.template)
            .chain(entries.map(|entry| &entry.template));
        let tested = tests.map(|test| test.key.as_str());
        tested.chain(templates.flat_map(variables))
    })
}

fn variables(template: &Template) -> impl Iterator<Item = &str> {
    template.pieces.iter().filter_map(|piece| match piece {
        Piece::Variable { key, .. } => Some(key.as_str()),
        Piece::Text(_) | Piece::Literal(_) => None,
    })
}
