//! Every row of the table has a document that earns it, and every proposed replacement takes it away.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail like tests"
)]

mod support;

use std::collections::BTreeSet;

use preclear_lint::codes::{CODES, code};
use preclear_lint::{Edit, LintOptions};
use preclear_model::PolicyKind::{self, Identity, Key, Rcp, Resource, Trust, VpcEndpoint};
use preclear_model::Severity::{self, Error, Info, Warning};

use support::{at_key, document, edited, marked, only, report};

/// A document, by its statements, that earns a finding.
struct Case {
    code: &'static str,
    kind: PolicyKind,
    severity: Severity,
    /// What the finding marks: the start of it.
    marks: &'static str,
    statements: &'static str,
}

const fn case(
    code: &'static str,
    kind: PolicyKind,
    severity: Severity,
    marks: &'static str,
    statements: &'static str,
) -> Case {
    Case {
        code,
        kind,
        severity,
        marks,
        statements,
    }
}

/// Delegation, so that a key policy is otherwise in order.
const DELEGATION: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*", "Resource": "*"}"#;

#[rustfmt::skip]
const CASES: &[Case] = &[
    case("EMPTY_RESOURCE", Identity, Error, r#""""#,
        r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ""}"#),
    case("PRINCIPAL_IN_IDENTITY_POLICY", Identity, Error, r#""Principal""#,
        r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}"#),
    case("TRUST_STATEMENT_IN_IDENTITY_POLICY", Identity, Error, "{",
        r#"{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}"#),

    case("UNKNOWN_ACTION", Identity, Error, r#""kms:ListGrant""#,
        r#"{"Effect": "Allow", "Action": ["kms:ListGrant"], "Resource": "*"}"#),
    case("UNKNOWN_ACTION", Identity, Error, r#""kmss:Decrypt""#,
        r#"{"Effect": "Deny", "NotAction": "kmss:Decrypt", "Resource": "*"}"#),
    case("UNKNOWN_ACTION", Identity, Error, r#""kms:GenrateDataKey*""#,
        r#"{"Effect": "Allow", "Action": "kms:GenrateDataKey*", "Resource": "*"}"#),
    case("UNKNOWN_ACTION", Identity, Error, r#""KMS:reencrypt""#,
        r#"{"Effect": "Allow", "Action": "KMS:reencrypt", "Resource": "*"}"#),
    case("UNKNOWN_ACTION", Identity, Warning, r#""s3:ListBuckets""#,
        r#"{"Effect": "Allow", "Action": "s3:ListBuckets", "Resource": "*"}"#),
    case("UNKNOWN_ACTION", Identity, Error, r#""s3:DeleteObjects""#,
        r#"{"Effect": "Deny", "Action": ["s3:DeleteObjects"], "Resource": "*"}"#),
    case("UNKNOWN_ACTION", Identity, Warning, r#""securityhub:GetThingsV2""#,
        r#"{"Effect": "Allow", "Action": "securityhub:GetThingsV2", "Resource": "*"}"#),
    case("UNKNOWN_ACTION", Identity, Warning, r#""payments:Get""#,
        r#"{"Effect": "Allow", "Action": "payments:Get", "Resource": "*"}"#),
    case("UNKNOWN_ACTION", Identity, Warning, r#""kms:Rewrap""#,
        r#"{"Effect": "Allow", "Action": "kms:Rewrap", "Resource": "*"}"#),
    case("UNKNOWN_ACTION", Identity, Warning, r#""frobnicate:Run""#,
        r#"{"Effect": "Allow", "Action": "frobnicate:Run", "Resource": "*"}"#),
    case("ACTION_WITHOUT_EFFECT", Key, Warning, r#""s3:GetObject""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": ["kms:*", "s3:GetObject"], "Resource": "*"}"#),
    case("ACTION_WITHOUT_EFFECT", Rcp, Warning, r#""ec2:RunInstances""#,
        r#"{"Effect": "Deny", "Principal": "*", "Action": ["ec2:RunInstances", "s3:*"], "Resource": "*"}"#),
    case("IAM_ONLY_ACTION_IN_KEY_POLICY", Key, Warning, r#""kms:ListKeys""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": ["kms:Put*", "kms:ListKeys"], "Resource": "*"}"#),
    case("KMS_RETIRE_GRANT_WITHOUT_EFFECT", Key, Info, r#""kms:RetireGrant""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": ["kms:Put*", "kms:RetireGrant"], "Resource": "*"}"#),
    case("KMS_RETIRE_GRANT_WITHOUT_EFFECT", Rcp, Warning, r#""kms:RetireGrant""#,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:RetireGrant", "Resource": "*"}"#),

    case("ACTION_NEEDS_STAR_RESOURCE", Identity, Warning, r#""kms:ListKeys""#,
        r#"{"Effect": "Deny", "Action": "kms:ListKeys", "Resource": "arn:aws:kms:*:*:key/*"}"#),
    case("ACTION_NEEDS_STAR_RESOURCE", Identity, Info, r#""kms:ListKeys""#,
        r#"{"Effect": "Allow", "Action": ["kms:ListKeys", "kms:Decrypt"], "Resource": "arn:aws:kms:*:*:key/*"}"#),
    case("ACTION_FITS_NO_RESOURCE", Identity, Warning, r#""s3:ListBucket""#,
        r#"{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::b/*"}"#),
    case("RESOURCE_FITS_NO_ACTION", Identity, Warning, r#""arn:aws:s3:::b/*""#,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:s3:::b/*"}"#),
    case("RESOURCE_FITS_NO_ACTION", Identity, Info, r#""arn:aws:s3:::b""#,
        r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b"]}"#),
    case("KMS_ALIAS_ARN_FOR_KEY_ACTION", Identity, Error, r#""arn:aws:kms:us-west-2:210987654321:alias/app""#,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-west-2:210987654321:alias/app"}"#),
    case("KMS_ALIAS_ARN_FOR_KEY_ACTION", Identity, Error, r#""kms:Decrypt""#,
        r#"{"Effect": "Allow", "Action": ["kms:CreateAlias", "kms:Decrypt"], "Resource": "arn:aws:kms:us-west-2:210987654321:alias/app"}"#),
    case("KMS_ALIAS_ARN_FOR_KEY_ACTION", Identity, Warning, r#""arn:aws:kms:us-west-2:210987654321:alias/app""#,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": ["arn:aws:kms:us-west-2:210987654321:alias/app", "arn:aws:kms:us-west-2:210987654321:key/k1"]}"#),
    case("KMS_ARN_FIELD_EMPTY", Identity, Warning, r#""arn:aws:kms:us-west-2::key/k1""#,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-west-2::key/k1"}"#),
    case("KMS_ARN_FIELD_EMPTY", Identity, Warning, r#""arn:aws:kms::210987654321:key/*""#,
        r#"{"Effect": "Deny", "Action": "kms:Decrypt", "NotResource": "arn:aws:kms::210987654321:key/*"}"#),
    case("KMS_ARN_FIELD_EMPTY", Key, Warning, r#""arn:aws:kms:*::key/*""#,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": ["*", "arn:aws:kms:*::key/*"]}"#),
    case("KMS_ARN_FIELD_EMPTY", Resource, Warning, r#""arn:aws:kms:us-west-2::key/k1""#,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition":
            {"ArnNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-west-2::key/k1"}}}"#),
    case("UNKNOWN_SERVICE", Identity, Warning, r#""arn:aws:kmss:us-west-2:210987654321:key/*""#,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kmss:us-west-2:210987654321:key/*"}"#),

    case("WILDCARD_IN_RESOURCE_TYPE", Identity, Warning, r#""arn:aws:iam::210987654321:us*r/x""#,
        r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "arn:aws:iam::210987654321:us*r/x"}"#),
    case("WILDCARD_IN_RESOURCE_TYPE", Identity, Warning, r#""arn:aws:lambda:*:*:functi?n:f""#,
        r#"{"Effect": "Deny", "Action": "lambda:InvokeFunction", "NotResource": "arn:aws:lambda:*:*:functi?n:f"}"#),

    case("UNKNOWN_CONDITION_KEY", Identity, Warning, r#""kms:ViaServce""#,
        r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaServce": "s3.us-west-2.amazonaws.com"}}}"#),
    case("MULTIVALUED_KEY_WITHOUT_SET_OPERATOR", Identity, Warning, r#""aws:TagKeys""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:TagKeys": "team"}}}"#),
    case("SET_OPERATOR_ON_SINGLE_VALUED_KEY", Identity, Warning, r#""aws:PrincipalOrgID""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:PrincipalOrgID": "o-1"}}}"#),
    case("FOR_ALL_VALUES_WITHOUT_NULL_TEST", Identity, Info, r#""aws:TagKeys""#,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": "team"}}}"#),
    case("CONDITION_TYPE_MISMATCH", Identity, Warning, r#""aws:SecureTransport""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"NumericEquals": {"aws:SecureTransport": "1"}}}"#),
    case("MALFORMED_CONDITION_VALUE", Identity, Warning, r#""yes""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "yes"}}}"#),
    case("CONDITION_VALUE_NEVER_MATCHES", Identity, Warning, r#""s3.amazonaws.com""#,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.amazonaws.com"}}}"#),
    case("CONDITION_VALUE_NEVER_MATCHES", Identity, Warning, r#""sagemaker.amazonaws.com/""#,
        r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::210987654321:role/x",
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com/"}}}"#),
    case("UNUSUAL_NUMBER", Identity, Warning, r#""+7""#,
        r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": {"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "+7"}}}"#),
    case("DATE_WITHOUT_ZONE", Identity, Warning, r#""2025-01-01T00:00:00""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2025-01-01T00:00:00"}}}"#),
    case("AMBIGUOUS_DATE", Identity, Warning, r#""2025""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2025"}}}"#),
    case("BOOL_WITH_BOTH_VALUES", Identity, Warning, r#""aws:SecureTransport""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": ["true", "false"]}}}"#),
    case("NULL_WITH_BOTH_VALUES", Identity, Warning, r#""aws:TokenIssueTime""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Null": {"aws:TokenIssueTime": ["true", "false"]}}}"#),
    case("HOST_BITS_IN_CIDR", Identity, Warning, r#""203.0.113.7/24""#,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.7/24"}}}"#),
    case("PRIVATE_RANGE_FOR_SOURCE_IP", Identity, Warning, r#""10.0.0.0/8""#,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}"#),
    case("WILDCARD_IN_ID", Identity, Warning, r#""o-abcdefgh*""#,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-abcdefgh*"}}}"#),
    case("BROAD_WILDCARD_IN_ID", VpcEndpoint, Warning, r#""o-*""#,
        r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}"#),
    case("SHORT_ARN_PATTERN", Identity, Warning, r#""arn:aws:iam""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam"}}}"#),
    case("VARIABLE_IN_BOOL", Identity, Warning, r#""${aws:PrincipalTag/x}""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "${aws:PrincipalTag/x}"}}}"#),
    case("MULTIVALUED_VARIABLE", Identity, Warning, r#""${aws:PrincipalOrgPaths}""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/x": "${aws:PrincipalOrgPaths}"}}}"#),
    case("UNKNOWN_VARIABLE", Identity, Warning, r#""${aws:usrname}""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/x": "${aws:usrname}"}}}"#),
    case("LEGACY_CONDITION_KEY", Resource, Warning, r#""aws:SourceOwner""#,
        r#"{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceOwner": "210987654321"}}}"#),
    case("LEGACY_CONDITION_KEY", Identity, Info, r#""kms:CustomerMasterKeySpec""#,
        r#"{"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*", "Condition": {"StringEquals": {"kms:CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"}}}"#),

    case("CONDITION_KEY_NOT_FOR_ACTION", Identity, Warning, r#""kms:ViaService""#,
        r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}}}"#),
    case("CONDITION_KEY_NOT_FOR_ACTION", Identity, Warning, r#""kms:KeySpec""#,
        r#"{"Effect": "Allow", "Action": "kms:CreateAlias", "Resource": "arn:aws:kms:*:*:alias/a", "Condition": {"StringEquals": {"kms:KeySpec": "RSA_2048"}}}"#),
    case("CONDITION_KEY_NOT_FOR_ACTION", Identity, Warning, r#""s3:prefix""#,
        r#"{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*", "Condition": {"StringLike": {"s3:prefix": "home/*"}}}"#),
    case("CONDITION_DISABLES_ACTION", Key, Warning, r#""kms:Decrypt""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": ["kms:Decrypt", "kms:CreateGrant"], "Resource": "*", "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}"#),
    case("EC_CONDITION_ON_NON_EC_ACTION", Identity, Warning, r#""kms:DescribeKey""#,
        r#"{"Effect": "Allow", "Action": ["kms:DescribeKey", "kms:Decrypt"], "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:app": "x"}}}"#),
    case("SOURCE_KEY_FOR_IDENTITIES", Resource, Warning, r#""aws:SourceArn""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"}}}"#),
    case("KMS_CALLER_KEY_FOR_SERVICE", Key, Warning, r#""kms:ViaService""#,
        r#"{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}}}"#),
    case("PRINCIPAL_ARN_NEVER_MATCHES", Identity, Warning, r#""arn:aws:sts::210987654321:assumed-role/R/*""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:sts::210987654321:assumed-role/R/*"}}}"#),
    case("MFA_DENY_MISSES_ACCESS_KEYS", Identity, Warning, r#""aws:MultiFactorAuthPresent""#,
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}"#),
    case("NETWORK_DENY_HITS_SERVICES", Identity, Info, r#""aws:SourceIp""#,
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}"#),
    case("ORG_DENY_HITS_SERVICES", Key, Warning, r#""aws:PrincipalOrgID""#,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}"#),
    case("ORG_PATH_WITHOUT_END", Identity, Warning, r#""o-1/r-1/ou-1""#,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1"}}}"#),

    case("KMS_CONTEXT_KEYS_HOLE", Identity, Warning, r#""kms:EncryptionContextKeys""#,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["AppName"]}}}"#),
    case("KMS_OVERLY_PERMISSIVE_CONDITION", Key, Error, r#""kms:EncryptionContext:app""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"kms:EncryptionContext:app": "x"}}}"#),
    case("KMS_OVERLY_PERMISSIVE_CONDITION", Identity, Warning, r#""aws:RequestTag/team""#,
        r#"{"Effect": "Allow", "Action": "kms:TagResource", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:RequestTag/team": "x"}}}"#),
    case("KMS_RESOURCE_ALIASES_IN_KEY_POLICY", Key, Warning, r#""kms:ResourceAliases""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}}}"#),
    case("KMS_RESOURCE_TAG_IN_KEY_POLICY", Key, Warning, r#""aws:ResourceTag/team""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "x"}}}"#),
    case("KMS_ALIAS_VALUE_NEVER_MATCHES", Identity, Warning, r#""arn:aws:kms:us-west-2:210987654321:alias/app""#,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:RequestAlias": "arn:aws:kms:us-west-2:210987654321:alias/app"}}}"#),
    case("KMS_ALIAS_VALUE_NEVER_MATCHES", Identity, Warning, r#""app*""#,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"ForAnyValue:StringLike": {"kms:ResourceAliases": "app*"}}}"#),
    case("KMS_GRANT_OPERATION_UNKNOWN", Identity, Warning, r#""kms:Decrypt""#,
        r#"{"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"kms:GrantOperations": ["kms:Decrypt"]}}}"#),
    case("KMS_GRANT_OPERATION_UNKNOWN", Identity, Warning, r#""ListGrants""#,
        r#"{"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"kms:GrantOperations": ["Decrypt", "ListGrants"]}}}"#),

    case("KMS_ORPHAN_PRINCIPAL", Key, Warning, r#""AROAEXAMPLEEXAMPLE123""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": ["210987654321", "AROAEXAMPLEEXAMPLE123"]}, "Action": "kms:*", "Resource": "*"}"#),
    case("KMS_PUBLIC_KEY_POLICY", Key, Error, r#""*""#,
        r#"{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}"#),
    case("KMS_PUBLIC_KEY_POLICY", Key, Warning, r#""*""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}}}"#),
    case("SERVICE_ACTS_AS_ROLE", Key, Info, r#""sagemaker.amazonaws.com""#,
        r#"{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*"}"#),
    case("SERVICE_PRINCIPAL_NEEDS_REGION", Key, Warning, r#""logs.amazonaws.com""#,
        r#"{"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*"}"#),

    case("KMS_DEAD_STATEMENT", Key, Warning, "{",
        r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt"}"#),
    case("KMS_KEYPOLICY_RESOURCE_FOREIGN", Key, Error, r#""arn:aws:kms:us-west-2:210987654321:alias/app""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*", "Resource": "arn:aws:kms:us-west-2:210987654321:alias/app"}"#),
    case("KMS_KEYPOLICY_RESOURCE_FOREIGN", Key, Info, r#""arn:aws:kms:us-west-2:210987654321:key/k2""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*", "Resource": "arn:aws:kms:us-west-2:210987654321:key/k2"}"#),
    case("KEY_POLICY_WITHOUT_ADMIN", Key, Error, "{",
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:Decrypt", "Resource": "*"}"#),
    case("NO_DELEGATION", Key, Info, "{",
        r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:role/Admin"}, "Action": "kms:*", "Resource": "*"}"#),
    case("ESCALATION_POSSIBLE", Key, Info, r#""arn:aws:iam::210987654321:role/Admin""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:role/Admin"}, "Action": "kms:Put*", "Resource": "*"}"#),

    case("BROAD_CREATEGRANT", Identity, Warning, r#""kms:CreateGrant""#,
        r#"{"Effect": "Allow", "Action": ["kms:CreateGrant"], "Resource": "*"}"#),
    case("PRIVILEGE_ESCALATION", Identity, Warning, r#""iam:AttachRolePolicy""#,
        r#"{"Effect": "Allow", "Action": ["iam:ListRoles", "iam:AttachRolePolicy"], "Resource": "*"}"#),
    case("PRIVILEGE_ESCALATION", Identity, Info, r#""iam:PassRole""#,
        r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}}"#),

    case("REDUNDANT", Identity, Info, r#""kms:Decrypt""#,
        r#"{"Effect": "Allow", "Action": ["kms:Decrypt", "kms:*"], "Resource": "*"}"#),
    case("REDUNDANT", Identity, Info, r#"{"Effect": "Allow", "Action": "lambda:ListFunctions""#,
        r#"{"Effect": "Allow", "Action": ["lambda:ListFunctions", "lambda:InvokeFunction"], "Resource": "*"},
           {"Effect": "Allow", "Action": "lambda:ListFunctions", "Resource": "*"}"#),
    case("EXAMPLE_ACCOUNT_ID", Identity, Info, r#""arn:aws:kms:us-west-2:111122223333:key/*""#,
        r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-west-2:111122223333:key/*"}"#),
    case("MISSING_SID", Identity, Info, r#"{"Effect": "Deny""#,
        r#"{"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}"#),
    case("MISSING_SID", Identity, Info, r#"{"Effect": "Deny", "Action": "kms:*""#,
        r#"{"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "kms:*", "Resource": "*"},
           {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}"#),
    case("CONDITION_KEY_NOT_FOR_ACTION", Trust, Warning, r#""kms:ViaService""#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "sts:AssumeRole", "Condition": {"StringNotEquals": {"kms:ViaService": "x"}}}"#),
];

#[test]
fn every_case_earns_its_finding_where_it_should() {
    for case in CASES {
        let text = document(case.statements);
        let report = report(&text, Some(case.kind), &LintOptions::default());
        let finding = only(&report.findings, case.code);
        assert!(
            marked(finding).starts_with(case.marks),
            "{}: {}",
            case.code,
            marked(finding)
        );
        assert_eq!(finding.severity, case.severity, "{}", case.code);
        assert!(finding.help.is_some(), "{}", case.code);
    }
}

#[test]
fn every_row_has_a_case_and_no_finding_is_worse_than_its_row() {
    let with_case: BTreeSet<&str> = CASES.iter().map(|case| case.code).collect();
    // Shown with fragments.
    let elsewhere = ["ACTION_ONLY_IN_PROSE", "FRAGMENT_WRAPPED"];
    for row in CODES {
        assert!(
            with_case.contains(row.name) || elsewhere.contains(&row.name),
            "{}",
            row.name
        );
    }
    for case in CASES {
        let row = code(case.code).unwrap_or_else(|| panic!("{} has no row", case.code));
        assert!(case.severity <= row.severity, "{}", case.code);
    }
}

#[test]
fn the_worst_case_of_each_row_is_as_bad_as_the_row() {
    for row in CODES {
        let worst = CASES
            .iter()
            .filter(|case| case.code == row.name)
            .map(|case| case.severity)
            .max();
        assert!(
            worst.is_none_or(|worst| worst == row.severity),
            "{}",
            row.name
        );
    }
}

#[test]
fn replacements_take_the_finding_away() {
    let mut replaced = 0;
    for case in CASES {
        let text = document(case.statements);
        let before = report(&text, Some(case.kind), &LintOptions::default());
        let Some(edited) = only(&before.findings, case.code)
            .edit
            .as_ref()
            .and_then(edited)
        else {
            continue;
        };
        replaced += 1;
        let after = report(&edited, Some(case.kind), &LintOptions::default());
        let again = after
            .findings
            .iter()
            .find(|finding| finding.code == case.code);
        assert!(again.is_none(), "{}: {edited}", case.code);
        assert!(after.policy.is_some(), "{}: {edited}", case.code);
    }
    assert!(replaced >= 10);
}

#[test]
fn delegation_is_proposed_where_the_account_is_known() {
    let text = document(
        r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*"}"#,
    );
    let report = report(&text, Some(Key), &at_key());
    for code in ["KEY_POLICY_WITHOUT_ADMIN", "NO_DELEGATION"] {
        let Some(Edit::AddStatement(statement)) = &only(&report.findings, code).edit else {
            panic!("no statement for {code}");
        };
        assert!(statement.contains("arn:aws:iam::210987654321:root"));
        let fixed = support::report(&document(statement), Some(Key), &at_key());
        assert_eq!(support::codes(&fixed.findings), Vec::<&str>::new());
    }
}

#[test]
fn a_known_key_makes_foreign_resources_exact() {
    let at = |resource: &str| {
        let statement = format!(
            r#"{DELEGATION}, {{"Effect": "Deny", "Principal": "*", "Action": "kms:Sign", "Resource": {resource}}}"#
        );
        let findings = report(&document(&statement), Some(Key), &at_key()).findings;
        findings
            .iter()
            .map(|finding| (finding.code, finding.severity))
            .collect::<Vec<_>>()
    };
    let foreign = "KMS_KEYPOLICY_RESOURCE_FOREIGN";
    assert_eq!(
        at(r#""arn:aws:kms:us-west-2:210987654321:key/other""#),
        [(foreign, Error)]
    );
    assert_eq!(
        at(r#"["*", "arn:aws:kms:us-west-2:210987654321:key/other"]"#),
        [(foreign, Warning)]
    );
    assert_eq!(
        at(r#""arn:aws:kms:eu-west-1:210987654321:key/*""#),
        [(foreign, Error)]
    );
    assert_eq!(at(&format!("\"{}\"", support::KEY)), []);
    assert_eq!(at(r#""arn:aws:kms:*:210987654321:key/*""#), []);
}

/// The nearest action of an operation is another one: `s3:ListBucket` has nothing to do with ListBuckets.
#[test]
fn operations_are_told_with_what_authorises_them_and_not_replaced() {
    for (operation, action) in [
        ("s3:ListBuckets", "s3:ListAllMyBuckets"),
        ("s3:DeleteObjects", "s3:DeleteObject"),
        (
            "s3:PutBucketLifecycleConfiguration",
            "s3:PutLifecycleConfiguration",
        ),
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("sqs:SendMessageBatch", "sqs:SendMessage"),
        ("sns:PublishBatch", "sns:Publish"),
        ("dynamodb:TransactGetItems", "dynamodb:GetItem"),
    ] {
        let statement =
            format!(r#"{{"Effect": "Allow", "Action": "{operation}", "Resource": "*"}}"#);
        let findings = support::findings(&document(&statement), Identity);
        let finding = only(&findings, "UNKNOWN_ACTION");
        let help = format!("`{operation}` is an API operation; it is authorised by `{action}`");
        assert_eq!(finding.help.as_deref(), Some(&*help));
        assert_eq!((finding.severity, &finding.edit), (Warning, &None));
    }
}

#[test]
fn findings_name_their_statement() {
    let text = document(
        r#"{"Sid": "First", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
           {"Sid": "Second", "Effect": "Allow", "Action": "kms:ListGrant", "Resource": "*"}"#,
    );
    let findings = support::findings(&text, Identity);
    let finding = only(&findings, "UNKNOWN_ACTION");
    assert_eq!(
        (finding.statement, finding.sid.as_deref()),
        (Some(1), Some("Second"))
    );
}
