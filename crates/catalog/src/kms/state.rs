//! Key states: which operations work in which, and the exception that the others meet.

use std::sync::LazyLock;

use serde::Deserialize;

use super::action::Target;
use super::exception::KmsException;
use crate::embedded;

/// State of a key, as DescribeKey shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum KeyState {
    /// In use.
    Enabled,
    /// Switched off.
    Disabled,
    /// Waiting to be deleted.
    PendingDeletion,
    /// A primary key waiting for its replicas to be deleted.
    PendingReplicaDeletion,
    /// Without key material.
    PendingImport,
    /// Its custom key store is not connected.
    Unavailable,
    /// A replica being made.
    Creating,
    /// A multi-Region key changing its primary Region.
    Updating,
}

impl KeyState {
    /// Every state.
    pub const ALL: [KeyState; 8] = [
        KeyState::Enabled,
        KeyState::Disabled,
        KeyState::PendingDeletion,
        KeyState::PendingReplicaDeletion,
        KeyState::PendingImport,
        KeyState::Unavailable,
        KeyState::Creating,
        KeyState::Updating,
    ];

    /// Name, as DescribeKey prints it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            KeyState::Enabled => "Enabled",
            KeyState::Disabled => "Disabled",
            KeyState::PendingDeletion => "PendingDeletion",
            KeyState::PendingReplicaDeletion => "PendingReplicaDeletion",
            KeyState::PendingImport => "PendingImport",
            KeyState::Unavailable => "Unavailable",
            KeyState::Creating => "Creating",
            KeyState::Updating => "Updating",
        }
    }

    /// State of a name, spelled as DescribeKey does.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        KeyState::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Row of the key-state table: operations that states treat alike. Rule: KMS-STATE-2
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateClass {
    /// Cryptographic use.
    Crypto,
    /// CreateGrant.
    Grant,
    /// Works in every state.
    All,
    /// Works unless the key is to be deleted.
    Live,
    /// UpdateAlias.
    #[serde(rename = "upd-alias")]
    UpdateAlias,
    /// CancelKeyDeletion.
    Cancel,
    /// ScheduleKeyDeletion.
    #[serde(rename = "sched")]
    Schedule,
    /// EnableKey, DisableKey.
    Toggle,
    /// Changes of rotation.
    Rotate,
    /// Reading of rotation.
    #[serde(rename = "rot-read")]
    RotationRead,
    /// GetParametersForImport.
    ImportRead,
    /// ImportKeyMaterial.
    Import,
    /// DeleteImportedKeyMaterial.
    #[serde(rename = "import-del")]
    ImportDelete,
    /// ReplicateKey.
    Replicate,
}

/// What a cell of the key-state table adds to its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateCaveat {
    /// Works only with the origin and kind that the action asks for, else
    /// [`KmsException::UnsupportedOperation`].
    FittingOriginOnly,
    /// UpdateAlias: the exception is for the new key, the old one does not matter.
    NewKeyOnly,
    /// Works, and the state changes later.
    TakesEffectLater,
    /// Works, and does nothing.
    WithoutEffect,
    /// A key of a custom key store that is to be deleted keeps showing `PendingDeletion`.
    KeepsPendingDeletion,
    /// Keys that can be in the state cannot be of the kind that the operation needs.
    Impossible,
}

/// Cell of the key-state table. Rule: KMS-STATE-2
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateOutcome {
    /// What the call meets; `None`: it works.
    pub exception: Option<KmsException>,
    /// AWS documents this one as possible too; the first is reported.
    pub alternative: Option<KmsException>,
    /// What the cell adds.
    pub caveat: Option<StateCaveat>,
}

