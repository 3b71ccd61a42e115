//! Choices for properties of proptest: drawn at random, and made simpler where a property fails.
//!
//! What is made smaller is the list of choices that the failing run made, not what was generated of them: choices are left
//! out, set to zero and lowered. So whatever a generator makes shrinks, and what it makes is always valid.

use std::sync::{Arc, Mutex, PoisonError};

use proptest::prelude::Rng as _;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::{Choose, Replay, Seeded};

/// A strategy of choices for generators.
///
/// ```
/// use preclear_harness::choose::{Choose, any_choices};
/// use proptest::test_runner::{Config, TestError, TestRunner};
///
/// let config = Config { failure_persistence: None, ..Config::default() };
/// let failed = TestRunner::new(config).run(&any_choices(), |tape| {
///     let mut choices = tape.play();
///     let numbers: Vec<usize> = (0..20).map(|_| choices.below(100)).collect();
///     proptest::prop_assert!(numbers.iter().all(|number| *number < 40));
///     Ok(())
/// });
/// let Err(TestError::Fail(_, tape)) = failed else { unreachable!("some number is 40 or more") };
/// assert_eq!(tape.choices(), [40]);
/// ```
#[must_use]
pub fn any_choices() -> AnyChoices {
    AnyChoices
}

/// See [`any_choices`].
#[derive(Debug, Clone, Copy)]
pub struct AnyChoices;

impl Strategy for AnyChoices {
    type Tree = Shrinking;
    type Value = Tape;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(Shrinking::new(Tape::drawn(runner.rng().next_u64())))
    }
}

/// Choices that can be played as often as wanted, and the same each time.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    source: Source,
    /// What the last run chose, up to the last choice that is not the simplest.
    made: Arc<Mutex<Vec<usize>>>,
}

#[derive(Debug, Clone)]
enum Source {
    Drawn(Seeded),
    Given(Replay),
}

impl Default for Source {
    fn default() -> Source {
        Source::Given(Replay::default())
    }
}

impl Tape {
    fn drawn(seed: u64) -> Tape {
        Tape {
            source: Source::Drawn(Seeded::new(seed)),
            ..Tape::default()
        }
    }

    /// A tape of these choices, which goes on with zeros.
    #[must_use]
    pub fn given(choices: Vec<usize>) -> Tape {
        Tape {
            source: Source::Given(Replay::new(choices)),
            ..Tape::default()
        }
    }

    /// The choices from the beginning.
    #[must_use]
    pub fn play(&self) -> Playing {
        Playing {
            source: self.source.clone(),
            chosen: Vec::new(),
            made: Arc::clone(&self.made),
        }
    }

    /// What was chosen when it was last played to the end, without zeros at the end.
    #[must_use]
    pub fn choices(&self) -> Vec<usize> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.clone()
    }
}

/// A tape that is being played; once dropped, the tape knows what was chosen.
#[derive(Debug)]
pub struct Playing {
    source: Source,
    chosen: Vec<usize>,
    made: Arc<Mutex<Vec<usize>>>,
}

impl Choose for Playing {
    fn below(&mut self, bound: usize) -> usize {
        if bound < 2 {
            return 0;
        }
        let choice = match &mut self.source {
            Source::Drawn(seeded) => seeded.below(bound),
            Source::Given(replay) => replay.below(bound),
        };
        self.chosen.push(choice);
        choice
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        let used = self.chosen.iter().rposition(|choice| *choice != 0);
        self.chosen.truncate(used.map_or(0, |last| last + 1));
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        *made = std::mem::take(&mut self.chosen);
    }
}

/// The simpler choices that are still to be tried.
#[derive(Debug, Clone)]
pub struct Shrinking {
    current: Tape,
    /// The simplest choices known to fail; `None` before the first failure.
    best: Option<Vec<usize>>,
    pass: Pass,
    at: usize,
    /// True if this round made something simpler: then there is another one.
    has_gained: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Leave so many choices out.
    Cut(usize),
    /// Make so many choices the simplest.
    Zero(usize),
    /// Halve one.
    Halve,
    /// Lower one by one.
    Lower,
    Over,
}

impl Pass {
    fn first(length: usize) -> Pass {
        Pass::Cut(length.next_power_of_two())
    }

    fn next(self, length: usize) -> Pass {
        match self {
            Pass::Cut(0 | 1) => Pass::Zero(length.next_power_of_two()),
            Pass::Cut(size) => Pass::Cut(size / 2),
            Pass::Zero(0 | 1) => Pass::Halve,
            Pass::Zero(size) => Pass::Zero(size / 2),
            Pass::Halve => Pass::Lower,
            Pass::Lower | Pass::Over => Pass::Over,
        }
    }

