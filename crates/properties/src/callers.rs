//! Whom a property is about.

use std::fmt;

use preclear_model::Policy;
use preclear_simulator::Snapshot;
use preclear_simulator::snapshot::Given;
use preclear_wildcard::Pattern;

use preclear_simulator::cast::{Actor, is_member};

/// A set of callers: everyone, narrowed down by what is said of them.
///
/// *Everyone* is whom the snapshot lists, and stand-ins for all others: the root users; sessions, users and roles that policies or
/// grants name; any other user and role of every account that is named anywhere, and of one that is not; services; callers
/// that sign nothing. Of a stand-in nothing is known but its account, so whatever its own policies allow it counts as allowed.
///
/// A *pattern* is an ARN, a part of one behind the account (`role/ml-*`), the name of a service or `anonymous`, and may have wildcards. A
/// session goes by the ARN of its role, a federated user also by that of the user behind it.
///
/// ```
/// use preclear_properties::Callers;
/// let strangers = Callers::anyone().outside_account("111122223333").except_services();
/// assert_eq!(strangers.to_string(), "anyone outside account 111122223333, except services");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callers {
    pub(crate) is_listed_only: bool,
    pub(crate) clauses: Vec<Clause>,
}

/// What narrows callers down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Clause {
    InAccount(String),
    OutsideAccount(String),
    OutsideOrganization,
    /// One of these patterns matches.
    Matching(Vec<String>),
    Except(String),
    Boundary(String),
    Tag(String, String),
    Roles,
    Users,
    ExceptRootUsers,
    ExceptServices,
}

impl Callers {
    /// Everyone that there is, and that there may be.
    #[must_use]
    pub fn anyone() -> Self {
        Self {
            is_listed_only: false,
            clauses: Vec::new(),
        }
    }

    /// The users and roles that the snapshot lists, and nobody else.
    #[must_use]
    pub fn listed() -> Self {
        Self {
            is_listed_only: true,
            clauses: Vec::new(),
        }
    }

    fn and(mut self, clause: Clause) -> Self {
        self.clauses.push(clause);
        self
    }

    /// Of these, the ones of an account. Services and callers that sign nothing are of none.
    #[must_use]
    pub fn in_account(self, account: impl Into<String>) -> Self {
        self.and(Clause::InAccount(account.into()))
    }

    /// Of these, everyone but the identities of an account. Services and callers that sign nothing are outside every account.
    #[must_use]
    pub fn outside_account(self, account: impl Into<String>) -> Self {
        self.and(Clause::OutsideAccount(account.into()))
    }

    /// Of these, everyone but the identities of the accounts of the snapshot's organisation.
    #[must_use]
    pub fn outside_organization(self) -> Self {
        self.and(Clause::OutsideOrganization)
    }

    /// Of these, the ones that a pattern matches.
    #[must_use]
    pub fn matching(self, pattern: impl Into<String>) -> Self {
        self.and(Clause::Matching(vec![pattern.into()]))
    }

    /// Of these, the ones that at least one of the patterns matches.
    #[must_use]
    pub fn matching_any<P: Into<String>>(self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.and(Clause::Matching(
            patterns.into_iter().map(Into::into).collect(),
        ))
    }

    /// Of these, the ones that a pattern does not match.
    #[must_use]
    pub fn except(self, pattern: impl Into<String>) -> Self {
        self.and(Clause::Except(pattern.into()))
    }

    /// Of these, the users and roles whose permissions boundary is this policy, by its name or ARN. Also those that nobody has
    /// made yet: a stand-in with the boundary, to which its identity policies allow everything.
    #[must_use]
    pub fn with_boundary(self, policy: impl Into<String>) -> Self {
        self.and(Clause::Boundary(policy.into()))
    }

    /// Of these, the users and roles with a tag. Stand-ins have it too.
    #[must_use]
    pub fn with_tag(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.and(Clause::Tag(key.into(), value.into()))
    }

    /// Of these, the roles, that is their sessions.
    #[must_use]
    pub fn roles(self) -> Self {
        self.and(Clause::Roles)
    }

    /// Of these, the IAM users.
    #[must_use]
    pub fn users(self) -> Self {
        self.and(Clause::Users)
    }

    /// Of these, everyone but root users.
    #[must_use]
    pub fn except_root_users(self) -> Self {
        self.and(Clause::ExceptRootUsers)
    }

    /// Of these, everyone but services that act as themselves.
    #[must_use]
    pub fn except_services(self) -> Self {
        self.and(Clause::ExceptServices)
    }

