//! Values of condition keys that are something else than the key ever holds: the name of a service without its Region, an ARN in
//! place of an account.

use preclear_model::policy::{ConditionTest, Operand};
use preclear_model::{BaseOperator, OperatorFamily, Piece, Template};
use preclear_wildcard::{Pattern, Token};

use super::keys::{has_prefix, is_key};
use crate::arns;
use crate::codes;
use crate::finding::Finding;
use crate::subject::Subject;

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `s3.us-west-2.amazonaws.com`.
    RegionalService,
    /// `s3.amazonaws.com`.
    Service,
    /// `111122223333`.
    Account,
    /// `vpc-1a2b3c4d`.
    Vpc,
    /// `vpce-1a2b3c4d`.
    Endpoint,
    /// `o-exampleorgid`.
    Organization,
    /// `o-exampleorgid/r-example/ou-example/`.
    OrganizationPath,
    /// The ARN of something.
    Arn,
}

/// Keys of which AWS documents what their values look like. Rule: IAM-CTX-2, IAM-CTX-7, KMS-COND-1
const FORMS: &[(&str, Form)] = &[
    ("kms:ViaService", Form::RegionalService),
    ("iam:PassedToService", Form::Service),
    ("iam:AWSServiceName", Form::Service),
    ("aws:CalledVia", Form::Service),
    ("aws:CalledViaFirst", Form::Service),
    ("aws:CalledViaLast", Form::Service),
    ("aws:PrincipalServiceName", Form::Service),
    ("aws:PrincipalServiceNamesList", Form::Service),
    ("kms:CallerAccount", Form::Account),
    ("aws:PrincipalAccount", Form::Account),
    ("aws:ResourceAccount", Form::Account),
    ("aws:SourceAccount", Form::Account),
    ("aws:VpceAccount", Form::Account),
    ("aws:SourceVpc", Form::Vpc),
    ("aws:SourceVpce", Form::Endpoint),
    ("aws:PrincipalOrgID", Form::Organization),
    ("aws:ResourceOrgID", Form::Organization),
    ("aws:SourceOrgID", Form::Organization),
    ("aws:VpceOrgID", Form::Organization),
    ("aws:PrincipalOrgPaths", Form::OrganizationPath),
    ("aws:ResourceOrgPaths", Form::OrganizationPath),
    ("aws:SourceOrgPaths", Form::OrganizationPath),
    ("aws:VpceOrgPaths", Form::OrganizationPath),
    ("aws:PrincipalArn", Form::Arn),
    ("aws:SourceArn", Form::Arn),
];

impl Form {
    /// A pattern that every value matches.
    fn pattern(self) -> &'static str {
        match self {
            Self::RegionalService => "*.*.*.*",
            Self::Service => "*.*",
            Self::Account => "????????????",
            Self::Vpc => "vpc-*",
            Self::Endpoint => "vpce-*",
            Self::Organization | Self::OrganizationPath => "o-*",
            Self::Arn => "arn:*",
        }
    }

    /// Whether the values are names with dots and nothing else between.
    fn is_name(self) -> bool {
        matches!(self, Self::RegionalService | Self::Service)
    }

    /// What the key holds, in words.
    fn words(self) -> &'static str {
        match self {
            Self::RegionalService => {
                "services with their Region, such as `s3.us-west-2.amazonaws.com`"
            }
            Self::Service => "service principals, such as `ec2.amazonaws.com`",
            Self::Account => "account ids, which have 12 digits",
            Self::Vpc => "ids of VPCs, which start `vpc-`",
            Self::Endpoint => "ids of VPC endpoints, which start `vpce-`",
            Self::Organization => "ids of organizations, which start `o-`",
            Self::OrganizationPath => "paths of organizations, which start `o-`",
            Self::Arn => "ARNs, which start `arn:`",
        }
    }

    /// What is meant, where the text lets one guess it.
    fn remedy(self, test: &ConditionTest, text: &str) -> Option<String> {
        match self {
            Self::RegionalService => {
                let service = service_in(text).unwrap_or("SERVICE");
                let like = if test.operator.base.takes_wildcards() {
                    format!("`{service}.*.amazonaws.com` for every Region")
                } else {
                    format!("under `StringLike` `{service}.*.amazonaws.com` for every Region")
                };
                Some(format!("write `{service}.REGION.amazonaws.com`, or {like}"))
            }
            Self::Service => {
                let service = service_in(text).unwrap_or("SERVICE");
                Some(format!("write `{service}.amazonaws.com`"))
            }
            Self::Account => {
                let account = text.split(':').nth(4)?;
                let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
                is_account.then(|| format!("write `{account}`"))
            }
            Self::Vpc if text.starts_with("vpce-") => {
                Some("test `aws:SourceVpce`, which holds ids of endpoints".to_owned())
            }
            Self::Endpoint if text.starts_with("vpc-") => {
                Some("test `aws:SourceVpc`, which holds ids of VPCs".to_owned())
            }
            Self::Vpc
            | Self::Endpoint
            | Self::Organization
            | Self::OrganizationPath
            | Self::Arn => None,
        }
    }
}

