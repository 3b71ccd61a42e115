//! The statements and grants that a decision rests on: so few that none can be left out.

use preclear_model::policy::{PrincipalEntry, PrincipalKind, ResourceEntry};
use preclear_model::{Effect, Place, PolicyKind, Statement};
use preclear_simulator::explanation::LayerReport;
use preclear_simulator::{Detail, Engine, Layer, Snapshot, Verdict};

use crate::search::Found;
use crate::statements::{Item, keeping};
use preclear_simulator::cast::ANYTHING;

/// Attempts to leave one more out.
const ATTEMPTS_MAX: usize = 200;

/// A statement or grant that a counterexample needs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Culprit {
    /// The layer that it belongs to.
    pub layer: Layer,
    /// What kind of policy it stands in; none for a grant.
    pub kind: Option<PolicyKind>,
    /// Name of the policy; of a grant the ARN of its key.
    pub policy: String,
    /// `Sid` of the statement, or id of the grant.
    pub id: Option<String>,
    /// Where the statement stands.
    pub place: Option<Place>,
    /// True if the request is no longer allowed once this is gone, whatever else there is.
    pub is_indispensable: bool,
}

/// What allows a request, in the order of the layers; and whether it takes what a stand-in's own policies are assumed to allow.
pub(crate) fn of(snapshot: &Snapshot, engine: &Engine, found: &Found) -> (Vec<Culprit>, bool) {
    let facts = found.facts();
    let answer = found.question.explain(engine, &facts, Detail::Full);
    let mut suspects: Vec<(Item, Culprit)> = Vec::new();
    for layer in &answer.layers {
        for suspect in suspects_of(layer, &answer.resource) {
            if !suspects.iter().any(|(item, _)| *item == suspect.0) {
                suspects.push(suspect);
            }
        }
    }
    let is_allowed = |snapshot: Snapshot| {
        let engine = Engine::compile(snapshot);
        found.question.verdict(&engine, &facts) == Verdict::Allow
    };
    // What a stand-in may be allowed by policies that nobody knows stays: it is no statement of anybody.
    let anything = anything_of(snapshot);
    let with_only = |kept: &[(Item, Culprit)]| {
        let is_kept = |item: &Item| {
            anything.contains(item) || kept.iter().any(|(suspect, _)| suspect == item)
        };
        is_allowed(keeping(snapshot, &is_kept))
    };
    if with_only(&suspects) {
        let mut attempts = 0;
        let mut at = 0;
        while at < suspects.len() && attempts < ATTEMPTS_MAX {
            attempts += 1;
            let mut fewer = suspects.clone();
            fewer.remove(at);
            if with_only(&fewer) {
                suspects = fewer;
            } else {
                at += 1;
            }
        }
    }
    suspects.retain(|(_, culprit)| culprit.policy != ANYTHING);
    // A guardrail that lets everything pass is nobody's slip.
    let is_open = |(item, culprit): &(Item, Culprit)| {
        let is_limit = !matches!(culprit.layer, Layer::Resource | Layer::Identity);
        is_limit && statement_of(snapshot, item).is_some_and(|(_, open)| open)
    };
    if !suspects.iter().all(is_open) {
        suspects.retain(|one| !is_open(one));
    }
    let culprits = suspects.into_iter().map(|(item, culprit)| Culprit {
        kind: statement_of(snapshot, &item).map(|(kind, _)| kind),
        is_indispensable: !is_allowed(keeping(snapshot, &|other| *other != item)),
        ..culprit
    });
    let culprits = culprits.collect();
    let is_certain = |item: &Item| !anything.contains(item);
    let takes_anything = !anything.is_empty() && !is_allowed(keeping(snapshot, &is_certain));
    (culprits, takes_anything)
}

/// What kind of policy a statement stands in, and whether it lets everything pass.
fn statement_of(snapshot: &Snapshot, item: &Item) -> Option<(PolicyKind, bool)> {
    snapshot.policies().find_map(|policy| {
        let mut statements = policy.statements.iter();
        let found = statements.find(|one| Item::at(&policy.place(one.span)) == *item)?;
        Some((policy.kind, passes_everything(found)))
    })
}

fn passes_everything(statement: &Statement) -> bool {
    let actions = statement.action.as_ref().is_some_and(|actions| {
        !actions.is_negated() && actions.entries().iter().any(|one| one.text.as_str() == "*")
    });
    let resources = statement.resource.as_ref().is_none_or(|resources| {
        let is_any = |one: &ResourceEntry| one.template.source.as_str() == "*";
        !resources.is_negated() && resources.entries().iter().any(is_any)
    });
    let principals = statement.principal.as_ref().is_none_or(|principals| {
        let is_any = |one: &PrincipalEntry| matches!(one.kind, PrincipalKind::Everyone);
        !principals.is_negated() && principals.entries().iter().any(is_any)
    });
    let is_allow = statement.effect == Effect::Allow
        && statement.conditions.is_empty()
        && statement.open.is_none();
    is_allow && actions && resources && principals
}

fn anything_of(snapshot: &Snapshot) -> Vec<Item> {
    let policies = snapshot.policies();
    let anything = policies.filter(|policy| policy.name == ANYTHING);
    let items = anything.flat_map(|policy| {
        let statements = policy.statements.iter();
        statements.map(|statement| Item::at(&policy.place(statement.span)))
    });
    items.collect()
}

/// What applies in a layer and allows.
fn suspects_of(layer: &LayerReport, resource: &str) -> Vec<(Item, Culprit)> {
    let statements = layer.statements.iter().filter_map(|report| {
        let place = report.statement.place.clone()?;
        let applies = report.allows && !report.applies.is_false();
        let culprit = Culprit {
            layer: layer.layer,
            kind: None,
            policy: report.statement.policy.clone(),
            id: report.statement.sid.clone(),
            place: Some(place.clone()),
            is_indispensable: false,
        };
        applies.then(|| (Item::at(&place), culprit))
    });
    let grants = layer
        .grants
        .iter()
        .filter(|grant| !grant.applies.is_false());
    let grants = grants.map(|grant| {
        let culprit = Culprit {
            layer: layer.layer,
            kind: None,
            policy: resource.to_owned(),
            id: Some(grant.id.clone()),
            place: None,
            is_indispensable: false,
        };
        (Item::Grant(resource.to_owned(), grant.id.clone()), culprit)
    });
    statements.chain(grants).collect()
}
