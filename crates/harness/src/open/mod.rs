//! What a question leaves open, read off the rules and not off the engine. Rule: IAM-TRI-1, IAM-TRI-6, IAM-TRI-7.

pub(crate) mod facts;
mod keys;
mod layers;
mod retired;
mod statements;

use preclear_catalog::kms as tables;
use preclear_model::caller::CallerKind;
use preclear_simulator::{AmbiguityMode, ContextMode, Layer, Request, Snapshot};

use self::facts::{Facts, Said, Target};
pub use self::keys::Openness;
pub(crate) use self::statements::has_open_statement;

/// Something that a completion may settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// A condition key, by its name in lower case.
    Key(String, Openness),
    /// Name of the session, where only the role is given. Rule: IAM-PRIN-6.
    SessionName,
    /// Unique id of the caller. Rule: IAM-PRIN-7.
    UniqueId,
    /// Canonical id of the caller's account. Rule: IAM-PRIN-10.
    CanonicalId,
    /// The user who asked for a federated user's session. Rule: IAM-PRIN-6.
    FederatedUser,
    /// Session policies, which the request does not mention.
    SessionPolicies,
    /// Members of the KMS call. Rule: KMS-DEC-2.
    Parameters,
    /// Owner of the resource, where nothing says it. Rule: IAM-EVAL-5.
    ResourceAccount,
    /// A layer that is declared not to be loaded.
    Layer(Layer),
    /// A member that an entry of the snapshot leaves out: list, entry, member.
    Member(&'static str, String, &'static str),
    /// An entry that the snapshot does not list: list, entry.
    Entry(&'static str, String),
    /// The organisation.
    Organization,
    /// Whether what is not listed exists.
    Completeness,
}

impl Opening {
    /// True if settling it changes the snapshot.
    #[must_use]
    pub fn is_of_snapshot(&self) -> bool {
        matches!(
            self,
            Opening::Layer(_)
                | Opening::Member(..)
                | Opening::Entry(..)
                | Opening::Organization
                | Opening::Completeness
        )
    }
}

/// Keys that say who the caller is.
const IDENTITY_KEYS: [&str; 4] = [
    "aws:principalarn",
    "aws:principaltype",
    "aws:principalaccount",
    "aws:userid",
];

/// Whether nothing about the condition key is open.
pub(crate) fn is_settled(snapshot: &Snapshot, request: &Request, key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    Facts::of(snapshot, request).is_some_and(|facts| facts.key(&key) == Openness::Settled)
}

/// What is open where these condition keys count; their names in lower case.
#[must_use]
pub fn openings<'k>(
    snapshot: &Snapshot,
    request: &Request,
    keys: impl IntoIterator<Item = &'k str>,
) -> Vec<Opening> {
    let Some(facts) = Facts::of(snapshot, request) else {
        return Vec::new();
    };
    let mut openings: Vec<Opening> = Vec::new();
    for key in keys {
        let openness = facts.key(key);
        // The caller's id and session make up this one, and they are openings of their own.
        let is_derived = key == "aws:userid" && !facts.is_service();
        // What a service principal has of these is read as the mode says (AMB-18).
        let is_disputed = facts.is_service()
            && request.ambiguity == AmbiguityMode::Failsafe
            && IDENTITY_KEYS.contains(&key);
        // Through which service a call came, keys of other services follow from, whatever the action.
        let is_of_another = key == "kms:viaservice" && facts.service != "kms";
        let is_left = is_derived || is_disputed || is_of_another || facts.is_only_lost(key);
        if openness != Openness::Settled && !is_left {
            openings.push(Opening::Key(key.to_owned(), openness));
        }
    }
    openings.extend(caller_openings(&facts));
    if facts.service == "kms"
        && request.mode == ContextMode::Open
        && tables::action(&facts.action).is_some()
        && facts.key_is_unsaid_parameter()
    {
        openings.push(Opening::Parameters);
    }
    if facts.resource_account.is_none() && matches!(facts.target, Target::Carrier { .. }) {
        openings.push(Opening::ResourceAccount);
    }
    openings.extend(facts.layers());
    openings
}

/// What is known of a condition key of a question; `None` for questions that are several.
#[must_use]
pub fn openness(snapshot: &Snapshot, request: &Request, key: &str) -> Option<Openness> {
    Facts::of(snapshot, request).map(|facts| facts.key(key))
}

impl Facts<'_> {
    /// True if the request says nothing of the call's members.
    fn key_is_unsaid_parameter(&self) -> bool {
        self.request.parameters.as_ref().is_none_or(|parameters| {
            !parameters.is_empty() && parameters.keys().all(|name| name == "GrantTokens")
        })
    }
}

/// Fields of the caller that were not given. In closed mode most count as matching nothing (IAM-PRIN-6, IAM-PRIN-7).
fn caller_openings(facts: &Facts<'_>) -> Vec<Opening> {
    let caller = facts.caller();
    let mut openings = Vec::new();
    if facts.is_user_unknown() {
        openings.push(Opening::FederatedUser);
    }
    if facts.request.mode == ContextMode::Closed {
        return openings;
    }
    let is_identity = matches!(
        caller.kind,
        CallerKind::User { .. } | CallerKind::RoleSession { .. } | CallerKind::FederatedUser { .. }
    );
    // What is said of a federated user's id says nothing of the user behind it.
    let is_id_said = matches!(facts.said("aws:userid"), Said::Value(_))
        && !matches!(caller.kind, CallerKind::FederatedUser { .. });
    if is_identity && facts.unique_id().is_none() && !is_id_said {
        openings.push(Opening::UniqueId);
    }
    if caller.account.is_some() && caller.canonical_id.is_none() {
        openings.push(Opening::CanonicalId);
    }
    if let CallerKind::RoleSession {
        role_arn: Some(role),
        session: None,
        ..
    } = &caller.kind
    {
        let asks_for_itself =
            matches!(&facts.target, Target::Role { arn, record: None } if arn == role);
        if !asks_for_itself {
            openings.push(Opening::SessionName);
        }
    }
    openings
}
