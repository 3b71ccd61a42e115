//! Order and equality of names without regard to ASCII case, as IAM compares service prefixes, actions and condition keys.

use std::cmp::Ordering;

/// Compares byte by byte in lower case.
pub(crate) fn compare(left: &[u8], right: &[u8]) -> Ordering {
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
    fn ends_of_short_texts() {
        assert!(starts_with(b"AWS:x", b"aws:"));
        assert!(!starts_with(b"aw", b"aws:"));
        assert!(ends_with(b"x:Aud", b":aud"));
        assert!(!ends_with(b"ud", b":aud"));
        assert!(ends_with(b"", b""));
    }
}
