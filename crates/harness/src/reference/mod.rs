//! The reference evaluator: slow and plain, written from the rules alone, to be compared with the engine.
//!
//! It refuses to know how the engine decides: beside the policy model, the tables of the catalogue and the public data of
//! a snapshot and a request it shares no code with it. A reader should be able to lay a rule beside each function.

mod language;
mod value;
