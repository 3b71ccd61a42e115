//! Whom and what a question is about, as far as policies can belong to them.

use std::collections::BTreeSet;

use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind};
use preclear_simulator::Request;

use super::{NO_RESOURCE, Subject};

/// Id of the key behind an alias of which nothing but the name is known.
pub(super) const UNNAMED_KEY: &str = "key/00000000-0000-0000-0000-000000000000";

/// What a request is about, for its policies to belong to: its resource, else the one key that its call names.
#[must_use]
pub fn resource_of(request: &Request) -> Option<&str> {
    const KEYS: [&str; 4] = ["KeyId", "SourceKeyId", "DestinationKeyId", "TargetKeyId"];
    let call = request.parameters.as_ref();
    let member = |name: &&str| call.and_then(|call| call.get(*name)?.as_str());
    let keys = KEYS.iter().filter_map(member);
    let keys: BTreeSet<&str> = keys.chain(request.ciphertext_key.as_deref()).collect();
    request.resource.as_deref().or(match keys.len() {
        1 => keys.first().copied(),
        _ => None,
    })
}

/// The user or role whose policies a caller has.
pub(super) fn identity_of(caller: &Caller) -> Option<Arn> {
    match &caller.kind {
        CallerKind::User { arn }
        | CallerKind::FederatedUser {
            user: Some(arn), ..
        } => Some(arn.clone()),
        CallerKind::RoleSession {
            role_arn: Some(arn),
            ..
        } => Some(arn.clone()),
        CallerKind::RoleSession { role, .. } => {
            let (partition, account) = (caller.partition.as_deref()?, caller.account.as_deref()?);
            Arn::from_fields(partition, "iam", "", account, &format!("role/{role}"))
        }
        _ => None,
    }
}

/// False for a session, whose ARN tells its role's name and no path. Rule: IAM-PRIN-5.
pub(super) fn is_identity_known(caller: &Caller) -> bool {
    !matches!(&caller.kind, CallerKind::RoleSession { role_arn: None, .. })
}

/// True for the four forms of a key identifier. Rule: KMS-ID-1.
pub(super) fn is_key(resource: Option<&str>) -> bool {
    resource.is_some_and(|text| match Arn::parse(text) {
        Some(arn) => arn.service() == "kms",
        None => text != "*" && !text.is_empty(),
    })
}

/// The ARN of the key that is asked about, and its alias if that is all that is known. Rule: KMS-ID-1.
pub(super) fn key_of(
    subject: Subject<'_>,
) -> Result<(Arn, Option<String>), (String, &'static str)> {
    const HELP: &str = "name the key by its ARN with `--resource`";
    const NONE_HELP: &str = "name the key by its ARN with `--resource`; where a call names several keys, list them with their policies in a `--snapshot`";
    let none = || (NO_RESOURCE.to_owned(), NONE_HELP);
    let text = subject.resource.ok_or_else(none)?;
    if !is_key(Some(text)) {
        return Err((format!("`{text}` is no key"), HELP));
    }
    let unusable = || (format!("`{text}` identifies no key"), HELP);
    if let Some(arn) = Arn::parse(text) {
        return match arn.resource_type() {
            Some("key") if !text.contains(['*', '?']) => Ok((arn, None)),
            Some("alias") => {
                let key = Arn::from_fields(
                    arn.partition(),
                    "kms",
                    arn.region(),
                    arn.account(),
                    UNNAMED_KEY,
                );
                Ok((key.ok_or_else(unusable)?, Some(arn.resource().to_owned())))
            }
            _ => Err(unusable()),
        };
    }
    let caller = subject.caller;
    let (Some(account), Some(region)) = (caller.account.as_deref(), subject.region) else {
        return Err((
            format!("`{text}` does not say the account and Region of the key"),
            HELP,
        ));
    };
    let alias = text.starts_with("alias/").then(|| text.to_owned());
    let resource = if alias.is_some() {
        UNNAMED_KEY.to_owned()
    } else {
        format!("key/{text}")
    };
    let partition = caller.partition.as_deref().unwrap_or("aws");
    let arn =
        Arn::from_fields(partition, "kms", region, account, &resource).ok_or_else(unusable)?;
    Ok((arn, alias))
}

/// The resource that carries the policy: for an object its bucket.
pub(super) fn owner_of_policy(arn: &Arn) -> Option<Arn> {
    let owner = match (arn.service(), arn.resource().split_once('/')) {
        ("s3", Some((bucket, _))) if arn.region().is_empty() => {
            Arn::from_fields(arn.partition(), "s3", "", arn.account(), bucket)?
        }
        ("iam", _) => return None,
        _ => arn.clone(),
    };
    (!owner.as_str().contains(['*', '?'])).then_some(owner)
}
