//! Additions of jobs: as few as are needed, no wider than asked, and an obstacle wherever they do not suffice.

use preclear_model::PolicyKind;
use serde_json::{Value, json};

use super::world::*;
use super::{labeling, personalize};
use crate::job::apply::apply_fixes;
use crate::job::report::{Fix, FixTarget, JobReport, JobVerdict};
use crate::snapshot::{Given, ObjectRecord};

const LABELING_ROLE: &str = "arn:aws:iam::111122223333:role/service-role/example-role";
const EXPORT_ROLE: &str = "arn:aws:iam::111122223333:role/PersonalizeRole";
const DATA: &str = "arn:aws:s3:::data";

/// A labeling job that reads and writes one bucket, which the managed policy does not cover.
fn in_one_bucket() -> World {
    let mut world = labeling::base();
    world.snapshot.resources.push(bucket("data", ACCOUNT));
    world.set(
        "InputConfig.DataSource.S3DataSource.ManifestS3Uri",
        json!("s3://data/m.json"),
    );
    world.set("OutputConfig.S3OutputPath", json!("s3://data/out"));
    world
}

/// The job with what its report proposes.
fn mended(world: &World, report: &JobReport) -> JobReport {
    let mut world = world.clone();
    world.snapshot = apply_fixes(&world.snapshot, &report.fixes);
    world.simulate()
}

fn about<'r>(report: &'r JobReport, action: &str) -> Vec<&'r Fix> {
    let has = |fix: &&Fix| match &fix.statement["Action"] {
        Value::Array(actions) => actions.contains(&json!(action)),
        one => *one == action,
    };
    report.fixes.iter().filter(has).collect()
}

#[test]
fn what_an_addition_gives_no_narrower_one_says_again() {
    let world = in_one_bucket();
    let report = world.simulate();
    assert_eq!(mended(&world, &report).verdict, JobVerdict::Allowed);
    let reading = about(&report, "s3:GetObject");
    let [reading] = reading.as_slice() else {
        panic!("{reading:#?}")
    };
    assert_eq!(reading.statement["Resource"], json!("arn:aws:s3:::data/*"));
    assert!(reading.serves.contains(&"GT-08".to_owned()), "{reading:?}");
}

