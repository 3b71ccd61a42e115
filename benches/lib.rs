//! What the benchmarks share.

#[cfg(test)]
mod peers;
