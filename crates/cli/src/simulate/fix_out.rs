//! The documents of `--fix-out`: what each of them is, and where it goes. Rule: UI-13.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use preclear_model::Policy;
use preclear_simulator::Snapshot;
use preclear_simulator::job::{FixTarget, JobReport, fixed_documents};

use crate::failure::Failure;
use crate::render::text::Written;

/// Writes the documents of a job. A file that holds something else already is never overwritten, and if there is one,
/// nothing is written.
pub(super) fn write(
    directory: &Path,
    snapshot: &Snapshot,
    report: &JobReport,
) -> Result<Vec<Written>, Failure> {
    let mut documents: Vec<(Written, String)> = Vec::new();
    for (target, document) in fixed_documents(snapshot, &report.fixes) {
        let is_taken = |path: &PathBuf| documents.iter().any(|(other, _)| other.path == *path);
        let mut path = directory.join(file_name(&target, None));
        if is_taken(&path) {
            path = directory.join(file_name(&target, Some(documents.len() + 1)));
        }
        let what = description(snapshot, &target);
        documents.push((Written { path, what }, format!("{document}\n")));
    }
    for (written, document) in &documents {
        refuse_to_overwrite(&written.path, document)?;
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| Failure::File { path, error }
    };
    fs::create_dir_all(directory).map_err(failed(directory))?;
    for (written, document) in &documents {
        fs::write(&written.path, document).map_err(failed(&written.path))?;
    }
    Ok(documents.into_iter().map(|(written, _)| written).collect())
}

/// The same document again does no harm.
fn refuse_to_overwrite(path: &Path, document: &str) -> Result<(), Failure> {
    let is_free = match fs::read(path) {
        Ok(content) => content == document.as_bytes(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if is_free {
        return Ok(());
    }
    let why = "it is there already and holds something else; remove it, or name another directory";
    Err(Failure::File {
        path: path.to_owned(),
        error: io::Error::new(io::ErrorKind::AlreadyExists, why),
    })
}

/// What to do with the document of a target.
fn description(snapshot: &Snapshot, target: &FixTarget) -> String {
    match (target, policy_of(snapshot, target)) {
        (FixTarget::Identity(arn), _) => {
            format!("new policy with the additions alone: attach it to {arn} beside the others")
        }
        (_, None) => format!("new: the {target}, which has none yet"),
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
    fn files_are_named_after_what_the_policies_belong_to() {
        let key = FixTarget::Key("arn:aws:kms:us-west-2:111122223333:key/1234abcd".to_owned());
        let bucket = FixTarget::Resource("arn:aws:s3:::../../etc".to_owned());
        let role = FixTarget::Identity("arn:aws:iam::111122223333:role/path/r".to_owned());
        assert_eq!(file_name(&key, None), "key-policy-1234abcd.json");
        assert_eq!(file_name(&bucket, Some(2)), "resource-policy-etc-2.json");
        assert_eq!(file_name(&role, None), "add-to-identity-policy-of-r.json");
    }
}
