//! Checks a property: questions, answers, counterexample.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_catalog::Action;
use preclear_simulator::cast::{
    Actor, Asked, Cast, Mentioned, State, cast, is_member, without_guardrails,
};
use preclear_simulator::job::advise;
use preclear_simulator::{Detail, Engine, Request, Snapshot, Verdict};

use crate::callers::{Callers, Clause, boundary_of, whole};
use crate::culprits;
use crate::given;
use crate::names;
use crate::outcome::{Counterexample, Failure, Open, Proof, Scope, Unusable};
use crate::policies::Policies;
use crate::property::{Claim, Property};
use crate::question::{Question, Way};
use crate::search::{Found, Search};
use crate::selection::{self, Resource};

/// Open questions that are looked into.
const SEARCHES_MAX: usize = 400;

/// Counterexamples of which the simplest is taken.
const COMPARED: usize = 32;

/// Lists of what answers depend on end here.
const REASONS_MAX: usize = 12;

pub(crate) fn check(property: &Property, policies: &Policies) -> Result<Proof, Failure> {
    let unusable = |message| {
        Failure::Unusable(Unusable {
            name: property.name.clone(),
            message,
        })
    };
    let now = property.now.as_deref().map(given::instant).transpose();
    let property = Property {
        now: now.map_err(unusable)?,
        ..property.clone()
    };
    let check = Check::prepare(&property, policies.snapshot()).map_err(unusable)?;
    check.run()
}

/// A property with everything that it is about.
struct Check<'p> {
    property: &'p Property,
    mentioned: Mentioned,
    cast: Cast,
    engine: Engine,
    /// The same where nothing is known of the guardrails of accounts that are not loaded.
    foreign: Option<(Snapshot, Engine)>,
    questions: Vec<Question>,
    scope: Scope,
}

impl<'p> Check<'p> {
    fn prepare(property: &'p Property, snapshot: &Snapshot) -> Result<Self, String> {
        let callers = property.callers.clone().unwrap_or(match property.claim {
            Claim::Never => Callers::anyone(),
            Claim::Always => Callers::listed(),
        });
        let callers = Callers {
            is_listed_only: callers.is_listed_only || property.claim == Claim::Always,
            ..callers
        };
        let mut notes = names::notes(&callers, snapshot)?;
        if property.actions.is_empty() {
            return Err("it names no action: add `action(\"kms:Decrypt\")`".to_owned());
        }
        let actions = selection::actions(&property.actions)?;
        let resources = selection::resources(snapshot, &property.resources)?;
        let mentioned = Mentioned::of(snapshot);
        let mut cast = cast_of(&callers, snapshot, &mentioned);
        if cast.actors.is_empty() {
            let why = std::iter::once(format!("{callers} matches no caller")).chain(notes);
            let why: Vec<String> = why.collect();
            return Err(format!("it is about nobody: {}", why.join("; ")));
        }
        notes.extend(given::notes(property, &actions, &mentioned)?);
        notes.extend(selection::notes(
            snapshot,
            &resources,
            property.endpoint.as_deref(),
        ));
        if property.claim == Claim::Never {
            // Whoever has the token of a grant can use it at once.
            let grants = cast.snapshot.keys.iter_mut();
            let grants = grants.flat_map(|key| key.grants.iter_mut().flatten());
            grants.for_each(|grant| grant.consistent = true);
        }
        let foreign = without_guardrails(&cast.snapshot);
        let mut check = Self {
            property,
            mentioned,
            engine: Engine::compile(cast.snapshot.clone()),
            foreign: foreign.map(|snapshot| (snapshot.clone(), Engine::compile(snapshot))),
            cast,
            questions: Vec::new(),
            scope: Scope {
                notes,
                ..Scope::default()
            },
        };
        check.pair(&actions, &resources, callers.are_outsiders())?;
        check.leave_out_impossible()?;
        Ok(check)
    }

