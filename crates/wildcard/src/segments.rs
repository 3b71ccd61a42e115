//! Matching a pattern with `*`, but for the simplest shapes: both ends where they are, then each inner part at
//! its leftmost place.
//!
//! Leftmost is enough: a part found early leaves the most text to the parts after it, and the gaps before and
//! after it take whatever remains. So no place is tried twice.
//!
//! `?` at an end of an inner part says only how long the gap there is at least (`*?` and `?*` are the same
//! language): it is counted, not searched for.

use crate::code::{ONE, Part, end, middle, short_text};
use crate::effort::Effort;
use crate::holes;
use crate::search::{after_part, before_part, begins_with, find, skip};

/// Whether the parts match the whole text; `None` if not.
#[inline]
pub(crate) fn gaps_hold(mut code: &[u8], text: &str, effort: &mut impl Effort) -> Option<()> {
    let mut rest = text.as_bytes();
    rest = match short_text(&mut code) {
        Some(head) if begins_with(rest, head) => rest.get(head.len()..)?,
        Some(_) => return None,
        None => after_part(end(&mut code)?.code, rest, effort)?,
    };
    let bytes = rest.len();
    rest = match short_text(&mut code) {
        Some(tail) => rest.strip_suffix(tail)?,
        None => before_part(end(&mut code)?.code, rest, effort)?,
    };
    let end = text.len() - (bytes - rest.len());
    while !code.is_empty() {
        rest = match short_text(&mut code) {
            Some(part) => rest.get(find(part, rest, effort)? + part.len()..)?,
            None => after_middle(middle(&mut code)?, text.get(..end)?, rest, effort)?,
        };
    }
    Some(())
}

/// What follows the leftmost occurrence of a part in the rest of the text.
#[inline(never)]
fn after_middle<'t>(
    part: Part<'_>,
    text: &'t str,
    rest: &'t [u8],
    effort: &mut impl Effort,
) -> Option<&'t [u8]> {
    let (before, part, behind) = without_outer_ones(part);
    effort.spend(before + behind);
    let rest = skip(rest, before)?;
    let rest = if part.code.is_empty() {
        rest
    } else if part.anchor.1 == part.code.len() {
        rest.get(find(part.code, rest, effort)? + part.code.len()..)?
    } else {
        let end = holes::after(part, text, text.len() - rest.len(), effort)?;
        text.as_bytes().get(end..)?
    };
    skip(rest, behind)
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
