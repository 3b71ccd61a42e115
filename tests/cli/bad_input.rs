//! Inputs that cannot be used: a clear message with its place, exit code 2, no panic, nothing passed over in silence.

use crate::program::{Folder, QUESTION};

/// Loads `content` as a snapshot file and expects it to be refused with all of `parts`.
#[track_caller]
fn refused(name: &str, file: &str, content: impl AsRef<[u8]>, parts: &[&str]) {
    let folder = Folder::new(name).with(file, content);
    let ran = folder.ask(&["--snapshot", file]).ended_with(2).says(parts);
    assert_eq!(ran.stdout, "", "results of a run that could not start");
}

#[test]
fn truncated_json() {
    let text = "{\"preclear\": 1,\n \"keys\": [";
    refused(
        "truncated",
        "s.json",
        text,
        &[
            "error[INVALID_JSON]",
            "--> s.json:2:11",
            "help: the text ends too early",
        ],
    );
}

#[test]
fn wrong_types_are_all_reported() {
    let text = "preclear: 1\ncomplete: \"yes\"\nkeys: {}\nprincipals:\n  - arn: [1]\n";
    let parts = [
        "--> s.yaml:2:11",
        "`complete` must be",
        "--> s.yaml:5:10",
        "rule: UI-33",
    ];
    refused("types", "s.yaml", text, &parts);
}

#[test]
fn duplicate_members() {
    let text = "{\"preclear\": 1,\n \"keys\": [],\n \"keys\": []}";
    refused(
        "duplicate",
        "s.json",
        text,
        &[
            "error[DUPLICATE_MEMBER]",
            "--> s.json:3:2",
            "--> s.json:2:2",
            "IAM-GRAM-3",
        ],
    );
}

#[test]
fn an_unknown_member_with_a_near_name() {
    refused(
        "unknown",
        "s.yaml",
        "preclear: 1\nkyes: []\n",
        &["`kyes`", "--> s.yaml:2:1", "did you mean `keys`?"],
    );
}

#[test]
fn a_policy_over_one_mebibyte() {
    let policy = |sid_bytes: usize| {
        let sid = "a".repeat(sid_bytes);
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{sid}","Effect":"Allow","Action":"*","Resource":"*"}}]}}"#
        )
    };
    let overhead = policy(0).len();
    let folder = Folder::new("large")
        .with("fits.json", policy((1 << 20) - overhead))
        .with("large.json", policy((1 << 20) - overhead + 1));
    folder
        .ask(&["--identity-policy", "large.json"])
        .ended_with(2)
        .says(&["large.json", "1048577 bytes", "help:"]);
    folder
        .ask(&["--identity-policy", "fits.json", "--exit-zero"])
        .ended_with(0);
}

#[test]
fn a_nesting_depth_of_a_hundred_thousand() {
    let deep = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    let parts = ["error[NESTED_TOO_DEEPLY]", "--> s.json:1:"];
    refused("deep-lists", "s.json", deep("[", "]"), &parts);
    refused("deep-objects", "s.json", deep("{\"a\":", "}"), &parts);
    refused(
        "deep-yaml",
        "s.yaml",
        "- ".repeat(100_000),
        &["error[NESTED_TOO_DEEPLY]"],
    );
    refused(
        "deep-flow",
        "s.yaml",
        "a: ".to_owned() + &deep("[", "]"),
        &["error[NESTED_TOO_DEEPLY]"],
    );
    let folder = Folder::new("deep-policy").with("p.json", deep("[", "]"));
    folder
        .ask(&["--key-policy", "p.json"])
        .ended_with(2)
        .says(&["p.json:1:"]);
    folder
        .run(&["test", "p.json"])
        .ended_with(2)
        .says(&["p.json:1:"]);
    folder
        .run(&["simulate", "--snapshot", "p.json", "--job", "p.json"])
        .ended_with(2)
        .says(&["p.json:1:"]);
}

#[test]
fn invalid_utf8() {
    refused(
        "utf8",
        "s.json",
        b"{\"preclear\": 1, \"account\": \"\xff\"}",
        &["error[NOT_UTF8]", "--> s.json:1:29", "`0xff`"],
    );
}

#[test]
fn an_empty_file() {
    refused(
        "empty",
        "s.json",
        "",
        &["error[EMPTY_INPUT]", "--> s.json:1:1"],
    );
    refused("blank", "s.yaml", " \n\n", &["error[EMPTY_INPUT]"]);
}

