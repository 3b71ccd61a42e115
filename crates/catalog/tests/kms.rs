//! The tables of KMS against the rules they are made of, sampled row family by row family.

use preclear_catalog::AccessLevel;
use preclear_catalog::kms::{
    self, CrossAccount, KeyFamily, KeyState, KmsException, MultiRegionNeed, Need, PermissionSource,
    StateCaveat, StateClass, Target,
};
use serde_json::{Value, json};

fn action(name: &str) -> &'static kms::KmsAction {
    kms::action(name).expect(name)
}

fn names(filter: impl Fn(&kms::KmsAction) -> bool) -> Vec<&'static str> {
    let chosen = kms::actions().iter().filter(|action| filter(action));
    let mut names: Vec<&str> = chosen.map(|action| action.name.as_str()).collect();
    names.sort_unstable();
    names
}

fn starting_with(prefix: &str) -> Vec<&'static str> {
    names(|action| action.name.starts_with(prefix))
}

/// Rule: KMS-ACT-1, KMS-ACT-2
#[test]
fn prefixes_expand_as_the_rule_says() {
    assert_eq!(starting_with("GenerateDataKey").len(), 4);
    assert_eq!(
        starting_with("Describe"),
        ["DescribeCustomKeyStores", "DescribeKey"]
    );
    assert_eq!(starting_with("Decrypt"), ["Decrypt"]);
    assert_eq!(starting_with("Encrypt"), ["Encrypt"]);
    assert_eq!(
        starting_with("Get"),
        [
            "GetKeyLastUsage",
            "GetKeyPolicy",
            "GetKeyRotationStatus",
            "GetParametersForImport",
            "GetPublicKey"
        ]
    );
    assert!(!starting_with("Delete").contains(&"ScheduleKeyDeletion"));
    let creating: Vec<&str> = starting_with("Create");
    let by_key_policy: Vec<&&str> = creating
        .iter()
        .filter(|name| action(name).source == PermissionSource::KeyPolicy)
        .collect();
    assert_eq!(by_key_policy, [&"CreateAlias", &"CreateGrant"]);
    assert_eq!(starting_with("ReEncrypt"), ["ReEncryptFrom", "ReEncryptTo"]);
    assert_eq!(
        action("KMS:generateDataKeyWithoutPlainText").name,
        "GenerateDataKeyWithoutPlaintext"
    );
}

/// Rule: KMS-GRANT-2
#[test]
fn grants_can_hold_nineteen_operations() {
    let mut expected = vec![
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
        "Sign",
        "Verify",
        "GenerateMac",
        "VerifyMac",
        "DeriveSharedSecret",
        "Encapsulate",
        "Decapsulate",
        "GetPublicKey",
        "DescribeKey",
        "CreateGrant",
        "RetireGrant",
    ];
    expected.sort_unstable();
    assert_eq!(names(|action| action.is_grantable), expected);
}

/// Rule: KMS-XA-2
#[test]
fn other_accounts_can_use_keys_but_not_manage_them() {
    let across = names(|action| action.cross_account == CrossAccount::Yes);
    let grantable = names(|action| action.is_grantable);
    let further: Vec<&str> = across
        .iter()
        .copied()
        .filter(|name| !grantable.contains(name))
        .collect();
    assert_eq!(
        further,
        ["GetKeyRotationStatus", "ListGrants", "RevokeGrant"]
    );
    assert!(grantable.iter().all(|name| across.contains(name)));
    for name in [
        "TagResource",
        "PutKeyPolicy",
        "ScheduleKeyDeletion",
        "CreateAlias",
        "ListKeyPolicies",
        "EnableKey",
    ] {
        assert_eq!(action(name).cross_account, CrossAccount::No, "{name}");
    }
    assert_eq!(
        action("ListRetirableGrants").cross_account,
        CrossAccount::Own
    );
    assert_eq!(
        action("GenerateRandom").cross_account,
        CrossAccount::NotApplicable
    );
}

