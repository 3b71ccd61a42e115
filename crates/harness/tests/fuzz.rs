//! What fuzzing found and where it starts from, replayed without a fuzzer; and seeds that are spoiled a little.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use preclear_harness::choose::{Choose, Seeded};
use preclear_harness::fuzz::Target;

/// Spoiled seeds of each target.
const SPOILED: u64 = 150;

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz")
        .join(kind)
}

/// Inputs of a target, by name.
fn kept(kind: &str, target: Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = folder(kind).join(target.name());
    let entries = fs::read_dir(&folder).expect("every target has a folder");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder can be listed").path())
        .collect();
    paths.sort();
    let inputs = paths.into_iter().map(|path| {
        let data = fs::read(&path).expect("an input can be read");
        (path, data)
    });
    inputs.collect()
}

fn replay(kind: &str, target: Target) {
    let inputs = kept(kind, target);
    assert!(!inputs.is_empty(), "no {kind} of {}", target.name());
    for (path, data) in inputs {
        let found = target.check(&data);
        assert!(found.is_ok(), "{}: {found:?}", path.display());
    }
}

/// Names of the folders of one kind.
fn folders(kind: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(kind)).expect("a folder of this kind");
    let names = entries.map(|entry| entry.expect("a folder can be listed").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn every_folder_is_of_a_target() {
    let known: BTreeSet<String> = Target::ALL
        .iter()
        .map(|target| target.name().to_owned())
        .collect();
    assert_eq!(folders("seeds"), known);
    assert!(folders("regressions").is_subset(&known));
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    for target in Target::ALL {
        let name = target.name();
        assert_eq!(Target::from_name(name), Some(target));
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name} is a binary"
        );
        assert!(
            folder("fuzz_targets").join(format!("{name}.rs")).is_file(),
            "{name} has a source"
        );
    }
}

#[test]
fn regressions_stay_mended() {
    let mut replayed = BTreeSet::new();
    for name in folders("regressions") {
        replay("regressions", Target::from_name(&name).unwrap());
        replayed.insert(name);
    }
    assert!(
        replayed.contains("wildcard") && replayed.len() > 1,
        "{replayed:?}"
    );
}

macro_rules! seeds {
    ($($test:ident: $target:ident),+ $(,)?) => {
        $(
            #[test]
            fn $test() {
                replay("seeds", Target::$target);
                spoiled(Target::$target);
            }
        )+

        #[test]
        fn every_target_has_seeds() {
            assert_eq!([$(Target::$target),+], Target::ALL);
        }
    };
}

seeds! {
    wildcard: Wildcard,
    policy: Policy,
    operand: Operand,
    arn: Arn,
    statement: Statement,
    snapshot: Snapshot,
    reference: Reference,
    job: Job,
    inputs: Inputs,
    lint: Lint,
}

/// Seeds with some bytes replaced, taken out, or taken from another seed.
fn spoiled(target: Target) {
    let seeds = kept("seeds", target);
    for seed in 0..SPOILED {
        let choices = &mut Seeded::new(seed);
        let (path, data) = &seeds[choices.below(seeds.len())];
        let (_, other) = &seeds[choices.below(seeds.len())];
        let mut data = data.clone();
        for _ in 0..=choices.below(3) {
            spoil(choices, &mut data, other);
        }
        let found = target.check(&data);
        assert!(
            found.is_ok(),
            "{} spoiled by {seed}: {found:?}\n{data:?}",
            path.display()
        );
    }
}

fn spoil(choices: &mut Seeded, data: &mut Vec<u8>, other: &[u8]) {
    let (from, to) = (choices.below(data.len() + 1), choices.below(data.len() + 1));
    let (from, to) = (from.min(to), from.max(to));
    match choices.below(4) {
        0 if from < data.len() => {
            data[from] = u8::try_from(choices.below(256)).unwrap_or(u8::MAX);
        }
        1 => drop(data.drain(from..to.min(from + 8))),
        2 => {
            let at = choices.below(other.len() + 1);
            let piece = other[at..other.len().min(at + 1 + choices.below(24))].to_vec();
            data.splice(from..from, piece);
        }
        _ => {
            let piece = data[from..to.min(from + 24)].to_vec();
            data.splice(to..to, piece);
        }
    }
}
