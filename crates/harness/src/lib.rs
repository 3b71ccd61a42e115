//! Generators, oracles and properties for testing policies and the engine itself.
