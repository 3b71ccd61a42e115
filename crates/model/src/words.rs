//! Searching short texts eight bytes at a time.
//!
//! Runs of white space and of letters in policies are 5 to 40 bytes long. For those the start of a vectorised search of
//! large texts costs more than the search, so bytes are compared in words of a register.

const BYTES: usize = 8;
/// 1 in each byte.
const ONES: u64 = u64::MAX / 255;
/// The highest bit of each byte.
const HIGHS: u64 = ONES << 7;

/// A byte in each byte of a word.
const fn repeated(byte: u8) -> u64 {
    ONES * byte as u64
}

/// Marks the bytes of a word that are zero; a mark above the lowest one may be false.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// Marks the bytes of a word that are less than another, which is of ASCII; as `zeros`.
fn less(word: u64, than: u8) -> u64 {
    word.wrapping_sub(repeated(than)) & !word & HIGHS
}

/// How many bytes stand in front of the lowest mark.
fn in_front(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// The first offset from `at` on where no space stands.
pub(crate) fn skip_spaces(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<BYTES>()) {
        let others = u64::from_le_bytes(*chunk) ^ repeated(b' ');
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
pub(crate) fn find_end_of_letters(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<BYTES>()) {
        let word = u64::from_le_bytes(*chunk);
        let marks = zeros(word ^ repeated(b'"')) | zeros(word ^ repeated(b'\\')) | less(word, b' ');
        if marks != 0 {
            return Some(at + in_front(marks));
        }
        at += BYTES;
    }
    let rest = bytes.get(at..)?;
    let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | ..b' ');
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