    /// Names of the boundaries that they must have.
    pub(crate) fn boundaries(&self) -> impl Iterator<Item = &str> {
        self.clauses.iter().filter_map(|clause| match clause {
            Clause::Boundary(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Patterns of which one must match.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        let patterns = self.clauses.iter().flat_map(|clause| match clause {
            Clause::Matching(patterns) => patterns.as_slice(),
            _ => &[],
        });
        patterns.map(String::as_str)
    }

    /// True if they may be of the account.
    pub(crate) fn takes_account(&self, account: &str) -> bool {
        self.clauses.iter().all(|clause| match clause {
            Clause::InAccount(own) => own == account,
            Clause::OutsideAccount(own) => own != account,
            _ => true,
        })
    }

    /// True if they are told by what they are outside of: what they do at home is then no matter.
    pub(crate) fn are_outsiders(&self) -> bool {
        let is_outside = |clause: &Clause| {
            matches!(
                clause,
                Clause::OutsideAccount(_) | Clause::OutsideOrganization
            )
        };
        self.clauses.iter().any(is_outside)
    }

    /// True if the actor is one of them, or may be: a stand-in for many is taken in if one of them is.
    pub(crate) fn has(&self, actor: &Actor, snapshot: &Snapshot) -> bool {
        (!self.is_listed_only || actor.is_listed)
            && self
                .clauses
                .iter()
                .all(|clause| clause.has(actor, snapshot))
    }
}

impl Clause {
    fn has(&self, actor: &Actor, snapshot: &Snapshot) -> bool {
        let account = actor.caller.account.as_deref();
        match self {
            Self::InAccount(own) => account == Some(own),
            Self::OutsideAccount(own) => account != Some(own),
            Self::OutsideOrganization => account.is_none_or(|own| !is_member(snapshot, own)),
            Self::Matching(patterns) => patterns.iter().any(|text| {
                let pattern = pattern(text);
                let may_be = |open: &String| Pattern::parse(open).intersects(&pattern);
                actor.names.iter().any(|name| pattern.is_match(name))
                    || actor.stands_for.iter().any(may_be)
            }),
            Self::Except(text) => {
                let pattern = pattern(text);
                let is_covered = |open: &String| pattern.covers(&Pattern::parse(open));
                match &actor.stands_for {
                    Some(open) => !is_covered(open),
                    None => !actor.names.iter().any(|name| pattern.is_match(name)),
                }
            }
            Self::Boundary(name) => actor
                .boundary
                .as_ref()
                .is_some_and(|own| is_called(own, name)),
            Self::Tag(key, value) => match &actor.tags {
                Some(tags) => tags.get(key) == Some(value),
                None => !actor.is_listed && actor.is_identity(),
            },
            Self::Roles => actor.is_role(),
            Self::Users => actor.is_user(),
            Self::ExceptRootUsers => !actor.is_root(),
            Self::ExceptServices => !actor.is_service(),
        }
    }
}

/// The pattern of a text that may be short for an ARN.
pub(crate) fn pattern(text: &str) -> Pattern {
    Pattern::parse(&whole(text))
}

/// An ARN in place of what is short for one.
pub(crate) fn whole(text: &str) -> String {
    let is_part = ["role/", "user/", "federated-user/", "root"]
        .iter()
        .any(|part| text.starts_with(part));
    if is_part {
        format!("arn:*:*::*:{text}")
    } else {
        text.to_owned()
    }
}

/// True if a policy goes by the name: its own, the end of its path, or its last part without the ending of a file.
pub(crate) fn is_called(policy: &Policy, name: &str) -> bool {
    let own = policy.name.as_str();
    let is_end = own
        .strip_suffix(name)
        .is_some_and(|front| front.is_empty() || front.ends_with('/'));
    is_end || stem(own) == name
}

/// The last part of a policy's name, without the ending of a file.
pub(crate) fn stem(name: &str) -> &str {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.rsplit_once('.').map_or(last, |(stem, _)| stem)
}

/// The boundary of that name, of some user or role that the snapshot lists.
pub(crate) fn boundary_of<'s>(
    snapshot: &'s Snapshot,
    name: &str,
) -> Option<&'s std::sync::Arc<Policy>> {
    let boundaries = snapshot.principals.iter().map(|record| &record.boundary);
    let mut boundaries = boundaries.filter_map(|boundary| match boundary {
        Given::Here(policy) => Some(policy),
        _ => None,
    });
    boundaries.find(|policy| is_called(policy, name))
}

impl fmt::Display for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_listed_only {
            "every listed user and role"
        } else {
            "anyone"
        })?;
        for clause in &self.clauses {
            match clause {
                Clause::InAccount(account) => write!(f, " of account {account}")?,
                Clause::OutsideAccount(account) => write!(f, " outside account {account}")?,
                Clause::OutsideOrganization => f.write_str(" outside the organization")?,
                Clause::Matching(patterns) => write!(f, " matching {}", patterns.join(" or "))?,
                Clause::Except(pattern) => write!(f, ", except {pattern}")?,
                Clause::Boundary(name) => write!(f, " with the boundary {name}")?,
                Clause::Tag(key, value) => write!(f, " with the tag {key} = {value}")?,
                Clause::Roles => f.write_str(" that is a role")?,
                Clause::Users => f.write_str(" that is a user")?,
                Clause::ExceptRootUsers => f.write_str(", except root users")?,
                Clause::ExceptServices => f.write_str(", except services")?,
            }
        }
        Ok(())
    }
}
