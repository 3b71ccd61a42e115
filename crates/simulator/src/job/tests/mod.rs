//! Jobs as a whole, against snapshots written here.

mod blocks;
mod expansion;
mod labeling;
mod personalize;
mod properties;
mod templates;
mod world;
