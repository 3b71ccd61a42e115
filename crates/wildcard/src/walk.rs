//! Two-pointer matching, for slots and for runs that may cross separators. Allocates nothing.
//!
//! A step that fails is answered by the nearest run before it, which takes one character more. A run kept
//! within its field gives up at a separator; then the nearest *free* run before it takes one more. Runs
//! further back need not be asked: what follows them was placed as early as it can be, and placing it later
//! leaves less text, never more.
//!
//! That is quick on ordinary texts and the square of the text or worse on hostile ones, so it stops after a
//! number of steps that grows with the text; others have better bounds.

use crate::code::Ops;
use crate::op::{OpRef, fill};
use crate::search::skip;
use crate::{Pattern, SlotValue, Token};

/// Steps a walk may take at first.
const STEPS_FREE: usize = 512;
/// Steps it may take for each byte of text.
const STEPS_PER_BYTE: usize = 8;

/// Whether the fields, joined by the separator, match the whole text once slots are filled; `None` if that
/// takes too many steps.
///
/// In the last field every `*` and `?` is free. Before it, a `?` is never a separator, and a run takes
/// separators only if nothing stands between it and the end of its field, or if it is a slot's unknown value.
pub(crate) fn walk(
    fields: &[Pattern],
    separator: Option<char>,
    slots: &[SlotValue<'_>],
    text: &str,
) -> Option<bool> {
    let mut buffer = [0; 4];
    let joint = separator.map_or("", |separator| separator.encode_utf8(&mut buffer));
    let joint = joint.as_bytes();
    let mut cursor = Cursor::new(fields, slots, joint);
    let mut rest = text.as_bytes();
    let mut kept = None;
    let mut free = None;
    for _ in 0..text
        .len()
        .saturating_mul(STEPS_PER_BYTE)
        .saturating_add(STEPS_FREE)
    {
        let next = match cursor.step() {
            Step::Text(part) => rest.strip_prefix(part),
            Step::Ones { count, free: true } => skip(rest, count),
            Step::Ones { count, free: false } => skip_within_field(rest, count, joint),
            Step::Run { free: true } => {
                kept = None;
                free = Some((cursor, rest));
                Some(rest)
            }
            Step::Run { free: false } => {
                kept = Some((cursor, rest));
                Some(rest)
            }
            Step::End if rest.is_empty() => return Some(true),
            Step::End => None,
            Step::Never => return Some(false),
        };
        if let Some(next) = next {
            rest = next;
            continue;
        }
        let longer = lengthen(&mut kept, joint).or_else(|| lengthen(&mut free, b""));
        let Some(longer) = longer else {
            return Some(false);
        };
        (cursor, rest) = longer;
    }
    None
}

/// Where a run ended: the steps after it, and the text it left them.
type Place<'a, 't> = (Cursor<'a>, &'t [u8]);

/// Gives a run one character more, or drops it if it may not have that character.
fn lengthen<'a, 't>(run: &mut Option<Place<'a, 't>>, barrier: &[u8]) -> Option<Place<'a, 't>> {
    let (cursor, left) = run.take()?;
    let longer = skip(left, 1)?;
    if !begins_with(left, barrier) {
        *run = Some((cursor, longer));
    }
    *run
}

/// Whether the text begins with a separator, if there is one.
fn begins_with(text: &[u8], separator: &[u8]) -> bool {
    !separator.is_empty() && text.starts_with(separator)
}

fn skip_within_field<'t>(text: &'t [u8], count: usize, separator: &[u8]) -> Option<&'t [u8]> {
    let mut rest = text;
    for _ in 0..count {
        if begins_with(rest, separator) {
            return None;
        }
        rest = skip(rest, 1)?;
    }
    Some(rest)
}

/// A step of a pattern in fields, its slots filled.
pub(crate) enum Step<'a> {
    Text(&'a [u8]),
    Ones {
        count: usize,
        free: bool,
    },
    Run {
        free: bool,
    },
    /// A slot without a value.
    Never,
    End,
}

/// A place in the fields' steps.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    /// What is left of the first of the fields.
    ops: Option<Ops<'a>>,
    later: &'a [Pattern],
    slots: &'a [SlotValue<'a>],
    joint: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(
        fields: &'a [Pattern],
        slots: &'a [SlotValue<'a>],
        joint: &'a [u8],
    ) -> Cursor<'a> {
        let (first, later) = fields.split_first().unzip();
        Cursor {
            ops: first.map(Pattern::ops),
            later: later.unwrap_or_default(),
            slots,
            joint,
        }
    }

    pub(crate) fn step(&mut self) -> Step<'a> {
        let Some(ops) = &mut self.ops else {
            return Step::End;
        };
        let Some(op) = ops.next() else {
            let is_last = self.later.is_empty();
            *self = Cursor::new(self.later, self.slots, self.joint);
            return if is_last {
                Step::End
            } else {
                Step::Text(self.joint)
            };
        };
        let last_field = self.later.is_empty();
        match op {
            OpRef::Text(text) => Step::Text(text),
            OpRef::Ones(count) => Step::Ones {
                count,
                free: last_field,
            },
            OpRef::Run => Step::Run {
                free: last_field || self.field_is_done(),
            },
            OpRef::Slot(slot) => match fill(self.slots, slot) {
                Some(Token::Text(text)) => Step::Text(text.as_bytes()),
                Some(_) => Step::Run { free: true },
                None => Step::Never,
            },
        }
    }

    /// Whether only slots filled with nothing remain of the field.
    fn field_is_done(&self) -> bool {
        self.ops.into_iter().flatten().all(
            |op| matches!(op, OpRef::Slot(slot) if fill(self.slots, slot) == Some(Token::Text(""))),
        )
    }
}
