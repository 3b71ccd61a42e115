//! What must hold of every answer, each as something that can be tried on choices from anywhere.

pub mod agreement;
mod batch;
pub(crate) mod completed;
mod dependencies;
mod determinism;
mod fixes;
mod given;
mod lines;
mod matrix;
mod monotony;
mod open_statements;
mod operability;
mod order;
pub mod reference;
mod soundness;
mod who_can;

use std::fmt;

use preclear_simulator::job::JobVerdict;
use preclear_simulator::{AmbiguityMode, ContextMode, Engine, Request, Verdict};
use serde_json::Value;

use crate::choose::Choose;
use crate::minimize::minimize;
use crate::scenario::{Read, Scenario, Violation};
use crate::world::mentioned::Mentioned;
use crate::world::{self, Ground, read};

/// A property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// A definite answer survives every completion. Rule: IAM-TRI-6.
    Soundness,
    /// `decide` and `explain` agree.
    Agreement,
    /// Order says nothing, nor how statements are spread over policies. Rule: IAM-EVAL-2.
    Order,
    /// With a Deny no more is allowed than without it, with an Allow or a grant no less, and no grant changes an explicit
    /// deny. Rule: IAM-EVAL-3, KMS-GRANT-1, KMS-GRANT-10.
    Monotony,
    /// The state of a key never changes a decision. Rule: KMS-STATE-1.
    Operability,
    /// An undecided answer depends on something, and all of it is open. Rule: IAM-TRI-9.
    Dependencies,
    /// The same question has the same answer, to the last word. Rule: IAM-RSN-1.
    Determinism,
    /// The engine answers as the reference evaluator does. Rule: IAM-EVAL-26, KMS-DEC-0.
    Reference,
    /// Many requests at once have the answers of each by itself, on any number of threads.
    Batch,
    /// Every cell of a matrix is the decision of its request.
    Matrix,
    /// Who can tells each listed caller's own answer, and the kind of everybody else who gets in. Rule: UI-20.
    WhoCan,
    /// Lines of requests, read and decided one after another, have the answers of each alone.
    Lines,
    /// What a job's report proposes suffices, is minimal and narrow, and can be pasted. Rule: JOB-4, UI-13.
    Fixes,
    /// A statement of which a part is not determined leaves open what hangs on it, and nothing else. Rule: IAM-TRI-6, IAM-TRI-7.
    OpenStatements,
}

