//! Finding a segment that holds `?` in time that is linear in the text.
//!
//! Substring search cannot skip over a character that may be anything, and trying each place in turn is
//! quadratic. So one bit per character of the segment says "the text read so far ends with the segment up to
//! here", and each character of the text moves all bits at once. A segment of more than 64 characters is cut
//! into chunks of 64; whole windows of places are tried chunk by chunk, so that the bits kept stay within a
//! fixed array whatever the segment's length: *n* characters of text against *s* of segment cost
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
                start.nth((word * 64 + bit + self.chars).checked_sub(1)?)?;
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
        let bits = || {
            symbols
                .iter()
                .zip(0..)
                .map(|(symbol, place)| (symbol, 1_u64 << place))
        };
        let places_of = |wanted: Option<char>| {
            let here = bits().filter(|(symbol, _)| **symbol == wanted);
            here.map(|(_, bit)| bit).sum::<u64>()
        };
        let anywhere = places_of(None);
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
            let here = places_of(Some(c));
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

    /// Marks where in the window the chunk begins. Returns the symbols after the first 64, where the next
    /// chunk's window begins; if there are fewer, a chunk that has a next is not found and nobody looks
    /// further.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{normalize, tokenize};

    /// What follows the leftmost place at which the segment stands: every place tried in turn.
    fn after_naively<'t>(ops: &[Op], text: &'t str) -> Option<&'t str> {
        let mut places = text.char_indices().map(|(at, _)| at);
        places.find_map(|at| after_head(ops, text.get(at..)?))
    }

    #[track_caller]
    fn check(segment: &str, text: &str) -> bool {
        let ops = normalize(tokenize(segment));
        let refs: Vec<_> = ops.iter().map(Op::as_ref).collect();
        let holes = Holes::new(&refs);
        let expected = after_naively(&ops, text).map(str::len);
        let place = || format!("`{segment:.200}` in `{text:.200}` of {} bytes", text.len());
        assert_eq!(
            holes.after_by_bits(text).map(str::len),
            expected,
            "by bits: {}",
            place()
        );
        assert_eq!(
            holes.after(&ops, text).map(str::len),
            expected,
            "{}",
            place()
        );
        expected.is_some()
    }

    /// Numbers below a bound, the same in each run.
    fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
        let mut state = seed;
        move |bound| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(state >> 33).map_or(0, |number| number % bound)
        }
    }

    fn word(letters: &[&str], chars: usize, below: &mut impl FnMut(usize) -> usize) -> String {
        (0..chars).map(|_| letters[below(letters.len())]).collect()
    }

    #[test]
    fn segments_of_every_length_up_to_four_chunks() {
        let mut below = numbers(1);
        let mut found = 0;
        for chars in 1..=260 {
            for letters in [
                &["a", "a", "b", "?"][..],
                &["a", "?"],
                &["a", "é", "日", "?", "?", "?"],
            ] {
                let segment = word(letters, chars, &mut below);
                let planted = segment.replace('?', ["a", "b", "😀"][below(3)]);
                let noise = |below: &mut _| word(&["a", "a", "a", "b", "é"], chars / 2, below);
                let text = format!("{}{planted}{}", noise(&mut below), noise(&mut below));
                assert!(check(&segment, &text));
                let mut torn: Vec<char> = text.chars().collect();
                torn.remove(below(torn.len()));
                found += usize::from(check(&segment, &torn.into_iter().collect::<String>()));
            }
        }
        assert!((50..700).contains(&found), "{found} torn texts matched");
    }

    /// The only place lies around each border between windows and words of bits.
    #[test]
    fn places_around_borders() {
        for before in (0..70).chain(4030..4170).chain(8180..8200) {
            for chars in [3, 64, 65, 128, 130] {
                let segment = format!("x?{}", "a".repeat(chars - 2));
                let text =
                    |last: &str| format!("{}x?{}{last}", "a".repeat(before), "a".repeat(chars - 3));
                assert!(
                    check(&segment, &text("a")),
                    "{before} before, {chars} characters"
                );
                assert!(
                    !check(&segment, &text("b")),
                    "{before} before, {chars} characters"
                );
            }
        }
    }

    /// Comparisons fail until the bits take over; the place may come right before, at or after that.
    #[test]
    fn the_bits_take_over_where_comparing_stopped() {
        for chars in [10, 40, 100] {
            let segment = format!("{}?b", "a".repeat(chars));
            for before in 0..300 {
                let text = format!("{}éb{}", "a".repeat(before + chars), "a".repeat(50));
                assert!(
                    check(&segment, &text),
                    "{before} before, {chars} characters"
                );
            }
        }
        // What failed begins one character before the place.
        for vain in 0..60 {
            let vain = "aa".repeat(vain);
            check("a?a?a?ab", &format!("{vain}aaaaaab"));
            check("éé?éb", &format!("{}ééééb", "é".repeat(vain.len())));
        }
    }
}
