use std::path::Path;

use preclear_simulator::request::Request;

use crate::files::MemoryFiles;
use crate::request_line::{LineError, LineReader, RequestLines, fast};
use crate::testing::{IDENTITY_POLICY, KEY, files, with_params};
use crate::{Options, Params};

fn read_with(text: &str, files: &MemoryFiles, options: &Options) -> Result<Request, LineError> {
    RequestLines::new(Path::new("d/r.jsonl"), files, options).read(17, text)
}

fn read(text: &str) -> Result<Request, LineError> {
    read_with(text, &MemoryFiles::default(), &Options::default())
}

/// Lines that the short road should take, so that a million of them are cheap.
fn plain_lines() -> Vec<String> {
    let mut lines = vec![
        r#"{"principal": "anonymous", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x"}"#
            .to_owned(),
        format!(
            r#"{{"id": "r\u0031", "principal": "arn:aws:sts::111122223333:assumed-role/r/s", "operation": "kms:ReEncrypt", "parameters": {{"SourceKeyId": "{KEY}"}}}}"#
        ),
        r#"{"principal": "anonymous", "action": "sqs:SendMessage", "parameters": {"n": [1, -2, 1.5, true, null, {"a": "\n"}]}}"#
            .to_owned(),
    ];
    for member in [
        r#""resource_account": "111122223333""#,
        r#""region": "us-west-2""#,
        r#""context": {"aws:SourceIp": "10.0.0.1", "aws:TagKeys": ["a", "b"], "aws:SecureTransport": true, "aws:MultiFactorAuthAge": 300, "x:Y": []}"#,
        r#""encryption_context": {"a": "b", "n": 1}"#,
        r#""encryption_context": {}"#,
        r#""encryption_context": {"a": "b"}, "parameters": {"EncryptionContext": {"a": "b"}}"#,
        r#""grant_tokens": ["t"]"#,
        r#""ciphertext_key": "alias/x""#,
        r#""unknown": ["aws:SourceIp"], "absent": ["aws:SourceVpc"], "present": ["aws:UserAgent"]"#,
        r#""mode": "closed", "ambiguity": "guess", "now": "2026-01-01T00:00:00.5Z""#,
        r#""via": "s3""#,
        r#""via": ["ec2", "s3"]"#,
        r#""vpc_endpoint": "vpce-1", "force_context": true"#,
    ] {
        lines.push(format!(
            r#"{{"principal": "sns.amazonaws.com", "action": "kms:Decrypt", {member}}}"#
        ));
    }
    lines
}

#[test]
fn both_roads_read_the_same() {
    for line in plain_lines() {
        let short =
            fast::read(&line, None).unwrap_or_else(|| panic!("the short road gave up: {line}"));
        let (files, options) = (MemoryFiles::default(), Options::default());
        let lines = RequestLines::new(Path::new("r"), &files, &options);
        let long = lines.read_with_places(1, &line).unwrap();
        assert_eq!(format!("{short:?}"), format!("{:?}", long.value), "{line}");
        assert!(long.diagnostics.is_empty(), "{line}");
    }
}

