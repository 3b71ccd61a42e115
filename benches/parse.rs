//! Reading policies: typed, with places and duplicate checks, beside plain JSON of the same texts.
//!
//! The sample stands in `data/policies`; the full corpus is used where `cargo xtask corpus` has fetched it.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use preclear_benches::documents::{self, Document, compile};
use serde_json::value::RawValue;

fn compare(group: &mut BenchmarkGroup<'_, WallTime>, documents: &[Document]) {
    let bytes: usize = documents
        .iter()
        .map(|document| document.source.text.len())
        .sum();
    group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap_or(u64::MAX)));
    let texts = || {
        documents
            .iter()
            .map(|document| document.source.text.as_str())
    };
    group.bench_function("serde_json::Value", |bencher| {
        bencher.iter(|| {
            for text in texts() {
                let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
                black_box(value);
            }
        });
    });
    group.bench_function("preclear, typed", |bencher| {
        bencher.iter(|| {
            for document in documents {
                black_box(document.read());
            }
        });
    });
    group.bench_function("preclear, typed and compiled", |bencher| {
        bencher.iter(|| compile(documents.iter().map(Document::read).collect()));
    });
    // What it costs to look at the texts at all: JSON or not.
    group.bench_function("serde_json::RawValue", |bencher| {
        bencher.iter(|| {
            for text in texts() {
                let raw: &RawValue = serde_json::from_str(text).expect("JSON");
                black_box(raw);
            }
        });
    });
}

#[expect(clippy::print_stderr, reason = "says why rows are missing")]
fn parse(criterion: &mut Criterion) {
    let sample = documents::sample();
    let mut group = criterion.benchmark_group("parse/sample");
    compare(&mut group, &sample);
    group.finish();

    let corpus = documents::corpus();
    if corpus.is_empty() {
        eprintln!("parse/corpus: left out; `cargo xtask corpus` fetches the documents");
        return;
    }
    let mut group = criterion.benchmark_group("parse/corpus");
    group.sample_size(20);
    compare(&mut group, &corpus);
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
