//! Statements of which a part is not determined: what is written beside them, and how they are told. Rule: IAM-TRI-7.

use crate::program::Folder;

/// A key whose policy names statements that a plan does not determine, and a role that one of them names.
const WORLD: &str = r#"
preclear: 1
account: "111122223333"
region: us-west-2
complete: true
principals:
  - arn: arn:aws:iam::111122223333:role/app
    policies:
      - Version: "2012-10-17"
        Statement: {Effect: Allow, Action: "secretsmanager:*", Resource: "*"}
keys:
  - arn: arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    aliases: [alias/orders]
    policy:
      name: orders-key
      document:
        Version: "2012-10-17"
        Statement:
          - {Sid: Later, Effect: Allow, Principal: "*", Action: kms:Encrypt, Resource: "*"}
          - {Sid: Named, Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/app"}, Action: kms:Decrypt, Resource: "*"}
      undetermined:
        "0": ["data.aws_iam_policy_document.orders.statement[0].principals"]
        "1": ["data.aws_iam_policy_document.orders.statement[1].condition"]
    ram_policy:
      document:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {AWS: "444455556666"}, Action: kms:Verify, Resource: "*"}
      undetermined: {"0": ["aws_ram_resource_share.keys.permission_arns"]}
"#;

const JOB: &str = "
operation: secretsmanager:CreateSecret
caller: arn:aws:iam::111122223333:role/app
region: us-west-2
request:
  Name: s
  SecretString: x
  KmsKeyId: arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
";

/// What stands of the policy in the snapshot is not all that it will say, so no file can replace it.
#[test]
fn additions_to_a_policy_that_is_not_all_determined_are_written_alone() {
    let folder = Folder::new("open-statements-fix-out")
        .with("s.yaml", WORLD)
        .with("job.yaml", JOB);
    let args = ["--job", "job.yaml", "--fix-out", "new"];
    let args = [&["simulate", "--snapshot", "s.yaml", "--closed"], &args[..]].concat();
    let ran = folder.run(&args).ended_with(1).prints(&[
        "Add to the key policy of",
        "written: new/key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json",
        "the additions alone: write them into the policy `orders-key`, of which a part is not determined yet",
    ]);
    assert!(!ran.stdout.contains("replaces"), "{}", ran.stdout);
    let document = folder.read("new/key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json");
    assert!(document.contains("kms:GenerateDataKey"), "{document}");
    for own in ["Later", "Named", "kms:Encrypt"] {
        assert!(!document.contains(own), "{own}: {document}");
    }
}

#[test]
fn who_can_says_that_a_way_hangs_on_what_is_not_determined() {
    let folder = Folder::new("open-statements-who-can").with("s.yaml", WORLD);
    let ask = |action: &str| {
        let args = ["who-can", "--snapshot", "s.yaml", "--action", action];
        let on = ["--resource", "alias/orders"];
        folder.run(&[&args[..], &on].concat()).ended_with(3)
    };
    let named = ask("kms:Decrypt").prints(&[
        "depends  arn:aws:iam::111122223333:role/app",
        "orders-key, statement Named",
        "if what of it is not determined yet may match the call: `data.aws_iam_policy_document.orders.statement[1].condition`",
        "depends on  layer:resource",
        "From outside\n  nobody",
    ]);
    assert!(!named.stdout.contains("Later"), "{}", named.stdout);
    // Whom it will name, nobody knows: perhaps anybody, and perhaps not all.
    let anybody = ask("kms:Encrypt").prints(&[
        "depends  arn:aws:iam::111122223333:role/app",
        "depends  any account that nothing here names",
        "depends  any other service",
        "if what of it is not determined yet may match the call: `data.aws_iam_policy_document.orders.statement[0].principals`",
    ]);
    for wrong in ["whose principal is `*`", "allow  "] {
        assert!(!anybody.stdout.contains(wrong), "{}", anybody.stdout);
    }
}

#[test]
fn snapshot_lists_open_statements_of_every_policy_of_a_key() {
    let folder = Folder::new("open-statements-missing").with("s.yaml", WORLD);
    let ran = folder.run(&["snapshot", "s.yaml"]);
    ran.prints(&[
        "data.aws_iam_policy_document.orders.statement[0].principals",
        "aws_ram_resource_share.keys.permission_arns",
    ]);
}
