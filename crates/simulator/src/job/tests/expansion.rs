//! The labeling job with output and volume key, row by row: who, what, on what. Written by hand from the table of
//! rows, scenario G13.

use std::collections::BTreeMap;

use super::labeling::{LABELER, ROLE, statement_alone, with_volume_key};
use super::world::*;
use crate::job::report::{Basis, Phase};

const SERVICE: &str = "sagemaker.amazonaws.com";
const JOB: &str = "arn:aws:sagemaker:us-west-2:111122223333:labeling-job/boxes-01";
const IN: &str = "arn:aws:s3:::team-sagemaker-in";
const OUT: &str = "arn:aws:s3:::team-sagemaker-out";
const MANIFEST: &str = "arn:aws:s3:::team-sagemaker-in/m.json";
const DATA: &str = "arn:aws:s3:::team-sagemaker-in/*";
const TEMPLATE: &str = "arn:aws:s3:::team-sagemaker-in/ui.liquid";
const OUTPUT: &str = "arn:aws:s3:::team-sagemaker-out/boxes/*";

/// Id, phase, basis, and principal, actions, resources of its parts.
type Row = (
    &'static str,
    Phase,
    Basis,
    &'static [(
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    )],
);

const ROWS: &[Row] = &[
    (
        "GT-01",
        Phase::Submit,
        Basis::Mandatory,
        &[(LABELER, &["sagemaker:CreateLabelingJob"], &[JOB])],
    ),
    ("GT-02", Phase::Submit, Basis::Mandatory, &[]),
    (
        "GT-03",
        Phase::Submit,
        Basis::Mandatory,
        &[(LABELER, &["iam:PassRole"], &[ROLE])],
    ),
    (
        "GT-04",
        Phase::Submit,
        Basis::Mandatory,
        &[(SERVICE, &["sts:AssumeRole"], &[ROLE])],
    ),
    (
        "GT-05",
        Phase::Run,
        Basis::Mandatory,
        &[(ROLE, &["s3:ListBucket", "s3:GetBucketLocation"], &[IN, OUT])],
    ),
    (
        "GT-06",
        Phase::Run,
        Basis::Mandatory,
        &[(ROLE, &["s3:GetObject"], &[MANIFEST, DATA, TEMPLATE])],
    ),
    (
        "GT-07",
        Phase::Output,
        Basis::Mandatory,
        &[(ROLE, &["s3:PutObject"], &[OUTPUT])],
    ),
    (
        "GT-08",
        Phase::Output,
        Basis::Mandatory,
        &[(
            ROLE,
            &["s3:GetObject", "s3:AbortMultipartUpload"],
            &[OUTPUT],
        )],
    ),
    ("GT-09", Phase::Run, Basis::Mandatory, &[]),
    (
        "GT-10",
        Phase::Output,
        Basis::Mandatory,
        &[(ROLE, &["kms:GenerateDataKey"], &[KEY_ONE])],
    ),
    (
        "GT-11",
        Phase::Output,
        Basis::Mandatory,
        &[(ROLE, &["kms:Decrypt"], &[KEY_ONE])],
    ),
    (
        "GT-12",
        Phase::Output,
        Basis::Listed,
        &[(
            ROLE,
            &[
                "kms:Encrypt",
                "kms:DescribeKey",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:GenerateDataKeyPair",
                "kms:GenerateDataKeyPairWithoutPlaintext",
            ],
            &[KEY_ONE],
        )],
    ),
    ("GT-13", Phase::Output, Basis::Mandatory, &[]),
    (
        "GT-14",
        Phase::Run,
        Basis::Listed,
        &[(
            ROLE,
            &[
                "cloudwatch:PutMetricData",
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            &["*"],
        )],
    ),
    (
        "GT-20",
        Phase::Submit,
        Basis::Mandatory,
        &[(ROLE, &["iam:PassRole"], &[ROLE])],
    ),
    (
        "GT-21",
        Phase::Run,
        Basis::Mandatory,
        &[
            (SERVICE, &["sts:AssumeRole"], &[ROLE]),
            (SERVICE, &["sts:AssumeRole"], &[ROLE]),
        ],
    ),
    (
        "GT-22",
        Phase::Run,
        Basis::Mandatory,
        &[(ROLE, &["kms:CreateGrant"], &[KEY_ONE])],
    ),
    (
        "GT-23",
        Phase::Run,
        Basis::Listed,
        &[(
            ROLE,
            &[
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyPair",
                "kms:GenerateDataKeyPairWithoutPlaintext",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:DescribeKey",
            ],
            &[KEY_ONE],
        )],
    ),
    (
        "GT-24",
        Phase::Run,
        Basis::Mandatory,
        &[(
            SERVICE,
            &["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext"],
            &[KEY_ONE],
        )],
    ),
    ("GT-25", Phase::Run, Basis::Listed, &[]),
    ("GT-30", Phase::Run, Basis::Mandatory, &[]),
    ("GT-31", Phase::Output, Basis::Mandatory, &[]),
    ("GT-32", Phase::Output, Basis::Mandatory, &[]),
    ("GT-40", Phase::Run, Basis::Mandatory, &[]),
    ("GT-50", Phase::Submit, Basis::Advisory, &[]),
    ("GT-51", Phase::Submit, Basis::Mandatory, &[]),
    ("GT-52", Phase::Submit, Basis::Mandatory, &[]),
    ("GT-53", Phase::Submit, Basis::Listed, &[]),
    ("GT-54", Phase::Submit, Basis::Mandatory, &[]),
    ("GT-55", Phase::Submit, Basis::Advisory, &[]),
    ("GT-56", Phase::Submit, Basis::Listed, &[]),
];

#[test]
fn every_row_is_listed_with_its_parts() {
    let report = with_volume_key(statement_alone()).simulate();
    let ids: Vec<&str> = report
        .requirements
        .iter()
        .map(|row| row.id.as_str())
        .collect();
    assert_eq!(ids, ROWS.iter().map(|row| row.0).collect::<Vec<_>>());
    for (found, (id, phase, basis, parts)) in report.requirements.iter().zip(ROWS) {
        assert_eq!((found.phase, found.basis), (*phase, *basis), "{id}");
        assert!(!found.why.is_empty());
        let wanted: Vec<(&str, &str, &str)> = parts
            .iter()
            .flat_map(|(principal, actions, resources)| {
                actions.iter().flat_map(move |action| {
                    resources
                        .iter()
                        .map(move |resource| (*principal, *action, *resource))
                })
            })
            .collect();
        let stated: Vec<(&str, &str, &str)> = found
            .parts
            .iter()
            .map(|part| {
                (
                    part.principal.as_str(),
                    part.action.as_str(),
                    part.resource.as_str(),
                )
            })
            .collect();
        assert_eq!(stated, wanted, "{id}");
    }
}

#[test]
fn context_keys_are_those_of_the_table() {
    let report = with_volume_key(statement_alone()).simulate();
    let context = |id: &str, part: usize| -> Vec<(String, String)> {
        let context: &BTreeMap<String, String> = &parts_of(&report, id)[part].context;
        context
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        context("GT-01", 0),
        [
            pair("sagemaker:OutputKmsKey", KEY_ONE),
            pair("sagemaker:VolumeKmsKey", KEY_ONE),
            pair(
                "sagemaker:WorkteamArn",
                "arn:aws:sagemaker:us-west-2:111122223333:workteam/private-crowd/team1"
            ),
            pair("sagemaker:WorkteamType", "private-crowd"),
        ]
    );
    assert_eq!(context("GT-03", 0), [pair("iam:PassedToService", SERVICE)]);
    assert_eq!(context("GT-20", 0), [pair("iam:PassedToService", SERVICE)]);
    assert_eq!(
        context("GT-04", 0),
        [
            pair("aws:SourceAccount", ACCOUNT),
            pair("aws:SourceArn", JOB)
        ]
    );
    assert_eq!(
        context("GT-21", 0)[1],
        pair(
            "aws:SourceArn",
            "arn:aws:sagemaker:us-west-2:111122223333:training-job/boxes-01"
        )
    );
    assert_eq!(
        context("GT-21", 1)[1],
        pair(
            "aws:SourceArn",
            "arn:aws:sagemaker:us-west-2:111122223333:transform-job/boxes-01"
        )
    );
    assert_eq!(
        context("GT-07", 0),
        [
            pair("s3:x-amz-server-side-encryption", "aws:kms"),
            pair("s3:x-amz-server-side-encryption-aws-kms-key-id", KEY_ONE),
        ]
    );
    // Calls through another service are forwarded (JOB-5).
    let forwarded = pair("aws:ViaAWSService", "true");
    let through_s3 = [
        forwarded.clone(),
        pair("kms:EncryptionContext:aws:s3:arn", OUTPUT),
        pair("kms:ViaService", "s3.us-west-2.amazonaws.com"),
    ];
    assert_eq!(context("GT-10", 0), through_s3);
    assert_eq!(context("GT-11", 0), through_s3);
    assert_eq!(
        context("GT-12", 1),
        [forwarded.clone(), through_s3[2].clone()],
        "DescribeKey has no encryption context"
    );
    assert_eq!(
        context("GT-22", 0),
        [
            forwarded,
            pair("kms:GrantIsForAWSResource", "true"),
            pair("kms:ViaService", "sagemaker.us-west-2.amazonaws.com"),
        ]
    );
    for id in ["GT-05", "GT-06", "GT-14", "GT-23", "GT-24"] {
        assert_eq!(context(id, 0), [], "{id}");
    }
}

#[test]
fn only_the_upload_clean_up_is_weaker_than_its_row() {
    let report = with_volume_key(statement_alone()).simulate();
    for row in &report.requirements {
        for part in &row.parts {
            let wanted = if part.action == "s3:AbortMultipartUpload" {
                Basis::Listed
            } else {
                row.basis
            };
            assert_eq!(part.basis, wanted, "{} {}", row.id, part.action);
        }
    }
}
