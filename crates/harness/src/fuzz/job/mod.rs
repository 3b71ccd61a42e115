//! Jobs: a report follows from its rows, and each row from its decisions.
//!
//! An input is one letter for the world, and a job file; with a capital letter the rest is not a file but choices of a
//! generator, which grows one from the templates and then spoils it in places.

use std::path::Path;

use preclear_inputs::files::MemoryFiles;
use preclear_inputs::{Options, job};
use preclear_model::policy::{ParseOptions, parse_policy};
use preclear_simulator::job::{
    Basis, JobReport, JobRequest, JobVerdict, Requirement, apply_fixes, fixed_documents, simulate,
};
use preclear_simulator::{Detail, Engine, Operability, Verdict};
use serde_json::{Value, json};

use self::template::Template;
use super::{Finding, hold, place, same};
use crate::choose::Bytes;

mod alone;
mod draw;
mod fields;
pub(crate) mod template;
mod world;

/// Where the job file stands.
const PATH: &str = "job.yaml";

/// Jobs of one file; more say nothing new.
const JOBS_MAX: usize = 3;

/// Reads the job file and simulates its jobs.
///
/// # Errors
/// Findings without a place, members that are passed over, reports that do not follow from their rows.
///
/// ```
/// preclear_harness::fuzz::job::oracle(b"a{operation: personalize:CreateDatasetGroup, caller: x, request: {}}").unwrap();
/// ```
pub fn oracle(data: &[u8]) -> Result<(), Finding> {
    let (letter, rest) = data.split_first().unwrap_or((&b'a', &[]));
    let engine = world::engine(*letter)?;
    if letter.is_ascii_uppercase() {
        let drawn = draw::job(&mut Bytes::new(rest));
        of_file(engine, drawn.to_string().as_bytes())
    } else {
        of_file(engine, rest)
    }
}

fn of_file(engine: &Engine, text: &[u8]) -> Result<(), Finding> {
    let read = |text: &[u8]| {
        let files = MemoryFiles::from_iter([(PATH, text)]);
        job::read(Path::new(PATH), &files, &Options::default())
    };
    let jobs = match read(text) {
        Ok(loaded) => {
            place::check(&loaded.diagnostics)?;
            loaded.value
        }
        Err(found) => {
            hold(found.has_errors(), || "refused without error".to_owned())?;
            return place::check(&found);
        }
    };
    if let Ok(mut document) = serde_json::from_slice::<Value>(text)
        && let Some(members) = document.as_object_mut()
    {
        // A member that nobody knows is never passed over.
        members.insert("preclear-x".to_owned(), json!(1));
        let found = read(document.to_string().as_bytes()).err();
        let is_told = found.is_some_and(|found| found.to_string().contains("preclear-x"));
        hold(is_told, || {
            format!("an unknown member is passed over: {document}")
        })?;
    }
    for job in jobs.iter().take(JOBS_MAX) {
        simulated(engine, job).map_err(|found| Finding::new(format!("{found}\n{job:#?}")))?;
    }
    Ok(())
}

fn simulated(engine: &Engine, job: &JobRequest) -> Result<(), Finding> {
    let report = simulate(engine, job, Detail::Reasons);
    let again = simulate(engine, job, Detail::Reasons);
    same(
        || "simulated twice".to_owned(),
        &format!("{report:?}"),
        &format!("{again:?}"),
    )?;
    let is_invalid = report.verdict == JobVerdict::Invalid;
    hold(is_invalid != report.errors.is_empty(), || {
        format!("{:?}", report.errors)
    })?;
    for error in &report.errors {
        let is_whole = error.rule.is_some() && error.help.is_some() && !error.message.is_empty();
        hold(is_whole, || {
            format!("an error without rule or remedy: {error:?}")
        })?;
        error.place.iter().try_for_each(place::inside)?;
    }
    for warning in &report.warnings {
        hold(!warning.rule.is_empty(), || format!("{warning:?}"))?;
        warning.place.iter().try_for_each(place::inside)?;
    }
    let Some(template) = Template::find(&job.operation) else {
        return hold(is_invalid, || {
            format!("`{}` is no operation", job.operation)
        });
    };
    fields::check(&template, job, &report)?;
    if is_invalid {
        return hold(report.requirements.is_empty(), || {
            "an invalid job has rows".to_owned()
        });
    }
    rows_are_those_of(&template, &report)?;
    report.requirements.iter().try_for_each(row_holds)?;
    same(
        || "verdict of the rows".to_owned(),
        &report.verdict,
        &verdict_of(&report),
    )?;
    alone::check(engine, job, &template, &report)?;
    fixes_hold(engine, job, &report)
}

/// Every row of the template, in its order.
fn rows_are_those_of(template: &Template, report: &JobReport) -> Result<(), Finding> {
    let ids: Vec<&str> = report
        .requirements
        .iter()
        .map(|row| row.id.as_str())
        .collect();
    same(|| "rows".to_owned(), &ids, &template.rows())
}

