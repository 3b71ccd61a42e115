//! Which worlds are tried: drawn ones, one after the other, or the small family in pieces.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use preclear_harness::choose::Exhaustive;
use preclear_harness::world::small;

use super::Options;

/// Choices that name a world of the small family, or the beginning of several.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sequence(pub(super) Vec<usize>);

impl FromStr for Sequence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let choices = text.split('.').map(str::parse);
        let choices: Result<Vec<usize>, _> = choices.collect();
        choices
            .map(Sequence)
            .map_err(|_| "choices are numbers with dots between them".to_owned())
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let choices: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&choices.join("."))
    }
}

/// What a world is called, in the order in which worlds are tried.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Seed(u64),
    Small(Sequence),
}

impl Name {
    /// Options that make the world again.
    pub(super) fn options(&self, strength: usize) -> String {
        match self {
            Name::Seed(seed) => format!("--seed {seed} --worlds 1"),
            Name::Small(sequence) => format!("--small --strength {strength} --begin {sequence}"),
        }
    }

    /// A part of a file's name.
    pub(super) fn slug(&self) -> String {
        match self {
            Name::Seed(seed) => seed.to_string(),
            Name::Small(sequence) => format!("small-{sequence}"),
        }
    }
}

/// Choices at the beginning by which the small family is taken to pieces: the places of the statements, and one detail.
const DEPTH: usize = 3;

/// Worlds that threads take one after the other, or piece by piece.
pub(super) enum Worlds {
    /// Seeds from the first to before the last.
    Drawn { next: AtomicU64, end: u64 },
    /// Pieces of the small family.
    Small {
        strength: usize,
        pieces: Vec<Exhaustive>,
        next: AtomicU64,
    },
}

/// What one thread does next.
pub(super) enum Task {
    Seed(u64),
    Piece(Exhaustive),
}

impl Worlds {
    /// All that the options ask for.
    pub(super) fn of(options: &Options) -> Worlds {
        Worlds::first(options, options.worlds.unwrap_or(u64::MAX))
    }

    /// The same, but of drawn ones only so many.
    pub(super) fn first(options: &Options, count: u64) -> Worlds {
        if options.small {
            let strength = options.strength;
            let begin = options.begin.clone().unwrap_or_default();
            let generate = |choices: &mut Exhaustive| small::world(choices, strength);
            let pieces = if begin.0.is_empty() {
                Exhaustive::pieces(DEPTH, generate)
            } else {
                vec![Exhaustive::below_prefix(&begin.0)]
            };
            return Worlds::Small {
                strength,
                pieces,
                next: AtomicU64::new(0),
            };
        }
        Worlds::Drawn {
            next: AtomicU64::new(options.seed),
            end: options.seed.saturating_add(count),
        }
    }

    /// The next task; `None` if there is none left.
    pub(super) fn next(&self) -> Option<Task> {
        match self {
            Worlds::Drawn { next, end } => {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                (seed < *end).then_some(Task::Seed(seed))
            }
            Worlds::Small { pieces, next, .. } => {
                let at = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).ok()?;
                pieces.get(at).cloned().map(Task::Piece)
            }
        }
    }

    pub(super) fn strength(&self) -> usize {
        match self {
            Worlds::Drawn { .. } => 0,
            Worlds::Small { strength, .. } => *strength,
        }
    }
}
