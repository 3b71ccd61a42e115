//! A grant that a call names and the key does not have. Rule: KMS-GRANT-1.

use preclear_catalog::kms::KmsException;
use preclear_model::near::nearest;

use super::{Call, of_request};
use crate::explanation::KmsAnswer;
use crate::service::kms::grants;

/// Grants that a message names.
const SHOWN: usize = 5;

pub(super) fn answer(call: &Call<'_>) -> Option<KmsAnswer> {
    call.is("revokegrant").then(|| missing(call)).flatten()
}

/// RetireGrant is denied where there is no grant: nobody is entitled to retire it. Rule: KMS-GRANT-14.
pub(super) fn retired(call: &Call<'_>) -> Option<KmsAnswer> {
    call.is("retiregrant").then(|| missing(call)).flatten()
}

fn missing(call: &Call<'_>) -> Option<KmsAnswer> {
    let id = call.text("GrantId")?;
    call.key?;
    let sources = call.case.sources();
    let (listed, assumed) = grants::of(sources);
    let known = || listed.unwrap_or_default().iter().chain(assumed);
    if grants::are_unknown(sources) || known().any(|grant| grant.id == id) {
        return None;
    }
    let ids: Vec<&str> = known().map(|grant| grant.id.as_str()).collect();
    let remedy = match nearest(id, ids.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if ids.is_empty() => "it has no grants at all".to_owned(),
        None if ids.len() > SHOWN => format!("name one of its {} grants", ids.len()),
        None => format!("its grants are `{}`", ids.join("`, `")),
    };
    let why = format!("the key has no grant `{id}`");
    Some(of_request(
        KmsException::NotFound,
        "KMS-GRANT-1",
        why,
        remedy,
    ))
}
