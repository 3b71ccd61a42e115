use super::*;

/// What a resource-based statement with this principal finds.
fn principal(value: &str) -> Vec<String> {
    statement(PolicyKind::Resource, &format!("\"Principal\": {value}"))
}

fn kind_of(kind: PolicyKind, value: &str) -> PrincipalKind {
    let statement = parsed(kind, &format!("\"Principal\": {value}"));
    let entries = statement.principal.unwrap();
    assert_eq!(entries.entries().len(), 1);
    entries.entries()[0].kind.clone()
}

fn aws(text: &str) -> PrincipalKind {
    kind_of(PolicyKind::Resource, &format!("{{\"AWS\": \"{text}\"}}"))
}

fn arn(text: &str) -> crate::Arn {
    crate::Arn::parse(text).unwrap()
}

#[test]
fn gram_14_everyone_is_a_star_alone() {
    assert_eq!(
        kind_of(PolicyKind::Resource, "\"*\""),
        PrincipalKind::Everyone
    );
    assert_eq!(aws("*"), PrincipalKind::Everyone);
    for value in [
        "\"111122223333\"",
        "\"arn:aws:iam::111122223333:root\"",
        "\"\"",
    ] {
        assert_eq!(
            principal(value),
            ["E INVALID_PRINCIPAL IAM-GRAM-14"],
            "{value}"
        );
    }
    for value in ["[\"*\"]", "null", "true"] {
        assert_eq!(principal(value), ["E WRONG_TYPE IAM-GRAM-14"], "{value}");
    }
}