    /// The choices made simpler at a place; `None` if they are as simple as that already.
    fn simpler(self, choices: &[usize], at: usize) -> Option<Vec<usize>> {
        let mut simpler = choices.to_vec();
        match self {
            Pass::Cut(size) => {
                simpler.drain(at..(at + size).min(choices.len()));
            }
            Pass::Zero(size) => simpler
                .iter_mut()
                .skip(at)
                .take(size)
                .for_each(|it| *it = 0),
            Pass::Halve => simpler.iter_mut().skip(at).take(1).for_each(|it| *it /= 2),
            Pass::Lower => {
                let mut one = simpler.iter_mut().skip(at).take(1);
                one.by_ref().for_each(|it| *it = it.saturating_sub(1));
            }
            Pass::Over => {}
        }
        (simpler != choices).then_some(simpler)
    }

    fn step(self) -> usize {
        match self {
            Pass::Cut(size) | Pass::Zero(size) => size.max(1),
            _ => 1,
        }
    }
}

impl Shrinking {
    fn new(current: Tape) -> Shrinking {
        Shrinking {
            current,
            best: None,
            pass: Pass::Over,
            at: 0,
            has_gained: false,
        }
    }

    /// Turns to the next simpler choices; back to the simplest that fail if there are none.
    fn propose(&mut self) -> bool {
        let best = self.best.clone().unwrap_or_default();
        loop {
            if self.at >= best.len() {
                self.at = 0;
                self.pass = self.pass.next(best.len());
            }
            if self.pass == Pass::Over {
                if !std::mem::take(&mut self.has_gained) {
                    // It can say what it holds, though nobody plays it.
                    self.current = Tape {
                        made: Arc::new(Mutex::new(best.clone())),
                        ..Tape::given(best)
                    };
                    return false;
                }
                self.pass = Pass::first(best.len());
            }
            if best.is_empty() {
                self.pass = Pass::Over;
                continue;
            }
            if let Some(simpler) = self.pass.simpler(&best, self.at) {
                self.current = Tape::given(simpler);
                return true;
            }
            self.at += self.pass.step();
        }
    }
}

impl ValueTree for Shrinking {
    type Value = Tape;

    fn current(&self) -> Tape {
        self.current.clone()
    }

    fn simplify(&mut self) -> bool {
        let made = self.current.choices();
        let length = made.len();
        if self.best.replace(made).is_none() {
            self.pass = Pass::first(length);
        } else {
            self.has_gained = true;
        }
        self.propose()
    }

    fn complicate(&mut self) -> bool {
        self.at += self.pass.step();
        self.propose()
    }
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::{Config, TestError};

    use super::*;

    /// The choices that a failing property is left with.
    fn smallest(fails: impl Fn(&mut Playing) -> bool) -> Vec<usize> {
        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        let tried = TestRunner::new_with_rng(
            config,
            proptest::test_runner::TestRng::deterministic_rng(
                proptest::test_runner::RngAlgorithm::ChaCha,
            ),
        )
        .run(&any_choices(), |tape| {
            let fails = fails(&mut tape.play());
            proptest::prop_assert!(!fails);
            Ok(())
        });
        match tried {
            Err(TestError::Fail(_, tape)) => tape.choices(),
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn choices_that_do_not_matter_go() {
        let list = |choices: &mut Playing| {
            let mut list = Vec::new();
            while choices.below(30) != 0 {
                list.push(choices.below(1000));
            }
            list
        };
        let made = smallest(|choices| list(choices).iter().any(|number| *number > 700));
        assert_eq!(made, [1, 701]);
        let made = smallest(|choices| list(choices).iter().sum::<usize>() > 1500);
        assert_eq!(
            made.iter().skip(1).step_by(2).sum::<usize>(),
            1501,
            "{made:?}"
        );
    }

    #[test]
    fn what_always_fails_needs_no_choices() {
        let made = smallest(|choices| choices.below(1000) < 1000);
        assert!(made.is_empty(), "{made:?}");
    }

    #[test]
    fn a_tape_plays_the_same_each_time() {
        let tape = Tape::drawn(9);
        let played = || -> Vec<usize> {
            let mut playing = tape.play();
            (0..50).map(|_| playing.below(7)).collect()
        };
        assert_eq!(played(), played());
        let again = Tape::given(tape.choices());
        let mut playing = again.play();
        let repeated: Vec<usize> = (0..50).map(|_| playing.below(7)).collect();
        assert_eq!(repeated, played());
    }
}
