//! Requests: one question each.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use preclear_model::caller::Caller;
use preclear_model::{Diagnostic, Diagnostics, Fields, Node, Policy, PolicyKind};
use preclear_simulator::parameters;
use preclear_simulator::request::{Ask, ContextValue, Request};
use serde_json::{Map, Value};

use crate::asked::report_placeholders;
use crate::files::Files;
use crate::format::wrong_kind;
use crate::loader::{Loaded, Loader, Options, Origin};
use crate::principal::{Principal, principal};
use crate::same::same_content;
use crate::settings::{self, SettingNodes, Settings};

pub use self::given::{Parameters, read_parameters};

/// What requests that do not say it themselves ask: the flags of the command line.
#[derive(Debug, Clone, Default)]
pub struct Fallback(Draft);

impl Fallback {
    /// Caller and question of requests that leave them out.
    #[must_use]
    pub fn new(caller: Option<Caller>, ask: Option<Ask>) -> Self {
        let (action, operation) = match ask {
            Some(Ask::Action(action)) => (Some(action), None),
            Some(Ask::Operation(operation)) => (None, Some(operation)),
            None => (None, None),
        };
        Self(Draft {
            principal: caller.map(Principal::from),
            action,
            operation,
            ..Draft::default()
        })
    }

    pub(crate) fn draft(&self) -> &Draft {
        &self.0
    }
}

/// Reads a request file: one request, or a list of them. What a request leaves out comes from `fallback`.
///
/// # Errors
///
/// Everything that is wrong with the file and with the policies that it mentions.
///
/// ```
/// use std::path::Path;
/// use preclear_inputs::files::MemoryFiles;
/// use preclear_inputs::{Options, request};
/// let text = "principal: arn:aws:iam::111122223333:role/r\naction: kms:Decrypt\nresource: alias/labels";
/// let files = MemoryFiles::from_iter([("r.yaml", text)]);
/// let fallback = request::Fallback::default();
/// let requests = request::read(Path::new("r.yaml"), &files, &Options::default(), &fallback).unwrap().value;
/// assert_eq!(requests[0].resource.as_deref(), Some("alias/labels"));
/// ```
pub fn read(
    path: &Path,
    files: &dyn Files,
    options: &Options,
    fallback: &Fallback,
) -> Result<Loaded<Vec<Request>>, Diagnostics> {
    let mut loader = Loader::new(files, options);
    let requests = loader.document(path, None).and_then(|document| {
        let (node, origin) = (&document.node, &document.origin);
        let wrong = wrong_kind(node, origin, "a request file");
        if let Some(error) = wrong.or_else(|| api_request(node, origin)) {
            loader.diagnostics.push(error);
            return None;
        }
        let items = node.as_sequence().unwrap_or(std::slice::from_ref(&**node));
        let requests = items
            .iter()
            .filter_map(|item| request(&mut loader, item, origin, Some(fallback.draft())))
            .collect();
        Some(requests)
    });
    loader.finish(requests)
}

/// An API's own request in place of one to preclear: members of AWS's alone. Each of them as an unknown member would hide that.
fn api_request(node: &Node, origin: &Origin) -> Option<Diagnostic> {
    let members = node.members();
    let is_of_api = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            || matches!(
                name,
                "roleArn" | "kmsKeyId" | "name" | "tags" | "clientToken"
            )
    };
    if members.is_empty() || !members.iter().all(|member| is_of_api(&member.name)) {
        return None;
    }
    let file = origin.path.display();
    let message =
        format!("`{file}` has no member of a request file: it may be the API's own request");
    Some(
        Diagnostic::error("WRONG_KIND_OF_FILE", message)
            .rule("UI-31")
            .at(origin.source.place(opening(node)))
            .help(format!(
                "for all that a job needs use `--operation SERVICE:Operation --caller ARN --job {file}`; the members of a KMS \
                 or STS call go to `--parameters {file}`"
            )),
    )
}

/// Reads a file of context keys, as `context` of a request has them: what `--context-file` names.
///
/// # Errors
///
/// Everything that is wrong with the file.
pub fn read_context(
    path: &Path,
    files: &dyn Files,
    options: &Options,
) -> Result<Loaded<BTreeMap<String, ContextValue>>, Diagnostics> {
    let mut loader = Loader::new(files, options);
    let context = loader
        .document(path, None)
        .map(|document| settings::context(&mut loader, &document.node, &document.origin));
    loader.finish(context)
}

