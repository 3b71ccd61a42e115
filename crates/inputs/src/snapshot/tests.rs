use std::path::Path;

use crate::files::{Entry, FileError, FileErrorKind, Files, MemoryFiles};
use crate::snapshot::{FILES_MAX, FOLDERS_DEPTH_MAX, load};
use crate::testing::{KEY, KEY_POLICY, error_codes, files};
use crate::{Loaded, Options};
use preclear_model::Diagnostics;
use preclear_simulator::Snapshot;

fn load_directory(files: &MemoryFiles) -> Result<Loaded<Snapshot>, Diagnostics> {
    load(["d"], files, &Options::default())
}

/// Codes with the file that each message names.
fn said(diagnostics: &Diagnostics) -> Vec<String> {
    let named = diagnostics.iter().map(|diagnostic| {
        let name = diagnostic.message.split('`').nth(1).unwrap_or_default();
        format!("{} {name}", diagnostic.code)
    });
    named.collect()
}

const SNAPSHOT: &str = "preclear: 1\nkeys: [{arn: 'arn:aws:kms:us-west-2:111122223333:key/k', policy: {file: ../policies/key.json}}]";

#[test]
fn each_file_is_what_its_content_says() {
    let files = files([
        ("d/world/a.yaml", SNAPSHOT),
        ("d/policies/key.json", KEY_POLICY),
        ("d/policies/forgotten.json", KEY_POLICY),
        (
            "d/policies/named.json",
            &format!(r#"{{"name": "n", "document": {KEY_POLICY}}}"#),
        ),
        (
            "d/policies/string.json",
            &serde_json::to_string(KEY_POLICY).unwrap(),
        ),
        ("d/test.yaml", "preclear: 1\ntests: []"),
        ("d/refused.yaml", "preclear: 1\nexpect: {invalid: X}"),
        (
            "d/job.yaml",
            "operation: a:B\ncaller: x\nrequest: {file: api.json}",
        ),
        ("d/jobs.yaml", "[{operation: a:B, caller: x}]"),
        ("d/api.json", r#"{"JobName": "x"}"#),
        (
            "d/request.json",
            r#"{"principal": "anonymous", "action": "s3:GetObject"}"#,
        ),
        (
            "d/requests.jsonl",
            "{\"principal\": \"anonymous\", \"action\": \"s3:GetObject\"}\n{}",
        ),
        ("d/other.json", r#"{"name": "package"}"#),
        ("d/list.yml", "[1, 2]"),
        ("d/README.md", "# A world"),
        ("d/picture.png", "\u{fffd}PNG"),
        ("d/.gitkeep", ""),
        ("d/.git/config", "x"),
        ("d/empty.txt", ""),
    ]);
    let loaded = load_directory(&files).unwrap();
    assert_eq!(loaded.value.keys.len(), 1);
    assert_eq!(
        said(&loaded.diagnostics),
        [
            "UNRECOGNISED_FILE d/.git",
            "UNRECOGNISED_FILE d/.gitkeep",
            "UNRECOGNISED_FILE d/README.md",
            "UNRECOGNISED_FILE d/empty.txt",
            "UNRECOGNISED_FILE d/list.yml",
            "UNRECOGNISED_FILE d/other.json",
            "UNRECOGNISED_FILE d/picture.png",
            "UNATTACHED_POLICY d/policies/forgotten.json",
            "UNATTACHED_POLICY d/policies/named.json",
            "UNATTACHED_POLICY d/policies/string.json",
        ]
    );
    assert!(
        loaded
            .diagnostics
            .iter()
            .all(|diagnostic| diagnostic.help.is_some() && !diagnostic.is_error())
    );
}

#[test]
fn nothing_recognised_says_what_was_found() {
    let texts = files([
        ("d/k.json", KEY_POLICY),
        ("d/x.txt", "x"),
        ("d/job.yaml", "operation: a:B\ncaller: x"),
    ]);
    let found = load_directory(&texts).unwrap_err();
    let error = found.errors().next().unwrap();
    assert_eq!(error.code, "NOTHING_RECOGNISED");
    assert_eq!(
        error.message,
        "nothing in `d` describes accounts: `d/job.yaml` is a job file; `d/k.json` is a policy document; `d/x.txt` is not recognised"
    );
    assert_eq!(
        error_codes(load(["d/k.json"], &texts, &Options::default())),
        ["NOTHING_RECOGNISED"]
    );
    assert_eq!(
        error_codes(load(["none"], &texts, &Options::default())),
        ["MISSING_FILE"]
    );
    assert_eq!(
        error_codes(load(Vec::<&str>::new(), &texts, &Options::default())),
        ["NOTHING_RECOGNISED"]
    );
}

#[test]
fn files_and_directories_mix_and_nothing_counts_twice() {
    let texts = files([
        ("d/a.yaml", "preclear: 1\naccount: '111122223333'"),
        (
            "e/b.yaml",
            &format!("preclear: 1\nkeys: [{{arn: '{KEY}'}}]"),
        ),
    ]);
    let snapshot = load(
        ["d", "e/b.yaml", "d/../d/a.yaml", "./d"],
        &texts,
        &Options::default(),
    )
    .unwrap()
    .value;
    assert_eq!(
        (snapshot.account.as_deref(), snapshot.keys.len()),
        (Some("111122223333"), 1)
    );
}

#[test]
fn a_broken_document_is_an_error_and_no_secret() {
    let texts = files([
        ("d/a.yaml", "preclear: 1"),
        ("d/b.json", r#"{"preclear": 1, "#),
    ]);
    assert_eq!(error_codes(load_directory(&texts)), ["INVALID_JSON"]);
}

#[test]
fn the_order_of_the_file_system_does_not_matter() {
    struct Backwards(MemoryFiles);
    impl Files for Backwards {
        fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
            self.0.read(path)
        }
        fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
            Ok(self
                .0
                .list(path)?
                .map(|entries| entries.into_iter().rev().collect()))
        }
    }
    let texts = files([
        (
            "d/a.yaml",
            "preclear: 1\nresources: [{arn: 'arn:aws:s3:::a'}]",
        ),
        (
            "d/b/b.yaml",
            "preclear: 1\nresources: [{arn: 'arn:aws:s3:::b'}]",
        ),
        (
            "d/c.yaml",
            "preclear: 1\nresources: [{arn: 'arn:aws:s3:::c'}]",
        ),
        ("d/.x", ""),
        ("d/.y", ""),
    ]);
    let forwards = load_directory(&texts).unwrap();
    let backwards = load(["d"], &Backwards(texts), &Options::default()).unwrap();
    assert_eq!(forwards.diagnostics, backwards.diagnostics);
    assert_eq!(forwards.value.resources, backwards.value.resources);
    assert_eq!(forwards.value.resources.len(), 3);
}

#[test]
fn folders_have_a_greatest_depth() {
    let at_depth = |depth: usize| {
        let path = format!("d/{}a.yaml", "f/".repeat(depth));
        load_directory(&files([(path.as_str(), "preclear: 1")]))
    };
    assert!(at_depth(FOLDERS_DEPTH_MAX).is_ok());
    let found = at_depth(FOLDERS_DEPTH_MAX + 1).unwrap_err();
    assert!(found.mentions("UNRECOGNISED_FILE") && found.mentions("NOTHING_RECOGNISED"));
}

#[test]
fn a_directory_has_a_greatest_number_of_files() {
    let with = |count: usize| {
        let mut texts = files([("d/a.yaml", "preclear: 1")]);
        for number in 1..count {
            texts.insert(format!("d/{number}.txt"), "x");
        }
        load_directory(&texts)
    };
    assert!(with(FILES_MAX).is_ok());
    assert!(with(FILES_MAX + 1).unwrap_err().mentions("INPUT_TOO_LARGE"));
}

#[test]
fn what_cannot_be_read_is_named() {
    struct Locked;
    impl Files for Locked {
        fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
            match path.to_str() {
                Some("huge.yaml") => Err(FileError::new(FileErrorKind::TooLarge)),
                _ => Err(FileError::other("permission denied")),
            }
        }
        fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
            match path.to_str() {
                Some("locked") => Err(FileError::other("permission denied")),
                _ => Ok(None),
            }
        }
    }
    let load = |path: &str| load([path], &Locked, &Options::default()).unwrap_err();
    assert!(
        load("locked")
            .to_string()
            .contains("`locked` cannot be read: permission denied")
    );
    assert!(
        load("a.yaml")
            .to_string()
            .contains("`a.yaml` cannot be read: permission denied")
    );
    assert!(load("huge.yaml").mentions("INPUT_TOO_LARGE"));
}

/// A snapshot file may list what has parts in its name: an object, a path of parameters.
#[test]
fn names_with_parts_may_stand_in_snapshot_files() {
    let file =
        "{preclear: 1, resources: [{arn: 'arn:aws:ssm:us-west-2:111122223333:parameter/p/'}]}";
    let files = MemoryFiles::from_iter([("s.yaml", file)]);
    assert!(load(["s.yaml"], &files, &Options::default()).is_ok());
}
