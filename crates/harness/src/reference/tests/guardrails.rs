//! Guardrails of organizations and endpoints: whom they bind, and level by level.

use Verdict::{Allow, Depends, ExplicitDeny, ImplicitDeny};

use super::*;

const FULL: &str = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
const MANAGER: &str = "999999999999";
const MANAGERS_USER: &str = "arn:aws:iam::999999999999:user/M";

/// An organization with A in a unit, and the policies of root, unit and account; B is outside.
fn organization(kind: &str, root: Value, unit: Value, account: Value) -> Value {
    json!({
        "id": "o-1",
        "management_account": MANAGER,
        "root": {"id": "r-ab12", kind: root},
        "units": [{"id": "ou-ab12-x", "parent": "r-ab12", kind: unit}],
        "accounts": [{"id": A, "parent": "ou-ab12-x", kind: account}, {"id": MANAGER, "parent": "r-ab12"}],
    })
}

fn world(organization: Value) -> World {
    World::new()
        .with(U, &[allow("*", "*")])
        .set("organization", organization)
}

fn scps(root: Value, unit: Value, account: Value) -> World {
    world(organization("scps", root, unit, account))
}

fn send(principal: &str) -> Value {
    asks(principal, "sqs:SendMessage", QUEUE)
}

#[test]
fn iam_eval_7_every_level_must_allow() {
    let full = || json!([FULL]);
    let s3 = json!([policy(&[allow("s3:*", "*")])]);
    let condition = when(
        "StringEquals",
        "aws:RequestedRegion",
        "eu-west-1",
        allow("*", "*"),
    );
    let denied = json!([FULL, policy(&[deny("sqs:*", "*")])]);
    check([
        (
            "full access everywhere",
            scps(full(), full(), full()),
            send(U),
            Allow,
        ),
        (
            "TRAP-34 a unit that allows less",
            scps(full(), s3.clone(), full()),
            send(U),
            ImplicitDeny,
        ),
        (
            "the same, what it allows",
            scps(full(), s3, full()),
            asks(U, "s3:GetObject", OBJECT),
            Allow,
        ),
        (
            "TRAP-39 the only Allow has a false condition",
            scps(full(), full(), json!([policy(&[condition])])),
            send(U),
            ImplicitDeny,
        ),
        (
            "nothing attached",
            scps(json!([]), full(), full()),
            send(U),
            ImplicitDeny,
        ),
        (
            "a deny at the root",
            scps(denied, full(), full()),
            send(U),
            ExplicitDeny,
        ),
    ]);
}

#[test]
fn iam_eval_8_whom_scps_bind() {
    let deny_all = || json!([FULL, policy(&[deny("*", "*")])]);
    let bound = || scps(deny_all(), json!([FULL]), json!([FULL]));
    let linked =
        "arn:aws:iam::111122223333:role/aws-service-role/sqs.amazonaws.com/AWSServiceRoleForSQS";
    let session = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForSQS/s";
    check([
        ("a member's user", bound(), send(U), ExplicitDeny),
        (
            "TRAP-37 a member's root user",
            bound(),
            send(ROOT),
            ExplicitDeny,
        ),
        (
            "TRAP-35 the management account",
            bound().with(MANAGERS_USER, &[allow("*", "*")]),
            asks(MANAGERS_USER, "s3:ListAllMyBuckets", "*"),
            Allow,
        ),
        (
            "TRAP-36 a service-linked role",
            bound().with(linked, &[allow("*", "*")]),
            send(session),
            Allow,
        ),
        (
            "TRAP-38 a user of another account",
            bound().with(B_U, &[allow("*", "*")]).bucket(&[open_to(B)]),
            asks(B_U, "s3:GetObject", OBJECT),
            Allow,
        ),
        (
            "a service",
            bound().resource(QUEUE, &[open_to(json!({"Service": "sns.amazonaws.com"}))]),
            send("sns.amazonaws.com"),
            Allow,
        ),
    ]);
}

#[test]
fn iam_eval_9_rcps_bind_whoever_asks_for_resources_of_the_account() {
    let outside = when(
        "StringNotEqualsIfExists",
        "aws:PrincipalOrgID",
        "o-1",
        of("*", deny("s3:*", "*")),
    );
    let rcps = |statement: &Value| {
        let rcps = json!([policy(std::slice::from_ref(statement))]);
        world(organization("rcps", rcps, json!([]), json!([])))
            .with(B_U, &[allow("*", "*")])
            .bucket(&[open_to(B)])
    };
    let of_kms = of("*", deny("kms:*", "*"));
    let key = |members: Value| rcps(&of_kms).key(&[open_to(A)], members);
    check([
        (
            "TRAP-40 an outsider",
            rcps(&outside),
            asks(B_U, "s3:GetObject", OBJECT),
            ExplicitDeny,
        ),
        (
            "a member",
            rcps(&outside),
            asks(U, "s3:GetObject", OBJECT),
            Allow,
        ),
        (
            "TRAP-41 an AWS managed key",
            key(json!({"manager": "AWS", "service": "s3"})),
            asks(U, "kms:DescribeKey", K),
            Allow,
        ),
        (
            "a key of one's own",
            key(json!({})),
            asks(U, "kms:DescribeKey", K),
            ExplicitDeny,
        ),
    ]);
}

