//! Keys: whom key policies name and what they delegate, identifiers, operations of several decisions.

use Verdict::{Allow, Depends, ExplicitDeny, ImplicitDeny, Invalid, NotApplicable};

use super::*;

const OTHER: &str = "arn:aws:kms:us-west-2:111122223333:key/22222222-2222-2222-2222-222222222222";
const MULTI: &str = "arn:aws:kms:us-west-2:111122223333:key/mrk-1234567890abcdef1234567890abcdef";
const FAR: &str = "arn:aws:kms:us-east-1:111122223333:key/22222222-2222-2222-2222-222222222222";

fn delegation() -> Value {
    of(ROOT, allow("kms:*", "*"))
}

/// R has these statements, and `K` the default policy.
fn with(statements: &[Value]) -> World {
    World::new()
        .with(R, statements)
        .key(&[delegation()], json!({"aliases": ["alias/app"]}))
}

/// R may do everything, and `K` has this policy.
fn under(statements: &[Value]) -> World {
    World::new()
        .with(R, &[allow("kms:*", "*")])
        .key(statements, json!({}))
}

fn decrypt() -> Value {
    asks(R_S, "kms:Decrypt", K)
}

#[test]
fn kms_pol_the_key_policy_is_the_door() {
    let names_r = || of(R, allow("kms:Decrypt", "*"));
    let bounded = |arn: &str, policy_names: Value| {
        World::new()
            .principal(arn, json!({"boundary": policy(&[allow("s3:*", "*")])}))
            .key(&[policy_names], json!({}))
    };
    let describes = of(ROOT, allow("kms:Describe*", "*"));
    let through_s3 = when(
        "StringEquals",
        "kms:ViaService",
        "s3.us-west-2.amazonaws.com",
        delegation(),
    );
    let other_key = of(R, allow("kms:*", OTHER));
    let sagemaker = of(
        json!({"Service": "sagemaker.amazonaws.com"}),
        allow("kms:*", "*"),
    );
    let by_trail = of(
        json!({"Service": "cloudtrail.amazonaws.com"}),
        allow("kms:*", "*"),
    );
    let by_trail = when("StringLike", "kms:ViaService", "*", by_trail);
    let no_resource = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:*"});
    check([
        ("T1 no identity policy", with(&[]), decrypt(), ImplicitDeny),
        ("both", with(&[allow("kms:Decrypt", K)]), decrypt(), Allow),
        (
            "T2 another user is named",
            under(&[of(U, allow("kms:*", "*"))]).with(U, &[]),
            decrypt(),
            ImplicitDeny,
        ),
        (
            "T3 the role is named",
            World::new().with(R, &[]).key(&[names_r()], json!({})),
            decrypt(),
            Allow,
        ),
        (
            "T4 the role is named, boundary",
            bounded(R, names_r()),
            decrypt(),
            ImplicitDeny,
        ),
        (
            "T5 the user is named, boundary",
            bounded(U, of(U, allow("kms:*", "*"))),
            asks(U, "kms:Decrypt", K),
            Allow,
        ),
        (
            "T6 root user, default policy",
            with(&[]),
            asks(ROOT, "kms:Encrypt", K),
            Allow,
        ),
        (
            "T7 root user, not named",
            under(&[names_r()]),
            asks(ROOT, "kms:Encrypt", K),
            ImplicitDeny,
        ),
        (
            "T8 another action is delegated",
            under(&[describes]),
            decrypt(),
            ImplicitDeny,
        ),
        (
            "T9 delegated through S3, direct",
            under(std::slice::from_ref(&through_s3)),
            decrypt(),
            ImplicitDeny,
        ),
        (
            "T9 delegated through S3, by S3",
            under(&[through_s3]),
            and(decrypt(), "via", "s3"),
            Allow,
        ),
        (
            "T33 a role of a service",
            under(&[sagemaker]),
            decrypt(),
            ImplicitDeny,
        ),
        (
            "T34 a service that acts as itself",
            World::new().key(&[by_trail], json!({})),
            asks("cloudtrail.amazonaws.com", "kms:Decrypt", K),
            ImplicitDeny,
        ),
        (
            "T38 no Resource",
            under(&[delegation(), no_resource]),
            decrypt(),
            Allow,
        ),
        (
            "T39 another key's ARN",
            under(&[other_key]),
            decrypt(),
            ImplicitDeny,
        ),
        (
            "KMS-POL-8 nobody signed",
            under(&[of("*", allow("kms:*", "*"))]),
            asks("anonymous", "kms:Decrypt", K),
            ImplicitDeny,
        ),
    ]);
}

