//! Finding a part that holds `?` and lies between two `*`, in steps that grow with the text and not with the
//! product of text and part.
//!
//! Substring search cannot skip over a character that may be anything, and trying each place in turn is
//! quadratic. Yet in most texts the part's own text is rare. So there are four roads, and each is left for the
//! next once it has cost a fixed number of steps for each byte of text that it ruled out:
//!
//! 1. the longest text of the part is looked for, and the rest compared around it;
//! 2. the same with the text whose rarest byte is rarest in the text around; if it is not there, nor is the
//!    part;
//! 3. a part of up to [`BITS_CHARS_MAX`] characters is looked for by [`bits`];
//! 4. a longer one by [`convolution`], which alone allocates.
//!
//! The third costs up to [`BITS_CHARS_MAX`] / 64 steps a character, the fourth a number that grows with the
//! logarithm of the part's length.

use std::ops::Range;

use crate::bits;
use crate::code::{ONE, Part};
use crate::convolution;
use crate::effort::{Effort, Road};
use crate::search::{after_part, back, before_part, chars, find, skip};

/// Characters of a part up to which bits are faster than a convolution.
pub(crate) const BITS_CHARS_MAX: usize = 2048;
/// Steps that comparisons in vain may cost at first.
const VAIN_STEPS_FREE: usize = 256;
/// Steps they may cost for each byte of text.
const VAIN_STEPS_PER_BYTE: usize = 4;
/// Bytes of text of which bytes are counted at first.
const COUNTED_BYTES_MIN: usize = 256;

/// What a search came to.
enum Search {
    /// The part stands, and ends here.
    End(usize),
    Nowhere,
    /// It has cost too much. The part stands nowhere before this place.
    Given(usize),
}

/// Counts steps on their way to whoever asked for them.
struct Tally<'e, E> {
    effort: &'e mut E,
    steps: usize,
}

impl<E: Effort> Effort for Tally<'_, E> {
    fn road(&self) -> Road {
        self.effort.road()
    }

    #[inline]
    fn spend(&mut self, steps: usize) {
        self.steps += steps;
        self.effort.spend(steps);
    }
}

/// Where the leftmost occurrence of the part from this place on ends. The part begins and ends with text; its
/// anchor is one of its texts.
pub(crate) fn after<E: Effort>(
    part: Part<'_>,
    text: &str,
    from: usize,
    effort: &mut E,
) -> Option<usize> {
    let usual = effort.road() == Road::Usual;
    let mut from = from;
    if usual {
        let anchor = part.anchor.0..part.anchor.0 + part.anchor.1;
        from = match around(part.code, anchor, text.as_bytes(), from, usize::MAX, effort) {
            Search::End(end) => return Some(end),
            Search::Nowhere => return None,
            Search::Given(at) => at,
        };
    }
    if usual || effort.road() == Road::Rarest {
        from = match by_rarest(part.code, text, from, effort) {
            Search::End(end) => return Some(end),
            Search::Nowhere => return None,
            Search::Given(at) => at,
        };
    }
    let is_long = match effort.road() {
        Road::Convolution => true,
        Road::Bits => false,
        Road::Usual | Road::Rarest => chars(part.code) > BITS_CHARS_MAX,
    };
    let symbols = text.get(from..)?.chars();
    let rest = if is_long {
        let part: Vec<Option<char>> = Symbols(part.code).collect();
        convolution::after(&part, symbols, effort)?
    } else {
        bits::after(Symbols(part.code), symbols, effort)?
    };
    Some(text.len() - rest.as_str().len())
}

/// Looks for one text of the part, and compares the rest of the part around it. Stops where it has cost too
/// much for the `bytes` that there are.
fn around(
    code: &[u8],
    anchor: Range<usize>,
    text: &[u8],
    from: usize,
    bytes: usize,
    effort: &mut impl Effort,
) -> Search {
    let mut tally = Tally { effort, steps: 0 };
    let (before, wanted, behind) = (
        code.get(..anchor.start).unwrap_or_default(),
        code.get(anchor.clone()).unwrap_or_default(),
        code.get(anchor.end..).unwrap_or_default(),
    );
    let chars_before = chars(before);
    let Some(first) = text.get(from..).and_then(|text| skip(text, chars_before)) else {
        return Search::Nowhere;
    };
    let mut at = text.len() - first.len();
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(found) = find(wanted, rest, &mut tally) else {
            return Search::Nowhere;
        };
        at += found;
        let behind_it = text.get(at + wanted.len()..).unwrap_or_default();
        if let Some(rest) = after_part(behind, behind_it, &mut tally)
            && before_part(before, text.get(from..at).unwrap_or_default(), &mut tally).is_some()
        {
            return Search::End(text.len() - rest.len());
        }
        let paid = (at - from).min(bytes).saturating_mul(VAIN_STEPS_PER_BYTE);
        if tally.steps > VAIN_STEPS_FREE + paid {
            let place = from + back(text.get(from..at).unwrap_or_default(), chars_before);
            // The next character begins after this one's other bytes.
            let next = text.get(place..).and_then(|text| skip(text, 1));
            return next.map_or(Search::Nowhere, |next| {
                Search::Given(text.len() - next.len())
            });
        }
        // The next place may begin within a character; nothing is found there.
        at += 1;
    }
}

