//! Grants: whom they mean, what they cover, what they may pass on, who retires them.

use Verdict::{Allow, Depends, ExplicitDeny, ImplicitDeny};

use super::*;

/// A grant of these operations.
fn grant(grantee: &str, operations: &[&str]) -> Value {
    json!({"GrantId": "g1", "GranteePrincipal": grantee, "Operations": operations})
}

/// The key with one grant, under a policy that names nobody who asks.
fn granted(grant: Value) -> World {
    let others = of("arn:aws:iam::111122223333:role/admin", allow("kms:*", "*"));
    let world = World::new().with("arn:aws:iam::111122223333:role/admin", &[]);
    world.key(&[others], json!({ "grants": [grant] }))
}

fn decrypt(principal: &str) -> Value {
    asks(principal, "kms:Decrypt", K)
}

#[test]
fn kms_grant_1_grants_need_no_policy_and_lose_to_denies() {
    let to_r = || grant(R, &["Decrypt"]);
    let denied = of(R, deny("kms:*", "*"));
    let silent = json!({"boundary": policy(&[allow("s3:*", "*")])});
    let new = |token: Value| {
        let mut grant = to_r();
        grant["Consistent"] = json!(false);
        grant["GrantToken"] = token;
        granted(grant).with(R, &[])
    };
    let brings = |token: &str| and(decrypt(R_S), "grant_tokens", json!([token]));
    check([
        (
            "T21 no policy",
            granted(to_r()).with(R, &[]),
            decrypt(R_S),
            Allow,
        ),
        (
            "T20 the key policy denies",
            World::new()
                .with(R, &[])
                .key(&[denied], json!({"grants": [to_r()]})),
            decrypt(R_S),
            ExplicitDeny,
        ),
        (
            "another operation",
            granted(to_r()).with(R, &[]),
            asks(R_S, "kms:Encrypt", K),
            ImplicitDeny,
        ),
        (
            "IAM-TRI-7 a layer that is declared open",
            granted(to_r())
                .with(R, &[])
                .set("layers_open", json!(["grants"])),
            decrypt(R_S),
            Allow,
        ),
        (
            "IAM-TRI-7 a layer that is declared empty",
            granted(to_r())
                .with(R, &[])
                .set("layers_empty", json!(["grants"])),
            decrypt(R_S),
            ImplicitDeny,
        ),
        (
            "T22 another session",
            granted(grant(
                "arn:aws:sts::111122223333:assumed-role/R/s1",
                &["Decrypt"],
            ))
            .with(R, &[]),
            decrypt("arn:aws:sts::111122223333:assumed-role/R/s2"),
            ImplicitDeny,
        ),
        (
            "the session",
            granted(grant(R_S, &["Decrypt"])).with(R, &[]),
            decrypt(R_S),
            Allow,
        ),
        (
            "KMS-GRANT-10 a role's boundary",
            granted(to_r()).principal(R, silent.clone()),
            decrypt(R_S),
            ImplicitDeny,
        ),
        (
            "KMS-GRANT-10 not a user's",
            granted(grant(U, &["Decrypt"])).principal(U, silent),
            decrypt(U),
            Allow,
        ),
        (
            "KMS-GRANT-12 the account, no policy",
            granted(grant(A, &["Decrypt"])).with(R, &[]),
            decrypt(R_S),
            ImplicitDeny,
        ),
        (
            "KMS-GRANT-12 the account, and a policy",
            granted(grant(A, &["Decrypt"])).with(R, &[allow("kms:*", "*")]),
            decrypt(R_S),
            Allow,
        ),
        (
            "T27 new, no token",
            new(json!("t")),
            decrypt(R_S),
            ImplicitDeny,
        ),
        (
            "T27 new, another token",
            new(json!("t")),
            brings("u"),
            ImplicitDeny,
        ),
        (
            "T27 new, with its token",
            new(json!("t")),
            brings("t"),
            Allow,
        ),
    ]);
}

