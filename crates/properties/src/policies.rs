//! The policies that properties are about: a snapshot with what there is to say about how it was read.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use preclear_inputs::disk::Disk;
use preclear_inputs::files::{Files, MemoryFiles};
use preclear_inputs::{Options, snapshot};
use preclear_model::{Diagnostic, Diagnostics, Policy};
use preclear_simulator::Snapshot;

use crate::statements::for_each_policy;

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
        Self::read(path.as_ref(), &Disk::default())
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
        let mut snapshot = loaded.value;
        name_as_places_do(&mut snapshot);
        Ok(Self {
            snapshot,
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

/// Calls policies by the paths of their files from where the snapshot was read, as their places do, not from the snapshot:
/// messages have both.
fn name_as_places_do(snapshot: &mut Snapshot) {
    let mut renamed: Vec<(Arc<Policy>, Arc<Policy>)> = Vec::new();
    for_each_policy(snapshot, &mut |policy| {
        let file = policy.source.name.as_str();
        let is_file = file
            .strip_suffix(policy.name.as_str())
            .is_some_and(|front| front.ends_with('/'));
        if !is_file {
            return;
        }
        // One that is attached twice stays one.
        let known = renamed.iter().find(|(old, _)| Arc::ptr_eq(old, policy));
        let new = known.map_or_else(
            || {
                Arc::new(Policy {
                    name: file.to_owned(),
                    ..Policy::clone(policy)
                })
            },
            |(_, new)| Arc::clone(new),
        );
        renamed.push((std::mem::replace(policy, Arc::clone(&new)), new));
    });
}
