//! What a check looks at: one statement with its document, or the whole document.

use preclear_model::policy::{Operand, PrincipalEntry, PrincipalKind, ResourceEntry, Statement};
use preclear_model::{Effect, Match, Policy, PolicyKind, Span};

use crate::LintOptions;
use crate::codes::Code;
use crate::finding::{Edit, Finding};
use crate::reach::{self, Entry};

/// A statement, with the catalogue's view of its actions.
#[derive(Debug)]
pub(crate) struct Subject<'p> {
    pub(crate) document: &'p Policy,
    pub(crate) options: &'p LintOptions,
    pub(crate) index: usize,
    pub(crate) statement: &'p Statement,
    /// Entries of `Action` or `NotAction`.
    pub(crate) entries: Vec<Entry<'p>>,
}

impl<'p> Subject<'p> {
    /// All statements of a document.
    pub(crate) fn all(document: &'p Policy, options: &'p LintOptions) -> Vec<Subject<'p>> {
        let statements = document.statements.iter().enumerate();
        statements
            .map(|(index, statement)| Subject {
                document,
                options,
                index,
                statement,
                entries: reach::entries(statement),
            })
            .collect()
    }

    pub(crate) fn kind(&self) -> PolicyKind {
        self.document.kind
    }

    pub(crate) fn is_key_policy(&self) -> bool {
        self.kind() == PolicyKind::Key
    }

    pub(crate) fn allows(&self) -> bool {
        self.statement.effect == Effect::Allow
    }

    /// Entries of `Action`; none for `NotAction`, which nearly always reaches something.
    pub(crate) fn actions(&self) -> &[Entry<'p>] {
        match &self.statement.action {
            Some(Match::In(_)) => &self.entries,
            _ => &[],
        }
    }

    /// Whether the statement reaches an action, such as `kms:PutKeyPolicy`.
    pub(crate) fn reaches(&self, action: &str) -> bool {
        let listed = self.entries.iter().any(|entry| entry.reaches(action));
        match &self.statement.action {
            Some(Match::In(_)) => listed,
            Some(Match::NotIn(_)) => !listed,
            None => false,
        }
    }

    /// Entries of `Resource`; none for `NotResource`.
    pub(crate) fn resources(&self) -> &'p [ResourceEntry] {
        match &self.statement.resource {
            Some(Match::In(entries)) => entries,
            _ => &[],
        }
    }

    /// Entries of `Principal`; none for `NotPrincipal`.
    pub(crate) fn principals(&self) -> &'p [PrincipalEntry] {
        match &self.statement.principal {
            Some(Match::In(entries)) => entries,
            _ => &[],
        }
    }

    /// Whether the statement has an entry for everyone.
    pub(crate) fn names_everyone(&self) -> bool {
        self.principals()
            .iter()
            .any(|entry| entry.kind == PrincipalKind::Everyone)
    }

    /// A finding about a part of the statement.
    pub(crate) fn finding(&self, code: &'static Code, span: Span, message: String) -> Finding {
        Finding::new(code, self.document.place(span), message)
            .in_statement(self.index, self.statement.sid.as_deref())
    }

    /// A finding about the statement as a whole.
    pub(crate) fn about(&self, code: &'static Code, message: String) -> Finding {
        self.finding(code, self.statement.span, message)
    }

    /// A change of one text of the statement.
    pub(crate) fn replace(&self, span: Span, text: &str) -> Edit {
        Edit::text(self.document.place(span), text)
    }
}

/// A document with its statements, for checks that need all of it.
#[derive(Debug)]
pub(crate) struct Whole<'p> {
    pub(crate) document: &'p Policy,
    pub(crate) options: &'p LintOptions,
    pub(crate) statements: Vec<Subject<'p>>,
}

impl<'p> Whole<'p> {
    pub(crate) fn new(document: &'p Policy, options: &'p LintOptions) -> Whole<'p> {
        Whole {
            document,
            options,
            statements: Subject::all(document, options),
        }
    }

    /// A finding about the document: it stands at its first character, since the whole would mark the whole file.
    pub(crate) fn about(&self, code: &'static Code, message: String) -> Finding {
        let start = self.document.span.start;
        let span = Span {
            start,
            end: self.document.span.end.min(start.saturating_add(1)),
        };
        Finding::new(code, self.document.place(span), message)
    }
}

/// The texts of operands.
pub(crate) fn texts(operands: &[Operand]) -> impl Iterator<Item = &str> {
    operands
        .iter()
        .map(|operand| operand.template.source.as_str())
}
