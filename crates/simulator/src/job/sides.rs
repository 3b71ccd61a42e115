//! Decisions of which one side alone is asked: what does the key policy say of the actor, what do its own policies?
//!
//! AWS itself is content with one of them (KMS-POL-3, KMS-POL-5); some documentation asks for both. Rule: JOB-PZ-4.

use std::collections::BTreeSet;

use preclear_condition::{Dependency, Outcome};

use crate::context::Context;
use crate::decide::{self, Case};
use crate::engine::Engine;
use crate::explanation::{Code, Explanation, Operability, Reason, Verdict};
use crate::job::template::Side;
use crate::layer::Layer;
use crate::matching::action::ActionName;
use crate::matching::principal::MatchClass;
use crate::request::{Ask, Request};
use crate::requester::Requester;
use crate::service::target::{self, Wildcards};

/// Entries that mean the actor itself; an entry for its account only delegates. Rule: IAM-PRIN-2.
const NAMED: &[MatchClass] = &[
    MatchClass::Wild,
    MatchClass::User,
    MatchClass::Session,
    MatchClass::Entity,
];

type Answer = Outcome<BTreeSet<Dependency>>;

/// What each side says.
struct Sides {
    named: Answer,
    identity: Answer,
}

/// Turns an ordinary answer into one about the sides asked. What no policy text can mend stays as it is.
pub(crate) fn restrict(
    engine: &Engine,
    request: &Request,
    wildcards: Wildcards,
    side: Side,
    whole: Explanation,
) -> Explanation {
    if side == Side::Any || !is_about_policies(&whole) {
        return whole;
    }
    let Some(sides) = ask(engine, request, wildcards) else {
        return whole;
    };
    let mut missing = Vec::new();
    if side == Side::Both && sides.named.value.is_false() {
        missing.push(Reason::new(Code::NoResourceAllow, Some(Layer::Resource)));
    }
    if sides.identity.value.is_false() {
        missing.push(Reason::new(Code::NoIdentityAllow, Some(Layer::Identity)));
    }
    let answer = match side {
        Side::Both => sides.named.and(sides.identity),
        Side::Any | Side::Identity => sides.identity,
    };
    if answer.value.is_true() {
        return if side == Side::Identity {
            allowed_by_identity(whole)
        } else {
            whole
        };
    }
    let verdict = if answer.value.is_false() {
        Verdict::ImplicitDeny
    } else {
        Verdict::Depends
    };
    Explanation {
        verdict,
        primary: missing.first().cloned(),
        depends_on: if verdict == Verdict::Depends {
            answer.evidence
        } else {
            BTreeSet::new()
        },
        reasons: missing,
        operability: Operability::Ok,
        ..whole
    }
}

/// False for explicit denies and for answers that come before any policy.
fn is_about_policies(whole: &Explanation) -> bool {
    match whole.verdict {
        Verdict::Allow | Verdict::Depends => true,
        Verdict::ImplicitDeny => whole.primary.as_ref().is_some_and(|primary| {
            matches!(
                primary.code,
                Code::NoResourceAllow
                    | Code::NoIdentityAllow
                    | Code::IamNotEnabledByKeyPolicy
                    | Code::KeyTrustMissing
            )
        }),
        Verdict::ExplicitDeny | Verdict::NotApplicable | Verdict::Invalid => false,
    }
}

/// The identity side is content whatever the key policy says.
fn allowed_by_identity(whole: Explanation) -> Explanation {
    if whole.verdict == Verdict::Allow {
        return whole;
    }
    let reason = Reason::new(Code::AllowIdentity, Some(Layer::Identity));
    Explanation {
        verdict: Verdict::Allow,
        primary: Some(reason.clone()),
        reasons: vec![reason],
        near_misses: Vec::new(),
        depends_on: BTreeSet::new(),
        operability: Operability::Ok,
        ..whole
    }
}

fn ask(engine: &Engine, request: &Request, wildcards: Wildcards) -> Option<Sides> {
    let Ask::Action(action_text) = &request.ask else {
        return None;
    };
    let action = ActionName::parse(action_text)?;
    let requester = Requester::of(engine, request);
    let target = target::find(
        engine,
        request,
        &requester,
        &action,
        request.resource.as_deref(),
        wildcards,
    )
    .ok()?;
    let case = Case {
        engine,
        request,
        requester: &requester,
        session_policies: &[],
        action_text: action_text.clone(),
        action,
        target,
    };
    let context = Context::build(case.sources());
    let run = decide::run::<BTreeSet<Dependency>>(&case, &context, request.ambiguity);
    Some(Sides {
        named: run.layers.resource.allow_by(NAMED),
        identity: run.layers.identity.allow.clone(),
    })
}
