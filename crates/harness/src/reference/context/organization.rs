//! The organisation as condition keys and guardrails see it: who is in it, and where. Rule: IAM-CTX-2, IAM-CTX-3.

use preclear_simulator::Snapshot;
use preclear_simulator::snapshot::{NOT_KNOWN, Organization, OrganizationNode};

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

/// The nodes above an account and itself.
#[derive(Debug)]
pub(crate) struct Chain<'a> {
    /// Root, units and account, from the top; of an account that is not listed, the root.
    pub(crate) levels: Vec<&'a OrganizationNode>,
    /// False if there may be units in between.
    pub(crate) is_whole: bool,
}

/// The chain of an account; whose parent is left out stands below the root if everything is listed, else nobody knows
/// where. Rule: IAM-EVAL-7, IAM-TRI-7.
pub(crate) fn chain<'a>(
    snapshot: &Snapshot,
    organization: &'a Organization,
    account: &str,
) -> Chain<'a> {
    let mut levels = Vec::new();
    let mut next = organization.accounts.iter().find(|node| node.id == account);
    let mut is_whole = snapshot.complete || next.is_some();
    // A unit that is its own parent is no chain: each can occur once.
    while let Some(node) = next.filter(|_| levels.len() <= organization.units.len()) {
        levels.push(node);
        let parent = node.parent.as_deref();
        is_whole &= parent.map_or(snapshot.complete, |parent| parent != NOT_KNOWN);
        next = organization
            .units
            .iter()
            .find(|unit| Some(unit.id.as_str()) == parent);
    }
    levels.push(&organization.root);
    levels.reverse();
    Chain { levels, is_whole }
}

/// Id of the organisation of an account; `None` where nobody knows. Rule: IAM-CTX-2.
pub(crate) fn id(snapshot: &Snapshot, account: Option<&str>) -> Option<Value> {
    match membership(snapshot, account) {
        Membership::In(organization) => Some(Value::one(organization.id.clone())),
        Membership::Outside => Some(Value::Absent),
        Membership::Unknown => None,
    }
}

/// The path of an account, such as `o-x/r-y/ou-z/`: an account in an organisation has one, also where nobody knows which;
/// `None` where nobody knows of an organisation. Rule: IAM-CTX-2, IAM-CTX-3.
pub(crate) fn paths(snapshot: &Snapshot, account: Option<&str>) -> Option<Value> {
    match membership(snapshot, account) {
        Membership::In(organization) => {
            let chain = chain(snapshot, organization, account.unwrap_or_default());
            let nodes = chain.levels.iter();
            let mut path = format!("{}/", organization.id);
            for node in nodes.filter(|node| Some(node.id.as_str()) != account) {
                path.push_str(&node.id);
                path.push('/');
            }
            let is_known = chain.is_whole && !organization.root.id.is_empty();
            Some(match is_known {
                true => Value::one(path),
                false => Value::Present,
            })
        }
        Membership::Outside => Some(Value::Absent),
        Membership::Unknown => None,
    }
}
