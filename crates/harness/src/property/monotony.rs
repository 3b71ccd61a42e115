//! With a further Deny no more is allowed than without it; with a further Allow no less. A grant is an Allow that no Deny
//! heeds. Rule: IAM-EVAL-2, IAM-EVAL-3, KMS-GRANT-1, KMS-GRANT-10.

use preclear_model::PolicyKind;
use preclear_simulator::{Ask, Engine, Request, Verdict};
use serde_json::{Value, json};

use super::{Failed, Tally, World};
use crate::choose::Choose;
use crate::scenario::{Asked, Read, Scenario, Violation};
use crate::world::entries::grants;
use crate::world::policy::{Theme, statement_of};
use crate::world::read;

/// Statements tried in one world.
const STATEMENTS: usize = 4;
/// Requests asked about each.
const REQUESTS: usize = 8;
/// Marks the statement, or the grant, that is there or not.
const MARK: &str = "Tried";
/// What a grant that is added is called instead of its effect.
const GRANT: &str = "grant";

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    for _ in 0..STATEMENTS {
        let added = if choices.once_in(3) {
            with_grant(choices, &world.document)
        } else {
            with_statement(choices, &world.document)
        };
        let Some((with, effect)) = added else {
            continue;
        };
        let engine = read::engine(&with).map_err(|errors| {
            Violation::refused("snapshot with a statement more", &with, &errors)
        })?;
        for _ in 0..REQUESTS {
            let (document, request) = world.request(choices)?;
            if effect == GRANT && retires(&request) {
                continue;
            }
            let verdicts = Verdicts::of(&world.engine, &engine, &request);
            tally.checks += 1;
            tally.count(request.mode, verdicts.without);
            if let Some(message) = verdicts.complaint(effect) {
                let scenario = Scenario {
                    snapshot: with,
                    request: document,
                    ..Scenario::default()
                };
                return Err(Failed::of(scenario, Violation::new(message)));
            }
        }
    }
    Ok(())
}

/// Answers without and with the statement.
#[derive(Debug, Clone, Copy)]
struct Verdicts {
    without: Verdict,
    with: Verdict,
}

impl Verdicts {
    fn of(without: &Engine, with: &Engine, request: &Request) -> Self {
        Self {
            without: without.decide(request),
            with: with.decide(request),
        }
    }

    /// What is wrong with them, if anything is.
    fn complaint(self, effect: &str) -> Option<String> {
        let Self { without, with } = self;
        let (less, more) = if effect == "Deny" {
            (with, without)
        } else {
            (without, with)
        };
        let is_kept = without != Verdict::ExplicitDeny || with == Verdict::ExplicitDeny;
        let is_heeded = effect != GRANT || with != Verdict::ExplicitDeny || without == with;
        let holds = match (rank(less), rank(more)) {
            (Some(less), Some(more)) => less <= more && is_kept && is_heeded,
            _ => less == more,
        };
        (!holds).then(|| format!("{without} turns into {with} with one {effect} more (IAM-EVAL-3)"))
    }
}

/// How much an answer allows; `None` for those that are none.
fn rank(verdict: Verdict) -> Option<u8> {
    match verdict {
        Verdict::ExplicitDeny | Verdict::ImplicitDeny => Some(0),
        Verdict::Depends => Some(1),
        Verdict::Allow => Some(2),
        Verdict::NotApplicable | Verdict::Invalid => None,
    }
}

/// The snapshot with a statement more in one of its policies, and the effect of it.
fn with_statement(choices: &mut impl Choose, snapshot: &Value) -> Option<(Value, &'static str)> {
    let mut policies = Vec::new();
    find_policies(snapshot, "", &mut policies);
    let (pointer, kind) = policies.get(choices.below(policies.len()))?;
    let effect = if *kind == PolicyKind::Rcp || choices.once_in(2) {
        "Deny"
    } else {
        "Allow"
    };
    let theme = Theme::draw(choices);
    let mut statement = statement_of(choices, *kind, theme, effect);
    let mut with = snapshot.clone();
    let statements = with.pointer_mut(&format!("{pointer}/Statement"))?;
    if !statements.is_array() {
        *statements = json!([statements.take()]);
    }
    let statements = statements.as_array_mut()?;
    // As often as not one that speaks of the same as another does.
    let twin = statements.get(choices.below(statements.len()));
    if let Some(twin) = twin.filter(|twin| twin.get("NotPrincipal").is_none())
        && choices.once_in(2)
    {
        statement = twin.clone();
        statement["Effect"] = json!(effect);
    }
    statement["Sid"] = json!(MARK);
    statements.push(statement);
    Some((with, effect))
}

/// RetireGrant carries the constraints of the grant that it means, so it is no longer the same call. Rule: KMS-GRANT-14.
fn retires(request: &Request) -> bool {
    matches!(&request.ask, Ask::Action(action) if action.eq_ignore_ascii_case("kms:RetireGrant"))
}

