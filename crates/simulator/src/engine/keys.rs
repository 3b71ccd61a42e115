//! KMS keys of the snapshot, compiled, and the identifiers that lead to them.

use preclear_model::{Arn, ArnRef};

use crate::arena::{Arena, text};
use crate::engine::policies::PolicySet;
use crate::engine::principals::compile_given;
use crate::engine::table::NameTable;
use crate::service::kms::managed;
use crate::service::target::kms_arn;
use crate::snapshot::{Given, KeyManager, KeyRecord, Snapshot};

/// A key.
#[derive(Debug)]
pub(crate) struct CompiledKey {
    pub(crate) record: KeyRecord,
    pub(crate) policy: Given<PolicySet>,
    pub(crate) ram_policy: Given<PolicySet>,
}

impl CompiledKey {
    pub(crate) fn compile(record: &KeyRecord) -> Self {
        // The policy of an AWS managed key is known without being listed (KMS-AMK-1).
        let template = match (
            record.policy.is_left_out(),
            record.manager,
            aws_service(record),
        ) {
            (true, KeyManager::Aws, Some(service)) => {
                managed::template_policy(&record.arn, service)
            }
            _ => None,
        };
        let policy = template.map_or_else(|| record.policy.clone(), Given::Here);
        Self {
            policy: compile_given(&policy),
            ram_policy: compile_given(&record.ram_policy),
            record: record.clone(),
        }
    }
}

/// Characters of alias names. Rule: KMS-ID-8.
fn is_alias_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-')
}

/// Service of an AWS managed key, as stated or by its alias.
fn aws_service(record: &KeyRecord) -> Option<&str> {
    let by_alias = || {
        record
            .aliases
            .iter()
            .flatten()
            .find_map(|alias| alias.strip_prefix("alias/aws/"))
    };
    record.service.as_deref().or_else(by_alias)
}

/// All keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    records: Vec<CompiledKey>,
    by_arn: NameTable<String, usize>,
    /// By ARN of the alias.
    by_alias: NameTable<String, usize>,
}

/// A key identifier as typed. Rule: KMS-ID-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyIdentifier<'t> {
    /// `arn:…:key/id`
    KeyArn(ArnRef<'t>),
    /// `arn:…:alias/name`
    AliasArn(ArnRef<'t>),
    /// `alias/name`
    AliasName(&'t str),
    /// Anything else: a key id.
    KeyId(&'t str),
}

impl<'t> KeyIdentifier<'t> {
    /// Tells the four forms apart; `None` for an ARN that is neither key nor alias.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        if text.starts_with("arn:") {
            let arn = ArnRef::parse(text).filter(|arn| arn.service() == "kms")?;
            return match arn.resource().split_once('/') {
                Some(("key", _)) => Some(Self::KeyArn(arn)),
                Some(("alias", _)) => Some(Self::AliasArn(arn)),
                _ => None,
            };
        }
        if let Some(name) = text.strip_prefix("alias/") {
            let is_name = !name.is_empty() && name.bytes().all(is_alias_byte);
            return is_name.then_some(Self::AliasName(text));
        }
        let is_id = !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_id.then_some(Self::KeyId(text))
    }

    /// The alias name typed, which feeds `kms:RequestAlias`.
    pub(crate) fn alias_name(&self) -> Option<&'t str> {
        match self {
            Self::AliasArn(arn) => Some(arn.resource()),
            Self::AliasName(name) => Some(name),
            Self::KeyArn(_) | Self::KeyId(_) => None,
        }
    }

    /// Service of an AWS managed key's alias (`alias/aws/s3`).
    pub(crate) fn aws_service(&self) -> Option<&'t str> {
        self.alias_name()?
            .strip_prefix("alias/aws/")
            .filter(|service| !service.is_empty())
    }

    /// ARN of the identifier as seen from this partition, Region and account. A full ARN says its own.
    pub(crate) fn arn<'a>(&self, arena: &'a Arena, home: [&str; 3]) -> Option<ArnRef<'a>>
    where
        't: 'a,
    {
        match self {
            Self::KeyArn(arn) | Self::AliasArn(arn) => Some(*arn),
            Self::AliasName(name) => kms_arn(arena, home, name),
            Self::KeyId(id) => kms_arn(arena, home, text!(arena, "key/{id}")),
        }
    }
}