#[test]
fn kms_id_names_of_keys() {
    let aliased =
        |key: &str, operator: &str| with(&[when(operator, key, "alias/app", allow("kms:*", "*"))]);
    let alias = "arn:aws:kms:us-west-2:111122223333:alias/app";
    check([
        ("T10 an alias ARN in Resource", with(&[allow("kms:*", alias)]), decrypt(), ImplicitDeny),
        ("T11 another Region", with(&[allow("kms:*", "arn:aws:kms:us-east-1:*:key/*")]), decrypt(), ImplicitDeny),
        ("T12 typed by ARN", aliased("kms:RequestAlias", "StringEquals"), decrypt(), ImplicitDeny),
        (
            "T12 typed by alias",
            aliased("kms:RequestAlias", "StringEquals"),
            asks(R_S, "kms:Decrypt", "alias/app"),
            Allow,
        ),
        ("T13 aliases of the key", aliased("kms:ResourceAliases", "ForAnyValue:StringEquals"), decrypt(), Allow),
        ("no such key", with(&[allow("kms:*", "*")]), asks(R_S, "kms:Decrypt", "alias/other"), ImplicitDeny),
        (
            "not loaded",
            World::new().with(R, &[allow("kms:*", "*")]).set("complete", json!(false)).set("layers_open", json!(["scp", "rcp", "vpce"])),
            decrypt(),
            Depends,
        ),
        (
            "T42 a replica has a policy of its own",
            World::new()
                .with(R, &[allow("kms:*", "*")])
                .add("keys", json!({"arn": "arn:aws:kms:us-east-1:111122223333:key/mrk-1234567890abcdef1234567890abcdef", "policy": policy(&[delegation()])}))
                .add("keys", json!({"arn": MULTI, "policy": policy(&[of(U, allow("kms:*", "*"))])})),
            asks(R_S, "kms:Decrypt", MULTI),
            ImplicitDeny,
        ),
        (
            "KMS-ID-7 an ARN of another Region than the call's",
            with(&[allow("kms:*", "*")]),
            and(decrypt(), "region", "us-east-1"),
            Invalid,
        ),
        (
            "KMS-ID-8 no name of an alias",
            with(&[allow("kms:*", "*")]),
            json!({"principal": R_S, "operation": "kms:DeleteAlias", "parameters": {"AliasName": "app"}, "mode": "closed"}),
            Invalid,
        ),
        (
            "IAM-TRI-7 a session of a role that exists and is not loaded",
            World::new().key(&[delegation()], json!({})).set("external", json!([R])),
            decrypt(),
            Depends,
        ),
        (
            "KMS-DEC-2 tags left out, in a closed context",
            World::new()
                .with(R, &[when("Null", "aws:ResourceTag/t", "true", allow("kms:*", "*"))])
                .key(&[delegation()], json!({"grants": []}))
                .set("complete", json!(false))
                .set("layers_open", json!(["scp", "rcp", "vpce", "boundary", "session"])),
            decrypt(),
            Allow,
        ),
        (
            "KMS-ID-1 an alias of another Region",
            with(&[allow("kms:*", "*")]),
            and(asks(R_S, "kms:Decrypt", "alias/app"), "region", "us-east-1"),
            ImplicitDeny,
        ),
        (
            "IAM-TRI-7 a key that exists and is not loaded",
            with(&[allow("kms:*", "*")])
                .set("external", json!(["arn:aws:kms:*:111122223333:key/*"]))
                .set("layers_empty", json!(["grants"])),
            asks(R_S, "kms:Decrypt", OTHER),
            Depends,
        ),
        (
            "IAM-TRI-7 and one that does not",
            with(&[allow("kms:*", "*")])
                .set("external", json!(["arn:aws:kms:eu-west-1:*:key/*"]))
                .set("layers_empty", json!(["grants"])),
            asks(R_S, "kms:Decrypt", OTHER),
            ImplicitDeny,
        ),
    ]);
}