#[test]
fn iam_eval_11_endpoint_policies_bind_calls_that_pass_them() {
    let endpoint = |statement: Value| {
        let endpoint = json!({"id": "vpce-1", "kind": "gateway", "vpc": "vpc-1", "account": A, "policy": policy(&[statement])});
        World::new()
            .with(U, &[allow("*", "*")])
            .bucket(&[])
            .add("vpc_endpoints", endpoint)
    };
    let get = || asks(U, "s3:GetObject", OBJECT);
    let through = || and(get(), "vpc_endpoint", "vpce-1");
    check([
        ("everybody", endpoint(open_to("*")), through(), Allow),
        (
            "TRAP-42 a gateway's account",
            endpoint(open_to(A)),
            through(),
            ImplicitDeny,
        ),
        (
            "silent",
            endpoint(of("*", allow("s3:PutObject", "*"))),
            through(),
            ImplicitDeny,
        ),
        (
            "denied",
            endpoint(of("*", deny("s3:*", "*"))),
            through(),
            ExplicitDeny,
        ),
        (
            "not passed",
            endpoint(of("*", deny("s3:*", "*"))),
            get(),
            Allow,
        ),
        (
            "UI-39 the first call's endpoint",
            endpoint(of("*", deny("s3:*", "*"))),
            and(through(), "via", "athena"),
            Allow,
        ),
    ]);
}

#[test]
fn iam_tri_7_layers_that_are_not_loaded() {
    let full = || json!([FULL]);
    let declared = |member: &str, layers: Value| {
        scps(full(), full(), json!([policy(&[deny("*", "*")])])).set(member, layers)
    };
    let partly = |root: Value| {
        let members =
            json!({"policies": policies(&[allow("*", "*")]), "groups": [], "boundary": null});
        let accounts = json!([{"id": A, "parent": "r-ab12", "scps": [FULL]}]);
        World::new().set("complete", json!(false)).principal(U, members).set(
            "organization",
            json!({"id": "o-1", "management_account": MANAGER, "root": root, "accounts": accounts}),
        )
    };
    check([
        (
            "TRAP-71 SCPs not loaded",
            World::new()
                .with(U, &[allow("*", "*")])
                .set("layers_not_loaded", json!(["scp"])),
            send(U),
            Depends,
        ),
        (
            "SCPs assumed open",
            declared("layers_open", json!(["scp"])),
            send(U),
            Allow,
        ),
        (
            "nothing could allow",
            World::new()
                .with(U, &[])
                .set("layers_not_loaded", json!(["scp"])),
            send(U),
            ImplicitDeny,
        ),
        (
            "identity policies not loaded, a named user",
            World::new()
                .with(U, &[deny("*", "*")])
                .bucket(&[open_to(U)])
                .set("layers_not_loaded", json!(["identity"])),
            asks(U, "s3:GetObject", OBJECT),
            Depends,
        ),
        (
            "an incomplete snapshot knows no SCPs",
            World::new()
                .with(U, &[allow("*", "*")])
                .set("complete", json!(false)),
            send(U),
            Depends,
        ),
        (
            "a level without SCPs in an incomplete snapshot",
            partly(json!({"id": "r-ab12"})),
            asks(U, "ec2:StopInstances", "*"),
            Depends,
        ),
        (
            "the same with SCPs",
            partly(json!({"id": "r-ab12", "scps": [FULL]})),
            asks(U, "ec2:StopInstances", "*"),
            Allow,
        ),
        (
            "IAM-EVAL-8 the management account, SCPs not loaded",
            declared("layers_not_loaded", json!(["scp"])).with(MANAGERS_USER, &[allow("*", "*")]),
            asks(MANAGERS_USER, "s3:ListAllMyBuckets", "*"),
            Allow,
        ),
        (
            "IAM-EVAL-8 an account outside, SCPs not loaded",
            declared("layers_not_loaded", json!(["scp"])).with(B_U, &[allow("*", "*")]),
            asks(B_U, "s3:ListAllMyBuckets", "*"),
            Allow,
        ),
    ]);
}
