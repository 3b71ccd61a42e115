//! Policies to read: a sample that is always there, and the full corpus.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use preclear_model::{Arn, ParseOptions, Policy, PolicyKind, Source};
use preclear_simulator::snapshot::PrincipalRecord;
use preclear_simulator::{Engine, Given, Snapshot};

/// The account that the policies are compiled in.
const ACCOUNT: &str = "111122223333";

/// A policy document as it stands on disk.
#[derive(Debug)]
pub struct Document {
    /// ARN that tells managed policies of AWS from those of customers.
    name: String,
    /// Where such a policy stands.
    pub kind: PolicyKind,
    /// Holds the text as it was read from the file; no row pays for that.
    pub source: Arc<Source>,
}

impl Document {
    /// Files of the sample are named by the kind of policy that they hold: `key-03.json`.
    fn of_sample(stem: &str, text: String) -> Document {
        let kind = stem
            .split('-')
            .next()
            .and_then(PolicyKind::from_name)
            .expect("the name of a file in the sample starts with a kind of policy");
        let name = format!("arn:aws:iam::{ACCOUNT}:policy/{stem}");
        let source = Arc::new(Source::new(stem, text));
        Document { name, kind, source }
    }

    fn of_corpus(stem: &str, text: String) -> Document {
        let name = format!("arn:aws:iam::aws:policy/{stem}");
        Document {
            name,
            kind: PolicyKind::Identity,
            source: Arc::new(Source::new(stem, text)),
        }
    }

    /// The policy, typed.
    #[must_use]
    pub fn read(&self) -> Policy {
        let options = ParseOptions::default();
        let (policy, _) = Policy::read(&self.source, &self.name, self.kind, options);
        policy.expect("the document is a policy")
    }
}

/// Policies made for the purpose in the shape of real ones; they stand in `data/policies`.
#[must_use]
pub fn sample() -> Vec<Document> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/policies");
    let sample = documents(&folder, Document::of_sample);
    assert!(!sample.is_empty(), "the sample is there");
    sample
}

/// The managed policies of AWS; none where `cargo xtask corpus` has not fetched them.
#[must_use]
pub fn corpus() -> Vec<Document> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/corpus/policies");
    documents(&folder, Document::of_corpus)
}

/// The documents of a folder in the order of their names; none where there is no folder.
fn documents(folder: &Path, document: fn(&str, String) -> Document) -> Vec<Document> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("the folder can be listed").path())
        .collect();
    paths.sort();
    let read = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(path).expect("the file can be read");
        document(&stem, text)
    };
    paths.iter().map(|path| read(path)).collect()
}

/// One role for each policy, in an account of which everything is known.
#[must_use]
pub fn compile(policies: Vec<Policy>) -> Engine {
    let role = |(index, policy): (usize, Policy)| {
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/r{index}");
        PrincipalRecord {
            policies: Given::Here(vec![Arc::new(policy)]),
            boundary: Given::Nothing,
            ..PrincipalRecord::new(Arn::parse(&arn).expect("the ARN of a role"))
        }
    };
    Engine::compile(Snapshot {
        account: Some(ACCOUNT.to_owned()),
        complete: true,
        principals: policies.into_iter().enumerate().map(role).collect(),
        ..Snapshot::default()
    })
}
