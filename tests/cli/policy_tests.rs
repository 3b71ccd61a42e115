//! What `preclear test` says of tests that fail, and of what it cannot ask.

use serde_json::Value;

use crate::junit;
use crate::program::Folder;

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/example-role";

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

/// Two who may, one of them under a condition, and an account from outside. Rule: UI-20.
const WHO_CAN: &str = r#"preclear: 1
snapshot:
  complete: true
  principals:
    - arn: arn:aws:iam::111122223333:role/app
    - arn: arn:aws:iam::111122223333:role/office
    - arn: arn:aws:iam::111122223333:role/other
  keys:
    - arn: arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
      policy:
        Version: "2012-10-17"
        Statement:
          - {Sid: App, Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/app"}, Action: kms:Decrypt, Resource: "*"}
          - Sid: Office
            Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:role/office"}
            Action: kms:Decrypt
            Resource: "*"
            Condition: {IpAddress: {aws:SourceIp: 203.0.113.0/24}}
          - {Sid: Partner, Effect: Allow, Principal: {AWS: "444455556666"}, Action: kms:Decrypt, Resource: "*"}
          - {Sid: Dead, Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/other"}, Action: kms:Sign, Resource: "*"}
tests:
"#;

const WHO: &str = "who_can: {action: kms:Decrypt, resource: 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'}";
const APP: &str = "'arn:aws:iam::111122223333:role/app'";
const OFFICE: &str = "'arn:aws:iam::111122223333:role/office'";

/// A test that holds.
fn holds() -> String {
    format!("{WHO}, expect: {{exactly: [{APP}, {OFFICE}, '444455556666']}}")
}

fn who_can(tests: &[String]) -> String {
    let tests: String = tests
        .iter()
        .map(|test| format!("  - {{{test}}}\n"))
        .collect();
    format!("{WHO_CAN}{tests}")
}

/// Outcome and first mismatch of each test.
fn outcomes(folder: &Folder) -> Vec<String> {
    let ran = folder.run(&["test", "t.yaml", "--format", "jsonl"]);
    let outcome = |line: &str| {
        let test: Value = serde_json::from_str(line).unwrap();
        match test["mismatches"].get(0) {
            Some(mismatch) => format!("{}: {}", mismatch["path"], mismatch["actual"]),
            None => test["outcome"].to_string(),
        }
    };
    let outcomes = ran.stdout.lines().map(outcome);
    outcomes.map(|one| one.replace('"', "")).collect()
}

#[test]
fn who_may_is_held_against_exactly() {
    let test = |exactly: &str| format!("{WHO}, expect: {{exactly: [{exactly}]}}");
    let tests = [
        test(&format!("{APP}, {OFFICE}, '444455556666'")),
        // The root user of the key's own account may be named, and need not.
        test(&format!("'444455556666', {OFFICE}, {APP}")),
        test(&format!("{APP}, '444455556666'")),
        test(&format!("{APP}, {OFFICE}")),
        test(&format!(
            "{APP}, {OFFICE}, '444455556666', 'arn:aws:iam::111122223333:role/other'"
        )),
        format!(
            "{}, expect: {{exactly: []}}",
            WHO.replace("Decrypt", "Dercypt")
        ),
        format!(
            "{}, expect: {{exactly: []}}",
            WHO.replace("1234abcd", "9999abcd")
        ),
        "who_can: {action: kms:Decrypt}, expect: {exactly: []}".to_owned(),
        "who_can: {action: kms:Decrypt, resourc: x}, expect: {exactly: []}".to_owned(),
    ];
    let folder = Folder::new("who-can-test").with("t.yaml", who_can(&tests));
    let app = "arn:aws:iam::111122223333:role/app";
    let office = "arn:aws:iam::111122223333:role/office (under conditions)";
    let all = format!("exactly: 444455556666, {app}, {office}");
    let outcomes = outcomes(&folder);
    assert_eq!(outcomes[..5], ["passed", "passed", &all, &all, &all]);
    assert!(
        outcomes[5].starts_with("who_can: no service defines"),
        "{outcomes:?}"
    );
    assert!(
        outcomes[6].starts_with("who_can: the snapshot is complete and has no key"),
        "{outcomes:?}"
    );
    assert_eq!(
        outcomes[7..],
        [
            "exactly: invalid (INVALID_RESOURCE)",
            "exactly: invalid (UNKNOWN_MEMBER)"
        ]
    );
    let failing = who_can(&[test(APP)]);
    Folder::new("who-can-fails")
        .with("t.yaml", failing)
        .run(&["test", "t.yaml"])
        .ended_with(1)
        .prints(&[
            "exactly",
            "who can  kms:Decrypt",
            "if          IpAddress aws:SourceIp: 203.0.113.0/24",
            "account 444455556666",
        ]);
}

#[test]
fn defaults_count_for_who_can() {
    let exactly = format!("exactly: [{APP}, '444455556666']");
    let text = who_can(&[format!("{WHO}, expect: {{{exactly}}}")]);
    let text = text.replace("tests:\n", "defaults: {mode: closed}\ntests:\n");
    Folder::new("who-can-defaults")
        .with("t.yaml", text)
        .run(&["test", "t.yaml"])
        .ended_with(0);
}

#[test]
fn coverage_names_statements_that_apply_in_no_test() {
    let text = who_can(&[holds()]);
    let folder = Folder::new("coverage").with("t.yaml", text);
    folder
        .run(&["test", "t.yaml", "--coverage"])
        .ended_with(0)
        .prints(&["coverage: 3 of 4 statements apply in some test (75 %)\n  in none  statement Dead at t.yaml:"]);
    let least = |percent: &str| folder.run(&["test", "t.yaml", "--min-coverage", percent]);
    least("75").ended_with(0);
    least("76")
        .ended_with(1)
        .prints(&["failed --min-coverage 76: it is 75"]);
    folder
        .run(&["test", "t.yaml", "--coverage", "--format", "github"])
        .ended_with(0)
        .prints(&[
            "::notice file=t.yaml,line=",
            "statement Dead applies in no test",
            "coverage: 3 of 4",
        ]);
    let json = folder.run(&["test", "t.yaml", "--coverage", "--format", "json"]);
    let document: Value = serde_json::from_str(&json.ended_with(0).stdout).unwrap();
    assert_eq!(document["coverage"]["uncovered"][0]["sid"], "Dead");
    folder
        .run(&["test", "t.yaml", "--min-coverage", "101"])
        .ended_with(2);
}

/// One test that holds, one that does not and has what XML and commands have to escape, and a file that cannot be used.
fn mixed(name: &str) -> Folder {
    let tests = [
        holds(),
        format!("name: 'a <b> & \"c\", 50 %: x', {WHO}, expect: {{exactly: []}}"),
    ];
    Folder::new(name)
        .with("t/a.yaml", who_can(&tests))
        .with("t/b.yaml", "preclear: 1\ntests:\n  - {reqest: {}}\n")
}

#[test]
fn annotations_name_file_line_and_reason() {
    let folder = mixed("github");
    let ran = folder
        .run(&["test", "t", "--format", "github"])
        .ended_with(2);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(
        lines[0].starts_with("::error file=t/a.yaml,line=24,title=a <b> & \"c\"%2C 50 %25%3A x::exactly: expected nothing, actual "),
        "{}",
        lines[0]
    );
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("::error file=t/b.yaml,line=3,col=")),
        "{lines:#?}"
    );
    assert!(ran.stdout.contains("1 passed, 1 failed, 1 file unusable"));
}

