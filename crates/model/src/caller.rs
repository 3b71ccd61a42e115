//! Who asks.

use std::collections::BTreeMap;
use std::fmt;

use crate::Arn;
use crate::arn::is_account_id;

/// What kind of identity signed the request, if any. Rule: IAM-PRIN-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerKind {
    /// Root user of an account.
    Root,
    /// Session of `sts:AssumeRoot`.
    RootSession,
    /// IAM user; the ARN has the path.
    User {
        /// `arn:P:iam::A:user/path/name`
        arn: Arn,
    },
    /// Session of a role.
    RoleSession {
        /// Name of the role, without path.
        role: String,
        /// ARN of the role with its path, where it is known. A session ARN does not show the path.
        role_arn: Option<Arn>,
        /// Session name, where it is known.
        session: Option<String>,
    },
    /// Session of `sts:GetFederationToken`.
    FederatedUser {
        /// `arn:P:sts::A:federated-user/name`
        arn: Arn,
        /// ARN of the IAM user behind it, where it is known. Rule: IAM-PRIN-6.
        user: Option<Arn>,
    },
    /// An AWS service acting as itself.
    Service {
        /// Name such as `sns.amazonaws.com`.
        name: String,
    },
    /// An identity of a service that a grant names, such as
    /// `111122223333:aws:ec2-infrastructure:i-0123`. Rule: KMS-GRANT-4.
    ServiceIdentity {
        /// Text as the grant has it.
        text: String,
    },
    /// An identity of a SAML or OIDC provider that asks for a role. Rule: IAM-EVAL-23.
    Federated {
        /// ARN or domain of the provider.
        provider: String,
    },
    /// Nobody.
    Anonymous,
}

/// How a user's credentials came about. Rule: IAM-CTX-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credentials {
    /// Long-term access key.
    LongTerm,
    /// Temporary credentials of `sts:GetSessionToken`.
    SessionToken,
    /// Console session.
    Console,
}

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// What kind of identity it is.
    pub kind: CallerKind,
    /// Partition, such as `aws`; none for services and anonymous callers.
    pub partition: Option<String>,
    /// Account; none for services and anonymous callers.
    pub account: Option<String>,
    /// Unique id, `AIDA…` or `AROA…`.
    pub id: Option<String>,
    /// Canonical user id of S3.
    pub canonical_id: Option<String>,
    /// Session tags. Rule: IAM-PRIN-14.
    pub tags: BTreeMap<String, String>,
    /// Source identity of the session.
    pub source_identity: Option<String>,
    /// Kind of credentials, where it is stated.
    pub credentials: Option<Credentials>,
}

/// A text that names no caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerError {
    /// What is wrong, lower-case.
    pub message: String,
}

impl fmt::Display for CallerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CallerError {}

impl Caller {
    /// A caller of which only kind, partition and account are known.
    #[must_use]
    pub fn new(kind: CallerKind, partition: Option<&str>, account: Option<&str>) -> Self {
        Self {
            kind,
            partition: partition.map(str::to_owned),
            account: account.map(str::to_owned),
            id: None,
            canonical_id: None,
            tags: BTreeMap::new(),
            source_identity: None,
            credentials: None,
        }
    }

