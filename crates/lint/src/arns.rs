//! Resources of statements and of the catalogue as patterns that can be compared.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use preclear_catalog::{AccessLevel, Action, ResourceType, Service, catalog};
use preclear_model::policy::ResourceEntry;
use preclear_model::{Piece, Template};
use preclear_wildcard::{FieldPattern, Pattern, Token};

/// Fields of an ARN. Rule: IAM-WILD-5
const ARN_FIELDS: usize = 6;
/// Place of the service among the fields.
const SERVICE: usize = 2;
/// Place of what the service itself names.
const RESOURCE: usize = 5;

/// What an entry of `Resource` selects.
#[derive(Debug)]
pub(crate) enum Selection {
    /// Every resource, and the `*` of actions without one.
    Everything,
    /// The ARNs of the pattern; variables count as `*`.
    Arns(FieldPattern),
    /// Nobody can say, or the parser says.
    Unclear,
}

/// What an entry selects. Rule: IAM-WILD-4, IAM-WILD-10
pub(crate) fn selection(entry: &ResourceEntry) -> Selection {
    let text = entry.template.source.as_str();
    if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
        return Selection::Everything;
    }
    // What a short ARN means where it is not completed is not published (AMB-14).
    if entry.incomplete {
        return Selection::Unclear;
    }
    FieldPattern::from_tokens(tokens(&entry.template, true), ':', ARN_FIELDS)
        .map_or(Selection::Unclear, Selection::Arns)
}

/// The ARNs that an entry selects, where no variable leaves them open.
pub(crate) fn certain_pattern(entry: &ResourceEntry) -> Option<FieldPattern> {
    match selection(entry) {
        Selection::Arns(pattern) if entry.template.variables().next().is_none() => Some(pattern),
        _ => None,
    }
}

/// The text in tokens; a variable may stand for anything.
pub(crate) fn tokens(template: &Template, takes_wildcards: bool) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) if takes_wildcards => push_text(&mut tokens, text),
            Piece::Text(text) => tokens.push(Token::Text(text)),
            Piece::Literal('*') => tokens.push(Token::Text("*")),
            Piece::Literal('?') => tokens.push(Token::Text("?")),
            Piece::Literal(_) => tokens.push(Token::Text("$")),
            Piece::Variable { .. } => tokens.push(Token::AnyRun),
        }
    }
    tokens
}

/// Adds a text in which `*` and `?` are wildcards.
fn push_text<'t>(tokens: &mut Vec<Token<'t>>, text: &'t str) {
    let mut rest = text;
    while let Some(at) = rest.find(['*', '?']) {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            tokens.push(Token::Text(before));
        }
        tokens.push(if from.starts_with('*') {
            Token::AnyRun
        } else {
            Token::AnyOne
        });
        rest = from.get(1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        tokens.push(Token::Text(rest));
    }
}

/// The resources that some actions act on: the forms of their ARNs, each once.
#[derive(Debug)]
pub(crate) struct ActedOn {
    /// As they are documented.
    documented: Vec<Form>,
    /// Whatever else the service may have, for actions that tag.
    taggable: Vec<FieldPattern>,
}

#[derive(Debug)]
struct Form {
    /// `None` where the catalogue has no whole ARN, so that it may be anything.
    pattern: Option<FieldPattern>,
    is_bucket: bool,
}

