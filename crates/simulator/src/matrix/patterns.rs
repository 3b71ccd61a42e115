//! Which patterns of `Resource` and `NotResource` a text matches, in every reading of what is ambiguous.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use preclear_condition::{Ambiguities, KeyName, KeyState, Lookup, Tri};
use preclear_model::policy::ResourceEntry;
use preclear_model::{Effect, Match, Piece, Policy, PolicyKind, Span, Statement, Template};

use super::corpus::Table;
use crate::arena::Arena;
use crate::engine::key_types::CatalogKeyTypes;
use crate::matching::resource::{Question, ResourceTest};

/// Outcomes of one pattern in all readings, and of which it is; those that fail in all of them are left out.
pub(super) type Hits = Vec<(u32, u8)>;

/// A pattern whose variables stand for anything.
#[derive(Debug)]
pub(super) struct Pattern {
    test: ResourceTest,
    pub(super) has_variables: bool,
    reads: Reads,
}

/// What of a text a pattern looks at.
#[derive(Debug)]
enum Reads {
    /// Nothing behind the last slash or colon: it ends so, and then with stars.
    Head,
    /// Everything; texts that it matches start with this, in lower case.
    Whole(Box<str>),
}

/// The patterns of all documents.
#[derive(Debug)]
pub(super) struct Patterns {
    all: Vec<Pattern>,
    exact: Exact,
}

/// Hashes of the ARNs that are spelled out, in lower case.
#[derive(Debug, Default)]
struct Exact {
    hashes: HashSet<u64>,
    /// Keyed at random, so that nobody can choose texts that are taken for one of them.
    keyed: ahash::RandomState,
}

impl Exact {
    /// Bytes that are folded at a time.
    const STEP: usize = 128;

    fn hash(&self, text: &str) -> u64 {
        let mut hasher = self.keyed.build_hasher();
        for step in text.as_bytes().chunks(Self::STEP) {
            let mut folded = [0; Self::STEP];
            for (folded, byte) in folded.iter_mut().zip(step) {
                *folded = byte.to_ascii_lowercase();
            }
            hasher.write(folded.get(..step.len()).unwrap_or_default());
        }
        hasher.finish()
    }
}

impl Patterns {
    pub(super) fn of(documents: &[Arc<Policy>]) -> Self {
        let mut patterns = Self {
            all: Vec::new(),
            exact: Exact::default(),
        };
        let mut seen: Table<(&str, bool, bool), ()> = Table::default();
        let statements = documents.iter().flat_map(|policy| &policy.statements);
        let elements = statements.filter_map(|statement| statement.resource.as_ref());
        for entry in elements.flat_map(Match::entries) {
            let is_plain = entry.template.is_plain_text();
            let key = (entry.template.source.as_str(), is_plain, entry.incomplete);
            if seen.insert(key, ()).is_none() {
                patterns.add(entry);
            }
        }
        patterns
    }

    fn add(&mut self, entry: &ResourceEntry) {
        const WILD: [char; 3] = ['*', '?', '$'];
        let source = entry.template.source.as_str();
        let is_whole = !entry.incomplete && source.matches(':').count() >= 5;
        if is_whole && !source.contains(WILD) {
            let hash = self.exact.hash(source);
            self.exact.hashes.insert(hash);
            return;
        }
        let before_stars = source.trim_end_matches('*');
        let is_of_head = before_stars.len() < source.len()
            && (before_stars.is_empty() || before_stars.ends_with(['/', ':']));
        let reads = if is_whole && is_of_head && !source.contains('$') || before_stars.is_empty() {
            Reads::Head
        } else {
            let start = source.split(WILD).next().unwrap_or_default();
            Reads::Whole(start.to_ascii_lowercase().into())
        };
        self.all.push(Pattern {
            test: compile(entry),
            has_variables: entry.template.variables().next().is_some(),
            reads,
        });
    }

