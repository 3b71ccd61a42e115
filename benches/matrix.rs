//! A matrix of a hundred callers, sixty actions and ten thousand keys: sixty million cells.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use preclear_benches::worlds::{Fleet, fleet};
use preclear_simulator::{Axes, Matrix, Verdict};

fn matrix(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("matrix");
    group.sample_size(10);
    for (name, are_alike) in [("teams", true), ("own policies", false)] {
        let fleet = fleet(10_000, are_alike);
        let matrix = fleet.engine.matrix(&fleet.axes());
        let [callers, actions, keys] = matrix.classes();
        let name = format!("{name}, {callers} x {actions} x {keys} classes");
        // Of one caller and action there is little to decide: what is left is the search for classes.
        let axes = Axes {
            callers: &fleet.callers[..1],
            actions: &fleet.actions[..1],
            ..fleet.axes()
        };
        group.bench_function(format!("{name}/one row"), |bencher| {
            bencher.iter(|| fleet.engine.matrix(black_box(&axes)));
        });
        group.throughput(Throughput::Elements(matrix.len()));
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().expect("threads can be started");
            group.bench_function(format!("{name}/decide/{threads}"), |bencher| {
                bencher.iter(|| pool.install(|| fleet.engine.matrix(black_box(&fleet.axes()))));
            });
        }
        group.bench_function(format!("{name}/count"), |bencher| {
            bencher.iter(|| black_box(&matrix).count(Verdict::Allow));
        });
        group.bench_function(format!("{name}/look at every cell"), |bencher| {
            bencher.iter(|| looked_at(black_box(&matrix), &fleet));
        });
    }
    group.finish();
}

/// How many cells are allowed, cell by cell.
fn looked_at(matrix: &Matrix, fleet: &Fleet) -> usize {
    let rows = (0..fleet.callers.len())
        .flat_map(|caller| (0..fleet.actions.len()).map(move |action| (caller, action)));
    let counts = rows.map(|(caller, action)| {
        let row = matrix.row(caller, action);
        row.filter(|verdict| *verdict == Verdict::Allow).count()
    });
    counts.sum()
}

criterion_group!(benches, matrix);
criterion_main!(benches);
