//! Names that callers are narrowed down by, and whether anybody has them.

use std::collections::BTreeSet;

use preclear_model::Arn;
use preclear_model::near::nearest;
use preclear_simulator::Snapshot;
use preclear_simulator::snapshot::Given;
use preclear_wildcard::Pattern;

use crate::callers::{Callers, Clause, boundary_of, stem, whole};
use crate::selection::did_you_mean;

/// What looks wrong in how callers are told, and need not be: patterns that no listed caller matches.
///
/// # Errors
///
/// What cannot be right: no account, an organisation or a boundary that is not there, and the name of a user or role that
/// nobody has where everybody is listed.
pub(crate) fn notes(callers: &Callers, snapshot: &Snapshot) -> Result<Vec<String>, String> {
    let mut notes = Vec::new();
    for clause in &callers.clauses {
        match clause {
            Clause::InAccount(account) | Clause::OutsideAccount(account)
                if !preclear_model::arn::is_account_id(account) =>
            {
                return Err(format!("`{account}` is no account: expected twelve digits"));
            }
            Clause::OutsideOrganization if snapshot.organization.is_none() => {
                return Err("the snapshot has no organization".to_owned());
            }
            Clause::Boundary(name) if boundary_of(snapshot, name).is_none() => {
                let hint = did_you_mean(nearest(name, boundaries(snapshot)), "");
                return Err(format!(
                    "no listed user or role has a boundary called `{name}`{hint}"
                ));
            }
            Clause::Matching(patterns) => {
                for text in patterns {
                    let Some(note) = unmatched(text, callers, snapshot) else {
                        continue;
                    };
                    let is_name = !text.contains(['*', '?']);
                    if is_name && (callers.is_listed_only || snapshot.complete) {
                        return Err(format!("{note}{}", elsewhere(text, callers)));
                    }
                    notes.push(note);
                }
            }
            Clause::Except(text) => notes.extend(unmatched(text, callers, snapshot)),
            _ => {}
        }
    }
    Ok(notes)
}

/// How to ask for those of other accounts, where a short name may mean them.
fn elsewhere(text: &str, callers: &Callers) -> String {
    if callers.is_listed_only || text.starts_with("arn:") {
        return String::new();
    }
    format!(" (`arn:aws:iam::*:{text}` is about other accounts too)")
}

/// That no listed user or role is called like this, if some account is asked for whose users and roles are listed.
fn unmatched<'s>(text: &str, callers: &Callers, snapshot: &'s Snapshot) -> Option<String> {
    let whole = whole(text);
    let fields: Vec<&str> = whole.splitn(6, ':').collect();
    let [_, _, _, _, account, resource] = fields.as_slice() else {
        return None;
    };
    let is_identity = ["role/", "user/"]
        .iter()
        .any(|kind| resource.starts_with(kind));
    let account = Pattern::parse(account);
    let listed = snapshot.principals.iter().map(|one| &one.arn);
    let own: BTreeSet<&str> = listed
        .clone()
        .map(|arn| arn.account())
        .chain(snapshot.account.as_deref())
        .collect();
    let is_asked = |own: &&str| account.is_match(own) && callers.takes_account(own);
    if !is_identity || !own.iter().any(is_asked) {
        return None;
    }
    let pattern = Pattern::parse(&whole);
    if listed.clone().any(|arn| pattern.is_match(arn.as_str())) {
        return None;
    }
    let is_short = whole != text;
    // A name may have been told without its path.
    let name = resource.rsplit('/').next();
    let of_name = listed.clone().find(|arn| {
        Some(arn.resource_name()) == name
            && resource.starts_with(arn.resource_type().unwrap_or("-"))
    });
    let written = |arn: &'s Arn| match is_short {
        true => arn.resource(),
        false => arn.as_str(),
    };
    let meant = of_name
        .map(written)
        .or_else(|| nearest(text, listed.map(written)));
    let hint = did_you_mean(meant, "");
    Some(format!("no listed caller matches `{text}`{hint}"))
}

/// Every name that boundaries go by.
fn boundaries(snapshot: &Snapshot) -> impl Iterator<Item = &str> {
    snapshot
        .principals
        .iter()
        .filter_map(|record| match &record.boundary {
            Given::Here(policy) => Some(stem(&policy.name)),
            _ => None,
        })
}
