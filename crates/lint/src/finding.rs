//! One finding, and the change it proposes. Rendering is not known here.

use std::sync::Arc;

use preclear_model::{Diagnostic, Diagnostics, Place, Policy, PolicyKind, Severity, Source, Span};

use crate::codes::Code;

/// Something that is wrong with a policy document, or worth knowing about it. Rule: UI-22
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable code in upper snake case: a row of [`CODES`](crate::codes::CODES), or a code of the parser.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Id of the rule behind it.
    pub rule: Option<&'static str>,
    /// Where it is.
    pub place: Place,
    /// Index of the statement, from 0; `None` for the document as a whole.
    pub statement: Option<usize>,
    /// `Sid` of the statement.
    pub sid: Option<String>,
    /// One sentence, lower-case, user input in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// A change that does it.
    pub edit: Option<Edit>,
    /// Other places that belong to it, each with a short label.
    pub related: Vec<(Place, String)>,
}

/// A change that a finding proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Put `text` in the place of what stands there; quotes are included in both.
    Replace {
        /// What goes.
        place: Place,
        /// What comes.
        text: String,
    },
    /// Add this statement, as JSON, to the document.
    AddStatement(String),
    /// Take the statement out and put this document, as JSON, where policies of its kind belong.
    Move {
        /// The statement that goes.
        place: Place,
        /// Kind of the new document.
        kind: PolicyKind,
        /// The new document.
        document: String,
    },
}

impl Finding {
    /// A finding of this table row, with the row's severity, rule and remedy.
    pub(crate) fn new(code: &'static Code, place: Place, message: String) -> Finding {
        Finding {
            code: code.name,
            severity: code.severity,
            rule: Some(code.rule),
            place,
            statement: None,
            sid: None,
            message,
            help: Some(code.remedy.to_owned()),
            edit: None,
            related: Vec::new(),
        }
    }

    pub(crate) fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }

    pub(crate) fn rule(mut self, rule: &'static str) -> Finding {
        self.rule = Some(rule);
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn edit(mut self, edit: Edit) -> Finding {
        self.edit = Some(edit);
        self
    }

    pub(crate) fn related(mut self, place: Place, label: impl Into<String>) -> Finding {
        self.related.push((place, label.into()));
        self
    }

    pub(crate) fn in_statement(mut self, index: usize, sid: Option<&str>) -> Finding {
        self.statement = Some(index);
        self.sid = sid.map(str::to_owned);
        self
    }

    /// What the parser said, as a finding; one without a place is put at the start of `source`.
    fn of_diagnostic(diagnostic: &Diagnostic, source: &Arc<Source>) -> Finding {
        Finding {
            code: diagnostic.code,
            severity: diagnostic.severity,
            rule: diagnostic.rule,
            place: diagnostic
                .place
                .clone()
                .unwrap_or_else(|| source.place(Span::default())),
            statement: None,
            sid: None,
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            edit: None,
            related: diagnostic.related.clone(),
        }
    }
}

impl Finding {
    /// A comma in front of a closing bracket, or behind the document: the text is read without it. Rule: JOB-LINT-1
    #[must_use]
    pub fn trailing_comma(place: Place) -> Finding {
        let row = &preclear_model::codes::JSON_TRAILING_COMMA;
        let message = "this is not JSON: trailing comma".to_owned();
        let edit = Edit::Replace {
            place: place.clone(),
            text: String::new(),
        };
        Finding::new(row, place, message)
            .help("remove the comma; the rest is read as if it were not there")
            .edit(edit)
    }

    /// True if the edit may be made unseen: it changes notation alone, or a text that means nothing into the one name that is
    /// certainly meant. An error about an action is certain; a warning is a guess.
    #[must_use]
    pub fn is_edit_safe(&self) -> bool {
        matches!(self.edit, Some(Edit::Replace { .. }))
            && match self.code {
                // Another prefix is a guess, however near.
                "UNKNOWN_ACTION" => self.severity == Severity::Error && self.keeps_prefix(),
                code => SAFE.contains(&code),
            }
    }

    fn keeps_prefix(&self) -> bool {
        let prefix = |text: &str| {
            let text = text.trim_start_matches(['"', '\'', '`']);
            text.split_once(':').map(|(prefix, _)| prefix.to_owned())
        };
        match &self.edit {
            Some(Edit::Replace { place, text }) => prefix(place.text()) == prefix(text),
            _ => false,
        }
    }

    /// As the rest of the program shows what is wrong.
    #[must_use]
    pub fn to_diagnostic(&self) -> Diagnostic {
        Diagnostic {
            severity: self.severity,
            code: self.code,
            rule: self.rule,
            message: self.message.clone(),
            place: Some(self.place.clone()),
            help: self.help.clone(),
            related: self.related.clone(),
        }
    }
}

/// Codes whose edits keep what the text means, or give it the only meaning that it can have: a value that no request has becomes
/// the operation or alias that it names in another notation.
const SAFE: [&str; 3] = [
    "JSON_TRAILING_COMMA",
    "KMS_ALIAS_VALUE_NEVER_MATCHES",
    "KMS_GRANT_OPERATION_UNKNOWN",
];

impl Edit {
    /// Replaces the text of a scalar, in the quotes that it has now.
    pub(crate) fn text(place: Place, text: &str) -> Edit {
        let quoted = match place.source.slice(place.span).chars().next() {
            Some('"') => serde_json::Value::from(text).to_string(),
            Some('\'') => format!("'{}'", text.replace('\'', "''")),
            _ if is_plain_in_yaml(text) => text.to_owned(),
            _ => serde_json::Value::from(text).to_string(),
        };
        Edit::Replace {
            place,
            text: quoted,
        }
    }
}

