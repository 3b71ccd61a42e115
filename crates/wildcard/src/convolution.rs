//! Finding a long segment that holds `?` in *n* log *n* steps, whatever segment and text are.
//!
//! A character is a small number, zero if the segment does not name it. The sum over the segment's characters,
//! `?` left out, of the squared difference to the text is zero exactly where the segment stands. Multiplied
//! out, it is made of products of the segment with the text, which a transform gives for all places at once.
//! The sum stays below the modulus of the transform, so it is zero if its residue is; a segment for which it
//! might not is cut into chunks for which it does.

use crate::bits::{Letter, Symbol};
use crate::effort::Effort;
use crate::transform::{MODULUS, SIZE_MAX, Transform, residue};

/// Characters for which sums stay below the modulus even if all are different: less than its cube root.
const CHUNK_CHARS: usize = 990;
/// Characters of a chunk that leave as many places in the longest row.
const CHUNK_CHARS_MAX: usize = SIZE_MAX / 2;

/// What follows the leftmost occurrence of the segment among the symbols, of which none is a run. A `None` in
/// the segment is a `?`.
pub(crate) fn after<S: Symbol, I: Iterator<Item = S> + Clone>(
    segment: &[Option<char>],
    mut start: I,
    effort: &mut impl Effort,
) -> Option<I> {
    let last = segment.len().checked_sub(1)?;
    // No more than twice the segment, which is what a find takes of the text: it pays for the window.
    let window = (segment.len() * 2).next_power_of_two() - last;
    let mut search = None;
    loop {
        let symbols = start.clone().take(window + last).map(S::letter);
        let symbols: Vec<Letter> = symbols.collect();
        let places = symbols.len().checked_sub(last)?;
        let search = search.get_or_insert_with(|| Search::new(segment, symbols.len()));
        if let Some(place) = search.first(&symbols, places, effort) {
            start.nth(place + last)?;
            return Some(start);
        }
        start.nth(window - 1)?;
    }
}

/// A segment made ready for texts of some length.
struct Search {
    transform: Transform,
    chunks: Vec<Chunk>,
    chunk_chars: usize,
}

impl Search {
    fn new(segment: &[Option<char>], text_chars: usize) -> Search {
        let names = Alphabet::of(segment).names.len().max(1);
        let exact =
            usize::try_from(MODULUS - 1).unwrap_or(usize::MAX) / names.saturating_mul(names);
        let chunk_chars = exact.clamp(CHUNK_CHARS, CHUNK_CHARS_MAX).min(segment.len());
        let size = text_chars.min(chunk_chars * 4).max(chunk_chars + 1);
        let transform = Transform::new(size.next_power_of_two().clamp(4, SIZE_MAX));
        let chunks = segment.chunks(chunk_chars);
        Search {
            chunks: chunks.map(|part| Chunk::new(part, &transform)).collect(),
            transform,
            chunk_chars,
        }
    }

    /// The first place of the segment.
    fn first(&self, text: &[Letter], places: usize, effort: &mut impl Effort) -> Option<usize> {
        let mut open = vec![true; places];
        for (at, chunk) in self.chunks.iter().enumerate() {
            let text = text.get(at * self.chunk_chars..)?;
            chunk.keep(&self.transform, text, &mut open, effort);
        }
        open.iter().position(|open| *open)
    }
}

/// The characters of a segment by number.
struct Alphabet {
    names: Vec<char>,
    ascii: [u32; 128],
}

impl Alphabet {
    fn of(segment: &[Option<char>]) -> Alphabet {
        let mut names: Vec<char> = segment.iter().copied().flatten().collect();
        names.sort_unstable();
        names.dedup();
        let mut ascii = [0; 128];
        for (number, name) in (1..).zip(&names) {
            if let Some(place) = ascii.get_mut(*name as usize) {
                *place = number;
            }
        }
        Alphabet { names, ascii }
    }

    fn number(&self, c: char) -> u32 {
        if let Some(number) = self.ascii.get(c as usize) {
            return *number;
        }
        let found = self.names.binary_search(&c).ok();
        found.map_or(0, |at| u32::try_from(at + 1).unwrap_or(0))
    }
}

