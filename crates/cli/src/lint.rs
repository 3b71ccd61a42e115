//! `preclear lint`: what is wrong with these policy documents? Rule: UI-22.

pub(crate) mod document;
mod find;
mod fix;
mod print;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use preclear_inputs::files::{FileErrorKind, normal};
use preclear_inputs::test_file::Likeness;
use preclear_inputs::{Files, GivenBy, Params, fill};
use preclear_model::{
    Diagnostic, Diagnostics, Limits, Place, PolicyKind, Position, Severity, Source,
};
use rayon::prelude::*;

use crate::args::LintArgs;
use crate::disk::is_stdin;
use crate::exit::ExitCode;
use crate::failure::Failure;
use crate::run::Run;
use crate::simulate::unused_params;
use document::{Ask, Mention, Text};
use find::Target;
use fix::Change;

/// What became of one file.
#[derive(Debug)]
struct Linted {
    path: PathBuf,
    text: Text,
    changes: Vec<Change>,
    /// The text before its edits were made.
    before: Arc<Source>,
}

/// What became of all of them.
#[derive(Debug, Default)]
pub(crate) struct Results {
    files: Vec<Linted>,
    /// Why files cannot be linted.
    unusable: Vec<Unusable>,
    /// Files of directories that hold no policy.
    left_alone: usize,
}

/// Why a file cannot be linted, or that there is nothing to lint in it.
#[derive(Debug)]
struct Unusable {
    /// The file, where it is one.
    file: Option<PathBuf>,
    said: Diagnostic,
}

impl Unusable {
    fn of(file: &Path, said: Diagnostic) -> Self {
        Self {
            file: Some(file.to_owned()),
            said,
        }
    }

    /// The file, and the line and column in it, as far as they are known.
    fn region(&self) -> (Option<String>, Option<Position>) {
        match &self.said.place {
            Some(place) => {
                let place = place.locate();
                (Some(place.name), Some(place.position))
            }
            None => (
                self.file.as_ref().map(|file| file.display().to_string()),
                None,
            ),
        }
    }
}

/// One file before it is looked at.
struct Job {
    target: Target,
    ask: Ask,
    /// Where another file names it.
    named_at: Option<Place>,
}

/// What a file turned out to be.
enum Outcome {
    Linted(Linted),
    /// A file that was named and holds no policy.
    Nothing(PathBuf),
    LeftAlone,
    Unusable(Diagnostics),
}

/// Lints all files and prints what is found.
pub(crate) fn run(args: &LintArgs, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    let is_written = args.fix && !args.diff;
    if is_written && args.paths.iter().any(|path| is_stdin(path)) {
        return Err(Failure::usage(
            "`--fix` writes files, and `-` is none: name a file",
        ));
    }
    let filled = preclear_inputs::FilledNames::default();
    let mut params: Params = args
        .param
        .iter()
        .map(|pair| (pair.name.as_str(), pair.value.as_str()))
        .collect();
    params.note_filled(&filled);
    params.given_by = GivenBy::Param;
    let ask = Ask {
        kind: args.kind.as_deref().and_then(PolicyKind::from_name),
        is_fragment: args.kind.as_deref() == Some("fragment"),
        lenient: args.lenient,
        params,
        key_arn: None,
    };
    let mut results = lint(&args.paths, &ask, args.fix || args.diff, &run.disk);
    run.warn(&results.said_of_unusable())?;
    if is_written {
        write(&results.files)?;
    }
    run.warn(&unused_params(&args.param, &filled))?;
    if args.diff {
        print::diff(&results, run.out)?;
    } else {
        print::changes(&results, run.err)?;
        print::results(args.format, &results, run.out)?;
    }
    let code = exit_code(&results, args);
    results.files.clear();
    Ok(code)
}

