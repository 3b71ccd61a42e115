//! Documents in order: nothing, or nothing but what is said here, is found in them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail like tests"
)]

mod support;

use std::sync::Arc;

use preclear_catalog::kms::{aws_managed_key_policy, aws_managed_key_services, default_key_policy};
use preclear_catalog::managed_policy;
use preclear_lint::{Finding, LintOptions, lint_tree};
use preclear_model::PolicyKind::{self, Identity, Key, Rcp, Resource, Scp, Trust, VpcEndpoint};
use preclear_model::{Source, node};

use support::{ACCOUNT, at_key, codes, document, findings, report};

/// Codes of all findings in a document of these statements.
fn found(kind: PolicyKind, statements: &str) -> Vec<&'static str> {
    codes(&findings(&document(statements), kind))
}

fn assert_clean(kind: PolicyKind, statements: &str) {
    let findings = findings(&document(statements), kind);
    let told: Vec<&str> = findings
        .iter()
        .map(|finding: &Finding| finding.message.as_str())
        .collect();
    assert!(findings.is_empty(), "{told:#?} in {statements}");
}

/// A statement of a key policy beside the delegation that keeps the rest in order.
fn assert_clean_beside_delegation(statement: &str) {
    assert_clean(
        Key,
        &format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{ACCOUNT}"}}, "Action": "kms:*", "Resource": "*"}}, {statement}"#
        ),
    );
}

#[test]
fn the_default_key_policy_is_clean() {
    let text = default_key_policy("aws", ACCOUNT);
    for options in [LintOptions::default(), at_key()] {
        assert_eq!(
            codes(&report(&text, Some(Key), &options).findings),
            Vec::<&str>::new()
        );
    }
}

/// KMS-POL-19: what the console writes for a key of each kind.
fn console_policy(administration: &str, usage: &str, grants: &str) -> String {
    let administrator = "arn:aws:iam::210987654321:role/KeyAdmin";
    let user = "arn:aws:iam::210987654321:role/KeyUser";
    document(&format!(
        r#"{{"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::210987654321:root"}},
             "Action": "kms:*", "Resource": "*"}},
           {{"Sid": "Allow access for Key Administrators", "Effect": "Allow", "Principal": {{"AWS": "{administrator}"}},
             "Action": ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*",
                        "kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource",
                        "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"{administration}], "Resource": "*"}},
           {{"Sid": "Allow use of the key", "Effect": "Allow", "Principal": {{"AWS": "{user}"}},
             "Action": [{usage}], "Resource": "*"}}{grants}"#
    ))
}

#[test]
fn the_console_key_policies_earn_nothing_but_the_note_on_administrators() {
    let grants = r#", {"Sid": "Allow attachment of persistent resources", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::210987654321:role/KeyUser"},
        "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], "Resource": "*",
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}"#;
    let symmetric = r#""kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey""#;
    let rsa =
        r#""kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey""#;
    let sign = r#""kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify""#;
    let mac = r#""kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac""#;
    let imported = r#", "kms:ImportKeyMaterial", "kms:ReplicateKey", "kms:UpdatePrimaryRegion""#;
    for (administration, usage, grants) in [
        ("", symmetric, grants),
        (imported, symmetric, grants),
        ("", rsa, grants),
        ("", sign, grants),
        ("", mac, ""),
    ] {
        for options in [LintOptions::default(), at_key()] {
            let text = console_policy(administration, usage, grants);
            let findings = report(&text, Some(Key), &options).findings;
            assert_eq!(
                codes(&findings),
                ["ESCALATION_POSSIBLE"],
                "{usage} {findings:#?}"
            );
            assert_eq!(findings[0].statement, Some(1));
        }
    }
}

