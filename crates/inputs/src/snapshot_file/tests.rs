use preclear_simulator::Given;
use preclear_simulator::snapshot::{KeyManager, VpcEndpointKind};

use crate::Options;
use crate::testing::{IDENTITY_POLICY, KEY, KEY_POLICY, codes, error_codes, load, load_files};

/// The example of the interface, with documents in place of `POLICY`.
fn example() -> String {
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}}"#;
    let rcp = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}}"#;
    let endpoint = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
    format!(
        r#"
preclear: 1
account: "111122223333"
region: us-west-2
complete: true
layers_not_loaded: [scp]
layers_open: [rcp]
layers_empty: []
external: ["arn:aws:sns:*:111122223333:*"]
disabled_regions: {{"444455556666": [eu-south-1]}}
organization:
  id: o-example
  management_account: "999999999999"
  root: {{id: r-ab12, scps: ["arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"], rcps: [{rcp}]}}
  units: [{{id: ou-ab12-x, parent: r-ab12, scps: [], rcps: null}}]
  accounts: [{{id: "111122223333", parent: ou-ab12-x}}]
principals:
  - arn: arn:aws:iam::111122223333:role/service-role/example-role
    id: AROAEXAMPLE
    policies: [{IDENTITY_POLICY}]
    boundary: {IDENTITY_POLICY}
    trust: {trust}
    tags: {{team: labeling, level: 3}}
  - arn: arn:aws:iam::111122223333:user/u
    groups: ["arn:aws:iam::111122223333:group/g"]
groups: [{{arn: "arn:aws:iam::111122223333:group/g", policies: [{IDENTITY_POLICY}]}}]
keys:
  - arn: {KEY}
    policy: {KEY_POLICY}
    state: Disabled
    spec: RSA_2048
    usage: SIGN_VERIFY
    origin: EXTERNAL
    manager: CUSTOMER
    custom_key_store: cks-1
    last_used: 2026-05-01
    aliases: [alias/labels]
    tags: {{}}
    grants:
      - {{GrantId: g1, KeyId: {KEY}, CreationDate: 1700000000, GranteePrincipal: "arn:aws:iam::111122223333:role/r",
         IssuingAccount: "arn:aws:iam::444455556666:root", Operations: [Decrypt],
         Constraints: {{EncryptionContextSubset: {{a: b}}}}, GrantToken: t, Consistent: false}}
resources:
  - arn: arn:aws:s3:::team-sagemaker-out
    account: "111122223333"
    region: us-west-2
    encryption: {{ServerSideEncryptionConfiguration: {{Rules: [{{ApplyServerSideEncryptionByDefault: {{SSEAlgorithm: "aws:kms", KMSMasterKeyID: alias/labels}}, BucketKeyEnabled: true}}]}}}}
    objects:
      - {{key: in/a.jpg, kms_key: {KEY}, bucket_key: false, encryption_context: {{}}, tags: {{}}}}
    describe: {{Rules: [{{Id: "007", On: true}}]}}
vpc_endpoints:
  - {{id: vpce-1, kind: gateway, vpc: vpc-1, account: "111122223333", policy: {endpoint}}}
"#
    )
}

