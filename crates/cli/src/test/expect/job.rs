//! Compares the answer about a job.

use std::collections::{BTreeMap, BTreeSet};

use preclear_inputs::test_file::{JobExpectation, RequestExpectation};
use preclear_model::Diagnostics;
use preclear_simulator::job::{JobReport, JobVerdict, Requirement};

use super::request::{Answer, PartAnswer, badness, compare, compare_part};
use super::{Mismatch, Mismatches, list};

/// What became of a job.
#[derive(Debug)]
pub(in crate::test) enum JobOutcome<'a> {
    /// It was simulated; with its verdict after the printed additions, if that was asked for.
    Report {
        report: &'a JobReport,
        fixed: Option<JobVerdict>,
    },
    /// The job or its snapshot was refused.
    Refused(&'a Diagnostics),
}

/// Compares a job.
pub(in crate::test) fn job(expect: &JobExpectation, outcome: &JobOutcome<'_>) -> Vec<Mismatch> {
    let mut mismatches = Mismatches::default();
    match outcome {
        JobOutcome::Refused(errors) => compare_refused(&mut mismatches, expect, errors),
        JobOutcome::Report { report, fixed } => {
            compare_report(&mut mismatches, expect, report, *fixed)
        }
    }
    mismatches.all
}

/// A job that cannot be asked is invalid and has nothing else to show.
fn compare_refused(mismatches: &mut Mismatches, expect: &JobExpectation, errors: &Diagnostics) {
    let codes: BTreeSet<String> = errors.errors().map(|error| error.code.to_owned()).collect();
    if let Some(expected) = &expect.verdict {
        let actual = JobVerdict::Invalid.name();
        if expected != actual {
            mismatches.push("verdict", expected, format!("{actual} ({})", list(&codes)));
        }
    }
    if let Some(expected) = &expect.code
        && !errors.mentions(expected)
    {
        mismatches.push("code", expected, list(&codes));
    }
    let named = expect
        .requirements
        .keys()
        .chain(expect.requirements_exactly.iter().flat_map(BTreeMap::keys));
    for name in named {
        mismatches.push(
            &format!("requirements/{name}"),
            "a requirement of that id",
            "no requirements",
        );
    }
    mismatches.contained("warnings", &expect.warnings, &BTreeSet::new());
    if let Some(expected) = &expect.fixed {
        mismatches.same("fixed", expected, None);
    }
}

fn compare_report(
    mismatches: &mut Mismatches,
    expect: &JobExpectation,
    report: &JobReport,
    fixed: Option<JobVerdict>,
) {
    if let Some(expected) = &expect.verdict {
        mismatches.same("verdict", expected, Some(report.verdict.name()));
    }
    if let Some(expected) = &expect.code {
        let codes: BTreeSet<String> = report
            .errors
            .iter()
            .map(|error| error.code.clone())
            .collect();
        if !codes.contains(expected) {
            mismatches.push("code", expected, list(&codes));
        }
    }
    for (name, expected) in &expect.requirements {
        compare_requirement(mismatches, "requirements", name, expected, report);
    }
    if let Some(exactly) = &expect.requirements_exactly {
        compare_exactly(mismatches, exactly, report);
    }
    let warnings = report
        .warnings
        .iter()
        .map(|warning| warning.code.to_owned())
        .collect();
    mismatches.contained("warnings", &expect.warnings, &warnings);
    if let Some(expected) = &expect.fixed {
        mismatches.same("fixed", expected, fixed.map(JobVerdict::name));
    }
}

/// The same, and no id that is not named.
fn compare_exactly(
    mismatches: &mut Mismatches,
    expect: &BTreeMap<String, RequestExpectation>,
    report: &JobReport,
) {
    const PATH: &str = "requirements_exactly";
    for (name, expected) in expect {
        compare_requirement(mismatches, PATH, name, expected, report);
    }
    let named: BTreeSet<&str> = expect.keys().map(|name| split(name).0).collect();
    for requirement in report
        .requirements
        .iter()
        .filter(|one| !named.contains(one.id.as_str()))
    {
        mismatches.push(
            &format!("{PATH}/{}", requirement.id),
            "no such requirement",
            requirement.result.name(),
        );
    }
}

/// `GT-08`, or one part of it: `GT-08/s3:GetObject`.
fn split(name: &str) -> (&str, Option<&str>) {
    match name.split_once('/') {
        Some((id, part)) => (id, Some(part)),
        None => (name, None),
    }
}

fn compare_requirement(
    mismatches: &mut Mismatches,
    path: &str,
    name: &str,
    expect: &RequestExpectation,
    report: &JobReport,
) {
    let path = format!("{path}/{name}");
    let (id, part) = split(name);
    let Some(requirement) = report.requirements.iter().find(|one| one.id == id) else {
        let ids = report.requirements.iter().map(|one| &one.id);
        mismatches.push(&path, "a requirement of that id", list(ids));
        return;
    };
    let answer = answer_of(requirement);
    match part {
        Some(part) => compare_part(mismatches, &path, part, expect, &answer),
        None => compare(mismatches, &path, expect, &answer),
    }
}

/// A requirement as its worst part explains it.
fn answer_of(requirement: &Requirement) -> Answer<'_> {
    let worst = requirement
        .parts
        .iter()
        .map(|part| &part.result)
        .max_by_key(|result| badness(result));
    Answer {
        verdict: requirement.result,
        operability: requirement.operability(),
        explanation: worst,
        parts: requirement
            .parts
            .iter()
            .map(|part| PartAnswer {
                action: &part.action,
                resource: &part.resource,
                result: &part.result,
            })
            .collect(),
        worst_of_equal_parts: true,
    }
}