#[test]
fn key_policies_of_aws_managed_keys_are_clean_of_errors() {
    for service in aws_managed_key_services() {
        let text = aws_managed_key_policy(service, "aws", "us-west-2", ACCOUNT).unwrap();
        let found = codes(&report(&text, Some(Key), &at_key()).findings);
        // The customer cannot change them: nobody administers, and IAM has its say through the second statement. AWS
        // itself lists RetireGrant here and there.
        let expected = [
            "KEY_POLICY_WITHOUT_ADMIN",
            "KMS_RETIRE_GRANT_WITHOUT_EFFECT",
        ];
        assert!(
            found.iter().all(|code| expected.contains(code)),
            "{service}: {found:?}"
        );
    }
}

#[test]
fn shipped_policies_are_clean() {
    let ground_truth =
        managed_policy("arn:aws:iam::aws:policy/AmazonSageMakerGroundTruthExecution").unwrap();
    // Some of its statements have a `Sid`, some do not.
    let found = codes(&report(ground_truth, Some(Identity), &LintOptions::default()).findings);
    assert!(found.iter().all(|code| *code == "MISSING_SID"), "{found:?}");
    let scp =
        managed_policy("arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess")
            .unwrap();
    assert_eq!(
        codes(&report(scp, Some(Scp), &LintOptions::default()).findings),
        Vec::<&str>::new()
    );
    let rcp = managed_policy(
        "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess",
    )
    .unwrap();
    assert_eq!(
        codes(&report(rcp, Some(Rcp), &LintOptions::default()).findings),
        Vec::<&str>::new()
    );
}

/// JOB-LINT L14
#[test]
fn roles_and_services_may_stand_in_one_principal() {
    assert_clean_beside_delegation(
        r#"{"Effect": "Allow", "Resource": "*",
            "Principal": {"AWS": "arn:aws:iam::210987654321:role/PersonalizeRole", "Service": "personalize.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:ListGrants"]}"#,
    );
}

/// T-LOGS: `kms:Describe*` can never apply under the condition, and everybody writes it so.
#[test]
fn patterns_under_an_encryption_context_are_left_alone() {
    assert_clean_beside_delegation(
        r#"{"Effect": "Allow", "Principal": {"Service": "logs.us-west-2.amazonaws.com"}, "Resource": "*",
            "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-west-2:210987654321:log-group:*"}}}"#,
    );
}

#[test]
fn statements_for_services_are_clean() {
    // T-CLOUDTRAIL
    assert_clean_beside_delegation(
        r#"{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-west-2:210987654321:trail/t"},
                          "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:210987654321:trail/*"}}}"#,
    );
    // T-SQS, field problem 16
    assert_clean_beside_delegation(
        r#"{"Effect": "Allow", "Principal": {"Service": ["sns.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"]},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}}"#,
    );
    // T-CLOUDTRAIL, readers
    assert_clean_beside_delegation(
        r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:role/Reader"}, "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "false"}}}"#,
    );
}

#[test]
fn everyone_narrowed_to_an_account_or_organization_is_clean() {
    for condition in [
        r#"{"StringEquals": {"kms:CallerAccount": "210987654321", "kms:ViaService": "ec2.us-west-2.amazonaws.com"}}"#,
        r#"{"StringEquals": {"aws:PrincipalOrgID": "o-abcdef1234"}}"#,
        r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::210987654321:role/Labeling*"}}"#,
    ] {
        assert_clean_beside_delegation(&format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "*"}}, "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*", "Condition": {condition}}}"#
        ));
    }
}

#[test]
fn denials_in_key_policies_are_clean() {
    assert_clean_beside_delegation(
        r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdef1234"},
                          "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}"#,
    );
    assert_clean_beside_delegation(
        r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*",
            "Condition": {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}}"#,
    );
    assert_clean_beside_delegation(
        r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*",
            "Condition": {"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "21"}}}"#,
    );
}

