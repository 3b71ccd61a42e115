//! For people: the documents that something was found in, each with its findings and the places marked.

use std::collections::BTreeMap;
use std::io;

use preclear_lint::{Edit, Finding};
use preclear_model::Diagnostic;

use super::{Results, Tally, documents, findings};
use crate::io::Stream;
use crate::lint::document::{Document, What};
use crate::render::style::{Tone, shown};
use crate::render::text::wrap_prose;
use crate::render::{counted, diagnostics};

pub(super) fn print(results: &Results, out: &mut Stream<'_>) -> io::Result<()> {
    let width = out.width();
    for document in documents(results).filter(|one| !one.findings.is_empty()) {
        out.write(&heading(document, width))?;
        for finding in &document.findings {
            out.write(&one(finding, width))?;
        }
        if out.reader_is_gone() {
            return Ok(());
        }
    }
    out.write(&format!("{}\n", wrap_prose(&summary(results), width)))
}

/// `p.json:1: identity policy, 2 statements: 1 error`
fn heading(document: &Document, width: u16) -> String {
    let place = document.place.locate();
    let statements = match document.statements {
        Some(count) => format!(", {}", counted(count, "statement")),
        None => String::new(),
    };
    let text = format!(
        "{}:{}: {}{statements}: {}",
        shown(&place.name),
        place.position.line,
        document.what.words(),
        Tally::of(&document.findings).words()
    );
    let text = wrap_prose(&text, width);
    format!("{}\n\n", Tone::Title.paint(text))
}

fn one(finding: &Finding, width: u16) -> String {
    let diagnostic: Diagnostic = finding.to_diagnostic();
    let mut text = diagnostics::render_wrapped([&diagnostic], width);
    let offered = match &finding.edit {
        Some(Edit::AddStatement(statement)) => Some(("statement to add:".to_owned(), statement)),
        Some(Edit::Move { kind, document, .. }) => {
            Some((format!("as {}:", kind.description()), document))
        }
        Some(Edit::Replace { .. }) | None => None,
    };
    if let Some((label, json)) = offered {
        // Behind the finding it belongs to, in front of the empty line.
        text.truncate(text.trim_end().len());
        text.push_str(&format!("\n  {label}\n"));
        for line in json.lines() {
            text.push_str(&format!("    {}\n", shown(line)));
        }
        text.push('\n');
    }
    text
}

/// What was looked at, and how much was found.
fn summary(results: &Results) -> String {
    let mut kinds: BTreeMap<What, usize> = BTreeMap::new();
    let policies = || documents(results).filter(|one| one.what != What::Prose);
    for document in policies() {
        *kinds.entry(document.what).or_default() += 1;
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(what, count)| what.counted(*count))
        .collect();
    let mut text = format!(
        "{}, {}",
        counted(results.files.len(), "file"),
        counted(policies().count(), "document")
    );
    if !kinds.is_empty() {
        text.push_str(&format!(" ({})", kinds.join(", ")));
    }
    let tally = Tally::of(findings(results).map(|(_, finding)| finding));
    let tone = match tally {
        Tally { errors: 1.., .. } => Tone::Bad,
        Tally { warnings: 1.., .. } => Tone::Doubtful,
        Tally { .. } => Tone::Good,
    };
    text.push_str(&format!(": {}", tone.paint(tally.words())));
    if results.has_unusable() {
        text.push_str("; not all could be read");
    }
    if results.left_alone > 0 {
        text.push_str(&format!(
            "; {} without policies left alone",
            counted(results.left_alone, "other file")
        ));
    }
    text
}
