//! The few names that generated worlds are made of, so that policies and requests meet, or nearly do.

/// Account that most callers and resources belong to.
pub(crate) const OWN: &str = "111122223333";
/// Another account, often of the same organisation.
pub(crate) const OTHER: &str = "444455556666";
/// The management account of the organisation.
pub(crate) const MANAGEMENT: &str = "999999999999";
/// Region of everything that has one.
pub(crate) const REGION: &str = "eu-west-1";

/// Roles and users that a snapshot may list: ARN, unique id, name.
pub(crate) const IDENTITIES: [(&str, &str, &str); 8] = [
    (
        "arn:aws:iam::111122223333:role/app/R",
        "AROAEXAMPLEROLER0001",
        "R",
    ),
    (
        "arn:aws:iam::111122223333:user/team/ana",
        "AIDAEXAMPLEUSER00001",
        "ana",
    ),
    (
        "arn:aws:iam::444455556666:role/app/R",
        "AROAEXAMPLEROLER0002",
        "R",
    ),
    (
        "arn:aws:iam::444455556666:user/bob",
        "AIDAEXAMPLEUSER00002",
        "bob",
    ),
    (
        "arn:aws:iam::111122223333:role/Q",
        "AROAEXAMPLEROLEQ0001",
        "Q",
    ),
    (
        "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
        "AROAEXAMPLELINKED001",
        "AWSServiceRoleForX",
    ),
    (
        "arn:aws:iam::999999999999:user/eve",
        "AIDAEXAMPLEUSER00003",
        "eve",
    ),
    (
        "arn:aws:iam::111122223333:user/bob",
        "AIDAEXAMPLEUSER00004",
        "bob",
    ),
];

/// Names of sessions.
pub(crate) const SESSIONS: [&str; 2] = ["s1", "s2"];

/// A federated user.
pub(crate) const FEDERATED_USER: &str = "arn:aws:sts::111122223333:federated-user/F";

/// Callers that no snapshot lists.
pub(crate) const OTHER_CALLERS: [&str; 9] = [
    FEDERATED_USER,
    "sns.amazonaws.com",
    "arn:aws:iam::111122223333:root",
    "anonymous",
    "arn:aws:iam::444455556666:root",
    "arn:aws:sts::111122223333:assumed-root",
    "s3.amazonaws.com",
    "arn:aws:iam::999999999999:root",
    "sns.eu-south-1.amazonaws.com",
];

/// Identity providers of trust policies.
pub(crate) const PROVIDERS: [&str; 2] = [
    "accounts.google.com",
    "arn:aws:iam::111122223333:saml-provider/corp",
];

/// Canonical user ids of S3.
pub(crate) const CANONICAL_IDS: [&str; 2] = [
    "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
    "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2bf",
];

/// Entries of `Principal` under `AWS`.
pub(crate) const AWS_PRINCIPALS: [&str; 21] = [
    "*",
    OWN,
    "arn:aws:iam::111122223333:role/app/R",
    "arn:aws:iam::111122223333:user/team/ana",
    "arn:aws:sts::111122223333:assumed-role/R/s1",
    "arn:aws:iam::111122223333:root",
    OTHER,
    "arn:aws:iam::444455556666:role/app/R",
    "arn:aws:sts::111122223333:federated-user/F",
    "arn:aws:iam::444455556666:user/bob",
    "arn:aws:sts::444455556666:assumed-role/R/s1",
    "arn:aws:iam::444455556666:root",
    "AROAEXAMPLEROLER0001",
    "AIDAEXAMPLEUSER00001",
    "arn:aws:iam::111122223333:role/R",
    "arn:aws:iam::111122223333:role/app/r",
    "arn:aws:iam::111122223333:role/Q",
    "arn:aws:sts::111122223333:assumed-role/R/s2",
    "arn:aws:iam::111122223333:user/bob",
    "arn:aws-cn:iam::111122223333:root",
    "AROAEXAMPLEROLER0009",
];

/// Entries of `Principal` under `Service`.
pub(crate) const SERVICES: [&str; 4] = [
    "sns.amazonaws.com",
    "s3.amazonaws.com",
    "sns.eu-south-1.amazonaws.com",
    "x.amazonaws.com",
];

/// A KMS key.
pub(crate) const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k1";

/// A service's actions and what they are asked of.
pub(crate) struct Service {
    /// Patterns of its actions, as policies have them.
    pub(crate) action_patterns: &'static [&'static str],
    /// Patterns of its resources, as policies have them.
    pub(crate) resource_patterns: &'static [&'static str],
    /// Actions, each with its resources; none: it may leave the resource out.
    pub(crate) actions: &'static [(&'static str, &'static [&'static str])],
}

