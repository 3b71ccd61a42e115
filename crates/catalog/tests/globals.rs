//! The table of global condition keys against its rule.

use preclear_catalog::KeyKind;
use preclear_catalog::globals::{self, Presence};

fn presence(key: &str) -> Presence {
    globals::key(key).expect(key).presence
}

/// Rule: IAM-CTX-2
#[test]
fn defaults_of_the_table() {
    for (key, expected) in [
        ("aws:CurrentTime", Presence::DerivedElsePresent),
        ("aws:EpochTime", Presence::DerivedElsePresent),
        ("aws:RequestedRegion", Presence::Derived),
        ("aws:SecureTransport", Presence::Present),
        ("aws:UserAgent", Presence::Present),
        ("aws:Referer", Presence::Unknown),
        ("aws:PrincipalAccount", Presence::Derived),
        ("aws:UserId", Presence::Derived),
        ("aws:PrincipalArn", Presence::DerivedElsePresent),
        ("aws:PrincipalTag/team", Presence::DerivedElseUnknown),
        ("aws:PrincipalOrgID", Presence::DerivedElseUnknown),
        ("aws:PrincipalOrgMasterAccountId", Presence::Unknown),
        ("aws:PrincipalIsAWSService", Presence::Derived),
        (
            "aws:FederatedProvider",
            Presence::RoleSessionUnknownElseAbsent,
        ),
        (
            "aws:TokenIssueTime",
            Presence::TemporaryPresentLongTermAbsent,
        ),
        (
            "aws:MultiFactorAuthPresent",
            Presence::LongTermAbsentElseUnknown,
        ),
        (
            "aws:MultiFactorAuthAge",
            Presence::LongTermAbsentElseUnknown,
        ),
        ("aws:SourceIdentity", Presence::RoleSessionUnknownElseAbsent),
        ("aws:AssumedRoot", Presence::Derived),
        ("aws:SignInSessionArn", Presence::Unknown),
        ("aws:ChatbotSourceArn", Presence::Absent),
        ("ec2:RoleDelivery", Presence::RoleSessionUnknownElseAbsent),
        (
            "lambda:SourceFunctionArn",
            Presence::RoleSessionUnknownElseAbsent,
        ),
        ("aws:SourceIp", Presence::Unknown),
        ("aws:VpcSourceIp", Presence::Unknown),
        ("aws:VpceOrgPaths", Presence::Unknown),
        ("aws:ViaAWSService", Presence::ForwardedElseFalse),
        ("aws:CalledVia", Presence::ForwardedElseAbsent),
        ("aws:CalledViaLast", Presence::ForwardedElseAbsent),
        ("aws:SourceArn", Presence::ServicePrincipalUnknownElseAbsent),
        (
            "aws:SourceOrgPaths",
            Presence::ServicePrincipalUnknownElseAbsent,
        ),
        ("aws:ResourceAccount", Presence::Derived),
        ("aws:ResourceOrgID", Presence::DerivedElseUnknown),
        ("aws:ResourceTag/team", Presence::ResourceTagsElseUnknown),
        ("aws:RequestTag/team", Presence::AbsentUnlessGiven),
        ("aws:TagKeys", Presence::AbsentUnlessGiven),
        ("saml:namequalifier", Presence::RoleSessionUnknownElseAbsent),
        (
            "token.actions.githubusercontent.com:sub",
            Presence::RoleSessionUnknownElseAbsent,
        ),
        ("sts:ExternalId", Presence::AbsentUnlessGiven),
        ("aws:SourceOwner", Presence::LegacyAbsent),
        ("aws:ARN", Presence::LegacyAbsent),
    ] {
        assert_eq!(presence(key), expected, "{key}");
    }
}

/// Rule: IAM-COND-5
#[test]
fn exactly_these_are_multivalued() {
    let mut multivalued: Vec<&str> = globals::keys()
        .iter()
        .filter(|key| key.is_multivalued)
        .map(|key| key.name.as_str())
        .collect();
    multivalued.sort_unstable();
    assert_eq!(
        multivalued,
        [
            "${OidcProvider}:amr",
            "aws:CalledVia",
            "aws:PrincipalOrgPaths",
            "aws:PrincipalServiceNamesList",
            "aws:ResourceOrgPaths",
            "aws:SourceOrgPaths",
            "aws:TagKeys",
            "aws:VpceOrgPaths",
            "sts:TransitiveTagKeys"
        ]
    );
}

#[test]
fn types_of_the_table() {
    for (key, kind) in [
        ("aws:TokenIssueTime", KeyKind::Date),
        ("aws:MultiFactorAuthAge", KeyKind::Numeric),
        ("aws:ViaAWSService", KeyKind::Bool),
        ("aws:VpcSourceIp", KeyKind::IpAddress),
        ("aws:Ec2InstanceSourcePrivateIPv4", KeyKind::IpAddress),
        ("ec2:RoleDelivery", KeyKind::Numeric),
        ("codebuild:ProjectArn", KeyKind::Arn),
        ("identitystore:UserId", KeyKind::String),
        ("aws:ARN", KeyKind::Arn),
        ("aws:SourceAccount", KeyKind::String),
    ] {
        assert_eq!(globals::key(key).map(|key| key.kind()), Some(kind), "{key}");
    }
}

#[test]
fn names_are_unique_and_service_keys_are_not_global() {
    let mut names: Vec<String> = globals::keys()
        .iter()
        .map(|key| key.name.to_ascii_lowercase())
        .collect();
    let listed = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), listed);
    for key in [
        "kms:ViaService",
        "s3:prefix",
        "aws:NoSuchKey",
        "aws:PrincipalTag/",
        "saml:aud",
    ] {
        assert!(globals::key(key).is_none(), "{key}");
    }
}

/// Rule: AMB-18
#[test]
fn service_principals_have_uncertain_identities() {
    let uncertain: Vec<&str> = globals::keys()
        .iter()
        .filter(|key| key.ambiguity.is_some())
        .map(|key| key.name.as_str())
        .collect();
    assert_eq!(
        uncertain,
        [
            "aws:PrincipalAccount",
            "aws:PrincipalType",
            "aws:userid",
            "aws:PrincipalArn"
        ]
    );
}
