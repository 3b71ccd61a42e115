//! Findings as people and programs read them. Rule: UI-2, UI-3, UI-4.

mod github;
mod json;
mod junit;
mod sarif;
mod text;

use std::io;

use preclear_lint::Finding;
use preclear_model::{Place, Position, Severity};

use super::document::Document;
use super::{Results, fix};
use crate::args::LintFormat;
use crate::io::Stream;
use crate::render::counted;
use crate::render::style::shown;

/// Prints everything in one format.
pub(super) fn results(
    format: LintFormat,
    results: &Results,
    out: &mut Stream<'_>,
) -> io::Result<()> {
    match format {
        LintFormat::Text => text::print(results, out),
        LintFormat::Json => out.write_bytes(json::document(results).as_bytes()),
        LintFormat::Jsonl => out.write_bytes(json::lines(results).as_bytes()),
        LintFormat::Sarif => out.write_bytes(sarif::document(results).as_bytes()),
        LintFormat::Junit => out.write_bytes(junit::document(results)?.as_bytes()),
        LintFormat::Github => out.write_bytes(github::lines(results).as_bytes()),
    }
}

/// What was written into files.
pub(super) fn changes(results: &Results, err: &mut Stream<'_>) -> io::Result<()> {
    let mut text = String::new();
    for change in results.files.iter().flat_map(|file| &file.changes) {
        let place = change.place.locate();
        let what = if change.code == fix::MARK_CODE {
            "removed".to_owned()
        } else if change.new.is_empty() {
            format!("`{}` removed", shown(&change.old))
        } else {
            format!("`{}` is now `{}`", shown(&change.old), shown(&change.new))
        };
        text.push_str(&format!(
            "fixed {}:{}: {}: {what}\n",
            shown(&place.name),
            place.position,
            change.code
        ));
    }
    err.write(&text)
}

/// What would be written into files.
pub(super) fn diff(results: &Results, out: &mut Stream<'_>) -> io::Result<()> {
    for file in results.files.iter().filter(|file| !file.changes.is_empty()) {
        let name = file.path.display().to_string();
        out.write_bytes(fix::diff(&name, &file.before, &file.text.source).as_bytes())?;
    }
    Ok(())
}

/// All documents in order.
fn documents(results: &Results) -> impl Iterator<Item = &Document> {
    results.files.iter().flat_map(|file| &file.text.documents)
}

/// All findings in order, with their documents.
fn findings(results: &Results) -> impl Iterator<Item = (&Document, &Finding)> {
    documents(results).flat_map(|one| one.findings.iter().map(move |finding| (one, finding)))
}

/// How many there are of each severity.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    errors: usize,
    warnings: usize,
    infos: usize,
}

impl Tally {
    fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            match finding.severity {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
                Severity::Info => tally.infos += 1,
            }
        }
        tally
    }

    /// `2 errors, 1 note`; what there is none of is left out.
    fn words(self) -> String {
        let all = [
            (self.errors, "error"),
            (self.warnings, "warning"),
            (self.infos, "note"),
        ];
        let there = all.iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = there.map(|(count, word)| counted(*count, word)).collect();
        if words.is_empty() {
            "nothing found".to_owned()
        } else {
            words.join(", ")
        }
    }
}

/// Start and end of a place in the file that users see.
#[derive(Debug, Clone)]
struct Region {
    file: String,
    start: Position,
    end: Position,
    /// Line and column in the document, where it stands in a string.
    inner: Option<Position>,
}

impl Region {
    fn of(place: &Place) -> Self {
        let outer = place.outermost();
        let source = &outer.source;
        Self {
            file: source.name.clone(),
            start: source.position(outer.span.start),
            end: source.position(outer.span.end),
            inner: place.locate().inner,
        }
    }
}
