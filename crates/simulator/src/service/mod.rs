//! Services: which decisions a question takes, and what a service changes about them.

pub(crate) mod assume;
mod check;
mod contradiction;
pub(crate) mod forms;
pub(crate) mod kms;
pub(crate) mod operation;
mod readings;
pub(crate) mod sts;
pub(crate) mod target;

use preclear_catalog::kms as tables;
use preclear_model::{Diagnostic, codes as policies};

use crate::arena::{self, Arena};
use crate::codes;
use crate::compose::Answer;
use crate::context::{Context, forwarding, said_warnings};
use crate::decide::{self, Case, Inquiry};
use crate::engine::policies::PolicySet;
use crate::engine::{Detail, Engine};
use crate::explain;
use crate::explanation::{Code, Explanation, NOT_MODELLED, Operability, Reason, Verdict};
use crate::matching::action::ActionName;
use crate::refine;
use crate::request::{Ask, Request};
use crate::requester::Requester;
use crate::target::{KeyTarget, Target, TargetKind};
use target::{NoTarget, Wildcards};

/// Answers one request in full.
pub(crate) fn explain(engine: &Engine, request: &Request, detail: Detail) -> Explanation {
    explain_reading(engine, request, detail, Wildcards::Literal)
}

/// Answers a request whose resource may be a pattern. Rule: IAM-WILD-13.
pub(crate) fn explain_reading(
    engine: &Engine,
    request: &Request,
    detail: Detail,
    wildcards: Wildcards,
) -> Explanation {
    let arena = Arena::new();
    if let Some(error) = check::error(engine, request, &arena) {
        return invalid(request, error);
    }
    let session = compile_session(request);
    let requester = Requester::of(engine, request, &arena);
    let inquiry = Inquiry {
        engine,
        request,
        requester: &requester,
        session_policies: &session,
        is_forwarded: forwarding::of(request),
        arena: &arena,
    };
    let mut explanation = readings::explain(inquiry, |inquiry| match &request.ask {
        Ask::Action(action) => {
            let resource = request.resource.as_deref();
            explain_action(inquiry, action, resource, wildcards, detail)
        }
        Ask::Operation(operation) => operation::explain(inquiry, operation, detail),
    });
    explanation
        .warnings
        .extend(contradiction::warning(engine, request, &arena));
    explanation.warnings.extend(said_warnings::find(request));
    explanation
}

/// The verdict alone.
pub(crate) fn verdict(engine: &Engine, request: &Request) -> Verdict {
    arena::with(|arena| verdict_in(engine, request, arena))
}

fn verdict_in(engine: &Engine, request: &Request, arena: &Arena) -> Verdict {
    if check::error(engine, request, arena).is_some() {
        return Verdict::Invalid;
    }
    let Ask::Action(action_text) = &request.ask else {
        return explain(engine, request, Detail::Reasons).verdict;
    };
    let session = compile_session(request);
    let requester = Requester::of(engine, request, arena);
    let inquiry = Inquiry {
        engine,
        request,
        requester: &requester,
        session_policies: &session,
        is_forwarded: forwarding::of(request),
        arena,
    };
    readings::verdict(inquiry, |inquiry| verdict_of_action(inquiry, action_text))
}

fn verdict_of_action(inquiry: Inquiry<'_>, action_text: &str) -> Verdict {
    let request = inquiry.request;
    let Some(action) = ActionName::parse(action_text, inquiry.arena) else {
        return Verdict::Invalid;
    };
    let resource = request.resource.as_deref();
    let Ok(target) = target::find(inquiry, &action, resource, Wildcards::Literal) else {
        return Verdict::Invalid;
    };
    let case = Case::new(inquiry, String::new(), action, target);
    if let Some(gate) = gate(&case) {
        return gate.verdict;
    }
    let context = Context::new(case.sources());
    let run = decide::run::<()>(&case, &context, request.ambiguity);
    let answer = match run.composition.answer() {
        Answer::Depends => refined(&case, &context),
        answer => answer,
    };
    sts::possible(&case, explain::verdict_of(answer))
}

/// The answer of a case that is open at first sight.
fn refined<'a>(case: &'a Case<'a>, context: &Context) -> Answer {
    let ambiguity = case.request.ambiguity;
    let open = decide::run(case, context, ambiguity);
    refine::answer(case, context, ambiguity, &open, &mut |_, _| {})
        .map_or(Answer::Depends, |(answer, _)| answer)
}

/// Rules that answer before any policy is asked.
pub(crate) fn gate(case: &Case<'_>) -> Option<kms::Gate> {
    if let (Some(own), Some(arn)) = (case.requester.partition(), case.target.arn)
        && own != arn.partition()
    {
        // Principals never cross partitions (IAM-EVAL-6).
        return Some(kms::Gate {
            verdict: Verdict::ImplicitDeny,
            code: Code::CrossPartition,
        });
    }
    sts::gate(case).or_else(|| kms::gate(case))
}

fn compile_session(request: &Request) -> PolicySet {
    match request.session_policies.as_deref() {
        None | Some([]) => PolicySet::default(),
        Some(policies) => PolicySet::compile(policies),
    }
}

/// Answers one action on one resource.
pub(crate) fn explain_action(
    inquiry: Inquiry<'_>,
    action_text: &str,
    resource: Option<&str>,
    wildcards: Wildcards,
    detail: Detail,
) -> Explanation {
    let request = inquiry.request;
    let Some(action) = ActionName::parse(action_text, inquiry.arena) else {
        let message =
            format!("`{action_text}` is no action: expected `service:Name` without wildcards");
        return invalid(request, refuse(&policies::INVALID_ACTION, message));
    };
    let found = target::find(inquiry, &action, resource, wildcards);
    let target = match found {
        Ok(target) => target,
        Err(error) => return invalid(request, no_resource(error)),
    };
    let spelled = spelled(&action, action_text);
    let case = Case::new(inquiry, spelled, action, target);
    explain_case(&case, detail, tables::Target::Key)
}

