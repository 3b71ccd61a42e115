//! API operations of KMS and the permissions that each one needs.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::action::{self, PermissionSource, TABLE, Target};
use super::parameter::{self, Members};

/// When a permission of an operation is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// On every call.
    #[default]
    Always,
    /// When the call passes tags. Rule: KMS-ACT-5
    WithTags,
    /// When the call makes a multi-Region primary key. Rule: KMS-ACT-5
    MultiRegionPrimary,
    /// The reference lists it, the API does not ask for it: worth a remark, not a denial. Rule: KMS-ACT-5
    Advisory,
}

/// One decision of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsPermission {
    /// IAM action with its prefix (`kms:ReEncryptFrom`).
    pub action: String,
    /// What it is decided on.
    pub target: Target,
    /// Which policies can grant it.
    pub source: PermissionSource,
    /// When it is needed.
    pub need: Need,
}

/// An API operation of KMS. All its permissions must be allowed. Rule: KMS-ACT-3, KMS-ACT-4
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsOperation {
    /// Name (`ReEncrypt`).
    pub name: String,
    /// Its decisions, in the order in which they are reported.
    pub permissions: Vec<KmsPermission>,
}

impl KmsOperation {
    /// What its request may have. Rule: UI-38
    ///
    /// ```
    /// use preclear_catalog::kms;
    ///
    /// let decrypt = kms::operation("Decrypt").expect("an operation").parameters();
    /// assert!(decrypt.get("DryRun").is_some() && decrypt.get("dryRun").is_none());
    /// ```
    #[must_use]
    pub fn parameters(&self) -> &'static Members {
        parameter::of_operation(&self.name)
    }

    /// Whether it asks for the permission, in any ASCII case with or without `kms:`; advice does not count.
    fn needs(&self, action: &str) -> bool {
        let mut permissions = self.permissions.iter();
        permissions.any(|needed| {
            let name = needed.action.strip_prefix("kms:");
            needed.need != Need::Advisory
                && name.is_some_and(|name| name.eq_ignore_ascii_case(action))
        })
    }
}

/// An operation that needs other actions than the one of its name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Composite {
    operation: String,
    permissions: Vec<Row>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    action: String,
    on: Target,
    #[serde(default)]
    need: Need,
}

static OPERATIONS: LazyLock<Vec<KmsOperation>> = LazyLock::new(|| {
    let composites = &TABLE.composite_operations;
    let mut all: Vec<KmsOperation> = composites.iter().map(from_composite).collect();
    for action in action::actions() {
        let is_part = composites.iter().any(|composite| {
            let mut rows = composite.permissions.iter();
            rows.any(|row| row.action == prefixed(&action.name) && row.on.is_key())
        });
        let is_listed = composites
            .iter()
            .any(|composite| composite.operation == action.name);
        if !action.is_permission_only && !is_part && !is_listed {
            let permissions = action.targets.iter().map(|target| KmsPermission {
                action: prefixed(&action.name),
                target: *target,
                source: action.source_on(*target),
                need: Need::Always,
            });
            all.push(KmsOperation {
                name: action.name.clone(),
                permissions: permissions.collect(),
            });
        }
    }
    all.sort_by(|left, right| left.name.cmp(&right.name));
    all
});

fn prefixed(action: &str) -> String {
    format!("kms:{action}")
}

fn from_composite(composite: &Composite) -> KmsOperation {
    let permissions = composite.permissions.iter().map(|row| {
        // Actions of other services are granted by identity policies.
        let known = action::action(&row.action);
        KmsPermission {
            action: row.action.clone(),
            target: row.on,
            source: known.map_or(PermissionSource::IamOnly, |action| action.source_on(row.on)),
            need: row.need,
        }
    });
    KmsOperation {
        name: composite.operation.clone(),
        permissions: permissions.collect(),
    }
}

/// Every API operation of KMS, by name.
#[must_use]
pub fn operations() -> &'static [KmsOperation] {
    &OPERATIONS
}

/// API operation of a name in any ASCII case, with or without `kms:`.
///
/// ```
/// use preclear_catalog::kms::{self, Target};
///
/// let re_encrypt = kms::operation("ReEncrypt").expect("an operation");
/// let targets: Vec<Target> = re_encrypt.permissions.iter().map(|needed| needed.target).collect();
/// assert_eq!(targets, [Target::SourceKey, Target::DestinationKey]);
/// ```
#[must_use]
pub fn operation(name: &str) -> Option<&'static KmsOperation> {
    let name = action::without_prefix(name);
    operations()
        .iter()
        .find(|operation| operation.name.eq_ignore_ascii_case(name))
}

/// The operations whose requests ask for an action, and the one of its name: those that may be meant by a question about the action
/// alone.
///
/// ```
/// use preclear_catalog::kms;
///
/// let names: Vec<&str> = kms::operations_needing("kms:ReEncryptFrom").iter().map(|one| one.name.as_str()).collect();
/// assert_eq!(names, ["ReEncrypt"]);
/// ```
#[must_use]
pub fn operations_needing(action: &str) -> &'static [&'static KmsOperation] {
    let name = action::without_prefix(action);
    let lower = || name.bytes().map(|byte| byte.to_ascii_lowercase());
    let found = NEEDING.binary_search_by(|(known, _)| known.bytes().cmp(lower()));
    let row = found.ok().and_then(|at| NEEDING.get(at));
    row.map_or(&[], |(_, needing)| needing.as_slice())
}

/// By name of an action or operation in lower case, sorted: every question about a key asks for one.
static NEEDING: LazyLock<Vec<(String, Vec<&'static KmsOperation>)>> = LazyLock::new(|| {
    let of_permissions = operations().iter().flat_map(|one| &one.permissions);
    let actions = of_permissions.filter_map(|needed| needed.action.strip_prefix("kms:"));
    let names = operations().iter().map(|one| one.name.as_str());
    let names: BTreeSet<String> = names.chain(actions).map(str::to_ascii_lowercase).collect();
    let needing = |name: &str| {
        let all = operations().iter();
        all.filter(|one| one.name.eq_ignore_ascii_case(name) || one.needs(name))
            .collect()
    };
    let rows = names.into_iter().map(|name| (name.clone(), needing(&name)));
    rows.collect()
});
