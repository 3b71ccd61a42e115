//! Three truth values.

use std::ops::Not;

/// False, unknown or true, in that order: *and* is the minimum, *or* the maximum. Rule: IAM-TRI-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Tri {
    /// Certainly not.
    #[default]
    False,
    /// Not decided by what is known.
    Unknown,
    /// Certainly.
    True,
}

impl Tri {
    /// Conjunction.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Disjunction.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// True if this is certainly true.
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Self::True
    }

    /// True if this is certainly false.
    #[must_use]
    pub fn is_false(self) -> bool {
        self == Self::False
    }

    /// True if this is undecided.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self == Self::Unknown
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Not for Tri {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tri::{False, True, Unknown};

    #[test]
    fn follows_the_kleene_tables_cell_by_cell() {
        let and = [
            (False, False, False),
            (False, Unknown, False),
            (False, True, False),
            (Unknown, False, False),
            (Unknown, Unknown, Unknown),
            (Unknown, True, Unknown),
            (True, False, False),
            (True, Unknown, Unknown),
            (True, True, True),
        ];
        for (a, b, expected) in and {
            assert_eq!(a.and(b), expected, "{a:?} and {b:?}");
            assert_eq!((!a).or(!b), !expected, "not {a:?} or not {b:?}");
        }
    }
}
