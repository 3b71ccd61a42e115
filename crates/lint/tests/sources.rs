//! The traps, scenarios and rows of the rules that name findings.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail like tests"
)]

mod support;

use std::sync::Arc;

use preclear_lint::{Edit, LintOptions};
use preclear_model::PolicyKind::{Identity, Key, Trust};
use preclear_model::Severity::{Error, Info, Warning};
use preclear_model::policy::{ParseOptions, parse_policy};

use support::{codes, document, findings, marked, only, report};

const KEY_STATEMENT: &str = r#"{
    "Sid": "UseOfKey", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:role/service-role/labeling"},
    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"
}"#;

#[test]
fn t10_an_alias_arn_selects_no_key() {
    let text = document(
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-west-2:111122223333:alias/app"}"#,
    );
    let findings = findings(&text, Identity);
    assert_eq!(
        only(&findings, "KMS_ALIAS_ARN_FOR_KEY_ACTION").rule,
        Some("KMS-ID-2")
    );
    assert_eq!(
        codes(&findings),
        ["EXAMPLE_ACCOUNT_ID", "KMS_ALIAS_ARN_FOR_KEY_ACTION"]
    );
}

#[test]
fn t13_aliases_in_a_condition_are_fine_in_identity_policies_only() {
    let condition =
        r#""Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}}"#;
    let text = document(&format!(
        r#"{{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", {condition}}}"#
    ));
    assert_eq!(codes(&findings(&text, Identity)), Vec::<&str>::new());
    let text = document(&format!(
        r#"{{"Effect": "Allow", "Principal": {{"AWS": "210987654321"}}, "Action": "kms:*", "Resource": "*", {condition}}}"#
    ));
    assert_eq!(
        codes(&findings(&text, Key)),
        ["KMS_RESOURCE_ALIASES_IN_KEY_POLICY"]
    );
}

#[test]
fn t14_re_encrypt_has_lost_its_star() {
    let text = document(r#"{"Effect": "Allow", "Action": "kms:ReEncrypt", "Resource": "*"}"#);
    let findings = findings(&text, Identity);
    let finding = only(&findings, "UNKNOWN_ACTION");
    assert_eq!((finding.severity, finding.rule), (Error, Some("KMS-ACT-1")));
    assert_eq!(
        finding.help.as_deref(),
        Some("did you mean `kms:ReEncrypt*`?")
    );
}

#[test]
fn t18_the_hole_is_found_once() {
    let text = document(
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["AppName"]}}}"#,
    );
    let findings = findings(&text, Identity);
    assert_eq!(codes(&findings), ["KMS_CONTEXT_KEYS_HOLE"]);
    assert!(
        findings[0]
            .help
            .as_deref()
            .unwrap()
            .contains("`kms:EncryptionContext:AppName`")
    );
}

#[test]
fn patterns_of_context_keys_name_no_pair() {
    let help = |operator: &str, names: &str| {
        let text = document(&format!(
            r#"{{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
                "Condition": {{"{operator}": {{"kms:EncryptionContextKeys": {names}}}}}}}"#
        ));
        let findings = findings(&text, Identity);
        only(&findings, "KMS_CONTEXT_KEYS_HOLE")
            .help
            .clone()
            .unwrap()
    };
    let mixed = help("ForAllValues:StringLike", r#"["aws:bedrock*:arn", "app"]"#);
    assert!(mixed.contains("`kms:EncryptionContext:app`"), "{mixed}");
    assert!(!mixed.contains("bedrock"), "{mixed}");
    let patterns = help("ForAllValues:StringLike", r#""aws:*""#);
    assert!(
        patterns.starts_with("demand a pair besides: a `Null` test"),
        "{patterns}"
    );
    // There a star is a star.
    let text = help("ForAllValues:StringEquals", r#""a*""#);
    assert!(text.contains("`kms:EncryptionContext:a*`"), "{text}");
}

#[test]
fn t19_every_action_without_context_is_named() {
    let text = document(
        r#"{"Effect": "Allow", "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:app": "x"}},
            "Action": ["kms:DescribeKey", "kms:Decrypt", "kms:GetPublicKey", "kms:RevokeGrant", "kms:CreateGrant"]}"#,
    );
    let findings = findings(&text, Identity);
    let named: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.code == "EC_CONDITION_ON_NON_EC_ACTION")
        .map(marked)
        .collect();
    assert_eq!(
        named,
        [
            r#""kms:DescribeKey""#,
            r#""kms:GetPublicKey""#,
            r#""kms:RevokeGrant""#
        ]
    );
}

