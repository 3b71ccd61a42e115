//! Documents and findings as JSON. The members are a contract: change them only by adding.

use preclear_lint::{Edit, Finding};
use serde_json::{Value, json};

use super::{Region, Results, Tally, documents, findings};
use crate::lint::document::{Document, What};
use crate::render::json;

/// One document.
pub(super) fn document(results: &Results) -> String {
    let tally = Tally::of(findings(results).map(|(_, finding)| finding));
    let changes = results.files.iter().flat_map(|file| &file.changes);
    let changes = changes.map(|change| {
        let region = Region::of(&change.place);
        json!({
            "file": region.file,
            "line": region.start.line,
            "column": region.start.column,
            "code": change.code,
            "old": change.old,
            "new": change.new,
        })
    });
    json::document(&json!({
        "files": results.files.len(),
        "left_alone": results.left_alone,
        "unusable": results.unusable.iter().filter(|one| one.said.is_error()).count(),
        "errors": tally.errors,
        "warnings": tally.warnings,
        "notes": tally.infos,
        "documents": documents(results).map(one).collect::<Vec<_>>(),
        "fixed": changes.collect::<Vec<_>>(),
    }))
}

/// One line for each document.
pub(super) fn lines(results: &Results) -> String {
    documents(results)
        .map(|document| json::line(&one(document)))
        .collect()
}

fn one(document: &Document) -> Value {
    let region = Region::of(&document.place);
    let form = match document.what {
        What::Policy(_) => "policy",
        What::Fragment(_) => "fragment",
        What::Unreadable => "unreadable",
        What::Prose => "text",
    };
    json!({
        "file": region.file,
        "line": region.start.line,
        "column": region.start.column,
        "form": form,
        "type": document.what.kind().map(preclear_model::PolicyKind::name),
        "statements": document.statements,
        "findings": document.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    let region = Region::of(&finding.place);
    let related = finding.related.iter().map(|(place, label)| {
        let region = Region::of(place);
        json!({
            "file": region.file,
            "line": region.start.line,
            "column": region.start.column,
            "label": label,
        })
    });
    json!({
        "code": finding.code,
        "severity": finding.severity.to_string(),
        "rule": finding.rule,
        "message": finding.message,
        "help": finding.help,
        "file": region.file,
        "line": region.start.line,
        "column": region.start.column,
        "end_line": region.end.line,
        "end_column": region.end.column,
        "inner": region.inner.map(|inner| json!({"line": inner.line, "column": inner.column})),
        "statement": finding.statement,
        "sid": finding.sid,
        "edit": finding.edit.as_ref().map(|one| edit(one, finding.is_edit_safe())),
        "related": related.collect::<Vec<_>>(),
    })
}

fn edit(edit: &Edit, is_safe: bool) -> Value {
    let as_json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!(text));
    match edit {
        Edit::Replace { place, text } => {
            let region = Region::of(place);
            json!({
                "replace": {
                    "line": region.start.line,
                    "column": region.start.column,
                    "end_line": region.end.line,
                    "end_column": region.end.column,
                },
                "text": text,
                "safe": is_safe,
            })
        }
        Edit::AddStatement(statement) => json!({"add": as_json(statement), "safe": false}),
        Edit::Move {
            place,
            kind,
            document,
        } => {
            let region = Region::of(place);
            json!({
                "remove": {
                    "line": region.start.line,
                    "column": region.start.column,
                    "end_line": region.end.line,
                    "end_column": region.end.column,
                },
                "type": kind.name(),
                "document": as_json(document),
                "safe": false,
            })
        }
    }
}
