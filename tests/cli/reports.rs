//! What other tools read, held against the schemas of the formats, also where names are hostile. Rule: UI-2

use std::sync::LazyLock;

use preclear_tests::here;
use serde_json::Value;

use crate::junit;
use crate::program::{Folder, Ran};

/// The schema of SARIF 2.1.0, but for two regular expressions that are none: the errata of the format have these.
static SARIF: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = std::fs::read(here().join("schemas/sarif-schema-2.1.0.json")).unwrap();
    let mut schema: Value = serde_json::from_slice(&schema).unwrap();
    for object in ["run", "toolComponent"] {
        let pattern = format!("/definitions/{object}/properties/language/pattern");
        *schema.pointer_mut(&pattern).unwrap() = "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$".into();
    }
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
});

/// What is wrong with a text as SARIF.
pub(crate) fn wrong_as_sarif(text: &str) -> Vec<String> {
    let log: Value = match serde_json::from_str(text) {
        Ok(log) => log,
        Err(error) => return vec![error.to_string()],
    };
    SARIF
        .iter_errors(&log)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// What ends elements, attributes, strings, lines and commands, and what XML cannot hold at all.
const HOSTILE: &str = "a]]>b\u{1}c\u{7f}\u{85}d\"e'f<g>&amp;h\u{fffe}\ni\r\nj\t\u{1f512}\u{202e}k::error::l,m:n%0Ao\u{1b}[31mp\\";

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A test file whose name, tests and policies are hostile; one test fails.
fn hostile_tests(name: &str) -> Folder {
    let hostile = quoted(HOSTILE);
    let document = format!(
        r#"{{"preclear": 1, "snapshot": {{"preclear": 1, "complete": true, "principals": [{{"arn": "arn:aws:iam::111122223333:user/ana", "policies": [
        {{"name": {hostile}, "document": {{"Version": "2012-10-17", "Statement": [{{"Sid": {hostile}, "Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}}]}}}}]}}]}},
        "tests": [{{"name": {hostile}, "request": {{"id": {hostile}, "principal": "arn:aws:iam::111122223333:user/ana", "action": "s3:GetObject", "resource": {resource}}}, "expect": {{"verdict": "allow", "policy": {hostile}}}}}]}}"#,
        resource = quoted(&format!("arn:aws:s3:::data/{HOSTILE}")),
    );
    let broken = format!("{{\"preclear\": 1, {hostile}: 1, \"tests\": []}}");
    Folder::new(name)
        .with("t/a ]]> \u{1} \"'<&%,:\u{1f512}.json", document)
        .with("t/b\n::error::x.json", broken)
        // Half of a pair of UTF-16 is no character.
        .with(
            "t/c.json",
            r#"{"preclear": 1, "tests": [{"name": "\ud83d", "request": {}, "expect": "allow"}]}"#,
        )
}

/// Policies with findings of each severity, and a file that cannot be read.
fn hostile_policies(name: &str) -> Folder {
    let hostile = quoted(HOSTILE);
    let statement = format!(
        r#"{{"Sid": {hostile}, "Effect": "Allow", "Action": ["kms:CreateGrant", "kms:ListGrant", {hostile}], "Resource": "*", "Condition": {{"StringEquals": {{{hostile}: {hostile}}}}}}}"#
    );
    let policy = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statement}]}}");
    Folder::new(name)
        .with("p/a ]]> \u{1} \"'<&%,:\u{1f512}.json", &policy)
        .with(
            "p/b\n::error::x.json",
            format!("{{\"PolicyDocument\": {}}}", quoted(&policy)),
        )
        .with(
            "p/c.json",
            r#"{"Statement": {"Sid": "\ud83d", "Effect": "Allow"}}"#,
        )
        .with(
            "p/d.md",
            format!("# {HOSTILE}\n\n```json\n{statement},\n```\n"),
        )
}

/// Both commands in one format.
fn runs(format: &str) -> [Ran; 2] {
    let name = |of: &str| format!("hostile-{of}-{format}");
    let tests = hostile_tests(&name("test")).run(&["test", "t", "--format", format]);
    let policies = hostile_policies(&name("lint"));
    let lint = policies.run(&["lint", "p", "p/none.json", "--format", format]);
    [tests.ended_with(2), lint.ended_with(2)]
}

#[test]
fn sarif_keeps_to_its_schema_whatever_the_names_are() {
    for ran in runs("sarif") {
        assert_eq!(wrong_as_sarif(&ran.stdout), [""; 0], "{}", ran.stdout);
        let log: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert!(log["runs"][0]["results"].as_array().unwrap().len() > 1);
    }
    // The schema notices what is wrong.
    let [ran, _] = runs("sarif");
    let log: Value = serde_json::from_str(&ran.stdout).unwrap();
    for (pointer, value) in [
        ("/runs/0/results/0/level", Value::from("bad")),
        ("/runs/0/results/0/message", Value::from("text")),
        ("/version", Value::from("2.0")),
        (
            "/runs/0/results/0/locations/0/physicalLocation/region/startLine",
            Value::from(0),
        ),
        (
            "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri",
            Value::from("a b"),
        ),
    ] {
        let mut wrong = log.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert!(!wrong_as_sarif(&wrong.to_string()).is_empty(), "{pointer}");
    }
}

#[test]
fn junit_keeps_to_its_schema_whatever_the_names_are() {
    for ran in runs("junit") {
        let counts = junit::check(&ran.stdout);
        let counts = counts.unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
        assert!(counts["failure"] > 0 && counts["error"] > 0, "{counts:?}");
    }
}

/// A line is a command or is none, whatever stands in names.
#[test]
fn annotations_cannot_be_forged() {
    for ran in runs("github") {
        let commands: Vec<&str> = ran
            .stdout
            .lines()
            .filter(|line| line.contains("::error") || line.contains("::warning"))
            .collect();
        assert!(commands.len() > 1, "{}", ran.stdout);
        for line in commands {
            let rest = line.strip_prefix("::").unwrap_or_else(|| panic!("{line}"));
            let (properties, _) = rest.split_once("::").unwrap();
            let (level, properties) = properties.split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&level), "{line}");
            for property in properties.split(',') {
                let (name, _) = property.split_once('=').unwrap_or_else(|| panic!("{line}"));
                let known = ["file", "line", "endLine", "col", "endColumn", "title"];
                assert!(known.contains(&name), "{line}");
            }
        }
    }
}
