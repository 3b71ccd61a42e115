//! The text output for the examples, byte for byte. `UPDATE_EXPECT=1 cargo test` writes it anew: read the difference.

use preclear_tests::{here, root};

use crate::program::run_in;

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/example-role";

/// Compares one run in the checkout's root with its file.
#[track_caller]
fn matches_file(name: &str, args: &[&str]) {
    let ran = run_in(root(), args, b"");
    let code = ran
        .code
        .map_or_else(|| "none".to_owned(), |code| code.to_string());
    let mut actual = format!("$ preclear {}\n{}", args.join(" "), ran.stdout);
    if !ran.stderr.is_empty() {
        actual.push_str(&format!("--- standard error\n{}", ran.stderr));
    }
    actual.push_str(&format!("--- exit code {code}\n"));

    let path = here().join("snapshots").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
        std::fs::write(path, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if actual != expected {
        let lines = expected.lines().zip(actual.lines());
        let first = lines
            .clone()
            .position(|(expected, actual)| expected != actual)
            .unwrap_or(lines.count());
        let line = |text: &str| text.lines().nth(first).unwrap_or("the end").to_owned();
        panic!(
            "{} differs from line {}:\nexpected  {}\nactual    {}\nIf that is right: UPDATE_EXPECT=1 cargo test --test cli",
            path.display(),
            first + 1,
            line(&expected),
            line(&actual)
        );
    }
    for line in actual.lines() {
        assert_eq!(line, line.trim_end(), "white space at the end of a line");
    }
}

const JOB: [&str; 5] = [
    "simulate",
    "--snapshot",
    "examples/ground-truth",
    "--job",
    "examples/ground-truth/job.yaml",
];

/// Every folder of the examples that holds a job: as it is, with what would mend it, and explained. Rule: UI-13.
#[test]
fn jobs_of_the_examples() {
    let mut names: Vec<String> = std::fs::read_dir(root().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("job.yaml").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 5, "{names:?}");
    for name in names {
        let folder = format!("examples/{name}");
        let job = format!("{folder}/job.yaml");
        let args = ["simulate", "--snapshot", &folder, "--job", &job];
        matches_file(&name, &args);
        for (ending, flag) in [("fix", "--fix"), ("explain", "--explain")] {
            let args = [&args[..], &[flag]].concat();
            matches_file(&format!("{name}-{ending}"), &args);
            let stdout = run_in(root(), &args, b"").stdout;
            for line in stdout.lines() {
                assert!(line.chars().count() <= 100, "{name} {flag}: {line}");
            }
        }
    }
}

#[test]
fn one_request() {
    let snapshot = "examples/ground-truth";
    let args = [
        "simulate",
        "--snapshot",
        snapshot,
        "--principal",
        ROLE,
        "--action",
        "kms:CreateGrant",
        "--resource",
        "alias/labels",
    ];
    matches_file("request-denied", &args);
    matches_file(
        "request-denied-explained",
        &[&args[..], &["--closed", "--explain"]].concat(),
    );
    let args = [
        "simulate",
        "--snapshot",
        snapshot,
        "--principal",
        ROLE,
        "--action",
        "kms:Decrypt",
        "--resource",
        "alias/labels",
        "--closed",
    ];
    matches_file("request-allowed", &args);
    matches_file("request-json", &[&args[..], &["--format", "json"]].concat());
}

#[test]
fn one_operation() {
    let args = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--principal",
        ROLE,
        "--operation",
        "kms:Encrypt",
        "--resource",
        "alias/labels",
        "--closed",
    ];
    matches_file("operation-allowed", &args);
}

/// Each names AWS's message, every layer, what nearly allowed the call (or but for what it would not be denied), and what would mend
/// it. Rule: UI-12, KMS-DEC-1.
#[test]
fn denials_of_kms_explained() {
    const APP: &str = "arn:aws:iam::111122223333:role/app";
    const PARTNER: &str = "arn:aws:iam::444455556666:role/partner";
    let context = |pair: &'static str| vec!["--encryption-context", pair];
    let denials = [
        ("iam-not-enabled", APP, Vec::new()),
        ("context", APP, context("tenant=green")),
        ("scp", APP, Vec::new()),
        ("cross-account", PARTNER, Vec::new()),
        ("grant", APP, context("Tenant=blue")),
        ("boundary", APP, Vec::new()),
    ];
    for (name, principal, more) in denials {
        let snapshot = format!("tests/cli/denials/{name}.yaml");
        let args = [
            "simulate",
            "--snapshot",
            &snapshot,
            "--principal",
            principal,
            "--action",
            "kms:Decrypt",
            "--resource",
            "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "--closed",
            "--explain",
        ];
        matches_file(&format!("denied-{name}"), &[&args[..], &more].concat());
    }
}

