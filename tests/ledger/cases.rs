//! The conformance cases as the ledger sees them: which rules a file shows, and which answers its tests expect.
//!
//! Whether an expectation holds is not known here; that is the conformance test's business.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use preclear_inputs::Options;
use preclear_inputs::files::{Entry, FileError, FileErrorKind, Files};
use preclear_inputs::test_file::{
    self, ExpectedVerdict, JobExpectation, LintExpectation, Question, RequestExpectation, TestFile,
    WhoCanExpectation,
};
use preclear_simulator::Verdict;
use preclear_simulator::request::AmbiguityMode;
use preclear_tests::{Case, cases};

/// An expected answer, as coarse as two must differ to show a rule both ways.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    Allow,
    Deny,
    Depends,
    NotApplicable,
    /// The document, the request or the job is refused.
    Refused,
    /// A job that has neither of these verdicts.
    Job(String),
    /// What the linter finds; nothing, if the test says that there is nothing.
    Findings(BTreeSet<String>),
}

/// What one test expects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Outcome {
    pub(crate) answer: Answer,
    /// Warnings that must be there.
    pub(crate) warnings: BTreeSet<String>,
}

/// A test of an ambiguity: the mode that it asks in, and the entries of the register that it says mattered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) mode: AmbiguityMode,
    pub(crate) mattered: BTreeSet<u8>,
}

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Its path below `cases` without extension.
    pub(crate) name: String,
    /// Rules, traps and scenarios that it names.
    pub(crate) rules: Vec<String>,
    pub(crate) outcomes: BTreeSet<Outcome>,
    pub(crate) asked: Vec<Asked>,
}

/// All files, and those that cannot be read.
#[derive(Debug, Default)]
pub(crate) struct Cases {
    pub(crate) files: Vec<Shown>,
    pub(crate) unreadable: Vec<String>,
}

impl Cases {
    /// Reads every case.
    ///
    /// # Errors
    ///
    /// A folder that cannot be listed.
    pub(crate) fn read() -> std::io::Result<Self> {
        let mut all = Self::default();
        for case in cases()? {
            match test_file::read(&case.path, &Disk, &Options::default()) {
                Ok(file) => all.files.push(shown(&case, &file.value)),
                Err(errors) => all.unreadable.push(format!("{}: {errors}", case.name)),
            }
        }
        Ok(all)
    }

    /// Files that name the rule.
    pub(crate) fn of<'a>(&'a self, rule: &'a str) -> impl Iterator<Item = &'a Shown> {
        self.files
            .iter()
            .filter(move |file| file.rules.iter().any(|named| named == rule))
    }

    /// Folders below `cases`, with their files.
    pub(crate) fn folders(&self) -> BTreeMap<&str, Vec<&Shown>> {
        let mut folders: BTreeMap<&str, Vec<&Shown>> = BTreeMap::new();
        for file in &self.files {
            let folder = file.name.split_once('/').map_or("", |(folder, _)| folder);
            folders.entry(folder).or_default().push(file);
        }
        folders
    }
}

fn shown(case: &Case, file: &TestFile) -> Shown {
    let mut outcomes = BTreeSet::new();
    let mut asked = Vec::new();
    if file.expect_invalid.is_some() {
        outcomes.insert(plain(Answer::Refused));
    }
    for test in &file.tests {
        match &test.question {
            Question::Request { request, expect } => {
                outcomes.extend(of_request(expect));
                if let Ok(request) = request.as_ref() {
                    asked.push(Asked {
                        mode: request.ambiguity,
                        mattered: mattered(expect),
                    });
                }
            }
            Question::Job { expect, .. } => outcomes.extend(of_job(expect)),
            Question::WhoCan { expect, .. } => outcomes.extend(of_who_can(expect)),
            Question::Lint { expect, .. } => outcomes.extend(of_lint(expect)),
        }
    }
    Shown {
        name: case.name.clone(),
        rules: file.rules.clone(),
        outcomes,
        asked,
    }
}

fn plain(answer: Answer) -> Outcome {
    Outcome {
        answer,
        warnings: BTreeSet::new(),
    }
}

/// The verdict of a request and those of its parts.
fn of_request(expect: &RequestExpectation) -> Vec<Outcome> {
    let own = expect.verdict.map(|verdict| Outcome {
        answer: answer(verdict),
        warnings: expect.warnings.clone(),
    });
    let parts = expect.parts.values().flat_map(of_request);
    own.into_iter().chain(parts).collect()
}

fn answer(verdict: ExpectedVerdict) -> Answer {
    match verdict {
        ExpectedVerdict::Deny
        | ExpectedVerdict::Exactly(Verdict::ExplicitDeny | Verdict::ImplicitDeny) => Answer::Deny,
        ExpectedVerdict::Exactly(Verdict::Allow) => Answer::Allow,
        ExpectedVerdict::Exactly(Verdict::Depends) => Answer::Depends,
        ExpectedVerdict::Exactly(Verdict::NotApplicable) => Answer::NotApplicable,
        ExpectedVerdict::Exactly(Verdict::Invalid) => Answer::Refused,
    }
}

/// The verdict of a job and those of its requirements.
fn of_job(expect: &JobExpectation) -> Vec<Outcome> {
    let own = expect.verdict.iter().map(|verdict| Outcome {
        answer: match verdict.as_str() {
            "ALLOWED" => Answer::Allow,
            "DENIED" => Answer::Deny,
            "UNDECIDED" => Answer::Depends,
            "INVALID" => Answer::Refused,
            other => Answer::Job(other.to_owned()),
        },
        warnings: expect.warnings.clone(),
    });
    let requirements = [
        Some(&expect.requirements),
        expect.requirements_exactly.as_ref(),
    ]
    .into_iter()
    .flatten()
    .flat_map(BTreeMap::values)
    .flat_map(of_request);
    own.chain(requirements).collect()
}

/// A list says of some that they may and of all others that they may not.
fn of_who_can(expect: &WhoCanExpectation) -> Vec<Outcome> {
    match &expect.exactly {
        None => Vec::new(),
        Some(nobody) if nobody.is_empty() => vec![plain(Answer::Deny)],
        Some(_) => vec![plain(Answer::Allow), plain(Answer::Deny)],
    }
}

fn of_lint(expect: &LintExpectation) -> Vec<Outcome> {
    let found = expect.findings_exactly.as_ref().unwrap_or(&expect.findings);
    vec![plain(Answer::Findings(found.clone()))]
}

/// Entries of the register that a test of a request says mattered, in a part of it too.
fn mattered(expect: &RequestExpectation) -> BTreeSet<u8> {
    let on = expect.depends_on.iter().flatten();
    let depends = on.filter_map(|dependency| dependency.strip_prefix("AMB-")?.parse().ok());
    let listed = expect.ambiguities.iter().flatten().copied();
    let parts = expect.parts.values().flat_map(mattered);
    depends.chain(listed).chain(parts).collect()
}

/// The file system, for the policies that cases keep in files of their own.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => FileError::new(FileErrorKind::NotFound),
            _ => FileError::other(error.to_string()),
        })
    }

    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
        if !path.is_dir() {
            return Ok(None);
        }
        let other = |error: std::io::Error| FileError::other(error.to_string());
        let entries = fs::read_dir(path).map_err(other)?.map(|entry| {
            let path = entry.map_err(other)?.path();
            Ok(Entry {
                is_directory: path.is_dir(),
                path,
            })
        });
        entries.collect::<Result<_, _>>().map(Some)
    }
}
