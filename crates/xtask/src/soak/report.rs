//! What a soak says of one property.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use preclear_harness::property::Tally;
use preclear_simulator::{ContextMode, Verdict};

use super::work::{FailedWorld, Soak};
use crate::failure::{Failure, While as _};

impl Soak {
    pub(super) fn text(&self) -> String {
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
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{:<13} {name}: {}", "", shares(tally.verdicts(mode)));
        }
        if tally.jobs().any(|(_, counts)| counts != [0, 0]) {
            let _ = writeln!(text, "{:<13} jobs: {}", "", jobs(tally));
        }
        text
    }

    /// The counterexamples, which are also written to files that `preclear test` runs.
    pub(super) fn failures(&self, folder: &Path) -> Result<String, Failure> {
        let mut text = String::new();
        for world in &self.failed {
            text.push_str(&self.failure(world, folder)?);
        }
        if self.failures > 1 {
            let _ = writeln!(text, "{} worlds fail", self.failures);
        }
        Ok(text)
    }

    fn failure(&self, world: &FailedWorld, folder: &Path) -> Result<String, Failure> {
        let name = self.property.name();
        let mut text = format!(
            "FAILED {name}: {}\n  again: cargo xtask soak --property {name} {}\n",
            world.told,
            world.name.options(self.strength)
        );
        fs::create_dir_all(folder).failing_to(|| format!("make `{}`", folder.display()))?;
        for (index, file) in world.files.iter().enumerate() {
            let path = folder.join(format!("{name}-{}-{}.json", world.name.slug(), index + 1));
            fs::write(&path, file).failing_to(|| format!("write `{}`", path.display()))?;
            let _ = writeln!(text, "  preclear test {}\n{file}", path.display());
        }
        Ok(text)
    }
}

/// How many jobs had each verdict, as they were and with what was proposed.
fn jobs(tally: &Tally) -> String {
    let counts = tally.jobs();
    let counts = counts.map(|(verdict, [before, after])| format!("{verdict} {before} -> {after}"));
    counts.collect::<Vec<String>>().join(", ")
}

/// How often each verdict was given, in hundredths.
pub(super) fn shares(verdicts: impl Iterator<Item = (Verdict, u64)>) -> String {
    let counted: Vec<(Verdict, u64)> = verdicts.collect();
    let total: u64 = counted.iter().map(|(_, count)| count).sum();
    let shares = counted
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{verdict} {:.1}%", 100.0 * part(count, total)));
    shares.collect::<Vec<String>>().join(", ")
}

pub(super) fn per(count: u64, seconds: f64) -> f64 {
    part(count, 1) / seconds.max(0.001)
}

/// Counts here are far below the numbers that a float cannot hold.
pub(super) fn part(count: u64, total: u64) -> f64 {
    let whole = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    whole(count) / whole(total.max(1))
}
