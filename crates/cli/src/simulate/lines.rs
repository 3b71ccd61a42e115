//! Lines of a file that may have any number of them, a chunk at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use preclear_model::Diagnostic;

use crate::disk::is_stdin;
use crate::failure::Failure;
use crate::run::Run;

/// Lines of a chunk: enough to keep every thread busy, few enough to hold.
const CHUNK_LINES: usize = 1024;

/// Bytes of a chunk, whatever the number of its lines.
const CHUNK_BYTES: usize = 16 << 20;

/// Bytes of one line. A request with a policy in it has some 100 KiB at most.
pub(super) const LINE_BYTES_MAX: usize = 4 << 20;

/// A line without its break.
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: usize,
    /// Empty if it is too long.
    pub(super) bytes: Vec<u8>,
    pub(super) is_too_long: bool,
}

/// Reads chunks of lines.
pub(super) struct Lines<'r> {
    reader: Box<dyn BufRead + 'r>,
    number: usize,
}

impl<'r> Lines<'r> {
    /// Opens a file, or standard input.
    pub(super) fn open(path: &Path, run: &Run<'r, '_>) -> Result<Self, Failure> {
        if is_stdin(path) {
            let stdin = run
                .disk
                .take_stdin()
                .ok_or_else(|| Failure::usage("standard input can be read only once"))?;
            return Ok(Self {
                reader: Box::new(stdin),
                number: 0,
            });
        }
        let unreadable = |error: &io::Error| {
            let message = format!("`{}` cannot be read: {error}", path.display());
            let code = if error.kind() == io::ErrorKind::NotFound {
                "MISSING_FILE"
            } else {
                "UNREADABLE_FILE"
            };
            Failure::from(
                Diagnostic::error(code, message)
                    .rule("UI-35")
                    .help("check the path"),
            )
        };
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        let metadata = file.metadata().map_err(|error| unreadable(&error))?;
        if metadata.is_dir() {
            return Err(unreadable(&io::ErrorKind::IsADirectory.into()));
        }
        Ok(Self {
            reader: Box::new(BufReader::with_capacity(1 << 16, file)),
            number: 0,
        })
    }

    /// The next lines; `None` at the end. Blank lines ask nothing, but count.
    pub(super) fn next_chunk(&mut self) -> Result<Option<Vec<Line>>, Failure> {
        let mut lines = Vec::new();
        let mut bytes = 0;
        while lines.len() < CHUNK_LINES && bytes < CHUNK_BYTES {
            match self.next_line().map_err(unreadable_line)? {
                None => break,
                Some(line) if !line.is_too_long && line.bytes.trim_ascii().is_empty() => {}
                Some(line) => {
                    bytes += line.bytes.len();
                    lines.push(line);
                }
            }
        }
        Ok((!lines.is_empty()).then_some(lines))
    }

    fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let mut is_too_long = false;
        let mut has_any = false;
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                break;
            }
            has_any = true;
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |end| end + 1);
            let content = available
                .get(..end.unwrap_or(available.len()))
                .unwrap_or_default();
            if bytes.len() + content.len() > LINE_BYTES_MAX {
                is_too_long = true;
                bytes = Vec::new();
            } else if !is_too_long {
                bytes.extend_from_slice(content);
            }
            self.reader.consume(taken);
            if end.is_some() {
                break;
            }
        }
        if !has_any {
            return Ok(None);
        }
        self.number += 1;
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        if self.number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Ok(Some(Line {
            number: self.number,
            bytes,
            is_too_long,
        }))
    }
}

fn unreadable_line(error: io::Error) -> Failure {
    Diagnostic::error(
        "UNREADABLE_FILE",
        format!("the requests cannot be read on: {error}"),
    )
    .rule("UI-35")
    .help("check the disk, or the program that writes the requests")
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(usize, String, bool)> {
        let mut lines = Lines {
            reader: Box::new(text),
            number: 0,
        };
        let mut all = Vec::new();
        while let Some(chunk) = lines.next_chunk().unwrap() {
            for line in chunk {
                all.push((
                    line.number,
                    String::from_utf8_lossy(&line.bytes).into_owned(),
                    line.is_too_long,
                ));
            }
        }
        all
    }

    #[test]
    fn blank_lines_ask_nothing_but_count() {
        let text = b"\xef\xbb\xbf{1}\r\n\n  \n{2}";
        assert_eq!(
            lines(text),
            [(1, "{1}".to_owned(), false), (4, "{2}".to_owned(), false)]
        );
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"\n"), []);
    }

    #[test]
    fn a_line_past_the_limit_is_not_held_and_the_next_is_read() {
        let mut text = vec![b'x'; LINE_BYTES_MAX];
        text.push(b'\n');
        text.extend(vec![b'y'; LINE_BYTES_MAX + 1]);
        text.extend(b"\nz\n");
        let read = lines(&text);
        let told: Vec<_> = read
            .iter()
            .map(|(number, text, long)| (*number, text.len(), *long))
            .collect();
        assert_eq!(
            told,
            [(1, LINE_BYTES_MAX, false), (2, 0, true), (3, 1, false)]
        );
    }

    #[test]
    fn more_lines_than_a_chunk_holds_come_in_order() {
        let text = "a\n".repeat(CHUNK_LINES * 2 + 1);
        let numbers: Vec<usize> = lines(text.as_bytes())
            .into_iter()
            .map(|(number, ..)| number)
            .collect();
        assert_eq!(numbers, (1..=CHUNK_LINES * 2 + 1).collect::<Vec<_>>());
    }
}
