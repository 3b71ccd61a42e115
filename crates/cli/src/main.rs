//! The `preclear` program.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::io::{self, BufReader, BufWriter};
use std::time::SystemTime;

use anstream::{AutoStream, ColorChoice};
use preclear::{Io, Stream, WIDTH_WITHOUT_TERMINAL};

fn main() -> std::process::ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let width = comfy_table::Table::new().width().unwrap_or(WIDTH_WITHOUT_TERMINAL);

    let colors = [colors_on(&io::stdout()), colors_on(&io::stderr())];
    let (mut out, mut err) = (BufWriter::new(io::stdout().lock()), io::stderr().lock());
    let stdout = match colors[0] {
        Some(colored) => Stream::terminal(&mut out, width, colored),
        None => Stream::plain(&mut out),
    };
    let stderr = match colors[1] {
        Some(colored) => Stream::terminal(&mut err, width, colored),
        None => Stream::plain(&mut err),
    };
    // Loaders may run on several threads, which a lock of standard input may not.
    let mut stdin = BufReader::new(io::stdin());
    let mut io = Io { stdin: &mut stdin, stdout, stderr, clock: SystemTime::now };
    preclear::run(&args, &mut io).into()
}

/// Whether a terminal shows colours; `None` where there is no terminal. Rule: UI-2.
fn colors_on(stream: &impl anstream::stream::RawStream) -> Option<bool> {
    stream.is_terminal().then(|| AutoStream::choice(stream) != ColorChoice::Never)
}
