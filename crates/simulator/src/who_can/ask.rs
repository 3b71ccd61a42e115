//! Asks everybody.

use std::collections::BTreeSet;

use preclear_condition::Dependency;
use preclear_model::Diagnostic;
use preclear_model::caller::CallerKind;
use rayon::prelude::*;

use super::question::Question;
use super::relevant::{grants, mentioned, resource_policies};
use super::ways::Material;
use super::wording::Wording;
use super::{Candidate, Who, WhoCan, conditions, ways};
use crate::cast::{Actor, Asked, Cast, Stand, cast, without_guardrails};
use crate::engine::Engine;
use crate::explanation::{Explanation, Verdict, Warning};
use crate::layer::Layer;
use crate::request::{Ask, Request};

/// Actors that one thread asks at least.
const SHARE_MIN: usize = 16;

pub(super) fn ask(engine: &Engine, request: &Request) -> WhoCan {
    let question = match Question::of(engine, request) {
        Ok(question) => question,
        Err(error) => return refused(request, *error),
    };
    let probe = question.probe();
    let about = question.about(&probe);
    let mentioned = mentioned(engine.snapshot(), request, &about);
    let policies = resource_policies(engine.snapshot(), &about);
    let grants = grants(engine.snapshot(), request, &about);
    let material = Material {
        policies,
        grants: grants.map(|grant| (grant.id.as_str(), grant)).collect(),
    };
    let owners = question.owners(&about);
    let wanted = Asked {
        accounts: &owners,
        ..Asked::default()
    };
    let cast = cast(engine.snapshot(), &mentioned, &wanted);
    let strangers = Strangers::of(engine, &cast);
    let asker = Asker {
        question: &question,
        material: &material,
        unnamed: &cast.unnamed,
        owners: &owners,
    };
    let (listed, others): (Vec<&Actor>, Vec<&Actor>) = cast
        .actors
        .iter()
        .filter(|actor| actor.stand != Stand::Sample)
        .partition(|actor| actor.stand == Stand::Listed);
    let all = listed.par_iter().with_min_len(SHARE_MIN);
    let listed: Vec<Candidate> = all.map(|actor| asker.ask_one(engine, actor)).collect();
    // Somebody of whom it is open what organisation its account is in comes once for each.
    let groups: Vec<&[&Actor]> = others
        .chunk_by(|one, other| one.stand == other.stand && one.caller == other.caller)
        .collect();
    let all = groups.par_iter().with_min_len(SHARE_MIN);
    let outsiders = all.filter_map(|actors| {
        let engine = strangers.engine_of(actors.first()?);
        asker.ask(engine, actors)
    });
    let outsiders = joined(outsiders.collect());
    let answers = || listed.iter().chain(&outsiders);
    let is_invalid = |one: &Candidate| one.verdict == Verdict::Invalid;
    let first = answers().find_map(|one| one.answer.as_deref());
    // What the owner cannot ask, and nobody who is listed, is wrong with the question: others hear what is a guess at what was meant.
    let errors = match probe.verdict {
        Verdict::Invalid if listed.iter().all(is_invalid) => probe.errors.clone(),
        _ if answers().all(is_invalid) => first.map_or_else(Vec::new, |first| first.errors.clone()),
        _ => Vec::new(),
    };
    let told = match probe.verdict {
        Verdict::Invalid => first.unwrap_or(&probe),
        _ => &probe,
    };
    let of_listed = listed.iter().filter(|one| one.may());
    let of_listed = of_listed.filter_map(|one| one.answer.as_deref());
    WhoCan {
        action: told.action.clone(),
        resource: question.resource(told),
        is_pattern: question.is_pattern(),
        calls: question.wording.calls(),
        errors,
        warnings: warnings(
            question.wording.warnings(),
            std::iter::once(told).chain(of_listed),
        ),
        listed,
        outsiders,
        wording: Box::new(question.wording),
    }
}

/// What nobody can ask.
fn refused(request: &Request, error: Diagnostic) -> WhoCan {
    let (Ask::Action(action) | Ask::Operation(action)) = &request.ask;
    let wording = Wording::of(&crate::Snapshot::default(), request);
    WhoCan {
        action: action.clone(),
        resource: request.resource.clone().unwrap_or_default(),
        is_pattern: true,
        calls: wording.calls(),
        errors: vec![error],
        warnings: Vec::new(),
        listed: Vec::new(),
        outsiders: Vec::new(),
        wording: Box::new(wording),
    }
}

