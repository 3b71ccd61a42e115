//! Whole jobs. Rule: UI-13.

use std::collections::BTreeMap;
use std::path::Path;

use preclear_inputs::{Options, Params};
use preclear_simulator::job::{self, Fix, JobReport, JobRequest};
use preclear_simulator::{Detail, Engine};
use serde_json::Value;

use super::fix_out;
use super::job_input::{self, JobFile};
use crate::args::{Format, SimulateArgs};
use crate::exit::ExitCode;
use crate::failure::Failure;
use crate::question::world;
use crate::render::{json, text};
use crate::run::Run;

/// Answers the jobs of all files.
pub(super) fn run(args: &SimulateArgs, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    if args.world.read.snapshot.is_empty() {
        return Err(Failure::usage(
            "a job needs `--snapshot PATH`: it touches more than policy files given one by one say",
        ));
    }
    if args.question.request.is_some() || args.question.asked.action.is_some() {
        return Err(Failure::usage(
            "`--job` asks another question than `--request` and `--action`: give one of them",
        ));
    }
    // The operation is the job's: it may be a template's id.
    let mut question = args.question.clone();
    question.asked.operation = None;
    let mut overrides = super::overrides(&question, run)?;
    overrides.refuse_for_job()?;
    let mut of_caller = world::session_policies(
        &args.question.circumstances.session_policy,
        &world::options(&args.world.read),
        run,
    )?;
    overrides.add_session(&mut of_caller);
    let templates = preclear_inputs::job::templates(&args.job.template, &run.disk);
    let templates = run.accept(templates)?;
    let mut engines = Engines::default();
    let files: Vec<JobFile> = args
        .job
        .job
        .iter()
        .map(|path| job_input::read(args, &overrides, &templates, path, &mut engines, run))
        .collect::<Result<_, _>>()?;

    let mut answers: Vec<Answer> = Vec::new();
    for file in &files {
        let engine = engines.get(args, &file.params, run)?;
        for job in &file.jobs {
            let report = job::simulate(engines.at(engine)?, job, args.detail());
            answers.push(Answer {
                job,
                engine,
                report,
            });
        }
    }
    let codes = answers
        .iter()
        .map(|answer| args.exit_rules().job(&answer.report));
    let code = codes.fold(ExitCode::Success, ExitCode::worse);

    let mut mended = Mended::of(args, &engines, &answers)?;
    // What cannot be written does not cost the answer.
    let written = mended.write();
    let mut printer = Printer {
        format: args.output.format,
        is_list: is_list(&files),
        values: Vec::new(),
        count: 0,
    };
    for answer in &answers {
        printer.add(&answer.report, &mended.additions(args, answer), run)?;
    }
    let summary = match &args.job.fix_out {
        Some(directory) if written.is_ok() => mended.summary(directory),
        _ => None,
    };
    printer.finish(summary.as_ref(), run)?;
    written?;
    Ok(code)
}

fn is_list(files: &[JobFile]) -> bool {
    files.iter().map(|file| file.jobs.len()).sum::<usize>() != 1
}

/// The snapshot, compiled once for each set of placeholder values.
#[derive(Default)]
pub(super) struct Engines {
    by_params: Vec<(Params, Engine)>,
}

impl Engines {
    pub(super) fn get(
        &mut self,
        args: &SimulateArgs,
        params: &Params,
        run: &mut Run<'_, '_>,
    ) -> Result<usize, Failure> {
        let known = self.by_params.iter().position(|(own, _)| own == params);
        if let Some(index) = known {
            return Ok(index);
        }
        let options = Options {
            params: params.clone(),
            ..world::options(&args.world.read)
        };
        let snapshot = world::snapshot(&args.world.read, &options, run)?;
        self.by_params
            .push((params.clone(), Engine::compile(snapshot)));
        Ok(self.by_params.len() - 1)
    }

    pub(super) fn at(&self, index: usize) -> Result<&Engine, Failure> {
        let found = self.by_params.get(index).map(|(_, engine)| engine);
        found.ok_or_else(|| Failure::usage("there is no snapshot"))
    }
}

/// The answer about one job.
struct Answer<'j> {
    job: &'j JobRequest,
    /// Which of the engines it is of.
    engine: usize,
    report: JobReport,
}

/// The snapshots with the additions of all their jobs: documents for one job alone would undo those for another.
#[derive(Default)]
struct Mended {
    by_engine: BTreeMap<usize, Engine>,
    documents: Vec<(usize, fix_out::Document)>,
    is_written: bool,
    is_shared: bool,
}

