//! Additions that open no more than the call needs, and roles that take none.

use serde_json::{Value, json};

use super::advice::*;
use super::world::*;
use crate::engine::{Detail, Engine};
use crate::explanation::Verdict;
use crate::job::apply::apply_fixes;
use crate::job::mend::advise;
use crate::request::{Ask, ContextMode, Request};
use crate::snapshot::{Given, GrantRecord, KeyManager, Snapshot};

const LINKED: &str = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";

const OWN_KEY: &[&str] =
    &["key policy of arn:aws:kms:us-west-2:111122223333:key/11111111-aaaa-4bbb-8ccc-1234567890ab"];

const THEIRS: &[&str] =
    &["key policy of arn:aws:kms:us-west-2:444455556666:key/33333333-aaaa-4bbb-8ccc-1234567890ab"];

/// The world of the advice with a service-linked role in it.
fn with_linked() -> Snapshot {
    let mut snapshot = snapshot();
    let linked = role(LINKED, Vec::new(), "autoscaling.amazonaws.com");
    snapshot.principals.push(linked);
    snapshot
}

/// KMS-GRANT-11: its own policies are AWS's, so the key's side must give it.
#[test]
fn service_linked_roles_get_nothing_of_their_own() {
    let mut to_service = request(LINKED, "kms:CreateGrant", KEY_ONE);
    to_service.grant_for_aws_resource = Some(true);
    let decrypt = request(LINKED, "kms:Decrypt", KEY_ONE);
    let advice = check("own key", &with_linked(), &decrypt, &mended(OWN_KEY));
    let statement = &advice.fixes[0].statement;
    assert_eq!(statement["Principal"], json!({"AWS": LINKED}));
    let advice = check("grant", &with_linked(), &to_service, &mended(OWN_KEY));
    let for_service = json!({"Bool": {"kms:GrantIsForAWSResource": "true"}});
    assert_eq!(advice.fixes[0].statement["Condition"], for_service);
    check(
        "bucket",
        &with_linked(),
        &request(LINKED, "s3:GetObject", OBJECT),
        &mended(&["resource policy of arn:aws:s3:::own"]),
    );
    let kept = "is a service-linked role, whose policies AWS keeps";
    for (name, action, resource, obstacle) in [
        (
            "foreign key",
            "kms:Decrypt",
            THEIR_KEY,
            "an identity of 111122223333 creates, with the role as GranteePrincipal and Decrypt among the Operations (KMS-GRANT-11)",
        ),
        ("no grant gives it", "kms:ListGrants", THEIR_KEY, kept),
        ("foreign bucket", "s3:GetObject", THEIR_OBJECT, kept),
        ("no resource", "kms:CreateKey", "*", kept),
        (
            "managed by AWS",
            "kms:Decrypt",
            AWS_KEY,
            "may call kms:Decrypt on it through s3.us-west-2.amazonaws.com alone",
        ),
    ] {
        let asked = request(LINKED, action, resource);
        check(name, &with_linked(), &asked, &blocked(&[obstacle]));
    }
}

/// KMS-POL-14: its ARN follows from its name, so that it need not be listed; AWS demands that it exists.
#[test]
fn a_service_linked_role_that_is_not_listed_is_named_all_the_same() {
    let asked = request(LINKED, "kms:Decrypt", KEY_ONE);
    let advice = check("not listed", &snapshot(), &asked, &mended(OWN_KEY));
    let [fix] = advice.fixes.as_slice() else {
        panic!("{:#?}", advice.fixes)
    };
    assert_eq!(fix.statement["Principal"], json!({"AWS": LINKED}));
    let [note] = fix.notes.as_slice() else {
        panic!("{:#?}", fix.notes)
    };
    let command =
        "`aws iam create-service-linked-role --aws-service-name autoscaling.amazonaws.com`";
    assert!(note.contains(command), "{note}");
}

