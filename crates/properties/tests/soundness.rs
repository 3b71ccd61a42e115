//! What outcomes claim is held against requests that are made up: a proof against everything that is allowed, a counterexample
//! against the engine and against the reference evaluator.

use std::collections::BTreeMap;

use preclear_catalog::catalog;
use preclear_harness::choose::{Exhaustive, Seeded};
use preclear_harness::property::reference::answers;
use preclear_harness::world::{self, Ground, read, small};
use preclear_model::caller::CallerKind;
use preclear_properties::{Callers, Counterexample, Failure, Policies, Property, Scope};
use preclear_simulator::{Ask, ContextMode, Detail, Engine, Request, Snapshot, Verdict};
use preclear_wildcard::Pattern;

/// Keys that every request has, which closed mode leaves out.
const ALWAYS_THERE: [&str; 5] = [
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:SecureTransport",
    "aws:UserAgent",
    "aws:TokenIssueTime",
];

#[derive(Debug, Default)]
struct Tally {
    proven: usize,
    refuted: usize,
    open: usize,
    /// Requests that a proof was held against.
    held: usize,
}

/// Both claims about the action of each request, and every request of the same action against what comes of them.
fn hold(snapshot: &Snapshot, requests: &[Request], tally: &mut Tally) {
    let policies = Policies::from_snapshot(snapshot.clone());
    let engine = Engine::compile(snapshot.clone());
    let mut by_action: BTreeMap<&str, Vec<&Request>> = BTreeMap::new();
    for request in requests {
        if let Ask::Action(action) = &request.ask {
            by_action.entry(action).or_default().push(request);
        }
    }
    for (action, requests) in by_action {
        let never = Property::never("never").action(action);
        let always = Property::always("always").action(action);
        for property in [never, always] {
            let claims_allow = property == Property::always("always").action(action);
            match property.check(&policies) {
                Ok(proof) => {
                    tally.proven += 1;
                    for request in &requests {
                        tally.held += contradiction(&engine, request, &proof.scope, claims_allow);
                    }
                }
                Err(Failure::Refuted(found)) => {
                    tally.refuted += 1;
                    is_refuted(&found, claims_allow);
                }
                Err(Failure::Open(_)) => tally.open += 1,
                // Actions that the catalogue does not know, or nothing to ask for.
                Err(_) => {}
            }
        }
    }
}

/// How many readings of a request a proof was held against.
fn contradiction(engine: &Engine, request: &Request, scope: &Scope, claims_allow: bool) -> usize {
    if !is_in_scope(engine, request, scope, claims_allow) {
        return 0;
    }
    let mut closed = request.clone();
    closed.mode = ContextMode::Closed;
    let said: Vec<String> = request
        .context
        .keys()
        .chain(&request.absent)
        .map(|key| key.to_lowercase())
        .collect();
    closed.present.extend(
        ALWAYS_THERE
            .iter()
            .filter(|key| !said.contains(&key.to_lowercase()))
            .map(|key| (*key).to_owned()),
    );
    let mut open = request.clone();
    open.mode = ContextMode::Open;
    let mut held = 0;
    for request in [open, closed] {
        let answer = engine.explain(&request, Detail::Reasons);
        let is_odd = answer.warnings.iter().any(|warning| {
            ["CONTEXT_CONTRADICTS_REQUEST", "UNKNOWN_ACTION"].contains(&warning.code)
        });
        if is_odd {
            continue;
        }
        held += 1;
        let contradicts = match claims_allow {
            true => answer.verdict.is_deny(),
            false => answer.verdict == Verdict::Allow,
        };
        assert!(
            !contradicts,
            "{:?} {:?}
{request:?}
{scope:?}
{:?}",
            answer.verdict,
            answer.primary,
            engine.snapshot()
        );
    }
    held
}

/// True for a request that the proof speaks of.
fn is_in_scope(engine: &Engine, request: &Request, scope: &Scope, claims_allow: bool) -> bool {
    let asks_more = request.force_context
        || !request.assumed_grants.is_empty()
        || request.key_policy_candidate.is_some();
    if passes_tags_it_cannot(request) {
        return false;
    }
    let resource = request.resource.as_deref().unwrap_or("*");
    // Of other accounts nothing is proven of what they do at home.
    let account = request.caller.account.as_deref();
    let listed = &mut engine.snapshot().principals.iter();
    let is_elsewhere = account.is_some_and(|own| listed.all(|one| one.arn.account() != own));
    if resource == "*" && is_elsewhere && !scope.elsewhere.is_empty() {
        return false;
    }
    let mut resources = scope.resources.iter();
    let is_asked = resources.any(|text| {
        text == resource || text.ends_with("/*") && Pattern::parse(text).is_match(resource)
    });
    if asks_more || !is_asked {
        return false;
    }
    if !claims_allow {
        return true;
    }
    // It is about listed identities, without session policies, and not about endpoints.
    let snapshot = engine.snapshot();
    let is_limited = request
        .session_policies
        .as_ref()
        .is_some_and(|list| !list.is_empty())
        || request.vpc_endpoint.is_some()
        || request
            .context
            .keys()
            .chain(&request.present)
            .any(|key| key.eq_ignore_ascii_case("aws:SourceVpce"));
    let arn = request.caller.display_arn();
    let is_listed = snapshot.principals.iter().any(|record| {
        let name = record.arn.resource_name();
        let session = format!(":assumed-role/{name}/");
        record.arn.as_str() == arn || (arn.contains(&session) && arn.contains(record.arn.account()))
    });
    !is_limited && is_listed && request.caller.id.is_none()
}

