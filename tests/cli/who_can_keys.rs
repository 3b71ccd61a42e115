//! `preclear who-can` about keys: which one a name means, and what KMS answers. Rule: UI-20, KMS-ID-1, KMS-STATE-1.

use serde_json::Value;

use crate::program::Folder;
use crate::who_can::rows;

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// UI-1: what KMS answers to the operation itself it answers to all.
#[test]
fn an_operation_that_kms_refuses_is_one_that_nobody_can_do() {
    let folder = Folder::new("who-can-refused").with(
        "account.yaml",
        format!(
            r#"{{preclear: 1, account: "111122223333", region: us-west-2, complete: true,
              principals: [{{arn: "arn:aws:iam::111122223333:role/app"}}],
              keys: [{{arn: "{KEY}", aliases: [alias/app], policy: {{Version: "2012-10-17", Statement: [
                {{Effect: Allow, Principal: {{AWS: "111122223333"}}, Action: "kms:Describe*", Resource: "*"}}]}},
                grants: [{{GrantId: g1, Name: rds, GranteePrincipal: rds.us-west-2.amazonaws.com, Operations: [Decrypt, RetireGrant],
                  RetiringPrincipal: "arn:aws:iam::111122223333:role/app"}}]}}]}}"#
        ),
    );
    let ask = |key: &str| {
        let parameters = format!(r#"{{"GrantId": "g1", "KeyId": "{key}"}}"#);
        let args = ["who-can", "--snapshot", "account.yaml", "--operation"];
        let args = [&args[..], &["kms:RetireGrant", "--parameters", &parameters]].concat();
        folder.run(&args)
    };
    ask(KEY)
        .ended_with(0)
        .prints(&["`rds`, for Decrypt, RetireGrant"]);
    ask("alias/app")
        .ended_with(1)
        .prints(&["KMS answers InvalidArnException"]);
}

/// UI-1: exit code and header say one thing, whether others may under conditions or not.
#[test]
fn a_key_that_cannot_be_used_is_one_that_nobody_uses() {
    let folder = Folder::new("who-can-pending").with(
        "account.yaml",
        format!(
            r#"{{preclear: 1, account: "111122223333", region: us-west-2, complete: true,
              principals: [
                {{arn: "arn:aws:iam::111122223333:role/app", policies: [{{Version: "2012-10-17", Statement: [
                  {{Effect: Allow, Action: "kms:*", Resource: "*"}}]}}]}},
                {{arn: "arn:aws:iam::111122223333:role/office", policies: [{{Version: "2012-10-17", Statement: [
                  {{Effect: Allow, Action: "kms:Decrypt", Resource: "*", Condition: {{IpAddress: {{"aws:SourceIp": 203.0.113.0/24}}}}}}]}}]}},
                {{arn: "arn:aws:iam::444455556666:role/own", policies: [{{Version: "2012-10-17", Statement: [
                  {{Effect: Allow, Action: "kms:Sign", Resource: "*"}}]}}]}}],
              keys: [
                {{arn: "{KEY}", aliases: [alias/app], state: PendingDeletion, policy: {{Version: "2012-10-17", Statement: [
                  {{Effect: Allow, Principal: {{AWS: ["111122223333", "777788889999"]}}, Action: "kms:*", Resource: "*"}}]}}}},
                {{arn: "arn:aws:kms:us-west-2:444455556666:key/k2", spec: RSA_2048, usage: SIGN_VERIFY, aliases: [alias/app],
                  policy: {{Version: "2012-10-17", Statement: [
                    {{Effect: Allow, Principal: {{AWS: "444455556666"}}, Action: "kms:*", Resource: "*"}}]}}}}]}}"#
        ),
    );
    let ask = |action: &str, key: &str| {
        let args = ["who-can", "--snapshot", "account.yaml", "--action", action];
        folder.run(&[&args[..], &["--resource", key]].concat())
    };
    for action in ["kms:Encrypt", "kms:Decrypt"] {
        for key in [KEY, "alias/app"] {
            ask(action, key).ended_with(1).prints(&[
                "but         KMS answers KMSInvalidStateException: the key is `PendingDeletion`",
                "allow  arn:aws:iam::111122223333:role/app",
            ]);
        }
    }
    // Somebody has another key of that name, which works: then it is said of each whose key does not.
    let ran = ask("kms:Sign", "alias/app").ended_with(0).prints(&[
        "    but         KMS answers KMSInvalidStateException",
        "allow  arn:aws:iam::444455556666:role/own\n    on its own  arn:aws:kms:us-west-2:444455556666:key/k2",
    ]);
    assert!(!ran.stdout.contains("\nbut "), "{}", ran.stdout);
}

