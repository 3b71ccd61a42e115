//! What is wrong with outputs of each command: wrong types, missing subjects, files in the wrong folder.

use super::*;

/// Rule: UI-33.
#[test]
fn members_of_a_wrong_type_are_errors() {
    let key = format!("{KEY_FOLDER}/x.json");
    let role = "d/111122223333/roles/R/x.json";
    for (file, text, wanted) in [
        ("d/x.json", r#"{"UserDetailList": 1}"#, "WRONG_TYPE 1"),
        (
            "d/x.json",
            r#"{"RoleDetailList": [{"Arn": "arn:aws:iam::111122223333:role/R", "RoleId": 5}]}"#,
            "WRONG_TYPE 5",
        ),
        (
            "d/x.json",
            r#"{"RoleDetailList": [{"Arn": "arn:aws:iam::111122223333:role/R", "RolePolicyList": [{"PolicyName": "x"}]}]}"#,
            "MISSING_MEMBER {",
        ),
        (
            "d/x.json",
            r#"{"Role": {"Arn": "arn:aws:iam::111122223333:user/R"}}"#,
            "NOT_A_PRINCIPAL \"arn:aws:iam::111122223333:user/R\"",
        ),
        ("d/x.json", r#"{"User": {"Arn": 7}}"#, "WRONG_TYPE 7"),
        (
            "d/x.json",
            r#"{"Group": {"Arn": "arn:aws:iam::111122223333:role/R"}}"#,
            "NOT_A_GROUP \"arn:aws:iam::111122223333:role/R\"",
        ),
        (
            role,
            r#"{"AttachedPolicies": [{"PolicyArn": 3}]}"#,
            "WRONG_TYPE 3",
        ),
        (role, r#"{"AttachedPolicies": ["x"]}"#, "WRONG_TYPE \"x\""),
        (role, r#"{"PolicyNames": [4]}"#, "WRONG_TYPE 4"),
        (
            role,
            r#"{"RoleName": "R", "PolicyName": "x", "PolicyDocument": 9}"#,
            "NOT_A_POLICY 9",
        ),
        (
            role,
            r#"{"RoleName": "R", "PolicyName": "x", "PolicyDocument": "arn:aws:iam::aws:policy/ReadOnlyAccess"}"#,
            "NOT_A_POLICY \"arn:aws:iam::aws:policy/ReadOnlyAccess\"",
        ),
        (
            role,
            r#"{"PolicyVersion": {"VersionId": "v1", "IsDefaultVersion": "yes", "Document": {}}}"#,
            "WRONG_TYPE \"yes\"",
        ),
        (
            &key,
            r#"{"KeyMetadata": {"KeyId": "k-1"}}"#,
            "MISSING_MEMBER {",
        ),
        (
            &key,
            r#"{"KeyMetadata": {"Arn": "arn:aws:kms:us-west-2:111122223333:key/k-1", "KeyState": "Enable"}}"#,
            "UNKNOWN_VALUE \"Enable\"",
        ),
        (
            &key,
            r#"{"KeyMetadata": {"Arn": "arn:aws:kms:us-west-2:111122223333:key/k-1", "MultiRegion": "no"}}"#,
            "WRONG_TYPE \"no\"",
        ),
        (
            &key,
            r#"{"Grants": [{"GrantId": "x", "GranteePrincipal": "arn:aws:iam::111122223333:role/R", "Operations": ["Decript"]}]}"#,
            "GRANT_OPERATIONS \"Decript\"",
        ),
        (&key, r#"{"Tags": [{"TagKey": 1}]}"#, "WRONG_TYPE 1"),
        (
            &key,
            r#"{"Policy": "{\"Version\": \"2012-10-17\", \"Statement\": []}", "PolicyName": "defualt"}"#,
            "UNKNOWN_VALUE \"defualt\"",
        ),
        (
            "d/x.json",
            r#"{"Aliases": [{"AliasName": "x", "AliasArn": "arn:aws:kms:us-west-2:111122223333:alias/x"}]}"#,
            "INVALID_ALIAS \"x\"",
        ),
        (
            "d/x.json",
            r#"{"Keys": [{"KeyArn": "arn:aws:kms:us-west-2:111122223333:alias/x"}]}"#,
            "NOT_A_KEY \"arn:aws:kms:us-west-2:111122223333:alia",
        ),
        (
            "d/buckets/b/x.json",
            r#"{"LocationConstraint": "Oregon"}"#,
            "INVALID_REGION \"Oregon\"",
        ),
        (
            "d/buckets/b/x.json",
            r#"{"ServerSideEncryptionConfiguration": {"Rules": 1}}"#,
            "WRONG_TYPE 1",
        ),
        (
            "d/x.json",
            r#"{"Configuration": {"FunctionArn": "arn:aws:sqs:us-west-2:111122223333:q"}}"#,
            "INVALID_ARN \"arn:aws:sqs:us-west-2:111122223333:q\"",
        ),
        (
            "d/x.json",
            r#"{"Attributes": {"QueueArn": "arn:aws:sns:us-west-2:111122223333:q"}}"#,
            "INVALID_ARN \"arn:aws:sns:us-west-2:111122223333:q\"",
        ),
        (
            "d/x.json",
            r#"{"Attributes": {"TopicArn": 1}}"#,
            "WRONG_TYPE 1",
        ),
        (
            "d/x.json",
            r#"{"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "OwnerId": "1"}]}"#,
            "INVALID_ACCOUNT_ID \"1\"",
        ),
        ("d/x.json", r#"{"Organization": {"Id": 1}}"#, "WRONG_TYPE 1"),
        (
            "d/x.json",
            r#"{"Accounts": [{"Id": "1", "Arn": "x"}]}"#,
            "INVALID_ACCOUNT_ID \"1\"",
        ),
    ] {
        let found = complaints(&[(file, text)]);
        assert!(
            found.iter().any(|found| found == wanted),
            "{text}: {found:?}"
        );
    }
}

/// Rule: UI-31.
#[test]
fn outputs_without_a_subject_name_the_folder_to_put_them_in() {
    for (text, folder) in [
        (
            r#"{"Policy": "{}"}"#,
            "`keys/KEY-ID`, `buckets/NAME` or `functions/NAME`",
        ),
        (
            r#"{"Policy": "{}", "PolicyName": "default"}"#,
            "kms/keys/KEY-ID",
        ),
        (r#"{"Grants": []}"#, "kms/keys/KEY-ID"),
        (r#"{"Tags": []}"#, "kms/keys/KEY-ID"),
        (
            r#"{"AttachedPolicies": []}"#,
            "`users/NAME` or `roles/NAME` or `groups/NAME`",
        ),
        (
            r#"{"PolicyNames": []}"#,
            "`users/NAME` or `roles/NAME` or `groups/NAME`",
        ),
        (r#"{"Groups": []}"#, "users/NAME"),
        (
            r#"{"RoleName": "R", "PolicyName": "x", "PolicyDocument": {}}"#,
            "account/111122223333",
        ),
        (
            r#"{"PolicyVersion": {"VersionId": "v1", "Document": {}}}"#,
            "policies/NAME",
        ),
        (r#"{"LocationConstraint": null}"#, "buckets/NAME"),
        (r#"{"Buckets": []}"#, "account/111122223333"),
        (r#"{"OrganizationalUnits": []}"#, "parents/PARENT-ID"),
        (r#"{"Parents": []}"#, "children/CHILD-ID"),
        (r#"{"Policies": []}"#, "targets/TARGET-ID"),
        (r#"{"Targets": []}"#, "policies/POLICY-ID"),
    ] {
        let errors = load(&[("d/x.json", text)]).unwrap_err();
        let error = errors
            .errors()
            .find(|error| error.code == "SUBJECT_UNKNOWN");
        let error = error.unwrap_or_else(|| panic!("{text}: {errors}"));
        let help = error.help.as_deref().unwrap_or_default();
        assert!(help.contains(folder), "{text}: {help}");
        assert!(error.place.is_some());
    }
    // A key needs more than its id.
    let errors = load(&[("d/keys/k-1/x.json", r#"{"Grants": []}"#)]).unwrap_err();
    assert_eq!(codes(&errors), ["SUBJECT_UNKNOWN {"]);
}

/// Rule: UI-32.
#[test]
fn outputs_in_the_folder_of_something_else_are_contradictions() {
    for (file, text) in [
        (
            "d/444455556666/x.json",
            r#"{"Role": {"Arn": "arn:aws:iam::111122223333:role/R"}}"#,
        ),
        (
            "d/roles/S/x.json",
            r#"{"Role": {"Arn": "arn:aws:iam::111122223333:role/R"}}"#,
        ),
        (
            "d/111122223333/roles/S/x.json",
            r#"{"RoleName": "R", "PolicyName": "x", "PolicyDocument": {}}"#,
        ),
        (
            "d/policies/S/x.json",
            r#"{"Policy": {"Arn": "arn:aws:iam::111122223333:policy/R", "DefaultVersionId": "v1"}}"#,
        ),
        (
            "d/keys/k-2/x.json",
            r#"{"KeyMetadata": {"Arn": "arn:aws:kms:us-west-2:111122223333:key/k-1"}}"#,
        ),
        (
            "d/eu-west-1/x.json",
            r#"{"KeyMetadata": {"Arn": "arn:aws:kms:us-west-2:111122223333:key/k-1"}}"#,
        ),
        (
            "d/keys/k-2/x.json",
            r#"{"Grants": [{"GrantId": "g", "KeyId": "arn:aws:kms:us-west-2:111122223333:key/k-1", "GranteePrincipal": "arn:aws:iam::111122223333:role/R", "Operations": ["Decrypt"]}]}"#,
        ),
        (
            "d/functions/f/x.json",
            r#"{"FunctionArn": "arn:aws:lambda:us-west-2:111122223333:function:g", "Role": "arn:aws:iam::111122223333:role/R"}"#,
        ),
        (
            "d/policies/p-1/x.json",
            r#"{"Policy": {"PolicySummary": {"Id": "p-2", "Arn": "arn:aws:organizations::aws:policy/service_control_policy/p-2", "Type": "SERVICE_CONTROL_POLICY"}, "Content": "{}"}}"#,
        ),
    ] {
        let found = load(&[(file, text)]).unwrap_err();
        let error = found.errors().find(|error| error.code == "CONTRADICTION");
        let error = error.unwrap_or_else(|| panic!("{text}: {found}"));
        assert!(error.message.contains(file), "{}", error.message);
    }
}

/// Rule: UI-32.
#[test]
fn a_key_cannot_be_enabled_and_not() {
    let key = |members: &str| {
        let file = format!("{KEY_FOLDER}/x.json");
        let text = format!(r#"{{"KeyMetadata": {{"Arn": "{KEY_ARN}", {members}}}}}"#);
        load(&[(&file, &text)])
    };
    for members in [
        r#""Enabled": false, "KeyState": "Enabled""#,
        r#""Enabled": true, "KeyState": "PendingDeletion""#,
    ] {
        let found = codes(&key(members).unwrap_err());
        assert!(found[0].starts_with("CONTRADICTION"), "{found:?}");
    }
    for (members, state) in [
        (r#""Enabled": false"#, "Disabled"),
        (r#""Enabled": true"#, "Enabled"),
        (r#""Enabled": true, "KeyState": "Updating""#, "Updating"),
        (
            r#""Enabled": false, "KeyState": "Unavailable""#,
            "Unavailable",
        ),
    ] {
        assert_eq!(key(members).unwrap().value.keys[0].state, state);
    }
}

/// Understood, and nothing for a snapshot: that is said.
#[test]
fn outputs_that_add_nothing_say_so() {
    for (file, text) in [
        ("d/111122223333/x.json", r#"{"Buckets": [], "Owner": {}}"#),
        ("d/x.json", r#"{"Keys": []}"#),
        ("d/x.json", r#"{"VpcEndpoints": []}"#),
        (
            "d/x.json",
            r#"{"Policies": [{"Arn": "arn:aws:iam::111122223333:policy/x", "DefaultVersionId": "v1"}]}"#,
        ),
        (
            "d/x.json",
            r#"{"Policies": [{"Id": "p-x", "Arn": "arn:aws:organizations::999999999999:policy/o-x/service_control_policy/p-x", "Type": "SERVICE_CONTROL_POLICY"}]}"#,
        ),
        (
            "d/x.json",
            r#"{"User": {"Arn": "arn:aws:iam::111122223333:root"}}"#,
        ),
        (
            "d/policies/x/x.json",
            r#"{"PolicyVersion": {"VersionId": "v1", "IsDefaultVersion": true, "Document": {}}}"#,
        ),
    ] {
        let found = complaints(&[(file, text)]);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(
            found[0].starts_with("OUTPUT_ADDS_NOTHING"),
            "{text}: {found:?}"
        );
    }
}

/// What looks nearly like an output is none.
#[test]
fn other_outputs_are_not_taken_for_these() {
    for text in [
        // s3api get-bucket-acl, ecr describe-images and the like, lambda list-aliases, iam list-users
        r#"{"Owner": {"ID": "x"}, "Grants": []}"#,
        r#"{"Grants": [{"Grantee": {}, "Permission": "FULL_CONTROL"}]}"#,
        r#"{"Aliases": [{"AliasArn": "arn:aws:lambda:us-west-2:111122223333:function:f:a", "Name": "a"}]}"#,
        r#"{"Users": []}"#,
        r#"{"Attributes": {"a": "b"}}"#,
        r#"{"Tags": [{"Key": "a", "Value": "b"}]}"#,
        r#"{"Targets": [{"Id": "1", "Arn": "x"}]}"#,
    ] {
        let found = complaints(&[("d/x.json", text), ("d/s.yaml", "preclear: 1")]);
        assert_eq!(found, ["UNRECOGNISED_FILE"], "{text}");
    }
}

/// A snapshot file could not say it.
#[test]
fn what_is_named_has_a_name() {
    let units = r#"{"OrganizationalUnits": [{"Id": "", "Arn": "arn:aws:organizations::999999999999:ou/o-1/ou-1"}]}"#;
    let path = "d/organization/parents/r-ab12/list-organizational-units-for-parent.json";
    let found = complaints(&[(path, units)]);
    assert!(
        found.iter().any(|code| code == "EMPTY_MEMBER \"\""),
        "{found:?}"
    );
}

#[test]
fn what_is_listed_is_one_thing() {
    for name in ["*", "2025-01-01T00:00:00", "a/b"] {
        let buckets = format!(r#"{{"Buckets": [{{"Name": "{name}"}}], "Owner": {{"ID": "x"}}}}"#);
        let found = complaints(&[("d/account/111122223333/s3/list-buckets.json", &buckets)]);
        let is_refused = found.iter().any(|code| code.starts_with("INVALID_ARN"));
        assert!(is_refused, "{found:?}");
    }
    let keys = r#"{"Keys": [{"KeyId": "", "KeyArn": "arn:aws:kms:us-west-2:111122223333:key/"}]}"#;
    let path = "d/account/111122223333/us-west-2/kms/list-keys.json";
    let found = complaints(&[(path, keys)]);
    assert!(!found.is_empty(), "{found:?}");
}