#[test]
fn a_missing_file_wherever_one_is_named() {
    let folder = Folder::new("missing").with("good.yaml", "preclear: 1\ncomplete: true\n").with("s.yaml", "preclear: 1\nkeys: [{arn: 'arn:aws:kms:us-west-2:111122223333:key/k', policy: {file: gone.json}}]\n");
    folder
        .ask(&["--snapshot", "none.yaml"])
        .ended_with(2)
        .says(&["none.yaml", "no such file"]);
    // Mentioned in a file: the place where it is mentioned.
    folder
        .ask(&["--snapshot", "s.yaml"])
        .ended_with(2)
        .says(&["gone.json", "--> s.yaml:2:"]);
    for flag in [
        "--identity-policy",
        "--key-policy",
        "--boundary",
        "--scp",
        "--rcp",
        "--grants",
        "--session-policy",
        "--context-file",
    ] {
        folder
            .ask(&[flag, "none.json"])
            .ended_with(2)
            .says(&["none.json"]);
    }
    for flag in ["--request", "--requests", "--job"] {
        folder
            .run(&["simulate", "--snapshot", "good.yaml", flag, "none.json"])
            .ended_with(2)
            .says(&["none.json"]);
    }
    folder
        .run(&["test", "none.yaml"])
        .ended_with(2)
        .says(&["none.yaml"]);
}

#[test]
fn an_unresolved_placeholder() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::<account-id>:root"}, "Action": "kms:*", "Resource": "*"}]}"#;
    let folder = Folder::new("placeholder").with("key.json", policy);
    folder
        .ask(&["--key-policy", "key.json"])
        .ended_with(2)
        .says(&[
            "error[UNRESOLVED_PLACEHOLDER]",
            "--> key.json:2:",
            "help: pass `--param account-id=VALUE`",
        ]);
    folder
        .ask(&[
            "--key-policy",
            "key.json",
            "--param",
            "account-id=111122223333",
            "--exit-zero",
        ])
        .ended_with(0);
}

#[test]
fn a_directory_in_which_nothing_is_recognised() {
    let folder = Folder::new("nothing")
        .with("d/notes.txt", "milk")
        .with("d/a.json", "{\"x\": 1}");
    folder.ask(&["--snapshot", "d"]).ended_with(2).says(&[
        "error[NOTHING_RECOGNISED]",
        "d/a.json",
        "d/notes.txt",
        "help:",
    ]);
    folder
        .run(&["test", "d"])
        .ended_with(2)
        .says(&["error[NOTHING_RECOGNISED]", "`d`"]);
}

#[test]
fn unrelated_files_beside_recognised_ones_are_named() {
    let folder = Folder::new("beside")
        .with("d/snapshot.yaml", "preclear: 1\ncomplete: true\n")
        .with("d/notes.txt", "milk")
        .with("d/a.json", "{\"x\": 1}");
    let ran = folder.ask(&["--snapshot", "d"]).ended_with(1).says(&[
        "d/notes.txt",
        "d/a.json",
        "warning[",
    ]);
    assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
}

#[test]
fn a_policy_in_a_string_is_placed_inside_and_outside() {
    let text = "{\"preclear\": 1, \"principals\": [{\n  \"arn\": \"arn:aws:iam::111122223333:role/r\",\n  \"policies\": [\"{\\n  \\\"Version\\\": \\\"2012-10-17\\\",\\n  \\\"Statment\\\": []}\"]}]}";
    let parts = [
        "Statment",
        "--> s.json:3:",
        "in the document that this string holds: line 3, column 3",
        "did you mean `Statement`?",
    ];
    refused("embedded", "s.json", text, &parts);
}

