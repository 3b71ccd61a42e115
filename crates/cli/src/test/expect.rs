//! Compares answers with what a test expects. Rule: UI-40.
//!
//! An expectation asserts only what it names, and what it names must be there: a part, a requirement or an id that the
//! result does not have is a mismatch, never a pass.

use std::collections::BTreeSet;

use preclear_inputs::test_file::LintExpectation;

mod guard;
mod job;
mod named;
mod request;
#[cfg(test)]
mod tests;
mod who_can;

pub(super) use guard::guard;
pub(super) use job::{JobOutcome, job};
pub(super) use request::request;
pub(super) use who_can::{refused_who_can, who_can};

/// One thing that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// What it is about: `verdict`, `parts/kms:ReEncryptTo/code`.
    pub(crate) path: String,
    /// What the test expects.
    pub(crate) expected: String,
    /// What the answer has.
    pub(crate) actual: String,
}

/// Mismatches, while they are gathered.
#[derive(Debug, Default)]
struct Mismatches {
    all: Vec<Mismatch>,
}

impl Mismatches {
    fn push(&mut self, path: &str, expected: impl Into<String>, actual: impl Into<String>) {
        self.all.push(Mismatch {
            path: path.to_owned(),
            expected: expected.into(),
            actual: actual.into(),
        });
    }

    /// What must be the same.
    fn same(&mut self, path: &str, expected: &str, actual: Option<&str>) {
        if actual != Some(expected) {
            self.push(path, expected, actual.unwrap_or("nothing"));
        }
    }

    /// What must be the same set.
    fn same_set(&mut self, path: &str, expected: &BTreeSet<String>, actual: &BTreeSet<String>) {
        if expected != actual {
            self.push(path, list(expected), list(actual));
        }
    }

    /// What must be contained.
    fn contained(&mut self, path: &str, expected: &BTreeSet<String>, actual: &BTreeSet<String>) {
        for missing in expected.difference(actual) {
            self.push(path, missing, list(actual));
        }
    }
}

/// A set in words.
fn list<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let texts: Vec<&str> = texts.into_iter().map(String::as_str).collect();
    if texts.is_empty() {
        "nothing".to_owned()
    } else {
        texts.join(", ")
    }
}

/// Compares findings by their codes.
pub(super) fn lint(expect: &LintExpectation, codes: &BTreeSet<String>) -> Vec<Mismatch> {
    let mut mismatches = Mismatches::default();
    mismatches.contained("findings", &expect.findings, codes);
    if let Some(exactly) = &expect.findings_exactly {
        mismatches.same_set("findings_exactly", exactly, codes);
    }
    mismatches.all
}
