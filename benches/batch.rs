//! Many requests at once, from memory and from lines of JSON, on one thread and on two.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use preclear_benches::worlds::{Fleet, fleet};
use preclear_inputs::files::MemoryFiles;
use preclear_inputs::{LineReader, Options, RequestLines};
use preclear_simulator::{Engine, Verdict};
use rayon::prelude::*;

const REQUESTS: usize = 200_000;

/// Of these, as many are decided plainly.
const PLAIN: usize = 20_000;

fn pool(threads: usize) -> rayon::ThreadPool {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().expect("threads can be started")
}

fn batch(criterion: &mut Criterion) {
    let fleet = fleet(10_000, true);
    let mut group = criterion.benchmark_group("batch");
    group.sample_size(10);
    let requests = fleet.requests(REQUESTS);
    group.throughput(Throughput::Elements(PLAIN as u64));
    group.bench_function("one by one", |bencher| {
        bencher.iter(|| {
            let verdicts = requests[..PLAIN]
                .iter()
                .map(|request| fleet.engine.decide(black_box(request)));
            verdicts.collect::<Vec<Verdict>>()
        });
    });
    group.throughput(Throughput::Elements(REQUESTS as u64));
    group.bench_function("decide_all, engine new/1", |bencher| {
        let pool = pool(1);
        bencher.iter_batched_ref(
            || Engine::compile(fleet.engine.snapshot().clone()),
            |engine| pool.install(|| engine.decide_all(black_box(&requests))),
            BatchSize::PerIteration,
        );
    });
    for threads in [1, 2] {
        let pool = pool(threads);
        for count in [PLAIN, REQUESTS] {
            group.throughput(Throughput::Elements(count as u64));
            let requests = &requests[..count];
            group.bench_function(format!("decide_all, {count}/{threads}"), |bencher| {
                bencher.iter(|| pool.install(|| fleet.engine.decide_all(black_box(requests))));
            });
        }
    }
    group.finish();
    lines(criterion, &fleet);
}

fn lines(criterion: &mut Criterion, fleet: &Fleet) {
    let (files, options) = (MemoryFiles::default(), Options::default());
    let plain = RequestLines::new(Path::new("requests.jsonl"), &files, &options);
    let lines = fleet.lines(REQUESTS);
    let mut group = criterion.benchmark_group("lines");
    group.throughput(Throughput::Elements(REQUESTS as u64));
    group.sample_size(10);
    group.bench_function("read each by itself", |bencher| {
        bencher.iter(|| {
            let requests = lines.iter().map(|line| plain.read(1, black_box(line)));
            requests.filter(Result::is_ok).count()
        });
    });
    group.bench_function("read", |bencher| {
        let mut reader = LineReader::new(plain);
        bencher.iter(|| {
            let read = lines
                .iter()
                .map(|line| reader.read(1, black_box(line).as_bytes()).is_ok());
            read.filter(|is_read| *is_read).count()
        });
    });
    for threads in [1, 2] {
        let pool = pool(threads);
        group.bench_function(format!("read and decide/{threads}"), |bencher| {
            bencher.iter(|| pool.install(|| decided(fleet, plain, &lines)));
        });
    }
    group.finish();
}

fn decided(fleet: &Fleet, plain: RequestLines<'_>, lines: &[String]) -> usize {
    let parts = lines.par_chunks(lines.len().div_ceil(rayon::current_num_threads()));
    let counts = parts.map(|lines| {
        let mut reader = LineReader::new(plain);
        let mut decider = fleet.engine.decider();
        let verdicts =
            lines.iter().map(
                |line| match reader.decide(&mut decider, 1, line.as_bytes()) {
                    Ok(decided) => decided.verdict,
                    Err(_) => Verdict::Invalid,
                },
            );
        verdicts
            .filter(|verdict| *verdict == Verdict::Allow)
            .count()
    });
    counts.sum()
}

criterion_group!(benches, batch);
criterion_main!(benches);
