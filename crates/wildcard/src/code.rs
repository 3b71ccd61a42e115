//! A pattern as one row of bytes: its shape, then its parts. Knows how patterns are written down, not how they
//! are matched.
//!
//! Text stands for itself. Everything else is a byte that no text in UTF-8 holds, or a length before a part, so
//! that a pattern costs little more than its own text. Equal normal forms have equal codes.

use crate::op::{Op, OpRef};

/// A `?` within a part.
pub(crate) const ONE: u8 = 0xFE;
/// A `*`, in patterns with slots alone: elsewhere it stands between parts.
const RUN: u8 = 0xFF;
/// A slot, in patterns with slots alone; its number follows in two bytes.
const SLOT: u8 = 0xFD;

/// The first byte of a code; what follows it is said beside each. An empty code is the empty text.
pub(crate) mod shape {
    /// Nothing.
    pub(crate) const ANY: u8 = 0;
    /// The text.
    pub(crate) const EXACT: u8 = 1;
    /// The text before the `*`.
    pub(crate) const PREFIX: u8 = 2;
    /// The text after the `*`.
    pub(crate) const SUFFIX: u8 = 3;
    /// The length of the head, the head, the tail; both are text.
    pub(crate) const ENDS: u8 = 4;
    /// One part that holds `?`: no `*`.
    pub(crate) const FIXED: u8 = 5;
    /// The head, the tail, then each part between two `*`.
    pub(crate) const PARTS: u8 = 6;
    /// All steps in a row.
    pub(crate) const SLOTS: u8 = 7;
}

/// What stands between two `*`, or before the first, or after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'p> {
    /// Text and [`ONE`]s.
    pub(crate) code: &'p [u8],
    /// It holds a `?`.
    pub(crate) holed: bool,
    /// Where in the code its longest text is and how long, if it is searched for.
    pub(crate) anchor: (usize, usize),
}

/// Bytes of a holed part up to which its anchor is not stored: it is the only byte that is no `?`, if any.
const ANCHORLESS_BYTES: usize = 2;

/// The code of steps in normal form.
pub(crate) fn encode(ops: &[Op]) -> Box<[u8]> {
    let mut code = Vec::new();
    match ops {
        [] => {}
        [Op::Run] => code.push(shape::ANY),
        [Op::Text(text)] => push(&mut code, shape::EXACT, text),
        [Op::Text(text), Op::Run] => push(&mut code, shape::PREFIX, text),
        [Op::Run, Op::Text(text)] => push(&mut code, shape::SUFFIX, text),
        [Op::Text(head), Op::Run, Op::Text(tail)] => push_ends(&mut code, head, tail),
        ops if ops.iter().any(|op| matches!(op, Op::Slot(_))) => {
            code.push(shape::SLOTS);
            push_steps(&mut code, ops);
        }
        ops if !ops.contains(&Op::Run) => {
            code.push(shape::FIXED);
            push_steps(&mut code, ops);
        }
        ops => {
            let mut parts: Vec<&[Op]> = ops.split(|op| *op == Op::Run).collect();
            let tail = parts.pop().unwrap_or_default();
            let mut parts = parts.into_iter();
            code.push(shape::PARTS);
            push_part(&mut code, parts.next().unwrap_or_default(), false);
            push_part(&mut code, tail, false);
            parts.for_each(|part| push_part(&mut code, part, true));
        }
    }
    code.into()
}

/// The code of a text that stands for itself.
pub(crate) fn encode_text(text: &str) -> Box<[u8]> {
    let mut code = Vec::new();
    if !text.is_empty() {
        push(&mut code, shape::EXACT, text);
    }
    code.into()
}

/// The code of a written pattern with one `*` or none, as most are, without its steps; `None` for others.
pub(crate) fn encode_written(text: &str) -> Option<Box<[u8]>> {
    let Some(star) = memchr::memchr2(b'*', b'?', text.as_bytes()) else {
        return Some(encode_text(text));
    };
    let (head, rest) = text.split_at_checked(star)?;
    let tail = rest.strip_prefix('*')?;
    if memchr::memchr2(b'*', b'?', tail.as_bytes()).is_some() {
        return None;
    }
    let mut code = Vec::new();
    match (head, tail) {
        ("", "") => push(&mut code, shape::ANY, ""),
        (head, "") => push(&mut code, shape::PREFIX, head),
        ("", tail) => push(&mut code, shape::SUFFIX, tail),
        (head, tail) => push_ends(&mut code, head, tail),
    }
    Some(code.into())
}

fn push_ends(code: &mut Vec<u8>, head: &str, tail: &str) {
    code.push(shape::ENDS);
    push_number(code, head.len());
    code.extend(head.bytes());
    code.extend(tail.bytes());
}

