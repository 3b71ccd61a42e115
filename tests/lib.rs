//! What the tests share: where things are, and how the program is run in them.

#![forbid(unsafe_code)]

pub mod disk;
#[path = "diagnostics/tables.rs"]
pub mod tables;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use preclear::{ExitCode, Io, Stream};

/// The folder of these tests.
#[must_use]
pub fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The root of the checkout.
#[must_use]
pub fn root() -> &'static Path {
    here().parent().unwrap_or(here())
}

/// What a run of the program left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub code: ExitCode,
    /// Its results.
    pub stdout: String,
    /// Everything else that it said.
    pub stderr: String,
}

/// Runs the program in this process, without a terminal and with nothing to read.
#[must_use]
pub fn run(args: &[OsString]) -> Ran {
    let (mut stdin, mut stdout, mut stderr) = (std::io::empty(), Vec::new(), Vec::new());
    let mut io = Io {
        stdin: &mut stdin,
        stdout: Stream::plain(&mut stdout),
        stderr: Stream::plain(&mut stderr),
        clock: SystemTime::now,
    };
    let code = preclear::run(args, &mut io);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran {
        code,
        stdout: text(&stdout),
        stderr: text(&stderr),
    }
}

/// A conformance case: one test file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// Its path below `cases` without extension, such as `jobs/G13`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

/// All conformance cases in the order of their names. Every YAML file below `cases` is one.
///
/// # Errors
///
/// A folder that cannot be read.
pub fn cases() -> std::io::Result<Vec<Case>> {
    let root = here().join("cases");
    let mut folders = vec![root.clone()];
    let mut cases = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "yaml" || extension == "yml")
            {
                let name = path.strip_prefix(&root).unwrap_or(&path).with_extension("");
                let name = name.to_string_lossy().replace('\\', "/");
                cases.push(Case { name, path });
            }
        }
    }
    cases.sort();
    Ok(cases)
}