/// Looks at all files, on all cores.
fn lint(paths: &[PathBuf], ask: &Ask, is_fixed: bool, files: &dyn Files) -> Results {
    let (targets, errors) = find::targets(paths, files);
    let jobs: Vec<Job> = targets
        .into_iter()
        .map(|target| Job {
            target,
            ask: ask.clone(),
            named_at: None,
        })
        .collect();
    let mut results = Results {
        unusable: errors,
        ..Results::default()
    };
    let mut done: Vec<(PathBuf, bool, Outcome)> = all(jobs, is_fixed, files);
    // What a snapshot names has its kind from there, and is looked at once.
    let mentions = mentioned(&done);
    let known: BTreeMap<PathBuf, bool> = done
        .iter()
        .map(|(path, is_named, _)| (normal(path), *is_named))
        .collect();
    done.retain(|(path, is_named, _)| *is_named || !mentions.contains_key(&normal(path)));
    let further: Vec<Job> = mentions
        .into_iter()
        .filter(|(key, _)| known.get(key) != Some(&true))
        .flat_map(|(_, mentions)| mentions)
        .map(|(path, mention)| Job {
            target: Target {
                path,
                is_named: true,
            },
            ask: Ask {
                kind: ask.kind.or(mention.kind),
                key_arn: mention.key_arn,
                ..ask.clone()
            },
            named_at: Some(mention.place),
        })
        .collect();
    done.extend(all(further, is_fixed, files));
    let mut nothing = Vec::new();
    for (path, _, outcome) in done {
        match outcome {
            Outcome::Linted(linted) => results.files.push(linted),
            Outcome::Nothing(path) => nothing.push(path),
            Outcome::LeftAlone => results.left_alone += 1,
            Outcome::Unusable(errors) => {
                let errors = errors.into_iter();
                let unusable = errors.map(|error| Unusable::of(&path, error));
                results.unusable.extend(unusable);
            }
        }
    }
    results.nothing_in(&nothing, paths);
    results
}

impl Results {
    fn said_of_unusable(&self) -> Diagnostics {
        self.unusable.iter().map(|one| one.said.clone()).collect()
    }

    fn has_unusable(&self) -> bool {
        self.unusable.iter().any(|one| one.said.is_error())
    }

    /// Files without policies: one among others may be named by a pattern of the shell, all of them are a mistake.
    fn nothing_in(&mut self, files: &[PathBuf], named: &[PathBuf]) {
        let is_nothing_there = self.files.is_empty() && self.unusable.is_empty();
        for path in files {
            let message = format!("there is no policy in `{}`", path.display());
            let said = if is_nothing_there {
                Diagnostic::error("NOTHING_RECOGNISED", message)
            } else {
                Diagnostic::warning("UNRECOGNISED_FILE", message)
            };
            let said = said.rule("UI-22").help(WHAT_POLICIES_ARE);
            self.unusable.push(Unusable::of(path, said));
        }
        if is_nothing_there && files.is_empty() {
            let names: Vec<String> = named
                .iter()
                .map(|path| format!("`{}`", path.display()))
                .collect();
            let message = format!("there is no policy in {}", names.join(", "));
            let error = Diagnostic::error("NOTHING_RECOGNISED", message);
            self.unusable.push(Unusable {
                file: None,
                said: error.rule("UI-22").help(WHAT_POLICIES_ARE),
            });
        }
    }
}

const WHAT_POLICIES_ARE: &str =
    "policies have `Statement` or `Effect`; `--type` says that it is one all the same";

fn all(jobs: Vec<Job>, is_fixed: bool, files: &dyn Files) -> Vec<(PathBuf, bool, Outcome)> {
    let one = |job: Job| {
        let outcome = file(&job, is_fixed, files);
        (job.target.path, job.target.is_named, outcome)
    };
    jobs.into_par_iter().map(one).collect()
}

/// The files that snapshots name, each with the ways in which it is used.
fn mentioned(done: &[(PathBuf, bool, Outcome)]) -> BTreeMap<PathBuf, Vec<(PathBuf, Mention)>> {
    let mut found: BTreeMap<PathBuf, Vec<(PathBuf, Mention)>> = BTreeMap::new();
    let mut kinds: BTreeSet<(PathBuf, Option<PolicyKind>)> = BTreeSet::new();
    for (path, _, outcome) in done {
        let Outcome::Linted(linted) = outcome else {
            continue;
        };
        for mention in &linted.text.mentions {
            let beside = path.parent().unwrap_or(Path::new("")).join(&mention.path);
            let key = normal(&beside);
            if kinds.insert((key.clone(), mention.kind)) {
                found
                    .entry(key.clone())
                    .or_default()
                    .push((key, mention.clone()));
            }
        }
    }
    found
}

