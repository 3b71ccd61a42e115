//! Generated worlds: the reader accepts them all, and they hold what policies can hold.

use preclear_harness::choose::{Bytes, Seeded};
use preclear_harness::world::{self, read};
use preclear_simulator::Verdict;

/// Worlds that are looked at.
const WORLDS: u64 = 300;

#[test]
fn every_world_is_accepted_and_every_request_can_be_asked() {
    for seed in 0..WORLDS {
        let mut choices = Seeded::new(seed);
        let snapshot = world::snapshot(&mut choices);
        let engine = match read::engine(&snapshot) {
            Ok(engine) => engine,
            Err(errors) => panic!("{snapshot} is refused: {errors:?}"),
        };
        for _ in 0..6 {
            let document = world::request(&mut choices, &snapshot);
            match read::request(&document) {
                Ok(request) => assert_ne!(engine.decide(&request), Verdict::Invalid, "{document}"),
                Err(errors) => panic!("{document} is refused: {errors:?}"),
            }
        }
    }
}

#[test]
fn no_choices_make_the_simplest_world() {
    let snapshot = world::snapshot(&mut Bytes::new(&[]));
    assert_eq!(snapshot["complete"], true);
    assert!(snapshot.get("organization").is_none());
    assert_eq!(snapshot["principals"].as_array().map(Vec::len), Some(0));
    let request = world::request(&mut Bytes::new(&[]), &snapshot);
    assert_eq!(request["action"], "s3:GetObject");
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let world = |seed| {
        let mut choices = Seeded::new(seed);
        let snapshot = world::snapshot(&mut choices);
        let request = world::request(&mut choices, &snapshot);
        (snapshot, request)
    };
    assert_eq!(world(5), world(5));
    assert_ne!(world(5), world(6));
}

/// What a property cannot fail on because no world ever has it is not proven by it.
#[test]
fn worlds_hold_what_policies_can_hold() {
    let mut worlds = String::new();
    for seed in 0..WORLDS {
        let mut choices = Seeded::new(seed);
        let snapshot = world::snapshot(&mut choices);
        worlds.push_str(&snapshot.to_string());
        for _ in 0..6 {
            worlds.push_str(&world::request(&mut choices, &snapshot).to_string());
        }
    }
    let wanted = [
        // Statements.
        "\"NotAction\"",
        "\"NotResource\"",
        "\"NotPrincipal\"",
        "\"Service\"",
        "\"Federated\"",
        "\"CanonicalUser\"",
        "\"2008-10-17\"",
        "\"Condition\":{}",
        // Operators of every type, in every form.
        "\"StringEquals\"",
        "\"StringNotEqualsIgnoreCase\"",
        "\"StringLike\"",
        "\"ArnNotLike\"",
        "\"NumericLessThan\"",
        "\"DateGreaterThan\"",
        "\"Bool\"",
        "\"IpAddress\"",
        "\"BinaryEquals",
        "\"Null\"",
        "\"ForAllValues:",
        "\"ForAnyValue:",
        "IfExists\"",
        ":[]",
        // Variables.
        "${aws:username}",
        "${aws:PrincipalTag/team, 'red'}",
        "${*}",
        "${aws:TagKeys}",
        // What the register of ambiguities is about: 1, 2, 3, 4, 13, 14, 15, 20, 21, 22, 24.
        "arn:aws:lambda:eu-west-1:*:f\"",
        "k*/k1",
        "\"*:*\"",
        "\"stringequals\"",
        "aws:RequestTag/TEAM",
        "\"arn:aws:sqs\"",
        "arn:aws:SQS",
        "\"1e3\"",
        "role/app/r\"",
        "\"2027\"",
        "::ffff:",
        // Requests.
        "\"unknown\"",
        "\"present\"",
        "\"absent\"",
        "\"session_policies\"",
        "\"via\"",
        "\"vpc_endpoint\"",
        "\"parameters\"",
        "\"federated\"",
        "\"resource_account\"",
        // Snapshots.
        "\"layers_not_loaded\"",
        "\"layers_open\"",
        "\"layers_empty\"",
        "\"external\"",
        "\"ram_policy\"",
        "\"EncryptionContextEquals\"",
        "\"rcps\"",
        "\"boundary\":null",
    ];
    let missing: Vec<&str> = wanted
        .into_iter()
        .filter(|wanted| !worlds.contains(wanted))
        .collect();
    assert!(missing.is_empty(), "never seen: {missing:?}");
}
