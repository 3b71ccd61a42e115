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
