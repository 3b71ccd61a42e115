//! Every file below `cases` through `preclear test`, each as a test of its own: `cargo test --test conformance jobs/`.

use std::ffi::OsString;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use preclear_tests::{Case, cases, run};

fn main() -> std::io::Result<ExitCode> {
    let arguments = Arguments::from_args();
    let cases = cases()?;
    let mut trials = vec![Trial::test("there_are_cases", {
        let count = cases.len();
        move || {
            if count > 100 {
                Ok(())
            } else {
                Err(format!("only {count} cases were found").into())
            }
        }
    })];
    trials.extend(
        cases
            .into_iter()
            .map(|case| Trial::test(case.name.clone(), move || check(&case))),
    );
    Ok(libtest_mimic::run(&arguments, trials).exit_code())
}

/// Holds if every expectation of the file does, and there is at least one.
fn check(case: &Case) -> Result<(), Failed> {
    let args = [
        OsString::from("preclear"),
        "test".into(),
        case.path.clone().into(),
    ];
    let ran = run(&args);
    let holds = ran.code == preclear::ExitCode::Success
        && !ran.stdout.contains(" 0 tests")
        && ran.stdout.contains(" passed");
    if holds {
        Ok(())
    } else {
        Err(format!("{}{}", ran.stdout, ran.stderr).into())
    }
}
