//! Flags of `preclear who-can`.

use clap::{Args, ValueEnum};

use super::{AskedArgs, CircumstanceArgs, WorldArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  Everybody who may decrypt with a key, and from outside the account:
    preclear who-can --snapshot account/ --action kms:Decrypt --resource alias/labels

  Whom a key policy lets in, from the document alone:
    preclear who-can --key-policy key.json --action kms:Decrypt \\
        --resource arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab

  In circumstances that are told, for a spreadsheet:
    preclear who-can --snapshot account/ --action s3:GetObject --resource arn:aws:s3:::data/x \\
        --context aws:SourceVpce=vpce-1 --closed --format csv

  Of calls that callers make themselves alone, not through a service:
    preclear who-can --snapshot account/ --action kms:Decrypt --resource alias/labels \\
        --context aws:ViaAWSService=false

What is asked: calls that callers make themselves, and calls that services make with their identity (kms:ViaService). Who may through a
service alone is told with that condition. --context aws:ViaAWSService=false and --closed ask about direct calls alone, --via SERVICE
about those through a service.

In an ARN given as --resource, * and ? stand for all that it matches; simulate takes the same for one resource. A key id or alias
means the key of each caller's own account; an ARN means one key to all.

Policies of one principal say nothing of all others: give those in a snapshot.

Exit codes: 0 somebody may, 1 nobody may, 2 unusable input or usage error, 3 somebody may under conditions alone.
Root users of the snapshot's accounts, and identities of them that it does not list, do not count for the exit code.";

/// Flags that it has in common with `simulate` and refuses, with a word on what to give instead.
pub(super) const OF_ONE_PRINCIPAL: [&str; 3] = ["identity_policy", "boundary", "scp"];

/// How the answer of a table is printed. Rule: UI-2, UI-21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TableFormat {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// One line of JSON per row
    Jsonl,
    /// Rows of values behind commas, names first
    Csv,
}

/// `preclear who-can`. Rule: UI-20.
#[derive(Debug, Clone, Args)]
pub(crate) struct WhoCanArgs {
    #[command(flatten)]
    pub(crate) world: WorldArgs,
    #[command(flatten)]
    pub(crate) asked: AskedArgs,
    #[command(flatten)]
    pub(crate) circumstances: CircumstanceArgs,
    #[command(flatten)]
    pub(crate) output: WhoCanOutput,
}

/// What comes back.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct WhoCanOutput {
    /// Name those who may not, too, and why, and tell root users and other identities of the snapshot's accounts in full
    #[arg(long)]
    pub(crate) explain: bool,

    /// How results are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: TableFormat,

    /// Count those who may under conditions as those who may not
    #[arg(long)]
    pub(crate) strict: bool,

    /// End with 0 even if nobody may
    #[arg(long)]
    pub(crate) exit_zero: bool,
}
