//! What is not known: where it does not matter, and where cases settle it.

use Verdict::{Allow, Depends, ExplicitDeny, ImplicitDeny};

use super::*;

const KEY: &str = "aws:UserAgent";

fn open(statements: &[Value]) -> (World, Value) {
    let request = and(asks(U, "s3:GetObject", OBJECT), "mode", "open");
    let request = and(request, "unknown", json!([KEY]));
    (World::new().with(U, statements).bucket(&[]), request)
}

fn line(name: &'static str, statements: &[Value], expected: Verdict) -> Line {
    let (world, request) = open(statements);
    (name, world, request, expected)
}

#[test]
fn iam_tri_2_what_is_not_known_may_not_matter() {
    let maybe = |statement: Value| when("StringEquals", KEY, "a", statement);
    let all = || allow("*", "*");
    check([
        line("TRAP-68 another Allow", &[all(), maybe(all())], Allow),
        line(
            "TRAP-69 nothing allows",
            &[maybe(deny("*", "*"))],
            ImplicitDeny,
        ),
        line(
            "a sure deny",
            &[all(), maybe(all()), deny("*", "*")],
            ExplicitDeny,
        ),
        line("an Allow that may apply", &[maybe(all())], Depends),
        line(
            "a Deny that may apply",
            &[all(), maybe(deny("*", "*"))],
            Depends,
        ),
    ]);
}

#[test]
fn iam_tri_10_cases_that_agree() {
    let is = |operator: &str, operand: Value| when(operator, KEY, operand, allow("*", "*"));
    let is_not = |operator: &str, operand: Value| when(operator, KEY, operand, deny("*", "*"));
    let all = || allow("*", "*");
    let mut both_ways = is("StringEquals", json!("a"));
    both_ways["Condition"]["StringNotLike"] = json!({KEY: ["*", "a*"]});
    check([
        line(
            "a value, and all others",
            &[
                is("StringEquals", json!("a")),
                is("StringNotEquals", json!("a")),
            ],
            Allow,
        ),
        line(
            "two values",
            &[
                is("StringEquals", json!("a")),
                is("StringNotEquals", json!("b")),
            ],
            Depends,
        ),
        line(
            "there or not",
            &[is("Null", json!("true")), is("Null", json!("false"))],
            Allow,
        ),
        line(
            "denied either way",
            &[
                all(),
                is_not("StringEquals", json!("a")),
                is_not("StringNotEquals", json!("a")),
            ],
            ExplicitDeny,
        ),
        line(
            "allowed where it is denied",
            &[
                is("StringEquals", json!("a")),
                is_not("StringEquals", json!("a")),
            ],
            ImplicitDeny,
        ),
        line(
            "without letter case the other letters too",
            &[
                is("StringNotEqualsIgnoreCase", json!("ab")),
                is("StringEquals", json!(["ab", "AB"])),
            ],
            Depends,
        ),
        line(
            "wildcards are left alone",
            &[
                is("StringLike", json!("a*")),
                is("StringNotLike", json!("a*")),
            ],
            Depends,
        ),
        line(
            "beside a star other wildcards say nothing",
            &[both_ways],
            ImplicitDeny,
        ),
        line(
            "IAM-WILD-12 a star that is no wildcard is a value",
            &[all(), is_not("StringNotLike", json!("${*}"))],
            Depends,
        ),
        line(
            "AMB-22 seconds or milliseconds",
            &[
                is("DateLessThan", json!("444455556666")),
                is("DateGreaterThanEquals", json!("444455556666")),
                is("Null", json!("true")),
            ],
            Depends,
        ),
    ]);
}

#[test]
fn iam_tri_1_what_is_present_is_not_empty() {
    let is_empty = when(
        "ForAllValues:StringEquals",
        "aws:TagKeys",
        "",
        allow("*", "*"),
    );
    let request = |list: &str| {
        and(
            asks(U, "s3:GetObject", OBJECT),
            list,
            json!(["aws:TagKeys"]),
        )
    };
    let world = || {
        World::new()
            .with(U, std::slice::from_ref(&is_empty))
            .bucket(&[])
    };
    check([
        ("present", world(), request("present"), ImplicitDeny),
        ("unknown", world(), request("unknown"), Depends),
    ]);
}

#[test]
fn iam_tri_8_the_modes_of_ambiguities() {
    // AMB-19: whether boundary and session policy limit whom the trust policy lets in with everybody.
    let role = "arn:aws:iam::111122223333:role/T";
    let world = |principal: &str, members: Value| {
        let trust = json!({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"});
        World::new()
            .principal(principal, members)
            .principal(role, json!({"trust": policy(&[trust])}))
    };
    let silent = || policy(&[allow("s3:*", "*")]);
    let bounded = || world(U, json!({"boundary": silent()}));
    let free = || world(R, json!({}));
    let user = |mode: &str| and(asks(U, "sts:AssumeRole", role), "ambiguity", mode);
    let session = |mode: &str| {
        let caller = limited(R_S, &[allow("s3:*", "*")]);
        and(asks(caller, "sts:AssumeRole", role), "ambiguity", mode)
    };
    check([
        ("boundary, report", bounded(), user("report"), Depends),
        ("boundary, guess", bounded(), user("guess"), ImplicitDeny),
        (
            "boundary, failsafe",
            bounded(),
            user("failsafe"),
            ImplicitDeny,
        ),
        ("session, report", free(), session("report"), Depends),
        ("session, guess", free(), session("guess"), Allow),
        (
            "session, failsafe",
            free(),
            session("failsafe"),
            ImplicitDeny,
        ),
    ]);
}
