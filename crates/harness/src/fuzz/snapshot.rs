//! Snapshots as trees of files: an input is one letter, and files in one text.
//!
//! The letter says how the files are read: bit by bit leniently, with rejected policies kept, with values for placeholders.
//! A line `-- PATH --` starts a file; what stands in front of the first one is the file `s.yaml`.

use std::path::{Path, PathBuf};

use preclear_inputs::files::{Entry, FileError, Files, MemoryFiles};
use preclear_inputs::{Loaded, Options, Params, snapshot};
use preclear_model::caller::Caller;
use preclear_model::{Diagnostics, Place, Severity};
use preclear_simulator::{Ask, Detail, Engine, Request, Snapshot};

use super::{Finding, again, hold, place, same};

/// Directory that the files stand in.
const ROOT: &str = "world";

/// Files of one input; more say nothing new.
const FILES_MAX: usize = 12;

/// Loads the files in several orders and with each left out, writes what was loaded in the normal form, and asks about it.
///
/// # Errors
/// An error that does not say where, an order that matters, a file that is passed over in silence, a normal form that says something
/// else.
///
/// ```
/// preclear_harness::fuzz::snapshot::oracle(b"a\n-- k.yaml --\npreclear: 1\n-- notes.txt --\nbring milk").unwrap();
/// ```
pub fn oracle(data: &[u8]) -> Result<(), Finding> {
    let (letter, text) = data.split_first().unwrap_or((&0, &[]));
    let options = options(*letter);
    let tree = Tree::read(text);
    let loaded = tree.load(&options);
    check_findings(&loaded, &tree)?;
    let brief = brief(&loaded);
    same(
        || "read twice".to_owned(),
        &brief,
        &self::brief(&tree.load(&options)),
    )?;
    let other_way = Backwards(tree.files());
    let read = snapshot::load([Path::new(ROOT)], &other_way, &options);
    same(
        || "listed backwards".to_owned(),
        &brief,
        &self::brief(&read),
    )?;
    order_of_paths(&tree, &options)?;
    if let Ok(Loaded { value, .. }) = loaded {
        nothing_passed_over(&tree, &options, &brief)?;
        again::check(&value, options.lenient)?;
        ask(value)?;
    }
    Ok(())
}

fn options(letter: u8) -> Options {
    let params = [("account-id", "111122223333"), ("region", "us-west-2")];
    Options {
        params: if letter & 4 == 0 {
            Params::default()
        } else {
            params.into_iter().collect()
        },
        lenient: letter & 1 != 0,
        keep_going: letter & 2 != 0,
        ..Options::default()
    }
}

/// Files by their paths, in the order of the input.
#[derive(Debug)]
struct Tree(Vec<(PathBuf, Vec<u8>)>);

impl Tree {
    fn read(text: &[u8]) -> Tree {
        let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            match name_of(line) {
                Some(path) if files.len() < FILES_MAX => files.push((path, Vec::new())),
                _ => match files.last_mut() {
                    Some((_, content)) => content.extend(line),
                    None if line.trim_ascii().is_empty() => {}
                    None => files.push((Path::new(ROOT).join("s.yaml"), line.to_vec())),
                },
            }
        }
        // On a disk a name is of one file, and of no folder as well.
        let paths: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
        let mut at = 0..;
        files.retain(|(path, _)| {
            let later = paths.iter().skip(at.next().unwrap_or_default() + 1);
            let is_folder = |own: &PathBuf| own != path && own.starts_with(path);
            !later.clone().any(|own| own == path) && !paths.iter().any(is_folder)
        });
        Tree(files)
    }

    fn files(&self) -> MemoryFiles {
        self.0
            .iter()
            .map(|(path, content)| (path, content.as_slice()))
            .collect()
    }

    fn load(&self, options: &Options) -> Read {
        snapshot::load([Path::new(ROOT)], &self.files(), options)
    }
}

/// The path of a line `-- PATH --`; it stays inside the directory.
fn name_of(line: &[u8]) -> Option<PathBuf> {
    let line = str::from_utf8(line).ok()?.trim_end();
    let name = line.strip_prefix("-- ")?.strip_suffix(" --")?.trim();
    let parts = name
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."));
    let path: PathBuf = parts.collect();
    (path != Path::new("")).then(|| Path::new(ROOT).join(path))
}

type Read = Result<Loaded<Snapshot>, Diagnostics>;

/// All that came of loading: what was loaded, and what was said.
fn brief(read: &Read) -> (String, String) {
    match read {
        Ok(loaded) => (format!("{:?}", loaded.value), told(&loaded.diagnostics)),
        Err(found) => (String::new(), told(found)),
    }
}

