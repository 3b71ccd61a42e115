//! The embedded catalogue: whole, in order, and right in samples taken from the service authorization reference.

use preclear_catalog::format::{CHECKSUM_AT, SECTIONS_AT, Section, checksum};
use preclear_catalog::{
    AccessLevel, Action, ActionFinder, Catalog, CatalogError, KeyKind, Service, catalog, globals,
    kms,
};

const BLOB: &[u8] = include_bytes!("../src/catalog.bin");

#[test]
fn embedded_blob_is_whole() {
    let read = Catalog::from_bytes(BLOB).expect("header reads");
    read.verify().expect("the blob is whole");
    assert_eq!(catalog().action_count(), read.action_count());
}

#[test]
fn recorded_source_is_the_embedded_one() {
    let json = include_str!("../data/source.json");
    let source: serde_json::Value = serde_json::from_str(json).expect("source.json parses");
    assert_eq!(source["version"], catalog().source_version());
    let notice = include_str!("../THIRD-PARTY.md");
    assert!(notice.contains(catalog().source_version()));
    assert!(notice.contains(source["package"].as_str().expect("a name")));
}

#[test]
fn key_use_actions() {
    let kms = catalog().service("KMS").expect("KMS");
    assert_eq!(kms.prefix(), "kms");
    assert_eq!(kms.name(), "AWS Key Management Service");
    let data_keys: Vec<&str> = kms
        .actions_starting_with("generatedatakey")
        .map(|action| action.name())
        .collect();
    assert_eq!(
        data_keys,
        [
            "GenerateDataKey",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "GenerateDataKeyWithoutPlaintext"
        ]
    );
    assert!(catalog().action("kms", "ReEncrypt").is_none());
    let arns: Vec<&str> = kms
        .resource_type("Key")
        .expect("keys")
        .arn_patterns()
        .collect();
    assert_eq!(
        arns,
        ["arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"]
    );
}

#[test]
fn object_and_bucket_actions() {
    let put = catalog().action("s3", "PUTOBJECT").expect("an action");
    assert_eq!(put.name(), "PutObject");
    assert_eq!(put.access_level(), AccessLevel::Write);
    assert!(put.resource_uses().any(|used| used.name() == "object"));
    assert!(
        put.condition_keys()
            .any(|key| key == "s3:x-amz-server-side-encryption")
    );
    let list = catalog().action("s3", "ListBucket").expect("an action");
    assert_eq!(list.access_level(), AccessLevel::List);
    assert!(list.resource_uses().all(|used| used.name() != "object"));
    let buckets = catalog()
        .action("s3", "ListAllMyBuckets")
        .expect("an action");
    assert!(!buckets.has_resource());
}

#[test]
fn pass_role_needs_a_role() {
    let pass = catalog().action("iam", "PassRole").expect("an action");
    let role = pass
        .resource_uses()
        .find(|used| used.name() == "role")
        .expect("a role");
    assert!(role.is_required());
    assert!(
        pass.condition_keys()
            .any(|key| key == "iam:PassedToService")
    );
    assert_eq!(
        catalog()
            .action("iam", "PutRolePolicy")
            .map(|action| action.access_level()),
        Some(AccessLevel::PermissionsManagement)
    );
    assert_eq!(
        catalog()
            .action("ec2", "CreateTags")
            .map(|action| action.access_level()),
        Some(AccessLevel::Tagging)
    );
}

#[test]
fn resource_types_with_two_forms_have_two_patterns() {
    let bot = catalog()
        .service("lex")
        .and_then(|service| service.resource_type("bot"));
    assert_eq!(bot.expect("a bot").arn_patterns().count(), 2);
    for service in catalog().services() {
        for resource_type in service.resource_types() {
            for pattern in resource_type.arn_patterns() {
                assert!(
                    pattern.starts_with("arn:") && !pattern.contains(' '),
                    "{pattern}"
                );
            }
        }
    }
}

