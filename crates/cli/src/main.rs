//! The `preclear` program.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    preclear::main()
}
