//! The answer about a job as text. Rule: UI-13.

use std::fmt::Write as _;
use std::path::PathBuf;

use preclear_simulator::job::{JobError, JobReport, JobVerdict, RequirementPart};

use super::block::{fails, push_failing};
use super::fix::{push_fixes, push_written};
use super::layers::{Telling, push_layers};
use super::reason::{cited, entry, push_not_modelled, push_warning, push_why};
use super::settle::push_dependencies;
use super::table;
use super::wrap::wrap_prose;
use crate::render::style::{Tone, shown};

/// What became of the job with the additions.
#[derive(Debug, Clone)]
pub(crate) struct Fixed {
    /// Its verdict then.
    pub(crate) verdict: JobVerdict,
    /// Requirements that are still not allowed.
    pub(crate) still_failing: Vec<String>,
    /// Documents that were written and hold additions of the job.
    pub(crate) written: Vec<Written>,
    /// True where they are additions of several jobs.
    pub(crate) is_shared: bool,
}

/// What `--fix-out` did for several jobs, or that it did nothing.
#[derive(Debug, Clone)]
pub(crate) enum Summary {
    /// Documents with the additions of all jobs.
    Written(Vec<Written>),
    /// There was nothing to write into this directory.
    Nothing(PathBuf),
}

/// The end of an output.
pub(crate) fn summary(summary: &Summary, width: u16) -> String {
    let mut text = String::new();
    match summary {
        Summary::Written(all) => {
            text.push_str("\nDocuments with the additions of all jobs:\n");
            push_written(&mut text, all);
        }
        Summary::Nothing(directory) => {
            let directory = directory.display().to_string();
            let _ = writeln!(
                text,
                "\nNothing is written to `{}`: there are no additions.",
                shown(&directory)
            );
        }
    }
    wrap_prose(&text, width)
}

/// A document that was written.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// The file.
    pub(crate) path: PathBuf,
    /// What it is, and what to do with it.
    pub(crate) what: String,
}

/// What is wanted of the additions that a job lacks.
#[derive(Debug, Clone)]
pub(crate) enum Additions {
    /// Show them where the job is denied.
    IfDenied,
    /// They were asked for; with what became of the job, if there are any.
    AskedFor(Option<Fixed>),
}

impl Additions {
    /// What became of the job with them, where it was simulated again.
    pub(crate) fn fixed(&self) -> Option<&Fixed> {
        match self {
            Self::IfDenied => None,
            Self::AskedFor(fixed) => fixed.as_ref(),
        }
    }
}

/// Header, table, and for each requirement that fails why, then the additions.
pub(crate) fn job(report: &JobReport, additions: &Additions, width: u16) -> String {
    let mut text = String::new();
    entry(
        &mut text,
        "",
        "job",
        &format!("{} ({})", shown(&report.operation), shown(&report.name)),
    );
    if let Some(caller) = &report.caller {
        entry(&mut text, "", "caller", &shown(caller));
    }
    entry(
        &mut text,
        "",
        "verdict",
        &Tone::from(report.verdict).paint(report.verdict),
    );
    for error in &report.errors {
        push_error(&mut text, error);
    }
    for warning in &report.warnings {
        push_warning(&mut text, warning, "");
    }
    text = wrap_prose(&text, width);
    if !report.requirements.is_empty() {
        let _ = write!(text, "\n{}", table::requirements(report, width));
    }
    let wrapped = |push: fn(&mut String, &JobReport)| {
        let mut part = String::new();
        push(&mut part, report);
        wrap_prose(&part, width)
    };
    text.push_str(&wrapped(push_failing));
    push_fixes(&mut text, report, additions, width);
    text.push_str(&wrapped(push_explanations));
    text
}

fn push_error(text: &mut String, error: &JobError) {
    let field = error
        .field
        .as_deref()
        .map(|field| format!(" `{}`:", shown(field)))
        .unwrap_or_default();
    let cited = cited(error.rule.as_deref(), error.place.as_ref(), &error.message);
    entry(
        text,
        "",
        "error",
        &format!("{}:{field} {}{cited}", error.code, shown(&error.message)),
    );
    if let Some(help) = &error.help {
        entry(text, "", "", &shown(help));
    }
}

/// Ids of requirements that are not allowed, for the report after the additions.
pub(crate) fn failing_ids(report: &JobReport) -> Vec<String> {
    let failing = report
        .requirements
        .iter()
        .filter(|one| one.missing.is_some() || one.parts.iter().any(fails));
    failing.map(|one| one.id.clone()).collect()
}

/// `--explain`: every layer and statement of every decision, and what all of them take for granted. Actions that fare alike are told
/// together; why a decision fails stands above already.
fn push_explanations(text: &mut String, report: &JobReport) {
    let parts = || report.requirements.iter().flat_map(|one| &one.parts);
    if parts().any(|part| !part.result.layers.is_empty()) {
        text.push('\n');
        push_not_modelled(text, "");
    }
    for requirement in &report.requirements {
        for told in told(&requirement.parts) {
            let part = told.part;
            let verdict = part.result.verdict;
            let _ = writeln!(
                text,
                "\n{}  {}  {} on {} by {}",
                Tone::Title.paint(shown(&requirement.id)),
                Tone::from(verdict).paint(verdict),
                shown(&told.actions.join(", ")),
                shown(&part.resource),
                shown(&part.principal)
            );
            text.push_str(&told.text);
        }
    }
}

/// Decisions of one principal on one resource of which there is the same to tell.
struct Told<'r> {
    part: &'r RequirementPart,
    actions: Vec<&'r str>,
    text: String,
}

fn told(parts: &[RequirementPart]) -> Vec<Told<'_>> {
    let mut all: Vec<Told<'_>> = Vec::new();
    for part in parts.iter().filter(|part| !part.result.layers.is_empty()) {
        let mut text = String::new();
        if !fails(part) {
            push_why(&mut text, &part.result, "  ");
            push_dependencies(&mut text, &part.result, "  ");
        }
        push_layers(&mut text, &part.result.layers, Telling::Short, "  ");
        let same = all.iter_mut().find(|own| {
            own.part.principal == part.principal
                && own.part.resource == part.resource
                && own.part.result.verdict == part.result.verdict
                && own.text == text
        });
        match same {
            Some(own) if own.actions.contains(&part.action.as_str()) => {}
            Some(own) => own.actions.push(&part.action),
            None => all.push(Told {
                part,
                actions: vec![&part.action],
                text,
            }),
        }
    }
    all
}