/// Counts the bytes of a stretch of text, looks for the text of the part that is rarest there, and goes on with
/// a stretch twice as long.
fn by_rarest(code: &[u8], text: &str, from: usize, effort: &mut impl Effort) -> Search {
    let mut from = from;
    let bytes_max = 4 * chars(code);
    let mut bytes = code.len().max(COUNTED_BYTES_MIN);
    loop {
        // What begins within the stretch ends before this.
        let end = text.ceil_char_boundary((from + bytes).saturating_add(bytes_max));
        let region = text.as_bytes().get(..end).unwrap_or_default();
        let stretch = region.get(from..).unwrap_or_default();
        effort.spend(stretch.len() + code.len());
        if let Some(anchor) = rarest(code, stretch) {
            match around(code, anchor, region, from, bytes, effort) {
                Search::Nowhere => {}
                // What begins behind the stretch may have failed for want of text.
                Search::Given(at) => {
                    return Search::Given(at.min(text.ceil_char_boundary(from + bytes)));
                }
                Search::End(end) => return Search::End(end),
            }
        }
        if end == text.len() {
            return Search::Nowhere;
        }
        from = text.ceil_char_boundary(from + bytes);
        bytes *= 2;
    }
}

/// The text of the part that has the byte least frequent in the stretch; `None` if one does not occur at all.
fn rarest(code: &[u8], stretch: &[u8]) -> Option<Range<usize>> {
    // Several rows, so that the same byte many times over is not one long chain of additions.
    let mut counts = [[0_usize; 256]; 4];
    let (words, rest) = stretch.as_chunks::<4>();
    for word in words {
        for (counts, byte) in counts.iter_mut().zip(word) {
            counts[usize::from(*byte)] += 1;
        }
    }
    for byte in rest {
        counts[0][usize::from(*byte)] += 1;
    }
    let count = |byte: &u8| counts.iter().map(|counts| counts[usize::from(*byte)]).sum();
    let counts: [usize; 256] = std::array::from_fn(|byte| count(&u8::try_from(byte).unwrap_or(0)));
    let rarest = |run: &[u8]| run.iter().map(|byte| counts[usize::from(*byte)]).min();
    let mut best = (usize::MAX, 0..0);
    let mut at = 0;
    for run in code.split(|byte| *byte == ONE) {
        if let Some(count) = rarest(run)
            && count < best.0
        {
            best = (count, at..at + run.len());
        }
        at += run.len() + 1;
    }
    (best.0 > 0).then_some(best.1)
}

/// The characters of a part; `None` is a `?`.
#[derive(Clone)]
struct Symbols<'p>(&'p [u8]);

impl Iterator for Symbols<'_> {
    type Item = Option<char>;

    fn next(&mut self) -> Option<Option<char>> {
        let first = *self.0.first()?;
        if first == ONE {
            self.0 = self.0.get(1..)?;
            return Some(None);
        }
        let rest = skip(self.0, 1)?;
        let c = self.0.get(..self.0.len() - rest.len())?;
        self.0 = rest;
        str::from_utf8(c).ok()?.chars().next().map(Some)
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{encode, end, middle};
    use crate::effort::Measured;
    use crate::op::{normalize, tokenize};

    const ROADS: [Road; 4] = [Road::Usual, Road::Rarest, Road::Bits, Road::Convolution];

    /// What follows the leftmost place at which the segment stands: every place tried in turn.
    fn after_naively(segment: &str, text: &str) -> Option<usize> {
        let mut places = text.char_indices();
        places.find_map(|(at, _)| {
            let mut rest = text[at..].chars();
            let mut agree = segment
                .chars()
                .map(|c| rest.next().filter(|t| c == '?' || c == *t));
            agree.all(|c| c.is_some()).then_some(())?;
            Some(text.len() - rest.as_str().len())
        })
    }

    #[track_caller]
    fn check(segment: &str, text: &str) -> bool {
        let code = encode(&normalize(tokenize(&format!("*{segment}*"))));
        let mut rest = &code[1..];
        end(&mut rest).and(end(&mut rest)).unwrap();
        let part = middle(&mut rest).unwrap();
        let expected = after_naively(segment, text);
        for road in ROADS {
            let found = after(part, text, 0, &mut Measured { road, steps: 0 });
            let place = || format!("`{segment:.200}` in `{text:.200}` of {} bytes", text.len());
            assert_eq!(found, expected, "{road:?}: {}", place());
        }
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
                let segment = format!("a{}a", word(letters, chars, &mut below));
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
        for before in (0..70).chain(4090..4100).chain(4155..4165) {
            for chars in [3, 64, 65, 130] {
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

    /// Comparisons fail until the bits take over, in a stretch whose end cuts the only place in two.
    #[test]
    fn the_stretch_ends_within_the_place() {
        for texts in [20, 33, 66] {
            let segment = format!("😀😀{}x", "aab?".repeat(texts));
            let planted = segment.replace('?', "a");
            let vain = format!("{}y", planted.strip_suffix('x').unwrap());
            for copies in 0..12 {
                for between in [3, 7, 64] {
                    // `x` is not the rarest.
                    let vain = format!("{vain}{}", "x".repeat(between)).repeat(copies);
                    assert!(check(&segment, &format!("{vain}{planted}x")));
                }
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
