//! Test files among the files of directories.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use preclear_inputs::Files;
use preclear_inputs::files::{mentions, normal};
use preclear_inputs::test_file::Likeness;
use preclear_model::{Diagnostic, Diagnostics, Source, node};

use crate::failure::Failure;

/// Folders in one another that are searched.
const DEPTH_MAX: usize = 32;

/// The test files among what was named.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of their names below each directory.
    pub(super) tests: Vec<PathBuf>,
    /// YAML and JSON files in directories that are no test files, and that none of the others mentions.
    pub(super) left_alone: usize,
}

/// The files that were named, and the test files below the directories that were named.
pub(super) fn test_files(paths: &[PathBuf], files: &dyn Files) -> Result<Found, Failure> {
    let mut all = Found::default();
    let mut errors = Diagnostics::new();
    for path in paths {
        match files.list(path) {
            Ok(None) => all.tests.push(path.clone()),
            Ok(Some(_)) => {
                let mut search = Search {
                    files,
                    seen: Vec::new(),
                    mentioned: BTreeSet::new(),
                    errors: &mut errors,
                };
                search.directory(path, 0);
                let found = search.finish();
                if found.tests.is_empty() && errors.is_empty() {
                    let message = format!("there is no test file in `{}`", path.display());
                    let help =
                        "a test file is YAML or JSON with the members `preclear` and `tests`";
                    errors.push(
                        Diagnostic::error("NOTHING_RECOGNISED", message)
                            .rule("UI-23")
                            .help(help),
                    );
                }
                all.tests.extend(found.tests);
                all.left_alone += found.left_alone;
            }
            Err(error) => errors.push(unreadable(path, &error.to_string())),
        }
    }
    if errors.is_empty() {
        Ok(all)
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

/// The YAML and JSON files below one directory.
struct Search<'s> {
    files: &'s dyn Files,
    seen: Vec<(PathBuf, Likeness)>,
    /// What any of them mentions: files, and directories of a snapshot.
    mentioned: BTreeSet<PathBuf>,
    errors: &'s mut Diagnostics,
}

impl Search<'_> {
    fn directory(&mut self, directory: &Path, depth: usize) {
        if depth > DEPTH_MAX {
            let why = "it lies too deep in other directories";
            self.errors.push(unreadable(directory, why));
            return;
        }
        let mut entries = match self.files.list(directory) {
            Ok(entries) => entries.unwrap_or_default(),
            Err(error) => return self.errors.push(unreadable(directory, &error.to_string())),
        };
        entries.sort();
        for entry in entries {
            if entry.is_directory {
                self.directory(&entry.path, depth + 1);
            } else if has_extension(&entry.path) {
                match self.files.read(&entry.path) {
                    Ok(bytes) => self.file(entry.path, &bytes),
                    Err(error) => self
                        .errors
                        .push(unreadable(&entry.path, &error.to_string())),
                }
            }
        }
    }

    /// Policies and snapshots may lie beside test files. A file that is broken counts as a test file if it looks like
    /// one, so that it fails instead of being passed over.
    fn file(&mut self, path: PathBuf, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let source = Arc::new(Source::new(path.display().to_string(), text.as_ref()));
        let likeness = match node::read(&source) {
            Ok(tree) => {
                mentions(&tree, &path, &mut self.mentioned);
                Likeness::of(&tree)
            }
            Err(_) if looks_like_a_test(&text) => Likeness::TestFile,
            Err(_) => Likeness::Other,
        };
        self.seen.push((path, likeness));
    }

    /// A marked file that nothing mentions is read as a test file, which says what is wrong with it.
    fn finish(self) -> Found {
        let mut found = Found::default();
        for (path, likeness) in self.seen {
            let path_is_mentioned = normal(&path)
                .ancestors()
                .any(|one| self.mentioned.contains(one));
            match likeness {
                Likeness::TestFile => found.tests.push(path),
                Likeness::Marked if !path_is_mentioned => found.tests.push(path),
                Likeness::Marked | Likeness::Other => {
                    found.left_alone += usize::from(!path_is_mentioned);
                }
            }
        }
        found
    }
}

fn has_extension(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Whether the text of a file that cannot be parsed has members of a test file.
fn looks_like_a_test(text: &str) -> bool {
    let has_member = |name: &str| {
        text.lines().any(|line| {
            line.starts_with(&format!("{name}:")) || line.contains(&format!("\"{name}\""))
        })
    };
    has_member("preclear") || has_member("tests")
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
        assert_eq!(found.left_alone, 3);
        let names: Vec<_> = found
            .tests
            .iter()
            .map(|path| path.to_str().unwrap())
            .collect();
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
            test_files(&["t/p.json".into()], &files).unwrap().tests,
            [PathBuf::from("t/p.json")]
        );
    }
    #[test]
    fn a_marked_file_that_nothing_mentions_is_a_test_file_with_a_slip() {
        let files = MemoryFiles::from_iter([
            (
                "t/good.yaml",
                "preclear: 1\nsnapshot: [{file: base.yaml}, {file: world}]\ntests: []",
            ),
            ("t/base.yaml", "preclear: 1\naccount: '111122223333'"),
            ("t/world/region.yaml", "preclear: 1\nregion: us-west-2"),
            (
                "t/typo.yaml",
                "preclear: 1\nsnapshot: {file: base.yaml}\ntest: []",
            ),
            ("t/other.yaml", "preclear: 1\nkeys: []"),
            ("t/job.yaml", "operation: x:Y\ncaller: arn"),
        ]);
        let found = test_files(&["t".into()], &files).unwrap();
        let names: Vec<_> = found
            .tests
            .iter()
            .map(|path| path.to_str().unwrap())
            .collect();
        assert_eq!(names, ["t/good.yaml", "t/typo.yaml"]);
        assert_eq!(found.left_alone, 2);
    }
}
