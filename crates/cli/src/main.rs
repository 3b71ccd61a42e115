//! The `preclear` program.

fn main() {}
