//! Policy documents in all the forms that files hold them in. Rule: UI-30.

use std::path::Path;
use std::sync::Arc;

use preclear_model::near::nearest;
use preclear_model::node::Member;
use preclear_model::policy::ParseOptions;
use preclear_model::{
    Diagnostic, Fields, Limits, Node, Policy, PolicyKind, Severity, Source, Value, embedded,
};
use preclear_simulator::{Given, Layer};

use crate::files;
use crate::loader::{Loader, Origin};

mod printed;

/// How often a file may do nothing but name another one. People write one step; two may happen.
pub const FILE_STEPS_MAX: usize = 8;

/// The end of the ARN of AWS's own RCP, which is attached everywhere whether or not it is listed. Rule: UI-36.
pub(crate) const AWS_RCP: &str = ":aws:policy/resource_control_policy/p-RCPFullAWSAccess";

/// What a policy may be called; the first of them that there is.
#[derive(Debug, Clone, Default)]
struct Names {
    arn: Option<String>,
    name: Option<String>,
    /// The file, as written.
    file: Option<String>,
    /// Its place in the snapshot.
    place: String,
}

impl Names {
    fn name(self) -> String {
        self.arn.or(self.name).or(self.file).unwrap_or(self.place)
    }
}

/// AWS's SCP that allows everything.
pub(crate) const FULL_AWS_ACCESS: &str =
    "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";

/// Its short name.
const SHORT_NAME: &str = "FullAWSAccess";

/// The ARN that a text is; among SCPs the one that everybody has goes by its name.
fn named_by(text: &str, kind: PolicyKind) -> Option<String> {
    match text {
        SHORT_NAME if kind == PolicyKind::Scp => Some(FULL_AWS_ACCESS.to_owned()),
        _ if text.starts_with("arn:") => Some(text.to_owned()),
        _ => None,
    }
}

/// The layer that policies of a kind make up.
pub(crate) fn layer_of(kind: PolicyKind) -> Layer {
    match kind {
        PolicyKind::Identity => Layer::Identity,
        PolicyKind::Boundary => Layer::Boundary,
        PolicyKind::Session => Layer::Session,
        PolicyKind::Scp => Layer::Scp,
        PolicyKind::Rcp => Layer::Rcp,
        PolicyKind::Resource | PolicyKind::Key | PolicyKind::Trust => Layer::Resource,
        PolicyKind::VpcEndpoint => Layer::VpcEndpoint,
    }
}