/// Warnings of the question and of answers, each once.
fn warnings<'e>(
    of_question: impl Iterator<Item = Warning>,
    answers: impl Iterator<Item = &'e Explanation>,
) -> Vec<Warning> {
    let mut found: Vec<Warning> = of_question.collect();
    let mut known = BTreeSet::new();
    for warning in answers.flat_map(|answer| &answer.warnings) {
        if known.insert((warning.code, warning.message.as_str())) {
            found.push(warning.clone());
        }
    }
    found
}

/// Engines in which those are whom nobody lists.
struct Strangers {
    /// With everything that the snapshot leaves open.
    cast: Engine,
    /// Their own policies are assumed, so it does not count that none are loaded.
    own: Option<Engine>,
    /// The same for other accounts, of whose guardrails nothing is known.
    foreign: Option<Engine>,
}

impl Strangers {
    fn of(engine: &Engine, cast: &Cast) -> Self {
        const ASSUMED: [Layer; 3] = [Layer::Identity, Layer::Boundary, Layer::Session];
        let mut assumed = cast.snapshot.clone();
        assumed
            .layers_not_loaded
            .retain(|layer| !ASSUMED.contains(layer));
        let is_same = assumed.layers_not_loaded == engine.snapshot().layers_not_loaded;
        let foreign = without_guardrails(&assumed);
        Self {
            cast: Engine::compile(cast.snapshot.clone()),
            own: (!is_same).then(|| Engine::compile(assumed)),
            foreign: foreign.map(Engine::compile),
        }
    }

    fn engine_of(&self, actor: &Actor) -> &Engine {
        let own = self.own.as_ref().unwrap_or(&self.cast);
        match actor.stand {
            Stand::Session | Stand::Federated => &self.cast,
            _ if actor.is_foreign => self.foreign.as_ref().unwrap_or(own),
            _ => own,
        }
    }
}

/// Asks one candidate after another.
struct Asker<'a> {
    question: &'a Question<'a>,
    material: &'a Material<'a>,
    unnamed: &'a str,
    owners: &'a [String],
}

impl Asker<'_> {
    /// Asks actors that differ in nothing but what is open of them.
    fn ask(&self, engine: &Engine, actors: &[&Actor]) -> Option<Candidate> {
        let all = actors.iter().map(|actor| self.ask_one(engine, actor));
        all.reduce(|one, other| {
            if one.verdict == other.verdict {
                return one;
            }
            let mut better = if one.may() { one } else { other };
            if better.may() {
                better.verdict = Verdict::Depends;
            }
            // Which organisation the account is in decides.
            let answer = better.answer.as_deref_mut();
            if let Some(answer) = answer.filter(|answer| answer.verdict == Verdict::Allow) {
                answer.open_ways = std::mem::take(&mut answer.reasons);
                answer.verdict = Verdict::Depends;
                let key = Dependency::Key("aws:principalorgid".to_owned());
                answer.depends_on.insert(key);
            }
            better
        })
    }

    fn ask_one(&self, engine: &Engine, actor: &Actor) -> Candidate {
        let request = self.request(actor);
        let (verdict, answer) = self.question.answer(engine, &request);
        Candidate {
            who: Who::of(actor, self.unnamed, self.owners),
            verdict,
            ways: answer
                .as_ref()
                .map_or_else(Vec::new, |answer| ways::of(answer, self.material)),
            conditions: answer.as_ref().map_or_else(Vec::new, conditions::of),
            answer: answer.map(Box::new),
        }
    }

    /// What the caller would ask. Of those whom nobody lists all that is open is left open.
    fn request(&self, actor: &Actor) -> Request {
        let mut request = self.question.wording.of_caller(&actor.caller);
        if actor.stand == Stand::Listed {
            return request;
        }
        let is_session = matches!(
            actor.caller.kind,
            CallerKind::RoleSession { .. }
                | CallerKind::FederatedUser { .. }
                | CallerKind::RootSession
        );
        if is_session && request.session_policies.is_none() {
            request.session_policies = Some(actor.session_policies.clone());
        }
        actor.facts.apply_unsaid(&mut request);
        request
    }
}

/// Users, roles and federated users of an account that fare alike are one candidate.
fn joined(all: Vec<Candidate>) -> Vec<Candidate> {
    let mut joined: Vec<Candidate> = Vec::new();
    for candidate in all {
        let Who::Others { account, kinds, .. } = &candidate.who else {
            joined.push(candidate);
            continue;
        };
        let same = joined.iter_mut().find(|one| {
            let is_alike = matches!(&one.who, Who::Others { account: own, .. } if own == account);
            is_alike && one.agrees_with(&candidate)
        });
        match same.map(|one| &mut one.who) {
            Some(Who::Others { kinds: own, .. }) => {
                own.extend(kinds);
                own.sort();
            }
            _ => joined.push(candidate),
        }
    }
    joined
}
