//! Condition blocks and variables from the outside: the rules' own tables, each ambiguity in each mode, warnings,
//! and properties.

#![cfg(test)]

mod ambiguities;
mod context;
mod likeness;
mod operators;
mod properties;
mod tables;
mod variables;
mod warnings;