impl ActedOn {
    pub(crate) fn by(actions: &[Action<'static>]) -> ActedOn {
        let types = actions.iter().flat_map(|action| {
            let service = action.service().prefix();
            action
                .resource_uses()
                .map(move |used| (service, used.resource_type()))
        });
        let forms: BTreeSet<(String, bool)> = types
            .flat_map(|(service, kind)| {
                let is_bucket = service == "s3" && kind.name() == "bucket";
                kind.arn_globs().map(move |form| (form, is_bucket))
            })
            .collect();
        let forms = forms.into_iter().map(|(form, is_bucket)| Form {
            pattern: FieldPattern::parse(&form, ':', ARN_FIELDS),
            is_bucket,
        });
        let tagged = actions
            .iter()
            .filter(|action| tags_whatever_there_is(**action))
            .flat_map(|action| arn_services(action.service()));
        let tagged: BTreeSet<&str> = tagged.collect();
        let all_of =
            |service| FieldPattern::parse(&format!("arn:*:{service}:*:*:*"), ':', ARN_FIELDS);
        ActedOn {
            documented: forms.collect(),
            taggable: tagged.into_iter().filter_map(all_of).collect(),
        }
    }

    /// Whether the pattern may select such a resource.
    pub(crate) fn includes(&self, pattern: &FieldPattern) -> bool {
        self.documents(pattern) || self.taggable.iter().any(|form| form.intersects(pattern))
    }

    /// Whether the pattern selects a resource that is documented for the actions.
    pub(crate) fn documents(&self, pattern: &FieldPattern) -> bool {
        // Bucket names hold no `/`, so what needs one is an object; other services' names are not that certain.
        let is_no_bucket = needs_slash(pattern);
        self.documented
            .iter()
            .filter(|form| !(form.is_bucket && is_no_bucket))
            .any(|form| {
                form.pattern
                    .as_ref()
                    .is_none_or(|form| form.intersects(pattern))
            })
    }

    /// Whether there is no such resource: policies cannot limit the actions. Rule: IAM-WILD-8
    pub(crate) fn is_empty(&self) -> bool {
        self.documented.is_empty() && self.taggable.is_empty()
    }
}

/// Services whose tagging actions act on exactly what is documented.
const EXACT_TAGGING: [&str; 2] = ["kms", "s3"];

/// Whether the action tags resources, or lists their tags, of more types than are documented: the lists lag behind.
fn tags_whatever_there_is(action: Action<'_>) -> bool {
    let lists_tags = || {
        let start = action.name().get(.."ListTags".len());
        start.is_some_and(|start| start.eq_ignore_ascii_case("ListTags"))
    };
    !EXACT_TAGGING.contains(&action.service().prefix())
        && (action.access_level() == AccessLevel::Tagging || lists_tags())
}

/// What stands in the service field of the ARNs of a service's resources; nothing for a service without resources.
fn arn_services(service: Service<'static>) -> impl Iterator<Item = &'static str> {
    let types = service.resource_types();
    types
        .flat_map(ResourceType::arn_patterns)
        .filter_map(|form| form.split(':').nth(SERVICE))
        .filter(|service| !service.contains('$'))
}

fn needs_slash(pattern: &FieldPattern) -> bool {
    pattern.field(RESOURCE).is_some_and(|field| {
        field
            .tokens()
            .any(|token| matches!(token, Token::Text(text) if text.contains('/')))
    })
}

/// The service field, where it names one service.
pub(crate) fn service_of(pattern: &FieldPattern) -> Option<&str> {
    pattern.field(SERVICE).and_then(Pattern::as_literal)
}

/// Whether some resource type of the catalogue has ARNs of this service.
pub(crate) fn is_known_service(service: &str) -> bool {
    static SERVICES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
        let types = catalog()
            .services()
            .flat_map(|service| service.resource_types());
        types
            .flat_map(|kind| kind.arn_patterns())
            .filter_map(|form| form.split(':').nth(SERVICE))
            .collect()
    });
    SERVICES.contains(service) || catalog().service(service).is_some()
}

/// All keys of KMS.
pub(crate) fn all_keys() -> Option<FieldPattern> {
    FieldPattern::parse("arn:*:kms:*:*:key/*", ':', ARN_FIELDS)
}

/// All aliases of KMS.
pub(crate) fn all_aliases() -> Option<FieldPattern> {
    FieldPattern::parse("arn:*:kms:*:*:alias/*", ':', ARN_FIELDS)
}

/// Whether the pattern selects aliases of KMS and no keys.
pub(crate) fn is_alias_only(pattern: &FieldPattern) -> bool {
    let shares = |other: Option<FieldPattern>| other.is_some_and(|other| other.intersects(pattern));
    service_of(pattern) == Some("kms") && shares(all_aliases()) && !shares(all_keys())
}

#[cfg(test)]
mod tests {
    use super::*;
    use preclear_model::Span;
    use preclear_model::policy::Version;

