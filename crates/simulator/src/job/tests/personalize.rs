//! Personalize: one world, and what each deviation from it leads to.

use preclear_model::PolicyKind;
use serde_json::{Value, json};

use super::world::*;
use crate::job::report::{Basis, JobVerdict};
use crate::snapshot::{Given, ResourceRecord};
use crate::{Code, Verdict};

const RECOMMENDER: &str = "arn:aws:iam::111122223333:role/Recommender";
const ROLE: &str = "arn:aws:iam::111122223333:role/PersonalizeRole";
const SERVICE: &str = "personalize.amazonaws.com";
const EXPORTS: &str = "arn:aws:s3:::exports";
const GROUP: &str = "arn:aws:personalize:us-west-2:111122223333:dataset-group/g";

/// The statement that the guide prints, for role and service, with these actions.
fn both(actions: Value) -> Value {
    json!({
        "Sid": "Allow use of the key", "Effect": "Allow", "Principal": {"AWS": ROLE, "Service": SERVICE},
        "Action": actions, "Resource": "*"
    })
}

fn four() -> Value {
    json!([
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:DescribeKey",
        "kms:ListGrants"
    ])
}

fn five() -> Value {
    json!([
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:DescribeKey",
        "kms:ListGrants",
        "kms:CreateGrant"
    ])
}

fn on_exports(actions: &[&str]) -> Value {
    json!([{"Effect": "Allow", "Action": actions, "Resource": [EXPORTS, format!("{EXPORTS}/*")]}])
}

fn for_service(actions: &[&str]) -> Value {
    let mut statements = on_exports(actions);
    statements[0]["Principal"] = json!({"Service": SERVICE});
    statements
}

/// An operation with the role's S3 permissions and the bucket policy for the service.
fn world(operation: &str, s3: &[&str], request: Value) -> World {
    let mut world = World::new(operation, RECOMMENDER, request);
    world.job.profile = Some("seed".to_owned());
    let pass = json!({
        "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": SERVICE}}
    });
    world.snapshot.principals = vec![
        role(
            RECOMMENDER,
            vec![identity(
                "recommender",
                json!([allow(json!("personalize:*")), pass]),
            )],
            "ec2.amazonaws.com",
        ),
        role(
            ROLE,
            vec![
                identity("s3", on_exports(s3)),
                identity("kms", json!([allow(four())])),
            ],
            SERVICE,
        ),
    ];
    let exports = encrypted(bucket("exports", ACCOUNT), Some(KEY_TWO), false);
    world.snapshot.resources = vec![
        bucket_policy(exports, for_service(s3)),
        ResourceRecord::new(arn(GROUP)),
    ];
    world.snapshot.keys = vec![key(KEY_TWO, json!([both(four())]))];
    world
}

pub(super) fn export() -> World {
    world(
        "personalize:CreateDatasetExportJob",
        &["s3:PutObject", "s3:ListBucket"],
        json!({
            "jobName": "x", "datasetArn": "arn:aws:personalize:us-west-2:111122223333:dataset/g/INTERACTIONS", "roleArn": ROLE,
            "jobOutput": {"s3DataDestination": {"path": "s3://exports/p/", "kmsKeyArn": KEY_TWO}}
        }),
    )
}

pub(super) fn import() -> World {
    world(
        "personalize:CreateDatasetImportJob",
        &["s3:GetObject", "s3:ListBucket"],
        json!({
            "jobName": "x", "datasetArn": "arn:aws:personalize:us-west-2:111122223333:dataset/g/INTERACTIONS", "roleArn": ROLE,
            "dataSource": {"dataLocation": "s3://exports/in.csv"}
        }),
    )
}

pub(super) fn group() -> World {
    let mut world = world(
        "personalize:CreateDatasetGroup",
        &["s3:ListBucket"],
        json!({"name": "g", "roleArn": ROLE, "kmsKeyArn": KEY_ONE}),
    );
    world
        .snapshot
        .keys
        .push(key(KEY_ONE, json!([both(json!("kms:Decrypt"))])));
    world.principal(ROLE).policies = Given::Here(vec![identity("kms", json!([allow(four())]))]);
    world
}

