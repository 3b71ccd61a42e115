//! `cargo xtask soak`: tries the properties on very many worlds.
//!
//! Each world has a seed of its own, so that one which fails can be made again alone.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use preclear_harness::choose::Seeded;
use preclear_harness::property::{Property, Tally};
use preclear_simulator::ContextMode;

use crate::Done;
use crate::failure::{Failure, While as _};
use crate::repository;

/// How much is tried of what the issue of a release asks for, and of the rest.
const COUNT: u64 = 1_000_000;
const COUNT_OF_OTHERS: u64 = 200_000;

/// Options of `cargo xtask soak`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Try this property only; may be given more than once.
    #[arg(long, value_name = "NAME", value_parser = property)]
    property: Vec<Property>,
    /// Try so much of each: completions, requests, and what else a property counts.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Seed of the first world; the next ones count on from it.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Threads; left out: one for each processor.
    #[arg(long, value_name = "T")]
    threads: Option<NonZeroUsize>,
}

fn property(name: &str) -> Result<Property, String> {
    Property::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Property::ALL.into_iter().map(Property::name).collect();
        format!("there is no such property; known are {}", known.join(", "))
    })
}

/// Tries the properties; fails on the first counterexample of each.
pub(crate) fn run(options: &Options) -> Result<Done, Failure> {
    if cfg!(debug_assertions) {
        return in_release();
    }
    let root = repository::root()?;
    let folder = root.join("target").join("soak");
    let properties = match options.property.as_slice() {
        [] => &Property::ALL[..],
        chosen => chosen,
    };
    let mut report = String::new();
    let mut failed = Vec::new();
    for property in properties {
        let soak = Soak::of(*property, options);
        report.push_str(&soak.text());
        if let Some(world) = &soak.failed {
            failed.push(property.name());
            report.push_str(&world.text(*property, &folder)?);
        }
    }
    let failure = Failure::new(format!("does not hold: {}", failed.join(", ")));
    Ok(Done {
        report,
        failure: (!failed.is_empty()).then_some(failure),
    })
}

/// Does the same in a release build, which takes a tenth of the time.
fn in_release() -> Result<Done, Failure> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--release", "--quiet", "--package", "xtask", "--"])
        .args(env::args_os().skip(1))
        .status()
        .failing_to(|| "run `cargo run --release --package xtask`".to_owned())?;
    let failure = Failure::new("the soak in the release build failed");
    Ok(Done {
        report: String::new(),
        failure: (!status.success()).then_some(failure),
    })
}

/// What became of one property.
struct Soak {
    property: Property,
    tally: Tally,
    time: Duration,
    threads: usize,
    failed: Option<FailedWorld>,
}

/// A world for which the property does not hold.
struct FailedWorld {
    seed: u64,
    told: String,
    /// Test files that show it.
    files: Vec<String>,
}

impl Soak {
    fn of(property: Property, options: &Options) -> Soak {
        let threads = options
            .threads
            .or_else(|| thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get);
        let wanted = options.count.unwrap_or(match property {
            Property::Soundness | Property::Agreement => COUNT,
            _ => COUNT_OF_OTHERS,
        });
        let shared = Shared {
            property,
            wanted,
            next: AtomicU64::new(options.seed),
            done: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        };
        let start = Instant::now();
        let parts: Vec<(Tally, Option<FailedWorld>)> = thread::scope(|scope| {
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
            failed: None,
        };
        for (tally, failed) in parts {
            soak.tally.add(&tally);
            soak.failed = match (soak.failed, failed) {
                (Some(one), Some(other)) if other.seed < one.seed => Some(other),
                (one, other) => one.or(other),
            };
        }
        soak
    }

    fn text(&self) -> String {
        let Soak {
            property,
            tally,
            time,
            threads,
            ..
        } = self;
        let seconds = time.as_secs_f64();
        let mut text = format!(
            "{:<13} {} {} in {seconds:.1} s, {:.0}/s on {threads} threads; {} worlds, {} requests\n",
            property.name(),
            tally.checks,
            property.unit(),
            per(tally.checks, seconds),
            tally.worlds,
            tally.requests,
        );
        for (name, mode) in [("open", ContextMode::Open), ("closed", ContextMode::Closed)] {
            let total: u64 = tally.verdicts(mode).map(|(_, count)| count).sum();
            let shares: Vec<String> = tally
                .verdicts(mode)
                .filter(|(_, count)| *count > 0)
                .map(|(verdict, count)| format!("{verdict} {:.1}%", 100.0 * part(count, total)))
                .collect();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{:<13} {name}: {}", "", shares.join(", "));
        }
        text
    }
}

fn per(count: u64, seconds: f64) -> f64 {
    part(count, 1) / seconds.max(0.001)
}

/// Counts here are far below the numbers that a float cannot hold.
fn part(count: u64, total: u64) -> f64 {
    let whole = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    whole(count) / whole(total.max(1))
}

/// What the threads of one soak share.
struct Shared {
    property: Property,
    wanted: u64,
    /// Seed of the next world.
    next: AtomicU64,
    done: AtomicU64,
    is_over: AtomicBool,
}

impl Shared {
    /// Takes world after world until enough was tried or one fails.
    fn work(&self) -> (Tally, Option<FailedWorld>) {
        let mut total = Tally::default();
        while !self.is_over.load(Ordering::Relaxed)
            && self.done.load(Ordering::Relaxed) < self.wanted
        {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            let mut tally = Tally::default();
            let failed = self.check(seed, &mut tally);
            self.done.fetch_add(tally.checks, Ordering::Relaxed);
            total.add(&tally);
            if failed.is_some() {
                self.is_over.store(true, Ordering::Relaxed);
                return (total, failed);
            }
        }
        (total, None)
    }

    fn check(&self, seed: u64, tally: &mut Tally) -> Option<FailedWorld> {
        let mut choices = Seeded::new(seed);
        // Nothing may panic, so that is a finding as well.
        let tried = catch_unwind(AssertUnwindSafe(|| {
            self.property.check(&mut choices, tally)
        }));
        match tried {
            Ok(Ok(())) => None,
            Ok(Err(counterexample)) => Some(FailedWorld {
                seed,
                told: counterexample.violation.message.clone(),
                files: counterexample
                    .violation
                    .test_files()
                    .iter()
                    .map(|file| format!("{file:#}\n"))
                    .collect(),
            }),
            Err(_) => Some(FailedWorld {
                seed,
                told: "a panic, whose message stands above".to_owned(),
                files: Vec::new(),
            }),
        }
    }
}

impl FailedWorld {
    /// The counterexample, which is also written to files that `preclear test` runs.
    fn text(&self, property: Property, folder: &Path) -> Result<String, Failure> {
        let (name, seed) = (property.name(), self.seed);
        let mut text = format!(
            "FAILED {name}: {}\n  again: cargo xtask soak --property {name} --seed {seed} --count 1 --threads 1\n",
            self.told
        );
        fs::create_dir_all(folder).failing_to(|| format!("make `{}`", folder.display()))?;
        for (index, file) in self.files.iter().enumerate() {
            let path = folder.join(format!("{name}-{seed}-{}.json", index + 1));
            fs::write(&path, file).failing_to(|| format!("write `{}`", path.display()))?;
            let _ = writeln!(text, "  preclear test {}\n{file}", path.display());
        }
        Ok(text)
    }
}
