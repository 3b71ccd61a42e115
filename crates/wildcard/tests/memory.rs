//! What patterns take of memory.
#![expect(unsafe_code, reason = "measuring memory needs an allocator of our own")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use preclear_wildcard::Pattern;

struct Counting;

thread_local! {
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.set(BYTES.get().wrapping_add(layout.size()));
        // SAFETY: the caller keeps `alloc`'s contract, which is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.set(BYTES.get().wrapping_sub(layout.size()));
        // SAFETY: the pointer came from `alloc` above, so from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a pattern takes that outlives its making, itself included.
fn bytes(pattern: &str) -> usize {
    let before = BYTES.get();
    let pattern = Pattern::parse(pattern);
    let heap = BYTES.get().wrapping_sub(before);
    drop(pattern);
    heap + size_of::<Pattern>()
}

/// At most twice the text and two words.
#[track_caller]
fn check(pattern: &str) {
    let (bytes, allowed) = (bytes(pattern), 2 * pattern.len() + 16);
    assert!(
        bytes <= allowed,
        "`{pattern:.80}`, {} bytes of text, takes {bytes}",
        pattern.len()
    );
}

#[test]
fn no_pattern_takes_more_than_twice_its_text_and_two_words() {
    assert_eq!(bytes("abc"), 16 + 1 + 3);
    common::texts("a*?é", 7)
        .iter()
        .for_each(|pattern| check(pattern));
    for length in [60, 63, 64, 127, 128, 129, 5000, 20_000] {
        for piece in ["a", "?", "a?", "a*", "?*", "a?a*", "é?b*??", "ab*"] {
            let long = piece.repeat(length);
            for pattern in [
                long.clone(),
                format!("*{long}*"),
                format!("x*{long}*{long}*y"),
            ] {
                check(&pattern);
            }
        }
    }
}

/// Patterns as they are written: little more than their own text.
#[test]
fn ordinary_patterns_take_little_more_than_their_text() {
    for (pattern, heap) in [
        ("arn:aws:s3:::bucket/*", 21),
        ("*.parquet", 9),
        ("arn:aws:s3:::*/x", 17),
        // The shape, the two ends and each inner part with a length before it.
        (
            "arn:aws:*:*:111122223333:*/*-*",
            1 + (1 + 8) + 1 + (1 + 1) + (1 + 14) + (1 + 1) + (1 + 1),
        ),
        ("arn:aws:kms:eu-????-?:*:key/*", 1 + (1 + 22) + 1 + (1 + 5)),
    ] {
        assert_eq!(bytes(pattern) - 16, heap, "`{pattern}`");
    }
}
