//! Whom policies name, and which layers limit whom.

use Verdict::{Allow, Depends, ExplicitDeny, ImplicitDeny, Invalid};

use super::*;

const GET: &str = "s3:GetObject";
const AROA: &str = "AROAEXAMPLE0000000001";

fn all_of_s3() -> Value {
    allow("s3:*", "*")
}

fn nothing_of_s3() -> Value {
    policy(&[allow("ec2:*", "*")])
}

/// U has nothing; the bucket names somebody.
fn bucket_for(principal: &str) -> World {
    World::new()
        .with(U, &[])
        .with(R, &[])
        .bucket(&[open_to(principal)])
}

/// R has a boundary that says nothing of S3.
fn bounded(statements: &[Value], principal: Value) -> World {
    let role = json!({"policies": policies(statements), "boundary": nothing_of_s3()});
    World::new()
        .principal(R, role)
        .bucket(&[open_to(principal)])
}

#[test]
fn iam_eval_18_whom_a_bucket_policy_names_and_who_is_limited() {
    let silent = [allow("ec2:*", "*")];
    let user_bounded = json!({"boundary": nothing_of_s3()});
    let by_arn = when("ArnEquals", "aws:PrincipalArn", R, open_to("*"));
    let asks_object = |principal: Value| asks(principal, GET, OBJECT);
    check([
        (
            "TRAP-22 the account, no identity policy",
            bucket_for(A),
            asks_object(U.into()),
            ImplicitDeny,
        ),
        (
            "user, nothing else",
            bucket_for(U),
            asks_object(U.into()),
            Allow,
        ),
        (
            "TRAP-23 user with a silent boundary",
            World::new()
                .principal(U, user_bounded)
                .bucket(&[open_to(U)]),
            asks_object(U.into()),
            Allow,
        ),
        (
            "TRAP-24 role with a silent boundary",
            bounded(&[], R.into()),
            asks_object(R_S.into()),
            ImplicitDeny,
        ),
        (
            "role, no boundary",
            bucket_for(R),
            asks_object(R_S.into()),
            Allow,
        ),
        (
            "TRAP-25 role, silent session policy",
            bucket_for(R),
            asks_object(limited(R_S, &silent)),
            ImplicitDeny,
        ),
        (
            "TRAP-26 session, boundary and session policy silent",
            bounded(&[], R_S.into()),
            asks_object(limited(R_S, &silent)),
            Allow,
        ),
        (
            "TRAP-27 session policy denies",
            bounded(&[], R_S.into()),
            asks_object(limited(R_S, &[deny("s3:*", "*")])),
            ExplicitDeny,
        ),
        (
            "TRAP-28 everybody with that ARN",
            World::new().with(R, &[]).bucket(&[by_arn]),
            asks_object(limited(R_S, &silent)),
            Allow,
        ),
        (
            "another session of the role",
            bucket_for(R_S),
            asks_object("arn:aws:sts::111122223333:assumed-role/R/other".into()),
            ImplicitDeny,
        ),
        (
            "identity policy with a silent session policy",
            World::new().with(R, &[all_of_s3()]).bucket(&[]),
            asks_object(limited(R_S, &silent)),
            ImplicitDeny,
        ),
        (
            "identity policy with a silent boundary",
            bounded(&[all_of_s3()], "AROAOTHER000000000001".into()),
            asks_object(R_S.into()),
            ImplicitDeny,
        ),
        (
            "groups count",
            World::new()
                .principal(
                    U,
                    json!({"groups": ["arn:aws:iam::111122223333:group/G"]}),
                )
                .add(
                    "groups",
                    json!({"arn": "arn:aws:iam::111122223333:group/G", "policies": policies(&[all_of_s3()])}),
                )
                .bucket(&[]),
            asks_object(U.into()),
            Allow,
        ),
    ]);
}

