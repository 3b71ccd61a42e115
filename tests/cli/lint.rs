//! `preclear lint`: each flag, each format, what it reads, and how it ends. Rule: UI-1, UI-2, UI-22, JOB-LINT-1, JOB-LINT-2

use preclear_tests::root;
use serde_json::Value;

use crate::program::{Folder, Ran, run_in};
use crate::{junit, reports};

/// A statement with a slip of the pen: an error that can be mended.
pub(crate) const SLIP: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "kms:ListGrant", "Resource": "*"}
]}
"#;

/// A warning and nothing worse.
const BROAD: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*"}
]}
"#;

pub(crate) const CLEAN: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "kms:ListAliases", "Resource": "*"}
]}
"#;

/// The result as JSON.
#[track_caller]
fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

/// Codes of all findings in order.
fn codes(result: &Value) -> Vec<String> {
    let documents = result["documents"].as_array().into_iter().flatten();
    documents
        .flat_map(|document| document["findings"].as_array().into_iter().flatten())
        .map(|finding| finding["code"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn findings_are_marked_in_their_line() {
    let folder = Folder::new("lint-text").with("p.json", SLIP);
    folder.run(&["lint", "p.json"]).ended_with(1).prints(&[
        "p.json:1: identity policy, 1 statement: 1 error",
        "error[UNKNOWN_ACTION]: AWS Key Management Service has no action `kms:ListGrant`",
        "--> p.json:2:33",
        "2 |   {\"Effect\": \"Allow\", \"Action\": \"kms:ListGrant\"",
        "^^^^^^^^^^^^^^^",
        "= rule: IAM-GRAM-11",
        "= help: did you mean `kms:ListGrants`?",
        "1 file, 1 document (1 identity policy): 1 error",
    ]);
}

#[test]
fn exit_codes_follow_the_worst_finding() {
    let folder = Folder::new("lint-exit")
        .with("error.json", SLIP)
        .with("warning.json", BROAD)
        .with("clean.json", CLEAN)
        .with("notes.txt", "Nothing.");
    folder.run(&["lint", "clean.json"]).ended_with(0);
    folder
        .run(&["lint", "clean.json", "--strict"])
        .ended_with(0);
    folder.run(&["lint", "warning.json"]).ended_with(0);
    folder
        .run(&["lint", "warning.json", "--strict"])
        .ended_with(1);
    folder
        .run(&["lint", "warning.json", "--strict", "--exit-zero"])
        .ended_with(0);
    folder.run(&["lint", "error.json"]).ended_with(1);
    folder
        .run(&["lint", "error.json", "--exit-zero"])
        .ended_with(0);
    folder
        .run(&["lint", "none.json", "--exit-zero"])
        .ended_with(2)
        .says(&["error[MISSING_FILE]", "`none.json` cannot be read"]);
    folder.run(&["lint", "notes.txt"]).ended_with(2).says(&[
        "error[NOTHING_RECOGNISED]",
        "there is no policy in `notes.txt`",
    ]);
    // Beside others it is a warning, never silence.
    folder
        .run(&["lint", "notes.txt", "clean.json"])
        .ended_with(0)
        .says(&["warning[UNRECOGNISED_FILE]"]);
    // One that cannot be read does not keep the others from being looked at.
    folder
        .run(&["lint", "none.json", "error.json"])
        .ended_with(2)
        .says(&["MISSING_FILE"])
        .prints(&["UNKNOWN_ACTION", "not all could be read"]);
}

#[test]
fn directories_hold_policies_among_other_files() {
    let test = format!(
        "preclear: 1\ntests:\n  - lint: {}\n    expect: {{}}\n",
        SLIP.replace('\n', " ")
    );
    let folder = Folder::new("lint-folder")
        .with("d/a/warning.json", BROAD)
        .with(
            "d/error.yaml",
            "Effect: Allow\nAction: kms:ListGrant\nResource: '*'\n",
        )
        .with("d/package.json", "{\"name\": \"x\"}")
        .with("d/broken.json", "{\"Statement\": [{\"Effect\": ")
        .with("d/broken.yaml", "Statement:\n  - Effect: [Allow\n")
        .with("d/other-broken.json", "{\"name\": ")
        .with("d/cases.test.yaml", test)
        .with("d/.git/hidden.json", SLIP)
        .with("d/readme.md", "# Nothing\n");
    let ran = folder.run(&["lint", "d", "--format", "json"]).ended_with(1);
    let result = json(&ran);
    assert_eq!(
        codes(&result),
        [
            "BROAD_CREATEGRANT",
            "INVALID_JSON",
            "INVALID_YAML",
            "FRAGMENT_WRAPPED",
            "UNKNOWN_ACTION"
        ]
    );
    assert_eq!(
        (&result["files"], &result["left_alone"]),
        (&4.into(), &4.into())
    );
    let empty = Folder::new("lint-empty-folder").with("d/x.json", "{}");
    empty
        .run(&["lint", "d"])
        .ended_with(2)
        .says(&["there is no policy in `d`"]);
}

#[test]
fn standard_input_is_read() {
    let folder = Folder::new("lint-stdin");
    for text in [
        SLIP.to_owned(),
        "Effect: Allow\nAction: kms:ListGrant\nResource: '*'\n".to_owned(),
        format!("See:\n\n```\n{SLIP}```\n"),
        serde_json::to_string(SLIP).unwrap(),
    ] {
        run_in(folder.path(), &["lint", "-"], text.as_bytes())
            .ended_with(1)
            .prints(&["UNKNOWN_ACTION", "--> -:"]);
    }
    run_in(folder.path(), &["lint", "-", "--fix"], SLIP.as_bytes())
        .ended_with(2)
        .says(&["`--fix` writes files"]);
}

#[test]
fn the_type_can_be_stated() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Use", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::210987654321:role/r"}, "Action": "kms:Decrypt", "Resource": "*"}]}"#;
    let folder = Folder::new("lint-type")
        .with("p.json", text)
        .with("x.json", "{}");
    let told = |kind: &str| {
        let ran = folder.run(&["lint", "p.json", "--type", kind, "--format", "json"]);
        let result = json(&ran);
        let kind = result["documents"][0]["type"].as_str().unwrap().to_owned();
        (kind, codes(&result))
    };
    let (kind, found) = told("key");
    assert_eq!(
        (
            kind.as_str(),
            found.contains(&"KEY_POLICY_WITHOUT_ADMIN".to_owned())
        ),
        ("key", true)
    );
    let (kind, found) = told("identity");
    assert_eq!(kind, "identity");
    assert!(
        found.contains(&"PRINCIPAL_IN_IDENTITY_POLICY".to_owned()),
        "{found:?}"
    );
    let (kind, _) = told("resource");
    assert_eq!(kind, "resource");
    // As a part of a key policy it need not administer the key.
    folder
        .run(&["lint", "p.json", "--type", "fragment"])
        .ended_with(0);
    // What is no policy by its content is one if somebody says so.
    folder.run(&["lint", "x.json"]).ended_with(2);
    folder
        .run(&["lint", "x.json", "--type", "key"])
        .ended_with(1)
        .prints(&["MISSING_MEMBER"]);
    folder
        .run(&["lint", "p.json", "--type", "bucket"])
        .ended_with(2)
        .says(&["invalid value 'bucket'"]);
}

