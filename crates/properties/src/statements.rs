//! Statements and grants of a snapshot, and the snapshot without some of them.

use std::sync::Arc;

use preclear_model::{Place, Policy, Span, Statement};
use preclear_simulator::Snapshot;
use preclear_simulator::snapshot::Given;

/// A part of a snapshot that allows or denies by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Item {
    /// A statement: the text that it stands in, by its address, and where. One that is attached twice is one.
    Statement(usize, Span),
    /// A grant of a key, by the key's ARN and its id.
    Grant(String, String),
}

impl Item {
    /// The statement of a policy.
    fn of(policy: &Policy, statement: &Statement) -> Self {
        Self::at(&policy.place(statement.span))
    }

    /// The statement at a place.
    pub(crate) fn at(place: &Place) -> Self {
        Self::Statement(Arc::as_ptr(&place.source) as usize, place.span)
    }
}

/// Goes through every policy of a snapshot.
pub(crate) fn for_each_policy(snapshot: &mut Snapshot, visit: &mut dyn FnMut(&mut Arc<Policy>)) {
    let mut lists: Vec<&mut Given<Vec<Arc<Policy>>>> = Vec::new();
    let mut ones: Vec<&mut Given<Arc<Policy>>> = Vec::new();
    if let Some(organization) = &mut snapshot.organization {
        let nodes = std::iter::once(&mut organization.root)
            .chain(&mut organization.units)
            .chain(&mut organization.accounts);
        for node in nodes {
            lists.push(&mut node.scps);
            lists.push(&mut node.rcps);
        }
    }
    for principal in &mut snapshot.principals {
        lists.push(&mut principal.policies);
        ones.push(&mut principal.boundary);
        ones.push(&mut principal.trust);
    }
    for group in &mut snapshot.groups {
        lists.push(&mut group.policies);
    }
    for key in &mut snapshot.keys {
        ones.push(&mut key.policy);
        ones.push(&mut key.ram_policy);
    }
    for resource in &mut snapshot.resources {
        ones.push(&mut resource.policy);
    }
    for endpoint in &mut snapshot.vpc_endpoints {
        ones.push(&mut endpoint.policy);
    }
    for list in lists {
        if let Given::Here(policies) = list {
            policies.iter_mut().for_each(&mut *visit);
        }
    }
    for one in ones {
        if let Given::Here(policy) = one {
            visit(policy);
        }
    }
}

/// The snapshot with nothing but the items that are kept. Empty policies stay: that there is one is no statement.
pub(crate) fn keeping(snapshot: &Snapshot, keeps: &dyn Fn(&Item) -> bool) -> Snapshot {
    let mut kept = snapshot.clone();
    for_each_policy(&mut kept, &mut |policy| {
        let is_kept = |statement: &Statement| keeps(&Item::of(policy, statement));
        if !policy.statements.iter().all(is_kept) {
            let statements = policy.statements.iter();
            let statements = statements.filter(|one| is_kept(one)).cloned().collect();
            *policy = Arc::new(Policy {
                statements,
                ..Policy::clone(policy)
            });
        }
    });
    for key in &mut kept.keys {
        let arn = key.arn.as_str().to_owned();
        if let Some(grants) = &mut key.grants {
            grants.retain(|grant| keeps(&Item::Grant(arn.clone(), grant.id.clone())));
        }
    }
    kept
}
