//! Templates in the parts that a pattern is made of.

use preclear_model::{Piece, Template};
use preclear_wildcard::Token;

use super::{Variables, Wildcards};
use crate::KeyTypes;

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text that stands for itself.
    Text(String),
    /// `*`
    AnyRun,
    /// `?`
    AnyOne,
    /// The value of a variable.
    Slot(u16),
}

impl Part {
    /// The part in the words of the matcher.
    pub(crate) fn token(&self) -> Token<'_> {
        match self {
            Self::Text(text) => Token::Text(text),
            Self::AnyRun => Token::AnyRun,
            Self::AnyOne => Token::AnyOne,
            Self::Slot(slot) => Token::Slot(*slot),
        }
    }
}

/// Splits a template into parts and the variables behind its slots.
pub(crate) fn split(
    template: &Template,
    wildcards: Wildcards,
    keys: &dyn KeyTypes,
) -> (Vec<Part>, Variables) {
    let mut parts = Vec::new();
    let mut variables = Variables::default();
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) if wildcards == Wildcards::Plain => push_text(&mut parts, text),
            Piece::Text(text) => push_glob(&mut parts, text),
            Piece::Literal(c) => push_text(&mut parts, c.encode_utf8(&mut [0; 4])),
            Piece::Variable { key, default } => {
                parts.push(Part::Slot(variables.slot(key, default.as_deref(), keys)));
            }
        }
    }
    (parts, variables)
}

fn push_glob(parts: &mut Vec<Part>, text: &str) {
    for run in text.split_inclusive(['*', '?']) {
        if let Some(before) = run.strip_suffix('*') {
            push_text(parts, before);
            parts.push(Part::AnyRun);
        } else if let Some(before) = run.strip_suffix('?') {
            push_text(parts, before);
            parts.push(Part::AnyOne);
        } else {
            push_text(parts, run);
        }
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push(Part::Text(text.to_owned())),
    }
}
