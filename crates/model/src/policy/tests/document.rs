use super::*;

fn with_version(version: &str) -> String {
    format!(
        r#"{{{version} "Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}}"#
    )
}

#[test]
fn gram_1_anything_but_one_json_object_is_refused() {
    for text in ["[]", "7", "null"] {
        assert_eq!(
            document(PolicyKind::Identity, text),
            ["E WRONG_TYPE IAM-GRAM-1"],
            "{text}"
        );
    }
    assert_eq!(
        document(PolicyKind::Identity, "// note\n{}"),
        ["E INVALID_JSON IAM-GRAM-1"]
    );
    assert_eq!(
        document(PolicyKind::Identity, "{ // note\n}"),
        ["E INVALID_JSON IAM-GRAM-1"]
    );
    assert_eq!(
        document(PolicyKind::Identity, "\"hello\""),
        ["E NOT_A_DOCUMENT UI-30"]
    );
    let with_mark = format!("\u{feff}{}", text_with(PolicyKind::Identity, ""));
    assert_eq!(
        document(PolicyKind::Identity, &with_mark),
        ["W BYTE_ORDER_MARK IAM-GRAM-1"]
    );
}

#[test]
fn gram_2_members_of_the_document_are_known_and_case_sensitive() {
    let text = r#"{"Version": "2012-10-17", "statement": [], "Comment": "x"}"#;
    let found = document(PolicyKind::Identity, text);
    assert_eq!(
        found,
        [
            "E MISSING_MEMBER IAM-GRAM-6",
            "E UNKNOWN_MEMBER IAM-GRAM-2",
            "E UNKNOWN_MEMBER IAM-GRAM-2"
        ]
    );
    let (_, found) = parse_policy(text, "p.json", PolicyKind::Identity, STRICT);
    assert_eq!(
        found.0[1].help.as_deref(),
        Some("write `Statement`: names of members are case-sensitive")
    );
}

#[test]
fn gram_3_duplicate_members_are_refused_at_any_depth() {
    let text = text_with(
        PolicyKind::Identity,
        r#""Effect": "Allow", "Effect": "Deny""#,
    );
    assert_eq!(
        document(PolicyKind::Identity, &text),
        ["E DUPLICATE_MEMBER IAM-GRAM-3"]
    );
    let blocks = r#""Condition": {"StringEquals": {"aws:a": "1"}, "StringEquals": {"aws:b": "1"}}"#;
    assert_eq!(
        statement(PolicyKind::Identity, blocks),
        ["E DUPLICATE_MEMBER IAM-GRAM-3"]
    );
}

