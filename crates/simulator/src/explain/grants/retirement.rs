//! Who may retire the grants of a key. Rule: KMS-GRANT-14.

use preclear_condition::{Outcome, Tri};

use super::Evidences;
use crate::compose::Factor;
use crate::decide::{Case, Run};
use crate::explanation::GrantReport;
use crate::service::kms::grants;
use crate::snapshot::GrantRecord;

/// Grants that are told of a call that names none.
const SHOWN: usize = 10;

/// The grants that may be meant, with those who may retire each.
pub(super) fn reports(case: &Case<'_>, run: &Run<'_, Evidences>) -> Vec<GrantReport> {
    let (listed, _) = grants::of(case.sources());
    let meant = grants::meant_grants(listed.unwrap_or_default(), case.sources());
    meant
        .take(SHOWN)
        .map(|(index, grant)| GrantReport {
            id: grant.id.clone(),
            applies: may_be_retired(index, run),
            remarks: entitled(case, grant),
            undecided: Vec::new(),
        })
        .collect()
}

/// What there is besides the grants that are told.
pub(super) fn note(case: &Case<'_>, told: usize) -> String {
    let sources = case.sources();
    let (listed, _) = grants::of(sources);
    let meant = grants::meant_grants(listed.unwrap_or_default(), sources).count();
    let each = "each says who may retire it, KMS-GRANT-14";
    match (meant.saturating_sub(told), told) {
        _ if grants::are_unknown(sources) => format!("not all loaded; {each}"),
        (0, 0) => match case.request.text_parameter("GrantId") {
            Some(id) => format!("the key has no grant `{id}`"),
            None => "no grant".to_owned(),
        },
        (0, _) => each.to_owned(),
        (more, _) => format!("and {more} more; {each}"),
    }
}

/// Whether the caller may retire the grant.
fn may_be_retired(index: usize, run: &Run<'_, Evidences>) -> Tri {
    let is_of_grant = |factor: &Factor| matches!(factor, Factor::Grant(own) if *own == index);
    let paths = run.composition.paths.iter();
    let own = paths.filter(|path| path.factors.iter().any(|(factor, _)| is_of_grant(factor)));
    let each =
        own.map(|path| Outcome::all(path.factors.iter().map(|(_, outcome)| outcome.clone())));
    Outcome::any(each).value
}

fn entitled(case: &Case<'_>, grant: &GrantRecord) -> Vec<String> {
    let named = |service: &Option<String>, principal: &Option<String>| {
        service.clone().or_else(|| principal.clone())
    };
    let mut said = Vec::new();
    said.push(match named(&grant.retiring_service, &grant.retiring) {
        Some(retiring) => format!("its retiring principal may retire it: {retiring}"),
        None => "it has no retiring principal".to_owned(),
    });
    if let Some(grantee) = named(&grant.grantee_service, &grant.grantee) {
        let lists_it = grant
            .operations
            .iter()
            .any(|operation| operation == "RetireGrant");
        said.push(if lists_it {
            format!("its grantee may, for it lists RetireGrant: {grantee}")
        } else {
            format!("its grantee may not, for it does not list RetireGrant: {grantee}")
        });
    }
    let mut accounts: Vec<&str> = grants::retiring_accounts(grant, case.sources())
        .into_iter()
        .flatten()
        .collect();
    accounts.dedup();
    if !accounts.is_empty() {
        said.push(format!(
            "principals of {} may, where policies of their own allow kms:RetireGrant",
            accounts.join(" and ")
        ));
    }
    said
}