#[test]
fn sarif_has_a_result_for_each_failure_and_each_error() {
    let ran = mixed("sarif")
        .run(&["test", "t", "--format", "sarif"])
        .ended_with(2);
    let log: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules: Vec<&str> = results
        .iter()
        .map(|one| one["ruleId"].as_str().unwrap())
        .collect();
    assert!(
        rules.contains(&"failed-expectation") && rules.contains(&"UNKNOWN_MEMBER"),
        "{rules:?}"
    );
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        assert!(
            place["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
                .starts_with("t/")
        );
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
        let known = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert!(known.iter().any(|rule| rule["id"] == result["ruleId"]));
    }
}

#[test]
fn a_junit_report_is_what_readers_of_reports_expect() {
    let folder = mixed("junit");
    let args = ["test", "t", "--coverage", "--format", "junit"];
    let ran = folder.run(&args).ended_with(2);
    let counts =
        junit::check(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    assert_eq!(
        ["testsuite", "testcase", "failure", "error", "property"].map(count),
        [2, 3, 1, 1, 1]
    );
    assert!(
        ran.stdout
            .contains("name=\"a &lt;b&gt; &amp; &quot;c&quot;, 50 %: x\""),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains(
            "<testsuites name=\"preclear test\" tests=\"3\" failures=\"1\" errors=\"1\">"
        )
    );
    assert!(ran.stdout.contains("t/a.yaml:24"));

    let args = ["test", "t", "--coverage", "--junit", "report.xml"];
    folder
        .run(&args)
        .ended_with(2)
        .prints(&["1 passed, 1 failed"]);
    assert_eq!(folder.read("report.xml"), ran.stdout);
    folder
        .run(&["test", "t", "--junit", "t/a.yaml/report.xml"])
        .ended_with(2)
        .says(&["`t/a.yaml/report.xml` cannot be written"]);
}

/// A name is somebody else's text, and a log is shown by a terminal.
#[test]
fn annotations_cannot_steer_a_terminal() {
    let text = format!(
        "preclear: 1\nsnapshot: {{complete: true}}\ntests:\n  - name: \"a\\e[2J\\0b\\nc\"\n    request: {{principal: '{ROLE}', \
         action: 's3:GetObject', resource: 'arn:aws:s3:::b/x'}}\n    expect: {{verdict: allow, code: allow_identity}}\n"
    );
    let folder = Folder::new("steering-name").with("t.yaml", text);
    for format in ["github", "junit", "text"] {
        let ran = folder
            .run(&["test", "t.yaml", "--format", format])
            .ended_with(1);
        let is_steering = |c: char| c.is_control() && c != '\n';
        assert!(
            !ran.stdout.contains(is_steering),
            "{format}: {:?}",
            ran.stdout
        );
        assert!(ran.stdout.contains("a\\u{1b}[2J\\u{0}b"), "{}", ran.stdout);
    }
}

#[test]
fn a_misspelt_code_of_a_finding_is_an_error() {
    let text = "preclear: 1\ntests:\n  - lint: {Effect: Allow, Action: 'kms:ListGrant', Resource: '*'}\n    \
                expect: {findings: [UNKNWN_ACTION]}\n";
    Folder::new("misspelt-finding")
        .with("t.yaml", text)
        .run(&["test", "t.yaml"])
        .ended_with(2)
        .says(&[
            "error[UNKNOWN_VALUE]: no message has the code `UNKNWN_ACTION`",
            "t.yaml:4:25",
            "did you mean `UNKNOWN_ACTION`?",
        ]);
}
