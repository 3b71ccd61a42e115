//! Choices made once, to be made again.

use super::Choose;

/// The given choices, then zeros. A choice beyond its bound is the last one below it.
///
/// Choices without an alternative are not counted, as with [`Exhaustive`](super::Exhaustive).
///
/// ```
/// use preclear_harness::choose::{Choose, Replay};
///
/// let mut choices = Replay::new(vec![4, 9]);
/// assert_eq!((choices.below(5), choices.below(1), choices.below(5)), (4, 0, 4));
/// assert_eq!(choices.below(5), 0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    choices: Vec<usize>,
    made: usize,
}

impl Replay {
    /// These choices.
    #[must_use]
    pub fn new(choices: Vec<usize>) -> Replay {
        Replay { choices, made: 0 }
    }
}

impl Choose for Replay {
    fn below(&mut self, bound: usize) -> usize {
        if bound < 2 {
            return 0;
        }
        let choice = self.choices.get(self.made).copied().unwrap_or_default();
        self.made += 1;
        choice.min(bound - 1)
    }
}
