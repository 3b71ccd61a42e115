//! Texts with variables: where they are split, and where they are not. Rule: IAM-VAR-1…3.

use std::fmt::Display;

use super::Version;
use super::parser::Parser;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;
use crate::template::{Piece, Pieces, Template, TemplateError, TemplateErrorKind};
use crate::tree::Element;

impl Parser<'_> {
    /// Splits a scalar's text where variables work. A malformed one is reported, and the text then read as it stands.
    pub(super) fn template(&mut self, text: &str, node: Element<'_>) -> Template {
        self.template_behind(text, 0, node)
    }

    /// As `template`, where variables work only behind the first `head` bytes.
    pub(super) fn template_behind(
        &mut self,
        text: &str,
        head: usize,
        node: Element<'_>,
    ) -> Template {
        let whole = node.to_text();
        if !opens_variable(text) {
            return Template::plain(whole);
        }
        let span = node.span();
        let (head, tail) = text.split_at_checked(head).unwrap_or((text, ""));
        if self.version == Version::V2008 {
            self.warn_of_old_version(text, span);
            return Template::plain(whole);
        }
        if head.contains("${") {
            let message = "a variable in one of the first five fields of an ARN is not replaced";
            let help = "variables work behind the fifth colon; write the field out, or `*`";
            self.warn(span, "VARIABLE_NOT_REPLACED", "IAM-VAR-3", message, help);
        }
        let parsed = match Template::parse(tail, Version::V2012) {
            Ok(template) => template,
            Err(error) => {
                self.invalid_variable(text, head.len(), error, span);
                return Template::plain(whole);
            }
        };
        self.check_placeholders(&parsed, span);
        Template {
            source: whole,
            pieces: with_text_in_front(head, parsed.pieces),
        }
    }

    /// A text where variables do not work: worth a warning if it holds one.
    pub(super) fn warn_of_variables(&mut self, what: impl Display, text: &str, span: Span) {
        if self.takes_for_variable(text) {
            let message = format!("variables do not work in {what}; `${{…}}` is plain text there");
            let help = "write the text out; variables work in resources and in the values of String and Arn operators";
            self.warn(span, "VARIABLE_NOT_REPLACED", "IAM-VAR-3", message, help);
        }
    }

    /// Whether somebody meant a variable in the text.
    pub(super) fn takes_for_variable(&self, text: &str) -> bool {
        self.version == Version::V2012 && opens_variable(text)
    }

    fn warn_of_old_version(&mut self, text: &str, span: Span) {
        let has_variable =
            Template::parse(text, Version::V2012).is_ok_and(|template| !template.is_plain_text());
        if has_variable {
            let message = "`${…}` is plain text in a document of the version 2008-10-17";
            let help = "write `\"Version\": \"2012-10-17\"` if a variable is meant";
            self.warn(span, "VARIABLE_NEEDS_2012", "IAM-GRAM-4", message, help);
        }
    }

    fn invalid_variable(&mut self, text: &str, head: usize, error: TemplateError, span: Span) {
        let start = head + error.offset;
        let rest = text.get(start..).unwrap_or_default();
        let length = rest.find('}').map_or(rest.len(), |end| end + 1);
        let part = self
            .source
            .span_in_string(span, text, Span::new(start, start + length));
        let help = match error.kind {
            TemplateErrorKind::Unclosed => {
                "close it with `}`, or write `${$}{` for the characters themselves"
            }
            _ => "write `${key}` or `${key, 'default'}`, with one space behind the comma",
        };
        self.error(
            part,
            "INVALID_VARIABLE",
            "IAM-VAR-1",
            error.to_string(),
            help,
        );
    }

    /// A name without a colon is no condition key but a blank that somebody forgot to fill in. Rule: JOB-LINT-2.
    fn check_placeholders(&mut self, template: &Template, span: Span) {
        for key in template.variables().filter(|key| !key.contains(':')) {
            let message = format!(
                "`${{{key}}}` is no policy variable but a placeholder that nobody filled in"
            );
            let help = format!("put the value in its place, or give it with `--param {key}=VALUE`");
            let severity: Severity = self.severity_if_strict();
            let finding = Diagnostic::new(severity, "UNRESOLVED_PLACEHOLDER", message)
                .rule("JOB-LINT-2")
                .help(help);
            self.report(span, finding);
        }
    }
}

/// The pieces with a text in front, which the first piece takes in if it is text.
fn with_text_in_front(head: &str, pieces: Pieces) -> Pieces {
    if head.is_empty() {
        return pieces;
    }
    let (first, rest) = match pieces.split_first() {
        Some((Piece::Text(first), rest)) => (format!("{head}{first}"), rest),
        _ => (head.to_owned(), &*pieces),
    };
    let first = Piece::Text(first.into());
    std::iter::once(first).chain(rest.iter().cloned()).collect()
}

/// True where a text holds `${`, which is where variables open.
pub(super) fn opens_variable(text: &str) -> bool {
    // A search for one byte starts faster than one for two, and mostly there is none.
    text.as_bytes().contains(&b'$') && text.contains("${")
}
