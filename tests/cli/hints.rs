//! Questions with a slip in them are helped in the words of the command line; nothing is proposed to be pasted for them.

use crate::program::{Folder, Ran};

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";

const KEY_POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Admin", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
  {"Sid": "Service", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": ["kms:Decrypt", "kms:ReEncrypt*"],
   "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}}}]}"#;

const IDENTITY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Logs", "Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": "*"}]}"#;

const TEMPLATE: &str = "Parameters: {BucketName: {Type: String}}\n\
    Resources:\n\
    \x20 App: {Type: AWS::IAM::Role, Properties: {RoleName: app}}\n\
    \x20 K: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Version: '2012-10-17', Statement: [\
    {Effect: Allow, Principal: {AWS: '*'}, Action: kms:Decrypt, Resource: '*'}]}}}\n\
    \x20 B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref BucketName}}\n";

const HOME: &str = "{preclear: 1, account: '111122223333', region: us-west-2, complete: true}";

fn folder(name: &str) -> Folder {
    Folder::new(name)
        .with("k.json", KEY_POLICY)
        .with("p.json", IDENTITY)
        .with("t.yaml", TEMPLATE)
        .with("c.yaml", HOME)
}

/// `simulate` with both policies.
fn simulate(folder: &Folder, more: &[&str]) -> Ran {
    let flags = [
        "simulate",
        "--identity-policy",
        "p.json",
        "--key-policy",
        "k.json",
        "--principal",
        ROLE,
        "--complete",
    ];
    folder.run(&[&flags[..], more].concat())
}

#[test]
fn nothing_is_proposed_for_a_service_that_nobody_knows() {
    let folder = folder("hint-via");
    let asked = ["--action", "kms:Decrypt", "--resource", KEY];
    let ran = simulate(&folder, &[&asked[..], &["--via", "s4"]].concat()).ended_with(1);
    let ran = ran.prints(&["no service `s4` is known"]);
    assert!(!ran.stdout.contains("\"Statement\""), "{}", ran.stdout);
    assert!(!ran.stdout.contains("\"Effect\""), "{}", ran.stdout);
}

#[test]
fn a_statement_of_another_service_is_no_near_miss() {
    let folder = folder("hint-near");
    let asked = ["--action", "kms:GenerateDataKey", "--resource", KEY];
    let ran = simulate(&folder, &asked).ended_with(1);
    assert!(!ran.stdout.contains("of statement Logs"), "{}", ran.stdout);
}

#[test]
fn a_forgotten_resource_is_asked_for_by_its_flag() {
    let folder = folder("hint-resource");
    simulate(&folder, &["--action", "kms:Decrypt"])
        .ended_with(2)
        .says(&["`k.json` belongs to nobody here: no `--resource` was given"]);
    folder
        .run(&["who-can", "--snapshot", "c.yaml", "--action", "kms:Decrypt"])
        .ended_with(2)
        .prints(&["give `--resource`"]);
}

#[test]
fn a_key_policy_is_of_the_one_key_that_a_call_names() {
    let folder = folder("hint-call");
    let members =
        |other: &str| format!(r#"{{"SourceKeyId": "{KEY}", "DestinationKeyId": "{other}"}}"#);
    let run = |members: &str| {
        let flags = ["--operation", "kms:ReEncrypt", "--parameters", members];
        folder.run(&[&["who-can", "--key-policy", "k.json"], &flags[..]].concat())
    };
    run(&members(KEY)).prints(&["arn:aws:iam::111122223333:role/app"]);
    let other = KEY.replace("1234abcd", "9999abcd");
    run(&members(&other))
        .ended_with(2)
        .says(&["where a call names several keys", "`--snapshot`"]);
}

#[test]
fn addresses_of_objects_and_identity_providers_are_helped() {
    let folder = folder("hint-names");
    let ask = |principal: &str, resource: &str| {
        folder.run(&[
            "simulate",
            "--snapshot",
            "c.yaml",
            "--principal",
            principal,
            "--action",
            "s3:GetObject",
            "--resource",
            resource,
        ])
    };
    ask(ROLE, "s3://data/x")
        .ended_with(2)
        .prints(&["the ARN is", "`arn:aws:s3:::data/x`"]);
    ask("arn:aws:iam::111122223333:oidc-provider/example.com", "*")
        .ended_with(2)
        .says(&["identity provider", "federated: PROVIDER"]);
}

#[test]
fn standard_input_is_given_once() {
    folder("hint-stdin")
        .run(&[
            "simulate",
            "--identity-policy",
            "-",
            "--key-policy",
            "-",
            "--principal",
            ROLE,
            "--action",
            "kms:Decrypt",
            "--resource",
            KEY,
        ])
        .ended_with(2)
        .says(&["standard input can be given once"]);
}

#[test]
fn parameters_of_a_template_are_proposed() {
    let args = ["simulate", "--snapshot", "t.yaml", "c.yaml"];
    let asked = [
        "--principal",
        "App",
        "--action",
        "kms:Decrypt",
        "--resource",
        "K",
    ];
    let more = ["--param", "BucketNam=data"];
    let ran = folder("hint-param").run(&[&args[..], &asked, &more].concat());
    ran.says(&["warning[UNUSED_PARAM]", "did you mean `BucketName`?"]);
}

#[test]
fn a_configuration_of_terraform_is_told_to_be_planned() {
    Folder::new("hint-tf")
        .with("s/main.tf", "resource \"aws_kms_key\" \"k\" {}\n")
        .with("s/c.yaml", HOME)
        .run(&["snapshot", "s"])
        .says(&["main.tf", "terraform show -json"]);
}

/// UI-31: a test file takes what `--snapshot t.yaml c.yaml` takes, and its questions the names of the template.
#[test]
fn tests_use_names_of_a_template() {
    let tests = "preclear: 1\n\
        snapshot: [{file: t.yaml}, {file: c.yaml}]\n\
        params: {BucketName: data}\n\
        tests:\n\
        - {request: {principal: App, action: kms:Decrypt, resource: K}, expect: allow}\n\
        - {request: {principal: App, action: kms:Encrypt, resource: K}, expect: deny}\n";
    folder("hint-tests")
        .with("a.test.yaml", tests)
        .run(&["test", "a.test.yaml"])
        .ended_with(0)
        .prints(&["2 passed"]);
}

/// UI-2: nothing of a file steers the terminal.
#[test]
fn control_characters_of_any_kind_are_not_printed() {
    let steering = "a\u{9b}31m\u{202e}\u{2028}\u{2066}";
    let folder = Folder::new("hint-steer")
        .with("c.yaml", format!("preclear: 1\n\"acc{steering}ount\": x\n"))
        .with(
            "a.test.yaml",
            format!("preclear: 1\ntests:\n- {{\"req{steering}\": 1, expect: deny}}\n"),
        );
    for args in [
        &["snapshot", "c.yaml"][..],
        &["test", "a.test.yaml"],
        &["test", "a.test.yaml", "--format", "github"],
        &["lint", "c.yaml", "--format", "github"],
    ] {
        let ran = folder.run(args);
        let printed = format!("{}{}", ran.stdout, ran.stderr);
        for c in steering.chars().filter(|c| !c.is_ascii()) {
            assert!(!printed.contains(c), "{c:?} of {args:?}: {printed:?}");
        }
    }
}

/// `who-can` asks for calls through services as well, so what the two say may differ.
#[test]
fn a_matrix_says_that_calls_are_direct() {
    let folder = folder("hint-matrix");
    let args = [
        "matrix",
        "--snapshot",
        "t.yaml",
        "c.yaml",
        "--actions",
        "kms:Encrypt",
    ];
    folder
        .run(&[&args[..], &["--param", "BucketName=data"]].concat())
        .prints(&["direct ones alone", "`--via SERVICE`", "`who-can`"]);
}