/// Up to so many characters that their sums are exact: spectra of what the text is multiplied with.
struct Chunk {
    alphabet: Alphabet,
    chars: usize,
    /// One for each character that is not `?`.
    weights: Vec<u32>,
    /// Minus twice the character.
    doubles: Vec<u32>,
    /// The character squared.
    squares: Vec<u32>,
    /// The sum of the squares.
    sum: u64,
}

impl Chunk {
    fn new(part: &[Option<char>], transform: &Transform) -> Chunk {
        let alphabet = Alphabet::of(part);
        // Each character where the one opposite stands, so that products are made with the text after a place.
        let spectrum = |value: &dyn Fn(u64) -> u64| {
            let mut row = vec![0; transform.size()];
            for (at, symbol) in part.iter().enumerate() {
                if let Some(c) = symbol {
                    let place = (transform.size() - at) % transform.size();
                    row[place] = residue(value(u64::from(alphabet.number(*c))));
                }
            }
            transform.forward(&mut row);
            row
        };
        let numbers = part
            .iter()
            .flatten()
            .map(|c| u64::from(alphabet.number(*c)));
        Chunk {
            chars: part.len(),
            weights: spectrum(&|_| 1),
            doubles: spectrum(&|number| u64::from(MODULUS) - 2 * number),
            squares: spectrum(&|number| number * number),
            sum: numbers.map(|number| number * number).sum(),
            alphabet,
        }
    }

    /// Closes the places at which the chunk does not stand.
    fn keep(
        &self,
        transform: &Transform,
        text: &[Letter],
        open: &mut [bool],
        effort: &mut impl Effort,
    ) {
        let size = transform.size();
        let places = size + 1 - self.chars;
        for (at, open) in open.chunks_mut(places).enumerate() {
            if !open.contains(&true) {
                continue;
            }
            let text = text.get(at * places..).unwrap_or_default();
            let row = self.differences(transform, text.get(..size).unwrap_or(text), effort);
            let [first, others @ ..] = row.as_slice() else {
                return;
            };
            let opposite = std::iter::once(first).chain(others.iter().rev());
            for (open, difference) in open.iter_mut().zip(opposite) {
                *open &= difference % MODULUS == 0;
            }
        }
    }

    /// The sums of squared differences, times the size, as [`Transform::backward`] leaves them.
    fn differences(
        &self,
        transform: &Transform,
        text: &[Letter],
        effort: &mut impl Effort,
    ) -> Vec<u32> {
        let size = transform.size();
        let spectrum = |value: &dyn Fn(u32) -> u32| {
            let numbers = text.iter().map(|letter| match letter {
                Letter::Char(c) => value(self.alphabet.number(*c)),
                Letter::Unnamed | Letter::Chosen | Letter::Run => 0,
            });
            let mut row: Vec<u32> = numbers.collect();
            row.resize(size, 0);
            transform.forward(&mut row);
            row
        };
        let mut sums = spectrum(&|number| number);
        let squares = spectrum(&|number| residue(u64::from(number) * u64::from(number)));
        for ((sum, square), (weight, double)) in sums
            .iter_mut()
            .zip(squares)
            .zip(self.weights.iter().zip(&self.doubles))
        {
            *sum = residue(
                u64::from(*sum) * u64::from(*double) + u64::from(square) * u64::from(*weight),
            );
        }
        let mut constant = residue(u64::from(residue(self.sum)) * u64::from(residue(u64_of(size))));
        if text.contains(&Letter::Chosen) {
            constant = 0;
            let mut known: Vec<u32> = text
                .iter()
                .map(|letter| u32::from(*letter != Letter::Chosen))
                .collect();
            known.resize(size, 0);
            transform.forward(&mut known);
            for ((sum, known), square) in sums.iter_mut().zip(known).zip(&self.squares) {
                *sum = residue(u64::from(*sum) + u64::from(known) * u64::from(*square));
            }
            effort.spend(size * size.ilog2() as usize / 2);
        }
        transform.backward(&mut sums);
        effort.spend(3 * size * size.ilog2() as usize / 2);
        for sum in &mut sums {
            *sum = residue(u64::from(*sum) + u64::from(constant));
        }
        sums
    }
}

fn u64_of(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}
