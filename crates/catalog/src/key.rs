//! Condition keys: types, arity, and the families that one name with a placeholder stands for.

use std::fmt;

use serde::Deserialize;

use crate::catalog::Catalog;
use crate::fold;
use crate::format::{
    KEY_IS_FAMILY, KEY_IS_GLOBAL, KEY_IS_MULTIVALUED, KEY_MAY_HAVE_SEVERAL, Section, split_family,
};

/// Type of a condition key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Numeric,
    /// A point in time.
    Date,
    /// An address or block of addresses.
    IpAddress,
    /// Bytes in base64.
    Binary,
}

impl KeyKind {
    /// Every kind; the place is its [`code`](KeyKind::code).
    pub const ALL: [KeyKind; 7] = [
        KeyKind::String,
        KeyKind::Arn,
        KeyKind::Bool,
        KeyKind::Numeric,
        KeyKind::Date,
        KeyKind::IpAddress,
        KeyKind::Binary,
    ];

    /// Number of the kind in the blob.
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            KeyKind::String => 0,
            KeyKind::Arn => 1,
            KeyKind::Bool => 2,
            KeyKind::Numeric => 3,
            KeyKind::Date => 4,
            KeyKind::IpAddress => 5,
            KeyKind::Binary => 6,
        }
    }

    /// Kind of a number; `None` for any other number.
    #[must_use]
    pub fn from_code(code: u32) -> Option<Self> {
        KeyKind::ALL.get(code as usize).copied()
    }
}

/// A condition key, or a family of them.
#[derive(Clone, Copy)]
pub struct ConditionKey<'c> {
    catalog: &'c Catalog,
    index: usize,
}

impl<'c> ConditionKey<'c> {
    pub(crate) fn new(catalog: &'c Catalog, index: usize) -> Self {
        ConditionKey { catalog, index }
    }

    fn attributes(self) -> u32 {
        let word = self.catalog.blob.word(Section::Keys, self.index, 1);
        word.unwrap_or_default()
    }

    /// Name as AWS spells it; a family's with its placeholder (`aws:ResourceTag/${TagKey}`).
    #[must_use]
    pub fn name(self) -> &'c str {
        self.catalog.text_of(Section::Keys, self.index, 0)
    }

    /// Type of its values. Where several are good, the first one named; see [`accepts`](ConditionKey::accepts).
    #[must_use]
    pub fn kind(self) -> KeyKind {
        KeyKind::from_code(self.attributes() & 0xff).unwrap_or(KeyKind::String)
    }

    /// Whether operators of `kind` suit the key: `aws:EpochTime` and `kms:ValidTo` take dates and numbers.
    ///
    /// Rule: IAM-CTX-2, KMS-COND-1
    #[must_use]
    pub fn accepts(self, kind: KeyKind) -> bool {
        (self.attributes() >> 8) & 0xff & (1 << kind.code()) != 0
    }

    /// Whether a request can hold several values, so that conditions need a set operator. Rule: IAM-COND-5
    #[must_use]
    pub fn is_multivalued(self) -> bool {
        self.has_flag(KEY_IS_MULTIVALUED)
    }

    /// Whether a key that is not multivalued can have several values all the same: bare operators test the one value, set
    /// operators each of several. Rule: IAM-COND-5
    #[must_use]
    pub fn may_have_several(self) -> bool {
        self.has_flag(KEY_MAY_HAVE_SEVERAL)
    }

    /// Whether the name holds a placeholder and stands for a family.
    #[must_use]
    pub fn is_family(self) -> bool {
        self.has_flag(KEY_IS_FAMILY)
    }

    /// Whether it is one of the global keys, of which [`globals`](mod@crate::globals) knows more. Rule: IAM-CTX-2
    #[must_use]
    pub fn is_global(self) -> bool {
        self.has_flag(KEY_IS_GLOBAL)
    }

    fn has_flag(self, flag: u32) -> bool {
        (self.attributes() >> 16) & flag != 0
    }

    /// The family that `key` belongs to: of several the one with the longest fixed text.
    pub(crate) fn family_of(catalog: &'c Catalog, key: &str) -> Option<Self> {
        let key = key.as_bytes();
        let families = catalog.blob.records(Section::Families);
        let mut best: Option<(usize, Self)> = None;
        for family in 0..families {
            let index = catalog.blob.word(Section::Families, family, 0)? as usize;
            let before = catalog.blob.word(Section::Families, family, 1)? as usize;
            let name = catalog.name_bytes(Section::Keys, index);
            let is_candidate = name
                .get(..before)
                .is_some_and(|before| fold::starts_with(key, before));
            if !is_candidate {
                continue;
            }
            let found = ConditionKey { catalog, index };
            if let Some(fixed) = fixed_bytes_if_member(found.name(), key)
                && best.is_none_or(|(most, _)| fixed > most)
            {
                best = Some((fixed, found));
            }
        }
        best.map(|(_, found)| found)
    }
}

/// Whether `key` belongs to the family `name`, without regard to ASCII case.
pub(crate) fn is_member(name: &str, key: &str) -> bool {
    // Most names are no family's, and most families begin otherwise: told by the first letter.
    let may_be = match (name.as_bytes().first(), key.as_bytes().first()) {
        (Some(b'$' | b'<'), _) => true,
        (Some(first), Some(own)) => first.eq_ignore_ascii_case(own),
        _ => false,
    };
    may_be && fixed_bytes_if_member(name, key.as_bytes()).is_some()
}

/// Length of the fixed text of the family `name` if `key` is one of it.
fn fixed_bytes_if_member(name: &str, key: &[u8]) -> Option<usize> {
    let (before, placeholder, after) = split_family(name)?;
    if !fold::starts_with(key, before.as_bytes()) {
        return None;
    }
    let rest = key.get(before.len()..)?;
    if !fold::ends_with(rest, after.as_bytes()) {
        return None;
    }
    let value = rest.get(..rest.len().checked_sub(after.len())?)?;
    // Providers are named by a host; anything else before the colon is a service's prefix.
    let is_value = match placeholder {
        "OidcProvider" => value.contains(&b'.') && !value.starts_with(b"."),
        _ => !value.is_empty(),
    };
    is_value.then_some(before.len() + after.len())
}

impl fmt::Debug for ConditionKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionKey")
            .field("name", &self.name())
            .field("kind", &self.kind())
            .field("is_multivalued", &self.is_multivalued())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_need_a_value() {
        assert!(is_member(
            "aws:ResourceTag/${TagKey}",
            "AWS:resourcetag/team"
        ));
        assert!(!is_member("aws:ResourceTag/${TagKey}", "aws:ResourceTag/"));
        assert!(is_member(
            "events:Metadata/${Key}/Matcher",
            "events:metadata/a/matcher"
        ));
        assert!(!is_member(
            "events:Metadata/${Key}/Matcher",
            "events:Metadata//Matcher"
        ));
        assert!(!is_member("aws:TagKeys", "aws:TagKeys"));
    }

    #[test]
    fn providers_are_hosts() {
        assert!(is_member(
            "${OidcProvider}:sub",
            "oidc.example.com/id/1:sub"
        ));
        assert!(!is_member("${OidcProvider}:sub", "saml:sub"));
        assert!(!is_member("${OidcProvider}:sub", ".:sub:"));
    }

    #[test]
    fn kinds_have_their_place() {
        for (place, kind) in KeyKind::ALL.into_iter().enumerate() {
            assert_eq!(kind.code() as usize, place);
            assert_eq!(KeyKind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(KeyKind::from_code(7), None);
    }
}