/// Names that lead nowhere, what nearly allowed a call, and what would mend it. Rule: UI-12, KMS-DEC-1.
#[test]
fn answers_about_keys() {
    for name in ["names", "near-misses", "additions"] {
        let request = format!("tests/cli/kms/{name}.yaml");
        let snapshot = "tests/cli/kms/account.yaml";
        let args = [
            "simulate",
            "--snapshot",
            snapshot,
            "--request",
            &request,
            "--closed",
        ];
        matches_file(&format!("kms-{name}"), &args);
    }
    let near_misses = "tests/cli/kms/near-misses.yaml";
    let args = [
        "simulate",
        "--snapshot",
        "tests/cli/kms/account.yaml",
        "--request",
        near_misses,
    ];
    let json = [&args[..], &["--closed", "--format", "jsonl"]].concat();
    matches_file("kms-near-misses-json", &json);
}

/// Who may: by key policy, IAM, grant; from outside. Rule: UI-20.
#[test]
fn who_can() {
    let args = [
        "who-can",
        "--snapshot",
        "tests/cli/who-can/account.yaml",
        "--action",
        "kms:Decrypt",
        "--resource",
        "alias/orders",
    ];
    for (name, more) in [
        ("who-can", &[][..]),
        ("who-can-explain", &["--explain"]),
        ("who-can-json", &["--format", "json"]),
        ("who-can-csv", &["--format", "csv"]),
    ] {
        let args = [&args[..], more].concat();
        matches_file(name, &args);
        if !more.contains(&"--format") {
            for line in run_in(root(), &args, b"").stdout.lines() {
                assert!(line.chars().count() <= 100, "{line}");
            }
        }
    }
}

#[test]
fn tables_fit_a_hundred_columns() {
    let stdout = run_in(root(), &JOB, b"").stdout;
    let table: Vec<&str> = stdout
        .lines()
        .skip_while(|line| !line.starts_with("id "))
        .take_while(|line| !line.is_empty())
        .collect();
    assert!(table.len() > 20);
    for line in &table {
        assert!(line.chars().count() <= 100, "{line}");
    }
    // Nothing that has room beside it is pushed a line down.
    let first = table.iter().find(|line| line.starts_with("GT-01"));
    assert!(
        first.is_some_and(|line| line.contains("labeling-job/boxes-01")),
        "{first:?}"
    );
}

/// UI-12: prose breaks; ARNs, and JSON to paste, do not.
#[test]
fn answers_fit_a_hundred_columns_where_they_have_spaces() {
    let request = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--principal",
        ROLE,
        "--action",
        "kms:CreateGrant",
        "--resource",
        "alias/labels",
        "--explain",
    ];
    for args in [&request[..], &JOB] {
        let stdout = run_in(root(), args, b"").stdout;
        for line in stdout.lines().filter(|line| line.chars().count() > 100) {
            assert!(!line.trim().contains(' '), "{line}");
        }
        assert!(stdout.contains(
            "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        ));
    }
}

/// Tests that fail, and a file that cannot be used, as GitHub shows them. Rule: UI-2
#[test]
fn annotations_of_tests() {
    let folder = "tests/cli/annotations";
    matches_file(
        "test-github",
        &["test", folder, "--coverage", "--format", "github"],
    );
}

/// Findings in each format that people or other programs read line by line. Rule: UI-22
#[test]
fn findings_of_the_example() {
    matches_file("lint", &["lint", "examples/lint"]);
    matches_file(
        "lint-github",
        &["lint", "examples/lint", "--format", "github"],
    );
    matches_file("lint-diff", &["lint", "examples/lint", "--fix", "--diff"]);
    let stdout = run_in(root(), &["lint", "examples/lint"], b"").stdout;
    for line in stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}
