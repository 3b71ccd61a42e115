//! The program `preclear`: reads the command line and files, asks the simulator, renders answers.
//!
//! This crate alone touches files, streams and the clock. [`run`] is the whole program as a function, for tests and for
//! tools that mount it.

#![forbid(unsafe_code)]

use std::ffi::OsString;

mod args;
mod clock;
pub mod codes;
mod disk;
mod exit;
mod failure;
mod io;
mod lint;
mod matrix;
mod process;
mod progress;
mod question;
mod render;
mod run;
mod schema;
mod shell;
mod simulate;
mod snapshot;
mod test;
mod who_can;

pub use exit::{ExitCode, ExitRules};
pub use io::{Io, Stream, WIDTH_WITHOUT_TERMINAL};
pub use process::main;

use args::{Cli, Command};
use failure::Failure;
use run::Run;

/// Runs the program with its arguments, the program's name first. Rule: UI-1.
///
/// ```
/// use std::ffi::OsString;
/// use std::time::SystemTime;
/// use preclear::{ExitCode, Io, Stream, run};
/// let (mut stdin, mut out, mut err) = (std::io::empty(), Vec::new(), Vec::new());
/// let mut io = Io {
///     stdin: &mut stdin,
///     stdout: Stream::plain(&mut out),
///     stderr: Stream::plain(&mut err),
///     clock: SystemTime::now,
/// };
/// let args = ["preclear", "test", "no/such/file.yaml"].map(OsString::from);
/// assert_eq!(run(&args, &mut io), ExitCode::Unusable);
/// assert!(String::from_utf8(err).unwrap().contains("no/such/file.yaml"));
/// ```
pub fn run(args: &[OsString], io: &mut Io<'_>) -> ExitCode {
    let cli = match Cli::read(args) {
        Ok(cli) => cli,
        Err(message) => return usage(&message, io),
    };
    let mut run = Run::new(io);
    let outcome = match cli.command {
        Command::Simulate(args) => simulate::run(&args, &mut run),
        Command::Snapshot(args) => snapshot::run(&args, &mut run),
        Command::WhoCan(args) => who_can::run(&args, &mut run),
        Command::Matrix(args) => matrix::run(&args, &mut run),
        Command::Test(args) => test::run(&args, &mut run),
        Command::Lint(args) => lint::run(&args, &mut run),
        Command::Completions(args) => shell::completions(&args, &mut run),
        Command::Man(args) => shell::man(&args, &mut run),
        Command::Schema(args) => schema::run(&args, &mut run),
    };
    let outcome = outcome.and_then(|code| run.out.flush().map(|()| code).map_err(Failure::Output));
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            // Where even that cannot be written, the exit code still says it.
            let _ = run.out.flush();
            let _ = failure.report(run.err);
            ExitCode::Unusable
        }
    }
}

/// Help and version go to standard output and are a success; wrong usage goes to standard error.
fn usage(message: &clap::Error, io: &mut Io<'_>) -> ExitCode {
    let text = message.render().ansi().to_string();
    let (stream, code) = if message.use_stderr() {
        (&mut io.stderr, ExitCode::Unusable)
    } else {
        (&mut io.stdout, ExitCode::Success)
    };
    match stream.write(&text).and_then(|()| stream.flush()) {
        Ok(()) => code,
        Err(_) => ExitCode::Unusable,
    }
}