/// KMS-COND-4: the complete recipe for exact pairs, and what else closes the hole.
#[test]
fn context_keys_with_a_demanded_pair_are_clean() {
    for rest in [
        r#""StringEquals": {"kms:EncryptionContext:AppName": "x"}"#,
        r#""Null": {"kms:EncryptionContextKeys": "false"}"#,
        r#""ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["AppName"]}"#,
        r#""StringLike": {"kms:EncryptionContext:AppName": "*"}"#,
    ] {
        assert_clean(
            Identity,
            &format!(
                r#"{{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
                    "Condition": {{"ForAllValues:StringEquals": {{"kms:EncryptionContextKeys": ["AppName"]}}, {rest}}}}}"#
            ),
        );
    }
    // A denial with `ForAllValues` denies more, not less.
    assert_clean(
        Identity,
        r#"{"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["AppName"]}}}"#,
    );
}

/// KMS-COND-4: a grant constrained by an encryption context has one.
#[test]
fn context_keys_with_a_constraint_are_clean() {
    let with_type = |test: &str| {
        format!(
            r#"{{"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*",
                "Condition": {{"ForAllValues:StringEquals": {{"kms:EncryptionContextKeys": ["aws:ebs:id"]}}, {test}}}}}"#
        )
    };
    assert_clean(
        Identity,
        &with_type(r#""StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"}"#),
    );
    for test in [
        r#""StringNotEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"}"#,
        r#""StringEquals": {"kms:GrantConstraintType": ["EncryptionContextEquals", "SourceArn"]}"#,
        r#""StringEqualsIfExists": {"kms:GrantConstraintType": "EncryptionContextEquals"}"#,
        r#""Bool": {"kms:GrantIsForAWSResource": "true"}"#,
    ] {
        let found = found(Identity, &with_type(test));
        assert!(
            found.contains(&"KMS_CONTEXT_KEYS_HOLE"),
            "{test}: {found:?}"
        );
    }
}

/// IAM-COND-11
#[test]
fn for_all_values_of_what_is_there_is_clean() {
    for (action, condition) in [
        (
            "kms:CreateGrant",
            r#"{"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}}"#,
        ),
        (
            "route53:ChangeResourceRecordSets",
            r#"{"ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"]}}"#,
        ),
        (
            "sqs:CreateQueue",
            r#"{"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}, "StringEquals": {"aws:RequestTag/team": "x"}}"#,
        ),
        (
            "sqs:CreateQueue",
            r#"{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}, "ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}"#,
        ),
    ] {
        assert_clean(
            Identity,
            &format!(
                r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*", "Condition": {condition}}}"#
            ),
        );
    }
    for (actions, condition) in [
        (
            r#"["kms:CreateGrant", "kms:ListGrants"]"#,
            r#"{"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}}"#,
        ),
        (
            r#""kms:*""#,
            r#"{"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}}"#,
        ),
        (
            r#""sqs:CreateQueue""#,
            r#"{"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}, "StringNotEquals": {"aws:RequestTag/team": "x"}}"#,
        ),
        (
            r#""sqs:CreateQueue""#,
            r#"{"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}, "StringEquals": {"aws:ResourceTag/team": "x"}}"#,
        ),
    ] {
        let found = found(
            Identity,
            &format!(
                r#"{{"Effect": "Allow", "Action": {actions}, "Resource": "*", "Condition": {condition}}}"#
            ),
        );
        assert!(
            found.contains(&"FOR_ALL_VALUES_WITHOUT_NULL_TEST"),
            "{actions} {condition}: {found:?}"
        );
    }
}

/// IAM-GRAM-23
#[test]
fn policies_of_aws_have_no_quota() {
    let actions: Vec<String> = (0..600)
        .map(|n| format!("\"s3:GetObject{n:0>8}\""))
        .collect();
    let statement = format!(
        r#"{{"Effect": "Allow", "Action": [{}], "Resource": "*"}}"#,
        actions.join(", ")
    );
    let text = document(&statement);
    let exceeds = |name: &str| {
        let source = Arc::new(Source::new("p.json", text.as_str()));
        let tree = node::read(&source).unwrap();
        let report = lint_tree(
            &tree,
            &source,
            name,
            Some(Identity),
            &LintOptions::default(),
        );
        codes(&report.findings).contains(&"POLICY_EXCEEDS_QUOTA")
    };
    assert!(exceeds("p.json"));
    assert!(!exceeds("arn:aws:iam::aws:policy/ReadOnlyAccess"));
}

