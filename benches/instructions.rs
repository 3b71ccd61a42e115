//! Stretches of work whose instructions `cargo xtask instructions` counts, one in each run of this program.
//!
//! Without an argument it lists them. What is counted is what happens within `counted_stretch`; making ready is not.

use std::ffi::OsString;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;
use std::{env, fs, process};

use preclear::{Io, Stream};
use preclear_benches::documents::{self, Document};
use preclear_benches::worlds::{self, World};
use preclear_inputs::files::MemoryFiles;
use preclear_inputs::{LineReader, Options, RequestLines};
use preclear_simulator::{Axes, Detail, Engine, Verdict};
use preclear_wildcard::{FieldPattern, Pattern};

const STRETCHES: [(&str, fn()); 22] = [
    ("wildcard exact", || {
        matches(
            "arn:aws:s3:::data/part-00017.parquet",
            "arn:aws:s3:::data/part-00018.parquet",
        );
    }),
    ("wildcard prefix", || {
        matches(
            "arn:aws:s3:::data/*",
            "arn:aws:s3:::data/part-00017.parquet",
        );
    }),
    ("wildcard suffix", || {
        matches("*.parquet", "arn:aws:s3:::data/part-00017.parquet");
    }),
    ("wildcard several stars", || {
        matches("arn:*:s3:*data*/part-*.parquet", &object(64));
    }),
    ("wildcard stars and ?", || {
        matches("arn:*:s3:*data*/par?-*17.par?uet", &object(64));
    }),
    ("wildcard six fields", fields),
    ("wildcard long text", || {
        matches("arn:*:s3:*data*/*.parquet", &object(64 * 1024));
    }),
    ("wildcard hostile text", || {
        let (pattern, text) = ("a?".repeat(2048), "a".repeat(8192));
        matches(&format!("*{pattern}b*"), &text);
    }),
    ("decide 1x1", || decide(&worlds::one_by_one())),
    ("decide 10x5, all layers", || decide(&worlds::all_layers())),
    ("decide 1000x10", || decide(&worlds::many(1000, 10))),
    ("decide 100 hostile", || decide(&worlds::hostile(100))),
    ("decide 1000 hostile", || decide(&worlds::hostile(1000))),
    ("explain 10x5, all layers", explain),
    ("parse the sample", parse),
    ("compile the sample", compile),
    ("compile 1000x10", compile_many),
    ("matrix, 24000 cells", matrix),
    ("matrix, look at 24000 cells", cells),
    ("batch, read 100 lines", || batch(false)),
    ("batch, read and decide 100 lines", || batch(true)),
    ("one-shot with 100 kB", one_shot),
];

/// `cargo xtask instructions` knows this function by its name.
#[inline(never)]
fn counted_stretch(work: &mut dyn FnMut()) {
    work();
}

fn count_cold<T>(work: impl FnOnce() -> T) {
    let mut work = Some(work);
    counted_stretch(&mut || {
        black_box(work.take().map(|work| work()));
    });
}

/// Counts the second time: the first may fill what is kept.
fn count<T>(mut work: impl FnMut() -> T) {
    black_box(work());
    count_cold(work);
}

fn object(bytes: usize) -> String {
    let head = "arn:aws:s3:::data/part-000";
    let tail = "17.parquet";
    format!(
        "{head}{}{tail}",
        "-x".repeat((bytes - head.len() - tail.len()) / 2)
    )
}

fn matches(pattern: &str, text: &str) {
    let pattern = Pattern::parse(pattern);
    count(|| black_box(&pattern).is_match(black_box(text)));
}

fn fields() {
    let pattern = FieldPattern::parse("arn:aws:kms:*:111122223333:key/*", ':', 6);
    let pattern = pattern.expect("an ARN has six fields");
    let text = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    count(|| black_box(&pattern).is_match_with(black_box(text), &[]));
}

