//! Two-pointer matching, for slots and for runs that may cross separators. Allocates nothing, never
//! exponential.
//!
//! A step that fails is answered by the nearest run before it, which takes one character more. A run kept
//! within its field gives up at a separator; then the nearest *free* run before it takes one more. Runs
//! further back need not be asked: what follows them was placed as early as it can be, and placing it later
//! leaves less text, never more.

use crate::op::{OpRef, fill};
use crate::segments::skip;
use crate::{Pattern, SlotValue, Token};

/// Whether the fields, joined by the separator, match the whole text once slots are filled.
///
/// In the last field every `*` and `?` is free. Before it, a `?` is never a separator, and a run takes
/// separators only if nothing stands between it and the end of its field, or if it is a slot's unknown value.
pub(crate) fn walk(
    fields: &[Pattern],
    separator: Option<char>,
    slots: &[SlotValue<'_>],
    text: &str,
) -> bool {
    let mut buffer = [0; 4];
    let joint = separator.map_or("", |separator| separator.encode_utf8(&mut buffer));
    let mut cursor = Cursor {
        fields,
        slots,
        joint,
        op: 0,
    };
    let mut rest = text;
    let mut kept = None;
    let mut free = None;
    loop {
        let next = match cursor.step() {
            Step::Text(part) => rest.strip_prefix(part),
            Step::Ones { count, free: true } => skip(rest, count),
            Step::Ones { count, free: false } => skip_within_field(rest, count, separator),
            Step::Run { free: true } => {
                kept = None;
                free = Some((cursor, rest));
                Some(rest)
            }
            Step::Run { free: false } => {
                kept = Some((cursor, rest));
                Some(rest)
            }
            Step::End if rest.is_empty() => return true,
            Step::End => None,
            Step::Never => return false,
        };
        if let Some(next) = next {
            rest = next;
            continue;
        }
        let longer = lengthen(&mut kept, separator).or_else(|| lengthen(&mut free, None));
        let Some(longer) = longer else { return false };
        (cursor, rest) = longer;
    }
}

/// Where a run ended: the steps after it, and the text it left them.
type Place<'a, 't> = (Cursor<'a>, &'t str);

/// Gives a run one character more, or drops it if it may not have that character.
fn lengthen<'a, 't>(
    run: &mut Option<Place<'a, 't>>,
    barrier: Option<char>,
) -> Option<Place<'a, 't>> {
    let (cursor, left) = run.take()?;
    let mut left = left.chars();
    let taken = left.next()?;
    if Some(taken) != barrier {
        *run = Some((cursor, left.as_str()));
    }
    *run
}

fn skip_within_field(text: &str, count: usize, separator: Option<char>) -> Option<&str> {
    let mut rest = text.chars();
    for _ in 0..count {
        if rest.next()? == separator? {
            return None;
        }
    }
    Some(rest.as_str())
}

enum Step<'a> {
    Text(&'a str),
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
struct Cursor<'a> {
    fields: &'a [Pattern],
    slots: &'a [SlotValue<'a>],
    joint: &'a str,
    op: usize,
}

impl<'a> Cursor<'a> {
    fn step(&mut self) -> Step<'a> {
        let Some((field, later)) = self.fields.split_first() else {
            return Step::End;
        };
        let Some(op) = field.op(self.op) else {
            self.fields = later;
            self.op = 0;
            return if later.is_empty() {
                Step::End
            } else {
                Step::Text(self.joint)
            };
        };
        self.op += 1;
        let last_field = later.is_empty();
        match op {
            OpRef::Text(text) => Step::Text(text),
            OpRef::Ones(count) => Step::Ones {
                count,
                free: last_field,
            },
            OpRef::Run => Step::Run {
                free: last_field || self.field_is_done(field),
            },
            OpRef::Slot(slot) => match fill(self.slots, slot) {
                Some(Token::Text(text)) => Step::Text(text),
                Some(_) => Step::Run { free: true },
                None => Step::Never,
            },
        }
    }

    /// Whether only slots filled with nothing remain of the field.
    fn field_is_done(&self, field: &Pattern) -> bool {
        (self.op..).map_while(|at| field.op(at)).all(
            |op| matches!(op, OpRef::Slot(slot) if fill(self.slots, slot) == Some(Token::Text(""))),
        )
    }
}
