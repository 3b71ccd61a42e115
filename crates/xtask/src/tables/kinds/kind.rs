//! The kinds of policy: their columns, their names, the actions that their documents speak of.

/// A kind of policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Identity,
    Boundary,
    Session,
    Scp,
    Rcp,
    Resource,
    Trust,
    Endpoint,
}

impl Kind {
    pub(super) const ALL: [Kind; 8] = [
        Kind::Identity,
        Kind::Boundary,
        Kind::Session,
        Kind::Scp,
        Kind::Rcp,
        Kind::Resource,
        Kind::Trust,
        Kind::Endpoint,
    ];

    /// The column of the table.
    pub(super) fn column(self) -> &'static str {
        match self {
            Kind::Identity | Kind::Boundary => "identity (managed, inline), boundary",
            Kind::Session => "session",
            Kind::Scp => "SCP",
            Kind::Rcp => "RCP (customer)",
            Kind::Resource => "resource-based",
            Kind::Trust => "role trust",
            Kind::Endpoint => "VPC endpoint",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Identity => "identity",
            Kind::Boundary => "boundary",
            Kind::Session => "session",
            Kind::Scp => "scp",
            Kind::Rcp => "rcp",
            Kind::Resource => "resource",
            Kind::Trust => "trust",
            Kind::Endpoint => "vpce",
        }
    }

    pub(super) fn phrase(self) -> &'static str {
        match self {
            Kind::Identity => "an identity policy",
            Kind::Boundary => "a permissions boundary",
            Kind::Session => "a session policy",
            Kind::Scp => "a service control policy",
            Kind::Rcp => "a resource control policy",
            Kind::Resource => "a bucket's policy",
            Kind::Trust => "a trust policy",
            Kind::Endpoint => "a VPC endpoint policy",
        }
    }

    /// The action that the ordinary document names.
    pub(super) fn action(self) -> &'static str {
        if self == Kind::Trust {
            "sts:AssumeRole"
        } else {
            "s3:GetObject"
        }
    }

    /// An action that it does not name.
    pub(super) fn other_action(self) -> &'static str {
        if self == Kind::Trust {
            "sts:TagSession"
        } else {
            "s3:PutObject"
        }
    }
}