const EXPORTING: &[&str] = &[
    "PZ-01", "PZ-02", "PZ-03", "PZ-10", "PZ-11", "PZ-22", "PZ-23", "PZ-24",
];
const IMPORTING: &[&str] = &[
    "PZ-01", "PZ-02", "PZ-03", "PZ-10", "PZ-11", "PZ-20", "PZ-21",
];
const GROUPING: &[&str] = &["PZ-01", "PZ-02", "PZ-03", "PZ-30", "PZ-31"];

fn with(ids: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    ids.iter().chain(more).copied().collect()
}

/// Scenario P1.
#[test]
fn an_export_into_an_encrypted_bucket_runs_as_the_guide_says() {
    let report = export().expect(JobVerdict::Allowed, EXPORTING, &[]);
    let ids: Vec<&str> = report
        .requirements
        .iter()
        .map(|row| row.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "PZ-01", "PZ-02", "PZ-03", "PZ-10", "PZ-11", "PZ-20", "PZ-21", "PZ-22", "PZ-23",
            "PZ-24", "PZ-30", "PZ-31", "PZ-40",
        ]
    );
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    let stated = |id: &str| {
        let parts = parts_of(&report, id).iter();
        parts
            .map(|part| {
                (
                    part.action.clone(),
                    part.basis.letter(),
                    part.context.contains_key("kms:ViaService"),
                )
            })
            .collect::<Vec<_>>()
    };
    for (id, via) in [("PZ-22", true), ("PZ-23", false)] {
        let row = |action: &str, basis: &'static str| (action.to_owned(), basis, via);
        assert_eq!(
            stated(id),
            [
                row("kms:GenerateDataKey", "M"),
                row("kms:Decrypt", "M"),
                row("kms:DescribeKey", "L"),
                row("kms:ListGrants", "L"),
            ]
        );
    }
    let service = &parts_of(&report, "PZ-23")[0];
    assert_eq!(service.principal, SERVICE);
    assert_eq!(service.context["aws:SourceAccount"], ACCOUNT);
    assert_eq!(
        service.context["aws:SourceArn"],
        "arn:aws:personalize:us-west-2:111122223333:dataset-export-job/x"
    );
    assert_eq!(
        parts_of(&report, "PZ-01")[0].resource,
        "arn:aws:personalize:us-west-2:111122223333:dataset-export-job/x"
    );
}

/// Scenarios P2, P3.
#[test]
fn the_guide_asks_for_both_policies() {
    let mut world = export();
    world.principal(ROLE).policies = Given::Here(vec![identity(
        "s3",
        on_exports(&["s3:PutObject", "s3:ListBucket"]),
    )]);
    let report = world.expect(JobVerdict::Gaps, EXPORTING, &[("PZ-24", "implicit_deny")]);
    assert_eq!(codes_of(&report, "PZ-24"), ["no_identity_allow"]);
    assert_eq!(denied_actions(&report, "PZ-24").len(), 4);
    let mut world = export();
    world.snapshot.keys = vec![key(KEY_TWO, json!([delegation(ACCOUNT)]))];
    let denied = [("PZ-23", "implicit_deny"), ("PZ-24", "implicit_deny")];
    let report = world.expect(JobVerdict::Denied, EXPORTING, &denied);
    assert_eq!(codes_of(&report, "PZ-23"), ["no_resource_allow"]);
    assert_eq!(codes_of(&report, "PZ-24"), ["no_resource_allow"]);
    // Neither side: both are missing, and both are said.
    world.principal(ROLE).policies = Given::Here(vec![identity(
        "s3",
        on_exports(&["s3:PutObject", "s3:ListBucket"]),
    )]);
    let report = world.simulate();
    let codes: Vec<&str> = parts_of(&report, "PZ-24")[0]
        .result
        .reasons
        .iter()
        .map(|reason| reason.code.name())
        .collect();
    assert_eq!(codes, ["no_resource_allow", "no_identity_allow"]);
    // A policy that is not loaded leaves the answer open.
    world.snapshot.complete = false;
    world.principal(ROLE).policies = Given::LeftOut;
    world.snapshot.keys = vec![key(KEY_TWO, json!([both(four())]))];
    let report = world.simulate();
    assert!(
        parts_of(&report, "PZ-24")
            .iter()
            .all(|part| part.result.verdict.name() == "depends")
    );
}

