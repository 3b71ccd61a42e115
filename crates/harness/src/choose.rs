//! Choices that a generator makes, so that proptest, libFuzzer and replayed files drive the same generator.
//!
//! A generator knows neither where its choices come from nor how many are left. It puts its simplest choice
//! first: when the source is exhausted every choice is zero, so every input means something and shorter
//! inputs mean simpler things.

/// A source of choices.
pub trait Choose {
    /// A number below `bound`; zero if `bound` is zero.
    fn below(&mut self, bound: usize) -> usize;

    /// One of the values. `None` if there are none.
    fn one_of<T: Copy>(&mut self, values: &[T]) -> Option<T> {
        let at = self.below(values.len());
        values.get(at).copied()
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
}
