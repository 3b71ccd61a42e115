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

/// False for what the grammar, or the order of the two statements, keeps apart.
fn can_meet(one: &Feature, other: &Feature) -> bool {
    const ORDER: [&str; 7] = [
        "identity", "resource", "boundary", "session", "scp", "rcp", "vpce",
    ];
    let find = |name: &str| [one, other].into_iter().find(|it| it.name == name);
    let value = |name: &str| find(name).map(|it| it.value);
    let at = |place: &str| ORDER.iter().position(|known| *known == place);
    if let (Some(first), Some(second)) = (value("first place"), value("second place")) {
        return at(first) <= at(second);
    }
    for nth in ["first", "second"] {
        let of = |what: &str| value(&format!("{nth} {what}"));
        let (place, effect) = (of("place"), of("effect"));
        let (action, principal) = (of("action"), of("principal"));
        let has_principals = |place: &str| ["resource", "rcp", "vpce"].contains(&place);
        let is_named = |name: &str| !["*", "account"].contains(&name);
        let is_negated = |name: &str| name.starts_with("not ");
        // Rule: IAM-GRAM-14, IAM-GRAM-15, IAM-GRAM-20.
        let is_apart = place == Some("rcp")
            && (effect == Some("Allow") || action == Some("others"))
            || principal.is_some() && place.is_some_and(|place| !has_principals(place))
            || principal.is_some_and(is_named) && place.is_some_and(|place| place != "resource")
            || principal == Some("account") && place == Some("rcp")
            || principal.is_some_and(is_negated) && effect == Some("Allow");
        if is_apart {
            return false;
        }
    }
    // Statements in two places leave one more feature out of the plain: of the other's kind, what has no principals.
    let principals = [value("first principal"), value("second principal")];
    let is_not_plain = |name: Option<&str>| name.is_some_and(|name| name != "*");
    let (first, second) = (value("first place"), value("second place"));
    let is_second_alone = is_not_plain(principals[1]) && first.is_some();
    let is_first_alone = is_not_plain(principals[0]) && second.is_some();
    let stands_later = |place: Option<&str>, other: &str| at(place.unwrap_or_default()) > at(other);
    !(is_second_alone && stands_later(first, "vpce"))
        && !(is_first_alone && at(second.unwrap_or_default()) < at("resource"))
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
