//! The streams and the clock that a run of the program uses; the only way out for results and messages.
//!
//! Texts come with colours in them. They are taken off here where the stream does not show colours, so that
//! nothing else needs to know (UI-2).

use std::fmt;
use std::io::{self, BufRead, Write};
use std::time::SystemTime;

use crate::render::style::without_steering;

/// Columns of a text table where there is no terminal. Rule: UI-13.
pub const WIDTH_WITHOUT_TERMINAL: u16 = 100;

/// What a run reads from and writes to.
pub struct Io<'a> {
    /// Standard input, for `-`.
    pub stdin: &'a mut (dyn BufRead + Send),
    /// Results.
    pub stdout: Stream<'a>,
    /// Everything else.
    pub stderr: Stream<'a>,
    /// The clock, read only where somebody asks for `now: system`. Rule: UI-5.
    pub clock: fn() -> SystemTime,
}

impl fmt::Debug for Io<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io")
            .field("stdout", &self.stdout)
            .field("stderr", &self.stderr)
            .finish_non_exhaustive()
    }
}

/// A stream that results or messages are written to.
pub struct Stream<'a> {
    writer: &'a mut dyn Write,
    is_terminal: bool,
    colored: bool,
    width: u16,
    reader_gone: bool,
}

impl fmt::Debug for Stream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("colored", &self.colored)
            .field("width", &self.width)
            .field("reader_gone", &self.reader_gone)
            .finish_non_exhaustive()
    }
}

impl<'a> Stream<'a> {
    /// A stream that is no terminal: no colours, 100 columns.
    #[must_use]
    pub fn plain(writer: &'a mut dyn Write) -> Self {
        Self {
            writer,
            is_terminal: false,
            colored: false,
            width: WIDTH_WITHOUT_TERMINAL,
            reader_gone: false,
        }
    }

    /// A terminal of a width in columns.
    #[must_use]
    pub fn terminal(writer: &'a mut dyn Write, width: u16, colored: bool) -> Self {
        Self {
            writer,
            is_terminal: true,
            colored,
            width,
            reader_gone: false,
        }
    }

    /// True for a terminal: somebody watches.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Columns that a table may take.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// True once nobody reads the stream any more; what is written then is dropped, which is no error.
    #[must_use]
    pub fn reader_is_gone(&self) -> bool {
        self.reader_gone
    }

    /// Writes a text, without its colours where the stream shows none, and without what else steers a terminal.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being written, except that nobody reads it.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        let text = &*without_steering(text);
        if self.colored {
            self.write_bytes(text.as_bytes())
        } else {
            self.write_bytes(anstream::adapter::strip_str(text).to_string().as_bytes())
        }
    }

    /// Writes bytes that hold no colours, such as JSON.
    ///
    /// # Errors
    ///
    /// As [`Stream::write`].
    pub fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.guarded(|writer| writer.write_all(bytes))
    }

    /// Passes everything on to the reader.
    ///
    /// # Errors
    ///
    /// As [`Stream::write`].
    pub fn flush(&mut self) -> io::Result<()> {
        self.guarded(|writer| writer.flush())
    }

    fn guarded(&mut self, action: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        if self.reader_gone {
            return Ok(());
        }
        match action(self.writer) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader_gone = true;
                Ok(())
            }
            outcome => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn colours_stay_on_terminals_only() {
        let (mut plain, mut terminal) = (Vec::new(), Vec::new());
        Stream::plain(&mut plain)
            .write("\u{1b}[31mred\u{1b}[0m")
            .unwrap();
        Stream::terminal(&mut terminal, 80, true)
            .write("\u{1b}[31mred\u{1b}[0m")
            .unwrap();
        assert_eq!(plain, b"red");
        assert_eq!(terminal, b"\x1b[31mred\x1b[0m");
    }

    #[test]
    fn a_reader_that_leaves_is_no_error() {
        let mut closed = Closed;
        let mut stream = Stream::plain(&mut closed);
        assert!(stream.write("text").is_ok() && stream.reader_is_gone());
        assert!(stream.write("more").is_ok() && stream.flush().is_ok());
    }
}