    /// Reads a caller as users name it: an ARN, a service, `anonymous`. Rule: UI-34.
    ///
    /// A role ARN stands for a session of the role whose name is not known.
    ///
    /// # Errors
    ///
    /// A text that is none of these, or an ARN that is no principal (a group, an instance profile).
    ///
    /// ```
    /// use preclear_model::caller::{Caller, CallerKind};
    /// let caller = Caller::parse("arn:aws:sts::111122223333:assumed-role/labeler/s1").unwrap();
    /// assert!(matches!(caller.kind, CallerKind::RoleSession { .. }));
    /// assert!(Caller::parse("arn:aws:iam::111122223333:group/admins").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, CallerError> {
        if text == "anonymous" {
            return Ok(Self::new(CallerKind::Anonymous, None, None));
        }
        if text.starts_with("arn:") {
            let arn = Arn::parse(text).ok_or_else(|| CallerError {
                message: format!("`{text}` is not an ARN: it needs six fields separated by colons"),
            })?;
            return Self::from_arn(&arn);
        }
        if is_service_name(text) {
            let kind = CallerKind::Service {
                name: text.to_owned(),
            };
            return Ok(Self::new(kind, None, None));
        }
        if text
            .split_once(':')
            .is_some_and(|(account, _)| is_account_id(account))
        {
            let kind = CallerKind::ServiceIdentity {
                text: text.to_owned(),
            };
            return Ok(Self::new(kind, None, None));
        }
        Err(CallerError {
            message: format!(
                "`{text}` names no caller: expected the ARN of a user, role or session, a service such as `sns.amazonaws.com`, or `anonymous`"
            ),
        })
    }

    fn from_arn(arn: &Arn) -> Result<Self, CallerError> {
        let refuse = |why: &str| CallerError {
            message: format!("`{arn}` cannot act as a caller: {why}"),
        };
        if !is_account_id(arn.account()) {
            return Err(refuse("its account is not twelve digits"));
        }
        if !arn.region().is_empty() {
            return Err(refuse("ARNs of identities have no Region"));
        }
        if arn.resource().contains(['*', '?']) {
            return Err(refuse(
                "a caller is one identity; wildcards do not work here",
            ));
        }
        let (kind_name, rest) = arn
            .resource()
            .split_once('/')
            .unwrap_or((arn.resource(), ""));
        let named = |rest: &str| !rest.is_empty() && !rest.ends_with('/');
        let kind = match (arn.service(), kind_name) {
            ("iam", "root") if rest.is_empty() => CallerKind::Root,
            ("sts", "assumed-root") => CallerKind::RootSession,
            ("iam", "user") if named(rest) => CallerKind::User { arn: arn.clone() },
            ("iam", "role") if named(rest) => CallerKind::RoleSession {
                role: rest.rsplit('/').next().unwrap_or(rest).to_owned(),
                role_arn: Some(arn.clone()),
                session: None,
            },
            ("sts", "assumed-role") => {
                let (role, session) = rest
                    .split_once('/')
                    .filter(|(role, session)| {
                        !role.is_empty() && !session.is_empty() && !session.contains('/')
                    })
                    .ok_or_else(|| {
                        refuse(
                            "a session ARN is `assumed-role/ROLE/SESSION`, without the role's path",
                        )
                    })?;
                CallerKind::RoleSession {
                    role: role.to_owned(),
                    role_arn: None,
                    session: Some(session.to_owned()),
                }
            }
            ("sts", "federated-user") if named(rest) => CallerKind::FederatedUser {
                arn: arn.clone(),
                user: None,
            },
            ("iam", "oidc-provider" | "saml-provider") => {
                return Err(refuse(
                    "it is an identity provider; callers that carry its tokens are asked about in a request file, with `principal: {federated: PROVIDER}`",
                ));
            }
            ("iam", "group") => return Err(refuse("groups are not principals (IAM-PRIN-15)")),
            ("iam", "instance-profile") => {
                return Err(refuse(
                    "instance profiles are not principals; name the role (IAM-PRIN-15)",
                ));
            }
            _ => {
                return Err(refuse(
                    "it is neither a user, a role, a session nor a root user",
                ));
            }
        };
        Ok(Self::new(kind, Some(arn.partition()), Some(arn.account())))
    }

    /// What `GetCallerIdentity` would print, as far as it is known; for services their name.
    #[must_use]
    pub fn display_arn(&self) -> String {
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = self.write_arn(&mut text);
        text
    }

    /// Writes what [`Caller::display_arn`] gives.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_arn(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let partition = self.partition.as_deref().unwrap_or("aws");
        let account = self.account.as_deref().unwrap_or_default();
        match &self.kind {
            CallerKind::Root => write!(out, "arn:{partition}:iam::{account}:root"),
            CallerKind::RootSession => write!(out, "arn:{partition}:sts::{account}:assumed-root"),
            CallerKind::User { arn } | CallerKind::FederatedUser { arn, .. } => {
                out.write_str(arn.as_str())
            }
            CallerKind::RoleSession {
                role,
                session: Some(session),
                ..
            } => {
                write!(
                    out,
                    "arn:{partition}:sts::{account}:assumed-role/{role}/{session}"
                )
            }
            CallerKind::RoleSession {
                role_arn: Some(arn),
                ..
            } => out.write_str(arn.as_str()),
            CallerKind::RoleSession { role, .. } => {
                write!(out, "arn:{partition}:iam::{account}:role/{role}")
            }
            CallerKind::Service { name } => out.write_str(name),
            CallerKind::ServiceIdentity { text } => out.write_str(text),
            CallerKind::Federated { provider } => out.write_str(provider),
            CallerKind::Anonymous => out.write_str("anonymous"),
        }
    }
}

