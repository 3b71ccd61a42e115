//! What a call of KMS cannot say is refused with its place; what KMS answers to one that it authorises says why.

use crate::program::{Folder, Ran};

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ROOT: &str = "arn:aws:iam::111122223333:root";

const SNAPSHOT: &str = r#"
preclear: 1
complete: true
account: "111122223333"
region: us-west-2
principals:
  - arn: arn:aws:iam::111122223333:role/app
keys:
  - arn: arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    aliases: [alias/app]
    policy: {Version: "2012-10-17", Statement: {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "kms:*", Resource: "*"}}
    grants:
      - {GrantId: g1, GranteePrincipal: "arn:aws:iam::111122223333:role/app", RetiringPrincipal: "arn:aws:iam::111122223333:role/ops", Operations: [Decrypt]}
"#;

fn folder(name: &str) -> Folder {
    Folder::new(name).with("s.yaml", SNAPSHOT)
}

/// An answer to the account's root user.
fn ask(folder: &Folder, flags: &[&str]) -> Ran {
    let question = [
        "simulate",
        "--snapshot",
        "s.yaml",
        "--closed",
        "--principal",
        ROOT,
    ];
    folder.run(&[&question, flags].concat())
}

#[test]
fn every_wrong_member_of_a_request_file_is_marked() {
    let request = "principal: arn:aws:iam::111122223333:root\noperation: kms:CreateGrant\nparameters:\n  Operation: [Decrypt]\n  \
                   DryRun: \"yes\"\n  Constraints: {EncryptionContextSubst: {a: b}}\n";
    let folder = folder("wrong-members").with("r.yaml", request);
    let ran = folder.run(&["simulate", "--snapshot", "s.yaml", "--request", "r.yaml"]);
    let ran = ran.ended_with(2).says(&[
        "error[UNKNOWN_MEMBER]: `kms:CreateGrant` has no parameter `Operation`",
        "--> r.yaml:4:3",
        "did you mean `Operations`?",
        "error[WRONG_TYPE]: `DryRun` must be true or false, not a string",
        "--> r.yaml:5:11",
        "`Constraints` has no member `EncryptionContextSubst`",
        "--> r.yaml:6:17",
        "rule: UI-38",
    ]);
    assert_eq!(
        ran.stdout, "",
        "results of a request that could not be asked"
    );
}

#[test]
fn members_of_flags_and_lines_are_marked_too() {
    let folder = folder("wrong-flags");
    let create = ["--action", "kms:CreateGrant", "--resource", KEY];
    let given = ["--parameters", r#"{"Operation": ["Decrypt"]}"#];
    let ran = ask(
        &folder,
        &[create, ["--parameters", given[1], "--format", "text"]].concat(),
    );
    ran.ended_with(2)
        .says(&["--> --parameters:1:2", "did you mean `Operations`?"]);

    let describe = ["--action", "kms:DescribeKey", "--resource", KEY];
    let ran = ask(
        &folder,
        &[&describe[..], &["--encryption-context", "a=b"]].concat(),
    );
    ran.ended_with(2).prints(&[
        "`kms:DescribeKey` has no parameter `EncryptionContext`",
        "its short form is `--encryption-context`",
    ]);

    let line = format!(
        r#"{{"principal": "{ROOT}", "action": "kms:Decrypt", "resource": "{KEY}", "parameters": {{"DryRunn": true}}}}"#
    );
    let folder = folder.with("r.jsonl", format!("{line}\n"));
    let ran = folder.run(&["simulate", "--snapshot", "s.yaml", "--requests", "r.jsonl"]);
    ran.ended_with(2).prints(&[
        "r.jsonl:1:",
        "has no parameter `DryRunn`",
        "did you mean `DryRun`?",
    ]);
}

#[test]
fn an_answer_of_kms_says_why_and_what_to_change() {
    let folder = folder("answers");
    let window = [
        "--operation",
        "kms:ScheduleKeyDeletion",
        "--parameters",
        r#"{"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "PendingWindowInDays": 60}"#,
    ];
    ask(&folder, &window).ended_with(1).prints(&[
        ", but ValidationError",
        "KMS answers ValidationError: `PendingWindowInDays` is 60, and KMS takes 7 to 30 (KMS-COND-1)",
        "give `parameters.PendingWindowInDays` a number within those bounds",
    ]);
    let ran = ask(&folder, &[&window[..], &["--format", "json"]].concat()).ended_with(1);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["operability"], "ValidationError");
    assert_eq!(answer["operability_reason"]["rule"], "KMS-COND-1");
    assert_eq!(answer["operability_reason"]["change"], "request");
    assert_eq!(
        answer["operability_reason"],
        answer["parts"][0]["operability_reason"]
    );
}

#[test]
fn a_rehearsal_that_succeeds_is_told_as_a_success() {
    let folder = folder("rehearsal");
    let rehearsed = [
        "--action",
        "kms:Decrypt",
        "--resource",
        KEY,
        "--parameters",
        r#"{"DryRun": true}"#,
    ];
    let ran = ask(&folder, &rehearsed).ended_with(1).prints(&[
        ", rehearsed: DryRunOperationException",
        "this is how a rehearsal succeeds",
        "nothing has to change",
    ]);
    assert!(
        !ran.stdout.contains("What stands in the way"),
        "{}",
        ran.stdout
    );
    let ran = ask(&folder, &[&rehearsed[..], &["--format", "json"]].concat());
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["operability_reason"]["change"], "nothing");
    assert_eq!(answer["obstacles"], serde_json::json!([]));
}

/// What is wrong with the request is no matter of the key, and a call that was denied is not called allowed.
#[test]
fn obstacles_name_what_has_to_change() {
    let folder = folder("obstacles");
    let grant =
        r#"{"GranteePrincipal": "arn:aws:iam::111122223333:role/app", "Operations": ["decrypt"]}"#;
    let asked = [
        "--action",
        "kms:CreateGrant",
        "--resource",
        KEY,
        "--parameters",
        grant,
    ];
    let app = [
        "simulate",
        "--snapshot",
        "s.yaml",
        "--closed",
        "--principal",
    ];
    let app = [&app[..], &["arn:aws:iam::111122223333:role/app"]].concat();
    folder
        .run(&[&app[..], &asked].concat())
        .ended_with(1)
        .prints(&[
            "Add to the identity policy",
            "with the additions kms:CreateGrant is allowed, but KMS answers ValidationError",
            "no grant can allow `decrypt` (KMS-GRANT-2); did you mean `Decrypt`?",
        ]);
}

#[test]
fn a_grant_that_the_key_does_not_have_is_told_and_who_may_retire_the_others() {
    let folder = folder("retiring");
    let retire = |id: &str| {
        let parameters = format!(r#"{{"GrantId": "{id}"}}"#);
        let asked = ["--action", "kms:RetireGrant", "--resource", KEY];
        let rest = ["--parameters", &parameters, "--explain"];
        ask(&folder, &[&asked[..], &rest].concat())
    };
    retire("g2").ended_with(1).prints(&[
        "AWS would say: NotFoundException: the key has no grant `g2`",
        "did you mean `g1`?",
        "grants      the key has no grant `g2`",
    ]);
    retire("g1").ended_with(0).prints(&[
        "Grant applies: g1",
        "its retiring principal may retire it: arn:aws:iam::111122223333:role/ops",
        "its grantee may not, for it does not list RetireGrant",
        "principals of 111122223333 may, where policies of their own allow kms:RetireGrant",
    ]);
}
