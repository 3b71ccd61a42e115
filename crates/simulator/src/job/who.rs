//! Whom an addition is for: what policies of its own it has, and how other policies name it.

use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind};

use crate::job::report::RequirementPart;

/// Who lacks a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// User or role, by its ARN.
    Identity(String),
    /// Session of a role or federated user of which no identity is known, by its ARN.
    Session(String),
    /// Root user and its sessions, by the ARN of the root user. It has no identity policies.
    Root(String),
    /// A service acting as itself.
    Service(String),
    /// Somebody of a SAML or OIDC provider.
    Provider(String),
    /// An identity of a service, which only grants can name. Rule: KMS-GRANT-4.
    ServiceIdentity(String),
    Anonymous,
}

impl Who {
    /// Who needs the permission of a part.
    pub(crate) fn of(part: &RequirementPart) -> Self {
        let name = part.principal.clone();
        let is_of_provider = ["sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"]
            .iter()
            .any(|action| part.action.eq_ignore_ascii_case(action));
        if is_of_provider {
            return Self::Provider(name);
        }
        let Ok(caller) = Caller::parse(&name) else {
            return Self::Provider(name);
        };
        match &caller.kind {
            CallerKind::Root | CallerKind::RootSession => {
                let partition = caller.partition.as_deref().unwrap_or("aws");
                let account = caller.account.as_deref().unwrap_or_default();
                Self::Root(format!("arn:{partition}:iam::{account}:root"))
            }
            CallerKind::User { .. }
            | CallerKind::RoleSession {
                role_arn: Some(_), ..
            } => Self::Identity(name),
            CallerKind::RoleSession { role_arn: None, .. } | CallerKind::FederatedUser { .. } => {
                Self::Session(name)
            }
            CallerKind::Service { .. } => Self::Service(name),
            CallerKind::ServiceIdentity { .. } => Self::ServiceIdentity(name),
            CallerKind::Federated { .. } => Self::Provider(name),
            CallerKind::Anonymous => Self::Anonymous,
        }
    }

    /// Type and name in `Principal`.
    ///
    /// # Errors
    ///
    /// One sentence, for those that no statement can name alone.
    pub(crate) fn principal(&self) -> Result<(&'static str, String), String> {
        match self {
            Self::Identity(arn) | Self::Session(arn) | Self::Root(arn) => Ok(("AWS", arn.clone())),
            Self::Service(name) => Ok(("Service", name.clone())),
            Self::Provider(name) => Ok(("Federated", name.clone())),
            Self::ServiceIdentity(name) => Err(format!(
                "no policy can name `{name}`: only a grant lets it in (KMS-GRANT-4)"
            )),
            Self::Anonymous => Err(
                "only a statement for everybody would let anonymous callers in: none is proposed"
                    .to_owned(),
            ),
        }
    }

    /// Tests on what the request states that keep everybody else out: `(operator, key, value)`.
    ///
    /// # Errors
    ///
    /// One sentence, where nothing is stated and the statement would open the door to many.
    pub(crate) fn conditions(
        &self,
        part: &RequirementPart,
    ) -> Result<Vec<(&'static str, String, String)>, String> {
        match self {
            // A service acts for many customers: the account keeps others out (JOB-PZ-2, KMS-POL-10).
            Self::Service(_) => Ok(stated(part, |key| {
                key.eq_ignore_ascii_case("aws:SourceAccount")
            })),
            // An entry for the root user means the whole account (IAM-PRIN-2).
            Self::Root(arn) => Ok(vec![(
                "ArnEquals",
                "aws:PrincipalArn".to_owned(),
                arn.clone(),
            )]),
            Self::Provider(provider) => {
                let prefix = claims_prefix(provider);
                let claims = stated(part, |key| key.to_lowercase().starts_with(&prefix));
                if claims.is_empty() {
                    Err(format!(
                        "a statement for `{provider}` without conditions would let everybody of the provider in: state its claims, such as `{prefix}aud`, in the context"
                    ))
                } else {
                    Ok(claims)
                }
            }
            _ => Ok(Vec::new()),
        }
    }
}

fn stated(
    part: &RequirementPart,
    is_meant: impl Fn(&str) -> bool,
) -> Vec<(&'static str, String, String)> {
    part.context
        .iter()
        .filter(|(key, _)| is_meant(key))
        .map(|(key, value)| ("StringEquals", key.clone(), value.clone()))
        .collect()
}

/// What the condition keys of a provider start with, in lower case.
fn claims_prefix(provider: &str) -> String {
    let domain = match Arn::parse(provider) {
        Some(arn) => match arn.resource().split_once('/') {
            Some(("oidc-provider", domain)) => domain.to_owned(),
            _ => "saml".to_owned(),
        },
        None => provider.to_owned(),
    };
    format!("{}:", domain.to_lowercase())
}
