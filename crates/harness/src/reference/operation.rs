//! The decisions that a request takes, and how their answers become one. Rule: IAM-EVAL-4, KMS-ACT-3…5.

use preclear_catalog::kms::{self as tables, KmsPermission, Need};
use preclear_simulator::{Ask, Verdict};

use super::context::Facts;
use super::kms::parameters::{as_tags, as_text, member};
use super::question::{Frame, Question};
use super::refusal::refuses;
use super::sts;
use super::value::{Context, Tri, Value};
use super::verdict::verdict;

/// The verdict on a request under one reading: that of its worst decision. Rule: UI-50.
pub(crate) fn answer(frame: Frame<'_>) -> Verdict {
    let Some(questions) = questions(frame) else {
        return Verdict::Invalid;
    };
    if questions.iter().any(|(question, _)| refuses(question)) {
        return Verdict::Invalid;
    }
    let verdicts = questions
        .iter()
        .map(|(question, needed)| match (verdict(question), needed) {
            // It may not be needed.
            (verdict, Tri::Unknown) if verdict.is_deny() => Verdict::Depends,
            (verdict, _) => verdict,
        });
    verdicts
        .min_by_key(|verdict| badness(*verdict))
        .unwrap_or(Verdict::Invalid)
}

/// All must be allowed: of several answers the first of this order counts. Rule: UI-50.
fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Invalid => 0,
        Verdict::ExplicitDeny => 1,
        Verdict::ImplicitDeny => 2,
        Verdict::Depends => 3,
        Verdict::Allow => 4,
        Verdict::NotApplicable => 5,
    }
}

/// A decision of an operation, and whether the call needs it.
pub(crate) type Needed<'a> = (Question<'a>, Tri);

/// The decisions of a request; `None` for one that asks for nothing that is known how to ask. Rule: IAM-EVAL-4.
pub(crate) fn questions(frame: Frame<'_>) -> Option<Vec<Needed<'_>>> {
    match &frame.request.ask {
        Ask::Action(action) => {
            let (service, name) = action.split_once(':')?;
            let service = service.to_ascii_lowercase();
            Some(vec![(
                Question::of_action(frame, &service, name)?,
                Tri::True,
            )])
        }
        Ask::Operation(operation) => {
            let (service, name) = operation.split_once(':')?;
            match service.to_ascii_lowercase().as_str() {
                "kms" => of_kms(frame, name),
                "sts" => of_sts(frame, name),
                _ => None,
            }
        }
    }
}

/// The decisions of a KMS operation. Rule: KMS-ACT-3, KMS-ACT-4, KMS-ACT-5.
fn of_kms<'a>(frame: Frame<'a>, name: &str) -> Option<Vec<Needed<'a>>> {
    let operation = tables::operation(name)?;
    let question = |permission: &KmsPermission| {
        let (service, action) = permission.action.split_once(':')?;
        match tables::action(&permission.action).filter(|_| service == "kms") {
            Some(row)
                if permission.target.is_key() || permission.target == tables::Target::Alias =>
            {
                Question::of_half(frame, row, permission.target)
            }
            _ if permission.target == tables::Target::MultiRegionRole => {
                Question::of_multi_region_role(frame, service, action)
            }
            _ => {
                let mut question = Question::of_everything(frame, service, action);
                question.half = Some(permission.target);
                if permission.target == tables::Target::AnyInReplicaRegion {
                    let region = member(frame.request, "ReplicaRegion").and_then(as_text);
                    question.elsewhere = region;
                }
                Some(question)
            }
        }
    };
    let mut decisions: Vec<Needed<'a>> = Vec::new();
    for permission in &operation.permissions {
        let first = decisions.first().map(|(question, _)| question);
        let needed = first.map_or(Tri::True, |first| is_needed(first, permission.need));
        if needed != Tri::False {
            decisions.push((question(permission)?, needed));
        }
    }
    Some(decisions)
}

/// Whether the call needs a permission. Rule: KMS-ACT-5.
fn is_needed(call: &Question<'_>, need: Need) -> Tri {
    match need {
        Need::Always => Tri::True,
        Need::WithTags => member(call.request, "Tags")
            .map(|tags| (!as_tags(tags).is_empty()).into())
            .unwrap_or_else(|| passes(call, "aws:TagKeys")),
        Need::MultiRegionPrimary => {
            let asked = member(call.request, "MultiRegion").and_then(as_text);
            asked
                .is_some_and(|text| text.eq_ignore_ascii_case("true"))
                .into()
        }
        Need::Advisory => Tri::False,
    }
}

/// Whether the call passes something that a condition key tells of. Rule: IAM-EVAL-22.
fn passes(call: &Question<'_>, key: &str) -> Tri {
    match Facts::of(call).value(key) {
        Value::Known(texts) => (!texts.is_empty()).into(),
        Value::Like(_) | Value::Present => Tri::True,
        Value::Absent => Tri::False,
        Value::Unknown => Tri::Unknown,
    }
}

/// AssumeRole and its siblings; tags and a source identity need permissions of their own. Rule: IAM-EVAL-22.
fn of_sts<'a>(frame: Frame<'a>, name: &str) -> Option<Vec<Needed<'a>>> {
    if !sts::assumes_role(name) {
        return None;
    }
    let call = Question::of_action(frame, "sts", name)?;
    let parts = [
        ("TagSession", "aws:TagKeys"),
        ("SetSourceIdentity", "sts:SourceIdentity"),
    ];
    let parts = parts.map(|(name, key)| (name, passes(&call, key)));
    let mut decisions = vec![(call, Tri::True)];
    for (name, needed) in parts {
        if needed != Tri::False {
            decisions.push((Question::of_action(frame, "sts", name)?, needed));
        }
    }
    Some(decisions)
}
