//! Matching a slotless pattern: both ends where they are, then each inner segment at its leftmost place.
//!
//! Leftmost is enough: a segment found early leaves the most text to the segments after it, and the gaps
//! before and after it take whatever remains. So no place is tried twice.

use std::ops::Range;

use memchr::memchr;
use memchr::memmem::Finder;

use crate::holes::Holes;
use crate::op::{Op, Skeleton};

/// Words of eight bytes within which a byte is looked for without a call.
const NEAR_WORDS: usize = 4;

#[derive(Debug, Clone)]
pub(crate) struct Segments {
    head: Range<usize>,
    middle: Box<[Middle]>,
    tail_gap: usize,
    tail: Range<usize>,
    starred: bool,
    /// Bytes of the shortest text that can match.
    text_bytes_min: usize,
}

/// A segment between two `*`, and the characters that must lie before it.
#[derive(Debug, Clone)]
struct Middle {
    gap: usize,
    segment: Segment,
}

#[derive(Debug, Clone)]
enum Segment {
    /// One ASCII character, such as a separator.
    Byte(u8),
    /// Literal text. A finder is 300 bytes, but without it each question would prepare its own, which costs
    /// more than the search.
    Text(Box<Finder<'static>>),
    /// A segment that holds a `?`: its place among the steps, and how to find it.
    Holes(Range<usize>, Box<Holes>),
}

impl Segments {
    /// `ops` hold no slot.
    pub(crate) fn new(ops: &[Op]) -> Segments {
        let refs: Vec<_> = ops.iter().map(Op::as_ref).collect();
        let skeleton = Skeleton::of(&refs);
        let middle = skeleton.middle.into_iter().map(|(gap, span)| {
            let segment = match &ops[span.clone()] {
                [Op::Text(text)] => match text.as_bytes() {
                    [byte] => Segment::Byte(*byte),
                    needle => Segment::Text(Box::new(Finder::new(needle).into_owned())),
                },
                _ => Segment::Holes(span.clone(), Box::new(Holes::new(&refs[span]))),
            };
            Middle { gap, segment }
        });
        let text_bytes_min = ops.iter().map(|op| match op {
            Op::Text(text) => text.len(),
            Op::Ones(count) => *count,
            Op::Run | Op::Slot(_) => 0,
        });
        Segments {
            head: skeleton.head,
            middle: middle.collect(),
            tail_gap: skeleton.tail_gap,
            tail: skeleton.tail,
            starred: skeleton.starred,
            text_bytes_min: text_bytes_min.sum(),
        }
    }

    pub(crate) fn is_match(&self, ops: &[Op], text: &str) -> bool {
        text.len() >= self.text_bytes_min && self.gaps_hold(ops, text).is_some()
    }

    fn gaps_hold(&self, ops: &[Op], text: &str) -> Option<()> {
        let mut rest = after_head(&ops[self.head.clone()], text)?;
        if !self.starred {
            return rest.is_empty().then_some(());
        }
        rest = before_tail(&ops[self.tail.clone()], rest)?;
        for Middle { gap, segment } in &self.middle {
            rest = skip(rest, *gap)?;
            rest = match segment {
                Segment::Byte(byte) => after(rest, find_byte(*byte, rest.as_bytes())?, 1)?,
                Segment::Text(finder) => {
                    after(rest, finder.find(rest.as_bytes())?, finder.needle().len())?
                }
                Segment::Holes(span, holes) => holes.after(&ops[span.clone()], rest)?,
            };
        }
        skip(rest, self.tail_gap).map(|_| ())
    }
}

/// The text after its first `count` characters.
#[inline]
pub(crate) fn skip(text: &str, count: usize) -> Option<&str> {
    let Some(last) = count.checked_sub(1) else {
        return Some(text);
    };
    let mut rest = text.chars();
    rest.nth(last)?;
    Some(rest.as_str())
}

/// The text after the fixed steps it begins with.
#[inline]
pub(crate) fn after_head<'t>(ops: &[Op], text: &'t str) -> Option<&'t str> {
    ops.iter().try_fold(text, |rest, op| match op {
        Op::Text(text) => rest.strip_prefix(&**text),
        Op::Ones(count) => skip(rest, *count),
        Op::Run | Op::Slot(_) => None,
    })
}

/// The text before the fixed steps it ends with.
#[inline]
fn before_tail<'t>(ops: &[Op], text: &'t str) -> Option<&'t str> {
    ops.iter().rev().try_fold(text, |rest, op| match op {
        Op::Text(text) => rest.strip_suffix(&**text),
        Op::Ones(count) => {
            let mut rest = rest.chars();
            rest.nth_back(count.checked_sub(1)?)?;
            Some(rest.as_str())
        }
        Op::Run | Op::Slot(_) => None,
    })
}

/// The text after what was found. UTF-8 synchronises itself: whole characters are found at whole characters.
#[inline]
fn after(text: &str, at: usize, bytes: usize) -> Option<&str> {
    text.get(at + bytes..)
}

/// The first place of a byte. Separators are a few bytes away as a rule: that far, eight bytes are compared
/// at a time where a call would cost more than the search.
#[inline]
pub(crate) fn find_byte(byte: u8, text: &[u8]) -> Option<usize> {
    const LOW_BITS: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);
    let (words, _) = text.as_chunks::<8>();
    for (at, word) in words.iter().take(NEAR_WORDS).enumerate() {
        let differing = u64::from_le_bytes(*word) ^ (LOW_BITS * u64::from(byte));
        // The lowest bit set is the high bit of the first byte that is zero.
        let zeros = differing.wrapping_sub(LOW_BITS) & !differing & HIGH_BITS;
        if zeros != 0 {
            return Some(at * 8 + zeros.trailing_zeros() as usize / 8);
        }
    }
    let near = words.len().min(NEAR_WORDS) * 8;
    memchr(byte, text.get(near..)?).map(|at| near + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_at_its_first_place() {
        for length in 0..80 {
            for other in [b'a', b':' - 1, b':' + 1, 0, 0x80, b':' | 0x80] {
                let mut text = vec![other; length];
                assert_eq!(find_byte(b':', &text), None, "{length} times {other}");
                for place in (0..length).rev() {
                    text[place] = b':';
                    assert_eq!(
                        find_byte(b':', &text),
                        Some(place),
                        "{length} times {other}"
                    );
                }
            }
        }
    }
}
