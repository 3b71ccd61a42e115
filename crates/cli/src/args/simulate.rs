//! Flags of `preclear simulate`.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use preclear_inputs::FilledNames;

use super::{Ambiguity, Format, Pair, threads};

const EXAMPLES: &str = "\
Examples:
  One request, against a snapshot of the account:
    preclear simulate --snapshot account/ --principal arn:aws:iam::111122223333:role/app \\
        --action kms:Decrypt --resource alias/labels

  One request, against two policy files and nothing else:
    preclear simulate --identity-policy role.json --key-policy key.json \\
        --principal arn:aws:iam::111122223333:role/app --action kms:Decrypt \\
        --resource arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab

  A whole job, with the statements that it lacks:
    preclear simulate --snapshot account/ --job job.yaml --fix

  The JSON that goes to the API, as it is:
    preclear simulate --snapshot account/ --operation sagemaker:CreateLabelingJob \\
        --caller arn:aws:iam::111122223333:role/Labeler --job create-labeling-job.json

  Many requests, one JSON object per line:
    preclear simulate --snapshot account/ --requests requests.jsonl --format jsonl

";

const EXIT_CODES: &str = "\
Exit codes: 0 allowed, 1 denied, 2 unusable input or usage error, 3 undecided.";

/// Columns that a line of the list of operations takes at most.
const LIST_WIDTH: usize = 96;

/// The operations by service, and the templates without a single one.
fn known_jobs() -> String {
    let templates = preclear_simulator::job::JobTemplates::default();
    let mut services: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for job in templates.list() {
        let (service, name) = job.operation.split_once(':').unwrap_or(("", job.operation));
        services.entry(service).or_default().push(name);
    }
    let mut text = String::new();
    for (service, names) in services {
        let mut line = match service {
            "" => "  of no single operation:".to_owned(),
            service => format!("  {service}:"),
        };
        for (at, name) in names.iter().enumerate() {
            let comma = if at + 1 < names.len() { "," } else { "" };
            if line.len() + name.len() + comma.len() >= LIST_WIDTH {
                text.push_str(&line);
                line = "\n     ".to_owned();
            }
            line.push_str(&format!(" {name}{comma}"));
        }
        text.push_str(&format!("{line}\n"));
    }
    text
}

/// Examples, the operations that can be simulated as jobs, the policies that are shipped, exit codes.
pub(super) fn examples() -> String {
    let mut text = format!("{EXAMPLES}Operations that --job knows:\n{}", known_jobs());
    text.push_str("\nPolicies that preclear ships, by the ARN that stands in place of a file:\n");
    for arn in preclear_catalog::managed_policies() {
        text.push_str(&format!("  {arn}\n"));
    }
    text.push('\n');
    text.push_str(EXIT_CODES);
    text
}

/// `preclear simulate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimulateArgs {
    #[command(flatten)]
    pub(crate) world: WorldArgs,
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    #[command(flatten)]
    pub(crate) job: JobArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// The policies to decide against.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Policies")]
pub(crate) struct WorldArgs {
    #[command(flatten)]
    pub(crate) read: SnapshotArgs,
    #[command(flatten)]
    pub(crate) loose: LooseArgs,
}

/// Policy files one by one, in place of a snapshot. Rule: UI-10.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Policies")]
pub(crate) struct LooseArgs {
    /// Without a snapshot: an identity policy of the principal
    ///
    /// Here and in the flags below a file, or the ARN of a policy that preclear ships (listed below).
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    pub(crate) identity_policy: Vec<PathBuf>,

    /// Without a snapshot: the key policy of the resource
    #[arg(long, value_name = "FILE", conflicts_with_all = ["snapshot", "resource_policy"])]
    pub(crate) key_policy: Option<PathBuf>,

    /// Without a snapshot: the policy of the resource
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    pub(crate) resource_policy: Option<PathBuf>,

    /// Without a snapshot: the permissions boundary of the principal
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    pub(crate) boundary: Option<PathBuf>,

    /// Without a snapshot: a service control policy of the principal's account; `FullAWSAccess` for AWS's own
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    pub(crate) scp: Vec<PathBuf>,

    /// Without a snapshot: a resource control policy of the resource's account
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    pub(crate) rcp: Vec<PathBuf>,

    /// Without a snapshot: the trust policy of the role that is the resource
    #[arg(long, value_name = "FILE", conflicts_with_all = ["snapshot", "key_policy", "resource_policy"])]
    pub(crate) trust_policy: Option<PathBuf>,

    /// Without a snapshot: grants of the key, as `aws kms list-grants` prints them
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    pub(crate) grants: Option<PathBuf>,

    /// Without a snapshot: what is not given does not exist
    #[arg(long, conflicts_with = "snapshot")]
    pub(crate) complete: bool,
}

/// A snapshot, and how what is read is taken.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Policies")]
pub(crate) struct SnapshotArgs {
    /// Files and directories that describe the accounts, merged
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) snapshot: Vec<PathBuf>,

    /// Accept documents that IAM refuses where they still have a meaning
    #[arg(long)]
    pub(crate) lenient: bool,

    /// Go on without a policy of the snapshot that is refused or whose file is missing; its layer is unknown then
    #[arg(long)]
    pub(crate) keep_going: bool,

    /// Value of a placeholder such as `<account-id>` in the documents
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) param: Vec<Pair>,

    /// Names of placeholders that were filled.
    #[arg(skip)]
    pub(crate) filled: FilledNames,

    /// Files and directories that other flags name: no part of the snapshot.
    #[arg(skip)]
    pub(crate) elsewhere: Vec<PathBuf>,

    /// Let account and Region of the job, request or snapshot stand for placeholders that mean them
    #[arg(long)]
    pub(crate) infer: bool,
}

