//! Flags of `preclear matrix`.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};
use preclear_simulator::Verdict;

use super::{CircumstanceArgs, SnapshotArgs, TableFormat, threads};

pub(super) const EXAMPLES: &str = "\
Examples:
  Who may do what with the keys of a snapshot:
    preclear matrix --snapshot account/ --actions 'kms:*'

  Roles and two actions on the keys with an alias, as a table for a spreadsheet:
    preclear matrix --snapshot account/ --principals 'arn:aws:iam::*:role/*' \\
        --actions kms:Decrypt kms:Encrypt --resources 'alias/*' --closed --format csv

  Nothing but what is allowed, one line of JSON each:
    preclear matrix --snapshot account/ --actions 's3:*Object' \\
        --resources arn:aws:s3:::data/x --only allow --format jsonl

`*` and `?` make a pattern: of principals and resources for what the snapshot lists, of actions for those that AWS has.
Exit codes: the worst cell. 0 all allowed, 1 some denied, 2 unusable input or usage error, 3 some undecided.";

/// `preclear matrix`. Rule: UI-21.
#[derive(Debug, Clone, Args)]
pub(crate) struct MatrixArgs {
    #[command(flatten)]
    pub(crate) read: SnapshotArgs,
    #[command(flatten)]
    pub(crate) axes: AxesArgs,
    #[command(flatten)]
    pub(crate) circumstances: CircumstanceArgs,
    #[command(flatten)]
    pub(crate) output: MatrixOutput,
}

/// The axes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Axes")]
pub(crate) struct AxesArgs {
    /// Who asks: ARNs of users, roles and sessions, services, `anonymous`; patterns for those that the snapshot lists
    /// (default: all that it lists)
    #[arg(long, value_name = "ARN|PATTERN", num_args = 1..)]
    pub(crate) principals: Vec<String>,

    /// What for: IAM actions such as `kms:Decrypt`; patterns such as `kms:*` for all that AWS has
    #[arg(long, value_name = "ACTION|PATTERN", num_args = 1.., required = true)]
    pub(crate) actions: Vec<String>,

    /// On what: as `--resource` of `simulate`; patterns for what the snapshot lists, `alias/*` for keys by their aliases
    /// (default: all that it lists of the services of the actions)
    #[arg(long, value_name = "RESOURCE|PATTERN", num_args = 1..)]
    pub(crate) resources: Vec<String>,

    /// Threads; the results do not depend on it
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// A verdict, as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum VerdictArg {
    /// Allowed
    Allow,
    /// A statement denies it
    ExplicitDeny,
    /// Nothing allows it
    ImplicitDeny,
    /// Undecided
    Depends,
    /// No permission is needed
    NotApplicable,
    /// It cannot be asked
    Invalid,
}

impl From<VerdictArg> for Verdict {
    fn from(verdict: VerdictArg) -> Self {
        match verdict {
            VerdictArg::Allow => Self::Allow,
            VerdictArg::ExplicitDeny => Self::ExplicitDeny,
            VerdictArg::ImplicitDeny => Self::ImplicitDeny,
            VerdictArg::Depends => Self::Depends,
            VerdictArg::NotApplicable => Self::NotApplicable,
            VerdictArg::Invalid => Self::Invalid,
        }
    }
}

/// What comes back.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct MatrixOutput {
    /// Show cells of these verdicts alone
    #[arg(long, value_enum, value_name = "VERDICT", num_args = 1..)]
    pub(crate) only: Vec<VerdictArg>,

    /// How results are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: TableFormat,

    /// Count undecided cells as denied
    #[arg(long)]
    pub(crate) strict: bool,

    /// End with 0 even if cells are denied or undecided
    #[arg(long)]
    pub(crate) exit_zero: bool,
}
