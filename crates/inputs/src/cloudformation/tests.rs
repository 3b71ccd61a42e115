//! Rule: UI-31

use std::path::Path;

use preclear_simulator::snapshot::NOT_KNOWN;
use preclear_simulator::{Given, Layer, Snapshot};

use crate::files::MemoryFiles;
use crate::{Options, snapshot};

mod references;

const HOME: &str = "{preclear: 1, account: '111122223333', region: us-west-2}";

/// Loads a template; what it warns of comes as codes.
fn load(template: &str, params: &[(&str, &str)]) -> (Snapshot, Vec<&'static str>) {
    load_beside(template, HOME, params)
}

/// The same beside a snapshot file.
fn load_beside(
    template: &str,
    home: &str,
    params: &[(&str, &str)],
) -> (Snapshot, Vec<&'static str>) {
    let files = MemoryFiles::from_iter([("d/t.yaml", template), ("d/h.yaml", home)]);
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

const COMPLETE: &str = "{preclear: 1, account: '111122223333', region: us-west-2, complete: true}";
const DENY: &str =
    "{Version: '2012-10-17', Statement: {Effect: Deny, Action: 'kms:*', Resource: '*'}}";
const ROLE: &str = "arn:aws:iam::111122223333:role/R";

/// What a layer of an owner hangs on.
fn hangs_on<'s>(snapshot: &'s Snapshot, layer: Layer, owner: &str) -> Vec<&'s str> {
    let owners = snapshot.undetermined.get(&layer);
    let names = owners.and_then(|owners| owners.get(owner));
    let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    assert!(names.is_empty() || snapshot.has_rejected(layer, owner));
    names
}

/// Rule: IAM-PRIN-5.
#[test]
fn a_policy_by_name_is_that_of_a_role_of_another_file_whatever_its_path() {
    let template = format!(
        "Resources:\n  P:\n    Type: AWS::IAM::Policy\n    Properties: {{PolicyName: p, Roles: [app], PolicyDocument: {DENY}}}\n"
    );
    let listed = "arn:aws:iam::111122223333:role/service-role/App";
    let home = COMPLETE.replace('}', &format!(", principals: [{{arn: '{listed}'}}]}}"));
    let (snapshot, codes) = load_beside(&template, &home, &[]);
    assert_eq!(codes, ["RESOURCE_ADDS_NOTHING"]);
    assert_eq!(hangs_on(&snapshot, Layer::Identity, listed), ["P"]);
    assert_eq!(snapshot.principals.len(), 1);
    // Something is attached to it, so it is there.
    let (snapshot, _) = load_beside(&template, COMPLETE, &[]);
    let made = "arn:aws:iam::111122223333:role/app";
    assert_eq!(hangs_on(&snapshot, Layer::Identity, made), ["P"]);
    assert!(!snapshot.principals[0].is_path_known);
    let (snapshot, _) = load(&template, &[]);
    assert_eq!(snapshot.principals, []);
}

/// Rule: IAM-PRIN-5.
#[test]
fn a_group_by_name_is_that_of_another_file_whatever_its_path() {
    let template = "Resources:\n  U: {Type: 'AWS::IAM::User', Properties: {Groups: [g]}}\n";
    let group = "arn:aws:iam::111122223333:group/a/g";
    let home = COMPLETE.replace('}', &format!(", groups: [{{arn: '{group}'}}]}}"));
    let (snapshot, codes) = load_beside(template, &home, &[]);
    assert_eq!(codes, Vec::<&str>::new());
    assert_eq!(
        snapshot.principals[0].groups,
        Given::Here(vec![group.to_owned()])
    );
}

