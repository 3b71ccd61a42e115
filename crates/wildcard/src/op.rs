//! The normal form of a token list. Knows neither how it will be matched nor who wrote it.

use std::ops::Range;

use crate::{SlotValue, Token};

/// A step of a pattern: neighbouring texts are one, neighbouring `?` are counted, `**` is `*`, no text is
/// empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    Text(Box<str>),
    /// So many `?`; at least one.
    Ones(usize),
    Run,
    Slot(u16),
}

/// An [`Op`] as it is read from a code. Text is bytes, which matching compares; they are UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpRef<'p> {
    Text(&'p [u8]),
    Ones(usize),
    Run,
    Slot(u16),
}

#[cfg(test)]
impl Op {
    pub(crate) fn as_ref(&self) -> OpRef<'_> {
        match self {
            Op::Text(text) => OpRef::Text(text.as_bytes()),
            Op::Ones(count) => OpRef::Ones(*count),
            Op::Run => OpRef::Run,
            Op::Slot(slot) => OpRef::Slot(*slot),
        }
    }
}

impl<'p> OpRef<'p> {
    /// The tokens that read like this step.
    pub(crate) fn tokens(self) -> impl Iterator<Item = Token<'p>> {
        let (token, count) = match self {
            OpRef::Text(text) => (Token::Text(as_str(text)), 1),
            OpRef::Ones(count) => (Token::AnyOne, count),
            OpRef::Run => (Token::AnyRun, 1),
            OpRef::Slot(slot) => (Token::Slot(slot), 1),
        };
        std::iter::repeat_n(token, count)
    }
}

/// The text of a code as such.
pub(crate) fn as_str(text: &[u8]) -> &str {
    str::from_utf8(text).unwrap_or_default()
}

/// Tokens in normal form.
pub(crate) fn normalize<'a>(tokens: impl IntoIterator<Item = Token<'a>>) -> Vec<Op> {
    let mut ops = Vec::new();
    let mut text = String::new();
    let close = |text: &mut String, ops: &mut Vec<Op>| {
        if !text.is_empty() {
            ops.push(Op::Text(std::mem::take(text).into_boxed_str()));
        }
    };
    for token in tokens {
        if let Token::Text(part) = token {
            text.push_str(part);
            continue;
        }
        close(&mut text, &mut ops);
        match (token, ops.last_mut()) {
            (Token::AnyRun, Some(Op::Run)) => {}
            (Token::AnyOne, Some(Op::Ones(count))) => *count += 1,
            (Token::AnyRun, _) => ops.push(Op::Run),
            (Token::AnyOne, _) => ops.push(Op::Ones(1)),
            (Token::Slot(slot), _) => ops.push(Op::Slot(slot)),
            (Token::Text(_), _) => {}
        }
    }
    close(&mut text, &mut ops);
    ops
}

/// The tokens of a written pattern: `*` and `?` are meta characters, all else is literal.
pub(crate) fn tokenize(text: &str) -> impl Iterator<Item = Token<'_>> {
    text.split_inclusive(['*', '?']).flat_map(|part| {
        let (text, meta) = if let Some(text) = part.strip_suffix('*') {
            (text, Some(Token::AnyRun))
        } else if let Some(text) = part.strip_suffix('?') {
            (text, Some(Token::AnyOne))
        } else {
            (part, None)
        };
        std::iter::once(Token::Text(text)).chain(meta)
    })
}

/// The token a slot becomes when it is filled; `None` if it has no value.
pub(crate) fn fill<'v>(slots: &[SlotValue<'v>], slot: u16) -> Option<Token<'v>> {
    match slots.get(usize::from(slot)) {
        Some(SlotValue::Text(text)) => Some(Token::Text(text)),
        Some(SlotValue::Anything) => Some(Token::AnyRun),
        Some(SlotValue::Nothing) | None => None,
    }
}

