//! Counts where engine and reference differ, grouped by action and answers, each group with small examples.
//!
//! `differences [WORLDS] [SEED] [EXAMPLES OF A GROUP] [TEXT IN A GROUP'S NAME]`
#![allow(
    clippy::print_stdout,
    reason = "a tool for those who mend one of the two"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use preclear_harness::choose::Seeded;
use preclear_harness::minimize::minimize;
use preclear_harness::property::agreement::MODES;
use preclear_harness::property::reference::{Answers, answers};
use preclear_harness::scenario::Scenario;
use preclear_harness::world::{self, read};

/// Requests asked about one world.
const REQUESTS: usize = 12;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let number = |place: usize, default: u64| {
        let given = args.get(place).and_then(|text| text.parse().ok());
        given.unwrap_or(default)
    };
    let (worlds, seed, shown) = (number(1, 200), number(2, 1), number(3, 1));
    let filter = args.get(4).map_or("", String::as_str);
    let (mut asked, mut agreed, mut took) = (0_u64, 0_u64, Duration::ZERO);
    let mut groups: BTreeMap<String, (u64, Vec<Scenario>)> = BTreeMap::new();
    for world in 0..worlds {
        let mut choices = Seeded::new(seed * 1_000_003 + world);
        let document = world::snapshot(&mut choices);
        let Ok(engine) = read::engine(&document) else {
            println!("refused: {document}");
            continue;
        };
        for _ in 0..REQUESTS {
            let made = world::request(&mut choices, &document);
            let Ok(mut request) = read::request(&made) else {
                println!("refused: {made}");
                continue;
            };
            for (mode, ambiguity) in MODES {
                (request.mode, request.ambiguity) = (mode, ambiguity);
                asked += 1;
                let start = Instant::now();
                let found = answers(&engine, &request);
                took += start.elapsed();
                if found.are_agreed() {
                    agreed += 1;
                    continue;
                }
                let action = made["action"].as_str().or(made["operation"].as_str());
                let name = format!("{} {}", told(found), action.unwrap_or_default());
                if !name.contains(filter) {
                    continue;
                }
                let (count, examples) = groups.entry(name).or_default();
                *count += 1;
                if (examples.len() as u64) < shown {
                    let mut made = made.clone();
                    made["mode"] = format!("{mode:?}").to_lowercase().into();
                    made["ambiguity"] = format!("{ambiguity:?}").to_lowercase().into();
                    examples.push(Scenario {
                        snapshot: document.clone(),
                        request: made,
                        ..Scenario::default()
                    });
                }
            }
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (name, (count, examples)) in &groups {
        println!("=== {count} {name}");
        for example in examples {
            let small = minimize(example, |scenario| is_alike(scenario, name));
            println!("S {}\nR {}\n", small.snapshot, small.request);
        }
    }
    let share = 100.0 * agreed as f64 / asked.max(1) as f64;
    let each = took / u32::try_from(asked.max(1)).unwrap_or(u32::MAX);
    println!("{agreed} of {asked} agree = {share:.4}%, {each:?} a question");
}

fn told(found: Answers) -> String {
    let Answers { engine, reference } = found;
    format!("engine={engine} ref={}", reference.verdict)
}

/// True where every policy still has statements, and every node of an organization its parent.
fn is_whole(document: &serde_json::Value) -> bool {
    let is_policy = |name: &str| ["policy", "trust", "boundary"].contains(&name);
    let lists = ["policies", "scps", "rcps", "session_policies"];
    let has_statement = |policy: &serde_json::Value| {
        policy
            .as_object()
            .is_none_or(|members| members.contains_key("Statement"))
    };
    match document {
        serde_json::Value::Array(members) => members.iter().all(is_whole),
        serde_json::Value::Object(members) => members.iter().all(|(name, value)| {
            let is_kept = match name.as_str() {
                "organization" => {
                    value.get("root").is_some() && value.get("management_account").is_some()
                }
                "units" | "accounts" => value
                    .as_array()
                    .is_none_or(|nodes| nodes.iter().all(|node| node.get("parent").is_some())),
                name if is_policy(name) => has_statement(value),
                name if lists.contains(&name) => value
                    .as_array()
                    .is_none_or(|policies| policies.iter().all(has_statement)),
                _ => true,
            };
            is_kept && is_whole(value)
        }),
        _ => true,
    }
}

fn is_alike(scenario: &Scenario, name: &str) -> bool {
    if !is_whole(&scenario.snapshot) || !is_whole(&scenario.request) {
        return false;
    }
    let (Ok(engine), Ok(request)) = (
        read::engine(&scenario.snapshot),
        read::request(&scenario.request),
    ) else {
        return false;
    };
    let found = answers(&engine, &request);
    !found.are_agreed() && name.starts_with(&told(found))
}
