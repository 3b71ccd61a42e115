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
    let all_known = S::ARE_KNOWN
        || start
            .clone()
            .all(|symbol| symbol.letter() != Letter::Chosen);
    // No more than twice the segment, which is what a find takes of the text: it pays for the window.
    let window = (segment.len() * 2).next_power_of_two() - last;
    let mut search = None;
    loop {
        let symbols = start.clone().take(window + last).map(S::letter);
        let symbols: Vec<Letter> = symbols.collect();
        let places = symbols.len().checked_sub(last)?;
        let search = search.get_or_insert_with(|| Search::new(segment, symbols.len(), all_known));
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
    fn new(segment: &[Option<char>], text_chars: usize, all_known: bool) -> Search {
        let names = Alphabet::of(segment).names.len().max(1);
        let exact =
            usize::try_from(MODULUS - 1).unwrap_or(usize::MAX) / names.saturating_mul(names);
        let chunk_chars = exact.clamp(CHUNK_CHARS, CHUNK_CHARS_MAX).min(segment.len());
        let size = text_chars.min(chunk_chars * 4).max(chunk_chars + 1);
        let transform = Transform::new(size.next_power_of_two().clamp(4, SIZE_MAX));
        let chunks = segment.chunks(chunk_chars);
        Search {
            chunks: chunks
                .map(|part| Chunk::new(part, &transform, all_known))
                .collect(),
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
    /// For the text squared: one for each character that is not `?`. `None` if a number is its own square.
    ones: Option<Vec<u32>>,
    /// For the text: minus twice the character, and what the squares have where they are the same.
    doubles: Vec<u32>,
    /// For letters that are known: the character squared. `None` while there are no others; then the products
    /// with it are the sum.
    squares: Option<Vec<u32>>,
    sum: u32,
}

impl Chunk {
    fn new(part: &[Option<char>], transform: &Transform, all_known: bool) -> Chunk {
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
        let is_square = alphabet.names.len() <= 1;
        let numbers = part
            .iter()
            .flatten()
            .map(|c| u64::from(alphabet.number(*c)));
        let sum: u64 = numbers.map(|number| number * number).sum();
        Chunk {
            chars: part.len(),
            ones: (!is_square).then(|| spectrum(&|_| 1)),
            doubles: spectrum(&|number| u64::from(MODULUS) - 2 * number + u64::from(is_square)),
            squares: (!all_known).then(|| spectrum(&|number| number * number)),
            sum: product(residue(sum), residue_of(transform.size())),
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
            let row = self.products(transform, text.get(..size).unwrap_or(text), effort);
            let Some((first, others)) = row.split_first() else {
                return;
            };
            let opposite = std::iter::once(first).chain(others.iter().rev());
            // The products and the constant term are opposite.
            let wanted = match self.squares {
                Some(_) => 0,
                None => (MODULUS - self.sum) % MODULUS,
            };
            for (open, product) in open.iter_mut().zip(opposite) {
                *open &= product % MODULUS == wanted;
            }
        }
    }

    /// The sums of squared differences, times the size, but for the part that is the same everywhere; in the
    /// order in which [`Transform::backward`] leaves them.
    fn products(
        &self,
        transform: &Transform,
        text: &[Letter],
        effort: &mut impl Effort,
    ) -> Vec<u32> {
        let size = transform.size();
        let steps = size * size.ilog2() as usize / 2;
        let mut spectrum = |value: &dyn Fn(u32) -> u32| {
            let mut row: Vec<u32> = Vec::with_capacity(size);
            row.extend(text.iter().map(|letter| match letter {
                Letter::Char(c) => value(self.alphabet.number(*c)),
                Letter::Unnamed | Letter::Run => value(0),
                Letter::Chosen => 0,
            }));
            row.resize(size, 0);
            transform.forward(&mut row);
            effort.spend(steps);
            row
        };
        let mut sums = spectrum(&|number| number);
        let squares = self
            .ones
            .as_ref()
            .map(|ones| (ones, spectrum(&|number| product(number, number))));
        let known = self
            .squares
            .as_ref()
            .map(|squares| (squares, spectrum(&|_| 1)));
        for (sum, double) in sums.iter_mut().zip(&self.doubles) {
            *sum = product(*sum, *double);
        }
        for (factors, row) in squares.into_iter().chain(known) {
            for ((sum, factor), number) in sums.iter_mut().zip(factors).zip(row) {
                *sum = residue(u64::from(*sum) + u64::from(*factor) * u64::from(number));
            }
        }
        transform.backward(&mut sums);
        effort.spend(steps);
        sums
    }
}

fn product(one: u32, other: u32) -> u32 {
    residue(u64::from(one) * u64::from(other))
}

fn residue_of(size: usize) -> u32 {
    residue(u64::try_from(size).unwrap_or(u64::MAX))
}
