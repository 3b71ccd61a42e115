//! Where the repository stands.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The folder of the workspace.
pub(crate) fn root() -> Result<PathBuf, Failure> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = manifest.ancestors().nth(2);
    root.map(Path::to_owned)
        .ok_or_else(|| Failure::new("cannot find the repository above this package"))
}
