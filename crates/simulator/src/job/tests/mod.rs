//! Jobs as a whole, against snapshots written here.

mod additions;
mod advice;
mod blocks;
mod expansion;
mod labeling;
mod narrow;
mod personalize;
mod properties;
mod templates;
mod unlisted;
mod world;