/// `name[.region].amazonaws.com[.cn]`. Rule: IAM-GRAM-14.
fn is_service_name(text: &str) -> bool {
    let stem = text
        .strip_suffix(".amazonaws.com")
        .or_else(|| text.strip_suffix(".amazonaws.com.cn"));
    stem.is_some_and(|stem| {
        !stem.is_empty()
            && stem.split('.').all(|label| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn caller(text: &str) -> Caller {
        Caller::parse(text).unwrap()
    }

    #[test]
    fn ui_34_identities_are_read_from_their_arns() {
        let root = caller("arn:aws-cn:iam::111122223333:root");
        assert_eq!(root.kind, CallerKind::Root);
        assert_eq!(
            (root.partition.as_deref(), root.account.as_deref()),
            (Some("aws-cn"), Some("111122223333"))
        );
        assert_eq!(
            caller("arn:aws:sts::111122223333:assumed-root").kind,
            CallerKind::RootSession
        );
        let user = Arn::parse("arn:aws:iam::111122223333:user/path/U").unwrap();
        assert_eq!(caller(user.as_str()).kind, CallerKind::User { arn: user });
        let federated = Arn::parse("arn:aws:sts::111122223333:federated-user/F").unwrap();
        assert_eq!(
            caller(federated.as_str()).kind,
            CallerKind::FederatedUser {
                arn: federated,
                user: None
            }
        );
    }

    #[test]
    fn ui_34_roles_are_known_with_path_or_with_session() {
        let arn = Arn::parse("arn:aws:iam::111122223333:role/app/R").unwrap();
        let kind = CallerKind::RoleSession {
            role: "R".into(),
            role_arn: Some(arn.clone()),
            session: None,
        };
        assert_eq!(caller(arn.as_str()).kind, kind);
        let kind = CallerKind::RoleSession {
            role: "R".into(),
            role_arn: None,
            session: Some("s".into()),
        };
        assert_eq!(
            caller("arn:aws:sts::111122223333:assumed-role/R/s").kind,
            kind
        );
    }

    #[test]
    fn ui_34_services_and_nobody_have_no_arn() {
        for name in [
            "sns.amazonaws.com",
            "s3.eu-south-1.amazonaws.com",
            "ec2.amazonaws.com.cn",
        ] {
            assert_eq!(caller(name).kind, CallerKind::Service { name: name.into() });
        }
        let text = "111122223333:aws:ec2-infrastructure:i-0123";
        assert_eq!(
            caller(text).kind,
            CallerKind::ServiceIdentity { text: text.into() }
        );
        assert_eq!(caller("anonymous").kind, CallerKind::Anonymous);
    }

    #[test]
    fn what_reads_a_caller_writes_it_back() {
        for text in [
            "arn:aws:iam::111122223333:root",
            "arn:aws:sts::111122223333:assumed-root",
            "arn:aws:iam::111122223333:user/path/U",
            "arn:aws:iam::111122223333:role/app/R",
            "arn:aws:sts::111122223333:assumed-role/R/s",
            "arn:aws:sts::111122223333:federated-user/F",
            "sns.amazonaws.com",
            "111122223333:aws:ec2-infrastructure:i-0123",
            "anonymous",
        ] {
            assert_eq!(caller(text).display_arn(), text);
        }
    }

    #[test]
    fn what_cannot_act_is_refused() {
        for (text, why) in [
            ("arn:aws:iam::111122223333:group/g", "groups"),
            (
                "arn:aws:iam::111122223333:instance-profile/x",
                "instance profiles",
            ),
            ("arn:aws:iam::111122223333:role/", "neither"),
            ("arn:aws:iam::111122223333:role/*", "wildcards"),
            ("arn:aws:iam:us-east-1:111122223333:role/R", "Region"),
            (
                "arn:aws:sts::111122223333:assumed-role/R",
                "assumed-role/ROLE/SESSION",
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/path/R/s",
                "assumed-role/ROLE/SESSION",
            ),
            ("arn:aws:iam::aws:role/R", "twelve digits"),
            ("arn:aws:s3:::b", "twelve digits"),
            ("arn:aws:iam", "six fields"),
            ("111122223333", "names no caller"),
            ("", "names no caller"),
            ("*", "names no caller"),
            (".amazonaws.com", "names no caller"),
        ] {
            let error = Caller::parse(text).unwrap_err();
            assert!(error.message.contains(why), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(arn:aws:(iam|sts)::111122223333:)?[a-z/:*-]{0,30}") {
            if let Ok(caller) = Caller::parse(&text) {
                let again = Caller::parse(&caller.display_arn());
                prop_assert_eq!(again.map(|caller| caller.kind), Ok(caller.kind));
            }
        }
    }
}
