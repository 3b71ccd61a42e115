//! The IAM actions of KMS, one row each.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::operation::Composite;
use super::spec::KeyFamily;
use super::state::StateClass;
use crate::embedded;
use crate::key::is_member;
use crate::level::AccessLevel;

/// What a permission is decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The key.
    Key,
    /// ReEncrypt: the key that encrypted the ciphertext.
    SourceKey,
    /// ReEncrypt: the key that encrypts it anew.
    DestinationKey,
    /// UpdateAlias: the key that the alias leaves.
    OldKey,
    /// UpdateAlias: the key that the alias moves to.
    NewKey,
    /// The multi-Region primary key, in its Region.
    PrimaryKey,
    /// The multi-Region replica key, in its Region.
    ReplicaKey,
    /// The alias; takes no condition keys. Rule: KMS-ID-9
    Alias,
    /// No resource: `*`. Rule: KMS-ID-4
    #[serde(rename = "*")]
    Any,
    /// No resource, in the Region of the replica to be.
    #[serde(rename = "replica_region")]
    AnyInReplicaRegion,
    /// The role with which KMS keeps multi-Region keys in step; see [`MULTI_REGION_ROLE`]. Rule: KMS-ACT-5
    MultiRegionRole,
}

/// The service-linked role of multi-Region keys, as the resource of an ARN of IAM.
pub const MULTI_REGION_ROLE: &str = "role/aws-service-role/mrk.kms.amazonaws.com/AWSServiceRoleForKeyManagementServiceMultiRegionKeys";

/// The service that the role is linked to: the value of `iam:AWSServiceName` when it is made.
pub const MULTI_REGION_SERVICE: &str = "mrk.kms.amazonaws.com";

impl Target {
    /// Whether it is a key, so that a key policy takes part.
    #[must_use]
    pub const fn is_key(self) -> bool {
        !matches!(
            self,
            Target::Alias | Target::Any | Target::AnyInReplicaRegion | Target::MultiRegionRole
        )
    }
}

/// Which policies can grant a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionSource {
    /// The key policy, identity policies by its delegation, or a grant.
    KeyPolicy,
    /// Identity policies only. Rule: KMS-ACT-4, KMS-ACT-6
    IamOnly,
    /// The rules of RetireGrant. Rule: KMS-GRANT-14
    RetireRules,
}

/// Whether callers of other accounts can use an action. Rule: KMS-XA-2
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrossAccount {
    /// They can.
    Yes,
    /// They cannot, whatever policies say.
    No,
    /// Only for the caller's own principal (ListRetirableGrants).
    Own,
    /// There is no resource to own (GenerateRandom).
    NotApplicable,
}

/// What a multi-Region action asks of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MultiRegionNeed {
    /// Any multi-Region key.
    Any,
    /// A multi-Region primary key.
    Primary,
}

/// Keys that an action can be used with; asked after authorization. Rule: KMS-STATE-3
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsableKeys {
    /// Families of specs and usages; empty: any.
    #[serde(default)]
    pub families: Vec<KeyFamily>,
    /// Origins (`AWS_KMS`, `EXTERNAL`); empty: any.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Whether keys of custom key stores will do.
    #[serde(default = "yes")]
    pub custom_key_store: bool,
    /// For multi-Region keys only, and which.
    #[serde(default)]
    pub multi_region: Option<MultiRegionNeed>,
    /// UpdateAlias: old and new key have the same type and usage.
    #[serde(default)]
    pub same_as_old_key: bool,
}

fn yes() -> bool {
    true
}

impl Default for UsableKeys {
    fn default() -> Self {
        UsableKeys {
            families: Vec::new(),
            origins: Vec::new(),
            custom_key_store: true,
            multi_region: None,
            same_as_old_key: false,
        }
    }
}

impl UsableKeys {
    /// Whether keys of the family will do.
    #[must_use]
    pub fn admits_family(&self, family: KeyFamily) -> bool {
        self.families.is_empty() || self.families.contains(&family)
    }

    /// Whether keys of the origin will do.
    #[must_use]
    pub fn admits_origin(&self, origin: &str) -> bool {
        self.origins.is_empty() || self.origins.iter().any(|good| good == origin)
    }
}

