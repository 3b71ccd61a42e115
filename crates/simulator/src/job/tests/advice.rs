//! Advice for single requests: with it in place the request is allowed, or an obstacle says why not.

use std::collections::BTreeMap;
use std::sync::Arc;

use preclear_model::PolicyKind;
use preclear_model::caller::{Caller, CallerKind};
use preclear_model::policy::{ParseOptions, parse_policy};
use serde_json::{Value, json};

use super::world::*;
use crate::engine::{Detail, Engine};
use crate::explanation::Verdict;
use crate::job::apply::apply_fixes;
use crate::job::mend::{Advice, advise};
use crate::job::report::{Fix, FixTarget};
use crate::layer::Layer;
use crate::request::{Ask, ContextMode, ContextValue, Request};
use crate::snapshot::{
    Given, GrantRecord, KeyManager, KeyRecord, PrincipalRecord, ResourceRecord, Snapshot,
};

pub(super) const ANA: &str = "arn:aws:iam::111122223333:user/ana";
pub(super) const APP: &str = "arn:aws:iam::111122223333:role/team/App";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/App/s1";
pub(super) const ROOT: &str = "arn:aws:iam::111122223333:root";
const DEPLOY: &str = "arn:aws:iam::111122223333:role/Deploy";
pub(super) const THEIR_KEY: &str =
    "arn:aws:kms:us-west-2:444455556666:key/33333333-aaaa-4bbb-8ccc-1234567890ab";
pub(super) const AWS_KEY: &str =
    "arn:aws:kms:us-west-2:111122223333:key/44444444-aaaa-4bbb-8ccc-1234567890ab";
const OIDC: &str = "arn:aws:iam::111122223333:oidc-provider/token.example.com";

pub(super) fn user(text: &str, policies: Value) -> PrincipalRecord {
    PrincipalRecord {
        policies: Given::Here(vec![identity("own", policies)]),
        ..PrincipalRecord::new(arn(text))
    }
}

/// A user, two roles, keys here and there, buckets here and there; nobody is allowed anything of note.
pub(super) fn snapshot() -> Snapshot {
    let idle = || json!([allow(json!("sqs:ListQueues"))]);
    let named = |name: &str, aliases: &[&str], statements: Value| KeyRecord {
        aliases: Some(aliases.iter().map(|alias| (*alias).to_owned()).collect()),
        ..key(name, statements)
    };
    let closed = json!([{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/admin"},
        "Action": "kms:PutKeyPolicy", "Resource": "*"
    }]);
    let mut of_aws = KeyRecord::new(arn(AWS_KEY));
    of_aws.manager = KeyManager::Aws;
    of_aws.service = Some("s3".to_owned());
    let mut topic = ResourceRecord::new(arn("arn:aws:sns:us-west-2:444455556666:news"));
    topic.policy = Given::Nothing;
    Snapshot {
        account: Some(ACCOUNT.to_owned()),
        region: Some(REGION.to_owned()),
        complete: true,
        principals: vec![
            user(ANA, idle()),
            role(APP, vec![identity("own", idle())], "ec2.amazonaws.com"),
            role(DEPLOY, Vec::new(), "ec2.amazonaws.com"),
        ],
        keys: vec![
            named(KEY_ONE, &["alias/one"], json!([delegation(ACCOUNT)])),
            named(KEY_TWO, &[], closed),
            named(THEIR_KEY, &["alias/theirs"], json!([delegation(OTHER)])),
            of_aws,
        ],
        resources: vec![bucket("own", ACCOUNT), bucket("theirs", OTHER), topic],
        ..Snapshot::default()
    }
}

pub(super) fn request(caller: &str, action: &str, resource: &str) -> Request {
    let caller = Caller::parse(caller).unwrap();
    Request {
        resource: Some(resource.to_owned()),
        mode: ContextMode::Closed,
        ..Request::new(caller, Ask::Action(action.to_owned()))
    }
}

pub(super) fn stating(mut request: Request, key: &str, value: &str) -> Request {
    request
        .context
        .insert(key.to_owned(), ContextValue::One(value.to_owned()));
    request
}

fn federated(user: Option<&str>, mut request: Request, session: Option<Value>) -> Request {
    let name = "arn:aws:sts::111122223333:federated-user/fay";
    let kind = CallerKind::FederatedUser {
        arn: arn(name),
        user: user.map(arn),
    };
    request.caller = Caller::new(kind, Some("aws"), Some(ACCOUNT));
    request.session_policies = session.map(|statements| vec![identity("session", statements)]);
    request
}

fn of_provider(mut request: Request) -> Request {
    let kind = CallerKind::Federated {
        provider: OIDC.to_owned(),
    };
    request.caller = Caller::new(kind, None, None);
    request
}

/// What a situation comes to: targets of the additions, and texts of obstacles.
pub(super) struct Expected {
    targets: &'static [&'static str],
    obstacles: Vec<&'static str>,
}

pub(super) fn mended(targets: &'static [&'static str]) -> Expected {
    Expected {
        targets,
        obstacles: Vec::new(),
    }
}

