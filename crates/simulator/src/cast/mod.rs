//! Who is asked: whom the snapshot lists, and stand-ins for everyone else.
//!
//! A stand-in stands for many callers that no policy tells apart. What keeps them apart all the same, such as their tags, is left
//! unknown, so that an answer about the stand-in is one about all of them.

//!
//! ```
//! use preclear_model::caller::Caller;
//! use preclear_simulator::Snapshot;
//! use preclear_simulator::cast::{Asked, Mentioned, Stand, cast};
//!
//! let snapshot = Snapshot { account: Some("111122223333".to_owned()), complete: true, ..Snapshot::default() };
//! let cast = cast(&snapshot, &Mentioned::of(&snapshot), &Asked::default());
//! // Nobody is listed, and somebody stands for the root users, for any other identity of each account, for services.
//! assert!(cast.actors.iter().all(|actor| actor.stand != Stand::Listed));
//! let root = Caller::parse("arn:aws:iam::111122223333:root").unwrap();
//! assert!(cast.actors.iter().any(|actor| actor.caller == root && actor.stand == Stand::Root));
//! ```

mod casting;
mod facts;
mod mentioned;
mod openness;
pub mod samples;

use std::sync::Arc;

use preclear_model::Policy;
use preclear_model::caller::{Caller, CallerKind};

use crate::layer::Layer;
use crate::snapshot::{Snapshot, Tags};
use casting::Casting;
pub use facts::{Facts, State};
pub use mentioned::{Mentioned, Operand};

/// Name of the policy that stands for all that a stand-in's own policies may allow.
pub const ANYTHING: &str = "whatever its own policies allow";

/// Whom an actor stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stand {
    /// A user that the snapshot lists, or any session of a role that it lists.
    Listed,
    /// The root user of an account.
    Root,
    /// Any session of `sts:AssumeRoot` in an account.
    RootSession,
    /// A session of a listed role that policies or grants name.
    Session,
    /// A federated user of a listed user: one that is named, or any other.
    Federated,
    /// A user, role, session or federated user that policies, grants or conditions name and that is not listed.
    Named,
    /// One of those that a pattern matches with which policies compare `aws:PrincipalArn`.
    Sample,
    /// Any other user, role, service-linked role or federated user of an account.
    Others,
    /// Somebody of an account with a unique or canonical id that policies name and nobody who is listed has.
    WithId,
    /// Any user or role with a permissions boundary.
    Bounded,
    /// A service, or an identity of one, that policies or grants name.
    Service,
    /// Any other service.
    OtherService,
    /// An identity of a provider that policies name.
    Provider,
    /// An identity of any other provider.
    OtherProvider,
    /// Callers that sign nothing.
    Anonymous,
}

/// Somebody who is asked for.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who signs its requests.
    pub caller: Caller,
    /// Whom it stands for.
    pub stand: Stand,
    /// How reports call it.
    pub label: String,
    /// ARNs or names that patterns may match.
    pub names: Vec<String>,
    /// For a stand-in of many: the pattern of their ARNs.
    pub stands_for: Option<String>,
    /// True for a user or role that the snapshot lists.
    pub is_listed: bool,
    /// Its permissions boundary.
    pub boundary: Option<Arc<Policy>>,
    /// Its tags, where they are known.
    pub tags: Option<Tags>,
    /// What its session policies are assumed to be.
    pub session_policies: Vec<Arc<Policy>>,
    /// What its requests say of condition keys, or leave open.
    pub facts: Facts,
    /// True for an identity of an account of which nothing is loaded.
    pub is_foreign: bool,
    /// Lower comes first where several would do as an example.
    pub rank: u8,
}

impl Actor {
    fn new(caller: Caller, stand: Stand, label: impl Into<String>, rank: u8) -> Self {
        Self {
            names: vec![caller.display_arn()],
            caller,
            stand,
            label: label.into(),
            stands_for: None,
            is_listed: false,
            boundary: None,
            tags: None,
            session_policies: Vec::new(),
            facts: Facts::default(),
            is_foreign: false,
            rank,
        }
    }

