//! The message that AWS would answer a denied call with: its shape, not its every word. Rule: KMS-DEC-1.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use preclear_model::caller::CallerKind;
use preclear_simulator::{Ask, Code, Engine, Explanation, Layer, Request, Snapshot};

use crate::render::style::{Tone, shown};

/// What of the request besides the decision decides how AWS words its answer, and what settles an open one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Situation {
    /// True for a decryption that names no key: the ciphertext does.
    pub(crate) ciphertext_names_key: bool,
    /// Service through which the call is made.
    pub(crate) via: Option<String>,
    /// True for a federated user whose IAM user is not told.
    pub(crate) is_user_unknown: bool,
    /// True where the snapshot says that it lists everything.
    pub(crate) is_complete: bool,
    /// True where policies were given one by one, by flags, and no snapshot was.
    pub(crate) is_of_flags: bool,
    /// Names of layers that lack a policy because it was refused or is missing. Rule: IAM-GRAM-19.
    pub(crate) rejected: BTreeSet<&'static str>,
}

impl Situation {
    /// The situation of a request to an engine.
    pub(crate) fn of(request: &Request, engine: &Engine) -> Self {
        let names_key = request.resource.is_some()
            || request.parameters.as_ref().is_some_and(|members| {
                ["KeyId", "SourceKeyId"]
                    .iter()
                    .any(|name| members.contains_key(*name))
            });
        let (Ask::Action(asked) | Ask::Operation(asked)) = &request.ask;
        Self {
            ciphertext_names_key: asked.eq_ignore_ascii_case("kms:Decrypt") && !names_key,
            via: request.via.last().cloned(),
            is_user_unknown: matches!(
                request.caller.kind,
                CallerKind::FederatedUser { user: None, .. }
            ),
            is_complete: engine.snapshot().complete,
            is_of_flags: false,
            rejected: rejected(request, engine.snapshot()),
        }
    }
}

/// Layers with rejected policies: of the caller's own those of the caller and its groups, of others any.
fn rejected(request: &Request, snapshot: &Snapshot) -> BTreeSet<&'static str> {
    let caller = match &request.caller.kind {
        CallerKind::User { arn }
        | CallerKind::FederatedUser {
            user: Some(arn), ..
        }
        | CallerKind::RoleSession {
            role_arn: Some(arn),
            ..
        } => Some(arn.as_str()),
        _ => None,
    };
    let record = snapshot
        .principals
        .iter()
        .find(|record| Some(record.arn.as_str()) == caller);
    let groups = record.and_then(|record| record.groups.value());
    let is_own = |owner: &String| {
        Some(owner.as_str()) == caller || groups.is_some_and(|groups| groups.contains(owner))
    };
    let layers = snapshot
        .rejected
        .iter()
        .filter(|(layer, owners)| match layer {
            Layer::Identity | Layer::Boundary => owners.iter().any(is_own),
            _ => !owners.is_empty(),
        });
    layers.map(|(layer, _)| layer.name()).collect()
}

/// Appends AWS's message for a denied decision.
pub(super) fn push_aws_message(
    text: &mut String,
    explanation: &Explanation,
    situation: &Situation,
    indent: &str,
) {
    if let Some(message) = aws_message(explanation, situation) {
        let label = Tone::Quiet.paint("AWS would say:");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{indent}{label} {}", shown(&message));
    }
}

/// The message for a denied decision; `None` for others.
fn aws_message(explanation: &Explanation, situation: &Situation) -> Option<String> {
    if !explanation.verdict.is_deny() {
        return None;
    }
    let code = explanation.primary.as_ref()?.code;
    let is_kms = explanation.action.starts_with("kms:");
    if code == Code::KeyNotFound {
        let missing = format!(
            "NotFoundException: `{}` does not exist",
            explanation.resource
        );
        return Some(if situation.ciphertext_names_key {
            "AccessDeniedException: The ciphertext refers to a key that does not exist, does not exist in this Region, \
             or that you may not use"
                .to_owned()
        } else {
            missing
        });
    }
    if let Some(answer) = explanation.operability.answer() {
        return Some(format!("{}: {}", answer.exception.name(), answer.why));
    }
    let action = &explanation.action;
    let resource = if situation.ciphertext_names_key {
        "the resource associated with this ciphertext".to_owned()
    } else {
        format!("resource: {}", explanation.resource)
    };
    let cause = cause(code, action)
        .map(|cause| format!(" {cause}"))
        .unwrap_or_default();
    let sentence = format!(
        "User: {} is not authorized to perform: {action} on {resource}{cause}",
        explanation.caller
    );
    Some(format!(
        "{}{sentence}",
        exception(is_kms, situation.via.as_deref())
    ))
}