impl Keys {
    pub(crate) fn compile(snapshot: &Snapshot) -> Self {
        let mut keys = Self::default();
        for record in &snapshot.keys {
            let index = keys.records.len();
            keys.by_arn.insert(record.arn.as_str().to_owned(), index);
            let reserved = aws_service(record)
                .filter(|_| record.manager == KeyManager::Aws)
                .map(|service| format!("alias/aws/{service}"));
            for alias in record.aliases.iter().flatten().chain(&reserved) {
                let arn = &record.arn;
                let alias_arn =
                    Arn::from_fields(arn.partition(), "kms", arn.region(), arn.account(), alias);
                if let Some(alias_arn) = alias_arn {
                    keys.by_alias.insert(alias_arn.as_str().to_owned(), index);
                }
            }
            keys.records.push(CompiledKey::compile(record));
        }
        keys
    }

    /// The ARNs by which the keys of the snapshot are found: their own, and those of their aliases.
    pub(crate) fn identifiers(&self) -> impl Iterator<Item = (&str, &CompiledKey)> {
        let all = self.by_arn.iter().chain(&self.by_alias);
        all.filter_map(|(arn, index)| Some((arn.as_str(), self.records.get(*index)?)))
    }

    /// The key that has a grant with this token. Rule: KMS-GRANT-14.
    pub(crate) fn with_grant_token(&self, token: &str) -> Option<&CompiledKey> {
        let has_token = |key: &&CompiledKey| {
            let mut grants = key.record.grants.iter().flatten();
            grants.any(|grant| grant.token.as_deref() == Some(token))
        };
        self.records.iter().find(has_token)
    }

    /// The key that an ARN of a key or alias leads to.
    pub(crate) fn resolve<'t>(&self, arn: impl Into<ArnRef<'t>>) -> Option<&CompiledKey> {
        let arn = arn.into();
        let index = if arn.resource().starts_with("alias/") {
            &self.by_alias
        } else {
            &self.by_arn
        };
        index
            .get(arn.as_str())
            .and_then(|index| self.records.get(*index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn tells_the_four_identifier_forms_apart() {
        assert!(matches!(
            KeyIdentifier::parse(KEY),
            Some(KeyIdentifier::KeyArn(_))
        ));
        let alias = "arn:aws:kms:us-west-2:111122223333:alias/app";
        assert!(matches!(
            KeyIdentifier::parse(alias),
            Some(KeyIdentifier::AliasArn(_))
        ));
        assert_eq!(
            KeyIdentifier::parse("alias/app"),
            Some(KeyIdentifier::AliasName("alias/app"))
        );
        assert_eq!(
            KeyIdentifier::parse("1234abcd"),
            Some(KeyIdentifier::KeyId("1234abcd"))
        );
        for text in [
            "arn:aws:s3:::bucket",
            "",
            "key/1234abcd",
            "alias/",
            "alias/a b",
        ] {
            assert_eq!(KeyIdentifier::parse(text), None, "{text}");
        }
    }

    #[test]
    fn short_forms_resolve_in_the_given_account_and_region() {
        let arena = Arena::new();
        let alias = KeyIdentifier::parse("alias/app").expect("an alias");
        let arn = alias
            .arn(&arena, ["aws", "us-west-2", "444455556666"])
            .expect("an ARN");
        assert_eq!(arn.as_str(), "arn:aws:kms:us-west-2:444455556666:alias/app");
        let full = KeyIdentifier::parse(KEY).expect("a key");
        assert_eq!(
            full.arn(&arena, ["aws", "eu-west-1", "444455556666"])
                .expect("an ARN")
                .as_str(),
            KEY
        );
    }

    #[test]
    fn reserved_aliases_name_their_service() {
        let service =
            |text| KeyIdentifier::parse(text).and_then(|key| key.aws_service().map(str::to_owned));
        assert_eq!(service("alias/aws/s3").as_deref(), Some("s3"));
        assert_eq!(service("alias/aws/"), None);
        assert_eq!(service("alias/app"), None);
    }

    #[test]
    fn an_aws_managed_key_without_policy_gets_its_template_and_alias() {
        let arn = Arn::parse(KEY).expect("an ARN");
        let mut record = KeyRecord::new(arn);
        record.manager = KeyManager::Aws;
        record.service = Some("s3".to_owned());
        let keys = Keys::compile(&Snapshot {
            keys: vec![record],
            ..Snapshot::default()
        });
        let alias = Arn::parse("arn:aws:kms:us-west-2:111122223333:alias/aws/s3").expect("an ARN");
        let key = keys.resolve(&alias).expect("found by its reserved alias");
        assert!(key.policy.value().is_some());
    }
}
