//! Who can is what each caller would hear: the listed ones word for word, and of all others nobody gets in whose kind is not told.
//!
//! Where the question does not say whether a service makes the call, nobody is left out who may directly, or through some service.
//!
//! Callers come from requests that have to do with the world. Those that nobody lists are asked as they are, and once more with policies of
//! their own, as an account would have them of which nothing is loaded.

use preclear_model::caller::{Caller, CallerKind};
use preclear_simulator::snapshot::{Given, PrincipalRecord};
use preclear_simulator::who_can::{self, Calls, Candidate, Who, WhoCan};
use preclear_simulator::{Ask, ContextMode, Detail, Engine, Request, Snapshot, Verdict};
use serde_json::{Map, Value, json};

use super::{Failed, Tally, World};
use crate::choose::Choose;
use crate::scenario::{Asked, Scenario, Violation};
use crate::world::read;

/// Requests whose callers are asked.
const REQUESTS: usize = 12;

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    let scenario = scenario(choices, &world)?;
    let Some(tried) = Tried::of(&scenario) else {
        return Ok(());
    };
    for candidate in tried.answer.listed.iter().chain(&tried.answer.outsiders) {
        tally.count(tried.base.mode, candidate.verdict);
    }
    tally.checks += (tried.answer.listed.len() + tried.requests.len()) as u64;
    match tried.violation() {
        None => Ok(()),
        Some(violation) => Err(Failed::of(scenario, violation)),
    }
}

/// A question about a world, and those who are asked it.
pub(super) fn scenario(choices: &mut impl Choose, world: &World) -> Result<Scenario, Box<Failed>> {
    let mut principals = Vec::new();
    let mut base = Value::Null;
    for _ in 0..REQUESTS {
        let (mut document, _) = world.request(choices)?;
        let principal = document["principal"].take();
        if base.is_null() || choices.once_in(REQUESTS) {
            base = document;
        }
        principals.push(principal);
    }
    Ok(Scenario {
        snapshot: world.document.clone(),
        request: json!({"base": base, "principals": principals}),
        ..Scenario::default()
    })
}

/// Services of which policies of drawn worlds ask.
const SERVICES: [&str; 2] = ["s3", "sagemaker"];

/// An answer, and what it is about.
struct Tried<'s> {
    scenario: &'s Scenario,
    snapshot: Snapshot,
    engine: Engine,
    base: Request,
    /// Requests of others, with their documents.
    requests: Vec<(Value, Request)>,
    /// True where the resource stands for all that it matches.
    is_pattern: bool,
    answer: WhoCan,
}

impl<'s> Tried<'s> {
    /// `None` where the documents are refused.
    fn of(scenario: &'s Scenario) -> Option<Self> {
        let snapshot = read::snapshot(&scenario.snapshot).ok()?;
        let engine = Engine::compile(snapshot.clone());
        let base = scenario.request.get("base")?.as_object()?;
        let asked = |principal: &Value| {
            let mut document: Map<String, Value> = base.clone();
            document.insert("principal".to_owned(), principal.clone());
            let document = Value::Object(document);
            let request = read::request(&document).ok()?;
            Some((document, request))
        };
        let (_, base) = asked(&json!("anonymous"))?;
        let principals = scenario.request.get("principals")?.as_array()?;
        let requests = principals.iter().filter_map(asked).collect();
        let resource = base.resource.as_deref().unwrap_or_default();
        let is_pattern = resource.starts_with("arn:") && resource.contains(['*', '?']);
        let is_pattern = is_pattern && matches!(base.ask, Ask::Action(_));
        // Of keys no request asks for all that a pattern matches.
        if is_pattern && resource.split(':').nth(2) == Some("kms") {
            return None;
        }
        let answer = who_can::ask(&engine, &base);
        Some(Self {
            is_pattern,
            scenario,
            snapshot,
            engine,
            base,
            requests,
            answer,
        })
    }

    fn verdict(&self, engine: &Engine, request: &Request) -> Verdict {
        let answer = match self.is_pattern {
            true => engine.explain_many(request, Detail::Reasons),
            false => engine.explain(request, Detail::Reasons),
        };
        answer.verdict
    }

    /// The calls that a request leaves open, one by one: the caller's own, and such as services make.
    fn closed(&self, request: &Request) -> Vec<Request> {
        let mut direct = request.clone();
        let is_open = self.answer.calls == Calls::Any && direct.unknown.remove("aws:ViaAWSService");
        if !is_open {
            return Vec::new();
        }
        let through = SERVICES.map(|service| Request {
            via: vec![service.to_owned()],
            ..direct.clone()
        });
        std::iter::once(direct).chain(through).collect()
    }

    fn violation(&self) -> Option<Violation> {
        self.of_listed().or_else(|| {
            self.requests
                .iter()
                .find_map(|(document, request)| self.of_other(document, request))
        })
    }

