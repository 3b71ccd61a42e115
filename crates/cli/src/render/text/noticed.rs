//! What one of many answers has besides its verdict, short enough for its line.

use std::collections::BTreeSet;

use preclear_simulator::{Explanation, NO_ORGANIZATION, NOT_MODELLED};

use crate::render::style::Tone;

/// Codes of warnings, and kinds of assumptions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Noticed {
    pub(crate) warnings: BTreeSet<&'static str>,
    /// What stands in front of the colon: `principal`, `resource-account`.
    pub(crate) assumptions: BTreeSet<String>,
}

impl Noticed {
    /// What an answer says of its own question. What it takes for granted as every other answer does is left out: what
    /// no decision models, layers that are open, and that there is no organization.
    pub(crate) fn of(explanation: &Explanation) -> Self {
        let is_own = |one: &&String| {
            *one != NOT_MODELLED
                && *one != NO_ORGANIZATION
                && !(one.starts_with("layer:") && one.ends_with(" open"))
        };
        let kind = |one: &String| one.split(':').next().unwrap_or_default().to_owned();
        Self {
            warnings: explanation.warnings.iter().map(|one| one.code).collect(),
            assumptions: explanation
                .assumptions
                .iter()
                .filter(is_own)
                .map(kind)
                .collect(),
        }
    }

    /// ` [warning UNKNOWN_ACTION; assumed principal]`; nothing where there is nothing.
    pub(super) fn mark(&self) -> String {
        let warnings: Vec<&str> = self.warnings.iter().copied().collect();
        let assumptions: Vec<&str> = self.assumptions.iter().map(String::as_str).collect();
        let groups = [("warning", warnings), ("assumed", assumptions)];
        let groups: Vec<String> = groups
            .into_iter()
            .filter(|(_, kinds)| !kinds.is_empty())
            .map(|(label, kinds)| format!("{label} {}", kinds.join(", ")))
            .collect();
        if groups.is_empty() {
            return String::new();
        }
        format!(
            " {}",
            Tone::Doubtful.paint(format_args!("[{}]", groups.join("; ")))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use preclear_simulator::Code;

    #[test]
    fn what_every_answer_assumes_is_no_mark() {
        let mut answer = sample::denied(Code::NoIdentityAllow);
        answer.assumptions.insert(NOT_MODELLED.to_owned());
        answer.assumptions.insert("layer:vpce open".to_owned());
        assert_eq!(Noticed::of(&answer).mark(), "");
        answer
            .assumptions
            .insert("principal:x is not listed and has nothing attached".to_owned());
        answer.assumptions.insert("absent:aws:sourceip".to_owned());
        let mark = Noticed::of(&answer).mark();
        let mark = anstream::adapter::strip_str(&mark).to_string();
        assert_eq!(mark, " [assumed absent, principal]");
    }
}
