//! Who may retire a grant. Rule: KMS-GRANT-14.

use preclear_simulator::snapshot::GrantRecord;

use super::grant::{self, grantee, grants, issuer, named};
use super::parameters::text;
use crate::reference::identity::OfRequester;
use crate::reference::question::Question;
use crate::reference::value::Tri;

/// The grant that a call to retire one means.
#[derive(Debug)]
pub(crate) enum Meant<'a> {
    /// This.
    This(&'a GrantRecord),
    /// One that does not exist.
    NotFound,
    /// Nobody knows.
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
            id.is_none_or(|id| grant.id == id)
                && (id.is_some() || grant.token.as_deref() == token)
        });
        return match found {
            Some(grant) => Meant::This(grant),
            None if grants.is_open || grants.is_assumed => Meant::Unknown,
            None => Meant::NotFound,
        };
    }
    match (listed.next(), listed.next(), grants.is_open) {
        (Some(grant), None, false) => Meant::This(grant),
        _ => Meant::Unknown,
    }
}

/// Whether the requester may retire the grant that is meant; of a grant that is not known, only whether everybody who may
/// retire any of this key's grants is meant. Rule: KMS-GRANT-14.
pub(crate) fn granted(question: &Question<'_>, own: &OfRequester) -> Tri {
    let owner = by_account(question, own, question.target.account.as_deref());
    let known = grants(question);
    match meant(question) {
        Meant::This(grant) => owner.or(by_grant(question, own, grant)),
        Meant::NotFound => owner,
        Meant::Unknown => {
            let by_listed: Vec<Tri> = known
                .listed
                .iter()
                .map(|grant| by_grant(question, own, grant))
                .collect();
            let agreed = by_listed.into_iter().reduce(Tri::either);
            let of_some = match (agreed, known.is_open || known.is_assumed) {
                (Some(agreed), false) => agreed,
                (Some(agreed), true) => agreed.either(Tri::Unknown),
                (None, true) => Tri::Unknown,
                (None, false) => Tri::False,
            };
            owner.or(of_some)
        }
    }
}

/// The retiring principal, the grantee if the grant lists RetireGrant, and the account that created the grant.
fn by_grant(question: &Question<'_>, own: &OfRequester, grant: &GrantRecord) -> Tri {
    let retiring = [&grant.retiring, &grant.retiring_service];
    let retiring = named(question, retiring.into_iter().flatten());
    let mut operations = grant.operations.iter();
    let lists = operations.any(|operation| operation == "RetireGrant");
    let grantee = grantee(question, grant).and(lists.into());
    let entitled = grant::limited(question, own, retiring.or(grantee), true);
    entitled.or(by_account(question, own, issuer(question, grant)))
}

/// An identity policy counts for identities of the accounts concerned; their root users need none.
fn by_account(question: &Question<'_>, own: &OfRequester, account: Option<&str>) -> Tri {
    let is_of_account = account.is_some() && question.requester.account() == account;
    Tri::all([is_of_account.into(), own.identity.allow, own.cap()])
}
