//! Whether a key is there at all. Rule: IAM-COND-24.

use crate::variable::unknown_key;
use crate::{Ambiguities, Dependency, Evidence, KeyName, KeyState, Outcome};

/// Reads `true` or `false`. No documentation lets case go here, as it does for `Bool`. Rule: IAM-COND-24.
pub(crate) fn parse(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Operands of a `Null` test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Presence {
    /// `true` is listed.
    wants_absent: bool,
    /// `false` is listed.
    wants_present: bool,
}

impl Presence {
    /// Operands that are neither `true` nor `false` never match.
    pub(crate) fn new<'t>(operands: impl Iterator<Item = &'t str> + Clone) -> Self {
        let lists = |wanted| operands.clone().any(|text| parse(text) == Some(wanted));
        Self {
            wants_absent: lists(true),
            wants_present: lists(false),
        }
    }

    /// Whether the test holds; what it says of an empty text is not published. Rule: IAM-COND-24, AMB-17.
    pub(crate) fn evaluate<E: Evidence>(
        self,
        key: &KeyName,
        state: KeyState<'_>,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        if self.wants_absent == self.wants_present {
            // Both listed, or neither.
            return Outcome::known(self.wants_absent);
        }
        match state {
            KeyState::Absent => Outcome::known(self.wants_absent),
            KeyState::Unknown => unknown_key(key),
            KeyState::Conflict => Outcome::unknown(|| Dependency::Ambiguity(13)),
            KeyState::Disputed { .. } => {
                ambiguities.settle(Outcome::unknown(|| state.dependency(key)))
            }
            KeyState::Empty { is_null } if ambiguities == Ambiguities::Report => {
                Outcome::known(is_null == self.wants_absent)
            }
            KeyState::One("") | KeyState::Empty { .. } => {
                ambiguities.decide(17, self.wants_present)
            }
            KeyState::Many(values) if is_only_empty_text(values) => {
                ambiguities.decide(17, self.wants_present)
            }
            KeyState::Present | KeyState::Like(_) | KeyState::One(_) | KeyState::Many(_) => {
                Outcome::known(self.wants_present)
            }
        }
    }
}

/// True for a set whose only member is the empty string. Rule: IAM-COND-13.
pub(crate) fn is_only_empty_text(values: &[&str]) -> bool {
    !values.is_empty() && values.iter().all(|value| value.is_empty())
}
