//! `preclear test`: do the expectations of test files hold? Rule: UI-23.

mod check;
mod coverage;
mod expect;
mod find;
mod print;
mod report;

use std::path::Path;

use preclear_inputs::{GivenBy, Options, job, test_file};
use preclear_model::Diagnostics;

use crate::args::TestArgs;
use crate::codes;
use crate::exit::ExitCode;
use crate::failure::Failure;
use crate::run::Run;
use check::{FileResult, Manner, Outcome};
use print::Printer;

/// Runs all test files and prints what does not hold.
pub(crate) fn run(args: &TestArgs, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    let found = find::test_files(&args.paths, &run.disk)?;
    let templates = job::templates(&args.template, &run.disk);
    let templates = run.accept(templates)?;
    let clock = run.clock.clone();
    let manner = Manner {
        ambiguity: args.ambiguity.map(Into::into),
        templates: &templates,
        clock: &clock,
        covers: args.coverage || args.min_coverage.is_some(),
    };
    let mut printer = Printer::new(args, found.left_alone);
    let mut code = ExitCode::Success;
    for path in &found.tests {
        match file(&manner, path, run) {
            Ok(result) => {
                code = code.worse(exit_code(&result, args.exit_zero));
                printer.add(result, run.out)?;
            }
            // A file that cannot be used says nothing about the others.
            Err(Failure::Input(errors)) => {
                printer.unusable(&path.display().to_string(), &errors, run.out)?;
                Failure::Input(errors).report(run.err)?;
                code = code.worse(ExitCode::Unusable);
            }
            Err(failure) => return Err(failure),
        }
        if run.out.reader_is_gone() {
            break;
        }
    }
    let covered = printer.finish(run)?;
    if args
        .min_coverage
        .is_some_and(|least| covered < usize::from(least))
        && !args.exit_zero
    {
        code = code.worse(ExitCode::Failure);
    }
    Ok(code)
}

fn file(manner: &Manner<'_>, path: &Path, run: &mut Run<'_, '_>) -> Result<FileResult, Failure> {
    let mut options = Options::default();
    options.params.given_by = GivenBy::TestFile;
    options.codes = codes::all();
    let loaded = test_file::read(path, &run.disk, &options);
    let file = run.accept(loaded)?;
    match &file.snapshot {
        Ok(snapshot) => run.warn(&snapshot.diagnostics)?,
        // What is not there was not refused: no test can say anything about it.
        Err(errors) if file.expect_invalid.is_none() && is_unreadable(errors) => {
            return Err(errors.clone().into());
        }
        Err(_) => {}
    }
    Ok(check::file(file, manner))
}

/// True if a file of the snapshot cannot be read at all.
fn is_unreadable(errors: &Diagnostics) -> bool {
    errors
        .errors()
        .any(|error| matches!(error.code, "MISSING_FILE" | "UNREADABLE_FILE"))
}

fn exit_code(result: &FileResult, exit_zero: bool) -> ExitCode {
    let codes = result.tests.iter().map(|test| match test.outcome {
        Outcome::Passed => ExitCode::Success,
        Outcome::Failed { .. } if exit_zero => ExitCode::Success,
        Outcome::Failed { .. } => ExitCode::Failure,
    });
    codes.fold(ExitCode::Success, ExitCode::worse)
}
