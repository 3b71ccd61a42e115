//! What is wrong with an input, where, by which rule, and what to do about it.

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

/// All diagnostics of one stage, in the order of their places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);
