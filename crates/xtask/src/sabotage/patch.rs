//! A deliberate bug: a patch file whose first lines say what it breaks and which case must notice.
//!
//! ```text
//! Family: IAM-WILD
//! Bug: a missing trailing part of a resource is implied
//! Caught by: iam-wild/WILD-6
//!
//! --- a/crates/…
//! ```

use std::path::{Path, PathBuf};

use crate::failure::{Failure, While as _};

/// Where the patches are, from the root of the repository.
const FOLDER: &str = "tests/sabotage";

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
    /// The conformance case that must fail, as a path below `tests/cases` without extension.
    pub(super) case: String,
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
            let case = root
                .join("tests/cases")
                .join(format!("{}.yaml", patch.case));
            if !case.is_file() {
                let (name, case) = (&patch.name, &patch.case);
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
                .ok_or_else(|| Failure::new(format!("`{name}` has no line `{label}: …`")))
        };
        Ok(Patch {
            family: head("Family")?,
            bug: head("Bug")?,
            case: head("Caught by")?,
            name,
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
        assert_eq!(patch.case, "iam-wild/WILD-5");
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
