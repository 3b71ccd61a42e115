//! Whom statements name, and who asks.

use preclear_model::caller::CallerKind;
use preclear_model::policy::{PolicyKind, PrincipalKind};

use super::{Marks, Met, Question};

pub(super) fn mark(question: Question<'_>, met: &Met<'_>, marks: &mut Marks) {
    let Some(element) = &met.statement.principal else {
        return;
    };
    if !met.hangs_on("Principal") && !met.hangs_on("NotPrincipal") {
        return;
    }
    let is_key = met.policy.kind == PolicyKind::Key;
    marks.mark("IAM-PRIN-2");
    marks.mark("IAM-GRAM-14");
    marks.mark_if(is_key, "KMS-POL-6");
    if element.is_negated() {
        for rule in ["IAM-PRIN-17", "IAM-GRAM-15"] {
            marks.mark(rule);
        }
        marks.mark_if(is_key, "KMS-POL-17");
        marks.member("element", "NotPrincipal");
    } else {
        marks.member("element", "Principal");
    }
    let is_trust = met.policy.kind == PolicyKind::Trust;
    marks.mark_if(is_trust, "IAM-GRAM-22");
    let is_gateway = question.request.vpc_endpoint.as_deref().is_some_and(|id| {
        let endpoints = &question.engine.snapshot().vpc_endpoints;
        let gateway = preclear_simulator::snapshot::VpcEndpointKind::Gateway;
        endpoints
            .iter()
            .any(|endpoint| endpoint.id == id && endpoint.kind == gateway)
    });
    for entry in element.entries() {
        let (rules, name): (&[&str], &str) = match &entry.kind {
            PrincipalKind::Everyone => (&["IAM-PRIN-9"], "everyone"),
            PrincipalKind::Account { .. } => (&["IAM-PRIN-3", "IAM-PRIN-11"], "account"),
            PrincipalKind::User(_) => (&["IAM-PRIN-4"], "user"),
            PrincipalKind::Role(_) => (&["IAM-PRIN-5"], "role"),
            PrincipalKind::RoleSession(_) => (&["IAM-PRIN-6"], "role session"),
            PrincipalKind::FederatedUser(_) => (&["IAM-PRIN-6"], "federated user"),
            PrincipalKind::UniqueId(_) => (&["IAM-PRIN-7"], "unique id"),
            PrincipalKind::Service(_) => (&["IAM-PRIN-8"], "service"),
            PrincipalKind::Federated(_) => (&["IAM-PRIN-10"], "provider"),
            PrincipalKind::CanonicalUser(_) => (&["IAM-PRIN-10"], "canonical user"),
            PrincipalKind::Other => (&[], "other"),
        };
        rules.iter().for_each(|rule| marks.mark(rule));
        marks.member("principal", name);
        marks.mark(&format!(
            "principal {name}, caller {}",
            caller(&question.request.caller.kind)
        ));
        if is_key {
            marks.mark_if(name == "everyone", "KMS-POL-8");
            marks.mark_if(name == "service", "KMS-POL-9");
            marks.mark_if(name == "unique id", "KMS-POL-7");
        }
        let is_endpoint = met.policy.kind == PolicyKind::VpcEndpoint;
        marks.mark_if(
            is_endpoint && is_gateway && name == "account",
            "IAM-PRIN-16",
        );
    }
}

/// What kind of caller it is, in a word or two.
pub(super) fn caller(kind: &CallerKind) -> &'static str {
    match kind {
        CallerKind::Root => "root",
        CallerKind::RootSession => "root session",
        CallerKind::User { .. } => "user",
        CallerKind::RoleSession { session: None, .. } => "role, session unnamed",
        CallerKind::RoleSession { .. } => "role session",
        CallerKind::FederatedUser { .. } => "federated user",
        CallerKind::Service { .. } => "service",
        CallerKind::ServiceIdentity { .. } => "service identity",
        CallerKind::Federated { .. } => "provider",
        CallerKind::Anonymous => "anonymous",
    }
}
