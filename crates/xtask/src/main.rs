//! Chores of the repository; `cargo xtask` lists them.
//!
//! Each chore is a module with its options and one function. Only [`catalog`] and [`corpus`] use the network.

mod book;
mod catalog;
mod corpus;
mod failure;
mod fuzz;
mod instructions;
mod repository;
mod sabotage;
mod soak;
mod tables;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Failure;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about, version)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Build the book of `docs/` with mdBook.
    Book(book::Options),
    /// Generate the embedded catalogue of AWS services, or compare it.
    Catalog(catalog::Options),
    /// Read, compile and lint the managed policies of AWS, all of which are valid.
    Corpus(corpus::Options),
    /// Run the fuzzer on each target for some time.
    Fuzz(fuzz::Options),
    /// Count the instructions of named stretches of work, and compare with the counts in the repository.
    Instructions(instructions::Options),
    /// Put deliberate bugs into a copy of the sources and see that the named cases notice.
    Sabotage(sabotage::Options),
    /// Try the properties on very many generated worlds.
    Soak(soak::Options),
    /// Write the conformance cases that the tables in `docs/rules` say, or compare them.
    Tables(tables::Options),
}

/// What a chore has to say, and whether all was well.
struct Done {
    report: String,
    failure: Option<Failure>,
}

impl From<String> for Done {
    fn from(report: String) -> Done {
        Done {
            report,
            failure: None,
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.chore {
        Chore::Book(options) => book::run(&options),
        Chore::Catalog(options) => catalog::run(&options).map(Done::from),
        Chore::Corpus(options) => corpus::run(&options),
        Chore::Fuzz(options) => fuzz::run(&options),
        Chore::Instructions(options) => instructions::run(&options),
        Chore::Sabotage(options) => sabotage::run(&options),
        Chore::Soak(options) => soak::run(&options),
        Chore::Tables(options) => tables::run(&options).map(Done::from),
    };
    let failure = match done {
        Ok(done) => {
            // Nobody is left to tell when standard output is closed.
            let _ = writeln!(std::io::stdout(), "{}", done.report.trim_end());
            done.failure
        }
        Err(failure) => Some(failure),
    };
    match failure {
        None => ExitCode::SUCCESS,
        Some(failure) => {
            let _ = writeln!(std::io::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}