/// What stands in front: services that call KMS for somebody wrap its answer.
fn exception(is_kms: bool, via: Option<&str>) -> &'static str {
    if !is_kms {
        return "";
    }
    match via.map(|service| service.split('.').next().unwrap_or(service)) {
        None => "AccessDeniedException: ",
        Some("s3") => "S3 AccessDenied (403): ",
        Some("lambda") => {
            "Lambda was unable to decrypt the environment variables because KMS access was denied. KMS Exception: \
             AccessDeniedException. KMS Message: "
        }
        Some(_) => "KMS.AccessDeniedException: ",
    }
}

/// The phrase behind the resource; none where AWS gives none.
fn cause(code: Code, action: &str) -> Option<String> {
    let denied = |kind: &str| Some(format!("with an explicit deny in {kind}"));
    let silent = |kind: &str| Some(format!("because no {kind} allows the {action} action"));
    match code {
        Code::ExplicitDenyScp => denied("a service control policy"),
        Code::ExplicitDenyRcp => denied("a resource control policy"),
        Code::ExplicitDenyVpce => denied("a VPC endpoint policy"),
        Code::ExplicitDenyBoundary => denied("a permissions boundary"),
        Code::ExplicitDenySession => denied("a session policy"),
        Code::ExplicitDenyResource => denied("a resource-based policy"),
        Code::ExplicitDenyTrust => denied("a role trust policy"),
        Code::ExplicitDenyIdentity => denied("an identity-based policy"),
        Code::NoScpAllow => silent("service control policy"),
        Code::NoVpceAllow => silent("VPC endpoint policy"),
        Code::NoBoundaryAllow => silent("permissions boundary"),
        Code::NoSessionAllow | Code::FederatedNoSessionPolicy => silent("session policy"),
        Code::NoResourceAllow | Code::IamNotEnabledByKeyPolicy => silent("resource-based policy"),
        Code::NoTrustAllow => silent("role trust policy"),
        Code::NoIdentityAllow | Code::KeyTrustMissing => silent("identity-based policy"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use preclear_simulator::Verdict;

    fn message(code: Code, situation: &Situation) -> String {
        aws_message(&sample::denied(code), situation).unwrap()
    }

    #[test]
    fn the_phrase_follows_the_code() {
        let plain = Situation::default();
        assert_eq!(
            message(Code::IamNotEnabledByKeyPolicy, &plain),
            "AccessDeniedException: User: arn:aws:iam::111122223333:role/r is not authorized to perform: kms:Decrypt on \
             resource: arn:aws:kms:us-west-2:111122223333:key/k because no resource-based policy allows the kms:Decrypt \
             action"
        );
        assert!(
            message(Code::NoIdentityAllow, &plain)
                .ends_with("because no identity-based policy allows the kms:Decrypt action")
        );
        assert!(
            message(Code::ExplicitDenyScp, &plain)
                .ends_with("with an explicit deny in a service control policy")
        );
        assert!(message(Code::OperationNotCrossAccount, &plain).ends_with("key/k"));
        assert!(message(Code::KeyNotFound, &plain).starts_with("NotFoundException"));
    }

    #[test]
    fn a_ciphertext_that_names_the_key_hides_it() {
        let situation = Situation {
            ciphertext_names_key: true,
            ..Situation::default()
        };
        let text = message(Code::NoResourceAllow, &situation);
        assert!(
            text.contains("kms:Decrypt on the resource associated with this ciphertext because"),
            "{text}"
        );
        assert!(message(Code::KeyNotFound, &situation).contains("The ciphertext refers to a key"));
    }

    #[test]
    fn services_wrap_the_answer() {
        let via = |service: &str| Situation {
            via: Some(service.to_owned()),
            ..Situation::default()
        };
        assert!(
            message(Code::NoResourceAllow, &via("s3")).starts_with("S3 AccessDenied (403): User:")
        );
        assert!(
            message(Code::NoResourceAllow, &via("sqs.us-west-2.amazonaws.com"))
                .starts_with("KMS.AccessDeniedException: User:")
        );
        assert!(message(Code::NoResourceAllow, &via("lambda")).starts_with("Lambda was unable"));
    }

    #[test]
    fn an_allow_has_no_message() {
        let mut allowed = sample::denied(Code::AllowKeyPolicy);
        allowed.verdict = Verdict::Allow;
        assert_eq!(aws_message(&allowed, &Situation::default()), None);
    }
}