/// Rule: KMS-ACT-6, KMS-ID-4
#[test]
fn identity_policies_alone_grant_what_has_no_key() {
    let expected = [
        "ConnectCustomKeyStore",
        "CreateCustomKeyStore",
        "CreateKey",
        "DeleteCustomKeyStore",
        "DescribeCustomKeyStores",
        "DisconnectCustomKeyStore",
        "GenerateRandom",
        "ListAliases",
        "ListKeys",
        "ListRetirableGrants",
        "UpdateCustomKeyStore",
    ];
    assert_eq!(
        names(|action| action.source == PermissionSource::IamOnly),
        expected
    );
    for name in expected {
        assert_eq!(action(name).targets, [Target::Any], "{name}");
        assert_eq!(action(name).state_class, None, "{name}");
    }
    assert_eq!(
        names(|action| action.source == PermissionSource::RetireRules),
        ["RetireGrant"]
    );
}

#[test]
fn access_levels() {
    let level = |level| names(move |action| action.level == level);
    assert_eq!(
        level(AccessLevel::PermissionsManagement),
        ["CreateGrant", "PutKeyPolicy", "RetireGrant", "RevokeGrant"]
    );
    assert_eq!(
        level(AccessLevel::Tagging),
        ["TagResource", "UntagResource"]
    );
    assert_eq!(
        level(AccessLevel::List),
        [
            "ListAliases",
            "ListGrants",
            "ListKeyPolicies",
            "ListKeyRotations",
            "ListKeys",
            "ListResourceTags",
            "ListRetirableGrants"
        ]
    );
    assert!(level(AccessLevel::Read).contains(&"GetKeyLastUsage"));
}

fn permissions(operation: &str) -> Vec<(&'static str, Target, PermissionSource, Need)> {
    let operation = kms::operation(operation).expect("an operation");
    let permissions = operation.permissions.iter();
    permissions
        .map(|needed| {
            (
                needed.action.as_str(),
                needed.target,
                needed.source,
                needed.need,
            )
        })
        .collect()
}

/// Rule: KMS-ACT-3, KMS-ACT-4, KMS-ACT-5
#[test]
fn operations_with_several_permissions() {
    use Need::{Advisory, Always, MultiRegionPrimary, WithTags};
    use PermissionSource::{IamOnly, KeyPolicy};
    assert_eq!(
        permissions("kms:reencrypt"),
        [
            ("kms:ReEncryptFrom", Target::SourceKey, KeyPolicy, Always),
            ("kms:ReEncryptTo", Target::DestinationKey, KeyPolicy, Always)
        ]
    );
    assert_eq!(
        permissions("CreateAlias"),
        [
            ("kms:CreateAlias", Target::Alias, IamOnly, Always),
            ("kms:CreateAlias", Target::Key, KeyPolicy, Always)
        ]
    );
    assert_eq!(
        permissions("UpdateAlias"),
        [
            ("kms:UpdateAlias", Target::Alias, IamOnly, Always),
            ("kms:UpdateAlias", Target::OldKey, KeyPolicy, Always),
            ("kms:UpdateAlias", Target::NewKey, KeyPolicy, Always)
        ]
    );
    assert_eq!(
        permissions("CreateKey"),
        [
            ("kms:CreateKey", Target::Any, IamOnly, Always),
            ("kms:TagResource", Target::Any, IamOnly, WithTags),
            (
                "iam:CreateServiceLinkedRole",
                Target::MultiRegionRole,
                IamOnly,
                MultiRegionPrimary
            ),
            ("kms:PutKeyPolicy", Target::Any, IamOnly, Advisory)
        ]
    );
    assert_eq!(
        permissions("ReplicateKey"),
        [
            ("kms:ReplicateKey", Target::PrimaryKey, KeyPolicy, Always),
            ("kms:CreateKey", Target::AnyInReplicaRegion, IamOnly, Always),
            (
                "kms:TagResource",
                Target::AnyInReplicaRegion,
                IamOnly,
                WithTags
            )
        ]
    );
    assert_eq!(
        permissions("UpdatePrimaryRegion"),
        [
            (
                "kms:UpdatePrimaryRegion",
                Target::PrimaryKey,
                KeyPolicy,
                Always
            ),
            (
                "kms:UpdatePrimaryRegion",
                Target::ReplicaKey,
                KeyPolicy,
                Always
            )
        ]
    );
    assert_eq!(
        permissions("Decrypt"),
        [("kms:Decrypt", Target::Key, KeyPolicy, Always)]
    );
    assert_eq!(
        permissions("RetireGrant"),
        [(
            "kms:RetireGrant",
            Target::Key,
            PermissionSource::RetireRules,
            Always
        )]
    );
}