#[test]
fn ids_and_names_lead_to_the_same_action() {
    let mut next = 0;
    for service in catalog().services() {
        for action in service.actions() {
            assert_eq!(action.id(), next);
            let by_id = catalog().action_by_id(next).expect("below the count");
            assert_eq!(
                (by_id.service().prefix(), by_id.name()),
                (service.prefix(), action.name())
            );
            let shouted = action.name().to_ascii_uppercase();
            let by_name = catalog().action(&service.prefix().to_ascii_uppercase(), &shouted);
            assert_eq!(by_name.map(|action| action.id()), Some(next));
            next += 1;
        }
    }
    assert_eq!(next, catalog().action_count());
    assert!(catalog().action_by_id(next).is_none());
    assert!(catalog().action_by_id(u32::MAX).is_none());
}

#[test]
fn prefixes_find_what_a_scan_finds() {
    for (service, prefix) in [
        ("s3", "get"),
        ("s3", ""),
        ("kms", "Describe"),
        ("ec2", "zzz"),
        ("iam", "*"),
    ] {
        let service = catalog().service(service).expect("a service");
        let found: Vec<&str> = service
            .actions_starting_with(prefix)
            .map(|action| action.name())
            .collect();
        let lower = prefix.to_ascii_lowercase();
        let scanned: Vec<&str> = service
            .actions()
            .map(|action| action.name())
            .filter(|name| name.to_ascii_lowercase().starts_with(&lower))
            .collect();
        assert_eq!(found, scanned, "{prefix}");
    }
}

#[test]
fn a_finder_finds_what_a_search_finds_in_any_order() {
    let names: Vec<String> = catalog()
        .services()
        .flat_map(Service::actions)
        .step_by(37)
        .flat_map(|action| {
            let (service, name) = (action.service().prefix(), action.name());
            [
                format!("{service}:{name}"),
                format!("{service}:{name}x"),
                format!("{service}:A"),
                "x:y".into(),
            ]
        })
        .collect();
    let mut finder = ActionFinder::new(catalog());
    let mut check = |full: &String| {
        let (service, name) = full.split_once(':').expect("two parts");
        let known = catalog().action(service, name).map(Action::id);
        assert_eq!(finder.id(service, &name.to_uppercase()), known, "{full}");
    };
    names.iter().for_each(&mut check);
    names.iter().rev().for_each(&mut check);
    names
        .iter()
        .step_by(2)
        .chain(names.iter().skip(1).step_by(2))
        .for_each(&mut check);
}

#[test]
fn unknown_names_are_not_found() {
    assert!(catalog().service("nosuch").is_none());
    assert!(catalog().service("").is_none());
    assert!(catalog().action("kms", "").is_none());
    assert!(catalog().action("kms", "Decrypt*").is_none());
    assert!(catalog().condition_key("kms:NoSuchKey").is_none());
    assert!(catalog().condition_key("aws:ResourceTag/").is_none());
    assert!(catalog().condition_key("").is_none());
}

#[test]
fn families_are_found_by_their_members() {
    for (key, family) in [
        ("aws:ResourceTag/team", "aws:ResourceTag/${TagKey}"),
        ("AWS:REQUESTTAG/x/y", "aws:RequestTag/${TagKey}"),
        ("aws:PrincipalTag/é", "aws:PrincipalTag/${TagKey}"),
        (
            "kms:EncryptionContext:appname",
            "kms:EncryptionContext:${EncryptionContextKey}",
        ),
        (
            "kms:encryptioncontext:aws:s3:arn",
            "kms:EncryptionContext:${EncryptionContextKey}",
        ),
        (
            "s3:ExistingObjectTag/SageMaker",
            "s3:ExistingObjectTag/<key>",
        ),
        (
            "events:Metadata/a/Matcher",
            "events:Metadata/${MetadataKey}/Matcher",
        ),
        (
            "secretsmanager:ResourceTag/aws:secretsmanager:owningService",
            "secretsmanager:ResourceTag/${TagKey}",
        ),
        ("glacier:ResourceTag/a", "glacier:ResourceTag/${TagKey}"),
        ("oidc.example.com/id/1:sub", "${OidcProvider}:sub"),
        ("saml:sub", "saml:sub"),
        ("kms:EncryptionContextKeys", "kms:EncryptionContextKeys"),
    ] {
        assert_eq!(
            catalog().condition_key(key).map(|found| found.name()),
            Some(family),
            "{key}"
        );
    }
    assert!(catalog().condition_key("nosuch:sub").is_none());
}