#[test]
fn gram_14_types_of_principals_are_four() {
    let both = r#"{"AWS": ["111122223333", "arn:aws:iam::444455556666:root"], "Service": "sagemaker.amazonaws.com"}"#;
    assert_eq!(principal(both), NONE);
    let statement = parsed(PolicyKind::Resource, &format!("\"Principal\": {both}"));
    assert_eq!(statement.principal.unwrap().entries().len(), 3);
    assert_eq!(
        principal(r#"{"aws": "111122223333"}"#),
        ["E UNKNOWN_MEMBER IAM-GRAM-14"]
    );
    assert_eq!(
        principal(r#"{"AWS": 111122223333}"#),
        ["E WRONG_TYPE IAM-GRAM-14"]
    );
    assert_eq!(
        principal(r#"{"AWS": [["x"]]}"#),
        ["E WRONG_TYPE IAM-GRAM-14"]
    );
}

#[test]
fn gram_14_nobody_is_worth_a_warning() {
    for value in ["{}", r#"{"AWS": []}"#, r#"{"AWS": [], "Service": []}"#] {
        assert_eq!(
            principal(value),
            ["W EMPTY_PRINCIPAL IAM-GRAM-14"],
            "{value}"
        );
    }
    assert_eq!(
        parsed(PolicyKind::Resource, "\"Principal\": {}").principal,
        Some(Match::In(Vec::new()))
    );
}

#[test]
fn gram_14_aws_principals_are_classified() {
    let account = |partition: Option<&str>| PrincipalKind::Account {
        partition: partition.map(str::to_owned),
        account: "111122223333".into(),
    };
    assert_eq!(aws("111122223333"), account(None));
    assert_eq!(
        aws("arn:aws-cn:iam::111122223333:root"),
        account(Some("aws-cn"))
    );
    let user = "arn:aws:iam::111122223333:user/path/U";
    assert_eq!(aws(user), PrincipalKind::User(arn(user)));
    let role = "arn:aws:iam::111122223333:role/R";
    assert_eq!(aws(role), PrincipalKind::Role(arn(role)));
    let session = "arn:aws:sts::111122223333:assumed-role/R/S";
    assert_eq!(aws(session), PrincipalKind::RoleSession(arn(session)));
    let federated = "arn:aws:sts::111122223333:federated-user/F";
    assert_eq!(aws(federated), PrincipalKind::FederatedUser(arn(federated)));
    for text in ["111122223333", user, role, session, federated] {
        assert_eq!(
            principal(&format!("{{\"AWS\": \"{text}\"}}")),
            NONE,
            "{text}"
        );
    }
}

#[test]
fn gram_14_ids_of_deleted_principals_are_warned_of() {
    for text in [
        "AIDAEXAMPLEID1234567",
        "AROAEXAMPLEID1234567",
        "AGPAEXAMPLEID1234567",
    ] {
        assert_eq!(
            principal(&format!("{{\"AWS\": \"{text}\"}}")),
            ["W UNIQUE_ID_PRINCIPAL IAM-GRAM-14"]
        );
        assert_eq!(aws(text), PrincipalKind::UniqueId(text.into()));
    }
}

#[test]
fn gram_14_groups_wildcards_and_words_are_refused() {
    for (text, code) in [
        ("arn:aws:iam::111122223333:group/g", "GROUP_PRINCIPAL"),
        ("arn:aws:iam::111122223333:role/*", "PRINCIPAL_WILDCARD"),
        ("arn:aws:iam::11112222333?:root", "PRINCIPAL_WILDCARD"),
        ("bob", "INVALID_PRINCIPAL"),
        ("", "INVALID_PRINCIPAL"),
        ("11112222333", "INVALID_PRINCIPAL"),
        (" 111122223333", "INVALID_PRINCIPAL"),
        ("arn:aws:iam::111122223333", "INVALID_PRINCIPAL"),
        ("arn:aws:iam::<account-id>:root", "INVALID_PRINCIPAL"),
        ("arn:aws:iam::11112222333:root", "INVALID_PRINCIPAL"),
        ("arn:aws:iam::1111222233334:role/R", "INVALID_PRINCIPAL"),
        ("arn:aws:iam::1111-2222-3333:user/U", "INVALID_PRINCIPAL"),
        ("arn:aws:sts::12345:assumed-role/R/S", "INVALID_PRINCIPAL"),
        ("arn:aws:iam::111122223333 :root", "INVALID_PRINCIPAL"),
        ("AROA", "INVALID_PRINCIPAL"),
    ] {
        let found = principal(&format!("{{\"AWS\": \"{text}\"}}"));
        assert_eq!(found, [format!("E {code} IAM-GRAM-14")], "{text}");
    }
}

#[test]
fn gram_14_arns_of_no_principal_match_nobody() {
    for text in [
        "arn:aws:iam::111122223333:instance-profile/x",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:sts::111122223333:assumed-role/R",
        "arn:aws:sts::111122223333:assumed-role/path/R/S",
        "arn:aws:iam:us-east-1:111122223333:role/R",
        "arn:aws:s3:::b",
        "arn:aws:iam::abc:user/u",
        "arn:aws:iam::cloudfront:role/r",
        "arn:aws:iam:::root",
    ] {
        assert_eq!(
            principal(&format!("{{\"AWS\": \"{text}\"}}")),
            ["W UNKNOWN_PRINCIPAL IAM-GRAM-14"],
            "{text}"
        );
        assert_eq!(aws(text), PrincipalKind::Other, "{text}");
    }
    let identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E123";
    assert_eq!(
        (
            principal(&format!("{{\"AWS\": \"{identity}\"}}")).len(),
            aws(identity)
        ),
        (0, PrincipalKind::Other)
    );
    let found = principal(r#"{"AWS": "arn:amazon:iam::111122223333:root"}"#);
    assert_eq!(found, ["W UNKNOWN_PARTITION IAM-GRAM-13"]);
}

#[test]
fn gram_14_names_that_iam_cannot_have_are_warned_of() {
    let found = |text: &str| principal(&format!("{{\"AWS\": \"arn:aws:{text}\"}}"));
    for text in [
        "iam::111122223333:user//u",
        "iam::111122223333:user/u ",
        "iam::111122223333:user/ u",
        "iam::111122223333:role/a b/R",
        "iam::111122223333:role/R:1",
        "iam::111122223333:user/Zoë",
        "sts::111122223333:assumed-role/R/a b",
        "sts::111122223333:assumed-role/R!/S",
        "sts::111122223333:federated-user/a#b",
    ] {
        assert_eq!(found(text), ["W UNKNOWN_PRINCIPAL IAM-GRAM-14"], "{text}");
    }
    for text in [
        "iam::111122223333:user/a/b/U",
        "iam::111122223333:user/a//U",
        "iam::111122223333:user/~!:/u+=,.@_-",
        "sts::111122223333:assumed-role/R/u@example.com",
    ] {
        assert_eq!(found(text), NONE, "{text}");
    }
    // That variables do not work here is said already.
    let found = found("iam::111122223333:user/${aws:username}");
    assert_eq!(found, ["W VARIABLE_NOT_REPLACED IAM-VAR-3"]);
}

#[test]
fn gram_14_services_have_names_under_amazonaws_com() {
    let service = |text: &str| principal(&format!("{{\"Service\": \"{text}\"}}"));
    for text in [
        "s3.amazonaws.com",
        "logs.us-west-2.amazonaws.com",
        "ec2.amazonaws.com.cn",
        "ops.apigateway.amazonaws.com",
    ] {
        assert_eq!(service(text), NONE, "{text}");
    }
    assert_eq!(service("*"), ["E PRINCIPAL_WILDCARD IAM-GRAM-14"]);
    assert_eq!(
        service("s3*.amazonaws.com"),
        ["E PRINCIPAL_WILDCARD IAM-GRAM-14"]
    );
    for text in [
        "s3",
        "amazonaws.com",
        ".amazonaws.com",
        "s3.example.com",
        "S3.amazonaws.com",
        "s3.amazonaws.com ",
    ] {
        assert_eq!(
            service(text),
            ["W UNUSUAL_SERVICE_PRINCIPAL IAM-GRAM-14"],
            "{text}"
        );
    }
    assert_eq!(
        kind_of(PolicyKind::Resource, r#"{"Service": "s3.amazonaws.com"}"#),
        PrincipalKind::Service("s3.amazonaws.com".into())
    );
}

#[test]
fn gram_14_federated_principals_are_for_trust_policies() {
    let trust = |text: &str| {
        let members = format!(r#""Principal": {{"Federated": "{text}"}}, "Action": "sts:*""#);
        statement(PolicyKind::Trust, &members)
    };
    for text in [
        "arn:aws:iam::111122223333:saml-provider/x",
        "arn:aws:iam::111122223333:oidc-provider/x",
        "cognito-identity.amazonaws.com",
    ] {
        assert_eq!(trust(text), NONE, "{text}");
    }
    assert_eq!(trust("example.com"), ["W UNKNOWN_PRINCIPAL IAM-GRAM-14"]);
    assert_eq!(trust("*"), ["E PRINCIPAL_WILDCARD IAM-GRAM-14"]);
    assert_eq!(
        principal(r#"{"Federated": "accounts.google.com"}"#),
        ["E FEDERATED_NOT_ALLOWED IAM-GRAM-14"]
    );
}

#[test]
fn gram_14_canonical_users_are_for_buckets() {
    let members = r#""Principal": {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#;
    assert_eq!(statement(PolicyKind::Resource, members), NONE);
    for kind in [PolicyKind::Key, PolicyKind::VpcEndpoint, PolicyKind::Trust] {
        assert_eq!(
            statement(kind, members),
            ["W CANONICAL_USER IAM-GRAM-14"],
            "{kind:?}"
        );
    }
    let about = |action: &str, resource: &str| {
        let rest = format!(r#", "Action": {action}, "Resource": "{resource}""#);
        statement(PolicyKind::Resource, &format!("{members}{rest}"))
    };
    for (action, resource) in [
        (r#""*""#, "*"),
        (r#"["sqs:SendMessage", "S3:GetObject"]"#, "*"),
        (r#""s3express:*""#, "arn:aws:s3express:*:*:bucket/b"),
    ] {
        assert_eq!(about(action, resource), NONE, "{action}");
    }
    for (action, resource) in [
        (r#""sqs:SendMessage""#, "*"),
        (r#""*""#, "arn:aws:sqs:us-west-2:111122223333:jobs"),
    ] {
        assert_eq!(
            about(action, resource),
            ["W CANONICAL_USER IAM-GRAM-14"],
            "{action}"
        );
    }
}

#[test]
fn gram_15_not_principal_goes_with_deny_in_resource_policies() {
    let found = |kind, effect: &str, options| {
        statement_with(
            kind,
            &format!(r#""NotPrincipal": {{"AWS": "111122223333"}}, "Effect": "{effect}""#),
            options,
        )
    };
    for kind in [
        PolicyKind::Resource,
        PolicyKind::Key,
        PolicyKind::VpcEndpoint,
    ] {
        assert_eq!(
            found(kind, "Deny", STRICT),
            ["W NOT_PRINCIPAL IAM-GRAM-15"],
            "{kind:?}"
        );
        assert_eq!(
            found(kind, "Allow", STRICT),
            ["E NOT_PRINCIPAL_WITH_ALLOW IAM-GRAM-15"],
            "{kind:?}"
        );
        assert_eq!(
            found(kind, "Allow", LENIENT),
            ["W NOT_PRINCIPAL_WITH_ALLOW IAM-GRAM-15"],
            "{kind:?}"
        );
    }
    for kind in [
        PolicyKind::Identity,
        PolicyKind::Boundary,
        PolicyKind::Session,
        PolicyKind::Scp,
        PolicyKind::Trust,
        PolicyKind::Rcp,
    ] {
        assert_eq!(
            found(kind, "Deny", LENIENT),
            ["E NOT_PRINCIPAL_NOT_ALLOWED IAM-GRAM-15"],
            "{kind:?}"
        );
    }
    let statement = parsed(PolicyKind::Key, r#""NotPrincipal": "*", "Effect": "Deny""#);
    assert!(statement.principal.unwrap().is_negated());
}

#[test]
fn gram_21_principals_are_forbidden_or_required() {
    for kind in [
        PolicyKind::Identity,
        PolicyKind::Boundary,
        PolicyKind::Session,
        PolicyKind::Scp,
    ] {
        assert_eq!(
            statement(kind, r#""Principal": "*""#),
            ["E PRINCIPAL_NOT_ALLOWED IAM-GRAM-21"],
            "{kind:?}"
        );
    }
    for kind in [
        PolicyKind::Resource,
        PolicyKind::Key,
        PolicyKind::Trust,
        PolicyKind::VpcEndpoint,
        PolicyKind::Rcp,
    ] {
        let text = text_with(kind, "")
            .replace(", \"Principal\": {\"AWS\": \"111122223333\"}", "")
            .replace(", \"Principal\": \"*\"", "");
        let rule = match kind {
            PolicyKind::Rcp | PolicyKind::VpcEndpoint => "IAM-GRAM-20",
            _ => "IAM-GRAM-21",
        };
        assert_eq!(
            document(kind, &text),
            [format!("E MISSING_MEMBER {rule}")],
            "{kind:?}"
        );
        let lenient = document_with(kind, &text, LENIENT);
        let severity = if kind == PolicyKind::Rcp { "E" } else { "W" };
        assert_eq!(
            lenient,
            [format!("{severity} MISSING_MEMBER {rule}")],
            "{kind:?}"
        );
        let (policy, _) = parse_policy(&text, "p", kind, LENIENT);
        assert_eq!(
            policy.is_some_and(|policy| policy.statements[0].principal.is_none()),
            kind != PolicyKind::Rcp
        );
    }
}