#[test]
fn permissions_are_actions_and_actions_have_operations() {
    for operation in kms::operations() {
        for needed in &operation.permissions {
            let (service, name) = needed.action.split_once(':').expect("a prefix");
            assert!(
                preclear_catalog::catalog().action(service, name).is_some(),
                "{}",
                needed.action
            );
            assert_eq!(kms::action(&needed.action).is_some(), service == "kms");
        }
    }
    for action in kms::actions() {
        let mut needed = kms::operations()
            .iter()
            .flat_map(|operation| &operation.permissions);
        let is_needed =
            needed.any(|permission| permission.action == format!("kms:{}", action.name));
        assert_eq!(is_needed, !action.is_permission_only, "{}", action.name);
    }
    assert_eq!(
        names(|action| action.is_permission_only),
        ["SynchronizeMultiRegionKey"]
    );
    assert!(kms::operation("ReEncryptFrom").is_none());
    assert!(kms::operation("SynchronizeMultiRegionKey").is_none());
}

const COMMON: [&str; 9] = [
    "kms:CallerAccount",
    "kms:KeyOrigin",
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:MultiRegion",
    "kms:MultiRegionKeyType",
    "kms:ResourceAliases",
    "kms:ViaService",
    "aws:ResourceTag/team",
];

#[test]
fn every_key_action_takes_the_common_keys() {
    for action in kms::actions() {
        let has_key = action.targets.iter().any(|target| target.is_key());
        if has_key && action.name != "RetireGrant" {
            assert!(
                COMMON.iter().all(|key| action.takes(key)),
                "{}",
                action.name
            );
            assert!(action.takes("kms:CustomerMasterKeySpec"), "{}", action.name);
        }
    }
    let taken: Vec<&str> = COMMON
        .into_iter()
        .filter(|key| action("RetireGrant").takes(key))
        .collect();
    assert_eq!(
        taken,
        [
            "kms:CallerAccount",
            "kms:ResourceAliases",
            "kms:ViaService",
            "aws:ResourceTag/team"
        ]
    );
    for name in ["ListKeys", "ListAliases", "ListRetirableGrants"] {
        assert!(action(name).condition_keys.is_empty(), "{name}");
    }
    assert_eq!(
        action("ConnectCustomKeyStore").condition_keys,
        ["kms:CallerAccount"]
    );
}

#[test]
fn condition_keys_belong_to_their_operations() {
    let takers = |key: &'static str| names(move |action| action.takes(key));
    let context = [
        "CreateGrant",
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
        "RetireGrant",
    ];
    assert_eq!(takers("kms:EncryptionContext:AppName"), context);
    assert_eq!(takers("kms:encryptioncontextkeys"), context);
    let algorithm: Vec<&str> = context
        .into_iter()
        .filter(|name| !name.ends_with("Grant"))
        .collect();
    assert_eq!(takers("kms:EncryptionAlgorithm"), algorithm);
    let attested = [
        "Decrypt",
        "DeriveSharedSecret",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateRandom",
    ];
    for key in [
        "kms:RecipientAttestation:ImageSha384",
        "kms:RecipientAttestation:PCR31",
        "kms:RecipientAttestation:NitroTPMPCR23",
    ] {
        assert_eq!(takers(key), attested, "{key}");
    }
    assert!(takers("kms:RecipientAttestation:PCR32").is_empty());
    assert!(takers("kms:RecipientAttestation:NitroTPMPCR24").is_empty());
    assert_eq!(
        takers("kms:GrantIsForAWSResource"),
        ["CreateGrant", "ListGrants", "RevokeGrant"]
    );
    assert_eq!(
        takers("kms:GrantConstraintType"),
        ["CreateGrant", "RetireGrant"]
    );
    assert_eq!(
        takers("kms:BypassPolicyLockoutSafetyCheck"),
        ["CreateKey", "PutKeyPolicy"]
    );
    assert_eq!(
        takers("kms:ReEncryptOnSameKey"),
        ["ReEncryptFrom", "ReEncryptTo"]
    );
    assert_eq!(
        takers("kms:DataKeyPairSpec"),
        ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"]
    );
    assert_eq!(
        takers("kms:TrailingDaysWithoutKeyUsage"),
        ["DisableKey", "ScheduleKeyDeletion"]
    );
    assert_eq!(takers("kms:PolicyName"), ["GetKeyPolicy", "PutKeyPolicy"]);
    assert_eq!(
        takers("aws:TagKeys"),
        ["CreateKey", "TagResource", "UntagResource"]
    );
    let alias = takers("kms:RequestAlias");
    for name in [
        "Decrypt",
        "Sign",
        "GenerateMac",
        "DeriveSharedSecret",
        "Encapsulate",
        "DescribeKey",
        "GetPublicKey",
        "ReEncryptTo",
    ] {
        assert!(alias.contains(&name), "{name}");
    }
    for name in [
        "CreateGrant",
        "PutKeyPolicy",
        "TagResource",
        "GenerateRandom",
    ] {
        assert!(!alias.contains(&name), "{name}");
    }
    assert!(
        action("CreateAlias")
            .condition_keys_on(Target::Alias)
            .is_empty()
    );
    assert!(
        !action("CreateAlias")
            .condition_keys_on(Target::Key)
            .is_empty()
    );
}

