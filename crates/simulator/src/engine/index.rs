//! Which statements of a large set can apply to a request: those that a linear scan would find, and few others.
//!
//! A statement is kept where a request has to look for it anyway: under the beginnings of the resources that it names, else
//! under its actions, else under its services, else among those that are always looked at. What is found is evaluated like any
//! other statement, so that the index decides nothing: two keys with one hash cost time, never an answer.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use preclear_model::{ArnRef, Match};

use crate::arena::{Arena, List};
use crate::engine::policies::CompiledPolicy;
use crate::matching::action::{ActionName, Reach};
use crate::matching::resource::Question;

/// Actions under which one statement is kept at most; with more it is kept under their services.
const ACTIONS_MAX: usize = 64;

/// Services under which one statement is kept at most; with more it is always looked at.
const SERVICES_MAX: usize = 8;

/// Colons in the last field of a resource after which patterns may be shifted; with more every statement is looked at. Rule:
/// IAM-WILD-5 (AMB-1).
const SHIFTS_MAX: usize = 8;

/// Places of statements, in the order of the set.
#[derive(Debug)]
pub(crate) struct StatementIndex {
    always: Box<[u32]>,
    /// Those that may name an action which the catalogue does not have.
    unknown_actions: Box<[u32]>,
    by_action: Table,
    by_service: Table,
    by_root: Table,
    /// How long the roots of each service are, ascending.
    root_lengths: HashMap<u64, Box<[u32]>, BuildHasherDefault<Hashed>>,
}

/// Places by the hash of what they are looked up by.
#[derive(Debug)]
struct Table {
    ranges: HashMap<u64, (u32, u32), BuildHasherDefault<Hashed>>,
    places: Box<[u32]>,
}

/// Takes a number that is a hash already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| step(hash, *byte));
    }

    fn write_u64(&mut self, hash: u64) {
        // Tables look at the upper bits, and multiplication has mixed those least.
        self.0 = hash ^ hash.rotate_left(32);
    }
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// One more byte (FNV-1a).
fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}

/// Hash of a service's prefix in lower case.
fn of_service(service: &str) -> u64 {
    let folded = service.bytes().map(|byte| byte.to_ascii_lowercase());
    folded.fold(SEED, step)
}

fn of_root(service: &str, root: &str) -> u64 {
    root.bytes().fold(step(of_service(service), b':'), step)
}

impl Table {
    fn new(mut entries: Vec<(u64, u32)>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let mut ranges: HashMap<u64, (u32, u32), BuildHasherDefault<Hashed>> = HashMap::default();
        for (at, (hash, _)) in (0_u32..).zip(&entries) {
            let range = ranges.entry(*hash).or_insert((at, at));
            range.1 = at + 1;
        }
        Self {
            ranges,
            places: entries.into_iter().map(|(_, place)| place).collect(),
        }
    }

    fn find(&self, hash: u64) -> &[u32] {
        let Some((start, end)) = self.ranges.get(&hash) else {
            return &[];
        };
        let range = *start as usize..*end as usize;
        self.places.get(range).unwrap_or_default()
    }
}

/// The beginning of a resource pattern up to its first wildcard or variable, behind a service that is spelled out.
///
/// `None` for a pattern that may match ARNs of several services, or any of one: it is kept under its actions. Regions and accounts do not
/// matter here.
fn root(pattern: &str) -> Option<(&str, &str)> {
    const WILD: [char; 3] = ['*', '?', '$'];
    let arn = ArnRef::parse(pattern)?;
    let head = pattern.len() - arn.resource().len();
    let is_plain = ![arn.partition(), arn.service()]
        .iter()
        .any(|field| field.contains(WILD));
    let has_variable = pattern.get(..head)?.contains('$');
    let root = arn.resource().split(WILD).next()?;
    (is_plain && !has_variable && !root.is_empty()).then_some((arn.service(), root))
}

/// What a set's statements are kept under while the index is built.
#[derive(Default)]
struct Builder {
    always: Vec<u32>,
    unknown_actions: Vec<u32>,
    by_action: Vec<(u64, u32)>,
    by_service: Vec<(u64, u32)>,
    by_root: Vec<(u64, u32)>,
    root_lengths: HashMap<u64, Vec<u32>, BuildHasherDefault<Hashed>>,
}

impl Builder {
    /// True if the resources of the statement have roots, under which it now is.
    fn add_roots(&mut self, policy: &CompiledPolicy, statement: usize, place: u32) -> bool {
        let source = policy.document.statements.get(statement);
        let Some(Some(Match::In(entries))) = source.map(|source| &source.resource) else {
            return false;
        };
        let roots: Option<Vec<_>> = entries
            .iter()
            .map(|entry| root(&entry.template.source))
            .collect();
        let Some(roots) = roots else { return false };
        for (service, root) in roots {
            self.by_root.push((of_root(service, root), place));
            let length = u32::try_from(root.len()).unwrap_or(u32::MAX);
            let lengths = self.root_lengths.entry(of_service(service)).or_default();
            lengths.push(length);
        }
        true
    }

