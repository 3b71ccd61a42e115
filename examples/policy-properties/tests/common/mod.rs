//! The properties, so that two tests can ask them of two accounts.

use preclear_properties::{Callers, Property};

pub(crate) const ACCOUNT: &str = "111122223333";

/// Nobody outside the account reads the dataset.
pub(crate) fn no_stranger_decrypts() -> Property {
    Property::never("nobody outside the account can decrypt with the dataset key")
        .callers(Callers::anyone().outside_account(ACCOUNT))
        .action("kms:Decrypt")
        .resource("alias/dataset")
}
