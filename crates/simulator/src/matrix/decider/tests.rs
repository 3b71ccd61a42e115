//! Deciders with little room answer as [`Engine::decide`] does, and remember again.
//!
//! In the world below callers, actions, resources and bases are told apart by what looks like chance: whoever takes one for another is
//! wrong half of the time. What is looked up shows by a verdict that no decision gives, put into the book.

use std::sync::Arc;

use preclear_model::Policy;
use preclear_model::caller::Credentials;
use serde_json::{Value, json};

use super::super::memo::Room;
use super::super::tests::{KEY, OTHER_KEY, base, key, policy, user, world};
use super::*;
use crate::request::ContextValue;
use crate::snapshot::{Given, Snapshot};
use preclear_model::PolicyKind;

const CALLERS: usize = 6;
const ACTIONS: [&str; 5] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:GetObjectTagging",
    "s3:RestoreObject",
];
const BASES: usize = 4;

/// Some bit of the numbers.
fn chance(numbers: [usize; 4]) -> bool {
    let mixed = numbers.iter().fold(0x9e37_79b9_u64, |sum, number| {
        (sum ^ *number as u64)
            .wrapping_mul(0x517c_c1b7_2722_0a95)
            .rotate_left(23)
    });
    mixed % 2 == 0
}

fn arn(caller: usize) -> String {
    format!("arn:aws:iam::111122223333:user/u{caller}")
}

/// Patterns of the resources that are told apart: some look into names, and of some all names are alike.
fn patterns() -> [String; 6] {
    ["b0/p-*", "b0/q-*", "b1/p-*", "c0/*", "c1/*", "c2/*"].map(|end| format!("arn:aws:s3:::{end}"))
}

/// Statements that no request here is about.
fn nothing() -> Value {
    json!([{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}])
}

fn snapshot() -> Snapshot {
    let principals = (0..CALLERS).map(|caller| {
        let mut statements: Vec<Value> = Vec::new();
        for (number, action) in ACTIONS.iter().enumerate() {
            for base in 0..BASES {
                let resources: Vec<String> = (0..)
                    .zip(patterns())
                    .filter(|(resource, _)| chance([caller, number, *resource, base]))
                    .map(|(_, pattern)| pattern)
                    .collect();
                if !resources.is_empty() {
                    statements.push(
                        json!({"Effect": "Allow", "Action": action, "Resource": resources,
                        "Condition": {"StringEquals": {"aws:UserAgent": format!("agent {base}")}}}),
                    );
                }
            }
        }
        statements.push(json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}));
        user(&arn(caller), statements.into())
    });
    let mut world = world(nothing());
    world.principals = principals.collect();
    // The second key denies everybody.
    world.keys = vec![key(KEY), key(OTHER_KEY)];
    let deny = json!([{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}]);
    for key in world.keys.iter_mut().skip(1) {
        key.policy = Given::Here(policy(PolicyKind::Key, deny.clone()));
    }
    world
}

fn engine(room: Room) -> Engine {
    Engine::compile(snapshot()).with_memo(|engine| Memo::within(engine, room))
}

fn request(caller: usize, action: &str, resource: &str, number: usize) -> Request {
    let agent = ContextValue::One(format!("agent {number}"));
    let mut request = Request {
        caller: Caller::parse(&arn(caller)).expect("a user"),
        ask: Ask::Action(action.to_owned()),
        resource: Some(resource.to_owned()),
        ..base()
    };
    request.context.insert("aws:UserAgent".to_owned(), agent);
    request
}