/// Rule: IAM-TRI-7.
#[test]
fn an_owner_that_is_not_determined_may_be_any() {
    let owners = |kind: &str, property: &str| {
        format!(
            "Parameters: {{P: {{Type: String}}}}\nResources:\n  R: {{Type: 'AWS::IAM::Role'}}\n  S: {{Type: 'AWS::IAM::Role'}}\n  B: {{Type: 'AWS::S3::Bucket'}}\n  Q: {{Type: 'AWS::SQS::Queue'}}\n  \
             X:\n    Type: {kind}\n    Properties: {{PolicyName: p, {property}, PolicyDocument: {DENY}}}\n"
        )
    };
    let (snapshot, codes) = load(&owners("AWS::IAM::Policy", "Roles: [!Ref R, !Ref P]"), &[]);
    assert_eq!(codes, ["PROPERTY_NOT_DETERMINED"]);
    let other = "arn:aws:iam::111122223333:role/S";
    for role in [ROLE, other] {
        assert_eq!(hangs_on(&snapshot, Layer::Identity, role), ["P", "X"]);
    }
    let role = snapshot
        .principals
        .iter()
        .find(|one| one.arn.as_str() == ROLE);
    assert_eq!(role.unwrap().policies.value().unwrap().len(), 1);
    let (snapshot, _) = load(&owners("AWS::S3::BucketPolicy", "Bucket: !Ref P"), &[]);
    let bucket = "arn:aws:s3:::B";
    let queue = "arn:aws:sqs:us-west-2:111122223333:Q";
    assert_eq!(hangs_on(&snapshot, Layer::Resource, bucket), ["P", "X"]);
    assert!(hangs_on(&snapshot, Layer::Resource, queue).is_empty());
    let (snapshot, _) = load(&owners("AWS::SQS::QueuePolicy", "Queues: [!Ref P]"), &[]);
    assert_eq!(hangs_on(&snapshot, Layer::Resource, queue), ["P", "X"]);
    assert!(hangs_on(&snapshot, Layer::Resource, bucket).is_empty());
}

#[test]
fn a_user_that_is_not_determined_leaves_the_others_their_group() {
    let template = format!(
        "Parameters: {{P: {{Type: String}}}}\nResources:\n  U: {{Type: 'AWS::IAM::User'}}\n  \
         G: {{Type: 'AWS::IAM::Group', Properties: {{Policies: [{{PolicyName: p, PolicyDocument: {DENY}}}]}}}}\n  \
         A: {{Type: 'AWS::IAM::UserToGroupAddition', Properties: {{GroupName: !Ref G, Users: [!Ref U, !Ref P]}}}}\n"
    );
    let (snapshot, _) = load(&template, &[]);
    let group = "arn:aws:iam::111122223333:group/G".to_owned();
    assert_eq!(snapshot.principals[0].groups, Given::Here(vec![group]));
    let user = "arn:aws:iam::111122223333:user/U";
    assert_eq!(hangs_on(&snapshot, Layer::Identity, user), ["A", "P"]);
}

/// Rule: IAM-TRI-7.
#[test]
fn whether_a_resource_is_made_hangs_on_its_condition() {
    let head = "Parameters: {E: {Type: String}}\nConditions: {Prod: !Equals [!Ref E, prod], Dev: !Not [!Condition Prod]}\nResources:\n  R: {Type: 'AWS::IAM::Role'}\n";
    let policy = |name: &str, condition: &str| {
        format!(
            "  {name}:\n    Type: AWS::IAM::Policy\n    Condition: {condition}\n    Properties: {{PolicyName: p, Roles: [!Ref R], PolicyDocument: {DENY}}}\n"
        )
    };
    let template = format!("{head}{}{}", policy("A", "Prod"), policy("B", "Dev"));
    let (snapshot, codes) = load(&template, &[]);
    assert_eq!(codes, ["CONDITION_NOT_DETERMINED"; 2]);
    let names = hangs_on(&snapshot, Layer::Identity, ROLE);
    assert_eq!(names, ["A", "B", "Dev", "E", "Prod"]);
    assert_eq!(snapshot.principals[0].policies, Given::LeftOut);
    let (snapshot, codes) = load(&template, &[("E", "dev")]);
    assert_eq!(codes, Vec::<&str>::new());
    assert!(hangs_on(&snapshot, Layer::Identity, ROLE).is_empty());
    assert_eq!(snapshot.principals[0].policies.value().unwrap().len(), 1);
    // The key itself, and one of two roles with one name.
    let template = format!(
        "{head}  K: {{Type: 'AWS::KMS::Key', Condition: Dev}}\n  \
         A: {{Type: 'AWS::IAM::Role', Condition: Prod, Properties: {{RoleName: one, Policies: [{{PolicyName: p, PolicyDocument: {DENY}}}]}}}}\n  \
         B: {{Type: 'AWS::IAM::Role', Condition: Dev, Properties: {{RoleName: one}}}}\n"
    );
    let (snapshot, _) = load(&template, &[]);
    let key = "arn:aws:kms:us-west-2:111122223333:key/K";
    assert_eq!(hangs_on(&snapshot, Layer::Resource, key), ["Dev", "E", "K"]);
    let one = "arn:aws:iam::111122223333:role/one";
    let names = hangs_on(&snapshot, Layer::Identity, one);
    assert_eq!(names, ["A", "B", "Dev", "E", "Prod"]);
    let one = snapshot
        .principals
        .iter()
        .find(|own| own.arn.as_str() == one);
    assert_eq!(one.unwrap().policies, Given::LeftOut);
}