fn push(code: &mut Vec<u8>, shape: u8, text: &str) {
    code.reserve_exact(1 + text.len());
    code.push(shape);
    code.extend(text.bytes());
}

fn push_steps(code: &mut Vec<u8>, ops: &[Op]) {
    for op in ops {
        match op {
            Op::Text(text) => code.extend(text.bytes()),
            Op::Ones(count) => code.extend(std::iter::repeat_n(ONE, *count)),
            Op::Run => code.push(RUN),
            Op::Slot(slot) => {
                code.push(SLOT);
                code.extend(slot.to_be_bytes());
            }
        }
    }
}

/// A part begins with its length and whether it is holed; one that will be searched for goes on with its
/// anchor.
fn push_part(code: &mut Vec<u8>, ops: &[Op], is_searched: bool) {
    let mut steps = Vec::new();
    push_steps(&mut steps, ops);
    let holed = steps.contains(&ONE);
    push_number(code, steps.len() * 2 + usize::from(holed));
    if holed && is_searched && steps.len() > ANCHORLESS_BYTES {
        let (mut begin, mut length) = (0, 0);
        let mut at = 0;
        for run in steps.split(|byte| *byte == ONE) {
            if run.len() > length {
                (begin, length) = (at, run.len());
            }
            at += run.len() + 1;
        }
        push_number(code, begin);
        push_number(code, length);
    }
    code.extend(steps);
}

/// Seven bits a byte, the lowest first; the high bit says that more follow.
fn push_number(code: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = u8::try_from(number & 0x7F).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            return code.push(low);
        }
        code.push(low | 0x80);
    }
}

/// Takes a number off the front.
#[inline]
fn number(code: &mut &[u8]) -> Option<usize> {
    let (&first, rest) = code.split_first()?;
    *code = rest;
    if first < 0x80 {
        return Some(usize::from(first));
    }
    long_number(usize::from(first & 0x7F), code)
}

#[cold]
fn long_number(mut number: usize, code: &mut &[u8]) -> Option<usize> {
    let mut shift = 7;
    loop {
        let (&byte, rest) = code.split_first()?;
        *code = rest;
        number |= usize::from(byte & 0x7F).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

/// Takes an end of a pattern with `*` off the front.
#[inline]
pub(crate) fn end<'p>(code: &mut &'p [u8]) -> Option<Part<'p>> {
    part(code, false)
}

/// Takes a part between two `*` off the front; `None` if there is no more.
#[inline]
pub(crate) fn middle<'p>(code: &mut &'p [u8]) -> Option<Part<'p>> {
    part(code, true)
}

#[inline]
fn part<'p>(code: &mut &'p [u8], is_searched: bool) -> Option<Part<'p>> {
    let head = number(code)?;
    let (bytes, holed) = (head / 2, head % 2 == 1);
    let stored = if holed && is_searched && bytes > ANCHORLESS_BYTES {
        Some((number(code)?, number(code)?))
    } else {
        None
    };
    let (part, rest) = code.split_at_checked(bytes)?;
    *code = rest;
    let anchor = match stored {
        Some(anchor) => anchor,
        None if holed => {
            let text = part.iter().position(|byte| *byte != ONE);
            text.map_or((0, 0), |at| (at, 1))
        }
        None => (0, bytes),
    };
    Some(Part {
        code: part,
        holed,
        anchor,
    })
}

/// Takes a part off the front that is a few bytes of text, as most are.
#[inline]
pub(crate) fn short_text<'p>(code: &mut &'p [u8]) -> Option<&'p [u8]> {
    let (&head, rest) = code.split_first()?;
    if head & 0x81 != 0 {
        return None;
    }
    let (text, rest) = rest.split_at_checked(usize::from(head / 2))?;
    *code = rest;
    Some(text)
}

/// Head and tail of a code of shape [`shape::ENDS`].
#[inline]
pub(crate) fn ends(mut code: &[u8]) -> Option<(&[u8], &[u8])> {
    let head = number(&mut code)?;
    code.split_at_checked(head)
}

/// The steps of a code, in order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ops<'p> {
    /// What is left of the part at hand.
    part: &'p [u8],
    /// Parts between two `*` that are still to come.
    middle: &'p [u8],
    /// What follows the last `*`, if that is still to come.
    tail: Option<&'p [u8]>,
}

