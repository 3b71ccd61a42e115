//! Help: `-h` fits a screen, with the flags that most calls take; `--help` has all of them.

use clap::{Command, CommandFactory as _};

use super::{Cli, lint, matrix, simulate, who_can};

/// A command with the flags that `-h` shows and what it says below them, and what `--help` says there.
struct Page {
    name: &'static str,
    flags: &'static [&'static str],
    short: &'static str,
    long: fn() -> String,
}

const PAGES: [Page; 9] = [
    Page {
        name: "simulate",
        flags: &[
            "snapshot",
            "identity_policy",
            "key_policy",
            "complete",
            "principal",
            "action",
            "resource",
            "request",
            "requests",
            "context",
            "closed",
            "via",
            "job",
            "fix",
            "explain",
            "format",
        ],
        short: "\
Examples:
  preclear simulate --snapshot account/ --principal arn:aws:iam::111122223333:role/app \\
      --action kms:Decrypt --resource alias/labels
  preclear simulate --snapshot account/ --job job.yaml --fix

Exit codes: 0 allowed, 1 denied, 2 unusable input or usage error, 3 undecided.
All flags, more examples, the operations that --job knows: preclear simulate --help",
        long: simulate::examples,
    },
    Page {
        name: "snapshot",
        flags: &[
            "paths",
            "out",
            "explain",
            "lenient",
            "keep_going",
            "param",
            "format",
        ],
        short: SNAPSHOT_EXAMPLES,
        long: || SNAPSHOT_EXAMPLES.to_owned(),
    },
    Page {
        name: "who-can",
        flags: &[
            "snapshot",
            "key_policy",
            "resource_policy",
            "action",
            "operation",
            "resource",
            "context",
            "closed",
            "explain",
            "format",
        ],
        short: "\
Examples:
  preclear who-can --snapshot account/ --action kms:Decrypt --resource alias/labels
  preclear who-can --key-policy key.json --action kms:Decrypt --resource KEY_ARN

Exit codes: 0 somebody may, 1 nobody, 2 unusable input or usage error, 3 under conditions alone.
All flags and more examples: preclear who-can --help",
        long: || who_can::EXAMPLES.to_owned(),
    },
    Page {
        name: "matrix",
        flags: &[
            "snapshot",
            "principals",
            "actions",
            "resources",
            "context",
            "closed",
            "only",
            "format",
        ],
        short: "\
Examples:
  preclear matrix --snapshot account/ --actions 'kms:*'
  preclear matrix --snapshot account/ --principals 'arn:aws:iam::*:role/*' \\
      --actions kms:Decrypt kms:Encrypt --resources 'alias/*' --closed --format csv

Exit codes: the worst cell. 0 all allowed, 1 some denied, 2 unusable input, 3 some undecided.
All flags and more examples: preclear matrix --help",
        long: || matrix::EXAMPLES.to_owned(),
    },
    Page {
        name: "test",
        flags: &[
            "paths",
            "ambiguity",
            "template",
            "format",
            "junit",
            "coverage",
            "min_coverage",
            "exit_zero",
        ],
        short: TEST_EXAMPLES,
        long: || TEST_EXAMPLES.to_owned(),
    },
    Page {
        name: "lint",
        flags: &[
            "paths",
            "kind",
            "param",
            "lenient",
            "fix",
            "diff",
            "strict",
            "exit_zero",
            "format",
        ],
        short: lint::EXAMPLES,
        long: || lint::EXAMPLES.to_owned(),
    },
    Page {
        name: "completions",
        flags: &["shell"],
        short: COMPLETION_EXAMPLES,
        long: || COMPLETION_EXAMPLES.to_owned(),
    },
    Page {
        name: "man",
        flags: &["command", "out"],
        short: MAN_EXAMPLES,
        long: || MAN_EXAMPLES.to_owned(),
    },
    Page {
        name: "schema",
        flags: &["format"],
        short: SCHEMA_EXAMPLES,
        long: || SCHEMA_EXAMPLES.to_owned(),
    },
];

const EXAMPLES: &str = "\
Examples:
  preclear simulate --snapshot account/ --principal arn:aws:iam::111122223333:role/app \\
      --action kms:Decrypt --resource alias/labels
  preclear who-can --snapshot account/ --action kms:Decrypt --resource alias/labels
  preclear test policies/tests

Exit codes: 0 allowed, 1 denied, 2 unusable input or usage error, 3 undecided.
Flags of a command: preclear COMMAND -h, all of them: preclear COMMAND --help";

const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  preclear snapshot world/
  preclear snapshot plan.json surroundings.yaml --out normal.json

Exit codes: 0 loaded, 2 unusable input.";

const TEST_EXAMPLES: &str = "\
Examples:
  Files and directories of them:
    preclear test policies.test.yaml tests/

  In CI: annotations, a report, and no statement without a test:
    preclear test tests/ --format github --junit report.xml --min-coverage 100

A test file holds a snapshot, questions, and the answers that are expected.
Exit codes: 0 all hold, 1 some fail, 2 unusable input.";

const COMPLETION_EXAMPLES: &str = "\
Examples:
  preclear completions bash > ~/.local/share/bash-completion/completions/preclear
  preclear completions zsh > \"${fpath[1]}/_preclear\"
  preclear completions fish > ~/.config/fish/completions/preclear.fish";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  preclear schema test > preclear-test.schema.json

Editors with the YAML language server complete and check a file that begins with
  # yaml-language-server: $schema=preclear-test.schema.json";

const MAN_EXAMPLES: &str = "\
Examples:
  preclear man simulate | man -l -
  preclear man --out ~/.local/share/man/man1";

/// The program's version.
pub(crate) fn version() -> String {
    Cli::command().get_version().unwrap_or_default().to_owned()
}

/// With all of the help. It names each job template, and to read them takes longer than most runs.
pub(crate) fn whole_command() -> Command {
    let command = Cli::command().after_help(EXAMPLES);
    let command = PAGES.iter().fold(command, |command, page| {
        command.mut_subcommand(page.name, |command| {
            command
                .after_help(page.short)
                .after_long_help((page.long)())
        })
    });
    command.mut_subcommand("who-can", |command| {
        let refused = who_can::OF_ONE_PRINCIPAL.iter();
        refused.fold(command, |command, id| {
            command.mut_arg(id, |arg| arg.hide(true))
        })
    })
}

/// The same as it is shown: `-h` leaves out what most calls do without.
pub(super) fn shown_command() -> Command {
    PAGES.iter().fold(whole_command(), |command, page| {
        command.mut_subcommand(page.name, |command| {
            command.mut_args(|arg| {
                let is_shown = page.flags.contains(&arg.get_id().as_str());
                arg.hide_short_help(!is_shown)
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_that_a_page_names_exists_and_every_command_has_a_page() {
        let whole = whole_command();
        for command in whole.get_subcommands() {
            let page = PAGES.iter().find(|page| page.name == command.get_name());
            let page = page.unwrap_or_else(|| panic!("{} has no page", command.get_name()));
            for flag in page.flags {
                let mut all = command.get_arguments();
                assert!(all.any(|arg| arg.get_id() == *flag), "{} {flag}", page.name);
            }
        }
    }

    #[test]
    fn short_help_fits_a_screen() {
        for command in shown_command().get_subcommands() {
            let help = command.clone().term_width(100).render_help().to_string();
            let name = command.get_name();
            assert!(
                help.lines().count() <= 40,
                "{name}: {}",
                help.lines().count()
            );
            for line in help.lines() {
                assert!(line.chars().count() <= 100, "{name}: {line}");
            }
            assert!(help.contains("Examples:"), "{name}");
        }
    }
}
