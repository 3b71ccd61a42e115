//! The keys that can follow from a request, told by number: conditions carry it, so no name is compared.

use std::sync::LazyLock;

use preclear_catalog::globals::{self, Presence};
use preclear_catalog::kms::{self as tables, Parameter};
use preclear_condition::{KeyId, KeyName};

/// Declares names with their texts in lower case.
macro_rules! names {
    ($($name:ident $text:literal)*) => {
        /// A key that can follow from a request, or a family of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Name {
            $($name,)*
            /// A key that repeats one parameter of KMS, by its place in their table.
            Parameter(u8),
            /// Nothing is derived for it.
            Other,
        }

        /// Every name but those of parameters.
        const NAMES: &[(Name, &str)] = &[$((Name::$name, $text),)*];

        impl Name {
            /// The key whose name is the text in lower case; no family.
            fn exact(folded: &str) -> Option<Self> {
                match folded {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The name in lower case; of a family what all its names begin with, of [`Name::OwnResourceTag`] behind a service.
            pub(crate) fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Parameter(place) => parameter(place).map_or("", |row| &row.folded),
                    Self::Other => "",
                }
            }
        }
    };
}

names! {
    CurrentTime "aws:currenttime"
    EpochTime "aws:epochtime"
    RequestedRegion "aws:requestedregion"
    PrincipalAccount "aws:principalaccount"
    PrincipalArn "aws:principalarn"
    PrincipalType "aws:principaltype"
    PrincipalIsService "aws:principalisawsservice"
    PrincipalService "aws:principalservicename"
    PrincipalServiceNames "aws:principalservicenameslist"
    PrincipalOrgId "aws:principalorgid"
    PrincipalOrgPaths "aws:principalorgpaths"
    PrincipalTag "aws:principaltag/"
    UserId "aws:userid"
    Username "aws:username"
    AssumedRoot "aws:assumedroot"
    SourceIdentity "aws:sourceidentity"
    ResourceAccount "aws:resourceaccount"
    ResourceOrgId "aws:resourceorgid"
    ResourceOrgPaths "aws:resourceorgpaths"
    ResourceTag "aws:resourcetag/"
    OwnResourceTag ":resourcetag/"
    RequestTag "aws:requesttag/"
    TagKeys "aws:tagkeys"
    ViaService "aws:viaawsservice"
    CalledVia "aws:calledvia"
    CalledViaFirst "aws:calledviafirst"
    CalledViaLast "aws:calledvialast"
    SourceArn "aws:sourcearn"
    SourceIp "aws:sourceip"
    SourceVpc "aws:sourcevpc"
    SourceVpce "aws:sourcevpce"
    SourceVpcArn "aws:sourcevpcarn"
    VpcSourceIp "aws:vpcsourceip"
    VpceAccount "aws:vpceaccount"
    VpceOrgId "aws:vpceorgid"
    VpceOrgPaths "aws:vpceorgpaths"
    KmsCallerAccount "kms:calleraccount"
    KmsViaService "kms:viaservice"
    KmsGrantIsForResource "kms:grantisforawsresource"
    KmsKeySpec "kms:keyspec"
    KmsOlderKeySpec "kms:customermasterkeyspec"
    KmsKeyUsage "kms:keyusage"
    KmsOlderKeyUsage "kms:customermasterkeyusage"
    KmsKeyOrigin "kms:keyorigin"
    KmsMultiRegion "kms:multiregion"
    KmsMultiRegionKeyType "kms:multiregionkeytype"
    KmsResourceAliases "kms:resourcealiases"
    KmsTrailingDays "kms:trailingdayswithoutkeyusage"
    KmsRequestAlias "kms:requestalias"
    KmsEncryptionAlgorithm "kms:encryptionalgorithm"
    KmsReEncryptOnSameKey "kms:reencryptonsamekey"
    KmsEncryptionContext "kms:encryptioncontext:"
    KmsEncryptionContextKeys "kms:encryptioncontextkeys"
    KmsRecipientAttestation "kms:recipientattestation:"
    KmsGrantConstraintType "kms:grantconstrainttype"
    KmsGrantConstraintSourceArn "kms:grantconstraintsourcearn"
    KmsGrantOperations "kms:grantoperations"
    StsExternalId "sts:externalid"
    StsRoleSession "sts:rolesessionname"
    StsSourceIdentity "sts:sourceidentity"
    StsTransitiveTagKeys "sts:transitivetagkeys"
    ExistingObjectTag "s3:existingobjecttag/"
    RequestObjectTag "s3:requestobjecttag/"
    RequestObjectTagKeys "s3:requestobjecttagkeys"
}

