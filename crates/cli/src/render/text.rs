//! Results as people read them. Rule: UI-12, UI-13.

mod ambiguity;
mod arn;
mod block;
mod code;
mod columns;
mod fix;
mod job;
mod layers;
mod matrix;
mod message;
mod noticed;
mod reason;
mod request;
mod settle;
mod table;
mod who_can;
mod wrap;

pub(crate) use job::{Additions, Fixed, Summary, Written, failing_ids, job, summary};
pub(crate) use matrix::MatrixText;
pub(crate) use message::Situation;
pub(crate) use noticed::Noticed;
pub(crate) use request::{below_line, line, line_error, request, verdict_line};
pub(crate) use who_can::{Telling, condition_in_words, constraints_in_words, spelled, who_can};
pub(crate) use wrap::wrap_prose;