/// A row is as bad as the worst of its parts, and open at best where something is missing that it could ask about. Rule: JOB-2, JOB-8.
fn row_holds(row: &Requirement) -> Result<(), Finding> {
    let has = |verdict| row.parts.iter().any(|part| part.result.verdict == verdict);
    let worst_first = [
        Verdict::Invalid,
        Verdict::ExplicitDeny,
        Verdict::ImplicitDeny,
        Verdict::Depends,
        Verdict::Allow,
    ];
    let is_found =
        |verdict: &Verdict| has(*verdict) || *verdict == Verdict::Depends && row.missing.is_some();
    let worst = worst_first.into_iter().find(is_found);
    let worst = worst.unwrap_or(Verdict::NotApplicable);
    same(|| format!("verdict of {}", row.id), &row.result, &worst)?;
    if row.missing.is_none() {
        let strongest = row.parts.iter().map(|part| part.basis).min();
        same(
            || format!("basis of {}", row.id),
            &row.basis,
            &strongest.unwrap_or(row.basis),
        )?;
    }
    for part in &row.parts {
        let is_named = part.action.contains(':') && !part.action.contains(['*', '?']);
        let is_on = part.resource == "*" || part.resource.starts_with("arn:");
        hold(is_named && is_on, || {
            format!("{}: {} on {}", row.id, part.action, part.resource)
        })?;
        same(
            || format!("action of {}", row.id),
            &part.action,
            &part.result.action,
        )?;
    }
    Ok(())
}

/// The first line of the table that holds. Rule: JOB-4.
fn verdict_of(report: &JobReport) -> JobVerdict {
    let parts = || report.requirements.iter().flat_map(|row| &row.parts);
    let is_open = |verdict: Verdict| verdict.is_deny() || verdict == Verdict::Depends;
    let lacking = report
        .requirements
        .iter()
        .filter(|row| row.missing.is_some());
    let of_lacking = lacking.map(|row| match row.basis {
        Basis::Mandatory => JobVerdict::Undecided,
        Basis::Listed => JobVerdict::Gaps,
        Basis::Advisory => JobVerdict::Allowed,
    });
    let mut verdict = of_lacking.min().unwrap_or(JobVerdict::Allowed);
    for part in parts() {
        let own = match (part.basis, part.result.verdict) {
            (Basis::Mandatory, verdict) if verdict.is_deny() => JobVerdict::Denied,
            (Basis::Mandatory, Verdict::Depends) => JobVerdict::Undecided,
            (Basis::Mandatory, Verdict::Allow)
                if matches!(part.result.operability, Operability::Exception(_)) =>
            {
                JobVerdict::Inoperable
            }
            (Basis::Listed, verdict) if is_open(verdict) => JobVerdict::Gaps,
            _ => JobVerdict::Allowed,
        };
        verdict = verdict.min(own);
    }
    verdict
}

/// How many permissions of a row are denied.
fn denied(row: &Requirement) -> usize {
    let parts = row.parts.iter();
    parts.filter(|part| part.result.verdict.is_deny()).count()
}

/// What is proposed is a policy that the parser takes, and makes nothing worse.
fn fixes_hold(engine: &Engine, job: &JobRequest, report: &JobReport) -> Result<(), Finding> {
    if report.fixes.is_empty() {
        return Ok(());
    }
    for (target, document) in fixed_documents(engine.snapshot(), &report.fixes) {
        let options = ParseOptions::default();
        let (policy, found) = parse_policy(&document, "fix", target.kind(), options);
        hold(policy.is_some(), || {
            format!("a fix for {target} is refused: {found}\n{document}")
        })?;
    }
    let ids: Vec<&str> = report
        .requirements
        .iter()
        .map(|row| row.id.as_str())
        .collect();
    for fix in &report.fixes {
        let is_known = fix.serves.iter().all(|id| ids.contains(&id.as_str()));
        hold(is_known && !fix.serves.is_empty(), || {
            format!("serves nothing: {fix:?}")
        })?;
    }
    let mended = Engine::compile(apply_fixes(engine.snapshot(), &report.fixes));
    let after = simulate(&mended, job, Detail::Reasons);
    hold(after.verdict >= report.verdict, || {
        format!(
            "{} became {} by {:?}",
            report.verdict, after.verdict, report.fixes
        )
    })?;
    for (before, after) in report.requirements.iter().zip(&after.requirements) {
        let is_served = report
            .fixes
            .iter()
            .any(|fix| fix.serves.contains(&before.id));
        let is_lost = before.result == Verdict::Allow && after.result != Verdict::Allow;
        hold(!is_lost, || {
            format!("{} was allowed: {:?}", before.id, report.fixes)
        })?;
        // Of a row of several parts some may have nowhere to add to.
        let (denied, left) = (denied(before), denied(after));
        hold(!is_served || denied == 0 || left < denied, || {
            format!(
                "{} is still {}: {:?}",
                before.id, after.result, report.fixes
            )
        })?;
    }
    Ok(())
}
