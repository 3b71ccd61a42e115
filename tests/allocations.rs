//! How much memory a decision asks for: counted by an allocator of this test alone.

#![cfg(test)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use preclear_model::caller::Caller;
use preclear_simulator::{Ask, ContextMode, ContextValue, Engine, Request, Snapshot};

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

/// How often the second run of something asks for memory: the first one may fill what is kept.
fn allocations_of_second<T>(run: impl Fn() -> T) -> u64 {
    std::hint::black_box(run());
    let before = COUNT.get();
    std::hint::black_box(run());
    COUNT.get() - before
}

#[test]
fn the_allocator_counts() {
    assert_eq!(allocations_of_second(|| ()), 0);
    assert_eq!(allocations_of_second(|| Box::new(1)), 1);
    assert!(allocations_of_second(|| vec![String::from("a"), String::from("b")]) >= 3);
}

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn request(caller: &str, action: &str, resource: &str) -> Request {
    let caller = Caller::parse(caller).expect("a caller");
    let mut request = Request::new(caller, Ask::Action(action.to_owned()));
    request.resource = Some(resource.to_owned());
    request.now = Some("2026-01-01T00:00:00Z".to_owned());
    request
}

fn requests() -> Vec<(&'static str, Request)> {
    const USER: &str = "arn:aws:iam::111122223333:user/ana";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/R/s";
    let mut with_context = request(USER, "s3:GetObject", "arn:aws:s3:::b/x");
    let address = ContextValue::One("203.0.113.7".to_owned());
    with_context
        .context
        .insert("aws:SourceIp".to_owned(), address);
    let mut closed = request(SESSION, "kms:Decrypt", KEY);
    closed.mode = ContextMode::Closed;
    vec![
        (
            "user, object",
            request(USER, "s3:GetObject", "arn:aws:s3:::b/x"),
        ),
        ("user, object, with an address", with_context),
        ("session, key", request(SESSION, "kms:Decrypt", KEY)),
        ("session, key, closed", closed),
        (
            "service, topic",
            request(
                "sns.amazonaws.com",
                "sqs:SendMessage",
                "arn:aws:sqs:us-east-1:111122223333:q",
            ),
        ),
    ]
}

/// What is left to do, by kind of request.
#[expect(
    clippy::print_stderr,
    reason = "the figures are for readers of a test that does not judge them yet"
)]
#[test]
fn decisions_are_counted() {
    let engine = Engine::compile(Snapshot {
        complete: true,
        ..Snapshot::default()
    });
    for (kind, request) in requests() {
        let count = allocations_of_second(|| engine.decide(&request));
        eprintln!("{kind}: {count} allocations");
    }
}