#[test]
fn kms_act_operations_are_several_decisions() {
    let operation = |name: &str, parameters: Value| json!({"principal": R_S, "operation": name, "parameters": parameters, "mode": "closed"});
    let two = |statements: &[Value]| {
        let other = json!({"arn": OTHER, "policy": policy(&[delegation()])});
        with(statements).add("keys", other)
    };
    let reencrypt = || {
        let parameters = json!({"SourceKeyId": K, "DestinationKeyId": OTHER});
        let request = operation("kms:ReEncrypt", parameters);
        and(request, "ciphertext_key", K)
    };
    let create_alias = || {
        operation(
            "kms:CreateAlias",
            json!({"AliasName": "alias/new", "TargetKeyId": K}),
        )
    };
    let tagged = || {
        operation(
            "kms:CreateKey",
            json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        )
    };
    let replicate = |tags: Value| {
        let parameters = json!({"KeyId": MULTI, "ReplicaRegion": "us-east-1", "Tags": tags});
        operation("kms:ReplicateKey", parameters)
    };
    let creates = || allow("kms:CreateKey", "*");
    let new_alias = || allow("kms:CreateAlias", "arn:aws:kms:*:*:alias/new");
    check([
        (
            "T14 no such action",
            two(&[allow("kms:ReEncrypt", "*")]),
            reencrypt(),
            ImplicitDeny,
        ),
        (
            "T15 the one half",
            two(&[allow("kms:ReEncryptFrom", K)]),
            reencrypt(),
            ImplicitDeny,
        ),
        (
            "both halves",
            two(&[
                allow("kms:ReEncryptFrom", K),
                allow("kms:ReEncryptTo", OTHER),
            ]),
            reencrypt(),
            Allow,
        ),
        (
            "the wrong way round",
            two(&[
                allow("kms:ReEncryptTo", K),
                allow("kms:ReEncryptFrom", OTHER),
            ]),
            reencrypt(),
            ImplicitDeny,
        ),
        (
            "T40 the alias alone",
            with(&[new_alias()]),
            create_alias(),
            ImplicitDeny,
        ),
        (
            "alias and key",
            with(&[new_alias(), allow("kms:CreateAlias", K)]),
            create_alias(),
            Allow,
        ),
        ("KMS-ACT-5 tags", with(&[creates()]), tagged(), ImplicitDeny),
        (
            "KMS-ACT-5 tags are allowed",
            with(&[creates(), allow("kms:TagResource", "*")]),
            tagged(),
            Allow,
        ),
        (
            "no tags",
            with(&[creates()]),
            operation("kms:CreateKey", json!({})),
            Allow,
        ),
        (
            "TRAP-46 keys are not everything",
            with(&[allow("kms:ListKeys", "arn:aws:kms:*:*:key/*")]),
            asks(R_S, "kms:ListKeys", "*"),
            ImplicitDeny,
        ),
        (
            "KMS-ACT-6 a key policy cannot give it",
            World::new()
                .with(R, &[])
                .key(&[of(R, allow("kms:*", "*"))], json!({})),
            asks(R_S, "kms:ListKeys", "*"),
            ImplicitDeny,
        ),
        (
            "KMS-ACT-5 a replica with tags",
            World::new()
                .with(R, &[allow("kms:ReplicateKey", "*"), creates()])
                .add(
                    "keys",
                    json!({"arn": MULTI, "policy": policy(&[delegation()])}),
                ),
            replicate(json!([{"TagKey": "a", "TagValue": "b"}])),
            ImplicitDeny,
        ),
        (
            "KMS-ACT-5 a replica without",
            World::new()
                .with(R, &[allow("kms:ReplicateKey", "*"), creates()])
                .add(
                    "keys",
                    json!({"arn": MULTI, "policy": policy(&[delegation()])}),
                ),
            replicate(json!([])),
            Allow,
        ),
    ]);
}

