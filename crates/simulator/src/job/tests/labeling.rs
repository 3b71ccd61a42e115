//! Ground Truth labeling jobs: one world, and what each deviation from it leads to.

use serde_json::{Value, json};

use super::world::*;
use crate::job::report::{Basis, JobVerdict};
use crate::job::request::Interface;
use crate::request::ContextMode;
use crate::snapshot::{Given, ObjectRecord, Organization, OrganizationNode, ResourceRecord};
use preclear_model::PolicyKind;

pub(super) const LABELER: &str = "arn:aws:iam::111122223333:role/Labeler";
pub(super) const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/example-role";
const OUT: &str = "arn:aws:s3:::team-sagemaker-out";
const PATHLESS: &str = "arn:aws:iam::111122223333:role/example-role";

const OUTPUT_KEY: &str = "OutputConfig.KmsKeyId";
const ALGORITHM: &str = "LabelingJobAlgorithmsConfig.LabelingJobAlgorithmSpecificationArn";
const VOLUME_KEY: &str = "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VolumeKmsKeyId";
const PRE: &str = "HumanTaskConfig.PreHumanTaskLambdaArn";
const POST: &str = "HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn";

/// Rows of every job.
const ALWAYS: &[&str] = &[
    "GT-01", "GT-03", "GT-04", "GT-05", "GT-06", "GT-07", "GT-08", "GT-14",
];

fn with(more: &[&'static str]) -> Vec<&'static str> {
    ALWAYS.iter().chain(more).copied().collect()
}

/// Rows of a job without, and with, an output key.
fn plain() -> Vec<&'static str> {
    with(&["GT-13"])
}

fn keyed() -> Vec<&'static str> {
    with(&["GT-10", "GT-11", "GT-12"])
}

fn volume() -> Vec<&'static str> {
    with(&[
        "GT-10", "GT-11", "GT-12", "GT-20", "GT-21", "GT-22", "GT-23", "GT-24",
    ])
}

/// The policy that the guide prints for users of the console.
fn console_policy() -> Value {
    json!([
        allow(json!(["sagemaker:*"])),
        allow(json!(["kms:DescribeKey", "kms:ListAliases"])),
        allow(json!(["aws-marketplace:ViewSubscriptions"])),
        allow(json!(["secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", "secretsmanager:ListSecrets"])),
        allow(json!(["iam:ListRoles", "iam:CreateRole", "iam:CreatePolicy", "iam:AttachRolePolicy"])),
        {
            "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        },
        allow(json!([
            "groundtruthlabeling:*", "lambda:InvokeFunction", "lambda:ListFunctions", "s3:GetObject", "s3:PutObject",
            "s3:ListBucket", "s3:GetBucketCors", "s3:PutBucketCors", "s3:ListAllMyBuckets", "cognito-idp:Admin*",
            "cognito-idp:Create*", "cognito-idp:Describe*", "cognito-idp:List*", "cognito-idp:Update*"
        ]))
    ])
}

/// The statement that the guide prints for the output key, for a principal.
fn use_of_key(principal: Value) -> Value {
    json!({
        "Sid": "AllowUseOfKmsKey", "Effect": "Allow", "Principal": principal, "Resource": "*",
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    })
}

fn by_role() -> Value {
    use_of_key(json!({"AWS": ROLE}))
}

/// Key policies of the scenarios: delegation, the guide's statement, both.
fn kp_d() -> Value {
    json!([delegation(ACCOUNT)])
}

fn kp_s() -> Value {
    json!([by_role()])
}

fn kp_ds() -> Value {
    json!([delegation(ACCOUNT), by_role()])
}

fn function(name: &str) -> String {
    format!("arn:aws:lambda:us-west-2:111122223333:function:{name}")
}

/// A bounding-box job of a private team, without keys.
pub(super) fn base() -> World {
    let mut world = World::new(
        "sagemaker:CreateLabelingJob",
        LABELER,
        json!({
            "LabelingJobName": "boxes-01", "LabelAttributeName": "box", "RoleArn": ROLE,
            "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://team-sagemaker-in/m.json"}}},
            "OutputConfig": {"S3OutputPath": "s3://team-sagemaker-out/boxes"},
            "HumanTaskConfig": {
                "WorkteamArn": "arn:aws:sagemaker:us-west-2:111122223333:workteam/private-crowd/team1",
                "UiConfig": {"UiTemplateS3Uri": "s3://team-sagemaker-in/ui.liquid"},
                "PreHumanTaskLambdaArn": "arn:aws:lambda:us-west-2:081040173940:function:PRE-BoundingBox",
                "AnnotationConsolidationConfig": {
                    "AnnotationConsolidationLambdaArn": "arn:aws:lambda:us-west-2:081040173940:function:ACS-BoundingBox"
                },
                "TaskTitle": "t", "TaskDescription": "d", "NumberOfHumanWorkersPerDataObject": 1, "TaskTimeLimitInSeconds": 300
            }
        }),
    );
    let labeler = identity("labeler-console", console_policy());
    let execution = managed("AmazonSageMakerGroundTruthExecution");
    world.snapshot.principals = vec![
        role(LABELER, vec![labeler], "ec2.amazonaws.com"),
        role(ROLE, vec![execution], "sagemaker.amazonaws.com"),
    ];
    world.snapshot.resources = vec![
        bucket("team-sagemaker-in", ACCOUNT),
        bucket("team-sagemaker-out", ACCOUNT),
        ResourceRecord::new(arn(
            "arn:aws:sagemaker:us-west-2:111122223333:workteam/private-crowd/team1",
        )),
    ];
    world
}

