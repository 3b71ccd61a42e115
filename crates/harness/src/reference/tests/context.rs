//! Keys that a request has by what it is: caller, resource, how it came.

use Verdict::{Allow, Depends, ExplicitDeny, ImplicitDeny, Invalid};

use super::*;

/// U and R may do everything under one condition.
fn tested(operator: &str, key: &str, operand: impl Into<Value>) -> World {
    let statement = [when(operator, key, operand, allow("*", "*"))];
    World::new()
        .with(U, &statement)
        .with(R, &statement)
        .bucket(&[])
}

fn get(principal: impl Into<Value>) -> Value {
    asks(principal, "s3:GetObject", OBJECT)
}

#[test]
fn iam_prin_1_who_the_caller_is() {
    let arn_is = |pattern: &str| tested("ArnLike", "aws:PrincipalArn", pattern);
    let is = |key: &str, value: &str| tested("StringEquals", key, value);
    let path = "arn:aws:iam::111122223333:role/app/R";
    let in_path = |pattern: &str| {
        let statement = when("ArnEquals", "aws:PrincipalArn", pattern, allow("*", "*"));
        World::new().with(path, &[statement]).bucket(&[])
    };
    check([
        ("TRAP-14 not the session's ARN", arn_is("arn:aws:sts::111122223333:assumed-role/R/*"), get(R_S), ImplicitDeny),
        ("the role's ARN", arn_is(R), get(R_S), Allow),
        ("TRAP-15 without its path", in_path(R), get(R_S), ImplicitDeny),
        ("with its path", in_path(path), get(R_S), Allow),
        ("TRAP-16 not the root user", arn_is(ROOT), get(U), ImplicitDeny),
        ("the type of a user", is("aws:PrincipalType", "User"), get(U), Allow),
        ("the type of a session", is("aws:PrincipalType", "AssumedRole"), get(R_S), Allow),
        ("the account", is("aws:PrincipalAccount", A), get(R_S), Allow),
        ("the user's name", is("aws:username", "U"), get(U), Allow),
        ("TRAP-20 a session has no user name", tested("Null", "aws:username", "false"), get(R_S), ImplicitDeny),
        (
            "a session's id ends with its name",
            tested("StringLike", "aws:userid", "*:s"),
            get(json!({"arn": R_S, "id": "AROAEXAMPLE0000000001"})),
            Allow,
        ),
        (
            "tags of the session win over those of the role",
            World::new()
                .principal(R, json!({"tags": {"team": "a"}, "policies": policies(&[when("StringEquals", "aws:PrincipalTag/team", "b", allow("*", "*"))])}))
                .bucket(&[]),
            get(json!({"arn": R_S, "tags": {"team": "b"}})),
            Allow,
        ),
    ]);
}

#[test]
fn iam_cond_8_keys_that_a_call_does_not_have() {
    let denied = |operator: &str, key: &str, operand: &str| {
        let statement = when(operator, key, operand, deny("*", "*"));
        World::new()
            .with(U, &[allow("*", "*"), statement])
            .bucket(&[])
    };
    let key = "aws:MultiFactorAuthPresent";
    let long_term = || get(json!({"arn": U, "credentials": "long_term"}));
    let endpoint = json!({"id": "vpce-2", "kind": "interface", "vpc": "vpc-1", "account": A});
    let through = |world: World| world.add("vpc_endpoints", endpoint.clone());
    let not_here = || denied("NotIpAddress", "aws:SourceIp", "203.0.113.0/24");
    let from = |address: &str| and(get(U), "context", json!({"aws:SourceIp": address}));
    check([
        (
            "TRAP-5 no endpoint",
            denied("StringNotEquals", "aws:SourceVpce", "vpce-1"),
            get(U),
            ExplicitDeny,
        ),
        (
            "TRAP-6 Bool of an absent key",
            denied("Bool", key, "false"),
            long_term(),
            Allow,
        ),
        (
            "TRAP-7 BoolIfExists",
            denied("BoolIfExists", key, "false"),
            long_term(),
            ExplicitDeny,
        ),
        (
            "TRAP-8 an absent tag",
            denied("StringNotEqualsIfExists", "aws:RequestTag/env", "prod"),
            get(U),
            ExplicitDeny,
        ),
        (
            "TRAP-9 another kind of address",
            not_here(),
            from("2001:db8::1"),
            ExplicitDeny,
        ),
        ("the address", not_here(), from("203.0.113.7"), Allow),
        (
            "TRAP-10 through an endpoint there is none",
            through(not_here()),
            and(get(U), "vpc_endpoint", "vpce-2"),
            ExplicitDeny,
        ),
        (
            "through an endpoint there is its id",
            through(denied("StringNotEquals", "aws:SourceVpce", "vpce-2")),
            and(get(U), "vpc_endpoint", "vpce-2"),
            Allow,
        ),
        (
            "open, through an endpoint there is no address",
            through(denied("Null", "aws:SourceIp", "false")),
            and(and(get(U), "vpc_endpoint", "vpce-2"), "mode", "open"),
            Allow,
        ),
    ]);
}

