//! The `preclear` program, built for the benchmarks of this package.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    preclear::main()
}
