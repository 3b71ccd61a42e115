//! Condition keys of generated worlds: what values they take, and what policies compare them with.

use std::net::IpAddr;

use preclear_model::Arn;

/// What the values of a key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Arn,
    Bool,
    Number,
    Date,
    Ip,
}

/// A condition key.
#[derive(Debug)]
pub(crate) struct Key {
    /// As AWS spells it.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// True if a request may give several values. Rule: IAM-COND-5.
    pub(crate) is_multivalued: bool,
    /// Values that requests have and policies name.
    pub(crate) values: &'static [&'static str],
    /// Operands that policies have besides: patterns, variables, other notations.
    pub(crate) operands: &'static [&'static str],
}

const fn key(
    name: &'static str,
    kind: Kind,
    values: &'static [&'static str],
    operands: &'static [&'static str],
) -> Key {
    Key {
        name,
        kind,
        is_multivalued: false,
        values,
        operands,
    }
}

const fn set(
    name: &'static str,
    values: &'static [&'static str],
    operands: &'static [&'static str],
) -> Key {
    Key {
        name,
        kind: Kind::Text,
        is_multivalued: true,
        values,
        operands,
    }
}

const ACCOUNTS: &[&str] = &["111122223333", "444455556666"];
const TEAMS: &[&str] = &["red", "blue", "ana", "Red"];
const TEAM_OPERANDS: &[&str] = &[
    "r*",
    "${aws:PrincipalTag/team}",
    "*",
    "${aws:username}",
    "${aws:PrincipalTag/team, 'red'}",
    "?ed",
    "",
    "${aws:RequestTag/team}",
    "${*}",
];
const ORGANIZATIONS: &[&str] = &["o-1", "o-2"];
const PATHS: &[&str] = &["o-1/r-1/ou-1/", "o-1/r-1/", "o-2/r-2/"];
const PATH_OPERANDS: &[&str] = &["o-1/*", "o-1/r-1/ou-1/*", "*"];
const ADDRESSES: &[&str] = &["203.0.113.7", "10.0.0.1", "2001:db8::1"];
const ADDRESS_OPERANDS: &[&str] = &[
    "203.0.113.0/24",
    "0.0.0.0/0",
    "2001:db8::/32",
    "::/0",
    "203.0.113.9/24",
    "::ffff:203.0.113.7",
    "300.1.1.1",
];
const TIMES: &[&str] = &["2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z"];
const EPOCHS: &[&str] = &["1767225600", "2026-06-01T12:00:00Z"];
const TIME_OPERANDS: &[&str] = &[
    "2026-01-01",
    "2026-03-01T00:00:00Z",
    "2027",
    "2026-01-01T01:00:00+01:00",
    "1767225601",
    "no date",
];
const BOOLS: &[&str] = &["true", "false"];
const BOOL_OPERANDS: &[&str] = &["TRUE", "yes", "${aws:SecureTransport}"];
const NUMBERS: &[&str] = &["10", "300", "9.5"];
const NUMBER_OPERANDS: &[&str] = &["10.0", "-1", "1e3", "ten", "00300"];
const ROLE_ARNS: &[&str] = &[
    "arn:aws:iam::111122223333:role/app/R",
    "arn:aws:iam::111122223333:user/team/ana",
    "arn:aws:iam::444455556666:role/app/R",
    "arn:aws:iam::111122223333:root",
];
const ROLE_ARN_OPERANDS: &[&str] = &[
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::*:role/app/R",
    "arn:*:iam::*:*",
    "*",
    "arn:aws:iam::111122223333:role/app/?",
    "arn:aws:sts::111122223333:assumed-role/R/*",
    "arn:aws:iam::111122223333:user/team/${aws:username}",
];
const HOSTS: &[&str] = &["athena.amazonaws.com", "cloudformation.amazonaws.com"];

impl Key {
    /// True if the text is of the key's type, as AWS writes it.
    pub(crate) fn admits(&self, text: &str) -> bool {
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match self.kind {
            Kind::Text => true,
            Kind::Arn => Arn::parse(text).is_some(),
            Kind::Bool => text.parse::<bool>().is_ok(),
            Kind::Number => {
                let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
                is_number(whole) && is_number(fraction)
            }
            Kind::Date => self.values.contains(&text),
            // A mapped address is disputed (AMB-24), and nothing that AWS writes.
            Kind::Ip => match text.parse::<IpAddr>() {
                Ok(IpAddr::V6(six)) => six.to_ipv4_mapped().is_none(),
                four => four.is_ok(),
            },
        }
    }
}

