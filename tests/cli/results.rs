//! Results as programs read them, files that are written, flags that win.

use preclear_tests::root;

use crate::program::{Folder, Ran, run_in};

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/example-role";
const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const POLICIES: &str = "examples/ground-truth/policies";

fn example(args: &[&str]) -> Ran {
    run_in(root(), args, b"")
}

#[test]
fn the_main_job_is_denied_and_says_what_it_lacks() {
    let args = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--job",
        "examples/ground-truth/job.yaml",
    ];
    let parts = [
        "DENIED",
        "GT-22",
        "iam_not_enabled_by_key_policy",
        "\"Action\": \"kms:CreateGrant\"",
        "Add to the key policy of",
    ];
    example(&args).ended_with(1).prints(&parts);
}

#[test]
fn the_fixed_job_is_allowed() {
    let args = [
        "simulate",
        "--snapshot",
        "examples/ground-truth-fixed",
        "--job",
        "examples/ground-truth-fixed/job.yaml",
    ];
    example(&args).ended_with(0).prints(&["ALLOWED"]);
}

#[test]
fn the_written_documents_allow_the_job() {
    let folder = Folder::new("fix-out");
    let job = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--job",
        "examples/ground-truth/job.yaml",
    ];
    let out = folder.path().join("new");
    let args = [&job[..], &["--fix", "--fix-out", out.to_str().unwrap()]].concat();
    example(&args).ended_with(1).prints(&[
        "Simulated again with these additions: ALLOWED",
        "written: ",
        "complete, replaces the policy `examples/ground-truth/policies/labels-key.json`",
    ]);
    // The same again does no harm; what holds something else stays.
    example(&args).ended_with(1);
    let document = folder.read("new/key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json");
    assert!(
        document.contains("AllowUseOfKmsKey") && document.contains("kms:GrantIsForAWSResource"),
        "{document}"
    );

    let taken = folder
        .path()
        .join("new/key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json");
    std::fs::write(&taken, "mine").unwrap();
    example(&args).ended_with(2).says(&[
        "key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json",
        "it is there already",
    ]);
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "mine");

    // With the new document in the place of the old one, the example is allowed.
    for file in [
        "snapshot.yaml",
        "job.yaml",
        "policies/example-role-create-grant.json",
        "policies/example-role-pass-role.json",
        "policies/example-role-trust.json",
        "policies/labeler-console.json",
        "policies/labeler-trust.json",
    ] {
        let source = root().join("examples/ground-truth").join(file);
        let target = folder.path().join("world").join(file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(source, target).unwrap();
    }
    let folder = folder.with("world/policies/labels-key.json", document);
    folder
        .run(&[
            "simulate",
            "--snapshot",
            "world/snapshot.yaml",
            "--job",
            "world/job.yaml",
        ])
        .ended_with(0)
        .prints(&["ALLOWED"]);
}

#[test]
fn additions_to_identity_policies_are_policies_of_their_own() {
    let folder = Folder::new("fix-out-identity");
    let policies = format!("{{file: {}/", root().join(POLICIES).display());
    let snapshot = std::fs::read_to_string(root().join("examples/ground-truth/snapshot.yaml"))
        .unwrap()
        .lines()
        .filter(|line| !line.contains("{name: example-role-pass-role"))
        .map(|line| format!("{}\n", line.replace("{file: policies/", &policies)))
        .collect::<String>();
    let folder = folder.with("s.yaml", snapshot);
    let job = root().join("examples/ground-truth/job.yaml");
    let args = [
        "simulate",
        "--snapshot",
        "s.yaml",
        "--job",
        job.to_str().unwrap(),
        "--fix-out",
        "new",
    ];
    folder.run(&args).ended_with(1).prints(&[
        "written: new/add-to-identity-policy-of-example-role.json",
        "new policy with the additions alone: attach it to arn:aws:iam::111122223333:role/service-role/example-role",
    ]);
    let document = folder.read("new/add-to-identity-policy-of-example-role.json");
    assert!(document.contains("iam:PassRole"), "{document}");
}

#[test]
fn loose_files_answer_without_a_snapshot() {
    let key_policy = format!("{POLICIES}/labels-key.json");
    let identity_policy = format!("{POLICIES}/example-role-create-grant.json");
    let ask = |action: &str| {
        example(&[
            "simulate",
            "--identity-policy",
            &identity_policy,
            "--key-policy",
            &key_policy,
            "--principal",
            ROLE,
            "--action",
            action,
            "--resource",
            KEY,
        ])
    };
    ask("kms:Decrypt").ended_with(0).prints(&[
        "allow_key_policy",
        "labels-key.json:4:5",
        "assumed     layer:boundary, layer:rcp, layer:scp, layer:session, layer:vpce open\n",
    ]);
    ask("kms:CreateGrant").ended_with(1).prints(&[
        "iam_not_enabled_by_key_policy",
        "near miss",
        "Action of",
    ]);
}