fn with_output_key(key_policy: Value) -> World {
    let mut world = base();
    world.snapshot.keys.push(key(KEY_ONE, key_policy));
    world.set(OUTPUT_KEY, json!(KEY_ONE));
    world
}

fn with_algorithm(mut world: World) -> World {
    let specification = "arn:aws:sagemaker:us-west-2:027400017018:labeling-job-algorithm-specification/object-detection";
    world.set(ALGORITHM, json!(specification));
    world
}

fn pass_role() -> Value {
    json!([{
        "Effect": "Allow", "Action": "iam:PassRole", "Resource": ROLE,
        "Condition": {"StringEquals": {"iam:PassedToService": ["sagemaker.amazonaws.com"]}}
    }])
}

/// Output and volume key, with everything that the role's own policies need.
pub(super) fn with_volume_key(key_policy: Value) -> World {
    let mut world = with_algorithm(with_output_key(key_policy));
    world.set(VOLUME_KEY, json!(KEY_ONE));
    world.attach(ROLE, identity("pass-role", pass_role()));
    world.attach(
        ROLE,
        identity("create-grant", json!([allow(json!("kms:CreateGrant"))])),
    );
    world
}

pub(super) fn statement_alone() -> Value {
    kp_s()
}

fn with_functions(mut world: World, pre: &str, post: &str) -> World {
    world.set(PRE, json!(function(pre)));
    world.set(POST, json!(function(post)));
    let post_role = "arn:aws:iam::111122223333:role/post-role";
    let read =
        json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("{OUT}/*")}]);
    world.snapshot.principals.push(role(
        post_role,
        vec![identity("post", read)],
        "lambda.amazonaws.com",
    ));
    world
        .snapshot
        .resources
        .push(ResourceRecord::new(arn(&function(pre))));
    let mut post = ResourceRecord::new(arn(&function(post)));
    post.role = Some(post_role.to_owned());
    world.snapshot.resources.push(post);
    world
}

/// Scenario G1.
#[test]
fn without_a_key_the_output_is_under_the_aws_managed_key() {
    let report = base().expect(JobVerdict::Allowed, &plain(), &[]);
    let parts = parts_of(&report, "GT-13");
    assert_eq!(
        parts[0].resource,
        "arn:aws:kms:us-west-2:111122223333:alias/aws/s3"
    );
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    assert!(report.fixes.is_empty() && report.obstacles.is_empty());
}

/// Scenarios G2, G4, G5.
#[test]
fn the_output_key_is_open_by_key_policy_or_by_delegation() {
    for key_policy in [kp_ds(), kp_s()] {
        let report = with_output_key(key_policy).expect(JobVerdict::Allowed, &keyed(), &[]);
        let primary = parts_of(&report, "GT-10")[0]
            .result
            .primary
            .clone()
            .unwrap();
        assert_eq!(primary.code.name(), "allow_key_policy");
        assert_eq!(
            primary.statement.unwrap().sid.as_deref(),
            Some("AllowUseOfKmsKey")
        );
    }
    let mut world = with_output_key(kp_d());
    let own = json!([{
        "Effect": "Allow", "Resource": KEY_ONE,
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    }]);
    world.attach(ROLE, identity("use-of-key", own));
    let report = world.expect(JobVerdict::Allowed, &keyed(), &[]);
    let primary = parts_of(&report, "GT-12")[0]
        .result
        .primary
        .clone()
        .unwrap();
    assert_eq!(primary.code.name(), "allow_iam_via_key_policy");
}

/// Scenarios G3, G6, G7.
#[test]
fn the_output_key_is_closed_where_nobody_names_the_role() {
    let denied = [
        ("GT-10", "implicit_deny"),
        ("GT-11", "implicit_deny"),
        ("GT-12", "implicit_deny"),
    ];
    let report = with_output_key(kp_d()).expect(JobVerdict::Denied, &keyed(), &denied);
    assert_eq!(codes_of(&report, "GT-10"), ["no_identity_allow"]);
    let pathless = json!([delegation(ACCOUNT), use_of_key(json!({"AWS": PATHLESS}))]);
    let report = with_output_key(pathless).expect(JobVerdict::Denied, &keyed(), &denied);
    let near = &parts_of(&report, "GT-10")[0].result.near_misses[0];
    assert_eq!(
        (near.element, near.expected.as_str(), near.actual.as_str()),
        ("Principal", PATHLESS, ROLE)
    );
    assert!(!hint_of(&report, "GT-10").contains("JOB-GT-12"));
    let service = json!([
        delegation(ACCOUNT),
        use_of_key(json!({"Service": "sagemaker.amazonaws.com"}))
    ]);
    let report = with_output_key(service).expect(JobVerdict::Denied, &keyed(), &denied);
    assert!(
        hint_of(&report, "GT-10").contains("JOB-GT-12"),
        "{}",
        hint_of(&report, "GT-10")
    );
    let misses = &parts_of(&report, "GT-10")[0].result.near_misses;
    let hinted: Vec<&str> = misses
        .iter()
        .filter(|miss| miss.is_hinted)
        .map(|miss| miss.expected.as_str())
        .collect();
    assert_eq!(hinted, ["sagemaker.amazonaws.com"]);
}

