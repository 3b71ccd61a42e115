//! Results of tests in the forms that other tools read: JUnit XML, GitHub annotations, SARIF. Rule: UI-2, UI-23.

use preclear_model::{Diagnostics, Severity};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

use super::check::{FileResult, Outcome, TestResult};
use super::coverage::Coverage;
use super::expect::Mismatch;
use crate::render::annotation::{data, property};
use crate::render::json::SARIF_SCHEMA;
use crate::render::style::shown;
use crate::render::{diagnostics, junit};

/// Columns of messages in reports.
const WIDTH: u16 = 100;

/// Rule id of a test that fails.
const FAILED: &str = "failed-expectation";

/// Mismatches, one a line.
fn lines(mismatches: &[Mismatch]) -> String {
    let lines = mismatches.iter().map(|one| {
        format!(
            "{}: expected {}, actual {}",
            shown(&one.path),
            shown(&one.expected),
            shown(&one.actual)
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// What is wrong, then the answer.
fn told(mismatches: &[Mismatch], answer: &str) -> String {
    match plain(answer) {
        answer if answer.is_empty() => lines(mismatches),
        answer => format!("{}\n\n{answer}", lines(mismatches)),
    }
}

/// A JUnit report while it grows: a suite for each file.
#[derive(Debug)]
pub(super) struct Junit(Report);

impl Junit {
    pub(super) fn new() -> Self {
        Self(Report::new("preclear test"))
    }

    pub(super) fn add(&mut self, file: &FileResult) {
        let mut suite = TestSuite::new(file.name.as_str());
        for test in &file.tests {
            suite.add_test_case(case(file, test));
        }
        self.0.add_test_suite(suite);
    }

    /// A file that cannot be used is a suite with one error.
    pub(super) fn unusable(&mut self, file: &str, errors: &Diagnostics) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        if let Some(first) = errors.errors().next() {
            status.set_type(first.code);
            status.set_message(first.message.as_str());
        }
        status.set_description(plain(&diagnostics::render(errors, WIDTH)));
        let mut case = TestCase::new("the file can be used", status);
        case.set_classname(file);
        let mut suite = TestSuite::new(file);
        suite.add_test_case(case);
        self.0.add_test_suite(suite);
    }

    /// The document.
    pub(super) fn text(mut self, coverage: Option<&Coverage>) -> String {
        if let (Some(coverage), Some(suite)) = (coverage, self.0.test_suites.first_mut()) {
            // Only suites have properties.
            let percent = coverage.percent().to_string();
            suite.add_property(Property::new("statement-coverage-percent", percent));
        }
        // It fails where a writer does, and a text does not.
        junit::document(&self.0).unwrap_or_default()
    }
}

fn case(file: &FileResult, test: &TestResult) -> TestCase {
    let status = match &test.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Failed { mismatches, answer } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let line = test.line.map(|line| format!(":{line}")).unwrap_or_default();
            status.set_type(FAILED);
            // A reader takes a line break in an attribute for a space.
            status.set_message(lines(mismatches).replace('\n', "; "));
            status.set_description(format!("{}{line}\n{}", file.name, told(mismatches, answer)));
            status
        }
    };
    let mut case = TestCase::new(shown(&test.name), status);
    case.set_classname(file.name.as_str());
    case
}

/// An annotation of GitHub Actions for a test that fails.
pub(super) fn annotation(file: &FileResult, test: &TestResult) -> Option<String> {
    let Outcome::Failed { mismatches, answer } = &test.outcome else {
        return None;
    };
    let said = told(mismatches, answer);
    Some(command(
        "error", &file.name, test.line, None, &test.name, &said,
    ))
}

/// Annotations for a file that cannot be used.
pub(super) fn annotations_of_errors(file: &str, errors: &Diagnostics) -> String {
    let all = errors.iter().map(|one| {
        let level = match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let place = one.place.as_ref().map(preclear_model::Place::locate);
        let (file, line, column) = match &place {
            Some(place) => (
                place.name.as_str(),
                Some(place.position.line),
                Some(place.position.column),
            ),
            None => (file, None, None),
        };
        let help = one.help.iter().map(|help| format!("\n{help}"));
        let said = one.message.clone() + &help.collect::<String>();
        command(level, file, line, column, one.code, &said)
    });
    all.collect()
}

/// A notice for each statement that no test shows.
pub(super) fn notices(coverage: &Coverage) -> String {
    let all = coverage.notes();
    all.map(|(file, line, said)| command("notice", file, Some(line), None, "coverage", &said))
        .collect()
}

/// A workflow command, in GitHub's escapes.
fn command(
    level: &str,
    file: &str,
    line: Option<u32>,
    column: Option<u32>,
    title: &str,
    said: &str,
) -> String {
    let line = line.map(|line| format!(",line={line}")).unwrap_or_default();
    let column = column.map(|column| format!(",col={column}"));
    let column = column.unwrap_or_default();
    format!(
        "::{level} file={}{line}{column},title={}::{}\n",
        property(file),
        property(title),
        data(said)
    )
}

/// A result of SARIF for a test that fails.
pub(super) fn sarif_result(file: &FileResult, test: &TestResult) -> Option<Value> {
    let Outcome::Failed { mismatches, answer } = &test.outcome else {
        return None;
    };
    let said = format!("{}: {}", test.name, told(mismatches, answer));
    Some(result(
        FAILED,
        "error",
        &said,
        &file.name,
        test.line.unwrap_or(1),
        None,
    ))
}

/// Results of SARIF for a file that cannot be used.
pub(super) fn sarif_errors(file: &str, errors: &Diagnostics) -> Vec<Value> {
    let all = errors.iter().map(|one| {
        let level = match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        };
        match one.place.as_ref().map(preclear_model::Place::locate) {
            Some(place) => result(
                one.code,
                level,
                &one.message,
                &place.name,
                place.position.line,
                Some(place.position.column),
            ),
            None => result(one.code, level, &one.message, file, 1, None),
        }
    });
    all.collect()
}

fn result(
    rule: &str,
    level: &str,
    said: &str,
    file: &str,
    line: u32,
    column: Option<u32>,
) -> Value {
    let mut region = json!({"startLine": line});
    if let (Some(column), Some(members)) = (column, region.as_object_mut()) {
        members.insert("startColumn".to_owned(), json!(column));
    }
    json!({
        "ruleId": rule,
        "level": level,
        "message": {"text": said},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(file)}, "region": region}}],
    })
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// A SARIF 2.1.0 log of results.
pub(super) fn sarif(results: Vec<Value>) -> Value {
    let mut rules: Vec<&str> = results
        .iter()
        .filter_map(|result| result.get("ruleId")?.as_str())
        .collect();
    rules.sort_unstable();
    rules.dedup();
    let rules: Vec<Value> = rules.into_iter().map(|id| json!({"id": id})).collect();
    json!({
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "preclear",
                "version": crate::args::version(),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_escape_what_ends_a_command() {
        assert_eq!(
            command(
                "error",
                "a,b:c.yaml",
                Some(3),
                None,
                "50 %: x",
                "one\ntwo, 10 %"
            ),
            "::error file=a%2Cb%3Ac.yaml,line=3,title=50 %25%3A x::one%0Atwo, 10 %25\n"
        );
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("a b/ü.yaml"), "a%20b/%C3%BC.yaml");
    }
}
