//! Answers and diagnostics as people and programs read them. Decides nothing.

pub(crate) mod annotation;
mod counts;
pub(crate) mod csv;
pub(crate) mod diagnostics;
pub(crate) mod json;
pub(crate) mod junit;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod style;
pub(crate) mod text;

pub(crate) use counts::Counts;

/// `1 file`, `2 files`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}
