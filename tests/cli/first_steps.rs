//! What people meet who use the program for the first time: the files that they have at hand, the flags that they try.

use preclear_tests::root;

use crate::program::{Folder, QUESTION, Ran, run_in};

const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const DECRYPT: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Use", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}"#;
const DELEGATES: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}"#;

fn run(args: &[&str]) -> Ran {
    run_in(root(), args, b"")
}

/// Asks about kms:Decrypt on the key by the role.
fn decrypt(folder: &Folder, more: &[&str]) -> Ran {
    let question = [
        "simulate",
        "--principal",
        ROLE,
        "--action",
        "kms:Decrypt",
        "--resource",
        KEY,
    ];
    folder.run(&[&question[..], more].concat())
}

fn key_policy_under(condition: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Sid": "Narrow", "Effect": "Allow", "Principal": {{"AWS": "{ROLE}"}},
            "Action": "kms:*", "Resource": "*", "Condition": {condition}}}]}}"#
    )
}

/// UI-12, UI-39: who means the data of a service asks with `--via`, and an addition would open direct calls.
#[test]
fn a_direct_call_that_is_allowed_through_a_service_is_told_so_first() {
    let policies = [
        (
            r#"{"StringEquals": {"kms:ViaService": ["s3.us-west-2.amazonaws.com", "sqs.us-west-2.amazonaws.com"]}}"#,
            "`--via s3` or `--via sqs`: the answer is allow",
        ),
        (
            r#"{"Bool": {"aws:ViaAWSService": "true"}}"#,
            "`--via SERVICE`: the answer is allow",
        ),
    ];
    for (condition, flag) in policies {
        let folder = Folder::new("through")
            .with("role.json", DECRYPT)
            .with("key.json", key_policy_under(condition));
        let files = ["--identity-policy", "role.json", "--key-policy", "key.json"];
        let ran = decrypt(&folder, &files).ended_with(1).prints(&[
            "This was decided as a direct call, and statement Narrow at key.json:1:",
            flag,
            "this allows direct calls, which statement `Narrow` of key.json does not",
        ]);
        let place = |text: &str| ran.stdout.find(text).unwrap();
        assert!(place("through a service?") < place("Add to the key policy"));
        let json = [&files[..], &["--format", "json"]].concat();
        decrypt(&folder, &json).prints(&["\"through\": [", "\"verdict\": \"allow\""]);
        decrypt(&folder, &[&files[..], &["--via", "s3"]].concat()).ended_with(0);
    }
    // A service of another Region, and a condition that no service mends.
    for condition in [
        r#"{"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}"#,
        r#"{"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com", "kms:EncryptionContext:a": "b"}}"#,
    ] {
        let folder = Folder::new("not-through")
            .with("role.json", DECRYPT)
            .with("key.json", key_policy_under(condition));
        let files = ["--identity-policy", "role.json", "--key-policy", "key.json"];
        let ran = decrypt(&folder, &[&files[..], &["--closed"]].concat()).ended_with(1);
        assert!(!ran.stdout.contains("through a service?"), "{}", ran.stdout);
    }
}

#[test]
fn the_short_help_names_what_two_files_and_services_need() {
    run(&["simulate", "-h"])
        .ended_with(0)
        .prints(&["--complete", "--via"]);
}

