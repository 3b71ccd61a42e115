//! The documents of `--fix-out`: what each of them is, and where it goes. Rule: UI-13.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use preclear_model::Policy;
use preclear_simulator::Snapshot;
use preclear_simulator::job::{Fix, FixTarget, fixed_documents, made_up};

use crate::failure::Failure;
use crate::render::text::Written;

/// A document to be written.
pub(super) struct Document {
    pub(super) target: FixTarget,
    /// Where it goes, and what it is.
    pub(super) written: Written,
    text: String,
}

/// The documents of these additions to a snapshot.
pub(super) fn documents(directory: &Path, snapshot: &Snapshot, fixes: &[Fix]) -> Vec<Document> {
    let mut documents: Vec<Document> = Vec::new();
    for (target, text) in fixed_documents(snapshot, fixes) {
        let is_taken = |path: &PathBuf| documents.iter().any(|other| other.written.path == *path);
        let mut path = directory.join(file_name(&target, None));
        if is_taken(&path) {
            path = directory.join(file_name(&target, Some(documents.len() + 1)));
        }
        let mut what = description(snapshot, &target);
        let document = serde_json::from_str(&text).unwrap_or_default();
        for note in made_up(&snapshot.stand_ins, &document) {
            what.push_str(&format!("; {note}"));
        }
        documents.push(Document {
            target,
            written: Written { path, what },
            text: format!("{text}\n"),
        });
    }
    documents
}

/// Refuses a directory that is none.
pub(super) fn check(directory: &Path) -> Result<(), Failure> {
    let is_file = |path: &&Path| path.is_file();
    match directory.ancestors().find(is_file) {
        Some(file) => {
            let why = "it is a file; `--fix-out` takes a directory, which need not exist";
            Err(Failure::File {
                path: file.to_owned(),
                error: io::Error::new(io::ErrorKind::NotADirectory, why),
            })
        }
        None => Ok(()),
    }
}

/// Writes documents. A file that holds something else already is never overwritten, and if there is one, nothing is
/// written.
pub(super) fn write<'d>(
    documents: impl Iterator<Item = &'d Document> + Clone,
) -> Result<(), Failure> {
    for document in documents.clone() {
        refuse_to_overwrite(&document.written.path, &document.text)?;
    }
    for Document { written, text, .. } in documents {
        let failed = |error| Failure::File {
            path: written.path.clone(),
            error,
        };
        if let Some(directory) = written.path.parent() {
            fs::create_dir_all(directory).map_err(failed)?;
        }
        fs::write(&written.path, text).map_err(failed)?;
    }
    Ok(())
}

/// The same document again does no harm.
fn refuse_to_overwrite(path: &Path, document: &str) -> Result<(), Failure> {
    let error = match fs::read(path) {
        Ok(content) if content == document.as_bytes() => return Ok(()),
        Ok(_) => {
            let why = "it is there already and holds something else; remove it, or name another directory";
            io::Error::new(io::ErrorKind::AlreadyExists, why)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => error,
    };
    Err(Failure::File {
        path: path.to_owned(),
        error,
    })
}

/// What to do with the document of a target.
fn description(snapshot: &Snapshot, target: &FixTarget) -> String {
    match (target, policy_of(snapshot, target)) {
        (FixTarget::Identity(arn), _) => {
            format!("new policy with the additions alone: attach it to {arn} beside the others")
        }
        (_, None) => format!("new: the {target}, which has none yet"),
        (_, Some(policy)) if policy.statements.iter().any(|one| one.open.is_some()) => {
            let name = &policy.name;
            format!(
                "the additions alone: write them into the policy `{name}`, of which a part is not determined yet"
            )
        }
        (_, Some(policy)) => {
            let place = policy.source.place(policy.span).outermost();
            let file = &place.source.name;
            let start = place.span.start as usize;
            let before = place.source.text.get(..start).unwrap_or_default();
            if policy.source.outer().is_none() && before.trim().is_empty() {
                format!("complete, replaces the policy `{file}`")
            } else {
                let line = place.locate().position.line;
                format!("complete, replaces the policy in `{file}`, line {line}")
            }
        }
    }
}

/// The policy as it is without the additions.
fn policy_of<'s>(snapshot: &'s Snapshot, target: &FixTarget) -> Option<&'s Policy> {
    let arn = target.arn();
    let policy = match target {
        FixTarget::Identity(_) => return None,
        FixTarget::Key(_) => {
            let mut keys = snapshot.keys.iter();
            keys.find(|one| one.arn.as_str() == arn)?.policy.value()
        }
        FixTarget::Trust(_) => {
            let mut principals = snapshot.principals.iter();
            principals
                .find(|one| one.arn.as_str() == arn)?
                .trust
                .value()
        }
        FixTarget::Resource(_) => {
            let mut resources = snapshot.resources.iter();
            resources
                .find(|one| one.arn.as_str() == arn)?
                .policy
                .value()
        }
    };
    policy.map(|policy| &**policy)
}

/// `key-policy-1234abcd.json`, `add-to-identity-policy-of-NAME.json`; with a number where the name is taken.
fn file_name(target: &FixTarget, number: Option<usize>) -> String {
    let kind = match target {
        FixTarget::Identity(_) => "add-to-identity-policy-of",
        FixTarget::Key(_) => "key-policy",
        FixTarget::Trust(_) => "trust-policy",
        FixTarget::Resource(_) => "resource-policy",
    };
    let name = target.arn().rsplit(['/', ':']).next().unwrap_or_default();
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '_'
            }
        })
        .take(100)
        .collect();
    let number = number
        .map(|number| format!("-{number}"))
        .unwrap_or_default();
    format!("{kind}-{name}{number}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_say_what_to_write_for_arns_that_are_made_up() {
        let key = "arn:aws:kms:us-west-2:111122223333:key/K";
        let fix = Fix {
            target: FixTarget::Identity("arn:aws:iam::111122223333:role/r".to_owned()),
            statement: serde_json::json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}),
            serves: Vec::new(),
            notes: Vec::new(),
        };
        let mut snapshot = Snapshot::default();
        let what = |snapshot: &Snapshot| {
            let all = documents(Path::new("out"), snapshot, std::slice::from_ref(&fix));
            all[0].written.what.clone()
        };
        assert!(!what(&snapshot).contains("in its place"));
        let reference = "!GetAtt K.Arn".to_owned();
        snapshot.stand_ins.insert(key.to_owned(), reference);
        assert!(what(&snapshot).ends_with("write `!GetAtt K.Arn` in its place"));
    }

    #[test]
    fn files_are_named_after_what_the_policies_belong_to() {
        let key = FixTarget::Key("arn:aws:kms:us-west-2:111122223333:key/1234abcd".to_owned());
        let bucket = FixTarget::Resource("arn:aws:s3:::../../etc".to_owned());
        let role = FixTarget::Identity("arn:aws:iam::111122223333:role/path/r".to_owned());
        assert_eq!(file_name(&key, None), "key-policy-1234abcd.json");
        assert_eq!(file_name(&bucket, Some(2)), "resource-policy-etc-2.json");
        assert_eq!(file_name(&role, None), "add-to-identity-policy-of-r.json");
    }
}
