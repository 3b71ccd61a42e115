//! Who asks.

use serde_json::{Value, json};

use super::super::world::{self, A};
use super::worlds::World;

/// A kind of requester.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    User,
    LongTermUser,
    TokenUser,
    Role,
    FederatedUser,
    RootSession,
    Service,
    Anonymous,
}

impl Asker {
    /// Those that a world knows enough about.
    pub(super) fn all(world: World) -> Vec<Asker> {
        match world {
            World::Known => vec![
                Asker::User,
                Asker::LongTermUser,
                Asker::TokenUser,
                Asker::Role,
                Asker::FederatedUser,
                Asker::RootSession,
                Asker::Service,
                Asker::Anonymous,
            ],
            World::Sparse => vec![Asker::User, Asker::Role],
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Asker::User => "user",
            Asker::LongTermUser => "user-long-term",
            Asker::TokenUser => "user-session-token",
            Asker::Role => "role-session",
            Asker::FederatedUser => "federated-user",
            Asker::RootSession => "root-session",
            Asker::Service => "service",
            Asker::Anonymous => "anonymous",
        }
    }

    pub(super) fn phrase(self) -> &'static str {
        match self {
            Asker::User => "a user whose credentials are not stated",
            Asker::LongTermUser => "a user with an access key",
            Asker::TokenUser => "a user with a session token",
            Asker::Role => "a role session",
            Asker::FederatedUser => "a federated user",
            Asker::RootSession => "a session of the root user",
            Asker::Service => "a service",
            Asker::Anonymous => "nobody",
        }
    }

    pub(super) fn principal(self) -> Value {
        let user = format!("arn:aws:iam::{A}:user/U");
        match self {
            Asker::User => json!(user),
            Asker::LongTermUser => json!({"arn": user, "credentials": "long_term"}),
            Asker::TokenUser => json!({"arn": user, "credentials": "session_token"}),
            Asker::Role => json!(format!("arn:aws:sts::{A}:assumed-role/R/s")),
            Asker::FederatedUser => json!({
                "arn": format!("arn:aws:sts::{A}:federated-user/F"), "user": user, "session_policies": world::open_session(),
            }),
            Asker::RootSession => json!({
                "arn": format!("arn:aws:sts::{A}:assumed-root"), "session_policies": world::open_session(),
            }),
            Asker::Service => json!("sns.amazonaws.com"),
            Asker::Anonymous => json!("anonymous"),
        }
    }

    pub(super) fn is_user(self) -> bool {
        matches!(self, Asker::User | Asker::LongTermUser | Asker::TokenUser)
    }

    /// Whether the credentials are temporary, where that is stated.
    pub(super) fn is_temporary(self) -> Option<bool> {
        match self {
            Asker::LongTermUser => Some(false),
            Asker::TokenUser | Asker::Role | Asker::FederatedUser | Asker::RootSession => {
                Some(true)
            }
            _ => None,
        }
    }
}
