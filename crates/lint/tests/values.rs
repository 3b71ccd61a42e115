//! Values that a condition key never holds, and those that it may hold. Rule: IAM-CTX-2, KMS-COND-1, KMS-ID-2

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail like tests"
)]

mod support;

use preclear_model::PolicyKind::Identity;

use support::{document, findings};

/// The remedies for the values of a key under an operator that are of the wrong kind.
fn told(operator: &str, key: &str, value: &str) -> Vec<String> {
    let statement = format!(
        r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"{operator}": {{"{key}": "{value}"}}}}}}"#
    );
    let found = findings(&document(&statement), Identity);
    let codes = ["CONDITION_VALUE_NEVER_MATCHES", "KMS_ARN_FIELD_EMPTY"];
    let of_codes = found.into_iter().filter(|one| codes.contains(&one.code));
    of_codes.filter_map(|finding| finding.help).collect()
}

#[test]
fn values_of_the_right_form_are_left_alone() {
    for (operator, key, value) in [
        (
            "StringEquals",
            "kms:ViaService",
            "s3.us-west-2.amazonaws.com",
        ),
        (
            "StringEquals",
            "kms:ViaService",
            "s3.cn-north-1.amazonaws.com.cn",
        ),
        ("StringLike", "kms:ViaService", "s3.*.amazonaws.com"),
        ("StringLike", "kms:ViaService", "s3.*"),
        ("StringLike", "kms:ViaService", "*"),
        (
            "StringEquals",
            "kms:ViaService",
            "s3.${aws:RequestedRegion}.amazonaws.com",
        ),
        ("StringEquals", "kms:ViaService", "${aws:PrincipalTag/via}"),
        (
            "StringEqualsIgnoreCase",
            "kms:ViaService",
            "S3.us-west-2.amazonaws.com",
        ),
        (
            "StringEquals",
            "iam:PassedToService",
            "ec2.amazonaws.com.cn",
        ),
        (
            "StringEquals",
            "iam:PassedToService",
            "states.us-west-2.amazonaws.com",
        ),
        ("StringLike", "iam:PassedToService", "*sagemaker*"),
        (
            "StringEquals",
            "iam:AWSServiceName",
            "pods.eks.amazonaws.com",
        ),
        ("StringEquals", "aws:SourceAccount", "210987654321"),
        ("StringLike", "aws:PrincipalAccount", "2109*"),
        ("StringEquals", "aws:SourceVpc", "vpc-1a2b"),
        ("StringNotEquals", "aws:SourceVpce", "vpce-1a2b"),
        ("StringEquals", "aws:PrincipalOrgID", "o-exampleorgid"),
        ("StringEquals", "aws:ResourceOrgID", "${aws:PrincipalOrgID}"),
        ("StringLike", "aws:PrincipalArn", "*:role/Admin"),
        ("Null", "kms:ViaService", "false"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::b"),
        (
            "StringEquals",
            "aws:PrincipalTag/key",
            "arn:aws:kms:us-west-2::key/k1",
        ),
        (
            "StringEquals",
            "kms:EncryptionContext:key",
            "arn:aws:kms:us-west-2::key/k1",
        ),
    ] {
        assert_eq!(told(operator, key, value), [""; 0], "{key} {value}");
    }
}

#[test]
fn values_of_another_form_are_told_with_the_right_one() {
    let region = "write `s3.REGION.amazonaws.com`, or under `StringLike` `s3.*.amazonaws.com` for every Region";
    let any = "write the value in the form that the key has";
    for (operator, key, value, remedy) in [
        ("StringEquals", "kms:ViaService", "s3", region),
        ("StringEquals", "kms:viaservice", "s3.amazonaws.com", region),
        (
            "StringNotEquals",
            "kms:ViaService",
            "arn:aws:s3:::a.b.c.d",
            region,
        ),
        (
            "StringLike",
            "kms:ViaService",
            "https://s3.us-west-2.amazonaws.com",
            "write `s3.REGION.amazonaws.com`, or `s3.*.amazonaws.com` for every Region",
        ),
        (
            "StringEquals",
            "iam:PassedToService",
            "sagemaker",
            "write `sagemaker.amazonaws.com`",
        ),
        (
            "StringEquals",
            "iam:PassedToService",
            "sagemaker.amazonaws.com/",
            "write `sagemaker.amazonaws.com`",
        ),
        (
            "StringEquals",
            "aws:SourceAccount",
            "arn:aws:iam::210987654321:root",
            "write `210987654321`",
        ),
        ("StringEquals", "kms:CallerAccount", "21098765432", any),
        (
            "StringEquals",
            "aws:SourceVpc",
            "vpce-1",
            "test `aws:SourceVpce`, which holds ids of endpoints",
        ),
        (
            "StringLike",
            "aws:SourceVpce",
            "vpc-1*",
            "test `aws:SourceVpc`, which holds ids of VPCs",
        ),
        ("StringEquals", "aws:PrincipalOrgID", "r-ab12", any),
        ("StringEquals", "aws:PrincipalArn", "role/Admin", any),
    ] {
        assert_eq!(told(operator, key, value), [remedy], "{key} {value}");
    }
}

#[test]
fn arns_of_keys_have_region_and_account() {
    let wild = told("ArnLike", "aws:SourceArn", "arn:aws:kms:::key/k1");
    assert_eq!(
        wild,
        ["write it out, or `*` for any: `arn:aws:kms:*:*:key/k1`"]
    );
    let exact = told(
        "StringEquals",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "arn:aws:kms:us-west-2::key/k1",
    );
    assert_eq!(
        exact,
        ["write Region and account: `arn:aws:kms:REGION:ACCOUNT:key/ID`"]
    );
}