#[test]
fn usable_keys() {
    use KeyFamily::{
        AsymmetricEncryption, KeyAgreement, KeyEncapsulation, Mac, Signing, Symmetric,
    };
    for (name, families) in [
        ("Encrypt", &[Symmetric, AsymmetricEncryption][..]),
        ("ReEncryptTo", &[Symmetric, AsymmetricEncryption]),
        ("GenerateDataKey", &[Symmetric]),
        ("GenerateDataKeyPairWithoutPlaintext", &[Symmetric]),
        ("Sign", &[Signing]),
        ("VerifyMac", &[Mac]),
        ("DeriveSharedSecret", &[KeyAgreement]),
        ("Decapsulate", &[KeyEncapsulation]),
        (
            "GetPublicKey",
            &[
                AsymmetricEncryption,
                Signing,
                KeyAgreement,
                KeyEncapsulation,
            ],
        ),
        ("EnableKeyRotation", &[Symmetric]),
    ] {
        assert_eq!(action(name).usable.families, families, "{name}");
    }
    assert!(!action("Encrypt").usable.admits_family(Signing));
    assert!(action("DescribeKey").usable.admits_family(Signing));
    assert!(!action("GenerateDataKeyPair").usable.custom_key_store);
    assert!(action("GenerateDataKey").usable.custom_key_store);
    assert!(action("EnableKeyRotation").usable.admits_origin("AWS_KMS"));
    assert!(!action("EnableKeyRotation").usable.admits_origin("EXTERNAL"));
    assert!(action("RotateKeyOnDemand").usable.admits_origin("EXTERNAL"));
    assert!(!action("ImportKeyMaterial").usable.admits_origin("AWS_KMS"));
    assert!(action("UpdateAlias").usable.same_as_old_key);
    assert_eq!(
        action("ReplicateKey").usable.multi_region,
        Some(MultiRegionNeed::Primary)
    );
    assert_eq!(
        action("UpdatePrimaryRegion").usable.multi_region,
        Some(MultiRegionNeed::Any)
    );
}

/// Rule: KMS-STATE-2
#[test]
fn states_of_the_rule() {
    use KeyState::{
        Creating, Disabled, Enabled, PendingDeletion, PendingImport, PendingReplicaDeletion,
        Unavailable, Updating,
    };
    let exception = |class, state| kms::state_outcome(class, state).exception;
    let invalid = Some(KmsException::InvalidState);
    let disabled = Some(KmsException::Disabled);
    let unsupported = Some(KmsException::UnsupportedOperation);
    for state in KeyState::ALL {
        assert_eq!(exception(StateClass::All, state), None);
        assert_eq!(
            exception(StateClass::Live, state),
            if matches!(state, PendingDeletion | PendingReplicaDeletion) {
                invalid
            } else {
                None
            }
        );
        assert_eq!(
            exception(StateClass::Cancel, state),
            if matches!(state, PendingDeletion | PendingReplicaDeletion) {
                None
            } else {
                invalid
            }
        );
        for class in [
            StateClass::Crypto,
            StateClass::Schedule,
            StateClass::Replicate,
        ] {
            let deleted = kms::state_outcome(class, PendingDeletion);
            assert_eq!(kms::state_outcome(class, PendingReplicaDeletion), deleted);
        }
    }
    for (class, row) in [
        (
            StateClass::Crypto,
            [None, disabled, invalid, invalid, invalid, invalid, None],
        ),
        (
            StateClass::Grant,
            [None, disabled, invalid, invalid, None, invalid, None],
        ),
        (
            StateClass::UpdateAlias,
            [None, None, invalid, None, None, None, None],
        ),
        (
            StateClass::Schedule,
            [None, None, invalid, None, None, None, invalid],
        ),
        (
            StateClass::Toggle,
            [None, None, invalid, invalid, None, invalid, invalid],
        ),
        (
            StateClass::Rotate,
            [
                None,
                disabled,
                invalid,
                unsupported,
                unsupported,
                invalid,
                None,
            ],
        ),
        (
            StateClass::RotationRead,
            [None, None, None, unsupported, unsupported, None, None],
        ),
        (
            StateClass::ImportRead,
            [None, None, invalid, None, unsupported, invalid, invalid],
        ),
        (
            StateClass::Import,
            [None, None, invalid, None, unsupported, invalid, None],
        ),
    ] {
        let states = [
            Enabled,
            Disabled,
            PendingDeletion,
            PendingImport,
            Unavailable,
            Creating,
            Updating,
        ];
        assert_eq!(
            states.map(|state| exception(class, state)),
            row,
            "{class:?}"
        );
    }
    assert_eq!(exception(StateClass::ImportDelete, Updating), invalid);
    assert_eq!(exception(StateClass::Replicate, Disabled), disabled);
}