impl Mended {
    /// The additions of all answers in place, where `--fix` or `--fix-out` ask for them.
    fn of(args: &SimulateArgs, engines: &Engines, answers: &[Answer<'_>]) -> Result<Self, Failure> {
        let mut mended = Self {
            is_shared: answers.len() > 1,
            ..Self::default()
        };
        if !args.job.fix && args.job.fix_out.is_none() {
            return Ok(mended);
        }
        let mut fixes: BTreeMap<usize, Vec<&[Fix]>> = BTreeMap::new();
        for answer in answers {
            if !answer.report.fixes.is_empty() {
                let own = fixes.entry(answer.engine).or_default();
                own.push(&answer.report.fixes);
            }
        }
        let several = fixes.len() > 1;
        for (index, fixes) in fixes {
            let fixes = job::merged_fixes(fixes);
            let snapshot = engines.at(index)?.snapshot();
            if let Some(directory) = &args.job.fix_out {
                // Placeholders that have other values make another snapshot.
                let directory = match several {
                    true => directory.join(format!("snapshot-{}", index + 1)),
                    false => directory.clone(),
                };
                let documents = fix_out::documents(&directory, snapshot, &fixes);
                let documents = documents.into_iter().map(|document| (index, document));
                mended.documents.extend(documents);
            }
            let engine = Engine::compile(job::apply_fixes(snapshot, &fixes));
            mended.by_engine.insert(index, engine);
        }
        if let Some(directory) = &args.job.fix_out {
            fix_out::check(directory)?;
        }
        Ok(mended)
    }

    /// Writes the documents of `--fix-out`.
    fn write(&mut self) -> Result<(), Failure> {
        fix_out::write(self.documents.iter().map(|(_, document)| document))?;
        self.is_written = true;
        Ok(())
    }

    /// What becomes of a job with all additions.
    fn additions(&self, args: &SimulateArgs, answer: &Answer<'_>) -> text::Additions {
        if !args.job.fix && args.job.fix_out.is_none() {
            return text::Additions::IfDenied;
        }
        let fixes = &answer.report.fixes;
        let engine = self.by_engine.get(&answer.engine);
        let Some(engine) = engine.filter(|_| !fixes.is_empty()) else {
            return text::Additions::AskedFor(None);
        };
        let again = job::simulate(engine, answer.job, Detail::Reasons);
        let own = self.documents.iter().filter(|(index, document)| {
            *index == answer.engine && fixes.iter().any(|fix| fix.target == document.target)
        });
        text::Additions::AskedFor(Some(text::Fixed {
            verdict: again.verdict,
            still_failing: text::failing_ids(&again),
            written: own
                .filter(|_| self.is_written)
                .map(|(_, document)| document.written.clone())
                .collect(),
            is_shared: self.is_shared,
        }))
    }

    /// What `--fix-out` did, as far as no answer says it.
    fn summary(&self, directory: &Path) -> Option<text::Summary> {
        if self.documents.is_empty() {
            return Some(text::Summary::Nothing(directory.to_owned()));
        }
        let documents = self.documents.iter();
        let written = documents.map(|(_, document)| document.written.clone());
        self.is_shared
            .then(|| text::Summary::Written(written.collect()))
    }
}

/// The report with the printed additions in place.
pub(crate) fn simulate_fixed(engine: &Engine, one: &JobRequest, report: &JobReport) -> JobReport {
    let mended = job::apply_fixes(engine.snapshot(), &report.fixes);
    job::simulate(&Engine::compile(mended), one, Detail::Reasons)
}

/// Prints reports as they come; one JSON document holds all of them.
struct Printer {
    format: Format,
    is_list: bool,
    values: Vec<Value>,
    count: usize,
}

impl Printer {
    fn add(
        &mut self,
        report: &JobReport,
        additions: &text::Additions,
        run: &mut Run<'_, '_>,
    ) -> Result<(), Failure> {
        let value = || json::report(report, additions.fixed());
        match self.format {
            Format::Text => {
                let gap = if self.count == 0 { "" } else { "\n\n" };
                let width = run.out.width();
                run.out
                    .write(&format!("{gap}{}", text::job(report, additions, width)))?;
            }
            Format::Json => self.values.push(value()),
            Format::Jsonl => run.out.write_bytes(json::line(&value()).as_bytes())?,
        }
        self.count += 1;
        Ok(())
    }

    fn finish(
        mut self,
        summary: Option<&text::Summary>,
        run: &mut Run<'_, '_>,
    ) -> Result<(), Failure> {
        if self.format == Format::Text
            && let Some(summary) = summary
        {
            let width = run.out.width();
            run.out.write(&text::summary(summary, width))?;
        }
        if self.format != Format::Json {
            return Ok(());
        }
        let document = match self.values.pop() {
            Some(one) if !self.is_list => one,
            last => {
                self.values.extend(last);
                Value::Array(self.values)
            }
        };
        run.out.write_bytes(json::document(&document).as_bytes())?;
        Ok(())
    }
}