#[test]
fn each_side_is_asked_case_by_case() {
    let tested = |operator: &str| {
        json!({"Effect": "Allow", "Action": four(), "Resource": "*",
            "Condition": {operator: {"aws:Referer": "a"}}})
    };
    let mut world = export();
    world.job.unknown.insert("aws:Referer".to_owned());
    let s3 = || identity("s3", on_exports(&["s3:PutObject", "s3:ListBucket"]));
    let ask = |world: &World| parts_of(&world.simulate(), "PZ-24")[0].result.clone();
    let one = identity("kms", json!([tested("StringEquals")]));
    world.principal(ROLE).policies = Given::Here(vec![s3(), one]);
    assert_eq!(ask(&world).verdict, Verdict::Depends);
    let both = json!([tested("StringEquals"), tested("StringNotEquals")]);
    world.principal(ROLE).policies = Given::Here(vec![s3(), identity("kms", both)]);
    assert_eq!(ask(&world).verdict, Verdict::Allow);
    let mut never = tested("StringEquals");
    never["Condition"]["StringNotEqualsIgnoreCase"] = json!({"aws:Referer": "A"});
    world.principal(ROLE).policies = Given::Here(vec![s3(), identity("kms", json!([never]))]);
    let denied = ask(&world);
    assert_eq!(denied.verdict, Verdict::ImplicitDeny);
    assert_eq!(
        denied.primary.map(|reason| reason.code),
        Some(Code::NoIdentityAllow)
    );
    assert!(denied.depends_on.is_empty() && denied.refined.len() == 1);
}

/// Scenario P4, in full.
#[test]
fn exports_from_an_encrypted_group_use_its_key_without_plaintext() {
    let mut world = export();
    world.snapshot.keys = vec![
        key(
            KEY_ONE,
            json!([delegation(ACCOUNT), both(json!("kms:Decrypt"))]),
        ),
        key(KEY_TWO, json!([delegation(ACCOUNT), both(four())])),
    ];
    world.resource(GROUP).kms_key = Some(KEY_ONE.to_owned());
    let denied = [("PZ-30", "implicit_deny"), ("PZ-31", "implicit_deny")];
    let report = world.expect(JobVerdict::Denied, EXPORTING, &denied);
    assert_eq!(codes_of(&report, "PZ-30"), ["no_identity_allow"]);
    assert_eq!(codes_of(&report, "PZ-31"), ["no_resource_allow"]);
    for id in ["PZ-30", "PZ-31"] {
        assert_eq!(
            denied_actions(&report, id),
            ["kms:GenerateDataKeyWithoutPlaintext"],
            "{id}"
        );
        assert!(
            parts_of(&report, id)
                .iter()
                .all(|part| !part.context.contains_key("kms:ViaService")),
            "{id}"
        );
    }
}

/// Scenario P5.
#[test]
fn batch_jobs_read_and_write_as_the_service_too() {
    let actions = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"];
    let request = json!({
        "jobName": "x", "solutionVersionArn": "arn:aws:personalize:us-west-2:111122223333:solution/s/1", "roleArn": ROLE,
        "jobInput": {"s3DataSource": {"path": "s3://exports/in.json"}},
        "jobOutput": {"s3DataDestination": {"path": "s3://exports/out/"}}
    });
    for operation in [
        "personalize:CreateBatchInferenceJob",
        "personalize:CreateBatchSegmentJob",
    ] {
        let mut world = world(operation, &actions, request.clone());
        let triggered = with(EXPORTING, &["PZ-20", "PZ-21"]);
        let report = world.expect(JobVerdict::Allowed, &triggered, &[]);
        assert!(
            warned(&report, "UNKNOWN_RESOURCE"),
            "nothing says the group of the solution version"
        );
        let exports = encrypted(bucket("exports", ACCOUNT), Some(KEY_TWO), false);
        *world.resource(EXPORTS) =
            bucket_policy(exports, for_service(&["s3:GetObject", "s3:ListBucket"]));
        let report = world.expect(
            JobVerdict::Denied,
            &triggered,
            &[("PZ-11", "implicit_deny")],
        );
        assert_eq!(denied_actions(&report, "PZ-11"), ["s3:PutObject"]);
        // The group of the solution version has a key of its own.
        let mut solution =
            ResourceRecord::new(arn("arn:aws:personalize:us-west-2:111122223333:solution/s"));
        solution.dataset_group = Some(GROUP.to_owned());
        world.snapshot.resources.push(solution);
        world.resource(GROUP).kms_key = Some(KEY_TWO.to_owned());
        let report = world.simulate();
        assert!(!warned(&report, "UNKNOWN_RESOURCE"));
        assert_eq!(parts_of(&report, "PZ-30").len(), 1);
    }
}

