//! Results as people read them. Rule: UI-12, UI-13.

mod arn;
mod code;
mod fix;
mod job;
mod layers;
mod message;
mod reason;
mod request;
mod table;
mod wrap;

pub(crate) use job::{Additions, Fixed, failing_ids, job};
pub(crate) use message::Situation;
pub(crate) use request::{line, line_error, request};