#[test]
fn a_file_of_another_kind_is_recognised() {
    let folder = Folder::new("kinds")
        .with("s.yaml", "preclear: 1\ncomplete: true\nkeys: []\n")
        .with("unmarked.json", "{\"keys\": []}")
        .with("api.json", "{\"LabelingJobName\": \"x\"}")
        .with(
            "r.yaml",
            "principal: anonymous\naction: s3:GetObject\nresource: '*'\n",
        )
        .with("list.json", "[{\"principal\": \"anonymous\"}]");
    let cases: [(&[&str], &[&str]); 8] = [
        (
            &["simulate", "--snapshot", "s.yaml", "--job", "s.yaml"],
            &[
                "`s.yaml` is a snapshot file, not a job file",
                "`--snapshot s.yaml`",
            ],
        ),
        (
            &["simulate", "--snapshot", "s.yaml", "--job", "r.yaml"],
            &["`r.yaml` is a request file", "`--request r.yaml`"],
        ),
        (
            &["simulate", "--snapshot", "s.yaml", "--job", "api.json"],
            &["API request", "--operation", "--caller", "--job api.json"],
        ),
        (
            &["simulate", "--snapshot", "s.yaml", "--request", "s.yaml"],
            &["`s.yaml` is a snapshot file, not a request file"],
        ),
        (
            &["test", "s.yaml"],
            &["`s.yaml` is a snapshot file, not a test file"],
        ),
        (
            &["simulate", "--snapshot", "s.yaml", "--requests", "r.yaml"],
            &["holds YAML", "`--request r.yaml`"],
        ),
        (
            &[
                "simulate",
                "--snapshot",
                "s.yaml",
                "--requests",
                "list.json",
            ],
            &["a list in JSON", "`--request list.json`"],
        ),
        (
            &[
                "simulate",
                "--snapshot",
                "unmarked.json",
                "--principal",
                "anonymous",
                "--action",
                "s3:GetObject",
            ],
            &["without the line `preclear: 1`"],
        ),
    ];
    for (args, parts) in cases {
        let ran = folder.run(args).ended_with(2).says(parts);
        assert!(!ran.stderr.contains("UNKNOWN_MEMBER"), "{}", ran.stderr);
    }
    folder
        .ask(&["--identity-policy", "s.yaml"])
        .ended_with(2)
        .says(&["not a policy document"]);
}

#[test]
fn a_test_file_without_its_snapshot_file_is_unusable_once() {
    let text = "preclear: 1\nsnapshot: {file: gone.yaml}\ntests:\n  - {request: {principal: anonymous, action: 's3:GetObject', resource: 'arn:aws:s3:::b/x'}, expect: deny}\n";
    let folder = Folder::new("gone").with("t.yaml", text);
    let ran = folder
        .run(&["test", "t.yaml"])
        .ended_with(2)
        .says(&["`gone.yaml` cannot be read", "t.yaml:2:18"])
        .prints(&["1 file, 0 tests: 0 passed, 1 file unusable"]);
    assert_eq!(
        ran.stderr.matches("cannot be read").count(),
        1,
        "{}",
        ran.stderr
    );
}

#[test]
fn a_broken_line_of_requests_has_its_place_in_the_file_and_its_help() {
    let text = "{\"principal\": \"anonymous\", \"action\": \"s3:GetObject\", \"resource\": \"arn:aws:s3:::b/x\"}\n\n{\"acton\": \"s3:GetObject\"}\n";
    let folder = Folder::new("lines")
        .with("s.yaml", "preclear: 1\ncomplete: true\n")
        .with("r.jsonl", text);
    let args = ["simulate", "--snapshot", "s.yaml", "--requests", "r.jsonl"];
    folder
        .run(&args)
        .ended_with(2)
        .prints(&["r.jsonl:3:2: ", "help: did you mean `action`?"]);
    let ran = folder
        .run(&[&args[..], &["--format", "jsonl"]].concat())
        .ended_with(2)
        .prints(&["\"file\":\"r.jsonl\",\"line\":3,\"column\":2"]);
    assert!(
        ran.stdout.starts_with("{\"line\":1,\"verdict\""),
        "{}",
        ran.stdout
    );
}

#[test]
fn usage_errors_say_what_to_do() {
    let folder = Folder::new("usage").with("s.yaml", "preclear: 1\ncomplete: true\n");
    let cases: [(&[&str], &[&str]); 14] = [
        (&[], &["Usage: preclear"]),
        (&["simulat"], &["simulat", "simulate"]),
        (&["simulate"], &["--principal", "--request", "--job"]),
        (
            &[
                "simulate",
                "--snapshot",
                "s.yaml",
                "--principal",
                "anonymous",
            ],
            &["--action"],
        ),
        (
            &[
                "simulate",
                "--principal",
                "anonymous",
                "--action",
                "s3:GetObject",
            ],
            &["--snapshot", "--key-policy"],
        ),
        (
            &[
                "simulate",
                "--snapshot",
                "s.yaml",
                "--principal",
                "ana",
                "--action",
                "s3:GetObject",
            ],
            &["`ana` names no caller"],
        ),
        (
            &[
                "simulate",
                "--snapshot",
                "s.yaml",
                "--principal",
                "anonymous",
                "--action",
                "GetObject",
            ],
            &["`GetObject` is no action"],
        ),
        (
            &[
                "simulate",
                "--snapshot",
                "s.yaml",
                "--principal",
                "anonymous",
                "--action",
                "s3:GetObject",
                "--context",
                "x",
            ],
            &["NAME=VALUE"],
        ),
        (
            &[
                "simulate",
                "--snapshot",
                "s.yaml",
                "--principal",
                "anonymous",
                "--action",
                "s3:GetObject",
                "--context",
                "x=1",
            ],
            &["`x` is no condition key"],
        ),
        (
            &[
                "simulate",
                "--snapshot",
                "s.yaml",
                "--principal",
                "anonymous",
                "--action",
                "s3:GetObject",
                "--now",
                "noon",
            ],
            &["`noon` is no time"],
        ),
        (
            &["simulate", "--snapshot", "s.yaml", "--key-policy", "k.json"],
            &["cannot be used with"],
        ),
        (
            &["simulate", "--key-policy", "k.json", "--job", "j.yaml"],
            &["a job needs `--snapshot PATH`"],
        ),
        (&["simulate", "--snapshot", "s.yaml", "--fix"], &["--job"]),
        (
            &["simulate", "--snapshot", "s.yaml", "--open", "--closed"],
            &["cannot be used with"],
        ),
    ];
    for (args, parts) in cases {
        folder.run(args).ended_with(2).says(parts);
    }
}

