use super::*;

#[test]
fn gram_1_characters_that_iam_and_kms_do_not_store_are_warned_of() {
    for kind in PolicyKind::ALL {
        let members = r#""Condition": {"StringEquals": {"aws:a": "日本"}}"#;
        let expected: &[&str] = match kind {
            PolicyKind::Identity
            | PolicyKind::Boundary
            | PolicyKind::Session
            | PolicyKind::Trust => &["W CHARACTER_NOT_STORABLE IAM-GRAM-1"],
            PolicyKind::Key => &["W CHARACTER_NOT_STORABLE KMS-POL-13"],
            _ => &[],
        };
        assert_eq!(statement(kind, members), expected, "{kind:?}");
        assert_eq!(
            statement(kind, &members.replace("日本", "é")),
            NONE,
            "{kind:?}"
        );
        assert_eq!(
            statement(kind, &members.replace("日本", "\\u65e5")),
            NONE,
            "{kind:?}"
        );
    }
}

#[test]
fn gram_1_comments_in_yaml_are_not_stored() {
    let text = "# 日本\nVersion: 2012-10-17\nStatement: # 日本\n- Effect: Allow\n  Action: s3:*\n  Resource: '*'\n";
    let (policy, found) = parse_policy(text, "p.yaml", PolicyKind::Identity, STRICT);
    assert!(policy.is_some() && found.is_empty(), "{found}");
}

/// A statement that takes `size` characters without white space more than the rest of its document.
fn with_size(kind: PolicyKind, size: usize) -> String {
    let empty = text_with(kind, r#""Condition": {"StringEquals": {"aws:a": ""}}"#);
    let dense = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let counted = match kind.grammar().quota {
        grammar::Quota::Dense(_) => dense(&empty),
        _ => empty.len(),
    };
    empty.replace(
        "\"aws:a\": \"\"",
        &format!("\"aws:a\": \"{}\"", "x".repeat(size - counted)),
    )
}

#[test]
fn gram_23_the_greatest_quota_of_each_kind_is_known() {
    for (kind, max, rule) in [
        (PolicyKind::Identity, 10_240, "IAM-GRAM-23"),
        (PolicyKind::Boundary, 6_144, "IAM-GRAM-23"),
        (PolicyKind::Session, 2_048, "IAM-GRAM-23"),
        (PolicyKind::Trust, 2_048, "IAM-GRAM-23"),
        (PolicyKind::Scp, 5_120, "IAM-GRAM-23"),
        (PolicyKind::Rcp, 5_120, "IAM-GRAM-23"),
        (PolicyKind::VpcEndpoint, 20_480, "IAM-GRAM-23"),
        (PolicyKind::Key, 32_768, "KMS-POL-13"),
    ] {
        assert_eq!(document(kind, &with_size(kind, max)), NONE, "{kind:?}");
        assert_eq!(
            document(kind, &with_size(kind, max + 1)),
            [format!("W POLICY_EXCEEDS_QUOTA {rule}")],
            "{kind:?}"
        );
    }
    assert_eq!(
        document(
            PolicyKind::Resource,
            &with_size(PolicyKind::Resource, 100_000)
        ),
        NONE
    );
}

#[test]
fn gram_23_policies_of_aws_have_no_quota() {
    let text = with_size(PolicyKind::Identity, 10_241);
    let named = |name| parse_policy(&text, name, PolicyKind::Identity, STRICT).1;
    for name in [
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws-cn:iam::aws:policy/aws-service-role/P",
    ] {
        assert!(named(name).is_empty(), "{name}");
    }
    for name in [
        "ReadOnlyAccess",
        "arn:aws:iam::111122223333:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:role/R",
    ] {
        assert_eq!(
            findings(&named(name)),
            ["W POLICY_EXCEEDS_QUOTA IAM-GRAM-23"],
            "{name}"
        );
    }
}

#[test]
fn gram_23_white_space_counts_where_it_is_stored() {
    let spread = |kind| text_with(kind, "").replace(", ", &format!(",{}", " ".repeat(20_480)));
    assert_eq!(
        document(PolicyKind::Identity, &spread(PolicyKind::Identity)),
        NONE
    );
    assert_eq!(
        document(PolicyKind::Scp, &spread(PolicyKind::Scp)),
        ["W POLICY_EXCEEDS_QUOTA IAM-GRAM-23"]
    );
    assert_eq!(
        document(PolicyKind::Key, &spread(PolicyKind::Key)),
        ["W POLICY_EXCEEDS_QUOTA KMS-POL-13"]
    );
    // An object in a larger file is not the text that AWS stores.
    let file = format!("{{\"p\": {}}}", spread(PolicyKind::Scp));
    let source = Arc::new(Source::new("f.json", file));
    let tree = crate::node::read(&source).unwrap();
    let (_, found) = Policy::parse(
        tree.get("p").unwrap(),
        &source,
        "p",
        PolicyKind::Scp,
        STRICT,
    );
    assert!(found.is_empty(), "{found}");
}