pub(super) fn blocked(obstacles: &[&'static str]) -> Expected {
    Expected {
        targets: &[],
        obstacles: obstacles.to_vec(),
    }
}

pub(super) fn check(
    name: &str,
    snapshot: &Snapshot,
    request: &Request,
    expected: &Expected,
) -> Advice {
    let engine = Engine::compile(snapshot.clone());
    let answer = engine.explain(request, Detail::Reasons);
    assert!(answer.verdict.is_deny(), "{name}: {}", answer.verdict);
    let advice = advise(&engine, request, &answer);
    let targets: Vec<String> = advice
        .fixes
        .iter()
        .map(|fix| fix.target.to_string())
        .collect();
    assert_eq!(targets, expected.targets, "{name}: {advice:#?}");
    assert_eq!(
        advice.obstacles.len(),
        expected.obstacles.len(),
        "{name}: {:#?}",
        advice.obstacles
    );
    for (found, wanted) in advice.obstacles.iter().zip(&expected.obstacles) {
        assert!(found.contains(wanted), "{name}: {found}");
    }
    let after = Engine::compile(apply_fixes(snapshot, &advice.fixes)).decide(request);
    assert_eq!(
        after == Verdict::Allow,
        expected.obstacles.is_empty(),
        "{name}: {after}"
    );
    for fix in &advice.fixes {
        let is_wide = fix.statement["Resource"] == json!("*");
        let is_key_policy = fix.target.kind() == PolicyKind::Key;
        assert!(!is_wide || is_key_policy, "{name}: {fix:#?}");
        let principal = fix.statement["Principal"].to_string();
        assert!(!principal.contains('*'), "{name}: {fix:#?}");
    }
    advice
}

pub(super) const OBJECT: &str = "arn:aws:s3:::own/k";
pub(super) const THEIR_OBJECT: &str = "arn:aws:s3:::theirs/k";

#[test]
fn identities_are_mended_where_their_permission_is_missing() {
    for (name, request, targets) in [
        (
            "a user and a bucket of its account",
            request(ANA, "s3:GetObject", OBJECT),
            mended(&["identity policy of arn:aws:iam::111122223333:user/ana"]),
        ),
        (
            "a session of a role with a path",
            request(SESSION, "s3:GetObject", OBJECT),
            mended(&["identity policy of arn:aws:iam::111122223333:role/team/App"]),
        ),
        (
            "a bucket of another account",
            request(SESSION, "s3:GetObject", THEIR_OBJECT),
            mended(&[
                "resource policy of arn:aws:s3:::theirs",
                "identity policy of arn:aws:iam::111122223333:role/team/App",
            ]),
        ),
        (
            "a key that delegates",
            request(APP, "kms:Decrypt", KEY_ONE),
            mended(&["identity policy of arn:aws:iam::111122223333:role/team/App"]),
        ),
        (
            "a key that does not",
            request(SESSION, "kms:Decrypt", KEY_TWO),
            mended(&[
                "key policy of arn:aws:kms:us-west-2:111122223333:key/22222222-aaaa-4bbb-8ccc-1234567890ab",
            ]),
        ),
        (
            "a key of another account",
            request(ANA, "kms:Decrypt", THEIR_KEY),
            mended(&[
                "key policy of arn:aws:kms:us-west-2:444455556666:key/33333333-aaaa-4bbb-8ccc-1234567890ab",
                "identity policy of arn:aws:iam::111122223333:user/ana",
            ]),
        ),
        (
            "a role that is passed",
            stating(
                request(ANA, "iam:PassRole", APP),
                "iam:PassedToService",
                "ec2.amazonaws.com",
            ),
            mended(&["identity policy of arn:aws:iam::111122223333:user/ana"]),
        ),
        (
            "a role that is assumed",
            request(ANA, "sts:AssumeRole", APP),
            mended(&["trust policy of arn:aws:iam::111122223333:role/team/App"]),
        ),
        (
            "a job",
            request(
                ANA,
                "s3:DescribeJob",
                "arn:aws:s3:us-west-2:111122223333:job/1",
            ),
            mended(&["identity policy of arn:aws:iam::111122223333:user/ana"]),
        ),
    ] {
        check(name, &snapshot(), &request, &targets);
    }
}

#[test]
fn a_key_is_opened_to_the_identity_where_its_own_policies_do_not_count() {
    let mut snapshot = snapshot();
    snapshot.principals[1] = role(
        APP,
        vec![identity("own", json!([allow(json!("kms:*"))]))],
        "ec2.amazonaws.com",
    );
    let request = request(SESSION, "kms:Decrypt", KEY_TWO);
    let answer = Engine::compile(snapshot.clone()).explain(&request, Detail::Reasons);
    assert_eq!(
        answer.primary.unwrap().code.name(),
        "iam_not_enabled_by_key_policy"
    );
    let advice = check(
        "not enabled",
        &snapshot,
        &request,
        &mended(&[
            "key policy of arn:aws:kms:us-west-2:111122223333:key/22222222-aaaa-4bbb-8ccc-1234567890ab",
        ]),
    );
    assert_eq!(advice.fixes[0].statement["Principal"], json!({"AWS": APP}));
}

/// KMS-ACT-4: the alias half is decided by identity policies alone, on the alias.
#[test]
fn both_halves_of_an_alias_are_mended() {
    let mut create = request(ANA, "", KEY_ONE);
    create.ask = Ask::Operation("kms:CreateAlias".to_owned());
    create.resource = None;
    create.region = Some(REGION.to_owned());
    create.parameters = Some(
        [("AliasName", "alias/new"), ("TargetKeyId", KEY_ONE)]
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .into_iter()
            .collect(),
    );
    let ana = mended(&["identity policy of arn:aws:iam::111122223333:user/ana"]);
    let advice = check("CreateAlias", &snapshot(), &create, &ana);
    assert_eq!(
        advice.fixes[0].statement["Resource"],
        json!(["arn:aws:kms:us-west-2:111122223333:alias/new", KEY_ONE])
    );
}

#[test]
fn root_users_have_no_identity_policies() {
    for caller in [ROOT, "arn:aws:sts::111122223333:assumed-root"] {
        let mut request = request(caller, "kms:Decrypt", KEY_TWO);
        request.session_policies = Some(Vec::new());
        let advice = check(
            caller,
            &snapshot(),
            &request,
            &mended(&[
                "key policy of arn:aws:kms:us-west-2:111122223333:key/22222222-aaaa-4bbb-8ccc-1234567890ab",
            ]),
        );
        // Without the test the entry would let all identity policies of the account count.
        assert_eq!(
            advice.fixes[0].statement["Condition"],
            json!({"ArnEquals": {"aws:PrincipalArn": ROOT}})
        );
    }
    let denied = request(ROOT, "sts:AssumeRole", APP);
    check(
        "AssumeRole",
        &snapshot(),
        &denied,
        &blocked(&["sts_restriction"]),
    );
}

#[test]
fn services_need_the_policy_of_the_resource() {
    let service = |resource: &str, action: &str| {
        let asked = request("personalize.amazonaws.com", action, resource);
        stating(asked, "aws:SourceAccount", ACCOUNT)
    };
    for (name, request, expected) in [
        (
            "a bucket without policy",
            service(OBJECT, "s3:GetObject"),
            mended(&["resource policy of arn:aws:s3:::own"]),
        ),
        (
            "a key",
            service(KEY_ONE, "kms:Decrypt"),
            mended(&[
                "key policy of arn:aws:kms:us-west-2:111122223333:key/11111111-aaaa-4bbb-8ccc-1234567890ab",
            ]),
        ),
        (
            "a role",
            service(APP, "sts:AssumeRole"),
            mended(&["trust policy of arn:aws:iam::111122223333:role/team/App"]),
        ),
    ] {
        let advice = check(name, &snapshot(), &request, &expected);
        let statement = &advice.fixes[0].statement;
        assert_eq!(
            statement["Principal"],
            json!({"Service": "personalize.amazonaws.com"})
        );
        assert_eq!(
            statement["Condition"],
            json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}})
        );
    }
    check(
        "a bucket that nobody lists",
        &snapshot(),
        &service("arn:aws:s3:::owm/k", "s3:GetObject"),
        &blocked(&[
            "`arn:aws:s3:::owm/k` is not in the snapshot, so no addition to its policy is proposed (JOB-8); did you mean `arn:aws:s3:::own`?",
        ]),
    );
}

