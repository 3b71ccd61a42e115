//! Reading policies: typed, with places and duplicate checks, beside plain JSON of the same texts.
//!
//! The sample stands in `data/policies`; the full corpus is used where `cargo xtask corpus` has fetched it.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use preclear_model::{Arn, ParseOptions, Policy, PolicyKind, Source};
use preclear_simulator::snapshot::PrincipalRecord;
use preclear_simulator::{Engine, Given, Snapshot};
use serde_json::value::RawValue;

/// The account that the policies are compiled in.
const ACCOUNT: &str = "111122223333";

/// A policy document as it stands on disk.
struct Document {
    /// ARN that tells managed policies of AWS from those of customers.
    name: String,
    kind: PolicyKind,
    /// Holds the text as it was read from the file; no row pays for that.
    source: Arc<Source>,
}

impl Document {
    /// Files of the sample are named by the kind of policy that they hold: `key-03.json`.
    fn of_sample(stem: &str, text: String) -> Document {
        let kind = stem
            .split('-')
            .next()
            .and_then(PolicyKind::from_name)
            .expect("the name of a file in the sample starts with a kind of policy");
        let name = format!("arn:aws:iam::{ACCOUNT}:policy/{stem}");
        let source = Arc::new(Source::new(stem, text));
        Document { name, kind, source }
    }

    fn of_corpus(stem: &str, text: String) -> Document {
        let name = format!("arn:aws:iam::aws:policy/{stem}");
        Document {
            name,
            kind: PolicyKind::Identity,
            source: Arc::new(Source::new(stem, text)),
        }
    }

    fn read(&self) -> Policy {
        let options = ParseOptions::default();
        let (policy, _) = Policy::read(&self.source, &self.name, self.kind, options);
        policy.expect("the document is a policy")
    }
}

/// The documents of a folder in the order of their names; none where there is no folder.
fn documents(folder: &Path, document: fn(&str, String) -> Document) -> Vec<Document> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("the folder can be listed").path())
        .collect();
    paths.sort();
    let read = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(path).expect("the file can be read");
        document(&stem, text)
    };
    paths.iter().map(|path| read(path)).collect()
}

/// One role for each policy, in an account of which everything is known.
fn compile(policies: Vec<Policy>) -> Engine {
    let role = |(index, policy): (usize, Policy)| {
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/r{index}");
        PrincipalRecord {
            policies: Given::Here(vec![Arc::new(policy)]),
            boundary: Given::Nothing,
            ..PrincipalRecord::new(Arn::parse(&arn).expect("the ARN of a role"))
        }
    };
    Engine::compile(Snapshot {
        account: Some(ACCOUNT.to_owned()),
        complete: true,
        principals: policies.into_iter().enumerate().map(role).collect(),
        ..Snapshot::default()
    })
}

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
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sample = documents(&here.join("data/policies"), Document::of_sample);
    assert!(!sample.is_empty(), "the sample is there");
    let mut group = criterion.benchmark_group("parse/sample");
    compare(&mut group, &sample);
    group.finish();

    let folder = here.join("../target/corpus/policies");
    let corpus = documents(&folder, Document::of_corpus);
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
