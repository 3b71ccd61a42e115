//! Answers that only splitting finds, and those that it must not give.

use std::collections::BTreeSet;
use std::sync::Arc;

use preclear_model::caller::{Caller, Credentials};
use preclear_model::{Arn, PolicyKind};
use serde_json::{Value, json};

use crate::layer::Layer;
use crate::request::{AmbiguityMode, Ask, ContextMode, ContextValue, Request};
use crate::snapshot::{
    Given, GrantRecord, KeyRecord, PrincipalRecord, Snapshot, VpcEndpointKind, VpcEndpointRecord,
};
use crate::{Code, Detail, Engine, Explanation, Verdict, document};

pub(super) const USER: &str = "arn:aws:iam::111122223333:user/U";
const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1";

/// A statement about everything.
pub(super) fn statement(effect: &str, condition: Value) -> Value {
    json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition})
}

/// `Effect Operator Key: operands`, one test.
fn one(effect: &str, operator: &str, key: &str, operands: Value) -> Value {
    statement(effect, json!({operator: {key: operands}}))
}

pub(super) fn snapshot(statements: &[Value]) -> Snapshot {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policy = document::parse(&document, "p", PolicyKind::Identity).expect("a policy");
    let mut user = PrincipalRecord::new(Arn::parse(USER).expect("an ARN"));
    user.policies = Given::Here(vec![Arc::new(policy)]);
    Snapshot {
        complete: true,
        principals: vec![user],
        ..Snapshot::default()
    }
}

/// A request of the user in closed mode, with some keys unknown.
pub(super) fn request(unknown: &[&str]) -> Request {
    let caller = Caller::parse(USER).expect("a user");
    let mut request = Request::new(caller, Ask::Action("s3:GetObject".to_owned()));
    request.resource = Some("arn:aws:s3:::team-data/a".to_owned());
    request.mode = ContextMode::Closed;
    request.unknown = unknown.iter().map(|&key| key.to_owned()).collect();
    request
}

fn present(keys: &[&str]) -> Request {
    let mut request = request(&[]);
    request.present = keys.iter().map(|&key| key.to_owned()).collect();
    request
}

/// The answer, on both roads.
fn explain(snapshot: Snapshot, request: &Request) -> Explanation {
    let engine = Engine::compile(snapshot);
    let explanation = engine.explain(request, Detail::Full);
    assert_eq!(engine.decide(request), explanation.verdict, "decide");
    let is_open = explanation.verdict == Verdict::Depends;
    assert_eq!(explanation.depends_on.is_empty(), !is_open);
    assert!(explanation.refined.is_empty() || !is_open);
    explanation
}

fn verdict(statements: &[Value], request: &Request) -> Verdict {
    explain(snapshot(statements), request).verdict
}

fn statements_of(explanation: &Explanation) -> Vec<usize> {
    let statements = explanation.reasons.iter().map(|reason| &reason.statement);
    statements.flatten().map(|one| one.statement).collect()
}

const REFERER: &str = "aws:Referer";
const AGE: &str = "aws:MultiFactorAuthAge";

#[test]
fn complementary_allows_name_both_statements_and_the_cases() {
    // The later statement decides the first case; statements are told in their order all the same.
    let policy = [
        one("Allow", "StringEquals", REFERER, json!("a")),
        one("Allow", "StringNotEquals", REFERER, json!("a")),
    ];
    let answer = explain(snapshot(&policy), &request(&[REFERER]));
    assert_eq!(answer.verdict, Verdict::Allow);
    assert_eq!(statements_of(&answer), [0, 1]);
    let primary = answer.primary.expect("a reason");
    assert_eq!(primary.code, Code::AllowIdentity);
    assert_eq!(primary.statement.expect("a statement").statement, 0);
    let [refined] = answer.refined.as_slice() else {
        panic!("one key is split: {:?}", answer.refined);
    };
    assert_eq!(refined.key, "aws:referer");
    assert_eq!(refined.cases, ["absent", "`a`", "another value"]);
}

#[test]
fn a_key_that_exists_has_no_absent_case() {
    let policy = [
        one("Allow", "StringEquals", REFERER, json!("a")),
        one("Allow", "StringNotEqualsIfExists", REFERER, json!("a")),
        one("Deny", "Null", REFERER, json!("true")),
    ];
    assert_eq!(verdict(&policy, &present(&[REFERER])), Verdict::Allow);
    assert_eq!(verdict(&policy, &request(&[REFERER])), Verdict::Depends);
}

