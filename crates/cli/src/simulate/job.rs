//! Whole jobs. Rule: UI-13.

use preclear_inputs::{Options, Params};
use preclear_simulator::job::{self, JobReport, JobRequest};
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
    let files: Vec<JobFile> = args
        .job
        .job
        .iter()
        .map(|path| job_input::read(args, &overrides, &templates, path, run))
        .collect::<Result<_, _>>()?;

    let mut printer = Printer {
        format: args.output.format,
        is_list: is_list(&files),
        values: Vec::new(),
        count: 0,
    };
    let mut code = ExitCode::Success;
    let mut engines = Engines::default();
    for file in &files {
        let engine = engines.get(args, &file.params, run)?;
        for one in &file.jobs {
            let report = job::simulate(engine, one, args.detail());
            code = code.worse(args.exit_rules().job(&report));
            // Documents of several jobs would overwrite one another.
            let folder = if printer.is_list {
                format!("job-{}", printer.count + 1)
            } else {
                String::new()
            };
            let additions = additions(args, engine, one, &report, &folder)?;
            printer.add(&report, &additions, run)?;
        }
    }
    printer.finish(run)?;
    Ok(code)
}

fn is_list(files: &[JobFile]) -> bool {
    files.iter().map(|file| file.jobs.len()).sum::<usize>() != 1
}

/// The snapshot, compiled once for each set of placeholder values.
#[derive(Default)]
struct Engines {
    by_params: Vec<(Params, Engine)>,
}

impl Engines {
    fn get(
        &mut self,
        args: &SimulateArgs,
        params: &Params,
        run: &mut Run<'_, '_>,
    ) -> Result<&Engine, Failure> {
        let known = self.by_params.iter().position(|(own, _)| own == params);
        let index = match known {
            Some(index) => index,
            None => {
                let options = Options {
                    params: params.clone(),
                    ..world::options(&args.world.read)
                };
                let snapshot = world::snapshot(&args.world.read, &options, run)?;
                self.by_params
                    .push((params.clone(), Engine::compile(snapshot)));
                self.by_params.len() - 1
            }
        };
        let found = self.by_params.get(index).map(|(_, engine)| engine);
        found.ok_or_else(|| Failure::usage("there is no snapshot"))
    }
}

/// Simulates a job again with its additions, where `--fix` or `--fix-out` ask for it.
fn additions(
    args: &SimulateArgs,
    engine: &Engine,
    one: &JobRequest,
    report: &JobReport,
    folder: &str,
) -> Result<text::Additions, Failure> {
    if !args.job.fix && args.job.fix_out.is_none() {
        return Ok(text::Additions::IfDenied);
    }
    if report.fixes.is_empty() {
        return Ok(text::Additions::AskedFor(None));
    }
    let again = simulate_fixed(engine, one, report);
    let written = match &args.job.fix_out {
        Some(directory) => fix_out::write(&directory.join(folder), engine.snapshot(), report)?,
        None => Vec::new(),
    };
    let still_failing = text::failing_ids(&again);
    Ok(text::Additions::AskedFor(Some(text::Fixed {
        verdict: again.verdict,
        still_failing,
        written,
    })))
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

    fn finish(mut self, run: &mut Run<'_, '_>) -> Result<(), Failure> {
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