#[test]
fn placeholders_are_told_and_filled() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:<region>:<account-id>:q"}]}"#;
    let folder = Folder::new("lint-param").with("p.json", text);
    folder.run(&["lint", "p.json"]).ended_with(1).prints(&[
        "error[UNRESOLVED_PLACEHOLDER]: the placeholder `region` has no value",
        "--> p.json:2:34",
        "pass `--param region=VALUE`",
        "the placeholder `account-id` has no value",
    ]);
    let given = [
        "--param",
        "region=us-west-2",
        "--param",
        "account-id=210987654321",
    ];
    folder
        .run(&[&["lint", "p.json"], &given[..]].concat())
        .ended_with(0)
        .prints(&["nothing found"]);
    folder
        .run(&[&["lint", "p.json", "--param", "acount=1"], &given[..]].concat())
        .ended_with(0)
        .says(&["warning[UNUSED_PARAM]", "`acount` has no effect"]);
    folder
        .run(&["lint", "p.json", "--param", "x"])
        .ended_with(2);
}

#[test]
fn lenient_accepts_what_iam_refuses() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "210987654321"},
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}"#;
    let folder = Folder::new("lint-lenient").with("p.json", text);
    let strict = json(
        &folder
            .run(&["lint", "p.json", "--format", "json"])
            .ended_with(1),
    );
    assert_eq!(strict["documents"][0]["statements"], Value::Null);
    let lenient = folder.run(&["lint", "p.json", "--lenient", "--format", "json"]);
    assert_eq!(
        json(&lenient.ended_with(0))["documents"][0]["statements"],
        1
    );
}

