//! Whether what a statement names may have been meant for this caller or resource, or is plainly another's.

use preclear_model::caller::CallerKind;
use preclear_model::policy::PrincipalKind;
use preclear_model::{Arn, ArnRef, Match, Statement};
use strsim::damerau_levenshtein;

use crate::requester::Requester;

/// So many digits of an account id people mistype.
const DIGITS_MISTYPED_MAX: usize = 2;

/// False where every entry of `Principal` is of another account or of another kind than the caller.
pub(super) fn may_mean_caller(statement: &Statement, requester: &Requester<'_>) -> bool {
    match &statement.principal {
        Some(Match::In(entries)) => entries.iter().any(|entry| may_mean(&entry.kind, requester)),
        Some(Match::NotIn(_)) | None => true,
    }
}

fn may_mean(entry: &PrincipalKind, requester: &Requester<'_>) -> bool {
    let is_service = matches!(
        requester.kind(),
        CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. }
    );
    let arn = match entry {
        PrincipalKind::Service(_) => return is_service,
        _ if is_service => return false,
        PrincipalKind::Account { account, .. } => return is_near_account(account, requester),
        PrincipalKind::User(arn)
        | PrincipalKind::Role(arn)
        | PrincipalKind::RoleSession(arn)
        | PrincipalKind::FederatedUser(arn) => arn,
        _ => return true,
    };
    let own = Arn::parse(&requester.display());
    let has_name = own.is_some_and(|own| own.resource() == arn.resource());
    has_name || is_near_account(arn.account(), requester)
}

fn is_near_account(account: &str, requester: &Requester<'_>) -> bool {
    requester
        .account()
        .is_none_or(|own| damerau_levenshtein(own, account) <= DIGITS_MISTYPED_MAX)
}

/// False where every entry of `Resource` is an ARN of another service.
pub(super) fn may_mean_resource(statement: &Statement, asked: Option<ArnRef<'_>>) -> bool {
    let (Some(Match::In(entries)), Some(asked)) = (&statement.resource, asked) else {
        return true;
    };
    entries.iter().any(|entry| {
        let service = entry.template.source.split(':').nth(2);
        service.is_none_or(|service| service == asked.service() || service.contains(['*', '?']))
    })
}
