//! Scratch: counts and groups differences.
use preclear_harness::choose::Seeded;
use preclear_harness::property::agreement::MODES;
use preclear_harness::property::reference::difference;
use preclear_harness::world::read;
use preclear_harness::{minimize::minimize, scenario::Scenario, world};
use std::collections::BTreeMap;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let worlds: u64 = args.get(1).and_then(|a| a.parse().ok()).unwrap_or(200);
    let seed: u64 = args.get(2).and_then(|a| a.parse().ok()).unwrap_or(1);
    let show: usize = args.get(3).and_then(|a| a.parse().ok()).unwrap_or(3);
    let filter = args.get(4).cloned().unwrap_or_default();
    let minimal = args.get(5).is_none_or(|a| a != "raw");
    let mut total = 0u64;
    let mut same = 0u64;
    let mut skipped = 0u64;
    let mut t_ref = std::time::Duration::ZERO;
    let mut groups: BTreeMap<String, (u64, Vec<Scenario>)> = BTreeMap::new();
    for w in 0..worlds {
        let mut c = Seeded::new(seed * 1_000_003 + w);
        let doc = world::snapshot(&mut c);
        let snapshot = read::snapshot(&doc).unwrap();
        let engine = read::engine(&doc).unwrap();
        for _ in 0..12 {
            let rdoc = world::request(&mut c, &doc);
            let mut request = read::request(&rdoc).unwrap();
            for (mode, ambiguity) in MODES {
                (request.mode, request.ambiguity) = (mode, ambiguity);
                total += 1;
                let t = std::time::Instant::now();
                let d = difference(&engine, &snapshot, &request);
                t_ref += t.elapsed();
                match d {
                    None => same += 1,
                    Some(d)
                        if d.engine.is_deny()
                            && d.reference.verdict.is_deny()
                            && d.reference.plain == preclear_simulator::Verdict::Depends =>
                    {
                        same += 1
                    }
                    Some(_) if known(&doc, &rdoc) => {
                        skipped += 1;
                    }
                    Some(d) => {
                        let svc = match &request.ask {
                            preclear_simulator::Ask::Action(a) => a.clone(),
                            _ => String::new(),
                        };
                        let key = format!(
                            "{mode:?} {ambiguity:?} engine={} ref={} plain={}",
                            d.engine, d.reference.verdict, d.reference.plain
                        );
                        if !format!("{key} {svc}").contains(&filter) {
                            continue;
                        }
                        let e = groups.entry(key).or_default();
                        e.0 += 1;
                        if e.1.len() < show {
                            let mut r = rdoc.clone();
                            r["mode"] = format!("{mode:?}").to_lowercase().into();
                            r["ambiguity"] = format!("{ambiguity:?}").to_lowercase().into();
                            let start = Scenario {
                                snapshot: doc.clone(),
                                request: r,
                                ..Scenario::default()
                            };
                            e.1.push(start);
                        }
                    }
                }
            }
        }
    }
    for (key, (n, ex)) in &groups {
        println!("=== {n} {key}");
        for start in ex {
            let small = if minimal {
                minimize(start, |s| {
                    if !stays(&s.snapshot) {
                        return false;
                    }
                    let (Ok(snap), Ok(eng), Ok(req)) = (
                        read::snapshot(&s.snapshot),
                        read::engine(&s.snapshot),
                        read::request(&s.request),
                    ) else {
                        return false;
                    };
                    difference(&eng, &snap, &req).is_some_and(|d| {
                        key.contains(&format!(
                            "engine={} ref={} plain={}",
                            d.engine, d.reference.verdict, d.reference.plain
                        ))
                    })
                })
            } else {
                start.clone()
            };
            println!("S {}\nR {}\n", small.snapshot, small.request);
        }
    }
    println!("{skipped} of known kinds");
    println!(
        "{same} of {total} agree = {:.3}%, {:?} per question",
        100.0 * same as f64 / total as f64,
        t_ref / total as u32
    );
}

fn known(snapshot: &serde_json::Value, request: &serde_json::Value) -> bool {
    let says = |list: &str, layer: &str| {
        snapshot[list]
            .as_array()
            .is_some_and(|l| l.iter().any(|x| x == layer))
    };
    let declared = |layer: &str| {
        says("layers_open", layer)
            || says("layers_empty", layer)
            || says("layers_not_loaded", layer)
    };
    let has_session = request["principal"].get("session_policies").is_some();
    let action = request["action"].as_str().unwrap_or_default();
    let text = snapshot.to_string();
    (declared("session") && has_session)
        || (declared("grants") && action == "kms:RetireGrant")
        || (action.starts_with("sts:AssumeRoleWith")
            && request["principal"].get("federated").is_none())
        || (action.starts_with("iam:") && request["principal"]["credentials"] == "session_token")
        || (text.contains("CanonicalUser") && !action.starts_with("s3:"))
        || (says("layers_not_loaded", "scp") || says("layers_not_loaded", "rcp"))
            && snapshot.get("organization").is_some()
}

fn stays(snapshot: &serde_json::Value) -> bool {
    let org = &snapshot["organization"];
    let nodes = |name: &str| {
        org[name]
            .as_array()
            .is_none_or(|l| l.iter().all(|n| n.get("parent").is_some()))
    };
    let keys = snapshot["keys"].as_array().is_none_or(|l| {
        l.iter()
            .all(|k| k.get("policy").is_none_or(|p| p.get("Statement").is_some()))
    });
    let roles = snapshot["principals"].as_array().is_none_or(|l| {
        l.iter()
            .all(|k| k.get("trust").is_none_or(|p| p.get("Statement").is_some()))
    });
    (org.is_null() || org.get("root").is_some() && org.get("management_account").is_some())
        && nodes("units")
        && nodes("accounts")
        && keys
        && roles
}
