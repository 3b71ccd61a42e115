//! An undecided answer names what it depends on, and all of that can be settled. Rule: IAM-TRI-9, IAM-RSN-1.

use std::collections::BTreeSet;

use preclear_condition::Dependency;
use preclear_model::caller::CallerKind;
use preclear_simulator::{AmbiguityMode, Detail, Engine, Explanation, Layer, Request, Verdict};

use super::{Failed, Tally, World};
use crate::choose::Choose;
use crate::open::{Opening, Openness, has_open_statement, openings, openness};
use crate::scenario::{Asked, Read, Scenario, Violation};

/// Requests asked about one world.
const REQUESTS: usize = 16;
/// Greatest number of the ambiguity register.
const AMBIGUITIES_MAX: u8 = 24;

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    for _ in 0..REQUESTS {
        let (document, request) = world.request(choices)?;
        let answer = world.engine.explain(&request, Detail::Reasons);
        tally.count(request.mode, answer.verdict);
        tally.checks += u64::from(answer.verdict == Verdict::Depends);
        if let Some(message) = complaint(&world.engine, &request, &answer) {
            let scenario = Scenario {
                snapshot: world.document,
                request: document,
                ..Scenario::default()
            };
            return Err(Failed::of(scenario, Violation::new(message)));
        }
    }
    Ok(())
}

/// What is wrong with what the answer depends on.
pub(super) fn complaint(
    engine: &Engine,
    request: &Request,
    answer: &Explanation,
) -> Option<String> {
    let verdict = answer.verdict;
    match (verdict == Verdict::Depends, answer.depends_on.is_empty()) {
        (true, true) => return Some("the answer depends, and does not say on what".to_owned()),
        (false, false) => {
            return Some(format!(
                "{verdict}, and yet it depends on {:?}",
                answer.depends_on
            ));
        }
        (false, true) => return None,
        (true, false) => {}
    }
    let named: BTreeSet<u8> = answer
        .depends_on
        .iter()
        .filter_map(|dependency| match dependency {
            Dependency::Ambiguity(number) => Some(*number),
            _ => None,
        })
        .collect();
    if request.ambiguity == AmbiguityMode::Report && named != answer.ambiguities {
        return Some(format!(
            "the answer depends on the ambiguities {named:?}, but lists {:?} (IAM-TRI-8)",
            answer.ambiguities
        ));
    }
    let mut dependencies = answer.depends_on.iter();
    let settled = dependencies.find(|dependency| !is_open(engine, request, dependency))?;
    Some(format!(
        "the answer depends on `{settled}`, which nothing leaves open (IAM-TRI-9)"
    ))
}

/// True if nobody settled it yet.
fn is_open(engine: &Engine, request: &Request, dependency: &Dependency) -> bool {
    let snapshot = engine.snapshot();
    match dependency {
        Dependency::Key(key) => {
            // Grants are compared with members of the call, which go by the names of their keys.
            let is_member = key.starts_with("kms:")
                && openings(snapshot, request, []).contains(&Opening::Parameters);
            is_member
                || openness(snapshot, request, key)
                    .is_none_or(|openness| openness != Openness::Settled)
        }
        Dependency::Layer(name) => {
            let Some(layer) = Layer::from_name(name) else {
                return false;
            };
            if snapshot.layers_not_loaded.contains(&layer)
                || !snapshot.complete
                || has_open_statement(snapshot, request, layer)
            {
                return true;
            }
            // Which endpoint a call passes may be open, and whether it passes any.
            let endpoint = openness(snapshot, request, "aws:SourceVpce");
            if layer == Layer::VpcEndpoint && endpoint != Some(Openness::Settled) {
                return true;
            }
            // What even a complete snapshot may leave out: the policy of a key or role, what is elsewhere, and whose a
            // resource is.
            let mut openings = openings(snapshot, request, []).into_iter();
            openings.any(|opening| layer_of(&opening).is_none_or(|own| own == layer))
                || !snapshot.external.is_empty()
        }
        Dependency::Requester("session-name") => {
            matches!(
                request.caller.kind,
                CallerKind::RoleSession { session: None, .. }
            )
        }
        Dependency::Requester(field) => {
            let wanted = match *field {
                "unique-id" => Opening::UniqueId,
                "canonical-id" => Opening::CanonicalId,
                _ => Opening::FederatedUser,
            };
            openings(snapshot, request, []).contains(&wanted)
        }
        Dependency::Ambiguity(number) => {
            // Two spellings of a tag have no guess (AMB-13).
            (1..=AMBIGUITIES_MAX).contains(number)
                && (request.ambiguity == AmbiguityMode::Report || *number == 13)
        }
        Dependency::Resource(_) => true,
    }
}

/// The layer that an opening is of; `None` where it may be of several.
fn layer_of(opening: &Opening) -> Option<Layer> {
    match opening {
        Opening::Layer(layer) => Some(*layer),
        Opening::SessionPolicies => Some(Layer::Session),
        Opening::Member(_, _, member) => Some(match *member {
            "policies" | "groups" => Layer::Identity,
            "boundary" => Layer::Boundary,
            "grants" => Layer::Grants,
            "scps" => Layer::Scp,
            "rcps" => Layer::Rcp,
            _ => Layer::Resource,
        }),
        Opening::Entry("groups", _) => Some(Layer::Identity),
        Opening::Entry("resources", _) => Some(Layer::Resource),
        Opening::Entry("vpc_endpoints", _) => Some(Layer::VpcEndpoint),
        Opening::ResourceAccount => Some(Layer::Rcp),
        Opening::Entry(..) | Opening::FederatedUser => None,
        // The rest is of no layer in a complete snapshot.
        _ => Some(Layer::Grants),
    }
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let read = Read::of(&scenario.snapshot, &scenario.request)?;
    let answer = read.engine.explain(&read.request, Detail::Reasons);
    let message = complaint(&read.engine, &read.request, &answer)?;
    let asked = Asked::of(scenario, "what it depends on", answer.verdict.name());
    Some(Violation::new(message).shown_by(vec![asked]))
}
