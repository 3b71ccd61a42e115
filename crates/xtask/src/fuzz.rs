//! `cargo xtask fuzz`: runs the fuzzer on each target for some time, and says how far it came.
//!
//! Needs cargo-fuzz. What a target asks is not known here; its inputs lie in folders of its name.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use preclear_harness::fuzz::Target;

use crate::Done;
use crate::failure::{Failure, While as _};
use crate::repository;

/// Seconds that one input may take.
const INPUT_SECONDS_MAX: u32 = 20;

/// Options of `cargo xtask fuzz`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Run this target only; may be given more than once.
    #[arg(long, value_name = "NAME", value_parser = target)]
    target: Vec<Target>,
    /// Seconds for each target.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u32,
}

fn target(name: &str) -> Result<Target, String> {
    Target::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Target::ALL.into_iter().map(Target::name).collect();
        format!("there is no such target; known are {}", known.join(", "))
    })
}

/// Fuzzes the targets, one after the other; fails on findings.
pub(crate) fn run(options: &Options) -> Result<Done, Failure> {
    let root = repository::root()?;
    let chosen = match options.target.as_slice() {
        [] => &Target::ALL[..],
        chosen => chosen,
    };
    let mut report = format!(
        "{:<10} {:>12} {:>8} {:>8} {:>9} {:>7}\n",
        "target", "executions", "per s", "edges", "features", "corpus"
    );
    let mut failed = Vec::new();
    for target in chosen {
        let run = Run::of(&root, *target, options.seconds)?;
        report.push_str(&run.text());
        if !run.is_clean {
            failed.push(target.name());
        }
    }
    let failure = Failure::new(format!("something was found by: {}", failed.join(", ")));
    Ok(Done {
        report,
        failure: (!failed.is_empty()).then_some(failure),
    })
}

/// A run of one target.
struct Run {
    target: Target,
    is_clean: bool,
    log: PathBuf,
    told: Told,
}

/// What the fuzzer says of a run.
#[derive(Debug, PartialEq, Eq, Default)]
struct Told {
    executions: u64,
    per_second: u64,
    /// Edges of the program that were taken.
    edges: u64,
    /// The same, with how often.
    features: u64,
    /// Inputs that were worth keeping.
    corpus: String,
}

impl Run {
    fn of(root: &Path, target: Target, seconds: u32) -> Result<Run, Failure> {
        let logs = root.join("target").join("fuzz");
        fs::create_dir_all(&logs).failing_to(|| format!("make `{}`", logs.display()))?;
        let log = logs.join(format!("{}.log", target.name()));
        let file = File::create(&log).failing_to(|| format!("write `{}`", log.display()))?;
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .current_dir(root)
            .args(["fuzz", "run", "--sanitizer", "none", target.name()])
            .args(folders(root, target)?)
            .arg("--")
            .args(settings(root, target, seconds))
            .stderr(file)
            .status()
            .failing_to(|| "run `cargo fuzz`: is cargo-fuzz installed?".to_owned())?;
        let text = fs::read(&log).failing_to(|| format!("read `{}`", log.display()))?;
        let text = String::from_utf8_lossy(&text);
        if !text.contains("INITED") {
            let log = log.display();
            return Err(Failure::new(format!(
                "`{}` did not start: see `{log}`",
                target.name()
            )));
        }
        let has_found = text.contains("Test unit written to");
        if !status.success() && !has_found {
            let (name, log) = (target.name(), log.display());
            return Err(Failure::new(format!(
                "`{name}` was broken off: see `{log}`"
            )));
        }
        Ok(Run {
            target,
            is_clean: !has_found,
            told: Told::read(&text),
            log,
        })
    }

    fn text(&self) -> String {
        let Told {
            executions,
            per_second,
            edges,
            features,
            corpus,
        } = &self.told;
        let name = self.target.name();
        let mut text = format!(
            "{name:<10} {executions:>12} {per_second:>8} {edges:>8} {features:>9} {corpus:>7}\n"
        );
        if !self.is_clean {
            let log = self.log.display();
            text.push_str(&format!(
                "FOUND by {name}: see `{log}` and `fuzz/artifacts/{name}`\n"
            ));
        }
        text
    }
}

/// What the run starts from: its own corpus, which grows, what is kept with the sources, and what was wrong once.
fn folders(root: &Path, target: Target) -> Result<Vec<PathBuf>, Failure> {
    let folder = |kind: &str| root.join("fuzz").join(kind).join(target.name());
    let corpus = folder("corpus");
    fs::create_dir_all(&corpus).failing_to(|| format!("make `{}`", corpus.display()))?;
    let mut folders = vec![corpus, folder("seeds")];
    folders.extend(Some(folder("regressions")).filter(|folder| folder.is_dir()));
    Ok(folders)
}

/// Options of the fuzzer itself.
fn settings(root: &Path, target: Target, seconds: u32) -> Vec<OsString> {
    let mut settings: Vec<OsString> = vec![
        format!("-max_total_time={seconds}").into(),
        format!("-max_len={}", target.bytes_max()).into(),
        format!("-timeout={INPUT_SECONDS_MAX}").into(),
        // What is slow, but in time, is nothing found: the reference is slow.
        format!("-report_slow_units={INPUT_SECONDS_MAX}").into(),
        "-print_final_stats=1".into(),
    ];
    let words = root
        .join("fuzz/dictionaries")
        .join(format!("{}.dict", target.name()));
    if words.is_file() {
        let mut dictionary = OsString::from("-dict=");
        dictionary.push(words);
        settings.push(dictionary);
    }
    settings
}

impl Told {
    /// Reads the last status line and the numbers at the end.
    fn read(log: &str) -> Told {
        let mut lines = log.lines().rev();
        let status = lines.find(|line| line.starts_with('#') && line.contains(" cov: "));
        let behind = |name: &str| {
            let mut words = status.unwrap_or_default().split_whitespace();
            words.find(|word| *word == name)?;
            words.next()
        };
        let number =
            |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or_default();
        let counted = |name: &str| {
            let line = log.lines().rev().find(|line| line.starts_with(name));
            number(line.and_then(|line| line.split_whitespace().last()))
        };
        let corpus = behind("corp:").unwrap_or_default();
        Told {
            executions: counted("stat::number_of_executed_units:"),
            per_second: counted("stat::average_exec_per_sec:"),
            edges: number(behind("cov:")),
            features: number(behind("ft:")),
            corpus: corpus.split('/').next().unwrap_or_default().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_status_line_counts() {
        let log = "#2\tINITED cov: 12 ft: 13 corp: 1/1b exec/s: 0 rss: 30Mb\n\
            #900\tNEW    cov: 120 ft: 340 corp: 57/8123b lim: 256 exec/s: 450 rss: 31Mb L: 9/40 MS: 1 CopyPart-\n\
            Done 1000 runs in 2 second(s)\n\
            stat::number_of_executed_units: 1000\n\
            stat::average_exec_per_sec:     500\n";
        let told = Told {
            executions: 1000,
            per_second: 500,
            edges: 120,
            features: 340,
            corpus: "57".to_owned(),
        };
        assert_eq!(Told::read(log), told);
        assert_eq!(Told::read(""), Told::default());
    }
}
