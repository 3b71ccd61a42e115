//! Which catalogued actions the entries of `Action` and `NotAction` reach.

use preclear_catalog::kms::{self, KmsAction};
use preclear_catalog::{Action, Service, catalog};
use preclear_model::Match;
use preclear_model::policy::{ActionEntry, Statement};
use preclear_wildcard::Pattern;

/// An entry of `Action` or `NotAction` with what it reaches.
#[derive(Debug)]
pub(crate) struct Entry<'p> {
    pub(crate) entry: &'p ActionEntry,
    pub(crate) reach: Reach,
}

/// What an entry reaches.
#[derive(Debug)]
pub(crate) enum Reach {
    /// All actions of all services.
    Everything,
    /// These actions, at least one; sorted by service and name.
    Actions(Vec<Action<'static>>),
    /// Nothing that the catalogue knows, though it knows the service.
    NoAction(Service<'static>),
    /// Nothing: the catalogue does not know the service.
    NoService,
    /// Nothing: no text that an action could match. The parser says so.
    Malformed,
}

impl Entry<'_> {
    /// The prefix as written.
    pub(crate) fn prefix(&self) -> &str {
        self.entry
            .text
            .split_once(':')
            .map_or(self.entry.text.as_str(), |(prefix, _)| prefix)
    }

    /// The name as written, without its prefix.
    pub(crate) fn name(&self) -> &str {
        self.entry.text.split_once(':').map_or("", |(_, name)| name)
    }

    /// Whether the name holds wildcards.
    pub(crate) fn is_pattern(&self) -> bool {
        self.entry.text.contains(['*', '?'])
    }

    /// Whether it reaches all actions of its service, or of all services.
    pub(crate) fn is_whole_service(&self) -> bool {
        match &self.reach {
            Reach::Everything => true,
            _ => Pattern::parse(self.name()).matches_everything(),
        }
    }

    /// The actions reached, unless it reaches everything.
    pub(crate) fn actions(&self) -> &[Action<'static>] {
        match &self.reach {
            Reach::Actions(actions) => actions,
            _ => &[],
        }
    }

    /// The KMS actions reached, unless it reaches everything.
    pub(crate) fn kms_actions(&self) -> impl Iterator<Item = &'static KmsAction> {
        self.actions().iter().copied().filter_map(as_kms)
    }

    /// Whether the entry reaches an action, such as `kms:CreateGrant`.
    pub(crate) fn reaches(&self, action: &str) -> bool {
        match &self.reach {
            Reach::Everything => true,
            Reach::Actions(actions) => action.split_once(':').is_some_and(|(prefix, name)| {
                actions
                    .iter()
                    .any(|reached| is_named(*reached, prefix, name))
            }),
            Reach::NoAction(_) | Reach::NoService | Reach::Malformed => false,
        }
    }
}

fn is_named(action: Action<'_>, prefix: &str, name: &str) -> bool {
    action.service().prefix().eq_ignore_ascii_case(prefix)
        && action.name().eq_ignore_ascii_case(name)
}

/// Prefixes of the actions that statements list, each once, in their order.
pub(crate) fn prefixes(subjects: &[crate::subject::Subject<'_>]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for entry in subjects.iter().flat_map(|subject| &subject.entries) {
        let prefix = entry.prefix().to_ascii_lowercase();
        if !found.contains(&prefix) {
            found.push(prefix);
        }
    }
    found
}

/// The KMS table's row of an action of KMS.
pub(crate) fn as_kms(action: Action<'_>) -> Option<&'static KmsAction> {
    if action.service().prefix() != "kms" {
        return None;
    }
    kms::action(action.name())
}

/// The entries of a statement; those of `NotAction` too.
pub(crate) fn entries(statement: &Statement) -> Vec<Entry<'_>> {
    let written = match &statement.action {
        Some(Match::In(entries) | Match::NotIn(entries)) => entries.as_slice(),
        None => &[],
    };
    written
        .iter()
        .map(|entry| Entry {
            entry,
            reach: reach(&entry.text),
        })
        .collect()
}

/// What a text reaches. Rule: IAM-GRAM-11, IAM-WILD-3
fn reach(text: &str) -> Reach {
    // AMB-3: `*:*` is taken as `*`.
    if !text.is_empty() && text.bytes().all(|byte| byte == b'*') || text == "*:*" {
        return Reach::Everything;
    }
    let Some((prefix, name)) = text.split_once(':') else {
        return Reach::Malformed;
    };
    let is_readable = |part: &str| !part.is_empty() && !part.contains([' ', ',', ':']);
    if !is_readable(prefix) || !is_readable(name) {
        return Reach::Malformed;
    }
    let Some(service) = catalog().service(prefix) else {
        return Reach::NoService;
    };
    let actions = match name.find(['*', '?']) {
        None => service.action(name).into_iter().collect(),
        Some(wildcard) => matching(service, name, wildcard),
    };
    if actions.is_empty() {
        Reach::NoAction(service)
    } else {
        Reach::Actions(actions)
    }
}

/// The actions that a pattern matches whose first wildcard stands at `wildcard`.
fn matching(service: Service<'static>, name: &str, wildcard: usize) -> Vec<Action<'static>> {
    let pattern = Pattern::parse(&name.to_ascii_lowercase());
    let start = name.get(..wildcard).unwrap_or_default();
    service
        .actions_starting_with(start)
        .filter(|action| pattern.is_match(&action.name().to_ascii_lowercase()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        match reach(text) {
            Reach::Actions(actions) => actions.iter().map(|action| action.name()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn patterns_expand_whatever_the_case() {
        assert_eq!(names("kms:reencrypt*"), ["ReEncryptFrom", "ReEncryptTo"]);
        assert_eq!(
            names("KMS:GenerateDataKeyWithoutPlainText"),
            ["GenerateDataKeyWithoutPlaintext"]
        );
        assert_eq!(names("kms:?isableKey"), ["DisableKey"]);
        assert!(names("kms:*").len() > 40);
    }

    #[test]
    fn what_reaches_nothing_says_why() {
        assert!(matches!(reach("*"), Reach::Everything));
        assert!(matches!(reach("kms:ReEncrypt"), Reach::NoAction(_)));
        assert!(matches!(reach("kmss:Decrypt"), Reach::NoService));
        for text in ["", "Decrypt", "kms:", "kms:Decrypt ", "s3:Get, s3:Put"] {
            assert!(matches!(reach(text), Reach::Malformed), "{text}");
        }
    }
}