impl Loader<'_> {
    /// A member of `owner` that holds one policy.
    pub(crate) fn policy_member(
        &mut self,
        node: Option<&Node>,
        origin: &Origin,
        kind: PolicyKind,
        owner: Option<&str>,
        place: impl FnOnce() -> String,
    ) -> Given<Arc<Policy>> {
        match node {
            None => Given::LeftOut,
            Some(node) if node.is_empty() => Given::Nothing,
            Some(node) => self
                .policy(node, origin, kind, owner, place())
                .map_or(Given::LeftOut, Given::Here),
        }
    }

    /// A member of `owner` that holds a list of policies; `place` is followed by each one's index.
    pub(crate) fn policies_member(
        &mut self,
        node: Option<&Node>,
        origin: &Origin,
        kind: PolicyKind,
        owner: Option<&str>,
        place: impl Fn() -> String,
    ) -> Given<Vec<Arc<Policy>>> {
        let Some(node) = node else {
            return Given::LeftOut;
        };
        if node.is_empty() {
            return Given::Nothing;
        }
        let Some(items) = node.as_sequence() else {
            let message = format!("policies must be a list, not {}", node.kind_name());
            self.diagnostics.push(
                Diagnostic::error("WRONG_TYPE", message)
                    .rule("UI-33")
                    .at(origin.place(node))
                    .help("put the policy in brackets"),
            );
            return Given::LeftOut;
        };
        let mut policies = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let is_aws_rcp = kind == PolicyKind::Rcp
                && item.as_text().is_some_and(|text| text.ends_with(AWS_RCP));
            if !is_aws_rcp {
                let place = format!("{}/{index}", place());
                policies.extend(self.policy(item, origin, kind, owner, place));
            }
        }
        Given::Here(policies)
    }

    /// A policy of the snapshot. Under `keep_going` a rejected one makes the layer of its owner unknown.
    /// Rule: IAM-GRAM-19.
    fn policy(
        &mut self,
        node: &Node,
        origin: &Origin,
        kind: PolicyKind,
        owner: Option<&str>,
        place: String,
    ) -> Option<Arc<Policy>> {
        let before = self.diagnostics.len();
        let policy = self.policy_of_request(node, origin, kind, place);
        if policy.is_none() && self.options.keep_going {
            self.soften_missing(before);
        }
        self.reject(policy.is_none(), kind, owner, before);
        policy
    }

    /// A policy of the snapshot as AWS prints it: an object, a JSON text, or one that is percent-encoded. It names no file and no
    /// other policy.
    pub(crate) fn printed_policy(
        &mut self,
        node: &Node,
        origin: &Origin,
        kind: PolicyKind,
        owner: Option<&str>,
        name: String,
    ) -> Option<Arc<Policy>> {
        let before = self.diagnostics.len();
        let names = Names {
            place: name,
            ..Names::default()
        };
        let is_document = |text: &str| {
            let start = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
            start.starts_with(['{', '"']) || is_percent_encoded(start)
        };
        let policy = match &node.value {
            Value::Mapping(_) if self.report_placeholders(node, &origin.source) => None,
            Value::Mapping(_) => self.parse_policy(node, &origin.source, kind, names),
            Value::Scalar(_) => match node.as_text() {
                Some(text) if is_document(text) => {
                    self.policy_in_text(text, node, origin, kind, names)
                }
                _ => self.not_printed(node, origin),
            },
            _ => self.not_printed(node, origin),
        };
        self.reject(policy.is_none(), kind, owner, before);
        policy
    }

    fn not_printed(&mut self, node: &Node, origin: &Origin) -> Option<Arc<Policy>> {
        let message = format!(
            "a policy document is expected here, not {}",
            node.kind_name()
        );
        self.diagnostics.push(
            Diagnostic::error("NOT_A_POLICY", message)
                .rule("IAM-GRAM-1")
                .at(origin.place(node))
                .help("give the output as the command prints it: the document as an object, or as a string that holds it"),
        );
        None
    }

    /// Nothing is known of what a policy of `owner` says. Rule: IAM-GRAM-19.
    pub(crate) fn leave_open(&mut self, layer: Layer, owner: &str) {
        let owners = self.rejected.entry(layer).or_default();
        owners.insert(owner.to_owned());
    }

    /// A session policy of a request. Under `keep_going` a rejected one makes the session layer of this caller unknown,
    /// which is up to whoever asks. Rule: IAM-GRAM-19.
    pub(crate) fn session_policy(
        &mut self,
        node: &Node,
        origin: &Origin,
        place: String,
    ) -> Option<Arc<Policy>> {
        let before = self.diagnostics.len();
        let policy = self.policy_of_request(node, origin, PolicyKind::Session, place);
        if policy.is_none() && self.options.keep_going {
            self.soften(before);
        }
        policy
    }

    /// A policy that a request asks about, such as a key policy to come: without it there is no question to answer, so
    /// `keep_going` does not help.
    pub(crate) fn policy_of_request(
        &mut self,
        node: &Node,
        origin: &Origin,
        kind: PolicyKind,
        place: String,
    ) -> Option<Arc<Policy>> {
        let names = Names {
            place,
            ..Names::default()
        };
        self.policy_in(node, origin, kind, names, 0)
    }

    /// A file that holds a policy, named on the command line.
    pub(crate) fn policy_file(&mut self, path: &Path, kind: PolicyKind) -> Option<Arc<Policy>> {
        let before = self.diagnostics.len();
        if let Some(arn) = path.to_str().and_then(|text| named_by(text, kind)) {
            let policy = self.shipped_by_flag(&arn, kind);
            self.reject(policy.is_none(), kind, None, before);
            return policy;
        }
        let found = self.document(path, None);
        if let (None, Some(text)) = (&found, path.to_str())
            && is_nearly_full_access(text, kind)
            && let Some(missing) = self.diagnostics.0.get_mut(before)
            && missing.code == "MISSING_FILE"
        {
            missing.help = Some(format!(
                "did you mean `{SHORT_NAME}`, the SCP that AWS attaches? Else check the path"
            ));
        }
        let policy = found.and_then(|document| {
            let inner = printed::document(&document.node, kind);
            let node = inner.unwrap_or(&document.node);
            let wrong = || printed::wrong_kind(&document.node, &document.origin, kind);
            if let Some(error) = inner.is_none().then(wrong).flatten() {
                self.diagnostics.push(error);
                return None;
            }
            if self.report_placeholders(&document.node, &document.origin.source) {
                return None;
            }
            let names = Names {
                file: Some(path.display().to_string()),
                ..Names::default()
            };
            let read = self.diagnostics.len();
            let policy = self.policy_in(node, &document.origin, kind, names, 0);
            if policy.is_none()
                && let Some(error) = printed::of_another_kind(node, &document.origin, kind)
            {
                self.diagnostics.0.truncate(read);
                self.diagnostics.push(error);
            }
            policy
        });
        self.reject(policy.is_none(), kind, None, before);
        policy
    }

    /// A policy that a flag names by its ARN.
    fn shipped_by_flag(&mut self, arn: &str, kind: PolicyKind) -> Option<Arc<Policy>> {
        let policy = self.shipped(arn, kind);
        if policy.is_none() && !is_shipped(arn) {
            let message = format!("preclear does not ship the policy `{arn}`");
            self.diagnostics.push(
                Diagnostic::error("UNKNOWN_MANAGED_POLICY", message)
                    .rule("UI-30")
                    .help(format!(
                        "give a file with its document; {}",
                        what_is_shipped(arn)
                    )),
            );
        }
        policy
    }

    /// Under `keep_going` what was found wrong with a policy is a warning. Rule: IAM-GRAM-19.
    fn reject(&mut self, is_rejected: bool, kind: PolicyKind, owner: Option<&str>, before: usize) {
        if !is_rejected || !self.options.keep_going {
            return;
        }
        let layer = layer_of(kind);
        match owner {
            Some(owner) => self.leave_open(layer, owner),
            None => {
                self.rejected_layers.insert(layer);
            }
        }
        self.soften(before);
    }

    /// A file that a snapshot mentions and that cannot be read keeps one layer of one owner from being known, as a policy
    /// that is rejected does. One that a flag names is what the whole question is about.
    fn soften_missing(&mut self, before: usize) {
        for diagnostic in self.diagnostics.0.iter_mut().skip(before) {
            if matches!(diagnostic.code, "MISSING_FILE" | "UNREADABLE_FILE") {
                diagnostic.severity = diagnostic.severity.min(Severity::Warning);
            }
        }
    }

    /// Makes warnings of the errors that a policy was rejected for.
    fn soften(&mut self, before: usize) {
        for diagnostic in self.diagnostics.0.iter_mut().skip(before) {
            // What is not there at all was not rejected, and what stands for a placeholder nobody knows.
            let is_rejection = !matches!(
                diagnostic.code,
                "MISSING_FILE" | "UNREADABLE_FILE" | "UNRESOLVED_PLACEHOLDER"
            );
            if is_rejection {
                diagnostic.severity = diagnostic.severity.min(Severity::Warning);
            }
        }
    }

    fn policy_in(
        &mut self,
        node: &Node,
        origin: &Origin,
        kind: PolicyKind,
        names: Names,
        steps: usize,
    ) -> Option<Arc<Policy>> {
        let has = |name| node.get(name).is_some();
        match &node.value {
            Value::Mapping(_) if has("file") && !has("Statement") => {
                self.policy_in_file(node, origin, kind, names, steps)
            }
            Value::Mapping(_) if has("document") || (is_wrapper(node) && !has("Statement")) => {
                self.named_policy(node, origin, kind, names, steps)
            }
            Value::Mapping(_) => self.parse_policy(node, &origin.source, kind, names),
            Value::Scalar(_) => match node.as_text() {
                Some(text) => self.policy_in_text(text, node, origin, kind, names),
                None => self.not_a_policy(node, origin),
            },
            // A list is no document, and the grammar says so (IAM-GRAM-1).
            Value::Sequence(_) => self.parse_policy(node, &origin.source, kind, names),
            Value::Null => self.not_a_policy(node, origin),
        }
    }

    fn not_a_policy(&mut self, node: &Node, origin: &Origin) -> Option<Arc<Policy>> {
        let help = "write the document, a string that holds it, `{\"file\": \"PATH\"}`, or the ARN of a policy that preclear ships";
        let message = format!("a policy document cannot be {}", node.kind_name());
        self.diagnostics.push(
            Diagnostic::error("NOT_A_POLICY", message)
                .rule("IAM-GRAM-1")
                .at(origin.place(node))
                .help(help),
        );
        None
    }

    /// `{file: PATH}`
    fn policy_in_file(
        &mut self,
        node: &Node,
        origin: &Origin,
        kind: PolicyKind,
        mut names: Names,
        steps: usize,
    ) -> Option<Arc<Policy>> {
        let path = {
            let mut fields = Fields::of(
                node,
                &origin.source,
                "a file reference",
                &mut self.diagnostics,
            )?;
            fields.required_text("file")?
        };
        if steps >= FILE_STEPS_MAX {
            self.diagnostics.push(
                Diagnostic::error(
                    "CIRCULAR_FILES",
                    format!("`{path}` leads from file to file and never to a document"),
                )
                .rule("UI-30")
                .at(origin.place(node))
                .help("name the file that holds the document"),
            );
            return None;
        }
        let document =
            self.mentioned_file(&files::beside(&origin.path, path), &origin.place(node))?;
        names.file = Some(path.to_owned());
        self.policy_in(&document.node, &document.origin, kind, names, steps + 1)
    }

    /// `{name: …, arn: …, document: …, undetermined: …}`
    fn named_policy(
        &mut self,
        node: &Node,
        origin: &Origin,
        kind: PolicyKind,
        mut names: Names,
        steps: usize,
    ) -> Option<Arc<Policy>> {
        let (name, arn, document, undetermined) = {
            let mut fields = Fields::of(
                node,
                &origin.source,
                "a named policy",
                &mut self.diagnostics,
            )?;
            let (name, arn) = (fields.text("name"), fields.value("arn"));
            let is_shipped = arn.and_then(Node::as_text).is_some_and(is_shipped);
            let document = if is_shipped {
                fields.value("document").or(arn)
            } else {
                fields.required("document")
            };
            (name, arn, document, fields.value("undetermined"))
        };
        names.name = names.name.or(name.map(str::to_owned));
        if let Some(node) = arn {
            let arn = self.arn(node, origin, "arn")?;
            names.arn = names.arn.or(Some(arn.as_str().to_owned()));
        }
        let policy = self.policy_in(document?, origin, kind, names, steps)?;
        match undetermined {
            Some(node) => self.leave_statements_open(policy, node, origin),
            None => Some(policy),
        }
    }

    /// Says of statements of a policy, by their numbers, what they hang on. Rule: IAM-TRI-7.
    fn leave_statements_open(
        &mut self,
        policy: Arc<Policy>,
        node: &Node,
        origin: &Origin,
    ) -> Option<Arc<Policy>> {
        let Some(members) = node.as_mapping() else {
            self.wrong_type("undetermined", "an object", node, origin);
            return None;
        };
        let mut policy = Arc::unwrap_or_clone(policy);
        for member in members {
            let names = self.texts(&member.value, origin, &member.name);
            let number = member.name.parse::<usize>().ok();
            let Some(statement) = number.and_then(|number| policy.statements.get_mut(number))
            else {
                self.no_such_statement(member, &policy, origin);
                return None;
            };
            statement.open = Some(names.into_iter().collect());
        }
        Some(Arc::new(policy))
    }

    fn no_such_statement(&mut self, member: &Member, policy: &Policy, origin: &Origin) {
        let message = format!(
            "`{}` is no statement of the policy, which has {}",
            member.name,
            policy.statements.len()
        );
        self.error(
            "WRONG_TYPE",
            "UI-33",
            message,
            (origin, member.name_span),
            "statements are numbered from 0",
        );
    }

    /// A text that holds the document, or names it.
    fn policy_in_text(
        &mut self,
        text: &str,
        node: &Node,
        origin: &Origin,
        kind: PolicyKind,
        names: Names,
    ) -> Option<Arc<Policy>> {
        // A byte order mark is no white space; the document's own reader passes it over (IAM-GRAM-1).
        let start = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
        if let Some(arn) = named_by(start.trim_end(), kind) {
            return self.shipped_policy(&arn, node, origin, kind);
        }
        if !(start.starts_with(['{', '[', '"']) || is_percent_encoded(start)) {
            return self.unknown_text(start, node, origin, kind);
        }
        match embedded::read(node, &origin.source, &Limits::POLICY) {
            Ok((mut document, source)) => {
                self.substitute(&mut document);
                if self.report_placeholders(&document, &source) {
                    return None;
                }
                self.parse_policy(&document, &source, kind, names)
            }
            Err(errors) => {
                self.diagnostics.extend(errors);
                None
            }
        }
    }

    fn unknown_text(
        &mut self,
        text: &str,
        node: &Node,
        origin: &Origin,
        kind: PolicyKind,
    ) -> Option<Arc<Policy>> {
        let looks_like_path =
            !text.contains(char::is_whitespace) && (text.contains('/') || text.contains('.'));
        let help = if is_nearly_full_access(text, kind) {
            format!("did you mean `{SHORT_NAME}`?")
        } else if looks_like_path {
            format!("for a file write `{{\"file\": \"{text}\"}}`")
        } else {
            "write the document, a string that holds it, `{\"file\": \"PATH\"}`, or the ARN of a policy that preclear ships"
                .to_owned()
        };
        let shown: String = text.chars().take(60).collect();
        self.diagnostics.push(
            Diagnostic::error("NOT_A_DOCUMENT", format!("`{shown}` is no policy document"))
                .rule("UI-30")
                .at(origin.place(node))
                .help(help),
        );
        None
    }

    /// A policy named by its ARN.
    fn shipped_policy(
        &mut self,
        arn: &str,
        node: &Node,
        origin: &Origin,
        kind: PolicyKind,
    ) -> Option<Arc<Policy>> {
        if is_shipped(arn) {
            return self.shipped(arn, kind);
        }
        self.diagnostics.push(
            Diagnostic::error(
                "UNKNOWN_MANAGED_POLICY",
                format!("preclear does not ship the policy `{arn}`"),
            )
            .rule("UI-30")
            .at(origin.place(node))
            .help(format!(
                "give its document: `{{\"arn\": \"{arn}\", \"document\": {{\"file\": \"PATH\"}}}}`; {}",
                what_is_shipped(arn)
            )),
        );
        None
    }

    /// A policy that preclear ships, by its ARN.
    pub(crate) fn shipped(&mut self, arn: &str, kind: PolicyKind) -> Option<Arc<Policy>> {
        if let Some(policy) = self.managed.get(&(arn.to_owned(), kind)) {
            return Some(Arc::clone(policy));
        }
        let source = Arc::new(Source::new(arn, preclear_catalog::managed_policy(arn)?));
        let document = match preclear_model::json::read(&source) {
            Ok(document) => document,
            Err(errors) => {
                self.diagnostics.extend(errors);
                return None;
            }
        };
        let names = Names {
            arn: Some(arn.to_owned()),
            ..Names::default()
        };
        let policy = self.parse_policy(&document, &source, kind, names)?;
        self.managed
            .insert((arn.to_owned(), kind), Arc::clone(&policy));
        Some(policy)
    }

    fn parse_policy(
        &mut self,
        node: &Node,
        source: &Arc<Source>,
        kind: PolicyKind,
        names: Names,
    ) -> Option<Arc<Policy>> {
        let options = ParseOptions {
            lenient: self.options.lenient,
        };
        let (policy, found) = Policy::parse(node, source, &names.name(), kind, options);
        self.diagnostics.extend(found);
        policy.map(Arc::new)
    }
}

