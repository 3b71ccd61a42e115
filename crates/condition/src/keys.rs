//! What is known of condition keys, whatever their values: how many values they take and of which type.

use std::net::IpAddr;

use crate::operator::{Date, Number, is_arn, parse_binary, parse_boolean};
use crate::{KeyId, KeyName};

/// How many values a key takes. It belongs to the key, not to the request. Rule: IAM-COND-5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arity {
    /// One value.
    Single,
    /// A set of values: the catalogue's type says "ArrayOf…".
    Multi,
    /// One value in most requests and several in some: bare operators test the one and match none of several, set
    /// operators test each.
    Varying,
    /// No catalogue knows the key: one value, unless the context gives it a list. Where its value is not known, it
    /// counts as one value.
    Uncatalogued,
}

/// Type of a key's values. Rule: IAM-COND-15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Any text.
    Text,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A date.
    Date,
    /// A date as seconds, tested as a date or as a number.
    Epoch,
    /// An IP address.
    Ip,
    /// Bytes in base64.
    Binary,
}

impl KeyKind {
    /// Whether a request can hold the text as a value of the type, as its operators read it; spellings of numbers that
    /// AWS may not take (AMB-20) are admitted. Rule: IAM-COND-14.
    ///
    /// ```
    /// use preclear_condition::KeyKind;
    /// assert!(KeyKind::Ip.admits("203.0.113.7") && !KeyKind::Ip.admits("203.0.113.0/24"));
    /// assert!(KeyKind::Boolean.admits("True") && !KeyKind::Boolean.admits("no"));
    /// ```
    #[must_use]
    pub fn admits(self, text: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Arn => is_arn(text),
            Self::Boolean => parse_boolean(text).is_some(),
            Self::Number => Number::parse(text).is_some(),
            Self::Date => Date::parse(text).is_some(),
            Self::Epoch => Self::Date.admits(text) || Self::Number.admits(text),
            Self::Ip => text.parse::<IpAddr>().is_ok(),
            Self::Binary => parse_binary(text).is_some(),
        }
    }
}

/// A catalogue of condition keys.
pub trait KeyTypes {
    /// How many values the key takes.
    fn arity(&self, key: &KeyName) -> Arity;
    /// Type of its values, if known.
    fn kind(&self, key: &KeyName) -> Option<KeyKind>;
    /// Number of a key, given in lower case, that contexts can tell it by.
    fn id(&self, folded: &str) -> Option<KeyId> {
        let _ = folded;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_admits_what_its_operators_read() {
        for (kind, admitted, refused) in [
            (KeyKind::Text, &["", "a"] as &[&str], &[] as &[&str]),
            (
                KeyKind::Arn,
                &["arn:aws:s3:::b", "arn:aws:iam::111122223333:role/a:b"],
                &["", "arn:aws:s3::b", "b", "x:aws:s3:::b"],
            ),
            (
                KeyKind::Boolean,
                &["true", "FALSE"],
                &["", "yes", "1", " true"],
            ),
            (
                KeyKind::Number,
                &["5", "-5.25", "+5", "1e3"],
                &["", "ten", "0x5", "2025-01-01"],
            ),
            (
                KeyKind::Date,
                &["2025-01-01", "1735689600"],
                &["", "tomorrow", "1.5", "-5"],
            ),
            (
                KeyKind::Epoch,
                &["2025-01-01", "1735689600", "1.5"],
                &["", "tomorrow"],
            ),
            (
                KeyKind::Ip,
                &["203.0.113.7", "2001:db8::1"],
                &["", "203.0.113.007", "203.0.113.7/32", "203.0.113", "host"],
            ),
            (
                KeyKind::Binary,
                &["", "QmluYXJ5"],
                &["QmluYXJ", "not base64"],
            ),
        ] {
            for text in admitted {
                assert!(kind.admits(text), "{kind:?} {text}");
            }
            for text in refused {
                assert!(!kind.admits(text), "{kind:?} {text}");
            }
        }
    }
}