/// Requests in an order that looks like chance, with few of a kind in a row.
fn requests(count: usize) -> Vec<Request> {
    let resources: Vec<String> = patterns()
        .iter()
        .flat_map(|pattern| ["1", "2", "3"].map(|name| pattern.replace('*', name)))
        .collect();
    let mut state = 7_usize;
    let mut draw = |bound: usize| {
        state = state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 33) % bound
    };
    let requests = (0..count).map(|_| {
        let (caller, number) = (draw(CALLERS), draw(BASES));
        match draw(8) {
            0 => request(caller, "kms:Encrypt", KEY, number),
            1 => request(caller, "kms:Encrypt", OTHER_KEY, number),
            _ => {
                let resource = &resources[draw(resources.len())];
                request(caller, ACTIONS[draw(ACTIONS.len())], resource, number)
            }
        }
    });
    requests.collect()
}

/// The number of the book that a decider writes in.
fn book(decider: &Decider<'_>) -> u64 {
    decider.known.as_ref().expect("it remembers").book.number
}

/// True where the answer to a request is looked up.
fn is_looked_up(decider: &mut Decider<'_>, request: &Request) -> bool {
    let (engine, wanted) = (decider.engine, decider.engine.decide(request));
    let (Ask::Action(action), Some(resource)) = (&request.ask, &request.resource) else {
        return false;
    };
    let Some(known) = &mut decider.known else {
        return false;
    };
    let Ok(Some(cell)) = known.cell(engine, engine.memo(), request, action, resource) else {
        return false;
    };
    if known.book.verdict(cell).is_none() {
        return false;
    }
    let known = Arc::clone(&known.book);
    change(&known, cell, Verdict::NotApplicable);
    let told = decider.decide(request);
    change(&known, cell, wanted);
    told == Verdict::NotApplicable
}

/// Puts another verdict in place of that of a cell.
fn change(book: &Book, cell: u64, verdict: Verdict) {
    for entry in book.entries(cell) {
        let kept = entry.load(std::sync::atomic::Ordering::Relaxed);
        if kept >> 3 == cell && kept != 0 {
            entry.store(0, std::sync::atomic::Ordering::Relaxed);
        }
    }
    book.set_verdict(cell, verdict);
}

/// Every answer is that of the request alone, and what is asked twice in a row is remembered.
fn holds_with(room: Room) -> (u64, u64) {
    let engine = engine(room);
    let mut decider = engine.decider_at_once();
    let requests = requests(600);
    let mut first = None;
    for request in &requests {
        assert_eq!(
            decider.decide(request),
            engine.decide(request),
            "{request:?}"
        );
        first.get_or_insert_with(|| book(&decider));
    }
    let last = requests.last().expect("a request");
    let _ = decider.decide(last);
    let _ = decider.decide(last);
    assert!(is_looked_up(&mut decider, last));
    (first.unwrap_or_default(), book(&decider))
}

#[test]
fn with_room_for_all_one_book_does() {
    let (first, last) = holds_with(Room::FULL);
    assert_eq!(first, last);
}

#[test]
fn a_book_without_numbers_left_gives_way_to_another() {
    let fewer = |place: usize| {
        let mut room = Room::FULL;
        room.numbers[place] = 3;
        room
    };
    let rooms = [
        Room {
            bases: 3,
            ..Room::FULL
        },
        fewer(0),
        fewer(1),
        fewer(2),
        fewer(3),
        Room {
            bases: 2,
            numbers: [2; 4],
            ..Room::FULL
        },
    ];
    for room in rooms {
        let (first, last) = holds_with(room);
        assert_ne!(first, last, "{room:?}");
    }
}

#[test]
fn names_are_forgotten_before_they_are_too_many_and_their_numbers_stay() {
    for room in [
        Room {
            callers: 2,
            ..Room::FULL
        },
        Room {
            actions: 2,
            ..Room::FULL
        },
        Room {
            texts: 2,
            ..Room::FULL
        },
        Room {
            heads: 2,
            ..Room::FULL
        },
        Room {
            callers: 1,
            actions: 1,
            texts: 1,
            heads: 1,
            ..Room::FULL
        },
    ] {
        let (first, last) = holds_with(room);
        assert_eq!(first, last, "{room:?}");
        let engine = engine(room);
        let mut decider = engine.decider_at_once();
        for request in requests(500) {
            let _ = decider.decide(&request);
            let known = decider.known.as_ref().expect("it remembers");
            assert!(known.callers.len() <= room.callers);
            assert!(
                known
                    .actions
                    .iter()
                    .all(|known| known.len() <= room.actions)
            );
            assert!(known.texts.len() <= room.texts);
        }
    }
}

