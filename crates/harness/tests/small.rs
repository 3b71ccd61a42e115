//! The small family: the reader accepts every world and question, and every pair of features meets.

use std::collections::{BTreeMap, BTreeSet};

use preclear_harness::choose::Exhaustive;
use preclear_harness::world::read;
use preclear_harness::world::small::{self, Feature, STRENGTH, World};
use preclear_simulator::Verdict;

fn worlds(strength: usize) -> impl Iterator<Item = World> {
    Exhaustive::new().values(move |choices| small::world(choices, strength))
}

fn questions(world: &World) -> impl Iterator<Item = small::Question> + '_ {
    Exhaustive::new().values(|choices| world.question(choices))
}

#[test]
fn every_pair_of_features_meets() {
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut met: BTreeSet<(Feature, Feature)> = BTreeSet::new();
    let mut worlds_made = 0;
    for world in worlds(STRENGTH) {
        worlds_made += 1;
        for (at, one) in world.features.iter().enumerate() {
            values.entry(one.name).or_default().insert(one.value);
            for other in world.features.iter().skip(at + 1) {
                met.insert((*one, *other));
            }
        }
    }
    assert_eq!(
        worlds_made, 21_865,
        "docs/proof.md tells the size of the family"
    );
    let features: Vec<Feature> = values
        .iter()
        .flat_map(|(name, values)| values.iter().map(|value| Feature { name, value }))
        .collect();
    let mut missing = Vec::new();
    for one in &features {
        for other in features.iter().filter(|other| other.name != one.name) {
            let is_met = met.contains(&(*one, *other)) || met.contains(&(*other, *one));
            if !is_met && can_meet(one, other) && one < other {
                missing.push(format!("{one:?} with {other:?}"));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "{} never meet: {missing:#?}",
        missing.len()
    );
}

/// Places in the order in which the two statements stand.
const ORDER: [&str; 7] = [
    "identity", "resource", "boundary", "session", "scp", "rcp", "vpce",
];

/// False for what the grammar, or the order of the two statements, keeps apart.
fn can_meet(one: &Feature, other: &Feature) -> bool {
    let statement = |feature: &Feature| {
        ["first ", "second "]
            .iter()
            .position(|nth| feature.name.starts_with(nth))
    };
    let (Some(of_one), Some(of_other)) = (statement(one), statement(other)) else {
        return true;
    };
    let (of_one_places, of_other_places) = (places(one), places(other));
    if of_one == of_other {
        let negates = |feature: &Feature| {
            feature.value.starts_with("not ") && feature.name.ends_with("principal")
        };
        let allows = |feature: &Feature| feature.value == "Allow";
        let is_refused = negates(one) && allows(other) || allows(one) && negates(other);
        return !is_refused
            && of_one_places
                .iter()
                .any(|place| of_other_places.contains(place));
    }
    let (first, second) = if of_one < of_other {
        (of_one_places, of_other_places)
    } else {
        (of_other_places, of_one_places)
    };
    first.iter().min() <= second.iter().max()
}

/// Where a statement with the feature may stand. Rule: IAM-GRAM-14, IAM-GRAM-15, IAM-GRAM-20.
fn places(feature: &Feature) -> BTreeSet<usize> {
    let what = feature.name.split(' ').nth(1).unwrap_or_default();
    let admits = |place: &str| match (what, feature.value) {
        ("place", only) => place == only,
        ("effect", "Allow") | ("action", "others") => place != "rcp",
        ("principal", "*") => ["resource", "rcp", "vpce"].contains(&place),
        ("principal", "account") => ["resource", "vpce"].contains(&place),
        ("principal", _) => place == "resource",
        _ => true,
    };
    (0..ORDER.len()).filter(|at| admits(ORDER[*at])).collect()
}

/// Each question of the family about every world that differs from the plain one in one feature is asked by the engine.
#[test]
fn every_world_is_accepted_and_every_question_can_be_asked() {
    let mut asked = 0;
    for world in worlds(1).step_by(4) {
        let engine = match read::engine(&world.snapshot) {
            Ok(engine) => engine,
            Err(errors) => panic!("{} is refused: {errors:?}", world.snapshot),
        };
        for question in questions(&world).step_by(3) {
            match read::request(&question.request) {
                Ok(request) => assert_ne!(engine.decide(&request), Verdict::Invalid),
                Err(errors) => panic!("{} is refused: {errors:?}", question.request),
            }
            asked += 1;
        }
    }
    assert!(asked > 5000, "{asked}");
}

#[test]
fn questions_say_what_keys_are_only_where_keys_are_tested() {
    let mut counts: BTreeSet<usize> = BTreeSet::new();
    for world in worlds(1) {
        let has_condition = world.snapshot.to_string().contains("Condition");
        let count = questions(&world).count();
        counts.insert(count);
        assert!(!has_condition || count == 120, "{}", world.snapshot);
    }
    assert_eq!(counts, BTreeSet::from([20, 120]));
}
