//! Who is asked: whom the snapshot lists, and stand-ins for everyone else.
//!
//! A stand-in stands for many callers that no policy tells apart. What keeps them apart all the same, such as their tags, is left
//! unknown, so that an answer about the stand-in is one about all of them.

mod casting;
mod openness;

use std::sync::Arc;

use preclear_model::Policy;
use preclear_model::caller::{Caller, CallerKind};
use preclear_simulator::Snapshot;
use preclear_simulator::snapshot::Tags;

use crate::callers::{Callers, Clause};
use crate::facts::{Facts, State};
use crate::mentioned::Mentioned;
use casting::Casting;

/// Name of the policy that stands for all that a stand-in's own policies may allow.
pub(crate) const ANYTHING: &str = "whatever its own policies allow";

/// Somebody who is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) caller: Caller,
    /// How reports call it.
    pub(crate) label: String,
    /// ARNs or names that patterns may match.
    pub(crate) names: Vec<String>,
    /// For a stand-in of many: the pattern of their ARNs.
    pub(crate) stands_for: Option<String>,
    /// True for a user or role that the snapshot lists.
    pub(crate) is_listed: bool,
    pub(crate) boundary: Option<Arc<Policy>>,
    pub(crate) tags: Option<Tags>,
    pub(crate) session_policies: Vec<Arc<Policy>>,
    pub(crate) facts: Facts,
    /// True for an identity of an account of which nothing is loaded.
    pub(crate) is_foreign: bool,
    /// Lower comes first where several would do as an example.
    pub(crate) rank: u8,
}

impl Actor {
    fn new(caller: Caller, label: impl Into<String>, rank: u8) -> Self {
        Self {
            names: vec![caller.display_arn()],
            caller,
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

    pub(crate) fn is_role(&self) -> bool {
        matches!(self.caller.kind, CallerKind::RoleSession { .. })
    }

    pub(crate) fn is_user(&self) -> bool {
        matches!(self.caller.kind, CallerKind::User { .. })
    }

    pub(crate) fn is_root(&self) -> bool {
        matches!(self.caller.kind, CallerKind::Root | CallerKind::RootSession)
    }

    pub(crate) fn is_service(&self) -> bool {
        matches!(
            self.caller.kind,
            CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. }
        )
    }

    /// True for those that can have policies and tags.
    pub(crate) fn is_identity(&self) -> bool {
        self.is_role() || self.is_user()
    }

    /// True for those whose calls services can pass on.
    pub(crate) fn can_be_passed_on(&self) -> bool {
        self.caller.account.is_some()
    }
}

/// Everyone who is asked, and the snapshot in which they can be.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) actors: Vec<Actor>,
    /// The snapshot with the stand-ins in it.
    pub(crate) snapshot: Snapshot,
}

/// The cast of a property.
pub(crate) fn cast(snapshot: &Snapshot, mentioned: &Mentioned, callers: &Callers) -> Cast {
    let mut casting = Casting::new(snapshot, mentioned);
    casting.listed();
    if !callers.is_listed_only {
        casting.root_users();
        casting.sessions();
        casting.named(callers);
        casting.others();
        casting.bounded(callers);
        casting.services();
        casting.nobody();
    }
    let mut cast = casting.cast;
    cast.actors.retain(|actor| callers.has(actor, snapshot));
    for actor in &mut cast.actors {
        say_tags(actor, callers);
    }
    cast
}

/// A stand-in has the tags that callers must have.
fn say_tags(actor: &mut Actor, callers: &Callers) {
    for clause in &callers.clauses {
        if let Clause::Tag(key, value) = clause
            && !actor.is_listed
        {
            actor
                .facts
                .say(&format!("aws:PrincipalTag/{key}"), State::one(value));
        }
    }
}