/// One of them fills the book, and the other one still writes in it.
#[test]
fn deciders_of_an_old_book_and_of_a_new_one_do_not_mix() {
    let mut room = Room::FULL;
    room.numbers[0] = 3;
    let engine = engine(room);
    let (mut one, mut other) = (engine.decider_at_once(), engine.decider_at_once());
    let of = |caller: usize| request(caller, ACTIONS[0], "arn:aws:s3:::b0/p-1", 0);
    for caller in [0, 1, 2] {
        let _ = (one.decide(&of(caller)), other.decide(&of(caller)));
    }
    assert_eq!(book(&one), book(&other));
    assert!(is_looked_up(&mut other, &of(1)));
    let _ = one.decide(&of(3));
    assert_ne!(book(&one), book(&other));
    for caller in [4, 0, 5, 1, 2, 3] {
        assert_eq!(one.decide(&of(caller)), engine.decide(&of(caller)));
        if caller < 3 {
            assert_eq!(other.decide(&of(caller)), engine.decide(&of(caller)));
        }
    }
    // Full as well, it goes on in the book that is there.
    let new = engine.memo().book().number;
    let _ = other.decide(&of(4));
    assert_eq!(book(&other), new);
    assert_eq!(other.decide(&of(4)), engine.decide(&of(4)));
}

#[test]
fn what_a_decider_knew_serves_the_next_one() {
    let engine = engine(Room::FULL);
    let asked = request(0, ACTIONS[0], "arn:aws:s3:::b0/p-1", 0);
    let mut first = engine.decider_at_once();
    let _ = first.decide(&asked);
    drop(first);
    let mut next = engine.decider_at_once();
    let _ = next.decide(&request(1, ACTIONS[1], "arn:aws:s3:::b0/p-1", 1));
    assert_eq!(next.known.as_ref().map(|known| known.bases.len()), Some(2));
    assert!(is_looked_up(&mut next, &asked));
}

#[test]
fn a_base_that_is_asked_about_often_takes_the_place_of_another() {
    let engine = engine(Room::FULL);
    let mut decider = engine.decider_at_once();
    let of = |number: usize| request(0, ACTIONS[0], "arn:aws:s3:::b0/p-1", number);
    for number in 0..BASES_MAX {
        let _ = decider.decide(&of(number));
        assert!(is_looked_up(&mut decider, &of(number)));
    }
    let late = of(BASES_MAX);
    for _ in 1..OTHERS_MAX {
        assert_eq!(decider.decide(&late), engine.decide(&late));
    }
    assert!(!is_looked_up(&mut decider, &late));
    // That was the one time more.
    assert_eq!(decider.decide(&late), engine.decide(&late));
    assert!(is_looked_up(&mut decider, &late));
    let known = decider.known.as_ref().expect("it remembers");
    assert_eq!(known.bases.len(), BASES_MAX);
    let numbers: std::collections::HashSet<u32> =
        known.bases.iter().map(|base| base.number).collect();
    assert_eq!(numbers.len(), BASES_MAX, "no two have one number");
    for number in 0..=BASES_MAX {
        assert_eq!(decider.decide(&of(number)), engine.decide(&of(number)));
    }
}

