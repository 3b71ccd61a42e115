//! Conditions on who calls, and from where, that never hold or that hit the wrong callers.

use preclear_model::policy::{ConditionTest, PrincipalEntry, PrincipalKind};
use preclear_model::{BaseOperator, OperatorFamily, PolicyKind};

use super::keys::{demands, has_prefix, is_bool, is_key};
use crate::codes;
use crate::finding::{Edit, Finding};
use crate::subject::Subject;

/// Keys that only calls of service principals carry. Rule: IAM-CTX-4
const SOURCE_KEYS: [&str; 4] = [
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
];

fn is_service(entry: &PrincipalEntry) -> bool {
    matches!(entry.kind, PrincipalKind::Service(_))
}

/// Whether the entry names users, roles or sessions, or an account of them.
fn is_identity(entry: &PrincipalEntry) -> bool {
    matches!(
        entry.kind,
        PrincipalKind::Account { .. }
            | PrincipalKind::User(_)
            | PrincipalKind::Role(_)
            | PrincipalKind::RoleSession(_)
            | PrincipalKind::FederatedUser(_)
            | PrincipalKind::UniqueId(_)
    )
}

/// Allow statements for users and roles alone that demand a key of service principals. Rule: IAM-CTX-4
pub(super) fn source_keys(subject: &Subject<'_>) -> Vec<Finding> {
    let is_for_identities = match subject.kind() {
        PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => true,
        PolicyKind::Key | PolicyKind::Resource | PolicyKind::Trust => {
            !subject.principals().is_empty() && subject.principals().iter().all(is_identity)
        }
        // These reach service principals too, or callers that nobody names.
        PolicyKind::Scp | PolicyKind::Rcp | PolicyKind::VpcEndpoint => false,
    };
    if !subject.allows() || !is_for_identities {
        return Vec::new();
    }
    let tests = subject.statement.conditions.iter();
    tests
        .filter(|test| demands(test) && SOURCE_KEYS.iter().any(|key| is_key(test, key)))
        .map(|test| {
            let message = format!(
                "only services that call as themselves carry `{}`; the statement allows users and roles nothing",
                test.key
            );
            subject.finding(&codes::SOURCE_KEY_FOR_IDENTITIES, test.key_span, message)
        })
        .collect()
}

/// Key policy statements for services that demand a key of identities' calls. Rule: KMS-POL-10
pub(super) fn keys_of_services(subject: &Subject<'_>) -> Vec<Finding> {
    let services: Vec<&PrincipalEntry> = subject
        .principals()
        .iter()
        .filter(|entry| is_service(entry))
        .collect();
    let Some(first) = services.first().filter(|_| subject.is_key_policy()) else {
        return Vec::new();
    };
    let is_for_services_only = services.len() == subject.principals().len();
    let tests = subject.statement.conditions.iter();
    tests
        .filter(|test| demands(test) && (is_key(test, "kms:ViaService") || is_key(test, "kms:CallerAccount")))
        .map(|test| {
            let verb = if subject.allows() { "allows" } else { "denies" };
            let rest = if is_for_services_only { "" } else { "; the other principals are not affected" };
            let message = format!(
                "calls of `{}` as itself carry no `{}`, so the statement {verb} the service nothing{rest}",
                first.text, test.key
            );
            subject.finding(&codes::KMS_CALLER_KEY_FOR_SERVICE, test.key_span, message)
        })
        .collect()
}

/// Values of `aws:PrincipalArn` in the form of a session's ARN. Rule: IAM-PRIN-1
pub(super) fn principal_arns(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = subject
        .statement
        .conditions
        .iter()
        .filter(|test| is_key(test, "aws:PrincipalArn"));
    tests
        .flat_map(|test| &test.operands)
        .filter(|operand| {
            let text = &operand.template.source;
            text.starts_with("arn:") && text.contains(":assumed-role/")
        })
        .map(|operand| {
            let text = &operand.template.source;
            let message = format!(
                "`aws:PrincipalArn` of a session is its role's ARN; `{text}` never matches"
            );
            subject.finding(&codes::PRINCIPAL_ARN_NEVER_MATCHES, operand.span, message)
        })
        .collect()
}