    /// True for a text that a pattern spells out, and by chance for others.
    pub(super) fn spells_out(&self, text: &str) -> bool {
        !self.exact.hashes.is_empty() && self.exact.hashes.contains(&self.exact.hash(text))
    }

    /// What holds of every text that starts with `head` and goes on without slash or colon: the hits of patterns that look no further,
    /// and the places of those that do and may match. `None` where one of the former has a variable.
    pub(super) fn of_head(&self, head: &str, text: &str) -> Option<(Hits, Vec<u32>)> {
        let folded = head.to_ascii_lowercase();
        let (mut hits, mut further) = (Vec::new(), Vec::new());
        for (place, pattern) in (0_u32..).zip(&self.all) {
            match &pattern.reads {
                Reads::Head => match pattern.outcomes(text) {
                    0 => {}
                    _ if pattern.has_variables => return None,
                    outcomes => hits.push((place, outcomes)),
                },
                Reads::Whole(start) if may_start_with(&folded, start) => further.push(place),
                Reads::Whole(_) => {}
            }
        }
        Some((hits, further))
    }

    /// The hits of these patterns; `None` where one with a variable may match.
    pub(super) fn hits(&self, places: &[u32], text: &str) -> Option<Hits> {
        let mut hits = Vec::new();
        for place in places {
            let Some(pattern) = self.all.get(*place as usize) else {
                continue;
            };
            match pattern.outcomes(text) {
                0 => {}
                _ if pattern.has_variables => return None,
                outcomes => hits.push((*place, outcomes)),
            }
        }
        Some(hits)
    }
}

/// Whether texts that start with `head` can start with `start`.
fn may_start_with(head: &str, start: &str) -> bool {
    let common = head.len().min(start.len());
    head.as_bytes().get(..common) == start.as_bytes().get(..common)
}

/// The entry as the only one of a statement, with stars for variables.
fn compile(entry: &ResourceEntry) -> ResourceTest {
    let template = &entry.template;
    let mut pieces: Vec<Piece> = Vec::new();
    for piece in template.pieces.iter() {
        let text = match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Variable { .. } => "*",
            Piece::Literal(_) => {
                pieces.push(piece.clone());
                continue;
            }
        };
        match pieces.last_mut() {
            Some(Piece::Text(last)) => *last = format!("{last}{text}").into(),
            _ => pieces.push(Piece::Text(text.to_owned().into())),
        }
    }
    let entry = ResourceEntry {
        template: Template {
            source: template.source.clone(),
            pieces: pieces.into(),
        },
        ..entry.clone()
    };
    let statement = Statement {
        sid: None,
        effect: Effect::Allow,
        principal: None,
        action: None,
        resource: Some(Match::In(vec![entry])),
        conditions: Vec::new(),
        open: None,
        span: Span::default(),
    };
    ResourceTest::compile(&statement, PolicyKind::Identity, &CatalogKeyTypes)
}

/// No key has a value: patterns without variables ask for none.
struct Nothing;

impl Lookup for Nothing {
    fn state(&self, _: &KeyName) -> KeyState<'_> {
        KeyState::Absent
    }
}

impl Pattern {
    /// Whether it matches, two bits for each reading; what is certain where ambiguities are reported is so in every reading.
    fn outcomes(&self, text: &str) -> u8 {
        const READINGS: [Ambiguities; 4] = [
            Ambiguities::Report,
            Ambiguities::Guess,
            Ambiguities::Always(true),
            Ambiguities::Always(false),
        ];
        let arena = Arena::new();
        let question = Question::one(text, &arena);
        let value = |reading| {
            let outcome = self.test.matches::<()>(&question, &Nothing, reading);
            match outcome.value {
                Tri::False => 0,
                Tri::True => 1,
                Tri::Unknown => 2,
            }
        };
        match value(Ambiguities::Report) {
            0 => 0,
            1 => 0b0101_0101,
            _ => READINGS
                .into_iter()
                .fold(0, |sum, reading| (sum << 2) | value(reading)),
        }
    }
}