    fn add_actions(&mut self, reach: Reach<'_>, place: u32) {
        let may_be_unknown = match reach {
            Reach::Nothing => false,
            Reach::Actions {
                ids,
                may_be_unknown,
            } => {
                let ids = ids.iter().map(|id| (u64::from(*id), place));
                self.by_action.extend(ids);
                may_be_unknown
            }
            Reach::Services {
                prefixes,
                may_be_unknown,
            } if prefixes.len() <= SERVICES_MAX => {
                let services = prefixes.iter().map(|prefix| (of_service(prefix), place));
                self.by_service.extend(services);
                may_be_unknown
            }
            Reach::Services { .. } | Reach::Everything => {
                self.always.push(place);
                false
            }
        };
        if may_be_unknown {
            self.unknown_actions.push(place);
        }
    }
}

impl StatementIndex {
    /// Indexes the statements of these policies, in their order.
    pub(crate) fn build(policies: &[Arc<CompiledPolicy>]) -> Self {
        let mut builder = Builder::default();
        let statements = policies.iter().flat_map(|policy| {
            let statements = policy.statements.iter();
            statements.map(move |statement| (policy, statement))
        });
        for (place, (policy, statement)) in (0_u32..).zip(statements) {
            if !builder.add_roots(policy, statement.index, place) {
                builder.add_actions(statement.action.reach(ACTIONS_MAX), place);
            }
        }
        let lengths = builder.root_lengths.into_iter().map(|(service, mut own)| {
            own.sort_unstable();
            own.dedup();
            (service, own.into_boxed_slice())
        });
        Self {
            always: builder.always.into(),
            unknown_actions: builder.unknown_actions.into(),
            by_action: Table::new(builder.by_action),
            by_service: Table::new(builder.by_service),
            by_root: Table::new(builder.by_root),
            root_lengths: lengths.collect(),
        }
    }