#[test]
fn a_file_of_broken_tests_does_not_hide_the_others() {
    let good = "preclear: 1\nsnapshot: {complete: true}\ntests:\n  - request: {principal: anonymous, action: 's3:GetObject', resource: 'arn:aws:s3:::b/x'}\n    expect: deny\n";
    let folder = Folder::new("broken-tests")
        .with("d/a.yaml", "preclear: 1\ntests: [")
        .with("d/b.yaml", good);
    folder
        .run(&["test", "d"])
        .ended_with(2)
        .says(&["d/a.yaml:"])
        .prints(&["1 passed", "1 file unusable"]);
}

#[test]
fn standard_input_is_a_file_like_others() {
    let folder = Folder::new("stdin").with("s.yaml", "preclear: 1\ncomplete: true\n");
    let args = [&["simulate", "--snapshot", "-"], &QUESTION[..]].concat();
    folder
        .run(&args)
        .ended_with(2)
        .says(&["-:1:1", "the text is empty"]);
}

/// IAM-GRAM-19: a session policy that is refused leaves its layer open on every road; it does not vanish.
#[test]
fn a_refused_session_policy_leaves_the_answer_open() {
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/R/s";
    let refused = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Sid": "bad sid"}]}"#;
    let allow = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
    let snapshot = format!(
        "preclear: 1\ncomplete: true\nprincipals:\n- {{arn: 'arn:aws:iam::111122223333:role/app/R', policies: [{allow}]}}\n\
         resources: [{{arn: 'arn:aws:s3:::b', account: '111122223333'}}]\n"
    );
    let caller = format!(r#"{{"arn": "{SESSION}", "session_policies": [{refused}]}}"#);
    let line = format!(
        r#"{{"principal": {caller}, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x", "mode": "closed"}}"#
    );
    let folder = Folder::new("refused-session-policy")
        .with("s.yaml", snapshot)
        .with("bad.json", refused)
        .with("good.json", allow)
        .with("r.json", &line)
        .with("r.jsonl", format!("{line}\n"))
        .with(
            "line.jsonl",
            format!(
                r#"{{"principal": "{SESSION}", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x", "mode": "closed"}}"#
            ),
        );
    let ask = |rest: &[&str]| {
        let args = ["simulate", "--snapshot", "s.yaml", "--format", "jsonl"];
        folder.run(&[&args[..], rest].concat())
    };
    let question = [
        "--principal",
        SESSION,
        "--action",
        "s3:GetObject",
        "--resource",
        "arn:aws:s3:::b/x",
        "--closed",
    ];
    let flag = ["--keep-going", "--session-policy", "bad.json"];
    let open = [
        r#""verdict":"depends""#,
        r#""depends_on":["layer:session"]"#,
    ];
    ask(&[&question[..], &flag].concat())
        .ended_with(3)
        .prints(&open)
        .says(&["warning[", "bad.json"]);
    ask(&["--request", "r.json", "--keep-going"])
        .ended_with(3)
        .prints(&open)
        .says(&["warning[", "r.json"]);
    // Of a line the result itself says what was refused.
    ask(&["--requests", "r.jsonl", "--keep-going"])
        .ended_with(3)
        .prints(&open)
        .prints(&["INVALID_SID"]);
    ask(&[&["--requests", "line.jsonl"], &flag[..]].concat())
        .ended_with(3)
        .prints(&open);
    // A flag stands in place of what the request says.
    let good = ["--keep-going", "--session-policy", "good.json"];
    ask(&[&["--request", "r.json"], &good[..]].concat())
        .ended_with(0)
        .prints(&[r#""verdict":"allow""#]);
    ask(&[&question[..], &flag[1..]].concat()).ended_with(2);
    ask(&["--request", "r.json"]).ended_with(2);
}
