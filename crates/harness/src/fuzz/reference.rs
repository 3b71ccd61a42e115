//! Worlds and requests that are drawn: the engine answers as the reference evaluator does.
//!
//! As [`Property::Reference`](crate::property::Property::Reference), with few requests to a world, so that a fuzzer has
//! time for many worlds.

use serde_json::Value;

use super::Finding;
use crate::choose::{Bytes, Choose};
use crate::property::reference::answers_in_every_mode;
use crate::world::{self, Ground, read};

/// Requests asked about one world.
const REQUESTS: usize = 4;

/// Draws a world and requests, and asks both in every mode.
///
/// # Errors
/// A difference, or a document of the generator that is refused.
///
/// ```
/// preclear_harness::fuzz::reference::oracle(b"any bytes at all").unwrap();
/// ```
pub fn oracle(data: &[u8]) -> Result<(), Finding> {
    let choices = &mut Bytes::new(data);
    let refused = |document: &Value, why: &str| {
        Finding::new(format!(
            "the generator made what is refused: {why}\n{document:#}"
        ))
    };
    let snapshot = world::snapshot(choices);
    let engine =
        read::engine(&snapshot).map_err(|errors| refused(&snapshot, &errors.to_string()))?;
    let ground = Ground::of(&snapshot);
    for _ in 0..=choices.below(REQUESTS) {
        let document = world::request_on(choices, &snapshot, &ground);
        let request =
            read::request(&document).map_err(|errors| refused(&document, &errors.to_string()))?;
        if let Some(told) = answers_in_every_mode(&engine, &snapshot, &document, &request) {
            return Err(Finding::new(format!("{told}\n{snapshot:#}\n{document:#}")));
        }
    }
    Ok(())
}