#[test]
fn every_member_of_the_example_arrives() {
    let snapshot = load(&example()).unwrap().value;
    assert_eq!(snapshot.account.as_deref(), Some("111122223333"));
    assert!(snapshot.complete);
    assert_eq!(snapshot.disabled_regions["444455556666"].len(), 1);
    let organization = snapshot.organization.unwrap();
    let root_scps = organization.root.scps.value().unwrap();
    assert!(root_scps[0].name.ends_with("/p-FullAWSAccess"));
    assert_eq!(
        organization.root.rcps.value().unwrap()[0].name,
        "organization/r-ab12/rcps/0"
    );
    assert_eq!(organization.units[0].scps, Given::Nothing);
    assert_eq!(organization.units[0].rcps, Given::Nothing);
    assert_eq!(organization.accounts[0].scps, Given::LeftOut);
    let role = &snapshot.principals[0];
    assert_eq!(
        role.policies.value().unwrap()[0].name,
        "principals/role example-role/policies/0"
    );
    assert_eq!(
        role.boundary.value().unwrap().name,
        "principals/role example-role/boundary"
    );
    assert_eq!(
        role.trust.value().unwrap().name,
        "principals/role example-role/trust"
    );
    assert_eq!(role.tags.as_ref().unwrap()["level"], "3");
    assert_eq!(
        snapshot.groups[0].policies.value().unwrap()[0].name,
        "groups/g/policies/0"
    );
    let key = &snapshot.keys[0];
    assert_eq!(
        key.policy.value().unwrap().name,
        "keys/1234abcd-12ab-34cd-56ef-1234567890ab/policy"
    );
    assert_eq!(
        (key.state.as_str(), key.usage.as_str(), key.origin.as_str()),
        ("Disabled", "SIGN_VERIFY", "EXTERNAL")
    );
    assert_eq!(key.tags.as_ref().map(|tags| tags.len()), Some(0));
    let grant = &key.grants.as_ref().unwrap()[0];
    assert_eq!(grant.issuing_account.as_deref(), Some("444455556666"));
    assert_eq!(grant.context_subset.as_ref().unwrap()["a"], "b");
    assert!(!grant.consistent);
    let bucket = &snapshot.resources[0];
    let encryption = bucket.encryption.value().unwrap();
    assert!(
        encryption.kms
            && encryption.bucket_key
            && encryption.key.as_deref() == Some("alias/labels")
    );
    assert_eq!(bucket.objects[0].kms_key.as_deref(), Some(KEY));
    let described = serde_json::json!({"Rules": [{"Id": "007", "On": true}]});
    assert_eq!(bucket.describe.as_ref(), described.as_object());
    let endpoint = &snapshot.vpc_endpoints[0];
    assert_eq!(endpoint.kind, VpcEndpointKind::Gateway);
    assert_eq!(
        endpoint.policy.value().unwrap().name,
        "vpc_endpoints/vpce-1/policy"
    );
}

#[test]
fn left_out_null_and_empty_are_three_things() {
    let text = format!(
        r#"
preclear: 1
principals:
  - {{arn: "arn:aws:iam::111122223333:role/a"}}
  - {{arn: "arn:aws:iam::111122223333:role/b", policies: null, boundary: null, trust: ""}}
  - {{arn: "arn:aws:iam::111122223333:role/c", policies: [], boundary: {{}}}}
keys:
  - {{arn: "{KEY}"}}
  - {{arn: "{KEY}2", aliases: null, tags: null, grants: []}}
"#
    );
    let snapshot = load(&text).unwrap().value;
    let [a, b, c] = snapshot.principals.as_slice() else {
        panic!()
    };
    assert_eq!(
        (&a.policies, &a.boundary, &a.tags),
        (&Given::LeftOut, &Given::LeftOut, &None)
    );
    assert_eq!(
        (&b.policies, &b.boundary, &b.trust),
        (&Given::Nothing, &Given::Nothing, &Given::Nothing)
    );
    assert_eq!(
        (&c.policies, &c.boundary),
        (&Given::Nothing, &Given::Nothing)
    );
    let [first, second] = snapshot.keys.as_slice() else {
        panic!()
    };
    assert!(first.aliases.is_none() && first.tags.is_none() && first.grants.is_none());
    assert_eq!(second.aliases.as_deref(), Some(&[][..]));
    assert_eq!(second.tags.as_ref().map(|tags| tags.len()), Some(0));
    assert_eq!(second.grants.as_deref(), Some(&[][..]));
    assert_eq!(
        (first.state.as_str(), first.spec.as_str()),
        ("Enabled", "SYMMETRIC_DEFAULT")
    );
}

