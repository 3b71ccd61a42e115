//! The answer about a job as text. Rule: UI-13.

use std::fmt::Write as _;
use std::path::PathBuf;

use preclear_simulator::job::{JobError, JobReport, JobVerdict, Requirement, RequirementPart};
use preclear_simulator::{Operability, Verdict};

use super::fix::push_fixes;
use super::layers::push_layers;
use super::message::{Situation, aws_message};
use super::reason::{entry, push_why};
use super::table;
use crate::render::style::{Tone, shown};

/// What became of the job with the additions.
#[derive(Debug, Clone)]
pub(crate) struct Fixed {
    /// Its verdict then.
    pub(crate) verdict: JobVerdict,
    /// Requirements that are still not allowed.
    pub(crate) still_failing: Vec<String>,
    /// Documents that were written.
    pub(crate) written: Vec<PathBuf>,
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
    entry(&mut text, "", "caller", &shown(&report.caller));
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
        entry(
            &mut text,
            "",
            "warning",
            &format!("{}: {}", warning.code, shown(&warning.message)),
        );
    }
    if !report.requirements.is_empty() {
        let _ = write!(text, "\n{}", table::requirements(report, width));
    }
    for requirement in &report.requirements {
        push_failing(&mut text, requirement);
    }
    push_fixes(&mut text, report, additions);
    push_explanations(&mut text, report);
    text
}

fn push_error(text: &mut String, error: &JobError) {
    let field = error
        .field
        .as_deref()
        .map(|field| format!(" `{}`:", shown(field)))
        .unwrap_or_default();
    let rule = error
        .rule
        .as_deref()
        .map(|rule| format!(" ({rule})"))
        .unwrap_or_default();
    entry(
        text,
        "",
        "error",
        &format!("{}:{field} {}{rule}", error.code, shown(&error.message)),
    );
    if let Some(help) = &error.help {
        entry(text, "", "", &shown(help));
    }
}

/// A requirement that keeps the job from running, part by part.
fn push_failing(text: &mut String, requirement: &Requirement) {
    let failing: Vec<&RequirementPart> = requirement
        .parts
        .iter()
        .filter(|part| fails(part))
        .collect();
    if failing.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n{}  {}",
        Tone::Title.paint(shown(&requirement.id)),
        shown(&requirement.why)
    );
    for part in failing {
        let verdict = part.result.verdict;
        let _ = writeln!(
            text,
            "  {}  {} on {} by {}",
            Tone::from(verdict).paint(verdict),
            shown(&part.action),
            shown(&part.resource),
            shown(&part.principal)
        );
        if let Some(message) = aws_message(&part.result, &situation(part)) {
            let _ = writeln!(text, "    {}", shown(&message));
        }
        push_why(text, &part.result, "    ");
    }
    if let Some(hint) = &requirement.hint {
        entry(text, "    ", "hint", &shown(hint));
    }
}

/// How the service would word it: most calls of jobs are made through another service.
fn situation(part: &RequirementPart) -> Situation {
    Situation {
        ciphertext_names_key: false,
        via: part.context.get("kms:ViaService").cloned(),
    }
}

fn fails(part: &RequirementPart) -> bool {
    match part.result.verdict {
        Verdict::Allow => matches!(part.result.operability, Operability::Exception(_)),
        Verdict::NotApplicable => false,
        Verdict::ExplicitDeny | Verdict::ImplicitDeny | Verdict::Depends | Verdict::Invalid => true,
    }
}

/// Ids of requirements that are not allowed, for the report after the additions.
pub(crate) fn failing_ids(report: &JobReport) -> Vec<String> {
    let failing = report
        .requirements
        .iter()
        .filter(|one| one.parts.iter().any(fails));
    failing.map(|one| one.id.clone()).collect()
}

/// `--explain`: every layer and statement of every decision.
fn push_explanations(text: &mut String, report: &JobReport) {
    for requirement in &report.requirements {
        for part in requirement
            .parts
            .iter()
            .filter(|part| !part.result.layers.is_empty())
        {
            let verdict = part.result.verdict;
            let _ = writeln!(
                text,
                "\n{}  {}  {} on {} by {}",
                Tone::Title.paint(shown(&requirement.id)),
                Tone::from(verdict).paint(verdict),
                shown(&part.action),
                shown(&part.resource),
                shown(&part.principal)
            );
            push_why(text, &part.result, "  ");
            push_layers(text, &part.result.layers, "  ");
        }
    }
}
