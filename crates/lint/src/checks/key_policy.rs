//! Key policies: statements for other keys, and policies that nobody can change. Rule: KMS-POL-3, KMS-POL-11, KMS-POL-15

use preclear_catalog::kms::default_key_policy;
use preclear_model::policy::{PrincipalEntry, PrincipalKind, ResourceEntry};
use preclear_model::{Arn, Match, PolicyKind, Severity};
use preclear_wildcard::FieldPattern;

use super::key_arns;
use crate::arns::{self, Selection};
use crate::codes;
use crate::finding::{Edit, Finding};
use crate::subject::{Subject, Whole};

/// What a resource of a key policy statement is to the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// `*`, the key's ARN, or a pattern for all keys.
    This,
    /// One key, and which key the policy stands at is not known.
    OneKey,
    /// Another key, or no key at all.
    Foreign,
    Unclear,
}

fn relation(entry: &ResourceEntry, key: Option<&Arn>) -> Relation {
    if key_arns::lacks_field(&entry.template) {
        return Relation::Foreign;
    }
    let pattern = match arns::selection(entry) {
        Selection::Everything => return Relation::This,
        Selection::Unclear => return Relation::Unclear,
        Selection::Arns(pattern) => pattern,
    };
    if let Some(key) = key {
        let matches = pattern.is_match_with(key.as_str(), &[]);
        return if matches {
            Relation::This
        } else {
            Relation::Foreign
        };
    }
    if !arns::all_keys().is_some_and(|keys| keys.intersects(&pattern)) {
        return Relation::Foreign;
    }
    if selects_every_key_id(&pattern) {
        Relation::This
    } else {
        Relation::OneKey
    }
}

/// Whether a key's id makes no difference to the pattern.
fn selects_every_key_id(pattern: &FieldPattern) -> bool {
    FieldPattern::parse("a:b:c:d:e:key/*", ':', 6)
        .zip(pattern.field(5))
        .is_some_and(|(keys, field)| keys.field(5).is_some_and(|keys| field.covers(keys)))
}

/// Resources that are not the key that the policy stands at. Rule: KMS-POL-11
pub(super) fn foreign_resource(subject: &Subject<'_>) -> Vec<Finding> {
    if !subject.is_key_policy() {
        return Vec::new();
    }
    let key = subject.options.key_arn.as_ref();
    let related: Vec<(&ResourceEntry, Relation)> = subject
        .resources()
        .iter()
        .map(|entry| (entry, relation(entry, key)))
        .collect();
    let is_alive = related
        .iter()
        .any(|(_, relation)| *relation != Relation::Foreign);
    related
        .iter()
        // That an ARN lacks a field says more.
        .filter(|(entry, _)| !key_arns::lacks_field(&entry.template))
        .filter_map(|(entry, relation)| {
            let text = &entry.template.source;
            let (message, severity) = match relation {
                Relation::This | Relation::Unclear => return None,
                Relation::OneKey => (
                    format!("the statement applies only if this is the policy of `{text}`"),
                    Severity::Info,
                ),
                Relation::Foreign if is_alive => (
                    format!("`{text}` is not the key of this policy"),
                    Severity::Warning,
                ),
                Relation::Foreign => (
                    format!(
                        "`{text}` is not the key of this policy, so the statement never applies"
                    ),
                    Severity::Error,
                ),
            };
            let finding =
                subject.finding(&codes::KMS_KEYPOLICY_RESOURCE_FOREIGN, entry.span, message);
            let finding = finding.severity(severity);
            // Whether a dead statement shall come alive is its author's to say.
            Some(match relation {
                Relation::OneKey => finding.edit(subject.replace(entry.span, "*")),
                _ => finding,
            })
        })
        .collect()
}

/// Whether the statement can apply to requests for the key.
fn is_live(subject: &Subject<'_>) -> bool {
    let key = subject.options.key_arn.as_ref();
    let mut resources = subject.resources().iter();
    resources.any(|entry| relation(entry, key) != Relation::Foreign)
}

/// Whether the statement is an Allow that can apply to requests for the key.
pub(super) fn is_live_allow(subject: &Subject<'_>) -> bool {
    subject.allows() && is_live(subject)
}

