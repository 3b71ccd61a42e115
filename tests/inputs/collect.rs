//! `scripts/collect.sh` against a stand-in for the AWS CLI: what it writes is a form of the situation.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use preclear_tests::root;

use crate::forms::{answers, ask, folder, situation, without_places};

/// A new folder, with the stand-in as `aws` in a folder beside it.
fn scratch(name: &str) -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&scratch);
    std::fs::create_dir_all(scratch.join("bin")).unwrap();
    std::os::unix::fs::symlink(folder().join("fake-aws"), scratch.join("bin/aws")).unwrap();
    scratch
}

fn collect(scratch: &Path, account: &str, args: &[&str]) -> Output {
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", scratch.join("bin").display());
    Command::new("bash")
        .arg(root().join("scripts/collect.sh"))
        .args(args)
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION")
        .env("PATH", path)
        .env("FORM", folder().join("aws-api-raw"))
        .env("ACCOUNT", account)
        .current_dir(scratch)
        .output()
        .unwrap()
}

#[track_caller]
fn ended_with(output: &Output, code: i32) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    stderr
}

#[test]
fn what_is_collected_gives_the_same_answers() {
    let scratch = scratch("collect");
    let all = [
        "--regions",
        "us-west-2",
        "--organization",
        "--lambda",
        "--sqs",
        "--sns",
        "--vpc-endpoints",
        "own",
    ];
    let form = folder().join("aws-api-raw/account/111122223333");
    // The AWS managed key has no tags to list, and nobody printed its policy: calls that the stand-in refuses.
    assert!(
        !form
            .join("us-west-2/kms/keys/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d/get-key-policy.json")
            .exists()
    );
    let stderr = ended_with(&collect(&scratch, "111122223333", &all), 3);
    let refused: Vec<&str> = stderr
        .lines()
        .filter(|line| line.starts_with("refused:"))
        .collect();
    assert_eq!(refused.len(), 2, "{stderr}");
    ended_with(
        &collect(
            &scratch,
            "444455556666",
            &["--no-kms", "--no-s3", "partner"],
        ),
        0,
    );

    let snapshots = [
        scratch.join("own"),
        scratch.join("partner"),
        folder().join("complete.yaml"),
    ];
    let ran = ask(&snapshots, &["--format", "jsonl"]);
    assert_eq!(ran.stderr, "", "everything that is written is read");
    let collected = answers(&ran);
    for (id, answer) in answers(&situation()) {
        let answer = without_places(answer).to_string();
        assert_eq!(
            without_places(collected[&id].clone()).to_string(),
            answer,
            "{id}"
        );
    }
}

/// That a bucket has no policy AWS says by an error; a snapshot file says it to preclear.
#[test]
fn resources_without_policy_are_told() {
    let scratch = scratch("collect-buckets");
    let form = scratch.join("form");
    let bucket = form.join("account/111122223333/s3/buckets/plain");
    std::fs::create_dir_all(&bucket).unwrap();
    std::fs::write(
        bucket.join("get-bucket-location.json"),
        r#"{"LocationConstraint": null}"#,
    )
    .unwrap();
    std::fs::write(
        bucket.join("get-bucket-encryption.json"),
        r#"{"ServerSideEncryptionConfiguration": {"Rules": []}}"#,
    )
    .unwrap();
    let list = r#"{"Buckets": [{"Name": "plain"}]}"#;
    std::fs::write(form.join("account/111122223333/s3/list-buckets.json"), list).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .arg(root().join("scripts/collect.sh"))
        .args(["--no-iam", "--no-kms", "out"])
        .env("PATH", format!("{}:{path}", scratch.join("bin").display()))
        .env("AWS_REGION", "us-west-2")
        .env("FORM", &form)
        .env("ACCOUNT", "111122223333")
        .current_dir(&scratch)
        .output()
        .unwrap();
    ended_with(&output, 0);
    let files = preclear_inputs::disk::Disk::default();
    let loaded =
        preclear_inputs::snapshot::load([scratch.join("out")], &files, &Default::default());
    let loaded = loaded.unwrap_or_else(|errors| panic!("{errors}"));
    let [bucket] = loaded.value.resources.as_slice() else {
        panic!("{:?}", loaded.value.resources);
    };
    assert_eq!(bucket.policy, preclear_simulator::Given::Nothing);
    assert_eq!(bucket.region.as_deref(), Some("us-east-1"));
}

#[test]
fn nothing_is_overwritten_and_wrong_options_are_refused() {
    let scratch = scratch("collect-usage");
    std::fs::create_dir_all(scratch.join("full/x")).unwrap();
    let stderr = ended_with(&collect(&scratch, "111122223333", &["full"]), 2);
    assert!(stderr.contains("not empty"), "{stderr}");
    for args in [&["--everything", "x"][..], &["--regions"], &["a", "b"], &[]] {
        ended_with(&collect(&scratch, "111122223333", args), 2);
    }
    let help = collect(&scratch, "111122223333", &["--help"]);
    ended_with(&help, 0);
    assert!(String::from_utf8_lossy(&help.stdout).contains("--organization"));
}