#[test]
fn iam_eval_14_federated_users_have_what_both_policies_allow() {
    let federated = |statements: &[Value]| {
        let mut caller = limited(FEDERATED, statements);
        caller["user"] = U.into();
        asks(caller, GET, OBJECT)
    };
    let world = |statements: &[Value]| World::new().with(U, &[all_of_s3()]).bucket(statements);
    check([
        (
            "TRAP-31 no session policy",
            world(&[]),
            federated(&[]),
            ImplicitDeny,
        ),
        (
            "with session policy",
            world(&[]),
            federated(&[all_of_s3()]),
            Allow,
        ),
        (
            "TRAP-32 the federated user is named",
            world(&[open_to(FEDERATED)]),
            federated(&[]),
            Allow,
        ),
        (
            "TRAP-33 its user is named",
            world(&[open_to(U)]),
            federated(&[]),
            ImplicitDeny,
        ),
        (
            "its user is named, session policy",
            World::new().with(U, &[]).bucket(&[open_to(U)]),
            federated(&[all_of_s3()]),
            Allow,
        ),
    ]);
}

#[test]
fn iam_eval_19_both_sides_must_allow_across_accounts() {
    let theirs = |user: &[Value], role: &[Value]| World::new().with(B_U, user).with(B_R, role);
    let silent = [allow("ec2:*", "*")];
    check([
        (
            "the account, and its own policy",
            theirs(&[all_of_s3()], &[]).bucket(&[open_to(B)]),
            asks(B_U, GET, OBJECT),
            Allow,
        ),
        (
            "TRAP-30 the user, without a policy",
            theirs(&[], &[]).bucket(&[open_to(B_U)]),
            asks(B_U, GET, OBJECT),
            ImplicitDeny,
        ),
        (
            "TRAP-29 the session, silent session policy",
            theirs(&[], &[all_of_s3()]).bucket(&[open_to(B_R_S)]),
            asks(limited(B_R_S, &silent), GET, OBJECT),
            ImplicitDeny,
        ),
        (
            "nobody of that account",
            theirs(&[all_of_s3()], &[]).bucket(&[open_to(A)]),
            asks(B_U, GET, OBJECT),
            ImplicitDeny,
        ),
        (
            "TRAP-58 root user, the account is named",
            World::new().bucket(&[open_to(B)]),
            asks("arn:aws:iam::444455556666:root", GET, OBJECT),
            Allow,
        ),
        (
            "root user, nobody is named",
            World::new().bucket(&[]),
            asks("arn:aws:iam::444455556666:root", GET, OBJECT),
            ImplicitDeny,
        ),
        (
            "TRAP-59 another partition",
            World::new()
                .with(U, &[allow("*", "*")])
                .add(
                    "resources",
                    json!({"arn": "arn:aws-cn:s3:::b", "account": A, "policy": policy(&[open_to("*")])}),
                ),
            asks(U, GET, "arn:aws-cn:s3:::b/x"),
            ImplicitDeny,
        ),
    ]);
}

#[test]
fn iam_eval_20_root_users_need_no_policy() {
    let denied = of("*", deny("s3:*", "*"));
    let assumed = |statements: &[Value]| {
        let caller = limited("arn:aws:sts::111122223333:assumed-root/s", statements);
        asks(caller, GET, OBJECT)
    };
    check([
        (
            "own bucket",
            World::new().bucket(&[]),
            asks(ROOT, GET, OBJECT),
            Allow,
        ),
        (
            "bucket denies",
            World::new().bucket(&[denied]),
            asks(ROOT, GET, OBJECT),
            ExplicitDeny,
        ),
        (
            "assumed root, task policy allows",
            World::new().bucket(&[]),
            assumed(&[all_of_s3()]),
            Allow,
        ),
        (
            "assumed root, task policy silent",
            World::new().bucket(&[]),
            assumed(&[allow("ec2:*", "*")]),
            ImplicitDeny,
        ),
    ]);
}