#[test]
fn keys_whose_cases_do_not_cover_every_value_stay_open() {
    let cover = |first: (&str, &str), second: (&str, &str)| {
        let policy = [
            one("Allow", first.0, REFERER, json!(first.1)),
            one("Allow", second.0, REFERER, json!(second.1)),
        ];
        verdict(&policy, &request(&[REFERER]))
    };
    let equals = ("StringEquals", "a");
    assert_eq!(cover(equals, ("StringNotEquals", "a")), Verdict::Allow);
    assert_eq!(cover(equals, ("StringNotLike", "a")), Verdict::Allow);
    assert_eq!(cover(equals, ("StringNotEquals", "b")), Verdict::Depends);
    let ignoring = ("StringNotEqualsIgnoreCase", "A");
    assert_eq!(
        cover(equals, ignoring),
        Verdict::Depends,
        "`A` falls between"
    );
    assert_eq!(
        cover(("StringEqualsIgnoreCase", "a"), ignoring),
        Verdict::Allow
    );
    assert_eq!(cover(equals, ("StringEquals", "b")), Verdict::Depends);
    // Both are true of no value or of all, but globs and variables are not looked into.
    let glob = ("StringLike", "a*");
    assert_eq!(cover(glob, ("StringNotLike", "a*")), Verdict::Depends);
    let variable = ("StringEquals", "${aws:PrincipalAccount}");
    assert_eq!(
        cover(variable, ("StringNotEquals", "${aws:PrincipalAccount}")),
        Verdict::Depends
    );
    // Numbers may be spelled otherwise, and texts need not be numbers.
    assert_eq!(
        cover(
            ("NumericLessThan", "10"),
            ("NumericGreaterThanEquals", "10")
        ),
        Verdict::Depends
    );
    assert_eq!(cover(equals, ("NumericNotEquals", "5")), Verdict::Depends);
}

#[test]
fn a_key_in_a_variable_is_not_split() {
    let mut policy = [
        one("Allow", "StringEquals", REFERER, json!("b")),
        one("Allow", "StringNotEquals", REFERER, json!("b")),
        one(
            "Deny",
            "StringEquals",
            "aws:PrincipalType",
            json!("${aws:Referer}"),
        ),
    ];
    assert_eq!(verdict(&policy, &request(&[REFERER])), Verdict::Depends);
    policy[2] = json!({"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::team-data/${aws:referer}"});
    assert_eq!(verdict(&policy, &request(&[REFERER])), Verdict::Depends);
    // A statement that certainly does not apply uses nothing.
    policy[2] =
        json!({"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::x/${aws:referer}"});
    assert_eq!(verdict(&policy, &request(&[REFERER])), Verdict::Allow);
}

#[test]
fn typed_keys_hold_values_of_their_type() {
    let truth = [
        one("Allow", "Bool", "aws:SecureTransport", json!("true")),
        one("Allow", "Bool", "aws:SecureTransport", json!("false")),
    ];
    let secure = ["aws:SecureTransport"];
    assert_eq!(verdict(&truth, &present(&secure)), Verdict::Allow);
    assert_eq!(
        verdict(&truth, &request(&secure)),
        Verdict::Depends,
        "absent"
    );

    let numbers = |above| {
        let policy = [
            one("Allow", "NumericLessThan", AGE, json!("10")),
            one("Allow", above, AGE, json!("10")),
            one("Allow", "Null", AGE, json!("true")),
        ];
        verdict(&policy, &request(&[AGE]))
    };
    assert_eq!(numbers("NumericGreaterThanEquals"), Verdict::Allow);
    assert_eq!(numbers("NumericGreaterThan"), Verdict::Depends, "10 itself");

    let dates = |after: &str| {
        let time = "aws:CurrentTime";
        let policy = [
            one("Allow", "DateLessThan", time, json!("2025-01-01T00:00:00Z")),
            one("Allow", "DateGreaterThan", time, json!(after)),
            one("Allow", "DateEquals", time, json!("2025-01-01")),
        ];
        verdict(&policy, &present(&[time]))
    };
    assert_eq!(dates("2025-01-01T01:00:00+01:00"), Verdict::Allow);
    assert_eq!(
        dates("2025-01-01T00:00:00.5Z"),
        Verdict::Depends,
        "half a second"
    );

    let addresses = |outside: &str| {
        let policy = [
            one(
                "Allow",
                "IpAddress",
                "aws:SourceIp",
                json!("203.0.113.0/24"),
            ),
            one("Allow", "NotIpAddress", "aws:SourceIp", json!(outside)),
        ];
        verdict(&policy, &present(&["aws:SourceIp"]))
    };
    assert_eq!(addresses("203.0.113.0/24"), Verdict::Allow);
    assert_eq!(addresses("203.0.113.128/25"), Verdict::Allow);
    assert_eq!(addresses("203.0.112.0/23"), Verdict::Depends);
    assert_eq!(addresses("203.0.113.0/33"), Verdict::Depends, "AMB-9");
}

