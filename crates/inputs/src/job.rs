//! Job files: one API request each that later needs a whole list of permissions.

mod names;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use preclear_model::caller::Caller;
use preclear_model::{Diagnostic, Diagnostics, Fields, Node, Source, Span, node};
use preclear_simulator::job::{Interface, JobRequest, JobSource, JobTemplates};
use serde_json::{Map, Value};

use crate::asked::report_placeholders;
use crate::files::{self, Files};
use crate::format::{is_job_file, wrong_kind};
use crate::loader::{Loaded, Loader, Options, Origin};
use crate::params::Params;
use crate::principal::{Principal, principal};
use crate::request::{is_action, opening};
use crate::settings::{SettingNodes, Settings};

/// Reads a job file: one job, or a list of them. Its own `params` fill its placeholders; those of `options` win.
///
/// # Errors
///
/// Everything that is wrong with the file and with the files that it mentions.
///
/// ```
/// use std::path::Path;
/// use preclear_inputs::files::MemoryFiles;
/// use preclear_inputs::{Options, job};
/// let text = "\
/// operation: personalize:CreateDatasetGroup
/// caller: arn:aws:iam::<account-id>:role/Recommender
/// request: {name: g}
/// params: {account-id: '111122223333'}";
/// let files = MemoryFiles::from_iter([("job.yaml", text)]);
/// let jobs = job::read(Path::new("job.yaml"), &files, &Options::default()).unwrap().value;
/// assert_eq!(jobs[0].caller.as_ref().unwrap().account.as_deref(), Some("111122223333"));
/// ```
pub fn read(
    path: &Path,
    files: &dyn Files,
    options: &Options,
) -> Result<Loaded<Vec<JobRequest>>, Diagnostics> {
    let mut options = options.clone();
    let own = params(path, files);
    options.params = joined(&own, &options.params);
    let mut loader = Loader::new(files, &options);
    let name = path.display().to_string();
    let jobs = loader.document(path, None).and_then(|document| {
        let (node, origin) = (&document.node, &document.origin);
        let wrong = wrong_kind(node, origin, "a job file");
        if let Some(error) = wrong.or_else(|| unnamed_operation(node, origin)) {
            loader.diagnostics.push(error);
            return None;
        }
        Some(jobs(&mut loader, node, origin, &name))
    });
    loader.finish(jobs)
}

/// An API request alone says neither what it is a request of nor who sends it.
fn unnamed_operation(node: &Node, origin: &Origin) -> Option<Diagnostic> {
    let is_named = ["operation", "caller", "request"]
        .iter()
        .any(|name| node.get(name).is_some());
    if node.members().is_empty() || is_named {
        return None;
    }
    let file = origin.path.display();
    Some(
        Diagnostic::error(
            "WRONG_KIND_OF_FILE",
            format!("`{file}` has neither `operation` nor `caller`: it is no job file, but perhaps an API request"),
        )
        .rule("UI-31")
        .at(origin.source.place(opening(node)))
        .help(format!(
            "for an API request use `--operation SERVICE:Operation --caller ARN --job {file}`"
        )),
    )
}

/// The `params` of a job or test file, for placeholders in the snapshot's documents. Rule: JOB-LINT-2.
///
/// A file that cannot be read has none: whoever reads it next says why.
#[must_use]
pub fn params(path: &Path, files: &dyn Files) -> Params {
    let mut loader = Loader::new(files, &Options::default());
    let mut params = Params::default();
    if let Some(document) = loader.document(path, None) {
        let node = &document.node;
        for job in node.as_sequence().unwrap_or(std::slice::from_ref(&**node)) {
            params.extend(&params_of(job));
        }
    }
    params
}

/// The values in the member `params`; what is wrong with them is reported where the file is read.
pub(crate) fn params_of(node: &Node) -> Params {
    let members = node.get("params").map(Node::members).unwrap_or_default();
    members
        .iter()
        .filter_map(|member| {
            Some((
                member.name.as_str(),
                member.value.as_scalar()?.text.as_str(),
            ))
        })
        .collect()
}

/// The values of a file with those of the command line, which win.
pub(crate) fn joined(of_file: &Params, of_flags: &Params) -> Params {
    let mut joined = of_file.clone();
    joined.extend(of_flags);
    joined
}

/// An API request that stands alone.
#[derive(Debug, Clone)]
pub struct ApiRequest {
    /// Its members.
    pub members: Map<String, Value>,
    /// Where they stand.
    pub source: JobSource,
}