impl Property {
    /// All properties.
    pub const ALL: [Property; 14] = [
        Property::Soundness,
        Property::Agreement,
        Property::Order,
        Property::Monotony,
        Property::Operability,
        Property::Dependencies,
        Property::Determinism,
        Property::Reference,
        Property::Batch,
        Property::Matrix,
        Property::WhoCan,
        Property::Lines,
        Property::Fixes,
        Property::OpenStatements,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Property::Soundness => "soundness",
            Property::Agreement => "agreement",
            Property::Order => "order",
            Property::Monotony => "monotony",
            Property::Operability => "operability",
            Property::Dependencies => "dependencies",
            Property::Determinism => "determinism",
            Property::Reference => "reference",
            Property::Batch => "batch",
            Property::Matrix => "matrix",
            Property::WhoCan => "who-can",
            Property::Lines => "lines",
            Property::Fixes => "fixes",
            Property::OpenStatements => "open-statements",
        }
    }

    /// The property of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Property> {
        Property::ALL
            .into_iter()
            .find(|property| property.name() == name)
    }

    /// What is counted.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Property::Soundness => "completions",
            Property::Agreement
            | Property::Determinism
            | Property::Operability
            | Property::Reference
            | Property::Batch => "requests",
            Property::Matrix => "cells",
            Property::WhoCan => "callers",
            Property::Lines => "lines",
            Property::Fixes => "additions",
            Property::OpenStatements => "replacements",
            Property::Order | Property::Monotony => "pairs of worlds",
            Property::Dependencies => "undecided answers",
        }
    }

    /// Tries the property on one world.
    ///
    /// # Errors
    ///
    /// How it fails, made small.
    pub fn check(self, choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Counterexample> {
        self.run(choices, tally)
            .map_err(|failed| self.shown(*failed))
    }

    /// A failure, made small if there is something to make small.
    fn shown(self, failed: Failed) -> Counterexample {
        match failed.scenario {
            Some(scenario) => self.minimized(&scenario, failed.violation),
            None => Counterexample {
                property: self,
                violation: failed.violation,
            },
        }
    }

    /// The same, but takes a failure as it comes.
    ///
    /// # Errors
    ///
    /// How it fails.
    pub fn try_once(self, choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Violation> {
        self.run(choices, tally).map_err(|failed| failed.violation)
    }

    fn run(self, choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
        match self {
            Property::Soundness => soundness::check(choices, tally),
            Property::Agreement => agreement::check(choices, tally),
            Property::Order => order::check(choices, tally),
            Property::Monotony => monotony::check(choices, tally),
            Property::Operability => operability::check(choices, tally),
            Property::Dependencies => dependencies::check(choices, tally),
            Property::Determinism => determinism::check(choices, tally),
            Property::Reference => reference::check(choices, tally),
            Property::Batch => batch::check(choices, tally),
            Property::Matrix => matrix::check(choices, tally),
            Property::WhoCan => who_can::check(choices, tally),
            Property::Lines => lines::check(choices, tally),
            Property::Fixes => fixes::check(choices, tally),
            Property::OpenStatements => open_statements::check(choices, tally),
        }
    }

    /// Looks for a violation in one scenario.
    fn violation(self, scenario: &Scenario) -> Option<Violation> {
        match self {
            Property::Soundness => soundness::violation(scenario),
            Property::Agreement => agreement::violation(scenario),
            Property::Order => order::violation(scenario),
            Property::Monotony => monotony::violation(scenario),
            Property::Operability => operability::violation(scenario),
            Property::Dependencies => dependencies::violation(scenario),
            Property::Determinism => determinism::violation(scenario),
            Property::Reference => reference::violation(scenario),
            Property::Batch => batch::violation(scenario),
            Property::Matrix => matrix::violation(scenario),
            Property::WhoCan => who_can::violation(scenario),
            Property::Lines => lines::violation(scenario),
            Property::Fixes => fixes::violation(scenario),
            Property::OpenStatements => open_statements::violation(scenario),
        }
    }

    fn minimized(self, scenario: &Scenario, found: Violation) -> Counterexample {
        // What cannot be asked at all is another failure, if it is one.
        let is_askable = |scenario: &Scenario| {
            let read = Read::of(&scenario.snapshot, &scenario.request);
            read.is_some_and(|read| read.verdict() != Verdict::Invalid)
        };
        let must_ask = is_askable(scenario);
        let small = minimize(scenario, |scenario| {
            self.violation(scenario).is_some() && (!must_ask || is_askable(scenario))
        });
        Counterexample {
            property: self,
            violation: self.violation(&small).unwrap_or(found),
        }
    }
}

/// A property that does not hold, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterexample {
    /// The property.
    pub property: Property,
    /// How it fails.
    pub violation: Violation,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.property.name(), self.violation.message)?;
        for file in self.violation.test_files() {
            write!(f, "\n{file:#}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Counterexample {}

/// A failure as it was met.
#[derive(Debug)]
struct Failed {
    /// What to make small; `None` where the generator itself failed.
    scenario: Option<Scenario>,
    violation: Violation,
}

impl Failed {
    fn of(scenario: Scenario, violation: Violation) -> Box<Failed> {
        Box::new(Failed {
            scenario: Some(scenario),
            violation,
        })
    }
}

impl From<Violation> for Box<Failed> {
    fn from(violation: Violation) -> Self {
        Box::new(Failed {
            scenario: None,
            violation,
        })
    }
}

/// Name of a mode in files.
fn mode_name(mode: ContextMode) -> &'static str {
    match mode {
        ContextMode::Open => "open",
        ContextMode::Closed => "closed",
    }
}

/// Name of a reading of ambiguities in files.
fn ambiguity_name(ambiguity: AmbiguityMode) -> &'static str {
    match ambiguity {
        AmbiguityMode::Report => "report",
        AmbiguityMode::Guess => "guess",
        AmbiguityMode::Failsafe => "failsafe",
    }
}

/// What was tried, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Worlds made.
    pub worlds: u64,
    /// Requests asked.
    pub requests: u64,
    /// Things tried, in the unit of the property.
    pub checks: u64,
    /// Answers by mode: open, closed.
    verdicts: [[u64; 6]; 2],
    /// Jobs by verdict: as they are, and with what their reports propose.
    jobs: [[u64; 6]; 2],
}

