//! What the codes of decisions mean, in words. Rule: IAM-RSN-2.

use preclear_model::Arn;
use preclear_simulator::Code;

/// One sentence without its end, of a decision on this resource.
pub(super) fn meaning(code: Code, resource: &str) -> &'static str {
    let is_key = Arn::parse(resource).is_some_and(|arn| arn.service() == "kms");
    match code {
        Code::NoResourceAllow if is_key => "the key policy does not allow it",
        Code::ExplicitDenyResource if is_key => "the key policy denies it",
        Code::ExplicitDenyScp => "a service control policy denies it",
        Code::ExplicitDenyRcp => "a resource control policy denies it",
        Code::ExplicitDenyVpce => "the policy of the VPC endpoint denies it",
        Code::ExplicitDenyBoundary => "the permissions boundary denies it",
        Code::ExplicitDenySession => "a session policy denies it",
        Code::ExplicitDenyResource => "the policy of the resource denies it",
        Code::ExplicitDenyTrust => "the role's trust policy denies it",
        Code::ExplicitDenyIdentity => "an identity policy denies it",
        Code::CrossPartition => "caller and resource are in different partitions of AWS",
        Code::StsRestriction => "STS does not let this caller do that",
        Code::KeyNotFound => "there is no key of that name in the account and Region of the call",
        Code::OperationNotCrossAccount => {
            "KMS does not offer this operation on keys of other accounts"
        }
        Code::RegionNotEnabled => {
            "the caller's account has not enabled the opt-in Region of the key"
        }
        Code::UnsupportedOnAwsManagedKey => {
            "KMS does not offer this operation on keys that AWS manages"
        }
        Code::NoScpAllow => "at one level of the organisation no service control policy allows it",
        Code::NoVpceAllow => "the policy of the VPC endpoint does not allow it",
        Code::RetireGrantNotEntitled => {
            "only the retiring principal, a grantee with RetireGrant and the issuing account may retire the grant"
        }
        Code::GrantDelegationExceeded => {
            "the grant would go beyond the grant that it is created under"
        }
        Code::KeyTrustMissing => {
            "the grant comes from the key's owner, and nothing in the caller's own account allows it"
        }
        Code::IamNotEnabledByKeyPolicy => {
            "an identity policy allows it, but the key policy neither does nor lets identity policies count for it"
        }
        Code::NoResourceAllow => "the policy of the resource does not allow it",
        Code::NoTrustAllow => "the role's trust policy does not allow it",
        Code::NoIdentityAllow => "no identity policy allows it",
        Code::NoBoundaryAllow => "the permissions boundary does not allow it",
        Code::NoSessionAllow => "no session policy allows it",
        Code::FederatedNoSessionPolicy => {
            "a federated user without a session policy has no permissions"
        }
        Code::NotApplicableAwsOwned => "keys that AWS owns need no permission",
        Code::AllowKeyPolicy => "the key policy allows the caller itself",
        Code::AllowGrant => "a grant allows it",
        Code::AllowIamViaKeyPolicy => {
            "the key policy lets identity policies count, and one allows it"
        }
        Code::AllowIdentity => "an identity policy allows it",
        Code::AllowResourceDirect => "the policy of the resource allows the caller itself",
        Code::AllowResourceEntity => "the policy of the resource allows the caller's role",
        Code::AllowCrossAccount => "both accounts allow it",
        Code::AllowService => "the policy of the resource allows the service",
        Code::AllowAnonymous => "the policy of the resource allows everyone",
        Code::AllowRoot => "the root user may do it",
        Code::AllowStsSpecial => "STS allows it to everybody",
        Code::AllowFederated => "the trust policy allows the federated identity",
        Code::AllowExtra => "further terms of a grant allow it",
        Code::InvalidDocument => "a document is malformed",
        Code::InvalidRequest => "the request cannot be asked this way",
    }
}
