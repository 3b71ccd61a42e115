//! Loads a snapshot from files and directories. Rule: UI-31.
//!
//! Nothing is passed over in silence: a file that adds nothing is named, with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use preclear_model::{Diagnostic, Diagnostics, Node, Place, Source};
use preclear_simulator::{Layer, Snapshot};

use crate::aws_cli::Outputs;
use crate::files::{self, Entry, Files};
use crate::format::{Role, describes_accounts, recognise};
use crate::loader::{Document, Loaded, Loader, Options, Origin};
use crate::merge::merge;
use crate::part::{Part, Said};
use crate::sketch::Home;
use crate::unclear::Unclear;
use crate::{by_name, one_thing, snapshot_file, terraform};

/// Folders that may stand in one another below a directory that is read.
pub const FOLDERS_DEPTH_MAX: usize = 16;

/// Files that one directory may hold in all. More means that it is the wrong directory.
pub const FILES_MAX: usize = 10_000;

/// Loads a snapshot from files and directories; everything found in them is merged.
///
/// # Errors
///
/// Everything that is wrong with any of the files, `NOTHING_RECOGNISED` where none of them describes accounts.
///
/// ```
/// use std::path::Path;
/// use preclear_inputs::files::MemoryFiles;
/// use preclear_inputs::{Options, snapshot};
/// let files = MemoryFiles::from_iter([
///     ("world/keys.yaml", "preclear: 1\nkeys: [{arn: 'arn:aws:kms:us-west-2:111122223333:key/k1', policy: {file: k1.json}}]"),
///     ("world/k1.json", r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
///         "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}}"#),
///     ("world/notes.txt", "bring milk"),
/// ]);
/// let loaded = snapshot::load([Path::new("world")], &files, &Options::default()).unwrap();
/// assert_eq!(loaded.value.keys[0].policy.value().unwrap().name, "k1.json");
/// assert_eq!(loaded.diagnostics.0[0].code, "UNRECOGNISED_FILE");
/// ```
pub fn load<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    files: &dyn Files,
    options: &Options,
) -> Result<Loaded<Snapshot>, Diagnostics> {
    let survey = survey(paths, files, options)?;
    Ok(Loaded {
        value: survey.value.snapshot,
        diagnostics: survey.diagnostics,
    })
}

/// A snapshot, and the files it was loaded from.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Files that describe accounts, with what each is, such as `a snapshot file`.
    pub files: Vec<(PathBuf, &'static str)>,
    /// Files that were named and say nothing of accounts, with why.
    pub not_read: Vec<(PathBuf, String)>,
}

/// As [`load`], and tells which files had something to say.
///
/// # Errors
///
/// As [`load`].
pub fn survey<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    files: &dyn Files,
    options: &Options,
) -> Result<Loaded<Survey>, Diagnostics> {
    let mut loader = Loader::new(files, options);
    let mut found = Found::default();
    for path in paths {
        found.add(&mut loader, path.as_ref());
    }
    let mut gathered = Gathered::default();
    found.gather(&mut loader, &mut gathered);
    let parts = gathered.parts(&mut loader);
    let snapshot = join(&mut loader, parts);
    let survey = Survey {
        snapshot,
        files: loader.described_by.clone(),
        not_read: loader.not_read.clone(),
    };
    loader.finish(Some(survey))
}

/// The account and Region that the files of a snapshot name first, for [`Params::infer`](crate::Params::infer).
#[must_use]
pub fn account_and_region<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    files: &dyn Files,
) -> (Option<String>, Option<String>) {
    let options = Options::default();
    // Whatever is wrong is told where the snapshot is loaded.
    let mut loader = Loader::new(files, &options);
    let mut found = Found::default();
    for path in paths {
        found.add(&mut loader, path.as_ref());
    }
    let documents = || {
        let documents = found
            .files
            .values()
            .filter_map(|(_, document)| document.as_ref());
        documents.filter(|document| document.node.get("preclear").is_some())
    };
    let first = |name: &str| {
        documents().find_map(|document| document.node.get(name)?.as_text().map(str::to_owned))
    };
    (first("account"), first("region"))
}

