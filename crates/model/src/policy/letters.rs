//! Classes of bytes, looked up in a table: a document has little else than names, and most of its bytes are looked at here.

/// A class of bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Class(u8);

/// Bytes of a service prefix.
pub(super) const PREFIX: Class = Class(1);
/// Bytes that the name of an action can consist of without a second look.
pub(super) const NAME: Class = Class(2);
/// Bytes that the two parts of a condition key can consist of without a second look.
pub(super) const KEY: Class = Class(4);

/// The classes of each byte.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte: u8 = 0;
    while byte.is_ascii() {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => PREFIX.0 | NAME.0 | KEY.0,
            b'.' => PREFIX.0 | KEY.0,
            b'_' => NAME.0 | KEY.0,
            b'*' | b'?' => NAME.0,
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
