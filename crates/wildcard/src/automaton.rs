//! Matching in fields by one bit for each step of the pattern: *n* characters of text against *m* of pattern
//! cost *n* · *m* / 64 steps, whatever they are. For what walking does not finish; it allocates.
//!
//! Bit *i* says "the text read so far may be what the first *i* characters of the pattern stand for". A run is
//! no character: it lets the bit before it stay.

use std::collections::BTreeMap;

use crate::walk::{Cursor, Step};
use crate::{Pattern, SlotValue};

/// Whether the fields, joined by the separator, match the whole text once slots are filled: the twin of
/// [`walk`](crate::walk::walk).
pub(crate) fn is_match(
    fields: &[Pattern],
    separator: char,
    slots: &[SlotValue<'_>],
    text: &str,
) -> bool {
    Automaton::new(fields, separator, slots).is_some_and(|automaton| automaton.accepts(text))
}

#[derive(Default)]
struct Automaton {
    separator: char,
    /// Bits of the places after which a character may come next: by character, and for `?`.
    chars: BTreeMap<char, Places>,
    ones: Vec<u64>,
    ones_within: Vec<u64>,
    /// Bits that stay, whatever comes or unless a separator does.
    runs: Vec<u64>,
    runs_within: Vec<u64>,
    count: usize,
}

/// Where a character of the pattern stands: a list while it is shorter than a row of bits.
#[derive(Default)]
struct Places {
    list: Vec<usize>,
    row: Vec<u64>,
}

fn set(row: &mut [u64], place: usize) {
    if let Some(word) = row.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}

fn is_set(row: &[u64], place: usize) -> bool {
    row.get(place / 64)
        .is_some_and(|word| word >> (place % 64) & 1 == 1)
}

impl Automaton {
    /// `None` if a slot in use has no value.
    fn new(fields: &[Pattern], separator: char, slots: &[SlotValue<'_>]) -> Option<Automaton> {
        let mut buffer = [0; 4];
        let joint = separator.encode_utf8(&mut buffer).as_bytes();
        let steps = || {
            let mut cursor = Cursor::new(fields, slots, joint);
            std::iter::from_fn(move || match cursor.step() {
                Step::End => None,
                step => Some(step),
            })
        };
        let mut count = 0;
        for step in steps() {
            count += match step {
                Step::Text(text) => crate::search::chars(text),
                Step::Ones { count, .. } => count,
                Step::Never => return None,
                Step::Run { .. } | Step::End => 0,
            };
        }
        let row = vec![0; count / 64 + 1];
        let mut automaton = Automaton {
            separator,
            ones: row.clone(),
            ones_within: row.clone(),
            runs: row.clone(),
            runs_within: row,
            count,
            ..Automaton::default()
        };
        let mut at = 0;
        for step in steps() {
            match step {
                Step::Text(text) => {
                    for c in crate::op::as_str(text).chars() {
                        automaton.chars.entry(c).or_default().list.push(at);
                        at += 1;
                    }
                }
                Step::Ones { count, free } => {
                    let row = if free {
                        &mut automaton.ones
                    } else {
                        &mut automaton.ones_within
                    };
                    (at..at + count).for_each(|place| set(row, place));
                    at += count;
                }
                Step::Run { free: true } => set(&mut automaton.runs, at),
                Step::Run { free: false } => set(&mut automaton.runs_within, at),
                Step::Never | Step::End => {}
            }
        }
        let words = count / 64 + 1;
        for places in automaton.chars.values_mut() {
            if places.list.len() > words {
                places.row = vec![0; words];
                places
                    .list
                    .iter()
                    .for_each(|place| set(&mut places.row, *place));
                places.list = Vec::new();
            }
        }
        Some(automaton)
    }

    fn accepts(&self, text: &str) -> bool {
        let mut state = vec![0; self.count / 64 + 1];
        let mut next = state.clone();
        set(&mut state, 0);
        let none = Places::default();
        for c in text.chars() {
            let within = if c == self.separator { 0 } else { u64::MAX };
            let places = self.chars.get(&c).unwrap_or(&none);
            let mut carry = 0;
            for (at, (state, next)) in state.iter().zip(&mut next).enumerate() {
                let of = |row: &[u64]| row.get(at).copied().unwrap_or(0);
                let moving = of(&places.row) | of(&self.ones) | of(&self.ones_within) & within;
                let staying = of(&self.runs) | of(&self.runs_within) & within;
                let moved = state & moving;
                *next = (moved << 1) | carry | (state & staying);
                carry = moved >> 63;
            }
            for place in &places.list {
                if is_set(&state, *place) {
                    set(&mut next, place + 1);
                }
            }
            std::mem::swap(&mut state, &mut next);
        }
        is_set(&state, self.count)
    }
}
