//! Scratch: conformance cases through the reference.
use preclear_harness::reference;
use preclear_inputs::Options;
use preclear_inputs::files::{Entry, FileError, FileErrorKind, Files};
use preclear_inputs::test_file::{self, Question};
use preclear_simulator::{Engine, Verdict};
use std::path::{Path, PathBuf};
struct Disk;
impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        std::fs::read(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => FileError::new(FileErrorKind::NotFound),
            _ => FileError::other(e.to_string()),
        })
    }
    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
        if !path.is_dir() {
            return Ok(None);
        }
        let e = std::fs::read_dir(path).map_err(|e| FileError::other(e.to_string()))?;
        Ok(Some(
            e.flatten()
                .map(|e| Entry {
                    is_directory: e.path().is_dir(),
                    path: e.path(),
                })
                .collect(),
        ))
    }
}
fn main() {
    let mut folders = vec![PathBuf::from("tests/cases")];
    let mut files = Vec::new();
    while let Some(f) = folders.pop() {
        for e in std::fs::read_dir(f).unwrap().flatten() {
            let p = e.path();
            if p.is_dir() {
                folders.push(p)
            } else if p.extension().is_some_and(|x| x == "yaml") {
                files.push(p)
            }
        }
    }
    files.sort();
    let (mut n, mut same, mut unread, mut noexp) = (0, 0, 0, 0);
    for path in files {
        let Ok(file) = test_file::read(&path, &Disk, &Options::default()) else {
            unread += 1;
            continue;
        };
        let Ok(snapshot) = file.value.snapshot else {
            unread += 1;
            continue;
        };
        let engine = Engine::compile(snapshot.value.clone());
        for test in file.value.tests {
            let Question::Request { request, expect } = test.question else {
                continue;
            };
            let Ok(request) = *request else { continue };
            let Some(verdict) = expect.verdict else {
                noexp += 1;
                continue;
            };
            n += 1;
            let a = reference::decide(&snapshot.value, &request);
            let e = engine.decide(&request);
            if verdict.accepts(a.verdict) {
                same += 1
            } else {
                println!(
                    "{} | {} | expected {} ref {} ({}) engine {}",
                    path.display(),
                    test.name,
                    verdict.name(),
                    a.verdict,
                    a.plain,
                    e
                );
            }
            let _ = Verdict::Allow;
        }
    }
    println!("{same} of {n}; unread files {unread}; without verdict {noexp}");
}
