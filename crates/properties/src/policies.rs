//! The policies that properties are about: a snapshot with what there is to say about how it was read.

use std::fmt;
use std::path::Path;

use preclear_inputs::files::{Files, MemoryFiles};
use preclear_inputs::{Options, snapshot};
use preclear_model::{Diagnostic, Diagnostics};
use preclear_simulator::Snapshot;

use crate::disk::Disk;

/// The policies of some accounts.
#[derive(Debug, Clone)]
pub struct Policies {
    snapshot: Snapshot,
    warnings: Vec<Diagnostic>,
}

/// Policies that cannot be used: everything that is wrong with them, with its place.
#[derive(Clone, PartialEq, Eq)]
pub struct LoadError(Diagnostics);

impl LoadError {
    /// What is wrong, warnings included.
    #[must_use]
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.0
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the policies cannot be used")?;
        for found in self.0.iter() {
            write!(f, "\n  {found}")?;
            if let Some(help) = &found.help {
                write!(f, "\n    help: {help}")?;
            }
        }
        Ok(())
    }
}

/// As it is displayed: a test that returns it prints it so.
impl fmt::Debug for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for LoadError {}

impl Policies {
    /// Reads a snapshot: a file, or a folder with everything in it. Relative paths start where `cargo test` does, which is the
    /// folder of the package.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any of the files.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::read(path.as_ref(), &Disk)
    }

    /// The same from files in memory, each with its path; the first one is the snapshot.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any of the files; no file at all.
    ///
    /// ```
    /// use preclear_properties::Policies;
    /// let policies = Policies::from_texts([("snapshot.yaml", "preclear: 1\ncomplete: true\nprincipals: []")]).unwrap();
    /// assert!(policies.warnings().is_empty());
    /// let refused = Policies::from_texts([("snapshot.yaml", "preclear: 1\nprincipal: []")]).unwrap_err();
    /// assert!(refused.to_string().contains("snapshot.yaml:2:1"));
    /// ```
    pub fn from_texts<P: AsRef<Path>, T: Into<Vec<u8>>>(
        files: impl IntoIterator<Item = (P, T)>,
    ) -> Result<Self, LoadError> {
        let mut all = MemoryFiles::default();
        let mut first = None;
        for (path, text) in files {
            all.insert(path.as_ref(), text);
            first.get_or_insert_with(|| path.as_ref().to_owned());
        }
        Self::read(&first.unwrap_or_default(), &all)
    }

    /// Policies that were read by other means. Nothing is known of places that their statements do not carry.
    #[must_use]
    pub fn from_snapshot(snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            warnings: Vec::new(),
        }
    }

    fn read(path: &Path, files: &dyn Files) -> Result<Self, LoadError> {
        let loaded = snapshot::load([path], files, &Options::default()).map_err(LoadError)?;
        Ok(Self {
            snapshot: loaded.value,
            warnings: loaded.diagnostics.0,
        })
    }

    /// The snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What looked wrong when the files were read, such as a policy that nothing refers to. A test that asserts that this is
    /// empty keeps policies from being left out of every other test.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}
