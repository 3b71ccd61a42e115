use super::*;

fn action(value: &str) -> Vec<String> {
    statement(PolicyKind::Identity, &format!("\"Action\": {value}"))
}

#[test]
fn gram_10_actions_are_a_string_or_a_list_of_strings() {
    assert_eq!(action(r#""s3:GetObject""#), NONE);
    assert_eq!(action(r#"["s3:GetObject", "kms:*"]"#), NONE);
    for value in [
        "5",
        "null",
        "true",
        r#"{"a": 1}"#,
        r#"["s3:*", 5]"#,
        r#"[["s3:*"]]"#,
        "[null]",
    ] {
        assert_eq!(action(value), ["E WRONG_TYPE IAM-GRAM-10"], "{value}");
    }
    let missing = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*"}}"#;
    assert_eq!(
        document(PolicyKind::Identity, missing),
        ["E MISSING_MEMBER IAM-GRAM-10"]
    );
    let statement = parsed(
        PolicyKind::Identity,
        r#""NotAction": ["iam:*", "kms:Decrypt"]"#,
    );
    let Some(Match::NotIn(entries)) = statement.action else {
        panic!("{:?}", statement.action)
    };
    assert_eq!(
        entries
            .iter()
            .map(|entry| entry.text.as_str())
            .collect::<Vec<_>>(),
        ["iam:*", "kms:Decrypt"]
    );
}

#[test]
fn gram_10_empty_lists_are_refused_where_iam_stores_them() {
    for kind in PolicyKind::ALL {
        let is_stored = matches!(
            kind,
            PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Trust
        );
        let expected = if is_stored {
            "E EMPTY_ACTION_LIST IAM-GRAM-10"
        } else {
            "W EMPTY_ACTION_LIST IAM-GRAM-10"
        };
        assert_eq!(statement(kind, "\"Action\": []"), [expected], "{kind:?}");
    }
    assert_eq!(
        parsed(PolicyKind::Key, "\"Action\": []").action,
        Some(Match::In(Vec::new()))
    );
    // An empty list grants nothing; but what excepts nothing denies everything.
    let not_action = |effect: &str| {
        let members = format!(r#""Effect": "{effect}", "NotAction": []"#);
        parsed(PolicyKind::Key, &members).action
    };
    assert_eq!(not_action("Allow"), Some(Match::In(Vec::new())));
    assert_eq!(not_action("Deny"), Some(Match::NotIn(Vec::new())));
}

#[test]
fn gram_11_actions_are_a_star_or_a_prefix_and_a_name() {
    for text in [
        "*",
        "kms:GenerateDataKey*",
        "iam:*AccessKey*",
        "s3:?et",
        "s3:*",
        "nosuch:Thing",
        "execute-api:Invoke",
        "a.b:C",
    ] {
        assert_eq!(action(&format!("\"{text}\"")), NONE, "{text}");
    }
    for text in [
        "GetObject",
        "s3:a:b",
        "kms*:Decrypt",
        "*:Untag*",
        "?:x",
        "",
        ":x",
        "**",
        " s3:Get",
        "s 3:Get",
        "s3*",
        "é:x",
    ] {
        assert_eq!(
            action(&format!("\"{text}\"")),
            ["E INVALID_ACTION IAM-GRAM-11"],
            "{text}"
        );
    }
    assert_eq!(action("\"*:*\""), ["W ANY_SERVICE_ACTION IAM-GRAM-11"]);
    for text in [
        "s3:Get, s3-Put",
        "s3:Get, s3:Put",
        "s3:",
        "kms:Decrypt ",
        "s3:Get\\tx",
    ] {
        assert_eq!(
            action(&format!("\"{text}\"")),
            ["W DEAD_ACTION IAM-GRAM-11"],
            "{text}"
        );
    }
}

#[test]
fn gram_11_the_same_holds_in_not_action() {
    assert_eq!(
        statement(PolicyKind::Identity, "\"NotAction\": \"Get\""),
        ["E INVALID_ACTION IAM-GRAM-11"]
    );
    assert_eq!(
        statement(PolicyKind::Identity, "\"NotAction\": \"s3:GetObject \""),
        ["W DEAD_ACTION IAM-GRAM-11"]
    );
}

#[test]
fn var_3_variables_do_not_work_in_actions() {
    assert_eq!(action("\"s3:${x}\""), ["W VARIABLE_NOT_REPLACED IAM-VAR-3"]);
}

#[test]
fn kms_pol_12_a_key_policy_loads_without_action() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Resource": "*"}}"#;
    let (policy, found) = parse_policy(text, "p", PolicyKind::Key, STRICT);
    assert_eq!(findings(&found), ["W KMS_DEAD_STATEMENT KMS-POL-12"]);
    assert_eq!(policy.unwrap().statements[0].action, None);
    assert_eq!(
        document(PolicyKind::Resource, text),
        ["E MISSING_MEMBER IAM-GRAM-10"]
    );
}

#[test]
fn gram_22_actions_of_trust_policies_are_those_of_sts() {
    let trust = |value: &str| statement(PolicyKind::Trust, &format!("\"Action\": {value}"));
    assert_eq!(
        trust(
            r#"["sts:AssumeRole", "STS:tagsession", "sts:SetSourceIdentity", "sts:*", "sts:Assume*"]"#
        ),
        NONE
    );
    assert_eq!(
        trust(r#""s3:GetObject""#),
        ["W MEANINGLESS_TRUST_ACTION IAM-GRAM-22"]
    );
    assert_eq!(
        trust(r#""sts:GetCallerIdentity""#),
        ["W MEANINGLESS_TRUST_ACTION IAM-GRAM-22"]
    );
    assert_eq!(
        trust(r#""s3:*""#),
        ["W MEANINGLESS_TRUST_ACTION IAM-GRAM-22"]
    );
}

#[test]
fn gram_22_a_provider_needs_the_action_of_its_kind() {
    let trust = |provider: &str, action: &str| {
        statement(
            PolicyKind::Trust,
            &format!(r#""Principal": {{"Federated": "{provider}"}}, "Action": "{action}""#),
        )
    };
    let (saml, oidc) = (
        "arn:aws:iam::111122223333:saml-provider/x",
        "arn:aws:iam::111122223333:oidc-provider/x",
    );
    for (provider, action) in [
        (saml, "sts:AssumeRoleWithSAML"),
        (oidc, "sts:AssumeRoleWithWebIdentity"),
        ("accounts.google.com", "sts:AssumeRoleWithWebIdentity"),
        (saml, "sts:*"),
    ] {
        assert_eq!(trust(provider, action), NONE, "{provider} {action}");
    }
    for (provider, action) in [
        (saml, "sts:AssumeRoleWithWebIdentity"),
        (oidc, "sts:assumerolewithsaml"),
        ("accounts.google.com", "sts:AssumeRoleWithSAML"),
    ] {
        assert_eq!(
            trust(provider, action),
            ["W TRUST_ACTION_MISMATCH IAM-GRAM-22"],
            "{provider} {action}"
        );
    }
}
