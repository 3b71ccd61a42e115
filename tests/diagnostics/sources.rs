//! The sources: what codes they name, and where.

use std::path::{Path, PathBuf};

use preclear_tests::tables::find;
use preclear_tests::{here, root};
use regex::Regex;

/// Crates that make diagnostics.
const CRATES: [&str; 6] = ["model", "condition", "inputs", "lint", "simulator", "cli"];

/// Texts in upper snake case that are no codes of diagnostics: words of AWS's own, flags, verdicts of jobs.
const OTHER_WORDS: [&str; 25] = [
    "AWS_CLOUDHSM",
    "AWS_IAM",
    "AWS_KMS",
    "AWS_OWNED",
    "ENCAPSULATE_DECAPSULATE",
    "ENCRYPT_DECRYPT",
    "EXTERNAL_KEY_STORE",
    "GENERATE_VERIFY_MAC",
    "KEY_AGREEMENT",
    "RESOURCE_CONTROL_POLICY",
    "SERVICE_CONTROL_POLICY",
    "SIGN_VERIFY",
    "SYMMETRIC_DEFAULT",
    "DOC_ASKS_BOTH",
    "NO_COLOR",
    "CARGO_MANIFEST_DIR",
    "CARGO_PKG_VERSION",
    "CLICOLOR_FORCE",
    "TERM_PROGRAM",
    "X_RAY",
    "KEY_MATERIAL_EXPIRES",
    "AWS_RAM",
    "REQUEST_JSON",
    "IGNORE_CIPHERTEXT",
    "NOT_KNOWN",
];

/// A text in upper snake case.
#[derive(Debug)]
struct Word {
    text: String,
    place: String,
}

/// Source files of the crates without their tests.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in CRATES {
        let mut folders = vec![root().join("crates").join(name).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let is_of_tests = matches!(&*name, "tests" | "tests.rs" | "testing.rs");
                if is_of_tests {
                } else if path.is_dir() {
                    folders.push(path);
                } else if name.ends_with(".rs") {
                    found.push(path);
                }
            }
        }
    }
    found.sort();
    found
}

/// The text of a file without its test module and without comments.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let is_comment = |line: &&str| line.trim_start().starts_with("//");
    let kept = text
        .lines()
        .map(|line| if is_comment(&line) { "" } else { line });
    kept.collect::<Vec<_>>().join("\n")
}

fn words(pattern: &str) -> Vec<Word> {
    let pattern = Regex::new(pattern).unwrap();
    let mut found = Vec::new();
    for path in sources() {
        let text = code(&path);
        for captures in pattern.captures_iter(&text) {
            let Some(word) = captures.get(1) else {
                continue;
            };
            let line = text.get(..word.start()).unwrap_or_default().lines().count();
            found.push(Word {
                text: word.as_str().to_owned(),
                place: format!("{}:{line}", path.display()),
            });
        }
    }
    found
}

#[test]
fn every_code_in_the_sources_is_in_a_table() {
    let words = words(r#""([A-Z][A-Z0-9]*(?:_[A-Z0-9]*)+)""#);
    assert!(words.len() > 100, "the scan finds nothing");
    let unknown: Vec<String> = words
        .iter()
        .filter(|word| find(&word.text).is_none() && !OTHER_WORDS.contains(&word.text.as_str()))
        .map(|word| format!("{}: {}", word.place, word.text))
        .collect();
    assert_eq!(unknown, [""; 0], "add them to a table of codes");
}

/// Codes of one word are told by where they stand.
#[test]
fn every_diagnostic_is_made_with_a_code_of_a_table() {
    let made = words(
        r#"(?:Diagnostic::(?:error|warning|info)|\.(?:error|warn)|refuse|missing)\(\s*(?:[a-z_.]+,\s*)?"([A-Z][A-Z_0-9]*)""#,
    );
    assert!(made.len() > 100, "the scan finds nothing");
    let unknown: Vec<String> = made
        .iter()
        .filter(|word| find(&word.text).is_none())
        .map(|word| format!("{}: {}", word.place, word.text))
        .collect();
    assert_eq!(unknown, [""; 0]);
}

/// A code whose text no source holds may be gone: then its row goes too. Rows that are used by name are found by it.
#[test]
fn every_row_is_used() {
    let mut used = String::new();
    for path in sources() {
        if path.file_name().is_some_and(|name| name == "codes.rs") {
            continue;
        }
        used.push_str(&code(&path));
    }
    for entry in std::fs::read_dir(root().join("crates/catalog/data/jobs")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            used.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    // Some codes are for templates, and the example of such a code has one.
    used.push_str(&std::fs::read_to_string(here().join("diagnostics/examples.yaml")).unwrap());
    let unused: Vec<&str> = preclear_tests::tables::groups()
        .iter()
        .flat_map(preclear_tests::tables::Group::codes)
        .map(|row| row.name)
        .filter(|name| {
            let pattern = Regex::new(&format!(r#"(?:"|::){name}\b"#)).unwrap();
            !pattern.is_match(&used)
        })
        .collect();
    assert_eq!(unused, [""; 0]);
}
