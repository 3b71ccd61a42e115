//! Where code and documents cite rules.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use preclear_tests::root;

use crate::book::Place;
use crate::id::{citations, is_out_of_form};

/// Crates that are no part of what decides: they test it, or build its data.
const OTHER_CRATES: [&str; 2] = ["crates/harness", "crates/xtask"];

/// Folders that hold nothing of ours, what is checked otherwise, or, as this one, examples of what is wrong.
const PASSED_OVER: [&str; 7] = [
    "target",
    "cases",
    "open",
    "snapshots",
    "artifacts",
    "corpus",
    "ledger",
];

/// One citation.
#[derive(Debug, Clone)]
pub(crate) struct Cited {
    pub(crate) place: Place,
    pub(crate) id: String,
    /// True in the code and data that decide: its rule is built there.
    pub(crate) is_code: bool,
}

/// All citations of the checkout.
#[derive(Debug, Default)]
pub(crate) struct Citations {
    pub(crate) all: Vec<Cited>,
    /// Lines whose citations are not written as ids.
    pub(crate) out_of_form: Vec<Place>,
}

impl Citations {
    /// Reads code, data and documents.
    ///
    /// # Errors
    ///
    /// A file or folder that cannot be read.
    pub(crate) fn read() -> io::Result<Self> {
        let mut files = Vec::new();
        for folder in ["crates", "tests", "docs", "benches", "fuzz", "examples"] {
            collect(Path::new(folder), &mut files)?;
        }
        files.extend(["README.md", "CHANGELOG.md"].map(PathBuf::from));
        files.sort();
        let mut found = Self::default();
        for path in files {
            found.add(&path, &fs::read_to_string(root().join(&path))?);
        }
        Ok(found)
    }

    /// Citations of an id by code and data that decide.
    pub(crate) fn by_code<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Cited> {
        self.all
            .iter()
            .filter(move |cited| cited.is_code && cited.id == id)
    }

    fn add(&mut self, path: &Path, text: &str) {
        let is_code = decides(path);
        let mut prefix = prefix(path);
        let mut in_tests = false;
        let mut before = "";
        for (index, line) in text.lines().enumerate() {
            if before == "#[cfg(test)]" && line.starts_with("mod ") && line.ends_with('{') {
                in_tests = true;
            } else if line == "}" {
                in_tests = false;
            }
            if path.ends_with("traps.md") && line.starts_with("## ") {
                prefix = Some(if line.contains("KMS") { "KMS-" } else { "IAM-" });
            }
            let place = || Place {
                path: path.to_owned(),
                line: index + 1,
            };
            if is_out_of_form(line) {
                self.out_of_form.push(place());
            }
            let cited = citations(line, prefix).into_iter().map(|id| Cited {
                place: place(),
                id,
                is_code: is_code && !in_tests,
            });
            self.all.extend(cited);
            before = line;
        }
    }
}

/// Files with text of ours below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root().join(folder))? {
        let entry = entry?;
        let name = entry.file_name();
        let path = folder.join(&name);
        if entry.file_type()?.is_dir() {
            if !PASSED_OVER.iter().any(|passed| name == *passed) {
                collect(&path, files)?;
            }
        } else if is_text(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_text(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("rs" | "md" | "json" | "yaml" | "yml"))
}

/// True for code and data that decide, outside their tests.
fn decides(path: &Path) -> bool {
    let is_test = path.components().any(|part| {
        matches!(
            part.as_os_str().to_str(),
            Some("tests" | "tests.rs" | "testing.rs")
        )
    });
    let is_product =
        path.starts_with("crates") && !OTHER_CRATES.iter().any(|other| path.starts_with(other));
    let is_source = path
        .components()
        .nth(2)
        .is_some_and(|part| part.as_os_str() == "src")
        && path.extension().is_some_and(|extension| extension == "rs");
    let is_data = path.starts_with("crates/catalog/data")
        && path
            .extension()
            .is_some_and(|extension| extension == "json");
    is_product && !is_test && (is_source || is_data)
}

/// What stands before families that a file of the rules writes short.
fn prefix(path: &Path) -> Option<&'static str> {
    let name = path.strip_prefix("docs/rules").ok()?.to_str()?;
    if name.starts_with("iam-") || name == "ambiguities.md" || name == "disagreements.md" {
        Some("IAM-")
    } else if name.starts_with("kms-") {
        Some("KMS-")
    } else {
        None
    }
}
