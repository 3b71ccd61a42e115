//! Flags of `preclear lint`. Rule: UI-22.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use preclear_inputs::test_file::DOCUMENT_KINDS;

use super::Pair;

pub(super) const EXAMPLES: &str = "\
Examples:
  preclear lint policy.json
  preclear lint policies/ docs/guide.md --format github
  preclear lint guide.md --param account-id=111122223333 --param region=us-west-2
  preclear lint policies/ --diff
  aws kms get-key-policy --key-id alias/app --query Policy --output text \\
      | preclear lint --type key -

A file holds a policy, a statement, a list of statements, Markdown with policies in it, or anything
in JSON or YAML that has policies inside: a snapshot, the output of a command of AWS, a template.
Exit codes: 0 nothing worse than warnings, 1 errors (with --strict also warnings), 2 unusable input.
With --diff also 1 if it shows anything, so that it can be a check.";

/// `preclear lint`. Rule: UI-22.
#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// Files, directories of them (`*.json`, `*.yaml`, `*.yml`, `*.md`, `*.markdown`, `*.txt`), `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// What the documents are, where their content does not tell
    #[arg(long = "type", value_name = "KIND", value_parser = DOCUMENT_KINDS)]
    pub(crate) kind: Option<String>,

    /// Value of a placeholder such as `<account-id>` in the documents
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) param: Vec<Pair>,

    /// Accept documents that IAM refuses where they still have a meaning
    #[arg(long)]
    pub(crate) lenient: bool,

    /// Write the edits that are safe into the files
    #[arg(long)]
    pub(crate) fix: bool,

    /// Print what `--fix` would write in place of the findings, and write nothing; ends with 1 if there is anything
    #[arg(long)]
    pub(crate) diff: bool,

    /// End with 1 for warnings, too
    #[arg(long)]
    pub(crate) strict: bool,

    /// End with 0 whatever is found
    #[arg(long)]
    pub(crate) exit_zero: bool,

    /// How findings are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: LintFormat,
}

/// How findings are printed. Rule: UI-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LintFormat {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// One line of JSON per document
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for test reports
    Junit,
    /// Annotations of GitHub Actions
    Github,
}