/// The snapshot with a grant more on a key whose grants are known.
fn with_grant(choices: &mut impl Choose, snapshot: &Value) -> Option<(Value, &'static str)> {
    let mut grant = grants(choices).as_array()?.first()?.clone();
    grant["GrantId"] = json!(MARK);
    let mut with = snapshot.clone();
    let keys = with["keys"].as_array_mut()?;
    let chosen = choices.below(keys.len());
    let listed = keys.get_mut(chosen)?.get_mut("grants")?.as_array_mut()?;
    listed.push(grant);
    Some((with, GRANT))
}

/// Pointers to the policies below a value, with their kinds.
pub(super) fn find_policies(value: &Value, at: &str, found: &mut Vec<(String, PolicyKind)>) {
    match value {
        Value::Object(members) if members.contains_key("Statement") => {
            found.extend(kind_at(at).map(|kind| (at.to_owned(), kind)));
        }
        Value::Object(members) => {
            for (name, member) in members {
                find_policies(member, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_policies(item, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// What kind of policy stands at a pointer.
fn kind_at(pointer: &str) -> Option<PolicyKind> {
    let mut names = pointer
        .split('/')
        .filter(|name| name.parse::<usize>().is_err());
    let list = names.nth(1)?;
    Some(match (list, names.next_back().unwrap_or(list)) {
        (_, "boundary") => PolicyKind::Boundary,
        (_, "trust") => PolicyKind::Trust,
        (_, "policies") => PolicyKind::Identity,
        (_, "scps") => PolicyKind::Scp,
        (_, "rcps") => PolicyKind::Rcp,
        ("keys", _) => PolicyKind::Key,
        ("resources", _) => PolicyKind::Resource,
        ("vpc_endpoints", _) => PolicyKind::VpcEndpoint,
        _ => return None,
    })
}

/// Takes the marked statement or grant out; its effect, if it was there.
fn without(value: &mut Value) -> Option<String> {
    let is_marked = |item: &Value| {
        ["Sid", "GrantId"]
            .iter()
            .any(|name| item.get(name).is_some_and(|mark| mark == MARK))
    };
    match value {
        Value::Array(items) => {
            let marked = items.iter().position(is_marked);
            match marked {
                Some(marked) => {
                    let removed = items.remove(marked);
                    let effect = removed.get("Effect").and_then(Value::as_str);
                    Some(effect.unwrap_or(GRANT).to_owned())
                }
                None => items.iter_mut().find_map(without),
            }
        }
        Value::Object(members) => members.values_mut().find_map(without),
        _ => None,
    }
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let mut snapshot = scenario.snapshot.clone();
    let effect = without(&mut snapshot)?;
    let with = Read::of(&scenario.snapshot, &scenario.request)?;
    if effect == GRANT && retires(&with.request) {
        return None;
    }
    let without = read::engine(&snapshot).ok()?;
    let verdicts = Verdicts::of(&without, &with.engine, &with.request);
    let message = verdicts.complaint(&effect)?;
    let before = Scenario {
        snapshot,
        request: scenario.request.clone(),
        ..Scenario::default()
    };
    let asked = vec![
        Asked::of(&before, "without the statement", verdicts.without.name()),
        Asked::of(scenario, "with the statement", verdicts.without.name()),
    ];
    Some(Violation::new(message).shown_by(asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choose::Seeded;
    use crate::world;

    #[test]
    fn the_statement_that_is_added_is_the_one_taken_out() {
        let mut choices = Seeded::new(3);
        let mut tried = 0;
        for _ in 0..200 {
            let snapshot = world::snapshot(&mut choices);
            let added = if choices.once_in(3) {
                with_grant(&mut choices, &snapshot)
            } else {
                with_statement(&mut choices, &snapshot)
            };
            let Some((mut with, effect)) = added else {
                continue;
            };
            assert_ne!(with, snapshot);
            assert_eq!(without(&mut with).as_deref(), Some(effect));
            assert_eq!(without(&mut with), None);
            tried += 1;
        }
        assert!(tried > 130, "only {tried} statements and grants were added");
    }

    #[test]
    fn answers_are_compared_the_right_way_round() {
        let verdicts = |without, with| Verdicts { without, with };
        use Verdict::{Allow, Depends, ExplicitDeny, ImplicitDeny};
        assert!(verdicts(Allow, ImplicitDeny).complaint("Deny").is_none());
        assert!(
            verdicts(ImplicitDeny, ExplicitDeny)
                .complaint("Deny")
                .is_none()
        );
        assert!(verdicts(ImplicitDeny, Allow).complaint("Deny").is_some());
        assert!(verdicts(ImplicitDeny, Depends).complaint("Deny").is_some());
        assert!(
            verdicts(ExplicitDeny, ImplicitDeny)
                .complaint("Deny")
                .is_some()
        );
        assert!(verdicts(ImplicitDeny, Allow).complaint("Allow").is_none());
        assert!(verdicts(ImplicitDeny, Allow).complaint(GRANT).is_none());
        assert!(verdicts(ExplicitDeny, Allow).complaint(GRANT).is_some());
        assert!(verdicts(Allow, ExplicitDeny).complaint(GRANT).is_some());
        assert!(verdicts(Allow, Depends).complaint("Allow").is_some());
        assert!(
            verdicts(ExplicitDeny, ImplicitDeny)
                .complaint("Allow")
                .is_some()
        );
    }
}
