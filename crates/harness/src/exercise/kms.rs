//! Keys, grants and calls of KMS.

use preclear_condition::Tri;
use preclear_model::caller::CallerKind;
use preclear_model::policy::Match;
use preclear_simulator::snapshot::{GrantRecord, KeyManager, KeyRecord};
use preclear_simulator::{Code, Layer, Operability, Verdict};

use super::{Marks, Question};

pub(super) fn mark(question: Question<'_>, marks: &mut Marks) {
    if !question.is_kms() {
        return;
    }
    let (request, answer) = (question.request, question.answer);
    let has = |code: Code| answer.reasons.iter().any(|reason| reason.code == code);
    marks.mark("KMS-DEC-0");
    marks.member("action", &answer.action);
    marks.mark_if(!answer.near_misses.is_empty(), "KMS-DEC-1");
    marks.mark_if(request.parameters.is_none(), "KMS-DEC-2");
    identifier(question, marks);
    actions(question, marks);
    let is_key = answer.resource.contains(":key/");
    let is_cross = is_key && question.is_cross_account();
    marks.mark_if(is_key && has(Code::NoResourceAllow), "KMS-POL-1");
    let delegates = has(Code::AllowIamViaKeyPolicy) || has(Code::IamNotEnabledByKeyPolicy);
    marks.mark_if(delegates, "KMS-POL-3");
    marks.mark_if(
        is_key && matches!(request.caller.kind, CallerKind::Root),
        "KMS-POL-4",
    );
    marks.mark_if(has(Code::AllowKeyPolicy), "KMS-POL-5");
    marks.mark_if(is_key && has(Code::ExplicitDenyResource), "KMS-POL-16");
    marks.mark_if(request.key_policy_candidate.is_some(), "KMS-POL-15");
    marks.mark_if(is_cross, "KMS-XA-1");
    marks.mark_if(has(Code::OperationNotCrossAccount), "KMS-XA-2");
    marks.mark_if(has(Code::RegionNotEnabled), "KMS-XA-3");
    let is_asked = |wanted: Layer| question.asked().any(|layer| layer.layer == wanted);
    marks.mark_if(is_key && is_asked(Layer::Rcp), "KMS-XA-4");
    marks.mark_if(is_asked(Layer::VpcEndpoint), "KMS-XA-5");
    marks.mark_if(has(Code::UnsupportedOnAwsManagedKey), "KMS-AMK-3");
    marks.mark_if(has(Code::NotApplicableAwsOwned), "KMS-AMK-5");
    operability(question, marks);
    let keys = &question.engine.snapshot().keys;
    let policies = keys.iter().filter_map(|key| key.policy.value());
    let mut actions = policies
        .flat_map(|policy| &policy.statements)
        .filter_map(|statement| statement.action.as_ref())
        .flat_map(Match::entries);
    let names = |text: &str| text.contains('*') || text.eq_ignore_ascii_case(&answer.action);
    let is_named = actions.any(|entry| names(&entry.text));
    marks.mark_if(answer.resource == "*" && is_named, "KMS-ACT-6");
    if let Some(key) = keys
        .iter()
        .find(|key| key.arn.to_string() == answer.resource)
    {
        of_key(question, key, marks);
    }
}

/// Rule: KMS-ID-1, KMS-ID-4, KMS-ID-5, KMS-ID-6.
fn identifier(question: Question<'_>, marks: &mut Marks) {
    let typed = question.request.resource.as_deref().unwrap_or_default();
    let form = match typed {
        "" => "none",
        "*" => "*",
        arn if arn.starts_with("arn:") && arn.contains(":alias/") => "alias ARN",
        arn if arn.starts_with("arn:") => "key ARN",
        alias if alias.starts_with("alias/") => "alias name",
        _ => "key id",
    };
    marks.member("identifier", form);
    marks.mark("KMS-ID-1");
    marks.mark_if(form == "*", "KMS-ID-4");
    marks.mark_if(
        question.is_cross_account() && form.ends_with("ARN"),
        "KMS-ID-5",
    );
    marks.mark_if(question.request.ciphertext_key.is_some(), "KMS-ID-6");
    marks.mark_if(typed.contains("mrk-"), "KMS-ID-7");
    marks.mark_if(form.starts_with("alias"), "KMS-ID-8");
}

fn actions(question: Question<'_>, marks: &mut Marks) {
    match question.answer.action.as_str() {
        "kms:ReEncryptFrom" | "kms:ReEncryptTo" => marks.mark("KMS-ACT-3"),
        "kms:CreateAlias" | "kms:DeleteAlias" | "kms:UpdateAlias" => marks.mark("KMS-ACT-4"),
        "kms:CreateKey" | "kms:ReplicateKey" => marks.mark("KMS-ACT-5"),
        "kms:RetireGrant" => marks.mark("KMS-GRANT-14"),
        "kms:ListGrants" | "kms:RevokeGrant" => marks.mark("KMS-GRANT-15"),
        "kms:CreateGrant" if question.answer.verdict == Verdict::Allow => marks.mark("KMS-GRANT-8"),
        _ => {}
    }
}

