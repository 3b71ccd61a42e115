//! The layers of policies that a request meets.

use std::fmt;

/// One kind of policy applied to a request. The order is that of explicit denies in IAM-RSN-3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Service control policies of the caller's account.
    Scp,
    /// Resource control policies of the resource's account.
    Rcp,
    /// Policy of the VPC endpoint that the call passes.
    VpcEndpoint,
    /// Permissions boundary.
    Boundary,
    /// Session policies.
    Session,
    /// Resource-based policy: key and trust policies too.
    Resource,
    /// Identity policies.
    Identity,
    /// KMS grants, which only allow.
    Grants,
}

impl Layer {
    /// All layers.
    pub const ALL: [Self; 8] = [
        Self::Scp,
        Self::Rcp,
        Self::VpcEndpoint,
        Self::Boundary,
        Self::Session,
        Self::Resource,
        Self::Identity,
        Self::Grants,
    ];

    /// Name in files and output. Rule: IAM-TRI-7.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::VpcEndpoint => "vpce",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::Resource => "resource",
            Self::Identity => "identity",
            Self::Grants => "grants",
        }
    }

    /// The layer of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.name() == name)
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