#[test]
fn kms_grant_5_constraints() {
    let constrained = |constraints: Value| {
        let mut grant = grant(R, &["Decrypt", "DescribeKey"]);
        grant["Constraints"] = constraints;
        granted(grant).with(R, &[])
    };
    let subset = || constrained(json!({"EncryptionContextSubset": {"appname": "X"}}));
    let equals = || constrained(json!({"EncryptionContextEquals": {"appname": "X"}}));
    let source = || constrained(json!({"SourceArn": BUCKET}));
    let with = |context: Value| and(decrypt(R_S), "encryption_context", context);
    let sourced =
        |request: Value, arn: &str| and(request, "context", json!({"aws:SourceArn": arn}));
    let described = || asks(R_S, "kms:DescribeKey", K);
    check([
        (
            "subset, more pairs",
            subset(),
            with(json!({"appname": "X", "b": "c"})),
            Allow,
        ),
        (
            "what is said of the keys counts",
            subset(),
            and(
                decrypt(R_S),
                "context",
                json!({"kms:EncryptionContextKeys": ["appname"], "kms:EncryptionContext:appname": "X"}),
            ),
            Allow,
        ),
        (
            "other names are said",
            subset(),
            and(
                decrypt(R_S),
                "context",
                json!({"kms:EncryptionContextKeys": ["b"]}),
            ),
            ImplicitDeny,
        ),
        (
            "nobody knows the names",
            equals(),
            and(
                decrypt(R_S),
                "unknown",
                json!(["kms:EncryptionContextKeys", "kms:EncryptionContext:appname"]),
            ),
            Depends,
        ),
        (
            "T17 a name in other letters",
            subset(),
            with(json!({"AppName": "X"})),
            ImplicitDeny,
        ),
        (
            "a value in other letters",
            subset(),
            with(json!({"appname": "x"})),
            ImplicitDeny,
        ),
        ("equal", equals(), with(json!({"appname": "X"})), Allow),
        (
            "not equal",
            equals(),
            with(json!({"appname": "X", "b": "c"})),
            ImplicitDeny,
        ),
        ("no context", equals(), decrypt(R_S), ImplicitDeny),
        ("KMS-GRANT-6 DescribeKey", equals(), described(), Allow),
        (
            "open: the context is not known",
            equals(),
            and(decrypt(R_S), "mode", "open"),
            Depends,
        ),
        (
            "KMS-GRANT-7 for that bucket",
            source(),
            sourced(decrypt(R_S), BUCKET),
            Allow,
        ),
        (
            "KMS-GRANT-7 for another",
            source(),
            sourced(decrypt(R_S), "arn:aws:s3:::c"),
            ImplicitDeny,
        ),
        ("KMS-GRANT-7 for none", source(), decrypt(R_S), ImplicitDeny),
        (
            "KMS-GRANT-7 DescribeKey for none",
            source(),
            described(),
            Allow,
        ),
        (
            "KMS-GRANT-7 DescribeKey for another",
            source(),
            sourced(described(), "arn:aws:s3:::c"),
            ImplicitDeny,
        ),
    ]);
}

#[test]
fn kms_grant_9_a_grant_passes_on_no_more_than_itself() {
    let parent = |constraints: Value| {
        let mut grant = grant(R, &["CreateGrant", "Decrypt"]);
        grant["Constraints"] = constraints;
        granted(grant).with(R, &[])
    };
    let free = || parent(json!({}));
    let subset = || parent(json!({"EncryptionContextSubset": {"a": "1"}}));
    let equals = || parent(json!({"EncryptionContextEquals": {"a": "1"}}));
    let child = |operations: &[&str], constraints: Value| {
        let parameters = json!({
            "KeyId": K,
            "GranteePrincipal": U,
            "Operations": operations,
            "Constraints": constraints,
        });
        and(asks(R_S, "kms:CreateGrant", K), "parameters", parameters)
    };
    let decrypts = |constraints: Value| child(&["Decrypt"], constraints);
    let none = || json!({});
    let by_policy = free().add(
        "keys",
        json!({"arn": "arn:aws:kms:us-east-1:111122223333:key/1"}),
    );
    check([
        (
            "T23 an operation more",
            free(),
            child(&["Decrypt", "Encrypt"], none()),
            ImplicitDeny,
        ),
        ("no more than its own", free(), decrypts(none()), Allow),
        (
            "a key beside it changes nothing",
            by_policy,
            decrypts(none()),
            Allow,
        ),
        (
            "T24 an equality that contains the subset",
            subset(),
            decrypts(json!({"EncryptionContextEquals": {"a": "1", "b": "2"}})),
            Allow,
        ),
        (
            "a wider subset",
            subset(),
            decrypts(json!({"EncryptionContextSubset": {"a": "1", "b": "2"}})),
            Allow,
        ),
        (
            "another subset",
            subset(),
            decrypts(json!({"EncryptionContextSubset": {"b": "2"}})),
            ImplicitDeny,
        ),
        ("no constraint", subset(), decrypts(none()), ImplicitDeny),
        (
            "the same equality",
            equals(),
            decrypts(json!({"EncryptionContextEquals": {"a": "1"}})),
            Allow,
        ),
        (
            "not the reverse",
            equals(),
            decrypts(json!({"EncryptionContextSubset": {"a": "1"}})),
            ImplicitDeny,
        ),
    ]);
}