#[test]
fn t34_a_service_has_no_via_service() {
    let text = document(
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*", "Resource": "*"},
           {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:role/P", "Service": "personalize.amazonaws.com"},
            "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}}}"#,
    );
    let findings = findings(&text, Key);
    assert_eq!(codes(&findings), ["KMS_CALLER_KEY_FOR_SERVICE"]);
    assert!(
        findings[0]
            .message
            .contains("the other principals are not affected")
    );
}

#[test]
fn t38_statements_without_effect_are_told_once() {
    for rest in [
        r#""Action": "kms:Decrypt""#,
        r#""Action": "kms:Decrypt", "NotResource": "arn:aws:kms:*:*:key/k2""#,
        r#""Resource": "*""#,
    ] {
        let text = document(&format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "210987654321"}}, "Action": "kms:*", "Resource": "*"}},
               {{"Effect": "Deny", "Principal": {{"AWS": "arn:aws:iam::210987654321:role/R"}}, {rest}}}"#
        ));
        let findings = findings(&text, Key);
        assert_eq!(codes(&findings), ["KMS_DEAD_STATEMENT"], "{rest}");
        assert_eq!(findings[0].statement, Some(1));
    }
}

#[test]
fn t38_a_dead_statement_neither_administers_nor_delegates() {
    let text =
        document(r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*"}"#);
    assert_eq!(
        codes(&findings(&text, Key)),
        [
            "KEY_POLICY_WITHOUT_ADMIN",
            "NO_DELEGATION",
            "KMS_DEAD_STATEMENT"
        ]
    );
}

#[test]
fn t39_a_statement_for_another_key_never_applies() {
    let text = document(
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*",
            "Resource": "arn:aws:kms:us-west-2:210987654321:key/other"}"#,
    );
    let told = |options: &LintOptions| {
        let findings = report(&text, Some(Key), options).findings;
        (
            only(&findings, "KMS_KEYPOLICY_RESOURCE_FOREIGN").severity,
            codes(&findings),
        )
    };
    assert_eq!(
        told(&LintOptions::default()),
        (Info, vec!["KMS_KEYPOLICY_RESOURCE_FOREIGN"])
    );
    let (severity, found) = told(&support::at_key());
    assert_eq!(severity, Error);
    assert_eq!(
        found,
        [
            "KEY_POLICY_WITHOUT_ADMIN",
            "NO_DELEGATION",
            "KMS_KEYPOLICY_RESOURCE_FOREIGN"
        ]
    );
}

#[test]
fn g4_one_statement_as_the_whole_key_policy_locks_its_owner_out() {
    let findings = findings(&document(KEY_STATEMENT), Key);
    assert_eq!(
        codes(&findings),
        ["KEY_POLICY_WITHOUT_ADMIN", "NO_DELEGATION"]
    );
    assert_eq!(
        only(&findings, "KEY_POLICY_WITHOUT_ADMIN").rule,
        Some("KMS-POL-15")
    );
}

#[test]
fn g7_the_execution_role_is_not_the_service() {
    let text = document(
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*", "Resource": "*"},
           {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}"#,
    );
    let findings = findings(&text, Key);
    assert_eq!(codes(&findings), ["SERVICE_ACTS_AS_ROLE"]);
    assert!(
        findings[0]
            .help
            .as_deref()
            .unwrap()
            .contains("execution role")
    );
}