/// The question.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct QuestionArgs {
    /// Who asks: ARN of a user, role or session; a service such as `sns.amazonaws.com`; `anonymous`
    #[arg(long, value_name = "ARN")]
    pub(crate) principal: Option<String>,

    #[command(flatten)]
    pub(crate) asked: AskedArgs,

    /// File with one request; flags win over what it says
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,

    /// File with one request per line (JSON Lines)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["request", "job"])]
    pub(crate) requests: Option<PathBuf>,

    /// Threads for --requests; the results do not depend on it
    #[arg(long, value_name = "N", requires = "requests", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,

    /// For --requests: nothing but the verdicts, without reasons, warnings and states of keys; many times as fast
    #[arg(long, requires = "requests", conflicts_with = "explain")]
    pub(crate) verdicts: bool,

    #[command(flatten)]
    pub(crate) circumstances: CircumstanceArgs,
}

/// What is asked for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct AskedArgs {
    /// IAM action, such as `kms:Decrypt`: one decision
    #[arg(long, value_name = "ACTION", conflicts_with = "operation")]
    pub(crate) action: Option<String>,

    /// API operation: of KMS, and of STS where a role is assumed, all the decisions it takes; with --job, the operation that the file is the request of
    #[arg(long, value_name = "OPERATION")]
    pub(crate) operation: Option<String>,

    /// Any ARN; a key id, alias name or alias ARN; `*`
    #[arg(long, value_name = "RESOURCE")]
    pub(crate) resource: Option<String>,
}

/// How and in which circumstances it is asked for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct CircumstanceArgs {
    /// Value of a condition key; repeated for one key, its values
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) context: Vec<Pair>,

    /// File with an object of condition keys and values
    #[arg(long, value_name = "FILE")]
    pub(crate) context_file: Option<PathBuf>,

    /// Condition key that may have any value, or none
    #[arg(long, value_name = "KEY")]
    pub(crate) unknown: Vec<String>,

    /// Condition key that the request does not have
    #[arg(long, value_name = "KEY")]
    pub(crate) absent: Vec<String>,

    /// Condition keys that nobody states are absent
    ///
    /// AWS's own simulator assumes so.
    #[arg(long, conflicts_with = "open")]
    pub(crate) closed: bool,

    /// Condition keys that nobody states are mostly unknown (the default)
    #[arg(long)]
    pub(crate) open: bool,

    /// Accept a context that no call can have
    #[arg(long)]
    pub(crate) force_context: bool,

    /// When: a time such as `2026-01-01T00:00:00Z`, or `system` for the clock of this machine
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,

    /// Service that makes the call for the principal, such as `s3`
    ///
    /// Without it the call is a direct one, which statements under `kms:ViaService` do not allow. Repeated, in call order.
    #[arg(long, value_name = "SERVICE")]
    pub(crate) via: Vec<String>,

    /// The operation's own request members, such as `{"DestinationKeyId": "alias/b"}`: JSON, or a file with it
    #[arg(long, value_name = "JSON|FILE")]
    pub(crate) parameters: Option<String>,

    /// Pair of the encryption context
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) encryption_context: Vec<Pair>,

    /// Grant token of the call
    #[arg(long, value_name = "TOKEN")]
    pub(crate) grant_token: Vec<String>,

    /// Session policy of the principal's session
    #[arg(long, value_name = "FILE")]
    pub(crate) session_policy: Vec<PathBuf>,

    /// What ambiguous behaviour of AWS counts as (default: report)
    #[arg(long, value_enum, value_name = "MODE")]
    pub(crate) ambiguity: Option<Ambiguity>,

    /// Region of the call
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// Account: owner of the resource of a request, account of a job
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,

    /// VPC endpoint that the call passes
    #[arg(long, value_name = "ID")]
    pub(crate) vpc_endpoint: Option<String>,
}

/// How a job is submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InterfaceArg {
    /// Through the API
    Api,
    /// In the console
    Console,
}

impl From<InterfaceArg> for preclear_simulator::job::Interface {
    fn from(interface: InterfaceArg) -> Self {
        match interface {
            InterfaceArg::Api => Self::Api,
            InterfaceArg::Console => Self::Console,
        }
    }
}

/// The job.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Job")]
pub(crate) struct JobArgs {
    /// Job file; with --operation, the API's own request JSON
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) job: Vec<PathBuf>,

    /// Who submits the job
    #[arg(long, value_name = "ARN", requires = "job")]
    pub(crate) caller: Option<String>,

    /// How the job is submitted
    #[arg(long, value_enum, value_name = "INTERFACE", requires = "job")]
    pub(crate) interface: Option<InterfaceArg>,

    /// Revision of the service's documentation: `current`, `seed`, `2023-02`
    #[arg(long, value_name = "PROFILE", requires = "job")]
    pub(crate) profile: Option<String>,

    /// A job template of your own; its operations count in place of shipped ones of the same name
    #[arg(long, value_name = "FILE", requires = "job")]
    pub(crate) template: Vec<PathBuf>,

    /// Print the statements that the job lacks, and simulate it again with them
    #[arg(long)]
    pub(crate) fix: bool,

    /// Write the additions into this directory: key, trust and resource policies as complete new documents, identity
    /// policies as new ones with the additions alone; nothing is overwritten
    #[arg(long, value_name = "DIR", requires = "job")]
    pub(crate) fix_out: Option<PathBuf>,
}

/// What comes back.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Show every layer and every statement considered
    #[arg(long)]
    pub(crate) explain: bool,

    /// How results are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,

    /// Count undecided, and gaps of a job, as denied
    #[arg(long)]
    pub(crate) strict: bool,

    /// End with 0 even if the answer is denied or undecided
    #[arg(long)]
    pub(crate) exit_zero: bool,
}
