//! One decision, from a typed request: context, all layers, paths, verdict. Beside it the same of another evaluator.

mod evaluator;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use evaluator::Evaluator;
use preclear_benches::worlds::{self, World};
use preclear_simulator::Detail;

fn decide(criterion: &mut Criterion, shape: &str, world: &World) {
    let (engine, other) = (world.engine(), Evaluator::new(&world.document));
    let mut group = criterion.benchmark_group(format!("decide/{shape}"));
    group.throughput(Throughput::Elements(1));
    for (number, request) in world.requests.iter().enumerate() {
        let name = format!("{number}, {}", engine.decide(request).name());
        group.bench_function(format!("preclear/{name}"), |bencher| {
            bencher.iter(|| engine.decide(black_box(request)));
        });
        group.bench_function(format!("preclear, explained/{name}"), |bencher| {
            bencher.iter(|| engine.explain(black_box(request), Detail::Reasons));
        });
        let Some(question) = other.question(&world.asked[number]) else {
            continue;
        };
        group.bench_function(format!("iam-rs, joined by hand/{name}"), |bencher| {
            bencher.iter(|| other.decide(black_box(&question)));
        });
        group.bench_function(format!("iam-rs, the role's policies alone/{name}"), |b| {
            b.iter(|| other.of_identity(black_box(&question)));
        });
    }
    group.finish();
}

fn shapes(criterion: &mut Criterion) {
    decide(criterion, "1x1", &worlds::one_by_one());
    decide(criterion, "10x5+key+scp", &worlds::all_layers());
    decide(criterion, "1000x10", &worlds::many(1000, 10));
}

criterion_group!(benches, shapes);
criterion_main!(benches);