#[test]
fn iam_eval_21_services_and_anonymous_calls_live_on_resource_policies() {
    let sns = json!({"Service": "sns.amazonaws.com"});
    let s3 = json!({"Service": "s3.amazonaws.com"});
    let send = |principal: &str| asks(principal, "sqs:SendMessage", QUEUE);
    let queue = |statements: &[Value]| World::new().resource(QUEUE, statements);
    let outside = of(
        "*",
        when(
            "StringNotEquals",
            "aws:PrincipalOrgID",
            "o-1",
            deny("*", "*"),
        ),
    );
    check([
        (
            "a service that is named",
            queue(&[open_to(sns.clone())]),
            send("sns.amazonaws.com"),
            Allow,
        ),
        (
            "another one",
            queue(&[open_to(sns.clone())]),
            send("events.amazonaws.com"),
            ImplicitDeny,
        ),
        (
            "TRAP-60 a Region's name of it",
            queue(&[open_to(s3)]),
            send("s3.eu-south-1.amazonaws.com"),
            ImplicitDeny,
        ),
        (
            "TRAP-61 a deny of everybody outside",
            queue(&[open_to(sns), outside]),
            send("sns.amazonaws.com"),
            ExplicitDeny,
        ),
        (
            "TRAP-65 anonymous, the account is named",
            World::new().bucket(&[open_to(A)]),
            asks("anonymous", GET, OBJECT),
            ImplicitDeny,
        ),
        (
            "anonymous, everybody is named",
            World::new().bucket(&[open_to("*")]),
            asks("anonymous", GET, OBJECT),
            Allow,
        ),
    ]);
}

#[test]
fn iam_prin_9_everybody_and_services() {
    let queue = || World::new().resource(QUEUE, &[open_to("*")]);
    let send = |mode: &str| {
        let request = asks("sns.amazonaws.com", "sqs:SendMessage", QUEUE);
        and(request, "ambiguity", mode)
    };
    check([
        ("AMB-11 report", queue(), send("report"), Depends),
        ("AMB-11 guess", queue(), send("guess"), Allow),
        ("AMB-11 failsafe", queue(), send("failsafe"), ImplicitDeny),
    ]);
}

#[test]
fn iam_prin_6_sessions_of_which_not_all_is_known() {
    let open = |principal: &str| and(asks(principal, GET, OBJECT), "mode", "open");
    let federated = || World::new().with(U, &[all_of_s3()]).bucket(&[open_to(U)]);
    check([
        ("open: some session", bucket_for(R_S), open(R), Depends),
        (
            "closed: no session that is named",
            bucket_for(R_S),
            asks(R, GET, OBJECT),
            ImplicitDeny,
        ),
        (
            "any session of the role",
            bucket_for(R),
            asks(R, GET, OBJECT),
            Allow,
        ),
        (
            "AMB-21 a role in other letters",
            bucket_for("arn:aws:iam::111122223333:role/r"),
            asks(R_S, GET, OBJECT),
            Depends,
        ),
        (
            "whose session a federated user's is, is unknown in both modes",
            federated(),
            asks(limited(FEDERATED, &[all_of_s3()]), GET, OBJECT),
            Depends,
        ),
        (
            "its user's policies are unknown too",
            World::new().with(U, &[]).bucket(&[]),
            asks(limited(FEDERATED, &[all_of_s3()]), GET, OBJECT),
            Depends,
        ),
        (
            "and so is whether the user is it",
            World::new()
                .bucket(&[open_to(U)])
                .set("layers_empty", json!(["identity", "boundary"])),
            asks(limited(FEDERATED, &[all_of_s3()]), GET, OBJECT),
            Depends,
        ),
    ]);
}

#[test]
fn iam_prin_10_canonical_ids_mean_accounts_to_s3() {
    let id = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    let world = World::new()
        .with(B_U, &[all_of_s3()])
        .bucket(&[open_to(json!({ "CanonicalUser": id }))]);
    let by = |id: &str| asks(json!({"arn": B_U, "canonical_id": id}), GET, OBJECT);
    let other = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    check([
        ("its account", world.clone(), by(id), Allow),
        ("another account", world.clone(), by(other), ImplicitDeny),
        (
            "open: not given",
            world,
            and(asks(B_U, GET, OBJECT), "mode", "open"),
            Depends,
        ),
    ]);
}