/// A slotless pattern taken apart at its runs.
///
/// `?` next to a `*` says only how long the gap is at least (`*?` and `?*` are the same language), so no
/// segment of a pattern with a `*` begins or ends with `?` on the side of a gap. Both the search for segments
/// and the comparison of patterns rest on that.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Skeleton {
    /// What the text begins with; the whole pattern if `starred` is false.
    pub(crate) head: Range<usize>,
    /// Segments between two gaps, each with the characters its gap needs at least.
    pub(crate) middle: Vec<(usize, Range<usize>)>,
    /// Characters the last gap needs at least.
    pub(crate) tail_gap: usize,
    /// What the text ends with.
    pub(crate) tail: Range<usize>,
    /// The pattern holds a `*`.
    pub(crate) starred: bool,
}

impl Skeleton {
    pub(crate) fn of(ops: &[OpRef<'_>]) -> Skeleton {
        let runs: Vec<usize> = (0..ops.len()).filter(|&at| ops[at] == OpRef::Run).collect();
        let (Some(&first), Some(&last)) = (runs.first(), runs.last()) else {
            return Skeleton {
                head: 0..ops.len(),
                middle: Vec::new(),
                tail_gap: 0,
                tail: 0..0,
                starred: false,
            };
        };
        let (head, mut gap) = without_trailing_ones(ops, 0..first);
        let mut middle = Vec::new();
        for pair in runs.windows(2) {
            let (leading, segment) = without_leading_ones(ops, pair[0] + 1..pair[1]);
            gap += leading;
            let (segment, trailing) = without_trailing_ones(ops, segment);
            if !segment.is_empty() {
                middle.push((std::mem::take(&mut gap), segment));
            }
            gap += trailing;
        }
        let (leading, tail) = without_leading_ones(ops, last + 1..ops.len());
        Skeleton {
            head,
            middle,
            tail_gap: gap + leading,
            tail,
            starred: true,
        }
    }
}

fn without_leading_ones(ops: &[OpRef<'_>], span: Range<usize>) -> (usize, Range<usize>) {
    match ops[span.clone()].first() {
        Some(OpRef::Ones(count)) => (*count, span.start + 1..span.end),
        _ => (0, span),
    }
}

fn without_trailing_ones(ops: &[OpRef<'_>], span: Range<usize>) -> (Range<usize>, usize) {
    match ops[span.clone()].last() {
        Some(OpRef::Ones(count)) => (span.start..span.end - 1, *count),
        _ => (span, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined() {
        let tokens = [
            Token::Text("a"),
            Token::Text(""),
            Token::Text("b"),
            Token::AnyRun,
            Token::Text(""),
            Token::AnyRun,
            Token::AnyOne,
            Token::AnyOne,
            Token::Slot(3),
            Token::Slot(3),
        ];
        let ops = [
            Op::Text("ab".into()),
            Op::Run,
            Op::Ones(2),
            Op::Slot(3),
            Op::Slot(3),
        ];
        assert_eq!(normalize(tokens), ops);
    }

    #[test]
    fn text_is_cut_at_meta_characters_only() {
        let tokens: Vec<_> = tokenize(r"é\*[a-z]?").collect();
        assert_eq!(
            tokens,
            [
                Token::Text(r"é\"),
                Token::AnyRun,
                Token::Text("[a-z]"),
                Token::AnyOne
            ]
        );
    }

    #[test]
    fn ones_beside_a_run_widen_its_gap() {
        let ops = normalize(tokenize("a?*??b?c?*?*?d"));
        let refs: Vec<_> = ops.iter().map(Op::as_ref).collect();
        let skeleton = Skeleton::of(&refs);
        assert_eq!(skeleton.head, 0..1);
        // `?*??` needs three characters before `b?c`, `?*?*?` three before `d`.
        assert_eq!(skeleton.middle, [(3, 4..7)]);
        assert_eq!(skeleton.tail_gap, 3);
        assert_eq!(&refs[skeleton.tail], &[OpRef::Text(b"d")]);
    }
}
