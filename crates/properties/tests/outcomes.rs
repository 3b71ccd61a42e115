//! One outcome at a time, on policies that fit a screen.

use preclear_properties::{Callers, Counterexample, Failure, Policies, Property};

/// An account with a key. Its policy and whatever else there is are given.
fn account(key_policy: &str, rest: &str) -> Policies {
    let snapshot = format!(
        "preclear: 1\naccount: '111122223333'\nregion: us-west-2\nkeys:\n  - {{arn: '{KEY}', policy: {{file: key.json}}, aliases: [alias/k]}}\n{rest}"
    );
    let key = format!(r#"{{"Version": "2012-10-17", "Statement": {key_policy}}}"#);
    Policies::from_texts([("snapshot.yaml", snapshot), ("key.json", key)])
        .expect("the policies can be read")
}

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const TO_ROOT: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}"#;

const APP: &str = r#"
complete: true
principals:
  - arn: arn:aws:iam::111122223333:role/app
    trust: {Version: "2012-10-17", Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}}
    policies: [{Version: "2012-10-17", Statement: {Effect: Allow, Action: "kms:Decrypt", Resource: "*"}}]
"#;

fn decrypt() -> Property {
    Property::never("nobody decrypts")
        .action("kms:Decrypt")
        .resource("alias/k")
}

fn refuted(property: &Property, policies: &Policies) -> Counterexample {
    match property.check(policies) {
        Err(Failure::Refuted(found)) => *found,
        other => unreachable!("{other:?}"),
    }
}

fn unusable(property: &Property, policies: &Policies) -> String {
    match property.check(policies) {
        Err(Failure::Unusable(why)) => why.message,
        other => unreachable!("{other:?}"),
    }
}