/// A request as far as it was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) settings: Settings,
    pub(crate) id: Option<String>,
    pub(crate) principal: Option<Principal>,
    pub(crate) action: Option<String>,
    pub(crate) operation: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) resource_account: Option<String>,
    pub(crate) parameters: Option<Map<String, Value>>,
    pub(crate) ciphertext_key: Option<String>,
    pub(crate) encryption_context: Option<BTreeMap<String, String>>,
    pub(crate) grant_tokens: Option<Vec<String>>,
    pub(crate) key_policy_candidate: Option<Arc<Policy>>,
    /// The policy in `parameters`.
    pub(crate) policy_parameter: Option<Arc<Policy>>,
    pub(crate) force_context: Option<bool>,
    pub(crate) via: Option<Vec<String>>,
    pub(crate) grant_for_aws_resource: Option<bool>,
}

/// What keeps a draft from being a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftError {
    pub(crate) code: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) message: String,
    pub(crate) help: &'static str,
    /// The member that is wrong, if it is one that is there.
    pub(crate) member: Option<&'static str>,
}

impl DraftError {
    /// Where it is: its member, else the start of the request.
    pub(crate) fn span(&self, node: &Node) -> preclear_model::Span {
        let member = self.member.and_then(|name| node.member(name));
        member.map_or_else(|| opening(node), |member| member.name_span)
    }
}

/// The nodes of a request, taken from their object.
#[derive(Debug)]
pub(crate) struct DraftNodes<'n> {
    settings: SettingNodes<'n>,
    id: Option<&'n Node>,
    principal: Option<&'n Node>,
    action: Option<String>,
    operation: Option<String>,
    resource: Option<String>,
    resource_account: Option<&'n Node>,
    parameters: Option<&'n Node>,
    ciphertext_key: Option<&'n Node>,
    encryption_context: Option<&'n Node>,
    grant_tokens: Option<&'n Node>,
    key_policy_candidate: Option<&'n Node>,
    force_context: Option<bool>,
    via: Option<Vec<String>>,
    grant_for_aws_resource: Option<bool>,
}

impl<'n> DraftNodes<'n> {
    /// Takes the members of a request, but for `principal`, `operation` and the settings.
    pub(crate) fn take(fields: &mut Fields<'n, '_>, settings: SettingNodes<'n>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            settings,
            id: fields.value("id"),
            principal: None,
            action: owned(fields.text("action")),
            operation: None,
            resource: owned(fields.text("resource")),
            resource_account: fields.value("resource_account"),
            parameters: fields.value("parameters"),
            ciphertext_key: fields.value("ciphertext_key"),
            encryption_context: fields.node("encryption_context"),
            grant_tokens: fields.value("grant_tokens"),
            key_policy_candidate: fields.value("key_policy_candidate"),
            force_context: fields.boolean("force_context"),
            via: fields.has("via").then(|| {
                fields
                    .text_or_texts("via")
                    .into_iter()
                    .map(|(text, _)| text.to_owned())
                    .collect()
            }),
            grant_for_aws_resource: fields.boolean("grant_for_aws_resource"),
        }
    }

    /// Reads what was taken.
    pub(crate) fn read(self, loader: &mut Loader<'_>, origin: &Origin) -> Draft {
        let policy = |loader: &mut Loader<'_>, node: &Node, place: &str| {
            loader.policy_of_request(node, origin, PolicyKind::Key, place.to_owned())
        };
        let policy_parameter = self
            .parameters
            .and_then(|node| node.get("Policy"))
            .filter(|node| !node.is_null());
        Draft {
            settings: self.settings.read(loader, origin),
            id: self
                .id
                .and_then(|node| loader.scalar_text(node, origin, "id"))
                .map(str::to_owned),
            principal: self
                .principal
                .and_then(|node| principal(loader, node, origin)),
            action: self.action,
            operation: self.operation,
            resource: self.resource.map(|text| loader.named(&text).to_owned()),
            resource_account: self
                .resource_account
                .and_then(|node| loader.account_id(node, origin, "resource_account")),
            parameters: self
                .parameters
                .and_then(|node| given::members(loader, node, origin)),
            ciphertext_key: self
                .ciphertext_key
                .and_then(|node| loader.key_identifier(node, origin, "ciphertext_key")),
            encryption_context: self
                .encryption_context
                .and_then(|node| loader.pairs(node, origin, "encryption_context")),
            grant_tokens: self
                .grant_tokens
                .map(|node| loader.texts(node, origin, "grant_tokens")),
            key_policy_candidate: self
                .key_policy_candidate
                .and_then(|node| policy(loader, node, "key_policy_candidate")),
            policy_parameter: policy_parameter
                .and_then(|node| policy(loader, node, "parameters/Policy")),
            force_context: self.force_context,
            via: self.via,
            grant_for_aws_resource: self.grant_for_aws_resource,
        }
    }
}

