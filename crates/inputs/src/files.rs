//! Where texts come from: what readers ask of files, and how paths in files are resolved.
//!
//! Nothing here touches a file system, which is [`disk`](crate::disk); [`MemoryFiles`] serves tests, documentation and embedders.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};

use preclear_model::Node;
pub use preclear_model::node::FILE_BYTES_MAX;

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileErrorKind {
    /// There is no such file.
    NotFound,
    /// The path names a directory where a file is needed.
    IsDirectory,
    /// The file is larger than [`FILE_BYTES_MAX`].
    TooLarge,
    /// Anything else: permissions, hardware.
    Other,
}

/// A file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// Why.
    pub kind: FileErrorKind,
    /// What the system says, lower-case.
    pub message: String,
}

impl FileError {
    /// An error with the wording that belongs to its kind.
    #[must_use]
    pub fn new(kind: FileErrorKind) -> Self {
        let message = match kind {
            FileErrorKind::NotFound => "no such file",
            FileErrorKind::IsDirectory => "it is a directory",
            FileErrorKind::TooLarge => "it is larger than 1 GiB",
            FileErrorKind::Other => "it cannot be read",
        };
        Self {
            kind,
            message: message.to_owned(),
        }
    }

    /// An error of kind [`FileErrorKind::Other`] in the system's words.
    #[must_use]
    pub fn other(message: impl Into<String>) -> Self {
        Self {
            kind: FileErrorKind::Other,
            message: message.into(),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FileError {}

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Path as it can be passed to [`Files::read`] and [`Files::list`].
    pub path: PathBuf,
    /// True for a directory.
    pub is_directory: bool,
}

/// Reads files for the loaders; the program implements it. Several threads may ask at once.
pub trait Files: Sync {
    /// The whole content of a file.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being read. An implementation should give up with
    /// [`FileErrorKind::TooLarge`] as soon as it has seen more than [`FILE_BYTES_MAX`] bytes.
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError>;

    /// The entries of a directory in any order; `None` where the path names no directory.
    ///
    /// # Errors
    ///
    /// A directory that cannot be listed.
    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError>;
}

/// Files held in memory.
///
/// ```
/// use std::path::Path;
/// use preclear_inputs::files::{Files, MemoryFiles};
/// let files = MemoryFiles::from_iter([("a/k.json", "{}"), ("a/b/x.yaml", "x: 1")]);
/// assert_eq!(files.read(Path::new("a/../a/k.json")).unwrap(), b"{}");
/// assert_eq!(files.list(Path::new("a")).unwrap().unwrap().len(), 2);
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryFiles {
    /// Adds a file, or replaces it.
    pub fn insert(&mut self, path: impl AsRef<Path>, content: impl Into<Vec<u8>>) {
        self.files.insert(normal(path.as_ref()), content.into());
    }
}

impl<P: AsRef<Path>, C: Into<Vec<u8>>> FromIterator<(P, C)> for MemoryFiles {
    fn from_iter<I: IntoIterator<Item = (P, C)>>(files: I) -> Self {
        let mut all = Self::default();
        for (path, content) in files {
            all.insert(path, content);
        }
        all
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        let path = normal(path);
        match self.files.get(&path) {
            Some(content) => Ok(content.clone()),
            None if self.files.keys().any(|known| known.starts_with(&path)) => {
                Err(FileError::new(FileErrorKind::IsDirectory))
            }
            None => Err(FileError::new(FileErrorKind::NotFound)),
        }
    }

    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
        let directory = normal(path);
        let mut entries: Vec<Entry> = self
            .files
            .keys()
            .filter_map(|known| {
                let mut rest = known.strip_prefix(&directory).ok()?.components();
                let name = rest.next()?;
                Some(Entry {
                    path: directory.join(name),
                    is_directory: rest.next().is_some(),
                })
            })
            .collect();
        entries.dedup();
        Ok((!entries.is_empty()).then_some(entries))
    }
}

/// The path of a file that another file mentions. Rule: UI-30.
pub(crate) fn beside(mentioned_in: &Path, path: &str) -> PathBuf {
    match mentioned_in.parent() {
        Some(directory) => tidy(&directory.join(path)),
        None => PathBuf::from(path),
    }
}

/// Collects the normal paths in `{file: PATH}` anywhere in the tree of a file. Rule: UI-30.
///
/// ```
/// use std::collections::BTreeSet;
/// use std::path::{Path, PathBuf};
/// use std::sync::Arc;
/// use preclear_inputs::files::mentions;
/// use preclear_model::{Source, node};
/// let source = Arc::new(Source::new("t/a.yaml", "snapshot: {file: ./world.yaml}"));
/// let mut found = BTreeSet::new();
/// mentions(&node::read(&source).unwrap(), Path::new("t/a.yaml"), &mut found);
/// assert_eq!(found, BTreeSet::from([PathBuf::from("t/world.yaml")]));
/// ```
pub fn mentions(node: &Node, path: &Path, found: &mut BTreeSet<PathBuf>) {
    for member in node.members() {
        if let ("file", Some(file)) = (member.name.as_str(), member.value.as_text()) {
            found.insert(normal(&beside(path, file)));
        }
        mentions(&member.value, path, found);
    }
    for item in node.items() {
        mentions(item, path, found);
    }
}

/// The path without `.` and, as far as that can be told from the text, without `..`: two ways to name one file
/// should look the same.
#[must_use]
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if !matches!(
                    normal.components().next_back(),
                    None | Some(Component::ParentDir)
                ) {
                    normal.pop();
                } else {
                    normal.push("..");
                }
            }
            other => normal.push(other),
        }
    }
    normal
}

/// Drops only `.` components: behind a symbolic link `a/../b` is not `b`, so what is read keeps its `..`.
fn tidy(path: &Path) -> PathBuf {
    path.components()
        .filter(|component| !matches!(component, Component::CurDir))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_mentions_them() {
        assert_eq!(
            beside(Path::new("cases/jobs/G1.yaml"), "policies/k.json"),
            Path::new("cases/jobs/policies/k.json")
        );
        assert_eq!(
            beside(Path::new("G1.yaml"), "./k.json"),
            Path::new("k.json")
        );
        assert_eq!(
            beside(Path::new("a/G1.yaml"), "/abs/k.json"),
            Path::new("/abs/k.json")
        );
        assert_eq!(
            beside(Path::new("a/G1.yaml"), "../k.json"),
            Path::new("a/../k.json")
        );
    }

    #[test]
    fn two_names_of_one_file_become_one() {
        assert_eq!(normal(Path::new("a/./b/../c.json")), Path::new("a/c.json"));
        assert_eq!(
            normal(Path::new("../x/../../c.json")),
            Path::new("../../c.json")
        );
    }

    #[test]
    fn memory_files_know_directories() {
        let files = MemoryFiles::from_iter([("d/a.json", "1"), ("d/e/b.json", "2")]);
        let error = files.read(Path::new("d/e")).unwrap_err();
        assert_eq!(error.kind, FileErrorKind::IsDirectory);
        let error = files.read(Path::new("d/none")).unwrap_err();
        assert_eq!(error.kind, FileErrorKind::NotFound);
        assert_eq!(files.list(Path::new("d/a.json")).unwrap(), None);
        let entries = files.list(Path::new("d")).unwrap().unwrap();
        let names: Vec<_> = entries
            .iter()
            .map(|e| (e.path.to_str().unwrap(), e.is_directory))
            .collect();
        assert_eq!(names, [("d/a.json", false), ("d/e", true)]);
    }
}
