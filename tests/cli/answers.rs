//! What an answer says: why it falls so, what nearly allowed it, what settles it, what it takes for granted.

use preclear_tests::root;

use crate::program::{Folder, Ran, run_in};

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/example-role";
const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn example(args: &[&str]) -> Ran {
    run_in(root(), args, b"")
}

#[test]
fn an_open_answer_says_how_to_settle_it_and_warnings_come_first() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Sid": "Net", "Effect": "Deny", "Action": "*", "Resource": "*",
         "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]}"#;
    let folder = Folder::new("settle").with("p.json", policy);
    let ask = |more: &[&str]| {
        let args = [
            "simulate",
            "--identity-policy",
            "p.json",
            "--complete",
            "--principal",
            ROLE,
            "--action",
            "s3:GetObjct",
            "--resource",
            "arn:aws:s3:::b/x",
            "--account",
            "111122223333",
        ];
        folder.run(&[&args[..], more].concat())
    };
    let ran = ask(&[]).ended_with(3).prints(&[
        "depends on  aws:SourceIp\n",
        "`--context aws:SourceIp=…` if the request has it, `--absent aws:SourceIp` if it does not",
        "decides Deny: statement Net at p.json:3:",
    ]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(
        lines[0].starts_with("depends") && lines[1].starts_with("warning     UNKNOWN_ACTION"),
        "{}",
        ran.stdout
    );
    // Every layer comes only with --explain.
    assert!(!ran.stdout.contains("allows: "), "{}", ran.stdout);
    ask(&["--explain"]).ended_with(3).prints(&["allows: "]);
    ask(&["--context", "aws:SourceIp=203.0.113.7"]).ended_with(0);
}

/// IAM-RSN-5: what a negated element or operator names is what must not be.
#[test]
fn near_misses_of_negated_tests_say_what_is_excluded() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "NotAction": ["s3:Get*", "iam:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b/*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {
            "ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a"]}}}]}"#;
    let others = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "NotAction": ["s3:Get*", "iam:*"], "Resource": "*"}}"#;
    let null = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
        "Condition": {"Null": {"aws:SourceVpce": "false"}}}}"#;
    let folder = Folder::new("negated")
        .with("p.json", policy)
        .with("others.json", others)
        .with("null.json", null);
    let ask = |file: &str| {
        let args = [
            "simulate",
            "--identity-policy",
            file,
            "--complete",
            "--closed",
            "--principal",
            ROLE,
            "--action",
            "s3:GetObject",
            "--resource",
            "arn:aws:s3:::b/x",
            "--account",
            "111122223333",
            "--context",
            "aws:TagKeys=a",
            "--explain",
        ];
        folder.run(&args).ended_with(1)
    };
    ask("p.json").prints(&[
        "expected  anything but arn:aws:s3:::b/*\n",
        "expected  anything but a\n",
        "NotAction excludes s3:GetObject\n",
        "NotResource excludes arn:aws:s3:::b/x\n",
    ]);
    ask("others.json").prints(&["expected  none of s3:Get*, iam:*\n"]);
    ask("null.json").prints(&[
        "expected  false: the request has the key\n",
        "actual    (absent)\n",
    ]);
}