/// Whether YAML reads the text as itself without quotes. Errs towards quotes.
fn is_plain_in_yaml(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.trim_end_matches('*').chars().all(is_plain)
        && !text.ends_with(':')
}

/// What the parser said about a document, as findings: nothing that it reported is lost or repeated.
///
/// `source` is the text that was read; `document` is what became of it, if anything.
///
/// ```
/// use std::sync::Arc;
/// use preclear_lint::from_diagnostics;
/// use preclear_model::{Diagnostic, Severity, Source};
///
/// let source = Arc::new(Source::new("p.json", "{}"));
/// let said = Diagnostic::error("MISSING_MEMBER", "the document has no `Statement`").rule("IAM-GRAM-6");
/// let findings = from_diagnostics(&said.into(), &source, None);
/// assert_eq!((findings[0].code, findings[0].severity), ("MISSING_MEMBER", Severity::Error));
/// ```
#[must_use]
pub fn from_diagnostics(
    diagnostics: &Diagnostics,
    source: &Arc<Source>,
    document: Option<&Policy>,
) -> Vec<Finding> {
    let findings = diagnostics.iter().map(|diagnostic| {
        let finding = Finding::of_diagnostic(diagnostic, source);
        match document.and_then(|document| statement_at(document, &finding.place)) {
            Some((index, sid)) => finding.in_statement(index, sid),
            None => finding,
        }
    });
    sorted(findings.collect())
}

/// The statement that a place lies in.
fn statement_at<'p>(document: &'p Policy, place: &Place) -> Option<(usize, Option<&'p str>)> {
    if !Arc::ptr_eq(&document.source, &place.source) {
        return None;
    }
    let mut statements = document.statements.iter().enumerate();
    statements
        .find(|(_, statement)| {
            statement.span.start <= place.span.start && place.span.end <= statement.span.end
        })
        .map(|(index, statement)| (index, statement.sid.as_deref()))
}

/// Findings that say of the same place what the parser says, and more.
const SUPERSEDING: [(&str, &str); 3] = [
    ("KMS_ORPHAN_PRINCIPAL", "UNIQUE_ID_PRINCIPAL"),
    ("PRINCIPAL_IN_IDENTITY_POLICY", "PRINCIPAL_NOT_ALLOWED"),
    ("PRINCIPAL_IN_IDENTITY_POLICY", "NOT_PRINCIPAL_NOT_ALLOWED"),
];

/// What the parser says of the same place, so that these findings add nothing.
const SUPERSEDED: [(&str, &str); 1] = [("RESOURCE_FITS_NO_ACTION", "ARN_FIELD_NOT_EMPTY")];

/// The parser's findings and those of the checks as one list, in order; nothing is said twice of one place.
#[must_use]
pub fn merged(passed: Vec<Finding>, found: Vec<Finding>) -> Vec<Finding> {
    let is_told = |pairs: &[(&str, &str)], own: &Finding, other: &Finding| {
        is_same_place(own, other) && pairs.contains(&(own.code, other.code))
    };
    let is_repeated = |finding: &Finding, other: &Finding| {
        is_told(&SUPERSEDED, finding, other)
            || (finding.code == other.code && is_same_place(finding, other))
    };
    let kept: Vec<Finding> = found
        .into_iter()
        .filter(|finding| !passed.iter().any(|other| is_repeated(finding, other)))
        .collect();
    let mut all: Vec<Finding> = passed
        .into_iter()
        .filter(|other| {
            !kept.iter().any(|finding| {
                is_told(&SUPERSEDING, finding, other) || is_moved_away(finding, other)
            })
        })
        .collect();
    all.extend(kept);
    sorted(all)
}

/// A statement that belongs to a trust policy needs no resource there. Rule: IAM-GRAM-12, IAM-GRAM-21
fn is_moved_away(finding: &Finding, other: &Finding) -> bool {
    finding.code == "TRUST_STATEMENT_IN_IDENTITY_POLICY"
        && (other.code, other.rule) == ("MISSING_MEMBER", Some("IAM-GRAM-12"))
        && is_same_place(finding, other)
}

fn is_same_place(one: &Finding, other: &Finding) -> bool {
    one.place.span == other.place.span && Arc::ptr_eq(&one.place.source, &other.place.source)
}

/// In the order of their places; findings of one place by code. The same finding is not said twice.
pub(crate) fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (
                finding.place.span.start,
                finding.place.span.end,
                finding.code,
            )
        };
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    findings.dedup();
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(written: &str, text: &str) -> String {
        let source = Arc::new(Source::new("p", written));
        let place = source.place(Span::new(0, written.len()));
        match Edit::text(place, text) {
            Edit::Replace { text, .. } => text,
            Edit::AddStatement(text) | Edit::Move { document: text, .. } => text,
        }
    }

    #[test]
    fn replacements_keep_the_quotes() {
        assert_eq!(
            replaced("\"kms:ListGrant\"", "kms:ListGrants"),
            "\"kms:ListGrants\""
        );
        assert_eq!(replaced("'a'", "it's"), "'it''s'");
        assert_eq!(
            replaced("kms:ListGrant", "kms:ListGrants"),
            "kms:ListGrants"
        );
        assert_eq!(
            replaced("kms:ReEncrypt", "kms:ReEncrypt*"),
            "kms:ReEncrypt*"
        );
        assert_eq!(replaced("x", "*"), "\"*\"");
        assert_eq!(replaced("x", "a: b"), "\"a: b\"");
    }
}
