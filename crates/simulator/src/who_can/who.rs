//! Whom an answer is about.

use std::fmt;

use preclear_model::caller::{Caller, CallerKind};
use preclear_model::{Arn, ArnRef};

use super::LISTED;
use crate::cast::{Actor, Stand};

/// A kind of identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// IAM users.
    User,
    /// Sessions of roles.
    Role,
    /// Federated users.
    FederatedUser,
    /// Service-linked roles, which guardrails do not reach.
    ServiceLinkedRole,
}

impl IdentityKind {
    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::FederatedUser => "federated user",
            Self::ServiceLinkedRole => "service-linked role",
        }
    }

    fn of(caller: &Caller) -> Option<Self> {
        match &caller.kind {
            CallerKind::User { .. } => Some(Self::User),
            CallerKind::RoleSession { role, role_arn, .. } => {
                let is_linked = match role_arn {
                    Some(arn) => arn.resource().starts_with("role/aws-service-role/"),
                    None => role.starts_with("AWSServiceRoleFor"),
                };
                Some(if is_linked {
                    Self::ServiceLinkedRole
                } else {
                    Self::Role
                })
            }
            CallerKind::FederatedUser { .. } => Some(Self::FederatedUser),
            _ => None,
        }
    }
}

/// Somebody, or a kind of callers that no policy tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A user that the snapshot lists, or any session of a role that it lists.
    Listed {
        /// Its ARN.
        arn: String,
    },
    /// A session, which policies or grants name, of a listed role.
    Session {
        /// ARN of the session.
        arn: String,
        /// ARN of the role.
        of: String,
    },
    /// A federated user of a listed user.
    Federated {
        /// Its ARN; none for any whom nothing names.
        arn: Option<String>,
        /// ARN of the user.
        of: String,
    },
    /// A user, role, session or federated user whom policies, grants or conditions name and the snapshot does not list.
    Named {
        /// Its ARN.
        arn: String,
    },
    /// The root user of an account.
    Root {
        /// The account; none for any that nothing names.
        account: Option<String>,
        /// True for an account of which the snapshot lists users or roles, and for the owner of the resource.
        is_own: bool,
    },
    /// Sessions of `sts:AssumeRoot` in an account.
    RootSession {
        /// The account; none for any that nothing names.
        account: Option<String>,
        /// True for an account of which the snapshot lists users or roles, and for the owner of the resource.
        is_own: bool,
    },
    /// Any other identity of an account.
    Others {
        /// The account; none for any that nothing names.
        account: Option<String>,
        /// What they are.
        kinds: Vec<IdentityKind>,
        /// True for an account of which the snapshot lists users or roles, and for the owner of the resource.
        is_own: bool,
    },
    /// Whoever has a unique or canonical id that policies name and nobody who is listed has.
    WithId {
        /// The id.
        id: String,
        /// The account; none for any that nothing names.
        account: Option<String>,
    },
    /// A service, or an identity of one.
    Service {
        /// Its name.
        name: String,
    },
    /// Any other service.
    OtherServices,
    /// Identities of a provider.
    Provider {
        /// ARN or domain of the provider.
        provider: String,
    },
    /// Identities of any other provider.
    OtherProviders,
    /// Callers that sign nothing.
    Anonymous,
}

impl Who {
    /// Whom an actor stands for. `unnamed` is the account that stands for all that nothing names.
    pub(super) fn of(actor: &Actor, unnamed: &str, owners: &[String]) -> Self {
        let arn = actor.caller.display_arn();
        let own = actor.caller.account.clone();
        let account = own.filter(|account| account != unnamed);
        let is_owner = account
            .as_ref()
            .is_some_and(|account| owners.contains(account));
        let is_own = !actor.is_foreign || is_owner;
        let of = || actor.names.last().cloned().unwrap_or_default();
        match actor.stand {
            Stand::Listed => Self::Listed { arn },
            Stand::Root => Self::Root { account, is_own },
            Stand::RootSession => Self::RootSession { account, is_own },
            Stand::Session => Self::Session { arn, of: of() },
            Stand::Federated => Self::Federated {
                arn: actor.stands_for.is_none().then_some(arn),
                of: of(),
            },
            Stand::Named | Stand::Sample | Stand::Bounded => Self::Named { arn },
            Stand::Others => Self::Others {
                account,
                kinds: IdentityKind::of(&actor.caller).into_iter().collect(),
                is_own,
            },
            Stand::WithId => {
                let caller = &actor.caller;
                let id = caller.id.clone().or_else(|| caller.canonical_id.clone());
                Self::WithId {
                    id: id.unwrap_or_default(),
                    account,
                }
            }
            Stand::Service => Self::Service { name: arn },
            Stand::OtherService => Self::OtherServices,
            Stand::Provider => Self::Provider { provider: arn },
            Stand::OtherProvider => Self::OtherProviders,
            Stand::Anonymous => Self::Anonymous,
        }
    }

