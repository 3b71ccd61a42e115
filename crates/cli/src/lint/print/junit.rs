//! JUnit XML: a suite for each file, a case for each document, a failure where something worse than a warning is found.

use std::io;

use preclear_lint::Finding;
use preclear_model::Severity;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Region, Results, Tally};
use crate::lint::document::Document;
use crate::render::junit;
use crate::render::style::shown;

pub(super) fn document(results: &Results) -> io::Result<String> {
    let mut report = Report::new("preclear lint");
    for file in &results.files {
        let mut suite = TestSuite::new(shown(&file.path.display().to_string()));
        for document in &file.text.documents {
            suite.add_test_case(case(document));
        }
        report.add_test_suite(suite);
    }
    for one in results.unusable.iter().filter(|one| one.said.is_error()) {
        let (file, _) = one.region();
        let name = file.unwrap_or_else(|| "preclear lint".to_owned());
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status
            .set_type(one.said.code)
            .set_message(shown(&one.said.message));
        let mut case = TestCase::new("the file can be read", status);
        case.set_classname(shown(&name));
        let mut suite = TestSuite::new(shown(&name));
        suite.add_test_case(case);
        report.add_test_suite(suite);
    }
    junit::document(&report)
}

fn case(document: &Document) -> TestCase {
    let place = document.place.locate();
    let name = format!(
        "line {}, column {}: {}",
        place.position.line,
        place.position.column,
        document.what.words()
    );
    let (errors, others): (Vec<&Finding>, Vec<&Finding>) = document
        .findings
        .iter()
        .partition(|finding| finding.severity == Severity::Error);
    let status = match errors.first() {
        None => TestCaseStatus::success(),
        Some(first) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_type(first.code)
                .set_message(Tally::of(errors.iter().copied()).words())
                .set_description(described(&errors));
            status
        }
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(shown(&place.name));
    if !others.is_empty() {
        case.set_system_out(described(&others));
    }
    case
}

/// One paragraph for each.
fn described(findings: &[&Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let region = Region::of(&finding.place);
        let rule = finding
            .rule
            .map(|rule| format!(" ({rule})"))
            .unwrap_or_default();
        text.push_str(&format!(
            "{}:{}: {}[{}] {}{rule}\n",
            shown(&region.file),
            region.start,
            finding.severity,
            finding.code,
            shown(&finding.message)
        ));
        if let Some(help) = &finding.help {
            text.push_str(&format!("  {}\n", shown(help)));
        }
    }
    text
}
