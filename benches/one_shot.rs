//! The whole program once, from start to exit: one decision with 100 kB of policies, beside a program that does nothing.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};
use preclear_benches::worlds::{self, World};
use serde_json::Value;

/// The question of a world on the command line.
fn command(program: &str, snapshot: &Path, asked: &Value) -> Command {
    let mut command = Command::new(program);
    command.arg("simulate").arg("--snapshot").arg(snapshot);
    for name in ["principal", "action", "resource"] {
        let value = asked[name].as_str().expect("the request says it");
        command.args([&format!("--{name}"), value]);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn one_shot(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let world_file = |name: &str, world: &World| {
        let path = folder.join(name);
        fs::write(&path, world.document.to_string()).expect("the file can be written");
        path
    };
    let (small, large) = (worlds::one_by_one(), worlds::sampled(100_000));
    let small_path = world_file("small.json", &small);
    let large_path = world_file("large.json", &large);
    let mut help = Command::new(env!("CARGO_BIN_EXE_preclear-measured"));
    help.arg("--version").stdout(Stdio::null());
    let program = env!("CARGO_BIN_EXE_preclear-measured");
    let mut group = criterion.benchmark_group("one-shot");
    group.sample_size(50);
    for (name, mut command) in [
        ("empty program", Command::new(env!("CARGO_BIN_EXE_empty"))),
        ("preclear --version", help),
        (
            "one statement",
            command(program, &small_path, &small.asked[0]),
        ),
        (
            "100 kB of policies",
            command(program, &large_path, &large.asked[0]),
        ),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let status = command.status().expect("the program can be started");
                assert!(status.success(), "{name}: {status}");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, one_shot);
criterion_main!(benches);
