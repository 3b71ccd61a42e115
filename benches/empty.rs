//! A program that does nothing: what starting any program costs.

#![forbid(unsafe_code)]

fn main() {}
