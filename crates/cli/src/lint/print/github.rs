//! Annotations of GitHub Actions: commands in lines of their own.

use preclear_model::Severity;

use super::{Region, Results, findings};
use crate::render::annotation::{data, property};

pub(super) fn lines(results: &Results) -> String {
    let mut text = String::new();
    for (_, finding) in findings(results) {
        let region = Region::of(&finding.place);
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let message = helped(&finding.message, finding.help.as_deref());
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
    for one in results.unusable.iter().filter(|one| one.said.is_error()) {
        let (file, position) = one.region();
        let file = file.map(|file| format!(" file={},", property(&file)));
        let line = position.map(|at| format!("line={},col={},", at.line, at.column));
        text.push_str(&format!(
            "::error{}{}title={}::{}\n",
            file.as_deref().unwrap_or(" "),
            line.unwrap_or_default(),
            property(one.said.code),
            data(&helped(&one.said.message, one.said.help.as_deref()))
        ));
    }
    text
}

/// A message with what to do about it.
fn helped(message: &str, help: Option<&str>) -> String {
    let help = help.map(|help| format!("\n{help}")).unwrap_or_default();
    format!("{message}{help}")
}
