use std::sync::Arc;

use preclear_model::{Limits, Source};

use crate::loader::parse;
use crate::testing::{KEY, codes, error_codes, load_files, with_params};
use crate::{Options, Params};

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::<account-id>:root"},
    "Action": "kms:*", "Resource": "arn:aws:kms:*:${account}:key/${aws:username}",
    "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::<account-id>:role/*"}}
  }
}"#;

fn snapshot() -> String {
    format!(
        "# the <account-id> of a comment does not count\npreclear: 1\nkeys: [{{arn: '{KEY}', policy: {{file: k.json}}}}]"
    )
}

/// Rule: JOB-LINT-2.
#[test]
fn what_has_no_value_is_reported_with_name_position_and_remedy() {
    let found = load_files(
        [("s.yaml", &snapshot()), ("k.json", POLICY)],
        &Options::default(),
    )
    .unwrap_err();
    assert_eq!(
        codes(&found),
        [
            "UNRESOLVED_PLACEHOLDER <account-id>",
            "UNRESOLVED_PLACEHOLDER ${account}"
        ]
    );
    let first = &found.0[0];
    assert_eq!(
        first.place.as_ref().unwrap().locate().to_string(),
        "k.json:4:59"
    );
    assert_eq!(first.related.len(), 1);
    assert_eq!(
        first.help.as_deref(),
        Some(
            "pass `--param account-id=VALUE`, or `--infer` to take the account and Region of what is asked"
        )
    );
    assert_eq!(first.rule, Some("JOB-LINT-2"));
}

#[test]
fn values_are_put_in_and_places_stay_those_of_the_file() {
    let options = with_params([("account-id", "111122223333"), ("account", "111122223333")]);
    let loaded = load_files([("s.yaml", &snapshot()), ("k.json", POLICY)], &options).unwrap();
    let key = &loaded.value.keys[0];
    let policy = key.policy.value().unwrap();
    let statement = &policy.statements[0];
    assert_eq!(
        statement.principal.as_ref().unwrap().entries()[0].text,
        "arn:aws:iam::111122223333:root"
    );
    let resource = &statement.resource.as_ref().unwrap().entries()[0];
    assert_eq!(
        resource.template.source,
        "arn:aws:kms:*:111122223333:key/${aws:username}"
    );
    let located = policy.place(resource.span).locate();
    assert_eq!((located.position.line, located.position.column), (5, 36));
}

#[test]
fn documents_in_strings_are_filled_in_too() {
    let quoted = serde_json::to_string(POLICY).unwrap();
    let text = format!(r#"{{"preclear": 1, "keys": [{{"arn": "{KEY}", "policy": {quoted}}}]}}"#);
    let found = load_files([("s.yaml", &text)], &Options::default()).unwrap_err();
    assert_eq!(
        codes(&found),
        [
            "UNRESOLVED_PLACEHOLDER <account-id>",
            "UNRESOLVED_PLACEHOLDER ${account}"
        ]
    );
    let options = with_params([("account-id", "111122223333"), ("account", "111122223333")]);
    let key = load_files([("s.yaml", &text)], &options)
        .unwrap()
        .value
        .keys
        .remove(0);
    let policy = key.policy.value().unwrap();
    let entry = &policy.statements[0].principal.as_ref().unwrap().entries()[0];
    assert_eq!(entry.text, "arn:aws:iam::111122223333:root");
    assert_eq!(
        policy.place(entry.span).outermost().text(),
        "\\\"arn:aws:iam::<account-id>:root\\\""
    );
    // Percent-encoded, the placeholder is out of sight until the text is decoded.
    let encoded: String = POLICY.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let text = format!(r#"{{"preclear": 1, "keys": [{{"arn": "{KEY}", "policy": "{encoded}"}}]}}"#);
    assert!(load_files([("s.yaml", &text)], &options).is_ok());
    assert!(
        load_files([("s.yaml", &text)], &Options::default())
            .unwrap_err()
            .mentions("UNRESOLVED_PLACEHOLDER")
    );
}

#[test]
fn placeholders_in_the_snapshot_itself_count() {
    let text = "preclear: 1\naccount: <account-id>\nkeys: [{arn: 'arn:aws:kms:region:accountNumber:key/k'}]";
    let found = load_files([("s.yaml", text)], &Options::default()).unwrap_err();
    assert_eq!(
        codes(&found),
        [
            "UNRESOLVED_PLACEHOLDER <account-id>",
            "UNRESOLVED_PLACEHOLDER region",
            "UNRESOLVED_PLACEHOLDER accountNumber"
        ]
    );
    let mut options = Options::default();
    options
        .params
        .infer(Some("111122223333"), Some("us-west-2"));
    let snapshot = load_files([("s.yaml", text)], &options).unwrap().value;
    assert_eq!(snapshot.account.as_deref(), Some("111122223333"));
    assert_eq!(
        snapshot.keys[0].arn.as_str(),
        "arn:aws:kms:us-west-2:111122223333:key/k"
    );
}

#[test]
fn a_placeholder_in_the_place_of_a_number_is_found_too() {
    let read = |text: &str, params: &Params| {
        parse(
            &Arc::new(Source::new("p.json", text)),
            params,
            &Limits::FILE,
        )
        .map(|(_, node)| node.to_json())
    };
    let text = r#"{"MaxConcurrentTaskCount": <task-count>, "x": 1}"#;
    let found = read(text, &Params::default()).unwrap_err();
    assert!(
        codes(&found).contains(&"UNRESOLVED_PLACEHOLDER <task-count>".to_owned()),
        "{found}"
    );
    let value = read(text, &Params::from_iter([("task-count", "7")])).unwrap();
    assert_eq!(value["MaxConcurrentTaskCount"], 7);
}

#[test]
fn a_value_cannot_break_out_of_its_string() {
    let params = Params::from_iter([("account-id", r#"1", "Effect": "Allow"#)]);
    let text = r#"{"Effect": "Deny", "Account": "<account-id>"}"#;
    let (_, node) = parse(
        &Arc::new(Source::new("p.json", text)),
        &params,
        &Limits::FILE,
    )
    .unwrap();
    assert_eq!(node.get("Effect").unwrap().as_text(), Some("Deny"));
}

#[test]
fn a_text_past_the_limit_is_refused() {
    let source = Arc::new(Source::new("p.json", r#"{"a": 1}"#));
    let within = |bytes| {
        parse(
            &source,
            &Params::default(),
            &Limits {
                bytes,
                ..Limits::FILE
            },
        )
    };
    assert!(within(8).is_ok());
    assert!(within(7).unwrap_err().mentions("INPUT_TOO_LARGE"));
}

#[test]
fn broken_texts_are_errors_with_a_place() {
    for (text, code) in [
        ("", "EMPTY_INPUT"),
        ("   \n", "EMPTY_INPUT"),
        (r#"{"preclear": 1"#, "INVALID_JSON"),
        (r#"{"preclear": 1, "preclear": 1}"#, "DUPLICATE_MEMBER"),
        (r#"{"preclear": 1,}"#, "JSON_TRAILING_COMMA"),
        ("[]", "NOTHING_RECOGNISED"),
        ("1", "NOTHING_RECOGNISED"),
    ] {
        let found = crate::snapshot::load(
            ["s.json"],
            &crate::testing::files([("s.json", text)]),
            &Options::default(),
        );
        assert_eq!(error_codes(found), [code], "{text}");
    }
    let found = load_files([], &Options::default());
    assert_eq!(error_codes(found), ["MISSING_FILE"]);
}