/// Scenario G8.
#[test]
fn permissions_that_are_only_listed_leave_gaps() {
    let mut world = with_output_key(kp_d());
    world.attach(
        ROLE,
        identity(
            "two",
            json!([allow(json!(["kms:Decrypt", "kms:GenerateDataKey"]))]),
        ),
    );
    let report = world.expect(JobVerdict::Gaps, &keyed(), &[("GT-12", "implicit_deny")]);
    assert_eq!(denied_actions(&report, "GT-12").len(), 7);
}

/// Scenarios G9, G10.
#[test]
fn the_managed_policy_goes_by_names() {
    let mut world = base();
    world.set(
        "InputConfig.DataSource.S3DataSource.ManifestS3Uri",
        json!("s3://my-input/in/m.json"),
    );
    world.snapshot.resources.push(bucket("my-input", ACCOUNT));
    let report = world.expect(JobVerdict::Denied, &plain(), &[("GT-06", "implicit_deny")]);
    assert_eq!(codes_of(&report, "GT-06"), ["no_identity_allow"]);
    let mut world = base();
    world.set(
        "OutputConfig.S3OutputPath",
        json!("s3://my-data/sagemaker/out/"),
    );
    world.snapshot.resources.push(bucket("my-data", ACCOUNT));
    let report = world.expect(JobVerdict::Allowed, &plain(), &[]);
    assert_eq!(
        parts_of(&report, "GT-07")[0].resource,
        "arn:aws:s3:::my-data/sagemaker/out/*"
    );
}

/// Scenarios G11, G12, G13, G14.
#[test]
fn automated_labeling_needs_a_role_that_is_passed_on_and_a_grant() {
    let triggered = with(&["GT-13", "GT-20", "GT-21"]);
    with_algorithm(base()).expect(
        JobVerdict::Denied,
        &triggered,
        &[("GT-20", "implicit_deny")],
    );
    let report = with_volume_key(kp_ds()).expect(JobVerdict::Allowed, &volume(), &[]);
    assert_eq!(
        parts_of(&report, "GT-22")[0].context["kms:ViaService"],
        "sagemaker.us-west-2.amazonaws.com"
    );
    let report = with_volume_key(kp_s()).expect(
        JobVerdict::Denied,
        &volume(),
        &[("GT-22", "implicit_deny")],
    );
    assert_eq!(
        codes_of(&report, "GT-22"),
        ["iam_not_enabled_by_key_policy"]
    );
    assert!(hint_of(&report, "GT-22").contains("JOB-GT-8"));
    let mut world = with_volume_key(kp_ds());
    if let Given::Here(policies) = &mut world.principal(ROLE).policies {
        policies.pop();
    }
    let report = world.expect(JobVerdict::Denied, &volume(), &[("GT-22", "implicit_deny")]);
    assert_eq!(codes_of(&report, "GT-22"), ["no_identity_allow"]);
}

/// Scenario G15: the grant is made for a resource of AWS.
#[test]
fn the_grant_is_made_through_the_service() {
    let mut world = with_volume_key(kp_ds());
    if let Given::Here(policies) = &mut world.principal(ROLE).policies {
        policies.pop();
    }
    let through_service = json!([{
        "Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*",
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    }]);
    world.attach(ROLE, identity("create-grant", through_service));
    world.expect(JobVerdict::Allowed, &volume(), &[]);
}

/// Scenarios G16, G17, G29 and other requests that the API refuses.
#[test]
fn requests_that_the_api_refuses_are_invalid() {
    let mut world = with_volume_key(kp_ds());
    world.set(VOLUME_KEY, json!("alias/vol"));
    world.expect_invalid("FIELD_FORMAT");
    let mut world = with_volume_key(kp_ds());
    world.job.interface = Interface::Console;
    world.expect_invalid("CONSOLE_CANNOT_SET_VOLUME_KEY");
    let mut world = base();
    world.set(
        OUTPUT_KEY,
        json!("arn:aws:kms:us-east-1:111122223333:key/1"),
    );
    world.expect_invalid("KEY_REGION_MISMATCH");
    let mut world = with_output_key(kp_ds());
    world.snapshot.keys[0].spec = "RSA_2048".to_owned();
    world.expect_invalid("KEY_SPEC_UNSUPPORTED_BY_SERVICE");
    let mut world = base();
    world.resource(OUT).region = Some("eu-west-1".to_owned());
    world.expect_invalid("BUCKET_REGION_MISMATCH");
    let mut world = base();
    world.set("RoleArn", json!("arn:aws:iam::444455556666:role/other"));
    world.expect_invalid("ROLE_ACCOUNT_MISMATCH");
    let mut world = with_algorithm(base());
    world.set(
        ALGORITHM,
        json!("arn:aws:sagemaker:us-west-2:111122223333:algorithm/own"),
    );
    world.expect_invalid("FIELD_FORMAT");
    let mut world = base();
    world.job.request.remove("InputConfig");
    world.set("InputConfig.DataSource", json!({}));
    world.expect_invalid("FIELD_MISSING");
    let mut world = base();
    world.snapshot.region = None;
    world.expect_invalid("REGION_MISSING");
}

