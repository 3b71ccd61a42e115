//! Finding a segment that holds `?` in time that is linear in the text.
//!
//! Substring search cannot skip over a character that may be anything, and trying each place in turn is
//! quadratic. So one bit per character of the segment says "the text read so far ends with the segment up to
//! here", and each character of the text moves all bits at once. A segment of more than 64 characters is cut
//! into chunks of 64; whole windows of places are tried chunk by chunk, so that the bits kept stay within a fixed
//! array whatever the segment's length: *n* characters of text against *s* of segment cost
//! *n* · ⌈*s* / 64⌉ · (1 + 64 / [`WINDOW_CHARS`]) steps.
//!
//! That bound is for the worst case. Most segments hold some text, so it is looked for first, and the
//! bits are left alone until that has cost more than the reading of the text itself.

use memchr::memmem::Finder;

use crate::op::{Op, OpRef};
use crate::segments::{after_head, skip};

/// Characters per chunk: the bits of a word.
const CHUNK_CHARS: usize = 64;
/// Places tried together when a segment has more than one chunk.
const WINDOW_CHARS: usize = 4096;
const WINDOW_WORDS: usize = WINDOW_CHARS / 64;
/// Bytes that vain comparisons may cost, before the text's own length is counted.
const VAIN_BYTES_FREE: usize = 256;

#[derive(Debug, Clone)]
pub(crate) struct Holes {
    chunks: Box<[Chunk]>,
    chars: usize,
    anchor: Option<Anchor>,
}

/// The longest text of a segment.
#[derive(Debug, Clone)]
struct Anchor {
    finder: Finder<'static>,
    /// Characters of the segment before it.
    chars_before: usize,
    /// Bytes a vain comparison of the segment may touch.
    segment_bytes: usize,
}

/// Something a segment can be looked for in: characters, or another pattern's symbols.
pub(crate) trait Symbol: Copy {
    /// The places of the chunk at which this symbol may stand, a bit each.
    fn places(self, chunk: &Chunk) -> u64;
}

impl Symbol for char {
    #[inline]
    fn places(self, chunk: &Chunk) -> u64 {
        chunk.places_of(self)
    }
}

impl Holes {
    /// `ops` are texts and `?`.
    pub(crate) fn new(ops: &[OpRef<'_>]) -> Holes {
        let mut symbols: Vec<Option<char>> = Vec::new();
        let mut anchor: Option<(&str, usize)> = None;
        let mut segment_bytes = 0;
        for op in ops {
            match op {
                OpRef::Text(text) => {
                    if anchor.is_none_or(|(longest, _)| longest.len() < text.len()) {
                        anchor = Some((text, symbols.len()));
                    }
                    segment_bytes += text.len();
                    symbols.extend(text.chars().map(Some));
                }
                OpRef::Ones(count) => {
                    segment_bytes += count * char::MAX.len_utf8();
                    symbols.extend(std::iter::repeat_n(None, *count));
                }
                OpRef::Run | OpRef::Slot(_) => {}
            }
        }
        Holes {
            chunks: symbols.chunks(CHUNK_CHARS).map(Chunk::new).collect(),
            chars: symbols.len(),
            anchor: anchor.map(|(text, chars_before)| Anchor {
                finder: Finder::new(text).into_owned(),
                chars_before,
                segment_bytes,
            }),
        }
    }

    /// The text after the leftmost occurrence of the segment; `ops` are its steps.
    pub(crate) fn after<'t>(&self, ops: &[Op], text: &'t str) -> Option<&'t str> {
        match &self.anchor {
            Some(anchor) => self.after_anchored(anchor, ops, text),
            None => self.after_by_bits(text),
        }
    }

    fn after_anchored<'t>(&self, anchor: &Anchor, ops: &[Op], text: &'t str) -> Option<&'t str> {
        let mut from = text.len() - skip(text, anchor.chars_before)?.len();
        let mut vain_bytes = 0;
        loop {
            let at = from + anchor.finder.find(text.as_bytes().get(from..)?)?;
            let start = back(text, at, anchor.chars_before);
            let candidate = text.get(start..)?;
            if let Some(rest) = after_head(ops, candidate) {
                return Some(rest);
            }
            vain_bytes += anchor.segment_bytes;
            if vain_bytes > VAIN_BYTES_FREE + at {
                return self.after_by_bits(skip(candidate, 1)?);
            }
            // The next place may begin within a character; nothing is found there.
            from = at + 1;
        }
    }

    fn after_by_bits<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.after_in(text.chars()).map(|rest| rest.as_str())
    }

    /// What follows the leftmost occurrence of the segment among the symbols.
    pub(crate) fn after_in<S: Symbol, I: Iterator<Item = S> + Clone>(
        &self,
        mut symbols: I,
    ) -> Option<I> {
        let [only] = &*self.chunks else {
            return self.after_in_windows(symbols);
        };
        let mut state = 0;
        while let Some(symbol) = symbols.next() {
            state = only.step(state, symbol);
            if state & only.last_place != 0 {
                return Some(symbols);
            }
        }
        None
    }

    fn after_in_windows<S: Symbol, I: Iterator<Item = S> + Clone>(
        &self,
        mut start: I,
    ) -> Option<I> {
        loop {
            let mut open = [u64::MAX; WINDOW_WORDS];
            let mut chunk_start = start.clone();
            for chunk in &self.chunks {
                let mut found = [0; WINDOW_WORDS];
                chunk_start = chunk.find_in_window(chunk_start, &mut found);
                let mut any = 0;
                for (open, found) in open.iter_mut().zip(found) {
                    *open &= found;
                    any |= *open;
                }
                if any == 0 {
                    break;
                }
            }
            if let Some(word) = open.iter().position(|&word| word != 0) {
                let bit = usize::try_from(open[word].trailing_zeros()).unwrap_or(0);
                start.nth(word * 64 + bit + self.chars - 1)?;
                return Some(start);
            }
            start.nth(WINDOW_CHARS - 1)?;
        }
    }
}

