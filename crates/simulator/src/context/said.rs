//! What the request itself says of a key, before anything is derived.

use preclear_condition::Tri;

use crate::context::{Entry, Sources, single};
use crate::request::{ContextValue, Request};

/// What is said of a key. Rule: IAM-CTX-1.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said<'a> {
    Nothing,
    Value(&'a ContextValue),
    /// It exists; its value is not told, or not exactly.
    Present,
    Absent,
    Unknown,
}

impl<'a> Said<'a> {
    /// The last word of the request on a key, in the order in which the context takes them.
    pub(crate) fn of(request: &'a Request, key: &str) -> Self {
        if request.says_nothing_of_context() {
            return Self::Nothing;
        }
        let is_key = |name: &String| name.eq_ignore_ascii_case(key);
        if request.like.keys().any(is_key) || request.present.iter().any(is_key) {
            Self::Present
        } else if request.absent.iter().any(is_key) {
            Self::Absent
        } else if request.unknown.iter().any(is_key) {
            Self::Unknown
        } else {
            let mut named = request.context.iter().filter(|(name, _)| is_key(name));
            named
                .next()
                .map_or(Self::Nothing, |(_, value)| Self::Value(value))
        }
    }

    /// Whether the key is said to exist; a list without a text that is not empty counts for none. Rule: IAM-COND-13.
    pub(crate) fn exists(self) -> Tri {
        match self {
            Self::Value(ContextValue::Many(values)) => {
                values.iter().any(|value| !value.is_empty()).into()
            }
            Self::Value(ContextValue::One(_)) | Self::Present => Tri::True,
            Self::Nothing | Self::Absent => Tri::False,
            Self::Unknown => Tri::Unknown,
        }
    }

    /// Whether the key is said to be `true`.
    pub(crate) fn is_true(self) -> Tri {
        match self {
            Self::Value(ContextValue::One(value)) => value.eq_ignore_ascii_case("true").into(),
            Self::Value(ContextValue::Many(values)) => match values.as_slice() {
                [value] => value.eq_ignore_ascii_case("true").into(),
                _ => Tri::False,
            },
            Self::Nothing | Self::Absent => Tri::False,
            Self::Present | Self::Unknown => Tri::Unknown,
        }
    }
}

/// The value that the request gives a key; of spellings that differ by case the last one's.
pub(super) fn value<'a>(sources: Sources<'a>, key: &str) -> Option<Entry<'a>> {
    let mut named = sources.request.context.iter().rev();
    let (name, value) = named.find(|(name, _)| is_key(name, key))?;
    Some(single(sources.arena, name, value))
}

/// A tag that the request gives in two spellings which differ only by case (AMB-13).
pub(super) fn is_said_twice(request: &Request, key: &str) -> bool {
    let named = || request.context.keys().filter(|name| is_key(name, key));
    request.context.len() > 1 && key.contains('/') && named().nth(1).is_some()
}

/// What is said last: exactly, or without a value.
pub(super) fn last_word<'a>(request: &'a Request, key: &str) -> Option<Entry<'a>> {
    if request.says_nothing_of_context() {
        return None;
    }
    let is_key = |name: &String| is_key(name, key);
    if let Some(place) = request.like.keys().rposition(is_key) {
        Some(Entry::Like(place))
    } else if request.present.iter().any(is_key) {
        Some(Entry::Present)
    } else if request.absent.iter().any(is_key) {
        Some(Entry::Absent)
    } else if request.unknown.iter().any(is_key) {
        Some(Entry::Unknown)
    } else {
        None
    }
}

/// Whether a name as written is the key of a name in lower case. Rule: IAM-COND-3.
pub(super) fn is_key(written: &str, folded: &str) -> bool {
    is_member("", written, folded)
}

/// The same for a member of a family, by what is behind the family's name.
pub(super) fn is_member(family: &str, written: &str, folded: &str) -> bool {
    let Some(rest) = folded.strip_prefix(family) else {
        return false;
    };
    if written.is_ascii() {
        return written.eq_ignore_ascii_case(rest);
    }
    // The last letter of a word has a form of its own, for which the whole name must be known.
    if written.contains('Σ') {
        return format!("{family}{written}").to_lowercase() == folded;
    }
    written
        .chars()
        .flat_map(char::to_lowercase)
        .eq(rest.chars())
}

/// Whether two names as written are one key.
pub(super) fn is_same_key(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use preclear_condition::KeyName;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_compare_as_folded_names_do(one in "[aAß:ΣσςİiK\u{212a}/]{0,5}", other in "[aAß:ΣσςİiK\u{212a}/]{0,5}") {
            let folded = KeyName::new(&other);
            prop_assert_eq!(is_key(&one, folded.as_str()), KeyName::new(&one) == folded);
            prop_assert_eq!(is_same_key(&one, &other), KeyName::new(&one) == folded);
            for family in ["kms:encryptioncontext:", "aws:requesttag/"] {
                let member = KeyName::new(&format!("{family}{other}"));
                let named = KeyName::new(&format!("{family}{one}"));
                prop_assert_eq!(is_member(family, &one, member.as_str()), named == member);
            }
        }
    }
}