/// Reads an API request as `--cli-input-json` takes it, for a job whose operation and caller are given as flags.
///
/// # Errors
///
/// A file that cannot be read or holds no object.
pub fn read_api_request(
    path: &Path,
    files: &dyn Files,
    options: &Options,
) -> Result<Loaded<ApiRequest>, Diagnostics> {
    let mut loader = Loader::new(files, options);
    let request = loader.document(path, None).and_then(|document| {
        if let Some(error) = no_api_request(&document.node, &document.origin) {
            loader.diagnostics.push(error);
            return None;
        }
        if loader.report_placeholders(&document.node, &document.origin.source) {
            return None;
        }
        let (node, source) = (&document.node, &document.origin.source);
        Some(ApiRequest {
            members: members_of(&mut loader, node, &document.origin)?,
            source: JobSource {
                place: source.place(opening(node)),
                request: Some((Arc::clone(source), Arc::clone(node))),
            },
        })
    });
    loader.finish(request)
}

/// A file of preclear's own in place of an API request: its members would count as unknown fields, and the job be
/// decided without a request. Rule: UI-31.
fn no_api_request(node: &Node, origin: &Origin) -> Option<Diagnostic> {
    const WANTED: &str = "the API request that `--operation` asks for";
    // The operation of a job file may be left to the flag.
    let is_job = node.get("caller").is_some()
        && node
            .get("request")
            .is_some_and(|node| !node.members().is_empty());
    let help = "leave `--operation` out, or give the request alone";
    if is_job && node.get("operation").is_none() {
        let message = format!("`{}` is a job file, not {WANTED}", origin.path.display());
        let error = Diagnostic::error("WRONG_KIND_OF_FILE", message).rule("UI-31");
        return Some(error.at(origin.source.place(opening(node))).help(help));
    }
    let wrong = wrong_kind(node, origin, WANTED)?;
    Some(if is_job_file(node) {
        wrong.help(help)
    } else {
        wrong
    })
}

/// The shipped templates of jobs and those in these files; the last of two for one operation counts.
///
/// # Errors
///
/// Files that cannot be read, and everything that is wrong with the templates, each with its place. Rule: JOB-2.
pub fn templates(
    paths: &[PathBuf],
    files: &dyn Files,
) -> Result<Loaded<JobTemplates>, Diagnostics> {
    let options = Options::default();
    let mut loader = Loader::new(files, &options);
    let mut templates = JobTemplates::default();
    for path in paths {
        let Some(source) = loader.text_of(path, None) else {
            continue;
        };
        if let Some(error) = no_template(&source, path) {
            loader.diagnostics.push(error);
            continue;
        }
        match templates.with(&source) {
            Ok(more) => templates = more,
            Err(errors) => loader.diagnostics.extend(errors),
        }
    }
    loader.finish(Some(templates))
}

/// A file of another kind in place of a template.
fn no_template(source: &Arc<Source>, path: &Path) -> Option<Diagnostic> {
    // What cannot be read is told by the reader of templates.
    let node = node::read(source).ok()?;
    let origin = Origin {
        source: Arc::clone(source),
        path: path.to_owned(),
    };
    wrong_kind(&node, &origin, "a job template")
}

/// The account and Region that a job names, for [`Params::infer`]: of the job itself, else of its caller.
#[must_use]
pub fn account_and_region(path: &Path, files: &dyn Files) -> (Option<String>, Option<String>) {
    let mut loader = Loader::new(files, &Options::default());
    let Some(document) = loader.document(path, None) else {
        return (None, None);
    };
    let node = &document.node;
    let job = node.as_sequence().and_then(<[Node]>::first).unwrap_or(node);
    let text = |name: &str| job.get(name).and_then(Node::as_text).map(str::to_owned);
    let of_caller = || {
        let caller = job.get("caller")?;
        let arn = caller.as_text().or_else(|| caller.get("arn")?.as_text())?;
        let account = preclear_model::Arn::parse(arn)?.account().to_owned();
        crate::values::is_account_id(&account).then_some(account)
    };
    (text("account").or_else(of_caller), text("region"))
}

/// A job as far as it was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobDraft {
    pub(crate) settings: Settings,
    pub(crate) operation: Option<String>,
    pub(crate) caller: Option<Principal>,
    pub(crate) interface: Option<Interface>,
    pub(crate) account: Option<String>,
    pub(crate) request: Option<Map<String, Value>>,
    /// Where `request` stands.
    pub(crate) request_source: Option<RequestSource>,
    pub(crate) profile: Option<String>,
    pub(crate) lifetime: Option<bool>,
    pub(crate) readers: Option<Vec<String>>,
    pub(crate) data: Option<Vec<String>>,
}

/// The nodes of a job, taken from their object.
#[derive(Debug)]
pub(crate) struct JobNodes<'n> {
    settings: SettingNodes<'n>,
    operation: Option<String>,
    caller: Option<&'n Node>,
    interface: Option<Interface>,
    account: Option<&'n Node>,
    request: Option<&'n Node>,
    profile: Option<String>,
    lifetime: Option<bool>,
    readers: Option<&'n Node>,
    data: Option<&'n Node>,
    params: Option<&'n Node>,
}

