//! KMS keys of the snapshot, compiled, and the identifiers that lead to them.

use std::collections::HashMap;

use preclear_model::Arn;

use crate::engine::policies::CompiledPolicy;
use crate::engine::principals::compile_given;
use crate::snapshot::{Given, KeyRecord, Snapshot};

/// A key.
#[derive(Debug)]
pub(crate) struct CompiledKey {
    pub(crate) record: KeyRecord,
    pub(crate) policy: Given<CompiledPolicy>,
    pub(crate) ram_policy: Given<CompiledPolicy>,
}

impl CompiledKey {
    pub(crate) fn compile(record: &KeyRecord) -> Self {
        Self {
            policy: compile_given(&record.policy),
            ram_policy: compile_given(&record.ram_policy),
            record: record.clone(),
        }
    }
}

/// All keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    records: Vec<CompiledKey>,
    by_arn: HashMap<String, usize>,
    /// By ARN of the alias.
    by_alias: HashMap<String, usize>,
}

/// A key identifier as typed. Rule: KMS-ID-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyIdentifier<'t> {
    /// `arn:…:key/id`
    KeyArn(Arn),
    /// `arn:…:alias/name`
    AliasArn(Arn),
    /// `alias/name`
    AliasName(&'t str),
    /// Anything else: a key id.
    KeyId(&'t str),
}

impl<'t> KeyIdentifier<'t> {
    /// Tells the four forms apart; `None` for an ARN that is neither key nor alias.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        if text.starts_with("arn:") {
            let arn = Arn::parse(text).filter(|arn| arn.service() == "kms")?;
            return match arn.resource().split_once('/') {
                Some(("key", _)) => Some(Self::KeyArn(arn)),
                Some(("alias", _)) => Some(Self::AliasArn(arn)),
                _ => None,
            };
        }
        if text.starts_with("alias/") {
            return Some(Self::AliasName(text));
        }
        Some(Self::KeyId(text))
    }

    /// The alias name typed, which feeds `kms:RequestAlias`.
    pub(crate) fn alias_name(&self) -> Option<&str> {
        match self {
            Self::AliasArn(arn) => Some(arn.resource()),
            Self::AliasName(name) => Some(name),
            Self::KeyArn(_) | Self::KeyId(_) => None,
        }
    }

    /// Service of an AWS managed key's alias (`alias/aws/s3`).
    pub(crate) fn aws_service(&self) -> Option<&str> {
        self.alias_name()?.strip_prefix("alias/aws/").filter(|service| !service.is_empty())
    }

    /// ARN of the identifier as seen from this partition, Region and account. A full ARN says its own.
    pub(crate) fn arn(&self, partition: &str, region: &str, account: &str) -> Option<Arn> {
        match self {
            Self::KeyArn(arn) | Self::AliasArn(arn) => Some(arn.clone()),
            Self::AliasName(name) => Arn::from_fields(partition, "kms", region, account, name),
            Self::KeyId(id) => Arn::from_fields(partition, "kms", region, account, &format!("key/{id}")),
        }
    }
}

impl Keys {
    pub(crate) fn compile(snapshot: &Snapshot) -> Self {
        let mut keys = Self::default();
        for record in &snapshot.keys {
            let index = keys.records.len();
            keys.by_arn.insert(record.arn.as_str().to_owned(), index);
            for alias in record.aliases.iter().flatten() {
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

    /// The key that an ARN of a key or alias leads to.
    pub(crate) fn resolve(&self, arn: &Arn) -> Option<&CompiledKey> {
        let index = if arn.resource().starts_with("alias/") { &self.by_alias } else { &self.by_arn };
        index.get(arn.as_str()).and_then(|index| self.records.get(*index))
    }
}
