//! What is wrong with an input, where, by which rule, and what to do about it.

use std::fmt;

use crate::source::Place;

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Accepted, but probably not what the author meant.
    Warning,
    /// The input cannot be used.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// One finding about an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable code in upper snake case, such as `DUPLICATE_MEMBER`.
    pub code: &'static str,
    /// Id of the rule behind it, such as `IAM-GRAM-3`.
    pub rule: Option<&'static str>,
    /// One sentence, lower-case, user input in backticks.
    pub message: String,
    /// Where it is.
    pub place: Option<Place>,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that belong to it, each with a short label.
    pub related: Vec<(Place, String)>,
}

impl Diagnostic {
    /// A finding that says only what is wrong; the other methods add to it.
    ///
    /// ```
    /// use preclear_model::Diagnostic;
    /// let finding = Diagnostic::error("UNKNOWN_MEMBER", "`Efect` is unknown").rule("IAM-GRAM-7").help("write `Effect`");
    /// assert_eq!(finding.to_string(), "error[UNKNOWN_MEMBER] `Efect` is unknown (IAM-GRAM-7)");
    /// ```
    #[must_use]
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity,
            code,
            rule: None,
            message: message.into(),
            place: None,
            help: None,
            related: Vec::new(),
        }
    }

    /// An error.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message)
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message)
    }

    /// A note.
    #[must_use]
    pub fn info(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Info, code, message)
    }

    /// With the id of the rule behind it.
    #[must_use]
    pub fn rule(mut self, rule: &'static str) -> Diagnostic {
        self.rule = Some(rule);
        self
    }

    /// With its place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Diagnostic {
        self.place = Some(place);
        self
    }

    /// With a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// With another place that belongs to it.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Diagnostic {
        self.related.push((place, label.into()));
        self
    }

    /// True for an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    /// One plain line: `file:line:column: severity[CODE] message (RULE)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}: ", place.locate())?;
        }
        write!(f, "{}[{}] {}", self.severity, self.code, self.message)?;
        match self.rule {
            Some(rule) => write!(f, " ({rule})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

/// All diagnostics of one stage, in the order of their places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// None yet.
    #[must_use]
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// True if one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// The errors alone.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter().filter(|diagnostic| diagnostic.is_error())
    }

    /// True if one of them has this code, or cites this rule. Rule: UI-41.
    #[must_use]
    pub fn mentions(&self, code_or_rule: &str) -> bool {
        self.0.iter().any(|diagnostic| {
            diagnostic.code == code_or_rule || diagnostic.rule == Some(code_or_rule)
        })
    }

    /// Brings them into the order of their places; those without a place come first.
    pub fn sort(&mut self) {
        self.0
            .sort_by_cached_key(|diagnostic| diagnostic.place.as_ref().map(Place::locate));
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.0.extend(diagnostics);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Diagnostics {
        Diagnostics(diagnostics.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'d> IntoIterator for &'d Diagnostics {
    type Item = &'d Diagnostic;
    type IntoIter = std::slice::Iter<'d, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for Diagnostics {
    /// One line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, Span};
    use std::sync::Arc;

    #[test]
    fn a_line_names_place_code_message_and_rule() {
        let source = Arc::new(Source::new("p.json", "{\n  x"));
        let place = source.place(Span::new(4, 5));
        let finding = Diagnostic::error("INVALID_JSON", "`x` is unexpected")
            .rule("IAM-GRAM-1")
            .at(place);
        assert_eq!(
            finding.to_string(),
            "p.json:2:3: error[INVALID_JSON] `x` is unexpected (IAM-GRAM-1)"
        );
        assert_eq!(Diagnostic::info("NOTE", "m").to_string(), "info[NOTE] m");
    }

    #[test]
    fn they_are_sorted_by_place_and_otherwise_keep_their_order() {
        let source = Arc::new(Source::new("b", "x\ny"));
        let other = Arc::new(Source::new("a", "x"));
        let at = |source: &Arc<Source>, start, code| {
            Diagnostic::warning(code, "m").at(source.place(Span::new(start, start)))
        };
        let mut all = Diagnostics::new();
        all.extend([
            at(&source, 2, "D"),
            at(&source, 0, "B"),
            at(&source, 0, "C"),
            at(&other, 0, "A"),
        ]);
        all.push(Diagnostic::warning("Z", "without a place"));
        all.sort();
        assert_eq!(all.iter().map(|d| d.code).collect::<String>(), "ZABCD");
        assert!(!all.has_errors());
        all.push(Diagnostic::error("E", "m").rule("IAM-GRAM-9"));
        assert!(
            all.has_errors()
                && all.mentions("IAM-GRAM-9")
                && all.mentions("E")
                && !all.mentions("F")
        );
        assert_eq!(all.to_string().lines().count(), 6);
    }
}
