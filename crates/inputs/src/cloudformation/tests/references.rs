//! What only the deployment tells: dynamic references, Parameter Store, tags of the stack, functions that are not evaluated.

use super::*;

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/K";
const REFERENCE: &str = "{{resolve:ssm:/x}}";

/// A key whose policy has an expression in it.
fn key_policy(head: &str, expression: &str) -> String {
    format!(
        "{head}\nResources:\n  K:\n    Type: AWS::KMS::Key\n    Properties: {{KeyPolicy: {{Version: '2012-10-17', Statement: {{Effect: Deny, \
         Principal: '*', Action: 'kms:*', Resource: '*', Condition: {{StringEquals: {{'aws:PrincipalAccount': {expression}}}}}}}}}}}\n"
    )
}

/// Rule: IAM-TRI-7.
#[test]
fn a_dynamic_reference_is_no_text() {
    let head = "Parameters: {P: {Type: String, Default: '{{resolve:ssm:/x}}'}, Q: {Type: String}}\n\
                Mappings: {M: {a: {b: '{{resolve:ssm:/x}}'}}}";
    for (expression, also) in [
        ("'{{resolve:ssm:/x}}'", ""),
        ("['1', 'a{{resolve:ssm:/x}}b']", ""),
        ("!Sub '${AWS::Region}{{resolve:ssm:/x}}'", ""),
        ("!Sub ['{{resolve:ssm:/${V}}}', {V: x}]", ""),
        ("!Join ['', ['{{resolve:ssm:', '/x}}']]", ""),
        ("!Join ['-', [a, '{{resolve:ssm:/x}}']]", ""),
        ("!Select [0, !Split [',', '{{resolve:ssm:/x}}']]", ""),
        ("!FindInMap [M, a, b]", ""),
        ("!Ref P", "P"),
    ] {
        let (snapshot, _) = load(&key_policy(head, expression), &[]);
        let names = hangs_on(&snapshot, Layer::Resource, KEY);
        assert!(names.contains(&REFERENCE), "{expression}: {names:?}");
        assert!(also != "P" || names.contains(&"P"), "{names:?}");
        assert_eq!(snapshot.keys[0].policy, Given::LeftOut, "{expression}");
    }
    let (snapshot, _) = load(&key_policy(head, "!Ref Q"), &[("Q", REFERENCE)]);
    let names = hangs_on(&snapshot, Layer::Resource, KEY);
    assert_eq!(names, ["K", "Q", REFERENCE]);
    let name = key_policy(head, "a").replace("aws:PrincipalAccount", "{{resolve:ssm:/x}}");
    let (snapshot, _) = load(&name, &[]);
    assert_eq!(hangs_on(&snapshot, Layer::Resource, KEY), ["K", REFERENCE]);
    // That decides nothing either.
    let conditional = format!(
        "Conditions: {{C: !Equals ['{REFERENCE}', a]}}\nResources:\n  K: {{Type: 'AWS::KMS::Key', Condition: C}}\n"
    );
    let (snapshot, codes) = load(&conditional, &[]);
    assert_eq!(codes, ["CONDITION_NOT_DETERMINED"]);
    assert_eq!(
        hangs_on(&snapshot, Layer::Resource, KEY),
        ["C", "K", REFERENCE]
    );
}

/// Rule: IAM-TRI-7.
#[test]
fn properties_that_are_dynamic_references_are_not_known() {
    let template = format!(
        "Resources:\n  \
         K: {{Type: 'AWS::KMS::Key', Properties: {{KeySpec: '{REFERENCE}', Enabled: '{REFERENCE}', Tags: [{{Key: a, Value: '{REFERENCE}'}}]}}}}\n  \
         Q: {{Type: 'AWS::SQS::Queue', Properties: {{KmsMasterKeyId: '{REFERENCE}'}}}}\n  \
         R: {{Type: 'AWS::IAM::Role', Properties: {{RoleName: '{REFERENCE}'}}}}\n  \
         P: {{Type: 'AWS::IAM::Policy', Properties: {{PolicyName: p, Roles: ['{REFERENCE}'], PolicyDocument: {DENY}}}}}\n"
    );
    let (snapshot, mut codes) = load(&template, &[]);
    codes.sort_unstable();
    let mut expected = ["PROPERTY_NOT_DETERMINED"; 6];
    expected[0] = "NAME_NOT_DETERMINED";
    assert_eq!(codes, expected);
    let key = &snapshot.keys[0];
    assert_eq!((&*key.spec, &*key.state), (NOT_KNOWN, NOT_KNOWN));
    assert_eq!(key.tags.as_ref().unwrap()["a"], NOT_KNOWN);
    assert_eq!(snapshot.resources[0].kms_key.as_deref(), Some(NOT_KNOWN));
    assert_eq!(hangs_on(&snapshot, Layer::Identity, ROLE), ["P", REFERENCE]);
}

/// Rule: UI-31, IAM-TRI-7.
#[test]
fn what_parameter_store_holds_is_not_known() {
    let head = "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /d}, N: {Type: 'AWS::SSM::Parameter::Name', Default: n}}";
    for (params, name, told) in [
        (&[][..], "/d in Parameter Store", &[][..]),
        (
            &[("P", "/x")],
            "/x in Parameter Store",
            &["PARAMETER_IS_A_NAME"],
        ),
    ] {
        let (snapshot, codes) = load(&key_policy(head, "!Ref P"), params);
        assert_eq!(codes, told);
        assert_eq!(hangs_on(&snapshot, Layer::Resource, KEY), [name, "K", "P"]);
    }
    for params in [&[][..], &[("N", "/x")]] {
        let (snapshot, codes) = load(&key_policy(head, "!Ref N"), params);
        assert!(snapshot.keys[0].policy.value().is_some() && codes.is_empty());
    }
}

