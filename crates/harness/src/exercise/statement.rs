//! What statements say of actions and resources.

use preclear_model::policy::{ActionEntry, Effect, Match, PolicyKind, ResourceEntry, Version};
use preclear_model::template::Piece;

use super::{Marks, Met, Question};

pub(super) fn mark(question: Question<'_>, met: &Met<'_>, marks: &mut Marks) {
    let (statement, policy) = (met.statement, met.policy);
    marks.mark("IAM-EVAL-1");
    marks.mark("IAM-GRAM-9");
    marks.mark("IAM-GRAM-20");
    marks.member("kind of policy", policy.kind.name());
    let effect = match statement.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    let outcome = match met.applies {
        preclear_condition::Tri::True => "applies",
        preclear_condition::Tri::False => "nearly applies",
        preclear_condition::Tri::Unknown => "may apply",
    };
    let layer = met.layer.name();
    marks.mark(&format!("statement {layer} {effect} {outcome}"));
    marks.mark_if(policy.version != Version::V2012, "IAM-GRAM-4");
    marks.mark_if(policy.statements.len() > 1, "IAM-GRAM-6");
    if met.hangs_on("Action") || met.hangs_on("NotAction") {
        action(question, met, marks);
    }
    marks.mark_if(statement.resource.is_none(), "IAM-GRAM-12");
    if met.hangs_on("Resource") || met.hangs_on("NotResource") {
        resource(question, met, marks);
    }
}

fn action(question: Question<'_>, met: &Met<'_>, marks: &mut Marks) {
    let Some(element) = &met.statement.action else {
        return;
    };
    marks.mark("IAM-WILD-3");
    marks.member(
        "element",
        if element.is_negated() {
            "NotAction"
        } else {
            "Action"
        },
    );
    let entries: &[ActionEntry] = element.entries();
    for entry in entries {
        let text = entry.text.as_str();
        marks.mark("IAM-GRAM-11");
        marks.mark_if(text.contains(['*', '?']), "IAM-WILD-1");
        marks.mark_if(text.contains(['*', '?']), "IAM-WILD-2");
        marks.mark_if(text == "kms:ReEncrypt", "KMS-ACT-1");
        let prefix = text.strip_suffix('*').unwrap_or_default();
        let is_prefix = prefix.to_ascii_lowercase().starts_with("kms:") && prefix.len() > 4;
        marks.mark_if(is_prefix, "KMS-ACT-2");
    }
    marks.mark_if(question.answer.resource == "*", "IAM-WILD-8");
}

fn resource(question: Question<'_>, met: &Met<'_>, marks: &mut Marks) {
    let Some(element) = &met.statement.resource else {
        return;
    };
    let asked = question.answer.resource.as_str();
    if let Match::NotIn(_) = element {
        marks.mark("IAM-WILD-9");
        marks.member("element", "NotResource");
    } else {
        marks.member("element", "Resource");
    }
    let entries: &[ResourceEntry] = element.entries();
    for entry in entries {
        let text = entry.template.source.as_str();
        if text.chars().all(|letter| letter == '*') {
            marks.mark("IAM-WILD-4");
            let is_foreign = question.is_kms() && question.is_cross_account();
            marks.mark_if(
                is_foreign && met.policy.kind == PolicyKind::Identity,
                "KMS-ID-3",
            );
            continue;
        }
        marks.mark("IAM-GRAM-13");
        marks.mark("IAM-WILD-5");
        marks.mark_if(asked.starts_with(&format!("{text}/")), "IAM-WILD-6");
        marks.mark_if(
            text != asked && text.eq_ignore_ascii_case(asked),
            "IAM-WILD-7",
        );
        marks.mark_if(entry.incomplete, "IAM-WILD-10");
        let last = text.splitn(6, ':').nth(5).unwrap_or_default();
        let kind = last.split('/').next().unwrap_or_default();
        let is_kind = last.contains('/') && kind.contains('*') && kind != "*";
        marks.mark_if(is_kind || last.starts_with("functi*"), "IAM-WILD-11");
        let is_iam = matches!(
            met.policy.kind,
            PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session
        );
        marks.mark_if(question.is_kms() && is_iam, "KMS-ID-2");
        marks.mark_if(met.policy.kind == PolicyKind::Key, "KMS-POL-11");
        marks.mark_if(text.contains(":key/mrk-"), "KMS-ID-7");
        marks.mark_if(
            text.contains("${") && met.policy.version != Version::V2012,
            "IAM-VAR-2",
        );
        for piece in &entry.template.pieces {
            variable(question, piece, "Resource", marks);
        }
    }
}

/// A piece of a template that stands for something.
pub(super) fn variable(question: Question<'_>, piece: &Piece, place: &str, marks: &mut Marks) {
    let (key, default) = match piece {
        Piece::Text(_) => return,
        Piece::Literal(_) => return marks.mark("IAM-WILD-12"),
        Piece::Variable { key, default } => (key, default),
    };
    marks.mark("IAM-VAR-1");
    marks.mark("IAM-VAR-3");
    marks.mark("IAM-VAR-8");
    marks.member("variable in", place);
    let catalog = preclear_catalog::catalog();
    let known = catalog.condition_key(key);
    marks.mark_if(known.is_some_and(|key| key.is_multivalued()), "IAM-VAR-4");
    let value = question.value(key);
    let has_meta = |value: &str| value.contains(['*', '?']) || value.contains("${");
    let is_meta = value.iter().flatten().any(|value| has_meta(value));
    marks.mark_if(is_meta, "IAM-VAR-5");
    if question.is_absent(key) {
        marks.mark(if default.is_some() {
            "IAM-VAR-7"
        } else {
            "IAM-VAR-6"
        });
    }
    let names = [&question.request.unknown, &question.request.present];
    let is_unknown = names
        .iter()
        .any(|names| names.iter().any(|name| name.eq_ignore_ascii_case(key)));
    marks.mark_if(is_unknown, "IAM-TRI-5");
}