#[test]
fn safe_edits_are_written_and_told() {
    let text = format!("{},\n", SLIP.trim_end());
    let folder = Folder::new("lint-fix")
        .with("p.json", &text)
        .with("clean.json", CLEAN);
    let paths = ["p.json", "clean.json"];
    let run = |flags: &[&str]| folder.run(&[&["lint"], &paths[..], flags].concat());
    let read = || std::fs::read_to_string(folder.path().join("p.json")).unwrap();

    let diff = run(&["--fix", "--diff"]).ended_with(1);
    assert_eq!(run(&["--diff"]).ended_with(1).stdout, diff.stdout);
    assert_eq!(
        run(&["--diff", "--exit-zero"]).ended_with(0).stdout,
        diff.stdout
    );
    assert_eq!(read(), text);
    assert!(
        diff.stdout.starts_with("--- p.json\n+++ p.json\n@@ "),
        "{}",
        diff.stdout
    );
    assert!(
        diff.stdout
            .contains("\n+  {\"Effect\": \"Allow\", \"Action\": \"kms:ListGrants\"")
    );

    run(&["--fix"])
        .ended_with(0)
        .says(&[
            "fixed p.json:2:33: UNKNOWN_ACTION: `\"kms:ListGrant\"` is now `\"kms:ListGrants\"`",
            "fixed p.json:3:3: JSON_TRAILING_COMMA: `,` removed",
        ])
        .prints(&["nothing found"]);
    assert_eq!(read(), SLIP.replace("ListGrant", "ListGrants"));
    run(&["--fix"]).ended_with(0);
    let same = run(&["--diff"]).ended_with(0);
    assert_eq!(same.stdout, "");
}

#[test]
fn guesses_are_not_written() {
    let text = BROAD.replace("kms:CreateGrant", "cognito-identity:List");
    let folder = Folder::new("lint-guess").with("p.json", &text);
    folder
        .run(&["lint", "p.json", "--fix"])
        .ended_with(0)
        .prints(&["did you mean `cognito-identity:List*`?"]);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("p.json")).unwrap(),
        text
    );
}

#[test]
fn policies_of_a_snapshot_have_their_kind_and_are_looked_at_once() {
    let key = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*",
        "Resource": "arn:aws:kms:us-west-2:210987654321:key/other"}]}"#;
    let snapshot = "preclear: 1\nkeys: [{arn: 'arn:aws:kms:us-west-2:210987654321:key/k', policy: {file: p/key.json}}]\nprincipals: [{arn: 'arn:aws:iam::210987654321:role/r', policies: [{file: p/missing.json}, 'arn:aws:iam::aws:policy/x']}]\n";
    let folder = Folder::new("lint-snapshot")
        .with("s/p/key.json", key)
        .with("s/s.yaml", snapshot);
    for path in ["s/s.yaml", "s"] {
        let ran = folder
            .run(&["lint", path, "--format", "json"])
            .ended_with(2)
            .says(&["error[MISSING_FILE]", "--> s/s.yaml:3:"]);
        let result = json(&ran);
        let documents = result["documents"].as_array().unwrap();
        let kinds: Vec<_> = documents.iter().map(|one| &one["type"]).collect();
        assert_eq!(kinds, ["key"], "{path}");
        // That is certain only where the key is known.
        let finding = &documents[0]["findings"].as_array().unwrap();
        let foreign = finding
            .iter()
            .find(|one| one["code"] == "KMS_KEYPOLICY_RESOURCE_FOREIGN");
        assert_eq!(foreign.unwrap()["severity"], "error", "{path}");
    }
}

/// The five documents have these defects; the text here stands for them.
#[test]
fn guides_are_read_with_their_prose() {
    let result = json(&run_in(
        root(),
        &["lint", "examples/lint/guide.md", "--format", "json"],
        b"",
    ));
    let found = codes(&result);
    for code in [
        "UNRESOLVED_PLACEHOLDER",
        "TRUST_STATEMENT_IN_IDENTITY_POLICY",
        "PRINCIPAL_IN_IDENTITY_POLICY",
        "FRAGMENT_WRAPPED",
        "BROAD_CREATEGRANT",
    ] {
        assert!(found.iter().any(|one| one == code), "{code}: {found:?}");
    }
}