/// Loads the snapshot of a test file: an object, `{file: PATH}`, or a list of them.
pub(crate) fn inline(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Snapshot {
    let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
    let mut gathered = Gathered::default();
    for item in items {
        let file = item.get("file");
        match file.and_then(|node| Some((node.as_text()?, node.span))) {
            Some((path, span)) if item.members().len() == 1 => {
                let mut found = Found {
                    mentioned_at: Some(origin.source.place(span)),
                    ..Found::default()
                };
                found.add(loader, &files::beside(&origin.path, path));
                found.gather(loader, &mut gathered);
            }
            _ => gathered
                .parts
                .extend(snapshot_file::read(loader, item, origin, true)),
        }
    }
    let parts = gathered.parts(loader);
    join(loader, parts)
}

/// Merges parts; what a rejected policy said is unknown. Rule: IAM-GRAM-19.
fn join(loader: &mut Loader<'_>, mut parts: Vec<Part>) -> Snapshot {
    one_thing::check(loader, &parts);
    by_name::settle(&mut parts, &mut loader.diagnostics);
    let open = open_owners(&parts);
    let unclear = Unclear::of(&mut parts);
    let account = only(parts.iter().flat_map(|part| &part.homes.accounts));
    let region = only(parts.iter().flat_map(|part| &part.homes.regions));
    let (mut snapshot, diagnostics) = merge(parts);
    loader.diagnostics.extend(diagnostics);
    snapshot.account = snapshot.account.or(account);
    snapshot.region = snapshot.region.or(region);
    for layer in &loader.rejected_layers {
        snapshot.layers_open.remove(layer);
        snapshot.layers_empty.remove(layer);
        snapshot.layers_not_loaded.insert(*layer);
    }
    unclear.leave_open(loader, &mut snapshot);
    snapshot.rejected.clone_from(&loader.rejected);
    for (layer, owners) in snapshot.undetermined.clone() {
        for owner in owners.into_keys() {
            if layer == Layer::Grants && !snapshot.external.contains(&owner) {
                // More grants may be made, whatever else is listed.
                snapshot.external.push(owner.clone());
            }
            leave_open(&mut snapshot, layer, owner);
        }
    }
    // Where everything that exists is listed, a list that may go on does not.
    if !snapshot.complete {
        for (layer, owner) in open {
            leave_open(&mut snapshot, layer, owner);
        }
    }
    snapshot
}

/// More than what is listed may exist.
fn leave_open(snapshot: &mut Snapshot, layer: Layer, owner: String) {
    if layer == Layer::Grants {
        // Grants are known all together or not at all.
        let mut keys = snapshot.keys.iter_mut();
        if let Some(key) = keys.find(|key| key.arn.as_str() == owner) {
            key.grants = None;
        }
    } else {
        snapshot.rejected.entry(layer).or_default().insert(owner);
    }
}

/// The account and Region that the files are about, if it is one.
fn home(parts: &[Part]) -> Home {
    let said = |said: fn(&Part) -> Option<&Said<String>>| {
        let mut all = parts.iter().filter_map(said);
        all.next().map(|said| said.value.clone())
    };
    let account = said(|part| part.account.as_ref());
    let region = said(|part| part.region.as_ref());
    Home {
        account: account.or_else(|| only(parts.iter().flat_map(|part| &part.homes.accounts))),
        region: region.or_else(|| only(parts.iter().flat_map(|part| &part.homes.regions))),
    }
}

/// What all items are, if they are one.
fn only<'i>(items: impl Iterator<Item = &'i String>) -> Option<String> {
    let items: BTreeSet<&String> = items.collect();
    match items.len() {
        1 => items.into_iter().next().cloned(),
        _ => None,
    }
}

