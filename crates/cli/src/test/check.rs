//! Asks what a test file asks, and compares. Rule: UI-40, UI-41.

use std::cell::RefCell;
use std::collections::BTreeSet;

use preclear_inputs::Params;
use preclear_inputs::test_file::{
    JobExpectation, LintContent, LintDocument, LintExpectation, Question, RequestExpectation, Test,
    TestFile, WhoCanExpectation,
};
use preclear_model::caller::Caller;
use preclear_model::{Diagnostics, PolicyKind};
use preclear_simulator::job::Advice;
use preclear_simulator::job::{self, JobRequest, JobTemplates};
use preclear_simulator::{
    AmbiguityMode, Code, ContextMode, Detail, Engine, Explanation, Operability, Reason, Request,
    Verdict, WhoCan, who_can,
};

use super::coverage::Coverage;
use super::expect::{self, JobOutcome, Mismatch};
use crate::clock::Clock;
use crate::lint::document::{self as lint, Ask};
use crate::render::{diagnostics, text};
use crate::simulate::simulate_fixed;

/// What became of a file's tests.
#[derive(Debug)]
pub(super) struct FileResult {
    pub(super) name: String,
    pub(super) tests: Vec<TestResult>,
    /// What tests show of the statements, where that is asked for.
    pub(super) coverage: Option<Coverage>,
}

/// What became of one test.
#[derive(Debug)]
pub(super) struct TestResult {
    pub(super) name: String,
    /// Line in the file.
    pub(super) line: Option<u32>,
    pub(super) outcome: Outcome,
}

/// What became of what a test expects.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It holds.
    Passed,
    /// It does not; with the answer as text.
    Failed {
        mismatches: Vec<Mismatch>,
        answer: String,
    },
}

impl Outcome {
    fn of(mismatches: Vec<Mismatch>, answer: impl FnOnce() -> String) -> Self {
        if mismatches.is_empty() {
            Self::Passed
        } else {
            Self::Failed {
                mismatches,
                answer: answer(),
            }
        }
    }
}

/// Columns of answers in failures, which are indented by two.
const WIDTH: u16 = 98;

/// How files are tested.
#[derive(Debug)]
pub(super) struct Manner<'a> {
    /// It wins over what tests say.
    pub(super) ambiguity: Option<AmbiguityMode>,
    pub(super) templates: &'a JobTemplates,
    pub(super) clock: &'a Clock,
    /// Whether it is wanted what tests show of statements.
    pub(super) covers: bool,
}

/// Runs the tests of a file.
pub(super) fn file(file: TestFile, manner: &Manner<'_>) -> FileResult {
    if let Some(expected) = &file.expect_invalid {
        let outcome = refusal(&file, expected);
        let name = format!("refused for {expected}");
        return FileResult {
            name: file.name,
            tests: vec![TestResult {
                name,
                line: None,
                outcome,
            }],
            coverage: manner.covers.then(Coverage::default),
        };
    }
    let lenient = file.lenient;
    let engine = file.snapshot.map(|loaded| Engine::compile(loaded.value));
    let coverage = manner.covers.then(|| {
        let mut coverage = Coverage::default();
        if let Ok(engine) = &engine {
            coverage.add(engine.snapshot());
        }
        RefCell::new(coverage)
    });
    let asker = Asker {
        engine,
        ambiguity: manner.ambiguity,
        lenient,
        params: file.params,
        templates: manner.templates,
        clock: manner.clock,
        coverage,
    };
    let tests = file
        .tests
        .into_iter()
        .map(|test| asker.test(test))
        .collect();
    FileResult {
        name: file.name,
        tests,
        coverage: asker.coverage.map(RefCell::into_inner),
    }
}

/// A file whose snapshot must be refused. Rule: UI-41.
fn refusal(file: &TestFile, expected: &str) -> Outcome {
    if file.is_refused_for(expected) {
        return Outcome::Passed;
    }
    let (actual, answer) = match &file.snapshot {
        Ok(_) => ("accepted".to_owned(), String::new()),
        Err(errors) => (codes(errors), plain(errors)),
    };
    let mismatch = Mismatch {
        path: "invalid".to_owned(),
        expected: expected.to_owned(),
        actual,
    };
    Outcome::Failed {
        mismatches: vec![mismatch],
        answer,
    }
}

