//! The question: will this job run?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_model::{Node, Place, Policy, Source, caller::Caller};

use crate::job::template::library::JobTemplates;
use crate::job::template::path;
use crate::request::{AmbiguityMode, ContextMode, ContextValue, GrantKeyTrust};

/// How the job is submitted. Rule: JOB-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Interface {
    /// Through the API.
    #[default]
    Api,
    /// In the console.
    Console,
}

/// One job. Rule: JOB-1; members as in the job file.
#[derive(Debug, Clone)]
pub struct JobRequest {
    /// What users call it: the file it came from, or its id.
    pub name: String,
    /// API operation (`sagemaker:CreateLabelingJob`) or a template's id.
    pub operation: String,
    /// Templates among which its operation is looked for.
    pub templates: JobTemplates,
    /// Who submits it; `None` where nobody was named, which does for what services do by themselves.
    pub caller: Option<Caller>,
    /// Session policies of the caller; `None` if not mentioned.
    pub session_policies: Option<Vec<Arc<Policy>>>,
    /// True: a session policy of the caller was refused, so nothing is known of what it says. Rule: IAM-GRAM-19.
    pub session_policy_rejected: bool,
    /// How it is submitted.
    pub interface: Interface,
    /// Region; left out: the snapshot's.
    pub region: Option<String>,
    /// Account; left out: the caller's.
    pub account: Option<String>,
    /// The API's own request.
    pub request: serde_json::Map<String, serde_json::Value>,
    /// Revision of the service's documentation, such as `current` or `seed`. Rule: JOB-PZ-1.
    pub profile: Option<String>,
    /// True: also check what later operations need. Rule: JOB-PZ-6.
    pub lifetime: bool,
    /// Who reads the output later.
    pub readers: Vec<String>,
    /// S3 URI prefixes that the input consists of. Rule: JOB-2.
    pub data: Vec<String>,
    /// Context of the caller's own call.
    pub context: BTreeMap<String, ContextValue>,
    /// VPC endpoint that the caller's own call passes.
    pub vpc_endpoint: Option<String>,
    /// Keys that are unknown in every requirement.
    pub unknown: BTreeSet<String>,
    /// Keys that are absent in every requirement.
    pub absent: BTreeSet<String>,
    /// Keys that exist without a known value in every requirement.
    pub present: BTreeSet<String>,
    /// What unsaid keys are.
    pub mode: ContextMode,
    /// What ambiguous behaviour counts as.
    pub ambiguity: AmbiguityMode,
    /// Evaluation clock, ISO 8601 UTC.
    pub now: Option<String>,
    /// How a foreign grantee is treated.
    pub grant_key_trust: GrantKeyTrust,
    /// Where it stands, if it was read from a file.
    pub source: Option<JobSource>,
}

/// Where a job stands.
#[derive(Debug, Clone)]
pub struct JobSource {
    /// The job.
    pub place: Place,
    /// Text and tree of the API's own request, which may be another file's.
    pub request: Option<(Arc<Source>, Arc<Node>)>,
}

impl JobSource {
    /// The place of a member of the API's request by its path, such as `Tags[0].Key`; of one that is not there the
    /// place of what it belongs to; without a path, or without a request, that of the job.
    #[must_use]
    pub fn place_of(&self, path: Option<&str>) -> Place {
        let (Some(path), Some((source, root))) = (path, &self.request) else {
            return self.place.clone();
        };
        source.place(path::span(root, path))
    }

    /// The place of the first value of the API's request that a message quotes; that of the job where it quotes none.
    #[must_use]
    pub(super) fn place_of_value(&self, message: &str) -> Place {
        let found = self.request.as_ref().and_then(|(source, root)| {
            let value = quoted_value(root, message)?;
            Some(source.place(value.span))
        });
        found.unwrap_or_else(|| self.place.clone())
    }
}

/// The first text below a node that a message has in backticks; of `s3://bucket/…` its bucket. Trees are no deeper than their reader
/// allows.
fn quoted_value<'n>(node: &'n Node, message: &str) -> Option<&'n Node> {
    if let Some(text) = node.as_text() {
        let path = text
            .strip_prefix("s3://")
            .and_then(|path| path.split('/').next());
        let bucket = path.map(|bucket| format!("`arn:aws:s3:::{bucket}`"));
        let is_quoted = message.contains(&format!("`{text}`"));
        let is_quoted = is_quoted || bucket.is_some_and(|bucket| message.contains(&bucket));
        return is_quoted.then_some(node);
    }
    let members = node.members().iter().map(|member| &member.value);
    let mut inner = node.items().iter().chain(members);
    inner.find_map(|inner| quoted_value(inner, message))
}

impl JobRequest {
    /// A job submitted through the API, with an empty request and nothing else said.
    #[must_use]
    pub fn new(name: &str, operation: &str, caller: impl Into<Option<Caller>>) -> Self {
        Self {
            name: name.to_owned(),
            operation: operation.to_owned(),
            templates: JobTemplates::default(),
            caller: caller.into(),
            session_policies: None,
            session_policy_rejected: false,
            interface: Interface::default(),
            region: None,
            account: None,
            request: serde_json::Map::new(),
            profile: None,
            lifetime: false,
            readers: Vec::new(),
            data: Vec::new(),
            context: BTreeMap::new(),
            vpc_endpoint: None,
            unknown: BTreeSet::new(),
            absent: BTreeSet::new(),
            present: BTreeSet::new(),
            mode: ContextMode::default(),
            ambiguity: AmbiguityMode::default(),
            now: None,
            grant_key_trust: GrantKeyTrust::default(),
            source: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use preclear_model::{Span, node};

    use super::*;

    #[test]
    fn a_message_points_to_the_value_that_it_quotes() {
        let text = r#"{"a": [{"Arn": "arn:aws:lambda:us-west-2:111122223333:function:f"}], "S3Uri": "s3://in/x"}"#;
        let source = Arc::new(Source::new("r.json", text));
        let root = Arc::new(node::read(&source).unwrap());
        let job = JobSource {
            place: source.place(Span::new(0, 1)),
            request: Some((Arc::clone(&source), root)),
        };
        let at = |message: &str| job.place_of_value(message).span.start as usize;
        let function = "the function `arn:aws:lambda:us-west-2:111122223333:function:f` is unknown";
        assert_eq!(at(function), text.find("\"arn").unwrap());
        let bucket = "the bucket `arn:aws:s3:::in` is unknown";
        assert_eq!(at(bucket), text.find("\"s3:").unwrap());
        assert_eq!(at("the role `r` is unknown"), 0);
    }
}
