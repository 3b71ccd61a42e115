//! What each kind of policy allows, as data. Rule: IAM-GRAM-20.

use super::PolicyKind;

/// Whether something may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Allowed,
    /// Accepted with a warning.
    Warned,
    Forbidden,
}

/// Whether an element must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
    Forbidden,
}

/// What `Principal` may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PrincipalUse {
    Forbidden,
    /// `"*"` and nothing else.
    EveryoneOnly,
    Required,
    /// Required; everyone is worth a warning.
    RequiredSomebody,
}

/// What becomes of an ARN with fewer than six fields. Rule: IAM-WILD-10, AMB-14.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IncompleteArn {
    /// The missing fields become `*`.
    Completed,
    /// It stays as written, and evaluation decides.
    Kept,
    Refused,
    /// Refused unless it ends in `*`.
    RefusedUnlessOpen,
}

/// How the size of a document counts. Rule: IAM-GRAM-23, KMS-POL-13.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quota {
    /// Characters but white space.
    Dense(usize),
    /// Characters.
    Characters(usize),
    /// Bytes.
    Bytes(usize),
    /// Set by the service.
    Unknown,
}

/// The grammar of one kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grammar {
    /// True where `Version` must be there and say 2012-10-17.
    pub(super) needs_2012: bool,
    pub(super) id: Use,
    pub(super) principal: PrincipalUse,
    /// True where `NotPrincipal` may stand in a `Deny`.
    pub(super) takes_not_principal: bool,
    pub(super) allow: Use,
    /// `Action: "*"`.
    pub(super) all_actions: Use,
    pub(super) not_action: Use,
    pub(super) resource: Need,
    pub(super) incomplete_arn: IncompleteArn,
    /// True for kinds that IAM stores or checks itself, which makes some defects errors.
    pub(super) is_stored_by_iam: bool,
    /// True where a `Sid` is made of letters and digits. Rule: IAM-GRAM-8.
    pub(super) plain_sid: bool,
    /// The rule that limits characters to U+0020–U+00FF, tab, LF and CR.
    pub(super) charset: Option<&'static str>,
    pub(super) quota: Quota,
}

const IDENTITY: Grammar = Grammar {
    needs_2012: false,
    id: Use::Warned,
    principal: PrincipalUse::Forbidden,
    takes_not_principal: false,
    allow: Use::Allowed,
    all_actions: Use::Allowed,
    not_action: Use::Allowed,
    resource: Need::Required,
    incomplete_arn: IncompleteArn::Completed,
    is_stored_by_iam: true,
    plain_sid: true,
    charset: Some("IAM-GRAM-1"),
    // The greatest of the quotas: all inline policies of a role. A managed policy has 6,144.
    quota: Quota::Dense(10_240),
};

const BOUNDARY: Grammar = Grammar {
    quota: Quota::Dense(6_144),
    ..IDENTITY
};

const SESSION: Grammar = Grammar {
    incomplete_arn: IncompleteArn::Refused,
    quota: Quota::Characters(2_048),
    ..IDENTITY
};

/// SCPs take the whole language, resource ARNs with `Allow` included. Rule: IAM-GRAM-20, DOC-3.
const SCP: Grammar = Grammar {
    needs_2012: true,
    id: Use::Forbidden,
    incomplete_arn: IncompleteArn::RefusedUnlessOpen,
    is_stored_by_iam: false,
    charset: None,
    quota: Quota::Characters(5_120),
    ..IDENTITY
};

const RCP: Grammar = Grammar {
    principal: PrincipalUse::EveryoneOnly,
    allow: Use::Forbidden,
    all_actions: Use::Forbidden,
    not_action: Use::Forbidden,
    incomplete_arn: IncompleteArn::Refused,
    ..SCP
};

const RESOURCE: Grammar = Grammar {
    id: Use::Allowed,
    principal: PrincipalUse::Required,
    takes_not_principal: true,
    resource: Need::Optional,
    incomplete_arn: IncompleteArn::Kept,
    is_stored_by_iam: false,
    plain_sid: false,
    charset: None,
    quota: Quota::Unknown,
    ..IDENTITY
};

const KEY: Grammar = Grammar {
    charset: Some("KMS-POL-13"),
    quota: Quota::Bytes(32_768),
    ..RESOURCE
};

const TRUST: Grammar = Grammar {
    id: Use::Allowed,
    principal: PrincipalUse::RequiredSomebody,
    all_actions: Use::Warned,
    not_action: Use::Warned,
    resource: Need::Forbidden,
    quota: Quota::Dense(2_048),
    ..IDENTITY
};

const VPC_ENDPOINT: Grammar = Grammar {
    resource: Need::Required,
    quota: Quota::Characters(20_480),
    ..RESOURCE
};

impl PolicyKind {
    pub(super) fn grammar(self) -> &'static Grammar {
        match self {
            PolicyKind::Identity => &IDENTITY,
            PolicyKind::Boundary => &BOUNDARY,
            PolicyKind::Session => &SESSION,
            PolicyKind::Scp => &SCP,
            PolicyKind::Rcp => &RCP,
            PolicyKind::Resource => &RESOURCE,
            PolicyKind::Key => &KEY,
            PolicyKind::Trust => &TRUST,
            PolicyKind::VpcEndpoint => &VPC_ENDPOINT,
        }
    }
}
