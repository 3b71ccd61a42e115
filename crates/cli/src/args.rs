//! The command line: subcommands, flags, help. What the words mean is decided elsewhere.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

mod help;
mod lint;
mod matrix;
mod near;
mod pair;
mod simulate;
mod who_can;

pub(crate) use help::{version, whole_command};
pub(crate) use lint::{LintArgs, LintFormat};
pub(crate) use matrix::{AxesArgs, MatrixArgs};
pub(crate) use pair::Pair;
pub(crate) use simulate::{
    AskedArgs, CircumstanceArgs, LooseArgs, QuestionArgs, SimulateArgs, SnapshotArgs, WorldArgs,
};
pub(crate) use who_can::{TableFormat, WhoCanArgs};

/// Would AWS allow it? Answers from policy files, without calling AWS.
#[derive(Debug, Parser)]
#[command(
    name = "preclear",
    version,
    about,
    long_about = "Would AWS allow it? Decides IAM and KMS requests, and whole jobs of AWS services, from policy files. \
                  Nothing is fetched and nothing is sent.",
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Reads the command line; what is no use of the program comes back as help or an error.
    pub(crate) fn read(args: &[OsString]) -> Result<Cli, clap::Error> {
        let args = &as_flag(args);
        Cli::try_parse_from(args).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let whole = help::shown_command().try_get_matches_from(args);
                whole.err().unwrap_or(error)
            }
            kind => {
                let error = near::with_suggestion(error, &Cli::command(), args);
                match kind {
                    ErrorKind::UnknownArgument => with_flags_for_files(error, args),
                    _ => error,
                }
            }
        })
    }
}

/// `preclear help COMMAND` is `preclear COMMAND --help`: a command of its own would stand in every list of them.
fn as_flag(args: &[OsString]) -> Vec<OsString> {
    match args {
        [program, help, command @ ..] if help == "help" => {
            let mut asked = vec![program.clone()];
            asked.extend(command.first().cloned());
            asked.push("--help".into());
            asked
        }
        _ => args.to_vec(),
    }
}

/// Policy files are given by flags that say what they are: one that stands alone is told how.
fn with_flags_for_files(mut error: clap::Error, args: &[OsString]) -> clap::Error {
    const TAKE_FLAGS: [&str; 3] = ["simulate", "who-can", "matrix"];
    let takes_flags = args
        .get(1)
        .is_some_and(|command| TAKE_FLAGS.iter().any(|one| command == one));
    let is_alone = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) => !text.starts_with('-'),
        _ => false,
    };
    if takes_flags && is_alone {
        let tip = "a file is given by a flag that says what it is: `--identity-policy FILE`, `--key-policy FILE`, or \
                   `--snapshot PATH` for all of an account"
            .to_owned();
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// May this principal do this action on this resource? Or: will this whole job run?
    Simulate(Box<SimulateArgs>),
    /// What do these inputs say, and what is missing to answer with certainty?
    Snapshot(SnapshotCommand),
    /// Who may do this action on this resource, by what way, and under which conditions?
    WhoCan(Box<WhoCanArgs>),
    /// Principals, actions and resources: who may do what, as a table
    Matrix(Box<MatrixArgs>),
    /// What is wrong with these policy documents?
    Lint(LintArgs),
    /// Do the expectations in these test files hold?
    Test(TestArgs),
    /// Completions of commands and flags for a shell
    Completions(CompletionsArgs),
    /// Man pages
    Man(ManArgs),
    /// JSON Schemas of the file formats, for editors
    Schema(SchemaArgs),
}

/// How results are printed. Rule: UI-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// One line of JSON per result
    Jsonl,
}

/// How results of tests are printed. Rule: UI-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// One line of JSON per test
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML
    Junit,
    /// Annotations of GitHub Actions
    Github,
}

/// What ambiguous behaviour of AWS counts as. Rule: IAM-TRI-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ambiguity {
    /// Unknown, and the answer says so
    Report,
    /// The likelier reading
    Guess,
    /// The reading that allows less
    Failsafe,
}

impl From<Ambiguity> for preclear_simulator::AmbiguityMode {
    fn from(ambiguity: Ambiguity) -> Self {
        match ambiguity {
            Ambiguity::Report => Self::Report,
            Ambiguity::Guess => Self::Guess,
            Ambiguity::Failsafe => Self::Failsafe,
        }
    }
}

/// A number of threads.
fn threads(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "give a whole number from 1 on, or leave the flag out".to_owned())
}

/// `preclear snapshot`.
#[derive(Debug, Args)]
pub(crate) struct SnapshotCommand {
    /// Files and directories that describe the accounts; everything found is merged
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Write all of it as one snapshot file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// List everything, with the places of policies
    #[arg(long)]
    pub(crate) explain: bool,

    /// Accept documents that IAM refuses where they still have a meaning
    #[arg(long)]
    pub(crate) lenient: bool,

    /// Go on without a policy that is refused or whose file is missing; its layer is unknown then
    #[arg(long)]
    pub(crate) keep_going: bool,

    /// Value of a placeholder such as `<account-id>`, or of a parameter of a template
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) param: Vec<Pair>,

    /// How results are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}

/// `preclear test`. Rule: UI-23.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Test files, and directories of them (`*.yaml`, `*.yml`, `*.json`)
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// What ambiguous behaviour of AWS counts as, where a test does not say
    #[arg(long, value_enum, value_name = "MODE")]
    pub(crate) ambiguity: Option<Ambiguity>,

    /// A job template of your own; its operations count in place of shipped ones of the same name
    #[arg(long, value_name = "FILE")]
    pub(crate) template: Vec<PathBuf>,

    /// How results are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: TestFormat,

    /// Write a JUnit report into this file, too
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,

    /// Tell how many statements of the policies apply in some test, and name the others
    #[arg(long)]
    pub(crate) coverage: bool,

    /// Fail if a smaller part of the statements applies in some test
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    pub(crate) min_coverage: Option<u8>,

    /// End with 0 even if expectations fail
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

/// `preclear completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// `preclear man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The command whose page is printed; without it the page of preclear itself
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub(crate) command: Option<String>,

    /// Write the pages of all commands into this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    /// Policy unit tests
    Test,
    /// What exists in the accounts
    Snapshot,
    /// A request, or a list of them
    Request,
    /// A job, or a list of them
    Job,
}

/// `preclear schema`.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// The format
    #[arg(value_enum, value_name = "FORMAT")]
    pub(crate) format: FileFormat,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        whole_command().debug_assert();
    }

    #[test]
    fn help_of_every_command_has_examples() {
        for command in whole_command().get_subcommands() {
            let help = command.clone().render_long_help().to_string();
            assert!(help.contains("Examples:"), "{}", command.get_name());
        }
    }
}
