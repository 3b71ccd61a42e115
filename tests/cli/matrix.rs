//! `preclear matrix`: principals × actions × resources, as a table. Rule: UI-21.

use serde_json::Value;

use crate::program::{Folder, Ran, run_in};

const SNAPSHOT: &str = "tests/cli/who-can/account.yaml";
const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ALIAS: &str = "arn:aws:kms:us-west-2:111122223333:alias/orders";

fn matrix(args: &[&str]) -> Ran {
    let args = [&["matrix", "--snapshot", SNAPSHOT][..], args].concat();
    run_in(preclear_tests::root(), &args, b"")
}

/// Principal, action, resource and verdict of each cell.
fn cells(ran: &Ran) -> Vec<[String; 4]> {
    let cell = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        ["principal", "action", "resource", "verdict"]
            .map(|name| line[name].as_str().unwrap().to_owned())
    };
    ran.stdout.lines().map(cell).collect()
}

#[test]
fn each_cell_is_what_simulate_says() {
    let axes = [
        "--principals",
        "*",
        "anonymous",
        "arn:aws:iam::444455556666:role/partner",
        "--actions",
        "kms:De*",
        "kms:ListKeys",
        "--format",
        "jsonl",
    ];
    let ran = matrix(&axes).ended_with(1);
    let cells = cells(&ran);
    assert_eq!(cells.len(), 8 * 9);
    let mut requests = String::new();
    for [principal, action, resource, _] in &cells {
        let request =
            serde_json::json!({"principal": principal, "action": action, "resource": resource});
        requests.push_str(&format!("{request}\n"));
    }
    let folder = Folder::new("matrix-simulate").with("r.jsonl", requests);
    let path = folder.path().join("r.jsonl");
    let args = [
        "simulate",
        "--snapshot",
        SNAPSHOT,
        "--requests",
        path.to_str().unwrap(),
        "--format",
        "jsonl",
    ];
    let single = run_in(preclear_tests::root(), &args, b"");
    let verdicts: Vec<String> = single
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["verdict"].clone())
        .map(|verdict| verdict.as_str().unwrap().to_owned())
        .collect();
    let own: Vec<String> = cells
        .into_iter()
        .map(|[_, _, _, verdict]| verdict)
        .collect();
    assert_eq!(own, verdicts);
}

#[test]
fn all_formats_hold_the_same_cells() {
    let axes = ["--actions", "kms:D*", "--resources", "*orders", "alias/*"];
    let format = |format: &'static str| matrix(&[&axes[..], &["--format", format]].concat());
    let lines = cells(&format("jsonl").ended_with(1));
    let table = format("csv").ended_with(1).stdout;
    let mut rows = table.lines();
    assert_eq!(rows.next(), Some("principal,action,resource,verdict"));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    assert_eq!(rows, lines);

    let document: Value = serde_json::from_str(&format("json").ended_with(1).stdout).unwrap();
    let resources = document["resources"].as_array().unwrap();
    assert_eq!(resources[0], ALIAS);
    let mut of_rows = Vec::new();
    for row in document["rows"].as_array().unwrap() {
        let verdicts = row["verdicts"].as_array().unwrap();
        assert_eq!(verdicts.len(), resources.len());
        for (resource, verdict) in resources.iter().zip(verdicts) {
            if let Some(verdict) = verdict.as_str() {
                let names = [&row["principal"], &row["action"], resource];
                let [principal, action, resource] = names.map(|name| name.as_str().unwrap());
                of_rows.push([principal, action, resource, verdict].map(str::to_owned));
            }
        }
    }
    assert_eq!(of_rows, lines);
    assert_eq!(document["cells"], lines.len());
    let counts = document["counts"].as_object().unwrap();
    let total: u64 = counts.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(total, lines.len() as u64);
}

#[test]
fn text_tells_what_is_allowed_and_puts_principals_together_that_fare_alike() {
    let ran = matrix(&["--actions", "kms:*"]).ended_with(1);
    for line in ran.stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    ran.prints(&[
        "matrix  6 principals, ",
        "arn:aws:iam::111122223333:role/app\n  allow  kms:Decrypt\n      on arn:aws:kms:",
        "arn:aws:iam::111122223333:user/bo\narn:aws:iam::111122223333:role/worker\n  depends  kms:Decrypt",
        "by a statement",
    ]);
}

#[test]
fn only_leaves_out_other_verdicts_and_changes_no_exit_code() {
    let only = ["--actions", "kms:Decrypt", "--only", "allow"];
    let ran = matrix(&[&only[..], &["--format", "jsonl"]].concat()).ended_with(1);
    let names: Vec<String> = cells(&ran).into_iter().map(|[name, ..]| name).collect();
    assert_eq!(
        names,
        ["role/app", "user/ana"].map(|name| format!("arn:aws:iam::111122223333:{name}"))
    );
    let ran = matrix(&[&only[..], &["explicit_deny", "depends"]].concat()).ended_with(1);
    ran.prints(&[
        "explicit_deny  kms:Decrypt",
        "depends  kms:Decrypt",
        "nothing of that",
    ]);
    let json = matrix(&[&only[..], &["--format", "json"]].concat()).ended_with(1);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["rows"].as_array().unwrap().len(), 2);
    assert_eq!(document["cells"], 6);
}

