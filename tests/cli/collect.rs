//! `scripts/collect.sh`, with a program in place of the AWS CLI.

use std::process::{Command, Output};

use preclear_tests::root;

use crate::program::Folder;

/// Runs the script in a folder whose `aws` prints an identity and keeps what it is called with.
fn collect(folder: &Folder, shell: &str, args: &[&str]) -> Output {
    let aws = "#!/bin/sh\necho \"$@\" >>calls.log\necho '111122223333\tarn:aws:iam::111122223333:user/ana'\n";
    std::fs::write(folder.path().join("aws"), aws).unwrap();
    let mut mode = std::fs::metadata(folder.path().join("aws"))
        .unwrap()
        .permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    std::fs::set_permissions(folder.path().join("aws"), mode).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new(shell)
        .arg(root().join("scripts/collect.sh"))
        .args(args)
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The AWS CLI takes credentials in the environment before `AWS_PROFILE`, and only `--profile` before them.
#[test]
fn a_profile_that_is_named_wins_over_credentials_in_the_environment() {
    let folder = Folder::new("collect-profile");
    let args = ["--profile", "audit", "--no-iam", "--no-kms", "--no-s3", "w"];
    let output = collect(&folder, "bash", &args);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let calls = folder.read("calls.log");
    assert!(
        calls
            .lines()
            .all(|call| call.starts_with("--profile audit "))
            && calls.contains("sts"),
        "{calls}"
    );
}

#[test]
fn a_folder_that_a_run_left_is_refused_with_what_to_do() {
    let folder = Folder::new("collect-left").with("w/part.json", "{}");
    let output = collect(&folder, "bash", &["w"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("remove this one if an interrupted run left it"));
    let help = collect(&folder, "bash", &["--help"]);
    assert!(String::from_utf8_lossy(&help.stdout).contains("interrupted"));
}

#[test]
fn another_shell_is_told_in_words() {
    if Command::new("dash").arg("-c").arg("true").status().is_err() {
        return;
    }
    let folder = Folder::new("collect-dash");
    let output = collect(&folder, "dash", &["w"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("a script for bash"),
        "{}",
        said(&output)
    );
    assert!(!said(&output).contains("pipefail"));
}