#[test]
fn json_lines_hold_one_document_each() {
    let folder = Folder::new("lint-jsonl")
        .with("a.json", SLIP)
        .with("b.json", CLEAN);
    let ran = folder
        .run(&["lint", "a.json", "b.json", "--format", "jsonl"])
        .ended_with(1);
    let lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    let finding = &lines[0]["findings"][0];
    assert_eq!(
        (&finding["line"], &finding["end_column"]),
        (&2.into(), &48.into())
    );
    assert_eq!(
        (&finding["edit"]["text"], &finding["edit"]["safe"]),
        (&"\"kms:ListGrants\"".into(), &true.into())
    );
    assert_eq!(lines[1]["findings"], serde_json::json!([]));
}

/// What a string holds has two positions. Rule: UI-4
#[test]
fn places_in_strings_are_told_twice() {
    let text = format!(
        "{{\"PolicyDocument\": {}}}",
        serde_json::to_string(SLIP).unwrap()
    );
    let folder = Folder::new("lint-string").with("p.json", text);
    folder
        .run(&["lint", "p.json"])
        .ended_with(1)
        .prints(&["in the document that this string holds: line 2, column 33"]);
    let result = json(&folder.run(&["lint", "p.json", "--format", "json"]));
    assert_eq!(result["documents"][0]["findings"][0]["inner"]["line"], 2);
}

