use std::path::Path;
use std::sync::Arc;

use preclear_model::Diagnostics;
use preclear_model::caller::Caller;
use preclear_simulator::job::{Interface, JobRequest};
use preclear_simulator::request::ContextMode;

use crate::job::{account_and_region, params, read, read_api_request};
use crate::testing::{codes, error_codes, files, with_params};
use crate::{Loaded, Options};

fn read_text(text: &str) -> Result<Loaded<Vec<JobRequest>>, Diagnostics> {
    let api = r#"{"LabelingJobName": "boxes", "Count": 3}"#;
    read(
        Path::new("d/job.yaml"),
        &files([("d/job.yaml", text), ("d/api.json", api)]),
        &Options::default(),
    )
}

const JOB: &str = r#"
operation: sagemaker:CreateLabelingJob
caller: {arn: "arn:aws:iam::<account-id>:role/Labeler", session_policies: []}
interface: console
region: us-west-2
account: <account-id>
request: {file: api.json}
profile: seed
lifetime: true
readers: ["arn:aws:iam::111122223333:role/Reader"]
data: ["s3://team-sagemaker-in/2026/"]
params: {account-id: "111122223333"}
context: {"aws:SourceIp": 10.0.0.1}
vpc_endpoint: vpce-1
mode: closed
unknown: [aws:SourceVpc]
now: 2026-01-01T00:00:00Z
"#;

#[test]
fn every_member_arrives() {
    let jobs = read_text(JOB).unwrap().value;
    let [job] = jobs.as_slice() else { panic!() };
    assert_eq!(
        (job.name.as_str(), job.operation.as_str()),
        ("d/job.yaml", "sagemaker:CreateLabelingJob")
    );
    assert_eq!(
        job.caller.as_ref().unwrap().account.as_deref(),
        Some("111122223333")
    );
    assert_eq!(job.session_policies.as_deref(), Some(&[][..]));
    assert_eq!(
        (job.interface, job.mode, job.lifetime),
        (Interface::Console, ContextMode::Closed, true)
    );
    assert_eq!(job.region.as_deref(), Some("us-west-2"));
    assert_eq!(job.account.as_deref(), Some("111122223333"));
    assert_eq!(job.request["Count"], 3);
    assert_eq!(job.profile.as_deref(), Some("seed"));
    assert_eq!(job.readers, ["arn:aws:iam::111122223333:role/Reader"]);
    assert_eq!(job.data, ["s3://team-sagemaker-in/2026/"]);
    assert!(job.context.contains_key("aws:SourceIp") && job.unknown.contains("aws:SourceVpc"));
    assert_eq!(
        (job.vpc_endpoint.as_deref(), job.now.as_deref()),
        (Some("vpce-1"), Some("2026-01-01T00:00:00Z"))
    );
}

#[test]
fn a_file_may_hold_a_list() {
    let text = "- {operation: 'a:B', caller: anonymous, request: {}}\n- {operation: T-S3-REPL, caller: anonymous, request: {}}";
    let names: Vec<String> = read_text(text)
        .unwrap()
        .value
        .into_iter()
        .map(|job| job.name)
        .collect();
    assert_eq!(names, ["d/job.yaml#1", "d/job.yaml#2"]);
    assert_eq!(error_codes(read_text("[]")), ["EMPTY_INPUT"]);
}

#[test]
fn the_command_line_wins_over_the_file() {
    let texts = files([("j.yaml", JOB), ("api.json", "{}")]);
    let jobs = read(
        Path::new("j.yaml"),
        &texts,
        &with_params([("account-id", "444455556666")]),
    )
    .unwrap()
    .value;
    assert_eq!(jobs[0].account.as_deref(), Some("444455556666"));
    assert_eq!(
        params(Path::new("j.yaml"), &texts).get("account-id"),
        Some("111122223333")
    );
    assert!(params(Path::new("none.yaml"), &texts).is_empty());
}

#[test]
fn account_and_region_can_be_inferred() {
    let texts = files([
        ("a.yaml", "{account: '111122223333', region: us-west-2}"),
        ("b.yaml", "[{caller: 'arn:aws:iam::444455556666:role/r'}]"),
        ("c.yaml", "{caller: {arn: sns.amazonaws.com}}"),
    ]);
    let of = |path: &str| account_and_region(Path::new(path), &texts);
    assert_eq!(
        of("a.yaml"),
        (
            Some("111122223333".to_owned()),
            Some("us-west-2".to_owned())
        )
    );
    assert_eq!(of("b.yaml"), (Some("444455556666".to_owned()), None));
    assert_eq!(of("c.yaml"), (None, None));
    assert_eq!(of("none.yaml"), (None, None));
}

