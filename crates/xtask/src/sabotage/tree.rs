//! A copy of the sources in which bugs may stand, with its own build, so that the checkout is never touched.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use super::patch::{Patch, Witness};
use crate::failure::{Failure, While as _};

/// Worlds in which a property must find a bug, and the seed of the first one.
const WORLDS: &str = "400";
const SEED: &str = "2001";

/// What became of a case or property.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tried {
    pub(super) holds: bool,
    /// How long it took.
    pub(super) seconds: u64,
}

/// The copy.
#[derive(Debug)]
pub(super) struct Tree {
    sources: PathBuf,
    build: PathBuf,
}

impl Tree {
    /// Copies every file that git tracks; what is the same already stays, so that builds are short.
    pub(super) fn copy_of(root: &Path) -> Result<Tree, Failure> {
        let work = root.join("target").join("sabotage");
        let tree = Tree {
            sources: work.join("tree"),
            build: work.join("build"),
        };
        let listed = output(Command::new("git").arg("-C").arg(root).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]))?;
        let names: Vec<&str> = std::str::from_utf8(&listed.stdout)
            .failing_to(|| "read the list of files".to_owned())?
            .split_terminator('\0')
            .collect();
        for name in &names {
            let from = root.join(name);
            // A file that was deleted and is not committed yet is still listed.
            if from.is_file() {
                bring(&from, &tree.sources.join(name))?;
            }
        }
        tree.remove_others(&tree.sources, &names)?;
        Ok(tree)
    }

    /// Removes what the checkout no longer has.
    fn remove_others(&self, folder: &Path, names: &[&str]) -> Result<(), Failure> {
        let doing = || format!("tidy `{}`", folder.display());
        for entry in std::fs::read_dir(folder).failing_to(doing)? {
            let path = entry.failing_to(doing)?.path();
            if path.is_dir() {
                self.remove_others(&path, names)?;
            } else if let Ok(name) = path.strip_prefix(&self.sources)
                && !names.iter().any(|known| Path::new(known) == name)
            {
                std::fs::remove_file(&path).failing_to(doing)?;
            }
        }
        Ok(())
    }

    /// Fails unless the patch can be applied.
    pub(super) fn applies(&self, patch: &Patch) -> Result<(), Failure> {
        self.apply(patch, &["--check"])
    }

    /// Does something while the bug is in.
    pub(super) fn with<T>(
        &self,
        patch: &Patch,
        deed: impl FnOnce(&Tree) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.apply(patch, &[])?;
        let done = deed(self);
        self.apply(patch, &["--reverse"])?;
        done
    }

    /// Whether the case or the property of the patch holds on the tree as it stands; a tree that does not compile is a failure.
    pub(super) fn passes(&self, patch: &Patch) -> Result<Tried, Failure> {
        match &patch.witness {
            Witness::Case(case) => {
                let start = Instant::now();
                let holds = self.case_passes(patch, case)?;
                let seconds = start.elapsed().as_secs();
                Ok(Tried { holds, seconds })
            }
            Witness::Property(property) => self.property_holds(patch, property),
        }
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .current_dir(&self.sources)
            .env("CARGO_TARGET_DIR", &self.build)
            // A build for each bug: quick ones serve best.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_INCREMENTAL", "true")
            .env("CARGO_PROFILE_TEST_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        cargo
    }

    /// Tries the property on the first worlds of a seed; building does not count for the time.
    fn property_holds(&self, patch: &Patch, property: &str) -> Result<Tried, Failure> {
        let doing = || format!("try `{property}` with `{}`", patch.name);
        let mut build = self.cargo();
        build.args(["build", "--quiet", "--release", "-p", "xtask"]);
        let built = build.output().failing_to(doing)?;
        if !built.status.success() {
            let said = String::from_utf8_lossy(&built.stderr);
            return Err(Failure::new(format!("{}: {}", doing(), said.trim())));
        }
        let start = Instant::now();
        let mut soak = Command::new(self.build.join("release").join("xtask"));
        soak.current_dir(&self.sources)
            .args(["soak", "--property", property, "--worlds", WORLDS])
            .args(["--seed", SEED]);
        let ran = soak.output().failing_to(doing)?;
        let seconds = start.elapsed().as_secs();
        let said = String::from_utf8_lossy(&ran.stderr);
        let holds = ran.status.success();
        if holds || said.contains("does not hold") {
            Ok(Tried { holds, seconds })
        } else {
            Err(Failure::new(format!("{}: {}", doing(), said.trim())))
        }
    }

    fn case_passes(&self, patch: &Patch, case: &str) -> Result<bool, Failure> {
        let mut cargo = self.cargo();
        cargo
            .args(["test", "--quiet", "-p", "preclear-tests"])
            .args(["--test", "conformance", "--", "--exact", case]);
        let ran = cargo
            .output()
            .failing_to(|| format!("test `{}`", patch.name))?;
        let said = String::from_utf8_lossy(&ran.stdout);
        let verdict = said
            .lines()
            .find_map(|line| line.strip_prefix("test result: "));
        match verdict {
            Some(verdict) if verdict.starts_with("ok. 1 passed") => Ok(true),
            Some(verdict) if verdict.starts_with("FAILED. 0 passed; 1 failed") => Ok(false),
            _ => Err(Failure::new(format!(
                "`{case}` could not be run: {}",
                String::from_utf8_lossy(&ran.stderr).trim()
            ))),
        }
    }

    fn apply(&self, patch: &Patch, options: &[&str]) -> Result<(), Failure> {
        // The ceiling keeps git from taking the copy for a part of the checkout around it, and patching nothing.
        let mut git = Command::new("git");
        git.current_dir(&self.sources)
            .env("GIT_CEILING_DIRECTORIES", ceiling(&self.sources))
            .arg("apply")
            .args(options)
            .arg(&patch.path);
        let applied = output(&mut git)?;
        if applied.status.success() {
            Ok(())
        } else {
            let reason = String::from_utf8_lossy(&applied.stderr);
            Err(Failure::new(format!(
                "`{}` does not apply: {}",
                patch.name,
                reason.trim()
            )))
        }
    }
}

fn ceiling(sources: &Path) -> &OsStr {
    sources.parent().unwrap_or(sources).as_os_str()
}

/// Copies a file unless the same text stands there: cargo goes by the time of change.
fn bring(from: &Path, to: &Path) -> Result<(), Failure> {
    let doing = || format!("copy `{}`", from.display());
    let text = std::fs::read(from).failing_to(doing)?;
    if std::fs::read(to).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).failing_to(doing)?;
    }
    std::fs::write(to, text).failing_to(doing)
}

fn output(command: &mut Command) -> Result<Output, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.output().failing_to(|| format!("run `{name}`"))
}