#[test]
fn a_result_has_the_members_of_the_contract_in_order() {
    let args = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--principal",
        ROLE,
        "--action",
        "kms:CreateGrant",
        "--resource",
        "alias/labels",
        "--closed",
        "--format",
        "jsonl",
    ];
    let ran = example(&args).ended_with(1);
    let starts = "{\"verdict\":\"implicit_deny\",\"decision\":\"Deny\",\"kind\":\"implicit\",\
        \"primary\":{\"code\":\"iam_not_enabled_by_key_policy\",\"layer\":\"resource\",";
    assert!(
        ran.stdout.starts_with(starts)
            && ran.stdout.ends_with("}\n")
            && ran.stdout.lines().count() == 1,
        "{}",
        ran.stdout
    );
    let mut from = 0;
    for member in [
        "verdict",
        "decision",
        "kind",
        "primary",
        "reasons",
        "near_misses",
        "depends_on",
        "ambiguities",
        "assumptions",
        "warnings",
        "operability",
        "mode",
    ] {
        let at = ran.stdout[from..].find(&format!("\"{member}\":"));
        from +=
            at.unwrap_or_else(|| panic!("`{member}` is missing or out of order in {}", ran.stdout));
    }
}

#[test]
fn the_id_of_a_request_comes_back_and_flags_win_over_its_file() {
    let request = format!(
        "id: r1\nprincipal: {ROLE}\naction: kms:CreateGrant\nresource: alias/labels\nmode: closed\n"
    );
    let folder = Folder::new("request").with("r.yaml", request);
    let snapshot = root().join("examples/ground-truth");
    let base = [
        "simulate",
        "--snapshot",
        snapshot.to_str().unwrap(),
        "--request",
        "r.yaml",
        "--format",
        "jsonl",
    ];
    let ran = folder.run(&base).ended_with(1);
    assert!(
        ran.stdout
            .starts_with("{\"id\":\"r1\",\"verdict\":\"implicit_deny\""),
        "{}",
        ran.stdout
    );
    folder
        .run(&[&base[..], &["--action", "kms:Decrypt", "--open"]].concat())
        .ended_with(0)
        .prints(&["\"context\":\"open\""]);
    folder
        .run(&[&base[..], &["--exit-zero"]].concat())
        .ended_with(0);
}

#[test]
fn an_api_request_is_a_job_with_the_rest_in_flags() {
    let folder = Folder::new("api-request").with("request.json", "{\"LabelingJobName\": \"x\"}");
    let snapshot = root().join("examples/ground-truth");
    let base = [
        "simulate",
        "--snapshot",
        snapshot.to_str().unwrap(),
        "--operation",
        "sagemaker:CreateLabelingJob",
        "--job",
        "request.json",
    ];
    folder.run(&base).ended_with(2).says(&["--caller"]);
    let args = [
        &base[..],
        &[
            "--caller",
            "arn:aws:iam::111122223333:role/Labeler",
            "--format",
            "json",
        ],
    ]
    .concat();
    folder.run(&args).ended_with(2).prints(&[
        "\"verdict\": \"INVALID\"",
        "\"operation\": \"sagemaker:CreateLabelingJob\"",
    ]);
}

#[test]
fn undecided_is_3_and_strict_makes_it_1() {
    // Nothing is known of the key's policy.
    let folder = Folder::new("undecided").with("s.yaml", "preclear: 1\n");
    folder
        .ask(&["--snapshot", "s.yaml"])
        .ended_with(3)
        .prints(&["depends", "layer:"]);
    folder
        .ask(&["--snapshot", "s.yaml", "--strict"])
        .ended_with(1);
    folder
        .ask(&["--snapshot", "s.yaml", "--exit-zero"])
        .ended_with(0);
}

#[test]
fn help_is_a_success_and_shows_examples() {
    for args in [
        &["--help"][..],
        &["simulate", "--help"],
        &["test", "--help"],
        &["--version"],
    ] {
        let ran = example(args).ended_with(0);
        assert_eq!(ran.stderr, "");
        assert!(
            args[0] != "simulate"
                || ran
                    .stdout
                    .contains("preclear simulate --snapshot account/ --job job.yaml --fix")
        );
    }
}

#[test]
fn the_readme_lists_the_operations_of_the_help() {
    let help = example(&["simulate", "--help"]).ended_with(0).stdout;
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let operations: Vec<&str> = help
        .split_once("Operations that --job knows:")
        .unwrap()
        .1
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(str::trim)
        .collect();
    assert!(operations.len() > 5);
    for operation in operations {
        assert!(readme.contains(&format!("`{operation}`")), "{operation}");
    }
}

