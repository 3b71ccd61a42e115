//! What a property names and nobody has: it must not be proven of nothing in silence.

use preclear_properties::{Callers, Counterexample, Failure, Policies, Proof, Property};

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const TO_ROOT: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}"#;

const REST: &str = r#"
principals:
  - arn: arn:aws:iam::111122223333:role/reporter
    boundary: {name: dev-boundary, document: {Version: '2012-10-17', Statement: {Effect: Allow, Action: '*', Resource: '*'}}}
    policies: []
  - arn: arn:aws:iam::111122223333:role/ml/trainer
    policies: []
"#;

/// An account with a key, which allows everybody under a condition.
fn conditional(condition: &str) -> Policies {
    let statement = format!(
        r#"{{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {{{condition}}}}}"#
    );
    account(&statement, "complete: true")
}

fn account(statement: &str, rest: &str) -> Policies {
    let key = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
    let snapshot = format!(
        "preclear: 1\naccount: '111122223333'\nregion: us-west-2\nkeys: [{{arn: '{KEY}', policy: {{file: key.json}}, aliases: [alias/k]}}]\n{rest}\n{REST}"
    );
    Policies::from_texts([("snapshot.yaml", snapshot), ("key.json", key)])
        .expect("the policies can be read")
}

fn never() -> Property {
    Property::never("nobody encrypts").action("kms:Encrypt")
}

fn unusable(property: &Property, policies: &Policies) -> String {
    match property.check(policies) {
        Err(Failure::Unusable(why)) => why.message,
        other => unreachable!("{other:?}"),
    }
}

fn refuted(property: &Property, policies: &Policies) -> Counterexample {
    match property.check(policies) {
        Err(Failure::Refuted(found)) => *found,
        other => unreachable!("{other:?}"),
    }
}

fn proven(property: &Property, policies: &Policies) -> Proof {
    match property.check(policies) {
        Ok(proof) => proof,
        Err(failure) => unreachable!("{failure}"),
    }
}