/// The verdicts, in the order of tallies.
const VERDICTS: [Verdict; 6] = [
    Verdict::Allow,
    Verdict::ExplicitDeny,
    Verdict::ImplicitDeny,
    Verdict::Depends,
    Verdict::NotApplicable,
    Verdict::Invalid,
];

/// The verdicts of jobs, in the order of tallies.
const JOB_VERDICTS: [JobVerdict; 6] = [
    JobVerdict::Invalid,
    JobVerdict::Denied,
    JobVerdict::Inoperable,
    JobVerdict::Undecided,
    JobVerdict::Gaps,
    JobVerdict::Allowed,
];

impl Tally {
    /// Counts a job by its verdict as it is, and with what its report proposes.
    fn count_job(&mut self, before: JobVerdict, after: JobVerdict) {
        for (counted, verdict) in self.jobs.iter_mut().zip([before, after]) {
            let at = JOB_VERDICTS.iter().position(|known| *known == verdict);
            if let Some(count) = at.and_then(|at| counted.get_mut(at)) {
                *count += 1;
            }
        }
    }

    /// How many jobs had each verdict as they were, and with what their reports proposed.
    pub fn jobs(&self) -> impl Iterator<Item = (JobVerdict, [u64; 2])> {
        let [before, after] = self.jobs;
        let counts = before.into_iter().zip(after);
        let counts = counts.map(|(before, after)| [before, after]);
        JOB_VERDICTS.into_iter().zip(counts)
    }

    fn count(&mut self, mode: ContextMode, verdict: Verdict) {
        self.requests += 1;
        let mode = usize::from(mode == ContextMode::Closed);
        let verdict = VERDICTS.iter().position(|known| *known == verdict);
        if let Some(counted) = self.verdicts.get_mut(mode)
            && let Some(count) = verdict.and_then(|at| counted.get_mut(at))
        {
            *count += 1;
        }
    }

    /// Counts many answers of one verdict.
    fn add_cells(&mut self, mode: ContextMode, verdict: Verdict, count: u64) {
        self.requests += count;
        let at = VERDICTS.iter().position(|known| *known == verdict);
        let counted = self
            .verdicts
            .get_mut(usize::from(mode == ContextMode::Closed));
        if let Some(own) = counted
            .zip(at)
            .and_then(|(counted, at)| counted.get_mut(at))
        {
            *own += count;
        }
    }

    /// How often each verdict was given in a mode.
    pub fn verdicts(&self, mode: ContextMode) -> impl Iterator<Item = (Verdict, u64)> {
        let counted = self.verdicts[usize::from(mode == ContextMode::Closed)];
        VERDICTS.into_iter().zip(counted)
    }

    /// Adds what another thread counted.
    pub fn add(&mut self, other: &Tally) {
        self.worlds += other.worlds;
        self.requests += other.requests;
        self.checks += other.checks;
        let counted = self.verdicts.iter_mut().zip(other.verdicts);
        let jobs = self.jobs.iter_mut().zip(other.jobs);
        for (own, others) in counted.chain(jobs) {
            for (own, other) in own.iter_mut().zip(others) {
                *own += other;
            }
        }
    }
}

/// A generated world, compiled.
#[derive(Debug)]
struct World {
    document: Value,
    engine: Engine,
    ground: Ground,
}

impl World {
    fn draw(choices: &mut impl Choose, tally: &mut Tally) -> Result<World, Box<Failed>> {
        let document = world::snapshot(choices);
        let ground = Ground::of(&document);
        let world = World::of(document, tally)?;
        Ok(World { ground, ..world })
    }

    /// The world of a snapshot file, for requests that somebody else makes.
    fn of(document: Value, tally: &mut Tally) -> Result<World, Box<Failed>> {
        let engine = read::engine(&document)
            .map_err(|errors| Violation::refused("snapshot", &document, &errors))?;
        tally.worlds += 1;
        Ok(World {
            document,
            engine,
            ground: Ground::default(),
        })
    }

    /// A request about the world.
    fn request(&self, choices: &mut impl Choose) -> Result<(Value, Request), Box<Failed>> {
        let document = world::request_on(choices, &self.document, &self.ground);
        let request = read::request(&document)
            .map_err(|errors| Violation::refused("request", &document, &errors))?;
        Ok((document, request))
    }

    /// What policies of the world and of the request speak of.
    fn mentioned(&self, request: &Value) -> Mentioned {
        Mentioned::of(&[&self.document, request])
    }
}
