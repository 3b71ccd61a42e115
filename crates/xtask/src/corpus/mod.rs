//! `cargo xtask corpus`: takes the managed policies of AWS through parser, engine and lint.
//!
//! AWS wrote these documents and they are in force, so an error is one of ours. What is warned of is counted by code,
//! to be judged by a reader.

mod fetch;
mod report;

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use preclear_lint::{Finding, LintOptions, from_diagnostics, merged};
use preclear_model::policy::ParseOptions;
use preclear_model::{Arn, Diagnostics, Policy, PolicyKind, Severity, Source};
use preclear_simulator::snapshot::PrincipalRecord;
use preclear_simulator::{Engine, Given, Snapshot};

use self::fetch::{Document, Origin};
use self::report::Report;
use crate::Done;
use crate::failure::{Failure, While as _};
use crate::repository;

/// The account that the roles stand in.
const ACCOUNT: &str = "111122223333";

/// Options of `cargo xtask corpus`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Print every place of this code and nothing else.
    #[arg(long, value_name = "CODE")]
    list: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Take the documents from this package file and fetch nothing; it is verified all the same.
    #[arg(long, value_name = "FILE")]
    wheel: Option<PathBuf>,
}

/// Surveys the documents; fails on an error in one of them, or if some are missing.
pub(crate) fn run(options: &Options) -> Result<Done, Failure> {
    let root = repository::root()?;
    let manifest = root.join("crates").join("xtask").join("data");
    let origin = Origin::read(&manifest.join("corpus.json"))?;
    let work = root.join("target").join("corpus");
    let documents = origin.fetch(&root, &work, options.wheel.as_deref())?;
    let survey = Survey::of(&documents)?;
    let report = Report::of(&survey);
    let text = match (&options.list, options.json) {
        (None, false) => report.text(),
        (None, true) => report.json(),
        (Some(code), false) => report.list(code),
        (Some(code), true) => report.list_json(code),
    };
    Ok(Done {
        report: text,
        failure: survey.failure(&origin).map(Failure::new),
    })
}

/// Who found something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The parser: an error, or a warning of the grammar.
    Parse,
    /// The checks of lint.
    Lint,
}

/// Something found in a document.
#[derive(Debug)]
pub(crate) struct Occurrence {
    stage: Stage,
    policy: String,
    finding: Finding,
}

/// What became of the documents.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    documents: usize,
    statements: usize,
    bytes: usize,
    /// In the order of the documents and their texts.
    occurrences: Vec<Occurrence>,
    /// What each stage took, in the order of work.
    times: Vec<(&'static str, Duration)>,
}

impl Survey {
    /// Takes the documents through all stages, one stage after the other, so that each can be timed.
    fn of(documents: &[Document]) -> Result<Survey, Failure> {
        let mut survey = Survey {
            documents: documents.len(),
            bytes: documents.iter().map(|document| document.text.len()).sum(),
            ..Survey::default()
        };
        survey.yardstick(documents)?;
        let policies = survey.parse(documents);
        survey.statements = policies
            .iter()
            .map(|policy| policy.document.as_ref().map_or(0, |p| p.statements.len()))
            .sum();
        survey.compile(&policies)?;
        survey.lint(policies);
        Ok(survey)
    }

    fn timed<T>(&mut self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        self.times.push((stage, start.elapsed()));
        done
    }

    /// Notes what a stage takes for the documents: of each the quickest of several times, which other work on the machine
    /// hardly touches.
    fn time_each(&mut self, stage: &'static str, documents: &[Document], work: impl Fn(&Document)) {
        const TIMES: usize = 10;
        let time = |document: &Document| {
            let start = Instant::now();
            work(document);
            start.elapsed()
        };
        let quickest = |document: &Document| (0..TIMES).map(|_| time(document)).min();
        let total = documents.iter().filter_map(quickest).sum();
        self.times.push((stage, total));
    }

    /// The same texts as plain values, to compare the parser with.
    fn yardstick(&mut self, documents: &[Document]) -> Result<(), Failure> {
        let parse = |document: &Document| serde_json::from_str(&document.text);
        for document in documents {
            let _: serde_json::Value =
                parse(document).failing_to(|| format!("read `{}` as JSON", document.path))?;
        }
        self.time_each("serde_json", documents, |document| {
            black_box::<Result<serde_json::Value, _>>(parse(document)).ok();
        });
        Ok(())
    }

    fn parse(&mut self, documents: &[Document]) -> Vec<Parsed> {
        self.time_each("parse", documents, |document| {
            black_box(Parsed::of(document));
        });
        documents.iter().map(Parsed::of).collect()
    }

    /// One role for each policy, in an account of which everything is known.
    fn compile(&mut self, policies: &[Parsed]) -> Result<(), Failure> {
        let roles: Result<Vec<PrincipalRecord>, Failure> = policies
            .iter()
            .filter_map(|policy| Some(role(&policy.name, policy.document.as_ref()?)))
            .collect();
        let snapshot = Snapshot {
            account: Some(ACCOUNT.to_owned()),
            complete: true,
            principals: roles?,
            ..Snapshot::default()
        };
        self.timed("compile", || Engine::compile(snapshot));
        Ok(())
    }

