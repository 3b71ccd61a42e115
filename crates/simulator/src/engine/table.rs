//! Tables that are looked up in every decision.

use std::collections::HashMap;

/// A table by names that come from outside. The hash is keyed at random, so that nobody can choose names that collide; names
/// are compared in full, and nothing is ever told in the order of the table.
pub(crate) type NameTable<K, V> = HashMap<K, V, ahash::RandomState>;