const OBJECTS: &[&str] = &[
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::b/ana/x",
    "arn:aws:s3:::b/red/x",
    "arn:aws:s3:::c/x",
    "arn:aws:s3:::b/*",
    "arn:aws-cn:s3:::b/x",
];
const QUEUES: &[&str] = &[
    "arn:aws:sqs:eu-west-1:111122223333:q",
    "arn:aws:sqs:eu-west-1:444455556666:q",
];
const KEYS: &[&str] = &[
    KEY,
    "arn:aws:kms:eu-west-1:444455556666:key/k2",
    "alias/a",
    "k1",
    "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3",
];
const ROLES: &[&str] = &[
    "arn:aws:iam::111122223333:role/app/R",
    "arn:aws:iam::444455556666:role/app/R",
    "arn:aws:iam::111122223333:role/Q",
];
const FUNCTIONS: &[&str] = &[
    "arn:aws:lambda:eu-west-1:111122223333:function:f",
    "arn:aws:lambda:eu-west-1:111122223333:function:f:live",
];

/// What is asked, and what policies speak of.
/// The last one is asked for now and then only.
pub(crate) const SERVICE_TABLE: [Service; 7] = [
    Service {
        action_patterns: &[
            "s3:*",
            "s3:GetObject",
            "s3:Get*",
            "S3:getobject",
            "s3:PutObject",
            "s3:?etObject",
            "s3:GetObject ",
            "s3:ListAllMyBuckets",
        ],
        resource_patterns: &[
            "arn:aws:s3:::b/*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::b/x",
            "arn:aws:s3:::b/${aws:username}/*",
            "arn:aws:s3:::b/${aws:PrincipalTag/team}/x",
            "arn:aws:s3:::b",
            "arn:aws:s3:::b/${aws:PrincipalTag/team, 'red'}/*",
            "arn:aws:s3:::b/?",
            "arn:aws:s3:::${*}/x",
            "arn:aws:s3:::b/${aws:userid}*",
            "arn:aws:s3:::b/${aws:TagKeys}/*",
            "arn:*:s3:::b/*",
        ],
        actions: &[
            ("s3:GetObject", OBJECTS),
            ("s3:PutObject", OBJECTS),
            ("s3:ListAllMyBuckets", &["*"]),
            ("s3:ListBucket", &["arn:aws:s3:::b", "arn:aws:s3:::c"]),
        ],
    },
    Service {
        action_patterns: &[
            "sqs:*",
            "sqs:SendMessage",
            "sqs:Send*",
            "sqs:ReceiveMessage",
        ],
        resource_patterns: &[
            "arn:aws:sqs:*:111122223333:q",
            "arn:aws:sqs:eu-west-1:111122223333:*",
            "arn:aws:sqs:*:*:*",
            "arn:aws:sqs:eu-west-1:444455556666:q",
            "arn:aws:sqs:eu-west-1:*:q",
            "arn:aws:SQS:eu-west-1:111122223333:q",
            "arn:aws:sqs",
            "arn:aws:sqs:*",
        ],
        actions: &[("sqs:SendMessage", QUEUES), ("sqs:ReceiveMessage", QUEUES)],
    },
    Service {
        action_patterns: &[
            "kms:*",
            "kms:Decrypt",
            "kms:*crypt*",
            "kms:CreateGrant",
            "kms:GenerateDataKey*",
            "kms:ListKeys",
            "kms:Describe*",
            "KMS:decrypt",
            "kms:ReEncrypt",
            "kms:ReEncrypt*",
            "kms:*Grant*",
            "kms:Sign",
        ],
        resource_patterns: &[
            "*",
            "arn:aws:kms:*:111122223333:key/*",
            "arn:aws:kms:eu-west-1:111122223333:key/k1",
            "arn:aws:kms:*:*:key/*",
            "arn:aws:kms:*:444455556666:key/k?",
            "arn:aws:kms:*:111122223333:k*/k1",
            "arn:aws:kms:*:111122223333:ke*",
            "arn:aws:kms:*:111122223333:alias/a",
        ],
        actions: &[
            ("kms:Decrypt", KEYS),
            ("kms:GenerateDataKey", KEYS),
            ("kms:CreateGrant", KEYS),
            ("kms:DescribeKey", KEYS),
            ("kms:RetireGrant", KEYS),
            ("kms:ListKeys", &["*"]),
            ("kms:PutKeyPolicy", KEYS),
            ("kms:CreateKey", &["*"]),
            ("kms:TagResource", KEYS),
            ("kms:CreateAlias", &["alias/a", KEY]),
            ("kms:Encrypt", KEYS),
            ("kms:ReEncryptFrom", KEYS),
            ("kms:ReEncryptTo", KEYS),
            ("kms:ListGrants", KEYS),
            ("kms:RevokeGrant", KEYS),
            ("kms:Sign", KEYS),
            ("kms:GenerateMac", KEYS),
            ("kms:GetPublicKey", KEYS),
            ("kms:ScheduleKeyDeletion", KEYS),
            ("kms:DisableKey", KEYS),
            ("kms:EnableKeyRotation", KEYS),
            ("kms:GenerateRandom", &["*"]),
        ],
    },
    Service {
        action_patterns: &[
            "sts:*",
            "sts:AssumeRole",
            "sts:TagSession",
            "sts:AssumeRole*",
            "sts:AssumeRoleWithWebIdentity",
            "sts:AssumeRoleWithSAML",
        ],
        resource_patterns: &[
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::*:role/app/R",
            "arn:aws:iam::111122223333:role/app/${aws:PrincipalTag/team}",
        ],
        actions: &[
            ("sts:AssumeRole", ROLES),
            ("sts:TagSession", ROLES),
            ("sts:GetCallerIdentity", &["*"]),
            ("sts:GetSessionToken", &["*"]),
            ("sts:AssumeRoleWithWebIdentity", ROLES),
            ("sts:AssumeRoleWithSAML", ROLES),
        ],
    },
    Service {
        action_patterns: &["iam:*", "iam:PassRole", "iam:Get*"],
        resource_patterns: &[
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::111122223333:user/*",
            "arn:aws:iam::*:role*",
            "arn:aws:iam::111122223333:user/team/${aws:username}",
        ],
        actions: &[
            ("iam:PassRole", ROLES),
            ("iam:GetUser", &["arn:aws:iam::111122223333:user/team/ana"]),
            ("iam:ListUsers", &["*"]),
        ],
    },
    Service {
        action_patterns: &["lambda:*", "lambda:InvokeFunction", "nosuch:Thing"],
        resource_patterns: &[
            "arn:aws:lambda:*:111122223333:function:*",
            "arn:aws:lambda:*:*:function:f",
            "arn:aws:lambda:eu-west-1:*:f",
            "arn:aws:lambda:*:111122223333:functi*:f",
        ],
        actions: &[
            ("lambda:InvokeFunction", FUNCTIONS),
            ("nosuch:Thing", &["*", "arn:aws:nosuch:::thing"]),
        ],
    },
    Service {
        action_patterns: &["kms:*", "kms:Get*", "kms:List*", "kms:Update*"],
        resource_patterns: &["*", "arn:aws:kms:*:*:key/*"],
        actions: &[
            ("kms:CancelKeyDeletion", KEYS),
            ("kms:DisableKeyRotation", KEYS),
            ("kms:EnableKey", KEYS),
            ("kms:GenerateDataKeyPair", KEYS),
            ("kms:GenerateDataKeyPairWithoutPlaintext", KEYS),
            ("kms:GenerateDataKeyWithoutPlaintext", KEYS),
            ("kms:GetKeyLastUsage", KEYS),
            ("kms:GetKeyPolicy", KEYS),
            ("kms:GetKeyRotationStatus", KEYS),
            ("kms:GetParametersForImport", KEYS),
            ("kms:ImportKeyMaterial", KEYS),
            ("kms:DeleteImportedKeyMaterial", KEYS),
            ("kms:DeriveSharedSecret", KEYS),
            ("kms:Encapsulate", KEYS),
            ("kms:Decapsulate", KEYS),
            ("kms:ListKeyPolicies", KEYS),
            ("kms:ListKeyRotations", KEYS),
            ("kms:ListResourceTags", KEYS),
            ("kms:ReplicateKey", KEYS),
            ("kms:RotateKeyOnDemand", KEYS),
            ("kms:SynchronizeMultiRegionKey", KEYS),
            ("kms:UntagResource", KEYS),
            ("kms:UpdateKeyDescription", KEYS),
            ("kms:UpdatePrimaryRegion", KEYS),
            ("kms:Verify", KEYS),
            ("kms:VerifyMac", KEYS),
            ("kms:ListAliases", &["*"]),
            ("kms:ListRetirableGrants", &["*"]),
            ("kms:CreateCustomKeyStore", &["*"]),
            ("kms:ConnectCustomKeyStore", &["*"]),
            ("kms:DescribeCustomKeyStores", &["*"]),
            ("kms:DisconnectCustomKeyStore", &["*"]),
            ("kms:UpdateCustomKeyStore", &["*"]),
            ("kms:DeleteCustomKeyStore", &["*"]),
            ("kms:DeleteAlias", &["alias/a", KEY]),
            ("kms:UpdateAlias", &["alias/a", KEY]),
        ],
    },
];
