//! Rule: UI-31

use std::path::Path;

use preclear_simulator::{Given, Layer, Snapshot};

use crate::files::MemoryFiles;
use crate::{Options, snapshot};

const HOME: &str = "{preclear: 1, account: '111122223333', region: us-west-2}";

/// Loads a template; what it warns of comes as codes.
fn load(template: &str, params: &[(&str, &str)]) -> (Snapshot, Vec<&'static str>) {
    let files = MemoryFiles::from_iter([("d/t.yaml", template), ("d/h.yaml", HOME)]);
    let options = Options {
        params: params.iter().copied().collect(),
        ..Options::default()
    };
    let loaded = snapshot::load([Path::new("d")], &files, &options);
    let loaded = loaded.unwrap_or_else(|errors| panic!("{errors}"));
    let codes = loaded.diagnostics.iter().map(|found| found.code).collect();
    (loaded.value, codes)
}

fn bucket(name: &str, more: &str) -> String {
    format!(
        "{more}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {{BucketName: {name}}}\n"
    )
}

#[track_caller]
fn assert_name(expression: &str, more: &str, expected: &str) {
    let (snapshot, _) = load(&bucket(expression, more), &[]);
    let arn = snapshot.resources[0].arn.as_str();
    assert_eq!(arn, format!("arn:aws:s3:::{expected}"), "{expression}");
}

#[test]
fn functions_are_evaluated() {
    let more = "Parameters: {P: {Type: String, Default: x}, L: {Type: CommaDelimitedList, Default: 'a, b'}}\n\
                Mappings: {M: {us-west-2: {k: mapped}}}\n\
                Conditions: {C: !Equals [!Ref P, x], D: !And [!Condition C, !Not [!Condition C]], E: !Or [!Condition D, !Condition C]}";
    for (expression, expected) in [
        ("!Ref P", "x"),
        ("!Sub 'a-${P}-${AWS::Region}'", "a-x-us-west-2"),
        ("!Sub ['${Q}${P}', {Q: !Ref P}]", "xx"),
        ("!Join ['-', [a, !Ref P, !Select [1, !Ref L]]]", "a-x-b"),
        ("!Select [1, !Split ['/', 'a/b/c']]", "b"),
        ("!If [C, yes1, no1]", "yes1"),
        ("!If [D, yes1, no1]", "no1"),
        ("!If [E, yes1, no1]", "yes1"),
        ("!FindInMap [M, !Ref AWS::Region, k]", "mapped"),
        (
            "{'Fn::Join': ['', [{Ref: 'AWS::AccountId'}, '-b']]}",
            "111122223333-b",
        ),
        // Not determined: the logical id.
        ("!ImportValue other", "B"),
        ("!Ref AWS::StackName", "B"),
        ("!FindInMap [M, nowhere, k]", "B"),
        ("!Ref AWS::NoValue", "B"),
        ("!Select [7, [a]]", "B"),
        ("!Ref Nothing", "B"),
    ] {
        assert_name(expression, more, expected);
    }
}

#[test]
fn circles_and_growth_end() {
    for expression in [
        "!Ref B",
        "!Sub 'x${B}'",
        "!GetAtt B.Arn",
        "!Join ['', [!Ref B, !Ref B]]",
    ] {
        let text = bucket(expression, "");
        let files = MemoryFiles::from_iter([("d/t.yaml", text.as_str()), ("d/h.yaml", HOME)]);
        // CloudFormation refuses circles.
        let _ = snapshot::load([Path::new("d")], &files, &Options::default());
    }
    let circle = "Conditions: {C: !Condition D, D: !Not [!Condition C]}";
    let (snapshot, _) = load(&bucket("!If [C, a, b]", circle), &[]);
    assert_eq!(snapshot.resources[0].arn.as_str(), "arn:aws:s3:::B");
    let mut doubled = "x".to_owned();
    for _ in 0..40 {
        doubled = format!("!Sub ['${{V}}${{V}}', {{V: {doubled}}}]");
    }
    let (snapshot, _) = load(&bucket(&doubled, ""), &[]);
    assert_eq!(snapshot.resources.len(), 1);
}