#[test]
fn ui_34_callers_that_contradict_themselves() {
    let world = || World::new().principal(R, json!({"id": AROA})).bucket(&[]);
    let by = |caller: Value| asks(caller, GET, OBJECT);
    check([
        (
            "another id than the listed one",
            world(),
            by(json!({"arn": R_S, "id": "AROAEXAMPLE0000000002"})),
            Invalid,
        ),
        (
            "IAM-EVAL-5 another owner than the listed one",
            world(),
            and(by(U.into()), "resource_account", B),
            Invalid,
        ),
        (
            "IAM-CTX-5 a public address and an endpoint",
            world(),
            and(
                and(by(U.into()), "vpc_endpoint", "vpce-1"),
                "context",
                json!({"aws:SourceIp": "203.0.113.7"}),
            ),
            Invalid,
        ),
        (
            "IAM-COND-5 several values of a key that has one",
            world(),
            and(
                by(U.into()),
                "context",
                json!({"aws:SourceIp": ["203.0.113.7", "203.0.113.8"]}),
            ),
            Invalid,
        ),
        (
            "IAM-EVAL-22 what is assumed is no role",
            world(),
            asks(U, "sts:AssumeRole", U),
            Invalid,
        ),
    ]);
}

#[test]
fn iam_prin_7_unique_ids_mean_one_role_and_no_other() {
    let role = |id: &str| {
        let role = json!({"id": id});
        World::new().principal(R, role).bucket(&[open_to(AROA)])
    };
    check([
        ("the role", role(AROA), asks(R_S, GET, OBJECT), Allow),
        (
            "TRAP-63 a later role of that name",
            role("AROAEXAMPLE0000000002"),
            asks(R_S, GET, OBJECT),
            ImplicitDeny,
        ),
        (
            "the id that the context states",
            World::new().with(R, &[]).bucket(&[open_to(AROA)]),
            and(
                asks(R_S, GET, OBJECT),
                "context",
                json!({"aws:userid": format!("{AROA}:s")}),
            ),
            Allow,
        ),
    ]);
}

#[test]
fn iam_prin_17_whom_not_principal_spares() {
    let spared = |principals: Value| {
        let mut statement = deny("s3:*", "*");
        statement["NotPrincipal"] = json!({"AWS": principals});
        [statement]
    };
    let world = |principals: Value| {
        World::new()
            .with(U, &[all_of_s3()])
            .with(R, &[all_of_s3()])
            .bucket(&spared(principals))
    };
    let bounded = json!({"policies": policies(&[all_of_s3()]), "boundary": policy(&[all_of_s3()])});
    check([
        (
            "the user and its account",
            world(json!([A, U])),
            asks(U, GET, OBJECT),
            Allow,
        ),
        (
            "the account alone",
            world(json!([A])),
            asks(U, GET, OBJECT),
            ExplicitDeny,
        ),
        (
            "another user",
            world(json!([A, R])),
            asks(U, GET, OBJECT),
            ExplicitDeny,
        ),
        (
            "account, role and session",
            world(json!([A, R, R_S])),
            asks(R_S, GET, OBJECT),
            Allow,
        ),
        (
            "TRAP-64 the same with a boundary",
            World::new()
                .principal(R, bounded.clone())
                .bucket(&spared(json!([A, R, R_S]))),
            asks(R_S, GET, OBJECT),
            ExplicitDeny,
        ),
        (
            "UI-36 a boundary that does not count",
            World::new()
                .principal(R, bounded.clone())
                .set("layers_open", json!(["boundary"]))
                .bucket(&spared(json!([A, R, R_S]))),
            asks(R_S, GET, OBJECT),
            Allow,
        ),
        (
            "AMB-10 another session",
            world(json!([
                A,
                R,
                "arn:aws:sts::111122223333:assumed-role/R/other"
            ])),
            asks(R_S, GET, OBJECT),
            Depends,
        ),
    ]);
}