impl StateOutcome {
    /// What a call meets that uses the key as `target`; `None`: it works.
    #[must_use]
    pub fn exception_for(self, target: Target) -> Option<KmsException> {
        let is_spared = self.caveat == Some(StateCaveat::NewKeyOnly) && target == Target::OldKey;
        if is_spared { None } else { self.exception }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Cell {
    Ok,
    OkIfOriginFits,
    OkWithoutEffect,
    OkTakesEffectLater,
    Disabled,
    InvalidState,
    InvalidStateOrDisabled,
    InvalidStateForNewKey,
    InvalidStateKeepsPendingDeletion,
    Unsupported,
    Impossible,
}

impl Cell {
    fn outcome(self) -> StateOutcome {
        use KmsException::{Disabled, InvalidState, UnsupportedOperation};
        let (exception, caveat) = match self {
            Cell::Ok => (None, None),
            Cell::OkIfOriginFits => (None, Some(StateCaveat::FittingOriginOnly)),
            Cell::OkWithoutEffect => (None, Some(StateCaveat::WithoutEffect)),
            Cell::OkTakesEffectLater => (None, Some(StateCaveat::TakesEffectLater)),
            Cell::Disabled => (Some(Disabled), None),
            Cell::InvalidState | Cell::InvalidStateOrDisabled => (Some(InvalidState), None),
            Cell::InvalidStateForNewKey => (Some(InvalidState), Some(StateCaveat::NewKeyOnly)),
            Cell::InvalidStateKeepsPendingDeletion => {
                (Some(InvalidState), Some(StateCaveat::KeepsPendingDeletion))
            }
            Cell::Unsupported => (Some(UnsupportedOperation), None),
            Cell::Impossible => (Some(UnsupportedOperation), Some(StateCaveat::Impossible)),
        };
        let alternative = matches!(self, Cell::InvalidStateOrDisabled).then_some(Disabled);
        StateOutcome {
            exception,
            alternative,
            caveat,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Row {
    #[serde(rename = "class")]
    class: StateClass,
    enabled: Cell,
    disabled: Cell,
    pending_deletion: Cell,
    pending_replica_deletion: Cell,
    pending_import: Cell,
    unavailable: Cell,
    creating: Cell,
    updating: Cell,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    classes: Vec<Row>,
}

const JSON: &str = include_str!("../../data/kms/states.json");

static TABLE: LazyLock<Table> = LazyLock::new(|| embedded::table(JSON));

/// What an authorised call of the class meets in a state. Rule: KMS-STATE-2
///
/// ```
/// use preclear_catalog::kms::{KeyState, StateClass, state_outcome};
///
/// let outcome = state_outcome(StateClass::Crypto, KeyState::Disabled);
/// assert_eq!(outcome.exception.map(|exception| exception.name()), Some("DisabledException"));
/// ```
#[must_use]
pub fn state_outcome(class: StateClass, state: KeyState) -> StateOutcome {
    let row = TABLE.classes.iter().find(|row| row.class == class);
    // A test holds that every class has its row.
    let cell = row.map_or(Cell::Ok, |row| match state {
        KeyState::Enabled => row.enabled,
        KeyState::Disabled => row.disabled,
        KeyState::PendingDeletion => row.pending_deletion,
        KeyState::PendingReplicaDeletion => row.pending_replica_deletion,
        KeyState::PendingImport => row.pending_import,
        KeyState::Unavailable => row.unavailable,
        KeyState::Creating => row.creating,
        KeyState::Updating => row.updating,
    });
    cell.outcome()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSES: [StateClass; 14] = [
        StateClass::Crypto,
        StateClass::Grant,
        StateClass::All,
        StateClass::Live,
        StateClass::UpdateAlias,
        StateClass::Cancel,
        StateClass::Schedule,
        StateClass::Toggle,
        StateClass::Rotate,
        StateClass::RotationRead,
        StateClass::ImportRead,
        StateClass::Import,
        StateClass::ImportDelete,
        StateClass::Replicate,
    ];

    #[test]
    fn every_class_has_one_row() {
        let table: Table = embedded::try_table(JSON).expect("states.json parses");
        for class in CLASSES {
            let rows = table.classes.iter().filter(|row| row.class == class);
            assert_eq!(rows.count(), 1, "{class:?}");
        }
        assert_eq!(table.classes.len(), CLASSES.len());
    }

    #[test]
    fn states_are_named_as_aws_does() {
        for state in KeyState::ALL {
            assert_eq!(KeyState::from_name(state.name()), Some(state));
        }
        assert_eq!(KeyState::from_name("enabled"), None);
    }
}
