//! `cargo xtask tables`: writes the conformance cases whose expectations are the cells of the tables in `docs/rules`.
//!
//! [`markdown`] reads the tables; one module for each family of rules knows how to make a cell visible in a request and
//! what its words mean; [`case`] writes the file. Nothing here knows the program that is tested. A cell that nobody can
//! read, a row without a probe, a sentence that a probe stands on and that is gone: each is an error.

mod ambiguities;
mod assume_role;
mod callers;
mod case;
mod cell;
mod classes;
mod condition;
mod forms;
mod grants;
mod keys;
mod kinds;
mod logic;
mod markdown;
mod operations;
mod operators;
mod requester;
mod world;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, While as _};
use crate::repository;

/// Options of `cargo xtask tables`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Write nothing; fail if the committed cases differ from what would be generated.
    #[arg(long)]
    check: bool,
}

/// Generates or compares the cases; the text says what was done.
pub(crate) fn run(options: &Options) -> Result<String, Failure> {
    let root = repository::root()?;
    let generated = generate(&root)?;
    let folder = folder(&root);
    let committed = committed(&folder)?;
    let is_stale = |path: &&String| generated.files.get(*path) != committed.get(*path);
    let paths = generated.files.keys().chain(committed.keys());
    let stale: BTreeSet<&String> = paths.filter(is_stale).collect();
    let Some(first) = stale.first() else {
        return Ok(format!("tables are up to date: {}", generated.size()));
    };
    if options.check {
        return Err(Failure::new(format!(
            "{} case files differ from the tables, the first is `{first}`: run `cargo xtask tables` and commit the result",
            stale.len()
        )));
    }
    for path in &stale {
        let file = folder.join(path);
        match generated.files.get(*path) {
            Some(text) => write(&file, text)?,
            None => fs::remove_file(&file).failing_to(|| format!("remove `{}`", file.display()))?,
        }
    }
    Ok(format!(
        "tables written, {} files changed: {}",
        stale.len(),
        generated.size()
    ))
}

/// The texts of all files by their path below the folder.
struct Generated {
    files: BTreeMap<String, String>,
    tests: usize,
}

impl Generated {
    fn size(&self) -> String {
        let bytes: usize = self.files.values().map(String::len).sum();
        format!(
            "{} files, {} tests, {bytes} bytes",
            self.files.len(),
            self.tests
        )
    }
}

fn generate(root: &Path) -> Result<Generated, Failure> {
    let rules = markdown::Rules::read(&root.join("docs").join("rules"))?;
    let mut cases = condition::cases(&rules)?;
    cases.extend(logic::cases(&rules)?);
    cases.extend(grants::cases(&rules)?);
    cases.extend(assume_role::cases(&rules)?);
    cases.extend(callers::cases(&rules)?);
    cases.extend(classes::cases(&rules)?);
    cases.extend(forms::cases(&rules)?);
    cases.extend(kinds::cases(&rules)?);
    cases.extend(keys::cases(&rules)?);
    cases.extend(operations::cases(&rules)?);
    cases.extend(ambiguities::cases(&rules)?);
    let mut files = BTreeMap::new();
    let mut tests = 0;
    for case in cases {
        tests += case.count();
        let path = format!("{}.yaml", case.path);
        if files.insert(path.clone(), case.text()).is_some() {
            return Err(Failure::new(format!("two cases are called `{path}`")));
        }
    }
    Ok(Generated { files, tests })
}

fn folder(root: &Path) -> PathBuf {
    root.join("tests").join("cases").join("tables")
}

/// The files that are there, all of which must be generated ones.
fn committed(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    folders.retain(|folder| folder.exists());
    while let Some(current) = folders.pop() {
        let listing = || format!("list `{}`", current.display());
        for entry in fs::read_dir(&current).failing_to(listing)? {
            let path = entry.failing_to(listing)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text =
                fs::read_to_string(&path).failing_to(|| format!("read `{}`", path.display()))?;
            let name = path.strip_prefix(folder).unwrap_or(&path);
            files.insert(name.to_string_lossy().replace('\\', "/"), text);
        }
    }
    Ok(files)
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).failing_to(|| format!("create `{}`", folder.display()))?;
    }
    fs::write(file, text).failing_to(|| format!("write `{}`", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_cases_are_those_of_the_tables() {
        run(&Options { check: true }).unwrap();
    }
}