fn open(property: &Property, policies: &Policies) -> Vec<String> {
    match property.check(policies) {
        Err(Failure::Open(open)) => open.depends_on.into_keys().collect(),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_proof_tells_what_was_asked() {
    let policies = account(TO_ROOT, APP);
    let stranger = decrypt().callers(Callers::anyone().outside_account("111122223333"));
    let proof = stranger.check(&policies).unwrap();
    assert!(proof.questions() > 8);
    assert!(proof.scope.listed.is_empty());
    let any_role = "any other role of any account that no policy names, such as 999988887777";
    for who in [any_role, "anyone, without signing", "any other service"] {
        assert!(
            proof.scope.stand_ins.iter().any(|one| one == who),
            "{proof:#?}"
        );
    }
    assert_eq!(proof.scope.actions, ["kms:Decrypt"]);
    assert_eq!(proof.scope.resources, [KEY]);
}

#[test]
fn a_counterexample_needs_all_that_it_shows() {
    let policies = account(TO_ROOT, APP);
    let found = refuted(&decrypt().callers(Callers::listed()), &policies);
    assert_eq!(found.caller, "arn:aws:iam::111122223333:role/app");
    assert!(found.context.is_empty() && !found.is_forwarded);
    let places: Vec<String> = found
        .culprits
        .iter()
        .map(|one| one.place.as_ref().unwrap().locate().to_string())
        .collect();
    // The key policy lets the role's own policy count.
    assert_eq!(places, ["key.json:1:40", "snapshot.yaml:11:51"]);
    assert!(found.culprits.iter().all(|one| one.is_indispensable));
}

#[test]
fn statements_that_do_not_matter_are_left_out_of_it() {
    let twice = format!(
        r#"[{TO_ROOT},
 {{"Sid": "Deny", "Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}},
 {{"Sid": "Direct", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::111122223333:role/app"}}, "Action": "kms:*", "Resource": "*"}}]"#
    );
    let found = refuted(&decrypt().callers(Callers::listed()), &account(&twice, APP));
    let sids: Vec<_> = found.culprits.iter().map(|one| one.id.as_deref()).collect();
    // One way is enough, and neither way is needed.
    assert!(sids == [Some("Direct")] || sids == [None, None], "{found}");
    assert!(found.culprits.iter().all(|one| !one.is_indispensable));
}

#[test]
fn a_context_says_no_more_than_it_takes() {
    let policy = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringNotEquals": {"aws:Referer": "x"},
  "StringEquals": {"kms:EncryptionContext:team": "ml", "kms:EncryptionContext:stage": "prod", "aws:UserAgent": "trainer"}}}"#;
    let found = refuted(&decrypt(), &account(policy, APP));
    let context: Vec<(&str, &str)> = found
        .context
        .iter()
        .map(|(key, state)| (key.as_str(), state.as_str()))
        .collect();
    // The only one of the keys that may be left out of a call must be said to be left out.
    let needed = [
        ("aws:Referer", "is absent"),
        ("aws:SourceIp", "= 10.0.0.0"),
        ("aws:UserAgent", "= trainer"),
        ("kms:EncryptionContext:stage", "= prod"),
        ("kms:EncryptionContext:team", "= ml"),
    ];
    assert_eq!(context, needed);
}

#[test]
fn what_is_about_nothing_fails() {
    let policies = account(TO_ROOT, APP);
    let never = |name: &str| Property::never(name);
    for (property, why) in [
        (
            never("a").action("kms:Decript"),
            "did you mean `kms:Decrypt`?",
        ),
        (never("b").action("kmz:Decrypt"), "did you mean `kms`?"),
        (never("c"), "names no action"),
        (
            decrypt().callers(Callers::anyone().matching("arn:aws:iam::111122223333:group/x")),
            "about nobody",
        ),
        (decrypt().callers(Callers::listed().users()), "about nobody"),
        (
            never("d").action("kms:Decrypt").resource("alias/other"),
            "no key of the snapshot has the alias",
        ),
        (
            never("e")
                .action("kms:Decrypt")
                .resource("arn:aws:kms:*:*:key/other*"),
            "lists nothing",
        ),
        (
            never("f").action("kms:ListKeys").resource("alias/k"),
            "asks nothing",
        ),
        (
            decrypt().callers(Callers::anyone().outside_account("1111")),
            "twelve digits",
        ),
        (
            decrypt().callers(Callers::anyone().outside_organization()),
            "no organization",
        ),
        (
            decrypt().callers(Callers::anyone().with_boundary("b")),
            "no listed user or role has a boundary",
        ),
        (
            decrypt()
                .callers(Callers::listed())
                .when("aws:PrincipalAccount", "444455556666"),
            "impossible",
        ),
    ] {
        let message = unusable(&property, &policies);
        assert!(message.contains(why), "{message}");
    }
}

#[test]
fn what_is_not_loaded_leaves_a_property_open() {
    let rest = APP.replace(
        "complete: true",
        "layers_not_loaded: [boundary]\ncomplete: true",
    );
    let policies = account(TO_ROOT, &rest);
    assert_eq!(
        open(&decrypt().callers(Callers::listed()), &policies),
        ["layer:boundary"]
    );
}

#[test]
fn one_that_is_denied_always_is_told_with_the_addition() {
    let policies = account(TO_ROOT, APP);
    let always = |action: &str| {
        Property::always("the app can")
            .callers(Callers::listed().matching("role/app"))
            .action(action)
            .resource("alias/k")
    };
    assert!(always("kms:Decrypt").check(&policies).is_ok());
    let found = refuted(&always("kms:Encrypt"), &policies);
    assert_eq!(found.fixes.len(), 1);
    assert_eq!(found.fixes[0].statement["Action"], "kms:Encrypt");
    // Allowed from one network alone, it is denied from others.
    let narrow = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Encrypt", "Resource": "*",
 "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}"#;
    let found = refuted(&always("kms:Encrypt").directly(), &account(narrow, APP));
    let state = found.context.get("aws:SourceIp").map(String::as_str);
    assert!(
        matches!(state, Some("is absent" | "= 203.0.113.7")),
        "{found}"
    );
    assert!(
        always("kms:Encrypt")
            .directly()
            .when("aws:SourceIp", "10.1.2.3")
            .check(&account(narrow, APP))
            .is_ok()
    );
}

#[test]
fn everyone_is_asked_whom_the_snapshot_does_not_list() {
    let by = |principal: &str, condition: &str| {
        let policy = format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {{{condition}}}}}"#
        );
        refuted(&decrypt(), &account(&policy, APP)).caller
    };
    let everyone = r#"{"AWS": "*"}"#;
    for (principal, condition, who) in [
        (
            r#"{"AWS": "444455556666"}"#,
            "",
            "any other role of account 444455556666",
        ),
        (
            r#"{"AWS": "arn:aws:iam::444455556666:role/ci"}"#,
            "",
            "arn:aws:iam::444455556666:role/ci, which is not listed",
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:role/gone"}"#,
            "",
            "arn:aws:iam::111122223333:role/gone, which is not listed",
        ),
        (
            r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/app/s1"}"#,
            "",
            "the session arn:aws:sts::111122223333:assumed-role/app/s1",
        ),
        (
            r#"{"Service": "logs.amazonaws.com"}"#,
            "",
            "the service logs.amazonaws.com",
        ),
        (
            everyone,
            r#""StringEquals": {"aws:PrincipalOrgID": "o-other"}"#,
            "arn:aws:iam::111122223333:role/app",
        ),
        (
            everyone,
            r#""StringEquals": {"kms:CallerAccount": "444455556666"}"#,
            "any other role of account 444455556666",
        ),
        (
            everyone,
            r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/deploy-*"}"#,
            "arn:aws:iam::444455556666:role/deploy-x, which is not listed",
        ),
        (
            everyone,
            r#""StringLike": {"aws:PrincipalAccount": "4444*"}, "StringNotEquals": {"aws:PrincipalAccount": "111122223333"}"#,
            "any other role of account 444411111111",
        ),
    ] {
        let caller = match who {
            // The own account is in no organization; of others nobody knows.
            "arn:aws:iam::111122223333:role/app" => {
                let policies = account(
                    &format!(
                        r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {{{condition}}}}}"#
                    ),
                    APP,
                );
                assert!(
                    decrypt()
                        .callers(Callers::anyone().in_account("111122223333"))
                        .check(&policies)
                        .is_ok()
                );
                continue;
            }
            _ => by(principal, condition),
        };
        assert!(caller.starts_with(who), "{caller}\n{who}");
    }
}

