//! What grows with the number of statements: one decision, and compiling. And what hostile patterns make of a decision.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use preclear_benches::worlds;
use preclear_simulator::Engine;

/// Policies of ten statements each. Ten of all statements speak of the resource, however many there are.
const POLICIES: [usize; 4] = [10, 100, 1000, 10_000];

fn growth(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("growth");
    group.sample_size(10);
    for policies in POLICIES {
        let world = worlds::many(policies, 10);
        let (statements, engine) = (policies * 10, world.engine());
        for request in &world.requests {
            let verdict = engine.decide(request).name();
            group.bench_function(format!("decide/{statements}/{verdict}"), |bencher| {
                bencher.iter(|| engine.decide(black_box(request)));
            });
        }
        group.bench_function(format!("compile/{statements}"), |bencher| {
            let snapshot = || world.snapshot.clone();
            bencher.iter_batched(snapshot, Engine::compile, BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn hostile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hostile");
    group.sample_size(10);
    for patterns in [100, 1000, 10_000] {
        let world = worlds::hostile(patterns);
        let engine = world.engine();
        group.throughput(Throughput::Elements(patterns as u64));
        group.bench_function(format!("decide/{patterns}"), |bencher| {
            bencher.iter(|| engine.decide(black_box(&world.requests[0])));
        });
    }
    group.finish();
}

criterion_group!(benches, growth, hostile);
criterion_main!(benches);