#[test]
fn odd_templates_are_no_reason_to_panic() {
    let kinds = [
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::IAM::Group",
        "AWS::IAM::Policy",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::UserToGroupAddition",
        "AWS::KMS::Key",
        "AWS::KMS::ReplicaKey",
        "AWS::KMS::Alias",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
        "AWS::EC2::VPCEndpoint",
        "AWS::SageMaker::Model",
        "AWS::X::Y",
    ];
    let properties = [
        "RoleName",
        "UserName",
        "GroupName",
        "Policies",
        "PolicyDocument",
        "AssumeRolePolicyDocument",
        "Roles",
        "Users",
        "Groups",
        "ManagedPolicyArns",
        "PermissionsBoundary",
        "Tags",
        "KeyPolicy",
        "Enabled",
        "MultiRegion",
        "KeySpec",
        "PrimaryKeyArn",
        "AliasName",
        "TargetKeyId",
        "BucketName",
        "Bucket",
        "BucketEncryption",
        "Queues",
        "Topics",
        "FunctionName",
        "Principal",
        "SourceArn",
        "VpcEndpointType",
        "Path",
    ];
    for value in [
        "1",
        "[]",
        "{}",
        "null",
        "'*'",
        "[[]]",
        "{Ref: []}",
        "!Sub [1]",
        "!GetAtt x",
        "!Join x",
        "'${'",
        "!If [a]",
    ] {
        let members: Vec<String> = properties
            .iter()
            .map(|name| format!("{name}: {value}"))
            .collect();
        let members = members.join(", ");
        let resources: Vec<String> = kinds
            .iter()
            .enumerate()
            .map(|(index, kind)| {
                format!(
                    "  R{index}: {{Type: '{kind}', Condition: {value}, Properties: {{{members}}}}}"
                )
            })
            .collect();
        let text = format!(
            "Parameters: {value}\nConditions: {value}\nResources:\n{}\n",
            resources.join("\n")
        );
        let files = MemoryFiles::from_iter([("d/t.yaml", text.as_str()), ("d/h.yaml", HOME)]);
        let _ = snapshot::load([Path::new("d")], &files, &Options::default());
    }
}

#[test]
fn what_is_not_determined_leaves_a_policy_open() {
    let template = "Parameters: {P: {Type: String}}\nResources:\n  K:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: \
                    {Version: '2012-10-17', Statement: {Effect: Allow, Principal: {AWS: !Ref P}, Action: 'kms:*', Resource: '*'}}\n";
    let (snapshot, _) = load(template, &[]);
    let arn = "arn:aws:kms:us-west-2:111122223333:key/K";
    assert_eq!(snapshot.keys[0].policy, Given::LeftOut);
    assert!(snapshot.has_rejected(Layer::Resource, arn));
    let names: Vec<&str> = snapshot.undetermined[&Layer::Resource][arn]
        .iter()
        .map(String::as_str)
        .collect();
    assert_eq!(names, ["K", "P"]);
    assert_eq!(snapshot.names["K"], arn);
    let (snapshot, _) = load(template, &[("P", "111122223333")]);
    assert!(snapshot.keys[0].policy.value().is_some());
    assert!(snapshot.undetermined.is_empty());
}

/// As [`load`], where nothing else exists.
fn complete(template: &str) -> Snapshot {
    let home = "{preclear: 1, account: '111122223333', region: us-west-2, complete: true}";
    let files = MemoryFiles::from_iter([("d/t.yaml", template), ("d/h.yaml", home)]);
    let loaded = snapshot::load([Path::new("d")], &files, &Options::default());
    loaded.unwrap_or_else(|errors| panic!("{errors}")).value
}

const OPEN: &str =
    "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\nResources:\n";

const STATEMENT: &str = "{Version: '2012-10-17', Statement: {Effect: Deny, Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::b/*'}}";

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/K";

#[test]
fn a_number_is_a_name_in_json_too() {
    let (snapshot, _) = load(
        r#"{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": 7}}}}"#,
        &[],
    );
    assert_eq!(snapshot.resources[0].arn.as_str(), "arn:aws:s3:::7");
}

#[test]
fn a_policy_that_may_not_be_made_leaves_its_owner_open() {
    let snapshot = complete(&format!(
        "{OPEN}  B: {{Type: AWS::S3::Bucket, Properties: {{BucketName: b}}}}\n  \
         R: {{Type: AWS::IAM::Role, Properties: {{RoleName: r}}}}\n  \
         Q: {{Type: AWS::S3::BucketPolicy, Condition: C, Properties: {{Bucket: !Ref B, PolicyDocument: {STATEMENT}}}}}\n  \
         S: {{Type: AWS::IAM::Policy, Condition: C, Properties: {{Roles: [!Ref R], PolicyName: s, PolicyDocument: {STATEMENT}}}}}\n  \
         F: {{Type: AWS::Lambda::Function, Properties: {{FunctionName: f}}}}\n  \
         G: {{Type: AWS::Lambda::Permission, Condition: C, Properties: {{FunctionName: f, Principal: '*'}}}}\n"
    ));
    for (layer, owner) in [
        (Layer::Resource, "arn:aws:s3:::b"),
        (Layer::Identity, "arn:aws:iam::111122223333:role/r"),
        (
            Layer::Resource,
            "arn:aws:lambda:us-west-2:111122223333:function:f",
        ),
    ] {
        assert!(snapshot.has_rejected(layer, owner), "{owner}");
    }
    assert_eq!(snapshot.resources[0].policy, Given::LeftOut);
}