#[test]
fn kms_grant_11_grants_across_accounts() {
    let to_b = |issuer: &str| {
        let mut grant = grant(B_R, &["Decrypt"]);
        grant["IssuingAccount"] = issuer.into();
        granted(grant)
    };
    let lenient = and(
        decrypt(B_R_S),
        "switches",
        json!({"grant_key_trust": "lenient"}),
    );
    check([
        (
            "T44 issued by B",
            to_b(B).with(B_R, &[]),
            decrypt(B_R_S),
            Allow,
        ),
        (
            "T44 issued by A",
            to_b(A).with(B_R, &[]),
            decrypt(B_R_S),
            ImplicitDeny,
        ),
        (
            "issued by A, a policy at home",
            to_b(A).with(B_R, &[allow("kms:*", "*")]),
            decrypt(B_R_S),
            Allow,
        ),
        (
            "issued by A, lenient",
            to_b(A).with(B_R, &[]),
            lenient,
            Allow,
        ),
    ]);
}

#[test]
fn kms_grant_16_grants_for_resources_of_services() {
    let through = when(
        "Bool",
        "kms:GrantIsForAWSResource",
        "true",
        allow("kms:CreateGrant", "*"),
    );
    let world = || {
        let statements = std::slice::from_ref(&through);
        World::new()
            .with(R, statements)
            .key(&[of(ROOT, allow("kms:*", "*"))], json!({}))
    };
    let create = || asks(R_S, "kms:CreateGrant", K);
    check([
        ("T25 direct", world(), create(), ImplicitDeny),
        (
            "T25 through EC2",
            world(),
            and(create(), "via", "ec2"),
            Allow,
        ),
    ]);
}

#[test]
fn kms_grant_14_who_retires_a_grant() {
    let mut retiring = grant("arn:aws:iam::111122223333:role/other", &["Decrypt"]);
    retiring["RetiringPrincipal"] = B_U.into();
    let retires = |principal: &str| {
        and(
            asks(principal, "kms:RetireGrant", K),
            "parameters",
            json!({"KeyId": K, "GrantId": "g1"}),
        )
    };
    let named = || of(R, allow("kms:RetireGrant", "*"));
    let key_allows = |statement: Value| {
        World::new()
            .with(R, &[])
            .key(&[statement], json!({"grants": [retiring.clone()]}))
    };
    let outsiders = when(
        "StringNotEqualsIfExists",
        "aws:PrincipalOrgID",
        "o-1",
        of("*", deny("kms:*", "*")),
    );
    let guarded = granted(retiring.clone()).with(B_U, &[]).set(
        "organization",
        json!({
            "id": "o-1",
            "management_account": "999999999999",
            "root": {"id": "r-ab12", "rcps": [policy(&[outsiders])]},
            "accounts": [{"id": A, "parent": "r-ab12"}],
        }),
    );
    let may = [allow("kms:RetireGrant", "*")];
    check([
        (
            "T26 a key policy does not suffice",
            key_allows(named()),
            retires(R_S),
            ImplicitDeny,
        ),
        (
            "a key policy cannot deny it",
            key_allows(of("*", deny("kms:RetireGrant", "*"))).with(B_U, &[]),
            retires(B_U),
            Allow,
        ),
        ("T41 RCPs do not reach it", guarded, retires(B_U), Allow),
        (
            "the retiring principal",
            granted(retiring.clone()).with(B_U, &[]),
            retires(B_U),
            Allow,
        ),
        (
            "its own policy denies",
            granted(retiring.clone()).with(B_U, &[deny("*", "*")]),
            retires(B_U),
            ExplicitDeny,
        ),
        (
            "an identity policy in the key's account",
            granted(retiring.clone()).with(R, &may),
            retires(R_S),
            Allow,
        ),
        (
            "the root user",
            granted(retiring.clone()),
            retires(ROOT),
            Allow,
        ),
        (
            "an identity policy elsewhere",
            granted(retiring.clone()).with(B_R, &may),
            retires(B_R_S),
            ImplicitDeny,
        ),
        (
            "the grantee, not listed",
            granted(grant(R, &["Decrypt"])).with(R, &[]),
            retires(R_S),
            ImplicitDeny,
        ),
        (
            "the grantee, listed",
            granted(grant(R, &["Decrypt", "RetireGrant"])).with(R, &[]),
            retires(R_S),
            Allow,
        ),
        (
            "no such grant",
            granted(retiring).with(R, &may),
            and(
                retires(R_S),
                "parameters",
                json!({"KeyId": K, "GrantId": "g2"}),
            ),
            ImplicitDeny,
        ),
    ]);
}