#[test]
fn a_time_that_is_none_cannot_be_checked() {
    let policies = conditional(r#""DateGreaterThan": {"aws:CurrentTime": "2027-06-01T00:00:00Z"}"#);
    for text in ["next week", "2028-13-01T00:00:00Z", "", "system"] {
        let message = unusable(&never().at(text), &policies);
        assert!(message.contains(&format!("`{text}`")), "{message}");
        assert!(message.contains("`2026-01-01T00:00:00Z`"), "{message}");
    }
    refuted(&never().at("2028-01-01T00:00:00Z"), &policies);
    proven(&never().at("2027-01-01"), &policies);
    // Told in UTC, one is before and one is behind.
    proven(&never().at("2027-06-01T01:00:00+02:00"), &policies);
    refuted(&never().at("2027-05-31T23:00:00-02:00"), &policies);
}

#[test]
fn a_value_that_is_none_of_its_keys_type_cannot_be_checked() {
    let policies = conditional(
        r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Bool": {"aws:SecureTransport": "true"}"#,
    );
    for (key, value, expected) in [
        ("aws:SourceIp", "10.0.0.0/8", "a single IP address"),
        ("aws:SourceIp", "10.0.0.999", "a single IP address"),
        ("AWS:securetransport", "ture", "`true` or `false`"),
        ("aws:CurrentTime", "2028-13-01", "a date"),
    ] {
        let message = unusable(&never().when(key, value), &policies);
        for part in [key, value, expected] {
            assert!(message.contains(part), "{message}");
        }
    }
    refuted(&never().when("aws:SourceIp", "10.0.0.1"), &policies);
    proven(&never().when("aws:SecureTransport", "false"), &policies);
}

#[test]
fn a_service_that_nobody_knows_cannot_be_checked() {
    let policies =
        conditional(r#""StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}"#);
    let message = unusable(&never().through("s33"), &policies);
    assert!(
        message.contains("`s33`") && message.contains("did you mean `s3`?"),
        "{message}"
    );
    let host = never().when("kms:ViaService", "s33.us-west-2.amazonaws.com");
    assert!(unusable(&host, &policies).contains("did you mean `s3`?"));
    refuted(&never().through("s3"), &policies);
    let host = never().when("kms:ViaService", "s3.us-west-2.amazonaws.com");
    refuted(&host, &policies);
}

#[test]
fn a_key_that_is_nearly_one_cannot_be_checked() {
    let policies = conditional(r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#);
    for (key, expected) in [
        ("aws:SorceIp", "did you mean `aws:SourceIp`?"),
        ("SourceIp", "`aws:SourceIp`"),
        ("Team", "with its prefix"),
        ("aws:RequestTag/*", "that very name"),
    ] {
        let message = unusable(&never().when_present(key), &policies);
        assert!(
            message.contains(expected) && message.contains(key),
            "{message}"
        );
        let message = unusable(&never().when(key, "10.0.0.1"), &policies);
        assert!(message.contains(expected), "{message}");
    }
    // What a policy tests may be new.
    let newer = conditional(r#""StringEquals": {"aws:SorceIp": "10.0.0.1"}"#);
    refuted(&never().when("aws:SorceIp", "10.0.0.1"), &newer);
}

#[test]
fn a_key_that_nobody_knows_is_noted() {
    let policies = conditional(r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#);
    let none = never().when("aws:SourceIp", "1.2.3.4");
    assert_eq!(proven(&none, &policies).scope.notes, [""; 0]);
    let unknown = none.clone().when("zzz:WhoKnowsThis", "1");
    let proof = proven(&unknown, &policies);
    assert!(proof.is_partial());
    assert!(
        proof
            .to_string()
            .contains("note       no request is known to carry `zzz:WhoKnowsThis`")
    );
    let of_others = proven(&none.clone().when("s3:prefix", "a"), &policies);
    assert!(of_others.scope.notes[0].contains("never carry `s3:prefix`"));
    // One of the actions has it.
    let of_one = none.clone().action("s3:ListBucket").when("s3:prefix", "a");
    assert_eq!(proven(&of_one, &policies).scope.notes, [""; 0]);
    // Names of tags and of encryption contexts are free.
    for key in ["aws:PrincipalTag/any", "kms:EncryptionContext:any"] {
        let free = none.clone().when(key, "x");
        assert_eq!(proven(&free, &policies).scope.notes, [""; 0], "{key}");
    }
}

#[test]
fn a_name_that_nobody_has_cannot_be_checked_where_all_are_listed() {
    let closed = account(TO_ROOT, "complete: true");
    let matching = |text: &str| never().callers(Callers::anyone().matching(text));
    for (text, meant) in [
        ("role/reportr", "did you mean `role/reporter`?"),
        ("role/trainer", "did you mean `role/ml/trainer`?"),
        (
            "arn:aws:iam::111122223333:role/reportr",
            "did you mean `arn:aws:iam::111122223333:role/reporter`?",
        ),
        ("user/nobody-at-all", "no listed caller matches"),
    ] {
        let message = unusable(&matching(text), &closed);
        assert!(
            message.contains(meant) && message.contains(text),
            "{message}"
        );
    }
    let either = Callers::anyone().matching_any(["role/reporter", "role/reportr"]);
    assert!(unusable(&never().callers(either), &closed).contains("`role/reporter`?"));
    // One with wildcards may be meant for those to come; somebody else's role is not listed.
    for (text, notes) in [
        ("role/reportr*", 1),
        ("arn:aws:iam::*:role/reportr", 1),
        ("arn:aws:iam::444455556666:role/reportr", 0),
        ("role/report*", 0),
        ("lambda.amazonaws.com", 0),
    ] {
        match matching(text).check(&closed) {
            Ok(proof) => assert_eq!(proof.scope.notes.len(), notes, "{text}"),
            Err(Failure::Unusable(why)) => {
                assert!(why.message.contains("about nobody"), "{text}: {why}")
            }
            Err(other) => unreachable!("{other}"),
        }
    }
    let strangers = Callers::anyone()
        .outside_account("111122223333")
        .matching("role/reportr");
    let proof = proven(&never().callers(strangers), &closed);
    assert_eq!(proof.scope.notes, [""; 0]);
}

#[test]
fn a_name_that_no_listed_one_has_is_noted() {
    let statement = r#"{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:*", "Resource": "*"}"#;
    let policies = account(statement, "");
    let matching = never().callers(
        Callers::anyone()
            .in_account("111122223333")
            .matching("role/reportr"),
    );
    let note = "no listed caller matches `role/reportr`: did you mean `role/reporter`?";
    match matching.check(&policies) {
        Err(Failure::Open(open)) => {
            assert_eq!(open.notes, [note]);
            assert!(open.to_string().contains(note), "{open}");
        }
        other => unreachable!("{other:?}"),
    }
    // Wherever the outcome is told.
    let except = never().callers(Callers::anyone().except("role/reportr"));
    let found = refuted(&except, &account(statement, "complete: true"));
    assert!(found.to_string().contains(note), "{found}");
    // Of listed ones alone nobody is left.
    for (text, policies) in [("role/reportr", &policies), ("role/reportr*", &policies)] {
        let listed = never().callers(Callers::listed().matching(text));
        let message = unusable(&listed, policies);
        assert!(
            message.contains("did you mean `role/reporter`?"),
            "{message}"
        );
    }
    let boundary = never().callers(Callers::anyone().with_boundary("dev-bondary"));
    let message = unusable(&boundary, &policies);
    assert!(
        message.contains("did you mean `dev-boundary`?"),
        "{message}"
    );
}

#[test]
fn a_resource_that_is_not_listed_is_noted() {
    let snapshot = "preclear: 1\ncomplete: true\nprincipals: [{arn: 'arn:aws:iam::111122223333:user/ana', policies: []}]\nresources: [{arn: 'arn:aws:s3:::reports', account: '111122223333'}]";
    let policies = Policies::from_texts([("snapshot.yaml", snapshot)]).expect("a snapshot");
    let of = |resource: &str| {
        let property = Property::never("no drafts")
            .callers(Callers::listed())
            .action("s3:GetObject")
            .resource(resource);
        proven(&property, &policies).scope.notes
    };
    assert_eq!(of("arn:aws:s3:::reports/drafts/*"), [""; 0]);
    let note =
        "the snapshot does not list `arn:aws:s3:::reprots`: did you mean `arn:aws:s3:::reports`?";
    assert_eq!(of("arn:aws:s3:::reprots/drafts/*"), [note]);
    let endpoint = Property::never("no drafts")
        .callers(Callers::listed())
        .action("s3:GetObject")
        .resource("arn:aws:s3:::reports/drafts/*")
        .through_endpoint("vpce-0a1b2c3d4e5f67890");
    let notes = proven(&endpoint, &policies).scope.notes;
    assert_eq!(
        notes,
        ["the snapshot does not list `vpce-0a1b2c3d4e5f67890`"]
    );
    let short = Property::never("no keys")
        .action("kms:Decrypt")
        .resource("arn:aws:kms:*");
    assert!(unusable(&short, &policies).contains("an ARN has six fields"));
}
