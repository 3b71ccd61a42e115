//! What outputs say of keys that not everything is known of.

use super::*;

/// Loads one output in the folder of the key, beside a default policy and what says that nothing else exists.
fn key_with(output: &str) -> Loaded<Snapshot> {
    let policy = serde_json::to_string(crate::testing::KEY_POLICY).unwrap();
    load(&[
        (
            &format!("{KEY_FOLDER}/p.json"),
            &format!(r#"{{"Policy": {policy}, "PolicyName": "default"}}"#),
        ),
        (&format!("{KEY_FOLDER}/x.json"), output),
        ("d/s.yaml", "preclear: 1\ncomplete: true"),
    ])
    .unwrap_or_else(|errors| panic!("{errors}"))
}

fn grant(members: &str) -> String {
    format!(
        r#"{{"Grants": [{{"GrantId": "g", "GranteePrincipal": "arn:aws:iam::111122223333:role/R", {members}}}]}}"#
    )
}

/// Rule: KMS-GRANT-5, KMS-GRANT-7, IAM-TRI-7.
#[test]
fn a_grant_with_a_constraint_that_nobody_knows_may_allow_or_not() {
    let loaded = key_with(&grant(
        r#""Operations": ["Decrypt"], "Constraints": {"SourceArn": "arn:aws:s3:::b", "New": {"a": "b"}}"#,
    ));
    assert_eq!(
        codes(&loaded.diagnostics),
        ["GRANT_NOT_UNDERSTOOD {\"a\": \"b\"}"]
    );
    assert_eq!(loaded.value.keys[0].grants, None);
    let open = &loaded.value.undetermined[&Layer::Grants][KEY_ARN];
    let names: Vec<&str> = open.iter().map(String::as_str).collect();
    assert_eq!(names, ["New of grant g"]);
    let none = key_with(&grant(
        r#""Operations": ["Decrypt"], "Constraints": {"New": null}"#,
    ));
    assert_eq!(codes(&none.diagnostics), [""; 0]);
    assert_eq!(none.value.keys[0].grants.as_ref().unwrap().len(), 1);
}

/// Rule: KMS-GRANT-2.
#[test]
fn an_operation_that_nobody_knows_leaves_the_others() {
    let loaded = key_with(&grant(r#""Operations": ["Decrypt", "QuantumThing"]"#));
    let found = codes(&loaded.diagnostics);
    assert_eq!(found, ["GRANT_NOT_UNDERSTOOD \"QuantumThing\""]);
    let grants = loaded.value.keys[0].grants.as_ref().unwrap();
    assert_eq!(grants[0].operations, ["Decrypt"]);
}

/// Rule: KMS-POL-2.
#[test]
fn a_policy_of_ram_that_is_not_there_leaves_the_key_open() {
    let names = r#"{"PolicyNames": ["default", "AWS_RAM"], "Truncated": false}"#;
    let loaded = key_with(names);
    assert_eq!(
        codes(&loaded.diagnostics),
        ["POLICY_WITHOUT_DOCUMENT \"AWS_RAM\""]
    );
    assert!(loaded.value.has_rejected(Layer::Resource, KEY_ARN));
    let loaded = key_with(r#"{"PolicyNames": ["default"]}"#);
    assert_eq!(codes(&loaded.diagnostics), [""; 0]);
    assert!(!loaded.value.has_rejected(Layer::Resource, KEY_ARN));
    // With it all is known, whoever says it.
    let policy = serde_json::to_string(crate::testing::KEY_POLICY).unwrap();
    let printed = format!(r#"{{"Policy": {policy}, "PolicyName": "AWS_RAM"}}"#);
    let printed = (format!("{KEY_FOLDER}/r.json"), printed);
    let listed = format!("preclear: 1\nkeys: [{{arn: '{KEY_ARN}', ram_policy: {policy}}}]");
    for file in [printed, ("d/r.yaml".to_owned(), listed)] {
        let names = (&*format!("{KEY_FOLDER}/n.json"), names);
        let snapshot = read(&[names, (&file.0, &file.1)]);
        assert!(!snapshot.has_rejected(Layer::Resource, KEY_ARN));
        let names = (names.0, r#"{"PolicyNames": ["default"]}"#);
        let found = complaints(&[names, (&file.0, &file.1)]);
        let is_printed = file.0.ends_with("json");
        assert_eq!(found.len(), usize::from(is_printed), "{found:?}");
        assert!(found.iter().all(|found| found.starts_with("CONTRADICTION")));
    }
}

/// The folder says it, else what is printed.
#[test]
fn names_of_policies_are_those_of_a_key_or_of_an_identity() {
    let of_role = (
        "d/111122223333/roles/R/x.json",
        r#"{"PolicyNames": ["default"]}"#,
    );
    let snapshot = load(&[of_role]).unwrap().value;
    assert_eq!(snapshot.principals.len(), 1);
    for (text, folder) in [
        (r#"{"PolicyNames": ["default", "AWS_RAM"]}"#, "keys/KEY-ID"),
        (r#"{"PolicyNames": [], "Truncated": false}"#, "keys/KEY-ID"),
        (r#"{"PolicyNames": ["other"]}"#, "roles/NAME"),
    ] {
        let errors = load(&[("d/x.json", text)]).unwrap_err();
        let error = errors.errors().next().unwrap();
        assert!(error.help.as_ref().unwrap().contains(folder), "{error}");
    }
}