/// L1, P6
#[test]
fn l1_list_grants_has_an_s() {
    let statement = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:role/P", "Service": "personalize.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:ListGrant"], "Resource": "*"}"#;
    let findings = findings(&document(statement), Key);
    let finding = only(&findings, "UNKNOWN_ACTION");
    assert_eq!(
        (finding.severity, marked(finding)),
        (Error, r#""kms:ListGrant""#)
    );
    assert_eq!(
        finding.help.as_deref(),
        Some("did you mean `kms:ListGrants`?")
    );
    assert_eq!(
        codes(&findings),
        [
            "KEY_POLICY_WITHOUT_ADMIN",
            "NO_DELEGATION",
            "UNKNOWN_ACTION"
        ]
    );
}

/// L2, L3: the empty resource makes the document unusable, and the lost star is found all the same.
#[test]
fn l2_and_l3_lost_stars_are_all_found() {
    let text = document(
        r#"{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*"},
           {"Sid": "Cognito", "Effect": "Allow", "Resource": "",
            "Action": ["cognito-idp:AdminCreateUser", "cognito-idp:List", "cognito-idp:UpdateUserPool"]}"#,
    );
    let report = report(&text, None, &LintOptions::default());
    assert!(report.policy.is_none());
    assert_eq!(report.kind, Identity);
    let empty = only(&report.findings, "EMPTY_RESOURCE");
    assert!(empty.help.as_deref().unwrap().contains("`*`"));
    let lost = only(&report.findings, "UNKNOWN_ACTION");
    assert_eq!(
        lost.help.as_deref(),
        Some("did you mean `cognito-idp:List*`?")
    );
    assert_eq!(
        (lost.severity, lost.statement, lost.sid.as_deref()),
        (Error, Some(1), Some("Cognito"))
    );
    assert_eq!(lost.rule, Some("JOB-LINT-1"));
    assert_eq!(
        codes(&report.findings),
        ["EMPTY_RESOURCE", "UNKNOWN_ACTION"]
    );
}

#[test]
fn l5_a_trust_statement_is_offered_as_a_document_of_its_own() {
    let text = document(
        r#"{"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": "arn:aws:iam::210987654321:role/R",
            "Condition": {"StringEquals": {"iam:PassedToService": ["sagemaker.amazonaws.com"]}}},
           {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}"#,
    );
    let split = report(&text, None, &LintOptions::default());
    assert_eq!(split.kind, Identity);
    only(&split.findings, "PRINCIPAL_IN_IDENTITY_POLICY");
    // It says more than the parser's own finding at the same place, which is dropped.
    assert!(!codes(&split.findings).contains(&"PRINCIPAL_NOT_ALLOWED"));
    let finding = only(&split.findings, "TRUST_STATEMENT_IN_IDENTITY_POLICY");
    assert_eq!(finding.statement, Some(1));
    let Some(Edit::Move {
        place,
        kind: Trust,
        document: trust,
    }) = &finding.edit
    else {
        panic!("{:?}", finding.edit);
    };
    assert!(place.source.slice(place.span).contains("sts:AssumeRole"));
    assert_eq!(codes(&findings(trust, Trust)), Vec::<&str>::new());
}

#[test]
fn l6_fragments_are_wrapped_and_said_to_be() {
    let wrapped = report(KEY_STATEMENT, None, &LintOptions::default());
    assert_eq!(wrapped.kind, Key);
    assert_eq!(
        codes(&wrapped.findings),
        [
            "FRAGMENT_WRAPPED",
            "KEY_POLICY_WITHOUT_ADMIN",
            "NO_DELEGATION"
        ]
    );
    assert_eq!(only(&wrapped.findings, "FRAGMENT_WRAPPED").severity, Info);
    // A part will not stand alone; should it, its author is told.
    assert_eq!(
        only(&wrapped.findings, "KEY_POLICY_WITHOUT_ADMIN").severity,
        Info
    );
    let list = format!("[{KEY_STATEMENT}, {KEY_STATEMENT}]");
    let wrapped = report(&list, None, &LintOptions::default());
    assert_eq!(
        wrapped.policy.map(|policy| policy.statements.len()),
        Some(2)
    );
}

