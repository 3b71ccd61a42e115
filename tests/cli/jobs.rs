//! Jobs as users start them: files in the wrong place, warnings, additions for several jobs at once.

use crate::program::{Folder, Ran};

/// A complete account: a role with grants for AWS resources alone, one that may change the key policy, and their key.
pub(crate) const WORLD: &str = r#"
preclear: 1
account: "111122223333"
region: us-west-2
complete: true
principals:
  - arn: arn:aws:iam::111122223333:role/app
    policies:
      - Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Action: "secretsmanager:*", Resource: "*"}
          - {Effect: Allow, Action: kms:CreateGrant, Resource: "*", Condition: {Bool: {"kms:GrantIsForAWSResource": "true"}}}
  - arn: arn:aws:iam::111122223333:role/admin
    policies:
      - Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Action: ["secretsmanager:*", "kms:PutKeyPolicy"], Resource: "*"}
keys:
  - arn: arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    aliases: [alias/secrets]
    policy:
      Version: "2012-10-17"
      Statement: {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "kms:*", Resource: "*"}
"#;

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A job file for a secret.
fn secret(role: &str, name: &str) -> String {
    format!(
        "operation: secretsmanager:CreateSecret\ncaller: arn:aws:iam::111122223333:role/{role}\nregion: us-west-2\n\
         request: {{Name: {name}, SecretString: x, KmsKeyId: {KEY}}}\n"
    )
}

fn simulate(folder: &Folder, more: &[&str]) -> Ran {
    let args = ["simulate", "--snapshot", "s.yaml", "--closed"];
    folder.run(&[&args[..], more].concat())
}

#[test]
fn a_job_file_is_no_api_request() {
    let folder = Folder::new("job-as-request")
        .with("s.yaml", WORLD)
        .with("job.yaml", secret("app", "s"))
        .with(
            "list.yaml",
            format!("- {}", secret("app", "s").replace('\n', "\n  ").trim_end()),
        )
        .with(
            "bare.yaml",
            secret("app", "s").replace("operation: secretsmanager:CreateSecret\n", ""),
        );
    for operation in ["secretsmanager:CreateSecret", "T-SECRET"] {
        for file in ["job.yaml", "list.yaml", "bare.yaml"] {
            let args = ["--operation", operation, "--caller"];
            let caller = ["arn:aws:iam::111122223333:role/app", "--job", file];
            let ran = simulate(&folder, &[&args[..], &caller].concat()).ended_with(2);
            assert_eq!(ran.stdout, "");
            ran.says(&[
                "error[WRONG_KIND_OF_FILE]",
                "is a job file, not the API request",
                "leave `--operation` out, or give the request alone",
            ]);
        }
    }
    let args = ["--operation", "T-SECRET", "--job", "s.yaml"];
    let ran = simulate(&folder, &args).ended_with(2);
    ran.says(&["`s.yaml` is a snapshot file", "use `--snapshot s.yaml`"]);
}

