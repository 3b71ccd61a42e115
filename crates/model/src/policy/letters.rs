//! Classes of bytes, looked up in a table: a document has little else than names, and most of its bytes are looked at here.

/// A class of bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Class(u8);

/// Bytes of a service prefix.
pub(super) const PREFIX: Class = Class(1);
/// Bytes that the two parts of a condition key can consist of without a second look.
pub(super) const KEY: Class = Class(2);

/// The classes of each byte.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte: u8 = 0;
    while byte.is_ascii() {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => PREFIX.0 | KEY.0,
            b'_' => KEY.0,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

impl Class {
    pub(super) fn has(self, byte: u8) -> bool {
        CLASSES[usize::from(byte)] & self.0 != 0
    }

    /// True for bytes of this class alone; also where there are none.
    pub(super) fn has_all(self, bytes: &[u8]) -> bool {
        // Without a way out of the loop, several bytes are in flight.
        let common = bytes
            .iter()
            .fold(u8::MAX, |common, byte| common & CLASSES[usize::from(*byte)]);
        common & self.0 != 0
    }
}

/// True for bytes that the name of an action can consist of without a second look; also where there are none.
///
/// Most texts of most documents are such names, so that comparisons, which take a block at a time, beat the table.
pub(super) fn is_name(bytes: &[u8]) -> bool {
    match (bytes.first_chunk::<16>(), bytes.last_chunk::<16>()) {
        (Some(first), Some(last)) if bytes.len() <= 32 => !(has_others(first) | has_others(last)),
        (Some(_), Some(last)) => {
            let (blocks, _) = bytes.as_chunks::<16>();
            !(blocks.iter().any(has_others) || has_others(last))
        }
        _ => match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            // Looking at some bytes twice is quicker than looking at few of them one by one.
            (Some(first), Some(last)) => !(has_others(first) | has_others(last)),
            _ => bytes.iter().all(|byte| is_of_name(*byte)),
        },
    }
}

#[inline(always)]
fn has_others<const N: usize>(block: &[u8; N]) -> bool {
    let others = |any, byte: &u8| any | !is_of_name(*byte);
    block.iter().fold(false, others)
}

#[inline(always)]
fn is_of_name(byte: u8) -> bool {
    let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let is_digit = byte.wrapping_sub(b'0') < 10;
    let is_sign = (byte == b'-') | (byte == b'_') | (byte == b'*') | (byte == b'?');
    is_letter | is_digit | is_sign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_wherever_the_odd_byte_stands() {
        for length in 0..40 {
            let name = vec![b'a'; length];
            assert!(is_name(&name), "{length}");
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut name = name.clone();
                    name[at] = byte;
                    let expected = byte.is_ascii_alphanumeric() || b"-_*?".contains(&byte);
                    assert_eq!(is_name(&name), expected, "{byte} at {at} of {length}");
                }
            }
        }
    }
}
