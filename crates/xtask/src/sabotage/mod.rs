//! `cargo xtask sabotage`: puts one deliberate bug after the other into a copy of the sources and demands that the case or the
//! property which the patch names fails.
//!
//! A case that does not notice the bug it stands for is worth nothing; this is how we know.

mod patch;
mod tree;

use std::fmt::Write as _;

use self::patch::{Patch, Witness};
use self::tree::Tree;
use crate::Done;
use crate::failure::Failure;
use crate::repository;

/// Options of `cargo xtask sabotage`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only the patches whose file name contains this text.
    #[arg(value_name = "NAME")]
    only: Option<String>,
    /// Only see whether every patch still applies and names a case that exists; builds nothing.
    #[arg(long)]
    check: bool,
}

/// Runs the patches; fails if one does not apply, or if a bug is not caught by the case that should.
pub(crate) fn run(options: &Options) -> Result<Done, Failure> {
    let root = repository::root()?;
    let patches = Patch::all(&root, options.only.as_deref())?;
    let tree = Tree::copy_of(&root)?;
    let mut survey = Survey::default();
    if !options.check {
        // What stands for several bugs is tried once without any.
        let mut tried: Vec<&Witness> = Vec::new();
        for patch in &patches {
            if tried.contains(&&patch.witness) {
                continue;
            }
            tried.push(&patch.witness);
            if !tree.passes(patch)?.holds {
                let message = format!("`{}` fails without any bug", patch.witness);
                return Err(Failure::new(message));
            }
        }
    }
    for patch in &patches {
        let outcome = if options.check {
            tree.applies(patch).map(|()| Outcome::Applies)
        } else {
            tree.with(patch, |tree| tree.passes(patch))
                .map(|tried| match tried.holds {
                    true => Outcome::Missed,
                    false => Outcome::Caught(tried.seconds),
                })
        };
        survey.note(patch, outcome);
    }
    Ok(survey.done(patches.len()))
}

/// What became of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It can be applied; nothing was run.
    Applies,
    /// The named case or property failed, in so many seconds.
    Caught(u64),
    /// It passed all the same.
    Missed,
}

#[derive(Debug, Default)]
struct Survey {
    report: String,
    bad: Vec<String>,
}

impl Survey {
    fn note(&mut self, patch: &Patch, outcome: Result<Outcome, Failure>) {
        let word = match outcome {
            Ok(Outcome::Applies) => "applies".to_owned(),
            Ok(Outcome::Caught(seconds)) => format!("caught ({seconds} s)"),
            Ok(Outcome::Missed) => {
                self.bad.push(format!("{}: not caught", patch.name));
                "NOT CAUGHT".to_owned()
            }
            Err(failure) => {
                self.bad.push(format!("{}: {failure}", patch.name));
                "FAILED".to_owned()
            }
        };
        // Writing to a text cannot fail.
        let _ = writeln!(
            self.report,
            "{:<28} {:<10} {:<14} {}\n{:<28} {}",
            patch.name, patch.family, word, patch.witness, "", patch.bug
        );
    }

    fn done(mut self, count: usize) -> Done {
        let good = count - self.bad.len();
        let _ = writeln!(self.report, "\n{good} of {count} patches as they should be");
        let failure = (!self.bad.is_empty()).then(|| Failure::new(self.bad.join("\n")));
        Done {
            report: self.report,
            failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_bugs_are_for_the_reference_to_find() {
        let root = repository::root().expect("the repository");
        let patches = Patch::all(&root, None).expect("patches");
        let reference = Witness::Property("reference".to_owned());
        let found = patches.iter().filter(|patch| patch.witness == reference);
        assert!(found.count() >= 10);
    }

    #[test]
    fn every_family_of_the_language_has_a_bug() {
        let root = repository::root().expect("the repository");
        let patches = Patch::all(&root, None).expect("patches that name cases");
        for family in [
            "IAM-GRAM", "IAM-WILD", "IAM-VAR", "IAM-COND", "IAM-PRIN", "IAM-CTX", "IAM-EVAL",
            "IAM-TRI", "IAM-RSN", "AMB",
        ] {
            let has_bug = patches.iter().any(|patch| patch.family == family);
            assert!(has_bug, "no patch breaks {family}");
        }
    }
}