#[test]
fn kms_xa_keys_of_other_accounts() {
    let theirs = |statements: &[Value], names: Value| {
        World::new().with(B_R, statements).key(&[names], json!({}))
    };
    let all = || [allow("kms:*", "*")];
    let asked = |action: &str, key: &str| asks(B_R_S, action, key);
    let organized = |statements: &[Value]| {
        let anybody = when(
            "StringEquals",
            "aws:PrincipalOrgID",
            "o-1",
            of("*", allow("kms:*", "*")),
        );
        let members = json!([{"id": A, "parent": "r-ab12"}, {"id": B, "parent": "r-ab12"}]);
        theirs(statements, anybody).set(
            "organization",
            json!({"id": "o-1", "management_account": "999999999999", "root": {"id": "r-ab12"}, "accounts": members}),
        )
    };
    let disabled = theirs(&all(), of(B, allow("kms:*", "*")))
        .set("disabled_regions", json!({B: ["us-west-2"]}));
    check([
        (
            "T28 the role alone",
            theirs(&[], of(B_R, allow("kms:*", "*"))),
            asked("kms:Decrypt", K),
            ImplicitDeny,
        ),
        (
            "the role and its policy",
            theirs(&all(), of(B_R, allow("kms:*", "*"))),
            asked("kms:Decrypt", K),
            Allow,
        ),
        (
            "T29 not across accounts",
            theirs(&all(), of(B, allow("kms:*", "*"))),
            asked("kms:TagResource", K),
            ImplicitDeny,
        ),
        (
            "T30 the organization alone",
            organized(&[]),
            asked("kms:Decrypt", K),
            ImplicitDeny,
        ),
        (
            "T30 the organization and a policy",
            organized(&all()),
            asked("kms:Decrypt", K),
            Allow,
        ),
        (
            "KMS-XA-3 a Region that is not enabled",
            disabled,
            asked("kms:Decrypt", K),
            ImplicitDeny,
        ),
        (
            "KMS-ID-5 a short id is one's own",
            theirs(&all(), of(B, allow("kms:*", "*"))),
            asked("kms:Decrypt", "11111111-1111-1111-1111-111111111111"),
            ImplicitDeny,
        ),
        (
            "another Region's key",
            theirs(&all(), of(B, allow("kms:*", "*"))),
            asked("kms:Decrypt", FAR),
            ImplicitDeny,
        ),
        (
            "KMS-POL-2 shared by RAM",
            World::new().with(B_R, &all()).key(
                &[of(R, allow("kms:*", "*"))],
                json!({"ram_policy": policy(&[of(B_R, allow("kms:Decrypt", "*"))])}),
            ),
            asked("kms:Decrypt", K),
            Allow,
        ),
    ]);
}

#[test]
fn kms_amk_keys_that_aws_manages() {
    let managed = |statements: &[Value]| {
        World::new()
            .with(R, statements)
            .with(B_R, &[allow("kms:*", "*")])
            .key(&[], json!({"manager": "AWS", "service": "s3"}))
    };
    let owned = World::new()
        .with(R, &[])
        .key(&[], json!({"manager": "AWS_OWNED"}));
    let data_key = || asks(R_S, "kms:GenerateDataKey", K);
    let by_s3 = |request: Value| and(request, "via", "s3");
    check([
        (
            "T31 through its service",
            managed(&[]),
            by_s3(data_key()),
            Allow,
        ),
        ("T31 direct", managed(&[]), data_key(), ImplicitDeny),
        (
            "T31 direct, with a policy",
            managed(&[allow("kms:*", "*")]),
            data_key(),
            ImplicitDeny,
        ),
        (
            "T31 from another account",
            managed(&[]),
            by_s3(asks(B_R_S, "kms:GenerateDataKey", K)),
            ImplicitDeny,
        ),
        (
            "through another service",
            managed(&[]),
            and(data_key(), "via", "sqs"),
            ImplicitDeny,
        ),
        (
            "T32 denied",
            managed(&[deny("kms:*", "*")]),
            by_s3(data_key()),
            ExplicitDeny,
        ),
        (
            "KMS-AMK-3 not editable",
            World::new()
                .with(R, &[allow("*", "*")])
                .key(&[delegation()], json!({"manager": "AWS", "service": "s3"})),
            asks(R_S, "kms:PutKeyPolicy", K),
            ImplicitDeny,
        ),
        (
            "KMS-AMK-3 a deny is told all the same",
            World::new()
                .with(R, &[deny("kms:*", "*")])
                .key(&[delegation()], json!({"manager": "AWS", "service": "s3"})),
            asks(R_S, "kms:UpdateAlias", K),
            ExplicitDeny,
        ),
        ("KMS-AMK-5 AWS's own", owned, decrypt(), NotApplicable),
    ]);
}

