//! `cargo xtask instructions`: counts the instructions of the stretches that the benchmarks name, and compares.
//!
//! Counts do not depend on how fast a machine is or what else it does. They depend on the compiler, which is pinned, a little
//! on the C library, and on which instructions the processor knows: searching is done with AVX2 where there is AVX2. The counts
//! that the repository holds are for x86-64 with AVX2; elsewhere they are printed and not compared.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Done;
use crate::failure::{Failure, While as _};
use crate::repository;

/// Percent by which a stretch may grow: random seeds of hash maps and another C library stay below.
const TOLERANCE: u64 = 5;

/// Where the counts stand, below the root of the repository.
const FILE: &str = "benches/instructions.txt";

/// What the first lines of that file say.
const HEAD: &str = "\
# Instructions of each stretch of `benches/instructions.rs` on x86-64 with AVX2, counted by callgrind.
# `cargo xtask instructions` compares them, `cargo xtask instructions --update` writes them.
";

/// Options of `cargo xtask instructions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Count only stretches whose names hold this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Write the counts in place of comparing them.
    #[arg(long)]
    update: bool,
}

/// Counts by the name of the stretch.
type Counts = BTreeMap<String, u64>;

/// Counts and compares; fails where a stretch has grown by more than the tolerance.
pub(crate) fn run(options: &Options) -> Result<Done, Failure> {
    let root = repository::root()?;
    let program = Program::build(&root)?;
    let mut counts = Counts::new();
    for name in program.stretches()? {
        if name.contains(&options.only) {
            let count = program.count(&name)?;
            counts.insert(name, count);
        }
    }
    let path = root.join(FILE);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut committed = read(&text)?;
    if options.update {
        if options.only.is_empty() {
            committed.clear();
        }
        committed.extend(counts);
        let text = write(&committed);
        fs::write(&path, text).failing_to(|| format!("write `{FILE}`"))?;
        return Ok(Done::from(format!("`{FILE}` is written")));
    }
    committed.retain(|name, _| name.contains(&options.only));
    let mut comparison = compare(&committed, &counts);
    if !has_avx2() {
        comparison.worse.clear();
        comparison
            .report
            .push_str("not compared: the counts are those of x86-64 with AVX2\n");
    }
    let failure = (!comparison.worse.is_empty()).then(|| {
        Failure::new(format!(
            "more than {TOLERANCE} % off `{FILE}`, or in one of the two alone: {}; where that is meant, \
             `cargo xtask instructions --update` writes the new counts",
            comparison.worse.join(", ")
        ))
    });
    Ok(Done {
        report: comparison.report,
        failure,
    })
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

/// The program that runs one stretch.
struct Program {
    path: PathBuf,
    /// Where callgrind writes.
    out: PathBuf,
}

impl Program {
    /// Builds it as a release is built.
    fn build(root: &Path) -> Result<Program, Failure> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .current_dir(root)
            .args(["build", "--release", "--quiet", "--locked"])
            .args(["--package", "preclear-benches", "--bin", "instructions"])
            .status()
            .failing_to(|| "run `cargo build`".to_owned())?;
        if !status.success() {
            return Err(Failure::new("cannot build the stretches"));
        }
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let release = target.join("release");
        let name = format!("instructions{}", env::consts::EXE_SUFFIX);
        Ok(Program {
            path: release.join(name),
            out: release.join("instructions.callgrind"),
        })
    }

    fn stretches(&self) -> Result<Vec<String>, Failure> {
        let output = Command::new(&self.path).output();
        let output = output.failing_to(|| format!("run `{}`", self.path.display()))?;
        let names = String::from_utf8_lossy(&output.stdout);
        Ok(names.lines().map(str::to_owned).collect())
    }

    /// Instructions of one stretch alone.
    fn count(&self, name: &str) -> Result<u64, Failure> {
        let output = Command::new("valgrind")
            .args(["--quiet", "--tool=callgrind", "--collect-atstart=no"])
            .arg("--toggle-collect=*counted_stretch*")
            .arg(format!("--callgrind-out-file={}", self.out.display()))
            .arg(&self.path)
            .arg(name)
            .output()
            .failing_to(|| "run `valgrind`, which must be installed".to_owned())?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("`{name}` failed: {message}")));
        }
        let profile = fs::read_to_string(&self.out)
            .failing_to(|| format!("read `{}`", self.out.display()))?;
        total(&profile)
            .ok_or_else(|| Failure::new(format!("callgrind counted no instruction of `{name}`")))
    }
}

