//! Texts of one form in another.

use crate::job::template::text::{Text, TextPiece};

/// Takes a text apart by one form and puts it together by another. A name takes as little as it can, the last one
/// all that is left.
pub(crate) fn rewrite(text: &str, from: &Text, to: &Text) -> Option<String> {
    let mut parts: Vec<(&str, &str)> = Vec::new();
    let mut rest = text;
    let mut pieces = from.pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            TextPiece::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
            TextPiece::Name(name) => {
                let end = match pieces.peek() {
                    Some(TextPiece::Literal(next)) => rest.find(next.as_str())?,
                    Some(TextPiece::Name(_)) => 0,
                    None => rest.len(),
                };
                parts.push((name, rest.get(..end)?));
                rest = rest.get(end..)?;
            }
        }
    }
    if !rest.is_empty() {
        return None;
    }
    to.pieces
        .iter()
        .map(|piece| match piece {
            TextPiece::Literal(literal) => Some(literal.as_str()),
            TextPiece::Name(name) => parts
                .iter()
                .find(|(part, _)| part == name)
                .map(|(_, value)| *value),
        })
        .collect()
}
