//! Slips of the pen that would make an answer worthless: they are said wherever the answer is read.

use preclear_tests::root;

use crate::program::{Folder, run_in};

/// A complete account with one role that may do everything in S3.
pub(crate) const WORLD: &str = r#"
preclear: 1
account: "111122223333"
region: us-west-2
complete: true
principals:
  - arn: arn:aws:iam::111122223333:role/app
    policies: [{Version: "2012-10-17", Statement: {Effect: Allow, Action: "s3:*", Resource: "*"}}]
  - arn: arn:aws:iam::111122223333:user/ana
    policies: []
resources:
  - arn: arn:aws:s3:::data
    account: "111122223333"
"#;

const LINES: &str = r#"{"id":"right","principal":"arn:aws:iam::111122223333:role/app","action":"s3:GetObject","resource":"arn:aws:s3:::data/x"}
{"id":"caller","principal":"arn:aws:iam::111122223333:user/anna","action":"s3:GetObject","resource":"arn:aws:s3:::data/x"}
{"id":"action","principal":"arn:aws:iam::111122223333:role/app","action":"s3:GetObjct","resource":"arn:aws:s3:::data/x"}
{"id":"bucket","principal":"arn:aws:iam::111122223333:role/app","action":"s3:GetObject","resource":"arn:aws:s3:::datta/x"}
{"id":"key","principal":"arn:aws:iam::111122223333:role/app","action":"s3:GetObject","resource":"arn:aws:s3:::data/x","context":{"aws:SourcIp":"1.2.3.4"}}
"#;

#[test]
fn each_of_many_answers_shows_what_was_noticed() {
    let folder = Folder::new("noticed")
        .with("s.yaml", WORLD)
        .with("r.jsonl", LINES);
    let args = ["simulate", "--snapshot", "s.yaml", "--requests", "r.jsonl"];
    let ran = folder.run(&args).ended_with(1);
    let marks: Vec<Option<&str>> = ran
        .stdout
        .lines()
        .map(|line| line.split_once(" [").map(|(_, mark)| mark))
        .collect();
    assert_eq!(
        marks,
        [
            None,
            Some("assumed principal]"),
            Some("warning UNKNOWN_ACTION]"),
            Some("assumed resource-account]"),
            Some("warning UNKNOWN_CONDITION_KEY]"),
        ]
    );
    ran.says(&[
        "5 requests: 4 allow, 1 implicit_deny\n",
        "2 with warnings: UNKNOWN_ACTION (1), UNKNOWN_CONDITION_KEY (1)\n",
        "2 with assumptions of their own: principal (1), resource-account (1)\n",
        "`--explain`",
    ]);

    let ran = folder
        .run(&[&args[..], &["--explain"]].concat())
        .ended_with(1);
    assert!(!ran.stderr.contains("`--explain`"), "{}", ran.stderr);
    ran.prints(&[
        "did you mean `s3:GetObject`?",
        "did you mean `aws:SourceIp`?",
        "  assumed     principal:arn:aws:iam::111122223333:user/anna is not listed",
        "  identity    ",
    ]);
}

#[test]
fn no_request_at_all_is_an_error() {
    let folder = Folder::new("no-request")
        .with("s.yaml", WORLD)
        .with("r.jsonl", "\n\n");
    for format in ["text", "json", "jsonl"] {
        let args = [
            "simulate",
            "--snapshot",
            "s.yaml",
            "--format",
            format,
            "--requests",
        ];
        let ran = folder.run(&[&args[..], &["r.jsonl"]].concat());
        let ran = ran
            .ended_with(2)
            .says(&["error[EMPTY_INPUT]: `r.jsonl` holds no request"]);
        assert_eq!(ran.stdout, "");
        folder
            .run(&[&args[..], &["-"]].concat())
            .ended_with(2)
            .says(&["standard input holds no request"]);
    }
}

const TEST: &str = r#"
preclear: 1
snapshot: {file: s.yaml}
tests:
  - request: {principal: "arn:aws:iam::111122223333:user/ana", action: s3:GetObject, resource: "arn:aws:s3:::data/x"}
    expect: deny
"#;