/// A parameter of an operation that gives a condition key, or an algorithm, its value. Rule: KMS-COND-0
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name in the API request (`PendingWindowInDays`).
    #[serde(rename = "parameter")]
    pub name: String,
    /// What KMS takes where the request leaves it out; `None`: there is no value then.
    #[serde(default)]
    pub omitted: Option<String>,
}

/// An IAM action of KMS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KmsAction {
    /// Name without prefix (`ReEncryptFrom`).
    #[serde(rename = "action")]
    pub name: String,
    /// Access level.
    pub level: AccessLevel,
    /// Which policies can grant it on a key or, where it has none, on `*`; see [`source_on`](KmsAction::source_on).
    pub source: PermissionSource,
    /// Whether callers of other accounts can use it.
    pub cross_account: CrossAccount,
    /// What it is decided on, in the order of the decisions; all must be allowed.
    #[serde(rename = "on")]
    pub targets: Vec<Target>,
    /// Condition keys it takes, on keys or `*`: families with their placeholder, common keys and older names included.
    #[serde(rename = "keys")]
    pub condition_keys: Vec<String>,
    /// Keys it can be used with.
    #[serde(default)]
    pub usable: UsableKeys,
    /// Row of the key-state table; `None` where no key takes part.
    #[serde(default, rename = "state")]
    pub state_class: Option<StateClass>,
    /// Whether a grant can contain it. Rule: KMS-GRANT-2
    #[serde(default, rename = "grantable")]
    pub is_grantable: bool,
    /// Parameter that names the algorithm; `None` where the operation has none. Rule: KMS-STATE-3
    #[serde(default)]
    pub algorithm: Option<Parameter>,
    /// The algorithm of an operation that encrypts and has no parameter for it. Rule: KMS-COND-0
    #[serde(default)]
    pub implied_algorithm: Option<String>,
    /// Whether it is no API operation, only a permission.
    #[serde(default, rename = "permission_only")]
    pub is_permission_only: bool,
    #[serde(default = "yes", rename = "common_keys")]
    takes_common_keys: bool,
    #[serde(skip)]
    number: usize,
}

impl KmsAction {
    /// Its place among [`actions`].
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// Whether it takes a condition key, in any ASCII case; `kms:EncryptionContext:app` counts by its family. Rule: IAM-CTX-7
    #[must_use]
    pub fn takes(&self, key: &str) -> bool {
        let mut keys = self.condition_keys.iter();
        keys.any(|taken| taken.eq_ignore_ascii_case(key) || is_member(taken, key))
    }

    /// The condition keys of the decision on `target`: none on an alias. Rule: KMS-ID-9
    #[must_use]
    pub fn condition_keys_on(&self, target: Target) -> &[String] {
        match target {
            Target::Alias => &[],
            _ => &self.condition_keys,
        }
    }

    /// Which policies can grant it on `target`: the alias half comes from identity policies only. Rule: KMS-ACT-4
    #[must_use]
    pub fn source_on(&self, target: Target) -> PermissionSource {
        if target.is_key() {
            self.source
        } else {
            PermissionSource::IamOnly
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    key_groups: BTreeMap<String, Vec<String>>,
    older_key_names: BTreeMap<String, String>,
    parameter_keys: BTreeMap<String, Parameter>,
    pub(super) actions: Vec<KmsAction>,
    pub(super) composite_operations: Vec<Composite>,
}

impl Table {
    /// Puts key groups, common keys and older names into each action's list.
    fn expanded(mut self) -> Self {
        for (number, action) in self.actions.iter_mut().enumerate() {
            action.number = number;
            let mut keys = Vec::new();
            for key in action.condition_keys.drain(..) {
                match key.strip_prefix('@') {
                    Some(group) => {
                        keys.extend(self.key_groups.get(group).into_iter().flatten().cloned())
                    }
                    None => keys.push(key),
                }
            }
            if action.takes_common_keys && action.targets.iter().any(|target| target.is_key()) {
                keys.extend(self.key_groups.get("common").into_iter().flatten().cloned());
            }
            for (older, name) in &self.older_key_names {
                if keys.contains(name) {
                    keys.push(older.clone());
                }
            }
            action.condition_keys = keys;
        }
        self
    }
}

pub(super) const JSON: &str = include_str!("../../data/kms/operations.json");

pub(super) static TABLE: LazyLock<Table> =
    LazyLock::new(|| embedded::table::<Table>(JSON).expanded());

/// Every IAM action of KMS.
#[must_use]
pub fn actions() -> &'static [KmsAction] {
    &TABLE.actions
}

/// The condition keys of a group that the table names.
pub(super) fn key_group(name: &str) -> Option<&'static [String]> {
    TABLE.key_groups.get(name).map(Vec::as_slice)
}