#[test]
fn bases_differ_in_everything_that_a_decision_reads() {
    let engine = engine(Room::FULL);
    let asked = request(0, ACTIONS[0], "arn:aws:s3:::b0/p-1", 0);
    let known = engine.memo().book().base(&asked, false);
    let known = known.expect("a number").expect("a base");
    let text = || Some("x".to_owned());
    let changes: [fn(&mut Request); 17] = [
        |request| request.mode = crate::request::ContextMode::Open,
        |request| request.ambiguity = crate::request::AmbiguityMode::Guess,
        |request| request.force_context = true,
        |request| request.grant_for_aws_resource = Some(true),
        |request| request.session_policy_rejected = true,
        |request| request.session_policies = Some(Vec::new()),
        |request| request.now = Some("2026-01-01T00:00:00Z".to_owned()),
        |request| request.region = Some("eu-west-1".to_owned()),
        |request| request.resource_account = Some("444455556666".to_owned()),
        |request| request.vpc_endpoint = Some("vpce-1".to_owned()),
        |request| request.ciphertext_key = Some("alias/x".to_owned()),
        |request| request.via = vec!["s3".to_owned()],
        |request| request.context.clear(),
        |request| {
            request.unknown.insert("aws:SourceIp".to_owned());
        },
        |request| {
            request.absent.insert("aws:SourceIp".to_owned());
        },
        |request| {
            request.present.insert("aws:SourceIp".to_owned());
        },
        |request| request.parameters = json!({"a": 1}).as_object().cloned(),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut changed = asked.clone();
        change(&mut changed);
        assert!(!known.is_of(&changed), "change {number}");
    }
    let mut same = request(1, ACTIONS[1], "arn:aws:s3:::c1/q-1", 0);
    (same.id, same.place) = (text(), None);
    assert!(known.is_of(&same));
    // Equal as numbers, and not as texts.
    let mut one = asked.clone();
    one.parameters = json!({"a": 1.0, "b": 2}).as_object().cloned();
    let known = engine.memo().book().base(&one, false);
    let known = known.expect("a number").expect("a base");
    assert!(known.is_of(&one) && !known.is_of(&asked));
    let mut other = one.clone();
    other.parameters = json!({"b": 2, "a": 1.0}).as_object().cloned();
    assert!(!known.is_of(&other));
}