#[test]
fn federated_users_need_their_user_and_their_session() {
    let read = || request(ANA, "s3:GetObject", OBJECT);
    let everything = || Some(json!([allow(json!("*"))]));
    check(
        "with a session policy",
        &snapshot(),
        &federated(Some(ANA), read(), everything()),
        &mended(&["identity policy of arn:aws:iam::111122223333:user/ana"]),
    );
    check(
        "without one",
        &snapshot(),
        &federated(Some(ANA), read(), None),
        &Expected {
            targets: &["identity policy of arn:aws:iam::111122223333:user/ana"],
            obstacles: vec![
                "federated-user/fay` was given no session policy: pass one that allows s3:GetObject",
            ],
        },
    );
    let key = request(ANA, "kms:Decrypt", KEY_TWO);
    check(
        "a key",
        &snapshot(),
        &federated(Some(ANA), key, everything()),
        &mended(&[
            "key policy of arn:aws:kms:us-west-2:111122223333:key/22222222-aaaa-4bbb-8ccc-1234567890ab",
        ]),
    );
    let role = request(ANA, "sts:AssumeRole", APP);
    check(
        "STS",
        &snapshot(),
        &federated(Some(ANA), role, everything()),
        &blocked(&["sts_restriction"]),
    );
}

#[test]
fn identities_of_providers_are_let_in_by_their_claims_only() {
    let assume = || of_provider(request(ANA, "sts:AssumeRoleWithWebIdentity", APP));
    check(
        "without claims",
        &snapshot(),
        &assume(),
        &blocked(&["state its claims, such as `token.example.com:aud`"]),
    );
    let claimed = stating(assume(), "token.example.com:sub", "repo:example/app");
    let trust = mended(&["trust policy of arn:aws:iam::111122223333:role/team/App"]);
    let advice = check("with claims", &snapshot(), &claimed, &trust);
    assert_eq!(
        advice.fixes[0].statement,
        json!({
            "Effect": "Allow", "Principal": {"Federated": OIDC}, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"token.example.com:sub": "repo:example/app"}}
        })
    );
}

#[test]
fn what_no_statement_may_open_is_an_obstacle() {
    for (name, request, obstacle) in [
        (
            "everybody",
            request("anonymous", "s3:GetObject", OBJECT),
            "none is proposed",
        ),
        (
            "an identity of a service",
            request(
                "111122223333:aws:ec2-infrastructure:i-0",
                "kms:Decrypt",
                KEY_ONE,
            ),
            "only a grant",
        ),
        (
            "a key of AWS",
            request("sns.amazonaws.com", "kms:Decrypt", AWS_KEY),
            "whose policy cannot be changed",
        ),
        (
            "any object",
            request(ANA, "s3:GetObject", "*"),
            "would open every resource to s3:GetObject",
        ),
        (
            "any key",
            request(
                ANA,
                "kms:ScheduleKeyDeletion",
                "arn:aws:kms:us-west-2:444455556666:alias/theirs",
            ),
            "operation_not_cross_account",
        ),
        (
            "another partition",
            request(ANA, "s3:GetObject", "arn:aws-cn:s3:::own/k"),
            "cross_partition",
        ),
    ] {
        check(
            name,
            &snapshot(),
            &request,
            &Expected {
                targets: &[],
                obstacles: vec![obstacle],
            },
        );
    }
}

