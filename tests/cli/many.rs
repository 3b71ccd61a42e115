//! Many requests: in order, whatever the threads; a line that cannot be used does not stop the others.

use preclear_tests::root;

use crate::program::{Folder, run_in};

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/example-role";

/// More lines than the program holds at a time, some of them unusable.
fn lines() -> String {
    let mut text = String::new();
    for number in 1..=9000 {
        let line = match number % 1000 {
            7 => "{\"id\": \"broken\", ".to_owned(),
            8 => "{\"id\": \"acton\", \"acton\": \"kms:Decrypt\"}".to_owned(),
            9 => String::new(),
            _ => {
                let action = if number % 2 == 0 {
                    "kms:Decrypt"
                } else {
                    "kms:CreateGrant"
                };
                format!(
                    r#"{{"id": "r{number}", "principal": "{ROLE}", "action": "{action}", "resource": "alias/labels", "mode": "closed"}}"#
                )
            }
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[test]
fn results_come_in_the_order_of_the_lines_for_any_number_of_threads() {
    let snapshot = root().join("examples/ground-truth");
    let folder = Folder::new("many").with("r.jsonl", lines());
    let run = |threads: &str| {
        let args = [
            "simulate",
            "--snapshot",
            snapshot.to_str().unwrap(),
            "--requests",
            "r.jsonl",
            "--format",
            "jsonl",
            "--threads",
            threads,
        ];
        folder.run(&args).ended_with(2).stdout
    };
    let one = run("1");
    assert_eq!(one, run("3"));

    let results: Vec<&str> = one.lines().collect();
    // One in a thousand lines is blank and asks nothing.
    assert_eq!(results.len(), 9000 - 9);
    let mut expected = (1..=9000).filter(|number| number % 1000 != 9);
    for result in results {
        let number = expected.next().unwrap();
        let starts = match number % 1000 {
            7 => format!(r#"{{"id":"broken","line":{number},"verdict":"invalid","#),
            8 => format!(r#"{{"id":"acton","line":{number},"verdict":"invalid","#),
            _ if number % 2 == 0 => format!(r#"{{"id":"r{number}","verdict":"allow","#),
            _ => format!(r#"{{"id":"r{number}","verdict":"implicit_deny","#),
        };
        assert!(result.starts_with(&starts), "line {number}: {result}");
    }
}

#[test]
fn verdicts_alone_are_those_of_the_whole_answers() {
    let snapshot = root().join("examples/ground-truth");
    let folder = Folder::new("verdicts").with("r.jsonl", lines());
    let run = |more: &[&str]| {
        let args = [
            "simulate",
            "--snapshot",
            snapshot.to_str().unwrap(),
            "--requests",
            "r.jsonl",
        ];
        let args = [&args, more].concat();
        folder.run(&args).ended_with(2).stdout
    };
    let whole = run(&["--format", "jsonl"]);
    let alone = |threads| run(&["--verdicts", "--format", "jsonl", "--threads", threads]);
    let one = alone("1");
    assert_eq!(one, alone("3"));
    assert_eq!(one.lines().count(), whole.lines().count());
    for (line, whole) in one.lines().zip(whole.lines()) {
        let verdict: serde_json::Value = serde_json::from_str(line).unwrap();
        let answer: serde_json::Value = serde_json::from_str(whole).unwrap();
        let is_refused = answer["verdict"] == "invalid";
        // What is refused is told as a whole.
        let wanted = serde_json::json!({"id": answer["id"], "verdict": answer["verdict"]});
        assert_eq!(verdict, if is_refused { answer } else { wanted });
    }
    let text = run(&["--verdicts"]);
    assert_eq!(text, run(&["--verdicts", "--threads", "3"]));
    assert!(text.starts_with("r0") || text.starts_with("r1"), "{text}");
    assert!(text.contains(": allow\n") && text.contains(": implicit_deny\n"));
}

/// The first line has the resource of the flag itself. Rule: UI-33, UI-35.
#[test]
fn a_flag_counts_for_every_line_with_verdicts_alone() {
    let line = |resource: &str| {
        format!(
            "{{\"principal\": \"{ROLE}\", \"action\": \"kms:Decrypt\", \"resource\": \"{resource}\", \"mode\": \"closed\"}}\n"
        )
    };
    let folder = Folder::new("verdicts-resource").with(
        "r.jsonl",
        line("alias/labels") + &line("arn:aws:kms:us-west-2:111122223333:key/unlisted"),
    );
    let snapshot = root().join("examples/ground-truth");
    let args = [
        "simulate",
        "--snapshot",
        snapshot.to_str().unwrap(),
        "--requests",
        "r.jsonl",
        "--resource",
        "alias/labels",
        "--verdicts",
        "--threads",
        "1",
    ];
    let text = folder.run(&args).ended_with(0).stdout;
    assert_eq!(text, "line 1: allow\nline 2: allow\n");
}

#[test]
fn requests_come_from_standard_input_and_go_into_one_document() {
    let text = format!(
        "{{\"principal\": \"{ROLE}\", \"action\": \"kms:Decrypt\", \"resource\": \"alias/labels\"}}\n{{}}\n"
    );
    let args = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--requests",
        "-",
        "--format",
        "json",
        "--closed",
    ];
    let ran = run_in(root(), &args, text.as_bytes()).ended_with(2);
    assert!(
        ran.stdout
            .starts_with("[\n{\"line\":1,\"verdict\":\"allow\"")
            && ran.stdout.ends_with("}\n]\n"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("\"mode\":{\"context\":\"closed\""),
        "flags win over lines: {}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("\"line\":2,\"verdict\":\"invalid\""),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_reader_that_leaves_ends_the_run_in_peace() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let folder = Folder::new("pipe").with("r.jsonl", lines());
    let snapshot = root().join("examples/ground-truth");
    let mut child = Command::new(env!("CARGO_BIN_EXE_preclear-under-test"))
        .args([
            "simulate",
            "--requests",
            "r.jsonl",
            "--format",
            "jsonl",
            "--snapshot",
        ])
        .arg(snapshot)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(first.starts_with("{\"id\":\"r1\""), "{first}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(
        output
            .status
            .code()
            .is_some_and(|code| [0, 1, 2].contains(&code)),
        "{:?}",
        output.status
    );
}