#[test]
fn defects_are_named() {
    let with = |text: &str| {
        codes(&read_text(&format!("operation: a:B\ncaller: anonymous\n{text}")).unwrap_err())
    };
    assert_eq!(with(""), ["MISSING_MEMBER o"]);
    assert_eq!(
        with("request: {}\nopration: x"),
        ["UNKNOWN_MEMBER opration"]
    );
    assert_eq!(with("request: []"), ["WRONG_TYPE []"]);
    assert_eq!(
        with("request: {file: none.json}"),
        ["MISSING_FILE {file: none.json}"]
    );
    assert_eq!(with("request: {}\ninterface: cli"), ["UNKNOWN_VALUE cli"]);
    assert_eq!(
        with("request: {}\ndata: [bucket/x, 's3:///x']"),
        ["INVALID_S3_URI bucket/x", "INVALID_S3_URI 's3:///x'"]
    );
    assert_eq!(
        with("request: {}\nreaders: [Bob]"),
        ["INVALID_PRINCIPAL Bob"]
    );
    assert_eq!(with("request: {}\nlifetime: 1"), ["WRONG_TYPE 1"]);
    assert_eq!(
        with("request: {RoleArn: 'arn:aws:iam::accountNumber:role/r'}"),
        ["UNRESOLVED_PLACEHOLDER accountNumber"]
    );
    assert_eq!(with("request: {}\nparams: [a]"), ["WRONG_TYPE [a]"]);
    assert_eq!(
        codes(&read_text("{}").unwrap_err()),
        ["MISSING_MEMBER {", "MISSING_MEMBER {"]
    );
    assert_eq!(
        codes(&read_text("{operation: 'a b', caller: anonymous, request: {}}").unwrap_err()),
        ["INVALID_ACTION {"]
    );
    // A template's id: whether there is such a template is seen later.
    assert!(
        read_text("{operation: sagemaker-labeling-job, caller: anonymous, request: {}}").is_ok()
    );
}

#[test]
fn an_api_request_stands_alone() {
    let texts = files([
        (
            "r.json",
            r#"{"RoleArn": "arn:aws:iam::<account-id>:role/r"}"#,
        ),
        ("l.json", "[]"),
    ]);
    let read = |path: &str, options: &Options| read_api_request(Path::new(path), &texts, options);
    assert_eq!(
        error_codes(read("r.json", &Options::default())),
        ["UNRESOLVED_PLACEHOLDER"]
    );
    let request = read("r.json", &with_params([("account-id", "111122223333")]))
        .unwrap()
        .value;
    let place = request.source.place_of(Some("RoleArn")).locate();
    assert_eq!((place.name.as_str(), place.position.column), ("r.json", 13));
    assert_eq!(
        request.members["RoleArn"],
        "arn:aws:iam::111122223333:role/r"
    );
    assert_eq!(
        error_codes(read("l.json", &Options::default())),
        ["WRONG_TYPE"]
    );
}

/// Rule: IAM-GRAM-19.
#[test]
fn a_rejected_session_policy_of_the_caller_is_told() {
    let text = JOB.replace(
        "session_policies: []",
        "session_policies: [{Statement: []}]",
    );
    assert!(read_text(&text).is_err());
    let keep_going = Options {
        keep_going: true,
        ..Options::default()
    };
    let texts = files([("d/job.yaml", text.as_str()), ("d/api.json", "{}")]);
    let jobs = read(Path::new("d/job.yaml"), &texts, &keep_going)
        .unwrap()
        .value;
    assert!(jobs[0].session_policy_rejected);
    assert!(!read_text(JOB).unwrap().value[0].session_policy_rejected);
}

/// UI-31: a job speaks of what a plan creates as the plan does.
#[test]
fn names_of_plans_stand_for_what_they_name() {
    let text = r#"
operation: sagemaker:CreateLabelingJob
caller: aws_iam_role.labeler
readers: [aws_iam_role.labeler]
request: {RoleArn: aws_iam_role.labeler, LabelingJobName: aws_iam_role.other}
"#;
    let role = "arn:aws:iam::111122223333:role/Labeler";
    let options = Options {
        names: Arc::new([("aws_iam_role.labeler".to_owned(), role.to_owned())].into()),
        ..Options::default()
    };
    let texts = files([("job.yaml", text)]);
    let jobs = read(Path::new("job.yaml"), &texts, &options).unwrap().value;
    let [job] = jobs.as_slice() else { panic!() };
    assert_eq!(job.caller, Some(Caller::parse(role).unwrap()));
    assert_eq!(job.readers, [role]);
    assert_eq!(job.request["RoleArn"], role);
    assert_eq!(job.request["LabelingJobName"], "aws_iam_role.other");
}
