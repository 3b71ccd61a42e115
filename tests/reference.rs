//! Every request of every conformance case, put to the reference evaluator. What that is: `docs/proof.md`.

use std::sync::atomic::{AtomicUsize, Ordering};

use preclear_harness::reference;
use preclear_inputs::Options;
use preclear_inputs::test_file::{self, Question};
use preclear_tests::disk::Disk;
use preclear_tests::{Case, cases};

/// All requests in a release build; some in a debug build, which is slow.
#[test]
fn the_reference_answers_as_cases_expect() {
    let cases = cases().unwrap();
    let (asked, next) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let found: Vec<String> = std::thread::scope(|scope| {
        let work = || {
            let mut found = Vec::new();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                found.extend(differences(case, &asked));
            }
            found
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let workers = workers.into_iter();
        workers.flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
    let asked = asked.into_inner();
    assert!(asked > 20_000, "only {asked} requests were found");
}

/// What the reference answers otherwise than one case expects.
fn differences(case: &Case, counted: &AtomicUsize) -> Vec<String> {
    let Ok(file) = test_file::read(&case.path, &Disk, &Options::default()) else {
        return Vec::new();
    };
    // A refused snapshot has no answers.
    let Ok(snapshot) = file.value.snapshot else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for test in file.value.tests {
        let Question::Request { request, expect } = test.question else {
            continue;
        };
        let (Ok(request), Some(expected)) = (*request, expect.verdict) else {
            continue;
        };
        let number = counted.fetch_add(1, Ordering::Relaxed);
        if cfg!(debug_assertions) && !number.is_multiple_of(3) {
            continue;
        }
        let answer = reference::decide(&snapshot.value, &request);
        if expected.accepts(answer.verdict) {
            continue;
        }
        found.push(format!(
            "{}, {}: {} expected, {} answered",
            case.name,
            test.name,
            expected.name(),
            answer.verdict
        ));
    }
    found
}