/// IAM-EVAL-19: where its own policies allow the call, the key policy of the other account is all that is missing.
#[test]
fn a_service_linked_role_with_permissions_needs_the_foreign_key_policy_alone() {
    let mut permitted = with_linked();
    if let Some(linked) = permitted.principals.last_mut() {
        let own = identity(
            "of AWS",
            json!([allow(json!(["kms:Decrypt", "s3:GetObject"]))]),
        );
        linked.policies = Given::Here(vec![own]);
    }
    let asked = request(LINKED, "kms:Decrypt", THEIR_KEY);
    let advice = check("foreign key", &permitted, &asked, &mended(THEIRS));
    assert_eq!(
        advice.fixes[0].statement["Principal"],
        json!({"AWS": LINKED})
    );
    check(
        "foreign bucket",
        &permitted,
        &request(LINKED, "s3:GetObject", THEIR_OBJECT),
        &mended(&["resource policy of arn:aws:s3:::theirs"]),
    );
    let grant = "it takes a grant that an identity of 111122223333 creates";
    let asked = request(LINKED, "kms:Encrypt", THEIR_KEY);
    check("not permitted", &permitted, &asked, &blocked(&[grant]));
}

#[test]
fn boundaries_and_trust_of_service_linked_roles_are_left_alone() {
    let mut bounded = with_linked();
    if let Some(linked) = bounded.principals.last_mut() {
        linked.policies = Given::Here(vec![identity("own", json!([allow(json!("*"))]))]);
        linked.boundary = Given::Here(identity("b", json!([allow(json!("s3:*"))])));
    }
    let asked = request(LINKED, "kms:Decrypt", KEY_ONE);
    let obstacle = "AWS lets nobody set one on a service-linked role";
    check("boundary", &bounded, &asked, &blocked(&[obstacle]));
    let mut trusted = with_linked();
    trusted.principals[0].policies =
        Given::Here(vec![identity("own", json!([allow(json!("sts:*"))]))]);
    let asked = request(ANA, "sts:AssumeRole", LINKED);
    let obstacle = "whose trust policy AWS keeps: only its service assumes it";
    check("trust", &trusted, &asked, &blocked(&[obstacle]));
}

/// KMS-GRANT-9: a grant that allows the call is not enough where it passes on what the grant does not give.
#[test]
fn a_service_linked_role_is_told_what_its_grant_lacks() {
    let mut granted = with_linked();
    granted.keys[2].grants = Some(vec![GrantRecord {
        id: "g1".to_owned(),
        grantee: Some(LINKED.to_owned()),
        issuing_account: Some(ACCOUNT.to_owned()),
        operations: vec!["CreateGrant".to_owned(), "Decrypt".to_owned()],
        consistent: true,
        ..GrantRecord::default()
    }]);
    let mut asked = request(LINKED, "kms:CreateGrant", THEIR_KEY);
    let wider = json!({"GranteePrincipal": APP, "Operations": ["Encrypt"]});
    asked.parameters = wider.as_object().cloned();
    let obstacle = "CreateGrant among the Operations, and all that the new grant is to give";
    check("wider", &granted, &asked, &blocked(&[obstacle]));
}

/// KMS-POL-10: a service acts for many; account and resource of the call keep the others out.
#[test]
fn services_are_held_to_what_they_act_for() {
    let topic = "arn:aws:sns:us-west-2:111122223333:orders";
    let asked = request("sns.amazonaws.com", "kms:GenerateDataKey", KEY_ONE);
    let asked = stating(asked, "aws:SourceArn", topic);
    let asked = stating(asked, "aws:SourceAccount", ACCOUNT);
    let engine = Engine::compile(snapshot());
    let advice = advise(&engine, &asked, &engine.explain(&asked, Detail::Reasons));
    assert_eq!(
        advice.fixes[0].statement["Condition"],
        json!({"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": topic}})
    );
}

