//! What follows from a request, key by key: the table of contents of this folder. Rule: IAM-CTX-2, KMS-COND-0.

use super::names::Name;
use super::{Entry, Sources, families, global, kms, s3, sts};

/// What a key is by what the request implies; `None` where it implies nothing.
pub(super) fn entry<'a>(sources: Sources<'a>, name: Name, key: &str) -> Option<Entry<'a>> {
    match name {
        Name::CurrentTime => global::current_time(sources),
        Name::EpochTime => global::epoch_time(sources),
        Name::RequestedRegion => global::requested_region(sources),
        Name::PrincipalAccount => global::principal_account(sources),
        Name::PrincipalArn => global::principal_arn(sources),
        Name::PrincipalType => global::principal_type(sources),
        Name::PrincipalIsService => global::principal_is_service(sources),
        Name::PrincipalService => global::principal_service_name(sources),
        Name::PrincipalServiceNames => global::principal_service_names(sources),
        Name::PrincipalOrgId => global::principal_org_id(sources),
        Name::PrincipalOrgPaths => global::principal_org_paths(sources),
        Name::PrincipalTag => global::principal_tag(sources, key),
        Name::UserId => global::user_id(sources),
        Name::Username => global::username(sources),
        Name::AssumedRoot => global::assumed_root(sources),
        Name::SourceIdentity => global::source_identity(sources),
        Name::ResourceAccount => global::resource_account(sources),
        Name::ResourceOrgId => global::resource_org_id(sources),
        Name::ResourceOrgPaths => global::resource_org_paths(sources),
        Name::ResourceTag => global::resource_tag(sources, key),
        Name::OwnResourceTag => global::own_resource_tag(sources, key),
        Name::RequestTag => {
            kms::request_tag(sources, key).or_else(|| sts::request_tag(sources, key))
        }
        Name::TagKeys => kms::tag_keys(sources).or_else(|| sts::tag_keys(sources)),
        Name::ViaService => global::via_service(sources),
        Name::CalledVia => global::called_via(sources),
        Name::CalledViaFirst => global::called_via_first(sources),
        Name::CalledViaLast => global::called_via_last(sources),
        Name::SourceIp => global::source_ip(sources),
        Name::SourceVpc
        | Name::SourceVpce
        | Name::SourceVpcArn
        | Name::VpcSourceIp
        | Name::VpceAccount
        | Name::VpceOrgId
        | Name::VpceOrgPaths => global::network(sources, name),
        Name::StsExternalId => sts::member(sources, "ExternalId"),
        Name::StsRoleSession => sts::member(sources, "RoleSessionName"),
        Name::StsSourceIdentity => sts::member(sources, "SourceIdentity"),
        Name::StsTransitiveTagKeys => sts::transitive_tag_keys(sources),
        Name::ExistingObjectTag => s3::existing_object_tag(sources, key),
        Name::SourceArn | Name::RequestObjectTag | Name::RequestObjectTagKeys | Name::Other => None,
        Name::Parameter(_)
        | Name::KmsCallerAccount
        | Name::KmsViaService
        | Name::KmsGrantIsForResource
        | Name::KmsKeySpec
        | Name::KmsOlderKeySpec
        | Name::KmsKeyUsage
        | Name::KmsOlderKeyUsage
        | Name::KmsKeyOrigin
        | Name::KmsMultiRegion
        | Name::KmsMultiRegionKeyType
        | Name::KmsResourceAliases
        | Name::KmsTrailingDays
        | Name::KmsRequestAlias
        | Name::KmsEncryptionAlgorithm
        | Name::KmsReEncryptOnSameKey
        | Name::KmsEncryptionContext
        | Name::KmsEncryptionContextKeys
        | Name::KmsRecipientAttestation
        | Name::KmsGrantConstraintType
        | Name::KmsGrantConstraintSourceArn
        | Name::KmsGrantOperations => kms::entry(sources, name, key),
    }
}

/// What the members of a family are that nothing tells of: narrower families before wider ones.
pub(super) fn rest<'a>(sources: Sources<'a>, name: Name, key: &str) -> Option<Entry<'a>> {
    // What is said comes before what follows.
    families::rest(sources.request, name).or_else(|| match name {
        Name::PrincipalTag => global::other_principal_tags(sources),
        Name::ResourceTag => global::other_resource_tags(sources),
        Name::OwnResourceTag => global::other_own_resource_tags(sources, key),
        Name::RequestTag => {
            kms::other_request_tags(sources).or_else(|| sts::other_request_tags(sources))
        }
        Name::ExistingObjectTag => s3::other_object_tags(sources),
        _ if key.starts_with("kms:") => kms::rest(sources, name),
        _ => None,
    })
}