/// Scenarios G18, G19.
#[test]
fn custom_functions_are_invoked_by_the_role() {
    let triggered = with(&["GT-13", "GT-30", "GT-31", "GT-32"]);
    let denied = [("GT-30", "implicit_deny"), ("GT-31", "implicit_deny")];
    with_functions(base(), "my-pre", "my-post").expect(JobVerdict::Denied, &triggered, &denied);
    let world = with_functions(base(), "GtRecipe-pre", "labelingfunction-post");
    let report = world.expect(
        JobVerdict::Denied,
        &triggered,
        &[("GT-31", "implicit_deny")],
    );
    assert!(
        hint_of(&report, "GT-31").contains("JOB-GT-21"),
        "{:?}",
        parts_of(&report, "GT-31")[0].result.near_misses
    );
}

/// Scenario G20.
#[test]
fn the_post_annotation_function_decrypts_with_its_own_role_or_assumes_the_other() {
    let mut triggered = keyed();
    triggered.extend(["GT-30", "GT-31", "GT-32"]);
    let mut world = with_functions(
        with_output_key(kp_s()),
        "GtRecipe-pre",
        "LabelingFunction-post",
    );
    let report = world.expect(
        JobVerdict::Denied,
        &triggered,
        &[("GT-32", "implicit_deny")],
    );
    assert_eq!(denied_actions(&report, "GT-32"), ["kms:Decrypt"]);
    assert_eq!(
        parts_of(&report, "GT-32")[1].principal,
        "arn:aws:iam::111122223333:role/post-role"
    );
    assert!(hint_of(&report, "GT-32").contains("sts:AssumeRole"));
    let trust = json!([
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/post-role"}, "Action": "sts:AssumeRole"}
    ]);
    world.principal(ROLE).trust = Given::Here(policy("trust", PolicyKind::Trust, trust));
    let report = world.expect(JobVerdict::Allowed, &triggered, &[]);
    assert_eq!(parts_of(&report, "GT-32").len(), 1);
    assert_eq!(parts_of(&report, "GT-32")[0].action, "sts:AssumeRole");
}

/// Scenarios G21, G22.
#[test]
fn the_role_is_passed_and_trusts_the_service() {
    let mut world = base();
    world.principal(ROLE).trust = role(ROLE, Vec::new(), "lambda.amazonaws.com").trust;
    let report = world.expect(JobVerdict::Denied, &plain(), &[("GT-04", "implicit_deny")]);
    assert_eq!(codes_of(&report, "GT-04"), ["no_trust_allow"]);
    let mut world = base();
    let mut statements = console_policy();
    statements[5]["Condition"]["StringEquals"]["iam:PassedToService"] =
        json!("lambda.amazonaws.com");
    world.principal(LABELER).policies = Given::Here(vec![identity("labeler", statements)]);
    let report = world.expect(JobVerdict::Denied, &plain(), &[("GT-03", "implicit_deny")]);
    assert_eq!(
        parts_of(&report, "GT-03")[0].result.near_misses[0]
            .key
            .as_deref(),
        Some("iam:PassedToService")
    );
}

/// Scenario G23.
#[test]
fn guardrails_see_the_kind_of_team() {
    let node = |id: &str, scps| OrganizationNode {
        id: id.to_owned(),
        parent: None,
        scps,
        rcps: Given::Nothing,
    };
    let deny = json!([allow(json!("*")), {
        "Effect": "Deny", "Action": "sagemaker:CreateLabelingJob", "Resource": "*",
        "Condition": {"StringEquals": {"sagemaker:WorkteamType": "public-crowd"}}
    }]);
    let mut world = base();
    world.snapshot.organization = Some(Organization {
        id: "o-example".to_owned(),
        management_account: None,
        root: node(
            "r-ab12",
            Given::Here(vec![policy("scp", PolicyKind::Scp, deny)]),
        ),
        units: Vec::new(),
        accounts: vec![node(ACCOUNT, Given::LeftOut)],
    });
    world.expect(JobVerdict::Allowed, &plain(), &[]);
    world.set(
        "HumanTaskConfig.WorkteamArn",
        json!("arn:aws:sagemaker:us-west-2:394669845002:workteam/public-crowd/default"),
    );
    let report = world.expect(JobVerdict::Denied, &plain(), &[("GT-01", "explicit_deny")]);
    assert_eq!(codes_of(&report, "GT-01"), ["explicit_deny_scp"]);
    assert!(
        !warned(&report, "UNKNOWN_RESOURCE"),
        "the public team always exists"
    );
}