/// IAM-PRIN-6, IAM-EVAL-12: whatever is loaded, the layers of a federated user stay open until its IAM user is told.
#[test]
fn a_federated_user_is_told_to_name_its_iam_user() {
    let snapshot = r#"{"preclear": 1, "complete": true, "principals": [{"arn": "arn:aws:iam::111122223333:user/U"}]}"#;
    let ask = |user: &str| {
        let principal = r#"{"arn": "arn:aws:sts::111122223333:federated-user/F", "session_policies": [{"Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]"#;
        let request = format!(
            r#"{{"principal": {principal}{user}}}, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x"}}"#
        );
        let folder = Folder::new("federated").with("s.json", snapshot);
        let folder = folder.with("r.json", &request);
        folder.run(&["simulate", "--snapshot", "s.json", "--request", "r.json"])
    };
    let ran = ask("").ended_with(3).prints(&[
        "depends on  layer:boundary\n              say in a request file whose session it is: principal: {arn: …, user: ARN}; the boundary of that IAM user counts (IAM-EVAL-13)\n",
        "layer:identity\n              say in a request file whose session it is: principal: {arn: …, user: ARN}; the policies of that IAM user count (IAM-EVAL-12)\n",
    ]);
    assert!(!ran.stdout.contains("load "), "{}", ran.stdout);
    ask(r#", "user": "arn:aws:iam::111122223333:user/U""#)
        .ended_with(1)
        .prints(&[
            "no_identity_allow",
            "Add to the identity policy of arn:aws:iam::111122223333:user/U\n",
        ]);
}

#[test]
fn reasons_say_where_their_statement_is_and_results_what_was_asked() {
    let args = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--principal",
        ROLE,
        "--action",
        "kms:Decrypt",
        "--resource",
        "alias/labels",
        "--closed",
        "--format",
        "jsonl",
    ];
    let principal = format!("\"principal\":\"{ROLE}\"");
    let resource = format!("\"resource\":\"{KEY}\"");
    example(&args).ended_with(0).prints(&[
        "\"file\":\"examples/ground-truth/policies/labels-key.json\",\"line\":4",
        &principal,
        "\"action\":\"kms:Decrypt\"",
        &resource,
    ]);
}

#[test]
fn policies_that_only_deny_hint_at_full_aws_access() {
    let deny = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}}"#;
    let folder = Folder::new("scp").with("deny.json", deny);
    let ask = |more: &[&str]| {
        let args = [
            "simulate",
            "--identity-policy",
            "arn:aws:iam::aws:policy/AmazonSageMakerGroundTruthExecution",
            "--scp",
            "deny.json",
            "--principal",
            ROLE,
            "--action",
            "cloudwatch:PutMetricData",
            "--resource",
            "*",
            "--closed",
        ];
        folder.run(&[&args[..], more].concat())
    };
    ask(&[])
        .ended_with(1)
        .prints(&["no_scp_allow", "hint", "--scp FullAWSAccess"]);
    let arn = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
    for name in ["FullAWSAccess", arn] {
        ask(&["--scp", name])
            .ended_with(0)
            .prints(&["allow_identity"]);
    }
    ask(&["--boundary", "arn:aws:iam::aws:policy/NoSuchPolicy"])
        .ended_with(2)
        .says(&["preclear does not ship the policy"]);
}

#[test]
fn an_answer_that_holds_in_every_case_names_the_cases() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "Known", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalTag/team": ["a", "b", "c", "d", "e", "f", "g", "h"]}}},
        {"Sid": "Others", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": ["a", "b", "c", "d", "e", "f", "g", "h"]}}}
    ]}"#;
    let folder = Folder::new("refined").with("p.json", policy);
    let args = [
        "simulate",
        "--identity-policy",
        "p.json",
        "--complete",
        "--unknown",
        "aws:PrincipalTag/team",
        "--principal",
        ROLE,
        "--action",
        "s3:GetObject",
        "--resource",
        "arn:aws:s3:::b/x",
    ];
    folder.run(&args).ended_with(0).prints(&[
        "decided by  statement Known",
        "also by     statement Others",
        "for every   aws:principaltag/team: absent, `a`, ",
        "`g`, 2 more (all with --format json)",
    ]);
    let json = [&args[..], &["--format", "jsonl"]].concat();
    folder.run(&json).ended_with(0).prints(&[
        r#""depends_on":[],"#,
        r#""refined":[{"key":"aws:principaltag/team","cases":["absent","`a`","#,
        r#""`h`","another value"]}]"#,
    ]);
}

/// How often a text stands in the results.
fn count(ran: &Ran, text: &str) -> usize {
    ran.stdout.matches(text).count()
}

