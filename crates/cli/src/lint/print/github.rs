//! Annotations of GitHub Actions: commands in lines of their own.

use preclear_model::Severity;

use super::{Region, Results, findings};

pub(super) fn lines(results: &Results) -> String {
    let mut text = String::new();
    for (_, finding) in findings(results) {
        let region = Region::of(&finding.place);
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut message = finding.message.clone();
        if let Some(help) = &finding.help {
            message.push_str(&format!("\n{help}"));
        }
        // GitHub takes columns only where start and end are in one line.
        let columns = if region.start.line == region.end.line {
            format!(
                ",col={},endColumn={}",
                region.start.column, region.end.column
            )
        } else {
            String::new()
        };
        let rule = finding
            .rule
            .map(|rule| format!(" ({rule})"))
            .unwrap_or_default();
        text.push_str(&format!(
            "::{level} file={},line={},endLine={}{columns},title={}::{}\n",
            property(&region.file),
            region.start.line,
            region.end.line,
            property(&format!("{}{rule}", finding.code)),
            data(&message)
        ));
    }
    for one in results.unusable.iter().filter(|one| one.is_error()) {
        text.push_str(&format!(
            "::error title={}::{}\n",
            property(one.code),
            data(&one.message)
        ));
    }
    text
}

/// A message: line breaks would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property, which ends at a comma or colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_end_a_command() {
        assert_eq!(data("50 %\r\n::error::x"), "50 %25%0D%0A::error::x");
        assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
    }
}
