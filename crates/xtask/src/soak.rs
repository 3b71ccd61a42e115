//! `cargo xtask soak`: tries the properties on very many worlds.
//!
//! Each world has a name of its own, so that one which fails can be made again alone: a drawn one its seed, one of the small
//! family its choices.

mod report;
mod rules;
mod work;
mod worlds;

use std::env;
use std::num::NonZeroUsize;
use std::process::Command;

use preclear_harness::property::Property;
use preclear_harness::world::small::STRENGTH;

use self::work::Soak;
use self::worlds::Sequence;
use crate::Done;
use crate::failure::{Failure, While as _};
use crate::repository;

/// Options of `cargo xtask soak`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Try this property only; may be given more than once.
    #[arg(long, value_name = "NAME", value_parser = property)]
    property: Vec<Property>,
    /// Try so much of each: completions, requests, and what else a property counts.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Try so many worlds, whatever comes of them: the same ones for any number of threads.
    #[arg(long, value_name = "N", conflicts_with = "count")]
    worlds: Option<u64>,
    /// Seed of the first world; the next ones count on from it.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Try every world of the small family in place of drawn ones.
    #[arg(long, conflicts_with_all = ["count", "worlds", "seed"])]
    small: bool,
    /// Of the small family, only the worlds whose first choices are these, such as `3.0.12`.
    #[arg(long, value_name = "CHOICES", requires = "small")]
    begin: Option<Sequence>,
    /// Of the small family, the worlds with up to so many features that are not plain.
    #[arg(long, value_name = "N", requires = "small", default_value_t = STRENGTH)]
    strength: usize,
    /// Go on after a failure: count failures, and show the first ones.
    #[arg(long)]
    keep_going: bool,
    /// Say which rules the worlds exercise: of so many of them.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "2000")]
    rules: Option<u64>,
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

/// Tries the properties; fails on counterexamples.
pub(crate) fn run(options: &Options) -> Result<Done, Failure> {
    if cfg!(debug_assertions) {
        return in_release();
    }
    let root = repository::root()?;
    let folder = root.join("target").join("soak");
    let chosen = match options.property.as_slice() {
        [] => &Property::ALL[..],
        chosen => chosen,
    };
    let fits = |property: &&Property| !options.small || property.is_of_one_answer();
    let mut report = String::new();
    let mut failed = Vec::new();
    for property in chosen.iter().filter(fits) {
        let soak = Soak::of(*property, options);
        report.push_str(&soak.text());
        if soak.has_failed() {
            failed.push(property.name());
            report.push_str(&soak.failures(&folder)?);
        }
    }
    if let Some(count) = options.rules {
        report.push_str(&rules::text(options, count));
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