/// Owners of lists of policies that may go on, by layer.
fn open_owners(parts: &[Part]) -> Vec<(Layer, String)> {
    let lists = parts.iter().flat_map(|part| &part.open);
    let owners = lists.flat_map(|(layer, owners)| {
        let layer = *layer;
        owners.iter().map(move |owner| (layer, owner.clone()))
    });
    owners.collect()
}

/// How a plan or template is read.
type Declaration = fn(&mut Loader<'_>, &Node, &Origin, &Home) -> Option<Part>;

/// What files say of accounts; plans and templates wait for what all others say of account and Region.
#[derive(Debug, Default)]
struct Gathered {
    parts: Vec<Part>,
    declarations: Vec<(Declaration, Document)>,
}

impl Gathered {
    fn parts(self, loader: &mut Loader<'_>) -> Vec<Part> {
        let mut parts = self.parts;
        let home = home(&parts);
        let nodes = self.declarations.iter();
        let nodes = nodes.map(|(_, document)| &*document.node);
        loader.shared_addresses = terraform::shared_addresses(nodes);
        for (read, document) in &self.declarations {
            parts.extend(read(loader, &document.node, &document.origin, &home));
        }
        parts
    }
}

/// The files of a snapshot, while they are gathered.
#[derive(Debug, Default)]
struct Found {
    /// By normal path, so that the order never depends on the file system; `None` for files that are no documents.
    files: BTreeMap<PathBuf, (PathBuf, Option<Document>)>,
    /// Normal paths of files that were asked for by name.
    named: BTreeSet<PathBuf>,
    /// Directories and files that were asked for, for messages.
    asked: Vec<String>,
    /// Where a file asks for them.
    mentioned_at: Option<Place>,
}

impl Found {
    /// Adds a file, or everything in a directory.
    fn add(&mut self, loader: &mut Loader<'_>, path: &Path) {
        self.asked.push(path.display().to_string());
        match loader.files.list(path) {
            Ok(None) => self.add_named(loader, path),
            Ok(Some(_)) => self.add_directory(loader, path),
            Err(error) => {
                let mut error = unreadable(path, &error.message);
                error.place.clone_from(&self.mentioned_at);
                loader.diagnostics.push(error);
            }
        }
    }

    /// A file that was asked for by name must be readable.
    fn add_named(&mut self, loader: &mut Loader<'_>, path: &Path) {
        let before = loader.diagnostics.len();
        let document = loader.document(path, self.mentioned_at.as_ref());
        let is_none = document
            .as_ref()
            .is_none_or(|document| document.node.as_text().is_some());
        let plan = || terraform::not_shown(loader.files, path);
        if let Some(error) = is_none.then(plan).flatten() {
            // That it is no text, or several documents, leads nowhere.
            loader.diagnostics.0.truncate(before);
            loader.diagnostics.push(error);
            return;
        }
        if let Some(document) = document {
            let normal = files::normal(path);
            self.named.insert(normal.clone());
            self.files.insert(normal, (path.to_owned(), Some(document)));
        }
    }

    fn add_directory(&mut self, loader: &mut Loader<'_>, path: &Path) {
        let mut folders = vec![(path.to_owned(), 0)];
        let before = self.files.len();
        while let Some((folder, depth)) = folders.pop() {
            let entries = match loader.files.list(&folder) {
                Ok(entries) => entries.unwrap_or_default(),
                Err(error) => {
                    loader.diagnostics.push(unreadable(&folder, &error.message));
                    continue;
                }
            };
            let entries: BTreeSet<Entry> = entries.into_iter().collect();
            for entry in entries {
                if is_hidden(&entry.path) {
                    loader
                        .diagnostics
                        .push(passed_over(&entry.path, "its name starts with a dot"));
                } else if !entry.is_directory {
                    self.add_found(loader, &entry.path);
                } else if depth < FOLDERS_DEPTH_MAX {
                    folders.push((entry.path, depth + 1));
                } else {
                    loader.diagnostics.push(passed_over(
                        &entry.path,
                        "folders stand too deep in one another",
                    ));
                }
                if self.files.len() - before > FILES_MAX {
                    let message = format!("`{}` holds more than {FILES_MAX} files", path.display());
                    let help = "name the directory that holds the snapshot";
                    loader.diagnostics.push(
                        Diagnostic::error("INPUT_TOO_LARGE", message)
                            .rule("UI-31")
                            .help(help),
                    );
                    return;
                }
            }
        }
    }

    /// A file that was found in a directory. What calls itself JSON or YAML must be; of other files only those are
    /// looked into that start like JSON.
    fn add_found(&mut self, loader: &mut Loader<'_>, path: &Path) {
        let normal = files::normal(path);
        if self.files.contains_key(&normal) {
            return;
        }
        let extension = path
            .extension()
            .map(|extension| extension.to_ascii_lowercase());
        let is_document = extension.is_some_and(|extension| {
            extension == "json" || extension == "yaml" || extension == "yml"
        });
        let document = if is_document {
            let document = loader.document(path, None);
            if document.is_none() {
                return;
            }
            document
        } else {
            other_document(loader, path)
        };
        self.files.insert(normal, (path.to_owned(), document));
    }

    /// Reads what describes accounts, and says what the other files are.
    fn gather(self, loader: &mut Loader<'_>, gathered: &mut Gathered) {
        let mentioned = self.mentioned();
        let elsewhere = loader.options.elsewhere.iter();
        let elsewhere: Vec<PathBuf> = elsewhere.map(|path| files::normal(path)).collect();
        // The whole directory is no place of its own.
        let elsewhere = || elsewhere.iter().filter(|path| !path.as_os_str().is_empty());
        let mut outputs = Outputs::default();
        let mut others: Vec<String> = Vec::new();
        let mut is_recognised = false;
        for (normal, (path, document)) in &self.files {
            let shown = path.display();
            let is_elsewhere = elsewhere().any(|path| normal.starts_with(path));
            let is_mentioned = is_elsewhere || mentioned.contains(normal);
            let format = document
                .as_ref()
                .and_then(|document| recognise(&document.node));
            if let Some(format) = format
                && matches!(
                    format.role,
                    Role::Part(_) | Role::Output(_) | Role::Declaration(_)
                )
            {
                loader.described_by.push((path.clone(), format.name));
            }
            let before = others.len();
            match (format.map(|format| &format.role), document) {
                (Some(Role::Part(read)), Some(document)) => {
                    is_recognised = true;
                    let part = read(loader, &document.node, &document.origin);
                    gathered.parts.extend(part);
                }
                (Some(Role::Output(read)), Some(document)) => {
                    is_recognised = true;
                    let command = format.map_or("the output", |format| format.name);
                    let (node, origin) = (&*document.node, &document.origin);
                    outputs.read(loader, (command, *read), node, origin);
                }
                (Some(Role::Declaration(read)), Some(document)) => {
                    is_recognised = true;
                    gathered.declarations.push((*read, document.clone()));
                }
                (Some(Role::Policy), _) if !is_mentioned => {
                    loader.diagnostics.push(unattached(path));
                    others.push(format!("`{shown}` is a policy document"));
                }
                (None, Some(document)) if !is_mentioned && describes_accounts(&document.node) => {
                    let why = "it looks like a snapshot file without the line `preclear: 1`";
                    let help = "add the line `preclear: 1` if that is what it is";
                    loader.diagnostics.push(passed_over(path, why).help(help));
                    others.push(format!("`{shown}`: {why}"));
                }
                (None, _) if !is_mentioned => {
                    let said = not_recognised(loader, path);
                    loader.diagnostics.push(said);
                    others.push(format!("`{shown}` is not recognised"));
                }
                _ => others.push(format!(
                    "`{shown}` is {}",
                    format.map_or("read for something else", |f| f.name)
                )),
            }
            if self.named.contains(normal) {
                let others = others.iter().skip(before);
                let whys = others.map(|why| (path.clone(), why.clone()));
                loader.not_read.extend(whys);
            }
        }
        if !is_recognised && !loader.diagnostics.has_errors() {
            let mut error = nothing_recognised(&self.asked, &others);
            error.place.clone_from(&self.mentioned_at);
            loader.diagnostics.push(error);
        }
        gathered.parts.extend(outputs.parts(loader));
    }

    /// Files that any of the documents mentions.
    fn mentioned(&self) -> BTreeSet<PathBuf> {
        let mut mentioned = BTreeSet::new();
        for document in self
            .files
            .values()
            .filter_map(|(_, document)| document.as_ref())
        {
            files::mentions(&document.node, &document.origin.path, &mut mentioned);
        }
        mentioned
    }
}

/// A file whose name says nothing of JSON or YAML: a document if it starts and reads like JSON.
fn other_document(loader: &mut Loader<'_>, path: &Path) -> Option<Document> {
    let before = loader.diagnostics.len();
    let source = loader
        .text_of(path, None)
        .filter(|source| source.text.trim_start().starts_with(['{', '[']));
    // The first line says what JSON Lines hold.
    let is_lines = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"));
    let source = source.map(|source| match source.text.trim_start().lines().next() {
        Some(line) if is_lines => Arc::new(Source::new(source.name.clone(), line)),
        _ => source,
    });
    let document = source.and_then(|source| loader.parse(source, path));
    // Pictures and the like are named, not explained.
    loader.diagnostics.0.truncate(before);
    document
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn unreadable(path: &Path, message: &str) -> Diagnostic {
    Diagnostic::error(
        "UNREADABLE_FILE",
        format!("`{}` cannot be read: {message}", path.display()),
    )
    .rule("UI-31")
    .help("check the path and its permissions")
}

fn passed_over(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::warning(
        "UNRECOGNISED_FILE",
        format!("`{}` adds nothing to the snapshot: {why}", path.display()),
    )
    .rule("UI-31")
    .help("move it elsewhere, or name the files of the snapshot one by one")
}

/// A file of a directory that is in no format. One that is called a plan is looked at, for Terraform has several forms of plans.
fn not_recognised(loader: &Loader<'_>, path: &Path) -> Diagnostic {
    let said = passed_over(path, "it is in no format that preclear knows");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let plan = name
        .to_ascii_lowercase()
        .contains("plan")
        .then(|| terraform::not_shown(loader.files, path));
    let is_configuration = [".tf", ".tofu"].iter().any(|ending| name.ends_with(ending));
    let of_configuration = is_configuration.then(|| {
        "a configuration is read as its plan: write `terraform plan -out plan.tfplan` and `terraform show -json plan.tfplan > plan.json`, and name `plan.json`"
            .to_owned()
    });
    match plan
        .flatten()
        .and_then(|error| error.help)
        .or(of_configuration)
    {
        Some(help) => said.help(help),
        None => said,
    }
}

fn unattached(path: &Path) -> Diagnostic {
    let shown = path.display();
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Diagnostic::warning("UNATTACHED_POLICY", format!("nothing refers to the policy `{shown}`, so it has no effect"))
        .rule("UI-31")
        .help(format!(
            "attach it in a snapshot file: `{{file: {name}}}` as the `policy` of a key or resource, or under the `policies` of a principal"
        ))
}

fn nothing_recognised(asked: &[String], others: &[String]) -> Diagnostic {
    const SHOWN_MAX: usize = 20;
    let mut message = format!("nothing in `{}` describes accounts", asked.join("`, `"));
    if others.is_empty() {
        message.push_str(": no file is there");
    } else {
        let shown: Vec<&str> = others.iter().take(SHOWN_MAX).map(String::as_str).collect();
        message.push_str(": ");
        message.push_str(&shown.join("; "));
        if others.len() > SHOWN_MAX {
            message.push_str(&format!("; and {} more", others.len() - SHOWN_MAX));
        }
    }
    Diagnostic::error("NOTHING_RECOGNISED", message)
        .rule("UI-31")
        .help("a snapshot file starts with `preclear: 1`; policies alone can be given by flags such as `--key-policy`")
}

#[cfg(test)]
mod tests;