#[test]
fn gram_4_versions_are_two_strings() {
    assert_eq!(
        document(
            PolicyKind::Identity,
            &with_version(r#""Version": "2008-10-17","#)
        ),
        NONE
    );
    assert_eq!(
        document(PolicyKind::Identity, &with_version("")),
        ["W MISSING_VERSION IAM-GRAM-4"]
    );
    let (policy, _) = parse_policy(&with_version(""), "p", PolicyKind::Identity, STRICT);
    assert_eq!(policy.unwrap().version, Version::V2008);
    for (version, expected) in [
        (
            r#""Version": "2023-01-01","#,
            "E INVALID_VERSION IAM-GRAM-4",
        ),
        (r#""Version": 20121017,"#, "E WRONG_TYPE IAM-GRAM-4"),
        (r#""Version": null,"#, "E WRONG_TYPE IAM-GRAM-4"),
        (r#""Version": ["2012-10-17"],"#, "E WRONG_TYPE IAM-GRAM-4"),
    ] {
        assert_eq!(
            document(PolicyKind::Identity, &with_version(version)),
            [expected]
        );
    }
    for kind in [PolicyKind::Scp, PolicyKind::Rcp] {
        let text =
            |version: &str| text_with(kind, "").replacen(r#""Version": "2012-10-17","#, version, 1);
        assert_eq!(document(kind, &text("")), ["E MISSING_MEMBER IAM-GRAM-4"]);
        assert_eq!(
            document(kind, &text(r#""Version": "2008-10-17","#)),
            ["E INVALID_VERSION IAM-GRAM-4"]
        );
    }
}

#[test]
fn gram_4_nothing_is_a_variable_in_an_old_document() {
    let text = with_version("").replace("\"*\"", "\"arn:aws:s3:::b/${aws:username}/${*}\"");
    let (policy, found) = parse_policy(&text, "p", PolicyKind::Identity, STRICT);
    assert_eq!(
        findings(&found),
        [
            "W MISSING_VERSION IAM-GRAM-4",
            "W VARIABLE_NEEDS_2012 IAM-GRAM-4"
        ]
    );
    let policy = policy.unwrap();
    let entry = &policy.statements[0].resource.as_ref().unwrap().entries()[0];
    assert_eq!(
        entry.template.as_plain(),
        Some("arn:aws:s3:::b/${aws:username}/${*}")
    );
    let broken = with_version("").replace("\"*\"", "\"arn:aws:s3:::b/${\"");
    assert_eq!(
        document(PolicyKind::Identity, &broken),
        ["W MISSING_VERSION IAM-GRAM-4"]
    );
}

#[test]
fn gram_5_ids_are_strings_and_not_for_every_kind() {
    let with_id = |kind, id: &str| {
        let text = text_with(kind, "").replacen('{', &format!("{{\"Id\": {id}, "), 1);
        document(kind, &text)
    };
    for kind in PolicyKind::ALL {
        let expected: &[&str] = match kind {
            PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => {
                &["W ID_NOT_ALLOWED IAM-GRAM-5"]
            }
            PolicyKind::Scp | PolicyKind::Rcp => &["E ID_NOT_ALLOWED IAM-GRAM-20"],
            _ => &[],
        };
        assert_eq!(with_id(kind, "\"x y\""), expected, "{kind:?}");
    }
    assert_eq!(with_id(PolicyKind::Key, "5"), ["E WRONG_TYPE IAM-GRAM-5"]);
}

#[test]
fn gram_6_statements_are_an_object_or_a_list_of_some() {
    let with = |statement: &str| {
        document(
            PolicyKind::Identity,
            &format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#),
        )
    };
    let one = rest_of_statement(PolicyKind::Identity, "");
    assert_eq!(with(&one), NONE);
    assert_eq!(with(&format!("[{one}, {one}]")), NONE);
    assert_eq!(with("[]"), ["E EMPTY_STATEMENT_LIST IAM-GRAM-6"]);
    assert_eq!(with("[\"x\"]"), ["E WRONG_TYPE IAM-GRAM-6"]);
    assert_eq!(with("\"x\""), ["E WRONG_TYPE IAM-GRAM-6"]);
    assert_eq!(with("null"), ["E WRONG_TYPE IAM-GRAM-6"]);
    assert_eq!(
        document(PolicyKind::Identity, "{\"Version\": \"2012-10-17\"}"),
        ["E MISSING_MEMBER IAM-GRAM-6"]
    );
}

#[test]
fn statements_without_a_document_are_named_as_such() {
    let one = rest_of_statement(PolicyKind::Identity, "");
    for text in [one.clone(), format!("[{one}]")] {
        assert_eq!(
            document(PolicyKind::Identity, &text),
            ["E STATEMENT_WITHOUT_DOCUMENT IAM-GRAM-2"]
        );
    }
}

#[test]
fn ui_30_documents_in_strings_are_read_and_their_places_lead_back() {
    let document = text_with(PolicyKind::Identity, r#""Effect": "allow""#);
    let encoded: String = document
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    for text in [&document, &encoded] {
        let file = format!("{{\"d\": {}}}", serde_json::to_string(text).unwrap());
        let source = Arc::new(Source::new("f.json", file));
        let tree = crate::node::read(&source).unwrap();
        let (policy, found) = Policy::parse(
            tree.get("d").unwrap(),
            &source,
            "p",
            PolicyKind::Identity,
            STRICT,
        );
        assert!(policy.is_none());
        assert_eq!(findings(&found), ["E INVALID_EFFECT IAM-GRAM-9"]);
        let place = found.0[0].place.as_ref().unwrap();
        assert_eq!(place.text(), "\"allow\"");
        assert!(place.locate().inner.is_some());
        let outer = place.outermost();
        assert_eq!(outer.source.name, "f.json");
        assert!(
            ["\\\"allow\\\"", "%22%61%6C%6C%6F%77%22"].contains(&outer.text()),
            "{}",
            outer.text()
        );
    }
    let encoded = encoded.replace("%61%6C%6C%6F%77", "Allow");
    let (policy, found) = parse_policy(&encoded, "p.txt", PolicyKind::Identity, STRICT);
    assert!(policy.is_some(), "{found}");
}

#[test]
fn yaml_documents_are_policies_too() {
    let text = "Version: 2012-10-17\nStatement:\n  - Effect: Allow\n    Action: [kms:Decrypt]\n    Resource: '*'\n    Principal: {AWS: 012345678901}\n";
    let (policy, found) = parse_policy(text, "p.yaml", PolicyKind::Key, STRICT);
    assert!(found.is_empty(), "{found}");
    let policy = policy.unwrap();
    let principal = &policy.statements[0].principal.as_ref().unwrap().entries()[0];
    assert_eq!(
        principal.kind,
        PrincipalKind::Account {
            partition: None,
            account: "012345678901".into()
        }
    );
}

#[test]
fn documents_above_the_limit_are_refused() {
    let long = format!(
        "{{\"Version\": \"{}\"}}",
        "x".repeat(node::POLICY_BYTES_MAX)
    );
    let (_, found) = parse_policy(&long, "p", PolicyKind::Identity, STRICT);
    assert!(found.mentions("INPUT_TOO_LARGE"));
    let source = Arc::new(Source::new("snapshot", long));
    let tree = crate::node::read(&source).unwrap();
    let (policy, found) = Policy::parse(&tree, &source, "p", PolicyKind::Identity, STRICT);
    assert!(policy.is_none());
    assert_eq!(findings(&found), ["E POLICY_TOO_LARGE IAM-GRAM-23"]);
}

#[test]
fn all_errors_are_found_at_once_in_the_order_of_the_text() {
    let text = r#"{"Version": "2013", "Statement": [
        {"Sid": "a b", "Effect": "allow", "Action": "GetObject", "Resource": "bucket"},
        {"Effect": "Deny", "Action": ["s3:*", 5], "Principal": "*", "Condition": {"StringEqual": {"x": null}}}]}"#;
    assert_eq!(
        document(PolicyKind::Identity, text),
        [
            "E INVALID_VERSION IAM-GRAM-4",
            "E INVALID_SID IAM-GRAM-8",
            "E INVALID_EFFECT IAM-GRAM-9",
            "E INVALID_ACTION IAM-GRAM-11",
            "E INVALID_RESOURCE IAM-GRAM-13",
            "E MISSING_MEMBER IAM-GRAM-12",
            "E WRONG_TYPE IAM-GRAM-10",
            "E PRINCIPAL_NOT_ALLOWED IAM-GRAM-21",
            "E UNKNOWN_OPERATOR IAM-GRAM-17",
            "E INVALID_CONDITION_KEY IAM-GRAM-18",
            "E WRONG_TYPE IAM-GRAM-16",
        ]
    );
}