/// Names of members, those of everything within included.
fn members<'v>(value: &'v serde_json::Value, found: &mut std::collections::BTreeSet<&'v str>) {
    match value {
        serde_json::Value::Object(object) => {
            for (name, inner) in object {
                found.insert(name);
                // Statements to add, and keys of a context, are others' words.
                let is_statement = name == "statement" && inner.is_object();
                if !is_statement && name != "context" {
                    members(inner, found);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| members(item, found)),
        _ => {}
    }
}

#[test]
fn every_member_of_a_result_is_documented() {
    let formats = std::fs::read_to_string(root().join("docs/formats.md")).unwrap();
    let (_, results) = formats.split_once("## 3. Result").unwrap();
    let denied = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--principal",
        ROLE,
        "--action",
        "kms:CreateGrant",
        "--resource",
        "alias/labels",
        "--explain",
        "--format",
        "json",
    ];
    let operation = denied.map(|arg| match arg {
        "--action" => "--operation",
        "kms:CreateGrant" => "kms:Encrypt",
        other => other,
    });
    let allowed = operation.map(|arg| match arg {
        "--explain" => r#"--parameters={"DryRun": true}"#,
        other => other,
    });
    for (args, has) in [
        (denied, ["layers", "remarks"]),
        (operation, ["layers", "remarks"]),
        (allowed, ["operability_reason", "change"]),
    ] {
        let stdout = example(&args).stdout;
        let value: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        let mut found = std::collections::BTreeSet::new();
        members(&value, &mut found);
        assert!(has.iter().all(|name| found.contains(name)), "{found:?}");
        for name in found {
            let is_documented =
                results.contains(&format!("`{name}`")) || results.contains(&format!("\"{name}\":"));
            assert!(is_documented, "`{name}` is not in section 3");
        }
    }
}

#[test]
fn the_policies_that_are_shipped_are_listed() {
    let help = example(&["simulate", "--help"]).ended_with(0).stdout;
    let formats = std::fs::read_to_string(root().join("docs/formats.md")).unwrap();
    let shipped: Vec<&str> = help
        .split_once("Policies that preclear ships")
        .unwrap()
        .1
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(str::trim)
        .collect();
    assert!(shipped.len() > 2);
    for arn in shipped {
        assert!(formats.contains(&format!("`{arn}`")), "{arn}");
    }
    let folder = Folder::new("shipped");
    folder
        .ask(&[
            "--identity-policy",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        ])
        .ended_with(2)
        .says(&["preclear ships `arn:aws:iam::aws:policy/AmazonSageMaker"]);
    folder
        .ask(&["--scp", "FullAWSAcces"])
        .ended_with(2)
        .says(&["did you mean `FullAWSAccess`"]);
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
    let null = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
        "Condition": {"Null": {"aws:SourceVpce": "false"}}}}"#;
    let folder = Folder::new("negated")
        .with("p.json", policy)
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
        "expected  none of s3:Get*, iam:*\n",
        "expected  none of arn:aws:s3:::b/*\n",
        "expected  none of a\n",
        "NotAction excludes s3:GetObject\n",
        "NotResource excludes arn:aws:s3:::b/x\n",
    ]);
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
fn a_failing_test_shows_what_was_expected_and_why_it_is_not_so() {
    let text = format!(
        "preclear: 1\nsnapshot: {{complete: true}}\ntests:\n  - name: ana may read\n    request: {{principal: '{ROLE}', \
         action: 's3:GetObject', resource: 'arn:aws:s3:::b/x'}}\n    expect: {{verdict: allow, code: allow_identity}}\n"
    );
    let folder = Folder::new("failing-test").with("t.yaml", text);
    let parts = [
        "failed t.yaml:4: ana may read",
        "verdict\n    expected  allow\n    actual    implicit_deny",
        "code\n",
        "no_identity_allow",
        "1 failed",
    ];
    folder.run(&["test", "t.yaml"]).ended_with(1).prints(&parts);
    folder
        .run(&["test", "t.yaml", "--format", "jsonl"])
        .ended_with(1)
        .prints(&["\"outcome\":\"failed\"", "\"path\":\"verdict\""]);
    folder
        .run(&["test", "t.yaml", "--format", "json"])
        .ended_with(1)
        .prints(&["\"failed\": 1"]);
}

#[test]
fn who_can_is_refused_clearly_until_it_can_be_asked() {
    let text = "preclear: 1\nsnapshot: {complete: true}\ntests:\n  - who_can: {action: 's3:GetObject', resource: 'arn:aws:s3:::b/x'}\n    expect: {exactly: []}\n";
    let folder = Folder::new("who-can").with("t.yaml", text);
    folder
        .run(&["test", "t.yaml"])
        .ended_with(2)
        .prints(&["`who_can` cannot be asked yet", "1 unsupported"]);
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
