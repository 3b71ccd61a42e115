//! Test files among the files of directories.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use preclear_inputs::Files;
use preclear_model::{Diagnostic, Diagnostics, Source, node};

use crate::failure::Failure;

/// Folders in one another that are searched.
const DEPTH_MAX: usize = 32;

/// The files that were named, and the test files below the directories that were named, in the order of their names.
pub(super) fn test_files(paths: &[PathBuf], files: &dyn Files) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut errors = Diagnostics::new();
    for path in paths {
        match files.list(path) {
            Ok(None) => found.push(path.clone()),
            Ok(Some(_)) => {
                let before = found.len();
                search(path, files, &mut found, &mut errors, 0);
                if found.len() == before && errors.is_empty() {
                    let message = format!("there is no test file in `{}`", path.display());
                    let help =
                        "a test file is YAML or JSON with the members `preclear` and `tests`";
                    errors.push(
                        Diagnostic::error("NOTHING_RECOGNISED", message)
                            .rule("UI-23")
                            .help(help),
                    );
                }
            }
            Err(error) => errors.push(unreadable(path, &error.to_string())),
        }
    }
    if errors.is_empty() {
        Ok(found)
    } else {
        Err(errors.into())
    }
}

fn unreadable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error(
        "UNREADABLE_FILE",
        format!("`{}` cannot be read: {why}", path.display()),
    )
    .rule("UI-23")
    .help("check the path and its permissions")
}

fn search(
    directory: &Path,
    files: &dyn Files,
    found: &mut Vec<PathBuf>,
    errors: &mut Diagnostics,
    depth: usize,
) {
    if depth > DEPTH_MAX {
        errors.push(unreadable(
            directory,
            "it lies too deep in other directories",
        ));
        return;
    }
    let mut entries = match files.list(directory) {
        Ok(entries) => entries.unwrap_or_default(),
        Err(error) => return errors.push(unreadable(directory, &error.to_string())),
    };
    entries.sort();
    for entry in entries {
        if entry.is_directory {
            search(&entry.path, files, found, errors, depth + 1);
        } else if has_extension(&entry.path) {
            match files.read(&entry.path) {
                Ok(bytes) if is_test_file(&entry.path, &bytes) => found.push(entry.path),
                Ok(_) => {}
                Err(error) => errors.push(unreadable(&entry.path, &error.to_string())),
            }
        }
    }
}

fn has_extension(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Policies and snapshots may lie beside test files. A file that is broken counts as a test file if it looks like one,
/// so that it fails instead of being passed over.
fn is_test_file(path: &Path, bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let source = Arc::new(Source::new(path.display().to_string(), text.as_ref()));
    match node::read(&source) {
        Ok(tree) => {
            tree.get("tests").is_some()
                || (tree.get("preclear").is_some() && tree.get("expect").is_some())
        }
        Err(_) => {
            let has_member = |name: &str| {
                text.lines().any(|line| {
                    line.starts_with(&format!("{name}:")) || line.contains(&format!("\"{name}\""))
                })
            };
            has_member("preclear") || has_member("tests")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use preclear_inputs::files::MemoryFiles;

    #[test]
    fn test_files_are_told_from_policies_by_their_content() {
        let files = MemoryFiles::from_iter([
            ("t/b.yaml", "preclear: 1\ntests: []"),
            ("t/a.json", r#"{"preclear": 1, "expect": {"invalid": "X"}}"#),
            ("t/c.yaml", "preclear: 1\nkeys: []"),
            (
                "t/policies/p.json",
                r#"{"Version": "2012-10-17", "Statement": []}"#,
            ),
            ("t/policies/broken.json", "{\"Version\": "),
            ("t/d/broken.yaml", "preclear: 1\ntests: ["),
            ("t/notes.txt", "tests:"),
        ]);
        let found = test_files(&["t".into()], &files).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(names, ["t/a.json", "t/b.yaml", "t/d/broken.yaml"]);
    }

    #[test]
    fn a_directory_without_tests_is_an_error_and_a_named_file_is_taken_as_it_is() {
        let files = MemoryFiles::from_iter([("t/p.json", "{}")]);
        assert!(matches!(
            test_files(&["t".into()], &files),
            Err(Failure::Input(_))
        ));
        assert_eq!(
            test_files(&["t/p.json".into()], &files).unwrap(),
            [PathBuf::from("t/p.json")]
        );
    }
}