/// Scenario G24.
#[test]
fn a_disabled_key_is_open_but_useless() {
    let mut world = with_output_key(kp_ds());
    world.snapshot.keys[0].state = "Disabled".to_owned();
    let report = world.expect(JobVerdict::Inoperable, &keyed(), &[]);
    let operability = |id: &str| {
        let row = report.requirements.iter().find(|row| row.id == id).unwrap();
        let operability = row.operability();
        operability.answer().map(|answer| answer.exception.name())
    };
    for id in ["GT-10", "GT-11", "GT-12"] {
        assert_eq!(operability(id), Some("DisabledException"), "{id}");
    }
}

/// Scenario G25.
#[test]
fn a_key_of_another_account_needs_both_sides() {
    let foreign = "arn:aws:kms:us-west-2:444455556666:key/1";
    let mut world = base();
    world
        .snapshot
        .keys
        .push(key(foreign, json!([delegation(OTHER), by_role()])));
    world.set(OUTPUT_KEY, json!(foreign));
    let denied = [
        ("GT-10", "implicit_deny"),
        ("GT-11", "implicit_deny"),
        ("GT-12", "implicit_deny"),
    ];
    let report = world.expect(JobVerdict::Denied, &keyed(), &denied);
    assert_eq!(codes_of(&report, "GT-10"), ["no_identity_allow"]);
    let own = json!([{"Effect": "Allow", "Action": "kms:*", "Resource": foreign}]);
    world.attach(ROLE, identity("foreign-key", own));
    world.expect(JobVerdict::Allowed, &keyed(), &[]);
}

/// Scenario G26, JOB-GT-5.
#[test]
fn output_in_another_account_under_aws_s3_is_written_for_nobody() {
    let mut world = base();
    let statements = json!([{
        "Effect": "Allow", "Principal": {"AWS": ROLE}, "Resource": [OUT, format!("{OUT}/*")],
        "Action": ["s3:ListBucket", "s3:GetBucketLocation", "s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"]
    }]);
    *world.resource(OUT) = bucket_policy(bucket("team-sagemaker-out", OTHER), statements);
    let report = world.expect(JobVerdict::Allowed, &plain(), &[]);
    assert!(warned(&report, "OUTPUT_NOT_READABLE_CROSS_ACCOUNT"));
    let mut world = base();
    world.job.readers = vec![LABELER.to_owned()];
    assert!(!warned(
        &world.simulate(),
        "OUTPUT_NOT_READABLE_CROSS_ACCOUNT"
    ));
    world
        .job
        .readers
        .push("arn:aws:iam::444455556666:role/reader".to_owned());
    assert!(warned(
        &world.simulate(),
        "OUTPUT_NOT_READABLE_CROSS_ACCOUNT"
    ));
    let mut world = with_output_key(kp_s());
    world.job.readers = vec!["arn:aws:iam::444455556666:role/reader".to_owned()];
    assert!(!warned(
        &world.simulate(),
        "OUTPUT_NOT_READABLE_CROSS_ACCOUNT"
    ));
}

/// Scenario G27.
#[test]
fn under_a_bucket_key_the_context_is_the_bucket() {
    let mut world = base();
    let statements = |arns: Value| {
        json!([{
            "Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"StringLike": {"kms:EncryptionContext:aws:s3:arn": arns}}
        }])
    };
    let objects = json!(["arn:aws:s3:::team-sagemaker-in/*"]);
    world
        .snapshot
        .keys
        .push(key(KEY_TWO, statements(objects.clone())));
    *world.resource("arn:aws:s3:::team-sagemaker-in") =
        encrypted(bucket("team-sagemaker-in", ACCOUNT), Some(KEY_TWO), true);
    let triggered = with(&["GT-09", "GT-13"]);
    let report = world.expect(
        JobVerdict::Denied,
        &triggered,
        &[("GT-09", "implicit_deny")],
    );
    let parts = parts_of(&report, "GT-09");
    assert_eq!(parts.len(), 1);
    assert_eq!(
        parts[0].result.near_misses[0].actual,
        "arn:aws:s3:::team-sagemaker-in"
    );
    assert!(hint_of(&report, "GT-09").contains("JOB-S3-2"));
    // With the bucket's ARN, or without a bucket key, the statement applies.
    let mut mended = world.clone();
    let both = json!([
        "arn:aws:s3:::team-sagemaker-in/*",
        "arn:aws:s3:::team-sagemaker-in"
    ]);
    mended.snapshot.keys[0] = key(KEY_TWO, statements(both));
    mended.expect(JobVerdict::Allowed, &triggered, &[]);
    *world.resource("arn:aws:s3:::team-sagemaker-in") =
        encrypted(bucket("team-sagemaker-in", ACCOUNT), Some(KEY_TWO), false);
    let report = world.expect(JobVerdict::Allowed, &triggered, &[]);
    assert_eq!(
        parts_of(&report, "GT-09").len(),
        3,
        "manifest, data, template"
    );
}