    fn of_listed(&self) -> Option<Violation> {
        // A question that nobody can ask has no answers.
        if !self.answer.errors.is_empty() && self.answer.listed.is_empty() {
            return None;
        }
        if self.answer.listed.len() != self.snapshot.principals.len() {
            let told = self.answer.listed.len();
            let listed = self.snapshot.principals.len();
            return Some(Violation::new(format!(
                "{listed} are listed, and {told} told"
            )));
        }
        self.snapshot
            .principals
            .iter()
            .zip(&self.answer.listed)
            .find_map(|(record, told)| {
                let caller = Caller::parse(record.arn.as_str()).ok()?;
                let request = self.answer.request_of(&caller);
                let verdict = self.verdict(&self.engine, &request);
                let name = told.who.name();
                let is_same = told.verdict == verdict
                    && name == record.arn.as_str()
                    && self.is_worded_as_asked(&request);
                let in_full = told.answer.as_ref().map(|answer| answer.verdict);
                let is_whole = match told.may() {
                    true => in_full == Some(told.verdict) && !told.ways().is_empty(),
                    false => true,
                };
                let closed = self.closed(&request);
                let mut closed = closed.iter();
                let is_left_out = !told.may()
                    && closed.any(|call| self.verdict(&self.engine, call) == Verdict::Allow);
                (!is_same || !is_whole || is_left_out).then(|| {
                    let message = format!(
                        "{name} is told as {} (in full {in_full:?}, by {:?}), and hears {verdict}",
                        told.verdict,
                        told.ways()
                    );
                    let principal = json!(record.arn.as_str());
                    self.shown(message, &self.scenario.snapshot, &principal, told.verdict)
                })
            })
    }

    fn of_other(&self, document: &Value, request: &Request) -> Option<Violation> {
        let told = self.answer.candidates_of(&request.caller);
        let is_excused = |told: &&Candidate| told.may() || self.is_excused(told, request);
        if told.iter().any(is_excused) {
            return None;
        }
        let request = &Request {
            session_policies: request.session_policies.clone(),
            session_policy_rejected: request.session_policy_rejected,
            ..self.answer.request_of(&request.caller)
        };
        let mut calls = self.closed(request);
        calls.push(request.clone());
        let may_by = |engine: &Engine| {
            let mut calls = calls.iter();
            calls.any(|call| self.verdict(engine, call) == Verdict::Allow)
        };
        let is_allowed = may_by(&self.engine);
        let with_policies = || {
            let engine = Engine::compile(self.with(&request.caller)?);
            may_by(&engine).then_some(())
        };
        if !is_allowed && with_policies().is_none() {
            return None;
        }
        let caller = request.caller.display_arn();
        let message = match told.first() {
            Some(told) => format!(
                "{caller} falls under `{}`, which is told as {}, and is allowed",
                told.who, told.verdict
            ),
            None => format!("{caller} falls under nobody, and is allowed"),
        };
        let verdict = told
            .first()
            .map_or(Verdict::ImplicitDeny, |told| told.verdict);
        let principal = document["principal"].clone();
        Some(self.shown(message, &self.scenario.snapshot, &principal, verdict))
    }

    /// True where a listed caller says what the question says, whatever it means to it.
    fn is_worded_as_asked(&self, request: &Request) -> bool {
        request.resource == self.base.resource
            && request.ciphertext_key == self.base.ciphertext_key
            && request.parameters == self.base.parameters
    }

    /// True for whom the snapshot lists: what a session says of itself may let it in where the role is not. Not so for one that says no more
    /// than an id, where all that nobody states is open.
    fn is_excused(&self, told: &Candidate, request: &Request) -> bool {
        let caller = &request.caller;
        let says_more = !caller.tags.is_empty()
            || caller.source_identity.is_some()
            || caller.credentials.is_some()
            || request.session_policies.is_some();
        let is_listed = matches!(told.who, Who::Listed { .. });
        let is_open = self.base.mode == ContextMode::Open;
        told.who.is_of_snapshot() && !(is_listed && is_open && !says_more)
    }

    /// The snapshot with a caller in it whom it does not list, and what some listed one has attached; `None` for other callers.
    fn with(&self, caller: &Caller) -> Option<Snapshot> {
        let arn = match &caller.kind {
            CallerKind::User { arn } => arn.clone(),
            CallerKind::RoleSession {
                role_arn: Some(arn),
                ..
            } => arn.clone(),
            _ => return None,
        };
        let principals = || self.snapshot.principals.iter();
        let account = caller.account.as_deref()?;
        let is_own = principals().any(|one| one.arn.account() == account)
            || self.snapshot.account.as_deref() == Some(account);
        let is_listed = principals().any(|one| one.arn == arn);
        if is_listed || (is_own && self.snapshot.complete) {
            return None;
        }
        let mut snapshot = self.snapshot.clone();
        let policies = principals().filter_map(|one| one.policies.value());
        let policies: Vec<_> = policies.flatten().cloned().collect();
        snapshot.principals.push(PrincipalRecord {
            policies: Given::Here(policies),
            groups: Given::Nothing,
            boundary: Given::Nothing,
            ..PrincipalRecord::new(arn)
        });
        Some(snapshot)
    }

    fn shown(
        &self,
        message: String,
        snapshot: &Value,
        principal: &Value,
        expected: Verdict,
    ) -> Violation {
        let mut request = self.scenario.request["base"].clone();
        request["principal"] = principal.clone();
        Violation::new(message).shown_by(vec![Asked {
            snapshot: snapshot.clone(),
            request,
            name: "whom who can tells otherwise",
            expected: expected.name(),
        }])
    }
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    Tried::of(scenario)?.violation()
}
