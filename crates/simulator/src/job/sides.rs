//! Decisions of which one side alone is asked: what does the key policy say of the actor, what do its own policies?
//!
//! AWS itself is content with one of them (KMS-POL-3, KMS-POL-5); some documentation asks for both. Rule: JOB-PZ-4.

use std::collections::BTreeSet;

use preclear_condition::{Dependency, Outcome, Tri};

use crate::arena::Arena;
use crate::context::{Context, forwarding};
use crate::decide::{self, Case, Inquiry, Run};
use crate::engine::Engine;
use crate::engine::policies::PolicySet;
use crate::explanation::{Code, Explanation, Operability, Reason, Refinement, Verdict};
use crate::job::template::Side;
use crate::layer::Layer;
use crate::matching::action::ActionName;
use crate::matching::principal::MatchClass;
use crate::refine::{Question, Reading};
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

impl Sides {
    fn of(run: &Run<'_, BTreeSet<Dependency>>) -> Self {
        Self {
            named: run.layers.resource.allow_by(NAMED),
            identity: run.layers.identity.allow.clone(),
        }
    }

    /// Whether all that are asked allow.
    fn allow(&self, side: Side) -> Answer {
        match side {
            Side::Both => self.named.clone().and(self.identity.clone()),
            Side::Any | Side::Identity => self.identity.clone(),
        }
    }

    /// Those that certainly do not.
    fn missing(&self, side: Side) -> Vec<Reason> {
        let mut missing = Vec::new();
        if side == Side::Both && self.named.value.is_false() {
            missing.push(Reason::new(Code::NoResourceAllow, Some(Layer::Resource)));
        }
        if self.identity.value.is_false() {
            missing.push(Reason::new(Code::NoIdentityAllow, Some(Layer::Identity)));
        }
        missing
    }
}

/// What the sides asked come to.
struct Asked {
    allow: Answer,
    missing: Vec<Reason>,
    refined: Vec<Refinement>,
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
    let Some(asked) = ask(engine, request, wildcards, side) else {
        return whole;
    };
    if asked.allow.value.is_true() {
        return if side == Side::Identity {
            allowed_by_identity(whole, asked.refined)
        } else {
            whole
        };
    }
    let verdict = if asked.allow.value.is_false() {
        Verdict::ImplicitDeny
    } else {
        Verdict::Depends
    };
    Explanation {
        verdict,
        primary: asked.missing.first().cloned(),
        depends_on: if verdict == Verdict::Depends {
            asked.allow.evidence
        } else {
            BTreeSet::new()
        },
        refined: asked.refined,
        reasons: asked.missing,
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

/// The identity side is content whatever the key policy says, and whatever state the key is in; what limits it counts.
fn allowed_by_identity(whole: Explanation, refined: Vec<Refinement>) -> Explanation {
    let is_limit = |reason: &&Reason| {
        matches!(
            reason.code,
            Code::NoBoundaryAllow
                | Code::NoSessionAllow
                | Code::FederatedNoSessionPolicy
                | Code::NoScpAllow
                | Code::NoVpceAllow
        )
    };
    let limits: Vec<Reason> = whole.reasons.iter().filter(is_limit).cloned().collect();
    if whole.verdict == Verdict::ImplicitDeny && !limits.is_empty() {
        return Explanation {
            primary: limits.first().cloned(),
            reasons: limits,
            ..whole
        };
    }
    if whole.verdict == Verdict::Allow {
        return Explanation {
            operability: Operability::Ok,
            ..whole
        };
    }
    let reason = Reason::new(Code::AllowIdentity, Some(Layer::Identity));
    Explanation {
        verdict: Verdict::Allow,
        primary: Some(reason.clone()),
        reasons: vec![reason],
        near_misses: Vec::new(),
        depends_on: BTreeSet::new(),
        refined,
        operability: Operability::Ok,
        ..whole
    }
}

fn ask(engine: &Engine, request: &Request, wildcards: Wildcards, side: Side) -> Option<Asked> {
    let Ask::Action(action_text) = &request.ask else {
        return None;
    };
    let arena = Arena::new();
    let action = ActionName::parse(action_text, &arena)?;
    let requester = Requester::of(engine, request, &arena);
    let none = PolicySet::default();
    let inquiry = Inquiry {
        engine,
        request,
        requester: &requester,
        session_policies: &none,
        is_forwarded: forwarding::of(request),
        arena: &arena,
    };
    let target = target::find(inquiry, &action, request.resource.as_deref(), wildcards).ok()?;
    let case = Case::new(inquiry, action_text.clone(), action, target);
    let context = Context::new(case.sources());
    let run = decide::run(&case, &context, request.ambiguity);
    Some(read(&case, &context, side, &run))
}

/// What an evaluation says of the sides; where it is open, what every case says. Rule: IAM-TRI-10.
fn read<'a>(
    case: &'a Case<'a>,
    context: &Context,
    side: Side,
    run: &Run<'a, BTreeSet<Dependency>>,
) -> Asked {
    let sides = Sides::of(run);
    let mut asked = Asked {
        allow: sides.allow(side),
        missing: sides.missing(side),
        refined: Vec::new(),
    };
    let question = Question {
        case,
        context,
        ambiguity: case.request.ambiguity,
        read: &|run| {
            let allow = Sides::of(run).allow(side);
            match allow.value {
                Tri::Unknown => Reading::Open(allow.evidence),
                value => Reading::Settled(value.is_true()),
            }
        },
    };
    let (mut agreed, mut missing) = (None, Vec::new());
    let refined = question.refine(run, &mut |reading, run| {
        let Reading::Settled(allows) = reading else {
            return false;
        };
        missing.extend(Sides::of(run).missing(side));
        *agreed.get_or_insert(allows) == allows
    });
    if let (Some(refined), Some(allows)) = (refined, agreed) {
        missing.sort_by_key(|reason| reason.code);
        missing.dedup();
        asked = Asked {
            allow: Outcome::known(allows),
            missing,
            refined,
        };
    }
    asked
}
