//! The program as a process: its arguments, its streams, its clock.

use std::ffi::OsString;
use std::io::{self, BufReader, BufWriter};
use std::time::SystemTime;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};

use crate::io::{Io, Stream, WIDTH_WITHOUT_TERMINAL};

/// Columns below which tables would hold nothing but line breaks.
const WIDTH_MIN: u16 = 72;

/// The program: [`run`](crate::run) with the arguments and streams of this process.
pub fn main() -> std::process::ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let (out_colors, err_colors) = (colors_on(&io::stdout()), colors_on(&io::stderr()));
    let (mut out, mut err) = (BufWriter::new(io::stdout().lock()), io::stderr().lock());
    let stdout = stream(&mut out, out_colors);
    let stderr = stream(&mut err, err_colors);
    // Loaders may run on several threads, which a lock of standard input may not.
    let mut stdin = BufReader::new(io::stdin());
    let mut io = Io {
        stdin: &mut stdin,
        stdout,
        stderr,
        clock: SystemTime::now,
    };
    crate::run(&args, &mut io).into()
}

/// Whether a terminal shows colours; `None` where there is no terminal. Rule: UI-2.
fn colors_on(stream: &impl RawStream) -> Option<bool> {
    stream
        .is_terminal()
        .then(|| AutoStream::choice(stream) != ColorChoice::Never)
}

fn stream(writer: &mut dyn io::Write, colors: Option<bool>) -> Stream<'_> {
    match colors {
        Some(colored) => {
            // A terminal that does not know its width says 0.
            let width = comfy_table::Table::new().width().filter(|width| *width > 0);
            let width = width.unwrap_or(WIDTH_WITHOUT_TERMINAL).max(WIDTH_MIN);
            Stream::terminal(writer, width, colored)
        }
        None => Stream::plain(writer),
    }
}
