//! Whom an addition is for: what policies of its own it has, and how other policies name it.

use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind};

use crate::job::fix::Origin;
use crate::job::report::RequirementPart;
use crate::job::service_linked::is_service_linked;
use crate::job::statement::Test;

/// Who lacks a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// User or role, by its ARN.
    Identity(String),
    /// Role that belongs to a service, by its ARN: its policies are AWS's own. Rule: IAM-PRIN-1.
    ServiceLinked(String),
    /// Session of a role that is not known, by its ARN.
    Session(String),
    /// Federated user whose IAM user is not told, by its ARN. Rule: IAM-PRIN-6.
    FederatedUser(String),
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
        // Amazon Cognito's name as a provider is that of a service, too.
        let takes_token = matches!(call(&part.action), Some(Call::Of(_) | Call::Beside));
        if takes_token && name == COGNITO {
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
            CallerKind::RoleSession {
                role_arn: Some(role),
                ..
            } if is_service_linked(role) => Self::ServiceLinked(name),
            CallerKind::User { .. }
            | CallerKind::RoleSession {
                role_arn: Some(_), ..
            } => Self::Identity(name),
            CallerKind::RoleSession { role_arn: None, .. } => Self::Session(name),
            CallerKind::FederatedUser { .. } => Self::FederatedUser(name),
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
            Self::Identity(arn)
            | Self::ServiceLinked(arn)
            | Self::Session(arn)
            | Self::FederatedUser(arn)
            | Self::Root(arn) => Ok(("AWS", arn.clone())),
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

    /// Refuses a call that this caller cannot make: identities of providers assume roles, each by the call for its
    /// kind of token, and nobody else makes these calls. Rule: IAM-EVAL-23, IAM-GRAM-22.
    ///
    /// # Errors
    ///
    /// One sentence.
    pub(crate) fn check_call(&self, part: &RequirementPart) -> Result<(), String> {
        let (action, name) = (&part.action, &part.principal);
        let own = match self {
            Self::Provider(provider) => Some(kind_of(provider).ok_or_else(|| {
                format!("`{name}` is neither a SAML nor an OIDC provider: no statement can let its identities in (IAM-PRIN-10)")
            })?),
            _ => None,
        };
        match (own, call(action)) {
            (None, Some(Call::Of(needed))) => Err(format!(
                "{action} is called with a token of {}, not by {name}: ask with `principal: {{federated: PROVIDER}}`, or for sts:AssumeRole (IAM-EVAL-23)",
                needed.words()
            )),
            (Some(own), Some(Call::Of(needed))) if own == needed => Ok(()),
            (None, _) | (Some(_), Some(Call::Beside)) => Ok(()),
            (Some(own), Some(Call::Of(_) | Call::Signed)) => Err(format!(
                "{action} does not fit `{name}`: identities of {} assume roles by {} (IAM-GRAM-22)",
                own.words(),
                own.call()
            )),
            (Some(own), None) => Err(format!(
                "identities of `{name}` can only assume roles, by {}: ask for {action} as a session of the role (IAM-PRIN-10)",
                own.call()
            )),
        }
    }

    /// Tests on what the request states that keep everybody else out.
    ///
    /// # Errors
    ///
    /// One sentence, where nothing is stated and the statement would open the door to many.
    pub(crate) fn conditions(
        &self,
        part: &RequirementPart,
        origin: Origin,
    ) -> Result<Vec<Test>, String> {
        match self {
            // A service acts for many customers: the account keeps others out (JOB-PZ-2, KMS-POL-10), the resource other uses. What
            // a job runs for is often made by it.
            Self::Service(_) => Ok(stated(part, |key| {
                let is_source = |name: &str| key.eq_ignore_ascii_case(name);
                is_source("aws:SourceAccount")
                    || origin != Origin::Template && is_source("aws:SourceArn")
            })),
            // An entry for the root user means the whole account (IAM-PRIN-2): sometimes just what is wanted.
            Self::Root(_) if part.is_account => Ok(Vec::new()),
            Self::Root(arn) => Ok(vec![Test::one(
                "ArnEquals",
                "aws:PrincipalArn",
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

fn stated(part: &RequirementPart, is_meant: impl Fn(&str) -> bool) -> Vec<Test> {
    part.context
        .iter()
        .filter(|(key, _)| is_meant(key))
        .map(|(key, value)| Test::one("StringEquals", key, value.clone()))
        .collect()
}

/// The name of Amazon Cognito as a provider.
const COGNITO: &str = "cognito-identity.amazonaws.com";

/// Kind of token that a provider gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProviderKind {
    Saml,
    Oidc,
}

impl ProviderKind {
    fn words(self) -> &'static str {
        match self {
            Self::Saml => "a SAML provider",
            Self::Oidc => "an OIDC provider",
        }
    }

    /// The call by which its identities assume roles.
    fn call(self) -> &'static str {
        match self {
            Self::Saml => "sts:AssumeRoleWithSAML",
            Self::Oidc => "sts:AssumeRoleWithWebIdentity",
        }
    }
}

/// What an action has to do with assuming roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    /// A call with the token of a provider.
    Of(ProviderKind),
    /// `sts:AssumeRole`, which is signed.
    Signed,
    /// A permission that any of the calls may take.
    Beside,
}

fn call(action: &str) -> Option<Call> {
    let is = |name: &str| action.eq_ignore_ascii_case(name);
    for kind in [ProviderKind::Saml, ProviderKind::Oidc] {
        if is(kind.call()) {
            return Some(Call::Of(kind));
        }
    }
    if is("sts:AssumeRole") {
        Some(Call::Signed)
    } else if is("sts:TagSession") || is("sts:SetSourceIdentity") {
        Some(Call::Beside)
    } else {
        None
    }
}

/// Kind of a provider by its name; `None` for an ARN of something else. A name without ARN is the domain of an OIDC
/// provider.
fn kind_of(provider: &str) -> Option<ProviderKind> {
    if !provider.starts_with("arn:") {
        return Some(ProviderKind::Oidc);
    }
    let arn = Arn::parse(provider).filter(|arn| arn.service() == "iam")?;
    match arn.resource_type() {
        Some("saml-provider") => Some(ProviderKind::Saml),
        Some("oidc-provider") => Some(ProviderKind::Oidc),
        _ => None,
    }
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
