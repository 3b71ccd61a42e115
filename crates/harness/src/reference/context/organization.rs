//! The organisation as condition keys and guardrails see it: who is in it, and where. Rule: IAM-CTX-2, IAM-CTX-3.

use preclear_simulator::Snapshot;
use preclear_simulator::snapshot::{Organization, OrganizationNode};

use crate::reference::value::{Tri, Value};

/// Where an account is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Membership<'a> {
    /// In this organisation.
    In(&'a Organization),
    /// In none that is known; accounts that an organisation does not list are outside it.
    Outside,
    /// Nobody knows.
    Unknown,
}

/// Where an account is; `None` is nobody's. Rule: IAM-TRI-7.
pub(crate) fn membership<'a>(snapshot: &'a Snapshot, account: Option<&str>) -> Membership<'a> {
    match (&snapshot.organization, account) {
        (None, _) if snapshot.complete => Membership::Outside,
        (None, _) | (Some(_), None) => Membership::Unknown,
        (Some(organization), Some(account)) => {
            let is_managing = organization.management_account.as_deref() == Some(account);
            let is_listed = organization.accounts.iter().any(|node| node.id == account);
            if is_managing || is_listed {
                Membership::In(organization)
            } else {
                Membership::Outside
            }
        }
    }
}

/// Whether an account is the management account, which guardrails do not reach; where nobody says which one that is, any
/// may be. Rule: IAM-EVAL-8, IAM-EVAL-10, IAM-TRI-7.
pub(crate) fn is_management(
    snapshot: &Snapshot,
    organization: &Organization,
    account: &str,
) -> Tri {
    match organization.management_account.as_deref() {
        Some(managing) => (managing == account).into(),
        None if snapshot.complete => Tri::False,
        None => Tri::Unknown,
    }
}

/// Root, units and account, from the top; of an account that is not listed, the root. Rule: IAM-EVAL-7.
pub(crate) fn chain<'a>(
    organization: &'a Organization,
    account: &str,
) -> Vec<&'a OrganizationNode> {
    let mut chain = Vec::new();
    let mut next = organization.accounts.iter().find(|node| node.id == account);
    // A unit that is its own parent is no chain: each can occur once.
    while let Some(node) = next.filter(|_| chain.len() <= organization.units.len()) {
        chain.push(node);
        let parent = node.parent.as_deref().unwrap_or(&organization.root.id);
        next = organization.units.iter().find(|unit| unit.id == parent);
    }
    chain.push(&organization.root);
    chain.reverse();
    chain
}

/// Id of the organisation of an account; `None` where nobody knows.
pub(crate) fn id(snapshot: &Snapshot, account: Option<&str>) -> Option<Value> {
    match membership(snapshot, account) {
        Membership::In(organization) => Some(Value::Known(vec![organization.id.clone()])),
        Membership::Outside => Some(Value::Absent),
        Membership::Unknown => None,
    }
}

/// The path of an account, such as `o-x/r-y/ou-z/`; `None` where nobody knows. Rule: IAM-CTX-3.
pub(crate) fn paths(snapshot: &Snapshot, account: Option<&str>) -> Option<Value> {
    match membership(snapshot, account) {
        // Where the management account is, an organisation need not say.
        Membership::In(organization) if !snapshot.complete && !lists(organization, account) => None,
        Membership::In(organization) => {
            let nodes = chain(organization, account.unwrap_or_default());
            let mut path = format!("{}/", organization.id);
            for node in nodes
                .iter()
                .filter(|node| Some(node.id.as_str()) != account)
            {
                path.push_str(&node.id);
                path.push('/');
            }
            Some(Value::Known(vec![path]))
        }
        Membership::Outside => Some(Value::Absent),
        Membership::Unknown => None,
    }
}

fn lists(organization: &Organization, account: Option<&str>) -> bool {
    let mut listed = organization.accounts.iter();
    listed.any(|node| Some(node.id.as_str()) == account)
}