#[test]
fn identity_policies_for_keys_are_clean() {
    // T13
    assert_clean(
        Identity,
        r#"{"Effect": "Allow", "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "arn:aws:kms:*:210987654321:key/*",
            "Condition": {"ForAnyValue:StringLike": {"kms:ResourceAliases": ["alias/app", "alias/a*", "al*"]}}}"#,
    );
    assert_clean(
        Identity,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:RequestAlias": "alias/app"}}}"#,
    );
    // KMS-ACT-4: both halves of an alias call.
    assert_clean(
        Identity,
        r#"{"Effect": "Allow", "Action": ["kms:CreateAlias", "kms:UpdateAlias"],
            "Resource": ["arn:aws:kms:us-west-2:210987654321:alias/*", "arn:aws:kms:us-west-2:210987654321:key/*"]}"#,
    );
    assert_clean(
        Identity,
        r#"{"Effect": "Allow", "Action": ["kms:ListKeys", "kms:ListAliases", "kms:CreateKey"], "Resource": "*"}"#,
    );
    assert_clean(
        Identity,
        r#"{"Effect": "Allow", "Action": "kms:GenerateDataKeyWithoutPlainText", "Resource": "*"}"#,
    );
    assert_clean(
        Identity,
        r#"{"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*", "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}"#,
    );
    assert_clean(
        Identity,
        r#"{"Effect": "Allow", "Action": ["kms:CreateGrant"], "Resource": "arn:aws:kms:us-west-2:210987654321:key/k1"}"#,
    );
    assert_clean(
        Identity,
        r#"{"Effect": "Allow", "Action": ["kms:*"], "Resource": "arn:aws:kms:us-west-2:210987654321:alias/app"}"#,
    );
}

