use preclear_simulator::Given;

use crate::testing::{IDENTITY_POLICY, KEY, KEY_POLICY, codes, error_codes, files};
use crate::{Loaded, Options, snapshot};
use preclear_model::Diagnostics;
use preclear_simulator::Snapshot;

/// Loads two snapshot files whose contents follow `preclear: 1`.
fn merged(a: &str, b: &str) -> Result<Loaded<Snapshot>, Diagnostics> {
    let (a, b) = (format!("preclear: 1\n{a}"), format!("preclear: 1\n{b}"));
    snapshot::load(
        ["a.yaml", "b.yaml"],
        &files([("a.yaml", &a), ("b.yaml", &b)]),
        &Options::default(),
    )
}

#[test]
fn documents_complete_each_other() {
    let a = format!(
        "account: '111122223333'\nkeys: [{{arn: '{KEY}', policy: {KEY_POLICY}}}]\nexternal: ['*']"
    );
    let b = format!(
        "complete: true\nkeys: [{{arn: '{KEY}', state: Disabled, grants: []}}]\nexternal: ['*']"
    );
    for (first, second) in [(&a, &b), (&b, &a)] {
        let snapshot = merged(first, second).unwrap().value;
        assert!(snapshot.complete);
        assert_eq!(snapshot.account.as_deref(), Some("111122223333"));
        assert_eq!(snapshot.external, ["*"]);
        let [key] = snapshot.keys.as_slice() else {
            panic!()
        };
        assert!(key.policy.value().is_some());
        assert_eq!(
            (key.state.as_str(), key.grants.as_deref()),
            ("Disabled", Some(&[][..]))
        );
    }
}

#[test]
fn the_same_said_twice_is_said_once() {
    let key = format!("keys: [{{arn: '{KEY}', policy: {KEY_POLICY}, aliases: [alias/a]}}]");
    let laid_out = key.replace("{\"Effect\"", "{   \"Effect\"");
    assert_eq!(merged(&key, &laid_out).unwrap().value.keys.len(), 1);
    let role = |policies: &str| {
        format!("principals: [{{arn: 'arn:aws:iam::111122223333:role/r', policies: {policies}}}]")
    };
    let other = IDENTITY_POLICY.replace("kms:*", "s3:*");
    let both = merged(
        &role(&format!("[{IDENTITY_POLICY}, {other}]")),
        &role(&format!("[{other}, {IDENTITY_POLICY}]")),
    );
    assert_eq!(both.unwrap().value.principals.len(), 1);
}

/// Rule: UI-32.
#[test]
fn contradictions_name_both_places() {
    let other = KEY_POLICY.replace("kms:*", "kms:Decrypt");
    let a = format!("keys: [{{arn: '{KEY}', policy: {KEY_POLICY}}}]");
    let b = format!("keys: [{{arn: '{KEY}', policy: {other}}}]");
    let found = merged(&a, &b).unwrap_err();
    let [only] = found.0.as_slice() else {
        panic!("{found}")
    };
    assert_eq!((only.code, only.rule), ("CONTRADICTION", Some("UI-32")));
    assert_eq!(only.place.as_ref().unwrap().locate().name, "b.yaml");
    assert_eq!(only.related[0].0.locate().name, "a.yaml");
    for (a, b) in [
        ("account: '111122223333'", "account: '444455556666'"),
        ("complete: true", "complete: false"),
        (
            "vpc_endpoints: [{id: v, kind: gateway}]",
            "vpc_endpoints: [{id: v, kind: interface}]",
        ),
        ("organization: {id: o-1}", "organization: {id: o-2}"),
        (
            "organization: {id: o-1, root: {id: r-1}}",
            "organization: {id: o-1, root: {id: r-2}}",
        ),
        (
            "organization: {id: o-1, units: [{id: ou-1, scps: []}]}",
            "organization: {id: o-1, units: [{id: ou-1, scps: ['arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess']}]}",
        ),
        (
            "resources: [{arn: 'arn:aws:s3:::b', account: '111122223333'}]",
            "resources: [{arn: 'arn:aws:s3:::b', account: '444455556666'}]",
        ),
        (
            "principals: [{arn: 'arn:aws:iam::111122223333:role/r', boundary: null}]",
            &format!(
                "principals: [{{arn: 'arn:aws:iam::111122223333:role/r', boundary: {IDENTITY_POLICY}}}]"
            ),
        ),
        ("layers_open: [scp]", "layers_empty: [scp]"),
    ] {
        assert!(
            merged(a, b).unwrap_err().mentions("CONTRADICTION"),
            "{a} / {b}"
        );
    }
}

#[test]
fn one_arn_is_one_policy_wherever_it_is_attached() {
    let role = |name: &str, document: &str| {
        format!(
            "principals: [{{arn: 'arn:aws:iam::111122223333:role/{name}', policies: [{{arn: 'arn:aws:iam::111122223333:policy/p', document: {document}}}]}}]"
        )
    };
    let other = IDENTITY_POLICY.replace("kms:*", "s3:*");
    assert!(merged(&role("a", IDENTITY_POLICY), &role("b", IDENTITY_POLICY)).is_ok());
    let found = merged(&role("a", IDENTITY_POLICY), &role("b", &other)).unwrap_err();
    assert_eq!(found.0[0].code, "CONTRADICTION");
}

#[test]
fn twice_in_one_file_is_an_error_even_if_it_is_the_same() {
    let twice = format!("keys: [{{arn: '{KEY}'}}, {{arn: '{KEY}'}}]");
    let found = merged(&twice, "").unwrap_err();
    assert_eq!(codes(&found), [format!("DUPLICATE_ENTRY '{}", &KEY[..39])]);
    assert_eq!(found.0[0].related.len(), 1);
    let both = "resources: [{arn: 'arn:aws:s3:::b'}, {arn: 'arn:aws:s3:::b'}]\ngroups: [{arn: 'arn:aws:iam::111122223333:group/g'}, {arn: 'arn:aws:iam::111122223333:group/g'}]";
    assert_eq!(
        error_codes(merged(both, "")),
        ["DUPLICATE_ENTRY", "DUPLICATE_ENTRY"]
    );
}

#[test]
fn spec_and_usage_from_two_files_are_checked_together() {
    let a = format!("keys: [{{arn: '{KEY}', spec: HMAC_256}}]");
    let b = format!("keys: [{{arn: '{KEY}', usage: GENERATE_VERIFY_MAC}}]");
    assert!(merged(&a, &b).is_ok());
    assert_eq!(
        error_codes(merged(&a, "")),
        ["KEY_USAGE_UNSUPPORTED_BY_SPEC"]
    );
}

#[test]
fn left_out_in_one_file_is_filled_by_nothing_in_the_other() {
    let a = "principals: [{arn: 'arn:aws:iam::111122223333:role/r'}]";
    let b = "principals: [{arn: 'arn:aws:iam::111122223333:role/r', policies: []}]";
    assert_eq!(
        merged(a, b).unwrap().value.principals[0].policies,
        Given::Nothing
    );
}