    /// Places of the statements that can apply, ascending; `None` where it may be any.
    pub(crate) fn find<'a>(
        &self,
        action: &ActionName<'_>,
        question: &Question<'_>,
        arena: &'a Arena,
    ) -> Option<List<'a, u32>> {
        let mut found = List::new_in(arena);
        found.extend_from_slice(&self.always);
        match action.id() {
            Some(id) => found.extend_from_slice(self.by_action.find(u64::from(id))),
            None => found.extend_from_slice(&self.unknown_actions),
        }
        let service = of_service(action.service());
        found.extend_from_slice(self.by_service.find(service));
        match question {
            Question::One { text, .. } => self.add_by_root(text, &mut found)?,
            // Only patterns without a root match it.
            Question::Everything => {}
            Question::Many { .. } => return None,
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    /// Adds the statements that name a beginning of the resource. A `*` at the end of a field may run past the colon, so that the
    /// last field of a pattern may begin behind any further colon of the text (AMB-1).
    fn add_by_root(&self, text: &str, found: &mut List<'_, u32>) -> Option<()> {
        let arn = ArnRef::parse(text)?;
        let service = of_service(arn.service());
        let Some(lengths) = self.root_lengths.get(&service) else {
            return Some(());
        };
        self.add_beginnings(service, lengths, arn.resource(), found);
        for (shift, (colon, _)) in arn.resource().match_indices(':').enumerate() {
            if shift == SHIFTS_MAX {
                return None;
            }
            let behind = arn.resource().get(colon + 1..)?;
            self.add_beginnings(service, lengths, behind, found);
        }
        Some(())
    }

    fn add_beginnings(&self, service: u64, lengths: &[u32], text: &str, found: &mut List<'_, u32>) {
        let mut hash = step(service, b':');
        let mut hashed = 0;
        for length in lengths {
            let length = *length as usize;
            let Some(more) = text.as_bytes().get(hashed..length) else {
                return;
            };
            hash = more.iter().fold(hash, |hash, byte| step(hash, *byte));
            hashed = length;
            found.extend_from_slice(self.by_root.find(hash));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use preclear_condition::{Ambiguities, KeyName, KeyState, Lookup};
    use preclear_model::{Policy, PolicyKind};
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::{Value, json};

    use super::*;
    use crate::document;
    use crate::engine::policies::PolicySet;

    struct Unknown;

    impl Lookup for Unknown {
        fn state(&self, _: &KeyName) -> KeyState<'_> {
            KeyState::Unknown
        }
    }

    const ACTIONS: [&str; 12] = [
        "s3:GetObject",
        "S3:getobject",
        "s3:Get*",
        "s3:*Object",
        "s3:*",
        "*",
        "*:*",
        "kms:Decrypt",
        "kms:De*",
        "nowhere:Do",
        "s3:NoSuchAction",
        "s3:NoSuch*",
    ];
    const RESOURCES: [&str; 22] = [
        "*",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/x",
        "arn:aws:S3:::b/x",
        "arn:aws:s3:::b/${aws:username}",
        "arn:aws:s3:::bb/*",
        "arn:*:s3:::b/*",
        "arn:aws:*:::b/*",
        "arn:aws:s3:*:*:b/*",
        "arn:aws:s3:::?/x",
        "arn:aws:s3::",
        "arn:aws:logs:*:*:log-group:g",
        "arn:aws:logs:*:*:log-group:g:*",
        "arn:aws:logs:*:*:g",
        "arn:aws:logs:*:*:*",
        "arn:aws:logs:eu-*:1*:g:stream",
        "ARN:aws:s3:::b/x",
        "arn:aws:s3:::",
        "arn:aws:s3:::B/x",
        "arn:aws*:s3:::b/x",
        "arn:aws:s3:${aws:username}::b/x",
    ];
    const ASKED: [&str; 12] = [
        "*",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/x",
        "arn:aws:S3:::b/x",
        "arn:aws:s3:::bb/x",
        "arn:aws:s3:::B/x",
        "arn:aws:logs:eu-west-1:111122223333:log-group:g",
        "arn:aws:logs:eu-west-1:111122223333:log-group:g:stream",
        "arn:aws:logs:eu-west-1:111122223333:a:b:c:d:e:f:g:h:i:j:g",
        "arn:aws:kms:eu-west-1:111122223333:key/k",
        "arn:aws:s3:::",
        "arn:aws:s3:::a:b/x",
    ];

    fn statement() -> impl Strategy<Value = Value> {
        let entries = |all: &'static [&'static str]| proptest::collection::vec(select(all), 1..4);
        let (actions, resources) = (entries(&ACTIONS), entries(&RESOURCES));
        let elements = (actions, resources, any::<bool>(), any::<bool>());
        let statements = elements.prop_map(|(actions, resources, not, except)| {
            let mut statement = json!({"Effect": "Allow"});
            statement[if not { "NotAction" } else { "Action" }] = json!(actions);
            statement[if except { "NotResource" } else { "Resource" }] = json!(resources);
            statement
        });
        let is_read = |statement: &Value| parsed(std::slice::from_ref(statement)).is_some();
        statements.prop_filter("refused", is_read)
    }

    fn parsed(statements: &[Value]) -> Option<Policy> {
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        document::parse(&text, "p", PolicyKind::Identity)
    }

    fn compiled(statements: &[Value]) -> PolicySet {
        PolicySet::compile([&Arc::new(parsed(statements).unwrap())])
    }

    /// Places of the statements whose action and resource may match, among those that are looked at.
    fn live(set: &PolicySet, action: &str, resource: &str) -> BTreeSet<usize> {
        let arena = Arena::new();
        let action = ActionName::parse(action, &arena).unwrap();
        let question = match resource {
            "*" => Question::Everything,
            one => Question::one(one, &arena),
        };
        let mut live = BTreeSet::new();
        set.candidates(&action, &question, &arena, |_, statement| {
            let admits = statement.action.matches::<()>(&action, Ambiguities::Report);
            let resource = &statement.resource;
            let names = resource.matches::<()>(&question, &Unknown, Ambiguities::Report);
            if !admits.value.is_false() && !names.value.is_false() {
                live.insert(statement.index);
            }
        });
        live
    }

    proptest! {
        /// The claim of the index: what a linear scan finds, it finds.
        #[test]
        fn an_index_finds_what_a_scan_finds(statements in proptest::collection::vec(statement(), 16..40)) {
            let indexed = compiled(&statements);
            let scanned = compiled(&statements).without_index();
            for action in ["s3:GetObject", "kms:Decrypt", "nowhere:Do", "s3:NoSuchAction", "logs:PutLogEvents"] {
                for resource in ASKED {
                    let found = live(&indexed, action, resource);
                    prop_assert_eq!(found, live(&scanned, action, resource), "{} {}", action, resource);
                }
            }
        }
    }

    #[test]
    fn an_index_leaves_out_what_speaks_of_other_resources() {
        let of_bucket = |number: usize| {
            let resource = format!("arn:aws:s3:::bucket-{number}/*");
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource})
        };
        let set = compiled(&(0..100).map(of_bucket).collect::<Vec<_>>());
        let arena = Arena::new();
        let action = ActionName::parse("s3:GetObject", &arena).unwrap();
        let mut looked_at = Vec::new();
        let question = Question::one("arn:aws:s3:::bucket-17/x", &arena);
        set.candidates(&action, &question, &arena, |_, statement| {
            looked_at.push(statement.index)
        });
        assert_eq!(looked_at, [17]);
    }
}