    /// What it goes by in files and output: an ARN, an account, the name of a service, `anonymous`; `*` for identities of any account that
    /// nothing names, `*.amazonaws.com` for any other service.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Listed { arn } | Self::Session { arn, .. } | Self::Named { arn } => arn.clone(),
            Self::Federated { arn: Some(arn), .. } => arn.clone(),
            Self::Federated { arn: None, of } => match ArnRef::parse(of) {
                Some(user) => format!(
                    "arn:{}:sts::{}:federated-user/*",
                    user.partition(),
                    user.account()
                ),
                None => of.clone(),
            },
            Self::Root {
                account: Some(account),
                ..
            } => format!("arn:aws:iam::{account}:root"),
            Self::RootSession {
                account: Some(account),
                ..
            } => {
                format!("arn:aws:sts::{account}:assumed-root")
            }
            Self::Others {
                account: Some(account),
                ..
            } => account.clone(),
            Self::Root { account: None, .. }
            | Self::RootSession { account: None, .. }
            | Self::Others { account: None, .. } => "*".to_owned(),
            Self::WithId { id, .. } => id.clone(),
            Self::Service { name } => name.clone(),
            Self::OtherServices => "*.amazonaws.com".to_owned(),
            Self::Provider { provider } => provider.clone(),
            Self::OtherProviders => "federated".to_owned(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }

    /// What it is, as one word for files and output.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Listed { .. } => "listed",
            Self::Session { .. } => "session",
            Self::Federated { .. } => "federated_user",
            Self::Named { .. } => "named",
            Self::Root { .. } => "root_user",
            Self::RootSession { .. } => "root_session",
            Self::Others {
                account: Some(_), ..
            } => "account",
            Self::Others { account: None, .. } => "any_account",
            Self::WithId { .. } => "id",
            Self::Service { .. } => "service",
            Self::OtherServices => "any_service",
            Self::Provider { .. } => "provider",
            Self::OtherProviders => "any_provider",
            Self::Anonymous => "anonymous",
        }
    }

    /// The account that it belongs to, where that is one that something names.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Listed { arn }
            | Self::Session { arn, .. }
            | Self::Named { arn }
            | Self::Federated { of: arn, .. } => ArnRef::parse(arn).map(|arn| arn.account()),
            Self::Root { account, .. }
            | Self::RootSession { account, .. }
            | Self::Others { account, .. }
            | Self::WithId { account, .. } => account.as_deref(),
            Self::Service { .. }
            | Self::OtherServices
            | Self::Provider { .. }
            | Self::OtherProviders
            | Self::Anonymous => None,
        }
    }

    /// The ARN of a user or role that the snapshot lists.
    #[must_use]
    pub fn listed_arn(&self) -> Option<&str> {
        match self {
            Self::Listed { arn } => Some(arn),
            _ => None,
        }
    }

    /// True for a user or role that the snapshot lists, or a session or federated user of one.
    #[must_use]
    pub fn is_of_snapshot(&self) -> bool {
        matches!(
            self,
            Self::Listed { .. } | Self::Session { .. } | Self::Federated { .. }
        )
    }

    /// How near a candidate is to a caller: the smaller the nearer; `None` if it does not stand for it.
    pub(super) fn nearness(&self, caller: &Caller) -> Option<u8> {
        let own = caller.account.as_deref();
        let arn = caller.display_arn();
        // An account of its own, or one that nothing names.
        let of_account = |account: &Option<String>| match account.as_deref() {
            Some(account) => (own == Some(account)).then_some(0),
            None => own.is_some().then_some(1),
        };
        match self {
            Self::Session { arn: own, .. } => (*own == arn).then_some(0),
            Self::Listed { arn: own } => is_identity(own, caller).then_some(LISTED),
            Self::Named { arn: own } => {
                let is_session = matches!(caller.kind, CallerKind::RoleSession { .. });
                let is_it = *own == arn || (is_session && is_identity(own, caller));
                is_it.then_some(u8::from(*own != arn))
            }
            Self::Federated { arn: named, of } => {
                let CallerKind::FederatedUser { user, .. } = &caller.kind else {
                    return None;
                };
                match (named, user) {
                    (Some(named), _) => (*named == arn).then_some(0),
                    (None, Some(user)) => (user.as_str() == of).then_some(1),
                    (None, None) => None,
                }
            }
            Self::Root { account, .. } => {
                let near = of_account(account)?;
                (caller.kind == CallerKind::Root).then_some(near)
            }
            Self::RootSession { account, .. } => {
                let near = of_account(account)?;
                (caller.kind == CallerKind::RootSession).then_some(near)
            }
            Self::Others { account, kinds, .. } => {
                let near = of_account(account)?;
                kinds
                    .contains(&IdentityKind::of(caller)?)
                    .then_some(4 + near)
            }
            Self::WithId { id, account } => {
                let near = of_account(account)?;
                let ids = [&caller.id, &caller.canonical_id];
                ids.into_iter()
                    .flatten()
                    .any(|own| own == id)
                    .then_some(near)
            }
            Self::Service { name } => arn.eq_ignore_ascii_case(name).then_some(0),
            Self::OtherServices => {
                let is_service = matches!(
                    caller.kind,
                    CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. }
                );
                is_service.then_some(1)
            }
            Self::Provider { provider } => {
                let is_it = matches!(&caller.kind, CallerKind::Federated { provider: own } if own == provider);
                is_it.then_some(0)
            }
            Self::OtherProviders => {
                matches!(caller.kind, CallerKind::Federated { .. }).then_some(1)
            }
            Self::Anonymous => (caller.kind == CallerKind::Anonymous).then_some(0),
        }
    }
}