#[test]
fn ceilings_and_denies_are_obstacles() {
    let deny = json!([{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]);
    let mut denied = snapshot();
    denied.principals[0] = user(ANA, deny);
    let read = request(ANA, "s3:GetObject", OBJECT);
    check(
        "a deny",
        &denied,
        &read,
        &blocked(&["that statement must change"]),
    );

    let mut bounded = snapshot();
    let nothing = json!([allow(json!("sqs:*"))]);
    bounded.principals[0].boundary = Given::Here(identity("boundary", nothing.clone()));
    let ana = Expected {
        targets: &["identity policy of arn:aws:iam::111122223333:user/ana"],
        obstacles: vec!["the permissions boundary (boundary) does not allow s3:GetObject"],
    };
    check("a boundary", &bounded, &read, &ana);

    let mut limited = request(SESSION, "s3:GetObject", OBJECT);
    limited.session_policies = Some(vec![identity("limit", nothing)]);
    let app = Expected {
        targets: &["identity policy of arn:aws:iam::111122223333:role/team/App"],
        obstacles: vec!["the session policy (limit) does not allow s3:GetObject"],
    };
    check("a session policy", &snapshot(), &limited, &app);
}

/// JOB-8: a misspelled name must not lead to policies for somebody who does not exist.
#[test]
fn nothing_is_proposed_for_whom_or_what_nobody_lists() {
    let unlisted = "is not in the snapshot, so nothing is proposed for it (JOB-8)";
    for (name, request, obstacle) in [
        (
            "a user",
            request(
                "arn:aws:iam::111122223333:user/anna",
                "s3:GetObject",
                OBJECT,
            ),
            format!("{unlisted}; did you mean `{ANA}`?"),
        ),
        (
            "a role without its path",
            request("arn:aws:iam::111122223333:role/App", "kms:Decrypt", KEY_TWO),
            format!("{unlisted}; did you mean `{APP}`?"),
        ),
        (
            "a session",
            request(
                "arn:aws:sts::111122223333:assumed-role/Ap/s1",
                "s3:GetObject",
                THEIR_OBJECT,
            ),
            format!("{unlisted}; did you mean `{APP}`?"),
        ),
        (
            "somebody else",
            request("arn:aws:iam::444455556666:user/zoe", "s3:GetObject", OBJECT),
            unlisted.to_owned(),
        ),
        (
            "a role that is assumed",
            request(
                ANA,
                "sts:AssumeRole",
                "arn:aws:iam::111122223333:role/Deploi",
            ),
            format!("{unlisted}; did you mean `{DEPLOY}`?"),
        ),
        (
            "a role that is passed",
            request(ANA, "iam:PassRole", "arn:aws:iam::111122223333:role/Deploi"),
            format!("{unlisted}; did you mean `{DEPLOY}`?"),
        ),
    ] {
        let advice = check(
            name,
            &snapshot(),
            &request,
            &Expected {
                targets: &[],
                obstacles: vec![unlisted],
            },
        );
        assert!(
            advice.obstacles[0].ends_with(&obstacle),
            "{name}: {}",
            advice.obstacles[0]
        );
    }
    let mut known = snapshot();
    known.external = vec!["arn:aws:iam::111122223333:user/zoe".to_owned()];
    // Its policies are unknown, so nothing is denied and nothing proposed (IAM-TRI-7).
    let external = request("arn:aws:iam::111122223333:user/zoe", "s3:GetObject", OBJECT);
    let engine = Engine::compile(known);
    let answer = engine.explain(&external, Detail::Reasons);
    assert_eq!(answer.verdict, Verdict::Depends);
    assert_eq!(advise(&engine, &external, &answer), Advice::default());
    let missing = request(ANA, "kms:Decrypt", "alias/ones");
    let advice = check(
        "a key",
        &snapshot(),
        &missing,
        &blocked(&[
            "the key `arn:aws:kms:us-west-2:111122223333:alias/ones` is not in the snapshot (KMS-ID-1)",
        ]),
    );
    let text = &advice.obstacles[0];
    assert!(
        text.ends_with("; did you mean `arn:aws:kms:us-west-2:111122223333:alias/one`?"),
        "{text}"
    );
    let far = request(ANA, "kms:Decrypt", "alias/payments");
    let advice = check(
        "another key",
        &snapshot(),
        &far,
        &blocked(&["the key `arn"]),
    );
    let text = &advice.obstacles[0];
    assert!(text.contains("; known keys there: alias/one, "), "{text}");
}

/// KMS-GRANT-16: the test is there only where the request passes it.
#[test]
fn grants_are_for_services_only_where_they_are() {
    for (for_service, condition) in [
        (
            Some(true),
            json!({"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        ),
        (Some(false), Value::Null),
        (None, Value::Null),
    ] {
        let mut grant = request(APP, "kms:CreateGrant", KEY_TWO);
        grant.grant_for_aws_resource = for_service;
        let key = mended(&[
            "key policy of arn:aws:kms:us-west-2:111122223333:key/22222222-aaaa-4bbb-8ccc-1234567890ab",
        ]);
        let advice = check("CreateGrant", &snapshot(), &grant, &key);
        let found = advice.fixes[0].statement.get("Condition").cloned();
        assert_eq!(found.unwrap_or_default(), condition);
    }
}

/// IAM-WILD-12: what would be a wildcard or a variable in a policy is a character of the name that was asked about.
#[test]
fn names_are_written_as_themselves() {
    let name = "a*b?${aws:username}$x";
    let written = "a${*}b${?}${$}{aws:username}$x";
    let own = format!("arn:aws:s3:::own/{name}");
    let theirs = format!("arn:aws:s3:::theirs/{name}");
    let user = mended(&["identity policy of arn:aws:iam::111122223333:user/ana"]);
    let read = request(ANA, "s3:GetObject", &own);
    let advice = check("an object", &snapshot(), &read, &user);
    let resource = format!("arn:aws:s3:::own/{written}");
    assert_eq!(advice.fixes[0].statement["Resource"], json!(resource));
    let mended_engine = Engine::compile(apply_fixes(&snapshot(), &advice.fixes));
    for other in [
        "arn:aws:s3:::own/axbx${aws:username}$x",
        "arn:aws:s3:::own/a*b?ana$x",
    ] {
        let other = request(ANA, "s3:GetObject", other);
        assert!(mended_engine.decide(&other).is_deny(), "{other:?}");
    }
    check(
        "of another account",
        &snapshot(),
        &request(ANA, "s3:GetObject", &theirs),
        &mended(&[
            "resource policy of arn:aws:s3:::theirs",
            "identity policy of arn:aws:iam::111122223333:user/ana",
        ]),
    );
    check(
        "an open brace",
        &snapshot(),
        &request(ANA, "s3:GetObject", "arn:aws:s3:::own/${"),
        &user,
    );
    check(
        "a wildcard for a Region",
        &snapshot(),
        &request(ANA, "sns:Publish", "arn:aws:sns:*:111122223333:news"),
        &blocked(&[
            "in front of a name `*`, `?` and `${` have no spelling of their own (IAM-VAR-3)",
        ]),
    );
    let claimed = of_provider(request(ANA, "sts:AssumeRoleWithWebIdentity", APP));
    let claimed = stating(claimed, "token.example.com:sub", "a*${aws:username}");
    let trust = mended(&["trust policy of arn:aws:iam::111122223333:role/team/App"]);
    let advice = check("a claim", &snapshot(), &claimed, &trust);
    assert_eq!(
        advice.fixes[0].statement["Condition"],
        json!({"StringEquals": {"token.example.com:sub": "a*${$}{aws:username}"}})
    );
}

/// IAM-GRAM-4: in a document of 2008 `${*}` is five characters.
#[test]
fn old_documents_cannot_write_every_name() {
    let statement = json!({
        "Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::theirs/z"
    });
    let document = json!({"Version": "2008-10-17", "Statement": [statement]}).to_string();
    let parsed = parse_policy(
        &document,
        "old",
        PolicyKind::Resource,
        ParseOptions::default(),
    )
    .0;
    let mut old = snapshot();
    old.resources[1].policy = Given::Here(Arc::new(parsed.unwrap()));
    let both = mended(&[
        "resource policy of arn:aws:s3:::theirs",
        "identity policy of arn:aws:iam::111122223333:user/ana",
    ]);
    for (resource, expected) in [
        ("arn:aws:s3:::theirs/a", &both),
        ("arn:aws:s3:::theirs/${aws:username}", &both),
        (
            "arn:aws:s3:::theirs/a*",
            &blocked(&["the resource policy of arn:aws:s3:::theirs has version 2008-10-17"]),
        ),
    ] {
        let read = request(ANA, "s3:GetObject", resource);
        check(resource, &old, &read, expected);
    }
}

/// The statement that an obstacle offers beside a wider limit.
fn named(request: &Request, target: FixTarget) -> Fix {
    let mut statement = json!({
        "Effect": "Allow", "Principal": {"AWS": request.caller.display_arn()}, "Action": "*",
    });
    if target.kind() != PolicyKind::Trust {
        let resource = request.resource.clone().unwrap();
        let is_key = target.kind() == PolicyKind::Key;
        statement["Resource"] = json!(if is_key { "*" } else { &resource });
    }
    Fix {
        target,
        statement,
        serves: Vec::new(),
        notes: Vec::new(),
    }
}

/// IAM-EVAL-18: a policy that names the caller itself passes by a silent boundary or session policy, in its own account
/// and not in trust policies. What an obstacle offers works, and where it says that nothing helps nothing does.
#[test]
fn limits_say_what_helps_beside_them() {
    let sqs = || identity("limit", json!([allow(json!("sqs:*"))]));
    let everything = || Given::Here(vec![identity("own", json!([allow(json!("*"))]))]);
    let mut limited = snapshot();
    for principal in &mut limited.principals {
        principal.policies = everything();
        principal.boundary = Given::Here(sqs());
    }
    limited.keys[2].policy = key(THEIR_KEY, json!([delegation(ACCOUNT)])).policy;
    limited.resources[1] = bucket_policy(
        bucket("theirs", OTHER),
        json!([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:*", "Resource": "arn:aws:s3:::theirs/*"}]),
    );
    limited.principals[2].trust = Given::Here(policy(
        "trust",
        PolicyKind::Trust,
        json!([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]),
    ));
    let own = || FixTarget::Resource("arn:aws:s3:::own".to_owned());
    let (anything, other_policy) = ("or name `", "an addition elsewhere cannot help");
    for (name, request, target, says) in [
        (
            "user",
            request(ANA, "s3:GetObject", OBJECT),
            own(),
            anything,
        ),
        (
            "session",
            request(SESSION, "s3:GetObject", OBJECT),
            own(),
            anything,
        ),
        (
            "federated user",
            federated(
                Some(ANA),
                request(ANA, "s3:GetObject", OBJECT),
                Some(json!([allow(json!("*"))])),
            ),
            own(),
            anything,
        ),
        (
            "key",
            request(ANA, "kms:Decrypt", KEY_ONE),
            FixTarget::Key(KEY_ONE.to_owned()),
            anything,
        ),
        (
            "their key",
            request(ANA, "kms:Decrypt", THEIR_KEY),
            FixTarget::Key(THEIR_KEY.to_owned()),
            other_policy,
        ),
        (
            "their object",
            request(ANA, "s3:GetObject", THEIR_OBJECT),
            FixTarget::Resource("arn:aws:s3:::theirs".to_owned()),
            other_policy,
        ),
        (
            "assume",
            request(ANA, "sts:AssumeRole", DEPLOY),
            FixTarget::Trust(DEPLOY.to_owned()),
            other_policy,
        ),
        (
            "assume by a session",
            request(SESSION, "sts:AssumeRole", DEPLOY),
            FixTarget::Trust(DEPLOY.to_owned()),
            "AWS does not say whether a trust policy that names the session would help (AMB-19)",
        ),
        (
            "pass",
            request(ANA, "iam:PassRole", DEPLOY),
            FixTarget::Trust(DEPLOY.to_owned()),
            other_policy,
        ),
    ] {
        let engine = Engine::compile(limited.clone());
        let answer = engine.explain(&request, Detail::Reasons);
        let advice = advise(&engine, &request, &answer);
        assert!(advice.fixes.is_empty(), "{name}: {advice:#?}");
        let [obstacle] = advice.obstacles.as_slice() else {
            panic!("{name}: {advice:#?}");
        };
        let boundary = "the permissions boundary (limit) does not allow ";
        assert!(
            obstacle.starts_with(boundary) && obstacle.contains(says),
            "{name}: {obstacle}"
        );
        let offered = named(&request, target);
        let after = Engine::compile(apply_fixes(&limited, &[offered])).decide(&request);
        let is_offered = says == anything;
        assert_eq!(after == Verdict::Allow, is_offered, "{name}: {after}");
    }
    // What names the role alone is limited all the same.
    let read = request(APP, "s3:GetObject", OBJECT);
    let engine = Engine::compile(limited.clone());
    let advice = advise(&engine, &read, &engine.explain(&read, Detail::Reasons));
    assert!(
        advice.obstacles[0]
            .contains("or name the session itself in the resource policy of arn:aws:s3:::own,")
    );
    let by_role = apply_fixes(&limited, &[named(&read, own())]);
    assert!(Engine::compile(by_role).decide(&read).is_deny());
    // Whether a resource of other services takes a policy is not said of one that has none.
    let read = request(
        ANA,
        "athena:GetWorkGroup",
        "arn:aws:athena:us-west-2:111122223333:workgroup/w",
    );
    let advice = advise(&engine, &read, &engine.explain(&read, Detail::Reasons));
    assert!(
        advice.obstacles[0].contains("workgroup/w (if it takes one),"),
        "{advice:#?}"
    );
}

#[test]
fn every_limit_and_every_deny_is_named() {
    let limit = |name: &str| identity(name, json!([allow(json!("sqs:*"))]));
    let mut both = snapshot();
    both.principals[1].policies = Given::Here(vec![identity("own", json!([allow(json!("*"))]))]);
    both.principals[1].boundary = Given::Here(limit("boundary"));
    let mut read = request(SESSION, "s3:GetObject", OBJECT);
    read.session_policies = Some(vec![limit("session")]);
    let obstacles = [
        "the permissions boundary (boundary)",
        "the session policy (session)",
    ];
    check("both limits", &both, &read, &blocked(&obstacles));

    let mut none = request(ANA, "s3:GetObject", OBJECT);
    none = federated(Some(ANA), none, None);
    let mut free = snapshot();
    free.principals[0] = user(ANA, json!([allow(json!("*"))]));
    let given = "`arn:aws:sts::111122223333:federated-user/fay` was given no session policy: pass one that allows s3:GetObject, or name `arn:aws:sts::111122223333:federated-user/fay` itself in the resource policy of arn:aws:s3:::own, which needs none (IAM-EVAL-18)";
    check("no session policy", &free, &none, &blocked(&[given]));
    let own = FixTarget::Resource("arn:aws:s3:::own".to_owned());
    let by_name = apply_fixes(&free, &[named(&none, own)]);
    assert_eq!(Engine::compile(by_name).decide(&none), Verdict::Allow);

    let mut root = request(
        "arn:aws:sts::111122223333:assumed-root",
        "s3:GetObject",
        OBJECT,
    );
    root.session_policies = Some(vec![limit("task")]);
    let task = "the task policy of the session (task) does not allow s3:GetObject: the call of AssumeRoot must name another";
    check("a task policy", &snapshot(), &root, &blocked(&[task]));

    let mut denied = snapshot();
    let deny = |sid: &str| json!({"Sid": sid, "Effect": "Deny", "Action": "s3:*", "Resource": "*"});
    denied.principals[0] = user(ANA, json!([deny("One"), deny("Two")]));
    check(
        "two denies",
        &denied,
        &request(ANA, "s3:GetObject", OBJECT),
        &blocked(&[
            "statement `One` of own denies s3:GetObject: no addition can help, that statement must change",
            "statement `Two` of own",
        ]),
    );
    let advice = check(
        "without a condition",
        &denied,
        &request(ANA, "s3:GetObject", OBJECT),
        &blocked(&["statement `One`", "statement `Two`"]),
    );
    assert!(advice.obstacles[0].ends_with("must change"), "{advice:#?}");
}

/// IAM-PRIN-6, IAM-EVAL-12: a federated user has the identity policies of its IAM user, whoever that is.
#[test]
fn federated_users_without_a_user_are_told_to_name_it() {
    let everything = Some(json!([allow(json!("*"))]));
    let read = federated(
        None,
        request(ANA, "s3:GetObject", THEIR_OBJECT),
        everything.clone(),
    );
    let their = Expected {
        targets: &["resource policy of arn:aws:s3:::theirs"],
        obstacles: vec![
            "layer:boundary, layer:identity; the policies that count for arn:aws:sts::111122223333:federated-user/fay are those of its IAM user, which is not told: give it as `user` of the principal (IAM-PRIN-6)",
        ],
    };
    check("cross account", &snapshot(), &read, &their);
    let mut empty = snapshot();
    empty.layers_empty.insert(Layer::Identity);
    let read = federated(None, request(ANA, "s3:GetObject", OBJECT), everything);
    check(
        "no policies",
        &empty,
        &read,
        &blocked(&["give it as `user` of the principal"]),
    );
}

/// IAM-GRAM-22, IAM-EVAL-23: each kind of provider has its call, and nobody else makes it.
#[test]
fn calls_that_do_not_fit_their_caller_get_no_statement() {
    const SAML: &str = "arn:aws:iam::111122223333:saml-provider/Corp";
    const BY_SAML: &str = "sts:AssumeRoleWithSAML";
    const BY_WEB: &str = "sts:AssumeRoleWithWebIdentity";
    let of = |provider: &str, action: &str, resource: &str| {
        let mut asked = of_provider(request(ANA, action, resource));
        asked.caller.kind = CallerKind::Federated {
            provider: provider.to_owned(),
        };
        let claim = match provider {
            SAML => "saml:aud",
            OIDC => "token.example.com:aud",
            _ => "accounts.google.com:aud",
        };
        stating(asked, claim, "x")
    };
    let trust = || mended(&["trust policy of arn:aws:iam::111122223333:role/team/App"]);
    let by_saml = "does not fit `arn:aws:iam::111122223333:saml-provider/Corp`: identities of a SAML provider assume roles by sts:AssumeRoleWithSAML (IAM-GRAM-22)";
    let by_web = "identities of an OIDC provider assume roles by sts:AssumeRoleWithWebIdentity (IAM-GRAM-22)";
    for (provider, action, resource, expected) in [
        (SAML, BY_SAML, APP, trust()),
        (SAML, "sts:TagSession", APP, trust()),
        (SAML, BY_WEB, APP, blocked(&[by_saml])),
        (SAML, "sts:AssumeRole", APP, blocked(&[by_saml])),
        (OIDC, BY_WEB, APP, trust()),
        (OIDC, "sts:SetSourceIdentity", APP, trust()),
        (OIDC, BY_SAML, APP, blocked(&[by_web])),
        ("accounts.google.com", BY_WEB, APP, trust()),
        ("accounts.google.com", BY_SAML, APP, blocked(&[by_web])),
        (
            OIDC,
            "s3:GetObject",
            OBJECT,
            blocked(&["can only assume roles"]),
        ),
        (
            OIDC,
            "kms:Decrypt",
            KEY_ONE,
            blocked(&["can only assume roles"]),
        ),
    ] {
        let name = format!("{provider} {action}");
        check(
            &name,
            &snapshot(),
            &of(provider, action, resource),
            &expected,
        );
    }
    for caller in [ANA, SESSION, "ec2.amazonaws.com"] {
        let asked = stating(request(caller, BY_WEB, APP), "saml:aud", "x");
        let obstacle = "is called with a token of an OIDC provider, not by ";
        check(caller, &snapshot(), &asked, &blocked(&[obstacle]));
    }
    // The same name is that of a service.
    let cognito = "cognito-identity.amazonaws.com";
    let mut asked = of(cognito, BY_WEB, APP);
    asked = stating(asked, "cognito-identity.amazonaws.com:aud", "pool");
    let advice = check(cognito, &snapshot(), &asked, &trust());
    assert_eq!(
        advice.fixes[0].statement["Principal"],
        json!({"Federated": cognito})
    );
}

/// IAM-EVAL-16, IAM-WILD-8, KMS-ACT-4: where no policy of a resource counts, it is not missing either.
#[test]
fn what_has_no_policy_gets_no_addition_to_it() {
    for (name, request, obstacle) in [
        (
            "a role",
            request("sns.amazonaws.com", "iam:GetRole", DEPLOY),
            "no policy of `arn:aws:iam::111122223333:role/Deploy` counts for iam:GetRole (IAM-EVAL-16)",
        ),
        (
            "a role that is passed",
            request("sns.amazonaws.com", "iam:PassRole", DEPLOY),
            "counts for iam:PassRole (IAM-EVAL-16)",
        ),
        (
            "a role of another account",
            request(ANA, "iam:GetRole", "arn:aws:iam::444455556666:role/X"),
            "only an identity policy of its account can allow it",
        ),
        (
            "no resource",
            request("sns.amazonaws.com", "s3:ListAllMyBuckets", "*"),
            "s3:ListAllMyBuckets is decided on `*`, which has no policy (IAM-WILD-8)",
        ),
        (
            "no resource, anonymous",
            request("anonymous", "s3:ListAllMyBuckets", "*"),
            "which has no policy (IAM-WILD-8)",
        ),
        (
            "no key",
            request("sns.amazonaws.com", "kms:ListKeys", "*"),
            "which has no policy (IAM-WILD-8)",
        ),
        (
            "an alias",
            request(
                "sns.amazonaws.com",
                "kms:DeleteAlias",
                "arn:aws:kms:us-west-2:111122223333:alias/one",
            ),
            "has no policy (KMS-ACT-4)",
        ),
    ] {
        check(name, &snapshot(), &request, &blocked(&[obstacle]));
    }
}

/// KMS-GRANT-9, KMS-GRANT-14: where a grant does not suffice, a policy may.
#[test]
fn policies_make_up_for_grants() {
    let grant = |grantee: &str, operations: &[&str]| GrantRecord {
        id: "g1".to_owned(),
        grantee: Some(grantee.to_owned()),
        operations: operations.iter().map(|name| (*name).to_owned()).collect(),
        consistent: true,
        ..GrantRecord::default()
    };
    let mut granted = snapshot();
    granted.keys[0].grants = Some(vec![grant(DEPLOY, &["Decrypt"])]);
    let ana = mended(&["identity policy of arn:aws:iam::111122223333:user/ana"]);
    let retire = request(ANA, "kms:RetireGrant", KEY_ONE);
    check("of the key's account", &granted, &retire, &ana);
    let elsewhere = request("arn:aws:iam::444455556666:root", "kms:RetireGrant", KEY_ONE);
    let no_policy =
        blocked(&["fails with retire_grant_not_entitled: no policy statement can help"]);
    check("of another account", &granted, &elsewhere, &no_policy);

    let mut limited = granted.clone();
    limited.principals[0] = user(ANA, json!([allow(json!("*"))]));
    let sqs = identity("limit", json!([allow(json!("sqs:*"))]));
    limited.principals[0].boundary = Given::Here(sqs);
    let nothing_else = blocked(&["it must be widened, an addition elsewhere cannot help"]);
    check("behind a boundary", &limited, &retire, &nothing_else);

    granted.keys[0].grants = Some(vec![grant(ANA, &["CreateGrant", "Decrypt"])]);
    let mut create = request(ANA, "kms:CreateGrant", KEY_ONE);
    let operations = json!({"GranteePrincipal": DEPLOY, "Operations": ["Encrypt"]});
    create.parameters = operations.as_object().cloned();
    let answer = Engine::compile(granted.clone()).explain(&create, Detail::Reasons);
    let code = answer.primary.unwrap().code;
    assert_eq!(code.name(), "grant_delegation_exceeded");
    check("more than the grant", &granted, &create, &ana);
}

/// UI-12: what somebody kept to one encryption context, an addition does not open for all.
#[test]
fn additions_keep_to_the_encryption_context_where_one_was_asked_for() {
    let of_context = |value: &str| {
        let mut asked = request(APP, "kms:Decrypt", KEY_ONE);
        let context = json!({"EncryptionContext": {"Tenant": value, "job": "7"}});
        asked.parameters = context.as_object().cloned();
        asked
    };
    let to_role = mended(&["identity policy of arn:aws:iam::111122223333:role/team/App"]);
    let plain = check("not asked for", &snapshot(), &of_context("green"), &to_role);
    assert_eq!(plain.fixes[0].statement.get("Condition"), None);

    let wanted = |value: &str| {
        json!({"StringEquals": {
            "kms:EncryptionContext:Tenant": value, "kms:EncryptionContext:job": "7"}})
    };
    let mut kept = snapshot();
    let blue = json!([{
        "Effect": "Allow", "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*",
        "Condition": {"StringEquals": {"kms:EncryptionContext:tenant": "blue"}}
    }]);
    kept.principals[1].policies = Given::Here(vec![identity("own", blue)]);
    let by_policy = check("of a policy", &kept, &of_context("green"), &to_role);
    assert_eq!(by_policy.fixes[0].statement["Condition"], wanted("green"));

    let mut granted = snapshot();
    granted.keys[0].grants = Some(vec![GrantRecord {
        id: "g1".to_owned(),
        grantee: Some(APP.to_owned()),
        operations: vec!["Decrypt".to_owned()],
        context_subset: Some([("tenant".to_owned(), "blue".to_owned())].into()),
        consistent: true,
        ..GrantRecord::default()
    }]);
    let by_grant = check("of a grant", &granted, &of_context("blue"), &to_role);
    assert_eq!(by_grant.fixes[0].statement["Condition"], wanted("blue"));

    // An operation without pairs could never meet such a condition (KMS-COND-3).
    let mut describe = of_context("green");
    describe.ask = Ask::Action("kms:DescribeKey".to_owned());
    describe.parameters = None;
    let without = check("no pairs", &kept, &describe, &to_role);
    assert_eq!(without.fixes[0].statement.get("Condition"), None);
}

/// JOB-4: a deny may be met by changing its statement, and one with a condition by changing the call.
#[test]
fn denies_with_a_condition_may_be_kept_off_otherwise() {
    let mut denied = snapshot();
    denied.principals[0] = user(
        ANA,
        json!([
            allow(json!("*")),
            {"Sid": "Net", "Effect": "Deny", "Action": "*", "Resource": "*",
             "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
        ]),
    );
    let asked = stating(
        request(ANA, "s3:GetObject", OBJECT),
        "aws:SourceIp",
        "198.51.100.7",
    );
    let wanted = "that statement must change, or the call must not meet its condition";
    check("by address", &denied, &asked, &blocked(&[wanted]));
}

/// Every caller, action and resource: the advice holds what it promises.
#[test]
fn advice_mends_or_says_why_not() {
    let mut callers: BTreeMap<&str, Caller> = [
        ANA,
        APP,
        SESSION,
        ROOT,
        "arn:aws:sts::111122223333:assumed-root",
        "arn:aws:iam::444455556666:root",
        "arn:aws:iam::444455556666:user/zoe",
        "arn:aws:sts::111122223333:assumed-role/Nobody/s",
        "arn:aws:sts::111122223333:federated-user/fay",
        "sns.amazonaws.com",
        "111122223333:aws:ec2-infrastructure:i-0",
        "anonymous",
    ]
    .into_iter()
    .map(|text| (text, Caller::parse(text).unwrap()))
    .collect();
    let of_user = federated(Some(ANA), request(ANA, "s3:GetObject", OBJECT), None);
    callers.insert("federated user of ana", of_user.caller);
    let providers = [
        OIDC,
        "arn:aws:iam::111122223333:saml-provider/Corp",
        "accounts.google.com",
    ];
    callers.extend(providers.map(|provider| {
        let kind = CallerKind::Federated {
            provider: provider.to_owned(),
        };
        (provider, Caller::new(kind, None, None))
    }));
    let questions = [
        ("s3:GetObject", OBJECT),
        ("s3:GetObject", "arn:aws:s3:::own/a*b?${aws:username}"),
        ("s3:GetObject", "arn:aws:s3:::theirs/${*}"),
        ("sns:Publish", "arn:aws:sns:*:111122223333:news"),
        ("sts:AssumeRoleWithSAML", APP),
        ("sts:AssumeRoleWithWebIdentity", APP),
        ("iam:GetRole", APP),
        ("s3:GetObject", THEIR_OBJECT),
        ("s3:GetObject", "arn:aws:s3:::nowhere/k"),
        ("s3:ListAllMyBuckets", "*"),
        ("s3:PutObject", "*"),
        ("kms:Decrypt", KEY_ONE),
        ("kms:Decrypt", KEY_TWO),
        ("kms:Decrypt", THEIR_KEY),
        ("kms:Decrypt", AWS_KEY),
        ("kms:PutKeyPolicy", AWS_KEY),
        (
            "kms:Decrypt",
            "arn:aws:kms:us-west-2:111122223333:alias/none",
        ),
        (
            "kms:DescribeKey",
            "arn:aws:kms:us-west-2:444455556666:alias/aws/s3",
        ),
        ("kms:CreateGrant", KEY_ONE),
        ("kms:RetireGrant", KEY_ONE),
        ("kms:ListKeys", "*"),
        (
            "kms:DeleteAlias",
            "arn:aws:kms:us-west-2:111122223333:alias/one",
        ),
        ("sns:Publish", "arn:aws:sns:us-west-2:444455556666:news"),
        ("sts:AssumeRole", APP),
        ("sts:AssumeRole", "arn:aws:iam::444455556666:role/None"),
        ("iam:PassRole", APP),
    ];
    let snapshot = snapshot();
    let engine = Engine::compile(snapshot.clone());
    for (name, caller) in &callers {
        for (action, resource) in questions {
            let mut asked = request(ANA, action, resource);
            asked.caller = caller.clone();
            for claim in [
                "saml:aud",
                "token.example.com:aud",
                "accounts.google.com:aud",
            ] {
                asked = stating(asked, claim, "${x}");
            }
            let answer = engine.explain(&asked, Detail::Reasons);
            let advice = advise(&engine, &asked, &answer);
            let after = Engine::compile(apply_fixes(&snapshot, &advice.fixes)).decide(&asked);
            if answer.verdict.is_deny() {
                assert_eq!(
                    after == Verdict::Allow,
                    advice.obstacles.is_empty(),
                    "{name} {action} {resource}: {after} {advice:#?}"
                );
            }
            for fix in &advice.fixes {
                let is_wide = fix.statement["Resource"] == json!("*");
                let may_be = fix.target.kind() == PolicyKind::Key
                    || ["s3:ListAllMyBuckets", "kms:ListKeys"].contains(&action);
                assert!(!is_wide || may_be, "{name} {action} {resource}: {fix:#?}");
            }
        }
    }
}