#[test]
fn accounts_outside_an_organization_are_not_in_it() {
    let organization = r#"
organization: {id: o-mine, management_account: "999999999999", root: {id: r-ab12}, accounts: [{id: "111122223333"}, {id: "444455556666"}]}
"#;
    let policy = r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "ORG"}}}"#;
    let outside = decrypt().callers(Callers::anyone().outside_organization());
    let rest = format!("{APP}{organization}");
    assert!(
        outside
            .check(&account(&policy.replace("ORG", "o-mine"), &rest))
            .is_ok()
    );
    // Somebody forgot to name one.
    let found = refuted(
        &outside,
        &account(
            &policy
                .replace("StringEquals", "StringNotEquals")
                .replace("ORG", "o-mine"),
            &rest,
        ),
    );
    assert!(found.caller.contains("no policy names"), "{found}");
    // In an organization, but in another one.
    let other = policy.replace(
        r#"{"StringEquals": {"aws:PrincipalOrgID": "ORG"}}"#,
        r#"{"Null": {"aws:PrincipalOrgID": "false"}, "StringNotEquals": {"aws:PrincipalOrgID": "o-mine"}}"#,
    );
    let found = refuted(&outside, &account(&other, &rest));
    assert!(found.caller.contains("no policy names"), "{found}");
    // A member of which nothing is loaded may do what its own policies say.
    let inside = decrypt().callers(Callers::anyone().in_account("444455556666"));
    let found = refuted(&inside, &account(&policy.replace("ORG", "o-mine"), &rest));
    assert!(
        found
            .caller
            .starts_with("any other role of account 444455556666"),
        "{found}"
    );
}

#[test]
fn session_tags_may_be_any_where_the_trust_policy_takes_them() {
    let policy = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"aws:PrincipalTag/team": "ml"}}}"#;
    let without = account(policy, APP);
    assert!(decrypt().check(&without).is_ok());
    let tagging = APP.replace(
        r#"Action: "sts:AssumeRole""#,
        r#"Action: ["sts:AssumeRole", "sts:TagSession"]"#,
    );
    let found = refuted(&decrypt(), &account(policy, &tagging));
    assert_eq!(
        found
            .context
            .get("aws:PrincipalTag/team")
            .map(String::as_str),
        Some("= ml")
    );
}

#[test]
fn a_session_tag_counts_before_the_tag_of_its_role() {
    let policy = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"aws:PrincipalTag/team": "ml"}}}"#;
    let tagged = APP.replace("    trust:", "    tags: {team: web}\n    trust:");
    assert!(decrypt().check(&account(policy, &tagged)).is_ok());
    let tagging = tagged.replace(
        r#"Action: "sts:AssumeRole""#,
        r#"Action: ["sts:AssumeRole", "sts:TagSession"]"#,
    );
    refuted(&decrypt(), &account(policy, &tagging));
}

#[test]
fn a_key_that_does_not_matter_is_not_shown() {
    let policy = r#"[
 {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt", "Resource": "*",
  "Condition": {"StringEquals": {"aws:UserAgent": "trainer", "kms:EncryptionContext:a": "1", "kms:EncryptionContext:b": "2"}}},
 {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt", "Resource": "*",
  "Condition": {"StringEquals": {"aws:Referer": "x", "kms:EncryptionContext:a": "3", "kms:EncryptionContext:b": "4", "kms:EncryptionContext:c": "5"}}}]"#;
    let found = refuted(&decrypt(), &account(policy, APP));
    let keys: Vec<&str> = found.context.keys().map(String::as_str).collect();
    let first = [
        "aws:UserAgent",
        "kms:EncryptionContext:a",
        "kms:EncryptionContext:b",
    ];
    let second = [
        "aws:Referer",
        "kms:EncryptionContext:a",
        "kms:EncryptionContext:b",
        "kms:EncryptionContext:c",
    ];
    assert!(keys == first || keys == second, "{found}");
}