    /// Every question there is, the simplest callers first. Without a resource callers of other accounts act on their own.
    fn pair(
        &mut self,
        actions: &[Action<'static>],
        resources: &[Resource],
        are_outsiders: bool,
    ) -> Result<(), String> {
        let mut pairs = Vec::new();
        let mut asked = BTreeSet::new();
        for action in actions {
            let of_action = resources.iter();
            let before = pairs.len();
            for resource in of_action.filter(|one| selection::go_together(*action, one)) {
                pairs.push((*action, resource));
                asked.insert(resource.text.clone());
            }
            let name = selection::name(*action);
            match pairs.len() > before {
                true => self.scope.actions.push(name),
                false => self.scope.left_out.push(name),
            }
        }
        if pairs.is_empty() {
            return Err(format!(
                "it asks nothing: none of its actions ({}) is decided on one of its resources",
                self.property.actions.join(", ")
            ));
        }
        self.scope.resources = asked.into_iter().collect();
        let mut actors: Vec<(usize, &Actor)> = self.cast.actors.iter().enumerate().collect();
        actors.sort_by_key(|(index, actor)| (actor.rank, *index));
        let sources = (&self.mentioned, &self.engine);
        let mut elsewhere = BTreeSet::new();
        for (index, actor) in actors {
            let account = actor.caller.account.as_deref();
            let is_elsewhere = account.is_some_and(|account| {
                are_outsiders || (actor.is_foreign && !is_member(&self.cast.snapshot, account))
            });
            for way in ways(self.property, actor) {
                for (action, resource) in &pairs {
                    if is_elsewhere && resource.text == "*" {
                        elsewhere.insert(selection::name(*action));
                        continue;
                    }
                    let who = (index, actor);
                    let known = (sources.0, sources.1.snapshot());
                    let question = Question::new(self.property, known, who, *action, resource, way);
                    self.questions.push(question);
                }
            }
        }
        self.scope.elsewhere = elsewhere.into_iter().collect();
        if self.questions.is_empty() {
            let message = "it asks nothing: without a resource, callers of other accounts act on their own account";
            return Err(message.to_owned());
        }
        Ok(())
    }

    fn engine_of(&self, question: &Question) -> &Engine {
        let is_foreign = self.actor(question).is_some_and(|actor| actor.is_foreign);
        match &self.foreign {
            Some((_, engine)) if is_foreign => engine,
            _ => &self.engine,
        }
    }

    fn snapshot_of(&self, question: &Question) -> &Snapshot {
        let is_foreign = self.actor(question).is_some_and(|actor| actor.is_foreign);
        match &self.foreign {
            Some((snapshot, _)) if is_foreign => snapshot,
            _ => &self.cast.snapshot,
        }
    }

    fn actor(&self, question: &Question) -> Option<&Actor> {
        self.cast.actors.get(question.actor)
    }

    /// Leaves out what cannot be asked with what the property gives: a listed role has no other tags than it has.
    fn leave_out_impossible(&mut self) -> Result<(), String> {
        let given = &self.property.facts;
        if !given.is_empty() {
            let questions = std::mem::take(&mut self.questions);
            let before = questions.len();
            let possible = questions.into_iter().filter(|question| {
                let engine = self.engine_of(question);
                let without = question.without(given);
                let with = question.contradictions(engine, &question.facts);
                with <= question.contradictions(engine, &without.facts)
            });
            let possible: Vec<Question> = possible.collect();
            self.scope.impossible = before - possible.len();
            self.questions = possible;
        }
        if self.questions.is_empty() {
            let message = "it asks nothing: for all of its callers it gives what is impossible";
            return Err(message.to_owned());
        }
        Ok(())
    }

    fn run(mut self) -> Result<Proof, Failure> {
        let verdicts = self.verdicts();
        let forbidden = |verdict: Verdict| match self.property.claim {
            Claim::Never => verdict == Verdict::Allow,
            Claim::Always => verdict.is_deny(),
        };
        let mut refuted = Vec::new();
        let mut open = Vec::new();
        let mut applicable = 0;
        for (question, verdict) in self.questions.iter().zip(&verdicts) {
            match verdict {
                Verdict::Invalid => return Err(self.invalid(question)),
                Verdict::NotApplicable => self.scope.not_applicable += 1,
                _ => applicable += 1,
            }
            if forbidden(*verdict) {
                refuted.push(question);
            } else if *verdict == Verdict::Depends {
                open.push(question);
            }
        }
        self.scope.questions = applicable;
        if applicable == 0 {
            return Err(self.unusable("it asks nothing: none of its requests needs a permission"));
        }
        if let Some(found) = self.simplest(&refuted, &open) {
            let counterexample = self.counterexample(&found, refuted.len());
            return Err(Failure::Refuted(Box::new(counterexample)));
        }
        if !open.is_empty() || !refuted.is_empty() {
            open.extend(refuted);
            return Err(Failure::Open(Box::new(self.open(&open))));
        }
        let asked: BTreeSet<usize> = self.questions.iter().map(|one| one.actor).collect();
        for (index, actor) in self.cast.actors.iter().enumerate() {
            if asked.contains(&index) {
                let labels = match actor.is_listed {
                    true => &mut self.scope.listed,
                    false => &mut self.scope.stand_ins,
                };
                labels.push(actor.label.clone());
            }
        }
        self.scope.stand_ins.dedup();
        Ok(Proof {
            name: self.property.name.clone(),
            claim: self.property.claim,
            scope: self.scope,
        })
    }

    /// The answer to every question, whatever the context.
    fn verdicts(&self) -> Vec<Verdict> {
        let requests: Vec<Request> = self.questions.iter().map(Question::request).collect();
        let all = self.engine.decide_all(&requests);
        let questions = self.questions.iter().zip(all);
        let verdicts = questions.map(|(question, verdict)| {
            let is_foreign = self.actor(question).is_some_and(|actor| actor.is_foreign);
            if question.is_pattern || (is_foreign && self.foreign.is_some()) {
                question.verdict(self.engine_of(question), &question.facts)
            } else {
                verdict
            }
        });
        verdicts.collect()
    }

    /// Of the counterexamples the one that says least and whose caller is simplest.
    fn simplest(&self, refuted: &[&Question], open: &[&Question]) -> Option<Found> {
        let mut found: Option<Found> = None;
        let weight = |found: &Found| {
            let rank = self.actor(&found.question).map(|actor| actor.rank);
            (found.stated.len(), found.question.way, rank)
        };
        let certain = refuted.iter().take(COMPARED);
        let mut compared = 0;
        for question in certain.chain(open.iter().take(SEARCHES_MAX)) {
            if compared >= COMPARED {
                break;
            }
            compared += usize::from(found.is_some());
            let engine = self.engine_of(question);
            let property = self.property;
            let mut search = Search::new(engine, &self.mentioned, property.claim, property.seed);
            let Some(next) = search.counterexample(question) else {
                continue;
            };
            if found
                .as_ref()
                .is_none_or(|found| weight(&next) < weight(found))
            {
                found = Some(next);
            }
        }
        found
    }

    fn counterexample(&self, found: &Found, refuted: usize) -> Counterexample {
        let question = &found.question;
        let engine = self.engine_of(question);
        let facts = found.facts();
        let request = question.request_with(&facts);
        let answer = question.explain(engine, &facts, Detail::Reasons);
        let ((culprits, assumes_own_policies), advice) = match self.property.claim {
            Claim::Never => (
                culprits::of(self.snapshot_of(question), engine, found),
                preclear_simulator::job::Advice::default(),
            ),
            Claim::Always => ((Vec::new(), false), advise(engine, &request, &answer)),
        };
        let words = |key: &str, state: &State| {
            let key = self.mentioned.spelled(key).to_owned();
            (key, state.to_string())
        };
        let given = self.property.facts.iter();
        Counterexample {
            name: self.property.name.clone(),
            claim: self.property.claim,
            caller: self.actor(question).map_or_else(String::new, |actor| {
                let arn = actor.caller.display_arn();
                match actor.is_listed || actor.label.contains(&arn) {
                    true => actor.label.clone(),
                    false => format!("{} ({arn})", actor.label),
                }
            }),
            context: found
                .stated
                .iter()
                .map(|(key, state)| words(key, state))
                .collect(),
            given: given.map(|(key, state)| words(key, state)).collect(),
            is_forwarded: question.way == Way::Forwarded,
            culprits,
            assumes_own_policies,
            fixes: advice.fixes,
            obstacles: advice.obstacles,
            request,
            snapshot: self.snapshot_of(question).clone(),
            answer,
            refuted,
            questions: self.scope.questions,
            notes: self.scope.notes.clone(),
        }
    }

    fn open(&self, open: &[&Question]) -> Open {
        let mut depends_on = BTreeMap::new();
        for question in open {
            let engine = self.engine_of(question);
            let answer = question.explain(engine, &question.facts, Detail::Reasons);
            for one in &answer.depends_on {
                if depends_on.len() < REASONS_MAX {
                    let who = self
                        .actor(question)
                        .map_or("", |actor| actor.label.as_str());
                    let example =
                        format!("{who}, {} on {}", question.action(), question.resource());
                    let text = one.to_string();
                    let text = self.mentioned.spelled(&text).to_owned();
                    depends_on.entry(text).or_insert(example);
                }
            }
        }
        Open {
            name: self.property.name.clone(),
            claim: self.property.claim,
            depends_on,
            open: open.len(),
            questions: self.scope.questions,
            notes: self.scope.notes.clone(),
        }
    }

    fn unusable(&self, message: impl Into<String>) -> Failure {
        Failure::Unusable(Unusable {
            name: self.property.name.clone(),
            message: message.into(),
        })
    }

    fn invalid(&self, question: &Question) -> Failure {
        let engine = self.engine_of(question);
        let answer = question.explain(engine, &question.facts, Detail::Reasons);
        let errors: Vec<String> = answer.errors.iter().map(ToString::to_string).collect();
        let who = self
            .actor(question)
            .map_or("", |actor| actor.label.as_str());
        self.unusable(format!(
            "{who}, {} on {}: {}",
            question.action(),
            question.resource(),
            errors.join("; ")
        ))
    }
}

/// The ways in which a caller's requests are made, as far as the property is about them.
fn ways(property: &Property, actor: &Actor) -> Vec<Way> {
    let via = property.facts.get("kms:ViaService");
    let is_via = property.facts.get("aws:ViaAWSService");
    let says = |wanted: &str| is_via == Some(&State::one(wanted));
    let is_direct = property.is_direct
        || via == Some(&State::Absent)
        || says("false")
        || property.endpoint.is_some();
    let is_forwarded = !property.via.is_empty()
        || says("true")
        || matches!(via, Some(State::Value(_) | State::Present | State::Like(_)));
    let mut ways = Vec::new();
    if !is_forwarded {
        ways.push(Way::Direct);
    }
    if !is_direct && actor.can_be_passed_on() {
        ways.push(Way::Forwarded);
    }
    ways
}

/// Everyone whom the callers take in, and the snapshot in which they can be.
fn cast_of(callers: &Callers, snapshot: &Snapshot, mentioned: &Mentioned) -> Cast {
    let patterns: Vec<String> = callers.patterns().map(whole).collect();
    let boundaries: Vec<_> = callers
        .boundaries()
        .filter_map(|name| Some((name.to_owned(), Arc::clone(boundary_of(snapshot, name)?))))
        .collect();
    let asked = Asked {
        is_listed_only: callers.is_listed_only,
        accounts: &[],
        patterns: &patterns,
        boundaries: &boundaries,
    };
    let mut cast = cast(snapshot, mentioned, &asked);
    cast.actors.retain(|actor| callers.has(actor, snapshot));
    for actor in &mut cast.actors {
        say_tags(actor, callers);
    }
    cast
}

/// A stand-in has the tags that callers must have.
fn say_tags(actor: &mut Actor, callers: &Callers) {
    for clause in &callers.clauses {
        if let Clause::Tag(key, value) = clause
            && !actor.is_listed
        {
            actor
                .facts
                .say(&format!("aws:PrincipalTag/{key}"), State::one(value));
        }
    }
}