/// Keys that belong to the first call and are lost when a service calls on; `aws:SourceIp` is none of them. Rule:
/// IAM-PRIN-13, DOC-2.
pub(super) const NETWORK: [Name; 7] = [
    Name::SourceVpc,
    Name::SourceVpce,
    Name::SourceVpcArn,
    Name::VpcSourceIp,
    Name::VpceAccount,
    Name::VpceOrgId,
    Name::VpceOrgPaths,
];

const FAMILIES: [Name; 8] = [
    Name::PrincipalTag,
    Name::ResourceTag,
    Name::OwnResourceTag,
    Name::RequestTag,
    Name::KmsEncryptionContext,
    Name::KmsRecipientAttestation,
    Name::ExistingObjectTag,
    Name::RequestObjectTag,
];

/// A key that repeats a parameter of KMS.
struct ParameterRow {
    key: &'static str,
    folded: String,
    parameter: &'static Parameter,
}

static PARAMETERS: LazyLock<Vec<ParameterRow>> = LazyLock::new(|| {
    let rows = tables::parameter_keys().map(|(key, parameter)| ParameterRow {
        key,
        folded: key.to_lowercase(),
        parameter,
    });
    rows.collect()
});

fn parameter(place: u8) -> Option<&'static ParameterRow> {
    PARAMETERS.get(usize::from(place))
}

impl Name {
    /// The key or family behind a name in lower case.
    pub(crate) fn of(folded: &str) -> Self {
        let family = || {
            let mut families = FAMILIES.into_iter();
            families.find(|family| folded.starts_with(family.text()))
        };
        let own_tag = || own_resource_tag(folded).map(|_| Self::OwnResourceTag);
        let parameter = || {
            let mut rows = PARAMETERS.iter();
            let place = rows.position(|row| row.folded == folded)?;
            u8::try_from(place).ok().map(Self::Parameter)
        };
        Self::exact(folded)
            .filter(|name| !name.is_family())
            .or_else(family)
            .or_else(own_tag)
            .or_else(|| folded.starts_with("kms:").then(parameter)?)
            .unwrap_or(Self::Other)
    }

    /// Every key that is no family.
    pub(super) fn all_exact() -> impl Iterator<Item = Self> {
        let names = NAMES.iter().map(|(name, _)| *name);
        let parameters = (0..PARAMETERS.len()).filter_map(|place| u8::try_from(place).ok());
        names
            .filter(|name| !name.is_family())
            .chain(parameters.map(Self::Parameter))
    }

    /// True for a family: what it is derived from depends on the member.
    pub(crate) fn is_family(self) -> bool {
        FAMILIES.contains(&self)
    }

    /// True for a key of the caller's network.
    pub(crate) fn is_of_network(self) -> bool {
        NETWORK.contains(&self)
    }

    /// Key and parameter of KMS, for a name that stands for one.
    pub(crate) fn parameter(self) -> Option<(&'static str, &'static Parameter)> {
        match self {
            Self::Parameter(place) => parameter(place).map(|row| (row.key, row.parameter)),
            _ => None,
        }
    }

    /// Its number.
    fn number(self) -> Option<u8> {
        match self {
            Self::Other => Some(0),
            Self::Parameter(place) => place.checked_add(PARAMETERS_FROM),
            _ => {
                let place = NAMES.iter().position(|(name, _)| *name == self)?;
                u8::try_from(place + 1)
                    .ok()
                    .filter(|number| *number < PARAMETERS_FROM)
            }
        }
    }

    fn of_number(number: u8) -> Self {
        match (number.checked_sub(PARAMETERS_FROM), number.checked_sub(1)) {
            (Some(place), _) => Self::Parameter(place),
            (None, Some(place)) => NAMES
                .get(usize::from(place))
                .map_or(Self::Other, |(name, _)| *name),
            (None, None) => Self::Other,
        }
    }
}

