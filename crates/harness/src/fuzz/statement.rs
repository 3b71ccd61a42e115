//! Statements that are drawn: what hangs on one statement alone, engine and reference answer alike.
//!
//! Bytes are choices of a generator, which makes patterns of the resource asked for and operands of the type of the key.

use super::Finding;
use crate::choose::Bytes;
use crate::reference;

/// Draws a statement and a request, and asks both.
///
/// # Errors
/// A difference that the rules leave no room for.
///
/// ```
/// preclear_harness::fuzz::statement::oracle(b"any bytes at all").unwrap();
/// ```
pub fn oracle(data: &[u8]) -> Result<(), Finding> {
    reference::statement_difference(&mut Bytes::new(data))
        .map_or(Ok(()), |told| Err(Finding::new(told)))
}
