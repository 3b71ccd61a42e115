//! `cargo xtask book`: builds the book of `docs/` with mdBook.
//!
//! Needs mdBook; no other step does. Whether links lead somewhere, commands run and SUMMARY.md names every page, the test
//! `book` says without it.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};

use crate::Done;
use crate::failure::{Failure, While as _};
use crate::repository;

/// The version that the book was last built with.
const VERSION: &str = "0.5.4";

/// Options of `cargo xtask book`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The program mdBook, where it is not on the path.
    #[arg(long, value_name = "PROGRAM", default_value = "mdbook")]
    mdbook: String,
}

/// Builds the book into `target/book`; fails on warnings, too.
pub(crate) fn run(options: &Options) -> Result<Done, Failure> {
    let root = repository::root()?;
    let output = mdbook(&options.mdbook, &root)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let failure = if !output.status.success() {
        Some(Failure::new("mdBook could not build the book"))
    } else if said.lines().any(is_warning) {
        Some(Failure::new("mdBook warns of something"))
    } else {
        None
    };
    let start = root.join("target/book/index.html");
    let report = match &failure {
        None => format!("the book is built: {}", start.display()),
        Some(_) => said,
    };
    Ok(Done { report, failure })
}

fn mdbook(program: &str, root: &Path) -> Result<Output, Failure> {
    let run = Command::new(program)
        .args(["build", "docs"])
        .current_dir(root)
        .output();
    match run {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::new(format!(
            "there is no `{program}`; install it with `cargo install mdbook --locked --version {VERSION}`"
        ))),
        run => run.failing_to(|| format!("run {program}")),
    }
}

/// A line such as ` WARN a chapter …` or `2026-01-01 00:00:00 [ERROR] …`.
fn is_warning(line: &str) -> bool {
    line.split([' ', '[', ']', '('])
        .any(|word| word == "WARN" || word == "ERROR")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named_with_what_installs_it() {
        let failure = mdbook("no-such-mdbook", Path::new(".")).unwrap_err();
        let said = failure.to_string();
        assert!(said.contains("no-such-mdbook"), "{said}");
        assert!(said.contains("cargo install mdbook --locked"), "{said}");
    }

    #[test]
    fn warnings_are_told_from_the_rest() {
        assert!(is_warning(" WARN unclosed HTML tag `<i>`"));
        assert!(is_warning(
            "2026-01-01 00:00:00 [ERROR] (mdbook::utils): Error"
        ));
        assert!(!is_warning(" INFO Book building has started"));
    }
}
