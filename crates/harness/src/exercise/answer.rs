//! What answers say: verdict, codes, layers, ambiguities, what they depend on.

use preclear_condition::{Dependency, Tri};
use preclear_model::caller::CallerKind;
use preclear_simulator::{AmbiguityMode, Code, Layer, Verdict};

use super::principal::caller;
use super::{Marks, Question};

pub(super) fn mark(question: Question<'_>, marks: &mut Marks) {
    let (request, answer) = (question.request, question.answer);
    for rule in [
        "IAM-EVAL-4",
        "IAM-EVAL-26",
        "IAM-PRIN-1",
        "IAM-RSN-1",
        "IAM-TRI-11",
    ] {
        marks.mark(rule);
    }
    marks.member("verdict", answer.verdict.name());
    marks.member("caller", caller(&request.caller.kind));
    for reason in &answer.reasons {
        marks.member("code", reason.code.name());
        marks.mark("IAM-RSN-2");
    }
    marks.mark_if(answer.reasons.len() > 1, "IAM-RSN-3");
    marks.mark_if(answer.verdict == Verdict::ImplicitDeny, "IAM-RSN-4");
    marks.mark_if(!answer.near_misses.is_empty(), "IAM-RSN-5");
    marks.mark_if(
        answer
            .assumptions
            .iter()
            .any(|it| it.contains("IAM-EVAL-28")),
        "IAM-EVAL-28",
    );
    for number in &answer.ambiguities {
        marks.mark("IAM-TRI-8");
        let mode = match answer.ambiguity {
            AmbiguityMode::Report => "report",
            AmbiguityMode::Guess => "guess",
            AmbiguityMode::Failsafe => "failsafe",
        };
        marks.member("ambiguity", &format!("AMB-{number}"));
        marks.mark(&format!("ambiguities in mode {mode}"));
    }
    marks.mark_if(answer.verdict == Verdict::Depends, "IAM-TRI-9");
    for dependency in &answer.depends_on {
        let kind = match dependency {
            Dependency::Key(_) => "a key",
            Dependency::Layer(_) => "a layer",
            Dependency::Requester(_) => "the requester",
            Dependency::Resource(_) => "a resource",
            Dependency::Ambiguity(_) => "an ambiguity",
        };
        marks.member("depends on", kind);
        marks.mark_if(matches!(dependency, Dependency::Resource(_)), "IAM-WILD-13");
    }
    marks.mark_if(!answer.refined.is_empty(), "IAM-TRI-10");
    let is_cross = question.is_cross_account();
    marks.member("accounts", if is_cross { "two" } else { "one" });
    marks.mark("IAM-EVAL-5");
    layers(question, marks);
    paths(question, marks);
    special(question, marks);
    marks.mark_if(!request.via.is_empty(), "IAM-PRIN-12");
}

fn layers(question: Question<'_>, marks: &mut Marks) {
    let (mut allows, mut denies) = (false, 0);
    for layer in &question.answer.layers {
        let value = |value: Tri| match value {
            Tri::True => "yes",
            Tri::False => "no",
            Tri::Unknown => "unknown",
        };
        let name = layer.layer.name();
        let note = layer.note.as_deref();
        marks.mark_if(note == Some("not loaded"), "IAM-TRI-7");
        let (on, off) = match layer.layer {
            Layer::Scp => ("IAM-EVAL-7", Some("IAM-EVAL-8")),
            Layer::Rcp => ("IAM-EVAL-9", Some("IAM-EVAL-10")),
            Layer::VpcEndpoint => ("IAM-EVAL-11", None),
            Layer::Identity => ("IAM-EVAL-12", None),
            Layer::Boundary => ("IAM-EVAL-13", None),
            Layer::Session => ("IAM-EVAL-14", None),
            Layer::Resource => ("IAM-EVAL-15", None),
            Layer::Grants => ("IAM-EVAL-25", None),
        };
        match (note, off) {
            (None, _) => marks.mark(on),
            (Some(_), Some(off)) => marks.mark(off),
            _ => {}
        }
        if note.is_none() {
            marks.mark(&format!("layer {name} allows {}", value(layer.allow)));
            marks.mark(&format!("layer {name} denies {}", value(layer.deny)));
            marks.mark_if(layer.statements.len() > 1, "IAM-EVAL-2");
        }
        allows |= layer.allow == Tri::True && !layer.statements.is_empty();
        denies += usize::from(layer.deny == Tri::True);
        marks.mark_if(
            [layer.allow, layer.deny].contains(&Tri::Unknown),
            "IAM-TRI-2",
        );
    }
    let is_denied = question.answer.verdict == Verdict::ExplicitDeny;
    marks.mark_if(is_denied && allows, "IAM-EVAL-3");
    marks.mark_if(question.is_kms() && denies > 1, "KMS-DEC-3");
}

/// Which way leads to an allow, or would.
fn paths(question: Question<'_>, marks: &mut Marks) {
    let kind = &question.request.caller.kind;
    match kind {
        CallerKind::Root | CallerKind::RootSession => marks.mark("IAM-EVAL-20"),
        CallerKind::Service { .. } | CallerKind::Anonymous => marks.mark("IAM-EVAL-21"),
        _ if question.is_cross_account() => marks.mark("IAM-EVAL-19"),
        _ => {
            marks.mark("IAM-EVAL-17");
            marks.mark_if(
                question.answer.verdict == Verdict::ImplicitDeny,
                "IAM-EVAL-18",
            );
        }
    }
    let action = question.answer.action.as_str();
    let has_mandatory = action.starts_with("sts:AssumeRole")
        || question.is_kms() && question.answer.resource.contains(":key/");
    marks.mark_if(has_mandatory, "IAM-EVAL-16");
}

fn special(question: Question<'_>, marks: &mut Marks) {
    let has = |code: Code| {
        question
            .answer
            .reasons
            .iter()
            .any(|reason| reason.code == code)
    };
    marks.mark_if(has(Code::CrossPartition), "IAM-EVAL-6");
    marks.mark_if(
        has(Code::StsRestriction) || has(Code::AllowStsSpecial),
        "IAM-EVAL-24",
    );
    match question.answer.action.as_str() {
        "sts:AssumeRole" | "sts:TagSession" | "sts:SetSourceIdentity" => marks.mark("IAM-EVAL-22"),
        "sts:AssumeRoleWithSAML" | "sts:AssumeRoleWithWebIdentity" => marks.mark("IAM-EVAL-23"),
        _ => {}
    }
}