/// KMS-ID-1: each listed caller is asked about the key of its own account, in every format.
#[test]
fn a_short_name_means_the_key_of_the_callers_account() {
    let case = "tests/cases/kms-id/KMS-ID-1-who-can.yaml";
    let text = std::fs::read_to_string(preclear_tests::root().join(case)).unwrap();
    let (_, snapshot) = text.split_once("\nsnapshot:\n").unwrap();
    let (snapshot, _) = snapshot.split_once("\ndefaults:").unwrap();
    let folder = Folder::new("who-can-short-name").with("account.yaml", snapshot);
    let args = ["who-can", "--snapshot", "account.yaml", "--closed"];
    let asked = ["--action", "kms:Decrypt", "--resource", "alias/x"];
    let ask = |format: &str| {
        folder
            .run(&[&args[..], &asked, &["--format", format]].concat())
            .ended_with(0)
    };
    let own = "arn:aws:kms:us-west-2:444455556666:key/0987dcba-09fe-87dc-65ba-ab0987654321";
    ask("text").prints(&[
        "warning     KEY_NAME_OF_EACH_ACCOUNT: `alias/x` means",
        "no key that is listed to callers of 777788889999",
        &format!("name the key by its ARN, such as `{KEY}`"),
        &format!("allow  arn:aws:iam::444455556666:role/Own\n    on its own  {own}"),
    ]);
    let answer: Value = serde_json::from_str(&ask("json").stdout).unwrap();
    let keys: Vec<Option<&str>> = answer["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["key"].as_str())
        .collect();
    assert_eq!(keys, [Some(KEY), Some(own), None]);
    assert_eq!(answer["principals"][1]["resource"], own);
    let table = ask("csv");
    assert!(table.stderr.contains("KEY_NAME_OF_EACH_ACCOUNT"));
    let rows = rows(&table.stdout);
    let resource = rows[0].iter().position(|name| name == "resource").unwrap();
    let of_own = rows.iter().find(|row| row[0].ends_with("role/Own"));
    assert_eq!(of_own.unwrap()[resource], own);
}

/// IAM-WILD-13: said where it matters, since `simulate` takes the same text for one resource.
#[test]
fn a_resource_with_wildcards_is_said_to_stand_for_all_that_it_matches() {
    let folder = Folder::new("who-can-pattern").with(
        "account.yaml",
        r#"{preclear: 1, complete: true,
          principals: [{arn: "arn:aws:iam::111122223333:user/some", policies: [{Version: "2012-10-17", Statement: [
            {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::team-data/a*"}]}]}],
          resources: [{arn: "arn:aws:s3:::team-data", account: "111122223333"}]}"#,
    );
    let ask = |resource: &str, more: &[&str]| {
        let args = ["who-can", "--snapshot", "account.yaml", "--closed"];
        let asked = ["--action", "s3:GetObject", "--resource", resource];
        folder.run(&[&args[..], &asked, more].concat())
    };
    ask("arn:aws:s3:::team-data/*", &[])
        .ended_with(3)
        .prints(&["stands for  all that it matches", "(IAM-WILD-13)"]);
    let pattern = |resource: &str| -> Value {
        let json = ask(resource, &["--format", "json"]).stdout;
        serde_json::from_str::<Value>(&json).unwrap()["pattern"].clone()
    };
    assert_eq!(pattern("arn:aws:s3:::team-data/*"), true);
    assert_eq!(pattern("arn:aws:s3:::team-data/a"), false);
}
