//! Jobs as a whole, against snapshots written here.

mod additions;
mod advice;
mod blocks;
mod expansion;
mod labeling;
mod narrow;
mod personalize;
mod properties;
mod rows;
mod templates;
mod unlisted;
mod world;
