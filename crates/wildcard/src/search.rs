//! Bytes of text: finding them, comparing them with parts of patterns, counting characters. Knows no `*`.
//!
//! Texts are UTF-8 and begin at a character. UTF-8 synchronises itself: whole characters are found at whole
//! characters.

use memchr::{memchr, memmem};

use crate::code::ONE;
use crate::effort::Effort;

/// Words of eight bytes within which a byte is looked for without a call.
const NEAR_WORDS: usize = 4;
/// Places at which a short text is looked for without a call: as far as an ARN reaches.
const NEAR_PLACES: usize = 128;
/// Bytes of a text that is looked for without a call; comparing longer ones in vain would cost more.
const SHORT_BYTES: usize = 32;

const LOW_BITS: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Whether a byte of the word is zero; if so, which is the first.
#[inline]
fn first_zero(word: u64) -> Option<usize> {
    // The lowest bit set is the high bit of the first byte that is zero.
    let zeros = word.wrapping_sub(LOW_BITS) & !word & HIGH_BITS;
    (zeros != 0).then(|| zeros.trailing_zeros() as usize / 8)
}

/// The high bit of each byte of the word that is zero.
#[inline]
fn zeros(word: u64) -> u64 {
    !(((word & !HIGH_BITS) + !HIGH_BITS) | word | !HIGH_BITS)
}

/// The first place of a byte. Separators are a few bytes away as a rule: that far, eight bytes are compared
/// at a time where a call would cost more than the search.
#[inline]
pub(crate) fn find_byte(byte: u8, text: &[u8]) -> Option<usize> {
    let wanted = LOW_BITS * u64::from(byte);
    let (words, _) = text.as_chunks::<8>();
    for (at, word) in words.iter().take(NEAR_WORDS).enumerate() {
        if let Some(place) = first_zero(u64::from_le_bytes(*word) ^ wanted) {
            return Some(at * 8 + place);
        }
    }
    let near = words.len().min(NEAR_WORDS) * 8;
    memchr(byte, text.get(near..)?).map(|at| near + at)
}

/// The first place of a text that is not empty.
///
/// Near places are tried where the first two bytes agree; beyond them a search takes over whose preparation
/// pays only there, and which is linear whatever the text.
#[inline]
pub(crate) fn find(wanted: &[u8], text: &[u8], effort: &mut impl Effort) -> Option<usize> {
    let found = match wanted {
        [byte] => find_byte(*byte, text),
        [first, second, ..] if wanted.len() <= SHORT_BYTES => {
            let places = text.len().checked_sub(wanted.len())? + 1;
            match find_near(wanted, [*first, *second], text, places.min(NEAR_PLACES)) {
                None if places > NEAR_PLACES => find_far(wanted, text, NEAR_PLACES),
                near => near,
            }
        }
        _ => find_far(wanted, text, 0),
    };
    effort.spend(wanted.len() + found.unwrap_or(text.len()));
    found
}

/// `text` is no shorter than what is wanted, which is two bytes or more.
#[inline]
fn find_near(wanted: &[u8], two: [u8; 2], text: &[u8], places: usize) -> Option<usize> {
    let [first, second] = two.map(|byte| LOW_BITS * u64::from(byte));
    // Where both of two bytes agree, the word of their differences holds a zero.
    let differing = |front: &[u8; 8], back: &[u8; 8]| {
        (u64::from_le_bytes(*front) ^ first) | (u64::from_le_bytes(*back) ^ second)
    };
    let found = |at: usize, differing: u64| {
        let mut hits = zeros(differing);
        while hits != 0 {
            let place = at + hits.trailing_zeros() as usize / 8;
            if text
                .get(place..)
                .is_some_and(|text| begins_with(text, wanted))
            {
                return Some(place);
            }
            hits &= hits - 1;
        }
        None
    };
    let (fronts, _) = text.as_chunks::<8>();
    let (backs, _) = text.get(1..)?.as_chunks::<8>();
    let words = fronts.iter().zip(backs).take(places.div_ceil(8));
    let mut at = 0;
    for (front, back) in words {
        let differing = differing(front, back);
        if first_zero(differing).is_some()
            && let Some(place) = found(at, differing)
        {
            return Some(place);
        }
        at += 8;
    }
    if at >= places {
        return None;
    }
    // Fewer than nine bytes are left: the word that ends with them looks at some places again.
    let Some(last @ [front @ .., _]) = text.last_chunk::<9>() else {
        return (0..places).find(|at| text.get(*at..).is_some_and(|text| text.starts_with(wanted)));
    };
    let [_, back @ ..] = last;
    found(text.len() - last.len(), differing(front, back))
}

/// Whether the text begins with another; a call for a few bytes would cost more than comparing them.
#[inline]
pub(crate) fn begins_with(text: &[u8], wanted: &[u8]) -> bool {
    let Some(text) = text.get(..wanted.len()) else {
        return false;
    };
    if wanted.len() > 16 {
        return text == wanted;
    }
    match (text.first_chunk::<8>(), wanted.first_chunk::<8>()) {
        (Some(front), Some(wanted_front)) => {
            front == wanted_front && text.last_chunk::<8>() == wanted.last_chunk::<8>()
        }
        _ => text.iter().zip(wanted).all(|(one, other)| one == other),
    }
}