/// The service that a text which is no name of one speaks of: `s3` of `s3`, `s3.amazonaws.com` and `arn:aws:s3:::b`.
fn service_in(text: &str) -> Option<&str> {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let service = if text.starts_with("arn:") {
        text.split(':').nth(2)?
    } else {
        text.split(['.', '/', ':']).next()?
    };
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (!service.is_empty() && service.chars().all(is_name)).then_some(service)
}

/// Values that their key never holds.
pub(super) fn never_held(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = subject.statement.conditions.iter();
    tests
        .filter(|test| test.operator.base.family() == OperatorFamily::String)
        .filter_map(|test| {
            let (_, form) = FORMS.iter().find(|(key, _)| is_key(test, key))?;
            Some((test, *form))
        })
        .flat_map(|(test, form)| {
            let operands = test.operands.iter();
            operands.map(move |operand| (test, form, operand))
        })
        .filter(|(test, form, operand)| !may_be_held(test, *form, operand))
        .map(|(test, form, operand)| never(subject, test, form, operand))
        .collect()
}

fn never(subject: &Subject<'_>, test: &ConditionTest, form: Form, operand: &Operand) -> Finding {
    let text = operand.template.source.as_str();
    let holds = form.words();
    let message = format!("`{}` holds {holds}; `{text}` never matches", test.key);
    let row = &codes::CONDITION_VALUE_NEVER_MATCHES;
    let finding = subject.finding(row, operand.span, message);
    let finding = if has_prefix(&test.key, "kms:") {
        finding.rule("KMS-COND-1")
    } else {
        finding
    };
    match form.remedy(test, text) {
        Some(remedy) => finding.help(remedy),
        None => finding,
    }
}

/// Whether the key may hold the value, as a pattern where the operator has patterns; variables may be anything.
fn may_be_held(test: &ConditionTest, form: Form, operand: &Operand) -> bool {
    let base = test.operator.base;
    let literals = || {
        let pieces = operand.template.pieces.iter();
        pieces.filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Literal(_) | Piece::Variable { .. } => None,
        })
    };
    if form.is_name() && literals().any(|text| text.contains(['/', ':', ' '])) {
        return false;
    }
    let lower;
    let template = if base.positive() == BaseOperator::StringEqualsIgnoreCase {
        lower = lowered(&operand.template);
        &lower
    } else {
        &operand.template
    };
    let tokens: Vec<Token<'_>> = arns::tokens(template, base.takes_wildcards());
    let own = Pattern::from_tokens(tokens);
    Pattern::parse(form.pattern()).intersects(&own)
}

fn lowered(template: &Template) -> Template {
    let pieces = template.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => Piece::Text(text.as_str().to_ascii_lowercase().as_str().into()),
        other => other.clone(),
    });
    Template {
        source: template.source.clone(),
        pieces: pieces.collect(),
    }
}
