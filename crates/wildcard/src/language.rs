//! Patterns compared as sets of texts.
//!
//! Inclusion of regular languages is hard in general; for patterns of `*` and `?` it is matching. To see
//! whether `outer` covers `inner`, match `outer` against `inner` as if that were a text of four kinds of
//! symbols: a letter stands for itself; a `?` is some character that `outer` does not name, so only `?` and
//! `*` of `outer` take it; a `*` is taken by a `*` of `outer` alone, and adds nothing to the characters that
//! a gap of `outer` needs.
//!
//! That such a match means inclusion is plain. Without one, some text of `inner` is not in `outer`: let each
//! `?` of `inner` be a character that `outer` does not name; let each `*` that the leftmost match passed
//! while filling the minimum of a gap be empty, and any other a run of that character longer than `outer`.
//! Segments begin and end with letters (`?` beside a `*` belongs to the gap), so none can begin, end or hold
//! such a run; the leftmost match on this text takes the same course and fails at the same segment. The one
//! assumption is that `outer` does not name all 1,112,064 characters; if it does, the answer errs towards
//! `false`.
//!
//! Whether two patterns share a text is simpler. Two patterns with a `*` each share one as soon as their ends
//! agree: each `*` can hold the other's segments. Otherwise one of them is a row of letters and `?`, and the
//! other is matched against it with those `?` taking part as any letter.

use crate::bits::{self, Letter};
use crate::convolution;
use crate::effort::Unmeasured;
use crate::holes::BITS_CHARS_MAX;
use crate::op::{OpRef, Skeleton, as_str};

/// Whether `outer` matches all that `inner` matches. No slots.
pub(crate) fn covers(outer: &[OpRef<'_>], inner: &[OpRef<'_>]) -> bool {
    gaps_hold(outer, &letters(inner, Letter::Unnamed)).is_some()
}

/// Whether both match some text. No slots.
pub(crate) fn intersects(one: &[OpRef<'_>], other: &[OpRef<'_>]) -> bool {
    let (one_letters, other_letters) =
        (letters(one, Letter::Chosen), letters(other, Letter::Chosen));
    match (one.contains(&OpRef::Run), other.contains(&OpRef::Run)) {
        (true, true) => {
            ends_agree(one_letters.iter(), other_letters.iter())
                && ends_agree(one_letters.iter().rev(), other_letters.iter().rev())
        }
        (false, true) => gaps_hold(other, &one_letters).is_some(),
        (_, false) => gaps_hold(one, &other_letters).is_some(),
    }
}

fn letters(ops: &[OpRef<'_>], one: Letter) -> Vec<Letter> {
    let mut letters = Vec::new();
    for op in ops {
        match op {
            OpRef::Text(text) => letters.extend(as_str(text).chars().map(Letter::Char)),
            OpRef::Ones(count) => letters.extend(std::iter::repeat_n(one, *count)),
            OpRef::Run => letters.push(Letter::Run),
            OpRef::Slot(_) => {}
        }
    }
    letters
}

/// Whether two patterns can begin alike, up to the first `*` of either.
fn ends_agree<'a>(
    one: impl Iterator<Item = &'a Letter>,
    other: impl Iterator<Item = &'a Letter>,
) -> bool {
    one.zip(other)
        .take_while(|(one, other)| **one != Letter::Run && **other != Letter::Run)
        .all(|(one, other)| one == other || *one == Letter::Chosen || *other == Letter::Chosen)
}

/// Matches a pattern against letters: the method of [`crate::segments`].
fn gaps_hold(ops: &[OpRef<'_>], text: &[Letter]) -> Option<()> {
    let skeleton = Skeleton::of(ops);
    let head = letters(&ops[skeleton.head], Letter::Chosen);
    let (front, mut rest) = text.split_at_checked(head.len())?;
    stand_for(&head, front)?;
    if !skeleton.starred {
        return rest.is_empty().then_some(());
    }
    let tail = letters(&ops[skeleton.tail], Letter::Chosen);
    let (before, back) = rest.split_at_checked(rest.len().checked_sub(tail.len())?)?;
    stand_for(&tail, back)?;
    rest = before;
    for (gap, segment) in skeleton.middle {
        rest = skip(rest, gap)?;
        rest = after_segment(&letters(&ops[segment], Letter::Chosen), rest)?;
    }
    skip(rest, skeleton.tail_gap).map(|_| ())
}

/// The letters after the leftmost occurrence of a segment.
fn after_segment<'t>(segment: &[Letter], text: &'t [Letter]) -> Option<&'t [Letter]> {
    let symbols = segment.iter().map(|letter| match letter {
        Letter::Char(c) => Some(*c),
        _ => None,
    });
    if segment.len() <= BITS_CHARS_MAX {
        return Some(bits::after(symbols, text.iter(), &mut Unmeasured)?.as_slice());
    }
    let segment: Vec<Option<char>> = symbols.collect();
    let mut rest = text;
    loop {
        // No segment holds a run, so none crosses one.
        let run = rest.iter().position(|letter| *letter == Letter::Run);
        let (stretch, later) = rest.split_at_checked(run.unwrap_or(rest.len()))?;
        if let Some(found) = convolution::after(&segment, stretch.iter(), &mut Unmeasured) {
            return rest.get(stretch.len() - found.len()..);
        }
        rest = later.get(1..)?;
    }
}

/// Whether every letter of the text may stand where the pattern has its own.
fn stand_for(pattern: &[Letter], text: &[Letter]) -> Option<()> {
    let agree = pattern
        .iter()
        .zip(text)
        .all(|(wanted, letter)| match (wanted, letter) {
            (_, Letter::Run) => false,
            (Letter::Chosen, _) | (_, Letter::Chosen) => true,
            (wanted, letter) => wanted == letter,
        });
    agree.then_some(())
}

/// The letters after the first `count` that are characters; a run counts as none.
fn skip(text: &[Letter], count: usize) -> Option<&[Letter]> {
    let mut rest = text.iter();
    for _ in 0..count {
        rest.find(|letter| **letter != Letter::Run)?;
    }
    Some(rest.as_slice())
}
