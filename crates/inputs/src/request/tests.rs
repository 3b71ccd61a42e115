use super::Fallback;
use preclear_model::caller::Caller;
use std::path::Path;

use preclear_model::Diagnostics;
use preclear_model::caller::{CallerKind, Credentials};
use preclear_simulator::request::{
    AmbiguityMode, Ask, ContextMode, ContextValue, GrantKeyTrust, Request,
};

use crate::request::{read, read_context};
use crate::testing::{IDENTITY_POLICY, KEY, KEY_POLICY, codes, error_codes, files};
use crate::{Loaded, Options};

fn read_text(text: &str) -> Result<Request, Diagnostics> {
    let files = files([
        ("r.yaml", text),
        ("p.json", IDENTITY_POLICY),
        ("k.json", KEY_POLICY),
    ]);
    read(
        Path::new("r.yaml"),
        &files,
        &Options::default(),
        &Fallback::default(),
    )
    .map(|loaded| {
        assert_eq!(loaded.value.len(), 1);
        loaded.value.into_iter().next().unwrap()
    })
}

fn with(text: &str) -> Result<Request, Diagnostics> {
    read_text(&format!(
        "principal: anonymous\naction: kms:Decrypt\n{text}"
    ))
}

#[test]
fn every_member_arrives() {
    let request = read_text(&format!(
        r#"
id: r1
principal:
  arn: arn:aws:sts::111122223333:federated-user/f
  id: AROAX
  canonical_id: c
  session_policies: [{{file: p.json}}]
  tags: {{a: b, n: 1}}
  source_identity: s
  user: arn:aws:iam::111122223333:user/u
  credentials: session_token
operation: kms:ReEncrypt
resource: alias/labels
resource_account: 444455556666
region: us-west-2
parameters: {{SourceKeyId: {KEY}, DryRun: true, DryRunModifiers: [IGNORE_CIPHERTEXT]}}
ciphertext_key: alias/labels
encryption_context: {{a: b}}
grant_tokens: [t]
context: {{"kms:ViaService": s3.us-west-2.amazonaws.com, "aws:TagKeys": [a, 2], "aws:SecureTransport": true, "aws:MultiFactorAuthAge": 012}}
unknown: [aws:SourceIp]
absent: [aws:SourceVpc]
present: [aws:UserAgent]
force_context: true
mode: closed
ambiguity: failsafe
now: 2026-01-01T00:00:00Z
via: [ec2, s3]
grant_for_aws_resource: false
vpc_endpoint: vpce-1
switches: {{grant_key_trust: lenient}}
"#
    ))
    .unwrap();
    assert_eq!(request.id.as_deref(), Some("r1"));
    assert!(
        matches!(&request.caller.kind, CallerKind::FederatedUser { user: Some(user), .. } if user.as_str().ends_with(":user/u"))
    );
    assert_eq!(request.caller.id.as_deref(), Some("AROAX"));
    assert_eq!(request.caller.canonical_id.as_deref(), Some("c"));
    assert_eq!(request.caller.tags["n"], "1");
    assert_eq!(request.caller.source_identity.as_deref(), Some("s"));
    assert_eq!(request.caller.credentials, Some(Credentials::SessionToken));
    assert_eq!(request.session_policies.as_ref().unwrap()[0].name, "p.json");
    assert_eq!(request.ask, Ask::Operation("kms:ReEncrypt".to_owned()));
    assert_eq!(request.resource.as_deref(), Some("alias/labels"));
    assert_eq!(request.resource_account.as_deref(), Some("444455556666"));
    assert_eq!(request.region.as_deref(), Some("us-west-2"));
    let parameters = request.parameters.as_ref().unwrap();
    assert_eq!(parameters["DryRun"], true);
    assert_eq!(parameters["DryRunModifiers"][0], "IGNORE_CIPHERTEXT");
    assert_eq!(parameters["SourceEncryptionContext"]["a"], "b");
    assert_eq!(parameters["DestinationEncryptionContext"]["a"], "b");
    assert_eq!(parameters["GrantTokens"][0], "t");
    assert_eq!(request.ciphertext_key.as_deref(), Some("alias/labels"));
    let one = |text: &str| ContextValue::One(text.to_owned());
    assert_eq!(request.context["aws:SecureTransport"], one("true"));
    assert_eq!(request.context["aws:MultiFactorAuthAge"], one("012"));
    assert_eq!(
        request.context["aws:TagKeys"],
        ContextValue::Many(vec!["a".to_owned(), "2".to_owned()])
    );
    assert!(request.unknown.contains("aws:SourceIp") && request.absent.contains("aws:SourceVpc"));
    assert!(request.present.contains("aws:UserAgent"));
    assert!(request.force_context);
    assert_eq!(
        (request.mode, request.ambiguity),
        (ContextMode::Closed, AmbiguityMode::Failsafe)
    );
    assert_eq!(request.now.as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(request.via, ["ec2", "s3"]);
    assert_eq!(request.grant_for_aws_resource, Some(false));
    assert_eq!(request.vpc_endpoint.as_deref(), Some("vpce-1"));
    assert_eq!(request.grant_key_trust, GrantKeyTrust::Lenient);
}

#[test]
fn what_is_left_out_has_its_default() {
    let request = with("").unwrap();
    assert!(
        request.parameters.is_none() && request.session_policies.is_none() && request.now.is_none()
    );
    assert_eq!(
        (request.mode, request.ambiguity),
        (ContextMode::Open, AmbiguityMode::Report)
    );
    assert!(request.via.is_empty() && request.grant_for_aws_resource.is_none());
    assert_eq!(with("via: s3").unwrap().via, ["s3"]);
    assert_eq!(
        with("now: system").unwrap().now.as_deref(),
        Some(crate::NOW_SYSTEM)
    );
    // `{}` says that there is no encryption context, which is more than nothing.
    assert!(
        with("encryption_context: {}").unwrap().parameters.unwrap()["EncryptionContext"]
            .as_object()
            .unwrap()
            .is_empty()
    );
    assert!(with("grant_tokens: []").unwrap().parameters.is_none());
}

/// Rule: UI-34.
#[test]
fn principals_have_many_forms() {
    let kind = |principal: &str| {
        read_text(&format!("principal: {principal}\naction: kms:Decrypt"))
            .map(|request| request.caller.kind)
    };
    assert!(matches!(
        kind("arn:aws:iam::111122223333:root"),
        Ok(CallerKind::Root)
    ));
    assert!(matches!(kind("anonymous"), Ok(CallerKind::Anonymous)));
    assert!(matches!(
        kind("sns.amazonaws.com"),
        Ok(CallerKind::Service { .. })
    ));
    assert!(matches!(
        kind("{federated: accounts.google.com}"),
        Ok(CallerKind::Federated { .. })
    ));
    assert!(matches!(
        kind("{arn: anonymous}"),
        Ok(CallerKind::Anonymous)
    ));
    for (bad, code) in [
        ("somebody", "INVALID_PRINCIPAL"),
        ("{}", "MISSING_MEMBER"),
        ("{arn: anonymous, federated: x}", "INVALID_PRINCIPAL"),
        (
            "{arn: 'arn:aws:iam::111122223333:role/r', user: 'arn:aws:iam::111122223333:user/u'}",
            "INVALID_PRINCIPAL",
        ),
        (
            "{arn: 'arn:aws:sts::111122223333:federated-user/f', user: 'arn:aws:iam::111122223333:role/u'}",
            "INVALID_PRINCIPAL",
        ),
        ("{arn: anonymous, session_policy: x}", "UNKNOWN_MEMBER"),
        ("{arn: anonymous, credentials: temporary}", "UNKNOWN_VALUE"),
        ("[anonymous]", "WRONG_TYPE"),
        ("arn:aws:iam::111122223333:group/g", "INVALID_PRINCIPAL"),
    ] {
        assert_eq!(kind(bad).unwrap_err().0[0].code, code, "{bad}");
    }
}

/// IAM-COND-20: instants count, so a time with an offset is as good as one in UTC.
#[test]
fn a_clock_is_told_in_utc() {
    for (text, expected) in [
        ("2026-01-01", Some("2026-01-01")),
        ("2026-01-01T00:00Z", Some("2026-01-01T00:00Z")),
        (
            "2026-01-01T00:00:00.12345678901234Z",
            Some("2026-01-01T00:00:00.12345678901234Z"),
        ),
        ("2026-01-01T01:30:00+02:00", Some("2025-12-31T23:30:00Z")),
        ("2026-01-01T01:30-05:30", Some("2026-01-01T07:00:00Z")),
        (
            "2026-01-01T01:30:00.25-00:00",
            Some("2026-01-01T01:30:00.25Z"),
        ),
        ("2026-01-01T24:00:00Z", None),
        ("2026-01-01T00:60:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-01-01T00:00:00", None),
        ("2026-01-01T00:00:00+0200", None),
        ("2026-01-01T00:00:00+25:00", None),
        ("2026-01-01T00.5Z", None),
        ("0000-01-01T00:00:00+02:00", None),
        ("9999-12-31T23:00:00-02:00", None),
        ("2026-01-01T00:00:00+02:00:00", None),
        ("2026-01-01+02:00", None),
        ("+02:00", None),
        ("é+02:00", None),
        ("", None),
    ] {
        assert_eq!(crate::clock(text).as_deref(), expected, "{text}");
    }
    let read = |now: &str| with(&format!("now: '{now}'")).unwrap().now;
    assert_eq!(
        read("2026-01-01T02:00:00+02:00").as_deref(),
        Some("2026-01-01T00:00:00Z")
    );
}

#[test]
fn defects_are_named() {
    for (text, code) in [
        ("resorce: x", "UNKNOWN_MEMBER resorce"),
        ("operation: kms:ReEncrypt", "CONTRADICTION operation"),
        ("mode: close", "UNKNOWN_VALUE close"),
        ("now: tomorrow", "INVALID_DATE tomorrow"),
        ("now: 2026-02-30", "INVALID_DATE 2026-02-30"),
        (
            "now: 2026-01-01T00:00:60Z",
            "INVALID_DATE 2026-01-01T00:00:60Z",
        ),
        (
            "context: {SourceIp: 10.0.0.1}",
            "INVALID_CONTEXT_KEY SourceIp",
        ),
        ("context: {'aws:SourceIp': null}", "EMPTY_MEMBER null"),
        ("context: {'aws:SourceIp': {a: b}}", "WRONG_TYPE {a: b}"),
        (
            "context: {'aws:SourceIp': a, 'AWS:sourceip': b}",
            "CONTRADICTION context",
        ),
        (
            "context: {'aws:SourceIp': a}\nabsent: ['aws:SourceIP']",
            "CONTRADICTION absent",
        ),
        ("unknown: aws:SourceIp", "WRONG_TYPE aws:SourceIp"),
        ("force_context: 'true'", "WRONG_TYPE 'true'"),
        ("resource_account: 1234", "INVALID_ACCOUNT_ID 1234"),
        (
            "ciphertext_key: arn:aws:s3:::b",
            "INVALID_KEY_IDENTIFIER arn:aws:s3:::b",
        ),
        ("parameters: [a]", "WRONG_TYPE [a]"),
        ("switches: {grant_key_trust: loose}", "UNKNOWN_VALUE loose"),
        ("switches: {x: y}", "UNKNOWN_MEMBER x"),
        (
            "resource: arn:aws:iam::<account-id>:role/r",
            "UNRESOLVED_PLACEHOLDER <account-id>",
        ),
    ] {
        assert_eq!(codes(&with(text).unwrap_err()), [code], "{text}");
    }
    let read = |text: &str| codes(&read_text(text).unwrap_err());
    assert_eq!(
        read("principal: anonymous\naction: Decrypt"),
        ["INVALID_ACTION action"]
    );
    assert_eq!(
        read("principal: anonymous\naction: 'kms:*'"),
        ["INVALID_ACTION action"]
    );
    assert_eq!(read("principal: anonymous"), ["MISSING_MEMBER p"]);
    assert_eq!(read("action: kms:Decrypt"), ["MISSING_MEMBER a"]);
    assert_eq!(read("7"), ["WRONG_TYPE 7"]);
}

/// A request for a KMS action.
fn asking(action: &str, rest: &str) -> Result<Request, Diagnostics> {
    read_text(&format!(
        "principal: arn:aws:iam::111122223333:role/r\naction: kms:{action}\nresource: {KEY}\n{rest}"
    ))
}

/// Rule: UI-38.
#[test]
fn sugar_and_parameters_may_not_differ() {
    let policy = |document: &str| {
        format!("key_policy_candidate: {{file: k.json}}\nparameters: {{Policy: {document}}}")
    };
    let other_policy = KEY_POLICY.replace("kms:*", "kms:Get*");
    for (action, text, is_fine) in [
        (
            "Decrypt",
            "encryption_context: {a: b}\nparameters: {EncryptionContext: {a: b}}",
            true,
        ),
        (
            "Decrypt",
            "encryption_context: {a: b}\nparameters: {EncryptionContext: {a: c}}",
            false,
        ),
        (
            "Decrypt",
            "encryption_context: {}\nparameters: {EncryptionContext: {a: c}}",
            false,
        ),
        (
            "ReEncryptFrom",
            "encryption_context: {a: b}\nparameters: {SourceEncryptionContext: {a: b}}",
            true,
        ),
        (
            "ReEncryptFrom",
            "encryption_context: {a: b}\nparameters: {DestinationEncryptionContext: {a: c}}",
            false,
        ),
        (
            "Encrypt",
            "grant_tokens: [t]\nparameters: {GrantTokens: [t]}",
            true,
        ),
        (
            "Encrypt",
            "grant_tokens: [t]\nparameters: {GrantTokens: [u]}",
            false,
        ),
        ("PutKeyPolicy", &policy(KEY_POLICY), true),
        ("PutKeyPolicy", &policy(&other_policy), false),
    ] {
        let request = asking(action, text);
        assert_eq!(request.is_ok(), is_fine, "{text}: {request:?}");
        if let Err(found) = request {
            assert_eq!(
                (found.0[0].code, found.0[0].rule),
                ("GIVEN_TWICE", Some("UI-38")),
                "{text}"
            );
        }
    }
}

/// Rule: UI-38, UI-4.
#[test]
fn members_that_the_call_cannot_have_are_all_told_at_their_places() {
    let places = |action: &str, text: &str| -> Vec<String> {
        let found = asking(action, text).unwrap_err();
        let marked = found.0.iter().map(|one| {
            let place = one.place.as_ref().unwrap();
            let span = place.span.start as usize..place.span.end as usize;
            format!("{} {}", one.code, &place.source.text[span])
        });
        marked.collect()
    };
    assert_eq!(
        places(
            "CreateGrant",
            "parameters: {GranteePrincpal: x, Operation: [Decrypt], DryRun: 'yes', Constraints: {EncryptionContextEqual: {}}}"
        ),
        [
            "UNKNOWN_MEMBER GranteePrincpal",
            "UNKNOWN_MEMBER Operation",
            "WRONG_TYPE 'yes'",
            "UNKNOWN_MEMBER EncryptionContextEqual",
        ]
    );
    assert_eq!(
        places(
            "TagResource",
            "parameters: {Tags: [{TagKey: a, TagValue: b}, c, {TagKey: [d]}]}"
        ),
        ["WRONG_TYPE c", "WRONG_TYPE TagKey"]
    );
    for (action, text, marked) in [
        (
            "DescribeKey",
            "encryption_context: {a: b}",
            "encryption_context",
        ),
        ("ListGrants", "grant_tokens: [t]", "grant_tokens"),
        ("Encrypt", "ciphertext_key: alias/x", "ciphertext_key"),
        (
            "Decrypt",
            "key_policy_candidate: {file: k.json}",
            "key_policy_candidate",
        ),
    ] {
        assert_eq!(places(action, text), [format!("UNKNOWN_MEMBER {marked}")]);
    }
}

#[test]
fn the_policy_among_the_parameters_is_the_candidate() {
    let quoted = serde_json::to_string(KEY_POLICY).unwrap();
    let put = |text: &str| asking("PutKeyPolicy", text);
    let request = put(&format!("parameters: {{KeyId: {KEY}, Policy: {quoted}}}")).unwrap();
    assert_eq!(
        request.key_policy_candidate.unwrap().name,
        "parameters/Policy"
    );
    assert_eq!(request.parameters.unwrap()["Policy"], KEY_POLICY);
    assert!(put("parameters: {Policy: '{}'}").is_err());
}

/// What of a request's session policies and candidate is read under `keep_going`.
fn keeping_going(principal: &str, rest: &str) -> Result<Loaded<Vec<Request>>, Diagnostics> {
    let text = format!("principal: {principal}\naction: kms:PutKeyPolicy\n{rest}");
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    read(
        Path::new("r.yaml"),
        &files([("r.yaml", text.as_str())]),
        &options,
        &Fallback::default(),
    )
}

/// Rule: IAM-GRAM-19.
#[test]
fn a_rejected_session_policy_is_told_where_it_leaves_something_open() {
    let principal = |policies: &str| {
        format!("{{arn: 'arn:aws:iam::111122223333:role/r', session_policies: [{policies}]}}")
    };
    let two = format!("{{Statement: []}}, {IDENTITY_POLICY}");
    let loaded = keeping_going(&principal(&two), "").unwrap();
    assert!(!loaded.diagnostics.is_empty());
    let request = &loaded.value[0];
    assert!(request.session_policy_rejected);
    assert_eq!(request.session_policies.as_ref().map(Vec::len), Some(1));

    let good = keeping_going(&principal(IDENTITY_POLICY), "").unwrap();
    assert!(!good.value[0].session_policy_rejected && good.diagnostics.is_empty());
    let none = keeping_going("arn:aws:iam::111122223333:role/r", "").unwrap();
    assert!(!none.value[0].session_policy_rejected);
    // What is not there was not rejected.
    let missing = keeping_going(&principal("{file: none.json}"), "");
    assert_eq!(error_codes(missing), ["MISSING_FILE"]);
}

#[test]
fn keep_going_does_not_help_what_is_asked_about() {
    let candidate = "key_policy_candidate: {Statement: []}";
    assert!(keeping_going("anonymous", "").is_ok());
    assert!(keeping_going("anonymous", candidate).is_err());
    assert!(keeping_going("anonymous", "parameters: {Policy: '{}'}").is_err());
}

#[test]
fn a_file_may_hold_a_list() {
    let text = "- {principal: anonymous, action: kms:Decrypt}\n- {principal: anonymous, action: kms:Encrypt, x: 1}";
    let read = |text: &str| {
        read(
            Path::new("r.yaml"),
            &files([("r.yaml", text)]),
            &Options::default(),
            &Fallback::default(),
        )
    };
    assert_eq!(error_codes(read(text)), ["UNKNOWN_MEMBER"]);
    assert_eq!(read(&text.replace(", x: 1", "")).unwrap().value.len(), 2);
}

#[test]
fn a_file_of_context_keys_is_read_alike() {
    let files = files([
        (
            "c.json",
            r#"{"aws:TagKeys": ["a"], "aws:SecureTransport": false}"#,
        ),
        ("d.json", "[]"),
    ]);
    let read = |path: &str| read_context(Path::new(path), &files, &Options::default());
    assert_eq!(
        read("c.json").unwrap().value["aws:SecureTransport"],
        ContextValue::One("false".to_owned())
    );
    assert_eq!(error_codes(read("d.json")), ["WRONG_TYPE"]);
}

#[test]
fn a_fallback_fills_what_a_request_leaves_out() {
    let caller = Caller::parse("arn:aws:iam::111122223333:role/r").expect("a caller");
    let fallback = Fallback::new(
        Some(caller.clone()),
        Some(Ask::Action("kms:Decrypt".to_owned())),
    );
    let files = files([(
        "r.yaml",
        "[{resource: alias/a}, {principal: anonymous, operation: kms:ReEncrypt}]",
    )]);
    let read = read(Path::new("r.yaml"), &files, &Options::default(), &fallback)
        .expect("two requests")
        .value;
    assert_eq!(read[0].caller, caller);
    assert_eq!(read[0].ask, Ask::Action("kms:Decrypt".to_owned()));
    assert_eq!(read[1].caller.display_arn(), "anonymous");
    assert_eq!(read[1].ask, Ask::Operation("kms:ReEncrypt".to_owned()));
}