#[test]
fn footnotes_of_the_state_table() {
    let outcome = kms::state_outcome(StateClass::Crypto, KeyState::PendingDeletion);
    assert_eq!(outcome.alternative, Some(KmsException::Disabled));
    let outcome = kms::state_outcome(StateClass::UpdateAlias, KeyState::PendingDeletion);
    assert_eq!(outcome.exception_for(Target::OldKey), None);
    assert_eq!(
        outcome.exception_for(Target::NewKey),
        Some(KmsException::InvalidState)
    );
    let caveat = |class, state| kms::state_outcome(class, state).caveat;
    assert_eq!(
        caveat(StateClass::Cancel, KeyState::Unavailable),
        Some(StateCaveat::KeepsPendingDeletion)
    );
    assert_eq!(
        caveat(StateClass::Rotate, KeyState::Enabled),
        Some(StateCaveat::FittingOriginOnly)
    );
    assert_eq!(
        caveat(StateClass::ImportDelete, KeyState::PendingDeletion),
        Some(StateCaveat::FittingOriginOnly)
    );
    assert_eq!(
        caveat(StateClass::ImportDelete, KeyState::PendingImport),
        Some(StateCaveat::WithoutEffect)
    );
    assert_eq!(
        caveat(StateClass::Toggle, KeyState::Unavailable),
        Some(StateCaveat::TakesEffectLater)
    );
    assert_eq!(
        caveat(StateClass::Replicate, KeyState::Unavailable),
        Some(StateCaveat::Impossible)
    );
    assert_eq!(caveat(StateClass::Crypto, KeyState::Enabled), None);
}

#[test]
fn state_classes_of_actions() {
    for (name, class) in [
        ("Decrypt", StateClass::Crypto),
        ("GetPublicKey", StateClass::Crypto),
        ("CreateGrant", StateClass::Grant),
        ("DescribeKey", StateClass::All),
        ("RetireGrant", StateClass::All),
        ("TagResource", StateClass::Live),
        ("CreateAlias", StateClass::Live),
        ("DeleteAlias", StateClass::All),
        ("UpdateAlias", StateClass::UpdateAlias),
        ("CancelKeyDeletion", StateClass::Cancel),
        ("ScheduleKeyDeletion", StateClass::Schedule),
        ("EnableKey", StateClass::Toggle),
        ("RotateKeyOnDemand", StateClass::Rotate),
        ("ListKeyRotations", StateClass::RotationRead),
        ("GetParametersForImport", StateClass::ImportRead),
        ("ImportKeyMaterial", StateClass::Import),
        ("DeleteImportedKeyMaterial", StateClass::ImportDelete),
        ("ReplicateKey", StateClass::Replicate),
        ("UpdatePrimaryRegion", StateClass::Crypto),
    ] {
        assert_eq!(action(name).state_class, Some(class), "{name}");
    }
}

fn managed(service: &str) -> Value {
    let policy = kms::aws_managed_key_policy(service, "aws", "us-west-2", "111122223333");
    serde_json::from_str(&policy.expect("a template")).expect("JSON")
}