#[test]
fn iam_cond_3_tags_of_the_resource() {
    let tagged = |tags: Value| {
        let statement = when("StringEquals", "aws:ResourceTag/team", "x", allow("*", "*"));
        let queue = json!({"arn": QUEUE, "account": A, "tags": tags});
        World::new().with(U, &[statement]).add("resources", queue)
    };
    let asked = || asks(U, "sqs:SendMessage", QUEUE);
    let compared = when(
        "StringNotEquals",
        "aws:ResourceTag/team",
        "${aws:PrincipalTag/team}",
        deny("*", "*"),
    );
    let compared = World::new().with(U, &[allow("*", "*"), compared]).add(
        "resources",
        json!({"arn": QUEUE, "account": A, "tags": {"team": "x"}}),
    );
    check([
        ("the tag", tagged(json!({"team": "x"})), asked(), Allow),
        (
            "TRAP-19 names have no letter case",
            tagged(json!({"Team": "x"})),
            asked(),
            Allow,
        ),
        (
            "another value",
            tagged(json!({"team": "X"})),
            asked(),
            ImplicitDeny,
        ),
        (
            "TRAP-44 a caller without the tag",
            compared,
            asked(),
            ExplicitDeny,
        ),
        (
            "AMB-13 two of them in different letters",
            tagged(json!({"team": "x", "Team": "y"})),
            asked(),
            Depends,
        ),
    ]);
}

#[test]
fn iam_prin_13_calls_that_services_pass_on() {
    let denied = when(
        "StringNotEquals",
        "aws:SourceVpce",
        "vpce-1",
        deny("*", "*"),
    );
    let endpoint = json!({"id": "vpce-1", "kind": "interface", "vpc": "vpc-1", "account": A});
    let world = || {
        World::new()
            .with(U, &[allow("*", "*"), denied.clone()])
            .key(&[of(ROOT, allow("kms:*", "*"))], json!({}))
            .add("vpc_endpoints", endpoint.clone())
    };
    let decrypt = || and(asks(U, "kms:Decrypt", K), "vpc_endpoint", "vpce-1");
    let via = || tested("Bool", "aws:ViaAWSService", "true");
    let through = when(
        "StringEquals",
        "kms:ViaService",
        "s3.us-west-2.amazonaws.com",
        allow("*", "*"),
    );
    let through = || {
        World::new()
            .with(U, std::slice::from_ref(&through))
            .key(&[of(ROOT, allow("kms:*", "*"))], json!({}))
    };
    let direct = || asks(U, "kms:Decrypt", K);
    check([
        ("the first call", world(), decrypt(), Allow),
        (
            "TRAP-62 what S3 makes of it",
            world(),
            and(decrypt(), "via", "s3"),
            ExplicitDeny,
        ),
        (
            "it is passed on",
            via(),
            and(get(U), "via", "athena"),
            Allow,
        ),
        ("it is not", via(), get(U), ImplicitDeny),
        (
            "kms:ViaService",
            through(),
            and(direct(), "via", "s3"),
            Allow,
        ),
        (
            "kms:ViaService of another service",
            through(),
            and(direct(), "via", "sqs"),
            ImplicitDeny,
        ),
        (
            "kms:ViaService of a direct call",
            through(),
            direct(),
            ImplicitDeny,
        ),
        (
            "a service passes nothing on",
            through(),
            and(asks("s3.amazonaws.com", "kms:Decrypt", K), "via", "s3"),
            Invalid,
        ),
        (
            "UI-39 the first call's endpoint, said in the context",
            world(),
            and(
                and(asks(U, "kms:Decrypt", K), "via", "s3"),
                "context",
                json!({"aws:SourceVpce": "vpce-1"}),
            ),
            ExplicitDeny,
        ),
        (
            "aws:CalledVia",
            tested(
                "ForAnyValue:StringEquals",
                "aws:CalledVia",
                "athena.amazonaws.com",
            ),
            and(get(U), "via", "athena"),
            Allow,
        ),
        (
            "UI-39 kms:ViaService in the context forwards too",
            via().key(&[of(ROOT, allow("kms:*", "*"))], json!({})),
            and(
                asks(U, "kms:Decrypt", K),
                "context",
                json!({"kms:ViaService": "s3.us-west-2.amazonaws.com"}),
            ),
            Allow,
        ),
    ]);
}