/// The only addition to a request, which then is allowed.
fn addition(snapshot: &Snapshot, asked: &Request) -> Value {
    let engine = Engine::compile(snapshot.clone());
    let answer = engine.explain(asked, Detail::Reasons);
    let advice = advise(&engine, asked, &answer);
    assert_eq!(advice.obstacles, [""; 0]);
    let after = Engine::compile(apply_fixes(snapshot, &advice.fixes)).decide(asked);
    assert_eq!(after, Verdict::Allow);
    let [fix] = advice.fixes.as_slice() else {
        panic!("{:#?}", advice.fixes)
    };
    fix.statement.clone()
}

/// IAM-WILD-8: what has no resource is allowed on `*`; where somebody asks about `*`, one resource is meant.
#[test]
fn operations_without_a_resource_get_their_addition() {
    let operation = |name: &str, parameters: Value, resource: Option<&str>| {
        let mut asked = request(ANA, name, "*");
        asked.ask = Ask::Operation(name.to_owned());
        asked.resource = resource.map(str::to_owned);
        asked.parameters = parameters.as_object().cloned();
        asked
    };
    let statement = addition(&snapshot(), &operation("kms:CreateKey", json!({}), None));
    assert_eq!(
        statement,
        json!({"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"})
    );
    let tags = json!({"Tags": [{"TagKey": "project", "TagValue": "x"}]});
    let tagged = operation("kms:CreateKey", tags, None);
    let mut creates = snapshot();
    creates.principals[0] = user(ANA, json!([allow(json!("kms:CreateKey"))]));
    assert_eq!(
        addition(&creates, &tagged)["Action"],
        json!("kms:TagResource")
    );

    let engine = Engine::compile(snapshot());
    let star = operation("kms:Encrypt", json!({}), Some("*"));
    let advice = advise(&engine, &star, &engine.explain(&star, Detail::Reasons));
    assert_eq!(advice.fixes, [], "{:?}", advice.obstacles);
}

/// UI-12: conditions of the statement that nearly allowed it stay, and the one that failed asks for what the call has.
#[test]
fn additions_keep_the_conditions_of_the_nearest_statement() {
    let of_user = |statement: Value| {
        let mut world = snapshot();
        world.principals[0] = user(ANA, json!([statement]));
        world
    };
    let condition = |world: &Snapshot, asked: &Request| addition(world, asked)["Condition"].clone();
    let through = |service: &str| {
        let mut asked = request(ANA, "kms:Decrypt", KEY_ONE);
        asked.via = vec![service.to_owned()];
        asked
    };
    // It is about another key, and holds but for that.
    let other = json!({
        "Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY_TWO,
        "Condition": {
            "StringLike": {"kms:ViaService": "s3.*.amazonaws.com"},
            "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}
    });
    let mut asked = through("s3");
    asked.now = Some("2026-01-01T00:00:00Z".to_owned());
    let kept = json!({
        "StringLike": {"kms:ViaService": "s3.*.amazonaws.com"},
        "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}});
    assert_eq!(condition(&of_user(other), &asked), kept);

    // It is about another service.
    let failed = |via: &str| {
        json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"StringEquals": {"kms:ViaService": via}}})
    };
    let sqs = of_user(failed("sqs.us-west-2.amazonaws.com"));
    let s3 = json!({"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}});
    assert_eq!(condition(&sqs, &through("s3")), s3);
    // A direct call has none, and what describes caller or resource says no more than the addition itself.
    let direct = request(ANA, "kms:Decrypt", KEY_ONE);
    assert_eq!(condition(&sqs, &direct), Value::Null);
    let of_account = json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER}}});
    assert_eq!(condition(&of_user(of_account), &direct), Value::Null);
    // Statements about other services are nobody's model.
    let far = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "us-west-2"}}});
    assert_eq!(condition(&of_user(far), &direct), Value::Null);
}

