//! Completions: concrete values in place of what is open. Rule: IAM-TRI-6.
//!
//! A completion replaces only what is open by the rules; what the request or the snapshot say, and what follows from
//! them, stays as it is.

mod apply;
mod draw;

use serde_json::Value;

pub use self::apply::apply;
pub(crate) use self::apply::changes_snapshot;
pub use self::draw::draw;
use crate::open::Opening;

/// What takes the place of an opening.
#[derive(Debug, Clone, PartialEq)]
pub struct Fill {
    /// The opening.
    pub opening: Opening,
    /// What takes its place; for a condition key `null` means that it is absent.
    pub value: Value,
}

impl Fill {
    /// True if it is a condition key whose name, in lower case, passes the test.
    fn is_key(&self, test: impl Fn(&str) -> bool) -> bool {
        matches!(&self.opening, Opening::Key(key, _) if test(key))
    }
}