fn file(job: &Job, is_fixed: bool, files: &dyn Files) -> Outcome {
    let path = &job.target.path;
    let source = match read(path, files) {
        Ok(source) => source,
        Err(mut errors) => {
            for error in errors.0.iter_mut().filter(|error| error.place.is_none()) {
                error.place.clone_from(&job.named_at);
            }
            return Outcome::Unusable(errors);
        }
    };
    if !job.target.is_named && is_test_file(&source) {
        return Outcome::LeftAlone;
    }
    let text = document::read(&source, &job.ask);
    if text.documents.is_empty() && text.mentions.is_empty() {
        return if job.target.is_named {
            Outcome::Nothing(path.clone())
        } else {
            Outcome::LeftAlone
        };
    }
    let may_be_anything = !text.looks_like_policies && text.mentions.is_empty();
    if !job.target.is_named && may_be_anything && !is_emptied(path, &source) {
        return Outcome::LeftAlone;
    }
    let (text, changes) = if is_fixed {
        let fixed = fix::fixed(text, &job.ask);
        (fixed.text, fixed.changes)
    } else {
        (text, Vec::new())
    };
    Outcome::Linted(Linted {
        path: path.clone(),
        text,
        changes,
        before: source,
    })
}

/// A JSON file without content was something once: an empty text is no JSON, so nobody keeps one on purpose.
fn is_emptied(path: &Path, source: &Source) -> bool {
    let is_json = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    is_json && source.text.trim().is_empty()
}

fn read(path: &Path, files: &dyn Files) -> Result<Arc<Source>, Diagnostics> {
    let bytes = files.read(path).map_err(|error| match error.kind {
        FileErrorKind::NotFound => Diagnostic::error(
            "MISSING_FILE",
            format!("`{}` cannot be read: {error}", path.display()),
        )
        .rule("UI-22")
        .help("check the path"),
        FileErrorKind::TooLarge => Diagnostic::error(
            "INPUT_TOO_LARGE",
            format!("`{}` cannot be read: {error}", path.display()),
        )
        .rule("UI-22")
        .help("check that this is the file you meant"),
        _ => find::unreadable(path, &error.to_string()),
    })?;
    Source::from_bytes(path.display().to_string(), bytes).map(Arc::new)
}

/// Test files hold documents that are broken on purpose; in a directory they are left to `preclear test`.
fn is_test_file(source: &Arc<Source>) -> bool {
    source.text.contains("preclear")
        && fill::read(source, &Params::default(), &Limits::FILE)
            .is_ok_and(|(_, tree)| Likeness::of(&tree) == Likeness::TestFile)
}

fn write(files: &[Linted]) -> Result<(), Failure> {
    for file in files.iter().filter(|file| !file.changes.is_empty()) {
        let mut text = String::new();
        if file.text.source.had_byte_order_mark {
            text.push('\u{feff}');
        }
        text.push_str(&file.text.source.text);
        std::fs::write(&file.path, text).map_err(|error| Failure::File {
            path: file.path.clone(),
            error,
        })?;
    }
    Ok(())
}

/// Errors are 1, with `--strict` warnings too, and with `--diff` whatever it shows: nothing of that is written. Rule: UI-1.
fn exit_code(results: &Results, args: &LintArgs) -> ExitCode {
    let findings = results
        .files
        .iter()
        .flat_map(|file| &file.text.documents)
        .flat_map(|document| &document.findings);
    let worst = findings.map(|finding| finding.severity).max();
    let is_found = match worst {
        Some(Severity::Error) => true,
        Some(Severity::Warning) => args.strict,
        Some(Severity::Info) | None => false,
    };
    let mut changes = results.files.iter().map(|file| &file.changes);
    let fails = is_found || args.diff && changes.any(|changes| !changes.is_empty());
    if results.has_unusable() {
        ExitCode::Unusable
    } else if fails && !args.exit_zero {
        ExitCode::Failure
    } else {
        ExitCode::Success
    }
}