#[test]
fn what_may_belong_to_any_leaves_all_of_them_open() {
    let snapshot = complete(&format!(
        "{OPEN}  B: {{Type: AWS::S3::Bucket, Properties: {{BucketName: b}}}}\n  \
         Q: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: !Ref P, PolicyDocument: {STATEMENT}}}}}\n  \
         U: {{Type: AWS::IAM::User, Properties: {{UserName: u}}}}\n  \
         V: {{Type: AWS::IAM::User, Properties: {{UserName: v}}}}\n  \
         A: {{Type: AWS::IAM::UserToGroupAddition, Properties: {{GroupName: !Ref P, Users: [!Ref V]}}}}\n  \
         F: {{Type: AWS::Lambda::Function, Properties: {{FunctionName: f}}}}\n  \
         G: {{Type: AWS::Lambda::Permission, Properties: {{FunctionName: !Ref P, Principal: '*'}}}}\n"
    ));
    let is_open = |layer, owner: &str| snapshot.has_rejected(layer, owner);
    assert!(is_open(Layer::Resource, "arn:aws:s3:::b"));
    assert!(is_open(
        Layer::Resource,
        "arn:aws:lambda:us-west-2:111122223333:function:f"
    ));
    assert!(is_open(Layer::Identity, "arn:aws:iam::111122223333:user/v"));
    assert!(!is_open(
        Layer::Identity,
        "arn:aws:iam::111122223333:user/u"
    ));
}

#[test]
fn an_undetermined_policy_of_a_bucket_elsewhere_is_not_none() {
    let snapshot = complete(&format!(
        "{OPEN}  Q: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: elsewhere, PolicyDocument: !Ref P}}}}\n"
    ));
    assert_eq!(snapshot.resources[0].arn.as_str(), "arn:aws:s3:::elsewhere");
    assert!(snapshot.has_rejected(Layer::Resource, "arn:aws:s3:::elsewhere"));
}

#[test]
fn tags_that_are_not_determined_are_unknown_and_nothing_else_is() {
    let snapshot = complete(&format!(
        "{OPEN}  B: {{Type: AWS::S3::Bucket, Properties: {{BucketName: b, Tags: [{{Key: team, Value: !Ref P}}]}}}}\n"
    ));
    assert_eq!(snapshot.resources[0].tags, None);
    assert_eq!(snapshot.resources[0].policy, Given::Nothing);
    assert_eq!(snapshot.external, ["arn:aws:s3:::b"]);
}

/// An alias that may lead to any key, and one whose name is not determined.
#[test]
fn aliases_that_are_not_determined_are_unknown() {
    let key =
        format!("{OPEN}  K: {{Type: AWS::KMS::Key}}\n  A: {{Type: AWS::KMS::Alias, Properties: ");
    let snapshot = complete(&format!(
        "{key}{{AliasName: alias/a, TargetKeyId: !Ref P}}}}\n"
    ));
    assert_eq!(snapshot.keys[0].aliases, None);
    let alias = "arn:aws:kms:us-west-2:111122223333:alias/a";
    assert_eq!(snapshot.external, [alias, KEY]);
    let snapshot = complete(&format!(
        "{key}{{AliasName: !Sub 'alias/${{P}}', TargetKeyId: !Ref K}}}}\n  \
         L: {{Type: AWS::KMS::Alias, Properties: {{AliasName: alias/a, TargetKeyId: !Ref K}}}}\n"
    ));
    assert_eq!(snapshot.keys[0].aliases, None);
    assert!(snapshot.external.iter().any(|arn| arn == alias));
    assert!(snapshot.external.iter().any(|arn| arn == KEY));
}

#[test]
fn an_endpoint_of_an_undetermined_type_has_an_open_policy() {
    let snapshot = complete(&format!(
        "{OPEN}  E: {{Type: AWS::EC2::VPCEndpoint, Properties: {{VpcEndpointType: !Ref P, PolicyDocument: {STATEMENT}}}}}\n"
    ));
    assert!(snapshot.has_rejected(Layer::VpcEndpoint, "E"));
}
