//! `NotPrincipal`: whom a statement spares. Rule: IAM-PRIN-17, KMS-POL-17.

use preclear_model::caller::CallerKind;
use preclear_model::policy::{PrincipalEntry, PrincipalKind};

use super::identity;
use super::principal::{Class, Classes, Place, mode, of_entry};
use super::question::Question;
use super::value::{Toward, Tri, settle};

/// Whether a Deny with NotPrincipal is about the requester: not if every level of its chain is listed; surely if none is,
/// or only the account; any other list is open (AMB-10). Who has a boundary is never spared. Rule: IAM-PRIN-17.
pub(crate) fn denies(question: &Question<'_>, entries: &[PrincipalEntry], place: Place) -> Tri {
    let has_boundary = identity::has_boundary(question);
    let levels = levels(question, entries, place);
    // Every way in which what is unknown can turn out.
    let mut outcomes = Vec::new();
    for case in 0..1_u32 << levels.len() {
        let listed: Option<Vec<bool>> = levels
            .iter()
            .enumerate()
            .map(|(index, level)| {
                let is_listed = case & (1 << index) != 0;
                let is_possible = *level == Tri::Unknown || *level == Tri::from(is_listed);
                is_possible.then_some(is_listed)
            })
            .collect();
        if let Some(listed) = listed {
            outcomes.push(applies(question, &listed));
        }
    }
    let everyone = Tri::any(
        entries
            .iter()
            .map(|entry| Tri::from(entry.kind == PrincipalKind::Everyone)),
    );
    let by_list = match everyone {
        Tri::True => Tri::False,
        _ => outcomes
            .into_iter()
            .reduce(Tri::either)
            .unwrap_or(Tri::True),
    };
    has_boundary.or(by_list)
}

/// The rule for a chain of which it is known what is listed, the account first. Rule: IAM-PRIN-17.
fn applies(question: &Question<'_>, listed: &[bool]) -> Tri {
    let is_all = !listed.is_empty() && listed.iter().all(|is_listed| *is_listed);
    let is_account_at_most = listed.iter().skip(1).all(|is_listed| !is_listed);
    if is_all {
        Tri::False
    } else if is_account_at_most {
        Tri::True
    } else {
        settle(mode(question), Toward::Deny, Tri::True, Tri::False)
    }
}

/// The levels of the requester's chain, the account first, and whether each is listed. Rule: IAM-PRIN-17.
fn levels(question: &Question<'_>, entries: &[PrincipalEntry], place: Place) -> Vec<Tri> {
    // What is listed is spared, so the reading that allows less is that it is not.
    let matched = entries
        .iter()
        .map(|entry| of_entry(question, entry, place, Toward::Allow))
        .fold(Classes::NONE, Classes::or);
    let of = |class: Class| matched.of(&[class]);
    match question.requester.kind() {
        CallerKind::Root | CallerKind::RootSession => vec![of(Class::Account)],
        CallerKind::User { .. } => vec![of(Class::Account), of(Class::User)],
        CallerKind::RoleSession { .. } | CallerKind::FederatedUser { .. } => {
            vec![of(Class::Account), of(Class::Entity), of(Class::Session)]
        }
        CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. } => {
            vec![of(Class::Service)]
        }
        CallerKind::Federated { .. } => vec![of(Class::Fed)],
        CallerKind::Anonymous => Vec::new(),
    }
}

/// Whom a stored Allow with NotPrincipal lets in is open (AMB-23); the guess is everybody who is not listed.
/// Rule: IAM-PRIN-17, KMS-POL-17.
pub(crate) fn allows(question: &Question<'_>, entries: &[PrincipalEntry], place: Place) -> Tri {
    let listed = entries
        .iter()
        .map(|entry| of_entry(question, entry, place, Toward::Deny))
        .fold(Classes::NONE, Classes::or);
    settle(
        mode(question),
        Toward::Allow,
        listed.any().not(),
        Tri::False,
    )
}