/// What a profile of callgrind says of all of its run.
fn total(profile: &str) -> Option<u64> {
    let totals = profile.lines().rev();
    let mut totals = totals.filter_map(|line| line.strip_prefix("totals:"));
    totals
        .next()?
        .trim()
        .parse()
        .ok()
        .filter(|total| *total > 0)
}

fn read(text: &str) -> Result<Counts, Failure> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let parts = line.trim_end().rsplit_once(' ');
            parts
                .and_then(|(name, count)| Some((name.trim_end().to_owned(), count.parse().ok()?)))
                .ok_or_else(|| Failure::new(format!("`{FILE}`: `{line}` is no name and count")))
        })
        .collect()
}

fn write(counts: &Counts) -> String {
    let mut text = HEAD.to_owned();
    for (name, count) in counts {
        // Writing to a text does not fail.
        let _ = writeln!(text, "{name:<34} {count:>12}");
    }
    text
}

/// A table, and the stretches that are too far off.
struct Comparison {
    report: String,
    worse: Vec<String>,
}

fn compare(committed: &Counts, counted: &Counts) -> Comparison {
    let mut report = format!("{:<34} {:>12} {:>12}\n", "stretch", "committed", "counted");
    let mut worse = Vec::new();
    let gone = committed.keys().filter(|name| !counted.contains_key(*name));
    for name in gone {
        let _ = writeln!(report, "{name:<34} {:>12} {:>12}", committed[name], "gone");
        worse.push(name.clone());
    }
    for (name, count) in counted {
        let Some(before) = committed.get(name) else {
            let _ = writeln!(report, "{name:<34} {:>12} {count:>12}", "new");
            worse.push(name.clone());
            continue;
        };
        let remark = if *count * 100 > before * (100 + TOLERANCE) {
            worse.push(name.clone());
            "worse"
        } else if *count * (100 + TOLERANCE) < before * 100 {
            "better: `--update` holds on to it"
        } else {
            ""
        };
        let _ = writeln!(report, "{name:<34} {before:>12} {count:>12} {remark}");
    }
    Comparison { report, worse }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> Counts {
        let pairs = pairs.iter();
        pairs
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    }

    #[test]
    fn a_stretch_may_grow_by_the_tolerance_and_no_more() {
        let before = counts(&[("a", 1000), ("b", 1000), ("c", 1000), ("d", 1000)]);
        let after = counts(&[("a", 1050), ("b", 1051), ("c", 900), ("d", 1000)]);
        let comparison = compare(&before, &after);
        assert_eq!(comparison.worse, ["b"]);
        assert!(
            comparison
                .report
                .lines()
                .any(|line| line.starts_with('c') && line.contains("better"))
        );
    }

    #[test]
    fn a_stretch_in_one_place_alone_is_told() {
        let comparison = compare(&counts(&[("gone", 1)]), &counts(&[("new", 1)]));
        assert_eq!(comparison.worse, ["gone", "new"]);
    }

    #[test]
    fn what_is_written_is_read() {
        let written = counts(&[("decide 10x5, all layers", 70_000), ("a", 1)]);
        assert_eq!(read(&write(&written)).ok(), Some(written));
        assert!(read("decide 1x1 many").is_err());
    }

    #[test]
    fn a_profile_without_a_count_is_no_count() {
        assert_eq!(
            total("events: Ir\nsummary: 12\nfn=(1)\ntotals: 12\n"),
            Some(12)
        );
        assert_eq!(total("totals: 0\n"), None);
        assert_eq!(total(""), None);
    }
}
