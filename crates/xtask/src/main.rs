//! Chores of the repository; `cargo xtask` lists them.
//!
//! Each chore is a module with its options and one function. Only [`catalog`] uses the network.

mod catalog;
mod failure;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about, version)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Generate the embedded catalogue of AWS services, or compare it.
    Catalog(catalog::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.chore {
        Chore::Catalog(options) => catalog::run(&options),
    };
    match done {
        Ok(report) => {
            // Nobody is left to tell when standard output is closed.
            let _ = writeln!(std::io::stdout(), "{report}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}
