//! The files to lint: those that were named, and those below directories that were named.

use std::path::{Path, PathBuf};

use preclear_inputs::Files;
use preclear_model::Diagnostic;

use super::Unusable;

/// Folders in one another that are searched.
const DEPTH_MAX: usize = 32;

/// What files of a directory may hold policies.
const ENDINGS: [&str; 6] = ["json", "yaml", "yml", "md", "markdown", "txt"];

/// A file to lint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) path: PathBuf,
    /// Whether it was named; else it was found in a directory, and may hold no policy.
    pub(super) is_named: bool,
}

/// The files in the order of their names below each directory, and what cannot be read.
pub(super) fn targets(paths: &[PathBuf], files: &dyn Files) -> (Vec<Target>, Vec<Unusable>) {
    let mut targets = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        match files.list(path) {
            Ok(None) => targets.push(Target {
                path: path.clone(),
                is_named: true,
            }),
            Ok(Some(_)) => directory(path, 0, files, &mut targets, &mut errors),
            Err(error) => errors.push(Unusable::of(path, unreadable(path, &error.to_string()))),
        }
    }
    (targets, errors)
}

fn directory(
    path: &Path,
    depth: usize,
    files: &dyn Files,
    targets: &mut Vec<Target>,
    errors: &mut Vec<Unusable>,
) {
    if depth > DEPTH_MAX {
        let error = unreadable(path, "it lies too deep in other directories");
        return errors.push(Unusable::of(path, error));
    }
    let mut entries = match files.list(path) {
        Ok(entries) => entries.unwrap_or_default(),
        Err(error) => return errors.push(Unusable::of(path, unreadable(path, &error.to_string()))),
    };
    entries.sort();
    for entry in entries {
        if entry.is_directory {
            // `.git` and its like hold nothing that somebody wrote to be read.
            let name = entry.path.file_name().unwrap_or_default();
            if !name.to_string_lossy().starts_with('.') {
                directory(&entry.path, depth + 1, files, targets, errors);
            }
        } else if has_ending(&entry.path) {
            targets.push(Target {
                path: entry.path,
                is_named: false,
            });
        }
    }
}

fn has_ending(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ENDINGS
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// What keeps a file from being read.
pub(super) fn unreadable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error(
        "UNREADABLE_FILE",
        format!("`{}` cannot be read: {why}", path.display()),
    )
    .rule("UI-22")
    .help("check the path and its permissions")
}

#[cfg(test)]
mod tests {
    use super::*;
    use preclear_inputs::files::MemoryFiles;

    #[test]
    fn directories_are_searched_for_what_may_hold_policies() {
        let files = MemoryFiles::from_iter([
            ("d/b.json", ""),
            ("d/a/x.MD", ""),
            ("d/.git/y.json", ""),
            ("d/z.rs", ""),
            ("p", ""),
        ]);
        let (found, errors) = targets(&["d".into(), "p".into()], &files);
        let names: Vec<_> = found
            .iter()
            .map(|one| (one.path.to_str().unwrap(), one.is_named))
            .collect();
        assert_eq!(
            names,
            [("d/a/x.MD", false), ("d/b.json", false), ("p", true)]
        );
        assert!(errors.is_empty());
    }
}
