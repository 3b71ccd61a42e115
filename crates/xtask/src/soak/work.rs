//! Tries one property on all the worlds, on several threads.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use preclear_harness::choose::{Exhaustive, Seeded};
use preclear_harness::property::{Counterexample, Property, Tally};
use preclear_harness::world::small;

use super::Options;
use super::worlds::{Name, Sequence, Task, Worlds};

/// How much is tried of what the issue of a release asks for, and of the rest.
const COUNT: u64 = 1_000_000;
const COUNT_OF_OTHERS: u64 = 200_000;
/// Of additions to policies: each is left out, in pieces too, and asked about over the catalogue.
const COUNT_OF_FIXES: u64 = 20_000;
/// Failures that are kept to be shown.
const SHOWN_MAX: usize = 20;

/// What became of one property.
pub(super) struct Soak {
    pub(super) property: Property,
    pub(super) tally: Tally,
    pub(super) time: Duration,
    pub(super) threads: usize,
    pub(super) strength: usize,
    /// The first failures.
    pub(super) failed: Vec<FailedWorld>,
    /// All failures.
    pub(super) failures: u64,
}

/// A world for which the property does not hold.
pub(super) struct FailedWorld {
    pub(super) name: Name,
    pub(super) told: String,
    /// Test files that show it.
    pub(super) files: Vec<String>,
}

impl Soak {
    pub(super) fn of(property: Property, options: &Options) -> Soak {
        let threads = options
            .threads
            .or_else(|| thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get);
        let usual = match property {
            Property::Soundness | Property::Agreement => COUNT,
            Property::Fixes => COUNT_OF_FIXES,
            _ => COUNT_OF_OTHERS,
        };
        let counts = options.worlds.is_none() && !options.small;
        let shared = Shared {
            property,
            worlds: Worlds::of(options),
            wanted: if counts {
                options.count.unwrap_or(usual)
            } else {
                u64::MAX
            },
            keeps_going: options.keep_going,
            done: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        };
        let start = Instant::now();
        let parts: Vec<Part> = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|_| scope.spawn(|| shared.work()))
                .collect();
            let joined = workers.into_iter().filter_map(|worker| worker.join().ok());
            joined.collect()
        });
        let mut soak = Soak {
            property,
            tally: Tally::default(),
            time: start.elapsed(),
            threads,
            strength: shared.worlds.strength(),
            failed: Vec::new(),
            failures: 0,
        };
        for part in parts {
            soak.tally.add(&part.tally);
            soak.failed.extend(part.failed);
            soak.failures += part.failures;
        }
        soak.failed.sort_by(|one, other| one.name.cmp(&other.name));
        soak.failed
            .truncate(if options.keep_going { SHOWN_MAX } else { 1 });
        soak
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failures > 0
    }
}

/// What one thread did.
#[derive(Default)]
struct Part {
    tally: Tally,
    failed: Vec<FailedWorld>,
    failures: u64,
}

/// What the threads of one soak share.
struct Shared {
    property: Property,
    worlds: Worlds,
    wanted: u64,
    keeps_going: bool,
    done: AtomicU64,
    is_over: AtomicBool,
}

impl Shared {
    /// Takes world after world until enough was tried or one fails.
    fn work(&self) -> Part {
        let mut part = Part::default();
        while self.goes_on() {
            match self.worlds.next() {
                None => break,
                Some(Task::Seed(seed)) => self.tried(&mut part, Name::Seed(seed), |tally| {
                    self.property.check(&mut Seeded::new(seed), tally)
                }),
                Some(Task::Piece(piece)) => self.walk(&mut part, piece),
            }
        }
        part
    }

    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed) && self.done.load(Ordering::Relaxed) < self.wanted
    }

    /// Tries every world of a piece of the small family.
    fn walk(&self, part: &mut Part, mut piece: Exhaustive) {
        let strength = self.worlds.strength();
        loop {
            piece.begin();
            let world = small::world(&mut piece, strength);
            let name = Name::Small(Sequence(piece.sequence()));
            self.tried(part, name, |tally| self.property.check_small(&world, tally));
            if !self.goes_on() || !piece.advance() {
                return;
            }
        }
    }

    /// Tries one world. Nothing may panic, so that is a finding as well.
    fn tried(
        &self,
        part: &mut Part,
        name: Name,
        check: impl FnOnce(&mut Tally) -> Result<(), Counterexample>,
    ) {
        let mut tally = Tally::default();
        let tried = catch_unwind(AssertUnwindSafe(|| check(&mut tally)));
        self.done.fetch_add(tally.checks, Ordering::Relaxed);
        part.tally.add(&tally);
        let (told, files) = match tried {
            Ok(Ok(())) => return,
            Ok(Err(found)) => {
                let files = found.violation.test_files();
                let files = files.iter().map(|file| format!("{file:#}\n"));
                (found.violation.message.clone(), files.collect())
            }
            Err(_) => ("a panic, whose message stands above".to_owned(), Vec::new()),
        };
        part.failures += 1;
        part.failed.push(FailedWorld { name, told, files });
        if !self.keeps_going {
            self.is_over.store(true, Ordering::Relaxed);
        } else if part.failed.len() > 2 * SHOWN_MAX {
            part.failed.sort_by(|one, other| one.name.cmp(&other.name));
            part.failed.truncate(SHOWN_MAX);
        }
    }
}
