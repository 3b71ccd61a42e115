//! One pattern against one text, beside other matchers: a group per shape.

mod peers;

use std::hint::black_box;
use std::time::Duration;

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use peers::{Visitor, to_regex, visit_each};
use preclear_wildcard::{FieldPattern, Pattern};
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

/// Asks each peer the same.
struct Asking<'g, 'c, 'm> {
    group: &'g mut BenchmarkGroup<'m, WallTime>,
    parameter: &'c str,
    texts: &'c [String],
}

impl Visitor for Asking<'_, '_, '_> {
    fn visit(&mut self, name: &'static str, is_match: impl Fn(&str) -> bool) {
        let id = BenchmarkId::new(name, self.parameter);
        ask(self.group, &id, self.texts, is_match);
    }
}

fn compare(group: &mut BenchmarkGroup<'_, WallTime>, parameter: &str, case: &Case) {
    let bytes: usize = case.texts.iter().map(String::len).sum();
    group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap_or(u64::MAX)));
    let ours = Pattern::parse(&case.pattern);
    ask(
        group,
        &BenchmarkId::new("preclear", parameter),
        &case.texts,
        |text| ours.is_match(text),
    );
    if !case.with_peers {
        return;
    }
    let mut asking = Asking {
        group,
        parameter,
        texts: &case.texts,
    };
    visit_each(&case.pattern, &mut asking);
}

/// A group whose rows are short: they are many.
fn group<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    group
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
        let mut group = group(criterion, shape);
        compare(&mut group, "arns", &Case::new(pattern, &TEXTS));
        group.finish();
    }
}

/// Six fields at once. `wildmatch` has no fields: its `*` crosses them, which is another question and an
/// easier one.
fn fields(criterion: &mut Criterion) {
    let pattern = "arn:aws:*:eu-*:111122223333:*-????";
    let texts: Vec<String> = TEXTS.iter().map(ToString::to_string).collect();
    let mut group = group(criterion, "fields");
    let id = |name: &str| BenchmarkId::new(name, "arns");
    let ours = FieldPattern::parse(pattern, ':', 6).expect("the pattern has six fields");
    ask(&mut group, &id("preclear"), &texts, |text| {
        ours.is_match_with(text, &[])
    });
    let wildmatch = WildMatch::new(pattern);
    ask(&mut group, &id("wildmatch"), &texts, |text| {
        wildmatch.matches(text)
    });
    let regex = to_regex(pattern, "[^:]").expect("the pattern is within the size limit");
    ask(&mut group, &id("regex"), &texts, |text| {
        regex.is_match(text)
    });
    group.finish();
}

fn long_text(criterion: &mut Criterion) {
    let mut group = group(criterion, "long_text");
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

/// Patterns that grow with the text, each of which agrees with it nearly everywhere.
fn adversarial(criterion: &mut Criterion) {
    for (shape, pattern, text) in FAMILIES {
        let mut group = group(criterion, shape);
        group.sample_size(10);
        // At 64 KiB one question would take peers over a second.
        for (kib, with_peers) in [(1, true), (8, true), (64, false)] {
            let (pattern, text) = (pattern(kib * 1024), text(kib * 1024));
            let case = Case {
                with_peers,
                ..Case::new(&pattern, &[&text])
            };
            compare(&mut group, &format!("{kib}KiB"), &case);
        }
        group.finish();
    }
}

/// What is made for so many bytes of text.
type Grown = fn(usize) -> String;

/// Families of patterns and texts, by name.
const FAMILIES: [(&str, Grown, Grown); 4] = [
    (
        "hostile_text",
        |bytes| format!("*{}b*", "a".repeat(bytes / 2)),
        |bytes| "a".repeat(bytes),
    ),
    (
        "hostile_one",
        |bytes| format!("*{}?b*", "a".repeat(bytes / 2)),
        |bytes| "a".repeat(bytes),
    ),
    (
        "hostile_ones",
        |bytes| format!("*{}b*", "a?".repeat(bytes / 4)),
        |bytes| "a".repeat(bytes),
    ),
    // Nothing in the pattern is rare in the text, and each place agrees but for one character.
    (
        "hostile_ones_in_the_middle",
        |bytes| format!("*{}a*", "a?".repeat(bytes / 4)),
        |bytes| {
            let half = "a".repeat(bytes / 2 - 1);
            format!("{half}bb{half}")
        },
    ),
];

/// Ten thousand patterns of about sixty characters against one text of 2,048 bytes, the longest that an ARN can
/// be; none matches.
fn many_hostile(criterion: &mut Criterion) {
    let mut group = group(criterion, "ten_thousand_hostile");
    group.sample_size(10);
    let rows = ["abababab".repeat(256), "ab".repeat(29) + "a"];
    let texts = rows.map(|row| vec![row.chars().cycle().take(2048).collect::<String>()]);
    for (parameter, pieces, last) in [
        ("stars", &["a", "*", "b", "ab", "*a", "b*"][..], "*c*"),
        (
            "stars_and_ones",
            &["a*", "?b", "ab", "a?", "?*", "a?a", "b?b"],
            "*c*",
        ),
        // One stretch that agrees nearly everywhere but for its end.
        ("ones", &["ab", "a?", "?b"], "aab*"),
    ] {
        let patterns: Vec<Pattern> = (0..10_000)
            .map(|seed| Pattern::parse(&hostile(seed, pieces, last)))
            .collect();
        for (name, text) in ["period", "torn_period"].iter().zip(&texts) {
            ask(
                &mut group,
                &BenchmarkId::new(*name, parameter),
                text,
                |text| patterns.iter().all(|pattern| !pattern.is_match(text)),
            );
        }
    }
    group.finish();
}

fn hostile(seed: usize, pieces: &[&str], last: &str) -> String {
    let mut state = seed * 2 + 1;
    let mut pattern = String::from("*");
    while pattern.len() < 57 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        pattern.push_str(pieces[(state >> 33) % pieces.len()]);
    }
    pattern + last
}

criterion_group!(
    benches,
    shapes,
    fields,
    long_text,
    adversarial,
    many_hostile
);
criterion_main!(benches);
