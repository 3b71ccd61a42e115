//! JUnit XML as its readers take it. `tests/cli/reports.rs` holds it against their schema.

use std::io;

use quick_junit::Report;

/// The document. The writer says of all suites together how many tests were skipped, and the schema of Jenkins has no such
/// attribute there. It leaves out control characters, which XML cannot hold, but not the two others that it cannot.
pub(crate) fn document(report: &Report) -> io::Result<String> {
    const SKIPPED: &str = " skipped=\"0\"";
    let mut text = report.to_string().map_err(io::Error::other)?;
    let root = text.find("<testsuites").unwrap_or_default();
    if let Some(at) = text.get(root..).and_then(|rest| rest.find(SKIPPED)) {
        text.replace_range(root + at..root + at + SKIPPED.len(), "");
    }
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        text = text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quick_junit::TestSuite;

    #[test]
    fn suites_keep_what_the_whole_must_not_have() {
        let mut report = Report::new("x");
        report.add_test_suite(TestSuite::new("a"));
        let text = document(&report).unwrap();
        assert!(text.contains("<testsuites name=\"x\" tests=\"0\" failures=\"0\" errors=\"0\">"));
        assert!(text.contains("<testsuite name=\"a\" tests=\"0\" skipped=\"0\""));
        assert!(text.ends_with(">\n"));
    }
}
