//! Jobs whose names are misspelled: what is said of them, and what is not proposed.

use serde_json::{Value, json};

use super::labeling::{self, LABELER, ROLE};
use super::personalize;
use super::world::*;
use crate::job::apply::apply_fixes;
use crate::job::report::JobVerdict;
use crate::snapshot::Given;
use preclear_model::PolicyKind;

const OUTPUT_KEY: &str = "OutputConfig.KmsKeyId";

fn unknown(world: &World) -> Vec<String> {
    let report = world.simulate();
    assert_eq!(report.errors, []);
    report
        .warnings
        .into_iter()
        .filter(|warning| warning.code == "UNKNOWN_RESOURCE")
        .map(|warning| format!("{} ({}); {}", warning.message, warning.rule, warning.help))
        .collect()
}

fn message(word: &str, arn: &str, meant: &str) -> String {
    format!(
        "the {word} `{arn}` is neither listed in the snapshot nor declared external (JOB-8); did you mean `{meant}`?"
    )
}

/// JOB-4: the job must not pass without the key that the request seems to name.
#[test]
fn a_misspelled_member_makes_the_job_invalid() {
    let mut world = labeling::base();
    world.set("OutputConfig.KmsKeyID", json!(KEY_ONE));
    world.expect_invalid("UNKNOWN_FIELD");
    let report = world.simulate();
    assert_eq!(
        report.errors[0].field.as_deref(),
        Some("OutputConfig.KmsKeyID")
    );
    assert_eq!(
        report.errors[0].help.as_deref(),
        Some("did you mean `KmsKeyId`?")
    );
    let mut world = labeling::base();
    world.set("OutputConfig.Retention", json!(7));
    let report = world.simulate();
    assert_eq!(report.verdict, JobVerdict::Allowed);
    assert!(warned(&report, "UNKNOWN_FIELD"));
}

#[test]
fn messages_do_not_repeat_the_field() {
    let mut world = labeling::base();
    world.set("HumanTaskConfig.WorkteamArn", json!("team1"));
    world.set("OutputConfig.S3OutputPath", Value::Null);
    world.set("InputConfig.DataSource", json!({}));
    world.set("StoppingConditions", json!("none"));
    let report = world.simulate();
    assert_eq!(report.errors.len(), 4, "{:?}", report.errors);
    for error in &report.errors {
        let field = error.field.as_deref().unwrap();
        assert!(!error.message.contains(field), "{error:?}");
    }
}

#[test]
fn unknown_operations_get_near_spellings_and_a_list() {
    for (asked, meant) in [
        (
            "sagemaker:CreateLabellingJob",
            Some("sagemaker:CreateLabelingJob"),
        ),
        ("CreateDatasetGruop", Some("personalize:CreateDatasetGroup")),
        ("codebuild:StartBuild", None),
        ("s3:GetObject", None),
    ] {
        let world = World::new(asked, LABELER, json!({}));
        world.expect_invalid("UNKNOWN_OPERATION");
        let report = world.simulate();
        let help = report.errors[0].help.clone().unwrap();
        let start = meant.map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
        assert!(help.starts_with(&start), "{help}");
        let listed = match asked.split_once(':') {
            Some(("sagemaker", _)) => "of sagemaker these are known: sagemaker:CreateAutoMLJob, ",
            Some(("s3", _)) => "of s3 these are known: s3:PutBucket",
            _ => "there are jobs of: T-ASG, ",
        };
        assert!(help.contains(listed), "{help}");
    }
}

