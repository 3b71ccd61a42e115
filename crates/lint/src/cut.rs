//! What is read of a piece of a text: without what Markdown writes into it, and with the way back to the whole.

use std::sync::Arc;

use preclear_model::{Diagnostics, Node, Place, Source, Span, Value};

use crate::extract::{Notation, Piece, quotation};

/// A part of a text with some characters taken out or blanked, and the way back to the whole.
#[derive(Debug, Clone)]
pub struct Cut {
    /// What is to be read.
    pub text: String,
    /// Where the part starts in the whole.
    base: usize,
    /// Offsets in the part, in order, in front of which a character of one byte was taken out.
    removed: Vec<usize>,
}

/// What Markdown escapes and JSON does not.
const MARKDOWN_ESCAPES: &str = "_*[]()#+-.!{}<>|~`&:;=@$%^?,'";

impl Cut {
    /// A piece of a text. The marks of quotations are taken out in front of its lines, and between sentences the backslashes of
    /// Markdown; a fence holds none. Rule: JOB-LINT-1
    #[must_use]
    pub fn of(text: &str, piece: &Piece) -> Cut {
        let part = text.get(piece.range.clone()).unwrap_or_default();
        let is_prose = piece.fence_end.is_none() && piece.notation == Notation::Json;
        let mut cut = Cut {
            text: String::with_capacity(part.len()),
            base: piece.range.start,
            removed: Vec::new(),
        };
        let before = text.get(..piece.range.start).unwrap_or_default();
        let mut is_at_start = before.is_empty() || before.ends_with('\n');
        for line in part.split_inclusive('\n') {
            let marks = if is_at_start { piece.quotations } else { 0 };
            let (_, prefix) = quotation(line, marks);
            for _ in 0..prefix {
                cut.removed.push(cut.text.len());
            }
            let line = line.get(prefix..).unwrap_or_default();
            if is_prose && line.contains('\\') {
                cut.push_without_escapes(line);
            } else {
                cut.text.push_str(line);
            }
            is_at_start = true;
        }
        cut
    }

    fn push_without_escapes(&mut self, line: &str) {
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match chars.peek().copied() {
                Some(next) if c == '\\' && MARKDOWN_ESCAPES.contains(next) => {
                    self.removed.push(self.text.len());
                }
                Some(next) if c == '\\' => {
                    self.text.push(c);
                    self.text.push(next);
                    chars.next();
                }
                _ => self.text.push(c),
            }
        }
    }

    /// The offset in the whole text of one in [`Cut::text`].
    #[must_use]
    pub fn offset(&self, offset: usize) -> usize {
        let taken = self.removed.partition_point(|removed| *removed <= offset);
        self.base + offset + taken
    }

    fn span(&self, span: Span) -> Span {
        Span::new(
            self.offset(span.start as usize),
            self.offset(span.end as usize),
        )
    }

    /// Moves a tree that was read from [`Cut::text`] to its place in the whole.
    pub fn place_tree(&self, node: &mut Node) {
        node.span = self.span(node.span);
        match &mut node.value {
            Value::Null | Value::Scalar(_) => {}
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.place_tree(item)),
            Value::Mapping(members) => {
                for member in members {
                    member.name_span = self.span(member.name_span);
                    self.place_tree(&mut member.value);
                }
            }
        }
    }

    /// Moves what was said of `cut`, the source of [`Cut::text`], to its place in the whole.
    #[must_use]
    pub fn place_all(
        &self,
        said: Diagnostics,
        cut: &Arc<Source>,
        whole: &Arc<Source>,
    ) -> Diagnostics {
        let moved = |place: &mut Place| {
            if Arc::ptr_eq(&place.source, cut) {
                *place = whole.place(self.span(place.span));
            }
        };
        let all = said.into_iter().map(|mut one| {
            one.place.as_mut().map(moved);
            one.related.iter_mut().for_each(|(place, _)| moved(place));
            one
        });
        all.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::pieces;
    use preclear_model::node;

    #[test]
    fn backslashes_of_markdown_are_taken_out_and_places_stay() {
        let text = "x {\"Effect\": \"kms:Re\\*\", \"a\\_b\": \"c\\n\\\"\"} y";
        let piece = pieces(text).remove(0);
        let cut = Cut::of(text, &piece);
        let source = Arc::new(Source::new("p", cut.text.clone()));
        let mut tree = node::read(&source).unwrap();
        cut.place_tree(&mut tree);
        let span = tree.member("a_b").unwrap().name_span;
        assert_eq!(&text[span.start as usize..span.end as usize], "\"a\\_b\"");
        let span = tree.get("Effect").unwrap().span;
        assert_eq!(
            &text[span.start as usize..span.end as usize],
            "\"kms:Re\\*\""
        );
    }

    #[test]
    fn places_in_quotations_stay() {
        let text = "> ```\n> {\"Effect\":\n>  \"é\", \"Action\": \"a\"}\n> ```\n";
        let cut = Cut::of(text, &pieces(text)[0]);
        let source = Arc::new(Source::new("p", cut.text.clone()));
        let mut tree = node::read(&source).unwrap();
        cut.place_tree(&mut tree);
        let span = tree.get("Action").unwrap().span;
        assert_eq!(&text[span.start as usize..span.end as usize], "\"a\"");
    }
}
