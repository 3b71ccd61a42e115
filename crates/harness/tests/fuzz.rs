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

/// What failed, in words.
type Told<T> = Result<T, String>;

/// Entries of a folder, in the order of their names.
fn listed(folder: &Path) -> Told<Vec<PathBuf>> {
    let told = |error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(told)?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(told)?;
    paths.sort();
    Ok(paths)
}

/// Inputs of a target, by name; there is one at least.
fn inputs(kind: &str, target: Target) -> Told<Vec<(PathBuf, Vec<u8>)>> {
    let paths = listed(&folder(kind).join(target.name()))?;
    let read = |path: PathBuf| match fs::read(&path) {
        Ok(data) => Ok((path, data)),
        Err(error) => Err(format!("{}: {error}", path.display())),
    };
    let inputs: Vec<_> = paths.into_iter().map(read).collect::<Told<_>>()?;
    if inputs.is_empty() {
        return Err(format!("there are no {kind} of {}", target.name()));
    }
    Ok(inputs)
}

fn replay(kind: &str, target: Target) -> Told<()> {
    for (path, data) in inputs(kind, target)? {
        let found = target.check(&data);
        found.map_err(|found| format!("{}: {found}", path.display()))?;
    }
    Ok(())
}

/// Names of the folders of one kind.
fn folders(kind: &str) -> Told<BTreeSet<String>> {
    let name = |path: PathBuf| Some(path.file_name()?.to_str()?.to_owned());
    Ok(listed(&folder(kind))?
        .into_iter()
        .filter_map(name)
        .collect())
}

#[test]
fn every_folder_is_of_a_target() {
    let known: BTreeSet<String> = Target::ALL
        .iter()
        .map(|target| target.name().to_owned())
        .collect();
    assert_eq!(folders("seeds").unwrap(), known);
    assert!(folders("regressions").unwrap().is_subset(&known));
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
    for name in folders("regressions").unwrap() {
        replay("regressions", Target::from_name(&name).unwrap()).unwrap();
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
                replay("seeds", Target::$target).unwrap();
                spoiled(Target::$target).unwrap();
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
}

/// Seeds with some bytes replaced, taken out, or taken from another seed.
fn spoiled(target: Target) -> Told<()> {
    let seeds = inputs("seeds", target)?;
    for seed in 0..SPOILED {
        let choices = &mut Seeded::new(seed);
        let (path, data) = &seeds[choices.below(seeds.len())];
        let (_, other) = &seeds[choices.below(seeds.len())];
        let mut data = data.clone();
        for _ in 0..=choices.below(3) {
            spoil(choices, &mut data, other);
        }
        let found = target.check(&data);
        found
            .map_err(|found| format!("{} spoiled by {seed}: {found}\n{data:?}", path.display()))?;
    }
    Ok(())
}

fn spoil(choices: &mut Seeded, data: &mut Vec<u8>, other: &[u8]) {
    let (from, to) = (choices.below(data.len() + 1), choices.below(data.len() + 1));
    let (from, to) = (from.min(to), from.max(to));
    match choices.below(4) {
        0 if from < data.len() => data[from] = u8::try_from(choices.below(256)).unwrap_or_default(),
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