/// Codes and rules of errors: what a test may name.
fn codes(errors: &Diagnostics) -> String {
    let named: BTreeSet<String> = errors
        .errors()
        .map(|error| match error.rule {
            Some(rule) => format!("{} ({rule})", error.code),
            None => error.code.to_owned(),
        })
        .collect();
    named.into_iter().collect::<Vec<_>>().join(", ")
}

fn plain(errors: &Diagnostics) -> String {
    diagnostics::render(errors, WIDTH)
}

/// Asks the questions of one file.
struct Asker<'a> {
    /// The snapshot, or why it is refused.
    engine: Result<Engine, Diagnostics>,
    ambiguity: Option<AmbiguityMode>,
    lenient: bool,
    params: Params,
    templates: &'a JobTemplates,
    clock: &'a Clock,
    coverage: Option<RefCell<Coverage>>,
}

impl Asker<'_> {
    fn test(&self, test: Test) -> TestResult {
        let outcome = match test.question {
            Question::Request { request, expect } => self.request(*request, &expect),
            Question::Job { job, expect } => self.job(*job, &expect),
            Question::WhoCan { request, expect } => self.who_can(*request, &expect),
            Question::Lint { document, expect } => self.lint(*document, &expect),
        };
        let line = test.place.locate().position.line;
        TestResult {
            name: test.name,
            line: Some(line),
            outcome,
        }
    }

    fn request(
        &self,
        request: Result<Request, Diagnostics>,
        expect: &RequestExpectation,
    ) -> Outcome {
        let engine = match &self.engine {
            Ok(engine) => engine,
            Err(errors) => return refused_request(errors, expect),
        };
        let mut request = match request {
            Ok(request) => request,
            Err(errors) => return refused_request(&errors, expect),
        };
        request.ambiguity = self.ambiguity.unwrap_or(request.ambiguity);
        self.clock.fill(&mut request.now);
        let answer = engine.explain(&request, Detail::Reasons);
        if let Some(coverage) = &self.coverage {
            coverage
                .borrow_mut()
                .note(&engine.explain(&request, Detail::Full));
        }
        let mut mismatches = expect::request(expect, &answer);
        mismatches.extend(expect::guard(expect, &answer, &request, engine));
        Outcome::of(mismatches, || {
            let situation = text::Situation::of(&request, engine);
            text::request(&answer, &situation, &Advice::default(), false, WIDTH)
        })
    }

    fn job(&self, job: Result<JobRequest, Diagnostics>, expect: &JobExpectation) -> Outcome {
        let engine = match &self.engine {
            Ok(engine) => engine,
            Err(errors) => return refused_job(errors, expect),
        };
        let mut request = match job {
            Ok(request) => request,
            Err(errors) => return refused_job(&errors, expect),
        };
        request.templates = self.templates.clone();
        request.ambiguity = self.ambiguity.unwrap_or(request.ambiguity);
        self.clock.fill(&mut request.now);
        let report = job::simulate(engine, &request, Detail::Reasons);
        if let Some(coverage) = &self.coverage {
            let full = job::simulate(engine, &request, Detail::Full);
            coverage.borrow_mut().note_job(&full);
        }
        let fixed = expect
            .fixed
            .as_ref()
            .map(|_| simulate_fixed(engine, &request, &report).verdict);
        let outcome = JobOutcome::Report {
            report: &report,
            fixed,
        };
        Outcome::of(expect::job(expect, &outcome), || {
            text::job(&report, &text::Additions::IfDenied, WIDTH)
        })
    }

    fn who_can(
        &self,
        request: Result<Request, Diagnostics>,
        expect: &WhoCanExpectation,
    ) -> Outcome {
        let refused = |errors: &Diagnostics| {
            Outcome::of(expect::refused_who_can(expect, &errors.0), || plain(errors))
        };
        let engine = match &self.engine {
            Ok(engine) => engine,
            Err(errors) => return refused(errors),
        };
        let mut request = match request {
            Ok(request) => request,
            Err(errors) => return refused(&errors),
        };
        request.ambiguity = self.ambiguity.unwrap_or(request.ambiguity);
        self.clock.fill(&mut request.now);
        let answer = who_can::ask(engine, &request);
        if let Some(coverage) = &self.coverage {
            self.note_all(&mut coverage.borrow_mut(), engine, &answer);
        }
        let mismatches = expect::who_can(expect, &answer, &request, engine.snapshot());
        Outcome::of(mismatches, || {
            let telling = text::Telling {
                in_full: None,
                situation: text::Situation::of(&request, engine),
            };
            text::who_can(&answer, &telling, WIDTH)
        })
    }

    /// The ways of those who may, and the answers about everybody who is listed.
    fn note_all(&self, coverage: &mut Coverage, engine: &Engine, answer: &WhoCan) {
        for way in answer.allowed().flat_map(|one| one.ways()) {
            let statements = way.statements.iter();
            statements.for_each(|one| coverage.note_statement(&one.statement));
        }
        for principal in &engine.snapshot().principals {
            if let Ok(caller) = Caller::parse(principal.arn.as_str()) {
                let request = answer.request_of(&caller);
                coverage.note(&engine.explain(&request, Detail::Full));
            }
        }
    }

    fn lint(
        &self,
        document: Result<LintDocument, Diagnostics>,
        expect: &LintExpectation,
    ) -> Outcome {
        let findings = match &document {
            Ok(document) => findings(document, self.lenient, &self.params),
            Err(errors) => errors
                .iter()
                .map(|error| (error.code.to_owned(), error.message.clone()))
                .collect(),
        };
        let codes = findings.iter().map(|(code, _)| code.clone()).collect();
        Outcome::of(expect::lint(expect, &codes), || {
            findings
                .iter()
                .map(|(code, message)| format!("{code}: {message}\n"))
                .collect()
        })
    }
}

