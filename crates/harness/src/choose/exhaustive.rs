//! Every sequence of choices that a generator can make, one after the other.

use super::Choose;

/// An odometer over the choices of a generator: each run of the generator sees another sequence, in order, until every
/// sequence was seen once.
///
/// A generator may choose as it likes, also depending on what it chose before; its choices alone must decide what it makes,
/// and every sequence must end. Choices without an alternative are not counted.
///
/// ```
/// use preclear_harness::choose::{Choose, Exhaustive};
///
/// let generate = |choices: &mut Exhaustive| match choices.below(3) {
///     0 => "nothing".to_owned(),
///     many => format!("{many} of {}", choices.one_of(&["red", "blue"]).unwrap_or("none")),
/// };
/// let made: Vec<String> = Exhaustive::new().values(generate).collect();
/// assert_eq!(made, ["nothing", "1 of red", "1 of blue", "2 of red", "2 of blue"]);
///
/// // The same in pieces, for instance one for each thread.
/// let pieces = Exhaustive::pieces(1, generate);
/// let made: usize = pieces.into_iter().map(|piece| piece.values(generate).count()).sum();
/// assert_eq!(made, 5);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exhaustive {
    /// What this run chooses; further choices are zero.
    digits: Vec<Digit>,
    /// Choices that this run has made.
    made: usize,
    /// Choices at the beginning that stay as they are.
    fixed: usize,
}

/// One choice of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Digit {
    value: usize,
    bound: usize,
}

impl Exhaustive {
    /// All sequences, from the one of zeros.
    #[must_use]
    pub fn new() -> Exhaustive {
        Exhaustive::default()
    }

    /// The sequences that begin so, from the first of them.
    #[must_use]
    pub fn below_prefix(prefix: &[usize]) -> Exhaustive {
        Exhaustive {
            fixed: prefix.len(),
            ..Exhaustive::from_sequence(prefix)
        }
    }

    /// The sequences from this one on.
    #[must_use]
    pub fn from_sequence(sequence: &[usize]) -> Exhaustive {
        let digits = sequence.iter().map(|value| Digit {
            value: *value,
            // Told by the generator when it comes to the choice.
            bound: usize::MAX,
        });
        Exhaustive {
            digits: digits.collect(),
            made: 0,
            fixed: 0,
        }
    }

    /// All sequences in pieces that begin differently within their first `depth` choices, in order.
    pub fn pieces<T>(
        depth: usize,
        mut generate: impl FnMut(&mut Exhaustive) -> T,
    ) -> Vec<Exhaustive> {
        let mut pieces = Vec::new();
        let mut walk = Exhaustive::new();
        loop {
            walk.begin();
            generate(&mut walk);
            walk.digits.truncate(walk.made.min(depth));
            walk.made = walk.digits.len();
            pieces.push(Exhaustive::below_prefix(&walk.sequence()));
            if !walk.advance() {
                return pieces;
            }
        }
    }

    /// Makes ready for a run of the generator.
    pub fn begin(&mut self) {
        self.made = 0;
    }

    /// The choices of the last run. [`Replay`](super::Replay) makes the same again, and [`Exhaustive::from_sequence`] goes on from there.
    #[must_use]
    pub fn sequence(&self) -> Vec<usize> {
        let made = self.digits.iter().take(self.made);
        made.map(|digit| digit.value).collect()
    }

    /// Turns to the next sequence after a run; false if that was the last one.
    pub fn advance(&mut self) -> bool {
        self.digits.truncate(self.made);
        while self.digits.len() > self.fixed {
            if let Some(last) = self.digits.last_mut()
                && last.value + 1 < last.bound
            {
                last.value += 1;
                return true;
            }
            self.digits.pop();
        }
        false
    }

    /// What the generator makes of each sequence, in order.
    pub fn values<T, G: FnMut(&mut Exhaustive) -> T>(self, generate: G) -> Values<G> {
        Values {
            walk: Some(self),
            generate,
        }
    }
}

