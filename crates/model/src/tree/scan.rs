//! JSON texts as trees, in one pass; whatever is out of the ordinary is left to the full reader.
//!
//! `serde_json` decides what is JSON, and [`crate::json`] says with its help what is wrong with a text. But it hands out
//! values without places, and asking it for each value's raw text looks at every byte more than once: policies then take
//! twice the time of plain values instead of half of it. This pass accepts what it understands and nothing else; a text
//! that it refuses is read again from the start by the full reader, which alone reports. Properties hold the two to the
//! same values and places.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memchr2;
use serde::de::IgnoredAny;

use super::{AS_WRITTEN, Kind, Slot, Tree};
use crate::node::Limits;
use crate::source::{Source, Span};

/// Objects of so many members are compared name by name; larger ones by sorting their names.
const PAIRS_MAX: usize = 8;

/// Bytes that an element takes in a dense text; with fewer the list of elements has to grow.
const BYTES_PER_SLOT: usize = 12;

/// Reads a JSON text; `None` where it is not within the limits, is not JSON, repeats a member, or escapes a name.
pub(crate) fn scan<'t>(source: &'t Arc<Source>, limits: &Limits) -> Option<Tree<'t>> {
    limits.check(source).ok()?;
    let bytes = source.text.as_bytes();
    let mut scanner = Scanner {
        text: &source.text,
        bytes,
        at: 0,
        slots: Vec::with_capacity(bytes.len() / BYTES_PER_SLOT + 1),
        texts: Vec::new(),
        controls: 0,
        gap: Gap::default(),
    };
    scanner.value(limits.depth)?;
    if scanner.next().is_some() || scanner.controls != count_controls(bytes) {
        return None;
    }
    Some(Tree {
        source,
        text: &source.text,
        slots: scanner.slots,
        texts: scanner.texts,
        is_scanned: true,
    })
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// Offset up to which the text has been read.
    at: usize,
    slots: Vec<Slot>,
    texts: Vec<Cow<'t, str>>,
    /// Control characters that were taken as white space.
    controls: usize,
    gap: Gap,
}

/// What stands between two strings of a list: a comma, and white space.
#[derive(Debug, Default)]
struct Gap {
    start: usize,
    end: usize,
    /// Control characters in it.
    controls: usize,
}

