//! Test files: policy unit tests, and the project's own conformance cases. Rule: UI-40, UI-41.
//!
//! What a test asks and expects is read here; running it is somebody else's. A request that cannot be asked is an
//! outcome that a test may expect, so its errors stay with the test.

use std::path::Path;
use std::sync::Arc;

use preclear_model::{Diagnostics, Node, Place, Source};
use preclear_simulator::Snapshot;
use preclear_simulator::job::JobRequest;
use preclear_simulator::request::Request;

use crate::files::Files;
use crate::format::{describes_accounts, wrong_kind};
use crate::job;
use crate::loader::{Loaded, Loader, Options};
use crate::params::Params;

mod expect;
mod guard;
mod read;

pub use expect::{
    ExpectedVerdict, JOB_VERDICTS, JobExpectation, LintExpectation, NearMissExpectation,
    RequestExpectation, StatementName, WhoCanExpectation,
};

/// Names of the kinds of documents that the linter knows. Rule: UI-22.
pub const DOCUMENT_KINDS: [&str; 10] = [
    "identity", "boundary", "session", "key", "resource", "trust", "scp", "rcp", "vpce", "fragment",
];

/// A test file.
#[derive(Debug, Clone)]
pub struct TestFile {
    /// The file, as named.
    pub name: String,
    /// Rules, traps and scenarios that it shows.
    pub rules: Vec<String>,
    /// What it shows, in a sentence.
    pub why: Option<String>,
    /// Its placeholders, those of the command line included.
    pub params: Params,
    /// True: policies are read leniently.
    pub lenient: bool,
    /// True: a rejected policy makes its layer unknown. Rule: IAM-GRAM-19.
    pub keep_going: bool,
    /// The snapshot, or why it is refused.
    pub snapshot: Result<Loaded<Snapshot>, Diagnostics>,
    /// Code or rule id of the error that the snapshot must be refused with. Rule: UI-41.
    pub expect_invalid: Option<String>,
    /// The tests; empty where the snapshot must be refused.
    pub tests: Vec<Test>,
}

impl TestFile {
    /// True if the snapshot is refused with this code, or with an error that cites this rule. Rule: UI-41.
    #[must_use]
    pub fn is_refused_for(&self, code_or_rule: &str) -> bool {
        self.snapshot.as_ref().is_err_and(|errors| {
            errors
                .errors()
                .any(|error| error.code == code_or_rule || error.rule == Some(code_or_rule))
        })
    }
}

/// One test.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its name; `#3` for the third where it has none.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What it asks, and what it expects.
    pub question: Question,
}

/// What a test asks, with what it expects.
#[derive(Debug, Clone)]
pub enum Question {
    /// A request.
    Request {
        /// The request, or why it cannot be asked: verdict `invalid`.
        request: Box<Result<Request, Diagnostics>>,
        /// What is expected.
        expect: Box<RequestExpectation>,
    },
    /// A job.
    Job {
        /// The job, or why it cannot be asked: verdict `INVALID`.
        job: Box<Result<JobRequest, Diagnostics>>,
        /// What is expected.
        expect: JobExpectation,
    },
    /// Who may do it.
    WhoCan {
        /// The request without its caller: the anonymous caller in it is a stand-in for every candidate.
        request: Box<Result<Request, Diagnostics>>,
        /// What is expected.
        expect: WhoCanExpectation,
    },
    /// What is wrong with a document.
    Lint {
        /// The document, or why it cannot be read.
        document: Box<Result<LintDocument, Diagnostics>>,
        /// What is expected.
        expect: LintExpectation,
    },
}

/// A document to lint.
#[derive(Debug, Clone)]
pub struct LintDocument {
    /// Kind, one of [`DOCUMENT_KINDS`], where it is stated.
    pub kind: Option<String>,
    /// What users know it by.
    pub name: String,
    /// The document.
    pub content: LintContent,
}

/// The content of a document to lint.
#[derive(Debug, Clone)]
pub enum LintContent {
    /// A text that may be anything: JSON, broken JSON, Markdown.
    Text(Arc<Source>),
    /// A tree that stands in the test file itself.
    Tree {
        /// The tree.
        node: Node,
        /// The text that it stands in.
        source: Arc<Source>,
    },
}

/// What a file in a directory of tests is, by its content. Rule: UI-23.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// A test file.
    TestFile,
    /// It is marked as a file of preclear's, but has neither tests nor anything of a snapshot: a test file with a slip
    /// in it, unless another file mentions it.
    Marked,
    /// Something else: a snapshot, a policy, a job.
    Other,
}

impl Likeness {
    /// What a tree is.
    #[must_use]
    pub fn of(node: &Node) -> Self {
        let has = |name: &str| node.get(name).is_some();
        if has("tests") || (has("preclear") && has("expect")) {
            Self::TestFile
        } else if has("preclear") && !describes_accounts(node) {
            Self::Marked
        } else {
            Self::Other
        }
    }
}

/// Reads a test file and loads its snapshot. `options` holds what the command line says: its `params` win over the
/// file's, and either may ask to be lenient or to keep going.
///
/// # Errors
///
/// Everything that is wrong with the file itself; a snapshot or a request that is refused is a result.
///
/// ```
/// use std::path::Path;
/// use preclear_inputs::files::MemoryFiles;
/// use preclear_inputs::{Options, test_file};
/// let text = r#"
/// preclear: 1
/// snapshot: {complete: true}
/// defaults: {mode: closed}
/// tests:
///   - name: nobody is let in
///     request: {principal: anonymous, action: s3:GetObject, resource: "arn:aws:s3:::b/x"}
///     expect: deny
/// "#;
/// let files = MemoryFiles::from_iter([("t.yaml", text)]);
/// let file = test_file::read(Path::new("t.yaml"), &files, &Options::default()).unwrap().value;
/// assert!(file.snapshot.unwrap().value.complete);
/// assert_eq!(file.tests[0].name, "nobody is let in");
/// ```
pub fn read(
    path: &Path,
    files: &dyn Files,
    options: &Options,
) -> Result<Loaded<TestFile>, Diagnostics> {
    let mut options = options.clone();
    options.params = job::joined(&job::params(path, files), &options.params);
    let mut loader = Loader::new(files, &options);
    let name = path.display().to_string();
    let file = loader.document(path, None).and_then(|document| {
        let (node, origin) = (&document.node, &document.origin);
        let is_meant = Likeness::of(node) == Likeness::Marked;
        let wrong = wrong_kind(node, origin, "a test file").filter(|_| !is_meant);
        if let Some(error) = wrong {
            loader.diagnostics.push(error);
            return None;
        }
        read::test_file(&mut loader, node, origin, name)
    });
    loader.finish(file)
}

#[cfg(test)]
mod tests;
