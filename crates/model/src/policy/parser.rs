//! What all parts of the parser share: the document's settings, and reporting.

use std::fmt::Display;
use std::sync::Arc;

use super::grammar::Grammar;
use super::{ParseOptions, PolicyKind, Version};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::near::nearest;
use crate::source::{Source, Span};
use crate::tree::{Element, Entries, Entry};

/// The parser of one document.
pub(super) struct Parser<'p> {
    pub(super) source: &'p Arc<Source>,
    pub(super) kind: PolicyKind,
    pub(super) grammar: &'static Grammar,
    pub(super) options: ParseOptions,
    /// Known once `Version` has been read, which comes first.
    pub(super) version: Version,
    /// The Sids so far that are not empty, in the order of the document.
    pub(super) sids: Vec<(&'p str, Span)>,
    pub(super) found: Diagnostics,
}

impl<'p> Parser<'p> {
    pub(super) fn new(
        source: &'p Arc<Source>,
        kind: PolicyKind,
        options: ParseOptions,
    ) -> Parser<'p> {
        let found = Diagnostics::new();
        Parser {
            source,
            kind,
            grammar: kind.grammar(),
            options,
            version: Version::V2012,
            sids: Vec::new(),
            found,
        }
    }

    pub(super) fn report(&mut self, span: Span, finding: Diagnostic) {
        let place = self.source.place(span);
        self.found.push(finding.at(place));
    }

    pub(super) fn error(
        &mut self,
        span: Span,
        code: &'static str,
        rule: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(span, Diagnostic::error(code, message).rule(rule).help(help));
    }

    pub(super) fn warn(
        &mut self,
        span: Span,
        code: &'static str,
        rule: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(
            span,
            Diagnostic::warning(code, message).rule(rule).help(help),
        );
    }

    /// How bad a defect is that the lenient mode accepts.
    pub(super) fn severity_if_strict(&self) -> Severity {
        if self.options.lenient {
            Severity::Warning
        } else {
            Severity::Error
        }
    }

    /// How bad a defect is that IAM refuses in what it stores itself.
    pub(super) fn severity_if_stored_by_iam(&self) -> Severity {
        if self.grammar.is_stored_by_iam {
            Severity::Error
        } else {
            Severity::Warning
        }
    }

    /// Reports a value of a wrong type.
    pub(super) fn wrong_type(
        &mut self,
        what: impl Display,
        expected: &str,
        node: Element<'_>,
        rule: &'static str,
    ) {
        let message = format!("{what} must be {expected}, not {}", node.kind_name());
        self.error(
            node.span(),
            "WRONG_TYPE",
            rule,
            message,
            format!("write {expected}"),
        );
    }

    /// The members of an object; anything else is reported.
    pub(super) fn members<'n>(
        &mut self,
        what: impl Display,
        node: Element<'n>,
        rule: &'static str,
    ) -> Option<Entries<'n>> {
        if !node.is_mapping() {
            self.wrong_type(what, "an object", node, rule);
            return None;
        }
        Some(node.entries())
    }

    /// A text; anything else is reported.
    pub(super) fn text<'n>(
        &mut self,
        what: impl Display,
        node: Element<'n>,
        rule: &'static str,
    ) -> Option<&'n str> {
        let text = node.as_text();
        if text.is_none() {
            self.wrong_type(what, "a string", node, rule);
        }
        text
    }

    /// What a string, or each string of a list, is read as; anything else is reported. Rule: IAM-GRAM-10, IAM-GRAM-12,
    /// IAM-GRAM-14.
    pub(super) fn each_text<'n, T>(
        &mut self,
        what: impl Display,
        node: Element<'n>,
        rule: &'static str,
        mut read: impl FnMut(&mut Self, &'n str, Element<'n>) -> Option<T>,
    ) -> Vec<T> {
        let items = node.one_or_many();
        if node.as_text().is_none() && !node.is_sequence() {
            self.wrong_type(&what, "a string or a list of strings", node, rule);
        }
        let mut entries = Vec::with_capacity(items.len_max());
        for item in items {
            match item.as_text() {
                Some(text) => {
                    if let Some(entry) = read(self, text, item) {
                        entries.push(entry);
                    }
                }
                None => {
                    self.wrong_type(
                        format_args!("each element of {what}"),
                        "a string",
                        item,
                        rule,
                    );
                }
            }
        }
        entries
    }

    /// Reports a member that the grammar does not know.
    pub(super) fn unknown_member(
        &mut self,
        member: Entry<'_>,
        known: &[&str],
        what: &str,
        rule: &'static str,
    ) {
        let help = match nearest(member.name, known.iter().copied()) {
            Some(near) if near.eq_ignore_ascii_case(member.name) => {
                format!("write `{near}`: names of members are case-sensitive")
            }
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("remove it; {what} has {}", listed(known)),
        };
        let message = format!("{what} has no member `{}`", member.name);
        self.error(member.name_span(), "UNKNOWN_MEMBER", rule, message, help);
    }
}

/// The first character of an element, to mark what lacks something.
pub(super) fn opening(node: Element<'_>) -> Span {
    let Span { start, end } = node.span();
    Span {
        start,
        end: end.min(start.saturating_add(1)),
    }
}

/// Names in backticks.
pub(super) fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