/// The verdict is `invalid`, whatever keeps the question from being asked. Rule: UI-41.
fn refused_request(errors: &Diagnostics, expect: &RequestExpectation) -> Outcome {
    Outcome::of(expect::request(expect, &invalid(errors)), || plain(errors))
}

fn refused_job(errors: &Diagnostics, expect: &JobExpectation) -> Outcome {
    Outcome::of(expect::job(expect, &JobOutcome::Refused(errors)), || {
        plain(errors)
    })
}

/// The answer to what cannot be asked.
fn invalid(errors: &Diagnostics) -> Explanation {
    // The grammar of policies speaks of documents, everything else of the request.
    let is_document = errors
        .errors()
        .any(|error| error.rule.is_some_and(|rule| rule.starts_with("IAM-GRAM-")));
    let code = if is_document {
        Code::InvalidDocument
    } else {
        Code::InvalidRequest
    };
    let reason = Reason::new(code, None);
    Explanation {
        id: None,
        caller: String::new(),
        action: String::new(),
        resource: String::new(),
        verdict: Verdict::Invalid,
        primary: Some(reason.clone()),
        reasons: vec![reason],
        near_misses: Vec::new(),
        depends_on: BTreeSet::new(),
        open_ways: Vec::new(),
        refined: Vec::new(),
        ambiguities: BTreeSet::new(),
        assumptions: BTreeSet::new(),
        warnings: Vec::new(),
        operability: Operability::NotAsked,
        parts: Vec::new(),
        layers: Vec::new(),
        mode: ContextMode::default(),
        ambiguity: AmbiguityMode::default(),
        errors: errors.0.clone(),
    }
}