/// Scenario G28, JOB-GT-6.
#[test]
fn puts_carry_the_encryption_header_with_and_without_a_key() {
    let unless = |key: &str, value: Value| {
        json!([{
            "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": format!("{OUT}/*"),
            "Condition": {"StringNotEquals": {key: value}}
        }])
    };
    for mut world in [base(), with_output_key(kp_ds())] {
        let has_key = !world.snapshot.keys.is_empty();
        let statements = unless("s3:x-amz-server-side-encryption", json!("aws:kms"));
        *world.resource(OUT) = bucket_policy(bucket("team-sagemaker-out", ACCOUNT), statements);
        world.expect(
            JobVerdict::Allowed,
            &if has_key { keyed() } else { plain() },
            &[],
        );
        let statements = unless(
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
            json!(KEY_ONE),
        );
        *world.resource(OUT) = bucket_policy(bucket("team-sagemaker-out", ACCOUNT), statements);
        let verdict = if has_key {
            JobVerdict::Allowed
        } else {
            JobVerdict::Denied
        };
        assert_eq!(world.simulate().verdict, verdict);
    }
}

/// Scenario G31.
#[test]
fn the_console_lists_keys() {
    let mut world = with_output_key(kp_ds());
    let mut statements = console_policy();
    statements[1]["Action"] = json!("kms:DescribeKey");
    world.principal(LABELER).policies = Given::Here(vec![identity("labeler", statements)]);
    world.expect(JobVerdict::Allowed, &keyed(), &[]);
    world.job.interface = Interface::Console;
    let mut triggered = keyed();
    triggered.extend(["GT-50", "GT-51", "GT-53", "GT-54", "GT-55", "GT-56"]);
    let report = world.expect(
        JobVerdict::Denied,
        &triggered,
        &[("GT-51", "implicit_deny")],
    );
    assert_eq!(denied_actions(&report, "GT-51"), ["kms:ListAliases"]);
    assert_eq!(
        report
            .requirements
            .iter()
            .find(|row| row.id == "GT-50")
            .unwrap()
            .basis,
        Basis::Advisory
    );
    world.principal(LABELER).policies = Given::Here(vec![identity("labeler", console_policy())]);
    world.expect(JobVerdict::Allowed, &triggered, &[]);
}

/// GT-21: a trust policy pinned to labeling jobs may or may not break automated labeling.
#[test]
fn a_trust_condition_on_the_source_arn_leaves_a_gap_only() {
    let trust = |condition: Value| {
        let statement = json!([{
            "Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": condition
        }]);
        Given::Here(policy("trust", PolicyKind::Trust, statement))
    };
    let pinned = json!({"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:us-west-2:111122223333:labeling-job/*"}});
    let mut world = with_volume_key(kp_ds());
    world.principal(ROLE).trust = trust(pinned);
    let report = world.expect(JobVerdict::Gaps, &volume(), &[("GT-21", "implicit_deny")]);
    assert!(
        parts_of(&report, "GT-21")
            .iter()
            .all(|part| part.basis == Basis::Listed)
    );
    world.principal(ROLE).trust = trust(json!({"StringEquals": {"aws:SourceAccount": OTHER}}));
    let denied = [("GT-04", "implicit_deny"), ("GT-21", "implicit_deny")];
    let report = world.expect(JobVerdict::Denied, &volume(), &denied);
    assert!(
        parts_of(&report, "GT-21")
            .iter()
            .all(|part| part.basis == Basis::Mandatory)
    );
}

/// GT-24: as if the grant existed, so that only a deny counts.
#[test]
fn the_service_uses_the_volume_key_through_the_grant() {
    let mut statements = kp_ds();
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:GenerateDataKeyWithoutPlaintext", "Resource": "*"});
    statements.as_array_mut().unwrap().push(deny);
    let denied = [
        ("GT-12", "explicit_deny"),
        ("GT-23", "explicit_deny"),
        ("GT-24", "explicit_deny"),
    ];
    let report = with_volume_key(statements).expect(JobVerdict::Denied, &volume(), &denied);
    let parts = parts_of(&report, "GT-24");
    assert_eq!(
        parts[0].result.primary.as_ref().unwrap().code.name(),
        "allow_grant"
    );
}

/// GT-40.
#[test]
fn streaming_jobs_use_queues_and_topics() {
    let mut world = base();
    world.set(
        "InputConfig.DataSource.SnsDataSource.SnsTopicArn",
        json!("arn:aws:sns:us-west-2:111122223333:groundtruth-in"),
    );
    world.set(
        "OutputConfig.SnsTopicArn",
        json!("arn:aws:sns:us-west-2:111122223333:results"),
    );
    let triggered = with(&["GT-13", "GT-40"]);
    let report = world.expect(
        JobVerdict::Denied,
        &triggered,
        &[("GT-40", "implicit_deny")],
    );
    assert_eq!(denied_actions(&report, "GT-40"), ["sns:Publish"]);
    assert!(
        warned(&report, "UNKNOWN_RESOURCE"),
        "neither topic is listed"
    );
    world.attach(
        ROLE,
        identity("publish", json!([allow(json!("sns:Publish"))])),
    );
    world.expect(JobVerdict::Allowed, &triggered, &[]);
}