/// Whatever is wrong with a line, the short road must not take it.
#[test]
fn what_the_long_road_refuses_the_short_one_does_not_take() {
    let plain = plain_lines();
    let mut refused = 0;
    for line in &plain {
        // Every line with one byte lost, doubled or changed.
        for (at, byte) in line.bytes().enumerate() {
            for put in [&b""[..], &[byte, byte][..], b"\"", b"1", b"}", b"e"] {
                let mut broken = line.as_bytes()[..at].to_vec();
                broken.extend_from_slice(put);
                broken.extend_from_slice(&line.as_bytes()[at + 1..]);
                let broken = String::from_utf8(broken).unwrap();
                let (files, options) = (MemoryFiles::default(), Options::default());
                let lines = RequestLines::new(Path::new("r"), &files, &options);
                match (
                    fast::read(&broken, None),
                    lines.read_with_places(1, &broken),
                ) {
                    (Some(short), Ok(long)) => {
                        assert_eq!(
                            format!("{short:?}"),
                            format!("{:?}", long.value),
                            "{broken}"
                        );
                        // The short road has nowhere to put a warning.
                        assert!(long.diagnostics.is_empty(), "{broken}");
                    }
                    (Some(_), Err(error)) => {
                        // Placeholders are looked for before either road.
                        assert!(
                            error.diagnostics.mentions("UNRESOLVED_PLACEHOLDER"),
                            "{broken}: {error}"
                        );
                    }
                    (None, Err(_)) => refused += 1,
                    (None, Ok(_)) => {}
                }
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}

#[test]
fn the_long_road_reads_the_rest() {
    let texts = files([("d/p.json", IDENTITY_POLICY)]);
    let line = r#"{"id": 7, "principal": {"arn": "arn:aws:iam::111122223333:role/r", "session_policies": [{"file": "p.json"}]}, "action": "kms:Decrypt", "region": null, "context": {"a:b": 1.50}}"#;
    assert!(fast::read(line, None).is_none());
    let request = read_with(line, &texts, &Options::default()).unwrap();
    assert_eq!(request.id.as_deref(), Some("7"));
    assert_eq!(request.session_policies.unwrap()[0].name, "p.json");
    assert_eq!(
        request.context["a:b"],
        preclear_simulator::ContextValue::One("1.50".to_owned())
    );
}

/// Rule: UI-35.
#[test]
fn errors_keep_line_and_id() {
    for (line, id, code) in [
        (
            r#"{"id": "r1", "principal": "nobody", "action": "kms:Decrypt"}"#,
            Some("r1"),
            "INVALID_PRINCIPAL",
        ),
        (
            r#"{"id": "r1", "principal": "anonymous"}"#,
            Some("r1"),
            "MISSING_MEMBER",
        ),
        (
            r#"{"action": "kms:Decrypt", "id": "r\u0031", "principal": "anonymous", "x": 1}"#,
            Some("r1"),
            "UNKNOWN_MEMBER",
        ),
        (
            r#"{"id": "r1", "principal": "anonymous", "#,
            Some("r1"),
            "INVALID_JSON",
        ),
        (r#"{"principal": , "id": "r1"}"#, Some("r1"), "INVALID_JSON"),
        (r#"{"id": "#, None, "INVALID_JSON"),
        (
            r#"{"id": "a", "id": "b", "principal": "anonymous", "action": "kms:Decrypt"}"#,
            Some("a"),
            "DUPLICATE_MEMBER",
        ),
        (
            r#"{"parameters": {"a": 1, "a": 2}, "principal": "anonymous", "action": "kms:Decrypt"}"#,
            None,
            "DUPLICATE_MEMBER",
        ),
        ("principal: anonymous", None, "INVALID_JSON"),
        ("", None, "EMPTY_INPUT"),
        ("[]", None, "WRONG_TYPE"),
        (
            r#"{"id": "p", "principal": "arn:aws:iam::<account-id>:role/r", "action": "kms:Decrypt"}"#,
            Some("p"),
            "UNRESOLVED_PLACEHOLDER",
        ),
    ] {
        let error = read(line).unwrap_err();
        assert_eq!((error.line, error.id.as_deref()), (17, id), "{line}");
        assert!(error.diagnostics.mentions(code), "{line}: {error}");
    }
    let error =
        read(r#"{"principal": "anonymous", "acton": 1, "action": "kms:Decrypt"}"#).unwrap_err();
    assert_eq!(
        error.diagnostics.0[0]
            .place
            .as_ref()
            .unwrap()
            .locate()
            .to_string(),
        "d/r.jsonl line 17:1:28"
    );
}

/// Rule: IAM-GRAM-19.
#[test]
fn a_line_with_a_rejected_session_policy_says_so() {
    let line = r#"{"principal": {"arn": "arn:aws:iam::111122223333:role/r", "session_policies": [{"Statement": []}]}, "action": "kms:Decrypt"}"#;
    assert!(read(line).is_err());
    let (files, keep_going) = (
        MemoryFiles::default(),
        Options {
            keep_going: true,
            ..Options::default()
        },
    );
    let lines = RequestLines::new(Path::new("r"), &files, &keep_going);
    let loaded = lines.read_bytes(1, line.as_bytes()).unwrap();
    assert!(loaded.value.session_policy_rejected);
    assert!(!loaded.diagnostics.is_empty());
}

#[test]
fn bytes_that_are_no_text_are_an_error_of_their_line() {
    let (files, options) = (MemoryFiles::default(), Options::default());
    let lines = RequestLines::new(Path::new("r"), &files, &options);
    let error = lines
        .read_bytes(3, b"{\"id\": \"r\", \"resource\": \"\xff\"}")
        .unwrap_err();
    assert_eq!((error.line, error.id.as_deref()), (3, Some("r")));
    assert!(error.diagnostics.mentions("NOT_UTF8"));
    assert!(
        lines
            .read_bytes(3, br#"{"principal": "anonymous", "action": "kms:Decrypt"}"#)
            .is_ok()
    );
}

#[test]
fn deep_parameters_are_refused_on_both_roads() {
    let deep = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(
            r#"{{"principal": "anonymous", "action": "sqs:SendMessage", "parameters": {{"a": {open}1{close}}}}}"#
        )
    };
    assert!(read(&deep(90)).is_ok());
    assert!(
        read(&deep(120))
            .unwrap_err()
            .diagnostics
            .mentions("NESTED_TOO_DEEPLY")
    );
    assert!(
        read(&deep(100_000))
            .unwrap_err()
            .diagnostics
            .mentions("NESTED_TOO_DEEPLY")
    );
}

/// Rule: UI-35, UI-38.
#[test]
fn a_member_that_the_call_cannot_have_is_an_error_of_its_line_with_its_place() {
    let line =
        r#"{"principal": "anonymous", "action": "kms:Decrypt", "parameters": {"DryRunn": true}}"#;
    let error = read(line).unwrap_err();
    let found = &error.diagnostics.0[0];
    assert_eq!((found.code, found.rule), ("UNKNOWN_MEMBER", Some("UI-38")));
    let column = error.locate(found).unwrap().position.column;
    assert_eq!(column as usize, line.find("\"DryRunn\"").unwrap() + 1);
}

/// Some programs write `<` and `>` as escapes always.
#[test]
fn placeholders_are_told_however_they_are_written() {
    for resource in [
        r"arn:aws:s3:::<bucket>/x",
        r"arn:aws:s3:::\u003cbucket\u003e/x",
        r"arn:aws:s3:::\u0024{bucket}/x",
        r"arn:aws:s3:::bucket\u002dname/x",
        r"s3:\/\/<bucket>\/x",
        // The whole text.
        r"<queue>",
        r"\u003cqueue>",
    ] {
        let line = format!(
            r#"{{"principal":"anonymous","action":"sqs:SendMessage","resource":"{resource}"}}"#
        );
        let told = |read: Result<Request, LineError>| {
            let error = read.expect_err(&line).diagnostics;
            assert!(error.mentions("UNRESOLVED_PLACEHOLDER"), "{line}: {error}");
        };
        told(read(&line));
        let files = MemoryFiles::default();
        let options = Options::default();
        let mut reader = LineReader::new(RequestLines::new(Path::new("r"), &files, &options));
        let known = r#"{"principal":"anonymous","action":"sqs:SendMessage","resource":"q"}"#;
        assert!(reader.read(1, known.as_bytes()).is_ok());
        told(reader.read(2, line.as_bytes()).cloned());
    }
    // In every text of the line, and not where it can mean something else.
    for member in [
        r#""region":"\u003cregion\u003e""#,
        r#""context":{"aws:SourceArn":"arn:aws:s3:::\u003cbucket\u003e"}"#,
        r#""via":"\u003cservice\u003e""#,
        r#""parameters":{"a":["arn:aws:s3:::\u003cbucket\u003e"]}"#,
    ] {
        let line = format!(
            r#"{{"principal":"anonymous","action":"sqs:SendMessage","resource":"*",{member}}}"#
        );
        let error = read(&line).expect_err(&line).diagnostics;
        assert!(error.mentions("UNRESOLVED_PLACEHOLDER"), "{line}: {error}");
    }
    let line = r#"{"principal":"anonymous","action":"sqs:SendMessage","resource":"draw \u003cb\u003etight\u003c/b\u003e"}"#;
    assert_eq!(
        read(line).unwrap().resource.as_deref(),
        Some("draw <b>tight</b>")
    );
}

#[test]
fn placeholders_take_their_values() {
    let options = with_params([("account-id", "111122223333")]);
    let line = r#"{"principal": "arn:aws:iam::<account-id>:role/r", "action": "kms:Decrypt"}"#;
    let request = read_with(line, &MemoryFiles::default(), &options).unwrap();
    assert_eq!(request.caller.account.as_deref(), Some("111122223333"));
    let other = Options {
        params: Params::from_iter([("x", "y")]),
        ..Options::default()
    };
    assert!(read_with(line, &MemoryFiles::default(), &other).is_err());
}
