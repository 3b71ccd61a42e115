//! Principals of key policies: gone, too many, or not those that call.

use preclear_model::policy::{ConditionTest, PrincipalEntry, PrincipalKind};
use preclear_model::{BaseOperator, Severity};

use super::keys::{demands, has_prefix, is_key};
use crate::codes;
use crate::finding::Finding;
use crate::subject::{Subject, texts};

/// Unique ids of users and roles, which stay behind when these are deleted. Rule: KMS-POL-7
pub(super) fn orphans(subject: &Subject<'_>) -> Vec<Finding> {
    if !subject.is_key_policy() {
        return Vec::new();
    }
    let orphans = subject
        .principals()
        .iter()
        .filter(|entry| matches!(entry.kind, PrincipalKind::UniqueId(_)));
    orphans
        .map(|entry| {
            let message = format!(
                "`{}` is the id of an identity that was probably deleted",
                entry.text
            );
            subject.finding(&codes::KMS_ORPHAN_PRINCIPAL, entry.span, message)
        })
        .collect()
}

/// Keys that say which caller it is; a test that demands one of them narrows `*`.
const CALLER_KEYS: [&str; 20] = [
    "kms:CallerAccount",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:userid",
    "aws:username",
];

/// Statements that let everyone in. Rule: KMS-POL-8
pub(super) fn everyone(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = &subject.statement.conditions;
    let is_live = subject.statement.action.is_some() && !subject.resources().is_empty();
    if !subject.is_key_policy() || !subject.allows() || !is_live || tests.iter().any(narrows_caller)
    {
        return Vec::new();
    }
    let everyone = subject
        .principals()
        .iter()
        .filter(|entry| entry.kind == PrincipalKind::Everyone);
    everyone
        .take(1)
        .map(|entry| {
            if tests.is_empty() {
                let message =
                    "every AWS account may use the key as far as its own policies go".to_owned();
                return subject.finding(&codes::KMS_PUBLIC_KEY_POLICY, entry.span, message);
            }
            let message = "no condition of the statement says which accounts may call".to_owned();
            subject
                .finding(&codes::KMS_PUBLIC_KEY_POLICY, entry.span, message)
                .severity(Severity::Warning)
        })
        .collect()
}

fn narrows_caller(test: &ConditionTest) -> bool {
    let says_who = CALLER_KEYS.iter().any(|key| is_key(test, key))
        || has_prefix(&test.key, "aws:PrincipalTag/");
    let is_everything = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    says_who
        && demands(test)
        && test.operator.base != BaseOperator::Null
        && !test.operator.base.is_negated()
        && !texts(&test.operands).any(is_everything)
}

/// Services that use keys with a role, never as themselves. Rule: KMS-POL-9, JOB-GT-12
const ROLE_SERVICES: [(&str, &str); 2] = [
    (
        "autoscaling.amazonaws.com",
        "name the service-linked role `role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`",
    ),
    (
        "sagemaker.amazonaws.com",
        "name the execution role of the job, path included",
    ),
];

/// Services that call KMS under a name with their Region.
const REGIONAL_SERVICES: [&str; 1] = ["logs.amazonaws.com"];

/// Service principals that are not the ones that call KMS. Rule: KMS-POL-9
pub(super) fn services(subject: &Subject<'_>) -> Vec<Finding> {
    if !subject.is_key_policy() || !subject.allows() {
        return Vec::new();
    }
    subject
        .principals()
        .iter()
        .filter_map(|entry| service(subject, entry))
        .collect()
}

fn service(subject: &Subject<'_>, entry: &PrincipalEntry) -> Option<Finding> {
    let PrincipalKind::Service(name) = &entry.kind else {
        return None;
    };
    if REGIONAL_SERVICES
        .iter()
        .any(|service| name.eq_ignore_ascii_case(service))
    {
        let message =
            format!("CloudWatch Logs calls KMS as `logs.REGION.amazonaws.com`, not as `{name}`");
        let finding = subject.finding(&codes::SERVICE_PRINCIPAL_NEEDS_REGION, entry.span, message);
        let region = subject
            .options
            .key_arn
            .as_ref()
            .map(|key| key.region())
            .filter(|region| !region.is_empty());
        return Some(match region {
            Some(region) => {
                let meant = format!("logs.{region}.amazonaws.com");
                let edit = subject.replace(entry.span, &meant);
                finding.help(format!("write `{meant}`")).edit(edit)
            }
            None => finding,
        });
    }
    let (_, help) = ROLE_SERVICES
        .iter()
        .find(|(service, _)| name.eq_ignore_ascii_case(service))?;
    let message = format!("`{name}` uses keys with a role, which this entry does not match");
    Some(
        subject
            .finding(&codes::SERVICE_ACTS_AS_ROLE, entry.span, message)
            .help(*help),
    )
}