#[test]
fn an_unlisted_caller_is_named_with_the_nearest_one() {
    let typed = "arn:aws:iam::111122223333:role/Labeller";
    let mut world = labeling::base();
    world.job.caller = preclear_model::Caller::parse(typed).ok();
    assert_eq!(unknown(&world), [message("caller", typed, LABELER)]);
    let report = world.simulate();
    assert_eq!(report.verdict, JobVerdict::Denied);
    assert_eq!(report.fixes, []);
    assert_eq!(
        report.obstacles,
        [format!(
            "GT-01, GT-03: `{typed}` is not in the snapshot, so nothing is proposed for it (JOB-8); did you mean `{LABELER}`?"
        )]
    );
    world.snapshot.external = vec![typed.to_owned()];
    assert_eq!(unknown(&world), [""; 0]);
    world.snapshot.external.clear();
    world.snapshot.complete = false;
    assert_eq!(unknown(&world), [""; 0], "nobody claims to know everybody");
}

#[test]
fn an_unlisted_session_is_named_with_its_role() {
    let mut world = labeling::base();
    let session = "arn:aws:sts::111122223333:assumed-role/Labeller/me";
    world.job.caller = preclear_model::Caller::parse(session).ok();
    assert_eq!(unknown(&world), [message("caller", session, LABELER)]);
    let session = "arn:aws:sts::111122223333:assumed-role/Labeler/me";
    world.job.caller = preclear_model::Caller::parse(session).ok();
    assert_eq!(unknown(&world), [""; 0]);
}

/// The path is part of the ARN (JOB-GT-11).
#[test]
fn an_unlisted_role_gets_no_policies() {
    let typed = "arn:aws:iam::111122223333:role/example-role";
    let mut world = labeling::base();
    world.set("RoleArn", json!(typed));
    assert_eq!(unknown(&world), [message("role", typed, ROLE)]);
    let report = world.simulate();
    assert_eq!(report.fixes, []);
    let lines: Vec<&String> = report
        .obstacles
        .iter()
        .filter(|line| line.contains("is not in the snapshot"))
        .collect();
    assert_eq!(lines.len(), 1, "{:#?}", report.obstacles);
    assert!(lines[0].contains("GT-04, GT-05, GT-06"), "{}", lines[0]);
}

#[test]
fn buckets_functions_and_teams_are_named_with_the_nearest_one() {
    let mut world = labeling::base();
    let team = "arn:aws:sagemaker:us-west-2:111122223333:workteam/private-crowd/team1";
    world.set(
        "HumanTaskConfig.WorkteamArn",
        json!(team.replace("team1", "taem1")),
    );
    let found = unknown(&world);
    assert_eq!(
        found,
        [message("work team", &team.replace("team1", "taem1"), team)]
    );
    let mut world = labeling::base();
    world.set(
        "OutputConfig.S3OutputPath",
        json!("s3://team-sagemaker-outt/boxes"),
    );
    assert_eq!(
        unknown(&world),
        [message(
            "bucket",
            "arn:aws:s3:::team-sagemaker-outt",
            "arn:aws:s3:::team-sagemaker-out"
        )]
    );
    let mut world = labeling::base();
    let function = "arn:aws:lambda:us-west-2:111122223333:function:my-pre";
    world
        .snapshot
        .resources
        .push(crate::snapshot::ResourceRecord::new(arn(function)));
    let typed = function.replace("my-pre", "my-prev");
    world.set("HumanTaskConfig.PreHumanTaskLambdaArn", json!(typed));
    assert_eq!(unknown(&world), [message("function", &typed, function)]);
}

/// IAM-EVAL-18: services name the sessions that they make, so a job can name its role alone, and that is limited.
#[test]
fn a_boundary_of_the_role_limits_what_names_the_role() {
    let mut world = labeling::base();
    let limit = identity("limit", json!([allow(json!("sqs:*"))]));
    world.snapshot.principals[1].boundary = Given::Here(limit);
    let report = world.simulate();
    let read = report.obstacles.iter();
    let mut read = read.filter(|line| line.contains("does not allow s3:GetObject:"));
    let line = read.next().unwrap();
    assert!(
        line.ends_with(
            "the permissions boundary (limit) does not allow s3:GetObject: it must be widened, a policy elsewhere that names the role does not help (IAM-EVAL-18)"
        ),
        "{line}"
    );
    let role = world.snapshot.principals[1].arn.as_str().to_owned();
    for bucket in &mut world.snapshot.resources {
        let resource = format!("{}/*", bucket.arn);
        let named = json!([{"Effect": "Allow", "Principal": {"AWS": role}, "Action": "s3:*", "Resource": resource}]);
        *bucket = bucket_policy(bucket.clone(), named);
    }
    let again = world.simulate();
    assert!(again.obstacles.contains(line), "{:#?}", again.obstacles);
}