impl<'n> JobNodes<'n> {
    /// Takes the members of a job, but for `operation` and the settings.
    pub(crate) fn take(fields: &mut Fields<'n, '_>, settings: SettingNodes<'n>) -> Self {
        Self {
            settings,
            operation: None,
            caller: fields.value("caller"),
            interface: fields.choice(
                "interface",
                &[("api", Interface::Api), ("console", Interface::Console)],
            ),
            account: fields.value("account"),
            request: fields.value("request"),
            profile: fields.text("profile").map(str::to_owned),
            lifetime: fields.boolean("lifetime"),
            readers: fields.value("readers"),
            data: fields.value("data"),
            params: fields.value("params"),
        }
    }

    /// Reads what was taken.
    pub(crate) fn read(self, loader: &mut Loader<'_>, origin: &Origin) -> JobDraft {
        if let Some(node) = self.params {
            loader.pairs(node, origin, "params");
        }
        let request = self
            .request
            .and_then(|node| api_request(loader, node, origin));
        let (request, request_source) = request.unzip();
        JobDraft {
            settings: self.settings.read(loader, origin),
            operation: self.operation,
            caller: self.caller.and_then(|node| principal(loader, node, origin)),
            interface: self.interface,
            account: self
                .account
                .and_then(|node| loader.account_id(node, origin, "account")),
            request,
            request_source,
            profile: self.profile,
            lifetime: self.lifetime,
            readers: self.readers.map(|node| reader_arns(loader, node, origin)),
            data: self.data.map(|node| s3_prefixes(loader, node, origin)),
        }
    }
}

/// Reads the content of a job file; several jobs are told apart by their numbers.
pub(crate) fn jobs(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    name: &str,
) -> Vec<JobRequest> {
    let Some(items) = node.as_sequence() else {
        return job(loader, node, origin, name, None).into_iter().collect();
    };
    if items.is_empty() {
        let help = "list at least one job";
        loader.error(
            "EMPTY_INPUT",
            "UI-33",
            "the list holds no job",
            (origin, node.span),
            help,
        );
    }
    let numbered = items.iter().enumerate();
    numbered
        .filter_map(|(index, item)| {
            job(loader, item, origin, &format!("{name}#{}", index + 1), None)
        })
        .collect()
}

/// Reads one job; what it leaves out comes from `defaults`.
pub(crate) fn job(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    name: &str,
    defaults: Option<&JobDraft>,
) -> Option<JobRequest> {
    let before = loader.error_count();
    if report_placeholders(loader, node, &origin.source) {
        return None;
    }
    let mut fields = Fields::of(node, &origin.source, "a job", &mut loader.diagnostics)?;
    let operation = fields.text("operation").map(str::to_owned);
    let settings = SettingNodes::take(&mut fields);
    let nodes = JobNodes {
        operation,
        ..JobNodes::take(&mut fields, settings)
    };
    fields.finish();
    let draft = nodes.read(loader, origin).or(defaults);
    // What is missing because it could not be read has been reported.
    if loader.error_count() > before {
        return None;
    }
    draft.job(loader, name.to_owned(), (origin, opening(node)))
}

impl JobDraft {
    /// Fills what was left out from defaults.
    pub(crate) fn or(self, defaults: Option<&Self>) -> Self {
        let Some(defaults) = defaults else {
            return self;
        };
        let settings = self.settings.or(&defaults.settings);
        let defaults = defaults.clone();
        Self {
            settings,
            operation: self.operation.or(defaults.operation),
            caller: self.caller.or(defaults.caller),
            interface: self.interface.or(defaults.interface),
            account: self.account.or(defaults.account),
            request: self.request.or(defaults.request),
            request_source: self.request_source.or(defaults.request_source),
            profile: self.profile.or(defaults.profile),
            lifetime: self.lifetime.or(defaults.lifetime),
            readers: self.readers.or(defaults.readers),
            data: self.data.or(defaults.data),
        }
    }

