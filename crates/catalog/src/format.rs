//! Layout of the embedded blob, version 1: what the generator writes and [`Catalog`](crate::Catalog) reads.
//!
//! All numbers are little-endian `u32` *words*, but for the checksum, a `u64`.
//!
//! | bytes | content |
//! |---|---|
//! | 0..8 | [`MAGIC`] |
//! | 8..12 | [`VERSION`] |
//! | 12..16 | text: version of the source package |
//! | 16..24 | [`checksum`] of the blob |
//! | 24..80 | per [`Section`], in order: offset in bytes, number of records |
//! | 80.. | the sections |
//!
//! A *text* is a word that locates UTF-8 in the section [`Section::Text`]: offset × 512 + length. A *list* is the index of
//! a word in [`Section::Lists`] that holds a number of words, which follow. Equal lists are stored once.
//!
//! | section | words | record |
//! |---|---|---|
//! | services | 7 | prefix (text), name (text), first action, actions, first resource type, resource types, list of keys |
//! | actions | 4 | name (text), list of uses + access level × 2²⁸, list of its own keys, list of all keys |
//! | resource types | 3 | name (text), list of ARN patterns (texts), list of keys |
//! | keys | 2 | name (text), kind + accepted kinds (bit set) × 2⁸ + flags × 2¹⁶ |
//! | families | 2 | key, bytes before the placeholder |
//! | lists | 1 | |
//! | text | bytes | |
//!
//! A list of keys holds indexes of keys. A list of uses holds three words per use: resource type × 2 + 1 if required, list of
//! keys, list of dependent actions (texts). Services are sorted by prefix, actions and resource types by name within
//! their service, keys by name, all without regard to ASCII case; families follow the order of their keys.
//!
//! Readers trust nothing: what is out of range reads as empty. `Catalog::verify` checks all of it.

/// First bytes of a blob.
pub const MAGIC: [u8; 8] = *b"PRECLCAT";

/// Version of this layout.
pub const VERSION: u32 = 1;

/// Place of the version word.
pub const VERSION_AT: usize = 8;

/// Place of the text of the source's version.
pub const SOURCE_AT: usize = 12;

/// Place of the checksum.
pub const CHECKSUM_AT: usize = 16;

/// Place of the table of sections.
pub const SECTIONS_AT: usize = 24;

/// Bytes before the first section.
pub const HEADER_BYTES: usize = SECTIONS_AT + Section::ALL.len() * 8;

/// A text's length takes this many bits of its word.
pub const TEXT_LENGTH_BITS: u32 = 9;

/// An action's list of uses takes this many bits of its word, the access level the rest.
pub const USES_BITS: u32 = 28;

/// The key has several values per request ([`KeyKind`](crate::KeyKind) says of what).
pub const KEY_IS_MULTIVALUED: u32 = 1;

/// The key's name holds a placeholder and stands for a family.
pub const KEY_IS_FAMILY: u32 = 2;

/// The key is one of the global keys. Rule: IAM-CTX-2
pub const KEY_IS_GLOBAL: u32 = 4;

/// The key has one value in most requests, which bare operators test, and several in some. Rule: IAM-COND-5
pub const KEY_MAY_HAVE_SEVERAL: u32 = 8;

/// The tables of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Services, by prefix.
    Services,
    /// Actions of all services.
    Actions,
    /// Resource types of all services.
    ResourceTypes,
    /// Condition keys, by name.
    Keys,
    /// Keys that stand for families.
    Families,
    /// Lists of words.
    Lists,
    /// UTF-8.
    Text,
}

impl Section {
    /// Every section, in the order of the header.
    pub const ALL: [Section; 7] = [
        Section::Services,
        Section::Actions,
        Section::ResourceTypes,
        Section::Keys,
        Section::Families,
        Section::Lists,
        Section::Text,
    ];

    /// Bytes of one record.
    #[must_use]
    pub const fn record_bytes(self) -> usize {
        match self {
            Section::Services => 28,
            Section::Actions => 16,
            Section::ResourceTypes => 12,
            Section::Keys | Section::Families => 8,
            Section::Lists => 4,
            Section::Text => 1,
        }
    }
}

/// 64-bit FNV-1a over the blob without its checksum.
#[must_use]
pub fn checksum(blob: &[u8]) -> u64 {
    let before = blob.iter().take(CHECKSUM_AT);
    let after = blob.iter().skip(CHECKSUM_AT + 8);
    before
        .chain(after)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// Splits the name of a family at its placeholder, `${Name}` or `<name>`: what stands before it, its name, what follows.
///
/// ```
/// use preclear_catalog::format::split_family;
///
/// assert_eq!(split_family("aws:ResourceTag/${TagKey}"), Some(("aws:ResourceTag/", "TagKey", "")));
/// assert_eq!(split_family("aws:TagKeys"), None);
/// ```
#[must_use]
pub fn split_family(name: &str) -> Option<(&str, &str, &str)> {
    let (before, rest, close) = match name.split_once("${") {
        Some((before, rest)) => (before, rest, '}'),
        None => name
            .split_once('<')
            .map(|(before, rest)| (before, rest, '>'))?,
    };
    let (placeholder, after) = rest.split_once(close)?;
    Some((before, placeholder, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_as_documented() {
        assert_eq!(HEADER_BYTES, 80);
    }

    #[test]
    fn checksum_is_fnv_1a() {
        // The published vector for `foobar`, with the checksum's own place cut out by hand.
        let mut blob = b"foobar".to_vec();
        assert_eq!(checksum(&blob), 0x8594_4171_f739_67e8);
        blob.resize(CHECKSUM_AT, b'.');
        let expected = checksum(&blob);
        blob.extend_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(checksum(&blob), expected);
    }

    #[test]
    fn placeholders() {
        assert_eq!(
            split_family("s3:ExistingObjectTag/<key>"),
            Some(("s3:ExistingObjectTag/", "key", ""))
        );
        assert_eq!(
            split_family("events:Metadata/${Key}/Matcher"),
            Some(("events:Metadata/", "Key", "/Matcher"))
        );
        assert_eq!(split_family("aws:x/${Key"), None);
    }
}
