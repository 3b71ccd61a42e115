//! What the flags of a command say of a question, and of the policies that it is decided against.

mod context;
pub(crate) mod overrides;
pub(crate) mod placeholders;
pub(crate) mod spoken;
pub(crate) mod world;