/// UI-10, UI-30: the flag says whose policy it is, so an output that prints one is enough.
#[test]
fn flags_for_policies_take_what_the_aws_cli_prints() {
    let text = serde_json::to_string(DECRYPT).unwrap();
    let key = serde_json::to_string(DELEGATES).unwrap();
    let folder = Folder::new("printed")
        .with("role.json", DECRYPT)
        .with("key.json", DELEGATES)
        .with("get-key-policy.json", format!(r#"{{"Policy": {key}, "PolicyName": "default"}}"#))
        .with("get-role-policy.json", format!(r#"{{"RoleName": "app", "PolicyName": "p", "PolicyDocument": {DECRYPT}}}"#))
        .with("get-policy-version.json", format!(r#"{{"PolicyVersion": {{"Document": {DECRYPT}, "VersionId": "v1", "IsDefaultVersion": true}}}}"#))
        .with("describe-policy.json", format!(r#"{{"Policy": {{"PolicySummary": {{"Id": "p-1"}}, "Content": {text}}}}}"#))
        .with("get-policy.json", r#"{"Policy": {"PolicyName": "p", "Arn": "arn:aws:iam::111122223333:policy/p", "DefaultVersionId": "v1"}}"#)
        .with("list-grants.json", r#"{"Grants": []}"#);
    for identity in [
        "role.json",
        "get-role-policy.json",
        "get-policy-version.json",
    ] {
        for key in ["key.json", "get-key-policy.json"] {
            let files = ["--identity-policy", identity, "--key-policy", key];
            decrypt(&folder, &files).ended_with(0);
        }
    }
    let files = ["--identity-policy", "role.json", "--key-policy", "key.json"];
    decrypt(
        &folder,
        &[&files[..], &["--scp", "describe-policy.json"]].concat(),
    )
    .ended_with(0);
    let role_alone = |file: &str, flag: &'static str| {
        decrypt(&folder, &["--identity-policy", "role.json", flag, file]).ended_with(2)
    };
    role_alone("list-grants.json", "--key-policy").says(&["`--grants list-grants.json`"]);
    decrypt(&folder, &["--identity-policy", "get-policy.json"])
        .ended_with(2)
        .says(&["aws iam get-policy-version --policy-arn"]);
    // A place in the text that the output holds.
    let wrong = r#"{"Policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Alow\", \"Principal\": \"*\", \"Action\": \"kms:*\", \"Resource\": \"*\"}]}"}"#;
    let folder = folder.with("wrong.json", wrong);
    decrypt(
        &folder,
        &[
            "--identity-policy",
            "role.json",
            "--key-policy",
            "wrong.json",
        ],
    )
    .ended_with(2)
    .says(&["wrong.json:1:"]);
}

/// The trust policy alone comes from `get-role`, bucket and queue policies from their own commands.
#[test]
fn outputs_of_resources_and_roles_are_taken_by_their_flags() {
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}"#;
    let queue = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sqs:*", "Resource": "*"}]}"#;
    let queue = serde_json::to_string(queue).unwrap();
    let folder = Folder::new("printed-others")
        .with("all.json", r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#)
        .with("get-role.json", format!(r#"{{"Role": {{"RoleName": "r", "Arn": "arn:aws:iam::111122223333:role/r", "AssumeRolePolicyDocument": {trust}}}}}"#))
        .with("get-queue-attributes.json", format!(r#"{{"Attributes": {{"QueueArn": "arn:aws:sqs:us-west-2:111122223333:q", "Policy": {queue}}}}}"#));
    let ask = |args: &[&str]| {
        let all = [
            "simulate",
            "--principal",
            ROLE,
            "--identity-policy",
            "all.json",
        ];
        folder.run(&[&all[..], args].concat())
    };
    let role = [
        "--action",
        "sts:AssumeRole",
        "--resource",
        "arn:aws:iam::111122223333:role/r",
    ];
    ask(&[&role[..], &["--trust-policy", "get-role.json"]].concat()).ended_with(0);
    let queue = [
        "--action",
        "sqs:SendMessage",
        "--resource",
        "arn:aws:sqs:us-west-2:111122223333:q",
    ];
    ask(&[
        &queue[..],
        &["--resource-policy", "get-queue-attributes.json"],
    ]
    .concat())
    .ended_with(0);
    ask(&[&queue[..], &["--boundary", "get-role.json"]].concat())
        .ended_with(2)
        .says(&["prints the role's trust policy alone"]);
}

/// IAM-GRAM-21: one message says that the files are swapped, not one for each statement.
#[test]
fn swapped_files_are_called_so() {
    let folder = Folder::new("swapped")
        .with("role.json", DECRYPT)
        .with("key.json", DELEGATES);
    let ran = decrypt(
        &folder,
        &["--identity-policy", "key.json", "--key-policy", "role.json"],
    )
    .ended_with(2)
    .says(&[
        "`key.json` is not an identity policy: every statement of it has a `Principal`",
        "`role.json` is not a key policy: no statement of it has a `Principal`",
        "the two are swapped",
    ]);
    assert_eq!(ran.stderr.matches("error[").count(), 2, "{}", ran.stderr);
}

/// UI-31: what Terraform keeps for itself is named with the command that prints it; what was named and not read is told.
#[test]
fn plans_in_other_forms_and_files_that_are_not_read_are_told() {
    let log = "{\"@level\":\"info\",\"@message\":\"Terraform 1.9.5\",\"type\":\"version\"}\n{\"@level\":\"info\",\"@message\":\"x\"}\n";
    let folder = Folder::new("plans")
        .with("plan.tfplan", b"PK\x03\x04\x14\x00\xff\xfe\x00tfplan")
        .with("log.json", log)
        .with("notes.txt", "bring milk")
        .with("world.yaml", "preclear: 1\ncomplete: true\n");
    for file in ["plan.tfplan", "log.json"] {
        let ran = folder.run(&["snapshot", file, "world.yaml"]).ended_with(2);
        let ran = ran.says(&[
            "WRONG_KIND_OF_FILE",
            "terraform show -json plan.tfplan > plan.json",
        ]);
        assert_eq!(ran.stderr.matches("error[").count(), 1, "{}", ran.stderr);
    }
    let folder = folder
        .with("d/tf.plan", b"PK\x03\x04\x14\x00\xff\xfe\x00tfplan")
        .with("d/world.yaml", "preclear: 1\ncomplete: true\n");
    folder.run(&["snapshot", "d"]).ended_with(0).says(&[
        "UNRECOGNISED_FILE",
        "terraform show -json d/tf.plan > plan.json",
    ]);
    let ran = folder
        .run(&["snapshot", "notes.txt", "world.yaml"])
        .ended_with(0);
    let ran = ran.prints(&["Named, and not read", "`notes.txt` is not recognised"]);
    assert!(!ran.stdout.contains("Nothing is missing"), "{}", ran.stdout);
    folder
        .run(&["snapshot", "world.yaml"])
        .ended_with(0)
        .prints(&["Nothing is missing."]);
}

/// UI-13: an ARN that is made up of an address or logical id is no text to paste.
#[test]
fn additions_say_what_to_write_for_arns_that_are_not_known_yet() {
    let template = "Resources:
  LabelsKey:
    Type: AWS::KMS::Key
    Properties: {Description: x}
  Data:
    Type: AWS::S3::Bucket
  Worker:
    Type: AWS::IAM::Role
    Properties:
      RoleName: worker
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}
";
    let plan = r#"{"format_version": "1.2", "terraform_version": "1.9.5", "planned_values": {"root_module": {"resources": [
        {"address": "aws_kms_key.labels", "mode": "managed", "type": "aws_kms_key", "name": "labels",
         "values": {"policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"111122223333\"}, \"Action\": \"kms:*\", \"Resource\": \"*\"}]}"}},
        {"address": "aws_iam_role.worker", "mode": "managed", "type": "aws_iam_role", "name": "worker",
         "values": {"name": "worker", "path": "/", "assume_role_policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"Service\": \"ec2.amazonaws.com\"}, \"Action\": \"sts:AssumeRole\"}]}"}}]}}}"#;
    let folder = Folder::new("made-up")
        .with("template.yaml", template)
        .with("plan.json", plan)
        .with(
            "home.yaml",
            "preclear: 1\ncomplete: true\naccount: '111122223333'\nregion: us-west-2\n",
        );
    let ask = |file: &str, principal: &str, action: &str, resource: &str| {
        let args = [
            "simulate",
            "--snapshot",
            file,
            "home.yaml",
            "--principal",
            principal,
        ];
        let asked = ["--action", action, "--resource", resource, "--closed"];
        folder.run(&[&args[..], &asked].concat()).ended_with(1)
    };
    ask("template.yaml", "Worker", "kms:Decrypt", "LabelsKey").prints(&[
        "key/LabelsKey` is not the real ARN, which is not known yet: write `!GetAtt LabelsKey.Arn` in its place",
    ]);
    ask(
        "template.yaml",
        "Worker",
        "s3:GetObject",
        "arn:aws:s3:::Data/x",
    )
    .prints(&["write `!Sub \"${Data.Arn}/x\"` in its place"]);
    let of_plan = ask(
        "plan.json",
        "aws_iam_role.worker",
        "kms:Decrypt",
        "aws_kms_key.labels",
    )
    .prints(&[
        "key/aws_kms_key.labels` is not the real ARN",
        "write `aws_kms_key.labels.arn` in its place",
    ]);
    // The name of the role is known.
    assert!(
        !of_plan.stdout.contains("aws_iam_role.worker.arn"),
        "{}",
        of_plan.stdout
    );
    // A slip in a name is none of the caller's or key's.
    let slip = |flag: &str, principal: &str, resource: &str, meant: &str| {
        let args = [
            "simulate",
            "--snapshot",
            "plan.json",
            "home.yaml",
            "--principal",
            principal,
        ];
        let asked = ["--action", "kms:Decrypt", "--resource", resource];
        let said = format!("`{flag}`: the plan or template has nothing that is called");
        let near = format!("did you mean `{meant}`?");
        folder
            .run(&[&args[..], &asked].concat())
            .ended_with(2)
            .says(&[&said, &near, "preclear snapshot --explain"]);
    };
    slip(
        "--principal",
        "aws_iam_role.workr",
        "aws_kms_key.labels",
        "aws_iam_role.worker",
    );
    slip(
        "--resource",
        "aws_iam_role.worker",
        "aws_kms_key.lables",
        "aws_kms_key.labels",
    );
}

/// IAM-TRI-7: that nobody listed an organization is no knowledge that there is none.
#[test]
fn a_complete_snapshot_without_organization_says_what_that_sets_aside() {
    let snapshot = |more: &str| {
        format!(
            "preclear: 1\ncomplete: true\n{more}principals: [{{arn: '{ROLE}', policies: [{DECRYPT}]}}]\nkeys: [{{arn: '{KEY}', policy: {DELEGATES}}}]\n"
        )
    };
    let folder = Folder::new("no-organization")
        .with("s.yaml", snapshot(""))
        .with("said.yaml", snapshot("layers_empty: [scp, rcp]\n"));
    let assumed = "organization:no SCPs and RCPs, as a complete snapshot lists no organization";
    decrypt(&folder, &["--snapshot", "s.yaml"])
        .ended_with(0)
        .prints(&[assumed]);
    folder.run(&["snapshot", "s.yaml"]).ended_with(0).prints(&[
        "Taken as none, because the snapshot says `complete: true`",
        "the organization, with its SCPs and RCPs",
        "Nothing else is missing.",
    ]);
    folder
        .run(&["snapshot", "s.yaml", "--format", "json"])
        .prints(&["\"assumed_none\": [", "\"layer\": \"scp\""]);
    let ran = decrypt(&folder, &["--snapshot", "said.yaml"]).ended_with(0);
    assert!(!ran.stdout.contains("organization:"), "{}", ran.stdout);
    folder
        .run(&["snapshot", "said.yaml"])
        .prints(&["Nothing is missing."]);
}

/// UI-13: conditions that the template's own call meets stay, and what only a list asks for is marked.
#[test]
fn additions_for_jobs_keep_what_the_call_meets_and_mark_what_is_only_listed() {
    let snapshot = r#"
preclear: 1
complete: true
account: "111122223333"
region: us-west-2
external: ["arn:aws:sagemaker:us-west-2:111122223333:workteam/private-crowd/team1"]
principals:
  - arn: arn:aws:iam::111122223333:role/labeler
    trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: sagemaker.amazonaws.com}, Action: "sts:AssumeRole"}]}
    policies:
      - Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Action: ["s3:*", "sagemaker:*", "logs:*", "cloudwatch:*", "iam:PassRole"], Resource: "*"}
          - {Effect: Allow, Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "*",
             Condition: {StringEquals: {"kms:ViaService": s3.us-west-2.amazonaws.com}}}
keys:
  - arn: arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    aliases: [alias/labels]
    policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "111122223333"}, Action: "kms:*", Resource: "*"}]}