/// Scenario P6.
#[test]
fn a_misspelt_action_leaves_gaps() {
    let mut world = export();
    let misspelt = json!([
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:DescribeKey",
        "kms:ListGrant"
    ]);
    world.snapshot.keys = vec![key(KEY_TWO, json!([both(misspelt)]))];
    let gaps = [
        ("PZ-22", "implicit_deny"),
        ("PZ-23", "implicit_deny"),
        ("PZ-24", "implicit_deny"),
    ];
    let report = world.expect(JobVerdict::Gaps, EXPORTING, &gaps);
    for (id, _) in gaps {
        assert_eq!(denied_actions(&report, id), ["kms:ListGrants"], "{id}");
    }
}

/// Scenario P7, JOB-PZ-2.
#[test]
fn trust_is_for_the_jobs_account_and_arns() {
    let trust = |condition: Value| {
        let statement = json!([{"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole", "Condition": condition}]);
        Given::Here(policy("trust", PolicyKind::Trust, statement))
    };
    let mut world = export();
    world.principal(ROLE).trust = trust(json!({
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "StringLike": {"aws:SourceArn": "arn:aws:personalize:us-west-2:111122223333:*"}
    }));
    world.expect(JobVerdict::Allowed, EXPORTING, &[]);
    for condition in [
        json!({"StringEquals": {"aws:SourceAccount": OTHER}}),
        json!({"StringEquals": {"aws:SourceArn": "arn:aws:personalize:us-west-2:111122223333:dataset-group/h"}}),
    ] {
        world.principal(ROLE).trust = trust(condition);
        let report = world.expect(JobVerdict::Denied, EXPORTING, &[("PZ-03", "implicit_deny")]);
        assert_eq!(codes_of(&report, "PZ-03"), ["no_trust_allow"]);
    }
}

/// Scenario P8.
#[test]
fn a_groups_role_and_key_come_together() {
    let mut world = group();
    world.job.request.remove("kmsKeyArn");
    world.expect_invalid("FIELD_DEPENDENCY");
    let mut world = group();
    world.job.request.remove("roleArn");
    world.expect_invalid("FIELD_DEPENDENCY");
    world.job.request.remove("kmsKeyArn");
    world.expect(JobVerdict::Allowed, &["PZ-01"], &[]);
    let mut world = group();
    world.set("kmsKeyArn", json!("alias/group"));
    world.expect_invalid("FIELD_FORMAT");
}

/// Scenario P9.
#[test]
fn a_group_of_today_needs_a_grant() {
    let mut world = group();
    world.expect(JobVerdict::Allowed, GROUPING, &[]);
    let denied = [("PZ-30", "implicit_deny"), ("PZ-31", "implicit_deny")];
    for profile in ["current", "2023-02"] {
        world.job.profile = Some(profile.to_owned());
        let report = world.expect(JobVerdict::Denied, GROUPING, &denied);
        let missing = [
            "kms:CreateGrant",
            "kms:GenerateDataKey",
            "kms:DescribeKey",
            "kms:ListGrants",
        ];
        for (id, _) in denied {
            assert_eq!(denied_actions(&report, id), missing, "{id}");
            let mandatory = parts_of(&report, id)
                .iter()
                .filter(|part| part.basis == Basis::Mandatory);
            assert_eq!(
                mandatory
                    .map(|part| part.action.as_str())
                    .collect::<Vec<_>>(),
                ["kms:Decrypt", "kms:CreateGrant"]
            );
        }
    }
    world.job.profile = None;
    world.snapshot.keys = vec![key(KEY_ONE, json!([both(five())]))];
    world.expect(JobVerdict::Allowed, GROUPING, &[]);
    // The four actions are asked of the role's own policies as well, as a gap.
    world.principal(ROLE).policies = Given::Nothing;
    let report = world.expect(JobVerdict::Gaps, GROUPING, &[("PZ-30", "implicit_deny")]);
    assert_eq!(codes_of(&report, "PZ-30"), ["no_identity_allow"]);
    assert_eq!(denied_actions(&report, "PZ-30").len(), 4);
    world.job.profile = Some("2019".to_owned());
    world.expect_invalid("UNKNOWN_PROFILE");
}