#[test]
fn years_and_seconds_stay_apart() {
    // As seconds 2025 lies in 1970, as a year in 2025 (AMB-22): between the two it is open, and nothing covers that.
    let time = "aws:CurrentTime";
    let policy = [
        one("Allow", "DateLessThan", time, json!("2025")),
        one("Allow", "DateGreaterThanEquals", time, json!("2025")),
    ];
    let mut request = present(&[time]);
    assert_eq!(verdict(&policy, &request), Verdict::Depends);
    request.ambiguity = AmbiguityMode::Guess;
    let answer = explain(snapshot(&policy), &request);
    assert_eq!(answer.verdict, Verdict::Allow);
    assert_eq!(answer.ambiguities, BTreeSet::from([22]));
    request.ambiguity = AmbiguityMode::Failsafe;
    assert_eq!(
        verdict(&policy, &request),
        Verdict::Depends,
        "no Allow between"
    );
}

#[test]
fn ambiguities_that_no_case_leaves_open_did_not_matter() {
    let policy = [
        one("Allow", "StringEquals", REFERER, json!("a")),
        one("Allow", "StringNotEquals", REFERER, json!("a")),
        one("Allow", "NumericNotEquals", AGE, json!("ten")),
    ];
    for ambiguity in [
        AmbiguityMode::Report,
        AmbiguityMode::Guess,
        AmbiguityMode::Failsafe,
    ] {
        let mut request = request(&[REFERER, AGE]);
        request.ambiguity = ambiguity;
        let answer = explain(snapshot(&policy), &request);
        assert_eq!(answer.verdict, Verdict::Allow, "{ambiguity:?}");
        assert_eq!(answer.ambiguities, BTreeSet::new(), "{ambiguity:?}");
    }
}

#[test]
fn ambiguities_that_no_case_has_did_not_matter() {
    // Only where the key is absent is the first test ambiguous (AMB-7), and there the second one fails.
    let deny = statement(
        "Deny",
        json!({"ForAnyValue:StringEqualsIfExists": {REFERER: []}, "StringEquals": {REFERER: "a"}}),
    );
    let policy = [statement("Allow", json!({})), deny];
    let mut request = request(&[REFERER]);
    let report = explain(snapshot(&policy), &request);
    assert_eq!(report.verdict, Verdict::Allow);
    assert_eq!(report.refined.len(), 1);
    request.ambiguity = AmbiguityMode::Guess;
    let guess = explain(snapshot(&policy), &request);
    assert_eq!(guess.verdict, Verdict::Allow);
    assert!(
        guess.refined.is_empty(),
        "the guess settles it at first sight"
    );
    assert_eq!(guess.ambiguities, BTreeSet::new());
}

#[test]
fn keys_of_several_values_are_split_into_sets() {
    let cover = |first: &str, second: &str, operand: &str| {
        let policy = [
            one("Allow", first, "aws:TagKeys", json!("a")),
            one("Allow", second, "aws:TagKeys", json!(operand)),
        ];
        explain(snapshot(&policy), &request(&["aws:TagKeys"]))
    };
    let any = "ForAnyValue:StringEquals";
    let answer = cover(any, "ForAllValues:StringNotEquals", "a");
    assert_eq!(answer.verdict, Verdict::Allow);
    let cases = &answer.refined.first().expect("a key").cases;
    let expected = ["absent", "no values", "every set of `a`, another value"];
    assert_eq!(*cases, expected);
    let other = "ForAnyValue:StringNotEquals";
    assert_eq!(
        cover(any, other, "a").verdict,
        Verdict::Depends,
        "no values"
    );
    let all = "ForAllValues:StringEquals";
    assert_eq!(cover(all, other, "a").verdict, Verdict::Allow);
    assert_eq!(
        cover(all, any, "a").verdict,
        Verdict::Depends,
        "only others"
    );
    assert_eq!(cover(all, other, "b").verdict, Verdict::Depends, "only `b`");
}

