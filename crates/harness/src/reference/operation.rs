//! The decisions that a request takes, and how their answers become one. Rule: IAM-EVAL-4, KMS-ACT-3 to KMS-ACT-5.

use preclear_catalog::kms::{self as tables, KmsPermission, Need};
use preclear_simulator::{Ask, Verdict};

use super::kms::parameters::{as_tags, as_text, member};
use super::question::{Frame, Question};
use super::refusal::refuses;
use super::sts;
use super::verdict::verdict;

/// The verdict on a request under one reading: that of its worst decision.
pub(crate) fn answer(frame: Frame<'_>) -> Verdict {
    let Some(questions) = questions(frame) else {
        return Verdict::Invalid;
    };
    if questions.iter().any(refuses) {
        return Verdict::Invalid;
    }
    let verdicts = questions.iter().map(verdict);
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

/// The decisions of a request; `None` for one that asks for nothing that is known how to ask.
pub(crate) fn questions(frame: Frame<'_>) -> Option<Vec<Question<'_>>> {
    match &frame.request.ask {
        Ask::Action(action) => {
            let (service, name) = action.split_once(':')?;
            let service = service.to_ascii_lowercase();
            Some(vec![Question::of_action(frame, &service, name)?])
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
fn of_kms<'a>(frame: Frame<'a>, name: &str) -> Option<Vec<Question<'a>>> {
    let operation = tables::operation(name)?;
    let needed = operation
        .permissions
        .iter()
        .filter(|permission| is_needed(frame, permission));
    let question = |permission: &KmsPermission| {
        let (service, action) = permission.action.split_once(':')?;
        match tables::action(&permission.action).filter(|_| service == "kms") {
            Some(row)
                if permission.target.is_key() || permission.target == tables::Target::Alias =>
            {
                Question::of_half(frame, row, permission.target)
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
    needed.map(question).collect()
}

/// Whether this call needs the permission. Rule: KMS-ACT-5.
fn is_needed(frame: Frame<'_>, permission: &KmsPermission) -> bool {
    match permission.need {
        Need::Always => true,
        Need::WithTags => has_tags(frame),
        Need::MultiRegionPrimary => {
            let asked = member(frame.request, "MultiRegion").and_then(as_text);
            asked.is_some_and(|text| text.eq_ignore_ascii_case("true"))
        }
        Need::Advisory => false,
    }
}

fn has_tags(frame: Frame<'_>) -> bool {
    member(frame.request, "Tags").is_some_and(|tags| !as_tags(tags).is_empty())
}

/// AssumeRole and its siblings; tags and a source identity need permissions of their own. Rule: IAM-EVAL-22.
fn of_sts<'a>(frame: Frame<'a>, name: &str) -> Option<Vec<Question<'a>>> {
    if !sts::assumes_role(name) {
        return None;
    }
    let mut names = vec![name];
    if has_tags(frame) {
        names.push("TagSession");
    }
    if member(frame.request, "SourceIdentity").is_some() {
        names.push("SetSourceIdentity");
    }
    let questions = names
        .into_iter()
        .map(|name| Question::of_action(frame, "sts", name));
    questions.collect()
}