/// True if the caller is this user, or a session of this role. Rule: IAM-PRIN-5.
fn is_identity(arn: &str, caller: &Caller) -> bool {
    let Some(identity) = Arn::parse(arn) else {
        return false;
    };
    match &caller.kind {
        CallerKind::User { arn: own } => *own == identity,
        CallerKind::RoleSession {
            role_arn: Some(own),
            ..
        } => *own == identity,
        CallerKind::RoleSession { role, .. } => {
            identity.resource().starts_with("role/")
                && identity.resource_name() == role.as_str()
                && caller.account.as_deref() == Some(identity.account())
                && caller.partition.as_deref() == Some(identity.partition())
        }
        _ => false,
    }
}

impl fmt::Display for Who {
    /// In words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = |account: &Option<String>| match account {
            Some(account) => format!("account {account}"),
            None => "any account that nothing here names".to_owned(),
        };
        match self {
            Self::Federated { arn: None, of } => write!(f, "any federated user of {of}"),
            Self::Root { account: own, .. } => write!(f, "root user of {}", account(own)),
            Self::RootSession { account: own, .. } => {
                write!(f, "root sessions of {}", account(own))
            }
            Self::Others {
                account: own,
                kinds,
                is_own,
            } => {
                // They are roles, and told apart where they fare otherwise.
                let is_plain = kinds.contains(&IdentityKind::Role);
                let told =
                    |kind: &&IdentityKind| !is_plain || **kind != IdentityKind::ServiceLinkedRole;
                let names: Vec<&str> = kinds.iter().filter(told).map(|kind| kind.name()).collect();
                let kinds = match names.split_last() {
                    Some((last, [])) => (*last).to_owned(),
                    Some((last, others)) => format!("{} or {last}", others.join(", ")),
                    None => "identity".to_owned(),
                };
                let other = if *is_own { "other " } else { "" };
                write!(f, "any {other}{kinds} of {}", account(own))
            }
            Self::WithId { id, account: own } => {
                write!(f, "whoever of {} has the id {id}", account(own))
            }
            Self::Service { name } => write!(f, "service {name}"),
            Self::OtherServices => f.write_str("any other service"),
            Self::Provider { provider } => write!(f, "identities of {provider}"),
            Self::OtherProviders => f.write_str("identities of any other provider"),
            Self::Anonymous => f.write_str("anyone, without signing"),
            Self::Listed { .. }
            | Self::Session { .. }
            | Self::Named { .. }
            | Self::Federated { .. } => f.write_str(&self.name()),
        }
    }
}
