//! How much memory a decision asks for: counted by an allocator of this test alone.

#![cfg(test)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use preclear_inputs::Options;
use preclear_inputs::test_file::{self, Question};
use preclear_simulator::{Ask, Detail, Engine, Explanation, Request, Verdict};
use preclear_tests::cases;
use preclear_tests::disk::Disk;

/// The system's allocator, which counts for each thread.
struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that ends may free and take memory after its own variables are gone.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

#[expect(
    unsafe_code,
    reason = "only an allocator can count allocations; it passes every call on as it is"
)]
// SAFETY: every call goes to the system's allocator with the arguments that it came with; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often something asks for memory once it has run: the first runs may fill what is kept.
fn allocations_when_warm<T>(run: impl Fn() -> T) -> u64 {
    for _ in 0..4 {
        std::hint::black_box(run());
    }
    let before = COUNT.get();
    std::hint::black_box(run());
    COUNT.get() - before
}

#[test]
fn the_allocator_counts() {
    assert_eq!(allocations_when_warm(|| ()), 0);
    assert_eq!(allocations_when_warm(|| Box::new(1)), 1);
    assert!(allocations_when_warm(|| vec![String::from("a"), String::from("b")]) >= 3);
}

/// Why a decision may ask for memory, if it may.
fn reason(request: &Request, answer: &Explanation, has_variables: bool) -> Option<&'static str> {
    let has_session = request.session_policies.iter().flatten().next().is_some();
    match (&request.ask, answer.verdict) {
        (Ask::Operation(_), _) => Some("an operation"),
        (_, Verdict::Invalid) => Some("invalid"),
        _ if has_session => Some("session policies"),
        _ if !request.like.is_empty() => Some("patterns for values"),
        (_, Verdict::Depends) => Some("an open answer, tried case by case"),
        _ if !answer.refined.is_empty() => Some("found case by case"),
        _ if has_variables && !request.present.is_empty() => {
            Some("a value that is not told, against a text with variables")
        }
        _ if is_warned_of(answer, "VARIABLE_IN_BOOL") => Some("a variable in an operand of `Bool`"),
        _ => None,
    }
}

fn is_warned_of(answer: &Explanation, code: &str) -> bool {
    answer.warnings.iter().any(|warning| warning.code == code)
}

/// The requests of every case: what is decided needs no memory but where it is said why.
#[test]
fn decisions_of_the_cases_allocate_nothing() {
    let mut decided = 0;
    let mut wrong = Vec::new();
    for (number, case) in cases().unwrap().iter().enumerate() {
        if cfg!(debug_assertions) && !number.is_multiple_of(4) {
            continue;
        }
        let Ok(file) = test_file::read(&case.path, &Disk, &Options::default()) else {
            continue;
        };
        // A refused snapshot has no answers.
        let Ok(snapshot) = file.value.snapshot else {
            continue;
        };
        let engine = Engine::compile(snapshot.value);
        let text = std::fs::read_to_string(&case.path).unwrap();
        let has_variables = text.contains("${");
        for test in file.value.tests {
            let Question::Request { request, .. } = test.question else {
                continue;
            };
            let Ok(request) = *request else { continue };
            let answer = engine.explain(&request, Detail::Reasons);
            if reason(&request, &answer, has_variables).is_some() {
                continue;
            }
            decided += 1;
            let count = allocations_when_warm(|| engine.decide(&request));
            if count > 0 {
                wrong.push(format!("{}, {}: {count}", case.name, test.name));
            }
        }
    }
    assert!(decided > 3_000, "only {decided} decisions were made");
    let first = wrong.iter().take(40).map(String::as_str);
    let first: Vec<&str> = first.collect();
    assert!(
        wrong.is_empty(),
        "{} of {decided} decisions allocate:\n{}",
        wrong.len(),
        first.join("\n")
    );
}