/// Each is asked about in a row, and all of them by turns.
#[test]
fn a_series_has_the_answers_of_its_requests() {
    let resources: Vec<String> = patterns()
        .iter()
        .flat_map(|pattern| ["1", "2"].map(|name| pattern.replace('*', name)))
        .chain(
            [
                KEY,
                OTHER_KEY,
                "*",
                "alias/aws/s3",
                "arn:aws:kms:us-west-2:111122223333:alias/aws/s3",
            ]
            .map(str::to_owned),
        )
        .chain([
            format!("arn:aws:s3:::b0/p-{}", "x".repeat(BYTES_MAX)),
            String::new(),
        ])
        .collect();
    let mut small = Room::FULL;
    small.numbers = [3, 3, 2, 4];
    for room in [Room::FULL, small] {
        let (engine, other) = (engine(room), Engine::compile(world(nothing())));
        let mut decider = engine.decider_at_once();
        let mut of_other = other.decider_at_once();
        let requests = (0..CALLERS).flat_map(|caller| {
            let bases =
                (0..BASES).map(move |number| request(caller, ACTIONS[caller % 2], "*", number));
            bases.chain([request(caller, "kms:Encrypt", "*", 0)])
        });
        let mut series: Vec<Series> = requests.map(Series::new).collect();
        for round in 0..3 {
            for resource in &resources {
                for one in &mut series {
                    let mut request = one.request().clone();
                    request.resource = Some(resource.clone());
                    let told = decider.decide_on(one, resource);
                    assert_eq!(told, engine.decide(&request), "round {round}: {request:?}");
                    // The place that it has in one book says nothing of another one.
                    if round == 1 {
                        let told = of_other.decide_on(one, resource);
                        assert_eq!(told, other.decide(&request), "{request:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_series_whose_rest_is_not_looked_at_is_decided_each_time() {
    let engine = engine(Room::FULL);
    let deny = json!([{"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::b1/*"}, {"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    let session: Arc<Policy> = policy(PolicyKind::Session, deny);
    let mut decider = engine.decider_at_once();
    let plain = request(0, ACTIONS[0], "*", 0);
    let limited = Request {
        session_policies: Some(vec![session]),
        ..plain.clone()
    };
    let rejected = Request {
        session_policy_rejected: true,
        ..plain.clone()
    };
    let named = Request {
        parameters: json!({"KeyId": KEY}).as_object().cloned(),
        ..plain.clone()
    };
    let mut all = [plain, limited, rejected, named].map(Series::new);
    for _ in 0..2 {
        for resource in ["arn:aws:s3:::b0/p-1", "arn:aws:s3:::b1/p-1", KEY, OTHER_KEY] {
            for series in &mut all {
                let mut asked = series.request().clone();
                asked.resource = Some(resource.to_owned());
                assert_eq!(
                    decider.decide_on(series, resource),
                    engine.decide(&asked),
                    "{asked:?}"
                );
            }
        }
    }
    let placed = all.each_ref().map(|series| series.place.is_some());
    assert_eq!(placed, [true, false, false, false]);
}

#[test]
fn a_series_that_is_set_keeps_its_place() {
    let engine = engine(Room::FULL);
    let mut decider = engine.decider_at_once();
    let mut series = Series::new(request(0, ACTIONS[0], "*", 0));
    let _ = decider.decide_on(&mut series, "arn:aws:s3:::b0/p-1");
    for resource in [
        Some("arn:aws:s3:::c1/q-1"),
        None,
        Some("arn:aws:s3:::b0/p-1"),
    ] {
        let set = series.set(Some("r1"), resource);
        assert_eq!(
            (set.id.as_deref(), set.resource.as_deref()),
            (Some("r1"), resource)
        );
        let set = set.clone();
        assert_eq!(decider.decide(&set), engine.decide(&set));
    }
    assert_eq!(series.set(None, None).id, None);
}

/// Their names are the same, and so are the hashes by which they are looked for.
#[test]
fn callers_of_one_name_are_told_apart() {
    let long_term = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"Null": {"aws:TokenIssueTime": "true"}}}]);
    let engine = Engine::compile(world(long_term));
    let mut decider = engine.decider_at_once();
    let of = |credentials: Option<Credentials>| {
        let mut caller = base().caller;
        caller.credentials = credentials;
        Request {
            caller,
            ask: Ask::Action("s3:GetObject".to_owned()),
            resource: Some("arn:aws:s3:::b/x".to_owned()),
            mode: crate::request::ContextMode::Open,
            ..base()
        }
    };
    let requests = [
        of(Some(Credentials::LongTerm)),
        of(Some(Credentials::SessionToken)),
        of(None),
    ];
    let verdicts = [(); 2].map(|()| requests.each_ref().map(|request| decider.decide(request)));
    let alone = requests.each_ref().map(|request| engine.decide(request));
    assert_eq!(verdicts, [alone; 2]);
    assert_ne!(alone[0], alone[1], "the pair shows nothing");
}

/// Actions that are one class without parameters, and two with them. Rule: UI-38.
#[test]
fn an_action_with_parameters_is_not_the_one_without() {
    let all = json!([{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]);
    let engine = Engine::compile(world(all));
    let mut decider = engine.decider_at_once();
    let parameters = json!({"Description": "x"});
    let mut told = Vec::new();
    for parameters in [None, parameters.as_object().cloned()] {
        for action in ["kms:UpdateKeyDescription", "kms:EnableKey"] {
            let request = Request {
                ask: Ask::Action(action.to_owned()),
                resource: Some(KEY.to_owned()),
                parameters: parameters.clone(),
                ..base()
            };
            told.push(decider.decide(&request));
            assert_eq!(told.last(), Some(&engine.decide(&request)), "{request:?}");
        }
    }
    assert_eq!(told[0], told[1]);
    assert_ne!(told[2], told[3], "the pair shows nothing");
}
