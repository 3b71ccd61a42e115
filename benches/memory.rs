//! What a compiled engine takes in memory beside the text of its patterns: bytes asked of the allocator, so the same on every
//! machine.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use preclear_benches::worlds::{self, World};
use preclear_simulator::Engine;
use serde_json::Value;

/// The system's allocator, which counts the bytes that are taken and not given back.
struct Counting;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

#[expect(
    unsafe_code,
    reason = "only an allocator can count bytes; it passes every call on as it is"
)]
// SAFETY: every call goes to the system's allocator with the arguments that it came with; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        TAKEN.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that are held longer than the work takes.
fn held<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = TAKEN.load(Ordering::Relaxed);
    let made = work();
    (made, TAKEN.load(Ordering::Relaxed).saturating_sub(before))
}

/// Patterns and texts that statements compare with something, and their bytes.
#[derive(Debug, Default)]
struct Patterns {
    count: usize,
    bytes: usize,
}

impl Patterns {
    fn find(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.find(item)),
            Value::Object(members) if members.contains_key("Effect") => {
                let compared = members.iter().filter(|(name, _)| *name != "Effect");
                compared.for_each(|(_, value)| self.add(value));
            }
            Value::Object(members) => members.values().for_each(|value| self.find(value)),
            _ => {}
        }
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                self.count += 1;
                self.bytes += text.len();
            }
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            Value::Object(members) => members.values().for_each(|value| self.add(value)),
            _ => {}
        }
    }

    /// Bytes that a compiled engine should take at most.
    fn aim(&self) -> usize {
        2 * self.bytes + 16 * self.count
    }
}

#[expect(clippy::print_stdout, reason = "a table is what this program is for")]
fn measure(name: &str, world: &World) {
    let mut patterns = Patterns::default();
    patterns.find(&world.document);
    // The typed policies are shared with the world, and so are not counted.
    let snapshot = world.snapshot.clone();
    let (engine, compiled) = held(|| Engine::compile(snapshot));
    // An engine that cannot answer would be small.
    let verdict = engine.decide(&world.requests[0]);
    println!(
        "{name:<14} {:>9} {:>11} {:>11} {compiled:>11} {:>6.1} {}",
        patterns.count,
        patterns.bytes,
        patterns.aim(),
        compiled as f64 / patterns.aim() as f64,
        verdict.name(),
    );
}

#[expect(clippy::print_stdout, reason = "a table is what this program is for")]
fn main() {
    println!("statements      patterns  their text         aim    compiled  ratio");
    let sizes = match std::env::args().any(|argument| argument == "--test") {
        true => &[10][..],
        false => &[10, 100, 1000, 10_000],
    };
    for policies in sizes {
        measure(&format!("{}", policies * 10), &worlds::many(*policies, 10));
    }
    measure("sample 100 kB", &worlds::sampled(100_000));
    measure("all layers", &worlds::all_layers());
}
