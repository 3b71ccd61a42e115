//! What the request itself says of a key, before anything is derived.

use preclear_condition::Tri;

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
