//! Jobs: one API request that later needs a whole list of permissions from several principals.

pub mod request;

pub use request::{Interface, JobRequest};