    fn pattern(text: &str) -> FieldPattern {
        let template = Template::parse(text, Version::V2012).unwrap();
        let entry = ResourceEntry {
            template,
            incomplete: false,
            span: Span::default(),
        };
        match selection(&entry) {
            Selection::Arns(pattern) => pattern,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn acts(action: &str, resource: &str) -> bool {
        let (prefix, name) = action.split_once(':').unwrap();
        let action = catalog().action(prefix, name).unwrap();
        ActedOn::by(&[action]).includes(&pattern(resource))
    }

    #[test]
    fn key_actions_act_on_keys() {
        assert!(acts(
            "kms:Decrypt",
            "arn:aws:kms:us-west-2:111122223333:key/*"
        ));
        assert!(acts("kms:Decrypt", "arn:aws:kms:*:*:*"));
        assert!(!acts(
            "kms:Decrypt",
            "arn:aws:kms:us-west-2:111122223333:alias/app"
        ));
        assert!(acts(
            "kms:CreateAlias",
            "arn:aws:kms:us-west-2:111122223333:alias/app"
        ));
        assert!(!acts("kms:Decrypt", "arn:aws:s3:::b/*"));
    }

    #[test]
    fn buckets_and_objects_are_told_apart() {
        assert!(acts("s3:ListBucket", "arn:aws:s3:::b"));
        assert!(acts("s3:ListBucket", "arn:aws:s3:::b*"));
        assert!(!acts("s3:ListBucket", "arn:aws:s3:::b/*"));
        assert!(acts("s3:GetObject", "arn:aws:s3:::b/*"));
        assert!(acts("s3:GetObject", "arn:aws:s3:::*"));
        assert!(!acts("s3:GetObject", "arn:aws:s3:::b"));
        assert!(acts(
            "s3:GetObject",
            "arn:aws:s3:::${aws:PrincipalTag/bucket}/x"
        ));
        assert!(acts(
            "s3:GetObject",
            "arn:aws:s3:us-west-2:111122223333:accesspoint/a/object/*"
        ));
    }

    #[test]
    fn tagging_reaches_all_of_the_service_and_nothing_else() {
        assert!(acts(
            "sagemaker:AddTags",
            "arn:aws:sagemaker:us-west-2:111122223333:new-thing/x"
        ));
        assert!(acts(
            "rds:ListTagsForResource",
            "arn:aws:rds:us-west-2:111122223333:new-thing:x"
        ));
        assert!(!acts("sagemaker:AddTags", "arn:aws:s3:::b"));
        assert!(!acts("s3:PutObjectTagging", "arn:aws:s3:::b"));
        assert!(!acts(
            "kms:TagResource",
            "arn:aws:kms:us-west-2:111122223333:alias/app"
        ));
        assert!(!acts(
            "rds:DescribeDBProxies",
            "arn:aws:rds:us-west-2:111122223333:new-thing:x"
        ));
    }

    #[test]
    fn what_may_be_tagged_is_not_documented_for_it() {
        let acted_on = |service, name| ActedOn::by(&[catalog().action(service, name).unwrap()]);
        let mistaken = pattern("arn:aws:secretsmanager:us-west-2:111122223333:app");
        let tagging = acted_on("secretsmanager", "TagResource");
        assert!(tagging.includes(&mistaken) && !tagging.documents(&mistaken));
        // A service without resources of its own has none to tag.
        assert!(acted_on("tag", "TagResources").is_empty());
    }

    #[test]
    fn common_statements_of_other_services_are_alive() {
        for (action, resource) in [
            (
                "logs:PutLogEvents",
                "arn:aws:logs:us-west-2:111122223333:log-group:/aws/lambda/f:*",
            ),
            (
                "logs:CreateLogStream",
                "arn:aws:logs:us-west-2:111122223333:log-group:/aws/lambda/f:*",
            ),
            (
                "logs:CreateLogGroup",
                "arn:aws:logs:us-west-2:111122223333:*",
            ),
            (
                "lambda:InvokeFunction",
                "arn:aws:lambda:us-west-2:111122223333:function:f:*",
            ),
            (
                "dynamodb:Query",
                "arn:aws:dynamodb:us-west-2:111122223333:table/t/index/*",
            ),
            ("sqs:SendMessage", "arn:aws:sqs:us-west-2:111122223333:q"),
            ("sns:Publish", "arn:aws:sns:us-west-2:111122223333:t"),
            (
                "iam:PassRole",
                "arn:aws:iam::111122223333:role/service-role/example-role",
            ),
            ("sts:AssumeRole", "arn:aws:iam::111122223333:role/r"),
            (
                "ssm:GetParameter",
                "arn:aws:ssm:us-west-2:111122223333:parameter/app/*",
            ),
            (
                "secretsmanager:GetSecretValue",
                "arn:aws:secretsmanager:us-west-2:111122223333:secret:app-*",
            ),
            (
                "execute-api:Invoke",
                "arn:aws:execute-api:us-west-2:111122223333:abc/*/GET/x",
            ),
            ("ec2:RunInstances", "arn:aws:ec2:us-west-2::image/ami-1"),
            (
                "sagemaker:CreateLabelingJob",
                "arn:aws:sagemaker:us-west-2:111122223333:labeling-job/*",
            ),
            (
                "personalize:CreateDatasetExportJob",
                "arn:aws:personalize:us-west-2:111122223333:dataset-export-job/*",
            ),
        ] {
            assert!(acts(action, resource), "{action} on {resource}");
        }
    }

    #[test]
    fn services_of_arns_are_known() {
        assert!(
            is_known_service("kms")
                && is_known_service("s3")
                && is_known_service("elasticloadbalancing")
        );
        assert!(!is_known_service("kmss"));
    }
}