/// All requests of the world, once each.
fn decide(world: &World) {
    let engine = world.engine();
    count(|| {
        let requests = world.requests.iter();
        let allowed = requests.filter(|request| engine.decide(request) == Verdict::Allow);
        allowed.count()
    });
}

fn explain() {
    let world = worlds::all_layers();
    let engine = world.engine();
    count(|| engine.explain(&world.requests[0], Detail::Reasons));
}

fn parse() {
    let sample = documents::sample();
    count(|| sample.iter().map(Document::read).collect::<Vec<_>>());
}

fn compile() {
    let sample = documents::sample();
    let mut ready = [(); 2].map(|()| sample.iter().map(Document::read).collect());
    let mut ready = ready.iter_mut();
    count(|| {
        ready
            .next()
            .map(|ready| documents::compile(std::mem::take(ready)))
    });
}

fn compile_many() {
    let world = worlds::many(1000, 10);
    count_cold(|| Engine::compile(world.snapshot));
}

fn matrix() {
    let fleet = worlds::fleet(200, true);
    let axes = Axes {
        callers: &fleet.callers[..10],
        actions: &fleet.actions[..12],
        ..fleet.axes()
    };
    count(|| fleet.engine.matrix(&axes));
}

fn cells() {
    let fleet = worlds::fleet(200, true);
    let axes = Axes {
        callers: &fleet.callers[..10],
        actions: &fleet.actions[..12],
        ..fleet.axes()
    };
    let matrix = fleet.engine.matrix(&axes);
    count(|| {
        let rows = (0..10).flat_map(|caller| (0..12).map(move |action| (caller, action)));
        let cells = rows.flat_map(|(caller, action)| matrix.row(caller, action));
        cells.filter(|verdict| *verdict == Verdict::Allow).count()
    });
}

fn batch(is_decided: bool) {
    let fleet = worlds::fleet(100, true);
    let (files, options) = (MemoryFiles::default(), Options::default());
    let plain = RequestLines::new(Path::new("requests.jsonl"), &files, &options);
    let mut reader = LineReader::new(plain);
    let lines = fleet.lines(100);
    count(|| {
        let mut allowed = 0;
        for line in &lines {
            let request = reader.read(1, line.as_bytes()).expect("a request");
            let is_allowed = is_decided && fleet.engine.decide(request) == Verdict::Allow;
            allowed += usize::from(is_allowed);
        }
        allowed
    });
}

fn one_shot() {
    let world = worlds::sampled(100_000);
    let path = env::temp_dir().join(format!("preclear-instructions-{}.json", process::id()));
    fs::write(&path, world.document.to_string()).expect("the file can be written");
    let text = |name: &str| OsString::from(world.asked[0][name].as_str().unwrap_or_default());
    let arguments = [
        OsString::from("preclear"),
        OsString::from("simulate"),
        OsString::from("--snapshot"),
        path.clone().into_os_string(),
        OsString::from("--principal"),
        text("principal"),
        OsString::from("--action"),
        text("action"),
        OsString::from("--resource"),
        text("resource"),
    ];
    let (mut stdin, mut out, mut err) = (std::io::empty(), Vec::new(), Vec::new());
    let mut io = Io {
        stdin: &mut stdin,
        stdout: Stream::plain(&mut out),
        stderr: Stream::plain(&mut err),
        clock: || SystemTime::UNIX_EPOCH,
    };
    let mut code = None;
    count_cold(|| code = Some(preclear::run(&arguments, &mut io)));
    // What cannot be removed stands in the folder for such files.
    let _ = fs::remove_file(&path);
    assert_eq!(code, Some(preclear::ExitCode::Success));
}

#[expect(clippy::print_stdout, reason = "the list is read by the chore")]
fn main() -> ExitCode {
    let Some(name) = env::args().nth(1) else {
        STRETCHES.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    let Some((_, stretch)) = STRETCHES.iter().find(|(known, _)| *known == name) else {
        return ExitCode::FAILURE;
    };
    stretch();
    ExitCode::SUCCESS
}
