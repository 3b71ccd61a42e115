//! Choices that a generator makes, so that proptest, libFuzzer, enumeration and replay drive the same generator.
//!
//! | source | makes |
//! |---|---|
//! | [`Seeded`] | as many as wanted, at random, the same for the same seed |
//! | [`Bytes`] | those of a fuzzer's input: `Bytes::new(data)` in a libFuzzer target |
//! | [`any_choices`] | those of a property test of proptest, made simpler where it fails |
//! | [`Exhaustive`] | every sequence that there is, one after the other |
//! | [`Replay`] | given ones |
//!
//! A generator knows neither where its choices come from nor how many are left. It puts its simplest choice
//! first: when the source is exhausted every choice is zero, so every input means something and shorter
//! inputs mean simpler things.

mod exhaustive;
mod replay;
mod strategy;

pub use exhaustive::{Exhaustive, Values};
pub use replay::Replay;
pub use strategy::{AnyChoices, Playing, Shrinking, Tape, any_choices};

/// A source of choices.
pub trait Choose {
    /// A number below `bound`; zero if `bound` is zero.
    fn below(&mut self, bound: usize) -> usize;

    /// One of the values. `None` if there are none.
    fn one_of<T: Copy>(&mut self, values: &[T]) -> Option<T> {
        let at = self.below(values.len());
        values.get(at).copied()
    }

    /// True once in `times`; false is the simpler choice.
    fn once_in(&mut self, times: usize) -> bool {
        times < 2 || self.below(times) == 1
    }

    /// An index, as often as its weight says. Zero if there are no weights.
    fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut at = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if at < *weight {
                return index;
            }
            at -= weight;
        }
        0
    }

    /// Another order; the one it has is the simplest.
    fn shuffle<T>(&mut self, values: &mut [T]) {
        for index in 0..values.len() {
            values.swap(index, index + self.below(values.len() - index));
        }
    }
}

/// Choices of a generator of pseudo-random numbers (SplitMix64): as many as wanted, the same for the same seed.
///
/// ```
/// use preclear_harness::choose::{Choose, Seeded};
///
/// let drawn = |seed| Seeded::new(seed).below(1_000_000);
/// assert_eq!(drawn(7), drawn(7));
/// assert_ne!(drawn(7), drawn(8));
/// ```
#[derive(Debug, Clone)]
pub struct Seeded {
    state: u64,
}

impl Seeded {
    /// The choices of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Seeded {
        Seeded { state: seed }
    }

    fn next_word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Choose for Seeded {
    fn below(&mut self, bound: usize) -> usize {
        if bound < 2 {
            return 0;
        }
        // The upper half of the product is below the bound, and so fits.
        let scaled = (u128::from(self.next_word()) * bound as u128) >> 64;
        usize::try_from(scaled).unwrap_or_default()
    }
}

/// Choices read from bytes; zero once the bytes are used up.
///
/// ```
/// use preclear_harness::choose::{Bytes, Choose};
///
/// let mut choices = Bytes::new(&[7, 9]);
/// assert_eq!((choices.below(5), choices.below(20), choices.below(20)), (2, 9, 0));
/// ```
#[derive(Debug, Clone)]
pub struct Bytes<'d> {
    rest: &'d [u8],
}

impl<'d> Bytes<'d> {
    /// A source over these bytes.
    pub fn new(data: &'d [u8]) -> Bytes<'d> {
        Bytes { rest: data }
    }

    fn next_byte(&mut self) -> usize {
        let Some((first, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        usize::from(*first)
    }
}

impl Choose for Bytes<'_> {
    /// Reads one byte for a bound up to 256, two beyond; bounds beyond 65,536 are not exhausted.
    fn below(&mut self, bound: usize) -> usize {
        let number = match bound {
            0 | 1 => return 0,
            2..=256 => self.next_byte(),
            _ => self.next_byte() << 8 | self.next_byte(),
        };
        number % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exhausted_means_zero() {
        let mut choices = Bytes::new(&[]);
        for bound in [0, 1, 2, 256, 257, usize::MAX] {
            assert_eq!(choices.below(bound), 0, "below {bound}");
        }
        assert_eq!(choices.one_of(&["first", "second"]), Some("first"));
        assert_eq!(choices.one_of::<u8>(&[]), None);
    }

    #[test]
    fn bounds_hold_and_bytes_are_spent_as_told() {
        for bound in [1, 2, 3, 255, 256, 257, 1000, 65_536] {
            for byte in 0..=u8::MAX {
                assert!(Bytes::new(&[byte, !byte]).below(bound) < bound);
            }
        }
        let mut choices = Bytes::new(&[255, 1, 2, 3]);
        assert_eq!(choices.below(1), 0);
        assert_eq!(choices.below(256), 255);
        assert_eq!(choices.below(65_536), 0x0102);
        assert_eq!(choices.below(256), 3);
    }

    #[test]
    fn weights_and_orders_are_those_asked_for() {
        let mut choices = Seeded::new(1);
        let mut drawn = [0; 3];
        for _ in 0..8000 {
            drawn[choices.weighted(&[1, 0, 3])] += 1;
        }
        assert_eq!(drawn[1], 0);
        assert!((1700..2300).contains(&drawn[0]), "{drawn:?}");
        assert_eq!(Bytes::new(&[]).weighted(&[2, 3]), 0);
        let mut values = [1, 2, 3, 4];
        Bytes::new(&[]).shuffle(&mut values);
        assert_eq!(values, [1, 2, 3, 4]);
        Bytes::new(&[3, 0, 1]).shuffle(&mut values);
        assert_eq!(values, [4, 2, 1, 3]);
    }
}
