//! Random accounts, policies and requests, in the form that users write them.
//!
//! A world is text for the reader: the whole road from document to verdict is taken by every property. It is valid by
//! construction, so a document that is refused is a fault of the generator. Which answers are right is not known here.

pub(crate) mod condition;
pub(crate) mod entries;
mod ground;
pub(crate) mod keys;
pub mod mentioned;
pub(crate) mod names;
pub(crate) mod policy;
pub(crate) mod principal;
pub mod read;
pub(crate) mod request;
pub mod small;
pub(crate) mod snapshot;

use serde_json::Value;

pub use self::ground::Ground;
use crate::choose::Choose;

/// What is known of some accounts, as a snapshot file has it. Rule: UI-33.
pub fn snapshot(choices: &mut impl Choose) -> Value {
    snapshot::snapshot(choices)
}

/// A request in a world, as a request file has it.
pub fn request(choices: &mut impl Choose, snapshot: &Value) -> Value {
    request::request(choices, snapshot, &Ground::of(snapshot))
}

/// The same for many requests about one world, which is read only once.
pub fn request_on(choices: &mut impl Choose, snapshot: &Value, ground: &Ground) -> Value {
    request::request(choices, snapshot, ground)
}
