use super::*;
use crate::template::Piece;

fn resource(value: &str) -> Vec<String> {
    statement(PolicyKind::Identity, &format!("\"Resource\": {value}"))
}

fn entry(kind: PolicyKind, text: &str) -> ResourceEntry {
    let statement = parsed(kind, &format!("\"Resource\": \"{text}\""));
    statement.resource.unwrap().entries()[0].clone()
}

#[test]
fn gram_12_resources_are_a_string_or_a_list_of_strings() {
    assert_eq!(resource(r#"["*", "arn:aws:s3:::b"]"#), NONE);
    for value in ["5", "null", r#"{"a": 1}"#, r#"["*", 5]"#, r#"[["*"]]"#] {
        assert_eq!(resource(value), ["E WRONG_TYPE IAM-GRAM-12"], "{value}");
    }
}

#[test]
fn gram_12_empty_lists_are_refused_where_iam_stores_them_and_else_never_apply() {
    for kind in PolicyKind::ALL {
        let expected = match kind {
            PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => {
                "E EMPTY_RESOURCE_LIST IAM-GRAM-12"
            }
            PolicyKind::Trust => "E RESOURCE_NOT_ALLOWED IAM-GRAM-22",
            _ => "W EMPTY_RESOURCE_LIST IAM-GRAM-12",
        };
        assert_eq!(statement(kind, "\"Resource\": []"), [expected], "{kind:?}");
    }
    assert_eq!(
        parsed(PolicyKind::Resource, "\"Resource\": []").resource,
        Some(Match::In(Vec::new()))
    );
    assert_eq!(
        parsed(PolicyKind::Resource, "\"NotResource\": []").resource,
        Some(Match::In(Vec::new()))
    );
}

#[test]
fn gram_20_resources_are_required_optional_or_forbidden() {
    for kind in PolicyKind::ALL {
        let text = text_with(kind, "").replace(", \"Resource\": \"*\"", "");
        let expected: &[&str] = match kind {
            PolicyKind::Resource | PolicyKind::Trust => &[],
            PolicyKind::Key => &["W KMS_DEAD_STATEMENT KMS-POL-12"],
            _ => &["E MISSING_MEMBER IAM-GRAM-12"],
        };
        assert_eq!(document(kind, &text), expected, "{kind:?}");
    }
}

#[test]
fn kms_pol_12_not_resource_alone_counts_as_no_resource() {
    let text = text_with(PolicyKind::Key, "\"NotResource\": \"*\"");
    let (policy, found) = parse_policy(&text, "p", PolicyKind::Key, STRICT);
    assert_eq!(findings(&found), ["W KMS_DEAD_STATEMENT KMS-POL-12"]);
    assert_eq!(policy.unwrap().statements[0].resource, None);
    let statement = parsed(PolicyKind::Resource, "\"NotResource\": \"*\"");
    assert!(statement.resource.unwrap().is_negated());
}

#[test]
fn gram_13_resources_are_stars_or_arns() {
    for text in [
        "*",
        "***",
        "arn:aws:s3:::b/*",
        "arn:aws-us-gov:kms:*:111122223333:key/*",
        "arn:aws-iso-b:s3:::b",
    ] {
        assert_eq!(resource(&format!("\"{text}\"")), NONE, "{text}");
    }
    for text in [
        "my-bucket",
        "aws:s3:::b",
        "ARN:aws:s3:::b",
        " arn:aws:s3:::b",
        "*b",
        "${aws:x}",
    ] {
        assert_eq!(
            resource(&format!("\"{text}\"")),
            ["E INVALID_RESOURCE IAM-GRAM-13"],
            "{text}"
        );
    }
    assert_eq!(resource("\"\""), ["E EMPTY_RESOURCE IAM-GRAM-13"]);
}

#[test]
fn gram_13_fields_that_cannot_match_are_warned_of() {
    for (text, expected) in [
        ("arn:amazon:s3:::b", "W UNKNOWN_PARTITION IAM-GRAM-13"),
        ("arn::s3:::b", "W UNKNOWN_PARTITION IAM-GRAM-13"),
        ("arn:*:s3:::b", "W ARN_FIELD_WILDCARD IAM-GRAM-13"),
        ("arn:aws:s?:::b", "W ARN_FIELD_WILDCARD IAM-GRAM-13"),
        (
            "arn:aws:iam:us-east-1:111122223333:role/R",
            "W ARN_FIELD_NOT_EMPTY IAM-GRAM-13",
        ),
        (
            "arn:aws:s3:us-west-2::b",
            "W ARN_FIELD_NOT_EMPTY IAM-GRAM-13",
        ),
        (
            "arn:aws:s3::111122223333:b/x",
            "W ARN_FIELD_NOT_EMPTY IAM-GRAM-13",
        ),
    ] {
        assert_eq!(resource(&format!("\"{text}\"")), [expected], "{text}");
    }
    for text in [
        "arn:aws:s3:us-west-2:111122223333:accesspoint/x",
        "arn:aws:s3:*:*:b",
        "arn:aws:iam:*:111122223333:role/R",
    ] {
        assert_eq!(resource(&format!("\"{text}\"")), NONE, "{text}");
    }
}

#[test]
fn wild_10_incomplete_arns_are_completed_for_identities() {
    for kind in [PolicyKind::Identity, PolicyKind::Boundary] {
        for (text, completed) in [
            ("arn:aws:sqs", "arn:aws:sqs:*:*:*"),
            ("arn:aws:sqs:us-west-2", "arn:aws:sqs:us-west-2:*:*"),
            (
                "arn:aws:sqs:us-west-2:111122223333",
                "arn:aws:sqs:us-west-2:111122223333:*",
            ),
            ("arn:aws", "arn:aws:*:*:*:*"),
        ] {
            let members = format!("\"Resource\": \"{text}\"");
            assert_eq!(
                statement(kind, &members),
                ["W INCOMPLETE_ARN IAM-WILD-10"],
                "{text}"
            );
            let entry = entry(kind, text);
            assert_eq!(
                (entry.template.as_plain(), entry.incomplete),
                (Some(completed), false)
            );
            assert_eq!(entry.template.source, text);
        }
    }
}

#[test]
fn wild_10_other_kinds_refuse_incomplete_arns_or_keep_them() {
    let found = |kind, text: &str| statement(kind, &format!("\"Resource\": \"{text}\""));
    for kind in [PolicyKind::Session, PolicyKind::Rcp, PolicyKind::Scp] {
        assert_eq!(
            found(kind, "arn:aws:sqs"),
            ["E INCOMPLETE_ARN IAM-WILD-10"],
            "{kind:?}"
        );
    }
    assert_eq!(
        found(PolicyKind::Rcp, "arn:aws:sqs*"),
        [
            "W ARN_FIELD_WILDCARD IAM-GRAM-13",
            "E INCOMPLETE_ARN IAM-WILD-10"
        ]
    );
    assert_eq!(
        found(PolicyKind::Scp, "arn:aws:sqs:*"),
        ["W INCOMPLETE_ARN IAM-WILD-10"]
    );
    for kind in [
        PolicyKind::Resource,
        PolicyKind::Key,
        PolicyKind::VpcEndpoint,
    ] {
        assert_eq!(
            found(kind, "arn:aws:sqs"),
            ["W INCOMPLETE_ARN IAM-WILD-10"],
            "{kind:?}"
        );
        let entry = entry(kind, "arn:aws:sqs");
        assert_eq!(
            (entry.template.as_plain(), entry.incomplete),
            (Some("arn:aws:sqs"), true)
        );
    }
}

#[test]
fn wild_10_a_lost_colon_is_refused() {
    for kind in [PolicyKind::Identity, PolicyKind::Resource, PolicyKind::Scp] {
        let members = r#""Resource": "arn:aws:s3::b""#;
        assert_eq!(
            statement(kind, members),
            ["E INCOMPLETE_ARN IAM-WILD-10"],
            "{kind:?}"
        );
    }
    for text in [
        "arn:aws:s3::",
        "arn:aws:s3::*",
        "arn:aws:iam::aws",
        "arn:aws:iam::111122223333",
    ] {
        assert_eq!(
            resource(&format!("\"{text}\"")),
            ["W INCOMPLETE_ARN IAM-WILD-10"],
            "{text}"
        );
    }
}

#[test]
fn var_3_variables_work_behind_the_fifth_colon() {
    let pieces = |text: &str| entry(PolicyKind::Identity, text).template.pieces;
    let variable = |key: &str| Piece::Variable {
        key: key.into(),
        default: None,
    };
    assert_eq!(
        pieces("arn:aws:s3:::${aws:username}/${*}"),
        [
            Piece::Text("arn:aws:s3:::".into()),
            variable("aws:username"),
            Piece::Text("/".into()),
            Piece::Literal('*'),
        ]
    );
    assert_eq!(
        pieces("arn:aws:s3:::b/${aws:PrincipalTag/team, 'all'}")[1],
        Piece::Variable {
            key: "aws:PrincipalTag/team".into(),
            default: Some("all".into()),
        }
    );
    let members = r#""Resource": "arn:aws:s3:${aws:RequestedRegion}::b""#;
    assert_eq!(
        statement(PolicyKind::Identity, members),
        ["W VARIABLE_NOT_REPLACED IAM-VAR-3"]
    );
    let parsed = entry(
        PolicyKind::Identity,
        "arn:aws:s3:${aws:RequestedRegion}::b/${aws:x}",
    )
    .template;
    assert_eq!(
        parsed.pieces,
        [
            Piece::Text("arn:aws:s3:${aws:RequestedRegion}::b/".into()),
            variable("aws:x")
        ]
    );
}

#[test]
fn var_1_malformed_variables_are_refused_at_their_place() {
    let text = |variable: &str| {
        text_with(
            PolicyKind::Identity,
            &format!("\"Resource\": \"arn:aws:s3:::b/\\u0061/{variable}/x\""),
        )
    };
    for (variable, part) in [
        ("${}", "${}"),
        ("${aws:a b}", "${aws:a b}"),
        ("${aws:x,'d'}", "${aws:x,'d'}"),
        ("${aws:x", "${aws:x/x"),
    ] {
        let text = text(variable);
        assert_eq!(
            document(PolicyKind::Identity, &text),
            ["E INVALID_VARIABLE IAM-VAR-1"],
            "{variable}"
        );
        assert_eq!(marked(PolicyKind::Identity, &text), part);
    }
}

#[test]
fn job_lint_2_placeholders_are_no_variables() {
    let members = r#""Resource": "arn:aws:s3:::${bucket-name}/*""#;
    assert_eq!(
        statement(PolicyKind::Identity, members),
        ["E UNRESOLVED_PLACEHOLDER JOB-LINT-2"]
    );
    assert_eq!(
        statement_with(PolicyKind::Identity, members, LENIENT),
        ["W UNRESOLVED_PLACEHOLDER JOB-LINT-2"]
    );
}