/// Reads one request; what it leaves out comes from `defaults`.
pub(crate) fn request(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    defaults: Option<&Draft>,
) -> Option<Request> {
    let before = loader.error_count();
    if report_placeholders(loader, node, &origin.source) {
        return None;
    }
    let mut fields = Fields::of(node, &origin.source, "a request", &mut loader.diagnostics)?;
    let principal = fields.value("principal");
    let operation = fields.text("operation").map(str::to_owned);
    let settings = SettingNodes::take(&mut fields);
    let nodes = DraftNodes {
        principal,
        operation,
        ..DraftNodes::take(&mut fields, settings)
    };
    fields.finish();
    let draft = nodes.read(loader, origin).or(defaults);
    // What is missing because it could not be read has been reported.
    if loader.error_count() > before {
        return None;
    }
    match draft.request() {
        Ok(request) => mistakes::report(loader, node, origin, &request).then(|| Request {
            place: Some(origin.source.place(opening(node))),
            ..request
        }),
        Err(error) => {
            let at = (origin, error.span(node));
            loader.error(error.code, error.rule, error.message, at, error.help);
            None
        }
    }
}

/// The first character of an object: all of it would mark half a file.
pub(crate) fn opening(node: &Node) -> preclear_model::Span {
    let start = node.span.start;
    preclear_model::Span {
        start,
        end: node.span.end.min(start.saturating_add(1)),
    }
}

impl Draft {
    /// Fills what was left out from defaults.
    pub(crate) fn or(self, defaults: Option<&Self>) -> Self {
        let Some(defaults) = defaults else {
            return self;
        };
        let settings = self.settings.or(&defaults.settings);
        let defaults = defaults.clone();
        // `action` and `operation` are two ways to ask one question.
        let asks = self.action.is_some() || self.operation.is_some();
        Self {
            settings,
            id: self.id.or(defaults.id),
            principal: self.principal.or(defaults.principal),
            action: self.action.or(defaults.action.filter(|_| !asks)),
            operation: self.operation.or(defaults.operation.filter(|_| !asks)),
            resource: self.resource.or(defaults.resource),
            resource_account: self.resource_account.or(defaults.resource_account),
            parameters: self.parameters.or(defaults.parameters),
            ciphertext_key: self.ciphertext_key.or(defaults.ciphertext_key),
            encryption_context: self.encryption_context.or(defaults.encryption_context),
            grant_tokens: self.grant_tokens.or(defaults.grant_tokens),
            key_policy_candidate: self.key_policy_candidate.or(defaults.key_policy_candidate),
            policy_parameter: self.policy_parameter.or(defaults.policy_parameter),
            force_context: self.force_context.or(defaults.force_context),
            via: self.via.or(defaults.via),
            grant_for_aws_resource: self
                .grant_for_aws_resource
                .or(defaults.grant_for_aws_resource),
        }
    }

    /// The request, if the draft is complete and does not contradict itself.
    pub(crate) fn request(mut self) -> Result<Request, DraftError> {
        let Some(principal) = self.principal.take() else {
            return Err(missing(
                "a request needs the member `principal`",
                "add `principal`: who asks",
            ));
        };
        self.request_of(principal)
    }

    /// The request of a caller that is named elsewhere.
    pub(crate) fn request_of(mut self, principal: Principal) -> Result<Request, DraftError> {
        let ask = self.ask()?;
        if let Some(key) = self.settings.key_said_twice() {
            return Err(DraftError {
                code: "CONTRADICTION",
                rule: "IAM-TRI-1",
                message: format!("two things are said about the context key `{key}`"),
                help: "name a key once, in `context`, `unknown`, `absent` or `present`; case does not count",
                member: self.settings.list_with(&key),
            });
        }
        let key_policy_candidate = self.candidate()?;
        let parameters = self.parameters_with_sugar(&ask)?;
        let settings = self.settings;
        Ok(Request {
            id: self.id,
            session_policies: principal.session_policies,
            session_policy_rejected: principal.session_policy_rejected,
            resource: self.resource,
            resource_account: self.resource_account,
            region: settings.region,
            parameters,
            ciphertext_key: self.ciphertext_key,
            key_policy_candidate,
            context: settings.context,
            unknown: settings.unknown.unwrap_or_default(),
            absent: settings.absent.unwrap_or_default(),
            present: settings.present.unwrap_or_default(),
            force_context: self.force_context.unwrap_or_default(),
            mode: settings.mode.unwrap_or_default(),
            ambiguity: settings.ambiguity.unwrap_or_default(),
            now: settings.now,
            via: self.via.unwrap_or_default(),
            grant_for_aws_resource: self.grant_for_aws_resource,
            vpc_endpoint: settings.vpc_endpoint,
            grant_key_trust: settings.grant_key_trust.unwrap_or_default(),
            ..Request::new(principal.caller, ask)
        })
    }

