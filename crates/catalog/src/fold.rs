//! Order and equality of names without regard to ASCII case, as IAM compares service prefixes, actions and condition keys.

use std::cmp::Ordering;

/// Eight times the byte 1.
const ONES: u64 = 0x0101_0101_0101_0101;

/// Compares byte by byte in lower case, eight bytes at a time: names that are compared often begin alike.
pub(crate) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let words = left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0);
    let mut alike = 0;
    for (left, right) in words {
        let (left, right) = (lower(*left), lower(*right));
        if left != right {
            return left.cmp(&right);
        }
        alike += 8;
    }
    let rest = |text| <[u8]>::get(text, alike..).unwrap_or_default();
    compare_bytes(rest(left), rest(right))
}

/// Eight bytes in lower case, the first of them the highest.
fn lower(bytes: [u8; 8]) -> u64 {
    let word = u64::from_be_bytes(bytes);
    let low = word & (ONES * 0x7f);
    // The highest bit of each byte says whether it is behind the letter; nothing is carried to the next one.
    let from_a = low + ONES * u64::from(0x80 - b'A');
    let behind_z = low + ONES * u64::from(0x7f - b'Z');
    let upper = (from_a ^ behind_z) & !word & (ONES * 0x80);
    word | (upper >> 2)
}

fn compare_bytes(left: &[u8], right: &[u8]) -> Ordering {
    for (left, right) in left.iter().zip(right) {
        let (left, right) = (left.to_ascii_lowercase(), right.to_ascii_lowercase());
        if left != right {
            return left.cmp(&right);
        }
    }
    left.len().cmp(&right.len())
}

/// Whether `text` begins with `prefix`.
pub(crate) fn starts_with(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// Whether `text` ends with `suffix`.
pub(crate) fn ends_with(text: &[u8], suffix: &[u8]) -> bool {
    text.len()
        .checked_sub(suffix.len())
        .and_then(|start| text.get(start..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_order() {
        assert_eq!(compare(b"GetObject", b"getobject"), Ordering::Equal);
        assert_eq!(compare(b"Get", b"getobject"), Ordering::Less);
        assert_eq!(compare(b"Z", b"a"), Ordering::Greater);
    }

    #[test]
    fn words_compare_like_bytes() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                for at in [0, 3, 7, 9] {
                    let (mut left, mut right) = ([b'm'; 10], [b'M'; 10]);
                    (left[at], right[at]) = (first, second);
                    assert_eq!(compare(&left, &right), compare_bytes(&left, &right));
                }
            }
        }
        assert_eq!(compare(b"getobject", b"GetObjectA"), Ordering::Less);
    }

    #[test]
    fn ends_of_short_texts() {
        assert!(starts_with(b"AWS:x", b"aws:"));
        assert!(!starts_with(b"aw", b"aws:"));
        assert!(ends_with(b"x:Aud", b":aud"));
        assert!(!ends_with(b"ud", b":aud"));
        assert!(ends_with(b"", b""));
    }
}