#[test]
fn who_may_give_itself_a_key_is_said_once_and_by_name() {
    let folder = Folder::new("escalation")
        .with("s.yaml", WORLD)
        .with("app.yaml", secret("app", "s"))
        .with("admin.yaml", secret("admin", "s"));
    let ran = simulate(&folder, &["--job", "app.yaml"]).ended_with(1);
    assert!(!ran.stdout.contains("ESCALATION"), "{}", ran.stdout);
    let ran = simulate(&folder, &["--job", "admin.yaml"]).ended_with(1);
    assert_eq!(
        ran.stdout.matches("ESCALATION_POSSIBLE").count(),
        1,
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("the caller may"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("at admin.yaml"), "{}", ran.stdout);
    ran.prints(&["`arn:aws:iam::111122223333:role/admin` may call `kms:PutKeyPolicy` on the key"]);
}

#[test]
fn additions_for_several_jobs_are_one_set_of_documents() {
    // A key that lets nobody in: each job asks for an addition to its policy.
    let world = WORLD.replace(
        r#"Principal: {AWS: "111122223333"}"#,
        r#"Principal: {AWS: "arn:aws:iam::111122223333:role/other"}"#,
    );
    let folder = Folder::new("several-jobs")
        .with("s.yaml", world)
        .with("app.yaml", secret("app", "s"))
        .with("admin.yaml", secret("admin", "t"))
        .with("file", "x");
    let ask = |more: &[&str]| {
        let args = ["--job", "app.yaml", "admin.yaml", "--fix-out"];
        simulate(&folder, &[&args[..], more].concat())
    };
    let ran = ask(&["new"]).ended_with(1);
    let again = "Simulated again with the additions of all jobs: ALLOWED";
    assert_eq!(ran.stdout.matches(again).count(), 2, "{}", ran.stdout);
    assert_eq!(
        ran.stdout.matches("key-policy-1234abcd").count(),
        1,
        "{}",
        ran.stdout
    );
    let document = folder.read("new/key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json");
    for role in ["role/app", "role/admin"] {
        assert!(document.contains(role), "{document}");
    }
    let ran = ask(&["json", "--format", "json"]).ended_with(1);
    let reports: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    for report in reports.as_array().unwrap() {
        assert_eq!(report["fixed"], "ALLOWED");
        assert_eq!(
            report["written"][0]["file"],
            "json/key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json"
        );
    }
    // What cannot be written does not cost the answer.
    let name = "new/key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json";
    let folder = folder.with(name, "mine");
    let args = ["--job", "app.yaml", "--fix-out", "new"];
    let ran = simulate(&folder, &args)
        .ended_with(2)
        .prints(&["verdict     DENIED", "Simulated again"]);
    ran.says(&["it is there already and holds something else"]);
    let args = ["--job", "app.yaml", "--fix-out", "file"];
    let ran = simulate(&folder, &args).ended_with(2);
    ran.says(&["`file` cannot be written: it is a file; `--fix-out` takes a directory"]);
}

/// A template of one's own.
pub(crate) const TEMPLATE: &str = r#"
id: publish
service: sns.amazonaws.com
sources: []
operations:
  - {operation: "sns:Publish", title: message, fields: {TopicArn*: arn}}
requirements:
  - id: P-1
    phase: submit
    basis: M
    why: the caller sends
    parts: [{allow: {as: caller, actions: sns:Publish, on: {field: TopicArn}}}]
"#;

const MESSAGE: &str = r#"{"TopicArn": "arn:aws:sns:us-west-2:111122223333:news"}"#;

#[test]
fn files_of_a_job_are_told_apart() {
    let folder = Folder::new("kinds")
        .with("s.yaml", WORLD)
        .with("job.yaml", secret("app", "s"))
        .with("publish.yaml", TEMPLATE)
        .with("message.json", MESSAGE);
    let caller = "arn:aws:iam::111122223333:role/app";
    let job = [
        "--job",
        "message.json",
        "--operation",
        "sns:Publish",
        "--caller",
        caller,
    ];
    // The whole folder is the snapshot; what other flags name is not to be warned of.
    let args = ["simulate", "--snapshot", ".", "--template", "publish.yaml"];
    let ran = folder.run(&[&args[..], &job].concat()).ended_with(1);
    assert_eq!(ran.stderr, "");
    ran.prints(&["P-1"]);
    simulate(&folder, &["--job", "publish.yaml"])
        .ended_with(2)
        .says(&[
            "`publish.yaml` is a job template, not a job file",
            "`--template publish.yaml`",
        ]);
    simulate(&folder, &["--job", "job.yaml", "--template", "job.yaml"])
        .ended_with(2)
        .says(&[
            "`job.yaml` is a job file, not a job template",
            "`--job job.yaml`",
        ]);
    simulate(&folder, &["--request", "message.json"])
        .ended_with(2)
        .says(&[
            "error[WRONG_KIND_OF_FILE]",
            "--operation SERVICE:Operation --caller ARN --job message.json",
        ]);
}

#[test]
fn an_unknown_operation_is_told_what_there_is() {
    let folder = Folder::new("operations")
        .with("s.yaml", WORLD)
        .with("r.json", "{}");
    let ask = |operation: &str| simulate(&folder, &["--job", "r.json", "--operation", operation]);
    ask("T-LAMBDA").ended_with(2).prints(&[
        "the template `T-LAMBDA` describes several operations",
        "name one of them: lambda:",
    ]);
    ask("s3:PutBucketReplication")
        .ended_with(2)
        .prints(&["T-S3-REPL", "`--template FILE` adds one of your own"]);
    ask("nothing:AtAll")
        .ended_with(2)
        .prints(&["there are jobs of: ", "`--template FILE`"]);
}

#[test]
fn slips_in_templates_have_their_place() {
    let folder = Folder::new("template-slips")
        .with("s.yaml", WORLD)
        .with("r.json", MESSAGE)
        .with(
            "a.yaml",
            TEMPLATE.replace("actions: sns:Publish", "actions: sns:Publsh"),
        )
        .with("b.yaml", TEMPLATE.replace("actions:", "action:"))
        .with("c.yaml", TEMPLATE);
    let ask = |templates: &[&str]| {
        let args = [
            "--job",
            "r.json",
            "--operation",
            "sns:Publish",
            "--template",
        ];
        simulate(&folder, &[&args[..], &templates[..1]].concat()).ended_with(2)
    };
    ask(&["a.yaml"]).says(&[
        "error[INVALID_TEMPLATE]",
        "--> a.yaml:12:43",
        "did you mean `sns:Publish`?",
    ]);
    ask(&["b.yaml"]).says(&[
        "there is no member `action` here",
        "--> b.yaml:12:34",
        "did you mean `actions`?",
    ]);
    let args = [
        "--job",
        "r.json",
        "--template",
        "c.yaml",
        "--template",
        "c.yaml",
    ];
    let ran = simulate(&folder, &args).ended_with(2);
    ran.says(&[
        "`sns:Publish` is described by `c.yaml` as well",
        "--> c.yaml:6:17",
    ]);
}

#[test]
fn placeholders_take_the_snapshots_region_and_one_value_each() {
    let world = WORLD.replace(
        "arn:aws:kms:us-west-2:111122223333:key",
        "arn:aws:kms:<region>:<account-id>:key",
    );
    let folder = Folder::new("infer")
        .with("s.yaml", world)
        .with("app.yaml", secret("app", "s"));
    let job = secret("app", "s").replace("region: us-west-2\n", "");
    let folder = folder.with("app.yaml", job);
    let args = ["--job", "app.yaml"];
    simulate(&folder, &args)
        .ended_with(2)
        .says(&["pass `--param region=VALUE`, or `--infer`"]);
    simulate(&folder, &[&args[..], &["--infer"]].concat()).ended_with(1);
    let twice = ["--infer", "--param", "region=a", "--param", "region=b"];
    let ran = simulate(&folder, &[&args[..], &twice].concat()).ended_with(2);
    ran.says(&["`--param region` is given twice, as `a` and as `b`"]);
}

#[test]
fn nothing_to_write_is_said() {
    let folder = Folder::new("nothing-to-write").with("s.yaml", WORLD).with(
        "plain.yaml",
        secret("app", "s").replace(&format!(", KmsKeyId: {KEY}"), ""),
    );
    let ran = simulate(&folder, &["--job", "plain.yaml", "--fix-out", "new"]).ended_with(0);
    ran.prints(&["Nothing is written to `new`: there are no additions."]);
    assert!(!folder.path().join("new").exists());
}

#[test]
fn what_was_written_is_no_part_of_the_folder() {
    let folder = Folder::new("written-before")
        .with("s.yaml", WORLD)
        .with("job.yaml", secret("app", "s"));
    let args = ["simulate", "--snapshot", ".", "--closed", "--job"];
    let args = [&args[..], &["job.yaml", "--fix-out", "new"]].concat();
    for _ in 0..2 {
        let ran = folder.run(&args).ended_with(1);
        assert_eq!(ran.stderr, "");
        ran.prints(&["written: new/"]);
    }
    // Without the flag it is a policy that nothing refers to.
    let without = args.get(..args.len() - 2).unwrap_or_default();
    let ran = folder.run(without).ended_with(1);
    ran.says(&["UNATTACHED_POLICY"]);
}
