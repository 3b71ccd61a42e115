//! Findings in policy documents: what is dead, unknown, too broad or locks its owner out.
//!
//! [`lint`] looks at one parsed document and at what the catalogue knows; it asks for no request and decides nothing.
//! What makes a document unreadable, or doubtful by grammar alone, is the parser's to say and is passed on. [`lint_tree`]
//! does all of it for a text that was just read: it tells the kind of policy, parses, passes on and lints. Every code is
//! explained in [`codes`].
//!
//! ```
//! use std::sync::Arc;
//! use preclear_lint::{LintOptions, lint_tree};
//! use preclear_model::{PolicyKind, Source, node};
//!
//! let text = r#"{"Version": "2012-10-17", "Statement": {
//!     "Effect": "Allow", "Action": "kms:ListGrant", "Resource": "*"}}"#;
//! let source = Arc::new(Source::new("p.json", text));
//! let tree = node::read(&source).unwrap();
//! let report = lint_tree(&tree, &source, "p.json", None, &LintOptions::default());
//! assert_eq!(report.kind, PolicyKind::Identity);
//! assert_eq!(report.findings[0].code, "UNKNOWN_ACTION");
//! assert_eq!(report.findings[0].help.as_deref(), Some("did you mean `kms:ListGrants`?"));
//! ```

#![forbid(unsafe_code)]

mod arns;
mod checks;
mod classify;
pub mod codes;
mod cut;
mod extract;
mod finding;
mod near;
mod prose;
mod reach;
mod report;
mod subject;

use std::sync::Arc;

use preclear_model::policy::ParseOptions;
use preclear_model::{Arn, Policy};

pub use classify::classify;
pub use cut::Cut;
pub use extract::{Notation, Piece, looks_like_policies, pieces, trailing_commas};
pub use finding::{Edit, Finding, from_diagnostics, merged};
pub use prose::lint_prose;
pub use report::{Report, lint_tree};

/// What is known besides the document.
#[derive(Debug, Clone, Default)]
pub struct LintOptions {
    /// The key that a key policy stands at; without it, a resource that names one key may be that key. Rule: KMS-POL-11
    pub key_arn: Option<Arn>,
    /// Whether the document is only a part: one statement, or several, that will stand beside others. Rule: JOB-LINT-1
    pub is_fragment: bool,
    /// Other documents that are attached at the same place, for repetitions across documents.
    pub beside: Vec<Arc<Policy>>,
    /// How strictly [`lint_tree`] parses.
    pub parse: ParseOptions,
}

/// All findings of a document, in the order of their places. Rule: UI-22
#[must_use]
pub fn lint(document: &Policy, options: &LintOptions) -> Vec<Finding> {
    finding::sorted(checks::run(document, options))
}