/// True for a request that passes tags although calls for its action pass none.
fn passes_tags_it_cannot(request: &Request) -> bool {
    let Ask::Action(action) = &request.ask else {
        return false;
    };
    let known = action
        .split_once(':')
        .and_then(|(service, name)| catalog().action(service, name));
    let said = request
        .context
        .keys()
        .chain(&request.present)
        .chain(&request.unknown);
    let mut tags = said
        .map(|key| key.to_lowercase())
        .filter(|key| key == "aws:tagkeys" || key.starts_with("aws:requesttag/"));
    tags.any(|_| known.is_some_and(|known| !known.takes_of_services("aws:TagKeys")))
}

#[test]
fn outcomes_hold_in_the_small_family() {
    let mut tally = Tally::default();
    let worlds = Exhaustive::new().values(|choices| small::world(choices, 1));
    for world in worlds.step_by(STEP) {
        let snapshot = read::snapshot(&world.snapshot).unwrap();
        let questions = Exhaustive::new().values(|choices| world.question(choices));
        let requests = questions.map(|one| read::request(&one.request).unwrap());
        let requests: Vec<Request> = requests.collect();
        hold(&snapshot, &requests, &mut tally);
    }
    println!("{tally:?}");
    assert!(tally.proven > 60 && tally.refuted > 60, "{tally:?}");
    assert!(tally.held > 1000, "{tally:?}");
}

/// Every which world of the small family is looked at.
const STEP: usize = 29;

#[test]
fn outcomes_hold_in_worlds_that_are_made_up() {
    let mut tally = Tally::default();
    for seed in 1..=WORLDS {
        let mut choices = Seeded::new(seed);
        let document = world::snapshot(&mut choices);
        let snapshot = read::snapshot(&document).unwrap();
        let ground = Ground::of(&document);
        let policies = Policies::from_snapshot(snapshot.clone());
        for _ in 0..REQUESTS {
            let document = world::request_on(&mut choices, &document, &ground);
            let request = read::request(&document).unwrap();
            hold_one(&policies, &request, &mut tally);
        }
    }
    println!("{tally:?}");
    assert!(tally.proven > 40 && tally.refuted > 40, "{tally:?}");
    assert!(tally.held > 80, "{tally:?}");
}

/// That nobody of the request's name may do what it asks for, which of most requests is true.
fn hold_one(policies: &Policies, request: &Request, tally: &mut Tally) {
    let (Ask::Action(action), Some(resource)) = (&request.ask, &request.resource) else {
        return;
    };
    let arn = request.caller.display_arn();
    let name = match &request.caller.kind {
        // The ARN of a session does not tell the path of its role.
        CallerKind::RoleSession { role, .. } => format!("arn:*:role/*{role}"),
        _ => arn,
    };
    let property = Property::never("never")
        .callers(Callers::anyone().matching(name))
        .action(action)
        .resource(resource);
    match property.check(policies) {
        Ok(proof) => {
            tally.proven += 1;
            let engine = Engine::compile(policies.snapshot().clone());
            tally.held += contradiction(&engine, request, &proof.scope, false);
        }
        Err(Failure::Refuted(found)) => {
            tally.refuted += 1;
            is_refuted(&found, false);
        }
        Err(Failure::Open(_)) => tally.open += 1,
        Err(_) => {}
    }
}

/// A counterexample is one to the engine and to the reference evaluator.
fn is_refuted(found: &Counterexample, claims_allow: bool) {
    let engine = Engine::compile(found.snapshot.clone());
    let both = answers(&engine, &found.request);
    let is_so = match claims_allow {
        true => both.engine.is_deny(),
        false => both.engine == Verdict::Allow,
    };
    assert!(is_so && both.are_agreed(), "{both:?}\n{found}");
}

/// Worlds that are made up.
const WORLDS: u64 = 60;

/// Requests about each of them.
const REQUESTS: usize = 10;
