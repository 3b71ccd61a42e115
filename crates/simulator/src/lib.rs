//! Decides IAM and KMS requests and whole jobs against a snapshot of policies, and explains the answer.
//!
//! The simulator knows no clock, no file and no environment: time arrives in the request, policies in the
//! snapshot. Nothing here renders an answer.
//!
//! A [`Snapshot`] of policies is compiled to an [`Engine`]; the engine answers each [`Request`] with an
//! [`Explanation`], and [`job::simulate`] a whole job with a report of every permission that it needs.

#![forbid(unsafe_code)]

mod arena;
mod batch;
pub mod cast;
pub mod codes;
mod compose;
mod context;
mod decide;
mod document;
mod engine;
mod evaluate;
mod explain;
pub mod explanation;
pub mod job;
pub mod layer;
mod layers;
mod matching;
pub mod matrix;
mod near;
pub mod parameters;
mod refine;
pub mod request;
mod requester;
mod service;
pub mod snapshot;
mod target;
pub mod who_can;

pub use document::to_json as policy_json;
pub use engine::{Detail, Engine};
pub use explanation::{
    Change, Code, Explanation, KmsAnswer, NO_ORGANIZATION, NOT_MODELLED, NearMiss, Operability,
    Reason, Refinement, Verdict, Warning,
};
pub use layer::Layer;
pub use matrix::decider::{Decider, Series};
pub use matrix::{Axes, Matrix};
pub use request::{AmbiguityMode, Ask, ContextMode, ContextValue, Request};
pub use snapshot::{Given, Snapshot};
pub use who_can::WhoCan;