#[test]
fn a_test_file_with_a_slip_does_not_pass_unseen() {
    let folder = Folder::new("slip")
        .with("t/s.yaml", WORLD)
        .with("t/good.yaml", TEST)
        .with(
            "t/policies/unused.json",
            "{\"Version\": \"2012-10-17\", \"Statement\": []}",
        );
    let ran = folder.run(&["test", "t"]).ended_with(0);
    assert_eq!(
        ran.stdout,
        "1 file, 1 test: 1 passed; 1 other file left alone\n"
    );
    let folder = folder.with("t/typo.yaml", TEST.replace("tests:", "test:"));
    folder
        .run(&["test", "t"])
        .ended_with(2)
        .says(&["t/typo.yaml", "did you mean `tests`?"])
        .prints(&["2 files, 1 test: 1 passed, 1 file unusable"]);
}

#[test]
fn flags_are_checked_as_files_are() {
    let ask = |flags: &[&str]| {
        let args = [
            "simulate",
            "--snapshot",
            "examples/ground-truth",
            "--principal",
            "arn:aws:iam::111122223333:role/service-role/example-role",
            "--action",
            "kms:Decrypt",
            "--resource",
            "alias/labels",
            "--closed",
        ];
        run_in(root(), &[&args[..], flags].concat(), b"")
    };
    for region in ["Oregon", "us-wst-2", "us-west-2a", ""] {
        ask(&["--region", region]).ended_with(2).says(&[
            &format!("`--region`: `{region}` is not a Region"),
            "us-west-2",
        ]);
    }
    ask(&["--region", "us-west-2"]).ended_with(0);
    ask(&["--via", "athenna"]).prints(&["UNKNOWN_VIA_SERVICE", "did you mean `athena`?"]);
    let plain = ask(&["--via", "s3"]).ended_with(0).stdout;
    assert!(!plain.contains("UNKNOWN_VIA_SERVICE"), "{plain}");
    assert_eq!(ask(&["--via", "s3.amazonaws.com"]).stdout, plain);
}

/// What an implicit deny does not guard, each with what is said of it.
const GUARDS_NOTHING: [(&str, &str); 4] = [
    (
        r#"action: s3:GetObject, resource: "arn:aws:s3:::datta/x""#,
        "lists others of its kind, but not `arn:aws:s3:::datta/x`",
    ),
    (
        r#"action: sts:AssumeRole, resource: "arn:aws:iam::111122223333:role/appp""#,
        "lists others of its kind, but not `arn:aws:iam::111122223333:role/appp`",
    ),
    (
        r#"action: s3:ListBucket, resource: "arn:aws:s3:::data/x""#,
        "and `arn:aws:s3:::data/x` is of type `object`",
    ),
    ("action: s3:GetObject", "the request names no resource"),
];

#[test]
fn a_deny_that_no_policy_could_mend_guards_nothing() {
    for (index, (request, said)) in GUARDS_NOTHING.into_iter().enumerate() {
        let test = |expect: &str| {
            format!(
                "preclear: 1\nsnapshot: {{file: s.yaml}}\ntests:\n- request: \
                 {{principal: \"arn:aws:iam::111122223333:user/ana\", {request}}}\n  expect: {expect}\n"
            )
        };
        let folder = Folder::new(&format!("guard-{index}"))
            .with("s.yaml", WORLD)
            .with("t.yaml", test("deny"))
            .with("why.yaml", test("{verdict: deny, layer: identity}"));
        folder
            .run(&["test", "t.yaml"])
            .ended_with(1)
            .prints(&[said, "the test guards nothing"]);
        let ran = folder.run(&["test", "why.yaml"]);
        assert!(!ran.stdout.contains("guards nothing"), "{}", ran.stdout);
    }
}