fn told(found: &Diagnostics) -> String {
    let lines = found.iter().map(|one| {
        let related = one
            .related
            .iter()
            .map(|(place, label)| format!("; {} {label}", Place::locate(place)));
        format!("{one}{}\n", related.collect::<String>())
    });
    lines.collect()
}

/// Every finding says where: at a place, or by naming a file.
fn check_findings(read: &Read, tree: &Tree) -> Result<(), Finding> {
    let found = match read {
        Ok(loaded) => &loaded.diagnostics,
        Err(found) => found,
    };
    place::check(found)?;
    hold(read.is_ok() != found.has_errors(), || format!("{found}"))?;
    for finding in found {
        let names_file = || {
            let mut names = tree.0.iter().map(|(path, _)| path.display().to_string());
            finding.message.contains(ROOT) || names.any(|name| finding.message.contains(&name))
        };
        hold(finding.place.is_some() || names_file(), || {
            format!("says nothing of where it is: {finding:?}")
        })?;
        hold(
            finding.help.is_some() || finding.severity < Severity::Warning,
            || format!("warns, and says nothing of what to do: {finding:?}"),
        )?;
    }
    Ok(())
}

/// Files named one by one, first to last and last to first.
fn order_of_paths(tree: &Tree, options: &Options) -> Result<(), Finding> {
    let files = tree.files();
    let mut paths: Vec<&PathBuf> = tree.0.iter().map(|(path, _)| path).collect();
    let forwards = brief(&snapshot::load(&paths, &files, options));
    paths.reverse();
    let backwards = brief(&snapshot::load(&paths, &files, options));
    // The message names what was asked for, in that order.
    let is_of_paths = [&forwards, &backwards]
        .iter()
        .all(|(_, told)| told.contains("NOTHING_RECOGNISED"));
    if is_of_paths {
        return Ok(());
    }
    same(
        || "files named the other way round".to_owned(),
        &forwards,
        &backwards,
    )
}

/// A file whose absence changes nothing is named, or is a part that says nothing which others do not say.
fn nothing_passed_over(
    tree: &Tree,
    options: &Options,
    with_all: &(String, String),
) -> Result<(), Finding> {
    if tree.0.len() < 2 {
        return Ok(());
    }
    for (path, content) in &tree.0 {
        let others = tree.0.iter().filter(|(other, _)| other != path);
        let without = Tree(others.cloned().collect());
        if without.0.is_empty() || &brief(&without.load(options)) != with_all {
            continue;
        }
        let alone = Tree(vec![(path.clone(), content.clone())]);
        let is_recognised = alone
            .load(options)
            .map_or_else(|found| !found.mentions("NOTHING_RECOGNISED"), |_| true);
        let name = path.display().to_string();
        hold(is_recognised || with_all.1.contains(&name), || {
            format!("`{name}` is passed over in silence: {}", with_all.1)
        })?;
    }
    Ok(())
}

/// What loads can be compiled and asked about: the first caller there is, for what there is.
fn ask(snapshot: Snapshot) -> Result<(), Finding> {
    let callers = snapshot
        .principals
        .iter()
        .map(|record| record.arn.to_string());
    let caller = callers
        .chain(["arn:aws:iam::111122223333:user/U".to_owned()])
        .next();
    let keys = snapshot
        .keys
        .iter()
        .map(|record| ("kms:Decrypt", record.arn.to_string()));
    let others = snapshot
        .resources
        .iter()
        .map(|record| ("s3:GetObject", record.arn.to_string()));
    let asked: Vec<(&str, String)> = keys.chain(others).take(2).collect();
    let Some(caller) = caller.and_then(|caller| Caller::parse(&caller).ok()) else {
        return Ok(());
    };
    let engine = Engine::compile(snapshot);
    for (action, resource) in asked {
        let mut request = Request::new(caller.clone(), Ask::Action(action.to_owned()));
        request.resource = Some(resource);
        let decided = engine.decide(&request);
        let explained = engine.explain(&request, Detail::Reasons);
        same(|| format!("{request:?}"), &decided, &explained.verdict)?;
        place::check(&explained.errors.iter().cloned().collect())?;
    }
    Ok(())
}

/// Files whose directories are listed last to first.
struct Backwards(MemoryFiles);

impl Files for Backwards {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        self.0.read(path)
    }

    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
        let listed = self.0.list(path)?;
        Ok(listed.map(|entries| entries.into_iter().rev().collect()))
    }
}