impl<'p> Ops<'p> {
    pub(crate) fn of(code: &'p [u8]) -> Ops<'p> {
        Ops::read(code).unwrap_or_default()
    }

    fn read(code: &'p [u8]) -> Option<Ops<'p>> {
        let (&first, mut code) = code.split_first()?;
        let (part, tail): (&[u8], Option<&[u8]>) = match first {
            shape::ANY => (&[], Some(&[])),
            shape::PREFIX => (code, Some(&[])),
            shape::SUFFIX => (&[], Some(code)),
            shape::ENDS => {
                let (head, tail) = ends(code)?;
                (head, Some(tail))
            }
            shape::PARTS => {
                let (head, tail) = (end(&mut code)?, end(&mut code)?);
                (head.code, Some(tail.code))
            }
            _ => (code, None),
        };
        let middle = if first == shape::PARTS { code } else { &[] };
        Some(Ops { part, middle, tail })
    }

    /// Takes a step off the part at hand.
    fn step(&mut self) -> Option<OpRef<'p>> {
        let first = *self.part.first()?;
        let (op, length) = match first {
            ONE => {
                let others = self.part.iter().position(|byte| *byte != ONE);
                let count = others.unwrap_or(self.part.len());
                (OpRef::Ones(count), count)
            }
            RUN => (OpRef::Run, 1),
            SLOT => {
                let (slot, _) = self.part.get(1..)?.split_first_chunk()?;
                (OpRef::Slot(u16::from_be_bytes(*slot)), 1 + slot.len())
            }
            _ => {
                let end = memchr::memchr3(ONE, RUN, SLOT, self.part);
                let text = self.part.get(..end.unwrap_or(self.part.len()))?;
                (OpRef::Text(text), text.len())
            }
        };
        self.part = self.part.get(length..)?;
        Some(op)
    }
}

impl<'p> Iterator for Ops<'p> {
    type Item = OpRef<'p>;

    fn next(&mut self) -> Option<OpRef<'p>> {
        if !self.part.is_empty() {
            return self.step();
        }
        self.part = match middle(&mut self.middle) {
            Some(part) => part.code,
            None => self.tail.take()?,
        };
        Some(OpRef::Run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Token;
    use crate::op::{normalize, tokenize};

    #[track_caller]
    fn check(ops: &[Op]) -> Box<[u8]> {
        let code = encode(ops);
        let refs: Vec<_> = ops.iter().map(Op::as_ref).collect();
        assert_eq!(Ops::of(&code).collect::<Vec<_>>(), refs);
        code
    }

    #[test]
    fn codes_read_as_written() {
        for length in [1, 62, 63, 64, 127, 128, 8191, 8192, 20_000] {
            let long = "x".repeat(length);
            for pattern in [
                format!("{long}*{long}"),
                format!("{long}*a*{long}"),
                format!("*{long}*?{long}?a*?"),
                format!("{}*a{}b*{long}", "?".repeat(length), "?".repeat(length)),
                format!("{long}?{long}"),
            ] {
                check(&normalize(tokenize(&pattern)));
            }
        }
        check(&[
            Op::Slot(0xFFFE),
            Op::Run,
            Op::Text("é".into()),
            Op::Slot(0xFDFF),
            Op::Ones(3),
        ]);
    }

    #[test]
    fn written_patterns_have_the_code_of_their_steps() {
        let mut texts = vec![String::new()];
        for at in 0..3 * 256 {
            let longer = ["a", "é", "*", "?"].map(|next| format!("{}{next}", texts[at]));
            texts.extend(longer);
        }
        for text in &texts {
            let steps = encode(&normalize(tokenize(text)));
            assert_eq!(
                encode_written(text).unwrap_or(steps.clone()),
                steps,
                "{text}"
            );
            let literal = encode(&normalize([Token::Text(text)]));
            assert_eq!(encode_text(text), literal, "{text}");
        }
    }

    #[test]
    fn the_anchor_is_the_longest_text() {
        let code = check(&normalize(tokenize("*?a?bcd??efg?h?*")));
        let mut rest = code.get(1..).unwrap();
        assert_eq!(end(&mut rest).unwrap().code, b"");
        assert_eq!(end(&mut rest).unwrap().code, b"");
        let part = middle(&mut rest).unwrap();
        assert_eq!((part.holed, part.anchor), (true, (3, 3)));
        assert_eq!(middle(&mut rest), None);
    }

    #[test]
    fn numbers_of_any_size_come_back() {
        for wanted in [0, 1, 127, 128, 16_383, 16_384, usize::MAX] {
            let mut code = Vec::new();
            push_number(&mut code, wanted);
            let mut rest = code.as_slice();
            assert_eq!(number(&mut rest), Some(wanted));
            assert!(rest.is_empty());
        }
        assert_eq!(number(&mut [0x80].as_slice()), None);
    }
}
