//! Access levels of actions, as the service authorization reference groups them.

use serde::Deserialize;

/// What an action does to what it touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// Reads content or attributes.
    Read,
    /// Creates, changes or deletes.
    Write,
    /// Lists what exists.
    List,
    /// Changes who may do what.
    PermissionsManagement,
    /// Changes tags only.
    Tagging,
}

impl AccessLevel {
    /// Number of the level in the blob.
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            AccessLevel::Read => 0,
            AccessLevel::Write => 1,
            AccessLevel::List => 2,
            AccessLevel::PermissionsManagement => 3,
            AccessLevel::Tagging => 4,
        }
    }

    /// Level of a number; `None` for any other number.
    #[must_use]
    pub const fn from_code(code: u32) -> Option<Self> {
        match code {
            0 => Some(AccessLevel::Read),
            1 => Some(AccessLevel::Write),
            2 => Some(AccessLevel::List),
            3 => Some(AccessLevel::PermissionsManagement),
            4 => Some(AccessLevel::Tagging),
            _ => None,
        }
    }

    /// The reference's own words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            AccessLevel::Read => "Read",
            AccessLevel::Write => "Write",
            AccessLevel::List => "List",
            AccessLevel::PermissionsManagement => "Permissions management",
            AccessLevel::Tagging => "Tagging",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stable_and_distinct() {
        for code in 0..5 {
            let level = AccessLevel::from_code(code).expect("five levels");
            assert_eq!(level.code(), code);
        }
        assert_eq!(AccessLevel::from_code(5), None);
    }
}