/// JOB-7: a trust that is pinned to another job is corrected, or opened for this one alone.
#[test]
fn a_wrong_pin_is_restated_for_the_job() {
    let mut world = labeling::base();
    let role = world.principal(LABELING_ROLE);
    let trust = json!([{
        "Sid": "Pinned", "Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:us-west-2:111122223333:labeling-job/other"},
            "StringLike": {"aws:SourceAccount": "1111*"}}
    }]);
    role.trust = Given::Here(policy("trust", PolicyKind::Trust, trust));
    let report = world.simulate();
    assert_eq!(mended(&world, &report).verdict, JobVerdict::Allowed);
    let trusting = about(&report, "sts:AssumeRole");
    let [trusting] = trusting.as_slice() else {
        panic!("{trusting:#?}")
    };
    assert_eq!(
        trusting.statement["Condition"],
        json!({
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnEquals": {"aws:SourceArn": "arn:aws:sagemaker:us-west-2:111122223333:labeling-job/boxes-01"}})
    );
    let [note] = trusting.notes.as_slice() else {
        panic!("{:#?}", trusting.notes)
    };
    assert!(
        note.contains("statement `Pinned` of trust would allow it but for `ArnLike aws:SourceArn"),
        "{note}"
    );
}

/// JOB-S3-2: what stands for many is a pattern in the addition, too.
#[test]
fn a_pattern_is_restated_as_a_pattern() {
    let mut world = labeling::base();
    let pinned = json!([{
        "Sid": "Pinned", "Effect": "Allow", "Principal": {"AWS": LABELING_ROLE},
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*",
        "Condition": {"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::other/*"}}
    }, {
        "Effect": "Allow", "Principal": {"AWS": LABELING_ROLE}, "Resource": "*",
        "Action": ["kms:Encrypt", "kms:DescribeKey", "kms:ReEncrypt*", "kms:GenerateDataKeyPair*", "kms:GenerateDataKeyWithout*"],
    }]);
    world.set("OutputConfig.KmsKeyId", json!(KEY_ONE));
    world.snapshot.keys = vec![key(KEY_ONE, pinned)];
    let report = world.simulate();
    assert_eq!(mended(&world, &report).verdict, JobVerdict::Allowed);
    let reading = about(&report, "kms:Decrypt");
    let [reading] = reading.as_slice() else {
        panic!("{reading:#?}")
    };
    assert_eq!(
        reading.statement["Condition"],
        json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::team-sagemaker-out/boxes/*"}})
    );
}

/// IAM-WILD-13: an answer does not tell whether an allow is missing or a deny is in the way.
#[test]
fn nothing_is_added_against_a_deny_of_part_of_a_pattern() {
    let mut world = in_one_bucket();
    let deny = json!({"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/secret/*"});
    let all = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    world.attach(LABELING_ROLE, identity("partly", json!([all, deny])));
    let report = world.simulate();
    assert_eq!(report.verdict, JobVerdict::Undecided);
    assert!(report.fixes.is_empty(), "{:#?}", report.fixes);
    let [obstacle] = report.obstacles.as_slice() else {
        panic!("{:#?}", report.obstacles)
    };
    assert!(
        obstacle.starts_with("GT-06: ") && obstacle.contains("on a part of `arn:aws:s3:::data/*`"),
        "{obstacle}"
    );
}

/// The role's own policies cover the pattern, the policy of the foreign bucket a part of it: only that one is widened.
#[test]
fn a_pattern_is_completed_on_the_side_that_covers_a_part() {
    let mut world = in_one_bucket();
    world.attach(LABELING_ROLE, identity("s3", json!([allow(json!("s3:*"))])));
    let theirs = world.resource(DATA);
    theirs.account = Some(OTHER.to_owned());
    let lists = json!({
        "Effect": "Allow", "Principal": {"AWS": LABELING_ROLE}, "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
        "Resource": DATA
    });
    let part = json!({
        "Effect": "Allow", "Principal": {"AWS": LABELING_ROLE}, "Action": "s3:*", "Resource": "arn:aws:s3:::data/out/*"
    });
    theirs.policy = Given::Here(policy("theirs", PolicyKind::Resource, json!([lists, part])));
    let report = world.simulate();
    let targets: Vec<&FixTarget> = report.fixes.iter().map(|fix| &fix.target).collect();
    assert_eq!(targets, [&FixTarget::Resource(DATA.to_owned())]);
    assert_eq!(mended(&world, &report).verdict, JobVerdict::Allowed);
}

/// JOB-PZ-4: what the role's policies get for the job is what the guide asks of them, too.
#[test]
fn an_addition_names_every_row_that_needs_it() {
    let mut world = personalize::export();
    world.snapshot.keys = vec![key(KEY_TWO, json!([delegation(ACCOUNT)]))];
    world.principal(EXPORT_ROLE).policies = Given::Nothing;
    let report = world.simulate();
    let of_role = FixTarget::Identity(EXPORT_ROLE.to_owned());
    let deciding = about(&report, "kms:Decrypt");
    let own = deciding.iter().find(|fix| fix.target == of_role);
    let serves = own.map(|fix| fix.serves.clone()).unwrap_or_default();
    for row in ["PZ-22", "PZ-24"] {
        assert!(
            serves.contains(&row.to_owned()),
            "{row}: {:#?}",
            report.fixes
        );
    }
}

/// JOB-4: an addition that is needed, and may not be enough, says so.
#[test]
fn what_is_not_known_behind_an_addition_is_told() {
    let mut world = in_one_bucket();
    world.snapshot.complete = false;
    world.principal(LABELING_ROLE).boundary = Given::LeftOut;
    let report = world.simulate();
    let after = mended(&world, &report);
    assert!(!report.fixes.is_empty() && after.verdict != JobVerdict::Allowed);
    let told = report.obstacles.iter();
    let told: Vec<&String> = told
        .filter(|line| line.contains("depends on what is not known"))
        .collect();
    assert!(!told.is_empty(), "{:#?}", report.obstacles);
}

/// JOB-PZ-4: what limits the role's own policies is in their way whatever the key policy says.
#[test]
fn a_silent_boundary_limits_the_roles_own_side_with_and_without_the_keys() {
    let boundary = json!([allow(json!(["s3:*", "logs:*"]))]);
    let mut world = personalize::group();
    world.principal(EXPORT_ROLE).boundary =
        Given::Here(policy("b", PolicyKind::Identity, boundary));
    world.job.profile = Some("current".to_owned());
    let other = json!({"Effect": "Allow", "Principal": {"AWS": LABELING_ROLE}, "Action": "kms:*", "Resource": "*"});
    for statements in [json!([other]), json!([delegation(ACCOUNT)])] {
        world.snapshot.keys = vec![key(KEY_ONE, statements)];
        let codes = codes_of(&world.simulate(), "PZ-30");
        assert!(codes.contains(&"no_boundary_allow"), "{codes:?}");
    }
}

/// What a later round gives may cover what an earlier one gave.
#[test]
fn an_addition_that_a_later_one_covers_is_taken_back() {
    let mut world = in_one_bucket();
    let theirs = world.resource(DATA);
    theirs.account = Some(OTHER.to_owned());
    let part = json!({
        "Effect": "Allow", "Principal": {"AWS": LABELING_ROLE}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::data/m.json"
    });
    theirs.policy = Given::Here(policy("theirs", PolicyKind::Resource, json!([part])));
    let report = world.simulate();
    let of_bucket = FixTarget::Resource(DATA.to_owned());
    let reading = about(&report, "s3:GetObject");
    let reading: Vec<&&Fix> = reading
        .iter()
        .filter(|fix| fix.target == of_bucket)
        .collect();
    let [reading] = reading.as_slice() else {
        panic!("{reading:#?}")
    };
    assert_eq!(reading.statement["Resource"], json!("arn:aws:s3:::data/*"));
    assert_eq!(mended(&world, &report).verdict, JobVerdict::Allowed);
}

/// JOB-4: one object of a prefix is named by a row of its own, and its statement may keep a condition that the call meets (UI-13): what is
/// given for all of the prefix gives it, too.
#[test]
fn an_object_below_what_another_addition_gives_needs_none_of_its_own() {
    let mut world = World::new(
        "personalize:CreateBatchInferenceJob",
        "arn:aws:sts::111122223333:assumed-role/Caller/s1",
        json!({
            "jobName": "boxes-01",
            "solutionVersionArn": "arn:aws:personalize:us-west-2:111122223333:solution/t/v1",
            "jobInput": {"s3DataSource": {"path": "s3://exports/out"}},
            "jobOutput": {"s3DataDestination": {"path": "s3://exports/results"}},
            "roleArn": EXPORT_ROLE
        }),
    );
    world.job.data = vec!["s3://data/2026/".to_owned()];
    let other = json!([{
        "Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::data/2026/a.jpg",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-west-2:111122223333:other*"}}
    }]);
    let mut data = bucket_policy(bucket("data", ACCOUNT), other);
    data.objects = vec![ObjectRecord {
        key: "2026/b.jpg".to_owned(),
        kms_key: None,
        bucket_key: false,
        encryption_context: Default::default(),
        tags: Default::default(),
    }];
    world.snapshot.resources = vec![data, bucket("exports", ACCOUNT)];
    let report = world.simulate();
    let of_bucket = FixTarget::Resource(DATA.to_owned());
    let reading = about(&report, "s3:GetObject");
    let reading = reading.iter().filter(|fix| fix.target == of_bucket);
    let resources: Vec<&Value> = reading.map(|fix| &fix.statement["Resource"]).collect();
    assert_eq!(resources, [&json!("arn:aws:s3:::data/2026/*")]);
}