#[test]
fn what_is_not_modelled_is_told_once() {
    let request = |more: &[&str]| {
        let about = ["--snapshot", "examples/ground-truth", "--principal", ROLE];
        let args = [&["simulate"], &about[..], &["--resource", KEY], more].concat();
        count(&example(&args), "not modelled: ")
    };
    let action = ["--action", "kms:Decrypt"];
    assert_eq!(request(&action), 0);
    assert_eq!(request(&[&action[..], &["--explain"]].concat()), 1);
    assert_eq!(request(&[&action[..], &["--format", "json"]].concat()), 1);
    let both = r#"parameters: {SourceKeyId: alias/labels, DestinationKeyId: alias/labels}"#;
    let text = format!("principal: {ROLE}\noperation: kms:ReEncrypt\n{both}\n");
    let folder = Folder::new("not-modelled").with("r.yaml", text);
    let file = folder.path().join("r.yaml");
    let operation = ["--request", file.to_str().unwrap(), "--explain"];
    let snapshot = ["--snapshot", "examples/ground-truth"];
    let ran = example(&[&["simulate"], &snapshot[..], &operation].concat());
    let ran = ran.prints(&["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
    assert_eq!(count(&ran, "not modelled: "), 1);

    let job = |more: &[&str]| {
        let job = ["--job", "examples/ground-truth/job.yaml"];
        let args = [&["simulate"], &snapshot[..], &job, more].concat();
        count(&example(&args), "not modelled: ")
    };
    assert_eq!(job(&[]), 0);
    assert_eq!(job(&["--explain"]), 1);
    assert_eq!(job(&["--format", "json"]), 1);
}

#[test]
fn credentials_that_nobody_states_are_an_assumption_where_they_matter() {
    const ANA: &str = "arn:aws:iam::111122223333:user/ana";
    let statement = r#"{Effect: Allow, Action: ["iam:GetUser", "iam:PassRole", "s3:*", "sts:*"], Resource: "*"}"#;
    let snapshot = format!(
        "preclear: 1\ncomplete: true\nprincipals:\n  - arn: {ANA}\n    policies: [{{document: {{Version: '2012-10-17', Statement: [{statement}]}}}}]\n"
    );
    let folder = Folder::new("credentials").with("s.yaml", snapshot);
    let is_assumed = |action: &str, resource: &str, more: &str| {
        let user = format!(r#"{{"principal":"{ANA}","action":"{action}","resource":"{resource}""#);
        let line = format!("{user}{more}}}\n");
        let args = [
            "simulate",
            "--snapshot",
            "s.yaml",
            "--requests",
            "-",
            "--format",
            "jsonl",
        ];
        let ran = run_in(folder.path(), &args, line.as_bytes());
        assert!(
            ran.stdout.contains("\"verdict\""),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
        count(&ran, "requester:credentials are not a session token's") == 1
    };
    assert!(is_assumed("iam:GetUser", ANA, ""));
    assert!(is_assumed(
        "sts:GetFederationToken",
        "arn:aws:sts::111122223333:federated-user/f",
        ""
    ));
    assert!(is_assumed("sts:GetSessionToken", "*", ""));
    // The answer is the same for a session token: another action, a denied one, one with MFA.
    assert!(!is_assumed("s3:ListAllMyBuckets", "*", ""));
    assert!(!is_assumed("iam:DeleteUser", ANA, ""));
    assert!(!is_assumed("sts:GetCallerIdentity", "*", ""));
    assert!(!is_assumed(
        "iam:PassRole",
        "arn:aws:iam::111122223333:role/r",
        ""
    ));
    let mfa = r#","context":{"aws:MultiFactorAuthPresent":"true"}"#;
    assert!(!is_assumed("iam:GetUser", ANA, mfa));
    assert!(is_assumed(
        "sts:GetFederationToken",
        "arn:aws:sts::111122223333:federated-user/f",
        mfa
    ));
    // They are stated.
    for credentials in ["long_term", "session_token", "console"] {
        let said = format!(r#","principal":{{"arn":"{ANA}","credentials":"{credentials}"}}"#);
        let line = format!(r#"{{"action":"iam:GetUser","resource":"{ANA}"{said}}}"#);
        let args = ["simulate", "--snapshot", "s.yaml", "--requests", "-"];
        let ran = run_in(
            folder.path(),
            &[&args[..], &["--format", "jsonl"]].concat(),
            line.as_bytes(),
        );
        assert_eq!(count(&ran, "requester:credentials"), 0, "{credentials}");
        assert!(
            ran.stdout.contains("\"verdict\""),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
    }
}