/// A key that ends in `/`, or names the placeholder without saying that it is one, is a family that lost its placeholder.
#[test]
fn no_family_has_lost_its_placeholder() {
    for key in catalog().condition_keys().filter(|key| !key.is_family()) {
        let name = key.name().to_ascii_lowercase();
        let is_lost = name.ends_with(['/', ':']) || name.ends_with("/tag-key");
        assert!(!is_lost, "{name}");
    }
}

/// Rule: IAM-CTX-7
#[test]
fn actions_take_their_keys_and_global_ones() {
    for (action, key) in [
        ("s3:GetObject", "S3:EXISTINGOBJECTTAG/Team"),
        (
            "secretsmanager:GetSecretValue",
            "secretsmanager:ResourceTag/team",
        ),
        ("ssm:GetParameter", "ssm:resourceTag/team"),
        (
            "ssm:SendCommand",
            "ssm:resourceTag/aws:ssmmessages:session-id",
        ),
        ("glacier:DeleteArchive", "glacier:ResourceTag/LegalHold"),
        ("aws-marketplace:Subscribe", "aws-marketplace:ProductId"),
        ("sagemaker:CreateLabelingJob", "sagemaker:VolumeKmsKey"),
        ("sagemaker:CreateLabelingJob", "sagemaker:OutputKmsKey"),
        ("sagemaker:CreateTrainingJob", "sagemaker:VolumeKmsKeyArn"),
        ("kms:Decrypt", "kms:EncryptionContext:app"),
        ("kms:Decrypt", "aws:sourceip"),
        ("s3:ListAllMyBuckets", "aws:PrincipalTag/team"),
        (
            "sts:AssumeRoleWithWebIdentity",
            "cognito-identity.amazonaws.com:amr",
        ),
        ("s3:GetObject", "oidc.example.com/id/1:sub"),
    ] {
        assert!(takes(action, key), "{action} {key}");
    }
    for (action, key) in [
        ("s3:GetObject", "s3:prefix"),
        ("s3:GetObject", "s3:ExistingObjectTag/"),
        ("s3:GetObject", "s3:NoSuchKey"),
        ("s3:GetObject", "kms:ViaService"),
        ("sagemaker:CreateModel", "sagemaker:VolumeKmsKey"),
        ("kms:CreateAlias", "kms:EncryptionContext:app"),
        // The reference gives it the keys of the key that it never reads.
        ("kms:RetireGrant", "kms:KeySpec"),
        ("s3:GetObject", ""),
    ] {
        assert!(!takes(action, key), "{action} {key}");
    }
}

fn takes(action: &str, key: &str) -> bool {
    let (service, name) = action.split_once(':').expect("a prefix");
    let action = catalog().action(service, name).expect(action);
    action.takes(key)
}

/// What its rows list, an action takes.
#[test]
fn actions_take_what_is_listed_for_them() {
    let actions = catalog().services().flat_map(|service| service.actions());
    for action in actions.filter(|action| action.service().prefix() != "kms") {
        let missed = action.condition_keys().find(|key| !action.takes(key));
        assert_eq!(missed, None, "{action:?}");
    }
}