#[test]
fn l8_create_grant_on_everything_is_broad() {
    let findings = findings(
        &document(r#"{"Effect": "Allow", "Action": ["kms:CreateGrant"], "Resource": "*"}"#),
        Identity,
    );
    assert_eq!(codes(&findings), ["BROAD_CREATEGRANT"]);
    assert!(
        findings[0]
            .help
            .as_deref()
            .unwrap()
            .contains("kms:GrantIsForAWSResource")
    );
}

#[test]
fn l9_actions_without_neighbour_are_warnings() {
    let text = document(
        r#"{"Effect": "Allow", "Action": ["s3:SelectObjectContent", "aws-marketplace:DescribeListings"], "Resource": "*"}"#,
    );
    let findings = findings(&text, Identity);
    assert_eq!(codes(&findings), ["UNKNOWN_ACTION", "UNKNOWN_ACTION"]);
    assert!(
        findings
            .iter()
            .all(|finding| finding.severity == Warning && finding.edit.is_none())
    );
    assert!(
        findings[0]
            .help
            .as_deref()
            .unwrap()
            .contains("`s3:GetObject`")
    );
}

#[test]
fn l10_roles_for_everything() {
    let text = document(
        r#"{"Sid": "Apis", "Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"},
           {"Effect": "Allow", "Action": ["iam:ListRoles", "iam:CreateRole", "iam:AttachRolePolicy"], "Resource": "*"},
           {"Sid": "Pass", "Effect": "Allow", "Action": ["iam:PassRole"], "Resource": "*",
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}}"#,
    );
    let findings = findings(&text, Identity);
    let told: Vec<_> = findings
        .iter()
        .map(|finding| (finding.code, finding.severity, finding.statement))
        .collect();
    assert_eq!(
        told,
        [
            ("MISSING_SID", Info, Some(1)),
            ("PRIVILEGE_ESCALATION", Warning, Some(1)),
            ("PRIVILEGE_ESCALATION", Info, Some(2)),
        ]
    );
}

#[test]
fn l11_repetitions_of_another_document_are_told() {
    let main = document(
        r#"{"Sid": "Console", "Effect": "Allow", "Action": ["lambda:InvokeFunction", "lambda:ListFunctions", "s3:GetObject"], "Resource": "*"}"#,
    );
    let (main, _) = parse_policy(&main, "main.json", Identity, ParseOptions::default());
    let options = LintOptions {
        beside: vec![Arc::new(main.unwrap())],
        ..LintOptions::default()
    };
    let part = r#"{"Sid": "Workflow", "Effect": "Allow", "Action": ["lambda:InvokeFunction", "lambda:ListFunctions"], "Resource": "*"}"#;
    let findings = report(part, None, &options).findings;
    assert_eq!(codes(&findings), ["FRAGMENT_WRAPPED", "REDUNDANT"]);
    let finding = only(&findings, "REDUNDANT");
    assert_eq!(
        finding.message,
        "the statement `Console` of `main.json` says all of this already"
    );
    assert_eq!(finding.related[0].0.source.name, "main.json");
}

/// L15: only `kms:Decrypt` as the whole key policy.
#[test]
fn l15_a_key_for_decryption_alone_cannot_be_administered() {
    let text = document(
        r#"{"Sid": "Allow use of the key", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
            "Principal": {"AWS": "arn:aws:iam::210987654321:role/P", "Service": "personalize.amazonaws.com"}}"#,
    );
    let report = report(&text, None, &LintOptions::default());
    assert_eq!(report.kind, Key);
    assert_eq!(
        codes(&report.findings),
        ["KEY_POLICY_WITHOUT_ADMIN", "NO_DELEGATION"]
    );
}