#[test]
fn the_exit_code_is_the_worst_cell() {
    let code = |more: &[&str]| {
        let args = [&["--actions", "kms:Decrypt", "--principals"][..], more].concat();
        matrix(&args).code
    };
    assert_eq!(code(&["*/ana"]), Some(0));
    assert_eq!(code(&["*/bo"]), Some(3));
    assert_eq!(code(&["*/bo", "--strict"]), Some(1));
    assert_eq!(code(&["*/bo", "--exit-zero"]), Some(0));
    assert_eq!(code(&["*/bo", "*/eve"]), Some(1));
    assert_eq!(code(&["*/bo", "*/eve", "--exit-zero"]), Some(0));
}

#[test]
fn threads_show_in_nothing() {
    let args = ["--actions", "kms:*", "--format", "csv", "--threads"];
    let one = matrix(&[&args[..], &["1"]].concat()).ended_with(1).stdout;
    let two = matrix(&[&args[..], &["3"]].concat()).ended_with(1).stdout;
    assert_eq!(one, two);
}

#[test]
fn actions_without_resources_are_asked_once_and_others_about_their_services_alone() {
    let folder = Folder::new("matrix-services").with(
        "a.yaml",
        format!(
            "preclear: 1\ncomplete: true\nprincipals: [{{arn: 'arn:aws:iam::111122223333:user/ana'}}]\nkeys: [{{arn: '{KEY}'}}]\n\
             resources:\n  - {{arn: 'arn:aws:s3:::data', objects: [{{key: x}}]}}\n  - {{arn: 'arn:aws:sqs:us-west-2:111122223333:q'}}\n"
        ),
    );
    let ran = folder
        .run(&[
            "matrix",
            "--snapshot",
            "a.yaml",
            "--actions",
            "kms:Decrypt",
            "kms:ListKeys",
            "s3:GetObject",
            "--format",
            "jsonl",
        ])
        .ended_with(1);
    let pairs: Vec<(String, String)> = cells(&ran)
        .into_iter()
        .map(|[_, action, resource, _]| (action, resource))
        .collect();
    let expected = [
        ("kms:Decrypt", KEY),
        ("kms:ListKeys", "*"),
        ("s3:GetObject", "arn:aws:s3:::data/x"),
    ];
    assert_eq!(
        pairs,
        expected.map(|(action, resource)| (action.to_owned(), resource.to_owned()))
    );
}

/// UI-4: a slip in a name or pattern is told, with its place and what to do.
#[test]
fn slips_are_told() {
    let action = ["--actions", "kms:Decrypt"];
    matrix(&["--actions", "kmss:*"]).ended_with(2).says(&[
        "EMPTY_PATTERN",
        "--actions:1:1",
        "is the service `kms` meant?",
    ]);
    matrix(&["--actions", "Decrypt"])
        .ended_with(2)
        .says(&["`Decrypt` is no action"]);
    matrix(&[&action[..], &["--principals", "arn:aws:iam::*:role/ap?s"]].concat())
        .ended_with(2)
        .says(&["EMPTY_PATTERN", "6 users and roles"]);
    matrix(&[&action[..], &["--resources", "alias/ordesr*"]].concat())
        .ended_with(2)
        .says(&["EMPTY_PATTERN", "--resources:1:1"]);
    matrix(&["--actions", "kms:Decryt"])
        .ended_with(1)
        .says(&["UNKNOWN_ACTION", "did you mean `kms:Decrypt`?"]);
    matrix(&[&action[..], &["--resources", "alias/oders"]].concat())
        .ended_with(1)
        .says(&["UNKNOWN_KEY", "did you mean `alias/orders`?"]);
    matrix(&["--actions", "kms:Decrypt", "s3:GetObject"])
        .ended_with(1)
        .says(&["NOT_ASKED", "`s3:GetObject` takes none of the resources"]);
    matrix(&["--actions", "s3:GetObject", "--resources", KEY])
        .ended_with(2)
        .says(&["there is no cell"]);
    matrix(&[&action[..], &["--context", "s3:prefix=a"]].concat())
        .ended_with(1)
        .says(&["CONTEXT_KEY_NOT_FOR_ACTION", "--context:1:1"]);
    run_in(
        preclear_tests::root(),
        &["matrix", "--actions", "kms:*"],
        b"",
    )
    .ended_with(2)
    .says(&["give `--snapshot PATH`"]);
}

#[test]
fn a_cell_that_cannot_be_asked_is_told_why() {
    let args = [
        "--actions",
        "s3:GetObject",
        "--resources",
        "arn:aws:s3:::data/x",
        "--context",
        "aws:SourceVpce=vpce-1",
        "--context",
        "aws:SourceIp=203.0.113.7",
    ];
    let ran = matrix(&args);
    assert_eq!(ran.code, Some(2), "{}\n{}", ran.stdout, ran.stderr);
    ran.says(&["IMPOSSIBLE_CONTEXT"])
        .prints(&["invalid  s3:GetObject"]);
}
