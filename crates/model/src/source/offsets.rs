//! From offsets of an embedded text to offsets of the text around it.

use super::Span;

/// Runs of bytes that stand one to one in both texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OffsetMap {
    /// Starts of the runs, ascending: offset in the embedded text, offset in the outer text.
    runs: Vec<(u32, u32)>,
}

impl OffsetMap {
    /// The map of a string; `raw` is the string as it stands at `base`, notation included, `text` what it says.
    ///
    /// `None` where the two do not align, as in folded YAML scalars.
    pub(super) fn of_string(raw: &str, base: u32, text: &str) -> Option<OffsetMap> {
        let mut aligner = Aligner {
            raw,
            text,
            raw_at: 0,
            text_at: 0,
            base,
            map: OffsetMap::default(),
        };
        match raw.as_bytes().first() {
            Some(b'"') => aligner.double_quoted()?,
            Some(b'\'') => aligner.single_quoted()?,
            Some(b'|') => aligner.literal_block()?,
            _ if raw == text => aligner.start_run(),
            _ => return None,
        }
        Some(aligner.map)
    }

    /// Decodes a percent-encoded text, with its map; else the offset of what is not UTF-8.
    pub(super) fn of_percent_encoded(raw: &str) -> Result<(String, OffsetMap), usize> {
        let bytes = raw.as_bytes();
        let mut map = OffsetMap::default();
        let mut decoded = Vec::with_capacity(bytes.len());
        // A sequence `%XX` is the only thing that changes lengths; each starts a run, and so does what follows it.
        let mut at = 0;
        while at < bytes.len() {
            map.push(decoded.len(), at);
            let length = if is_percent_sequence(bytes, at) { 3 } else { 1 };
            let piece = bytes.get(at..at + length).unwrap_or_default();
            decoded.extend(percent_encoding::percent_decode(piece));
            at += length;
        }
        map.push(decoded.len(), at);
        match String::from_utf8(decoded) {
            Ok(text) => Ok((text, map)),
            Err(error) => {
                let valid = u32::try_from(error.utf8_error().valid_up_to()).unwrap_or(u32::MAX);
                Err(map.outer(valid) as usize)
            }
        }
    }

    fn push(&mut self, inner: usize, outer: usize) {
        let Span {
            start: inner,
            end: outer,
        } = Span::new(inner, outer);
        let goes_on = self
            .runs
            .last()
            .is_some_and(|(i, o)| inner.abs_diff(*i) == outer.abs_diff(*o));
        if !goes_on {
            self.runs.push((inner, outer));
        }
    }

    /// The map of what is left of the embedded text without its first bytes.
    pub(super) fn without_front(mut self, bytes: u32) -> OffsetMap {
        let front = self.outer(bytes);
        self.runs.retain(|(inner, _)| *inner > bytes);
        for (inner, _) in &mut self.runs {
            *inner -= bytes;
        }
        self.runs.insert(0, (0, front));
        self
    }

    /// The outer offset of an embedded one.
    fn outer(&self, inner: u32) -> u32 {
        let behind = self.runs.partition_point(|(start, _)| *start <= inner);
        let (start, outer) = behind
            .checked_sub(1)
            .and_then(|run| self.runs.get(run))
            .copied()
            .unwrap_or_default();
        outer.saturating_add(inner.saturating_sub(start))
    }

    /// The outer span of an embedded one.
    pub(super) fn span(&self, inner: Span) -> Span {
        Span {
            start: self.outer(inner.start),
            end: self.outer(inner.end),
        }
    }
}

fn is_percent_sequence(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at..at + 3) {
        Some([b'%', high, low]) => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Walks a string as it is written and what it says side by side.
struct Aligner<'t> {
    raw: &'t str,
    text: &'t str,
    raw_at: usize,
    text_at: usize,
    base: u32,
    map: OffsetMap,
}

impl Aligner<'_> {
    /// From here on the texts stand one to one, until the next run.
    fn start_run(&mut self) {
        self.map
            .push(self.text_at, self.base as usize + self.raw_at);
    }

    fn next_of_text(&self) -> Option<char> {
        self.text.get(self.text_at..)?.chars().next()
    }

    /// Takes one character of the text that is written with `raw_length` bytes.
    fn take(&mut self, raw_length: usize) -> Option<()> {
        self.text_at += self.next_of_text()?.len_utf8();
        self.raw_at += raw_length;
        Some(())
    }

    /// Escapes of JSON and of YAML; a line break is folded in YAML, and nothing aligns behind it.
    fn double_quoted(&mut self) -> Option<()> {
        self.raw_at = 1;
        self.start_run();
        loop {
            let rest = self.raw.get(self.raw_at..)?;
            match rest.chars().next()? {
                '"' => return (self.text_at == self.text.len()).then(|| self.start_run()),
                '\\' => {
                    self.start_run();
                    self.take(escape_length(rest, self.next_of_text()?)?)?;
                    self.start_run();
                }
                c if self.next_of_text() == Some(c) && c != '\n' => self.take(c.len_utf8())?,
                _ => return None,
            }
        }
    }

    fn single_quoted(&mut self) -> Option<()> {
        self.raw_at = 1;
        self.start_run();
        loop {
            let rest = self.raw.get(self.raw_at..)?;
            match rest.chars().next()? {
                '\'' if rest.starts_with("''") => {
                    self.start_run();
                    self.take(2)?;
                    self.start_run();
                }
                '\'' => return (self.text_at == self.text.len()).then(|| self.start_run()),
                c if self.next_of_text() == Some(c) && c != '\n' => self.take(c.len_utf8())?,
                _ => return None,
            }
        }
    }

    /// Lines behind the header, each with its indentation taken off.
    fn literal_block(&mut self) -> Option<()> {
        let header = self.raw.find('\n')? + 1;
        self.raw_at = header;
        for line in self.text.split_inclusive('\n') {
            let content = line.trim_end_matches('\n');
            let rest = self.raw.get(self.raw_at..)?;
            let raw_line = rest.split_inclusive('\n').next().unwrap_or(rest);
            let written = raw_line.trim_end_matches(['\n', '\r']);
            let indentation = written.strip_suffix(content)?;
            if !indentation.bytes().all(|byte| byte == b' ') {
                return None;
            }
            self.raw_at += indentation.len();
            self.start_run();
            self.text_at += line.len();
            self.raw_at += raw_line.len() - indentation.len();
        }
        Some(())
    }
}

/// Bytes of the escape sequence that a text starts with and that stands for `meant`.
fn escape_length(raw: &str, meant: char) -> Option<usize> {
    Some(match raw.as_bytes().get(1)? {
        // Characters outside the first plane take a pair of surrogates in JSON, which has no `\U`.
        b'u' if meant.len_utf16() == 2 => 12,
        b'u' => 6,
        b'x' => 4,
        b'U' => 10,
        // A line break or a letter behind the backslash.
        _ => 2,
    })
}
