//! `Action` and `NotAction`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use preclear_catalog::kms::{self, KmsAction};
use preclear_catalog::{Action, catalog, services};
use preclear_condition::{Ambiguities, Evidence, Outcome};
use preclear_model::policy::ActionEntry;
use preclear_model::{Match, Statement};
use preclear_wildcard::Pattern;

use crate::arena::Arena;

/// An action that is asked for, folded once and looked up once: actions compare ignoring case. Rule: IAM-WILD-3.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActionName<'a> {
    service: &'a str,
    name: &'a str,
    known: Option<Action<'static>>,
    of_kms: Option<&'static KmsAction>,
    supports_rcp: bool,
}

/// What is known of an action by its name, in lower case.
#[derive(Debug, Clone)]
struct Known {
    text: Box<str>,
    action: Option<Action<'static>>,
    of_kms: Option<&'static KmsAction>,
    supports_rcp: bool,
}

/// Names that a thread remembers; a power of two.
const REMEMBERED: usize = 256;

/// Bytes of a name that is remembered, at most: no action of AWS has more.
const REMEMBERED_BYTES: usize = 160;

thread_local! {
    /// Actions that were asked for, so that a name is looked up once and not for each of a million requests.
    static LOOKED_UP: RefCell<Vec<Option<Known>>> = const { RefCell::new(Vec::new()) };
}

impl Known {
    /// Looks up `service:name`.
    fn find(folded: &str, service: &str, name: &str) -> Self {
        Self {
            text: folded.into(),
            action: catalog().action(service, name),
            of_kms: (service == "kms").then(|| kms::action(name)).flatten(),
            supports_rcp: services::supports_rcp(service),
        }
    }

    /// The same from memory. Every name has one place there; the last one that was looked up has it.
    fn remember<T>(
        folded: &str,
        hash: usize,
        (service, name): (&str, &str),
        take: impl FnOnce(&Self) -> T,
    ) -> T {
        if folded.len() > REMEMBERED_BYTES {
            return take(&Self::find(folded, service, name));
        }
        LOOKED_UP.with_borrow_mut(|known| {
            if known.is_empty() {
                known.resize(REMEMBERED, None);
            }
            let Some(place) = known.get_mut(hash % REMEMBERED) else {
                return take(&Self::find(folded, service, name));
            };
            match place {
                Some(found) if *found.text == *folded => take(found),
                place => take(place.insert(Self::find(folded, service, name))),
            }
        })
    }
}

/// Where the one colon of `prefix:name` is, and a number that tells most names apart; `None` for anything else.
fn colon_and_hash(text: &str) -> Option<(usize, usize)> {
    let (mut colon, mut hash) = (None, 0_usize);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b':' if colon.replace(at).is_some() => return None,
            b'*' | b'?' => return None,
            _ => {}
        }
        hash = hash.wrapping_mul(31).wrapping_add(usize::from(byte));
    }
    let colon = colon.filter(|colon| (1..text.len() - 1).contains(colon))?;
    Some((colon, hash))
}

impl<'a> ActionName<'a> {
    /// Reads `prefix:name`; `None` for anything else.
    pub(crate) fn parse(text: &str, arena: &'a Arena) -> Option<Self> {
        let folded = arena.alloc_str(text);
        folded.make_ascii_lowercase();
        let folded = &*folded;
        let (colon, hash) = colon_and_hash(folded)?;
        let (service, name) = (folded.get(..colon)?, folded.get(colon + 1..)?);
        Some(Known::remember(folded, hash, (service, name), |known| {
            Self {
                service,
                name,
                known: known.action,
                of_kms: known.of_kms,
                supports_rcp: known.supports_rcp,
            }
        }))
    }

