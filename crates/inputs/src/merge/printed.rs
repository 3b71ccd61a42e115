//! Policies of AWS that both preclear ships and an output prints: AWS changes them at any time, so what is printed counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use preclear_model::{Policy, PolicyKind};
use preclear_simulator::Given;

use crate::part::{Entry, Part};

/// Puts printed documents in the place of those that preclear ships.
pub(super) fn wins(part: &mut Part) {
    let mut printed: BTreeMap<(String, PolicyKind), Arc<Policy>> = BTreeMap::new();
    let mut has_shipped = false;
    for_each(part, &mut |policy| {
        if !policy.name.contains("::aws:policy/") {
            return;
        }
        if is_shipped(policy) {
            has_shipped = true;
        } else {
            let first = printed.entry((policy.name.clone(), policy.kind));
            first.or_insert_with(|| Arc::clone(policy));
        }
    });
    if !has_shipped || printed.is_empty() {
        return;
    }
    for_each(part, &mut |policy| {
        if is_shipped(policy)
            && let Some(printed) = printed.get(&(policy.name.clone(), policy.kind))
        {
            *policy = Arc::clone(printed);
        }
    });
}

/// The text of a policy that preclear ships goes by the policy's ARN.
fn is_shipped(policy: &Policy) -> bool {
    policy.source.name == policy.name
}

/// Visits the policies of users, roles, groups and the organization.
fn for_each(part: &mut Part, visit: &mut dyn FnMut(&mut Arc<Policy>)) {
    for Entry { record, .. } in &mut part.principals {
        list(&mut record.policies, visit);
        if let Given::Here(boundary) = &mut record.boundary {
            visit(boundary);
        }
    }
    for Entry { record, .. } in &mut part.groups {
        list(&mut record.policies, visit);
    }
    if let Some(organization) = &mut part.organization {
        let below = organization
            .units
            .iter_mut()
            .chain(&mut organization.accounts);
        for Entry { record, .. } in organization.root.iter_mut().chain(below) {
            list(&mut record.scps, visit);
            list(&mut record.rcps, visit);
        }
    }
}

fn list(policies: &mut Given<Vec<Arc<Policy>>>, visit: &mut dyn FnMut(&mut Arc<Policy>)) {
    if let Given::Here(policies) = policies {
        policies.iter_mut().for_each(visit);
    }
}
