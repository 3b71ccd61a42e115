//! Tests of a template. This module knows how they are written, not whether they hold.

use serde::Deserialize;

use crate::job::template::expr::Expr;

/// A test.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Condition {
    /// The name has a value.
    Given(String),
    /// The request has this member, be it empty, but not null.
    Has(String),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// Some text is in both.
    Equals(Expr, Expr),
    /// Both have the same texts, and at least one.
    Same(Expr, Expr),
    /// Some text of the first is not in the second.
    Differs(Expr, Expr),
    /// Some text of the first matches a pattern of the second.
    Like(Expr, Expr),
    /// The snapshot lists some of these ARNs.
    Listed(Expr),
}

impl Condition {
    /// Tests inside.
    pub(crate) fn conditions(&self) -> &[Self] {
        match self {
            Self::Not(condition) => std::slice::from_ref(condition),
            Self::All(conditions) | Self::Any(conditions) => conditions,
            _ => &[],
        }
    }

    /// Values of the test itself.
    pub(crate) fn values(&self) -> Vec<&Expr> {
        match self {
            Self::Equals(left, right)
            | Self::Same(left, right)
            | Self::Differs(left, right)
            | Self::Like(left, right) => vec![left, right],
            Self::Listed(of) => vec![of],
            Self::Given(_) | Self::Has(_) | Self::Not(_) | Self::All(_) | Self::Any(_) => {
                Vec::new()
            }
        }
    }

    /// Names that it depends on.
    pub(crate) fn names(&self) -> Vec<&str> {
        let given = match self {
            Self::Given(name) => Some(name.as_str()),
            _ => None,
        };
        let of_values = self.values().into_iter().flat_map(Expr::names);
        let inside = self.conditions().iter().flat_map(Self::names);
        given.into_iter().chain(of_values).chain(inside).collect()
    }
}