    /// Service prefix in lower case.
    pub(crate) fn service(&self) -> &'a str {
        self.service
    }

    /// Name in lower case.
    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    /// What the catalogue knows of it.
    pub(crate) fn known(&self) -> Option<Action<'static>> {
        self.known
    }

    /// Whether RCPs reach requests for it. Rule: IAM-EVAL-10.
    pub(crate) fn supports_rcp(&self) -> bool {
        self.supports_rcp
    }

    /// What is known of it as an action of KMS.
    pub(crate) fn of_kms(&self) -> Option<&'static KmsAction> {
        self.of_kms
    }

    /// Its number in the catalogue.
    pub(crate) fn id(&self) -> Option<u32> {
        self.known.map(Action::id)
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
    In(Actions),
    /// Applies when no entry matches.
    NotIn(Actions),
}

/// Entries of an element, resolved against the catalogue: actions that it knows are numbers in its order, so that an entry is a
/// range of them, and few are more.
#[derive(Debug, Default)]
pub(crate) struct Actions {
    /// `*` is among them.
    everything: bool,
    /// `*:*` is among them, which validators judge differently (AMB-3).
    everything_twice: bool,
    /// First and last of the known actions that they match, ascending and apart.
    known: Box<[(u32, u32)]>,
    /// Entries that may match actions which the catalogue does not know.
    unknown: Box<[Named]>,
}

/// `prefix:name` with wildcards in the name, or of an action that the catalogue does not know.
#[derive(Debug)]
struct Named {
    service: Box<str>,
    name: Pattern,
}

/// Which actions an element can admit, for an index.
#[derive(Debug)]
pub(crate) enum Reach {
    /// None.
    Nothing,
    /// Any.
    Everything,
    /// Some.
    Some {
        /// Those that the catalogue knows, no more than one over the limit that was asked for.
        actions: Vec<u32>,
        /// Their services, and those of actions that it does not know.
        services: BTreeSet<String>,
        /// Whether actions that it does not know can be among them.
        may_be_unknown: bool,
    },
}

impl Actions {
    fn compile(entries: &[ActionEntry]) -> Self {
        let mut actions = Self::default();
        let mut known = Vec::new();
        let mut unknown = Vec::new();
        for entry in entries {
            match entry.text.split_once(':') {
                _ if entry.text == "*:*" => actions.everything_twice = true,
                None => actions.everything = true,
                Some((service, name)) => resolve(service, name, &mut known, &mut unknown),
            }
        }
        actions.known = joined(known);
        actions.unknown = unknown.into();
        actions
    }

    fn matches<E: Evidence>(
        &self,
        action: &ActionName<'_>,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        if self.everything || self.names(action) {
            Outcome::known(true)
        } else if self.everything_twice {
            ambiguities.decide(3, true)
        } else {
            Outcome::known(false)
        }
    }

    fn names(&self, action: &ActionName<'_>) -> bool {
        match action.id() {
            Some(id) => self.has(id),
            None => self
                .unknown
                .iter()
                .any(|named| *named.service == *action.service && named.name.is_match(action.name)),
        }
    }

    fn has(&self, id: u32) -> bool {
        let within = |(first, last): &(u32, u32)| (*first..=*last).contains(&id);
        match &*self.known {
            few if few.len() <= 8 => few.iter().any(within),
            many => {
                let behind = many.partition_point(|(first, _)| *first <= id);
                behind
                    .checked_sub(1)
                    .and_then(|at| many.get(at))
                    .is_some_and(within)
            }
        }
    }

    fn is_of_service(&self, service: &str) -> bool {
        let has_known = || {
            let known = catalog().service(service);
            known.is_some_and(|known| known.actions().any(|action| self.has(action.id())))
        };
        self.everything
            || self.everything_twice
            || self.unknown.iter().any(|named| *named.service == *service)
            || has_known()
    }

    fn reach(&self, limit: usize) -> Reach {
        if self.everything || self.everything_twice {
            return Reach::Everything;
        }
        let ids = self.known.iter().flat_map(|(first, last)| *first..=*last);
        let mut services: BTreeSet<String> = self
            .unknown
            .iter()
            .map(|named| named.service.to_string())
            .collect();
        for (first, last) in &self.known {
            // A range lies within one service, unless whole services follow each other.
            let mut next = *first;
            while next <= *last
                && let Some(action) = catalog().action_by_id(next)
            {
                services.insert(action.service().prefix().to_ascii_lowercase());
                let of_service = action.service().actions().map(Action::id).max();
                next = of_service.unwrap_or(*last) + 1;
            }
        }
        Reach::Some {
            actions: ids.take(limit + 1).collect(),
            services,
            may_be_unknown: !self.unknown.is_empty(),
        }
    }
}

