//! The worlds that jobs run in: those of the examples, which read as users' files do.

use std::path::Path;
use std::sync::OnceLock;

use preclear_inputs::files::MemoryFiles;
use preclear_inputs::{Options, snapshot};
use preclear_simulator::Engine;

use super::super::Finding;

macro_rules! example {
    ($name:literal: $($policy:literal),+) => {
        &[
            ("snapshot.yaml", include_str!(concat!("../../../../../examples/", $name, "/snapshot.yaml"))),
            $((
                concat!("policies/", $policy, ".json"),
                include_str!(concat!("../../../../../examples/", $name, "/policies/", $policy, ".json")),
            )),+
        ]
    };
}

/// Files of a world.
type Files = &'static [(&'static str, &'static str)];

const WORLDS: [Files; 3] = [
    example!("ground-truth": "example-role-create-grant", "example-role-pass-role", "example-role-trust",
        "labeler-console", "labeler-trust", "labels-key"),
    example!("ground-truth-fixed": "example-role-create-grant", "example-role-pass-role", "example-role-trust",
        "labeler-console", "labeler-trust", "labels-key"),
    example!("personalize-export": "exports-bucket", "exports-key", "personalize-role-kms", "personalize-role-s3",
        "personalize-role-trust", "recommender-trust", "recommender"),
];

/// The engine of the world that a letter means; of every other three letters nothing but what they list exists, of the
/// others more may.
pub(super) fn engine(letter: u8) -> Result<&'static Engine, Finding> {
    static ENGINES: OnceLock<Result<Vec<Engine>, Finding>> = OnceLock::new();
    let engines = ENGINES.get_or_init(|| {
        let engines = WORLDS
            .iter()
            .flat_map(|files| [(files, true), (files, false)]);
        engines
            .map(|(files, is_complete)| compiled(files, is_complete))
            .collect()
    });
    let engines = engines.as_ref().map_err(Clone::clone)?;
    let at = usize::from(letter.to_ascii_lowercase().wrapping_sub(b'a')) % engines.len().max(1);
    engines
        .get(at)
        .ok_or_else(|| Finding::new("there is no world"))
}

fn compiled(files: Files, is_complete: bool) -> Result<Engine, Finding> {
    let files: MemoryFiles = files.iter().copied().collect();
    let loaded = snapshot::load([Path::new("snapshot.yaml")], &files, &Options::default());
    let mut snapshot = loaded
        .map_err(|found| Finding::new(found.to_string()))?
        .value;
    snapshot.complete = is_complete;
    Ok(Engine::compile(snapshot))
}