#[test]
fn names_that_somebody_gives_and_nothing_determines_are_told() {
    for (name, expected) in [
        ("{RoleName: !Ref P}", &["NAME_NOT_DETERMINED"][..]),
        ("{Path: !Ref P}", &["NAME_NOT_DETERMINED"]),
        ("{RoleName: x}", &[]),
        ("{Description: x}", &[]),
    ] {
        let template = format!(
            "Parameters: {{P: {{Type: String}}}}\nResources:\n  R: {{Type: 'AWS::IAM::Role', Properties: {name}}}\n"
        );
        let (_, codes) = load(&template, &[]);
        assert_eq!(codes, expected, "{name}");
    }
}

#[test]
fn tags_that_are_not_determined_are_not_known() {
    let tags = |tags: &str, params: &[(&str, &str)]| {
        let template = format!(
            "Parameters: {{P: {{Type: String}}}}\nConditions: {{C: !Equals [!Ref P, x]}}\nResources:\n  R: {{Type: 'AWS::IAM::Role', Properties: {{Tags: {tags}}}}}\n"
        );
        let (mut snapshot, codes) = load(&template, params);
        let tags = snapshot.principals.remove(0).tags.unwrap();
        let tags: Vec<String> = tags
            .iter()
            .filter(|(key, _)| !key.starts_with("aws:cloudformation:"))
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        assert_eq!(
            codes.is_empty(),
            !tags.concat().contains(NOT_KNOWN),
            "{tags:?}"
        );
        tags.join(" ")
    };
    let value = "[{Key: a, Value: x}, {Key: env, Value: !Ref P}]";
    assert_eq!(tags(value, &[]), "a=x env=NOT_KNOWN");
    assert_eq!(tags(value, &[("P", "prod")]), "a=x env=prod");
    let key = "[{Key: !Ref P, Value: x}]";
    assert_eq!(tags(key, &[]), "NOT_KNOWN=NOT_KNOWN");
    let whole = "[{Key: a, Value: x}, !If [C, {Key: b, Value: y}, !Ref AWS::NoValue]]";
    assert_eq!(tags(whole, &[]), "NOT_KNOWN=NOT_KNOWN a=x");
    assert_eq!(tags(whole, &[("P", "y")]), "a=x");
    assert_eq!(tags(whole, &[("P", "x")]), "a=x b=y");
    assert_eq!(tags("!If [C, [], []]", &[]), "NOT_KNOWN=NOT_KNOWN");
    assert_eq!(tags("{a: x}", &[]), "a=x");
}

#[test]
fn macros_leave_what_they_change_unknown() {
    let key = "arn:aws:kms:us-west-2:111122223333:key/K";
    let transform = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: x}}";
    let plain = "Description: x, KeyPolicy: {Version: '2012-10-17', Statement: []}";
    for (head, resource) in [
        ("", format!("Properties: {{Description: x, {transform}}}")),
        (
            "",
            format!("Properties: {{KeyPolicy: {{Version: '2012-10-17', {transform}}}}}"),
        ),
        ("", format!("Properties: {{{plain}}}, {transform}")),
        ("", "Properties: {'Fn::If': [C, {}, {}]}".to_owned()),
        (
            "Transform: [AWS::Serverless-2016-10-31, Mine]\n",
            format!("Properties: {{{plain}}}"),
        ),
        ("Transform: Mine\n", "DependsOn: x".to_owned()),
    ] {
        let template = format!("{head}Resources:\n  K: {{Type: 'AWS::KMS::Key', {resource}}}\n");
        let (snapshot, codes) = load(&template, &[]);
        assert!(
            !hangs_on(&snapshot, Layer::Resource, key).is_empty(),
            "{template}"
        );
        assert_eq!(snapshot.keys[0].policy, Given::LeftOut, "{template}");
        let is_of_property = resource.contains("KeyPolicy: {Version: '2012-10-17', Fn");
        assert_eq!(
            codes.contains(&"MACRO_NOT_READ"),
            !is_of_property,
            "{template}"
        );
    }
    let known = "Transform: AWS::LanguageExtensions\nResources:\n  K: {Type: 'AWS::KMS::Key'}\n";
    let (snapshot, codes) = load(known, &[]);
    assert_eq!((codes.len(), snapshot.undetermined.len()), (0, 0));
    // A macro may attach a policy to anybody.
    let template = format!(
        "Resources:\n  R: {{Type: 'AWS::IAM::Role'}}\n  P: {{Type: 'AWS::IAM::Policy', Properties: {{PolicyDocument: {DENY}, {transform}}}}}\n"
    );
    let (snapshot, _) = load(&template, &[]);
    let names = hangs_on(&snapshot, Layer::Identity, ROLE);
    assert_eq!(names, ["Fn::Transform of AWS::Include", "P"]);
}

