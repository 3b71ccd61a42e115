//! The built program: examples, bad inputs, streams. What it prints for the examples stands in `snapshots`.

#[cfg(test)]
#[path = "cli/answers.rs"]
mod answers;
#[cfg(test)]
#[path = "cli/bad_input.rs"]
mod bad_input;
#[cfg(test)]
#[path = "cli/calls.rs"]
mod calls;
#[cfg(test)]
#[cfg(unix)]
#[path = "cli/collect.rs"]
mod collect;
#[cfg(test)]
#[path = "cli/first_steps.rs"]
mod first_steps;
#[cfg(test)]
#[path = "cli/flags.rs"]
mod flags;
#[cfg(test)]
#[path = "cli/help.rs"]
mod help;
#[cfg(test)]
#[path = "cli/hints.rs"]
mod hints;
#[cfg(test)]
#[path = "cli/jobs.rs"]
mod jobs;
#[cfg(test)]
#[path = "cli/junit.rs"]
mod junit;
#[cfg(test)]
#[path = "cli/lint.rs"]
mod lint;
#[cfg(test)]
#[path = "cli/lint_files.rs"]
mod lint_files;
#[cfg(test)]
#[path = "cli/many.rs"]
mod many;
#[cfg(test)]
#[path = "cli/matrix.rs"]
mod matrix;
#[cfg(test)]
#[path = "cli/open_statements.rs"]
mod open_statements;
#[cfg(test)]
#[path = "cli/pages.rs"]
mod pages;
#[cfg(test)]
#[path = "cli/policy_tests.rs"]
mod policy_tests;
#[cfg(test)]
#[path = "cli/program.rs"]
mod program;
#[cfg(test)]
#[path = "diagnostics/rendered.rs"]
mod rendered;
#[cfg(test)]
#[path = "cli/reports.rs"]
mod reports;
#[cfg(test)]
#[path = "cli/results.rs"]
mod results;
#[cfg(test)]
#[path = "cli/schema.rs"]
mod schema;
#[cfg(test)]
#[path = "cli/slips.rs"]
mod slips;
#[cfg(test)]
#[path = "cli/snapshots.rs"]
mod snapshots;
#[cfg(test)]
#[path = "cli/typos.rs"]
mod typos;
#[cfg(test)]
#[path = "cli/who_can.rs"]
mod who_can;
#[cfg(test)]
#[path = "cli/who_can_keys.rs"]
mod who_can_keys;