/// The stack's name, its id and the logical id are tags of whatever takes tags.
#[test]
fn tags_of_the_stack_are_not_known() {
    let names = [
        "aws:cloudformation:logical-id",
        "aws:cloudformation:stack-id",
        "aws:cloudformation:stack-name",
    ];
    let tagged =
        "Resources:\n  K: {Type: 'AWS::KMS::Key', Properties: {Tags: [{Key: b, Value: x}]}}\n";
    let bare = "Resources:\n  K: {Type: 'AWS::KMS::Key'}\n";
    for (template, home, own) in [
        (tagged, HOME, 1),
        (tagged, COMPLETE, 1),
        (bare, COMPLETE, 0),
    ] {
        let (snapshot, codes) = load_beside(template, home, &[]);
        let tags = snapshot.keys[0].tags.as_ref().unwrap();
        assert!(names.iter().all(|name| tags[*name] == NOT_KNOWN));
        assert_eq!((tags.len(), codes.len()), (3 + own, 0));
    }
    let (snapshot, _) = load(bare, &[]);
    assert_eq!(snapshot.keys[0].tags, None, "others may be there too");
}

#[test]
fn functions_that_are_not_evaluated_leave_the_rest() {
    for function in ["ToJsonString", "Length", "GetStackOutput", "ForEach"] {
        let template = format!(
            "Rules: {{R: {{Assertions: [{{Assert: !Contains [[a], !ValueOf [P, x]]}}, {{Assert: !EachMemberIn [!RefAll x, [a]]}}]}}}}\n{}  R: {{Type: 'AWS::IAM::Role'}}\n",
            key_policy("", &format!("!{function} [a]"))
        );
        let (snapshot, codes) = load(&template, &[]);
        let expected = format!("Fn::{function}");
        assert_eq!(hangs_on(&snapshot, Layer::Resource, KEY), [&*expected, "K"]);
        assert_eq!((snapshot.principals.len(), codes.len()), (1, 0));
    }
}

/// `AWS::Lambda::Permission` as Lambda writes it into the policy of the function.
#[test]
fn permissions_keep_their_conditions() {
    let permission = |properties: &str| {
        let template = format!(
            "Resources:\n  P: {{Type: 'AWS::Lambda::Permission', Properties: {{FunctionName: f, Action: 'lambda:InvokeFunction', Principal: '*', {properties}}}}}\n"
        );
        let (mut snapshot, _) = load(&template, &[]);
        let open = hangs_on(
            &snapshot,
            Layer::Resource,
            "arn:aws:lambda:us-west-2:111122223333:function:f",
        );
        let open = open.join(" ");
        let policy = snapshot.resources.pop();
        let policy = policy.and_then(|one| one.policy.value().cloned());
        let conditions = policy
            .iter()
            .flat_map(|policy| &policy.statements[0].conditions);
        let shown = conditions.map(|test| {
            let values = &test.operands[0].template;
            format!(
                "{} {} {values:?}",
                test.operator_text.as_str(),
                test.key.as_str()
            )
        });
        (shown.collect::<String>(), open)
    };
    for (property, condition) in [
        ("SourceAccount: value", "StringEquals AWS:SourceAccount"),
        ("PrincipalOrgID: value", "StringEquals aws:PrincipalOrgID"),
        ("SourceArn: 'arn:aws:s3:::value'", "ArnLike AWS:SourceArn"),
        (
            "EventSourceToken: value",
            "StringEquals lambda:EventSourceToken",
        ),
        (
            "FunctionUrlAuthType: value",
            "StringEquals lambda:FunctionUrlAuthType",
        ),
        (
            "InvokedViaFunctionUrl: true",
            "Bool lambda:InvokedViaFunctionUrl",
        ),
    ] {
        let (found, open) = permission(property);
        assert!(found.starts_with(condition), "{property}: {found}");
        assert!(found.contains("value") || found.contains("true"), "{found}");
        assert_eq!(open, "");
    }
    for (property, open) in [
        ("New: x", "New P"),
        ("InvokedViaFunctionUrl: false", "InvokedViaFunctionUrl P"),
    ] {
        assert_eq!(permission(property), (String::new(), open.to_owned()));
    }
}

#[test]
fn permissions_name_their_function_in_several_ways() {
    for name in [
        "f",
        "111122223333:function:f",
        "arn:aws:lambda:us-west-2:111122223333:function:f",
    ] {
        let template = format!(
            "Resources:\n  P: {{Type: 'AWS::Lambda::Permission', Properties: {{FunctionName: '{name}', Action: 'lambda:*', Principal: '*'}}}}\n"
        );
        let (snapshot, _) = load(&template, &[]);
        let arn = snapshot.resources[0].arn.as_str();
        assert_eq!(arn, "arn:aws:lambda:us-west-2:111122223333:function:f");
    }
}

/// Each of the next one twice: conditions that are known are evaluated once.
#[test]
fn conditions_in_conditions_do_not_double() {
    let mut conditions = "C0: !Equals [a, a]".to_owned();
    for number in 1..40 {
        let below = number - 1;
        conditions.push_str(&format!(
            ", C{number}: !And [!Condition C{below}, !Condition C{below}]"
        ));
    }
    let template = format!(
        "Conditions: {{{conditions}}}\nResources:\n  K: {{Type: 'AWS::KMS::Key', Condition: C39}}\n"
    );
    let (snapshot, codes) = load(&template, &[]);
    assert_eq!((snapshot.undetermined.len(), codes.len()), (0, 0));
}