/// Whether the entry is the account that owns the key, as far as that is known.
pub(super) fn is_own_account(entry: &PrincipalEntry, key: Option<&Arn>) -> bool {
    match &entry.kind {
        PrincipalKind::Account { account, .. } => key.is_none_or(|key| key.account() == account),
        _ => false,
    }
}

/// Whether somebody who is no service is let in.
fn lets_somebody_in(subject: &Subject<'_>) -> bool {
    let is_somebody = |entry: &PrincipalEntry| {
        matches!(
            entry.kind,
            PrincipalKind::Everyone
                | PrincipalKind::Account { .. }
                | PrincipalKind::User(_)
                | PrincipalKind::Role(_)
                | PrincipalKind::RoleSession(_)
                | PrincipalKind::FederatedUser(_)
        )
    };
    match &subject.statement.principal {
        Some(Match::In(entries)) => entries.iter().any(is_somebody),
        // Everyone but those listed.
        Some(Match::NotIn(_)) => true,
        None => false,
    }
}

const PUT_KEY_POLICY: &str = "kms:PutKeyPolicy";

/// Policies that let nobody change them. Rule: KMS-POL-15, KMS-POL-16, JOB-LINT-1
pub(super) fn administration(whole: &Whole<'_>) -> Vec<Finding> {
    if whole.document.kind != PolicyKind::Key {
        return Vec::new();
    }
    if let Some(denial) = whole
        .statements
        .iter()
        .find(|subject| denies_administration(subject))
    {
        let message =
            "the statement keeps everybody from changing the key policy, whatever others allow"
                .to_owned();
        let finding = denial
            .about(&codes::KEY_POLICY_WITHOUT_ADMIN, message)
            .rule("KMS-POL-16");
        return vec![finding.help("add a condition that spares an administrator")];
    }
    let administers = |subject: &Subject<'_>| {
        is_live_allow(subject) && lets_somebody_in(subject) && subject.reaches(PUT_KEY_POLICY)
    };
    if whole.statements.iter().any(administers) {
        return Vec::new();
    }
    let message = "no statement lets anybody change the key policy".to_owned();
    let finding = with_delegation(
        whole,
        whole.about(&codes::KEY_POLICY_WITHOUT_ADMIN, message),
    );
    vec![if whole.options.is_fragment {
        let message = "as the whole key policy, this would let nobody change it".to_owned();
        Finding { message, ..finding }.severity(Severity::Info)
    } else {
        finding
    }]
}

/// An unconditional denial to everyone, or to the whole account that owns the key.
fn denies_administration(subject: &Subject<'_>) -> bool {
    let key = subject.options.key_arn.as_ref();
    let hits_all = subject.names_everyone()
        || subject
            .principals()
            .iter()
            .any(|entry| key.is_some() && is_own_account(entry, key));
    !subject.allows()
        && is_live(subject)
        && subject.statement.conditions.is_empty()
        && hits_all
        && subject.reaches(PUT_KEY_POLICY)
}

/// Policies that give identity policies no say. Rule: KMS-POL-3, JOB-LINT-1
pub(super) fn delegation(whole: &Whole<'_>) -> Vec<Finding> {
    let key = whole.options.key_arn.as_ref();
    let delegates = |subject: &Subject<'_>| {
        is_live_allow(subject)
            && (subject.names_everyone()
                || subject
                    .principals()
                    .iter()
                    .any(|entry| is_own_account(entry, key)))
    };
    if whole.document.kind != PolicyKind::Key || whole.statements.iter().any(delegates) {
        return Vec::new();
    }
    let message =
        "no statement names the account, so identity policies cannot allow anything on the key"
            .to_owned();
    vec![with_delegation(
        whole,
        whole.about(&codes::NO_DELEGATION, message),
    )]
}

/// Proposes the statement of AWS's own default, where the account is known.
fn with_delegation(whole: &Whole<'_>, finding: Finding) -> Finding {
    let Some(key) = &whole.options.key_arn else {
        return finding;
    };
    let document = default_key_policy(key.partition(), key.account());
    let document: Option<serde_json::Value> = serde_json::from_str(&document).ok();
    let statement = document
        .as_ref()
        .and_then(|document| document.pointer("/Statement/0"));
    match statement {
        Some(statement) => finding.edit(Edit::AddStatement(format!("{statement:#}"))),
        None => finding,
    }
}