/// Prefix of the service and key of the tag, of a name such as `secretsmanager:resourcetag/team`.
pub(super) fn own_resource_tag(folded: &str) -> Option<(&str, &str)> {
    folded.split_once(Name::OwnResourceTag.text())
}

/// The first number of a parameter.
const PARAMETERS_FROM: u8 = 128;

/// A key, and what becomes of it when nobody says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) name: Name,
    /// `None` for a key that is not global.
    pub(crate) presence: Option<Presence>,
}

/// In the order of their numbers; none of them is nought.
const PRESENCES: [Presence; 15] = [
    Presence::Derived,
    Presence::DerivedElsePresent,
    Presence::DerivedElseUnknown,
    Presence::Present,
    Presence::Unknown,
    Presence::Absent,
    Presence::AbsentUnlessGiven,
    Presence::RoleSessionUnknownElseAbsent,
    Presence::ServicePrincipalUnknownElseAbsent,
    Presence::TemporaryPresentLongTermAbsent,
    Presence::LongTermAbsentElseUnknown,
    Presence::ForwardedElseFalse,
    Presence::ForwardedElseAbsent,
    Presence::ResourceTagsElseUnknown,
    Presence::LegacyAbsent,
];

impl Facts {
    /// What is known of a key by its name in lower case.
    pub(crate) fn of(folded: &str) -> Self {
        Self {
            name: Name::of(folded),
            presence: globals::key(folded).map(|global| global.presence),
        }
    }

    /// The same, read off the number where the name carries one.
    pub(crate) fn of_key(key: &KeyName) -> Self {
        match key.id() {
            Some(KeyId(id)) => {
                let [name, presence] = id.to_be_bytes();
                let place = usize::from(presence).checked_sub(1);
                Self {
                    name: Name::of_number(name),
                    presence: place.and_then(|place| PRESENCES.get(place).copied()),
                }
            }
            None => Self::of(key.as_str()),
        }
    }

    /// The number that a compiled name carries.
    pub(crate) fn id(self) -> Option<KeyId> {
        let place = |presence| PRESENCES.iter().position(|known| *known == presence);
        let presence = match self.presence {
            None => 0,
            Some(presence) => u8::try_from(place(presence)? + 1).ok()?,
        };
        Some(KeyId(u16::from_be_bytes([self.name.number()?, presence])))
    }
}

#[cfg(test)]
mod tests {
    use preclear_condition::KeyTypes;

    use super::*;
    use crate::engine::key_types::CatalogKeyTypes;

    #[test]
    fn a_number_tells_what_the_name_tells() {
        let globals = globals::keys().iter().map(|key| key.name.as_str());
        let parameters = tables::parameter_keys().map(|(key, _)| key);
        let names = NAMES.iter().map(|(_, text)| *text);
        let others = [
            "",
            "s3:prefix",
            "aws:PrincipalTag/Team",
            "kms:EncryptionContext:a.b:sub",
            "accounts.google.com:aud",
            "aws:PrincipalTag/a.b:sub",
            "kms:ViaService",
        ];
        for written in globals.chain(parameters).chain(names).chain(others) {
            let plain = KeyName::new(written);
            let compiled = KeyName::compile(written, &CatalogKeyTypes);
            assert!(CatalogKeyTypes.id(plain.as_str()).is_some(), "{written}");
            assert!(compiled.id().is_some(), "{written}");
            assert_eq!(Facts::of_key(&plain), Facts::of_key(&compiled), "{written}");
        }
    }

    #[test]
    fn names_are_told_apart() {
        for (place, (name, text)) in NAMES.iter().enumerate() {
            assert_eq!(name.text(), *text);
            assert_eq!(*text, text.to_lowercase());
            assert_eq!(Name::of(text), *name);
            assert!(NAMES.iter().skip(place + 1).all(|(_, other)| other != text));
            assert!(Name::of_number(name.number().unwrap()) == *name, "{text}");
        }
        for place in 0..u8::try_from(PARAMETERS.len()).unwrap() {
            let name = Name::Parameter(place);
            assert_eq!(Name::of(name.text()), name);
            assert!(Name::of_number(name.number().unwrap()) == name);
        }
        assert_eq!(Name::of("aws:principaltag/team"), Name::PrincipalTag);
        assert_eq!(Name::of("aws:useragent"), Name::Other);
    }
}
