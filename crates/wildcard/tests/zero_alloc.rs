//! Matching allocates nothing, whatever the pattern.
#![expect(
    unsafe_code,
    reason = "counting allocations needs an allocator of our own"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use preclear_wildcard::{FieldPattern, Pattern, SlotValue, Token};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps `alloc`'s contract, which is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` above, so from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a question answers, and what it allocated.
fn count(question: impl FnOnce() -> bool) -> (bool, usize) {
    let before = ALLOCATIONS.get();
    let answer = question();
    (answer, ALLOCATIONS.get() - before)
}

#[test]
fn allocations_are_seen() {
    assert_eq!(count(|| !String::from("a").is_empty()), (true, 1));
}

#[test]
fn patterns_allocate_nothing() {
    let long = format!("x*{}?{}*y", "ab".repeat(100), "ba".repeat(100));
    let text = format!("x{}ab{}y", "ab".repeat(9000), "ba".repeat(9000));
    for written in [
        "*",
        "x*",
        "*y",
        "x*y",
        "x*a*b*y",
        "*a?a*",
        "*?*?",
        "x?b*b?y",
        &long,
        &long.replace('y', "z"),
    ] {
        let pattern = Pattern::parse(written);
        let (answer, allocations) = count(|| pattern.is_match(&text));
        assert_eq!(allocations, 0, "`{written}`");
        assert_eq!(answer, !written.ends_with('z'), "`{written}`");
    }
}

#[test]
fn slots_and_fields_allocate_nothing() {
    let slots = [SlotValue::Text("ana"), SlotValue::Anything];
    let tokens = [
        Token::Text("a:b*:"),
        Token::AnyRun,
        Token::Slot(1),
        Token::Text("/"),
        Token::Slot(0),
        Token::AnyOne,
    ];
    let pattern = Pattern::from_tokens(tokens);
    assert_eq!(
        count(|| pattern.is_match_with("a:b*:x/y/anas", &slots)),
        (true, 0)
    );
    let fields = FieldPattern::from_tokens(tokens, ':', 3).unwrap();
    assert_eq!(
        count(|| fields.is_match_with("a:b*:x/y/anas", &slots)),
        (true, 0)
    );
    assert_eq!(
        count(|| fields.is_match_spilling_with("a:b*:c:x/y/anas", &slots)),
        (true, 0)
    );
    let spilling = FieldPattern::parse("a*:b:*", ':', 3).unwrap();
    assert_eq!(
        count(|| spilling.is_match_spilling_with("a:x:y:b:c", &slots)),
        (true, 0)
    );
}
