//! Folders in which the commands of a page run: what they write stays out of the checkout.

use std::fs;
use std::path::{Path, PathBuf};

use preclear_tests::{here, root};

/// Where README.md speaks of the reader's own files.
const OWN: &str = "Your own policies";

/// The folders of one page.
#[derive(Debug)]
pub(crate) struct World {
    /// Stands for the root of the checkout.
    checkout: PathBuf,
    /// Stands for a folder of the reader's.
    own: PathBuf,
}

impl World {
    /// New folders for a page.
    pub(crate) fn of(page: &str) -> World {
        let name = page.replace(['/', '.'], "-");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("book")
            .join(name);
        let _ = fs::remove_dir_all(&folder);
        let (checkout, own) = (folder.join("checkout"), folder.join("own"));
        copy(&root().join("examples"), &checkout.join("examples"));
        fs::create_dir_all(checkout.join("target")).unwrap();
        copy(&here().join("book/own"), &own);
        World { checkout, own }
    }

    /// The folder for commands below a heading.
    pub(crate) fn folder(&self, heading: &str) -> &Path {
        if heading == OWN {
            &self.own
        } else {
            &self.checkout
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
