//! Services: which decisions a question takes, and what a service changes about them.

pub(crate) mod assume;
mod check;
pub(crate) mod kms;
pub(crate) mod operation;
pub(crate) mod sts;
pub(crate) mod target;

use preclear_catalog::{catalog, kms as tables};
use preclear_model::{Diagnostic, Severity};

use crate::decide::{self, Case};
use crate::engine::policies::CompiledPolicy;
use crate::engine::{Detail, Engine};
use crate::explain;
use crate::explanation::{Code, Explanation, NOT_MODELLED, Operability, Reason, Verdict};
use crate::matching::action::ActionName;
use crate::request::{Ask, Request};
use crate::requester::Requester;
use crate::target::Target;
use target::Wildcards;

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
    if let Some(error) = check::error(request) {
        return invalid(request, error);
    }
    let session = compile_session(request);
    let requester = Requester::of(engine, request);
    match &request.ask {
        Ask::Action(action) => {
            let resource = request.resource.as_deref();
            explain_action(
                engine, request, &requester, &session, action, resource, wildcards, detail,
            )
        }
        Ask::Operation(operation) => {
            operation::explain(engine, request, &requester, &session, operation, detail)
        }
    }
}

/// The verdict alone.
pub(crate) fn verdict(engine: &Engine, request: &Request) -> Verdict {
    if check::error(request).is_some() {
        return Verdict::Invalid;
    }
    let Ask::Action(action_text) = &request.ask else {
        return explain(engine, request, Detail::Reasons).verdict;
    };
    let session = compile_session(request);
    let requester = Requester::of(engine, request);
    let Some(action) = ActionName::parse(action_text) else {
        return Verdict::Invalid;
    };
    let resource = request.resource.as_deref();
    let Ok(target) = target::find(
        engine,
        request,
        &requester,
        &action,
        resource,
        Wildcards::Literal,
    ) else {
        return Verdict::Invalid;
    };
    let case = Case {
        engine,
        request,
        requester: &requester,
        session_policies: &session,
        action_text: String::new(),
        action,
        target,
    };
    if let Some(gate) = gate(&case) {
        return gate.verdict;
    }
    let context = crate::context::Context::build(case.sources());
    let run = decide::run::<()>(&case, &context, request.ambiguity);
    sts::possible(&case, explain::verdict_of(run.composition.answer()))
}

/// Rules that answer before any policy is asked.
pub(crate) fn gate(case: &Case<'_>) -> Option<kms::Gate> {
    if let (Some(own), Some(arn)) = (case.requester.partition(), &case.target.arn)
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

fn compile_session(request: &Request) -> Vec<CompiledPolicy> {
    request
        .session_policies
        .iter()
        .flatten()
        .map(CompiledPolicy::compile)
        .collect()
}

/// Answers one action on one resource.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one decision, each from another place"
)]
pub(crate) fn explain_action(
    engine: &Engine,
    request: &Request,
    requester: &Requester<'_>,
    session: &[CompiledPolicy],
    action_text: &str,
    resource: Option<&str>,
    wildcards: Wildcards,
    detail: Detail,
) -> Explanation {
    let Some(action) = ActionName::parse(action_text) else {
        let message =
            format!("`{action_text}` is no action: expected `service:Name` without wildcards");
        return invalid(
            request,
            diagnostic("INVALID_ACTION", Some("IAM-GRAM-11"), message),
        );
    };
    let found = target::find(engine, request, requester, &action, resource, wildcards);
    let target = match found {
        Ok(target) => target,
        Err(message) => {
            return invalid(
                request,
                diagnostic("INVALID_RESOURCE", Some("UI-11"), message),
            );
        }
    };
    let case = Case {
        engine,
        request,
        requester,
        session_policies: session,
        action_text: spelled(&action, action_text),
        action,
        target,
    };
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
        explanation.operability = match explanation.verdict {
            Verdict::Allow => kms::operability::of(case, role),
            _ => Operability::Ok,
        };
    }
    explanation
}

fn gated(case: &Case<'_>, gate: kms::Gate) -> Explanation {
    let mut explanation = blank(case.request);
    explanation.action.clone_from(&case.action_text);
    explanation.resource = case.target.display();
    explanation.verdict = gate.verdict;
    if gate.code == Code::KeyNotFound {
        explanation.operability = Operability::Exception("NotFoundException");
    }
    explanation
        .warnings
        .extend(explain::warnings::unknown_action(
            &case.action,
            &case.action_text,
        ));
    let typed = case
        .target
        .typed
        .as_deref()
        .filter(|_| gate.code == Code::KeyNotFound);
    if let Some(typed) = typed {
        let known = case.engine.keys().nearest(typed);
        let suggestion = known
            .map(|known| format!("; did you mean `{known}`?"))
            .unwrap_or_default();
        explanation.warnings.push(crate::Warning {
            code: "UNKNOWN_KEY",
            message: format!(
                "the snapshot is complete and has no key `{typed}` (KMS-ID-1){suggestion}"
            ),
        });
    }
    let layer = match gate.code {
        Code::KeyNotFound | Code::UnsupportedOnAwsManagedKey | Code::OperationNotCrossAccount => {
            Some(crate::Layer::Resource)
        }
        _ => None,
    };
    let reason = Reason::new(gate.code, layer);
    explanation.reasons = vec![reason.clone()];
    explanation.primary = Some(reason);
    explanation
        .assumptions
        .extend(case.target.assumptions.iter().cloned());
    explanation
}

/// The action as AWS spells it.
pub(crate) fn spelled(action: &ActionName, text: &str) -> String {
    match catalog().action(action.service(), action.name()) {
        Some(known) => format!("{}:{}", action.service(), known.name()),
        None => text.to_owned(),
    }
}

pub(crate) fn diagnostic(
    code: &'static str,
    rule: Option<&'static str>,
    message: String,
) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code,
        rule,
        message,
        place: None,
        help: None,
        related: Vec::new(),
    }
}

/// The answer to a request that cannot be asked.
pub(crate) fn invalid(request: &Request, error: Diagnostic) -> Explanation {
    let mut explanation = blank(request);
    let reason = Reason::new(Code::InvalidRequest, None);
    explanation.primary = Some(reason.clone());
    explanation.reasons = vec![reason];
    explanation.errors = vec![error];
    explanation
}

/// A request that cannot be asked, by code and message.
pub(crate) fn invalid_because(
    request: &Request,
    code: &'static str,
    message: String,
) -> Explanation {
    invalid(request, diagnostic(code, None, message))
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
        match &self.arn {
            Some(arn) => arn.as_str().to_owned(),
            None => self.question.text().to_owned(),
        }
    }
}
