//! Source texts and places in them, also in texts that stand inside a string of another text.
//!
//! The module knows lines, columns and the notations of strings; it does not know what the texts mean.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::diagnostic::{Diagnostic, Diagnostics};

mod offsets;

use offsets::OffsetMap;

/// A half-open range of byte offsets in a source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// A span of offsets; those above 4 GiB, which no reader accepts, become the greatest offset.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Span {
        let offset = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Span {
            start: offset(start),
            end: offset(end),
        }
    }
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One text that was read, with the name users know it by.
pub struct Source {
    /// File path as the user wrote it, or a description such as `--principal`.
    pub name: String,
    /// The whole text, without a byte order mark.
    pub text: String,
    /// True where a byte order mark was taken off. Rule: IAM-GRAM-1.
    pub had_byte_order_mark: bool,
    /// Where the text comes from, if it stands in a string of another text.
    outer: Option<Outer>,
    /// Offsets at which lines start, found when first asked for.
    lines: OnceLock<Box<[u32]>>,
    /// How many characters start in front of each block, counted when a place far within a line is first asked for: a document may be a
    /// single line of megabytes, and every statement of it has a place.
    letters: OnceLock<Box<[u32]>>,
}

/// Bytes of a block.
const BLOCK: usize = 4096;

/// The string that an embedded text stands in.
#[derive(Debug, PartialEq, Eq)]
struct Outer {
    place: Place,
    /// From offsets of the embedded text to offsets of the outer one; `None` where no exact map exists.
    map: Option<OffsetMap>,
}

impl Source {
    /// A text with its name. A byte order mark is taken off and noted.
    ///
    /// ```
    /// use preclear_model::Source;
    /// let source = Source::new("policy.json", "{\n  \"é\": 1}");
    /// let position = source.position(8);
    /// assert_eq!((position.line, position.column), (2, 6));
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let mut text = text.into();
        let had_byte_order_mark = text.starts_with('\u{feff}');
        if had_byte_order_mark {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Source {
            name: name.into(),
            text,
            had_byte_order_mark,
            outer: None,
            lines: OnceLock::new(),
            letters: OnceLock::new(),
        }
    }

    /// A text from bytes that may not be UTF-8.
    ///
    /// # Errors
    /// `NOT_UTF8` with the place of the first bad byte. Rule: IAM-GRAM-1.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Source, Diagnostics> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Source::new(name, text)),
            Err(error) => Err(not_utf8(
                name.into(),
                error.as_bytes(),
                error.utf8_error().valid_up_to(),
            )
            .into()),
        }
    }

    /// A text that stands in a string at `span` of another text; `text` is what the string says.
    ///
    /// Offsets are mapped exactly for JSON strings and for YAML scalars that are not folded over several lines.
    #[must_use]
    pub fn embedded(outer: &Arc<Source>, span: Span, text: impl Into<String>) -> Source {
        let text = text.into();
        let map = OffsetMap::of_string(outer.slice(span), span.start, &text);
        Source::inside(
            Place {
                source: Arc::clone(outer),
                span,
            },
            text,
            map,
        )
    }

    /// What a percent-encoded text says; the whole `outer` text is that text.
    ///
    /// # Errors
    /// The offset of a byte sequence that does not decode to UTF-8.
    pub fn percent_decoded(outer: &Arc<Source>) -> Result<Source, usize> {
        let (text, map) = OffsetMap::of_percent_encoded(&outer.text)?;
        let span = Span::new(0, outer.text.len());
        Ok(Source::inside(
            Place {
                source: Arc::clone(outer),
                span,
            },
            text,
            Some(map),
        ))
    }

    fn inside(place: Place, text: String, map: Option<OffsetMap>) -> Source {
        let name = place.source.name.clone();
        let inner = Source::new(name, text);
        let map = if inner.had_byte_order_mark {
            let mark = Span::new(0, '\u{feff}'.len_utf8()).end;
            map.map(|map| map.without_front(mark))
        } else {
            map
        };
        Source {
            outer: Some(Outer { place, map }),
            ..inner
        }
    }

    /// The string of another text that this text stands in, if any.
    #[must_use]
    pub fn outer(&self) -> Option<&Place> {
        self.outer.as_ref().map(|outer| &outer.place)
    }

    /// The span of a part of what a string of this text says; `part` holds offsets in `text`.
    ///
    /// The whole string where the two do not align (see [`Source::embedded`]).
    #[must_use]
    pub fn span_in_string(&self, string: Span, text: &str, part: Span) -> Span {
        OffsetMap::of_string(self.slice(string), string.start, text)
            .map_or(string, |map| map.span(part))
    }

    /// Line and column of a byte offset; one behind the text counts as its end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.line_starts();
        let line = starts
            .partition_point(|start| *start as usize <= offset)
            .max(1);
        let start = starts.get(line - 1).map_or(0, |start| *start as usize);
        let column = match offset.saturating_sub(start) {
            0..=BLOCK => letters_in(self.text.as_bytes().get(start..offset)),
            _ => self.letters_before(offset) - self.letters_before(start),
        };
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            line: number(line),
            column: number(column + 1),
        }
    }

    /// How many characters start in front of an offset.
    fn letters_before(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let blocks = self.letters.get_or_init(|| {
            let mut before = 0;
            let all = bytes.chunks(BLOCK).map(|block| {
                let own = before;
                before += u32::try_from(letters_in(Some(block))).unwrap_or(u32::MAX);
                own
            });
            all.collect()
        });
        // Behind the last block stands nothing.
        let block = (offset / BLOCK).min(blocks.len().saturating_sub(1));
        let before = blocks.get(block).map_or(0, |before| *before as usize);
        before + letters_in(bytes.get(block * BLOCK..offset))
    }

    /// Offset at which a line (from 1) starts; the end of the text where there is no such line.
    #[must_use]
    pub fn line_start(&self, line: usize) -> usize {
        self.line_starts()
            .get(line.saturating_sub(1))
            .map_or(self.text.len(), |start| *start as usize)
    }

    /// The text of a span; empty where the span does not fit the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    /// The place of a span. One that ends within a character ends behind it, and none ends behind the text.
    #[must_use]
    pub fn place(self: &Arc<Self>, span: Span) -> Place {
        let end = self.text.ceil_char_boundary(span.end as usize);
        Place {
            source: Arc::clone(self),
            span: Span::new((span.start as usize).min(end), end),
        }
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self
                .text
                .bytes()
                .enumerate()
                .filter(|(_, byte)| *byte == b'\n');
            let starts = breaks.map(|(offset, _)| u32::try_from(offset + 1).unwrap_or(u32::MAX));
            std::iter::once(0).chain(starts).collect()
        })
    }
}