#[test]
fn sarif_keeps_to_its_schema() {
    let folder = Folder::new("lint-sarif")
        .with("d e/p.json", SLIP)
        .with("clean.json", CLEAN)
        .with(
            "twice.json",
            format!(
                "{{\"PolicyDocument\": {}}}",
                serde_json::to_string(SLIP).unwrap()
            ),
        );
    let runs = [
        run_in(root(), &["lint", "examples/lint", "--format", "sarif"], b""),
        folder.run(&[
            "lint",
            "d e/p.json",
            "twice.json",
            "none.json",
            "--format",
            "sarif",
        ]),
        folder.run(&["lint", "clean.json", "--format", "sarif"]),
        folder.run(&["lint", "none.json", "--format", "sarif"]),
    ];
    for ran in &runs {
        assert_eq!(reports::wrong_as_sarif(&ran.stdout), [""; 0]);
    }
    let run = &json(&runs[1])["runs"][0];
    let found = &run["results"][0];
    assert_eq!(found["ruleId"], "UNKNOWN_ACTION");
    let place = &found["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "d%20e/p.json");
    assert_eq!(
        (
            &place["region"]["startLine"],
            &place["region"]["startColumn"]
        ),
        (&2.into(), &33.into())
    );
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn junit_keeps_to_its_format() {
    let folder = Folder::new("lint-junit")
        .with("a.json", SLIP)
        .with("b.json", BROAD);
    let ran = folder
        .run(&["lint", "a.json", "b.json", "none.json", "--format", "junit"])
        .ended_with(2);
    let counts =
        junit::check(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
    assert_eq!(
        (counts["testcase"], counts["failure"], counts["error"]),
        (3, 1, 1)
    );
    let ran = run_in(root(), &["lint", "examples/lint", "--format", "junit"], b"");
    assert!(
        junit::check(&ran.stdout).is_ok_and(|counts| counts["failure"] > 0),
        "{}",
        ran.stdout
    );
}

#[test]
fn annotations_name_file_line_and_column() {
    let folder = Folder::new("lint-github").with("a,b.json", SLIP);
    let ran = folder
        .run(&["lint", "a,b.json", "--format", "github"])
        .ended_with(1);
    assert_eq!(
        ran.stdout,
        "::error file=a%2Cb.json,line=2,endLine=2,col=33,endColumn=48,title=UNKNOWN_ACTION (IAM-GRAM-11)::\
         AWS Key Management Service has no action `kms:ListGrant`%0Adid you mean `kms:ListGrants`?\n"
    );
}

/// No input makes it panic, and none is passed over in silence.
#[test]
fn anything_can_be_read() {
    let folder = Folder::new("lint-anything");
    let long = "[".repeat(200_000);
    let fences = "```\n{\"Effect\"".repeat(2_000);
    let texts: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\n\n".to_vec(),
        b"\xff\xfe{".to_vec(),
        b"{\"Statement\": 7}".to_vec(),
        b"{\"Statement\": [[[]], null, {\"Effect\": {}}],}".to_vec(),
        b"%7B%22Statement%22%3A".to_vec(),
        b"\"\\u0000{\\\"Statement\\\": [\"".to_vec(),
        b"```\n{\"Effect\": \"Allow\"".to_vec(),
        b"a `b` {\"Effect\": \\* [}] must action `: + x".to_vec(),
        "must action:\n- é\n- É:É\n".as_bytes().to_vec(),
        "```yaml\nEffect: &a [*a]\nStatement: !Sub x\n```"
            .as_bytes()
            .to_vec(),
        b"{\"a\": \"<b-c>\", \"Statement\": {\"Effect\": \"<d-e>\", \"Action\": \"${x}:${y}\"}},,,"
            .to_vec(),
        long.into_bytes(),
        fences.into_bytes(),
    ];
    for (index, text) in texts.iter().enumerate() {
        for format in ["text", "json", "sarif", "junit", "github"] {
            let ran = run_in(folder.path(), &["lint", "-", "--format", format], text);
            assert!(!ran.stderr.contains("panicked"), "{index}: {}", ran.stderr);
            assert!(matches!(ran.code, Some(0..=2)), "{index} {format}: {ran:?}");
            if format == "text" {
                assert!(
                    ran.stdout.contains('[') || ran.stderr.contains('['),
                    "{index}: {ran:?}"
                );
            }
        }
    }
}

#[test]
fn test_files_may_expect_findings() {
    let text = format!(
        "preclear: 1\nparams: {{account-id: '210987654321'}}\ntests:\n\
         \x20 - name: a slip\n    lint: {SLIP_LINE}\n    expect: {{findings: [UNKNOWN_ACTION]}}\n\
         \x20 - name: exactly\n    lint: {{type: identity, document: {SLIP_LINE}}}\n    expect: {{findings_exactly: [UNKNOWN_ACTION]}}\n\
         \x20 - name: a guide\n    lint: {{file: guide.md}}\n    expect: {{findings_exactly: [FRAGMENT_WRAPPED, JSON_TRAILING_COMMA, UNRESOLVED_PLACEHOLDER]}}\n\
         \x20 - name: not so\n    lint: {SLIP_LINE}\n    expect: {{findings: [BROAD_CREATEGRANT]}}\n"
    );
    let guide = "See\\.\n```\n{\"Effect\": \"Allow\", \"Action\": \"sqs:SendMessage\", \"Resource\": \"arn:aws:sqs:<region>:<account-id>:q\"},\n```\n";
    let folder = Folder::new("lint-tests")
        .with("t.yaml", text)
        .with("guide.md", guide);
    folder.run(&["test", "t.yaml"]).ended_with(1).prints(&[
        "3 passed, 1 failed",
        "failed t.yaml:13: not so",
        "BROAD_CREATEGRANT",
    ]);
}

pub(crate) const SLIP_LINE: &str = r#"{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "kms:ListGrant", Resource: "*"}]}"#;

/// A template with what its functions determine, and what they do not.
const TEMPLATE: &str = r#"Parameters:
  Env: {Type: String}
  Name: {Type: String, Default: Decryptt}
Conditions:
  Prod: !Equals [!Ref Env, prod]
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*", Resource: "*"}
          - {Effect: Allow, Principal: {AWS: !GetAtt Role.Arn}, Action: "kms:Decrypt", Resource: "*"}
          - {Effect: Allow, Principal: {AWS: !ImportValue partner}, Action: "kms:Decrypt", Resource: "*"}
          - {Effect: Allow, Principal: {Service: !Sub "logs.${AWS::Region}.amazonaws.com"}, Action: "kms:Encrypt", Resource: "*"}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: !Sub "lambda.${AWS::URLSuffix}"}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: "s3:GetObject", Resource: !Sub "arn:aws:s3:::${Env}-data/*"}
              - {Effect: Allow, Action: "s3:GetObject", Resource: !Join ["", ["arn:aws:s3:::", !Ref Bucket, "/*"]]}
              - {Effect: Allow, Action: "sqs:SendMessage", Resource: !ImportValue queue}
              - {Effect: Allow, Action: "sqs:SendMessage", Resource: !ImportValue other-queue}
              - {Effect: Allow, Action: !Sub "kms:${Name}", Resource: !GetAtt Key.Arn}
              - {Effect: Allow, Action: "kms:ListGrant", Resource: !GetAtt Key.Arn}
              - !If
                - Prod
                - {Effect: Allow, Action: "kms:ListAlias", Resource: "*"}
                - !Ref AWS::NoValue
              - {Effect: Allow, Action: "dynamodb:GetItem", Resource: "{{resolve:ssm:table}}"}
  Bucket: {Type: AWS::S3::Bucket}
  Firewall:
    Type: AWS::WAFv2::WebACL
    Properties:
      Rules: [{Name: r, Statement: {RateBasedStatement: {Limit: 100, AggregateKeyType: IP}}}]