#[test]
fn identity_policies_of_other_services_are_clean() {
    for statement in [
        r#"{"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}"#,
        r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": ["home/${aws:username}/*"]}}}"#,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"}"#,
        r#"{"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "arn:aws:logs:*:*:*"}"#,
        r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::210987654321:role/service-role/*",
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}}"#,
        r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringEquals": {"ec2:InstanceType": "t3.micro"}}}"#,
        r#"{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:*:*:table/t",
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}, "Null": {"dynamodb:LeadingKeys": "false"}}}"#,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
        r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}"#,
        r#"{"Effect": "Allow", "Action": ["iam:*"], "Resource": "*"}"#,
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:ViaAWSService": "false"}}}"#,
        r#"{"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}"#,
        r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/Deploy", "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}"#,
    ] {
        assert_clean(Identity, statement);
    }
}

#[test]
fn resource_trust_endpoint_and_organization_policies_are_clean() {
    assert_clean(
        Resource,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*",
            "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}"#,
    );
    assert_clean(
        Resource,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#,
    );
    assert_clean(
        Resource,
        r#"{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": "arn:aws:sqs:us-west-2:210987654321:q", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"}}}"#,
    );
    assert_clean(
        Trust,
        r#"{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"},
                          "ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:us-west-2:210987654321:*"}}}"#,
    );
    assert_clean(
        Trust,
        r#"{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "arn:aws:iam::210987654321:oidc-provider/token.actions.githubusercontent.com"},
            "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                          "StringLike": {"token.actions.githubusercontent.com:sub": "repo:octo/app:*",
                                         "token.actions.githubusercontent.com:job_workflow_ref": "octo/*"}}}"#,
    );
    assert_clean(
        Trust,
        r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::210987654321:saml-provider/idp"},
            "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"], "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}"#,
    );
    assert_clean(
        Trust,
        r#"{"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-west-2:x"},
                          "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}}}"#,
    );
    assert_clean(
        VpcEndpoint,
        r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#,
    );
    assert_clean(
        Scp,
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-west-2", "eu-west-1"]}}}"#,
    );
    assert_clean(
        Rcp,
        r#"{"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "kms:*", "sts:*"], "Resource": "*",
            "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdef1234"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}"#,
    );
}

#[test]
fn statements_that_differ_are_not_repetitions() {
    let read = r#""Action": "s3:GetObject", "Resource": "*""#;
    for (first, second) in [
        (
            format!(r#"{{"Effect": "Allow", {read}}}"#),
            format!(r#"{{"Effect": "Deny", {read}}}"#),
        ),
        (
            format!(
                r#"{{"Effect": "Allow", {read}, "Condition": {{"Bool": {{"aws:SecureTransport": "true"}}}}}}"#
            ),
            format!(
                r#"{{"Effect": "Allow", {read}, "Condition": {{"StringEquals": {{"aws:PrincipalOrgID": "o-1"}}}}}}"#
            ),
        ),
        (
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}"#
                .to_owned(),
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#
                .to_owned(),
        ),
        (
            r#"{"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "*"}"#.to_owned(),
            r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#.to_owned(),
        ),
    ] {
        assert!(
            !found(Identity, &format!("{first}, {second}")).contains(&"REDUNDANT"),
            "{first} {second}"
        );
    }
    // A role and the account that delegates to it are two things.
    assert_clean_beside_delegation(
        r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:role/User"}, "Action": "kms:Decrypt", "Resource": "*"}"#,
    );
}

/// Statements that stand in many accounts: action, resource, condition.
#[rustfmt::skip]
const COMMON: &[(&str, &str, &str)] = &[
    ("ec2:CreateTags", "arn:aws:ec2:*:*:network-interface/*", r#"{"StringEquals": {"ec2:CreateAction": "CreateNetworkInterface"}}"#),
    ("cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:*:*:alarm:app-*", "{}"),
    ("cloudwatch:PutMetricData", "*", r#"{"StringEquals": {"cloudwatch:namespace": "App"}}"#),
    ("iam:CreateServiceLinkedRole", "arn:aws:iam::*:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS", r#"{"StringLike": {"iam:AWSServiceName": "rds.amazonaws.com"}}"#),
    ("ecr:GetAuthorizationToken", "*", "{}"),
    ("ecr:BatchGetImage", "arn:aws:ecr:us-west-2:210987654321:repository/app", r#"{"StringEquals": {"ecr:ResourceTag/team": "x"}}"#),
    ("s3:PutObject", "arn:aws:s3:::b/*", r#"{"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-west-2:210987654321:key/k1"}}"#),
    ("s3:GetObject", "arn:aws:s3:::b/*", r#"{"StringEqualsIgnoreCase": {"s3:ExistingObjectTag/SageMaker": "true"}}"#),
    ("s3:ListBucket", "arn:aws:s3:::b", r#"{"StringLike": {"s3:prefix": ["", "home/*"], "s3:delimiter": "/"}}"#),
    ("s3:*", "*", r#"{"NumericLessThan": {"s3:TlsVersion": 1.2}}"#),
    ("s3:GetObject", "*", r#"{"StringEquals": {"s3:DataAccessPointAccount": "210987654321", "s3:ResourceAccount": "210987654321", "s3:signatureversion": "AWS4-HMAC-SHA256"}}"#),
    ("iam:DeactivateMFADevice", "*", r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}"#),
    ("ec2:StartInstances", "arn:aws:ec2:*:*:instance/*", r#"{"StringEquals": {"ec2:ResourceTag/Owner": "${aws:username}", "aws:ResourceTag/x": "y"}}"#),
    ("ec2:CreateSnapshot", "arn:aws:ec2:*::snapshot/*", "{}"),
    ("ssm:SendCommand", "arn:aws:ec2:*:*:instance/*", r#"{"StringLike": {"ssm:resourceTag/Finance": ["WebServer"]}}"#),
    ("ssm:GetParametersByPath", "arn:aws:ssm:us-west-2:210987654321:parameter/app/*", "{}"),
    ("ssmmessages:OpenDataChannel", "*", "{}"),
    ("ec2messages:GetMessages", "*", "{}"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-west-2:210987654321:secret:app-??????", r#"{"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}"#),
    ("sagemaker:CreateTrainingJob", "*", r#"{"Null": {"sagemaker:VolumeKmsKey": "false"}, "ForAnyValue:StringLike": {"sagemaker:InstanceTypes": ["ml.m5.*"]}}"#),
    ("sagemaker:CreateLabelingJob", "*", r#"{"ArnLike": {"sagemaker:VolumeKmsKey": "arn:aws:kms:*:*:key/k1", "sagemaker:OutputKmsKey": "arn:aws:kms:*:*:key/k1"}}"#),
    ("sagemaker:CreateLabelingJob", "*", r#"{"ArnLike": {"sagemaker:WorkteamArn": "arn:aws:sagemaker:*:*:workteam/private-crowd/*"}, "StringEquals": {"sagemaker:WorkteamType": "private-crowd"}}"#),
    ("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*", "{}"),
    ("states:StartExecution", "arn:aws:states:us-west-2:210987654321:stateMachine:m", "{}"),
    ("es:ESHttpGet", "arn:aws:es:us-west-2:210987654321:domain/d/*", "{}"),
    ("rds-db:connect", "arn:aws:rds-db:us-west-2:210987654321:dbuser:cluster-ABC/u", "{}"),
    ("rds:CreateDBInstance", "arn:aws:rds:us-west-2:210987654321:db:app*", r#"{"StringEquals": {"rds:DatabaseEngine": "postgres"}}"#),
    ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1", "{}"),
    ("apigateway:GET", "arn:aws:apigateway:us-west-2::/apis/*", "{}"),
    ("apigateway:GET", "arn:aws:apigateway:us-west-2::/restapis/*", "{}"),
    ("ses:SendEmail", "arn:aws:ses:us-west-2:210987654321:identity/example.com", r#"{"StringEquals": {"ses:FromAddress": "a@example.com"}}"#),
    ("cognito-idp:AdminGetUser", "arn:aws:cognito-idp:us-west-2:210987654321:userpool/us-west-2_x", "{}"),
    ("logs:FilterLogEvents", "arn:aws:logs:us-west-2:210987654321:log-group:/aws/lambda/*", "{}"),
    ("events:PutEvents", "arn:aws:events:us-west-2:210987654321:event-bus/default", r#"{"ForAnyValue:StringEquals": {"events:source": "app"}}"#),
    ("events:PutRule", "arn:aws:events:us-west-2:210987654321:rule/r", r#"{"StringEquals": {"events:source": "aws.ec2", "events:detail-type": "EC2 Instance State-change Notification"}}"#),
    ("events:PutRule", "*", r#"{"ForAllValues:StringEquals": {"events:source": ["aws.ec2", "aws.s3"]}, "Null": {"events:source": "false"}}"#),
    ("xray:PutTraceSegments", "*", "{}"),
    ("firehose:PutRecordBatch", "arn:aws:firehose:us-west-2:210987654321:deliverystream/s", "{}"),
    ("kinesis:PutRecords", "arn:aws:kinesis:us-west-2:210987654321:stream/s", "{}"),
    ("glue:GetTable", "arn:aws:glue:us-west-2:210987654321:catalog", "{}"),
    ("athena:StartQueryExecution", "arn:aws:athena:us-west-2:210987654321:workgroup/w", "{}"),
    ("codestar-connections:UseConnection", "arn:aws:codestar-connections:us-west-2:210987654321:connection/c", "{}"),
    ("elasticfilesystem:ClientMount", "arn:aws:elasticfilesystem:us-west-2:210987654321:file-system/fs-1", r#"{"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}"#),
    ("wafv2:GetWebACL", "arn:aws:wafv2:us-west-2:210987654321:regional/webacl/*/*", "{}"),
    ("elasticloadbalancing:AddTags", "arn:aws:elasticloadbalancing:us-west-2:210987654321:targetgroup/t/*", r#"{"StringEquals": {"elasticloadbalancing:CreateAction": "CreateTargetGroup"}}"#),
    ("elasticloadbalancing:RegisterTargets", "arn:aws:elasticloadbalancing:us-west-2:210987654321:targetgroup/t/*", "{}"),
    ("autoscaling:SetDesiredCapacity", "arn:aws:autoscaling:us-west-2:210987654321:autoScalingGroup:*:autoScalingGroupName/g", r#"{"StringEquals": {"autoscaling:ResourceTag/x": "y"}}"#),
    ("cloudformation:CreateStack", "arn:aws:cloudformation:us-west-2:210987654321:stack/app/*", r#"{"StringLike": {"cloudformation:TemplateUrl": "https://b.s3.amazonaws.com/*"}}"#),
    ("cloudformation:CreateChangeSet", "arn:aws:cloudformation:us-east-1:aws:transform/Serverless-2016-10-31", "{}"),
    ("aws-marketplace:Subscribe", "*", r#"{"ForAnyValue:StringEquals": {"aws-marketplace:ProductId": ["prod-1"]}}"#),
    ("s3:GetObject", "*", r#"{"StringEquals": {"aws:PrincipalOrgMasterAccountId": "210987654321"}}"#),
    ("secretsmanager:GetSecretValue", "*", r#"{"StringEquals": {"secretsmanager:ResourceTag/team": "x"}}"#),
    ("ssm:GetParameter", "*", r#"{"StringEquals": {"ssm:resourceTag/team": "x"}}"#),
    ("glacier:DeleteArchive", "*", r#"{"StringEquals": {"glacier:ResourceTag/LegalHold": "false"}}"#),
    ("ec2:CreateVolume", "*", r#"{"ArnLike": {"aws:RequestTag/cluster": "arn:aws:ecs:*:*:cluster/*"}}"#),
    ("sagemaker:AddTags", "arn:aws:sagemaker:us-west-2:210987654321:new-thing/*", "{}"),
    ("lambda:InvokeFunctionUrl", "arn:aws:lambda:us-west-2:210987654321:function:f", r#"{"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}"#),
    ("backup:StartBackupJob", "arn:aws:backup:us-west-2:210987654321:backup-vault:v", "{}"),
    ("codecommit:GitPull", "arn:aws:codecommit:us-west-2:210987654321:r", "{}"),
    ("ecs:RunTask", "arn:aws:ecs:us-west-2:210987654321:task-definition/t:*", r#"{"ArnEquals": {"ecs:cluster": "arn:aws:ecs:us-west-2:210987654321:cluster/c"}}"#),
    ("eks:DescribeCluster", "arn:aws:eks:us-west-2:210987654321:cluster/c", "{}"),
    ("sns:Subscribe", "arn:aws:sns:us-west-2:210987654321:t", r#"{"StringEquals": {"sns:Protocol": "sqs"}}"#),
    ("dynamodb:PutItem", "arn:aws:dynamodb:us-west-2:210987654321:table/t", r#"{"ForAnyValue:StringEquals": {"dynamodb:Attributes": ["a"]}}"#),
    ("organizations:DescribeOrganization", "*", "{}"),
    ("kms:Decrypt", "*", r#"{"ForAnyValue:StringLike": {"aws:CalledVia": "athena.amazonaws.com"}, "DateGreaterThan": {"aws:CurrentTime": "2024-04-01T00:00:00Z"}}"#),
    ("kms:Decrypt", "arn:aws:kms:*:*:key/mrk-1234", r#"{"Bool": {"kms:MultiRegion": "true"}, "StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}}"#),
    ("kms:CreateGrant", "arn:aws:kms:*:210987654321:key/*", r#"{"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt", "GenerateDataKeyWithoutPlaintext"]}, "Null": {"kms:GrantOperations": "false"}, "StringEquals": {"kms:GranteePrincipal": "arn:aws:iam::210987654321:role/R"}}"#),
    ("kms:ImportKeyMaterial", "*", r#"{"NumericLessThan": {"kms:ValidTo": "1767225600"}, "StringEquals": {"kms:ExpirationModel": "KEY_MATERIAL_EXPIRES"}}"#),
    ("kms:CreateKey", "*", r#"{"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "aws:RequestTag/team": "x"}}"#),
];

#[test]
fn statements_that_stand_in_many_accounts_are_clean() {
    let mut told = Vec::new();
    for (action, resource, condition) in COMMON {
        let condition = if *condition == "{}" {
            String::new()
        } else {
            format!(r#", "Condition": {condition}"#)
        };
        let statement = format!(
            r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"{condition}}}"#
        );
        told.extend(
            findings(&document(&statement), Identity)
                .into_iter()
                .map(|finding| (*action, finding.message)),
        );
    }
    assert!(told.is_empty(), "{told:#?}");
}

/// Every fourth action: enough of each service, and a test that is quick.
#[test]
fn actions_of_the_catalogue_are_alive_on_their_own_resources() {
    let mut statements = 0;
    for service in preclear_catalog::catalog().services() {
        for actions in service.actions().step_by(4).collect::<Vec<_>>().chunks(50) {
            let listed: Vec<String> = actions.iter().map(|action| statement_of(*action)).collect();
            statements += listed.len();
            let findings = findings(&document(&listed.join(", ")), Identity);
            let dead = [
                "UNKNOWN_ACTION",
                "ACTION_NEEDS_STAR_RESOURCE",
                "ACTION_FITS_NO_RESOURCE",
                "RESOURCE_FITS_NO_ACTION",
                "UNKNOWN_SERVICE",
                "UNKNOWN_CONDITION_KEY",
                "CONDITION_KEY_NOT_FOR_ACTION",
            ];
            let wrong = findings.iter().find(|finding| dead.contains(&finding.code));
            assert!(wrong.is_none(), "{wrong:?}");
        }
    }
    assert!(statements > 3_000);
}

/// An action on resources of the types and under the keys that the catalogue gives it.
fn statement_of(action: preclear_catalog::Action<'_>) -> String {
    let filled = |form: &str| {
        let mut text = form.to_owned();
        while let (Some(start), Some(end)) = (text.find("${"), text.find('}')) {
            let value = match &text[start + 2..end] {
                "Partition" => "aws",
                "Region" => "us-west-2",
                "Account" => ACCOUNT,
                _ => "x",
            };
            text.replace_range(start..=end, value);
        }
        text
    };
    let mut resources: Vec<String> = action
        .resource_uses()
        .filter_map(|used| used.resource_type().arn_patterns().next())
        .map(|form| format!("\"{}\"", filled(form)))
        .collect();
    if resources.is_empty() {
        resources.push("\"*\"".to_owned());
    }
    // Global keys have rules of their own.
    let keys = action
        .condition_keys()
        .filter(|key| !key.starts_with("aws:"));
    let tests: Vec<String> = keys
        .map(|key| format!("\"{}\": \"false\"", filled(key)))
        .collect();
    let condition = if tests.is_empty() {
        String::new()
    } else {
        format!(r#", "Condition": {{"Null": {{{}}}}}"#, tests.join(", "))
    };
    format!(
        r#"{{"Effect": "Deny", "Action": "{}:{}", "Resource": [{}]{condition}}}"#,
        action.service().prefix(),
        action.name(),
        resources.join(", ")
    )
}