/// IAM-GRAM-19: what one principal lacks keeps nobody else from an answer.
#[test]
fn going_on_passes_over_a_missing_file_and_the_answer_says_what_to_mend() {
    let allow = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
    let user = |name: &str, file: &str| {
        format!(
            "  - {{arn: \"arn:aws:iam::111122223333:user/{name}\", policies: [{{file: {file}}}]}}\n"
        )
    };
    let users = [
        user("ana", "none.json"),
        user("eve", "broken.json"),
        user("bob", "ok.json"),
    ];
    let world = format!(
        "preclear: 1\naccount: \"111122223333\"\ncomplete: true\nprincipals:\n{}",
        users.concat()
    );
    let folder = Folder::new("keep-going")
        .with("s.yaml", world)
        .with("broken.json", allow.replace("Allow", "allow"))
        .with("ok.json", allow);
    let ask = |name: &str, more: &[&str]| {
        let principal = format!("arn:aws:iam::111122223333:user/{name}");
        let args = [
            "simulate",
            "--snapshot",
            "s.yaml",
            "--action",
            "s3:GetObject",
        ];
        let args = [
            &args[..],
            &["--resource", "arn:aws:s3:::b/x", "--principal", &principal],
            more,
        ];
        folder.run(&args.concat())
    };
    ask("bob", &[]).ended_with(2).says(&["error[MISSING_FILE]"]);
    for name in ["ana", "eve"] {
        ask(name, &["--keep-going"])
            .ended_with(3)
            .says(&["warning[MISSING_FILE]", "--> s.yaml:5", "broken.json"])
            .prints(&["mend the policy of this layer that was refused, is missing or is not determined yet"]);
    }
    ask("bob", &["--keep-going"]).ended_with(0);
    // A policy of a flag is not to be given once more.
    let flags = ["--identity-policy", "broken.json", "--keep-going"];
    let ran = folder.ask(&flags).ended_with(3);
    let ran = ran.prints(&["mend the policy of this layer that was refused: the warnings name it"]);
    assert!(!ran.stdout.contains("--identity-policy"), "{}", ran.stdout);
    // What a flag names must be there.
    folder
        .ask(&["--identity-policy", "none.json", "--keep-going"])
        .ended_with(2)
        .says(&["error[MISSING_FILE]"]);
}

#[test]
fn a_run_of_flags_is_told_flags() {
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
            "StringEquals": {"aws:RequestedRegion": "us-west-2"}, "Bool": {"aws:SecureTransport": "true"}}}}"#;
    let folder = Folder::new("told-flags").with("p.json", policy);
    let ran = folder.ask(&["--identity-policy", "p.json"]).ended_with(3);
    let ran = ran.prints(&["`--now TIME`", "`--key-policy FILE`"]);
    for wrong in [
        "in the snapshot",
        "--absent aws:CurrentTime",
        "--absent aws:SecureTransport",
    ] {
        assert!(!ran.stdout.contains(wrong), "{wrong} in {}", ran.stdout);
    }
}