/// IAM action of a name in any ASCII case, with or without `kms:`. There is none for `ReEncrypt`. Rule: KMS-ACT-1
///
/// ```
/// use preclear_catalog::kms;
///
/// let from = kms::action("kms:ReEncryptFrom").expect("an action");
/// assert!(from.is_grantable && from.takes("kms:EncryptionContext:app"));
/// assert!(kms::action("kms:ReEncrypt").is_none());
/// ```
#[must_use]
pub fn action(name: &str) -> Option<&'static KmsAction> {
    let name = without_prefix(name);
    actions()
        .iter()
        .find(|action| action.name.eq_ignore_ascii_case(name))
}

/// The name without `kms:`.
pub(super) fn without_prefix(name: &str) -> &str {
    match name.split_once(':') {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("kms") => rest,
        _ => name,
    }
}

/// The present name of a condition key that has an older one: `kms:CustomerMasterKeySpec` is `kms:KeySpec`. Any other key is
/// its own. Rule: KMS-COND-1
#[must_use]
pub fn canonical_key(key: &str) -> &str {
    let mut older = TABLE.older_key_names.iter();
    older
        .find(|(older, _)| older.eq_ignore_ascii_case(key))
        .map_or(key, |(_, name)| name)
}

/// The condition keys that repeat one parameter of the request, with that parameter. Rule: KMS-COND-0
pub fn parameter_keys() -> impl Iterator<Item = (&'static str, &'static Parameter)> {
    let keys = TABLE.parameter_keys.iter();
    keys.map(|(key, parameter)| (key.as_str(), parameter))
}

/// The older name under which a condition key is still found. Rule: KMS-COND-1
///
/// ```
/// use preclear_catalog::kms;
///
/// assert_eq!(kms::older_key("kms:KeySpec"), Some("kms:CustomerMasterKeySpec"));
/// assert_eq!(kms::older_key("kms:KeyOrigin"), None);
/// ```
#[must_use]
pub fn older_key(key: &str) -> Option<&'static str> {
    let mut older = TABLE.older_key_names.iter();
    let (older, _) = older.find(|(_, name)| name.eq_ignore_ascii_case(key))?;
    Some(older)
}

/// Whether a condition key has a newer name.
#[must_use]
pub fn is_older_key(key: &str) -> bool {
    TABLE
        .older_key_names
        .keys()
        .any(|older| older.eq_ignore_ascii_case(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_parses_and_groups_exist() {
        let table: Table = embedded::try_table(JSON).expect("operations.json parses");
        for action in &table.actions {
            for key in &action.condition_keys {
                if let Some(group) = key.strip_prefix('@') {
                    assert!(table.key_groups.contains_key(group), "{group}");
                }
            }
        }
        assert!(table.key_groups.contains_key("common"));
    }

    #[test]
    fn every_key_of_a_parameter_belongs_to_an_action() {
        for (key, parameter) in parameter_keys() {
            assert!(actions().iter().any(|action| action.takes(key)), "{key}");
            assert!(!parameter.name.is_empty(), "{key}");
        }
    }

    #[test]
    fn older_names_lead_to_the_present_ones() {
        assert_eq!(canonical_key("KMS:customermasterkeyusage"), "kms:KeyUsage");
        assert_eq!(canonical_key("kms:KeyUsage"), "kms:KeyUsage");
        assert!(is_older_key("kms:CustomerMasterKeySpec"));
        assert!(!is_older_key("kms:KeySpec"));
    }
}
