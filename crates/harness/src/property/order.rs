//! Order says nothing, nor how statements are spread over policies. Rule: IAM-GRAM-6, IAM-EVAL-2, IAM-COND-1.

use preclear_simulator::{Detail, Explanation};
use serde_json::{Value, json};

use super::{Failed, Tally, World};
use crate::choose::{Choose, Seeded};
use crate::scenario::{Asked, Read, Scenario, Violation};
use crate::world::read;

/// Requests asked about one world and its twins.
const REQUESTS: usize = 8;
/// Orders that a smaller scenario is tried in, since its own may not show it any more.
const ORDERS: u64 = 6;

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    let seed = choices.below(u32::MAX as usize) as u64;
    for rearrange in Rearrange::ALL {
        let snapshot = rearrange.twin(&world.document, seed);
        let engine = read::engine(&snapshot)
            .map_err(|errors| Violation::refused("twin of a snapshot", &snapshot, &errors))?;
        for _ in 0..REQUESTS {
            let (document, request) = world.request(choices)?;
            let twin = rearrange.twin(&document, seed);
            let twin = read::request(&twin)
                .map_err(|errors| Violation::refused("twin of a request", &twin, &errors))?;
            let before = world.engine.explain(&request, Detail::Reasons);
            let after = engine.explain(&twin, Detail::Reasons);
            tally.checks += 1;
            tally.count(request.mode, before.verdict);
            if let Some(message) = rearrange.difference(&before, &after) {
                let scenario = Scenario {
                    snapshot: world.document,
                    request: document,
                    seed,
                    ..Scenario::default()
                };
                return Err(Failed::of(scenario, Violation::new(message)));
            }
        }
    }
    Ok(())
}

/// Ways to say the same.
#[derive(Debug, Clone, Copy)]
enum Rearrange {
    /// Members and items in another order.
    Order,
    /// Statements of one policy in two, entries of one statement in several.
    Spread,
}

impl Rearrange {
    const ALL: [Rearrange; 2] = [Rearrange::Order, Rearrange::Spread];

    /// The document, said otherwise.
    fn twin(self, document: &Value, seed: u64) -> Value {
        let mut choices = Seeded::new(seed);
        let mut twin = document.clone();
        match self {
            Rearrange::Order => reorder(&mut choices, &mut twin),
            Rearrange::Spread => spread(&mut choices, &mut twin),
        }
        twin
    }

    /// What differs that should not.
    fn difference(self, before: &Explanation, after: &Explanation) -> Option<String> {
        let what = match self {
            Rearrange::Order => "in another order",
            Rearrange::Spread => "spread over more statements and policies",
        };
        if before.verdict != after.verdict {
            return Some(format!(
                "{} turns into {} when the same is said {what} (IAM-EVAL-2)",
                before.verdict, after.verdict
            ));
        }
        // Spreading makes statements of entries, and what cannot matter for one may for the other.
        let is_order = matches!(self, Rearrange::Order);
        (is_order && before.depends_on != after.depends_on).then(|| {
            format!(
                "the answer depends on {:?}, and on {:?} when the same is said {what} (IAM-TRI-9)",
                before.depends_on, after.depends_on
            )
        })
    }
}

/// Puts members and items in another order. Services are called in the order of `via`.
fn reorder(choices: &mut Seeded, value: &mut Value) {
    match value {
        Value::Array(items) => {
            choices.shuffle(items);
            items.iter_mut().for_each(|item| reorder(choices, item));
        }
        Value::Object(members) => {
            let mut pairs: Vec<(String, Value)> = std::mem::take(members).into_iter().collect();
            choices.shuffle(&mut pairs);
            for (name, mut member) in pairs {
                if name != "via" {
                    reorder(choices, &mut member);
                }
                members.insert(name, member);
            }
        }
        _ => {}
    }
}

/// Lists of policies whose union counts.
const UNIONS: [&str; 4] = ["policies", "scps", "rcps", "session_policies"];

fn spread(choices: &mut Seeded, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| spread(choices, item)),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::Array(statements) if name == "Statement" => {
                        let taken = std::mem::take(statements);
                        *statements = taken
                            .into_iter()
                            .flat_map(|statement| by_entry(choices, statement))
                            .collect();
                    }
                    _ => spread(choices, member),
                }
                if let Value::Array(policies) = member
                    && UNIONS.contains(&name.as_str())
                {
                    let taken = std::mem::take(policies);
                    *policies = taken
                        .into_iter()
                        .flat_map(|policy| in_two(choices, policy))
                        .collect();
                }
            }
        }
        _ => {}
    }
}

/// A statement for each entry of one of its lists.
fn by_entry(choices: &mut Seeded, statement: Value) -> Vec<Value> {
    let names = ["Action", "Resource"];
    let name = names.get(choices.below(3)).copied().unwrap_or_default();
    let Some(Value::Array(entries)) = statement.get(name) else {
        return vec![statement];
    };
    let alone = |entry: &Value| {
        let mut alone = statement.clone();
        alone[name] = entry.clone();
        alone
    };
    entries.iter().map(alone).collect()
}

/// The same policy as two.
fn in_two(choices: &mut Seeded, policy: Value) -> Vec<Value> {
    let statements = policy.get("Statement").and_then(Value::as_array);
    let Some(statements) = statements.filter(|statements| statements.len() > 1) else {
        return vec![policy];
    };
    let at = 1 + choices.below(statements.len() - 1);
    let part = |statements: &[Value]| {
        let mut part = policy.clone();
        part["Statement"] = json!(statements);
        part
    };
    let (first, second) = statements.split_at(at);
    vec![part(first), part(second)]
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    let before = Read::of(&scenario.snapshot, &scenario.request)?;
    let answer = before.engine.explain(&before.request, Detail::Reasons);
    let tries = Rearrange::ALL
        .into_iter()
        .flat_map(|rearrange| (0..ORDERS).map(move |order| (rearrange, order)));
    for (rearrange, order) in tries {
        let seed = scenario.seed.wrapping_add(order);
        let twin = |document| rearrange.twin(document, seed);
        let (snapshot, request) = (twin(&scenario.snapshot), twin(&scenario.request));
        let Some(after) = Read::of(&snapshot, &request) else {
            continue;
        };
        let after = after.engine.explain(&after.request, Detail::Reasons);
        if let Some(message) = rearrange.difference(&answer, &after) {
            let expected = answer.verdict.name();
            let twin = Scenario {
                snapshot,
                request,
                ..Scenario::default()
            };
            let asked = vec![
                Asked::of(scenario, "as said first", expected),
                Asked::of(&twin, "said otherwise", expected),
            ];
            return Some(Violation::new(message).shown_by(asked));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreading_keeps_every_entry_and_every_statement() {
        let mut document = json!({"policies": [{"Statement": [
            {"Effect": "Allow", "Action": ["a:b", "a:c"], "Resource": "*"},
            {"Effect": "Deny", "Action": "a:d", "Resource": ["*", "arn:aws:s3:::b"]},
        ]}]});
        for seed in 0..20 {
            spread(&mut Seeded::new(seed), &mut document);
        }
        let policies = document["policies"].as_array().expect("a list");
        let statements: Vec<&Value> = policies
            .iter()
            .flat_map(|policy| policy["Statement"].as_array().expect("a list"))
            .collect();
        assert_eq!(statements.len(), 4, "{document}");
        assert_eq!(policies.len(), 4, "{document}");
    }
}