/// Denials without MFA that long-term access keys escape. Rule: IAM-COND-8
pub(super) fn mfa_deny(subject: &Subject<'_>) -> Vec<Finding> {
    if subject.allows() {
        return Vec::new();
    }
    let tests = subject.statement.conditions.iter();
    tests
        .filter(|test| demands(test) && is_bool(test, "aws:MultiFactorAuthPresent", "false"))
        .map(|test| {
            let message = format!(
                "calls with long-term access keys carry no `{}` and are not denied",
                test.key
            );
            subject.finding(&codes::MFA_DENY_MISSES_ACCESS_KEYS, test.key_span, message)
        })
        .collect()
}

/// Denials of other networks that say nothing of calls by services. Rule: IAM-PRIN-13, KMS-XA-5
pub(super) fn network_deny(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = &subject.statement.conditions;
    let spares_services = tests.iter().any(|test| {
        is_key(test, "aws:ViaAWSService")
            || has_prefix(&test.key, "aws:CalledVia")
            || is_key(test, "aws:PrincipalIsAWSService")
            || is_key(test, "kms:ViaService")
    });
    if subject.allows() || spares_services {
        return Vec::new();
    }
    let negated = tests.iter().filter(|test| {
        let is_network_key = [
            "aws:SourceIp",
            "aws:SourceVpc",
            "aws:SourceVpce",
            "aws:VpcSourceIp",
        ];
        test.operator.base.is_negated() && is_network_key.iter().any(|key| is_key(test, key))
    });
    negated
        .take(1)
        .map(|test| {
            let message = format!(
                "services that act for a caller come with another `{}` or none, and are denied as well",
                test.key
            );
            subject.finding(&codes::NETWORK_DENY_HITS_SERVICES, test.key_span, message)
        })
        .collect()
}

/// Denials of other organizations that say nothing of service principals. Rule: IAM-CTX-6
pub(super) fn organization_deny(subject: &Subject<'_>) -> Vec<Finding> {
    let reaches_services = matches!(
        subject.kind(),
        PolicyKind::Key | PolicyKind::Resource | PolicyKind::Rcp
    ) && subject.names_everyone();
    let tests = &subject.statement.conditions;
    let spares_services = tests.iter().any(|test| {
        has_prefix(&test.key, "aws:PrincipalIsAWSService")
            || has_prefix(&test.key, "aws:PrincipalServiceName")
            || (is_null_false(test) && has_prefix(&test.key, "aws:Principal"))
            || (demands(test)
                && (is_key(test, "aws:PrincipalArn") || is_key(test, "aws:PrincipalAccount")))
    });
    if subject.allows() || !reaches_services || spares_services {
        return Vec::new();
    }
    tests
        .iter()
        .filter(|test| {
            test.operator.base.is_negated()
                && test.operator.set.is_none()
                && is_key(test, "aws:PrincipalOrgID")
        })
        .map(|test| {
            let message = format!(
                "service principals carry no `{}` and are denied as well",
                test.key
            );
            subject.finding(&codes::ORG_DENY_HITS_SERVICES, test.key_span, message)
        })
        .collect()
}

fn is_null_false(test: &ConditionTest) -> bool {
    test.operator.base == BaseOperator::Null && demands(test)
}

/// Keys that hold paths of an organization. Rule: IAM-CTX-3
const PATH_KEYS: [&str; 4] = [
    "aws:PrincipalOrgPaths",
    "aws:ResourceOrgPaths",
    "aws:SourceOrgPaths",
    "aws:VpceOrgPaths",
];

/// Paths of organizations without the `/` that ends them. Rule: IAM-CTX-3
pub(super) fn organization_paths(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = subject.statement.conditions.iter().filter(|test| {
        test.operator.base.family() == OperatorFamily::String
            && PATH_KEYS.iter().any(|key| is_key(test, key))
    });
    tests
        .flat_map(|test| &test.operands)
        .filter(|operand| {
            let text = operand.template.source.as_str();
            text.starts_with("o-") && !text.ends_with(['/', '*', '?', '}'])
        })
        .map(|operand| {
            let text = &operand.template.source;
            let message = format!("paths of organizations end in `/`; `{text}` never matches");
            let edit: Edit = subject.replace(operand.span, &format!("{text}/"));
            subject
                .finding(&codes::ORG_PATH_WITHOUT_END, operand.span, message)
                .edit(edit)
        })
        .collect()
}
