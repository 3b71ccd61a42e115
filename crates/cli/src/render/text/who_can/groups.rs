//! Candidates that fare alike, told as one.

use std::fmt::Write as _;

use preclear_simulator::who_can::{Candidate, Who};

/// Accounts named in one line.
const ACCOUNTS_MAX: usize = 8;

/// Candidates of one kind that fare alike, in their order.
pub(super) fn groups<'c>(all: &[&'c Candidate]) -> Vec<Vec<&'c Candidate>> {
    let mut groups: Vec<Vec<&Candidate>> = Vec::new();
    for candidate in all {
        let takes = |group: &&mut Vec<&Candidate>| {
            let Some(first) = group.first() else {
                return false;
            };
            is_one_kind(&first.who, &candidate.who) && first.agrees_with(candidate)
        };
        let is_told_apart = !is_one_kind(&candidate.who, &candidate.who);
        let same = match is_told_apart {
            true => None,
            false => groups.iter_mut().find(takes),
        };
        match same {
            Some(group) => group.push(candidate),
            None => groups.push(vec![candidate]),
        }
    }
    groups
}

fn is_one_kind(one: &Who, other: &Who) -> bool {
    match (one, other) {
        (
            Who::Others {
                account: Some(_),
                kinds,
                is_own,
            },
            Who::Others {
                account: Some(_),
                kinds: others,
                is_own: other,
            },
        ) => kinds == others && is_own == other,
        (
            Who::Root {
                account: Some(_), ..
            },
            Who::Root {
                account: Some(_), ..
            },
        )
        | (
            Who::RootSession {
                account: Some(_), ..
            },
            Who::RootSession {
                account: Some(_), ..
            },
        ) => true,
        _ => false,
    }
}

/// Root users, root sessions and other identities of the same accounts that fare alike are told as one.
pub(super) fn alike(groups: Vec<Vec<&Candidate>>) -> Vec<Vec<Vec<&Candidate>>> {
    let accounts = |group: &[&Candidate]| -> Option<Vec<Option<String>>> {
        let of = |one: &&Candidate| match &one.who {
            Who::Root { account, .. }
            | Who::RootSession { account, .. }
            | Who::Others { account, .. } => Some(account.clone()),
            _ => None,
        };
        group.iter().map(of).collect()
    };
    let mut all: Vec<Vec<Vec<&Candidate>>> = Vec::new();
    for group in groups {
        let own = accounts(&group);
        let takes = |kinds: &&mut Vec<Vec<&Candidate>>| {
            let Some(first) = kinds.first() else {
                return false;
            };
            let fares_alike = std::iter::zip(first.first(), group.first())
                .all(|(one, other)| one.fares_like(other));
            accounts(first) == own && fares_alike
        };
        let same = match own.is_some() {
            true => all.iter_mut().find(takes),
            false => None,
        };
        match same {
            Some(kinds) => kinds.push(group),
            None => all.push(vec![group]),
        }
    }
    all
}

/// Groups in words: the first one of each, and the accounts of all.
pub(super) fn label(kinds: &[Vec<&Candidate>]) -> String {
    let own = |group: &[&Candidate]| match group.first() {
        Some(first) if first.needs_own_policies() => ", if its own policies allow it",
        _ => "",
    };
    let [first, rest @ ..] = kinds else {
        return String::new();
    };
    if rest.is_empty() {
        return label_of(first) + own(first);
    }
    // They say the same of their accounts, which stands in front.
    let mut of_accounts = String::new();
    let mut names = Vec::new();
    for group in kinds {
        let said = label_of(group);
        let (name, accounts) = said.split_once(" of ").unwrap_or((&said, ""));
        accounts.clone_into(&mut of_accounts);
        names.push(format!("{name}{}", own(group)));
    }
    format!("{of_accounts}: {}", names.join("; "))
}

/// A group in words.
fn label_of(group: &[&Candidate]) -> String {
    let Some(first) = group.first() else {
        return String::new();
    };
    let accounts: Vec<&str> = group.iter().filter_map(|one| one.who.account()).collect();
    let said = first.who.to_string();
    let (Some(own), true) = (accounts.first(), group.len() > 1) else {
        return said;
    };
    let shown = accounts.iter().take(ACCOUNTS_MAX).copied();
    let mut all = shown.collect::<Vec<_>>().join(", ");
    let more = accounts.len().saturating_sub(ACCOUNTS_MAX);
    if more > 0 {
        let _ = write!(all, " and {more} more");
    }
    said.replace(&format!("account {own}"), &format!("accounts {all}"))
}