    fn ask(&mut self) -> Result<Ask, DraftError> {
        let ask = match (self.action.take(), self.operation.take()) {
            (Some(action), None) => Ask::Action(action),
            (None, Some(operation)) => Ask::Operation(operation),
            (None, None) => {
                return Err(missing(
                    "a request needs the member `action` or `operation`",
                    "add `action`: what for",
                ));
            }
            (Some(_), Some(_)) => {
                return Err(DraftError {
                    code: "CONTRADICTION",
                    rule: "UI-33",
                    message: "a request has either `action` or `operation`".to_owned(),
                    help: "keep `action` for one decision, `operation` for all that a KMS call takes",
                    member: Some("operation"),
                });
            }
        };
        let (text, member) = match &ask {
            Ask::Action(text) => (text, "action"),
            Ask::Operation(text) => (text, "operation"),
        };
        if !is_action(text) {
            return Err(DraftError {
                member: Some(member),
                code: "INVALID_ACTION",
                rule: "IAM-GRAM-11",
                message: format!("`{text}` is no action"),
                help: "write `service:Action`, such as `kms:Decrypt`, without wildcards",
            });
        }
        Ok(ask)
    }

    /// The key policy to come, said once or twice the same. Rule: UI-38.
    fn candidate(&mut self) -> Result<Option<Arc<Policy>>, DraftError> {
        match (
            self.key_policy_candidate.take(),
            self.policy_parameter.take(),
        ) {
            (Some(sugar), Some(parameter)) if !same_content(&sugar, &parameter) => {
                Err(given_twice("key_policy_candidate", "Policy"))
            }
            (sugar, parameter) => Ok(sugar.or(parameter)),
        }
    }

    /// Puts the short forms where the API has them. Rule: UI-38.
    fn parameters_with_sugar(
        &mut self,
        ask: &Ask,
    ) -> Result<Option<Map<String, Value>>, DraftError> {
        let mut parameters = self.parameters.take();
        let mut sugar: Vec<(&'static str, &'static str, Value)> = Vec::new();
        if let Some(pairs) = self.encryption_context.take() {
            let pairs = pairs.into_iter().map(|(name, value)| (name, value.into()));
            let context = Value::Object(pairs.collect());
            let members = parameters::of_encryption_context(ask).into_iter();
            sugar.extend(members.map(|member| ("encryption_context", member, context.clone())));
        }
        if let Some(tokens) = self.grant_tokens.take().filter(|tokens| !tokens.is_empty()) {
            sugar.push(("grant_tokens", "GrantTokens", tokens.into()));
        }
        for (name, member, value) in sugar {
            let parameters = parameters.get_or_insert_default();
            match parameters.get(member) {
                Some(given) if *given != value => return Err(given_twice(name, member)),
                Some(_) => {}
                None => {
                    parameters.insert(member.to_owned(), value);
                }
            }
        }
        Ok(parameters)
    }
}

fn missing(message: &str, help: &'static str) -> DraftError {
    DraftError {
        code: "MISSING_MEMBER",
        rule: "UI-33",
        message: message.to_owned(),
        help,
        member: None,
    }
}

fn given_twice(sugar: &'static str, member: &str) -> DraftError {
    DraftError {
        code: "GIVEN_TWICE",
        rule: "UI-38",
        message: format!("`{sugar}` and `parameters.{member}` say different things"),
        help: "keep one of the two",
        member: Some(sugar),
    }
}

/// `service:Action`, without wildcards.
pub(crate) fn is_action(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    text.split_once(':')
        .is_some_and(|(service, action)| is_part(service) && is_part(action))
}

/// The stand-in for a caller that a question leaves open.
pub(crate) fn nobody() -> Principal {
    Caller::new(preclear_model::caller::CallerKind::Anonymous, None, None).into()
}

mod given;
pub(crate) mod mistakes;
#[cfg(test)]
mod tests;