/// Two services share a prefix; each lists resource types for the actions of both.
#[test]
fn actions_of_two_services_act_on_the_resources_of_both() {
    for (action, resource_types) in [
        (
            "elasticloadbalancing:AddTags",
            &["loadbalancer", "targetgroup", "listener/net"][..],
        ),
        (
            "elasticloadbalancing:RemoveTags",
            &["loadbalancer", "truststore"],
        ),
        ("apigateway:GET", &["restapis", "apis", "routes"]),
        ("apigateway:PATCH", &["restapi", "api"]),
        ("cloudformation:CreateChangeSet", &["stack", "transform"]),
    ] {
        let (service, name) = action.split_once(':').expect("a prefix");
        let action = catalog().action(service, name).expect(action);
        for wanted in resource_types {
            let mut uses = action.resource_uses();
            assert!(
                uses.any(|used| used.name().eq_ignore_ascii_case(wanted)),
                "{action:?} {wanted}"
            );
        }
        assert!(action.resource_uses().all(|used| !used.is_required()));
    }
}

#[test]
fn types_and_arity() {
    let kind = |key: &str| {
        catalog()
            .condition_key(key)
            .map(|found| (found.kind(), found.is_multivalued()))
    };
    assert_eq!(kind("aws:TagKeys"), Some((KeyKind::String, true)));
    assert_eq!(kind("aws:CalledVia"), Some((KeyKind::String, true)));
    assert_eq!(kind("aws:CalledViaFirst"), Some((KeyKind::String, false)));
    assert_eq!(kind("aws:PrincipalOrgPaths"), Some((KeyKind::String, true)));
    assert_eq!(kind("aws:SourceIp"), Some((KeyKind::IpAddress, false)));
    assert_eq!(kind("aws:SourceArn"), Some((KeyKind::Arn, false)));
    assert_eq!(kind("kms:ResourceAliases"), Some((KeyKind::String, true)));
    assert_eq!(kind("kms:GrantOperations"), Some((KeyKind::String, true)));
    assert_eq!(
        kind("kms:RotationPeriodInDays"),
        Some((KeyKind::Numeric, false))
    );
    assert_eq!(kind("kms:MultiRegion"), Some((KeyKind::Bool, false)));
    assert_eq!(kind("kms:PolicyName"), Some((KeyKind::String, false)));
    assert_eq!(
        kind("cognito-identity.amazonaws.com:amr"),
        Some((KeyKind::String, true))
    );
    for key in ["events:source", "events:detail-type"] {
        assert_eq!(kind(key), Some((KeyKind::String, false)));
        let key = catalog().condition_key(key).expect("a key");
        assert!(key.may_have_several());
    }
    assert_eq!(
        catalog()
            .condition_keys()
            .filter(|key| key.may_have_several())
            .count(),
        2
    );
    for key in ["aws:EpochTime", "kms:ValidTo"] {
        let key = catalog().condition_key(key).expect("a key");
        assert!(
            key.accepts(KeyKind::Date)
                && key.accepts(KeyKind::Numeric)
                && !key.accepts(KeyKind::String)
        );
        assert_eq!(key.kind(), KeyKind::Date);
    }
}

#[test]
fn global_keys_are_in_the_catalogue_as_their_table_has_them() {
    for global in globals::keys() {
        let key = catalog()
            .condition_key(&global.name)
            .expect("in the catalogue");
        assert_eq!(key.name(), global.name);
        assert!(key.is_global());
        assert_eq!(key.is_family(), global.is_family(), "{}", global.name);
        assert_eq!(
            key.is_multivalued(),
            global.is_multivalued,
            "{}",
            global.name
        );
        for kind in KeyKind::ALL {
            assert_eq!(
                key.accepts(kind),
                global.kinds.contains(&kind),
                "{}",
                global.name
            );
        }
    }
    let counted = catalog()
        .condition_keys()
        .filter(|key| key.is_global())
        .count();
    assert_eq!(counted, globals::keys().len());
}