fn operability(question: Question<'_>, marks: &mut Marks) {
    if let Operability::Exception(found) = &question.answer.operability {
        marks.mark("KMS-STATE-1");
        marks.member("operability", found.exception.name());
        marks.mark_if(found.rule == "KMS-STATE-2", "KMS-STATE-2");
        marks.mark_if(found.rule == "KMS-STATE-3", "KMS-STATE-3");
    }
}

fn of_key(question: Question<'_>, key: &KeyRecord, marks: &mut Marks) {
    let kind = &question.request.caller.kind;
    marks.member("key state", &key.state);
    marks.member("key spec", &key.spec);
    marks.mark_if(key.spec != "SYMMETRIC_DEFAULT", "KMS-STATE-3a");
    marks.mark_if(key.manager == KeyManager::Aws, "KMS-AMK-2");
    let is_default = key.manager == KeyManager::Aws && key.policy.is_left_out();
    marks.mark_if(is_default, "KMS-AMK-1");
    let rcp = question
        .answer
        .layers
        .iter()
        .find(|layer| layer.layer == Layer::Rcp);
    let skips = rcp.is_some_and(|layer| layer.note.is_some());
    marks.mark_if(key.manager == KeyManager::Aws && skips, "KMS-AMK-4");
    marks.mark_if(key.ram_policy.value().is_some(), "KMS-POL-2");
    marks.mark_if(matches!(kind, CallerKind::Service { .. }), "KMS-POL-9");
    if let Some(policy) = key.policy.value() {
        let is_dead = |resource: &Option<Match<_>>| !matches!(resource, Some(Match::In(_)));
        let dead = policy
            .statements
            .iter()
            .any(|statement| is_dead(&statement.resource));
        marks.mark_if(dead, "KMS-POL-12");
    }
    let reports = question
        .asked()
        .filter(|layer| layer.layer == Layer::Grants);
    for report in reports.flat_map(|layer| &layer.grants) {
        let grants = key.grants.iter().flatten();
        let found = grants.into_iter().find(|grant| grant.id == report.id);
        if let Some(grant) = found {
            of_grant(question, grant, report.applies, marks);
        }
    }
}

/// A grant to the caller, or to somebody called like it.
fn of_grant(question: Question<'_>, grant: &GrantRecord, applies: Tri, marks: &mut Marks) {
    let has = |code: Code| {
        question
            .answer
            .reasons
            .iter()
            .any(|reason| reason.code == code)
    };
    let outcome = match applies {
        Tri::True => "applies",
        Tri::False => "does not apply",
        Tri::Unknown => "may apply",
    };
    for rule in ["KMS-GRANT-1", "KMS-GRANT-2", "KMS-GRANT-4"] {
        marks.mark(rule);
    }
    let grantee = grant.grantee.as_deref().unwrap_or_default();
    let who = match grantee {
        arn if arn.ends_with(":root") => "account",
        arn if arn.contains(":assumed-role/") => "session",
        arn if arn.contains(":role/") => "role",
        arn if arn.contains(":user/") => "user",
        arn if arn.contains(":federated-user/") => "federated user",
        _ => "service",
    };
    marks.member("grantee", who);
    marks.mark(&format!("grant {outcome}"));
    marks.mark_if(who == "account", "KMS-GRANT-12");
    let constraint = match grant {
        GrantRecord {
            context_equals: Some(_),
            ..
        } => "EncryptionContextEquals",
        GrantRecord {
            context_subset: Some(_),
            ..
        } => "EncryptionContextSubset",
        GrantRecord {
            source_arn: Some(_),
            ..
        } => "SourceArn",
        _ => "none",
    };
    marks.mark(&format!("grant constraint {constraint}, {outcome}"));
    let is_of_context = constraint.starts_with("Encryption");
    marks.mark_if(is_of_context, "KMS-GRANT-5");
    let action = question.answer.action.as_str();
    marks.mark_if(is_of_context, "KMS-GRANT-6");
    if is_of_context {
        marks.member("context constraint on", action);
    }
    marks.mark_if(constraint == "SourceArn", "KMS-GRANT-7");
    let is_child =
        action == "kms:CreateGrant" && grant.operations.iter().any(|it| it == "CreateGrant");
    marks.mark_if(
        is_child || has(Code::GrantDelegationExceeded),
        "KMS-GRANT-9",
    );
    let is_limited = applies == Tri::True && question.answer.verdict != Verdict::Allow;
    marks.mark_if(is_limited, "KMS-GRANT-10");
    marks.mark_if(question.is_cross_account(), "KMS-GRANT-11");
    marks.mark_if(!grant.consistent, "KMS-GRANT-13");
}
