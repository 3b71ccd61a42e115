//! Answers and diagnostics as people and programs read them. Decides nothing.

pub(crate) mod diagnostics;
pub(crate) mod json;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod style;
pub(crate) mod text;