"#;

/// Codes with the lines that they stand at.
fn lines(result: &Value) -> Vec<(String, u64)> {
    let documents = result["documents"].as_array().into_iter().flatten();
    let findings = documents.flat_map(|document| document["findings"].as_array().unwrap());
    findings
        .map(|finding| {
            let code = finding["code"].as_str().unwrap().to_owned();
            (code, finding["line"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn functions_of_templates_are_evaluated_and_the_rest_is_not_known() {
    let folder = Folder::new("lint-template").with("t.yaml", TEMPLATE);
    let ran = folder.run(&["lint", "t.yaml", "--format", "json"]);
    let result = json(&ran.ended_with(1));
    let unknown = "UNKNOWN_ACTION".to_owned();
    assert_eq!(
        lines(&result),
        [(unknown.clone(), 33), (unknown.clone(), 34), (unknown, 37)],
        "{result:#}"
    );
    let kinds: Vec<&Value> = result["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| &document["type"])
        .collect();
    assert_eq!(kinds, ["key", "trust", "identity"]);
    // A finding stands at the function that made what it is about, and what stands for account and Region is not told.
    let text = folder.run(&["lint", "t.yaml"]).ended_with(1);
    assert!(!text.stdout.contains("907100000000"), "{}", text.stdout);
    text.prints(&["--> t.yaml:33:"]);
    // In functions nothing is edited, and nothing that comes from elsewhere.
    let ran = folder.run(&["lint", "t.yaml", "--fix"]).ended_with(1);
    ran.says(&["fixed t.yaml:34:"]);
    assert_eq!(
        folder.read("t.yaml"),
        TEMPLATE.replace("\"kms:ListGrant\"", "\"kms:ListGrants\"")
    );
    // What decides is told by a flag.
    let given = ["--param", "Env=test", "--param", "Name=Decrypt"];
    let args = [&["lint", "t.yaml", "--format", "json"], &given[..]].concat();
    assert_eq!(lines(&json(&folder.run(&args).ended_with(0))), []);
}

#[test]
fn what_hangs_on_something_unknown_is_not_said() {
    let template = |principal: &str| {
        format!(
            "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy:\n        Version: \"2012-10-17\"\n        \
             Statement:\n          - {{Effect: Allow, Principal: {{AWS: {principal}}}, Action: \"kms:*\", Resource: \"*\"}}\n"
        )
    };
    let folder = Folder::new("lint-unknown")
        .with(
            "partner.yaml",
            template("\"arn:aws:iam::210987654321:role/x\""),
        )
        .with("import.yaml", template("!ImportValue admin"))
        .with("all.yaml", template("\"*\""));
    let codes_of = |file: &str| codes(&json(&folder.run(&["lint", file, "--format", "json"])));
    assert_eq!(codes_of("import.yaml"), [""; 0]);
    assert!(codes_of("all.yaml").contains(&"KMS_PUBLIC_KEY_POLICY".to_owned()));
    assert!(!codes_of("partner.yaml").is_empty());
}

#[test]
fn a_text_that_nothing_fills_is_told() {
    let text = TEMPLATE.replace("!Sub \"kms:${Name}\"", "\"kms:${Name}\"");
    let folder = Folder::new("lint-sub").with("t.yaml", text);
    folder.run(&["lint", "t.yaml"]).ended_with(1).prints(&[
        "error[UNRESOLVED_PLACEHOLDER]: the placeholder `Name` has no value",
        "--> t.yaml:33:",
        "write `!Sub` in front of the text",
    ]);
}

#[test]
fn templates_and_plans_of_one_situation_have_the_same_policies() {
    let lint = |path: &str| {
        let ran = run_in(root(), &["lint", path, "--format", "json"], b"");
        let result = json(&ran);
        let documents = result["documents"].as_array().unwrap();
        let mut kinds: Vec<String> = documents
            .iter()
            .map(|document| document["type"].to_string())
            .collect();
        kinds.sort();
        let errors = result["counts"]["errors"].as_u64();
        (kinds, codes(&result), errors)
    };
    let yaml = lint("tests/inputs/cloudformation/template.yaml");
    let json = lint("tests/inputs/cloudformation/template.json");
    assert_eq!(yaml, json);
    assert!(yaml.0.len() > 4, "{yaml:?}");
    let state = lint("tests/inputs/terraform-state/show.json");
    assert!(state.0.len() > 4, "{state:?}");
}
