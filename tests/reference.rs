//! Every request of every conformance case, put to the reference evaluator. What that is: `docs/proof.md`.

use std::sync::atomic::{AtomicUsize, Ordering};

use preclear_harness::reference;
use preclear_inputs::Options;
use preclear_inputs::test_file::{self, Question};
use preclear_tests::disk::Disk;
use preclear_tests::{Case, cases};

/// Where the reference reads a rule otherwise than a case, and why: case, how the names of its tests start, reason. Each must
/// still be needed.
const READ_OTHERWISE: [(&str, &str, &str); 4] = [
    (
        "iam-language/cond-arn-fields",
        "negated, value no ARN",
        "IAM-COND-25 has a value that is no ARN match nothing, so that it is no bad value of AMB-9",
    ),
    (
        "iam-language/cond-set-operators",
        "ForAllValues:ArnNotLike",
        "the same, value by value",
    ),
    (
        "iam-language/var-substitution",
        "arn inserted colon",
        "IAM-VAR-5 and IAM-COND-25 do not say whether an operand is split before or after its variables are replaced",
    ),
    (
        "iam-tri/TRI-5",
        "present: NotResource that no value fits applies",
        "the value may be empty, and then counts as missing (AMB-6), which may exempt everything (AMB-5)",
    ),
];

/// A test that expects something else than the reference answers.
struct Different {
    case: String,
    test: String,
    told: String,
}

impl Different {
    /// The place of the line of [`READ_OTHERWISE`] that speaks of it.
    fn reason(&self) -> Option<usize> {
        let is_meant = |(case, test, _): &(&str, &str, &str)| {
            self.case == *case && self.test.starts_with(test)
        };
        READ_OTHERWISE.iter().position(is_meant)
    }
}

/// All requests in a release build; some in a debug build, which is slow, and all of cases that are read otherwise.
#[test]
fn the_reference_answers_as_cases_expect() {
    let cases = cases().unwrap();
    let (asked, next) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let found: Vec<Different> = std::thread::scope(|scope| {
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
    let unexpected = found.iter().filter(|found| found.reason().is_none());
    let unexpected: Vec<&str> = unexpected.map(|found| found.told.as_str()).collect();
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    for (place, (case, test, _)) in READ_OTHERWISE.iter().enumerate() {
        let is_needed = found.iter().any(|found| found.reason() == Some(place));
        assert!(is_needed, "{case}, {test}: the answer is the expected one");
    }
    let asked = asked.into_inner();
    assert!(asked > 20_000, "only {asked} requests were found");
}

/// What the reference answers otherwise than one case expects.
fn differences(case: &Case, counted: &AtomicUsize) -> Vec<Different> {
    let Ok(file) = test_file::read(&case.path, &Disk, &Options::default()) else {
        return Vec::new();
    };
    // A refused snapshot has no answers.
    let Ok(snapshot) = file.value.snapshot else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let is_read_otherwise = READ_OTHERWISE.iter().any(|(name, _, _)| case.name == *name);
    for test in file.value.tests {
        let Question::Request { request, expect } = test.question else {
            continue;
        };
        let (Ok(request), Some(expected)) = (*request, expect.verdict) else {
            continue;
        };
        let number = counted.fetch_add(1, Ordering::Relaxed);
        if cfg!(debug_assertions) && !is_read_otherwise && !number.is_multiple_of(3) {
            continue;
        }
        let answer = reference::decide(&snapshot.value, &request);
        if expected.accepts(answer.verdict) {
            continue;
        }
        let told = format!(
            "{}, {}: {} expected, {} answered",
            case.name,
            test.name,
            expected.name(),
            answer.verdict
        );
        found.push(Different {
            case: case.name.clone(),
            test: test.name,
            told,
        });
    }
    found
}
