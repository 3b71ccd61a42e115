//! The small family: worlds so small that every one of them is looked at.
//!
//! Two accounts of an organisation, one key and one bucket in the first of them, and one or two statements in any of the
//! places where policies stand. All places and effects of the statements are combined; besides, up to [`STRENGTH`] features
//! differ from the plain world, in which everyone of the first account may do everything. Two statements in two places are one
//! such difference. So every pair of features meets, within a statement and across statements, and one of any kind over every
//! pair of places; and each world is asked everything that there is to ask.
//!
//! What the features are is taken from the rules; what the right answers are is not known here.

mod feature;
mod question;
mod snapshot;
mod statement;

use serde_json::Value;

pub use self::feature::Feature;
use self::feature::Picker;
pub use self::question::Question;
use self::statement::Statement;
use crate::choose::Choose;

/// How many features of a world may differ from the plain one.
pub const STRENGTH: usize = 2;

/// A world of the family.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// A snapshot file.
    pub snapshot: Value,
    /// What the world is made of.
    pub features: Vec<Feature>,
    statements: Vec<Statement>,
}

/// A world with up to `strength` features that are not plain.
///
/// ```
/// use preclear_harness::choose::Exhaustive;
/// use preclear_harness::world::small;
///
/// let worlds = Exhaustive::new().values(|choices| small::world(choices, 0));
/// let questions = worlds.map(|world| {
///     Exhaustive::new().values(|choices| world.question(choices)).count()
/// });
/// // Every pair of places, and every question.
/// assert_eq!(questions.sum::<usize>(), 104 * 20);
/// ```
pub fn world(choices: &mut impl Choose, strength: usize) -> World {
    let mut picker = Picker::new(choices, strength);
    let statements = statement::statements(&mut picker);
    let snapshot = snapshot::snapshot(&mut picker, &statements);
    World {
        snapshot,
        features: picker.features,
        statements,
    }
}

impl World {
    /// A question about the world. All of them are free of the strength: each is asked of every world.
    pub fn question(&self, choices: &mut impl Choose) -> Question {
        question::question(choices, &self.statements)
    }
}
