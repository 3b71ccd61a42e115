//! `Action` and `NotAction`.

use preclear_condition::{Ambiguities, Evidence, Outcome};
use preclear_model::policy::ActionEntry;
use preclear_model::{Match, Statement};
use preclear_wildcard::Pattern;

/// An action that is asked for, folded once: actions compare ignoring case. Rule: IAM-WILD-3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActionName {
    service: String,
    name: String,
}

impl ActionName {
    /// Reads `prefix:name`; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (service, name) = text.split_once(':')?;
        let plain = |part: &str| !part.is_empty() && !part.contains([':', '*', '?']);
        (plain(service) && plain(name)).then(|| Self {
            service: service.to_ascii_lowercase(),
            name: name.to_ascii_lowercase(),
        })
    }

    /// Service prefix in lower case.
    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    /// Name in lower case.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// True for `service:name`, both in lower case.
    pub(crate) fn is(&self, service: &str, name: &str) -> bool {
        self.service == service && self.name == name
    }
}

/// A compiled `Action` or `NotAction`.
#[derive(Debug)]
pub(crate) enum ActionTest {
    /// The statement has neither: it never applies. Rule: KMS-POL-12.
    Dead,
    /// Applies when an entry matches.
    In(Vec<ActionPattern>),
    /// Applies when no entry matches.
    NotIn(Vec<ActionPattern>),
}

#[derive(Debug)]
pub(crate) enum ActionPattern {
    /// `*`
    Everything,
    /// `*:*`, which validators judge differently (AMB-3).
    EverythingTwice,
    /// `prefix:name`
    Named { service: Box<str>, name: Pattern },
}

impl ActionPattern {
    fn compile(entry: &ActionEntry) -> Self {
        if entry.text == "*:*" {
            return Self::EverythingTwice;
        }
        match entry.text.split_once(':') {
            None => Self::Everything,
            Some((service, name)) => Self::Named {
                service: service.to_ascii_lowercase().into(),
                name: Pattern::parse(&name.to_ascii_lowercase()),
            },
        }
    }

    fn matches<E: Evidence>(&self, action: &ActionName, ambiguities: Ambiguities) -> Outcome<E> {
        match self {
            Self::Everything => Outcome::known(true),
            Self::EverythingTwice => ambiguities.decide(3, true),
            Self::Named { service, name } => {
                Outcome::known(**service == *action.service && name.is_match(&action.name))
            }
        }
    }

    fn is_of_service(&self, service: &str) -> bool {
        match self {
            Self::Everything | Self::EverythingTwice => true,
            Self::Named { service: own, .. } => **own == *service,
        }
    }
}

impl ActionTest {
    /// Compiles the element.
    pub(crate) fn compile(statement: &Statement) -> Self {
        let patterns =
            |entries: &[ActionEntry]| entries.iter().map(ActionPattern::compile).collect();
        match &statement.action {
            None => Self::Dead,
            Some(Match::In(entries)) => Self::In(patterns(entries)),
            Some(Match::NotIn(entries)) => Self::NotIn(patterns(entries)),
        }
    }

    /// Whether the element admits the action.
    pub(crate) fn matches<E: Evidence>(
        &self,
        action: &ActionName,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let any = |patterns: &[ActionPattern], ambiguities| {
            Outcome::any(
                patterns
                    .iter()
                    .map(|pattern| pattern.matches(action, ambiguities)),
            )
        };
        match self {
            Self::Dead => Outcome::known(false),
            Self::In(patterns) => any(patterns, ambiguities),
            Self::NotIn(patterns) => !any(patterns, ambiguities.negated()),
        }
    }

    /// True if the element speaks of the service at all; what it excepts from is every service.
    pub(crate) fn speaks_of(&self, service: &str) -> bool {
        match self {
            Self::Dead => false,
            Self::In(patterns) => patterns
                .iter()
                .any(|pattern| pattern.is_of_service(service)),
            Self::NotIn(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use preclear_condition::Tri;
    use preclear_model::Span;

    use super::*;

    fn test(entries: &[&str], negated: bool) -> ActionTest {
        let entries = entries
            .iter()
            .map(|text| {
                ActionPattern::compile(&ActionEntry {
                    text: (*text).into(),
                    span: Span::default(),
                })
            })
            .collect();
        if negated {
            ActionTest::NotIn(entries)
        } else {
            ActionTest::In(entries)
        }
    }

    fn matches(test: &ActionTest, action: &str) -> Tri {
        let action = ActionName::parse(action).expect("an action");
        test.matches::<()>(&action, Ambiguities::Report).value
    }

    #[test]
    fn actions_compare_ignoring_case_and_never_trim() {
        assert_eq!(
            matches(&test(&["KMS:decrypt"], false), "kms:Decrypt"),
            Tri::True
        );
        assert_eq!(
            matches(&test(&["kms:Generate*"], false), "kms:GenerateDataKeyPair"),
            Tri::True
        );
        assert_eq!(
            matches(&test(&["kms:Decrypt "], false), "kms:Decrypt"),
            Tri::False
        );
        assert_eq!(
            matches(&test(&["kms:Decrypt "], true), "kms:Decrypt"),
            Tri::True
        );
        assert_eq!(matches(&test(&["*"], false), "sqs:SendMessage"), Tri::True);
    }

    #[test]
    fn an_exception_of_nothing_applies_to_everything_and_a_list_of_nothing_to_nothing() {
        assert_eq!(matches(&test(&[], true), "kms:Decrypt"), Tri::True);
        assert_eq!(matches(&test(&[], false), "kms:Decrypt"), Tri::False);
        assert!(test(&["iam:*"], true).speaks_of("kms"));
        assert!(!test(&["iam:*"], false).speaks_of("kms"));
    }

    #[test]
    fn star_colon_star_is_ambiguous() {
        assert_eq!(
            matches(&test(&["*:*"], false), "s3:GetObject"),
            Tri::Unknown
        );
    }

    #[test]
    fn a_name_with_wildcards_is_no_action_to_ask_for() {
        assert!(ActionName::parse("kms:*").is_none());
        assert!(ActionName::parse("kms").is_none());
        assert!(ActionName::parse("a:b:c").is_none());
    }

    #[test]
    fn statements_without_action_are_dead() {
        assert_eq!(matches(&ActionTest::Dead, "kms:Decrypt"), Tri::False);
        assert!(!ActionTest::Dead.speaks_of("kms"));
    }
}
