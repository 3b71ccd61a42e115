//! From the tree of a test file to its tests.

use std::sync::Arc;

use preclear_model::{Diagnostics, Fields, Node, Source};
use preclear_simulator::Snapshot;
use preclear_simulator::job::JobRequest;
use preclear_simulator::request::Request;

use super::{DOCUMENT_KINDS, LintContent, LintDocument, Question, Test, TestFile, expect};
use crate::asked::report_placeholders;
use crate::files;
use crate::job::{self, JobDraft, JobNodes};
use crate::loader::{Loaded, Loader, Origin, substitute_scalars};
use crate::principal::principal;
use crate::request::{self, Draft, DraftNodes, mistakes, nobody, opening};
use crate::settings::SettingNodes;
use crate::snapshot;
use crate::snapshot_file::check_version;

/// Reads the content of a test file.
pub(super) fn test_file(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    name: String,
) -> Option<TestFile> {
    let mut fields = Fields::of(node, &origin.source, "a test file", &mut loader.diagnostics)?;
    let version = fields.required("preclear");
    let rules = fields
        .texts("rules")
        .into_iter()
        .map(|(text, _)| text.to_owned())
        .collect();
    let why = fields.text("why").map(str::to_owned);
    let params = fields.value("params");
    let lenient = fields.boolean("lenient").unwrap_or_default();
    let keep_going = fields.boolean("keep_going").unwrap_or_default();
    let snapshot = fields.value("snapshot");
    let defaults = fields.value("defaults");
    let tests = fields.value("tests");
    let expect = fields.value("expect");
    fields.finish();

    check_version(loader, version, origin);
    if let Some(node) = params {
        loader.pairs(node, origin, "params");
    }
    loader.options.lenient |= lenient;
    loader.options.keep_going |= keep_going;
    let expect_invalid = expect.and_then(|node| expect_invalid(loader, node, origin));
    match (tests, expect) {
        (Some(_), Some(expect)) => {
            let help = "remove `tests`: nothing can be asked of a snapshot that is refused";
            let message = "`expect` stands in place of `tests`";
            loader.error(
                "CONTRADICTION",
                "UI-41",
                message,
                (origin, expect.span),
                help,
            );
        }
        (None, None) => {
            let help =
                "add `tests`, or `expect: {invalid: CODE}` for a snapshot that must be refused";
            let message = "a test file needs the member `tests`";
            loader.error(
                "MISSING_MEMBER",
                "UI-33",
                message,
                (origin, opening(node)),
                help,
            );
        }
        _ => {}
    }
    // First the snapshot: questions use the names of its plans and templates.
    let snapshot = apart(loader, |loader| {
        Some(snapshot.map_or_else(Snapshot::default, |node| {
            let snapshot = snapshot::inline(loader, node, origin);
            loader.options.names = Arc::new(snapshot.names.clone());
            snapshot
        }))
    });
    let defaults = defaults
        .map(|node| read_defaults(loader, node, origin))
        .unwrap_or_default();
    let tests = tests
        .map(|node| read_tests(loader, node, origin, &defaults, &name))
        .unwrap_or_default();
    Some(TestFile {
        name,
        rules,
        why,
        params: loader.options.params.clone(),
        lenient: loader.options.lenient,
        keep_going: loader.options.keep_going,
        snapshot,
        expect_invalid,
        tests,
    })
}

