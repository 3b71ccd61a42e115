//! What KMS changes: which key is meant, gates, the key policy as the only door, grants. Rule: KMS-DEC-0.
//!
//! How layers are read and what denies is not its business.

pub(crate) mod create_grant;
pub(crate) mod gate;
pub(crate) mod grant;
pub(crate) mod identifier;
pub(crate) mod parameters;
pub(crate) mod retire;
