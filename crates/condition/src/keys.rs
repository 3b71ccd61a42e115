//! What is known of condition keys, whatever their values: how many values they take and of which type.

use crate::KeyName;

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

/// A catalogue of condition keys.
pub trait KeyTypes {
    /// How many values the key takes.
    fn arity(&self, key: &KeyName) -> Arity;
    /// Type of its values, if known.
    fn kind(&self, key: &KeyName) -> Option<KeyKind>;
}
