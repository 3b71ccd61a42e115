//! Help, completions, man pages, and what is said to slips on the command line.

use crate::program::{Folder, Ran, run_in};

const COMMANDS: [&str; 9] = [
    "simulate",
    "snapshot",
    "who-can",
    "matrix",
    "lint",
    "test",
    "completions",
    "man",
    "schema",
];

fn run(args: &[&str]) -> Ran {
    run_in(preclear_tests::root(), args, b"")
}

/// Every flag that a command's help names.
fn flags(help: &str) -> Vec<&str> {
    let words = help
        .lines()
        .filter_map(|line| line.trim_start().split([' ', '<']).next());
    words.filter(|word| word.starts_with("--")).collect()
}

/// `-h` is what fits a screen, of 40 lines of 100 columns; `--help` says everything and scrolls.
#[test]
fn help_fits_a_screen_and_has_examples() {
    assert_eq!(crate::flags::commands(), COMMANDS);
    for command in COMMANDS {
        let short = run(&[command, "-h"]).ended_with(0).stdout;
        assert!(
            short.lines().count() <= 40,
            "{command}: {}",
            short.lines().count()
        );
        for line in short.lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
        for help in [short, run(&[command, "--help"]).ended_with(0).stdout] {
            assert!(help.contains("Examples:"), "{command}\n{help}");
        }
    }
    let whole = run(&["--help"]).ended_with(0).stdout;
    for command in COMMANDS {
        assert!(whole.contains(command), "{command}");
    }
    assert!(whole.lines().count() <= 40);
}

#[test]
fn the_whole_help_has_every_flag_of_the_short_one_and_more() {
    for command in ["simulate", "who-can", "matrix"] {
        let (short, long) = (
            run(&[command, "-h"]).stdout,
            run(&[command, "--help"]).stdout,
        );
        let (short, long) = (flags(&short), flags(&long));
        assert!(short.iter().all(|flag| long.contains(flag)), "{command}");
        assert!(long.len() > short.len() + 5, "{command}");
    }
}

#[test]
fn slips_are_answered_with_what_was_meant() {
    for (args, meant) in [
        (&["simulte"][..], "'simulate'"),
        (&["who-cna"], "'who-can'"),
        (&["simulate", "--principl", "x"], "'--principal'"),
        (&["matrix", "--actoins", "kms:*"], "'--actions'"),
        (&["test", "t.yaml", "--format", "junti"], "'junit'"),
        (&["man", "matrx"], "`matrix`"),
        (&["completions", "bsh"], "'bash'"),
    ] {
        run(args).ended_with(2).says(&[meant]);
    }
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell]).ended_with(0).stdout;
        for word in ["who-can", "matrix", "min-coverage"] {
            assert!(script.contains(word), "{shell} {word}");
        }
        // Elvish and PowerShell complete names alone.
        let has_values = ["bash", "fish", "zsh"].contains(&shell);
        assert_eq!(script.contains("explicit_deny"), has_values, "{shell}");
    }
}

#[test]
fn man_pages_describe_every_flag() {
    let folder = Folder::new("man");
    folder.run(&["man", "--out", "pages/man1"]).ended_with(0);
    let mut pages = vec!["preclear".to_owned()];
    pages.extend(COMMANDS.map(|command| format!("preclear-{command}")));
    for page in &pages {
        let text = folder.read(&format!("pages/man1/{page}.1"));
        assert!(text.contains(".TH"), "{page}");
        // A flag is a paragraph: its name, then what it does.
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines
            .windows(2)
            .filter(|pair| pair[0].starts_with("\\fB\\-\\-"))
        {
            assert!(!pair[1].trim().is_empty(), "{page}: {}", pair[0]);
        }
        let printed = match page.strip_prefix("preclear-") {
            Some(command) => run(&["man", command]),
            None => run(&["man"]),
        };
        assert_eq!(printed.ended_with(0).stdout, text, "{page}");
    }
    folder
        .with("file", "")
        .run(&["man", "--out", "file/man1"])
        .ended_with(2)
        .says(&["cannot be written"]);
}