/// Up to 64 characters of a segment, turned on their side: for each character, the places where it may stand.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    /// Where each ASCII character's places are among `places`.
    ascii: Box<[u8; 128]>,
    /// The first is for characters that stand only where any may.
    places: Box<[u64]>,
    /// Sorted.
    others: Box<[(char, u64)]>,
    chars: usize,
    last_place: u64,
}

impl Chunk {
    fn new(symbols: &[Option<char>]) -> Chunk {
        let bits = || (0..).map(|place| 1_u64 << place).zip(symbols);
        let anywhere: u64 = bits()
            .filter(|(_, symbol)| symbol.is_none())
            .map(|(bit, _)| bit)
            .sum();
        let mut known: Vec<char> = symbols.iter().copied().flatten().collect();
        known.sort_unstable();
        known.dedup();
        let mut chunk = Chunk {
            ascii: Box::new([0; 128]),
            places: Box::new([]),
            others: Box::new([]),
            chars: symbols.len(),
            last_place: symbols.len().checked_sub(1).map_or(0, |last| 1 << last),
        };
        let mut places = vec![anywhere];
        let mut others = Vec::new();
        for (index, c) in (1..).zip(known) {
            let here = bits()
                .filter(|(_, symbol)| **symbol == Some(c))
                .map(|(bit, _)| bit)
                .sum::<u64>();
            if let Some(entry) = chunk.ascii.get_mut(c as usize) {
                // ASCII sorts first, so the index fits: at most 64 characters are known.
                *entry = index;
                places.push(anywhere | here);
            } else {
                others.push((c, anywhere | here));
            }
        }
        chunk.places = places.into();
        chunk.others = others.into();
        chunk
    }

    #[inline]
    pub(crate) fn places_of(&self, c: char) -> u64 {
        let index = match self.ascii.get(c as usize) {
            Some(&index) => usize::from(index),
            None => match self.others.binary_search_by_key(&c, |(other, _)| *other) {
                Ok(at) => return self.others[at].1,
                Err(_) => 0,
            },
        };
        self.places[index]
    }

    /// The places where any character may stand.
    pub(crate) fn places_of_any(&self) -> u64 {
        self.places[0]
    }

    #[inline]
    fn step<S: Symbol>(&self, state: u64, symbol: S) -> u64 {
        ((state << 1) | 1) & symbol.places(self)
    }

    /// Marks where in the window the chunk begins; returns what follows the first chunk's length of symbols.
    fn find_in_window<S: Symbol, I: Iterator<Item = S> + Clone>(
        &self,
        mut symbols: I,
        found: &mut [u64; WINDOW_WORDS],
    ) -> I {
        let mut state = 0;
        let mut next = symbols.clone();
        for read in 1..WINDOW_CHARS + self.chars {
            let Some(symbol) = symbols.next() else { break };
            if read == CHUNK_CHARS {
                next = symbols.clone();
            }
            state = self.step(state, symbol);
            if state & self.last_place != 0 {
                let begin = read - self.chars;
                found[begin / 64] |= 1 << (begin % 64);
            }
        }
        next
    }
}

/// The place `count` characters before `at`.
fn back(text: &str, at: usize, count: usize) -> usize {
    let Some(last) = count.checked_sub(1) else {
        return at;
    };
    let before = text.get(..at).unwrap_or_default();
    before
        .char_indices()
        .rev()
        .nth(last)
        .map_or(0, |(start, _)| start)
}
