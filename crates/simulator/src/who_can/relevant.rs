//! What of a snapshot could tell callers apart who are not listed.

use std::collections::BTreeSet;
use std::sync::Arc;

use preclear_model::Policy;
use preclear_wildcard::Pattern;

use crate::cast::Mentioned;
use crate::request::Request;
use crate::snapshot::{Given, GrantRecord, Snapshot};

/// Policies of the resources that a question is about.
pub(super) fn resource_policies<'s>(
    snapshot: &'s Snapshot,
    resources: &BTreeSet<String>,
) -> Vec<&'s Arc<Policy>> {
    let mut found = Vec::new();
    for key in &snapshot.keys {
        if resources.contains(key.arn.as_str()) {
            found.extend(key.policy.value());
            found.extend(key.ram_policy.value());
        }
    }
    for record in &snapshot.resources {
        if resources
            .iter()
            .any(|text| is_about(text, record.arn.as_str()))
        {
            found.extend(record.policy.value());
        }
    }
    for record in &snapshot.principals {
        if resources.contains(record.arn.as_str()) {
            found.extend(record.trust.value());
        }
    }
    found
}

/// True for the ARN of a resource, of what is in it, or a pattern that may match one.
fn is_about(text: &str, own: &str) -> bool {
    let rest = text.strip_prefix(own);
    let is_within = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']));
    let may_match = || {
        let within = Pattern::parse(&format!("{own}/*"));
        let pattern = Pattern::parse(text);
        pattern.is_match(own) || pattern.intersects(&within)
    };
    is_within || (text.contains(['*', '?']) && may_match())
}

/// What the policies and grants speak of that reach callers who are not listed: those of the resource, of the organisation, of
/// the endpoint, of the session. What listed identities have attached does not.
pub(super) fn mentioned(
    snapshot: &Snapshot,
    request: &Request,
    resources: &BTreeSet<String>,
) -> Mentioned {
    let mut mentioned = Mentioned::default();
    for policy in resource_policies(snapshot, resources) {
        mentioned.add_policy(policy);
    }
    let nodes = snapshot.organization.iter().flat_map(|one| {
        let root = std::iter::once(&one.root);
        root.chain(&one.units).chain(&one.accounts)
    });
    let attached = nodes.flat_map(|node| [&node.scps, &node.rcps]);
    for policy in attached.filter_map(Given::value).flatten() {
        mentioned.add_policy(policy);
    }
    for endpoint in &snapshot.vpc_endpoints {
        if let Some(policy) = endpoint.policy.value() {
            mentioned.add_policy(policy);
        }
    }
    for policy in request.session_policies.iter().flatten() {
        mentioned.add_policy(policy);
    }
    for grant in grants(snapshot, request, resources) {
        mentioned.add_grant(grant);
    }
    mentioned
}

/// Grants of the keys that a question is about, and those that it takes to exist.
pub(super) fn grants<'s>(
    snapshot: &'s Snapshot,
    request: &'s Request,
    resources: &'s BTreeSet<String>,
) -> impl Iterator<Item = &'s GrantRecord> {
    let keys = snapshot.keys.iter();
    let keys = keys.filter(|key| resources.contains(key.arn.as_str()));
    let grants = keys.flat_map(|key| key.grants.iter().flatten());
    grants.chain(&request.assumed_grants)
}