#[test]
fn a_missing_key_is_one_obstacle() {
    let mut world = labeling::base();
    let mut listed = key(KEY_ONE, json!([delegation(ACCOUNT)]));
    listed.aliases = Some(vec!["alias/boxes".to_owned()]);
    world.snapshot.keys = vec![listed];
    world.set(OUTPUT_KEY, json!("alias/boxs"));
    let alias = "arn:aws:kms:us-west-2:111122223333:alias/boxes";
    let typed = "arn:aws:kms:us-west-2:111122223333:alias/boxs";
    assert_eq!(unknown(&world), [message("key", typed, alias)]);
    let report = world.simulate();
    assert_eq!(report.fixes, []);
    let again = report.warnings.iter();
    assert!(!again.into_iter().any(|one| one.code == "UNKNOWN_KEY"));
    assert_eq!(
        report.obstacles,
        [format!(
            "GT-10, GT-11, GT-12: the key `{typed}` is not in the snapshot (KMS-ID-1); did you mean `{alias}`?"
        )]
    );
    world.snapshot.keys.clear();
    let report = world.simulate();
    let [line] = report.obstacles.as_slice() else {
        panic!("{:?}", report.obstacles)
    };
    assert!(line.ends_with("known keys there: none"), "{line}");
}

/// Takes every permission away; keys delegate to their account.
fn strip(world: &mut World) {
    for principal in &mut world.snapshot.principals {
        principal.policies = Given::Nothing;
        principal.trust = Given::Nothing;
    }
    for resource in &mut world.snapshot.resources {
        resource.policy = Given::Nothing;
    }
    for record in &mut world.snapshot.keys {
        let account = record.arn.account().to_owned();
        *record = key(record.arn.as_str(), json!([delegation(&account)]));
    }
}

/// Rows of templates say `*` only where the documentation has nothing narrower; everything else is concrete.
#[test]
fn jobs_without_any_permission_are_mended_without_widening() {
    let mut granting = personalize::group();
    granting.job.profile = Some("current".to_owned());
    let worlds = [
        granting,
        labeling::with_volume_key(labeling::statement_alone()),
        labeling::base(),
        personalize::export(),
        personalize::import(),
        personalize::group(),
    ];
    for mut world in worlds {
        strip(&mut world);
        let name = world.job.operation.clone();
        let report = world.simulate();
        assert_eq!(report.verdict, JobVerdict::Denied, "{name}");
        assert_eq!(report.obstacles, [""; 0], "{name}");
        for fix in &report.fixes {
            let actions = fix.statement["Action"].to_string();
            let resource = fix.statement["Resource"].to_string();
            let may_be_wide = fix.target.kind() == PolicyKind::Key
                || actions.contains("logs:")
                || actions.contains("cloudwatch:");
            assert!(!resource.contains("\"*\"") || may_be_wide, "{fix:#?}");
            assert!(!resource.contains("arn:aws:s3:::*"), "{fix:#?}");
            assert!(!actions.contains('*'), "{fix:#?}");
            let principal = fix.statement["Principal"].to_string();
            let is_service = principal.contains("Service");
            let condition = fix.statement["Condition"].to_string();
            assert!(
                !is_service || condition.contains("aws:SourceAccount"),
                "{fix:#?}"
            );
        }
        world.snapshot = apply_fixes(&world.snapshot, &report.fixes);
        assert_eq!(world.simulate().verdict, JobVerdict::Allowed, "{name}");
    }
}