#[test]
fn kms_cond_keys_of_kms() {
    let tested = |operator: &str, key: &str, operand: Value| {
        with(&[when(operator, key, operand, allow("kms:*", "*"))])
    };
    let in_context = |context: Value| and(decrypt(), "encryption_context", context);
    let named = || tested("StringEquals", "kms:EncryptionContext:appname", json!("X"));
    let only = || {
        tested(
            "ForAllValues:StringEquals",
            "kms:EncryptionContextKeys",
            json!(["AppName"]),
        )
    };
    let described = asks(R_S, "kms:DescribeKey", K);
    let create_key =
        |parameters: Value| and(asks(R_S, "kms:CreateKey", "*"), "parameters", parameters);
    let spec = || tested("StringEquals", "kms:KeySpec", json!("SYMMETRIC_DEFAULT"));
    let bypass = || tested("Null", "kms:BypassPolicyLockoutSafetyCheck", json!("true"));
    let put = |parameters: Value| and(asks(R_S, "kms:PutKeyPolicy", K), "parameters", parameters);
    check([
        (
            "T16 names have no letter case",
            named(),
            in_context(json!({"AppName": "X"})),
            Allow,
        ),
        (
            "values do",
            named(),
            in_context(json!({"AppName": "x"})),
            ImplicitDeny,
        ),
        (
            "T18 no context at all",
            only(),
            in_context(json!({})),
            Allow,
        ),
        (
            "T18 another pair",
            only(),
            in_context(json!({"AppName": "X", "b": "c"})),
            ImplicitDeny,
        ),
        (
            "T19 an operation without context",
            named(),
            described,
            ImplicitDeny,
        ),
        (
            "KMS-COND-0 the default counts",
            spec(),
            create_key(json!({})),
            Allow,
        ),
        (
            "KMS-DEC-2 nothing given is as if nothing was in it",
            spec(),
            asks(R_S, "kms:CreateKey", "*"),
            Allow,
        ),
        (
            "another spec",
            spec(),
            create_key(json!({"KeySpec": "RSA_2048"})),
            ImplicitDeny,
        ),
        (
            "KMS-COND-0 left out, it is absent",
            bypass(),
            put(json!({"PolicyName": "default"})),
            Allow,
        ),
        (
            "KMS-COND-0 given, it is there",
            bypass(),
            put(json!({"BypassPolicyLockoutSafetyCheck": true})),
            ImplicitDeny,
        ),
        (
            "the key's own spec",
            tested("StringEquals", "kms:KeySpec", json!("SYMMETRIC_DEFAULT")),
            decrypt(),
            Allow,
        ),
        (
            "the caller's account",
            tested("StringEquals", "kms:CallerAccount", json!(A)),
            decrypt(),
            Allow,
        ),
        (
            "another usage than the key's",
            tested("StringEquals", "kms:KeyUsage", json!("SIGN_VERIFY")),
            decrypt(),
            ImplicitDeny,
        ),
        (
            "KMS-COND-0 thirty days if nothing is said",
            tested(
                "NumericEquals",
                "kms:ScheduleKeyDeletionPendingWindowInDays",
                json!("30"),
            ),
            and(
                asks(R_S, "kms:ScheduleKeyDeletion", K),
                "parameters",
                json!({"KeyId": K}),
            ),
            Allow,
        ),
        (
            "no alias is typed",
            tested("Null", "kms:RequestAlias", json!("true")),
            asks(R_S, "kms:Decrypt", "11111111-1111-1111-1111-111111111111"),
            Allow,
        ),
        (
            "KMS-COND-1 a key policy does not see its key's aliases",
            World::new().with(R, &[]).key(
                &[when(
                    "Null",
                    "kms:ResourceAliases",
                    "true",
                    of(R, allow("kms:*", "*")),
                )],
                json!({"aliases": ["alias/app"]}),
            ),
            decrypt(),
            Allow,
        ),
    ]);
}

#[test]
fn kms_state_1_the_state_of_a_key_decides_nothing() {
    let in_state = |members: Value| {
        World::new()
            .with(R, &[allow("kms:*", "*")])
            .key(&[delegation()], members)
    };
    check([
        (
            "T35 disabled",
            in_state(json!({"state": "Disabled"})),
            decrypt(),
            Allow,
        ),
        (
            "T36 for signatures",
            in_state(json!({"spec": "RSA_2048", "usage": "SIGN_VERIFY"})),
            asks(R_S, "kms:Encrypt", K),
            Allow,
        ),
        (
            "T37 pending deletion",
            in_state(json!({"state": "PendingDeletion"})),
            asks(R_S, "kms:TagResource", K),
            Allow,
        ),
    ]);
}
