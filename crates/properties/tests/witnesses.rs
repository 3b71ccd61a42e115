//! What counterexamples say: all that a person must know, and nothing that leads astray.

use preclear_properties::{Callers, Counterexample, Failure, Policies, Property};

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn account(key: &str, statement: &str, rest: &str) -> Policies {
    let policy = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
    let snapshot = format!(
        "preclear: 1\naccount: '111122223333'\ncomplete: true\nkeys: [{{arn: '{KEY}', policy: {{file: key.json}}{key}}}]\n{rest}"
    );
    Policies::from_texts([("snapshot.yaml", snapshot), ("key.json", policy)])
        .expect("the policies can be read")
}

const TO_ROOT: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}"#;

const APP: &str = r#"
principals:
  - arn: arn:aws:iam::111122223333:role/app
    policies: [{Version: "2012-10-17", Statement: {Effect: Allow, Action: "kms:*", Resource: "*"}}]
"#;

fn decrypt() -> Property {
    Property::never("nobody decrypts").action("kms:Decrypt")
}

fn refuted(property: &Property, policies: &Policies) -> Counterexample {
    match property.check(policies) {
        Err(Failure::Refuted(found)) => *found,
        other => unreachable!("{other:?}"),
    }
}

fn context(found: &Counterexample) -> Vec<(&str, &str)> {
    let context = found.context.iter();
    context
        .map(|(key, state)| (key.as_str(), state.as_str()))
        .collect()
}

#[test]
fn a_grant_is_used_with_the_encryption_context_that_it_asks_for() {
    for (constraint, pairs) in [
        (
            "EncryptionContextEquals: {a: b}",
            vec![("kms:EncryptionContext:a", "= b")],
        ),
        (
            "EncryptionContextSubset: {Team: b}",
            vec![("kms:EncryptionContext:Team", "= b")],
        ),
        (
            "EncryptionContextEquals: {a: b, c: d, e: f}",
            vec![
                ("kms:EncryptionContext:a", "= b"),
                ("kms:EncryptionContext:c", "= d"),
                ("kms:EncryptionContext:e", "= f"),
            ],
        ),
    ] {
        let grants = format!(
            ", grants: [{{GrantId: g1, GranteePrincipal: 'arn:aws:iam::444455556666:role/ci', Operations: [Decrypt], Constraints: {{{constraint}}}}}]"
        );
        let policies = account(&grants, TO_ROOT, APP);
        let found = refuted(
            &decrypt().callers(Callers::anyone().outside_account("111122223333")),
            &policies,
        );
        let of_pairs: Vec<_> = context(&found)
            .into_iter()
            .filter(|(key, _)| key.starts_with("kms:EncryptionContext:"))
            .collect();
        assert_eq!(of_pairs, pairs, "{found}");
        assert!(
            found
                .culprits
                .iter()
                .any(|one| one.id.as_deref() == Some("g1"))
        );
        assert!(
            found
                .request
                .context
                .contains_key("kms:EncryptionContextKeys"),
            "{found}"
        );
    }
}

