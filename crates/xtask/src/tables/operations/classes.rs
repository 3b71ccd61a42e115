//! KMS-STATE-2: what each class of operations meets in each state of the key.

use super::super::markdown::{Rules, Table, plain};
use super::table::Operation;
use crate::failure::Failure;

/// A state and the column that speaks of it.
pub(super) const STATES: [(&str, &str); 8] = [
    ("Enabled", "Enabled"),
    ("Disabled", "Disabled"),
    (
        "PendingDeletion",
        "PendingDeletion / PendingReplicaDeletion",
    ),
    (
        "PendingReplicaDeletion",
        "PendingDeletion / PendingReplicaDeletion",
    ),
    ("PendingImport", "PendingImport"),
    ("Unavailable", "Unavailable"),
    ("Creating", "Creating"),
    ("Updating", "Updating"),
];

/// A cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meets {
    /// `ok` or an exception.
    Always(&'static str),
    /// `ok` for keys of the right origin and type, else `UnsupportedOperationException`.
    OkIfItFits,
    /// One for the key that an alias leaves, another for the key that it goes to.
    OldAndNew(&'static str, &'static str),
    /// No key of the kind is ever in the state.
    Never,
}

pub(super) const OK: &str = "ok";
pub(super) const UNSUPPORTED: &str = "UnsupportedOperationException";
const INVALID: &str = "KMSInvalidStateException";
const DISABLED: &str = "DisabledException";

/// Fails if the rule no longer says what the cells' words stand for, or has a state or class that is not asked about.
pub(super) fn check(rules: &Rules, operations: &[Operation]) -> Result<(), Failure> {
    let rule = rules.rule("KMS-STATE-2")?;
    for words in [
        "KMSInvalidState, Disabled, Unsupported stand for `KMSInvalidStateException`, `DisabledException`, \
         `UnsupportedOperationException`; of two, the first is reported",
        "² a custom-store key pending deletion keeps showing PendingDeletion.",
        "³ only if origin and type of the [operation table](kms-act.md#operations) fit, else \
         `UnsupportedOperationException`",
        "treat rot-read on EXTERNAL as ok",
    ] {
        rule.says(words)?;
    }
    let table = rules.table("KMS-STATE-2")?;
    for row in table.rows() {
        let is_asked = |operation: &Operation| operation.class.as_deref() == Some(row.label());
        if !operations.iter().any(is_asked) {
            return Err(row.unread(row.label()));
        }
    }
    let columns = table.header().iter().skip(1);
    for column in columns {
        if !STATES.iter().any(|(_, asked)| asked == column) {
            return Err(Failure::new(format!(
                "`KMS-STATE-2`: nothing asks about the column `{column}`"
            )));
        }
    }
    rules
        .rule("KMS-STATE-1")?
        .says("only an authorised request is checked for state and usage")?;
    let usage = rules.rule("KMS-STATE-3")?;
    usage.says("Wrong usage or algorithm ⇒ `InvalidKeyUsageException`")?;
    usage.says("data-key operation on a non-symmetric key likewise")
}

/// What operations of a class meet in a state.
pub(super) fn meets(table: &Table, class: &str, column: &str) -> Result<Meets, Failure> {
    let row = table.row(class)?;
    let cell = row.cell(column)?;
    let meets = match plain(cell).as_str() {
        "ok" | "ok (state changes later)" | "ok (no effect)" => Meets::Always(OK),
        "ok³" => Meets::OkIfItFits,
        "DisabledException" | "Disabled" => Meets::Always(DISABLED),
        "KMSInvalidState" | "KMSInvalidState²" | "KMSInvalidState (or Disabled)" => {
            Meets::Always(INVALID)
        }
        "Unsupported" => Meets::Always(UNSUPPORTED),
        "ok for old key, KMSInvalidState for new" => Meets::OldAndNew(OK, INVALID),
        "n/a" => Meets::Never,
        _ => return Err(row.unread(cell)),
    };
    Ok(meets)
}
