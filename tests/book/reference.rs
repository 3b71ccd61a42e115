//! The reference of the command line: what `--help` says, on one page.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::sync::LazyLock;

use preclear_tests::{here, run};
use regex::Regex;

use crate::pages::Page;

static FLAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"--[a-z][a-z-]*").unwrap());
static USAGE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"preclear ([a-z-]+)([^`]*)").unwrap());
static COMMAND: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^  ([a-z-]+)  ").unwrap());

/// What `preclear … --help` prints.
fn help(command: Option<&str>) -> String {
    let words = ["preclear"].into_iter().chain(command).chain(["--help"]);
    let words: Vec<OsString> = words.map(OsString::from).collect();
    run(&words).stdout
}

/// The commands, in the order of the help.
fn commands() -> Vec<String> {
    let whole = help(None);
    let listed = whole.split("Commands:").nth(1).unwrap_or_default();
    let listed = listed.split("\n\n").next().unwrap_or_default();
    let found = COMMAND.captures_iter(listed);
    found.map(|one| one[1].to_owned()).collect()
}

/// The whole page.
pub(crate) fn text() -> String {
    let mut text = std::fs::read_to_string(here().join("book/command-line.md")).unwrap();
    let _ = write!(
        text,
        "\n## preclear\n\n```text\n{}```\n",
        trimmed(&help(None))
    );
    for command in commands() {
        let help = trimmed(&help(Some(&command)));
        let _ = write!(text, "\n## preclear {command}\n\n```text\n{help}```\n");
    }
    text
}

/// Without spaces at the ends of lines, which editors take away.
fn trimmed(text: &str) -> String {
    let lines = text.trim_end().lines().map(str::trim_end);
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The flags that a command has.
pub(crate) fn flags(command: &str) -> &'static BTreeSet<String> {
    static ALL: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
        let of = |command: String| {
            let help = help(Some(&command));
            let flags = FLAG.find_iter(&help).map(|flag| flag.as_str().to_owned());
            (command, flags.collect())
        };
        commands().into_iter().map(of).collect()
    });
    static NONE: BTreeSet<String> = BTreeSet::new();
    ALL.get(command).unwrap_or(&NONE)
}

/// The flags that usage lines and code within sentences name, each with its command.
pub(crate) fn named_flags(page: &Page) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for block in page.blocks() {
        if block.language.is_empty() {
            // What stands behind `#` is a remark.
            let lines = block.lines.iter().map(|line| line.split(" # ").next());
            let lines: Vec<&str> = lines.flatten().collect();
            texts.extend(lines.join("\n").split("\npreclear ").map(|usage| {
                let usage = usage.trim_start_matches("preclear ");
                format!("preclear {usage}")
            }));
        }
    }
    for (_, line) in page.prose() {
        let codes = line.split('`').skip(1).step_by(2);
        texts.extend(
            codes
                .filter(|code| code.starts_with("preclear "))
                .map(str::to_owned),
        );
    }
    let known = commands();
    let mut found = Vec::new();
    for usage in texts.iter().filter_map(|text| USAGE.captures(text)) {
        if known.contains(&usage[1].to_owned()) {
            let flags = FLAG.find_iter(&usage[2]);
            found.extend(flags.map(|flag| (usage[1].to_owned(), flag.as_str().to_owned())));
        }
    }
    found
}
