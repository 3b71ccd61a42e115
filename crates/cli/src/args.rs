//! The command line: subcommands, flags, help. What the words mean is decided elsewhere.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

mod lint;
mod pair;
mod simulate;

pub(crate) use lint::{LintArgs, LintFormat};
pub(crate) use pair::Pair;
pub(crate) use simulate::{QuestionArgs, SimulateArgs, WorldArgs};

/// Would AWS allow it? Answers from policy files, without calling AWS.
#[derive(Debug, Parser)]
#[command(
    name = "preclear",
    version,
    about,
    long_about = "Would AWS allow it? Decides IAM and KMS requests, and whole jobs of AWS services, from policy files. \
                  Nothing is fetched and nothing is sent.",
    after_help = "Exit codes: 0 allowed, 1 denied, 2 unusable input or usage error, 3 undecided.",
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
        Cli::try_parse_from(args).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let whole = Cli::whole_command().try_get_matches_from(args);
                whole.err().unwrap_or(error)
            }
            _ => error,
        })
    }

    /// With all of the help. It names each job template, and to read them takes longer than most runs.
    fn whole_command() -> clap::Command {
        Cli::command().mut_subcommand("simulate", |command| {
            command.after_help(simulate::examples())
        })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// May this principal do this action on this resource? Or: will this whole job run?
    Simulate(Box<SimulateArgs>),
    /// Do the expectations in these test files hold?
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestArgs),
    /// What is wrong with these policy documents?
    #[command(after_help = lint::EXAMPLES)]
    Lint(LintArgs),
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

const TEST_EXAMPLES: &str = "\
Examples:
  preclear test policies.test.yaml
  preclear test tests/ --format jsonl

A test file holds a snapshot, questions, and the answers that are expected.
Exit codes: 0 all hold, 1 some fail, 2 unusable input.";

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
    pub(crate) format: Format,

    /// End with 0 even if expectations fail
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::whole_command().debug_assert();
    }

    #[test]
    fn help_of_every_command_has_examples() {
        for command in Cli::whole_command().get_subcommands() {
            let help = command.clone().render_long_help().to_string();
            assert!(help.contains("Examples:"), "{}", command.get_name());
        }
    }
}
