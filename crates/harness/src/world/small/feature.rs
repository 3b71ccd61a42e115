//! Features of a world, of which only some may be out of the plain.

use crate::choose::Choose;

/// One feature of a world or a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Feature {
    /// What it is about.
    pub name: &'static str,
    /// Which of its values it has.
    pub value: &'static str,
}

/// Picks features, and counts how many may still be out of the plain.
pub(super) struct Picker<'c, C> {
    choices: &'c mut C,
    left: usize,
    pub(super) features: Vec<Feature>,
}

impl<'c, C: Choose> Picker<'c, C> {
    pub(super) fn new(choices: &'c mut C, strength: usize) -> Picker<'c, C> {
        Picker {
            choices,
            left: strength,
            features: Vec::new(),
        }
    }

    /// A value, of which the first is the plain one; any other uses up one feature that may differ.
    pub(super) fn pick(&mut self, name: &'static str, values: &[&'static str]) -> &'static str {
        let bound = if self.left == 0 { 1 } else { values.len() };
        let at = self.choices.below(bound);
        self.left -= usize::from(at > 0);
        self.keep(name, values.get(at).copied().unwrap_or_default())
    }

    /// Uses up one feature that may differ.
    pub(super) fn spend(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    /// A number below the bound, at no cost.
    pub(super) fn free(&mut self, bound: usize) -> usize {
        self.choices.below(bound)
    }

    /// Notes a feature.
    pub(super) fn keep(&mut self, name: &'static str, value: &'static str) -> &'static str {
        self.features.push(Feature { name, value });
        value
    }
}
