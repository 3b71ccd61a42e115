//! Results of tests as text and JSON.

use std::fmt::Write as _;
use std::io;

use serde_json::{Value, json};

use super::check::{FileResult, Outcome, TestResult};
use crate::args::Format;
use crate::io::Stream;
use crate::render::style::{Tone, shown};
use crate::render::{counted, json};

/// Prints results as they come; one JSON document holds all of them.
#[derive(Debug)]
pub(super) struct Printer {
    format: Format,
    values: Vec<Value>,
    tally: Tally,
    left_alone: usize,
}

#[derive(Debug, Default)]
struct Tally {
    files: usize,
    unusable_files: usize,
    passed: usize,
    failed: usize,
    unsupported: usize,
}

impl Printer {
    /// `left_alone` counts the files of directories that are no test files.
    pub(super) fn new(format: Format, left_alone: usize) -> Self {
        Self {
            format,
            left_alone,
            values: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// A file that cannot be used; why was said elsewhere.
    pub(super) fn unusable(&mut self) {
        self.tally.files += 1;
        self.tally.unusable_files += 1;
    }

    pub(super) fn add(&mut self, file: &FileResult, out: &mut Stream<'_>) -> io::Result<()> {
        self.tally.files += 1;
        for test in &file.tests {
            match test.outcome {
                Outcome::Passed => self.tally.passed += 1,
                Outcome::Failed { .. } => self.tally.failed += 1,
                Outcome::Unsupported(_) => self.tally.unsupported += 1,
            }
            match self.format {
                Format::Text => out.write(&as_text(file, test))?,
                Format::Json => self.values.push(as_json(file, test)),
                Format::Jsonl => out.write_bytes(json::line(&as_json(file, test)).as_bytes())?,
            }
        }
        Ok(())
    }

    pub(super) fn finish(self, out: &mut Stream<'_>) -> io::Result<()> {
        let Tally {
            files,
            unusable_files,
            passed,
            failed,
            unsupported,
        } = self.tally;
        match self.format {
            Format::Text => {
                let mut text = format!(
                    "{}, {}: {passed} passed",
                    counted(files, "file"),
                    counted(passed + failed + unsupported, "test")
                );
                for (count, word) in [
                    (failed, "failed"),
                    (unsupported, "unsupported"),
                    (
                        unusable_files,
                        if unusable_files == 1 {
                            "file unusable"
                        } else {
                            "files unusable"
                        },
                    ),
                ] {
                    if count > 0 {
                        let _ = write!(
                            text,
                            ", {}",
                            Tone::Bad.paint(format_args!("{count} {word}"))
                        );
                    }
                }
                if self.left_alone > 0 {
                    let others = counted(self.left_alone, "other file");
                    let _ = write!(text, "; {others} left alone");
                }
                out.write(&format!("{text}\n"))
            }
            Format::Json => {
                let document = json!({
                    "files": files,
                    "unusable_files": unusable_files,
                    "passed": passed,
                    "failed": failed,
                    "unsupported": unsupported,
                    "left_alone": self.left_alone,
                    "tests": self.values,
                });
                out.write_bytes(json::document(&document).as_bytes())
            }
            Format::Jsonl => Ok(()),
        }
    }
}

/// Nothing for a test that passes; for others what differs, then the answer.
fn as_text(file: &FileResult, test: &TestResult) -> String {
    let line = test.line.map(|line| format!(":{line}")).unwrap_or_default();
    let title = format!("{}{line}: {}", shown(&file.name), shown(&test.name));
    match &test.outcome {
        Outcome::Passed => String::new(),
        Outcome::Unsupported(why) => {
            format!("{} {title}\n  {why}\n\n", Tone::Bad.paint("unsupported"))
        }
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
        Outcome::Unsupported(why) => ("unsupported", &[][..], json!(why)),
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