#[test]
fn iam_ctx_2_what_an_open_context_leaves_open() {
    let open = |principal: &str| and(get(principal), "mode", "open");
    let denied = |operator: &str, key: &str, operand: &str| {
        let statement = when(operator, key, operand, deny("*", "*"));
        World::new()
            .with(U, &[allow("*", "*"), statement])
            .bucket(&[])
    };
    let insecure = || denied("Bool", "aws:SecureTransport", "false");
    check([
        ("TRAP-66 transport", insecure(), open(U), Depends),
        ("closed, it is absent", insecure(), get(U), Allow),
        (
            "TRAP-67 any user agent",
            tested("StringLike", "aws:UserAgent", "*"),
            open(U),
            Allow,
        ),
        (
            "some user agent",
            tested("StringLike", "aws:UserAgent", "a*"),
            open(U),
            Depends,
        ),
        (
            "IAM-TRI-11 said to be absent",
            insecure(),
            and(open(U), "absent", json!(["aws:SecureTransport"])),
            Allow,
        ),
        (
            "IAM-TRI-11 closed, said to be unknown",
            insecure(),
            and(get(U), "unknown", json!(["aws:SecureTransport"])),
            Depends,
        ),
        (
            "TRAP-70 several values, no set operator",
            denied("StringEquals", "aws:TagKeys", "a"),
            and(
                asks(
                    U,
                    "ec2:CreateTags",
                    "arn:aws:ec2:us-west-2:111122223333:instance/i-1",
                ),
                "mode",
                "open",
            ),
            Allow,
        ),
    ]);
}

#[test]
fn iam_ctx_3_organizations() {
    let organized = |operator: &str, key: &str, operand: &str| {
        tested(operator, key, operand).set(
            "organization",
            json!({
                "id": "o-1",
                "management_account": "999999999999",
                "root": {"id": "r-ab12"},
                "units": [{"id": "ou-ab12-x", "parent": "r-ab12"}],
                "accounts": [{"id": A, "parent": "ou-ab12-x"}],
            }),
        )
    };
    let path = "o-1/r-ab12/ou-ab12-x/";
    let anywhere = "ForAnyValue:StringLike";
    check([
        (
            "the caller's",
            organized("StringEquals", "aws:PrincipalOrgID", "o-1"),
            get(U),
            Allow,
        ),
        (
            "the resource's",
            organized("StringEquals", "aws:ResourceOrgID", "o-1"),
            get(U),
            Allow,
        ),
        (
            "path of the caller",
            organized(anywhere, "aws:PrincipalOrgPaths", path),
            get(U),
            Allow,
        ),
        (
            "path of the resource",
            organized(anywhere, "aws:ResourceOrgPaths", "o-1/*"),
            get(U),
            Allow,
        ),
        (
            "a path that nobody knows is there all the same",
            tested("Null", "aws:ResourceOrgPaths", "false").set(
                "organization",
                json!({"id": "o-1", "management_account": A}),
            ),
            get(U),
            Allow,
        ),
        (
            "TRAP-11 in no organization",
            tested("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-1"),
            get(U),
            Allow,
        ),
    ]);
}

#[test]
fn iam_ctx_2_keys_that_follow() {
    let make = || {
        asks(
            U,
            "ec2:CreateTags",
            "arn:aws:ec2:us-west-2:111122223333:instance/i-1",
        )
    };
    let tagged = |tags: Value| and(make(), "context", tags);
    let only_a = || tested("ForAllValues:StringEquals", "aws:TagKeys", "a");
    let now = |request: Value| and(request, "now", "2026-01-01T00:00:00Z");
    let before = || tested("DateLessThan", "aws:CurrentTime", "2026-01-02T00:00:00Z");
    let region = |region: &str| tested("StringEquals", "aws:RequestedRegion", region);
    let owner = |account: &str| tested("StringEquals", "aws:ResourceAccount", account);
    check([
        ("tags that are passed are listed", only_a(), tagged(json!({"aws:RequestTag/b": "x"})), ImplicitDeny),
        ("the tag that may be", only_a(), tagged(json!({"aws:RequestTag/a": "x"})), Allow),
        ("the clock", before(), now(get(U)), Allow),
        (
            "seconds",
            tested("NumericEquals", "aws:EpochTime", "1767225600"),
            now(get(U)),
            Allow,
        ),
        ("the Region of the resource", region("us-west-2"), make(), Allow),
        ("IAM is in one Region", region("us-east-1"), asks(U, "iam:ListUsers", "*"), Allow),
        ("the owner", owner(A), get(U), Allow),
        (
            "AMB-13 two tags in different letters",
            World::new()
                .principal(U, json!({
                    "tags": {"team": "a", "Team": "b"},
                    "policies": policies(&[when("StringEquals", "aws:PrincipalTag/team", "a", allow("*", "*"))]),
                }))
                .bucket(&[]),
            get(U),
            Depends,
        ),
        (
            "temporary credentials have a time of issue",
            tested("Null", "aws:TokenIssueTime", "false"),
            and(get(R_S), "mode", "open"),
            Allow,
        ),
        (
            "AMB-18 what services are called",
            World::new().resource(QUEUE, &[when(
                "StringNotEquals",
                "aws:PrincipalType",
                "User",
                open_to(json!({"Service": "sns.amazonaws.com"})),
            )]),
            asks("sns.amazonaws.com", "sqs:SendMessage", QUEUE),
            Depends,
        ),
    ]);
}