/// Reads something whose errors are a result of their own.
fn apart<T>(
    loader: &mut Loader<'_>,
    read: impl FnOnce(&mut Loader<'_>) -> Option<T>,
) -> Result<Loaded<T>, Diagnostics> {
    let outer = std::mem::take(&mut loader.diagnostics);
    let value = read(loader);
    let mut own = std::mem::replace(&mut loader.diagnostics, outer);
    own.sort();
    match value {
        Some(value) if !own.has_errors() => Ok(Loaded {
            value,
            diagnostics: own,
        }),
        _ => Err(own),
    }
}

/// As [`apart`]; the warnings of a success go with the file's.
fn question<T>(
    loader: &mut Loader<'_>,
    read: impl FnOnce(&mut Loader<'_>) -> Option<T>,
) -> Box<Result<T, Diagnostics>> {
    Box::new(apart(loader, read).map(|loaded| {
        loader.diagnostics.extend(loaded.diagnostics);
        loaded.value
    }))
}

/// `{invalid: CODE}`. Rule: UI-41.
fn expect_invalid(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<String> {
    let mut fields = Fields::of(
        node,
        &origin.source,
        "what a test file expects",
        &mut loader.diagnostics,
    )?;
    fields.required_text("invalid").map(str::to_owned)
}

/// What is merged into every request, job and who-can of a file.
#[derive(Debug, Default)]
struct Defaults {
    request: Draft,
    job: JobDraft,
}

fn read_defaults(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Defaults {
    if report_placeholders(loader, node, &origin.source) {
        return Defaults::default();
    }
    let Some(mut fields) = Fields::of(
        node,
        &origin.source,
        "the defaults",
        &mut loader.diagnostics,
    ) else {
        return Defaults::default();
    };
    let settings = SettingNodes::take(&mut fields);
    let operation = fields.text("operation").map(str::to_owned);
    let caller = fields.value("principal");
    let request = DraftNodes::take(&mut fields, SettingNodes::default());
    let job = JobNodes::take(&mut fields, SettingNodes::default());
    fields.finish();

    let settings = settings.read(loader, origin);
    // Operations of KMS and STS are asked in requests, those of other services in jobs.
    let is_of_request = operation
        .as_deref()
        .is_some_and(|operation| operation.starts_with("kms:") || operation.starts_with("sts:"));
    let (of_request, of_job) = if is_of_request {
        (operation, None)
    } else {
        (None, operation)
    };
    let request = Draft {
        settings: settings.clone(),
        operation: of_request,
        principal: caller.and_then(|node| principal(loader, node, origin)),
        ..request.read(loader, origin)
    };
    let job = JobDraft {
        settings,
        operation: of_job,
        ..job.read(loader, origin)
    };
    Defaults { request, job }
}

fn read_tests(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    defaults: &Defaults,
    name: &str,
) -> Vec<Test> {
    let items = loader.list(node, origin, "tests");
    if node.as_sequence().is_some_and(<[Node]>::is_empty) {
        let help = "add a test; a file without tests proves nothing";
        loader.error(
            "EMPTY_INPUT",
            "UI-33",
            "the list holds no test",
            (origin, node.span),
            help,
        );
    }
    let numbered = items.iter().enumerate();
    numbered
        .filter_map(|(index, item)| test(loader, item, origin, defaults, index, name))
        .collect()
}

fn test(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    defaults: &Defaults,
    index: usize,
    file: &str,
) -> Option<Test> {
    const ASKS: [&str; 4] = ["request", "job", "who_can", "lint"];
    let mut fields = Fields::of(node, &origin.source, "a test", &mut loader.diagnostics)?;
    let name = fields
        .text("name")
        .map_or_else(|| format!("#{}", index + 1), str::to_owned);
    let asked: Vec<(&str, &Node)> = ASKS
        .into_iter()
        .filter_map(|name| Some((name, fields.value(name)?)))
        .collect();
    let expect = fields.required("expect");
    fields.finish();

    let &[(ask, asked)] = asked.as_slice() else {
        let message = "a test asks one thing";
        let help = format!("give one of `{}`", ASKS.join("`, `"));
        loader.error(
            "MISSING_MEMBER",
            "UI-40",
            message,
            (origin, opening(node)),
            help,
        );
        return None;
    };
    let question = match ask {
        "request" => Question::Request {
            expect: Box::new(expect::request(loader, expect?, origin)?),
            request: question(loader, |loader| {
                request::request(loader, asked, origin, Some(&defaults.request))
            }),
        },
        "job" => Question::Job {
            expect: expect::job(loader, expect?, origin)?,
            job: question(loader, |loader| {
                one_job(
                    loader,
                    asked,
                    origin,
                    &defaults.job,
                    &format!("{file}: {name}"),
                )
            }),
        },
        "who_can" => Question::WhoCan {
            expect: expect::who_can(loader, expect?, origin)?,
            request: question(loader, |loader| {
                who_can(loader, asked, origin, &defaults.request)
            }),
        },
        _ => Question::Lint {
            expect: expect::lint(loader, expect?, origin)?,
            document: question(loader, |loader| lint_document(loader, asked, origin, &name)),
        },
    };
    Some(Test {
        name,
        place: origin.source.place(opening(node)),
        question,
    })
}

/// A job, or `{file: PATH}` with one.
fn one_job(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    defaults: &JobDraft,
    name: &str,
) -> Option<JobRequest> {
    let path = node
        .get("file")
        .and_then(Node::as_text)
        .filter(|_| node.members().len() == 1);
    let Some(path) = path else {
        // The job's own values are for its own placeholders; those of the test file are in already.
        let mut filled = node.clone();
        substitute_scalars(&mut filled, &job::params_of(node));
        return job::job(loader, &filled, origin, name, Some(defaults));
    };
    let path = files::beside(&origin.path, path);
    // The file's own values are for its own placeholders; those of the test file win.
    let own = job::params(&path, loader.files);
    let params = job::joined(&own, &loader.options.params);
    let outer = std::mem::replace(&mut loader.options.params, params);
    let job = loader
        .mentioned_file(&path, &origin.place(node))
        .and_then(|document| {
            job::job(
                loader,
                &document.node,
                &document.origin,
                name,
                Some(defaults),
            )
        });
    loader.options.params = outer;
    job
}

/// A request without `principal`. Rule: UI-20.
fn who_can(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    defaults: &Draft,
) -> Option<Request> {
    let before = loader.error_count();
    if report_placeholders(loader, node, &origin.source) {
        return None;
    }
    let mut fields = Fields::of(
        node,
        &origin.source,
        "a question who can",
        &mut loader.diagnostics,
    )?;
    let operation = fields.text("operation").map(str::to_owned);
    let settings = SettingNodes::take(&mut fields);
    let nodes = DraftNodes::take(&mut fields, settings);
    fields.finish();
    let draft = nodes.read(loader, origin);
    let draft = Draft { operation, ..draft }.or(Some(defaults));
    if loader.error_count() > before {
        return None;
    }
    match draft.request_of(nobody()) {
        Ok(request) => mistakes::report(loader, node, origin, &request).then(|| Request {
            place: Some(origin.source.place(opening(node))),
            ..request
        }),
        Err(error) => {
            let at = (origin, opening(node));
            loader.error(error.code, error.rule, error.message, at, error.help);
            None
        }
    }
}

/// A document in any form, or `{type, document}` around it.
fn lint_document(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    name: &str,
) -> Option<LintDocument> {
    let is_wrapper = (node.get("type").is_some() || node.get("document").is_some())
        && node.get("Statement").is_none();
    let (kind, inner) = if is_wrapper {
        let mut fields = Fields::of(
            node,
            &origin.source,
            "a document to lint",
            &mut loader.diagnostics,
        )?;
        let kinds = DOCUMENT_KINDS.map(|kind| (kind, kind));
        let kind = fields.choice("type", &kinds).map(str::to_owned);
        (kind, fields.required("document")?)
    } else {
        (None, node)
    };
    let file = inner
        .get("file")
        .and_then(Node::as_text)
        .filter(|_| inner.members().len() == 1);
    let (name, content) = match (file, inner.as_text()) {
        (Some(path), _) => {
            let source = loader.text_of(
                &files::beside(&origin.path, path),
                Some(&origin.place(inner)),
            )?;
            (path, LintContent::Text(source))
        }
        (None, Some(text)) => {
            let source = Source::embedded(&origin.source, inner.span, text);
            (name, LintContent::Text(Arc::new(source)))
        }
        (None, None) => {
            let source = Arc::clone(&origin.source);
            (
                name,
                LintContent::Tree {
                    node: inner.clone(),
                    source,
                },
            )
        }
    };
    Some(LintDocument {
        kind,
        name: name.to_owned(),
        content,
    })
}