#[test]
fn sets_of_a_key_that_exists_are_not_empty() {
    let policy = [
        one(
            "Allow",
            "ForAnyValue:StringEquals",
            "aws:TagKeys",
            json!(["a", ""]),
        ),
        one(
            "Allow",
            "ForAnyValue:StringNotEquals",
            "aws:TagKeys",
            json!(["a", ""]),
        ),
    ];
    assert_eq!(verdict(&policy, &present(&["aws:TagKeys"])), Verdict::Allow);
    assert_eq!(
        verdict(&policy, &request(&["aws:TagKeys"])),
        Verdict::Depends
    );
}

#[test]
fn an_empty_value_is_an_ordinary_member_of_a_set() {
    let policy = [one(
        "Allow",
        "ForAllValues:StringNotEquals",
        "aws:TagKeys",
        json!(""),
    )];
    assert_eq!(
        verdict(&policy, &present(&["aws:TagKeys"])),
        Verdict::Depends
    );
}

#[test]
fn a_test_that_no_value_passes_divides_nothing() {
    // Without a set operator the glob never matches a key that is there, so it need not be looked into.
    let key = "aws:TagKeys";
    let policy = [
        one("Allow", "StringNotLike", key, json!("a*")),
        one("Allow", "ForAnyValue:StringEquals", key, json!("a")),
        one("Allow", "ForAllValues:StringNotEquals", key, json!("a")),
    ];
    assert_eq!(verdict(&policy, &request(&[key])), Verdict::Allow);
}

#[test]
fn texts_of_untyped_keys_need_not_be_dates() {
    let key = "aws:RequestTag/until";
    let policy = [
        one("Allow", "DateLessThan", key, json!("2025-01-01")),
        one("Allow", "DateGreaterThanEquals", key, json!("2025-01-01")),
    ];
    assert_eq!(verdict(&policy, &present(&[key])), Verdict::Depends);
}

#[test]
fn a_deny_is_explicit_only_if_every_case_is() {
    let equals = |effect| one(effect, "StringEquals", REFERER, json!("a"));
    let differs = |effect| one(effect, "StringNotEquals", REFERER, json!("a"));
    let always = statement("Allow", json!({}));
    let explicit = explain(
        snapshot(&[always, equals("Deny"), differs("Deny")]),
        &request(&[REFERER]),
    );
    assert_eq!(explicit.verdict, Verdict::ExplicitDeny);
    assert_eq!(statements_of(&explicit), [1, 2]);
    assert_eq!(
        explicit.primary.expect("a reason").code,
        Code::ExplicitDenyIdentity
    );

    let mixed = explain(
        snapshot(&[equals("Allow"), equals("Deny")]),
        &request(&[REFERER]),
    );
    assert_eq!(mixed.verdict, Verdict::ImplicitDeny);
    let codes: Vec<Code> = mixed.reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(codes, [Code::NoIdentityAllow, Code::ExplicitDenyIdentity]);
    assert_eq!(mixed.primary.expect("a reason").code, Code::NoIdentityAllow);
    assert_eq!(mixed.refined.len(), 1);
}

#[test]
fn what_is_no_key_stays_unknown_in_every_case() {
    let differs = |effect| one(effect, "StringNotEquals", REFERER, json!("a"));
    let equals = |effect| one(effect, "StringEquals", REFERER, json!("a"));
    let with = |statements: &[Value]| {
        let mut snapshot = snapshot(statements);
        snapshot.layers_not_loaded = BTreeSet::from([Layer::Scp]);
        explain(snapshot, &request(&[REFERER]))
    };
    let open = with(&[equals("Allow"), differs("Allow")]);
    assert_eq!(open.verdict, Verdict::Depends);
    let names: Vec<String> = open.depends_on.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["aws:referer", "layer:scp"]);
    let denied = with(&[
        statement("Allow", json!({})),
        equals("Deny"),
        differs("Deny"),
    ]);
    assert_eq!(denied.verdict, Verdict::ExplicitDeny);
}