#[test]
fn nobody_is_proven_to_have_one_name() {
    // The name that the first pattern suggests is the one that the second leaves out.
    let policy = r#"{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/a*b"},
  "ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/ab"}}}"#;
    let policies = account(policy, APP);
    assert_eq!(open(&decrypt(), &policies), ["aws:PrincipalArn"]);
    // Whoever it is, the property may leave the whole account out.
    let others = Callers::anyone().except("arn:aws:iam::444455556666:*");
    assert!(decrypt().callers(others).check(&policies).is_ok());
}

#[test]
fn a_boundary_is_tried_with_any_identity_policy() {
    let rest = APP.replace(
        "    trust:",
        "    boundary: {name: narrow, document: {Version: '2012-10-17', Statement: {Effect: Allow, Action: 'kms:Decrypt', Resource: '*'}}}\n    trust:",
    );
    let policies = account(TO_ROOT, &rest);
    let with = |action: &str| {
        Property::never("none")
            .callers(Callers::anyone().with_boundary("narrow"))
            .action(action)
            .resource("alias/k")
    };
    // The listed role has no policy for it, but the next one may.
    let found = refuted(
        &with("kms:Decrypt").callers(Callers::anyone().with_boundary("narrow").except("role/app")),
        &policies,
    );
    assert!(
        found
            .caller
            .starts_with("any role of account 111122223333 with the boundary narrow"),
        "{found}"
    );
    assert!(with("kms:Encrypt").check(&policies).is_ok());
}

#[test]
fn objects_are_asked_for_all_at_once() {
    let snapshot = |resource: &str| {
        let text = format!(
            r#"
preclear: 1
complete: true
principals:
  - arn: arn:aws:iam::111122223333:user/ana
    policies: [{{Version: "2012-10-17", Statement: {{Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/{resource}"}}}}]
resources: [{{arn: "arn:aws:s3:::b", account: "111122223333"}}]
"#
        );
        Policies::from_texts([("snapshot.yaml", text)]).unwrap()
    };
    let drafts = Property::never("no drafts")
        .callers(Callers::listed())
        .action("s3:GetObject")
        .resource("arn:aws:s3:::b/drafts/*");
    assert!(drafts.check(&snapshot("public/*")).is_ok());
    for (resource, object) in [
        ("*", "drafts/x"),
        ("drafts/a/*.txt", "drafts/a/"),
        ("*/secret", "drafts/"),
    ] {
        let found = refuted(&drafts, &snapshot(resource));
        assert!(
            found
                .answer
                .resource
                .starts_with(&format!("arn:aws:s3:::b/{object}")),
            "{found}"
        );
    }
}

#[test]
fn calls_through_services_are_asked_unless_told() {
    let policy = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:CreateGrant", "Resource": "*",
 "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}"#;
    let policies = account(policy, APP);
    let grants = || {
        Property::never("no grants")
            .action("kms:CreateGrant")
            .resource("alias/k")
    };
    assert!(refuted(&grants(), &policies).is_forwarded);
    assert!(grants().directly().check(&policies).is_ok());
    assert!(
        grants()
            .when_absent("kms:ViaService")
            .check(&policies)
            .is_ok()
    );
    assert!(refuted(&grants().through("ec2"), &policies).is_forwarded);
}

#[test]
fn what_counts_as_absent_unless_it_is_said_is_not_taken_for_absent() {
    for (action, key, value) in [
        ("kms:Decrypt", "kms:RequestAlias", "alias/k"),
        ("kms:TagResource", "aws:RequestTag/team", "ml"),
    ] {
        let policy = format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "*"}}, "Action": "kms:*", "Resource": "*", "Condition": {{"StringEquals": {{"{key}": "{value}"}}}}}}"#
        );
        let property = Property::never("none")
            .callers(Callers::listed())
            .action(action);
        let found = refuted(&property, &account(&policy, APP));
        assert_eq!(found.context.get(key), Some(&format!("= {value}")));
        // Given, it is no contradiction either.
        let given = property.when(key, value);
        assert!(refuted(&given, &account(&policy, APP)).context.is_empty());
    }
}

#[test]
fn the_same_property_has_the_same_outcome() {
    let policies = account(TO_ROOT, APP);
    let told = || decrypt().check(&policies).unwrap_err().to_string();
    assert_eq!(told(), told());
}

#[test]
#[should_panic(expected = "refuted: nobody decrypts")]
fn a_test_fails_with_the_counterexample() {
    decrypt().assert(&account(TO_ROOT, APP));
}