impl Choose for Exhaustive {
    fn below(&mut self, bound: usize) -> usize {
        if bound < 2 {
            return 0;
        }
        if self.made == self.digits.len() {
            self.digits.push(Digit { value: 0, bound });
        }
        let Some(digit) = self.digits.get_mut(self.made) else {
            return 0;
        };
        self.made += 1;
        digit.bound = bound;
        digit.value = digit.value.min(bound - 1);
        digit.value
    }
}

/// What a generator makes of each sequence of choices, as an iterator.
#[derive(Debug, Clone)]
pub struct Values<G> {
    walk: Option<Exhaustive>,
    generate: G,
}

impl<T, G: FnMut(&mut Exhaustive) -> T> Iterator for Values<G> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let walk = self.walk.as_mut()?;
        walk.begin();
        let made = (self.generate)(walk);
        if !walk.advance() {
            self.walk = None;
        }
        Some(made)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::choose::{Replay, Seeded};

    /// A tree of choices that depends on a seed: bounds differ from path to path, and some choices have no alternative.
    fn tree(seed: u64) -> impl Fn(&mut dyn FnMut(usize) -> usize) -> Vec<usize> + Copy {
        move |below| {
            let mut path = Vec::new();
            let mut at = seed;
            while path.len() < 5 {
                let bound = Seeded::new(at).below(5);
                if bound == 0 {
                    break;
                }
                let value = below(bound);
                at = at.wrapping_mul(31).wrapping_add(value as u64 + 1);
                path.push(value);
            }
            path
        }
    }

    /// The paths of the tree, found by plain recursion.
    fn paths(seed: u64) -> Vec<Vec<usize>> {
        fn grow(at: u64, path: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
            let bound = Seeded::new(at).below(5);
            if bound == 0 || path.len() == 5 {
                all.push(path.clone());
                return;
            }
            for value in 0..bound {
                path.push(value);
                grow(
                    at.wrapping_mul(31).wrapping_add(value as u64 + 1),
                    path,
                    all,
                );
                path.pop();
            }
        }
        let mut all = Vec::new();
        grow(seed, &mut Vec::new(), &mut all);
        all
    }

    #[test]
    fn every_sequence_is_seen_once_and_in_order() {
        let mut largest = 0;
        for seed in 0..200 {
            let tree = tree(seed);
            let made = Exhaustive::new().values(|walk| tree(&mut |bound| walk.below(bound)));
            let made: Vec<Vec<usize>> = made.collect();
            assert_eq!(made, paths(seed), "tree {seed}");
            let distinct: BTreeSet<&Vec<usize>> = made.iter().collect();
            assert_eq!(distinct.len(), made.len(), "tree {seed}");
            largest = largest.max(made.len());
        }
        assert!(largest > 100, "the trees are too small: {largest}");
    }

    #[test]
    fn pieces_are_the_whole_in_order() {
        for seed in 0..60 {
            let tree = tree(seed);
            let generate = |walk: &mut Exhaustive| tree(&mut |bound| walk.below(bound));
            for depth in 0..5 {
                let pieces = Exhaustive::pieces(depth, generate);
                let made = pieces.into_iter().flat_map(|piece| piece.values(generate));
                let made: Vec<Vec<usize>> = made.collect();
                assert_eq!(made, paths(seed), "tree {seed}, depth {depth}");
            }
        }
    }

    #[test]
    fn a_walk_goes_on_from_where_it_was_left() {
        let tree = tree(3);
        let all = paths(3);
        let mut walk = Exhaustive::new();
        for (index, expected) in all.iter().enumerate() {
            walk.begin();
            tree(&mut |bound| walk.below(bound));
            let sequence = walk.sequence();
            let mut replay = Replay::new(sequence.clone());
            assert_eq!(&tree(&mut |bound| replay.below(bound)), expected);
            let rest =
                Exhaustive::from_sequence(&sequence).values(|walk| tree(&mut |b| walk.below(b)));
            assert_eq!(rest.count(), all.len() - index);
            walk.advance();
        }
    }
}