#[test]
fn keys_that_are_not_determined_are_not_known() {
    let template = "Parameters: {P: {Type: String}}\nResources:\n  \
        Q: {Type: 'AWS::SQS::Queue', Properties: {KmsMasterKeyId: !Ref P}}\n  \
        F: {Type: 'AWS::Lambda::Function', Properties: {Role: !Ref P}}\n  \
        B: {Type: 'AWS::S3::Bucket', Properties: {BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: !Ref P}}]}}}\n";
    let (snapshot, codes) = load(template, &[]);
    assert_eq!(codes, ["PROPERTY_NOT_DETERMINED"; 3]);
    let resource = |name: &str| {
        let mut all = snapshot.resources.iter();
        all.find(|one| one.arn.resource().ends_with(name)).unwrap()
    };
    assert_eq!(resource("Q").kms_key.as_deref(), Some(NOT_KNOWN));
    assert_eq!(resource("F").role.as_deref(), Some(NOT_KNOWN));
    assert!(resource("B").is_default_key_not_known());
    assert!(snapshot.resources.iter().all(|one| one.is_part_not_known()));
}

/// Rule: KMS-STATE-2.
#[test]
fn properties_of_keys_that_are_not_determined_are_not_known() {
    let key = |properties: &str| {
        let template = format!(
            "Parameters: {{P: {{Type: String}}}}\nResources:\n  K: {{Type: 'AWS::KMS::Key', Properties: {{{properties}}}}}\n"
        );
        let (mut snapshot, codes) = load(&template, &[]);
        (snapshot.keys.remove(0), codes)
    };
    let told = ["PROPERTY_NOT_DETERMINED"];
    let (record, codes) = key("Enabled: !Ref P");
    assert_eq!((record.state.as_str(), &codes[..]), (NOT_KNOWN, &told[..]));
    let (record, codes) = key("KeySpec: !Ref P");
    assert_eq!((record.spec.as_str(), &codes[..]), (NOT_KNOWN, &told[..]));
    let (record, codes) = key("KeySpec: RSA_2048, KeyUsage: !Ref P");
    assert_eq!((record.usage.as_str(), &codes[..]), (NOT_KNOWN, &told[..]));
    let (record, codes) = key("Origin: !Ref P");
    assert_eq!((record.origin.as_str(), &codes[..]), (NOT_KNOWN, &told[..]));
    assert_eq!(record.state, NOT_KNOWN);
    let (_, codes) = key("MultiRegion: !Ref P");
    assert_eq!(codes, told);
    let (record, codes) = key("Origin: EXTERNAL, Enabled: true");
    assert_eq!((record.state.as_str(), codes.len()), ("PendingImport", 0));
    assert_eq!(key("Enabled: false").0.state, "Disabled");
}

#[test]
fn an_alias_that_is_not_determined_may_be_there() {
    let template = "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\nResources:\n  K: {Type: 'AWS::KMS::Key'}\n  \
        A: {Type: 'AWS::KMS::Alias', Condition: C, Properties: {AliasName: alias/a, TargetKeyId: !Ref K}}\n  \
        B: {Type: 'AWS::KMS::Alias', Properties: {AliasName: alias/b, TargetKeyId: !Ref P}}\n";
    let (snapshot, _) = load_beside(template, COMPLETE, &[]);
    assert_eq!(snapshot.keys[0].aliases, None);
    let expected = [
        "arn:aws:kms:us-west-2:111122223333:alias/a",
        "arn:aws:kms:us-west-2:111122223333:alias/b",
        "arn:aws:kms:us-west-2:111122223333:key/K",
    ];
    assert_eq!(snapshot.external, expected);
}
