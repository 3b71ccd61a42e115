//! Printed additions suffice, are minimal and narrow, and can be pasted. Rule: JOB-4, UI-13.
//!
//! A job of any template runs in a world where some of what it needs is missing. Of what its report proposes is held: with all of it
//! in place every requirement is met, but for those that the report names an obstacle for, and there no addition helps; without any one statement, action or
//! resource some requirement is not; nobody may do more than a requirement names; and the documents are ones that AWS takes.

mod clean;
mod draw;
mod hopeless;
mod minimal;
mod narrow;
mod narrow_questions;
mod paste;
mod state;
mod sufficient;

use preclear_simulator::job::{Fix, JobReport, JobRequest, JobVerdict, apply_fixes, simulate};
use preclear_simulator::{Detail, Engine};
use serde_json::Value;

use super::{Failed, Tally};
use crate::choose::Choose;
use crate::scenario::{Asked, Scenario, Violation};
use crate::world::read;

/// What is held of additions. A scenario's seed is the number of the one that fails; zero asks for all.
const ASPECTS: [fn(&Tried) -> Option<Violation>; 5] = [
    clean::violation,
    sufficient::violation,
    hopeless::violation,
    minimal::violation,
    narrow::violation,
];

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let scenario = draw::scenario(choices);
    let tried = Tried::of(&scenario)?;
    tried.count(tally);
    for (number, aspect) in (1..).zip(ASPECTS) {
        if let Some(violation) = aspect(&tried) {
            let scenario = Scenario {
                seed: number,
                ..scenario
            };
            return Err(Failed::of(scenario, violation));
        }
    }
    Ok(())
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let tried = Tried::of(scenario).ok()?;
    let mut aspects = (1..).zip(ASPECTS);
    aspects.find_map(|(number, aspect)| {
        let is_asked = scenario.seed == 0 || scenario.seed == number;
        is_asked.then(|| aspect(&tried)).flatten()
    })
}

/// A job that was simulated, and what comes of it with its additions in place.
struct Tried {
    snapshot: Value,
    document: Value,
    job: JobRequest,
    engine: Engine,
    report: JobReport,
    /// With all additions; the same as before where there are none.
    mended: Engine,
    after: JobReport,
}

impl Tried {
    fn of(scenario: &Scenario) -> Result<Tried, Violation> {
        let Scenario {
            snapshot, request, ..
        } = scenario;
        let engine = read::engine(snapshot)
            .map_err(|errors| Violation::refused("snapshot", snapshot, &errors))?;
        let job =
            read::job(request).map_err(|errors| Violation::refused("job", request, &errors))?;
        let report = simulate(&engine, &job, Detail::Reasons);
        let mended = Engine::compile(apply_fixes(engine.snapshot(), &report.fixes));
        let after = simulate(&mended, &job, Detail::Reasons);
        Ok(Tried {
            snapshot: snapshot.clone(),
            document: request.clone(),
            job,
            engine,
            report,
            mended,
            after,
        })
    }

    fn count(&self, tally: &mut Tally) {
        tally.worlds += 1;
        tally.checks += self.report.fixes.len() as u64;
        tally.count_job(self.report.verdict, self.after.verdict);
        let rows = self.report.requirements.iter();
        for part in rows.flat_map(|row| &row.parts) {
            tally.count(self.job.mode, part.result.verdict);
        }
    }

    /// The report of the same job where only these additions were made.
    fn with(&self, fixes: &[Fix]) -> JobReport {
        let engine = Engine::compile(apply_fixes(self.engine.snapshot(), fixes));
        simulate(&engine, &self.job, Detail::Reasons)
    }

    /// The job where these additions were pasted, with the verdict that it should have.
    fn shown(&self, fixes: &[Fix], name: &'static str, expected: JobVerdict) -> Asked {
        Asked {
            snapshot: paste::into(&self.snapshot, fixes),
            request: self.document.clone(),
            name,
            expected: expected.name(),
        }
    }

    /// A violation with the job, as it is and as it should become.
    fn violation(&self, message: String, asked: Asked) -> Violation {
        let fixes: Vec<String> = self.report.fixes.iter().map(told).collect();
        let obstacles = self.report.obstacles.join("\n  ");
        let message = format!(
            "{message}\n  verdict {}, with the additions {}\n  {}\n  {obstacles}",
            self.report.verdict,
            self.after.verdict,
            fixes.join("\n  "),
        );
        let as_it_is = self.shown(&[], "as it is", self.report.verdict);
        Violation::new(message).shown_by(vec![as_it_is, asked])
    }
}

/// An addition in a line.
fn told(fix: &Fix) -> String {
    format!(
        "{}: {} ({})",
        fix.target,
        fix.statement,
        fix.serves.join(", ")
    )
}