fn find_far(wanted: &[u8], text: &[u8], from: usize) -> Option<usize> {
    let (last, before) = wanted.split_last()?;
    // The last byte of a long text is often what the text it is looked for in has not.
    let from = from + memchr(*last, text.get(from + before.len()..)?)?;
    let rest = text.get(from..)?;
    // Preparing the search reads all that is wanted; none is needed where it stands.
    if rest.starts_with(wanted) {
        return Some(from);
    }
    memmem::find(rest, wanted).map(|at| from + at)
}

/// Bytes of the character that begins with this byte.
#[inline]
fn width(first: u8) -> usize {
    match first {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

#[inline]
fn is_first(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// The text after its first `count` characters.
#[inline]
pub(crate) fn skip(text: &[u8], count: usize) -> Option<&[u8]> {
    let mut rest = text;
    for _ in 0..count {
        rest = rest.get(width(*rest.first()?)..)?;
    }
    Some(rest)
}

/// The text before its last character.
#[inline]
fn without_last(text: &[u8]) -> Option<&[u8]> {
    let last = text.iter().rposition(|byte| is_first(*byte))?;
    text.get(..last)
}

/// Characters of a text or of a part, a `?` counted as one.
pub(crate) fn chars(code: &[u8]) -> usize {
    code.iter().filter(|byte| is_first(**byte)).count()
}

/// The place `count` characters before the end.
pub(crate) fn back(text: &[u8], count: usize) -> usize {
    let Some(last) = count.checked_sub(1) else {
        return text.len();
    };
    let mut firsts = (0..text.len())
        .rev()
        .filter(|&at| text.get(at).is_some_and(|byte| is_first(*byte)));
    firsts.nth(last).unwrap_or(0)
}

/// The text after the part it begins with.
#[inline]
pub(crate) fn after_part<'t>(
    mut code: &[u8],
    mut text: &'t [u8],
    effort: &mut impl Effort,
) -> Option<&'t [u8]> {
    loop {
        effort.spend(1);
        // A text holds no mark of a `?`: equal bytes are text.
        if let (Some((ours, after)), Some((theirs, rest))) =
            (code.split_first_chunk::<8>(), text.split_first_chunk::<8>())
            && ours == theirs
        {
            (code, text) = (after, rest);
            continue;
        }
        let Some((&wanted, after)) = code.split_first() else {
            return Some(text);
        };
        let first = *text.first()?;
        let length = match wanted {
            ONE => width(first),
            _ if wanted == first => 1,
            _ => return None,
        };
        (code, text) = (after, text.get(length..)?);
    }
}

/// The text before the part it ends with.
#[inline]
pub(crate) fn before_part<'t>(
    mut code: &[u8],
    mut text: &'t [u8],
    effort: &mut impl Effort,
) -> Option<&'t [u8]> {
    loop {
        effort.spend(1);
        if let (Some((before, ours)), Some((rest, theirs))) =
            (code.split_last_chunk::<8>(), text.split_last_chunk::<8>())
            && ours == theirs
        {
            (code, text) = (before, rest);
            continue;
        }
        let Some((&wanted, before)) = code.split_last() else {
            return Some(text);
        };
        text = match wanted {
            ONE => without_last(text)?,
            _ => text.strip_suffix(&[wanted])?,
        };
        code = before;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effort::Unmeasured;

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

    /// Every place around the borders between words and between near and far, after every kind of near miss.
    #[test]
    fn a_text_is_found_at_its_first_place() {
        for wanted in ["ab", "aab", "abcabcabd", &"ab".repeat(16), &"ab".repeat(17)] {
            for other in ["a", "b", "-", &wanted[..wanted.len() - 1], "ac"] {
                for before in (0..40).chain(110..150) {
                    let before: String = other.chars().cycle().take(before).collect();
                    for after in ["", "a", "------------"] {
                        let text = format!("{before}{wanted}{after}");
                        for text in [&text, &text[..text.len() - 1], &before] {
                            let found = find(wanted.as_bytes(), text.as_bytes(), &mut Unmeasured);
                            assert_eq!(found, text.find(wanted), "`{wanted}` in `{text}`");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn characters_are_counted_whole() {
        let text = "aé日😀".as_bytes();
        assert_eq!(chars(text), 4);
        for (count, bytes) in [(0, 10), (1, 9), (2, 7), (3, 4), (4, 0)] {
            assert_eq!(skip(text, count).unwrap().len(), bytes);
        }
        for (count, place) in [(0, 10), (1, 6), (2, 3), (3, 1), (4, 0), (5, 0)] {
            assert_eq!(back(text, count), place);
        }
        assert_eq!(skip(text, 5), None);
    }
}
