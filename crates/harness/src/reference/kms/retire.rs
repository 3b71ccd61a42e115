//! Who may retire a grant. Rule: KMS-GRANT-14.

use preclear_simulator::snapshot::GrantRecord;

use super::grant::{grantee, grants, issuer, named, possible};
use super::parameters::text;
use crate::reference::identity::OfRequester;
use crate::reference::principal::Class;
use crate::reference::question::Question;
use crate::reference::value::Tri;

/// The grant that a call to retire one means.
#[derive(Debug)]
pub(crate) enum Meant<'a> {
    /// This.
    This(&'a GrantRecord),
    /// One that does not exist.
    NotFound,
    /// One that is not listed.
    Unlisted,
    /// Nobody knows: perhaps one that is listed.
    Unknown,
}

/// The grant that the call names by its id or token; the only one there is needs no name. Rule: UI-38.
pub(crate) fn meant<'a>(question: &Question<'a>) -> Meant<'a> {
    let request = question.request;
    let grants = grants(question);
    let id = text(request, "GrantId");
    let token = text(request, "GrantToken");
    let is_named = id.is_some() || token.is_some();
    let mut listed = grants.listed.into_iter();
    if is_named {
        let found = listed.find(|grant| {
            id.is_none_or(|id| grant.id == id) && (id.is_some() || grant.token.as_deref() == token)
        });
        return match found {
            Some(grant) => Meant::This(grant),
            None if grants.is_open => Meant::Unlisted,
            None => Meant::NotFound,
        };
    }
    match (listed.next(), listed.next(), grants.is_open) {
        (Some(grant), None, false) => Meant::This(grant),
        (None, _, false) => Meant::NotFound,
        _ => Meant::Unknown,
    }
}

/// What the keys of a call to retire a grant tell of.
#[derive(Debug)]
pub(crate) enum Constrained<'a> {
    /// Of this grant's constraints.
    By(&'a GrantRecord),
    /// Of none.
    Nothing,
    /// Nobody knows of which.
    Unknown,
}

/// The grant whose constraints the call's keys tell; where any of several is meant, they tell what all have alike.
/// Rule: KMS-COND-1, KMS-GRANT-14.
pub(crate) fn constrained<'a>(question: &Question<'a>) -> Constrained<'a> {
    let all = grants(question);
    match meant(question) {
        Meant::This(grant) => Constrained::By(grant),
        Meant::NotFound => Constrained::Nothing,
        Meant::Unknown if !all.is_open => {
            let mut listed = all.listed.into_iter();
            match listed.next() {
                Some(first) if listed.all(|other| is_constrained_alike(first, other)) => {
                    Constrained::By(first)
                }
                _ => Constrained::Unknown,
            }
        }
        Meant::Unlisted | Meant::Unknown => Constrained::Unknown,
    }
}

fn is_constrained_alike(one: &GrantRecord, other: &GrantRecord) -> bool {
    let of = |grant: &GrantRecord| (grant.context_equals.clone(), grant.context_subset.clone());
    of(one) == of(other)
}

/// Whether the requester may retire the grant that is meant, or one of those that may be; without a grant there is nothing
/// to retire. Rule: KMS-GRANT-14.
pub(crate) fn granted(question: &Question<'_>, own: &OfRequester) -> Tri {
    let grants = grants(question);
    match meant(question) {
        Meant::This(grant) => by_grant(question, own, grant),
        Meant::NotFound => Tri::False,
        Meant::Unlisted => by_others(question, own),
        Meant::Unknown => {
            let listed = grants.listed.iter();
            let by_listed = Tri::any(listed.map(|grant| by_grant(question, own, grant)));
            match grants.is_open {
                true => by_listed.or(by_others(question, own)),
                false => by_listed,
            }
        }
    }
}

/// One of which nothing is known may name the requester, or its account. Rule: IAM-TRI-7, KMS-GRANT-14.
fn by_others(question: &Question<'_>, own: &OfRequester) -> Tri {
    let by_name = possible(question).of(&[Class::Session]);
    let by_account = possible(question).of(&[Class::Account]);
    by_name.or(by_account.and(by_identity(own)))
}

/// The retiring principal, the grantee if the grant lists RetireGrant, and the accounts concerned. Who is named needs no
/// policy, so that none which is silent limits either. Rule: KMS-GRANT-14, KMS-DEC-0.
fn by_grant(question: &Question<'_>, own: &OfRequester, grant: &GrantRecord) -> Tri {
    let retiring = [&grant.retiring, &grant.retiring_service];
    let retiring = named(question, retiring.into_iter().flatten());
    let mut operations = grant.operations.iter();
    let lists = operations.any(|operation| operation == "RetireGrant");
    let grantee = grantee(question, grant).and(lists.into());
    let entitled = retiring.or(grantee);
    let by_name = entitled.of(&[Class::User, Class::Session, Class::Entity, Class::Service]);
    let delegated = entitled.of(&[Class::Account]).and(by_identity(own));
    let by_accounts = [issuer(question, grant), question.target.account.as_deref()]
        .map(|account| by_account(question, own, account));
    by_name.or(delegated).or(Tri::any(by_accounts))
}

/// An identity policy counts for identities of the accounts concerned; their root users need none. Rule: KMS-GRANT-14.
fn by_account(question: &Question<'_>, own: &OfRequester, account: Option<&str>) -> Tri {
    let is_of_account = account.is_some() && question.requester.account() == account;
    by_identity(own).and(is_of_account.into())
}

/// The identity policy, within boundary and session policy. Rule: KMS-GRANT-14.
fn by_identity(own: &OfRequester) -> Tri {
    own.identity.allow.and(own.cap())
}