/// Adds what one entry matches: known actions by their numbers, and itself where it may match others.
fn resolve(service: &str, name: &str, known: &mut Vec<(u32, u32)>, unknown: &mut Vec<Named>) {
    let of_catalog = catalog().service(service);
    let is_plain = !name.contains(['*', '?']);
    if let Some(action) = of_catalog
        .filter(|_| is_plain)
        .and_then(|own| own.action(name))
    {
        known.push((action.id(), action.id()));
        return;
    }
    let name = name.to_ascii_lowercase();
    let pattern = Pattern::parse(&name);
    let prefix = name.split(['*', '?']).next().unwrap_or_default();
    let is_prefix = name.strip_prefix(prefix).is_some_and(|rest| rest == "*");
    for action in of_catalog
        .into_iter()
        .filter(|_| !is_plain)
        .flat_map(|own| own.actions_starting_with(prefix))
    {
        if is_prefix || pattern.is_match(&action.name().to_ascii_lowercase()) {
            known.push((action.id(), action.id()));
        }
    }
    unknown.push(Named {
        service: service.to_ascii_lowercase().into(),
        name: pattern,
    });
}

/// The same actions in as few ranges as can be.
fn joined(mut ranges: Vec<(u32, u32)>) -> Box<[(u32, u32)]> {
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let touches = next.0 <= last.1.saturating_add(1);
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
    ranges.into()
}

impl ActionTest {
    /// Compiles the element.
    pub(crate) fn compile(statement: &Statement) -> Self {
        match &statement.action {
            None => Self::Dead,
            Some(Match::In(entries)) => Self::In(Actions::compile(entries)),
            Some(Match::NotIn(entries)) => Self::NotIn(Actions::compile(entries)),
        }
    }

    /// Whether the element admits the action.
    pub(crate) fn matches<E: Evidence>(
        &self,
        action: &ActionName<'_>,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        match self {
            Self::Dead => Outcome::known(false),
            Self::In(actions) => actions.matches(action, ambiguities),
            Self::NotIn(actions) => !actions.matches(action, ambiguities.negated()),
        }
    }

    /// True if the element speaks of the service at all; what it excepts from is every service.
    pub(crate) fn speaks_of(&self, service: &str) -> bool {
        match self {
            Self::Dead => false,
            Self::In(actions) => actions.is_of_service(service),
            Self::NotIn(_) => true,
        }
    }

    /// Which actions it can admit; of those that the catalogue knows no more than one over `limit`.
    pub(crate) fn reach(&self, limit: usize) -> Reach {
        match self {
            Self::Dead => Reach::Nothing,
            Self::In(actions) => actions.reach(limit),
            Self::NotIn(_) => Reach::Everything,
        }
    }
}

#[cfg(test)]
mod tests {
    use preclear_condition::Tri;
    use preclear_model::Span;

    use super::*;

    fn test(entries: &[&str], negated: bool) -> ActionTest {
        let entries: Vec<ActionEntry> = entries
            .iter()
            .map(|text| ActionEntry {
                text: (*text).into(),
                span: Span::default(),
            })
            .collect();
        let actions = Actions::compile(&entries);
        if negated {
            ActionTest::NotIn(actions)
        } else {
            ActionTest::In(actions)
        }
    }

    fn matches(test: &ActionTest, action: &str) -> Tri {
        let arena = Arena::new();
        let action = ActionName::parse(action, &arena).expect("an action");
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
        let arena = Arena::new();
        for text in ["kms:*", "kms", "a:b:c"] {
            assert!(ActionName::parse(text, &arena).is_none(), "{text}");
        }
    }

    #[test]
    fn statements_without_action_are_dead() {
        assert_eq!(matches(&ActionTest::Dead, "kms:Decrypt"), Tri::False);
        assert!(!ActionTest::Dead.speaks_of("kms"));
    }
}