#[test]
fn account_ids_keep_their_leading_zeros() {
    let snapshot = load("preclear: 1\naccount: 012345678901").unwrap().value;
    assert_eq!(snapshot.account.as_deref(), Some("012345678901"));
    let found = load_files(
        [("s.yaml", r#"{"preclear": 1, "account": 123456789012}"#)],
        &Options::default(),
    );
    assert_eq!(codes(&found.unwrap_err()), ["WRONG_TYPE 123456789012"]);
}

#[test]
fn everything_wrong_is_reported_at_once_with_its_place() {
    let text = r#"
preclear: 1
acount: "111122223333"
account: 1111
region: Frankfurt
complete: "yes"
layers_open: [scps]
external: [somewhere]
disabled_regions: {abc: [eu-south-1]}
principals:
  - {policies: []}
  - {arn: "arn:aws:iam::111122223333:group/g"}
  - {arn: "arn:aws:iam::1111:role/r"}
  - {arn: "arn:aws:iam::111122223333:role/*"}
  - {arn: "arn:aws:iam::111122223333:role/r", groups: ["arn:aws:iam::111122223333:group/g"]}
  - {arn: "arn:aws:iam::111122223333:user/u", trust: {Version: "2012-10-17", Statement: {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "sts:AssumeRole"}}}
  - {arn: "arn:aws:iam::111122223333:role/p", polices: []}
groups: {}
keys:
  - {arn: "alias/x"}
  - {arn: "arn:aws:kms:us-west-2:111122223333:key/k", state: enabled, spec: RSA2048, manager: AMAZON, aliases: [labels]}
resources:
  - {arn: "arn:aws:kms:us-west-2:111122223333:key/k"}
  - {arn: "arn:aws:sqs:us-west-2:111122223333:q", encryption: {Rules: []}, account: "444455556666"}
vpc_endpoints:
  - {kind: interface}
  - {id: vpce-1, kind: gatway}
"#;
    let found = codes(&load(text).unwrap_err());
    let expected = [
        "UNKNOWN_MEMBER acount",
        "INVALID_ACCOUNT_ID 1111",
        "INVALID_REGION Frankfurt",
        "WRONG_TYPE \"yes\"",
        "UNKNOWN_VALUE scps",
        "INVALID_ARN somewhere",
        "INVALID_ACCOUNT_ID abc",
        "MISSING_MEMBER {",
        "NOT_A_PRINCIPAL \"arn:aws:iam::111122223333:group/g\"",
        "INVALID_ACCOUNT_ID \"arn:aws:iam::1111:role/r\"",
        "INVALID_ARN \"arn:aws:iam::111122223333:role/*\"",
        "GROUPS_OF_ROLE [\"arn:aws:iam::111122223333:group/g\"]",
        "TRUST_OF_USER {Version: \"2012-10-17\", Statement: {Effe",
        "UNKNOWN_MEMBER polices",
        "WRONG_TYPE {}",
        "INVALID_ARN \"alias/x\"",
        "UNKNOWN_VALUE enabled",
        "UNKNOWN_VALUE RSA2048",
        "UNKNOWN_VALUE AMAZON",
        "INVALID_ALIAS labels",
        "MISPLACED_ENTRY \"arn:aws:kms:us-west-2:111122223333:key/",
        "NOT_A_BUCKET {Rules: []}",
        "CONTRADICTION \"444455556666\"",
        "MISSING_MEMBER {",
        "UNKNOWN_VALUE gatway",
    ];
    assert_eq!(found, expected);
}

#[test]
fn near_names_are_proposed() {
    let found = load(
        "preclear: 1\nkeys: [{arn: 'arn:aws:kms:us-west-2:111122223333:key/k', state: enabled}]",
    )
    .unwrap_err();
    assert_eq!(found.0[0].help.as_deref(), Some("did you mean `Enabled`?"));
    let found = load("preclear: 1\nprincipal: []").unwrap_err();
    assert_eq!(
        found.0[0].help.as_deref(),
        Some("did you mean `principals`?")
    );
    assert_eq!(found.0[0].rule, Some("UI-33"));
}

#[test]
fn other_format_versions_are_refused() {
    assert_eq!(
        error_codes(load("preclear: 2")),
        ["UNSUPPORTED_FORMAT_VERSION"]
    );
    assert!(load("preclear: '1'").is_ok());
}

/// Rule: KMS-STATE-3a, written out.
#[test]
fn spec_and_usage_fit_or_the_key_is_refused() {
    let table = [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
        ("RSA_4096", "ENCRYPT_DECRYPT SIGN_VERIFY"),
        ("ECC_NIST_P521", "SIGN_VERIFY KEY_AGREEMENT"),
        ("ECC_SECG_P256K1", "SIGN_VERIFY"),
        ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
        ("ML_DSA_65", "SIGN_VERIFY"),
        ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
        ("SM2", "ENCRYPT_DECRYPT SIGN_VERIFY KEY_AGREEMENT"),
    ];
    let usages = [
        "ENCRYPT_DECRYPT",
        "SIGN_VERIFY",
        "GENERATE_VERIFY_MAC",
        "KEY_AGREEMENT",
        "ENCAPSULATE_DECAPSULATE",
    ];
    for (spec, allowed) in table {
        for usage in usages {
            let region = if spec == "SM2" {
                "cn-north-1"
            } else {
                "us-west-2"
            };
            let arn = format!("arn:aws:kms:{region}:111122223333:key/k");
            let loaded = load(&format!(
                "preclear: 1\nkeys: [{{arn: '{arn}', spec: {spec}, usage: {usage}}}]"
            ));
            let fits = allowed.split(' ').any(|allowed| allowed == usage);
            assert_eq!(loaded.is_ok(), fits, "{spec} {usage}");
            if let Err(found) = loaded {
                assert!(found.mentions("KMS-STATE-3a"));
            }
        }
    }
    for spec in ["HMAC_", "RSA_1024", "rsa_2048", "DES", "''"] {
        let text = format!(
            "preclear: 1\nkeys: [{{arn: 'arn:aws:kms:us-west-2:111122223333:key/k', spec: {spec}}}]"
        );
        let refused = load(&text).unwrap_err();
        assert!(refused.mentions("KMS-STATE-3a"), "{spec}");
        assert!(refused.mentions("UNKNOWN_VALUE"), "{spec}");
    }
    let text = "preclear: 1\nkeys: [{arn: 'arn:aws:kms:us-west-2:111122223333:key/k', spec: SM2}]";
    assert_eq!(error_codes(load(text)), ["KEY_SPEC_UNSUPPORTED_IN_REGION"]);
    // Left out the usage is ENCRYPT_DECRYPT, which this spec does not have.
    let text =
        "preclear: 1\nkeys: [{arn: 'arn:aws:kms:us-west-2:111122223333:key/k', spec: HMAC_256}]";
    assert_eq!(error_codes(load(text)), ["KEY_USAGE_UNSUPPORTED_BY_SPEC"]);
}

#[test]
fn grants_are_checked() {
    let grant = |text: &str| {
        load(&format!(
            "preclear: 1\nkeys: [{{arn: '{KEY}', grants: [{{{text}}}]}}]"
        ))
    };
    let grants = |text: &str| grant(text).unwrap().value.keys[0].grants.clone().unwrap();
    let plain =
        grants("GranteePrincipal: 'arn:aws:iam::111122223333:role/r', Operations: [Decrypt]");
    assert_eq!(
        (
            plain[0].id.as_str(),
            plain[0].consistent,
            &plain[0].issuing_account
        ),
        ("grants/0", true, &None)
    );
    let service = grants(
        "GranteePrincipal: '111122223333:aws:ec2-infrastructure:i-0123', Operations: [Decrypt], IssuingAccount: '111122223333'",
    );
    assert_eq!(
        service[0].grantee.as_deref(),
        Some("111122223333:aws:ec2-infrastructure:i-0123")
    );
    assert_eq!(service[0].issuing_account.as_deref(), Some("111122223333"));
    for (text, rule) in [
        ("Operations: [Decrypt]", "KMS-GRANT-4"),
        (
            "GranteePrincipal: a, GranteeServicePrincipal: b, Operations: [Decrypt]",
            "KMS-GRANT-4",
        ),
        (
            "GranteePrincipal: 'arn:aws:iam::111122223333:group/g', Operations: [Decrypt]",
            "KMS-GRANT-4",
        ),
        (
            "GranteePrincipal: a, Operations: [ListGrants]",
            "KMS-GRANT-2",
        ),
        ("GranteePrincipal: a, Operations: []", "KMS-GRANT-2"),
        (
            "GranteePrincipal: a, Operations: [CreateGrant]",
            "KMS-GRANT-2",
        ),
        ("GranteePrincipal: a", "UI-33"),
        (
            "GranteePrincipal: a, Operations: [Decrypt], IssuingAccount: 'arn:aws:iam::111122223333:role/r'",
            "UI-37",
        ),
        (
            "GranteePrincipal: a, Operations: [Decrypt], KeyId: other",
            "KMS-GRANT-1",
        ),
        (
            "GranteePrincipal: a, Operations: [Decrypt], Constraints: {EncryptionContext: {a: b}}",
            "UI-33",
        ),
        (
            "GranteePrincipal: a, Operations: [Decrypt], Constraints: {EncryptionContextEquals: {a: b}, EncryptionContextSubset: {a: b}}",
            "KMS-GRANT-5",
        ),
    ] {
        assert!(grant(text).unwrap_err().mentions(rule), "{text}");
    }
    let help = grant("GranteePrincipal: a, Operations: ['kms:Decrypt']")
        .unwrap_err()
        .0[0]
        .help
        .clone();
    assert_eq!(help.as_deref(), Some("did you mean `Decrypt`?"));
    let twice = format!(
        "preclear: 1\nkeys: [{{arn: '{KEY}', grants: {{Grants: [{g}, {g}], Truncated: false}}}}]",
        g = "{GrantId: g, GranteePrincipal: a, Operations: [Decrypt]}"
    );
    assert_eq!(error_codes(load(&twice)), ["DUPLICATE_ENTRY"]);
}

#[test]
fn aws_managed_keys_take_their_service_from_the_alias() {
    let text =
        format!("preclear: 1\nkeys: [{{arn: '{KEY}', manager: AWS, aliases: [alias/aws/s3]}}]");
    let key = load(&text).unwrap().value.keys.remove(0);
    assert_eq!(
        (key.manager, key.service.as_deref()),
        (KeyManager::Aws, Some("s3"))
    );
    let text = format!("preclear: 1\nkeys: [{{arn: '{KEY}', service: s3}}]");
    assert_eq!(error_codes(load(&text)), ["SERVICE_OF_CUSTOMER_KEY"]);
}

#[test]
fn multi_region_follows_the_id() {
    let load_key = |text: &str| {
        load(&format!(
            "preclear: 1\nkeys: [{{arn: 'arn:aws:kms:us-west-2:111122223333:key/{text}}}]"
        ))
    };
    assert!(load_key("mrk-1'").unwrap().value.keys[0].multi_region);
    assert!(!load_key("k'").unwrap().value.keys[0].multi_region);
    assert_eq!(
        codes(&load_key("mrk-1', multi_region: false").unwrap().diagnostics),
        ["MULTI_REGION_ID false"]
    );
    assert!(
        load_key("k', multi_region_type: PRIMARY")
            .unwrap_err()
            .mentions("MULTI_REGION_TYPE")
    );
    assert!(load_key("mrk-1', multi_region_type: REPLICA").is_ok());
}

#[test]
fn bucket_encryption_comes_with_or_without_its_outer_member() {
    let encryption = |text: &str| {
        let text =
            format!("preclear: 1\nresources: [{{arn: 'arn:aws:s3:::b', encryption: {text}}}]");
        load(&text).map(|loaded| loaded.value.resources[0].encryption.clone())
    };
    let rules = "{Rules: [{ApplyServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}";
    let wrapped = format!("{{ServerSideEncryptionConfiguration: {rules}}}");
    assert_eq!(encryption(rules).unwrap(), encryption(&wrapped).unwrap());
    assert!(!encryption(rules).unwrap().value().unwrap().kms);
    assert_eq!(encryption("{}").unwrap(), Given::Nothing);
    let dsse = "{Rules: [{ApplyServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms:dsse'}}]}";
    assert!(encryption(dsse).unwrap().value().unwrap().kms);
    for bad in [
        "{Rules: [{ApplyServerSideEncryptionByDefault: {SSEAlgorithm: aes}}]}",
        "{Rules: [{ApplyServerSideEncryptionByDefault: {SSEAlgorithm: AES256, KMSMasterKeyID: alias/x}}]}",
        "{Rules: [{ApplyServerSideEncryptionByDefault: {}}]}",
        "{Rules: [{}, {}]}",
        "{Rule: []}",
        "AES256",
    ] {
        assert!(encryption(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_organization_is_a_tree() {
    let organization = |text: &str| {
        load(&format!(
            "preclear: 1\norganization: {{id: o-x, root: {{id: r-1}}, {text}}}"
        ))
    };
    assert!(organization("units: [{id: ou-1, parent: r-1}, {id: ou-2, parent: ou-1}]").is_ok());
    assert!(organization("units: [{id: ou-1}], accounts: [{id: '111122223333'}]").is_ok());
    let found = organization("accounts: [{id: '111122223333', parent: ou-9}]").unwrap_err();
    assert_eq!(codes(&found), ["UNKNOWN_PARENT ou-9"]);
    let found = organization(
        "units: [{id: ou-1, parent: ou-2}, {id: ou-2, parent: ou-1}, {id: ou-3, parent: ou-1}]",
    );
    assert_eq!(error_codes(found), ["CIRCULAR_UNITS", "CIRCULAR_UNITS"]);
    assert_eq!(
        error_codes(organization("accounts: [{id: '1111'}]")),
        ["INVALID_ACCOUNT_ID"]
    );
    assert_eq!(
        error_codes(organization("units: [{id: ou-1}, {id: ou-1}]")),
        ["DUPLICATE_ENTRY"]
    );
    assert!(load("preclear: 1\norganization: {id: o-x}").is_ok());
}

#[test]
fn ids_of_organizations_are_those_that_policies_name() {
    let warned = |text: &str| {
        let found = load(&format!("preclear: 1\norganization: {text}")).unwrap();
        let codes = found.diagnostics.iter().map(|one| one.code);
        codes.collect::<Vec<_>>()
    };
    const UNUSUAL: &str = "UNUSUAL_ORGANIZATION_ID";
    let right = "{id: o-a1b2c3d4e5, root: {id: r-ab12}, units: [{id: ou-ab12-x, parent: r-ab12}], \
                 accounts: [{id: '111122223333', parent: ou-ab12-x}]}";
    assert_eq!(warned(right), [""; 0]);
    assert_eq!(warned("{id: example, root: {id: root}}"), [UNUSUAL; 2]);
    assert_eq!(
        warned("{id: O-x, root: {id: r-}, units: [{id: r-1, parent: r-}]}"),
        [UNUSUAL; 3]
    );
}

#[test]
fn awss_own_rcp_may_be_listed() {
    let text = r#"
preclear: 1
organization:
  id: o-x
  root: {id: r-1, rcps: ["arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess"]}
"#;
    let root = load(text).unwrap().value.organization.unwrap().root;
    assert_eq!(root.rcps, Given::Here(vec![]));
}

#[test]
fn an_alias_names_one_key() {
    let text = format!(
        "preclear: 1\nkeys: [{{arn: '{KEY}', aliases: [alias/a]}}, {{arn: '{KEY}2', aliases: [alias/a]}}]"
    );
    assert_eq!(error_codes(load(&text)), ["DUPLICATE_ALIAS"]);
    let elsewhere = text.replace(
        "us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab2",
        "eu-west-1:111122223333:key/k",
    );
    assert!(load(&elsewhere).is_ok());
    let twice = format!("preclear: 1\nkeys: [{{arn: '{KEY}', aliases: [alias/a, alias/a]}}]");
    assert_eq!(error_codes(load(&twice)), ["INVALID_ALIAS"]);
}

#[test]
fn a_layer_is_one_thing() {
    let found = load("preclear: 1\nlayers_open: [scp]\nlayers_empty: [scp]").unwrap_err();
    assert!(found.mentions("CONTRADICTION") && found.mentions("IAM-TRI-7"));
}

#[test]
fn a_forgotten_group_is_noticed_in_a_complete_snapshot() {
    let text = |complete: bool| {
        format!(
            "preclear: 1\ncomplete: {complete}\nprincipals: [{{arn: 'arn:aws:iam::111122223333:user/u', groups: ['arn:aws:iam::111122223333:group/g']}}]"
        )
    };
    assert!(
        load(&text(true))
            .unwrap()
            .diagnostics
            .mentions("UNKNOWN_GROUP")
    );
    assert!(load(&text(false)).unwrap().diagnostics.is_empty());
}