/// Codes and messages of what the linter finds.
fn findings(document: &LintDocument, lenient: bool, params: &Params) -> Vec<(String, String)> {
    let kind = document.kind.as_deref();
    let ask = Ask {
        kind: kind.and_then(PolicyKind::from_name),
        is_fragment: kind == Some("fragment"),
        lenient,
        params: params.clone(),
        key_arn: None,
    };
    let text = match &document.content {
        LintContent::Tree { node, source } => lint::of_tree(node, source, &ask),
        LintContent::Text(source) => lint::read(source, &ask),
    };
    let found = text.documents.into_iter().flat_map(|one| one.findings);
    found
        .map(|finding| (finding.code.to_owned(), finding.message))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use preclear_inputs::files::MemoryFiles;
    use preclear_inputs::test_file::DOCUMENT_KINDS;
    use preclear_inputs::{Options, test_file};
    use std::path::Path;
    use std::time::SystemTime;

    fn outcomes(text: &str) -> Vec<String> {
        let files = MemoryFiles::from_iter([("t.yaml", text)]);
        let loaded = test_file::read(Path::new("t.yaml"), &files, &Options::default()).unwrap();
        let manner = Manner {
            ambiguity: None,
            templates: &JobTemplates::default(),
            clock: &Clock::new(SystemTime::now),
            covers: true,
        };
        let result = file(loaded.value, &manner);
        let word = |test: &TestResult| match &test.outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Failed { mismatches, .. } => mismatches[0].path.clone(),
        };
        result.tests.iter().map(word).collect()
    }

    const ANA: &str =
        "{complete: true, principals: [{arn: 'arn:aws:iam::111122223333:user/ana', policies: []}]}";
    const REQUEST: &str = "{principal: 'arn:aws:iam::111122223333:user/ana', action: 's3:GetObject', resource: 'arn:aws:s3:::b/x'}";

    #[test]
    fn right_and_wrong_expectations_are_told_apart() {
        let text = format!(
            "preclear: 1\nsnapshot: {ANA}\ntests:\n\
             - {{request: {REQUEST}, expect: deny}}\n\
             - {{request: {REQUEST}, expect: allow}}\n\
             - {{request: {{principal: nobody, action: 's3:GetObject', resource: '*'}}, expect: invalid}}\n\
             - {{request: {{principal: nobody, action: 's3:GetObject', resource: '*'}}, expect: deny}}\n\
             - {{who_can: {{action: 's3:GetObject', resource: 'arn:aws:s3:::b/x', resource_account: '111122223333'}}, expect: {{exactly: []}}}}\n"
        );
        assert_eq!(
            outcomes(&text),
            ["passed", "verdict", "passed", "verdict", "passed"]
        );
    }

    #[test]
    fn a_test_of_what_does_not_exist_fails_unless_it_says_so() {
        let key = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let request = |principal: &str, action: &str, resource: &str| {
            format!(
                "request: {{principal: 'arn:aws:iam::111122223333:user/{principal}', action: '{action}', resource: '{resource}'}}"
            )
        };
        let action = request("ana", "s3:GetObjct", "arn:aws:s3:::b/x");
        let principal = request("anna", "s3:GetObject", "arn:aws:s3:::b/x");
        let missing = request("ana", "kms:Decrypt", key);
        let assumed =
            "principal:arn:aws:iam::111122223333:user/anna is not listed and has nothing attached";
        let text = format!(
            "preclear: 1\nsnapshot: {ANA}\ntests:\n\
             - {{{action}, expect: deny}}\n\
             - {{{principal}, expect: deny}}\n\
             - {{{missing}, expect: deny}}\n\
             - {{{action}, expect: {{verdict: deny, warnings: [UNKNOWN_ACTION]}}}}\n\
             - {{{principal}, expect: {{verdict: deny, assumptions: ['{assumed}']}}}}\n\
             - {{{missing}, expect: {{verdict: deny, code: key_not_found}}}}\n"
        );
        assert_eq!(
            outcomes(&text),
            [
                "warnings",
                "assumptions",
                "code",
                "passed",
                "passed",
                "passed"
            ]
        );
    }

    #[test]
    fn a_refused_snapshot_meets_invalid_and_nothing_else() {
        let text = format!(
            "preclear: 1\nsnapshot: {{complete: true, kyes: []}}\ntests:\n\
             - {{request: {REQUEST}, expect: invalid}}\n\
             - {{request: {REQUEST}, expect: deny}}\n"
        );
        assert_eq!(outcomes(&text), ["passed", "verdict"]);
    }

    #[test]
    fn a_refusal_must_be_for_the_reason_that_is_expected() {
        let text = |code: &str| {
            format!("preclear: 1\nsnapshot: {{kyes: []}}\nexpect: {{invalid: {code}}}\n")
        };
        assert_eq!(outcomes(&text("UNKNOWN_MEMBER")), ["passed"]);
        assert_eq!(outcomes(&text("UI-33")), ["passed"]);
        assert_eq!(outcomes(&text("IAM-GRAM-9")), ["invalid"]);
        let accepted = "preclear: 1\nsnapshot: {complete: true}\nexpect: {invalid: UI-33}\n";
        assert_eq!(outcomes(accepted), ["invalid"]);
    }

    #[test]
    fn every_kind_of_document_has_its_policy_kind() {
        for name in DOCUMENT_KINDS {
            assert_eq!(
                PolicyKind::from_name(name).is_none(),
                name == "fragment",
                "{name}"
            );
        }
    }
}