/// Scenario P10.
#[test]
fn imports_of_today_need_the_key_policy_only() {
    let mut world = import();
    world.snapshot.keys = vec![key(KEY_TWO, json!([both(five())]))];
    world.principal(ROLE).policies = Given::Here(vec![identity(
        "s3",
        on_exports(&["s3:GetObject", "s3:ListBucket"]),
    )]);
    world.expect(JobVerdict::Gaps, IMPORTING, &[("PZ-24", "implicit_deny")]);
    world.job.profile = Some("current".to_owned());
    let report = world.expect(JobVerdict::Allowed, IMPORTING, &[]);
    let listed = |basis| {
        let parts = parts_of(&report, "PZ-20")
            .iter()
            .filter(move |part| part.basis == basis);
        parts.map(|part| part.action.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(listed(Basis::Mandatory), ["kms:Decrypt"]);
    assert_eq!(
        listed(Basis::Listed),
        [
            "kms:GenerateDataKey",
            "kms:DescribeKey",
            "kms:ListGrants",
            "kms:CreateGrant"
        ]
    );
    assert_eq!(
        parts_of(&report, "PZ-10")[0].resource,
        "arn:aws:s3:::exports/in.csv"
    );
}

/// JOB-PZ-1: the revision of 2023-02 asks for a grant on keys that the request names.
#[test]
fn the_grant_is_listed_for_keys_as_the_revision_says() {
    let asks_grant = |world: &World, id: &str| {
        let report = world.simulate();
        parts_of(&report, id)
            .iter()
            .any(|part| part.action == "kms:CreateGrant")
    };
    let mut named = export();
    let mut by_bucket = import();
    for (profile, for_named, for_bucket) in [
        ("seed", false, false),
        ("2023-02", true, false),
        ("current", true, true),
    ] {
        named.job.profile = Some(profile.to_owned());
        by_bucket.job.profile = Some(profile.to_owned());
        assert_eq!(asks_grant(&named, "PZ-22"), for_named, "{profile}");
        assert_eq!(asks_grant(&by_bucket, "PZ-20"), for_bucket, "{profile}");
    }
}

/// Scenario P11, JOB-PZ-5.
#[test]
fn a_condition_on_the_calling_service_shuts_the_service_out() {
    let mut statement = both(four());
    statement["Condition"] =
        json!({"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}});
    let mut world = export();
    world.snapshot.keys = vec![key(KEY_TWO, json!([statement]))];
    let report = world.expect(JobVerdict::Denied, EXPORTING, &[("PZ-23", "implicit_deny")]);
    assert_eq!(
        parts_of(&report, "PZ-23")[0].result.near_misses[0]
            .key
            .as_deref(),
        Some("kms:ViaService")
    );
    assert!(hint_of(&report, "PZ-23").contains("JOB-PZ-5"));
}

/// PZ-40 and the operations on metric attributions.
#[test]
fn metric_attributions_publish_with_the_role() {
    let output = json!({"s3DataDestination": {"path": "s3://exports/m/", "kmsKeyArn": KEY_TWO}, "roleArn": ROLE});
    let metric = json!({"eventType": "click", "metricName": "m", "expression": "COUNT(*)"});
    let create = json!({"name": "x", "datasetGroupArn": GROUP, "metrics": [metric], "metricsOutputConfig": output});
    let attribution = "arn:aws:personalize:us-west-2:111122223333:metric-attribution/x";
    let update = json!({"metricAttributionArn": attribution, "metricsOutputConfig": output});
    for (operation, request) in [
        ("CreateMetricAttribution", create),
        ("UpdateMetricAttribution", update),
    ] {
        let mut world = world(
            &format!("personalize:{operation}"),
            &["s3:PutObject"],
            request,
        );
        let triggered = with(EXPORTING, &["PZ-40"]);
        world.expect(
            JobVerdict::Denied,
            &triggered,
            &[("PZ-40", "implicit_deny")],
        );
        world.attach(
            ROLE,
            identity("metrics", json!([allow(json!("cloudwatch:PutMetricData"))])),
        );
        let report = world.expect(JobVerdict::Allowed, &triggered, &[]);
        assert_eq!(parts_of(&report, "PZ-01")[0].resource, attribution);
        assert_eq!(parts_of(&report, "PZ-10").len(), 1, "no listing");
    }
}

#[test]
fn deletions_read_a_list_of_users() {
    let request = json!({"jobName": "x", "datasetGroupArn": GROUP, "roleArn": ROLE, "dataSource": {"dataLocation": "s3://exports/users/"}});
    let mut world = world(
        "personalize:CreateDataDeletionJob",
        &["s3:GetObject", "s3:ListBucket"],
        request,
    );
    world.resource(GROUP).kms_key = Some(KEY_TWO.to_owned());
    let triggered = with(IMPORTING, &["PZ-24", "PZ-30", "PZ-31"]);
    let report = world.expect(JobVerdict::Allowed, &triggered, &[]);
    assert_eq!(parts_of(&report, "PZ-20").len(), 1);
    assert_eq!(
        parts_of(&report, "PZ-10")[0].resource,
        "arn:aws:s3:::exports/users/*"
    );
}

/// JOB-PZ-6.
#[test]
fn the_lifetime_check_repeats_the_row_of_the_group() {
    let mut world = import();
    world.job.profile = Some("current".to_owned());
    world.snapshot.keys = vec![
        key(KEY_TWO, json!([both(five())])),
        key(
            KEY_ONE,
            json!([both(json!(["kms:Decrypt", "kms:GenerateDataKey"]))]),
        ),
    ];
    world.resource(GROUP).kms_key = Some(KEY_ONE.to_owned());
    let triggered = with(IMPORTING, &["PZ-30", "PZ-31"]);
    world.expect(JobVerdict::Allowed, &triggered, &[]);
    world.job.lifetime = true;
    let denied = [("PZ-30", "implicit_deny"), ("PZ-31", "implicit_deny")];
    let report = world.expect(JobVerdict::Denied, &triggered, &denied);
    assert_eq!(
        denied_actions(&report, "PZ-31"),
        ["kms:CreateGrant", "kms:DescribeKey", "kms:ListGrants"]
    );
}

#[test]
fn what_the_request_does_not_say_is_warned_about() {
    let mut world = import();
    world.set("publishAttributionMetricsToS3", json!(true));
    assert!(warned(&world.simulate(), "METRIC_DESTINATION_UNKNOWN"));
    world
        .snapshot
        .resources
        .retain(|resource| resource.arn.service() != "personalize");
    let report = world.simulate();
    assert!(
        report.warnings.iter().any(|warning| warning
            .message
            .contains("dataset group `arn:aws:personalize")),
        "{:?}",
        report.warnings
    );
}

#[test]
fn keys_elsewhere_are_refused_with_their_member() {
    let mut world = export();
    let elsewhere = json!("arn:aws:kms:eu-west-1:111122223333:key/1");
    world.set("jobOutput.s3DataDestination.kmsKeyArn", elsewhere);
    world.expect_invalid("KEY_REGION_MISMATCH");
    let field = world.simulate().errors[0].field.clone();
    assert_eq!(
        field.as_deref(),
        Some("jobOutput.s3DataDestination.kmsKeyArn")
    );
    let mut world = export();
    world.resource(GROUP).kms_key = Some("arn:aws:kms:eu-west-1:111122223333:key/1".to_owned());
    world.expect_invalid("KEY_REGION_MISMATCH");
    let mut world = export();
    world.set("roleArn", json!("arn:aws:iam::444455556666:role/theirs"));
    world.expect_invalid("ROLE_ACCOUNT_MISMATCH");
}

#[test]
fn an_unknown_operation_lists_those_that_are_known() {
    let mut world = export();
    world.job.operation = "personalize:CreateDatasetExportJobs".to_owned();
    world.expect_invalid("UNKNOWN_OPERATION");
    let help = world.simulate().errors[0].help.clone().unwrap();
    assert!(
        help.contains("did you mean `personalize:CreateDatasetExportJob`?"),
        "{help}"
    );
    assert!(help.contains("personalize:CreateDatasetGroup"), "{help}");
}
