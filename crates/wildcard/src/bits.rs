//! Finding a segment by bits: one for each of its characters says "what was read so far ends with the segment
//! up to here", and each symbol of the text moves all of them at once.
//!
//! A segment of more than 64 characters is cut into chunks of 64; whole windows of places are tried chunk by
//! chunk, so that the bits kept stay within a fixed array whatever the segment's length. *n* characters of
//! text against *s* of segment cost about *n* · ⌈*s* / 64⌉ steps.

use crate::effort::Effort;

/// Characters per chunk: the bits of a word.
const CHUNK_CHARS: usize = 64;
/// Words of places tried together, at most, when a segment has more than one chunk.
const WINDOW_WORDS: usize = 64;

/// Something a segment can be looked for in: characters, or another pattern's letters.
pub(crate) trait Symbol: Copy {
    /// None is [`Letter::Chosen`].
    const ARE_KNOWN: bool;

    /// The places of the chunk at which this symbol may stand, a bit each.
    fn places(self, chunk: &Chunk) -> u64;

    /// The character it is, or how it is none.
    fn letter(self) -> Letter;
}

/// A symbol of a text, or of a pattern that plays the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letter {
    Char(char),
    /// One character that the other pattern does not name.
    Unnamed,
    /// One character of the other pattern's choice.
    Chosen,
    /// Any run of characters.
    Run,
}

impl Symbol for char {
    const ARE_KNOWN: bool = true;

    #[inline]
    fn places(self, chunk: &Chunk) -> u64 {
        chunk.places_of(self)
    }

    fn letter(self) -> Letter {
        Letter::Char(self)
    }
}

impl Symbol for &Letter {
    const ARE_KNOWN: bool = false;

    fn places(self, chunk: &Chunk) -> u64 {
        match *self {
            Letter::Char(c) => chunk.places_of(c),
            Letter::Unnamed => chunk.anywhere,
            Letter::Chosen => u64::MAX,
            Letter::Run => 0,
        }
    }

    fn letter(self) -> Letter {
        *self
    }
}

/// What follows the leftmost occurrence of the segment among the symbols. A `None` in the segment is a `?`.
pub(crate) fn after<S, I, P>(segment: P, mut symbols: I, effort: &mut impl Effort) -> Option<I>
where
    S: Symbol,
    I: Iterator<Item = S> + Clone,
    P: Iterator<Item = Option<char>> + Clone,
{
    let mut rest = segment.clone();
    let only = Chunk::take(&mut rest);
    if rest.next().is_some() {
        return after_in_windows(&segment, symbols, effort);
    }
    let mut state = 0;
    while let Some(symbol) = symbols.next() {
        effort.spend(1);
        state = only.step(state, symbol);
        if state & only.last_place != 0 {
            return Some(symbols);
        }
    }
    None
}

fn after_in_windows<S, I, P>(segment: &P, mut start: I, effort: &mut impl Effort) -> Option<I>
where
    S: Symbol,
    I: Iterator<Item = S> + Clone,
    P: Iterator<Item = Option<char>> + Clone,
{
    let chars = segment.clone().count();
    // A window costs as much as it is long: the first is no longer than what a find in it takes of the text.
    let mut words = chars.div_ceil(64).min(WINDOW_WORDS);
    loop {
        let mut places = [u64::MAX; WINDOW_WORDS];
        let open = places.get_mut(..words)?;
        let (mut rest, mut chunk_start) = (segment.clone(), start.clone());
        loop {
            let chunk = Chunk::take(&mut rest);
            if chunk.chars == 0 {
                break;
            }
            let mut places = [0; WINDOW_WORDS];
            let found = places.get_mut(..words)?;
            chunk_start = chunk.find_in_window(chunk_start, found, effort);
            let mut any = 0;
            for (open, found) in open.iter_mut().zip(found) {
                *open &= *found;
                any |= *open;
            }
            if any == 0 {
                break;
            }
        }
        if let Some((at, word)) = open.iter().enumerate().find(|(_, word)| **word != 0) {
            let place = at * 64 + word.trailing_zeros() as usize;
            start.nth((place + chars).checked_sub(1)?)?;
            return Some(start);
        }
        start.nth(words * 64 - 1)?;
        words = (words * 2).min(WINDOW_WORDS);
    }
}

/// Up to 64 characters of a segment, turned on their side: for each character, the places where it may stand.
#[derive(Debug)]
pub(crate) struct Chunk {
    ascii: [u64; 128],
    /// The first so many are in use, and sorted.
    others: [(char, u64); CHUNK_CHARS],
    others_used: usize,
    /// Where any character may stand.
    anywhere: u64,
    chars: usize,
    last_place: u64,
}

impl Chunk {
    /// The next characters of the segment.
    fn take(segment: &mut impl Iterator<Item = Option<char>>) -> Chunk {
        let mut symbols = [None; CHUNK_CHARS];
        let mut chars = 0;
        let mut anywhere = 0;
        for (slot, symbol) in symbols.iter_mut().zip(segment) {
            *slot = symbol;
            anywhere |= u64::from(symbol.is_none()) << chars;
            chars += 1;
        }
        let mut chunk = Chunk {
            ascii: [anywhere; 128],
            others: [('\0', 0); CHUNK_CHARS],
            others_used: 0,
            anywhere,
            chars,
            last_place: chars.checked_sub(1).map_or(0, |last| 1 << last),
        };
        for (place, symbol) in symbols.iter().take(chars).enumerate() {
            if let Some(c) = symbol {
                chunk.note(*c, 1 << place);
            }
        }
        chunk
    }

    fn note(&mut self, c: char, place: u64) {
        if let Some(places) = self.ascii.get_mut(c as usize) {
            *places |= place;
            return;
        }
        let known = self.others.get(..self.others_used).unwrap_or_default();
        match known.binary_search_by_key(&c, |(other, _)| *other) {
            Ok(at) => self.others[at].1 |= place,
            Err(at) => {
                self.others[at..=self.others_used].rotate_right(1);
                self.others[at] = (c, self.anywhere | place);
                self.others_used += 1;
            }
        }
    }

    #[inline]
    fn places_of(&self, c: char) -> u64 {
        if let Some(places) = self.ascii.get(c as usize) {
            return *places;
        }
        let others = self.others.get(..self.others_used).unwrap_or_default();
        match others.binary_search_by_key(&c, |(other, _)| *other) {
            Ok(at) => others[at].1,
            Err(_) => self.anywhere,
        }
    }

    #[inline]
    fn step<S: Symbol>(&self, state: u64, symbol: S) -> u64 {
        ((state << 1) | 1) & symbol.places(self)
    }

    /// Marks where in the window the chunk begins. Returns the symbols after the first 64, where the next
    /// chunk's window begins; if there are fewer, a chunk that has a next is not found and nobody looks
    /// further.
    fn find_in_window<S: Symbol, I: Iterator<Item = S> + Clone>(
        &self,
        mut symbols: I,
        found: &mut [u64],
        effort: &mut impl Effort,
    ) -> I {
        let mut state = 0;
        let mut next = symbols.clone();
        for read in 1..found.len() * 64 + self.chars {
            let Some(symbol) = symbols.next() else { break };
            effort.spend(1);
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
