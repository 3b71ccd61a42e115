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
        "s3:ListBucket is never decided on `arn:aws:s3:::data/x`",
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
