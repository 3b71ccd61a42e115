//! Matching a pattern with `*`, but for the simplest shapes: both ends where they are, then each inner part at
//! its leftmost place.
//!
//! Leftmost is enough: a part found early leaves the most text to the parts after it, and the gaps before and
//! after it take whatever remains. So no place is tried twice.
//!
//! `?` at an end of an inner part says only how long the gap there is at least (`*?` and `?*` are the same
//! language): it is counted, not searched for.

use crate::code::{ONE, Part, end, middle};
use crate::effort::Effort;
use crate::holes;
use crate::search::{after_part, before_part, find, skip};

/// Whether the parts match the whole text; `None` if not.
pub(crate) fn gaps_hold(mut code: &[u8], text: &str, effort: &mut impl Effort) -> Option<()> {
    let (head, tail) = (end(&mut code)?, end(&mut code)?);
    let bytes = text.as_bytes();
    let rest = if head.holed {
        after_part(head.code, bytes, effort)?
    } else {
        effort.spend(head.code.len());
        bytes.strip_prefix(head.code)?
    };
    let mut at = bytes.len() - rest.len();
    let rest = if tail.holed {
        before_part(tail.code, rest, effort)?
    } else {
        effort.spend(tail.code.len());
        rest.strip_suffix(tail.code)?
    };
    let text = text.get(..at + rest.len())?;
    let bytes = text.as_bytes();
    while let Some(part) = middle(&mut code) {
        if !part.holed {
            at += find(part.code, bytes.get(at..)?, effort)? + part.code.len();
            continue;
        }
        let (before, part, behind) = without_outer_ones(part);
        effort.spend(before + behind);
        at = bytes.len() - skip(bytes.get(at..)?, before)?.len();
        if part.anchor.1 == part.code.len() {
            if !part.code.is_empty() {
                at += find(part.code, bytes.get(at..)?, effort)? + part.code.len();
            }
        } else {
            at = holes::after(part, text, at, effort)?;
        }
        at = bytes.len() - skip(bytes.get(at..)?, behind)?.len();
    }
    Some(())
}

/// The part without the `?` that it begins and ends with, and how many they are.
#[inline]
fn without_outer_ones(part: Part<'_>) -> (usize, Part<'_>, usize) {
    let is_one = |byte: &u8| *byte == ONE;
    let first = part.code.iter().position(|byte| !is_one(byte));
    let before = first.unwrap_or(part.code.len());
    let code = part.code.get(before..).unwrap_or_default();
    let behind = code.iter().rev().take_while(|byte| is_one(byte)).count();
    let part = Part {
        code: code.get(..code.len() - behind).unwrap_or_default(),
        holed: part.holed,
        anchor: (part.anchor.0.saturating_sub(before), part.anchor.1),
    };
    (before, part, behind)
}
