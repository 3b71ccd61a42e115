//! Permissions that let a caller obtain others.

use std::collections::BTreeMap;

use preclear_model::policy::{PrincipalEntry, PrincipalKind};
use preclear_model::{PolicyKind, Severity, codes as grammar};

use super::key_policy::is_live_allow;
use super::keys::{demands, is_key};
use crate::arns::{self, Selection};
use crate::codes;
use crate::finding::Finding;
use crate::reach::Entry;
use crate::subject::{Subject, Whole};

/// Actions that change what an identity may do, or give the caller another identity. Rule: JOB-LINT-1
const OBTAINING: [&str; 15] = [
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    PASS_ROLE,
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
    "iam:DeleteRolePermissionsBoundary",
];

const PASS_ROLE: &str = "iam:PassRole";

/// Such actions on every resource. Rule: JOB-LINT-1
///
/// All of IAM (`iam:*`) is an administrator's and says so. A condition that names boundaries, tags or services may be what keeps
/// the caller in bounds: then it is worth knowing, no more.
pub(super) fn obtains_permissions(subject: &Subject<'_>) -> Vec<Finding> {
    let is_for_caller = matches!(subject.kind(), PolicyKind::Identity | PolicyKind::Session);
    let is_on_everything = subject
        .resources()
        .iter()
        .any(|entry| matches!(arns::selection(entry), Selection::Everything));
    if !subject.allows() || !is_for_caller || !is_on_everything {
        return Vec::new();
    }
    let entries = subject
        .actions()
        .iter()
        .filter(|entry| !entry.is_whole_service());
    entries
        .filter_map(|entry| obtains(subject, entry))
        .collect()
}

fn obtains(subject: &Subject<'_>, entry: &Entry<'_>) -> Option<Finding> {
    let reached = OBTAINING.iter().find(|action| entry.reaches(action))?;
    let text = &entry.entry.text;
    let is_bounded = subject.statement.conditions.iter().any(demands);
    let (message, help) = if *reached == PASS_ROLE {
        let names_service = subject
            .statement
            .conditions
            .iter()
            .any(|test| is_key(test, "iam:PassedToService"));
        let message = format!("`{text}` on `*` lets the caller hand any role to a service");
        let help = if names_service {
            "name the roles that may be passed"
        } else {
            "name the roles that may be passed, and the service with `iam:PassedToService`"
        };
        (message, help)
    } else {
        let message = format!("`{text}` on `*` lets the caller give permissions to any identity");
        (
            message,
            "name the resources, or demand a boundary with `iam:PermissionsBoundary`",
        )
    };
    let finding = subject
        .finding(&codes::PRIVILEGE_ESCALATION, entry.entry.span, message)
        .help(help);
    Some(if is_bounded {
        finding.severity(Severity::Info)
    } else {
        finding
    })
}

/// Uses of a key; who may change the policy or create grants can have all of them.
const USES: [&str; 6] = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateMac",
    "kms:ReEncryptFrom",
    "kms:Sign",
];

/// Principals of a key policy that may give themselves the use of the key. Rule: KMS-POL-19
pub(super) fn administrators(whole: &Whole<'_>) -> Vec<Finding> {
    if whole.document.kind != PolicyKind::Key {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut told: BTreeMap<&str, ()> = BTreeMap::new();
    for subject in whole
        .statements
        .iter()
        .filter(|subject| is_live_allow(subject))
    {
        let Some(action) = obtaining(subject) else {
            continue;
        };
        for entry in subject
            .principals()
            .iter()
            .filter(|entry| is_identity(entry))
        {
            if !may_use(whole, &entry.text) && told.insert(&entry.text, ()).is_none() {
                let message = format!(
                    "`{}` may not use the key, but `{action}` lets it obtain every use",
                    entry.text
                );
                let finding = subject.finding(&grammar::ESCALATION_POSSIBLE, entry.span, message);
                findings.push(finding.severity(Severity::Info));
            }
        }
    }
    findings
}

/// The action through which the statement's principals can obtain any other.
fn obtaining(subject: &Subject<'_>) -> Option<&'static str> {
    if subject.statement.conditions.iter().any(demands) {
        return None;
    }
    ["kms:PutKeyPolicy", "kms:CreateGrant"]
        .into_iter()
        .find(|action| subject.reaches(action))
}

/// A user, role or session. An account only delegates: what it may do stands in identity policies.
fn is_identity(entry: &PrincipalEntry) -> bool {
    matches!(
        entry.kind,
        PrincipalKind::User(_)
            | PrincipalKind::Role(_)
            | PrincipalKind::RoleSession(_)
            | PrincipalKind::FederatedUser(_)
    )
}

/// Whether some statement gives a principal some use of the key.
fn may_use(whole: &Whole<'_>, principal: &str) -> bool {
    whole.statements.iter().any(|subject| {
        is_live_allow(subject)
            && subject
                .principals()
                .iter()
                .any(|entry| entry.text == principal)
            && USES.iter().any(|action| subject.reaches(action))
    })
}