fn not_utf8(name: String, bytes: &[u8], offset: usize) -> Diagnostic {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let found = bytes.get(offset).copied().unwrap_or_default();
    // The text in front of the bad byte is intact, so its offset still holds, but for a byte order mark.
    let source = Arc::new(Source::new(name, String::from_utf8_lossy(bytes)));
    let mark = if source.had_byte_order_mark {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let start = offset - mark;
    let place = source.place(Span::new(start, start + '\u{fffd}'.len_utf8()));
    let help = if utf16 {
        "this looks like UTF-16; save the file as UTF-8"
    } else {
        "save the file as UTF-8"
    };
    Diagnostic::error(
        "NOT_UTF8",
        format!("byte {offset} is `0x{found:02x}`, which is not UTF-8"),
    )
    .rule("IAM-GRAM-1")
    .at(place)
    .help(help)
}

/// How many characters start within bytes of a text.
fn letters_in(bytes: Option<&[u8]>) -> usize {
    const CONTINUED: std::ops::RangeInclusive<u8> = 0x80..=0xbf;
    let starts = bytes.unwrap_or_default().iter();
    starts.filter(|byte| !CONTINUED.contains(*byte)).count()
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text && self.outer == other.outer
    }
}

impl Eq for Source {}

impl fmt::Debug for Source {
    /// Leaves the text out: it would bury everything else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Source");
        fields
            .field("name", &self.name)
            .field("bytes", &self.text.len());
        fields
            .field("embedded", &self.outer.is_some())
            .finish_non_exhaustive()
    }
}

/// A span in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// The part of it that is meant.
    pub span: Span,
}

/// Where a place is, in the file that users see. Rule: UI-4.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Located {
    /// Name of the file, or of what else was read.
    pub name: String,
    /// Position in it; the start of the string where the place stands in a string without an exact map.
    pub position: Position,
    /// Position in the innermost text, where the place stands in a string.
    pub inner: Option<Position>,
}

impl Place {
    /// The text that is meant.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.slice(self.span)
    }

    /// The same place in the file itself, where this one stands in a string of it.
    #[must_use]
    pub fn outermost(&self) -> Place {
        let mut place = self.clone();
        // Texts are embedded a bounded number of times, by construction: an outer text exists before its inner one.
        while let Some(outer) = &place.source.outer {
            let span = match &outer.map {
                Some(map) => map.span(place.span),
                None => outer.place.span,
            };
            // A line break that a block scalar adds stands behind the end of the file.
            place = outer.place.source.place(span);
        }
        place
    }

    /// Name, line and column, in the file and in the embedded text.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use preclear_model::{Limits, Source, embedded, json};
    /// let file = Arc::new(Source::new("a.json", r#""{\n\"x\": 1}""#));
    /// let string = json::read(&file).unwrap();
    /// let (tree, inner) = embedded::read(&string, &file, &Limits::POLICY).unwrap();
    /// let place = inner.place(tree.members()[0].name_span);
    /// assert_eq!(place.locate().to_string(), "a.json:1:5 (2:1 of the text in it)");
    /// ```
    #[must_use]
    pub fn locate(&self) -> Located {
        let outermost = self.outermost();
        let inner = self
            .source
            .outer
            .is_some()
            .then(|| self.source.position(self.span.start));
        Located {
            name: outermost.source.name.clone(),
            position: outermost.source.position(outermost.span.start),
            inner,
        }
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.position)?;
        match self.inner {
            Some(inner) => write!(f, " ({inner} of the text in it)"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