/// GT-02, GT-25 and the rows of a vendor's team in the console.
#[test]
fn tags_subnets_and_vendors_have_rows_of_their_own() {
    let mut world = with_algorithm(base());
    world.attach(ROLE, identity("pass-role", pass_role()));
    let vpc = json!({"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]});
    world.set(
        "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig",
        json!({"VpcConfig": vpc}),
    );
    world.set("Tags", json!([{"Key": "team", "Value": "vision"}]));
    let statements = json!([
        {"Effect": "Deny", "Action": "sagemaker:AddTags", "Resource": "*", "Condition": {"Null": {"aws:TagKeys": "true"}}},
        {"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestTag/team": "vision"}}}
    ]);
    world.attach(LABELER, identity("tags", statements));
    let triggered = with(&["GT-02", "GT-13", "GT-20", "GT-21", "GT-25"]);
    let report = world.expect(JobVerdict::Gaps, &triggered, &[("GT-25", "implicit_deny")]);
    assert_eq!(parts_of(&report, "GT-25").len(), 9);
    let mut world = base();
    world.job.interface = Interface::Console;
    world.set(
        "HumanTaskConfig.WorkteamArn",
        json!("arn:aws:sagemaker:us-west-2:394669845002:workteam/vendor-crowd/v1"),
    );
    let triggered = with(&[
        "GT-13", "GT-50", "GT-52", "GT-53", "GT-54", "GT-55", "GT-56",
    ]);
    let report = world.expect(JobVerdict::Allowed, &triggered, &[]);
    assert!(
        warned(&report, "UNKNOWN_RESOURCE"),
        "the vendor's team is not listed"
    );
}

/// JOB-2: what the input consists of.
#[test]
fn listed_objects_and_data_prefixes_stand_for_the_whole_bucket() {
    let input = "arn:aws:s3:::team-sagemaker-in";
    let resources = |world: &World| {
        let report = world.simulate();
        parts_of(&report, "GT-06")
            .iter()
            .map(|part| part.resource.clone())
            .collect::<Vec<_>>()
    };
    let mut world = base();
    let (manifest, template) = (format!("{input}/m.json"), format!("{input}/ui.liquid"));
    assert_eq!(
        resources(&world),
        [manifest.clone(), format!("{input}/*"), template.clone()]
    );
    let object = |key: &str| ObjectRecord {
        key: key.to_owned(),
        kms_key: Some(KEY_TWO.to_owned()),
        bucket_key: false,
        encryption_context: [("project".to_owned(), "x".to_owned())].into(),
        tags: Default::default(),
    };
    world.resource(input).objects = vec![object("m.json")];
    assert_eq!(
        resources(&world),
        [manifest.clone(), format!("{input}/*"), template.clone()],
        "the manifest is no data"
    );
    world.resource(input).objects.push(object("in/a.jpg"));
    assert_eq!(
        resources(&world),
        [
            manifest.clone(),
            format!("{input}/in/a.jpg"),
            template.clone()
        ]
    );
    let report = world.simulate();
    let decrypted = parts_of(&report, "GT-09");
    assert_eq!(decrypted.len(), 2);
    assert_eq!(
        decrypted[1].context["kms:EncryptionContext:aws:s3:arn"],
        format!("{input}/in/a.jpg")
    );
    assert_eq!(decrypted[1].context["kms:EncryptionContext:project"], "x");
    world.job.data = vec!["s3://team-sagemaker-in/2026/".to_owned()];
    assert_eq!(
        resources(&world),
        [manifest, format!("{input}/2026/*"), template]
    );
}

/// JOB-S3-5: `aws/s3` cannot serve a reader of another account.
#[test]
fn input_under_another_accounts_aws_managed_key_is_out_of_reach() {
    let input = "arn:aws:s3:::team-sagemaker-in";
    let mut world = base();
    *world.resource(input) = encrypted(bucket("team-sagemaker-in", ACCOUNT), None, false);
    world.expect(JobVerdict::Allowed, &plain(), &[]);
    let open = json!([{"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:*", "Resource": [input, format!("{input}/*")]}]);
    *world.resource(input) = bucket_policy(
        encrypted(bucket("team-sagemaker-in", OTHER), None, false),
        open,
    );
    let triggered = with(&["GT-09", "GT-13"]);
    let report = world.expect(
        JobVerdict::Denied,
        &triggered,
        &[("GT-09", "implicit_deny")],
    );
    assert_eq!(
        parts_of(&report, "GT-09")[0].resource,
        "arn:aws:kms:us-west-2:444455556666:alias/aws/s3"
    );
}

/// JOB-8.
#[test]
fn what_nobody_knows_is_warned_about() {
    let mut world = base();
    world
        .snapshot
        .resources
        .retain(|resource| resource.arn.service() != "sagemaker");
    let report = world.simulate();
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.message.contains("work team `arn:aws:sagemaker"))
    );
    world.snapshot.external = vec!["arn:aws:sagemaker:*:*:workteam/*".to_owned()];
    assert!(!warned(&world.simulate(), "UNKNOWN_RESOURCE"));
    world.set(OUTPUT_KEY, json!("alias/nobody"));
    let report = world.simulate();
    assert!(report.warnings.iter().any(|warning| {
        warning
            .message
            .contains("key `arn:aws:kms:us-west-2:111122223333:alias/nobody`")
    }));
    assert_eq!(codes_of(&report, "GT-10"), ["key_not_found"]);
}

