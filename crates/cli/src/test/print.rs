//! Results of tests, in every format.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use preclear_model::Diagnostics;
use serde_json::{Value, json};

use super::check::{FileResult, Outcome, TestResult};
use super::coverage::Coverage;
use super::report::{self, Junit};
use crate::args::{TestArgs, TestFormat};
use crate::failure::Failure;
use crate::io::Stream;
use crate::render::style::{Tone, shown};
use crate::render::{counted, json};
use crate::run::Run;

/// Prints results as they come; documents hold all of them.
#[derive(Debug)]
pub(super) struct Printer {
    format: TestFormat,
    values: Vec<Value>,
    tally: Tally,
    left_alone: usize,
    /// The report, where one is wanted.
    junit: Option<Junit>,
    /// Where it goes besides.
    junit_file: Option<PathBuf>,
    coverage: Option<Coverage>,
    /// The least part of the statements that tests must show.
    least: Option<u8>,
}

#[derive(Debug, Default)]
struct Tally {
    files: usize,
    unusable_files: usize,
    passed: usize,
    failed: usize,
}

impl Printer {
    /// `left_alone` counts the files of directories that are no test files.
    pub(super) fn new(args: &TestArgs, left_alone: usize) -> Self {
        let has_report = args.format == TestFormat::Junit || args.junit.is_some();
        let covers = args.coverage || args.min_coverage.is_some();
        Self {
            format: args.format,
            left_alone,
            values: Vec::new(),
            tally: Tally::default(),
            junit: has_report.then(Junit::new),
            junit_file: args.junit.clone(),
            coverage: covers.then(Coverage::default),
            least: args.min_coverage,
        }
    }

    /// A file that cannot be used; people are told why elsewhere.
    pub(super) fn unusable(
        &mut self,
        file: &str,
        errors: &Diagnostics,
        out: &mut Stream<'_>,
    ) -> io::Result<()> {
        self.tally.files += 1;
        self.tally.unusable_files += 1;
        if let Some(junit) = &mut self.junit {
            junit.unusable(file, errors);
        }
        match self.format {
            TestFormat::Github => {
                out.write_bytes(report::annotations_of_errors(file, errors).as_bytes())?
            }
            TestFormat::Sarif => self.values.extend(report::sarif_errors(file, errors)),
            TestFormat::Text | TestFormat::Json | TestFormat::Jsonl | TestFormat::Junit => {}
        }
        Ok(())
    }

    pub(super) fn add(&mut self, file: FileResult, out: &mut Stream<'_>) -> io::Result<()> {
        self.tally.files += 1;
        for test in &file.tests {
            match test.outcome {
                Outcome::Passed => self.tally.passed += 1,
                Outcome::Failed { .. } => self.tally.failed += 1,
            }
            match self.format {
                TestFormat::Text => out.write(&as_text(&file, test))?,
                TestFormat::Json => self.values.push(as_json(&file, test)),
                TestFormat::Jsonl => {
                    out.write_bytes(json::line(&as_json(&file, test)).as_bytes())?;
                }
                TestFormat::Sarif => self.values.extend(report::sarif_result(&file, test)),
                TestFormat::Github => {
                    let annotation = report::annotation(&file, test).unwrap_or_default();
                    out.write_bytes(annotation.as_bytes())?;
                }
                TestFormat::Junit => {}
            }
        }
        if let Some(junit) = &mut self.junit {
            junit.add(&file);
        }
        if let (Some(all), Some(own)) = (&mut self.coverage, file.coverage) {
            all.join(own);
        }
        Ok(())
    }