/// UI-12: limits are moved just so far that the call meets them, and what an addition leaves out it says.
#[test]
fn limits_of_every_kind_are_restated_or_named() {
    let limited = |action: &str, operator: &str, key: &str, value: &str| {
        let mut world = snapshot();
        let statement = json!({"Sid": "Near", "Effect": "Allow", "Action": action, "Resource": "*",
            "Condition": {operator: {key: value}}});
        world.principals[0] = user(ANA, json!([statement]));
        world
    };
    let asked = |action: &str, resource: &str, key: &str, value: &str| {
        stating(request(ANA, action, resource), key, value)
    };
    let list = |value: &str| asked("s3:ListBucket", "arn:aws:s3:::own", "s3:max-keys", value);
    let from = |value: &str| asked("s3:GetObject", OBJECT, "aws:SourceIp", value);
    let until = |value: &str| asked("s3:GetObject", OBJECT, "aws:TokenIssueTime", value);
    let less = "NumericLessThan";
    let slip = "if that is a slip, correct it there instead of adding this";
    let safe = "rather make the call so that it holds than add this";
    for (operator, key, value, call, expected, note) in [
        (
            less,
            "s3:max-keys",
            "10",
            list("50"),
            json!({"NumericLessThanEquals": {"s3:max-keys": "50"}}),
            slip,
        ),
        (
            "NumericEquals",
            "s3:max-keys",
            "10",
            list("50"),
            json!({"NumericEquals": {"s3:max-keys": "50"}}),
            slip,
        ),
        (
            "IpAddress",
            "aws:SourceIp",
            "203.0.113.0/24",
            from("198.51.100.7"),
            json!({"IpAddress": {"aws:SourceIp": "198.51.100.7"}}),
            safe,
        ),
        (
            "DateLessThan",
            "aws:TokenIssueTime",
            "2027-01-01T00:00:00Z",
            until("2028-01-01T00:00:00Z"),
            json!({"DateLessThanEquals": {"aws:TokenIssueTime": "2028-01-01T00:00:00Z"}}),
            slip,
        ),
        (
            "Bool",
            "kms:GrantIsForAWSResource",
            "true",
            request(ANA, "kms:CreateGrant", KEY_ONE),
            json!({"Bool": {"kms:GrantIsForAWSResource": "false"}}),
            slip,
        ),
        (
            "Bool",
            "aws:MultiFactorAuthPresent",
            "true",
            asked(
                "s3:GetObject",
                OBJECT,
                "aws:MultiFactorAuthPresent",
                "false",
            ),
            json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            safe,
        ),
        (
            "Null",
            "aws:SourceIp",
            "true",
            from("198.51.100.7"),
            json!({"Null": {"aws:SourceIp": "false"}}),
            safe,
        ),
        (
            less,
            "s3:max-keys",
            "10",
            list("1e3"),
            Value::Null,
            "left out: `NumericLessThan s3:max-keys 10` of statement `Near` of own; the call has `1e3`",
        ),
        (
            "StringEquals",
            "kms:ViaService",
            "s3.us-west-2.amazonaws.com",
            request(ANA, "kms:Decrypt", KEY_ONE),
            Value::Null,
            "of own does not: it asks for `StringEquals kms:ViaService s3.us-west-2.amazonaws.com`, and the call is a direct one",
        ),
        (
            "DateLessThan",
            "aws:CurrentTime",
            "2025-01-01T00:00:00Z",
            Request {
                now: Some("2026-01-01T00:00:00Z".to_owned()),
                ..request(ANA, "kms:Decrypt", KEY_ONE)
            },
            Value::Null,
            "of statement `Near` of own; set the time that is meant",
        ),
        (
            "StringEquals",
            "aws:PrincipalTag/team",
            "blue",
            request(ANA, "kms:Decrypt", KEY_ONE),
            Value::Null,
            "of statement `Near` of own; the addition names who calls and what on",
        ),
    ] {
        let Ask::Action(action) = &call.ask else {
            panic!()
        };
        let world = limited(action, operator, key, value);
        let engine = Engine::compile(world.clone());
        let advice = advise(&engine, &call, &engine.explain(&call, Detail::Reasons));
        assert_eq!(
            addition(&world, &call)["Condition"],
            expected,
            "{operator} {key}"
        );
        let [told] = advice.fixes[0].notes.as_slice() else {
            panic!("{:#?}", advice.fixes)
        };
        assert!(told.ends_with(note), "{told}");
    }
}