#[test]
fn every_key_of_an_action_is_described() {
    for service in catalog().services() {
        for action in service.actions() {
            let all: Vec<&str> = action.condition_keys().collect();
            for key in &all {
                assert_eq!(
                    catalog().condition_key(key).map(|found| found.name()),
                    Some(*key)
                );
            }
            for used in action.resource_uses() {
                let mut keys = used
                    .condition_keys()
                    .chain(used.resource_type().condition_keys());
                assert!(keys.all(|key| all.contains(&key)), "{action:?}");
            }
            assert!(
                action.own_condition_keys().all(|key| all.contains(&key)),
                "{action:?}"
            );
        }
    }
}

/// Two sources that know nothing of each other: the hand-kept table and the reference. The differences are known ones.
#[test]
fn the_table_of_kms_and_the_reference_agree() {
    let kms = catalog().service("kms").expect("KMS");
    let mut names: Vec<&str> = kms::actions()
        .iter()
        .map(|action| action.name.as_str())
        .collect();
    names.sort_unstable_by_key(|name| name.to_ascii_lowercase());
    assert_eq!(
        kms.actions()
            .map(|action| action.name())
            .collect::<Vec<_>>(),
        names
    );
    for row in kms::actions() {
        let action = kms.action(&row.name).expect("listed");
        assert_eq!(action.access_level(), row.level, "{}", row.name);
        assert_eq!(
            action.has_resource(),
            row.targets.iter().any(|target| *target != kms::Target::Any),
            "{}",
            row.name
        );
        let extra: Vec<&str> = action
            .condition_keys()
            .filter(|key| !row.takes(key))
            .collect();
        let expected: &[&str] = match row.name.as_str() {
            // The reference lists the key's own condition keys for every action that has the key as resource.
            "RetireGrant" => &[
                "kms:KeyOrigin",
                "kms:KeySpec",
                "kms:KeyUsage",
                "kms:MultiRegion",
                "kms:MultiRegionKeyType",
            ],
            _ => &[],
        };
        assert_eq!(extra, expected, "{}", row.name);
        assert!(
            row.condition_keys
                .iter()
                .all(|key| action.condition_keys().any(|listed| listed == key)),
            "{}",
            row.name
        );
    }
}

#[test]
fn other_files_are_refused() {
    assert!(matches!(
        Catalog::from_bytes(&b""[..]),
        Err(CatalogError::NotACatalog)
    ));
    assert!(matches!(
        Catalog::from_bytes(vec![0; 4096]),
        Err(CatalogError::NotACatalog)
    ));
    let mut other = BLOB.to_vec();
    other[8] = 2;
    assert!(matches!(
        Catalog::from_bytes(other),
        Err(CatalogError::OtherVersion(2))
    ));
    assert!(matches!(
        Catalog::from_bytes(BLOB[..BLOB.len() - 1].to_vec()),
        Err(CatalogError::SectionOutOfRange(_))
    ));
    let mut flipped = BLOB.to_vec();
    *flipped.last_mut().expect("not empty") ^= 1;
    let flipped = Catalog::from_bytes(flipped).expect("the header is good");
    assert_eq!(flipped.verify(), Err(CatalogError::WrongChecksum));
}

/// Reads some of everything, for blobs that may be damaged anywhere.
fn walk(catalog: &Catalog) -> usize {
    let mut read = 0;
    for service in catalog.services().take(40) {
        read += service.prefix().len()
            + service.name().len()
            + service.condition_keys().take(5).count();
        for action in service.actions().take(5) {
            let _ = (action.access_level(), action.has_resource());
            read +=
                action.name().len() + action.condition_keys().take(9).map(str::len).sum::<usize>();
            read += action.dependent_actions().take(9).count();
            for used in action.resource_uses().take(5) {
                read += used.name().len() + used.resource_type().arn_patterns().take(5).count();
                read += used.condition_keys().take(5).count();
            }
        }
    }
    for key in [
        "aws:ResourceTag/x",
        "aws:CurrentTime",
        "kms:EncryptionContext:a",
        "x",
    ] {
        read += catalog.condition_key(key).map_or(0, |key| key.name().len());
    }
    for action in ["Decrypt", "PutObject", "x"] {
        read += catalog
            .action("kms", action)
            .map_or(0, |action| action.name().len());
    }
    read += catalog
        .action_by_id(9000)
        .map_or(0, |action| action.name().len());
    read
}

