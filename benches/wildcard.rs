//! One pattern against one text, beside other matchers: a group per shape.

use std::hint::black_box;
use std::time::Duration;

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use preclear_wildcard::{FieldPattern, Pattern};
use regex::Regex;
use wildmatch::WildMatch;

/// A pattern with the texts it is asked about, one after the other in each iteration.
struct Case {
    pattern: String,
    texts: Vec<String>,
    /// Peers that are quadratic on the pattern are left out where one question takes them seconds.
    with_peers: bool,
}

impl Case {
    fn new(pattern: &str, texts: &[&str]) -> Case {
        Case {
            pattern: pattern.to_owned(),
            texts: texts.iter().map(ToString::to_string).collect(),
            with_peers: true,
        }
    }
}

/// `one` is what a `?` stands for.
fn to_regex(pattern: &str, one: &str) -> Regex {
    let body: String = pattern
        .chars()
        .map(|c| match c {
            '*' => format!("{one}*"),
            '?' => one.to_owned(),
            c => regex::escape(c.encode_utf8(&mut [0; 4])),
        })
        .collect();
    Regex::new(&format!(r"(?s)\A{body}\z")).expect("the pattern is within the size limit")
}

fn ask(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: &BenchmarkId,
    texts: &[String],
    is_match: impl Fn(&str) -> bool,
) {
    group.bench_with_input(id.clone(), texts, |bencher, texts| {
        bencher.iter(|| {
            texts
                .iter()
                .filter(|text| is_match(black_box(text)))
                .count()
        });
    });
}

fn compare(group: &mut BenchmarkGroup<'_, WallTime>, parameter: &str, case: &Case) {
    let bytes: usize = case.texts.iter().map(String::len).sum();
    group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap_or(u64::MAX)));
    let id = |name: &str| BenchmarkId::new(name, parameter);
    let ours = Pattern::parse(&case.pattern);
    ask(group, &id("preclear"), &case.texts, |text| {
        ours.is_match(text)
    });
    if !case.with_peers {
        return;
    }
    let wildmatch = WildMatch::new(&case.pattern);
    ask(group, &id("wildmatch"), &case.texts, |text| {
        wildmatch.matches(text)
    });
    let regex = to_regex(&case.pattern, ".");
    ask(group, &id("regex"), &case.texts, |text| {
        regex.is_match(text)
    });
}

const TEXTS: [&str; 8] = [
    "arn:aws:s3:::orders-eu/2026/03/t/part-00001.parquet",
    "arn:aws:s3:::orders-eu/2026/03/logs/part-00001.parquet",
    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:us-east-1:111122223333:alias/orders",
    "arn:aws:iam::111122223333:role/app/orders-reader",
    "arn:aws:s3:::orders-eu/t/x",
    "arn:aws:sagemaker:eu-west-1:111122223333:training-job/orders-2026-03-01",
];

fn shapes(criterion: &mut Criterion) {
    let shapes = [
        (
            "exact",
            "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ),
        ("prefix", "arn:aws:s3:::orders-eu/*"),
        ("suffix", "*.parquet"),
        ("several_stars", "arn:aws:*:*:111122223333:*/*-*"),
        ("stars_and_ones", "arn:aws:*:eu-????-?:*:*/??*ab-*"),
    ];
    for (shape, pattern) in shapes {
        let mut group = criterion.benchmark_group(shape);
        compare(&mut group, "arns", &Case::new(pattern, &TEXTS));
        group.finish();
    }
}

/// Six fields at once. `wildmatch` has no fields: its `*` crosses them, which is another question and an
/// easier one.
fn fields(criterion: &mut Criterion) {
    let pattern = "arn:aws:*:eu-*:111122223333:*-????";
    let texts: Vec<String> = TEXTS.iter().map(ToString::to_string).collect();
    let mut group = criterion.benchmark_group("fields");
    let id = |name: &str| BenchmarkId::new(name, "arns");
    let ours = FieldPattern::parse(pattern, ':', 6).expect("the pattern has six fields");
    ask(&mut group, &id("preclear"), &texts, |text| {
        ours.is_match_with(text, &[])
    });
    let wildmatch = WildMatch::new(pattern);
    ask(&mut group, &id("wildmatch"), &texts, |text| {
        wildmatch.matches(text)
    });
    let regex = to_regex(pattern, "[^:]");
    ask(&mut group, &id("regex"), &texts, |text| {
        regex.is_match(text)
    });
    group.finish();
}

fn long_text(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("long_text");
    let line = "arn:aws:s3:::orders-eu/2026/03/t/part-00001.parquet\n";
    for kib in [1, 64] {
        let text = format!("{}needle-7/needle{}", line.repeat(kib * 20), line);
        compare(
            &mut group,
            &format!("{kib}KiB"),
            &Case::new("arn:*needle-*/needle*\n", &[&text]),
        );
        compare(
            &mut group,
            &format!("{kib}KiB_ones"),
            &Case::new("arn:*needle-?/needle*\n", &[&text]),
        );
    }
    group.finish();
}

/// `*a…ab*` and `*a…a?b*` against `a…a`: each place of the text agrees with the whole pattern but for its
/// last character.
fn adversarial(criterion: &mut Criterion) {
    for (shape, last) in [("adversarial", "b"), ("adversarial_ones", "?b")] {
        let mut group = criterion.benchmark_group(shape);
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(Duration::from_millis(800));
        // At 64 KiB one question would take `wildmatch` over a second and `regex` over ten.
        for (kib, with_peers) in [(1, true), (8, true), (64, false)] {
            let text = "a".repeat(kib * 1024);
            let pattern = format!("*{}{last}*", "a".repeat(kib * 512));
            compare(
                &mut group,
                &format!("{kib}KiB"),
                &Case {
                    with_peers,
                    ..Case::new(&pattern, &[&text])
                },
            );
        }
        group.finish();
    }
}

criterion_group!(benches, shapes, fields, long_text, adversarial);
criterion_main!(benches);
