//! A deliberate bug: a patch file whose first lines say what it breaks and who must notice: a conformance case (`Caught by`), or a
//! property on worlds that are made up (`Found by`).
//!
//! ```text
//! Family: IAM-WILD
//! Bug: a missing trailing part of a resource is implied
//! Caught by: iam-wild/WILD-6
//!
//! --- a/crates/…
//! ```

use std::fmt;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, While as _};

/// Where the patches are, from the root of the repository.
const FOLDER: &str = "tests/sabotage";

/// Who must notice a bug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Witness {
    /// A conformance case, as a path below `tests/cases` without extension.
    Case(String),
    /// A property of `cargo xtask soak`, by its name.
    Property(String),
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Case(case) => f.write_str(case),
            Self::Property(property) => write!(f, "property {property}"),
        }
    }
}

/// One patch file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Patch {
    /// File name without extension.
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// The rule family that is broken.
    pub(super) family: String,
    /// What is broken, in a sentence.
    pub(super) bug: String,
    /// Who must fail.
    pub(super) witness: Witness,
}

impl Patch {
    /// All patches in the order of their names, or those whose name contains a text.
    pub(super) fn all(root: &Path, only: Option<&str>) -> Result<Vec<Patch>, Failure> {
        let folder = root.join(FOLDER);
        let entries = std::fs::read_dir(&folder).failing_to(|| format!("list `{FOLDER}`"))?;
        let mut patches = Vec::new();
        for entry in entries {
            let path = entry.failing_to(|| format!("list `{FOLDER}`"))?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "patch")
            {
                let text = std::fs::read_to_string(&path)
                    .failing_to(|| format!("read `{}`", path.display()))?;
                patches.push(Patch::read(path, &text)?);
            }
        }
        patches.retain(|patch| only.is_none_or(|only| patch.name.contains(only)));
        patches.sort_by(|one, other| one.name.cmp(&other.name));
        if patches.is_empty() {
            return Err(Failure::new(format!("no such patch in `{FOLDER}`")));
        }
        for patch in &patches {
            let Witness::Case(case) = &patch.witness else {
                continue;
            };
            let file = root.join("tests/cases").join(format!("{case}.yaml"));
            if !file.is_file() {
                let name = &patch.name;
                let message = format!("`{name}` names the case `{case}`, which does not exist");
                return Err(Failure::new(message));
            }
        }
        Ok(patches)
    }

    fn read(path: PathBuf, text: &str) -> Result<Patch, Failure> {
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let head = |label: &str| {
            text.lines()
                .take_while(|line| !line.starts_with("--- "))
                .find_map(|line| line.strip_prefix(label)?.strip_prefix(": "))
                .map(|value| value.trim().to_owned())
        };
        let lacks = |label: &str| Failure::new(format!("`{name}` has no line `{label}: …`"));
        let needed = |label: &str| head(label).ok_or_else(|| lacks(label));
        let witness = match head("Found by") {
            Some(property) => Witness::Property(property),
            None => Witness::Case(needed("Caught by")?),
        };
        Ok(Patch {
            family: needed("Family")?,
            bug: needed("Bug")?,
            witness,
            name: name.clone(),
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Family: IAM-WILD\nBug: a star stops at a slash\nCaught by: iam-wild/WILD-5\n\n--- a/x\n+++ b/x\n";

    #[test]
    fn the_head_says_what_is_broken_and_who_notices() {
        let patch = Patch::read(PathBuf::from("wild.patch"), TEXT).expect("a whole head");
        assert_eq!(patch.name, "wild");
        assert_eq!(patch.family, "IAM-WILD");
        assert_eq!(patch.bug, "a star stops at a slash");
        assert_eq!(patch.witness, Witness::Case("iam-wild/WILD-5".to_owned()));
        let text = TEXT.replace("Caught by: iam-wild/WILD-5", "Found by: reference");
        let patch = Patch::read(PathBuf::from("wild.patch"), &text).expect("a whole head");
        assert_eq!(patch.witness.to_string(), "property reference");
    }

    #[test]
    fn a_patch_without_a_case_is_refused() {
        let text = TEXT.replace("Caught by: iam-wild/WILD-5\n", "");
        let failure = Patch::read(PathBuf::from("wild.patch"), &text).expect_err("no case");
        assert!(failure.to_string().contains("Caught by"), "{failure}");
    }

    #[test]
    fn what_looks_like_a_head_below_the_patch_is_none() {
        let text = TEXT.replace("Bug: a star stops at a slash\n", "") + "Bug: text of a file\n";
        assert!(Patch::read(PathBuf::from("wild.patch"), &text).is_err());
    }
}
