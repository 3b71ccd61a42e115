use super::*;

#[test]
fn gram_7_members_of_a_statement_are_known() {
    assert_eq!(
        statement(PolicyKind::Identity, r#""Actions": "s3:*""#),
        ["E UNKNOWN_MEMBER IAM-GRAM-7"]
    );
    let text = text_with(PolicyKind::Identity, r#""effect": "Allow", "Xyz": 1"#);
    let (_, found) = parse_policy(&text, "p", PolicyKind::Identity, STRICT);
    let help: Vec<_> = found.iter().map(|d| d.help.clone().unwrap()).collect();
    assert_eq!(
        help[0],
        "write `Effect`: names of members are case-sensitive"
    );
    assert!(help[1].starts_with("remove it"), "{}", help[1]);
}

#[test]
fn gram_7_an_element_and_its_negated_twin_exclude_each_other() {
    for members in [
        r#""Action": "s3:*", "NotAction": []"#,
        r#""Resource": "*", "NotResource": "*""#,
        r#""NotAction": "s3:*", "Action": "s3:*""#,
    ] {
        assert_eq!(
            statement(PolicyKind::Identity, members),
            ["E BOTH_MEMBERS IAM-GRAM-7"],
            "{members}"
        );
    }
    let principals = r#""Principal": "*", "NotPrincipal": "*""#;
    assert_eq!(
        statement(PolicyKind::Resource, principals),
        ["E BOTH_MEMBERS IAM-GRAM-7"]
    );
}

#[test]
fn gram_8_sids_are_letters_and_digits_where_iam_and_organizations_store_them() {
    for kind in PolicyKind::ALL {
        let expected: &[&str] = match kind {
            PolicyKind::Resource | PolicyKind::Key | PolicyKind::VpcEndpoint => &[],
            _ => &["E INVALID_SID IAM-GRAM-8"],
        };
        assert_eq!(
            statement(kind, r#""Sid": "allow read""#),
            expected,
            "{kind:?}"
        );
        assert_eq!(statement(kind, r#""Sid": "AllowRead1""#), NONE, "{kind:?}");
        assert_eq!(
            statement(kind, r#""Sid": """#),
            ["W EMPTY_SID IAM-GRAM-8"],
            "{kind:?}"
        );
        assert_eq!(
            statement(kind, r#""Sid": 5"#),
            ["E WRONG_TYPE IAM-GRAM-8"],
            "{kind:?}"
        );
    }
    assert_eq!(
        statement(PolicyKind::Key, r#""Sid": "${aws:x}""#),
        ["W VARIABLE_NOT_REPLACED IAM-VAR-3"]
    );
}

#[test]
fn gram_8_sids_are_unique() {
    for kind in PolicyKind::ALL {
        let one = |sid: &str| rest_of_statement(kind, &format!("\"Sid\": \"{sid}\""));
        let text = |a: &str, b: &str| {
            document(
                kind,
                &format!(
                    r#"{{"Version": "2012-10-17", "Statement": [{}, {}]}}"#,
                    one(a),
                    one(b)
                ),
            )
        };
        let is_stored = matches!(
            kind,
            PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Trust
        );
        let expected = if is_stored {
            "E DUPLICATE_SID IAM-GRAM-8"
        } else {
            "W DUPLICATE_SID IAM-GRAM-8"
        };
        assert_eq!(text("a", "a"), [expected], "{kind:?}");
        assert_eq!(text("a", "A"), NONE, "{kind:?}");
        assert_eq!(
            text("", ""),
            ["W EMPTY_SID IAM-GRAM-8", "W EMPTY_SID IAM-GRAM-8"],
            "{kind:?}"
        );
    }
}

#[test]
fn gram_9_effects_are_two_words_in_one_case() {
    for effect in ["\"allow\"", "\"DENY\"", "\"\"", "\"Allow \""] {
        assert_eq!(
            statement(PolicyKind::Identity, &format!("\"Effect\": {effect}")),
            ["E INVALID_EFFECT IAM-GRAM-9"]
        );
    }
    assert_eq!(
        statement(PolicyKind::Identity, "\"Effect\": true"),
        ["E WRONG_TYPE IAM-GRAM-9"]
    );
    assert_eq!(
        parsed(PolicyKind::Identity, r#""Effect": "Deny""#).effect,
        Effect::Deny
    );
    let without = r#"{"Version": "2012-10-17", "Statement": {"Action": "s3:*", "Resource": "*"}}"#;
    assert_eq!(
        document(PolicyKind::Identity, without),
        ["E MISSING_MEMBER IAM-GRAM-9"]
    );
}

#[test]
fn gram_20_resource_control_policies_deny() {
    let rule = "IAM-GRAM-20";
    let found = |members| statement(PolicyKind::Rcp, members);
    assert_eq!(
        found(r#""Effect": "Allow""#),
        [format!("E EFFECT_NOT_ALLOWED {rule}")]
    );
    assert_eq!(
        found(r#""Action": "*""#),
        [format!("E ACTION_NOT_ALLOWED {rule}")]
    );
    assert_eq!(
        found(r#""Action": "*:*""#),
        [
            "W ANY_SERVICE_ACTION IAM-GRAM-11".into(),
            format!("E ACTION_NOT_ALLOWED {rule}")
        ]
    );
    assert_eq!(
        found(r#""NotAction": "s3:*""#),
        [format!("E NOT_ACTION_NOT_ALLOWED {rule}")]
    );
    assert_eq!(
        found(r#""Principal": {"AWS": "*"}"#),
        [format!("E PRINCIPAL_NOT_ALLOWED {rule}")]
    );
    assert_eq!(
        found(r#""NotPrincipal": "*""#),
        ["E NOT_PRINCIPAL_NOT_ALLOWED IAM-GRAM-15"]
    );
}

#[test]
fn gram_20_awss_own_resource_control_policy_is_accepted() {
    let own = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
    for text in [own.to_owned(), format!("[{own}]")] {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {text}}}"#);
        assert_eq!(document(PolicyKind::Rcp, &text), NONE);
    }
    let narrowed = own.replace("\"Resource\": \"*\"", "\"Resource\": \"arn:aws:s3:::b\"");
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": {narrowed}}}"#);
    assert_eq!(
        document(PolicyKind::Rcp, &text),
        [
            "E EFFECT_NOT_ALLOWED IAM-GRAM-20",
            "E ACTION_NOT_ALLOWED IAM-GRAM-20"
        ]
    );
}

#[test]
fn gram_20_service_control_policies_take_the_full_language() {
    for members in [
        r#""Action": "*""#,
        r#""Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::b", "Condition": {"Bool": {"aws:x": true}}"#,
        r#""Effect": "Deny", "Action": "s3:*Object", "NotResource": "arn:aws:s3:::b""#,
    ] {
        assert_eq!(statement(PolicyKind::Scp, members), NONE, "{members}");
    }
}

#[test]
fn gram_20_trust_policies_warn_of_all_actions_and_take_no_resource() {
    assert_eq!(
        statement(PolicyKind::Trust, r#""Action": "*""#),
        ["W ALL_ACTIONS_IN_TRUST IAM-GRAM-20"]
    );
    assert_eq!(
        statement(PolicyKind::Trust, r#""NotAction": "sts:TagSession""#),
        ["W NOT_ACTION_IN_TRUST IAM-GRAM-20"]
    );
    assert_eq!(
        statement(PolicyKind::Trust, r#""Resource": "*""#),
        ["E RESOURCE_NOT_ALLOWED IAM-GRAM-22"]
    );
    assert_eq!(
        statement(PolicyKind::Trust, r#""NotResource": "*""#),
        ["E RESOURCE_NOT_ALLOWED IAM-GRAM-22"]
    );
    assert_eq!(
        statement(PolicyKind::Trust, r#""Principal": "*""#),
        ["W TRUST_EVERYONE IAM-GRAM-20"]
    );
}