    /// True for a session of a role.
    #[must_use]
    pub fn is_role(&self) -> bool {
        matches!(self.caller.kind, CallerKind::RoleSession { .. })
    }

    /// True for a user.
    #[must_use]
    pub fn is_user(&self) -> bool {
        matches!(self.caller.kind, CallerKind::User { .. })
    }

    /// True for root users and their sessions.
    #[must_use]
    pub fn is_root(&self) -> bool {
        matches!(self.caller.kind, CallerKind::Root | CallerKind::RootSession)
    }

    /// True for services that act as themselves.
    #[must_use]
    pub fn is_service(&self) -> bool {
        matches!(
            self.caller.kind,
            CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. }
        )
    }

    /// True for those that can have policies and tags.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.is_role() || self.is_user()
    }

    /// True for those whose calls services can pass on.
    #[must_use]
    pub fn can_be_passed_on(&self) -> bool {
        self.caller.account.is_some()
    }
}

/// Everyone who is asked, and the snapshot in which they can be.
#[derive(Debug)]
pub struct Cast {
    /// Those that are listed, then stand-ins.
    pub actors: Vec<Actor>,
    /// The snapshot with the stand-ins in it.
    pub snapshot: Snapshot,
    /// The account that stands for all that nothing names.
    pub unnamed: String,
}

/// Who is asked for beside everybody whom policies speak of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// True: nobody but whom the snapshot lists.
    pub is_listed_only: bool,
    /// Accounts that count as named though nothing names them, such as the owner of a resource.
    pub accounts: &'a [String],
    /// ARNs, `*` and `?` allowed: somebody stands for those that they match.
    pub patterns: &'a [String],
    /// Permissions boundaries, by the names that reports call them: somebody stands for those that have them.
    pub boundaries: &'a [(String, Arc<Policy>)],
}

/// Everybody whom the snapshot lists, and stand-ins for everybody else whom `mentioned` tells apart.
#[must_use]
pub fn cast(snapshot: &Snapshot, mentioned: &Mentioned, asked: &Asked<'_>) -> Cast {
    let mut casting = Casting::new(snapshot, mentioned, asked.accounts);
    casting.listed();
    if !asked.is_listed_only {
        casting.root_users();
        casting.sessions();
        casting.named(asked.patterns);
        casting.others();
        casting.with_ids();
        casting.bounded(asked.boundaries);
        casting.services();
        casting.nobody();
    }
    casting.cast
}

/// True for an account of the organisation that the snapshot lists.
///
/// ```
/// use preclear_simulator::{Snapshot, cast::is_member};
/// assert!(!is_member(&Snapshot::default(), "111122223333"));
/// ```
#[must_use]
pub fn is_member(snapshot: &Snapshot, account: &str) -> bool {
    snapshot.organization.as_ref().is_some_and(|one| {
        one.management_account.as_deref() == Some(account)
            || one.accounts.iter().any(|node| node.id == account)
    })
}

/// The snapshot with no service control policies for accounts of which nothing is known; `None` where it has none for them anyway.
/// What those policies say is as little told as what the identities' own policies say.
///
/// ```
/// use preclear_simulator::{Layer, Snapshot, cast::without_guardrails};
/// let open = without_guardrails(&Snapshot::default()).unwrap();
/// assert!(open.layers_open.contains(&Layer::Scp));
/// assert!(without_guardrails(&Snapshot { complete: true, ..Snapshot::default() }).is_none());
/// ```
#[must_use]
pub fn without_guardrails(snapshot: &Snapshot) -> Option<Snapshot> {
    let is_unknown = snapshot.organization.is_none() && !snapshot.complete;
    is_unknown.then(|| {
        let mut open = snapshot.clone();
        open.layers_not_loaded.remove(&Layer::Scp);
        open.layers_open.insert(Layer::Scp);
        open
    })
}