/// L16: the first place of each account, once.
#[test]
fn l16_accounts_of_examples_are_told_once() {
    let text = document(
        r#"{"Effect": "Allow", "Principal": {"AWS": ["111122223333", "arn:aws:iam::444455556666:role/R"]}, "Action": "kms:*", "Resource": "*"},
           {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/S"}, "Action": "kms:Decrypt", "Resource": "*"}"#,
    );
    let findings = findings(&text, Key);
    let told: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.code == "EXAMPLE_ACCOUNT_ID")
        .map(marked)
        .collect();
    assert_eq!(
        told,
        [r#""111122223333""#, r#""arn:aws:iam::444455556666:role/R""#]
    );
}

#[test]
fn what_the_parser_says_is_passed_on_and_not_said_again() {
    let text = r#"{"Statement": {"Effect": "Allow", "Action": "kms:Decrypt ", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/a": "x*", "aws:PrincipalTag/b": []}, "DateLessThan": {"aws:CurrentTime": "${aws:x}"}}}}"#;
    let found = codes(&findings(text, Identity));
    assert!(
        found.contains(&"MISSING_VERSION") && found.contains(&"DEAD_ACTION"),
        "{found:?}"
    );
    assert!(!found.contains(&"UNKNOWN_ACTION"), "{found:?}");
    for once in ["WILDCARD_IN_STRING_EQUALS", "EMPTY_CONDITION_VALUES"] {
        assert_eq!(
            found.iter().filter(|code| **code == once).count(),
            1,
            "{found:?}"
        );
    }
}

#[test]
fn an_unknown_operator_hides_nothing_beside_it() {
    let found = codes(&findings(
        &document(
            r#"{"Effect": "Allow", "Action": "kms:ListGrant", "Resource": "*", "Condition": {
                "StringEqualz": {"kms:CallerAccount": "210987654321"},
                "NumericLessThan": {"aws:MultiFactorAuthAge": "abc", "kms:GrantOperationz": "7"},
                "Bool": {"aws:SecureTransport": {"a": 1}, "aws:ViaAWSService": "maybe"},
                "StringEquals": {"kms:ViaService": "s3"}}}"#,
        ),
        Identity,
    ));
    for code in [
        "UNKNOWN_ACTION",
        "UNKNOWN_OPERATOR",
        "UNKNOWN_CONDITION_KEY",
        "WRONG_TYPE",
        "CONDITION_VALUE_NEVER_MATCHES",
    ] {
        assert_eq!(
            found.iter().filter(|one| **one == code).count(),
            1,
            "{code} in {found:?}"
        );
    }
    let malformed = found
        .iter()
        .filter(|code| **code == "MALFORMED_CONDITION_VALUE");
    assert_eq!(malformed.count(), 2, "{found:?}");
}

