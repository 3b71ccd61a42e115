//! One decision: context, layers, paths, answer. The same road with and without evidence.

use std::ops::Deref;

use preclear_condition::{Evidence, Tri};

use crate::arena::Arena;
use crate::compose::{self, Composition};
use crate::context::{Context, Sources, Supposed};
use crate::engine::Engine;
use crate::engine::policies::PolicySet;
use crate::evaluate::Query;
use crate::explanation::Verdict;
use crate::layers::{self, Layers};
use crate::matching::action::ActionName;
use crate::request::{AmbiguityMode, Request};
use crate::requester::Requester;
use crate::service;
use crate::target::Target;

/// What one question and all of its decisions have in common: who asks for what, and of which snapshot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inquiry<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) request: &'a Request,
    pub(crate) requester: &'a Requester<'a>,
    pub(crate) session_policies: &'a PolicySet,
    /// Whether a service calls with the requester's identity; where nobody says, both readings are asked. Rule: UI-39.
    pub(crate) is_forwarded: Tri,
    /// Where the answer is worked out.
    pub(crate) arena: &'a Arena,
}

/// Everything that one decision is made of.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) inquiry: Inquiry<'a>,
    /// As AWS spells it where the catalogue knows it, else as asked.
    pub(crate) action_text: String,
    pub(crate) action: ActionName<'a>,
    pub(crate) target: Target<'a>,
}

impl<'a> Case<'a> {
    /// A decision about one action and its target.
    pub(crate) fn new(
        inquiry: Inquiry<'a>,
        action_text: String,
        action: ActionName<'a>,
        target: Target<'a>,
    ) -> Self {
        Self {
            inquiry,
            action_text,
            action,
            target,
        }
    }

    pub(crate) fn sources(&'a self) -> Sources<'a> {
        Sources {
            inquiry: self.inquiry,
            action: &self.action,
            target: &self.target,
        }
    }
}

impl<'a> Deref for Case<'a> {
    type Target = Inquiry<'a>;

    fn deref(&self) -> &Inquiry<'a> {
        &self.inquiry
    }
}

/// What a decision found.
#[derive(Debug)]
pub(crate) struct Run<'a, E> {
    pub(crate) layers: Layers<'a, E>,
    pub(crate) composition: Composition<'a, E>,
}

/// Evaluates the procedure of IAM-EVAL-26 for one case.
pub(crate) fn run<'a, E: Evidence>(
    case: &'a Case<'a>,
    context: &Context,
    ambiguity: AmbiguityMode,
) -> Run<'a, E> {
    run_supposing(case, context, ambiguity, &[])
}

/// The same with conditions that see keys otherwise than the context tells. Rule: IAM-TRI-10.
pub(crate) fn run_supposing<'a, E: Evidence>(
    case: &'a Case<'a>,
    context: &Context,
    ambiguity: AmbiguityMode,
    supposed: Supposed<'_>,
) -> Run<'a, E> {
    let sources = case.sources();
    let query = Query {
        requester: case.requester,
        action: &case.action,
        question: &case.target.question,
        context,
        supposed,
        mode: case.request.mode,
        ambiguity,
    };
    let mut layers = layers::gather::<E>(sources, case.session_policies, query);
    let paths = match service::kms::paths(sources, &mut layers, query) {
        Some(paths) => paths,
        None => compose::paths(sources, &layers, ambiguity),
    };
    let composition = Composition::new(&layers, paths);
    Run {
        layers,
        composition,
    }
}

/// The verdict alone.
pub(crate) fn verdict(engine: &Engine, request: &Request) -> Verdict {
    service::verdict(engine, request)
}