/// Explains a prepared case.
pub(crate) fn explain_case(case: &Case<'_>, detail: Detail, role: tables::Target) -> Explanation {
    let mut explanation = match gate(case) {
        Some(gate) => gated(case, gate),
        None => decided(case, detail, role),
    };
    let of_credentials = sts::assumption(case, explanation.verdict);
    let assumptions = of_credentials.into_iter().chain([NOT_MODELLED]);
    explanation
        .assumptions
        .extend(assumptions.map(str::to_owned));
    explanation
}

fn decided(case: &Case<'_>, detail: Detail, role: tables::Target) -> Explanation {
    let mut explanation = explain::case(case, detail);
    sts::restrict(case, &mut explanation);
    if case.action.service() == "kms" {
        let primary = explanation.primary.as_ref().map(|reason| reason.code);
        explanation.operability = match (explanation.verdict, primary) {
            (Verdict::Allow, _) => kms::operability::of(case, role),
            (_, Some(Code::RetireGrantNotEntitled)) => kms::operability::of_retirement(case),
            _ => Operability::Ok,
        };
        let escalation = kms::escalation::warning(case, explanation.verdict);
        explanation.warnings.extend(escalation);
        explanation.warnings.extend(kms::candidate::warnings(case));
    }
    explanation
}

fn gated(case: &Case<'_>, gate: kms::Gate) -> Explanation {
    let mut explanation = blank(case.request);
    explanation.action.clone_from(&case.action_text);
    explanation.resource = case.target.display();
    explanation.verdict = gate.verdict;
    if gate.code == Code::KeyNotFound {
        explanation.operability = Operability::Exception(kms::operability::missing_key());
    }
    // What the request says of its context counts for nothing here, and may be wrong all the same.
    let context = Context::new(case.sources());
    explanation.warnings.append(&mut context.warnings());
    explanation
        .warnings
        .extend(explain::warnings::of_names(case));
    if gate.code == Code::KeyNotFound {
        explanation.warnings.extend(kms::meant::warning(case));
        // There is no such key for KMS, whatever the identifier stands for elsewhere.
        if let (TargetKind::Key(KeyTarget::Found { .. }), Some(typed)) =
            (&case.target.kind, case.target.typed)
        {
            typed.clone_into(&mut explanation.resource);
        }
    }
    let layer = match gate.code {
        Code::KeyNotFound | Code::OperationNotCrossAccount | Code::RegionNotEnabled => {
            Some(crate::Layer::Resource)
        }
        _ => None,
    };
    let reason = Reason::new(gate.code, layer);
    explanation.reasons = vec![reason.clone()];
    explanation.primary = Some(reason);
    explanation.assumptions.extend(case.target.assumption());
    explanation
}

/// The action as AWS spells it.
pub(crate) fn spelled(action: &ActionName<'_>, text: &str) -> String {
    match action.known() {
        Some(known) => format!("{}:{}", action.service(), known.name()),
        None => text.to_owned(),
    }
}

/// The error of this row, with the row's rule and remedy.
pub(crate) fn refuse(row: &'static codes::Code, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(row.name, message)
        .rule(row.rule)
        .help(row.remedy)
}

/// A resource that is missing, or none.
pub(crate) fn no_resource(error: NoTarget) -> Diagnostic {
    let help = error.help.unwrap_or_else(|| {
        "name the resource by its ARN or `*`; a key also by its id or alias".to_owned()
    });
    refuse(&policies::INVALID_RESOURCE, error.message)
        .rule(error.rule)
        .help(help)
}

/// The answer to a request that cannot be asked.
pub(crate) fn invalid(request: &Request, error: Diagnostic) -> Explanation {
    let error = Diagnostic {
        place: error.place.or_else(|| request.place.clone()),
        ..error
    };
    let mut explanation = blank(request);
    let reason = Reason::new(Code::InvalidRequest, None);
    explanation.primary = Some(reason.clone());
    explanation.reasons = vec![reason];
    explanation.errors = vec![error];
    explanation
}

/// An explanation that says nothing yet.
pub(crate) fn blank(request: &Request) -> Explanation {
    let (Ask::Action(action) | Ask::Operation(action)) = &request.ask;
    Explanation {
        id: request.id.clone(),
        caller: request.caller.display_arn(),
        action: action.clone(),
        resource: request.resource.clone().unwrap_or_default(),
        verdict: Verdict::Invalid,
        primary: None,
        reasons: Vec::new(),
        near_misses: Vec::new(),
        depends_on: std::collections::BTreeSet::new(),
        open_ways: Vec::new(),
        refined: Vec::new(),
        ambiguities: std::collections::BTreeSet::new(),
        assumptions: std::collections::BTreeSet::new(),
        warnings: Vec::new(),
        operability: Operability::NotAsked,
        parts: Vec::new(),
        layers: Vec::new(),
        mode: request.mode,
        ambiguity: request.ambiguity,
        errors: Vec::new(),
    }
}

impl Target<'_> {
    /// The resource as results show it.
    pub(crate) fn display(&self) -> String {
        match self.arn {
            Some(arn) => arn.as_str().to_owned(),
            None => self.question.text().to_owned(),
        }
    }
}