/// Every key, the commonest first. Tag families stand with a tag.
pub(crate) const KEYS: [Key; 67] = [
    key("aws:PrincipalTag/team", Kind::Text, TEAMS, TEAM_OPERANDS),
    key(
        "aws:SourceVpce",
        Kind::Text,
        &["vpce-1", "vpce-2", "vpce-9"],
        &["vpce-*", "*"],
    ),
    key("aws:SourceIp", Kind::Ip, ADDRESSES, ADDRESS_OPERANDS),
    key("aws:SecureTransport", Kind::Bool, BOOLS, BOOL_OPERANDS),
    key("aws:ResourceTag/team", Kind::Text, TEAMS, TEAM_OPERANDS),
    key("aws:PrincipalArn", Kind::Arn, ROLE_ARNS, ROLE_ARN_OPERANDS),
    key(
        "aws:PrincipalOrgID",
        Kind::Text,
        ORGANIZATIONS,
        &["o-*", "${aws:ResourceOrgID}"],
    ),
    set("aws:TagKeys", &["team", "Team", "env"], &["t*", "*", ""]),
    key("aws:RequestTag/team", Kind::Text, TEAMS, TEAM_OPERANDS),
    key(
        "aws:UserAgent",
        Kind::Text,
        &["cli", "console"],
        &["*", "c*", "**", ""],
    ),
    key(
        "aws:MultiFactorAuthPresent",
        Kind::Bool,
        BOOLS,
        BOOL_OPERANDS,
    ),
    key("aws:username", Kind::Text, &["ana", "bob"], &["a*", "*"]),
    key(
        "aws:userid",
        Kind::Text,
        &[
            "AROAEXAMPLEROLER0001:s1",
            "AIDAEXAMPLEUSER00001",
            "111122223333:F",
        ],
        &["AROAEXAMPLEROLER0001:*", "*:s1", "AIDA*"],
    ),
    key("aws:PrincipalAccount", Kind::Text, ACCOUNTS, &["1111*"]),
    key(
        "aws:PrincipalType",
        Kind::Text,
        &["User", "AssumedRole", "Account", "Anonymous"],
        &["*"],
    ),
    key("aws:ViaAWSService", Kind::Bool, BOOLS, BOOL_OPERANDS),
    // One that the catalogue does not know (IAM-CTX-2).
    key(
        "aws:KeyOfTomorrow",
        Kind::Text,
        &["blue", "green"],
        &["bl*", "${aws:PrincipalAccount}"],
    ),
    set("aws:CalledVia", HOSTS, &["*.amazonaws.com"]),
    key("aws:CalledViaFirst", Kind::Text, HOSTS, &["athena*"]),
    key("aws:CurrentTime", Kind::Date, TIMES, TIME_OPERANDS),
    key("aws:EpochTime", Kind::Date, EPOCHS, TIME_OPERANDS),
    key("aws:TokenIssueTime", Kind::Date, TIMES, TIME_OPERANDS),
    key(
        "aws:MultiFactorAuthAge",
        Kind::Number,
        NUMBERS,
        NUMBER_OPERANDS,
    ),
    key("aws:SourceVpc", Kind::Text, &["vpc-1", "vpc-2"], &["vpc-*"]),
    key("aws:VpcSourceIp", Kind::Ip, ADDRESSES, ADDRESS_OPERANDS),
    key(
        "aws:VpceAccount",
        Kind::Text,
        ACCOUNTS,
        &["${aws:PrincipalAccount}"],
    ),
    key("aws:VpceOrgID", Kind::Text, ORGANIZATIONS, &["o-*"]),
    set("aws:VpceOrgPaths", PATHS, PATH_OPERANDS),
    key(
        "aws:SourceVpcArn",
        Kind::Arn,
        &["arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"],
        &["arn:aws:ec2:*:*:vpc/*"],
    ),
    set("aws:PrincipalOrgPaths", PATHS, PATH_OPERANDS),
    key(
        "aws:PrincipalIsAWSService",
        Kind::Bool,
        BOOLS,
        BOOL_OPERANDS,
    ),
    key(
        "aws:PrincipalServiceName",
        Kind::Text,
        &["sns.amazonaws.com", "s3.amazonaws.com"],
        &["*.amazonaws.com"],
    ),
    set(
        "aws:PrincipalServiceNamesList",
        &["sns.amazonaws.com", "s3.amazonaws.com"],
        &["*"],
    ),
    key(
        "aws:SourceArn",
        Kind::Arn,
        &["arn:aws:sns:eu-west-1:111122223333:t"],
        &["arn:aws:sns:*:*:*"],
    ),
    key(
        "aws:SourceAccount",
        Kind::Text,
        ACCOUNTS,
        &["${aws:ResourceAccount}"],
    ),
    key(
        "aws:SourceOrgID",
        Kind::Text,
        ORGANIZATIONS,
        &["${aws:ResourceOrgID}"],
    ),
    set("aws:SourceOrgPaths", PATHS, PATH_OPERANDS),
    key(
        "aws:ResourceAccount",
        Kind::Text,
        ACCOUNTS,
        &["${aws:PrincipalAccount}", "4*"],
    ),
    key(
        "aws:ResourceOrgID",
        Kind::Text,
        ORGANIZATIONS,
        &["${aws:PrincipalOrgID}"],
    ),
    set("aws:ResourceOrgPaths", PATHS, PATH_OPERANDS),
    key(
        "aws:RequestedRegion",
        Kind::Text,
        &["eu-west-1", "us-east-1"],
        &["eu-*"],
    ),
    key(
        "aws:referer",
        Kind::Text,
        &["https://example.com/"],
        &["https://*", ""],
    ),
    key(
        "aws:SourceIdentity",
        Kind::Text,
        &["ana", "a*"],
        &["a*", "*"],
    ),
    key(
        "aws:FederatedProvider",
        Kind::Text,
        &["accounts.google.com"],
        &["*"],
    ),
    key("aws:AssumedRoot", Kind::Bool, BOOLS, BOOL_OPERANDS),
    key(
        "aws:SignInSessionArn",
        Kind::Arn,
        &["arn:aws:signin:eu-west-1:111122223333:session/1"],
        &["arn:aws:signin:*:*:session/*"],
    ),
    key(
        "aws:ChatbotSourceArn",
        Kind::Arn,
        &["arn:aws:chatbot::111122223333:chat-configuration/c"],
        &["*"],
    ),
    key(
        "aws:Ec2InstanceSourceVpc",
        Kind::Text,
        &["vpc-1", "vpc-2"],
        &["${aws:SourceVpc}"],
    ),
    key(
        "ec2:RoleDelivery",
        Kind::Number,
        &["1", "2.0"],
        NUMBER_OPERANDS,
    ),
    key("saml:sub", Kind::Text, &["ana"], &["*"]),
    key("accounts.google.com:aud", Kind::Text, &["app"], &["a*"]),
    key("sts:ExternalId", Kind::Text, &["e1", "e2"], &["e?"]),
    key(
        "sts:RoleSessionName",
        Kind::Text,
        &["s1", "ana"],
        &["${aws:username}", "*"],
    ),
    key(
        "s3:prefix",
        Kind::Text,
        &["ana/", "red/"],
        &["${aws:username}/*", ""],
    ),
    key("iam:ResourceTag/team", Kind::Text, TEAMS, TEAM_OPERANDS),
    key(
        "s3:ExistingObjectTag/team",
        Kind::Text,
        TEAMS,
        TEAM_OPERANDS,
    ),
    key(
        "kms:ViaService",
        Kind::Text,
        &["s3.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"],
        &["s3.*.amazonaws.com"],
    ),
    key("kms:CallerAccount", Kind::Text, ACCOUNTS, &["*"]),
    key(
        "kms:EncryptionContext:team",
        Kind::Text,
        TEAMS,
        TEAM_OPERANDS,
    ),
    set("kms:EncryptionContextKeys", &["team", "env"], &["t*"]),
    key(
        "kms:GrantIsForAWSResource",
        Kind::Bool,
        BOOLS,
        BOOL_OPERANDS,
    ),
    set("kms:GrantOperations", &["Decrypt", "DescribeKey"], &["De*"]),
    key(
        "kms:EncryptionAlgorithm",
        Kind::Text,
        &["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256"],
        &["RSA*"],
    ),
    key("kms:RequestAlias", Kind::Text, &["alias/a"], &["alias/*"]),
    set("kms:ResourceAliases", &["alias/a", "alias/b"], &["alias/*"]),
    key(
        "kms:KeySpec",
        Kind::Text,
        &["SYMMETRIC_DEFAULT", "RSA_2048"],
        &["RSA*"],
    ),
    key("nosuch:key", Kind::Text, &["a", "b"], &["a*"]),
];

/// The key of a name in any case.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name.eq_ignore_ascii_case(name))
}