    /// What stands behind all results; how many percent of the statements some test shows.
    pub(super) fn finish(self, run: &mut Run<'_, '_>) -> Result<usize, Failure> {
        let percent = self.coverage.as_ref().map_or(100, Coverage::percent);
        let coverage = self.coverage.as_ref();
        let summary = self.summary();
        let told = self.told_coverage();
        let report = self.junit.map(|junit| junit.text(coverage));
        if let (Some(path), Some(report)) = (&self.junit_file, &report) {
            let failed = |error| Failure::File {
                path: path.clone(),
                error,
            };
            if let Some(directory) = path.parent() {
                std::fs::create_dir_all(directory).map_err(failed)?;
            }
            std::fs::write(path, report).map_err(failed)?;
        }
        let out = &mut *run.out;
        match self.format {
            TestFormat::Text => {
                out.write(&format!("{summary}\n"))?;
                out.write(&told)?;
            }
            TestFormat::Github => {
                let notices = coverage.map(report::notices).unwrap_or_default();
                out.write_bytes(notices.as_bytes())?;
                out.write(&format!("{summary}\n"))?;
                // Notices name the statements.
                let told = told.lines().filter(|line| !line.starts_with(' '));
                for line in told {
                    out.write(&format!("{line}\n"))?;
                }
            }
            TestFormat::Json => {
                let Tally {
                    files,
                    unusable_files,
                    passed,
                    failed,
                } = self.tally;
                let mut document = json!({
                    "files": files,
                    "unusable_files": unusable_files,
                    "passed": passed,
                    "failed": failed,
                    "unsupported": 0,
                    "left_alone": self.left_alone,
                    "tests": self.values,
                });
                if let (Some(coverage), Some(members)) = (coverage, document.as_object_mut()) {
                    members.insert("coverage".to_owned(), coverage.json());
                }
                out.write_bytes(json::document(&document).as_bytes())?;
                run.err.write(&told)?;
            }
            TestFormat::Sarif => {
                let document = report::sarif(self.values);
                out.write_bytes(json::document(&document).as_bytes())?;
                run.err.write(&told)?;
            }
            TestFormat::Junit => {
                out.write_bytes(report.unwrap_or_default().as_bytes())?;
                run.err.write(&told)?;
            }
            TestFormat::Jsonl => {
                if let Some(coverage) = coverage {
                    let line = json::line(&json!({"coverage": coverage.json()}));
                    out.write_bytes(line.as_bytes())?;
                }
                run.err.write(&told)?;
            }
        }
        Ok(percent)
    }

    fn told_coverage(&self) -> String {
        let mut told = self
            .coverage
            .as_ref()
            .map_or_else(String::new, Coverage::text);
        let percent = self.coverage.as_ref().map_or(100, Coverage::percent);
        if let Some(least) = self.least.filter(|least| percent < usize::from(*least)) {
            let failed = Tone::Bad.paint("failed");
            let _ = writeln!(told, "{failed} --min-coverage {least}: it is {percent}");
        }
        told
    }

    /// Counts of everything, in one line.
    fn summary(&self) -> String {
        let Tally {
            files,
            unusable_files,
            passed,
            failed,
        } = self.tally;
        let mut text = format!(
            "{}, {}: {passed} passed",
            counted(files, "file"),
            counted(passed + failed, "test")
        );
        let unusable = match unusable_files {
            1 => "file unusable",
            _ => "files unusable",
        };
        for (count, word) in [(failed, "failed"), (unusable_files, unusable)] {
            if count > 0 {
                let bad = Tone::Bad.paint(format_args!("{count} {word}"));
                let _ = write!(text, ", {bad}");
            }
        }
        if self.left_alone > 0 {
            let others = counted(self.left_alone, "other file");
            let _ = write!(text, "; {others} left alone");
        }
        text
    }
}

/// Nothing for a test that passes; for others what differs, then the answer.
fn as_text(file: &FileResult, test: &TestResult) -> String {
    let line = test.line.map(|line| format!(":{line}")).unwrap_or_default();
    let title = format!("{}{line}: {}", shown(&file.name), shown(&test.name));
    match &test.outcome {
        Outcome::Passed => String::new(),
        Outcome::Failed { mismatches, answer } => {
            let mut text = format!("{} {title}\n", Tone::Bad.paint("failed"));
            for mismatch in mismatches {
                let _ = writeln!(text, "  {}", shown(&mismatch.path));
                let _ = writeln!(text, "    expected  {}", shown(&mismatch.expected));
                let _ = writeln!(text, "    actual    {}", shown(&mismatch.actual));
            }
            for line in answer.lines() {
                let indent = if line.is_empty() { "" } else { "  " };
                let _ = writeln!(text, "{indent}{line}");
            }
            text.push('\n');
            text
        }
    }
}

fn as_json(file: &FileResult, test: &TestResult) -> Value {
    let (outcome, mismatches, why) = match &test.outcome {
        Outcome::Passed => ("passed", &[][..], Value::Null),
        Outcome::Failed { mismatches, answer } => (
            "failed",
            mismatches.as_slice(),
            json!(anstream::adapter::strip_str(answer).to_string()),
        ),
    };
    let mismatches: Vec<Value> = mismatches
        .iter()
        .map(|one| json!({"path": one.path, "expected": one.expected, "actual": one.actual}))
        .collect();
    json!({
        "file": file.name,
        "test": test.name,
        "line": test.line,
        "outcome": outcome,
        "mismatches": mismatches,
        "explanation": why,
    })
}