#[test]
fn keys_are_told_as_aws_spells_them() {
    // Condition keys do not tell the two names apart, so there is no context to show.
    let grants = ", grants: [{GrantId: g1, GranteePrincipal: 'arn:aws:iam::444455556666:role/ci', Operations: [Decrypt], Constraints: {EncryptionContextEquals: {a: b, A: c}}}]";
    let strangers = decrypt().callers(Callers::anyone().outside_account("111122223333"));
    match strangers.check(&account(grants, TO_ROOT, APP)) {
        Err(Failure::Open(open)) => {
            let keys: Vec<&String> = open.depends_on.keys().collect();
            assert_eq!(keys, ["kms:EncryptionContextKeys"]);
        }
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_hole_to_all_accounts_is_told_as_one() {
    let policy = r#"{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
 "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}}}"#;
    // Another account is named elsewhere.
    let rest = r#"
principals: []
resources: [{arn: "arn:aws:s3:::b", account: "111122223333", policy: {Version: "2012-10-17", Statement: {Effect: Allow, Principal: {AWS: "000011112222"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*"}}}]
"#;
    let strangers = Callers::anyone().outside_account("111122223333");
    let found = refuted(&decrypt().callers(strangers), &account("", policy, rest));
    assert!(
        found
            .caller
            .starts_with("role/app of any account that no policy names, such as "),
        "{found}"
    );
    assert!(found.assumes_own_policies);
    assert!(
        found
            .to_string()
            .contains("own policies are assumed to allow it")
    );
    // Of a listed caller nothing is assumed.
    let listed = refuted(
        &decrypt().callers(Callers::listed()),
        &account("", TO_ROOT, APP),
    );
    assert!(!listed.assumes_own_policies, "{listed}");
}

#[test]
fn strangers_are_not_asked_what_they_do_at_home() {
    let everything = |callers: Callers| Property::never("nothing").callers(callers).action("kms:*");
    let strangers = everything(Callers::anyone().outside_account("111122223333"));
    let policies = account("", TO_ROOT, APP);
    let proof = strangers.check(&policies).unwrap();
    assert!(proof.is_partial());
    let at_home = "kms:ConnectCustomKeyStore".to_owned();
    assert!(proof.scope.elsewhere.contains(&at_home), "{proof}");
    assert!(
        proof
            .to_string()
            .contains("callers of other accounts act on their own")
    );
    // Those of the account itself are.
    let own = refuted(
        &Property::never("none").action("kms:ConnectCustomKeyStore"),
        &policies,
    );
    assert_eq!(own.caller, "arn:aws:iam::111122223333:role/app");
    let nothing = Property::never("none")
        .callers(Callers::anyone().in_account("444455556666"))
        .action("kms:ListKeys");
    let organization =
        "organization: {id: o-mine, root: {id: r-ab12}, accounts: [{id: '444455556666'}]}";
    // Of a member the organization's own policies say something.
    refuted(
        &nothing,
        &account("", TO_ROOT, &format!("{APP}{organization}")),
    );
    let found = nothing.clone().callers(
        Callers::anyone()
            .outside_account("111122223333")
            .except_services()
            .matching("arn:aws:iam::*:*"),
    );
    match found.check(&policies) {
        Err(Failure::Unusable(why)) => assert!(why.message.contains("own account"), "{why}"),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_deny_that_applies_is_no_near_miss() {
    let policy = format!(
        r#"[{TO_ROOT}, {{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}]"#
    );
    let always = Property::always("the app can")
        .callers(Callers::listed())
        .action("kms:Decrypt")
        .directly();
    let told = refuted(&always, &account("", &policy, APP)).to_string();
    assert!(!told.contains("nearly"), "{told}");
    assert!(
        told.contains("it applies as key.json") && told.contains("aws:SecureTransport"),
        "{told}"
    );
}

#[test]
fn guardrails_that_let_everything_pass_are_no_culprits() {
    let organization = r#"
organization: {id: o-mine, root: {id: r-ab12, scps: [{name: FullAWSAccess, document: {Version: "2012-10-17", Statement: {Effect: Allow, Action: "*", Resource: "*"}}}]}, accounts: [{id: "111122223333", scps: [{name: narrow, document: {Version: "2012-10-17", Statement: {Effect: Allow, Action: "SCP", Resource: "*"}}}]}]}
"#;
    let layers = |scp: &str| {
        let rest = format!("{APP}{organization}").replace("SCP", scp);
        let found = refuted(
            &decrypt().callers(Callers::listed()),
            &account("", TO_ROOT, &rest),
        );
        let names = found.culprits.into_iter().map(|one| one.policy);
        names.collect::<Vec<_>>()
    };
    let with = layers("kms:*");
    assert!(
        with.iter().any(|name| name == "narrow") && with.len() == 3,
        "{with:?}"
    );
    let without = layers("*");
    assert_eq!(without.len(), 2, "{without:?}");
    assert!(
        !without
            .iter()
            .any(|name| name == "narrow" || name == "FullAWSAccess")
    );
}

#[test]
fn files_have_one_name_in_a_message() {
    let snapshot = "preclear: 1\naccount: '111122223333'\ncomplete: true\nkeys: [{arn: KEY, policy: {file: docs/key.json}}]\n".replace("KEY", KEY) + APP;
    let key = r#"{"Version": "2012-10-17", "Statement": {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}}"#;
    let policies = Policies::from_texts([
        ("mine/snapshot.yaml", snapshot.as_str()),
        ("mine/docs/key.json", key),
    ])
    .unwrap();
    let always = Property::always("the app can")
        .callers(Callers::listed())
        .action("kms:Decrypt");
    let told = refuted(&always, &policies).to_string();
    assert!(told.contains("of mine/docs/key.json denies"), "{told}");
    assert_eq!(
        told.matches("docs/key.json").count(),
        told.matches("mine/docs/key.json").count(),
        "{told}"
    );
}

#[test]
fn values_look_like_those_of_requests() {
    for (condition, key, state) in [
        (
            r#""StringLike": {"aws:userid": "*:alice"}"#,
            "aws:userid",
            "= AROAEXAMPLEID:alice",
        ),
        (
            r#""StringLike": {"kms:ViaService": "s3.*"}"#,
            "kms:ViaService",
            "= s3.us-west-2.amazonaws.com",
        ),
    ] {
        let policy = format!(
            r#"{{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {{{condition}}}}}"#
        );
        let found = refuted(&decrypt(), &account("", &policy, APP));
        assert_eq!(
            found.context.get(key).map(String::as_str),
            Some(state),
            "{found}"
        );
    }
}