#[test]
fn damaged_blobs_read_too_little_but_never_panic() {
    assert!(walk(catalog()) > 1000);
    // A small generator of places, so that the test is the same every time.
    let mut seed: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut next = |bound: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % bound
    };
    for round in 0..60 {
        let mut blob = BLOB.to_vec();
        // The header and the tables after it hold what the rest depends on; later rounds damage all of it.
        let reach = [80, 14_000, 400_000, blob.len()][round % 4];
        for _ in 0..=next(200) {
            let place = 12 + next(reach - 12);
            blob[place] = [0, 0xff, 0x80, u8::try_from(next(256)).expect("a byte")][next(4)];
        }
        if let Ok(damaged) = Catalog::from_bytes(blob) {
            walk(&damaged);
            assert!(damaged.verify().is_err());
        }
    }
}

/// The blob with one word replaced and a checksum that fits.
fn with_word(section: Section, word: usize, value: u32) -> Catalog {
    let mut blob = BLOB.to_vec();
    let entry = SECTIONS_AT
        + 8 * Section::ALL
            .iter()
            .position(|other| *other == section)
            .expect("a section");
    let offset =
        u32::from_le_bytes(blob[entry..entry + 4].try_into().expect("four bytes")) as usize;
    let place = offset + 4 * word;
    assert_ne!(blob[place..place + 4], value.to_le_bytes());
    blob[place..place + 4].copy_from_slice(&value.to_le_bytes());
    let sum = checksum(&blob).to_le_bytes();
    blob[CHECKSUM_AT..CHECKSUM_AT + 8].copy_from_slice(&sum);
    Catalog::from_bytes(blob).expect("the header is good")
}

#[test]
fn verification_finds_what_a_checksum_cannot() {
    for (what, section, word, value) in [
        ("a service's prefix outside", Section::Services, 0, u32::MAX),
        ("a service without prefix", Section::Services, 0, 0),
        (
            "services out of order",
            Section::Services,
            7 * 3,
            0x0000_0001,
        ),
        (
            "a gap before the second service's actions",
            Section::Services,
            7 + 2,
            1,
        ),
        ("too many resource types", Section::Services, 5, 9999),
        ("no such list of keys", Section::Services, 6, u32::MAX),
        ("actions out of order", Section::Actions, 0, 0),
        ("no such access level", Section::Actions, 1, 7 << 28),
        ("no such list of uses", Section::Actions, 1, (1 << 28) - 1),
        ("no such list of keys", Section::Actions, 2, u32::MAX),
        ("no such list of keys", Section::Actions, 3, u32::MAX),
        ("no such patterns", Section::ResourceTypes, 1, u32::MAX),
        ("no such kind", Section::Keys, 1, 0xff),
        ("a kind that it does not accept", Section::Keys, 1, 0),
        ("no such family", Section::Families, 0, u32::MAX),
        (
            "a wrong place of the placeholder",
            Section::Families,
            1,
            9999,
        ),
        ("a list too long", Section::Lists, 0, u32::MAX),
    ] {
        let damaged = with_word(section, word, value);
        assert!(
            matches!(damaged.verify(), Err(CatalogError::Inconsistent(_))),
            "{what}"
        );
        walk(&damaged);
    }
}

#[test]
fn debug_output_names_things() {
    let action = catalog().action("kms", "Decrypt").expect("an action");
    assert_eq!(format!("{action:?}"), "Action(kms:Decrypt)");
    assert_eq!(format!("{:?}", action.service()), "Service(\"kms\")");
}