    /// The job, if the draft is complete and does not contradict itself.
    fn job(self, loader: &mut Loader<'_>, name: String, at: (&Origin, Span)) -> Option<JobRequest> {
        let mut missing = |member: &str, help: &str| {
            let message = format!("a job needs the member `{member}`");
            loader.error("MISSING_MEMBER", "UI-33", message, at, help);
        };
        if self.operation.is_none() {
            missing(
                "operation",
                "add `operation`: an API operation, or the id of a template",
            );
        }
        if self.request.is_none() {
            missing(
                "request",
                "add `request`: the API's own request, or `{file: PATH}`",
            );
        }
        let (operation, request) = (self.operation?, self.request?);
        let caller = self.caller;
        let settings = self.settings;
        if let Some(key) = settings.key_said_twice() {
            let message = format!("two things are said about the context key `{key}`");
            let help = "name a key once, in `context`, `unknown`, `absent` or `present`; case does not count";
            loader.error("CONTRADICTION", "IAM-TRI-1", message, at, help);
            return None;
        }
        if !(is_action(&operation) || is_template_id(&operation)) {
            let message = format!("`{operation}` is no operation");
            let help = "write `service:Operation`, such as `sagemaker:CreateLabelingJob`, or a template's id, such as `T-S3-REPL`";
            loader.error("INVALID_ACTION", "JOB-1", message, at, help);
            return None;
        }
        Some(JobRequest {
            name,
            operation,
            templates: JobTemplates::default(),
            session_policies: caller
                .as_ref()
                .and_then(|caller| caller.session_policies.clone()),
            session_policy_rejected: caller
                .as_ref()
                .is_some_and(|caller| caller.session_policy_rejected),
            caller: caller.map(|caller| caller.caller),
            interface: self.interface.unwrap_or_default(),
            region: settings.region,
            account: self.account,
            request,
            profile: self.profile,
            lifetime: self.lifetime.unwrap_or_default(),
            readers: self.readers.unwrap_or_default(),
            data: self.data.unwrap_or_default(),
            context: settings.context,
            vpc_endpoint: settings.vpc_endpoint,
            unknown: settings.unknown.unwrap_or_default(),
            absent: settings.absent.unwrap_or_default(),
            present: settings.present.unwrap_or_default(),
            mode: settings.mode.unwrap_or_default(),
            ambiguity: settings.ambiguity.unwrap_or_default(),
            now: settings.now,
            grant_key_trust: settings.grant_key_trust.unwrap_or_default(),
            source: Some(JobSource {
                place: at.0.source.place(at.1),
                request: self.request_source,
            }),
        })
    }
}

/// Text and tree of an API request, to find the places of its members.
type RequestSource = (Arc<Source>, Arc<Node>);

/// The API's own request, or `{file: job.json}`.
fn api_request(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<(Map<String, Value>, RequestSource)> {
    let is_reference = node.members().len() == 1
        && node
            .get("file")
            .is_some_and(|file| file.as_text().is_some());
    let source_of =
        |node: &Node, origin: &Origin| (Arc::clone(&origin.source), Arc::new(node.clone()));
    if !is_reference {
        return Some((members_of(loader, node, origin)?, source_of(node, origin)));
    }
    let path = node.get("file").and_then(Node::as_text)?;
    let document =
        loader.mentioned_file(&files::beside(&origin.path, path), &origin.place(node))?;
    let (node, origin) = (&document.node, &document.origin);
    Some((members_of(loader, node, origin)?, source_of(node, origin)))
}

/// The members of an API request; names of plans and templates stand for what they name.
fn members_of(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<Map<String, Value>> {
    let mut members = loader.json_object(node, origin, "request")?;
    names::name_members(&mut members, &loader.options.names);
    Some(members)
}

/// True for what may be a template's id; whether there is one is seen where templates are.
fn is_template_id(text: &str) -> bool {
    let is_of_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !text.is_empty() && text.bytes().all(is_of_id)
}

/// Rule: JOB-GT-5.
fn reader_arns(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Vec<String> {
    let items = loader.list(node, origin, "readers");
    let mut arns = Vec::with_capacity(items.len());
    for item in items {
        let Some(text) = loader.text(item, origin, "readers") else {
            continue;
        };
        let text = loader.named(text).to_owned();
        match Caller::parse(&text) {
            Ok(_) => arns.push(text),
            Err(error) => {
                let help = "name users, roles or services";
                loader.error(
                    "INVALID_PRINCIPAL",
                    "UI-34",
                    error.message,
                    (origin, item.span),
                    help,
                );
            }
        }
    }
    arns
}

/// Rule: JOB-2.
fn s3_prefixes(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Vec<String> {
    let items = loader.list(node, origin, "data");
    let mut prefixes = Vec::with_capacity(items.len());
    for item in items {
        let Some(text) = loader.text(item, origin, "data") else {
            continue;
        };
        if text
            .strip_prefix("s3://")
            .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        {
            prefixes.push(text.to_owned());
        } else {
            let message = format!("`{text}` is no S3 URI");
            loader.error(
                "INVALID_S3_URI",
                "JOB-2",
                message,
                (origin, item.span),
                "write `s3://BUCKET/PREFIX`",
            );
        }
    }
    prefixes
}

#[cfg(test)]
mod tests;