/// An object with nothing but members of `{name, arn, document}`.
fn is_wrapper(node: &Node) -> bool {
    let members = node.members();
    !members.is_empty()
        && members
            .iter()
            .all(|member| matches!(member.name.as_str(), "name" | "arn"))
}

fn is_percent_encoded(text: &str) -> bool {
    matches!(text.as_bytes(), [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// The policies that preclear ships, the nearest one first.
fn what_is_shipped(arn: &str) -> String {
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let all: Vec<String> = preclear_catalog::managed_policies().collect();
    let names: Vec<String> = all.iter().map(|one| name(one)).collect();
    let near = nearest(&name(arn), names.iter().map(String::as_str));
    let is_near = |one: &&String| near.is_some_and(|near| name(one) == near);
    let (first, others): (Vec<_>, Vec<_>) = all.iter().partition(is_near);
    let listed: Vec<String> = first
        .into_iter()
        .chain(others)
        .map(|arn| format!("`{arn}`"))
        .collect();
    format!("preclear ships {}", listed.join(", "))
}

/// Whether a text is nearly the short name of the SCP that everybody has.
fn is_nearly_full_access(text: &str, kind: PolicyKind) -> bool {
    kind == PolicyKind::Scp && nearest(text, [SHORT_NAME]).is_some()
}

pub(crate) fn is_shipped(arn: &str) -> bool {
    preclear_catalog::managed_policy(arn).is_some()
}

#[cfg(test)]
mod tests;