#[test]
fn keys_that_cannot_be_split_stay_unknown_in_every_case() {
    let policy = [
        one("Allow", "StringLike", "aws:UserAgent", json!("a*")),
        one("Allow", "StringEquals", REFERER, json!("a")),
        one("Allow", "StringNotEquals", REFERER, json!("a")),
    ];
    let both = request(&[REFERER, "aws:UserAgent"]);
    let answer = explain(snapshot(&policy), &both);
    assert_eq!(answer.verdict, Verdict::Allow);
    assert_eq!(answer.refined.len(), 1, "only one was split");
    let open = explain(snapshot(policy.get(..2).expect("two")), &both);
    assert_eq!(open.verdict, Verdict::Depends);
    assert_eq!(open.depends_on.len(), 2);
}

/// Statements that allow whatever value each of so many keys has, and the keys.
fn pairs(count: usize) -> (Vec<Value>, Vec<String>) {
    let keys: Vec<String> = (0..count).map(|n| format!("aws:RequestTag/k{n}")).collect();
    let of = |key: &String| {
        ["StringEquals", "StringNotEquals"].map(|operator| one("Allow", operator, key, json!("a")))
    };
    (keys.iter().flat_map(of).collect(), keys)
}

#[test]
fn six_keys_are_split_and_seven_are_not() {
    for (count, expected) in [(6, Verdict::Allow), (7, Verdict::Depends)] {
        let (policy, keys) = pairs(count);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        assert_eq!(verdict(&policy, &request(&keys)), expected, "{count} keys");
    }
}

/// Statements of which none is settled before the last of so many keys is known, each of which has several cases.
fn deep(keys: usize, constants: usize) -> (Vec<Value>, Vec<String>) {
    let (mut policy, mut names) = (Vec::new(), Vec::new());
    for key in 0..keys {
        let name = format!("aws:RequestTag/a{key}");
        for constant in 0..constants {
            let test = json!({"StringEquals": {name.as_str(): constant.to_string(), "aws:RequestTag/z": "a"}});
            policy.push(statement("Allow", test));
        }
        names.push(name);
    }
    let last = "aws:RequestTag/z";
    policy.push(one("Allow", "StringEquals", last, json!("a")));
    policy.push(one("Allow", "StringNotEquals", last, json!("a")));
    names.push(last.to_owned());
    (policy, names)
}

#[test]
fn the_number_of_evaluations_is_bounded() {
    for (constants, expected) in [(2, Verdict::Allow), (5, Verdict::Depends)] {
        let (policy, keys) = deep(5, constants);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let own = verdict(&policy, &request(&keys));
        assert_eq!(own, expected, "{constants} constants a key");
    }
}

#[test]
fn long_lists_are_bounded() {
    for (count, expected) in [(200, Verdict::Allow), (300, Verdict::Depends)] {
        let values: Vec<String> = (0..count).map(|n| n.to_string()).collect();
        let policy = [
            one("Allow", "StringEquals", REFERER, json!(values)),
            one("Allow", "StringNotEquals", REFERER, json!(values)),
        ];
        assert_eq!(verdict(&policy, &request(&[REFERER])), expected, "{count}");
    }
}

#[test]
fn the_endpoint_of_an_unknown_key_stays_open_by_assumption() {
    let deny = json!({"Version": "2012-10-17", "Statement":
        {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}});
    let policy = document::parse(&deny.to_string(), "e", PolicyKind::VpcEndpoint);
    let mut snapshot = snapshot(&[
        one("Allow", "StringEquals", "aws:SourceVpce", json!("vpce-1")),
        one(
            "Allow",
            "StringNotEquals",
            "aws:SourceVpce",
            json!("vpce-1"),
        ),
    ]);
    snapshot.vpc_endpoints = vec![VpcEndpointRecord {
        id: "vpce-1".to_owned(),
        kind: VpcEndpointKind::Interface,
        vpc: None,
        account: None,
        policy: Given::Here(Arc::new(policy.expect("a policy"))),
    }];
    let answer = explain(snapshot.clone(), &request(&["aws:SourceVpce"]));
    assert_eq!(answer.verdict, Verdict::Allow);
    assert!(answer.assumptions.contains("layer:vpce open"));
    let mut stated = request(&[]);
    let endpoint = ContextValue::One("vpce-1".to_owned());
    stated.context.insert("aws:SourceVpce".to_owned(), endpoint);
    assert_eq!(explain(snapshot, &stated).verdict, Verdict::ExplicitDeny);
}