impl<'t> Scanner<'t> {
    /// The next byte that is no white space; stays in front of it.
    ///
    /// Behind a line break there is indentation, so both are taken together.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        match *self.bytes.get(self.at)? {
            b'\t' | b'\n' | b'\r' | b' ' => self.next_behind_space(),
            other => Some(other),
        }
    }

    #[inline(never)]
    fn next_behind_space(&mut self) -> Option<u8> {
        loop {
            match *self.bytes.get(self.at)? {
                b' ' => self.at = skip_spaces(self.bytes, self.at + 1),
                b'\n' => {
                    self.controls += 1;
                    self.at = skip_spaces(self.bytes, self.at + 1);
                }
                b'\r' | b'\t' => {
                    self.controls += 1;
                    self.at += 1;
                }
                other => return Some(other),
            }
        }
    }

    /// Reads a value; lists and objects may stand `depth` deep in it.
    fn value(&mut self, depth: usize) -> Option<()> {
        match self.next()? {
            b'"' => self.string(),
            b'{' => self.object(depth.checked_sub(1)?),
            b'[' => self.list(depth.checked_sub(1)?),
            b'n' => self.word("null", Kind::Null),
            b't' => self.word("true", Kind::Boolean),
            b'f' => self.word("false", Kind::Boolean),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        let index = self.open(Kind::Mapping);
        if self.next()? == b'}' {
            return self.close(index);
        }
        loop {
            if self.next()? != b'"' {
                return None;
            }
            self.name()?;
            if self.next()? != b':' {
                return None;
            }
            self.at += 1;
            match self.next()? {
                b'"' => self.string()?,
                _ => self.value(depth)?,
            }
            match self.next()? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return None,
            }
        }
        self.close(index)?;
        self.has_unique_names(index).then_some(())
    }

    fn list(&mut self, depth: usize) -> Option<()> {
        let index = self.open(Kind::Sequence);
        if self.next()? == b']' {
            return self.close(index);
        }
        loop {
            match self.next()? {
                b'"' => self.string()?,
                _ => self.value(depth)?,
            }
            while self.takes_gap() {
                self.string()?;
            }
            let (start, controls) = (self.at, self.controls);
            match self.next()? {
                b',' => self.at += 1,
                b']' => return self.close(index),
                _ => return None,
            }
            self.next()?;
            self.gap = Gap {
                start,
                end: self.at,
                controls: self.controls - controls,
            };
        }
    }

    /// Takes what stood between the last two elements of a list, if it stands here again in front of a string: most lists have
    /// their elements below each other.
    fn takes_gap(&mut self) -> bool {
        let Gap {
            start,
            end,
            controls,
        } = self.gap;
        let behind = self.at + (end - start);
        let is_same = start < end
            && self.bytes.get(behind) == Some(&b'"')
            && self.bytes.get(self.at..behind) == self.bytes.get(start..end);
        if is_same {
            self.at = behind;
            self.controls += controls;
        }
        is_same
    }

    /// Takes the bracket that opens a list or object.
    fn open(&mut self, kind: Kind) -> usize {
        let index = self.slots.len();
        self.push(self.at, self.at + 1, kind, 0);
        self.at += 1;
        index
    }

    /// Takes the bracket that closes it.
    fn close(&mut self, index: usize) -> Option<()> {
        self.at += 1;
        let behind = Tree::index(self.slots.len());
        let slot = self.slots.get_mut(index)?;
        slot.span.end = Span::new(0, self.at).end;
        slot.more = behind;
        Some(())
    }

    fn push(&mut self, start: usize, end: usize, kind: Kind, more: u32) {
        let span = Span::new(start, end);
        self.slots.push(Slot { span, kind, more });
    }

    /// Takes the name of a member.
    fn name(&mut self) -> Option<()> {
        let start = self.at;
        let end = self.end_of_letters(start + 1)?;
        if *self.bytes.get(end)? != b'"' {
            return None;
        }
        self.at = end + 1;
        self.push(start, end + 1, Kind::Text, AS_WRITTEN);
        Some(())
    }

    /// The first offset from `at` on of a quote or a backslash.
    fn end_of_letters(&self, at: usize) -> Option<usize> {
        memchr2(b'"', b'\\', self.bytes.get(at..)?).map(|offset| at + offset)
    }

    /// Takes a string. Control characters in it are not looked for: they are missed when all have been read.
    fn string(&mut self) -> Option<()> {
        let start = self.at;
        let mut end = self.end_of_letters(start + 1)?;
        let mut more = AS_WRITTEN;
        if *self.bytes.get(end)? != b'"' {
            end = self.end_of_escapes(end)?;
            let said: String = serde_json::from_str(self.text.get(start..=end)?).ok()?;
            more = Tree::index(self.texts.len());
            self.texts.push(Cow::Owned(said));
        }
        self.at = end + 1;
        self.push(start, end + 1, Kind::Text, more);
        Some(())
    }

    /// The offset of the quote that ends a string whose letters end at `at`.
    fn end_of_escapes(&self, mut at: usize) -> Option<usize> {
        loop {
            match *self.bytes.get(at)? {
                b'"' => return Some(at),
                b'\\' => at = self.end_of_letters(at + 2)?,
                _ => return None,
            }
        }
    }

    fn word(&mut self, word: &str, kind: Kind) -> Option<()> {
        let start = self.at;
        self.at += word.len();
        if self.bytes.get(start..self.at)? != word.as_bytes() {
            return None;
        }
        self.push(start, self.at, kind, AS_WRITTEN);
        Some(())
    }

    /// Whether no member of the object at an index has the name of another.
    fn has_unique_names(&self, index: usize) -> bool {
        let mut few: [&[u8]; PAIRS_MAX] = [&[]; PAIRS_MAX];
        let mut count = 0;
        for name in self.names(index) {
            let Some(place) = few.get_mut(count) else {
                return self.has_unique_names_of_many(index);
            };
            *place = name;
            count += 1;
        }
        let mut rest = few.get(..count).unwrap_or_default();
        while let [first, others @ ..] = rest {
            if others.contains(first) {
                return false;
            }
            rest = others;
        }
        true
    }

    fn has_unique_names_of_many(&self, index: usize) -> bool {
        let mut names: Vec<&[u8]> = self.names(index).collect();
        names.sort_unstable();
        names.windows(2).all(|pair| pair.first() != pair.last())
    }

    /// The names of the members of the object at an index, with their quotes.
    fn names(&self, index: usize) -> impl Iterator<Item = &'t [u8]> {
        let end = self.slots.len();
        let mut next = index + 1;
        std::iter::from_fn(move || {
            let name = self.slots.get(next).filter(|_| next < end)?.span;
            let value = self.slots.get(next + 1)?;
            next = match value.kind {
                Kind::Sequence | Kind::Mapping => value.more as usize,
                _ => next + 2,
            };
            self.bytes.get(name.start as usize..name.end as usize)
        })
    }

    /// Numbers are rare in policies, so `serde_json` judges them.
    fn number(&mut self) -> Option<()> {
        let start = self.at;
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let rest = self.bytes.get(start..)?;
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        self.at = start + length;
        serde_json::from_str::<IgnoredAny>(self.text.get(start..self.at)?).ok()?;
        self.push(start, self.at, Kind::Number, AS_WRITTEN);
        Some(())
    }
}

/// The first offset from `at` on where no space stands; indentation is compared in words.
fn skip_spaces(bytes: &[u8], mut at: usize) -> usize {
    const WORD: usize = 8;
    const SPACES: u64 = u64::from_le_bytes([b' '; WORD]);
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<WORD>()) {
        let others = u64::from_le_bytes(*word) ^ SPACES;
        if others != 0 {
            return at + (others.trailing_zeros() / 8) as usize;
        }
        at += WORD;
    }
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// How many bytes are control characters.
fn count_controls(bytes: &[u8]) -> usize {
    // Blocks whose count fits a byte are counted many bytes at a time.
    const BLOCK: usize = 128;
    let count = |block: &[u8]| -> u8 { block.iter().map(|byte| u8::from(*byte < b' ')).sum() };
    bytes
        .chunks(BLOCK)
        .map(|block| usize::from(count(block)))
        .sum()
}
