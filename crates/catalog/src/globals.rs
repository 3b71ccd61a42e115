//! The global condition keys: types, arity, and what becomes of a key that a request leaves out.
//!
//! Knows the rule for each key, not the request: deriving values is the simulator's work.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;
use crate::fold;
use crate::key::{KeyKind, is_member};

/// A global condition key. Rule: IAM-CTX-2
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalKey {
    /// Name as AWS spells it; a family's with its placeholder (`aws:PrincipalTag/${TagKey}`, `${OidcProvider}:sub`).
    pub name: String,
    /// Types of its values, at least one.
    pub kinds: Vec<KeyKind>,
    /// Whether a request can hold several values. Rule: IAM-COND-5
    #[serde(rename = "multivalued")]
    pub is_multivalued: bool,
    /// What becomes of it when a request leaves it out.
    pub presence: Presence,
    /// When requests carry it, for readers.
    pub present_when: String,
    /// Entry of the ambiguity register that governs it for service principals (`AMB-18`).
    #[serde(default)]
    pub ambiguity: Option<String>,
}

/// What becomes of a global key that a request leaves out, in an open context. Rule: IAM-CTX-1, IAM-CTX-2
///
/// *Derived* means computed from caller, resource or clock where they tell; that and [`ForwardedElseFalse`] hold in a closed
/// context too, everything else is Absent there.
///
/// [`ForwardedElseFalse`]: Presence::ForwardedElseFalse
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Derived, and Absent where caller and resource have no such thing.
    Derived,
    /// Derived; Present where it exists but cannot be computed.
    DerivedElsePresent,
    /// Derived; Unknown where it cannot be computed.
    DerivedElseUnknown,
    /// Present.
    Present,
    /// Unknown.
    Unknown,
    /// Absent.
    Absent,
    /// Absent; the request passes it or has none.
    AbsentUnlessGiven,
    /// Unknown for role sessions, Absent for every other caller.
    RoleSessionUnknownElseAbsent,
    /// Unknown for service principals, Absent for every other caller. Rule: IAM-CTX-4
    ServicePrincipalUnknownElseAbsent,
    /// Present for temporary credentials, Absent for long-term ones, Unknown where it is not stated which.
    TemporaryPresentLongTermAbsent,
    /// Absent for long-term credentials, else Unknown.
    LongTermAbsentElseUnknown,
    /// Set by a stated forward access session, else `false`, in both modes. Rule: IAM-PRIN-13
    ForwardedElseFalse,
    /// Set by a stated forward access session, else Absent. Rule: IAM-PRIN-13
    ForwardedElseAbsent,
    /// From the resource's tags where they are given, else Unknown; Absent before creation. Rule: IAM-CTX-8
    ResourceTagsElseUnknown,
    /// Absent, and a warning is due: the key is legacy.
    LegacyAbsent,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    keys: Vec<GlobalKey>,
}

const JSON: &str = include_str!("../data/global_keys.json");

static TABLE: LazyLock<Table> = LazyLock::new(|| embedded::table(JSON));

/// Every global key.
#[must_use]
pub fn keys() -> &'static [GlobalKey] {
    &TABLE.keys
}

/// The global key of a name in any ASCII case; members of families find their family.
///
/// ```
/// use preclear_catalog::globals::{self, Presence};
///
/// let tag = globals::key("aws:principaltag/team").expect("a family of global keys");
/// assert_eq!(tag.presence, Presence::DerivedElseUnknown);
/// assert!(globals::key("kms:ViaService").is_none());
/// ```
#[must_use]
pub fn key(name: &str) -> Option<&'static GlobalKey> {
    let exact = keys()
        .iter()
        .find(|key| key.name.eq_ignore_ascii_case(name));
    exact.or_else(|| keys().iter().find(|key| is_member(&key.name, name)))
}

/// True for a global key that no request lacks. Rule: IAM-CTX-2
///
/// ```
/// use preclear_catalog::globals;
/// assert!(globals::is_always_there("aws:SecureTransport"));
/// assert!(!globals::is_always_there("aws:SourceVpce"));
/// ```
#[must_use]
pub fn is_always_there(name: &str) -> bool {
    key(name).is_some_and(|known| known.present_when.starts_with("always"))
}

impl GlobalKey {
    /// Type of its values, the first one named.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kinds.first().copied().unwrap_or(KeyKind::String)
    }

    /// Whether the value stands behind the `/` of the request's key (`aws:RequestTag/team`).
    #[must_use]
    pub fn is_family(&self) -> bool {
        crate::format::split_family(&self.name).is_some()
    }

    /// What a member of a tag family names: `team` for `aws:PrincipalTag/team`.
    #[must_use]
    pub fn member<'k>(&self, key: &'k str) -> Option<&'k str> {
        let (before, _, after) = crate::format::split_family(&self.name)?;
        if !is_member(&self.name, key) || !fold::ends_with(key.as_bytes(), after.as_bytes()) {
            return None;
        }
        key.get(before.len()..key.len().checked_sub(after.len())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_parses() {
        let table: Table = embedded::try_table(JSON).expect("global_keys.json parses");
        assert!(table.keys.iter().all(|key| !key.kinds.is_empty()));
    }

    #[test]
    fn members_name_their_tag() {
        let tags = key("AWS:RequestTag/Team/x").expect("family");
        assert_eq!(tags.member("AWS:RequestTag/Team/x"), Some("Team/x"));
        assert_eq!(tags.member("aws:TagKeys"), None);
        let provider = key("oidc.example.com/id/é:sub").expect("family");
        assert_eq!(
            provider.member("oidc.example.com/id/é:sub"),
            Some("oidc.example.com/id/é")
        );
    }
}
