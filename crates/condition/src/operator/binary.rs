//! Bytes in base64. Rule: IAM-COND-22.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Hit, Subject};
use crate::{Evidence, Outcome};

/// Standard alphabet with padding. Spare bits of the last character are ignored, as most decoders do: what counts
/// is the decoded bytes.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true),
);

/// Characters decoded at a time: whole groups of four, so that values of any length need no allocation.
const CHUNK: usize = 256;

/// Decodes an operand.
pub(crate) fn parse(text: &str) -> Option<Box<[u8]>> {
    ENGINE.decode(text).ok().map(Vec::into_boxed_slice)
}

/// True where `text` decodes to `bytes`.
pub(crate) fn decodes_to(text: &str, bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut chunks = text.as_bytes().chunks(CHUNK).peekable();
    while let Some(chunk) = chunks.next() {
        let mut decoded = [0; CHUNK];
        if chunks.peek().is_some() && chunk.contains(&b'=') {
            return false;
        }
        let Ok(length) = ENGINE.decode_slice(chunk, &mut decoded) else {
            return false;
        };
        let Some(tail) = decoded
            .get(..length)
            .and_then(|head| rest.strip_prefix(head))
        else {
            return false;
        };
        rest = tail;
    }
    rest.is_empty()
}

/// Operands of a `BinaryEquals` test.
#[derive(Debug, Clone)]
pub(crate) struct Binaries(Vec<Option<Box<[u8]>>>);

impl Binaries {
    pub(crate) fn new<'t>(operands: impl Iterator<Item = &'t str>) -> Self {
        Self(operands.map(parse).collect())
    }

    pub(crate) fn matches<E: Evidence>(&self, subject: Subject<'_>) -> Hit<E> {
        let mut readable = self.0.iter().flatten();
        // There is no negated form, so nothing asks what was malformed.
        match subject {
            Subject::SomeText | Subject::SomeTextLike(_) => {
                Hit::of_some_text(readable.next().is_some(), false)
            }
            Subject::Text(text) => Hit {
                matched: Outcome::known(readable.any(|bytes| decodes_to(text, bytes))),
                is_malformed: false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    #[test]
    fn decoded_bytes_are_compared() {
        assert!(decodes_to("QmluYXJ5", b"Binary"));
        assert!(!decodes_to("QmluYXJ5", b"binary"));
        assert!(decodes_to("QQ==", b"A"));
        assert!(decodes_to("QR==", b"A"), "spare bits");
        assert!(decodes_to("", b""));
    }

    #[test]
    fn undecodable_text_matches_nothing() {
        for text in [
            "QQ", "QQ=", "Q", "QQ==QQ==", "QQ==\n", " QQ==", "-_--", "Ä===", "====",
        ] {
            assert!(parse(text).is_none(), "{text}");
            assert!(
                !decodes_to(text, b"A") && !decodes_to(text, b"AA"),
                "{text}"
            );
        }
        let padded_within = format!("{}QQ==QUFB", "QUFB".repeat(CHUNK / 4 - 1));
        assert!(parse(&padded_within).is_none());
        let bytes = [vec![b'A'; (CHUNK / 4 - 1) * 3 + 1], b"AAA".to_vec()].concat();
        assert!(!decodes_to(&padded_within, &bytes));
    }

    proptest! {
        #[test]
        fn piecewise_decoding_agrees_with_decoding_at_once(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let text = STANDARD.encode(&bytes);
            let parsed = parse(&text);
            prop_assert_eq!(parsed.as_deref(), Some(bytes.as_slice()));
            prop_assert!(decodes_to(&text, &bytes));
            prop_assert!(!decodes_to(&text, &[&bytes[..], b"x"].concat()));
        }

        #[test]
        fn any_text_decodes_or_not(text in "[A-Za-z0-9+/=]{0,12}") {
            if let Some(bytes) = parse(&text) {
                prop_assert!(decodes_to(&text, &bytes));
            }
        }
    }
}
