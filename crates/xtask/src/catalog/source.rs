//! The source package: which one, fetching it, and proof that it is the one meant.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest as _, Sha512};

use crate::failure::{Failure, While as _};

/// Name, version and integrity of the source package, as recorded in the repository.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    package: String,
    pub(crate) version: String,
    integrity: String,
}

#[derive(Debug, Deserialize)]
struct Packed {
    filename: String,
    version: String,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    name: String,
    version: String,
    license: String,
}

impl Source {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let json = fs::read_to_string(path).failing_to(|| format!("read `{}`", path.display()))?;
        serde_json::from_str(&json).failing_to(|| format!("read `{}`", path.display()))
    }

    /// Puts the verified package into `work`, which is emptied first; returns its folder.
    pub(crate) fn fetch(&self, work: &Path, tarball: Option<&Path>) -> Result<PathBuf, Failure> {
        if work.exists() {
            fs::remove_dir_all(work).failing_to(|| format!("empty `{}`", work.display()))?;
        }
        fs::create_dir_all(work).failing_to(|| format!("create `{}`", work.display()))?;
        let tarball = match tarball {
            Some(path) => path.to_owned(),
            None => self.pack(work)?,
        };
        let bytes = fs::read(&tarball).failing_to(|| format!("read `{}`", tarball.display()))?;
        let integrity = integrity(&bytes);
        if integrity != self.integrity {
            return Err(Failure::new(format!(
                "`{}` is not the recorded package: its integrity is `{integrity}`, recorded is `{}`",
                tarball.display(),
                self.integrity
            )));
        }
        self.unpack(&tarball, work)
    }

    fn pack(&self, work: &Path) -> Result<PathBuf, Failure> {
        let wanted = format!("{}@{}", self.package, self.version);
        let output = Command::new("npm")
            .args(["pack", "--json", "--ignore-scripts", &wanted])
            .current_dir(work)
            .output()
            .failing_to(|| "run `npm`".to_owned())?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("`npm pack {wanted}` failed:\n{said}")));
        }
        let packed: Vec<Packed> = serde_json::from_slice(&output.stdout)
            .failing_to(|| format!("understand what `npm pack {wanted}` printed"))?;
        match packed.as_slice() {
            [only] if only.version == self.version => Ok(work.join(&only.filename)),
            _ => Err(Failure::new(format!(
                "`npm pack {wanted}` did not yield that version"
            ))),
        }
    }

    fn unpack(&self, tarball: &Path, work: &Path) -> Result<PathBuf, Failure> {
        let tarball = tarball
            .canonicalize()
            .failing_to(|| format!("find `{}`", tarball.display()))?;
        let status = Command::new("tar")
            .arg("-xzf")
            .arg(&tarball)
            .current_dir(work)
            .status()
            .failing_to(|| "run `tar`".to_owned())?;
        if !status.success() {
            return Err(Failure::new(format!(
                "`tar` cannot unpack `{}`",
                tarball.display()
            )));
        }
        let folder = work.join("package");
        let manifest = folder.join("package.json");
        let json = fs::read_to_string(&manifest)
            .failing_to(|| format!("read `{}`", manifest.display()))?;
        let manifest: Manifest =
            serde_json::from_str(&json).failing_to(|| "read the package's manifest".to_owned())?;
        if manifest.name != self.package || manifest.version != self.version {
            return Err(Failure::new(format!(
                "the package says that it is `{}` `{}`",
                manifest.name, manifest.version
            )));
        }
        if manifest.license != "MIT" {
            return Err(Failure::new(format!(
                "the package's licence has become `{}`: look at it before taking anything",
                manifest.license
            )));
        }
        Ok(folder)
    }
}

/// Integrity in the form that package managers record.
fn integrity(bytes: &[u8]) -> String {
    format!("sha512-{}", STANDARD.encode(Sha512::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrity_is_sha512_in_base64() {
        // Published vector: SHA-512 of `abc`.
        let expected = "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==";
        assert_eq!(integrity(b"abc"), expected);
    }

    #[test]
    fn recorded_source_is_complete() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalog/data/source.json");
        let source = Source::read(&path).expect("source.json reads");
        assert!(source.integrity.starts_with("sha512-"));
        assert!(!source.package.is_empty() && !source.version.is_empty());
    }

    #[test]
    fn another_tarball_is_refused() {
        let folder = std::env::temp_dir().join(format!("preclear-xtask-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("folder");
        let tarball = folder.join("other.tgz");
        fs::write(&tarball, b"not the package").expect("file");
        let source = Source {
            package: "p".to_owned(),
            version: "1".to_owned(),
            integrity: integrity(b"the package"),
        };
        let refused = source.fetch(&folder.join("work"), Some(&tarball));
        fs::remove_dir_all(&folder).expect("cleanup");
        let message = refused.expect_err("refused").to_string();
        assert!(message.contains("is not the recorded package"), "{message}");
    }
}