resources:
  - arn: arn:aws:s3:::labels
    account: "111122223333"
    policy: null
    encryption: {ServerSideEncryptionConfiguration: {Rules: [{ApplyServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms",
      KMSMasterKeyID: "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}, BucketKeyEnabled: true}]}}
"#;
    let job = r#"
operation: sagemaker:CreateLabelingJob
caller: arn:aws:iam::111122223333:role/labeler
mode: closed
request:
  LabelingJobName: boxes-01
  LabelAttributeName: box
  RoleArn: arn:aws:iam::111122223333:role/labeler
  InputConfig: {DataSource: {S3DataSource: {ManifestS3Uri: "s3://labels/m.json"}}}
  OutputConfig: {S3OutputPath: "s3://labels/out", KmsKeyId: alias/labels}
  HumanTaskConfig:
    WorkteamArn: arn:aws:sagemaker:us-west-2:111122223333:workteam/private-crowd/team1
    UiConfig: {UiTemplateS3Uri: "s3://labels/ui.liquid"}
    PreHumanTaskLambdaArn: arn:aws:lambda:us-west-2:081040173940:function:PRE-BoundingBox
    AnnotationConsolidationConfig: {AnnotationConsolidationLambdaArn: "arn:aws:lambda:us-west-2:081040173940:function:ACS-BoundingBox"}
    TaskTitle: t
    TaskDescription: d
    NumberOfHumanWorkersPerDataObject: 1
    TaskTimeLimitInSeconds: 300
"#;
    let folder = Folder::new("kept-for-jobs")
        .with("s.yaml", snapshot)
        .with("job.yaml", job);
    let args = [
        "simulate",
        "--snapshot",
        "s.yaml",
        "--job",
        "job.yaml",
        "--fix",
    ];
    folder.run(&args).prints(&[
        "Simulated again with these additions: ALLOWED",
        "only if it turns out to be needed: the documentation lists it",
    ]);
    let ran = folder.run(&[&args[..], &["--format", "json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let fixes = report["fixes"].as_array().unwrap();
    let encrypt = fixes
        .iter()
        .find(|fix| {
            fix["statement"]["Action"]
                .to_string()
                .contains("kms:Encrypt")
        })
        .unwrap_or_else(|| panic!("{}", ran.stdout));
    assert_eq!(
        encrypt["statement"]["Condition"]["StringEquals"]["kms:ViaService"],
        "s3.us-west-2.amazonaws.com",
        "{encrypt}"
    );
}

#[test]
fn slips_of_the_command_line_are_met_with_what_to_write() {
    let folder = Folder::new("slips-of-newcomers")
        .with("role.json", DECRYPT)
        .with("key.json", DELEGATES);
    run(&["help", "simulate"])
        .ended_with(0)
        .prints(&["--encryption-context", "Operations that --job knows"]);
    run(&["help"]).ended_with(0).prints(&["Usage: preclear"]);
    folder
        .run(&["simulate", "role.json", "key.json"])
        .ended_with(2)
        .says(&["`--identity-policy FILE`, `--key-policy FILE`"]);
    decrypt(&folder, &["--identity-policy", "role.json", "--fix"])
        .ended_with(2)
        .says(&["`--fix` belongs to `--job`", "is printed without it"]);
    let files = ["--identity-policy", "role.json", "--key-policy", "key.json"];
    let ask = |args: &[&str]| {
        folder
            .run(&[&["simulate"], &files[..], args].concat())
            .ended_with(2)
    };
    ask(&["--action", "kms:Decrypt", "--resource", KEY]).says(&["`--principal` is missing"]);
    ask(&["--principal", ROLE]).says(&["`--action` is missing"]);
    ask(&[]).says(&["there is no question"]);
}

#[test]
fn tests_name_the_family_of_a_code_and_make_the_folder_of_a_report() {
    let test = |expect: &str| {
        format!(
            "preclear: 1\nsnapshot: {{complete: true, principals: [{{arn: '{ROLE}', policies: [{DECRYPT}]}}], keys: [{{arn: '{KEY}', policy: {DELEGATES}}}]}}\n\
             tests:\n  - name: t\n    request: {{principal: '{ROLE}', action: kms:Decrypt, resource: '{KEY}', mode: closed}}\n    expect: {expect}\n"
        )
    };
    let folder = Folder::new("tests-of-newcomers")
        .with(
            "family.yaml",
            test("{verdict: explicit_deny, code: explicit_deny}"),
        )
        .with("good.yaml", test("allow"))
        .with("world.yaml", "preclear: 1\ncomplete: true\n");
    folder.run(&["test", "family.yaml"]).ended_with(2).says(&[
        "codes that start so are",
        "`explicit_deny_identity`",
        "`explicit_deny_scp`",
    ]);
    folder
        .run(&["test", "good.yaml", "--junit", "out/deep/x.xml"])
        .ended_with(0);
    assert!(folder.read("out/deep/x.xml").contains("<testsuites"));
    let ran = folder.run(&["test", "world.yaml"]).ended_with(2);
    let ran = ran.says(&["`snapshot: {file: world.yaml}`"]);
    assert!(!ran.stderr.contains("--snapshot"), "{}", ran.stderr);
}

/// UI-21: lists have spaces, and objects of buckets are named.
#[test]
fn tables_say_how_lists_are_written_and_how_objects_are_asked_about() {
    let snapshot = format!(
        "preclear: 1\ncomplete: true\nprincipals: [{{arn: '{ROLE}', policies: [{DECRYPT}]}}]\nkeys: [{{arn: '{KEY}', policy: {DELEGATES}}}]\n\
         resources: [{{arn: 'arn:aws:s3:::data', account: '111122223333', policy: null}}]\n"
    );
    let folder = Folder::new("tables-of-newcomers").with("s.yaml", snapshot);
    let ask = |args: &[&str]| folder.run(&[&["matrix", "--snapshot", "s.yaml"], args].concat());
    ask(&["--actions", "kms:Decrypt,s3:GetObject"])
        .ended_with(2)
        .says(&[
            "--actions:1:1",
            "separate them with spaces: `--actions kms:Decrypt s3:GetObject`",
        ]);
    ask(&["--actions", "kms:Decrypt", "s3:GetObject"]).says(&[
        "`--resources arn:aws:s3:::data/KEY`",
        "`objects` of the bucket",
    ]);
    ask(&[
        "--actions",
        "s3:GetObject",
        "--resources",
        "arn:aws:s3:::data/*",
    ])
    .ended_with(2)
    .says(&[
        "lists no such object",
        "`--resources arn:aws:s3:::data/KEY`",
    ]);
}

#[test]
fn inputs_of_templates_and_policies_get_helps_that_are_true() {
    let template = "Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
Resources:
  Worker:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub 'worker-${Env}'
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}
";
    let misspelt = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaServce": "s3.us-west-2.amazonaws.com"}}}]}"#;
    let folder = Folder::new("helps-of-newcomers")
        .with("template.yaml", template)
        .with("role.json", misspelt)
        .with(
            "home.yaml",
            "preclear: 1\naccount: '111122223333'\nregion: us-west-2\n",
        );
    folder
        .run(&["snapshot", "template.yaml"])
        .ended_with(2)
        .says(&["ACCOUNT_UNKNOWN", "--param AWS::AccountId="]);
    let with = |value: &str| {
        let param = format!("Env={value}");
        folder.run(&["snapshot", "template.yaml", "home.yaml", "--param", &param])
    };
    with("prodd").says(&["PARAMETER_NOT_ALLOWED", "did you mean `prod`?"]);
    assert!(!with("prod").stderr.contains("PARAMETER_NOT_ALLOWED"));
    folder
        .run(
            &[
                &["simulate", "--identity-policy", "role.json"],
                &QUESTION[..],
            ]
            .concat(),
        )
        .prints(&["UNKNOWN_CONDITION_KEY", "did you mean `kms:ViaService`?"]);
}
