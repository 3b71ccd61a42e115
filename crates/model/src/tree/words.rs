//! Searching a text eight bytes at a time.
//!
//! Runs of white space and of letters in policies are 5 to 40 bytes long. For those the start of a vectorised search
//! costs more than the search, so the bytes are looked at in words of a register.

const BYTES: usize = 8;
/// 1 in each byte.
const ONES: u64 = u64::MAX / 255;
/// The highest bit of each byte.
const HIGHS: u64 = ONES << 7;

/// The word at an offset, its first byte lowest; `None` near the end.
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let chunk = bytes.get(at..)?.first_chunk::<BYTES>()?;
    Some(u64::from_le_bytes(*chunk))
}

/// Marks the bytes of a word that are zero; a mark above the lowest one may be false.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// How many bytes stand in front of the lowest mark.
fn in_front(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// The first offset from `at` on where no space stands.
pub(super) fn skip_spaces(bytes: &[u8], mut at: usize) -> usize {
    const SPACES: u64 = ONES * b' ' as u64;
    while let Some(word) = word(bytes, at) {
        let others = word ^ SPACES;
        if others != 0 {
            return at + in_front(others);
        }
        at += BYTES;
    }
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// The first offset from `at` on of a quote, a backslash or a control character.
pub(super) fn find_end_of_letters(bytes: &[u8], mut at: usize) -> Option<usize> {
    const QUOTES: u64 = ONES * b'"' as u64;
    const BACKSLASHES: u64 = ONES * b'\\' as u64;
    const SPACES: u64 = ONES * b' ' as u64;
    while let Some(word) = word(bytes, at) {
        let controls = word.wrapping_sub(SPACES) & !word & HIGHS;
        let marks = zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES) | controls;
        if marks != 0 {
            return Some(at + in_front(marks));
        }
        at += BYTES;
    }
    let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | ..b' ');
    let rest = bytes.get(at..)?;
    rest.iter().position(is_end).map(|offset| at + offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_find_what_bytes_find(
            text in proptest::collection::vec(prop_oneof![8 => Just(b' '), 8 => Just(b'a'), 1 => any::<u8>()], 0..40),
            at in 0..42_usize,
        ) {
            let from = |at: usize| text.iter().enumerate().skip(at);
            let letters = from(at).find(|(_, byte)| **byte == b'"' || **byte == b'\\' || **byte < 0x20);
            prop_assert_eq!(find_end_of_letters(&text, at), letters.map(|(offset, _)| offset));
            let other = from(at).find(|(_, byte)| **byte != b' ').map_or(text.len().max(at), |(offset, _)| offset);
            prop_assert_eq!(skip_spaces(&text, at), other);
        }
    }
}
