//! Decides IAM and KMS requests and whole jobs against a snapshot of policies, and explains the answer.
//!
//! The simulator knows no clock, no file and no environment: time arrives in the request, policies in the
//! snapshot. Nothing here renders an answer.

#![forbid(unsafe_code)]

pub mod explanation;
pub mod job;
pub mod layer;
pub mod request;
pub mod snapshot;

pub use explanation::{Code, Explanation, NearMiss, Operability, Reason, Verdict, Warning};
pub use layer::Layer;
pub use request::{AmbiguityMode, Ask, ContextMode, ContextValue, Request};
pub use snapshot::{Given, Snapshot};