#[test]
fn what_a_request_file_can_say_a_flag_can_say_too() {
    let ask = |more: &[&str]| {
        let args = [
            "simulate",
            "--snapshot",
            "examples/ground-truth",
            "--principal",
            "arn:aws:iam::111122223333:role/service-role/example-role",
            "--resource",
            "alias/labels",
        ];
        run_in(root(), &[&args[..], more].concat(), b"")
    };
    let reencrypt = ["--operation", "kms:ReEncrypt"];
    ask(&reencrypt)
        .ended_with(2)
        .prints(&["give `--parameters '{\"DestinationKeyId\": …}'`"]);
    let members = r#"{"SourceKeyId": "alias/labels", "DestinationKeyId": "alias/labels"}"#;
    let folder = Folder::new("parameters").with("p.json", members);
    let file = folder.path().join("p.json");
    let both = [members, file.to_str().unwrap()].map(|given| {
        let ran = ask(&[&reencrypt[..], &["--parameters", given]].concat());
        let ran = ran.prints(&["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
        ran.stdout
    });
    assert_eq!(both[0], both[1]);
    ask(&[&reencrypt[..], &["--parameters", "[1]"]].concat())
        .ended_with(2)
        .says(&["error[MISSING_FILE]"]);
    ask(&[&reencrypt[..], &["--parameters", "{\"KeyId\": }"]].concat())
        .ended_with(2)
        .says(&["error[INVALID_JSON]", "--> --parameters:1:11"]);

    let impossible = [
        "--action",
        "kms:Decrypt",
        "--context",
        "aws:SourceIp=203.0.113.7",
        "--context",
        "aws:SourceVpce=vpce-1",
    ];
    ask(&impossible)
        .ended_with(2)
        .prints(&["IMPOSSIBLE_CONTEXT: ", "or set `--force-context`"]);
    let forced = ask(&[&impossible[..], &["--force-context"]].concat());
    assert!(!forced.stdout.contains("IMPOSSIBLE"), "{}", forced.stdout);
}

#[test]
fn messages_say_what_is_wrong_in_words_and_where() {
    let folder = Folder::new("words")
        .with("s.yaml", WORLD)
        .with("r.jsonl", "not json\n")
        .with(
            "via.yaml",
            "principal: arn:aws:iam::111122223333:role/app\naction: s3:GetObject\n\
             resource: arn:aws:s3:::data/x\nvia: S3\n",
        )
        .with(
            "r.yaml",
            "principal: anonymous\nresource: \"*\"\naction: GetObject\n",
        );
    let args = ["simulate", "--snapshot", "s.yaml"];
    let run = |more: &[&str]| folder.run(&[&args[..], more].concat()).ended_with(2);
    run(&["--requests", "r.jsonl"]).prints(&["this is not JSON: no value starts like this"]);
    run(&["--requests", "r.jsonl", "--threads", "0"]).says(&["give a whole number from 1 on"]);
    run(&["--request", "r.yaml"]).says(&["error[INVALID_ACTION]", "--> r.yaml:3:1"]);
    run(&["--request", "via.yaml"]).prints(&["INVALID_SERVICE: ", "at via.yaml:4:1"]);
}

#[test]
fn placeholders_in_flags_are_filled_or_refused() {
    let folder = Folder::new("placeholders-in-flags").with("s.yaml", WORLD);
    let args = [
        "simulate",
        "--snapshot",
        "s.yaml",
        "--principal",
        "arn:aws:iam::<account-id>:role/<role-name>",
        "--action",
        "s3:GetObject",
        "--resource",
        "arn:aws:s3:::<bucket>/x",
    ];
    let ran = folder.run(&args).ended_with(2);
    ran.says(&[
        "`--principal`: `arn:aws:iam::<account-id>:role/<role-name>` holds a placeholder",
        "--param account-id=…",
        "--param role-name=…",
    ]);
    let params = ["account-id=111122223333", "role-name=app", "bucket=data"];
    let filled: Vec<&str> = params
        .into_iter()
        .flat_map(|param| ["--param", param])
        .collect();
    let ran = folder.run(&[&args[..], &filled].concat()).ended_with(0);
    assert_eq!(ran.stderr, "");

    // JOB-LINT-2: a name that is no placeholder's is a slip.
    let more = ["--param", "Bucket=other", "--param", "stage=test"];
    let ran = folder.run(&[&args[..], &filled, &more].concat());
    ran.ended_with(0).says(&[
        "warning[UNUSED_PARAM]: `Bucket` has no effect: no placeholder is called so",
        "--> --param:1:1",
        "did you mean `bucket`?",
        "`stage` has no effect",
        "leave it out, or correct it; there are `account-id`, `bucket`, `role-name`",
    ]);
}

#[test]
fn an_invalid_job_is_told_to_be_mended_first() {
    let folder = Folder::new("invalid-job")
        .with("s.yaml", WORLD)
        .with("request.json", "{}");
    let args = [
        "simulate",
        "--snapshot",
        "s.yaml",
        "--operation",
        "T-SQS",
        "--region",
        "us-west-2",
        "--account",
        "111122223333",
        "--job",
        "request.json",
        "--fix",
    ];
    let ran = folder.run(&args).ended_with(2);
    assert!(!ran.stdout.contains("nothing to add"), "{}", ran.stdout);
    ran.prints(&["verdict     INVALID", "mend the request first"]);
}

#[test]
fn jobs_are_asked_by_a_templates_id_and_near_spellings_are_told() {
    let request = r#"{"QueueArn": "arn:aws:sqs:us-west-2:111122223333:q", "SourceService": "sns.amazonaws.com"}"#;
    let folder = Folder::new("template-ids")
        .with("s.yaml", WORLD)
        .with("request.json", request);
    let ask = |operation: &str| {
        let args = [
            "simulate",
            "--snapshot",
            "s.yaml",
            "--region",
            "us-west-2",
            "--account",
            "111122223333",
        ];
        let more = ["--job", "request.json", "--operation", operation];
        folder.run(&[&args[..], &more[..]].concat())
    };
    // Only services act in it, so that nobody asks who the caller is.
    let ran = ask("T-SQS").ended_with(1);
    assert!(!ran.stdout.contains("caller"), "{}", ran.stdout);
    ran.prints(&["T-SQS-5"]);
    let ran = ask("CreateTrainingJob").ended_with(2);
    ran.prints(&["did you mean `sagemaker:CreateTrainingJob`?"]);
}