/// UI-12: conditions of the statement that nearly allowed the call, and of which nobody can say whether the call meets them.
#[test]
fn conditions_that_hang_on_what_is_not_told_are_named() {
    let mut world = snapshot();
    let near = json!([{"Sid": "Near", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", "Condition": {
        "StringEquals": {"aws:PrincipalTag/team": "blue", "s3:x-amz-server-side-encryption": "aws:kms"},
        "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]);
    world.principals[0] = user(ANA, near);
    let engine = Engine::compile(world);
    let mut asked = request(ANA, "s3:PutObject", OBJECT);
    asked.mode = ContextMode::Open;
    let advice = advise(&engine, &asked, &engine.explain(&asked, Detail::Reasons));
    let notes = advice.fixes[0].notes.join("\n");
    assert!(
        notes.contains(
            "left out: `StringEquals s3:x-amz-server-side-encryption aws:kms`, `IpAddress aws:SourceIp 203.0.113.0/24` of statement `Near` of own; \
             what the call has there is not told"
        ),
        "{notes}"
    );
}

/// IAM-TRI-11: closed mode takes for absent what every request has, and no addition should open calls without it.
#[test]
fn a_key_that_every_request_has_had_better_be_told() {
    let mut world = snapshot();
    let near = json!([{"Sid": "Near", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]);
    world.principals[0] = user(ANA, near);
    let engine = Engine::compile(world);
    let mut asked = request(ANA, "s3:GetObject", OBJECT);
    asked.mode = ContextMode::Closed;
    let advice = advise(&engine, &asked, &engine.explain(&asked, Detail::Reasons));
    let [note] = advice.fixes[0].notes.as_slice() else {
        panic!("{:#?}", advice.fixes)
    };
    assert!(note.ends_with("rather tell it than add this"), "{note}");
}

/// IAM-COND-11: `ForAllValues` alone would also admit calls without the key.
#[test]
fn sets_are_restated_with_their_presence() {
    let mut world = snapshot();
    let tags = json!([{"Effect": "Allow", "Action": "kms:TagResource", "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["costcenter"]}}}]);
    world.principals[0] = user(ANA, tags);
    let mut asked = request(ANA, "kms:TagResource", KEY_ONE);
    let parameters = json!({"Tags": [
        {"TagKey": "project", "TagValue": "x"}, {"TagKey": "team", "TagValue": "y"}]});
    asked.parameters = parameters.as_object().cloned();
    assert_eq!(
        addition(&world, &asked)["Condition"],
        json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["project", "team"]}, "Null": {"aws:TagKeys": "false"}})
    );
}

/// KMS-AMK-1, KMS-AMK-2: a key of AWS is used through its service, and its ARN is known only where it is listed.
#[test]
fn keys_of_aws_say_how_they_are_used() {
    let through = "may call kms:Decrypt on it through s3.us-west-2.amazonaws.com alone (`via`)";
    let asked = request(ANA, "kms:Decrypt", AWS_KEY);
    check("directly", &snapshot(), &asked, &blocked(&[through]));
    let mut open = snapshot();
    open.keys.retain(|key| key.manager == KeyManager::Customer);
    let asked = request(ANA, "kms:DescribeKey", "alias/aws/ebs");
    let listed = "list the key behind `arn:aws:kms:us-west-2:111122223333:alias/aws/ebs` in the snapshot, with `manager: AWS` and `service: ebs` (KMS-AMK-1)";
    check("not listed", &open, &asked, &blocked(&[listed]));
}
