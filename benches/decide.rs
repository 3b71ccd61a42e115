//! One decision, from a typed request: context, all layers, paths, verdict.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use preclear_benches::worlds::{self, World};

fn decide(criterion: &mut Criterion, name: &str, world: &World) {
    let engine = world.engine();
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(1));
    for (number, request) in world.requests.iter().enumerate() {
        let verdict = engine.decide(request);
        group.bench_function(format!("{name}/{number}/{}", verdict.name()), |bencher| {
            bencher.iter(|| engine.decide(black_box(request)));
        });
    }
    group.finish();
}

fn shapes(criterion: &mut Criterion) {
    decide(criterion, "1x1", &worlds::one_by_one());
    decide(criterion, "10x5+key+scp", &worlds::all_layers());
    decide(criterion, "1000x10", &worlds::many(1000, 10));
}

fn growth(criterion: &mut Criterion) {
    for policies in [10, 100, 1000, 10_000] {
        decide(
            criterion,
            &format!("{policies}x10"),
            &worlds::many(policies, 10),
        );
    }
}

criterion_group!(benches, shapes, growth);
criterion_main!(benches);