#[test]
fn documents_in_strings_are_linted_with_places_inside() {
    let inner = document(r#"{"Effect": "Allow", "Action": "kms:ListGrant", "Resource": "*"}"#);
    let text = serde_json::Value::from(inner).to_string();
    let findings = report(&text, None, &LintOptions::default()).findings;
    assert_eq!(
        marked(only(&findings, "UNKNOWN_ACTION")),
        r#""kms:ListGrant""#
    );
    let refused = report("\"no document\"", None, &LintOptions::default());
    assert!(refused.policy.is_none());
    assert_eq!(codes(&refused.findings), ["NOT_A_DOCUMENT"]);
}

#[test]
fn yaml_is_linted_and_edited_in_its_own_notation() {
    let text = "Version: '2012-10-17'\nStatement:\n  - Effect: Allow\n    Action: [kms:ListGrant, 'kms:ReEncrypt']\n    Resource: '*'\n";
    let findings = findings(text, Identity);
    let replaced: Vec<String> = findings
        .iter()
        .filter_map(|finding| finding.edit.as_ref().and_then(support::edited))
        .collect();
    assert!(replaced[0].contains("[kms:ListGrants, "), "{replaced:?}");
    assert!(replaced[1].contains("'kms:ReEncrypt*'"), "{replaced:?}");
}

#[test]
fn trees_without_statements_and_strange_ones_are_survived() {
    for text in [
        "{}",
        "[]",
        "[1, [2]]",
        "null",
        "7",
        r#"{"Statement": 7}"#,
        r#"{"Statement": [[], "x", {"Effect": "Allow"}]}"#,
        r#"{"Effect": []}"#,
        r#"[{"Effect": "Allow"}, {"x": 1}]"#,
        r#"{"Statement": {"Action": {"a": 1}, "Principal": [], "Resource": [[]]}}"#,
        r#"{"Statement": {"Effect": "Allow", "Action": ["", ":", "é:ü", "kms:é*"], "Resource": ["", "arn:é", "arn:::::*"]}}"#,
    ] {
        let report = report(text, None, &LintOptions::default());
        assert!(
            report
                .findings
                .iter()
                .any(|finding| finding.severity == Error),
            "{text}"
        );
    }
}

#[test]
fn a_denial_to_everyone_locks_the_owner_out() {
    let with = |denial: &str| {
        let text = document(&format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "210987654321"}}, "Action": "kms:*", "Resource": "*"}}, {denial}"#
        ));
        let findings = report(&text, Some(Key), &support::at_key()).findings;
        findings
            .iter()
            .map(|finding| (finding.code, finding.rule))
            .collect::<Vec<_>>()
    };
    let told = [("KEY_POLICY_WITHOUT_ADMIN", Some("KMS-POL-16"))];
    assert_eq!(
        with(r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:Put*", "Resource": "*"}"#),
        told
    );
    assert_eq!(
        with(
            r#"{"Effect": "Deny", "Principal": {"AWS": "210987654321"}, "NotAction": "kms:Decrypt", "Resource": "*"}"#
        ),
        told
    );
    assert_eq!(
        with(r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:Sign", "Resource": "*"}"#),
        []
    );
    assert_eq!(
        with(
            r#"{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::210987654321:role/R"}, "Action": "kms:*", "Resource": "*"}"#
        ),
        []
    );
    assert_eq!(
        with(
            r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::210987654321:role/Admin"}}}"#
        ),
        []
    );
}

/// Past their bounds, repetitions and dead entries are no longer looked for.
#[test]
fn comparisons_have_a_bound() {
    let count = |statements: &str, code: &str| {
        let text = document(statements);
        let report = report(&text, Some(Identity), &LintOptions::default());
        assert!(report.policy.is_some());
        report
            .findings
            .iter()
            .filter(|finding| finding.code == code)
            .count()
    };
    let statement =
        r#"{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*"}"#;
    // Each weighs three: itself, an action, a resource.
    assert_eq!(count(&vec![statement; 333].join(","), "REDUNDANT"), 332);
    assert_eq!(count(&vec![statement; 334].join(","), "REDUNDANT"), 0);

    let with = |actions: usize, resources: usize| {
        let actions = vec![r#""kms:Decrypt""#; actions].join(",");
        let resources = vec![r#""arn:aws:s3:::b/*""#; resources].join(",");
        format!(r#"{{"Effect": "Allow", "Action": [{actions}], "Resource": [{resources}]}}"#)
    };
    assert_eq!(count(&with(100, 1_000), "RESOURCE_FITS_NO_ACTION"), 1_000);
    assert_eq!(count(&with(100, 1_001), "RESOURCE_FITS_NO_ACTION"), 0);
}

/// A tagging action may reach what nobody documents, so the others are not blamed for a resource that is none of theirs.
#[test]
fn tagging_actions_vouch_for_resources_and_for_nobody_else() {
    let told = |actions: &str, resources: &str| {
        let text = document(&format!(
            r#"{{"Effect": "Allow", "Action": {actions}, "Resource": {resources}}}"#
        ));
        codes(&findings(&text, Identity))
    };
    let get_and_tag = r#"["secretsmanager:GetSecretValue", "secretsmanager:TagResource"]"#;
    let mistaken = r#""arn:aws:secretsmanager:us-west-2:210987654321:app""#;
    assert_eq!(
        told(r#""secretsmanager:GetSecretValue""#, mistaken),
        ["RESOURCE_FITS_NO_ACTION"]
    );
    assert_eq!(told(get_and_tag, mistaken), Vec::<&str>::new());
    // Another action's resource gives the statement a sense in which one of its actions has none.
    let with_queue =
        r#"["secretsmanager:GetSecretValue", "secretsmanager:TagResource", "sqs:SendMessage"]"#;
    let and_queue = r#"["arn:aws:secretsmanager:us-west-2:210987654321:app", "arn:aws:sqs:us-west-2:210987654321:q"]"#;
    assert_eq!(told(with_queue, and_queue), ["ACTION_FITS_NO_RESOURCE"]);
    assert_eq!(
        told(
            r#""secretsmanager:TagResource""#,
            r#""arn:aws:sqs:us-west-2:210987654321:q""#
        ),
        ["RESOURCE_FITS_NO_ACTION"]
    );
}