/// Rule: KMS-AMK-1
#[test]
fn managed_keys_open_through_their_service_only() {
    for service in kms::aws_managed_key_services().chain(["newservice"]) {
        let document = managed(service);
        for place in ["{region}", "{account}", "{partition}", "{service}"] {
            assert!(!document.to_string().contains(place), "{service}");
        }
        for statement in document["Statement"].as_array().expect("statements") {
            assert_eq!(statement["Resource"], "*", "{service}");
            if statement["Effect"] != "Allow" || statement["Principal"] != json!({"AWS": "*"}) {
                continue;
            }
            // Everyone means everyone of the account.
            let condition = &statement["Condition"];
            assert_eq!(
                condition["StringEquals"]["kms:CallerAccount"], "111122223333",
                "{service}"
            );
            let via = [
                &condition["StringEquals"]["kms:ViaService"],
                &condition["StringLike"]["kms:ViaService"],
            ];
            let reads_only = [
                "kms:DescribeKey",
                "kms:ListGrants",
                "kms:RevokeGrant",
                "kms:GetKeyPolicy",
            ];
            let actions = statement["Action"].as_array().expect("actions");
            let is_metadata = actions.iter().all(|action| {
                action
                    .as_str()
                    .is_some_and(|name| reads_only.contains(&name))
            });
            assert!(
                via.iter().any(|via| !via.is_null()) || is_metadata,
                "{service}"
            );
        }
    }
    let s3 = managed("s3");
    assert_eq!(
        s3["Statement"][0]["Condition"]["StringEquals"]["kms:ViaService"],
        "s3.us-west-2.amazonaws.com"
    );
    assert_eq!(s3["Statement"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        managed("EBS")["Statement"][0]["Condition"]["StringEquals"]["kms:ViaService"],
        "ec2.us-west-2.amazonaws.com"
    );
    let dynamodb = managed("dynamodb");
    assert_eq!(
        dynamodb["Statement"][0]["Condition"]["StringLike"]["kms:ViaService"],
        "dynamodb.*.amazonaws.com"
    );
    assert_eq!(
        dynamodb["Statement"][2]["Principal"]["Service"],
        "dynamodb.amazonaws.com"
    );
    let unknown = managed("newservice");
    assert_eq!(
        unknown["Statement"][0]["Condition"]["StringEquals"]["kms:ViaService"],
        "newservice.us-west-2.amazonaws.com"
    );
    assert_eq!(
        unknown["Statement"][1],
        json!({
            "Sid": "MetadataForAccount",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
            "Resource": "*"
        })
    );
}

#[test]
fn actions_of_managed_keys_exist() {
    for service in kms::aws_managed_key_services() {
        for statement in managed(service)["Statement"]
            .as_array()
            .expect("statements")
        {
            for name in statement["Action"].as_array().expect("actions") {
                let name = name
                    .as_str()
                    .and_then(|name| name.strip_prefix("kms:"))
                    .expect("a KMS action");
                let exists = match name.strip_suffix('*') {
                    Some(prefix) => !starting_with(prefix).is_empty(),
                    None => kms::action(name).is_some(),
                };
                assert!(exists, "{service}: {name}");
            }
        }
    }
}

#[test]
fn values_cannot_break_a_template() {
    let policy =
        kms::aws_managed_key_policy("s3", "aws", "\"}],{account}", "1\"").expect("a template");
    let policy: Value = serde_json::from_str(&policy).expect("still JSON");
    assert_eq!(
        policy["Statement"][0]["Condition"]["StringEquals"]["kms:ViaService"],
        "s3.\"}],{account}.amazonaws.com"
    );
    for service in ["", "a.b", "s3\"", "é", "*"] {
        assert_eq!(
            kms::aws_managed_key_policy(service, "aws", "us-west-2", "111122223333"),
            None,
            "{service}"
        );
    }
}

/// Rule: KMS-POL-19
#[test]
fn default_policy_delegates_to_the_account() {
    let policy: Value =
        serde_json::from_str(&kms::default_key_policy("aws-cn", "111122223333")).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements");
    assert_eq!(statements.len(), 1);
    assert_eq!(
        statements[0]["Principal"],
        json!({"AWS": "arn:aws-cn:iam::111122223333:root"})
    );
    assert_eq!(statements[0]["Action"], "kms:*");
    assert_eq!(statements[0]["Resource"], "*");
    assert!(statements[0].get("Condition").is_none());
}
