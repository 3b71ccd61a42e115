//! Which kind of policy a document is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail like tests"
)]

mod support;

use std::sync::Arc;

use preclear_catalog::kms::default_key_policy;
use preclear_catalog::managed_policy;
use preclear_lint::classify;
use preclear_model::PolicyKind::{self, Identity, Key, Rcp, Resource, Trust, VpcEndpoint};
use preclear_model::{Source, node};

use support::document;

fn kind(text: &str) -> Option<PolicyKind> {
    classify(&node::read(&Arc::new(Source::new("p.json", text))).unwrap())
}

fn kind_of(statements: &str) -> Option<PolicyKind> {
    kind(&document(statements))
}

#[test]
fn without_a_principal_it_belongs_to_an_identity() {
    assert_eq!(
        kind_of(r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}"#),
        Some(Identity)
    );
    assert_eq!(
        kind_of(r#"{"Effect": "Deny", "NotAction": "iam:*", "NotResource": "*"}"#),
        Some(Identity)
    );
}

#[test]
fn with_a_principal_the_actions_tell() {
    let with = |members: &str| {
        kind_of(&format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "210987654321"}}, {members}}}"#
        ))
    };
    assert_eq!(with(r#""Action": "kms:*", "Resource": "*""#), Some(Key));
    assert_eq!(
        with(r#""Action": ["KMS:Decrypt", "s3:GetObject"], "Resource": "*""#),
        Some(Key)
    );
    assert_eq!(with(r#""Action": "kms:Decrypt""#), Some(Key));
    assert_eq!(
        with(r#""Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*""#),
        Some(Resource)
    );
    assert_eq!(
        with(r#""Action": ["sts:AssumeRole", "sts:TagSession"]"#),
        Some(Trust)
    );
    assert_eq!(
        with(r#""NotAction": "s3:GetObject", "Resource": "*""#),
        Some(Resource)
    );
    assert_eq!(kind(&default_key_policy("aws", "210987654321")), Some(Key));
}

#[test]
fn everyone_on_everything_belongs_to_an_endpoint_or_organization() {
    assert_eq!(
        kind_of(r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#),
        Some(VpcEndpoint)
    );
    assert_eq!(
        kind_of(
            r#"{"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "kms:*"], "Resource": "*"}"#
        ),
        Some(Rcp)
    );
    // A bucket policy denies on its bucket, not on everything.
    assert_eq!(
        kind_of(
            r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}"#
        ),
        Some(Resource)
    );
}

#[test]
fn the_larger_part_decides_about_principals() {
    let identity = r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}"#;
    let trust = r#"{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}"#;
    let key = r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*", "Resource": "*"}"#;
    assert_eq!(kind_of(&format!("{identity}, {trust}")), Some(Identity));
    assert_eq!(kind_of(&format!("{key}, {key}, {identity}")), Some(Key));
}

#[test]
fn fragments_are_classified_and_other_trees_are_not() {
    let statement = r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*", "Resource": "*"}"#;
    assert_eq!(kind(statement), Some(Key));
    assert_eq!(kind(&format!("[{statement}]")), Some(Key));
    for text in [
        "{}",
        "[]",
        "7",
        r#"{"Statement": []}"#,
        r#"{"account": "210987654321"}"#,
    ] {
        assert_eq!(kind(text), None, "{text}");
    }
    let shipped =
        managed_policy("arn:aws:iam::aws:policy/AmazonSageMakerGroundTruthExecution").unwrap();
    assert_eq!(kind(shipped), Some(Identity));
}