/// The caller's circumstances count for the caller's own calls only.
#[test]
fn the_callers_context_stays_with_the_caller() {
    let mut world = base();
    let deny = json!([{
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:UserAgent": "tool"}}
    }]);
    world.attach(ROLE, identity("deny", deny));
    let agent = crate::request::ContextValue::One("tool".to_owned());
    world.job.context.insert("aws:UserAgent".to_owned(), agent);
    world.expect(JobVerdict::Allowed, &plain(), &[]);
    world.job.session_policies = Some(vec![policy(
        "session",
        PolicyKind::Session,
        json!([allow(json!("sagemaker:*"))]),
    )]);
    let report = world.expect(JobVerdict::Denied, &plain(), &[("GT-03", "implicit_deny")]);
    assert_eq!(codes_of(&report, "GT-03"), ["no_session_allow"]);
    // Nobody knows what a rejected one says (IAM-GRAM-19).
    let session = world.job.session_policies.replace(Vec::new());
    world.job.session_policy_rejected = true;
    let open = [("GT-01", "depends"), ("GT-03", "depends")];
    world.expect(JobVerdict::Undecided, &plain(), &open);
    world.job.session_policy_rejected = false;
    world.job.session_policies = session;
    // A question that cannot be asked is no answer.
    let address = crate::request::ContextValue::One("203.0.113.7".to_owned());
    world.job.context.insert("aws:SourceIp".to_owned(), address);
    world.job.vpc_endpoint = Some("vpce-1".to_owned());
    world.expect_invalid("IMPOSSIBLE_CONTEXT");
}

/// IAM-CTX-7: a key that one of the calls carries is no slip, whichever of them it is.
#[test]
fn a_context_key_that_no_call_carries_is_told_once() {
    const CODE: &str = "CONTEXT_KEY_NOT_FOR_ACTION";
    let warnings = |key: &str, value: &str| {
        let mut world = base();
        let value = crate::request::ContextValue::One(value.to_owned());
        world.job.context.insert(key.to_owned(), value);
        let report = world.expect(JobVerdict::Allowed, &plain(), &[]);
        let found = report.warnings.iter().filter(|found| found.code == CODE);
        found.count()
    };
    assert_eq!(
        warnings("iam:PassedToService", "sagemaker.amazonaws.com"),
        0
    );
    assert_eq!(warnings("ec2:InstanceType", "t3.micro"), 1);
}

/// KMS-COND-3.
#[test]
fn describe_key_is_kept_out_by_a_context_condition() {
    let mut statement = by_role();
    statement["Condition"] =
        json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": format!("{OUT}/*")}});
    let report = with_output_key(json!([statement])).expect(
        JobVerdict::Gaps,
        &keyed(),
        &[("GT-12", "implicit_deny")],
    );
    assert_eq!(denied_actions(&report, "GT-12"), ["kms:DescribeKey"]);
    assert!(hint_of(&report, "GT-12").contains("KMS-COND-3"));
}

/// IAM-WILD-13: a role that may use part of the bucket.
#[test]
fn part_of_a_bucket_leaves_the_answer_open() {
    let mut world = base();
    world.set(
        "InputConfig.DataSource.S3DataSource.ManifestS3Uri",
        json!("s3://my-input/m.json"),
    );
    world.snapshot.resources.push(bucket("my-input", ACCOUNT));
    let part = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::my-input/m.json", "arn:aws:s3:::my-input/2026/*"]}]);
    world.attach(ROLE, identity("part", part));
    let report = world.expect(JobVerdict::Undecided, &plain(), &[("GT-06", "depends")]);
    let open = &parts_of(&report, "GT-06")[1].result.depends_on;
    assert!(
        format!("{open:?}").contains("arn:aws:s3:::my-input/*"),
        "{open:?}"
    );
    world.job.data = vec!["s3://my-input/2026/".to_owned()];
    world.expect(JobVerdict::Allowed, &plain(), &[]);
}

/// Unknown circumstances do not open an answer that does not turn on them.
#[test]
fn open_contexts_do_not_matter_to_policies_without_conditions() {
    let mut world = base();
    world.job.mode = ContextMode::Open;
    world.expect(JobVerdict::Allowed, &plain(), &[]);
    let mut world = with_volume_key(kp_ds());
    world.job.mode = ContextMode::Open;
    world.expect(JobVerdict::Allowed, &volume(), &[]);
    let deny = json!([{
        "Effect": "Deny", "Action": "sagemaker:*", "Resource": "*",
        "Condition": {"Null": {"sagemaker:VolumeKmsKey": "true"}}
    }]);
    let mut world = base();
    world.job.mode = ContextMode::Open;
    world.attach(LABELER, identity("volume", deny));
    world.expect(JobVerdict::Denied, &plain(), &[("GT-01", "explicit_deny")]);
}

/// UI-33: members that the API does not have.
#[test]
fn unknown_members_are_named() {
    let mut world = base();
    world.set("HumanTaskConfig.Colour", json!("t"));
    let report = world.expect(JobVerdict::Allowed, &plain(), &[]);
    assert!(warned(&report, "UNKNOWN_FIELD"));
    world.job.profile = Some("seed".to_owned());
    assert!(warned(&world.simulate(), "PROFILE_WITHOUT_EFFECT"));
    world.set("HumanTaskConfig.TaskTitel", json!("t"));
    world.expect_invalid("UNKNOWN_FIELD");
}