#[test]
fn keys_that_more_follows_from_are_not_split() {
    let both = |key: &str| {
        [
            one("Allow", "Bool", key, json!("true")),
            one("Allow", "Bool", key, json!("false")),
        ]
    };
    let via = "aws:ViaAWSService";
    assert_eq!(verdict(&both(via), &present(&[via])), Verdict::Depends);

    let mfa = "aws:MultiFactorAuthPresent";
    let mut session = present(&[mfa]);
    session.caller.credentials = Some(Credentials::SessionToken);
    assert_eq!(verdict(&both(mfa), &session), Verdict::Allow);
    session.ask = Ask::Action("iam:ListRoles".to_owned());
    session.resource = None;
    assert_eq!(
        verdict(&both(mfa), &session),
        Verdict::Depends,
        "IAM-EVAL-24"
    );
}

#[test]
fn grants_are_asked_of_the_context_itself() {
    let document = |statements: Value| {
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        Arc::new(document::parse(&text, "k", PolicyKind::Key).expect("a policy"))
    };
    let source = "arn:aws:sns:us-west-2:111122223333:t";
    let allow = json!({"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"ArnNotEquals": {"aws:SourceArn": source}}});
    let mut also = allow.clone();
    also["Condition"] = json!({"ArnEquals": {"aws:SourceArn": source}});
    let ask = |statements: Value| {
        let mut key = KeyRecord::new(Arn::parse(KEY).expect("an ARN"));
        key.policy = Given::Here(document(statements));
        key.grants = Some(vec![GrantRecord {
            id: "g".to_owned(),
            grantee: Some(USER.to_owned()),
            operations: vec!["Decrypt".to_owned()],
            source_arn: Some(source.to_owned()),
            consistent: true,
            ..GrantRecord::default()
        }]);
        let mut snapshot = snapshot(&[statement("Allow", json!({}))]);
        snapshot.keys = vec![key];
        let mut request = request(&["aws:SourceArn"]);
        request.ask = Ask::Action("kms:Decrypt".to_owned());
        request.resource = Some(KEY.to_owned());
        explain(snapshot, &request)
    };
    let open = ask(json!([allow]));
    assert_eq!(
        open.verdict,
        Verdict::Depends,
        "the grant covers the rest only if the real key is asked"
    );
    let answer = ask(json!([allow, also]));
    assert_eq!(answer.verdict, Verdict::Allow);
    assert_eq!(statements_of(&answer), [0, 1]);
    assert_eq!(answer.primary.expect("a reason").code, Code::AllowKeyPolicy);
}

#[test]
fn operations_are_refined_part_by_part() {
    let mut snapshot = snapshot(&[
        one("Allow", "StringEquals", REFERER, json!("a")),
        one("Allow", "StringNotEquals", REFERER, json!("a")),
    ]);
    let delegate = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}});
    let policy = document::parse(&delegate.to_string(), "k", PolicyKind::Key).expect("a policy");
    let mut key = KeyRecord::new(Arn::parse(KEY).expect("an ARN"));
    key.policy = Given::Here(Arc::new(policy));
    snapshot.keys = vec![key];
    let mut request = request(&[REFERER]);
    request.ask = Ask::Operation("kms:ReEncrypt".to_owned());
    request.resource = None;
    request.parameters = json!({"SourceKeyId": KEY, "DestinationKeyId": KEY})
        .as_object()
        .cloned();
    let answer = explain(snapshot, &request);
    assert_eq!(answer.verdict, Verdict::Allow);
    assert_eq!(answer.parts.len(), 2);
    assert!(
        answer
            .parts
            .iter()
            .all(|part| part.result.refined.len() == 1)
    );
    assert_eq!(answer.refined.len(), 1);
}

#[test]
fn what_is_settled_at_first_sight_is_not_split() {
    let policy = [
        statement("Allow", json!({})),
        one("Allow", "StringEquals", REFERER, json!("a")),
    ];
    let answer = explain(snapshot(&policy), &request(&[REFERER]));
    assert_eq!(answer.verdict, Verdict::Allow);
    assert!(answer.refined.is_empty());
}

#[test]
fn sets_are_made_of_few_values() {
    for (count, expected) in [(5, Verdict::Allow), (6, Verdict::Depends)] {
        let values: Vec<String> = (0..count).map(|n| n.to_string()).collect();
        let key = "aws:TagKeys";
        let any = values
            .iter()
            .map(|value| one("Allow", "ForAnyValue:StringEquals", key, json!(value)));
        let none = one("Allow", "ForAllValues:StringNotEquals", key, json!(values));
        let policy: Vec<Value> = any.chain([none]).collect();
        assert_eq!(
            verdict(&policy, &request(&[key])),
            expected,
            "{count} values and others"
        );
    }
}
