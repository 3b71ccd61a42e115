//! Reads and asks what a file or a text says, and keeps everything that is found wrong with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use preclear_inputs::files::{Entry, FileError, FileErrorKind};
use preclear_inputs::test_file::{LintContent, LintDocument, Question};
use preclear_inputs::{Files, Options, job, request, snapshot, test_file};
use preclear_lint::{LintOptions, from_diagnostics, lint_tree};
use preclear_model::policy::ParseOptions;
use preclear_model::{Limits, PolicyKind, Source, node};
use preclear_simulator::{Detail, Engine, who_can};

use crate::seen::{Seen, of, of_answer, of_job, of_who_can};

/// The files of the disk.
pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => FileError::new(FileErrorKind::NotFound),
            std::io::ErrorKind::IsADirectory => FileError::new(FileErrorKind::IsDirectory),
            _ => FileError::other(error.to_string()),
        })
    }

    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
        if !path.is_dir() {
            return Ok(None);
        }
        let other = |error: std::io::Error| FileError::other(error.to_string());
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(path).map_err(other)? {
            let path = entry.map_err(other)?.path();
            entries.push(Entry {
                is_directory: path.is_dir(),
                path,
            });
        }
        Ok(Some(entries))
    }
}

/// Everything that a test file brings to light.
pub(crate) fn test(path: &Path, files: &dyn Files) -> Vec<Seen> {
    let file = match test_file::read(path, files, &Options::default()) {
        Ok(loaded) => loaded,
        Err(errors) => return of(&errors),
    };
    let mut seen = of(&file.diagnostics);
    let file = file.value;
    let engine = match file.snapshot {
        Ok(loaded) => {
            seen.extend(of(&loaded.diagnostics));
            Some(Engine::compile(loaded.value))
        }
        Err(errors) => {
            seen.extend(of(&errors));
            None
        }
    };
    for test in file.tests {
        match (test.question, &engine) {
            (Question::Request { request, .. }, engine) => match (*request, engine) {
                (Ok(request), Some(engine)) => {
                    seen.extend(of_answer(&engine.explain(&request, Detail::Reasons)));
                }
                (Ok(_), None) => {}
                (Err(errors), _) => seen.extend(of(&errors)),
            },
            (Question::WhoCan { request, .. }, engine) => match (*request, engine) {
                (Ok(request), Some(engine)) => {
                    seen.extend(of_who_can(&who_can::ask(engine, &request)));
                }
                (Ok(_), None) => {}
                (Err(errors), _) => seen.extend(of(&errors)),
            },
            (Question::Job { job, .. }, engine) => match (*job, engine) {
                (Ok(job), Some(engine)) => {
                    let report = preclear_simulator::job::simulate(engine, &job, Detail::Reasons);
                    seen.extend(of_job(&report));
                }
                (Ok(_), None) => {}
                (Err(errors), _) => seen.extend(of(&errors)),
            },
            (Question::Lint { document, .. }, _) => match *document {
                Ok(document) => seen.extend(lint_document(&document, file.lenient)),
                Err(errors) => seen.extend(of(&errors)),
            },
        }
    }
    seen
}

fn lint_document(document: &LintDocument, lenient: bool) -> Vec<Seen> {
    let kind = document.kind.as_deref().unwrap_or_default();
    match &document.content {
        LintContent::Text(source) => lint(source, kind, lenient),
        LintContent::Tree { node, source } => {
            let report = lint_tree(
                node,
                source,
                "document",
                PolicyKind::from_name(kind),
                &options(kind, lenient),
            );
            report.findings.iter().map(Seen::from).collect()
        }
    }
}

/// Everything that is found in a policy document of a kind.
pub(crate) fn lint(source: &Arc<Source>, kind: &str, lenient: bool) -> Vec<Seen> {
    let findings = match node::read_within(source, &Limits::POLICY) {
        Ok(tree) => {
            lint_tree(
                &tree,
                source,
                "document",
                PolicyKind::from_name(kind),
                &options(kind, lenient),
            )
            .findings
        }
        Err(errors) => from_diagnostics(&errors, source, None),
    };
    findings.iter().map(Seen::from).collect()
}

fn options(kind: &str, lenient: bool) -> LintOptions {
    LintOptions {
        is_fragment: kind == "fragment",
        parse: ParseOptions { lenient },
        ..LintOptions::default()
    }
}

/// Everything that a snapshot brings to light, and what asks it: a request file or a job file.
pub(crate) fn snapshot_with(
    snapshot: &Path,
    request: Option<&Path>,
    job: Option<&Path>,
    files: &dyn Files,
) -> Vec<Seen> {
    let options = Options::default();
    let mut seen = Vec::new();
    let engine = match snapshot::load([snapshot], files, &options) {
        Ok(loaded) => {
            seen.extend(of(&loaded.diagnostics));
            Engine::compile(loaded.value)
        }
        Err(errors) => return of(&errors),
    };
    if let Some(path) = request {
        match request::read(path, files, &options, &request::Fallback::default()) {
            Ok(loaded) => {
                seen.extend(of(&loaded.diagnostics));
                for request in &loaded.value {
                    seen.extend(of_answer(&engine.explain(request, Detail::Reasons)));
                }
            }
            Err(errors) => seen.extend(of(&errors)),
        }
    }
    if let Some(path) = job {
        match job::read(path, files, &options) {
            Ok(loaded) => {
                seen.extend(of(&loaded.diagnostics));
                for job in &loaded.value {
                    let report = preclear_simulator::job::simulate(&engine, job, Detail::Reasons);
                    seen.extend(of_job(&report));
                }
            }
            Err(errors) => seen.extend(of(&errors)),
        }
    }
    seen
}

/// All YAML files below a folder of the disk.
pub(crate) fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