    fn lint(&mut self, policies: Vec<Parsed>) {
        let options = LintOptions::default();
        let check = |policy: &Parsed| match &policy.document {
            Some(document) => preclear_lint::lint(document, &options),
            None => Vec::new(),
        };
        let found: Vec<Vec<Finding>> = self.timed("lint", || policies.iter().map(check).collect());
        for (policy, found) in policies.iter().zip(found) {
            let said = from_diagnostics(&policy.said, &policy.source, policy.document.as_deref());
            for finding in merged(said.clone(), found) {
                let stage = if said.contains(&finding) {
                    Stage::Parse
                } else {
                    Stage::Lint
                };
                self.occurrences.push(Occurrence {
                    stage,
                    policy: policy.name.clone(),
                    finding,
                });
            }
        }
    }

    /// What the parser refuses.
    fn errors(&self) -> usize {
        let is_error = |found: &&Occurrence| {
            found.stage == Stage::Parse && found.finding.severity == Severity::Error
        };
        self.occurrences.iter().filter(is_error).count()
    }

    /// Why this is not what the documents should give.
    fn failure(&self, origin: &Origin) -> Option<String> {
        let counts = [
            ("documents", self.documents, origin.documents),
            ("statements", self.statements, origin.statements),
            ("errors", self.errors(), 0),
        ];
        let wrong: Vec<String> = counts
            .iter()
            .filter(|(_, found, expected)| found != expected)
            .map(|(what, found, expected)| format!("{found} {what} instead of {expected}"))
            .collect();
        (!wrong.is_empty()).then(|| wrong.join(", "))
    }
}

/// A document as a policy, with what the parser said.
struct Parsed {
    name: String,
    source: Arc<Source>,
    document: Option<Arc<Policy>>,
    said: Diagnostics,
}

impl Parsed {
    fn of(document: &Document) -> Parsed {
        let source = Arc::new(Source::new(&document.path, &document.text));
        // What AWS stores for itself is told by its ARN.
        let arn = format!("arn:aws:iam::aws:policy/{}", document.name);
        let options = ParseOptions::default();
        let (policy, said) = Policy::read(&source, &arn, PolicyKind::Identity, options);
        Parsed {
            name: document.name.clone(),
            source,
            document: policy.map(Arc::new),
            said,
        }
    }
}

/// A role that has this policy and nothing else.
fn role(name: &str, policy: &Arc<Policy>) -> Result<PrincipalRecord, Failure> {
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let arn = Arn::parse(&arn)
        .ok_or_else(|| Failure::new(format!("`{arn}` cannot be the ARN of a role")))?;
    Ok(PrincipalRecord {
        policies: Given::Here(vec![Arc::clone(policy)]),
        boundary: Given::Nothing,
        ..PrincipalRecord::new(arn)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(name: &str, text: &str) -> Document {
        Document {
            name: name.to_owned(),
            path: format!("{name}.json"),
            text: text.to_owned(),
        }
    }

    fn origin(documents: usize, statements: usize) -> Origin {
        let json = serde_json::json!({
            "package": "p", "version": "1", "licence": "MIT", "wheel": "p.whl", "sha256": "",
            "file": "p.py", "variable": "p", "documents": documents, "statements": statements
        });
        serde_json::from_value(json).expect("origin")
    }

    const SOUND: &str = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
        {"Effect": "Deny", "Action": "kms:Frobnicate", "Resource": "*"}]}"#;

    #[test]
    fn what_is_found_is_told_by_stage() {
        let broken = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow"}}"#;
        let documents = [document("Broken", broken), document("Sound", SOUND)];
        let survey = Survey::of(&documents).expect("surveyed");
        assert_eq!((survey.documents, survey.statements), (2, 2));
        assert!(survey.errors() > 0);
        let of_lint: Vec<_> = survey
            .occurrences
            .iter()
            .filter(|found| found.stage == Stage::Lint)
            .map(|found| (found.policy.as_str(), found.finding.code))
            .collect();
        assert_eq!(of_lint, [("Sound", "UNKNOWN_ACTION")]);
        let failure = survey.failure(&origin(2, 2)).expect("it fails");
        assert!(failure.ends_with("errors instead of 0"), "{failure}");
    }

    #[test]
    fn missing_documents_and_statements_are_noticed() {
        let survey = Survey::of(&[document("Sound", SOUND)]).expect("surveyed");
        assert_eq!(survey.failure(&origin(1, 2)), None);
        assert_eq!(
            survey.failure(&origin(2, 3)).as_deref(),
            Some("1 documents instead of 2, 2 statements instead of 3")
        );
    }

    #[test]
    fn stages_are_timed_in_order() {
        let survey = Survey::of(&[document("Sound", SOUND)]).expect("surveyed");
        let stages: Vec<_> = survey.times.iter().map(|(stage, _)| *stage).collect();
        assert_eq!(stages, ["serde_json", "parse", "compile", "lint"]);
    }
}
