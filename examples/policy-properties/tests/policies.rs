//! What must hold of the policies, whatever else they say.

mod common;

use std::sync::LazyLock;

use preclear_properties::{Callers, Policies, Property};

/// Read once for all tests.
static POLICIES: LazyLock<Policies> =
    LazyLock::new(|| Policies::load("policies").expect("the folder holds a snapshot"));

/// A policy that nothing refers to would be left out of every other test.
#[test]
fn every_file_counts() {
    assert!(POLICIES.warnings().is_empty(), "{:#?}", POLICIES.warnings());
}

#[test]
fn nobody_outside_the_account_can_decrypt() {
    println!("{}", common::no_stranger_decrypts().assert(&POLICIES));
}

#[test]
fn no_role_with_the_boundary_can_create_a_grant_except_through_a_service() {
    Property::never("no role with the boundary can create a grant except through a service")
        .callers(
            Callers::anyone()
                .roles()
                .with_boundary("developer-boundary"),
        )
        .action("kms:CreateGrant")
        .directly()
        .assert(&POLICIES);
}

#[test]
fn only_break_glass_takes_the_key_away() {
    Property::never("nobody but break-glass can put a key policy or schedule deletion")
        .callers(Callers::anyone().except("role/break-glass"))
        .actions(["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"])
        .resource("alias/dataset")
        .assert(&POLICIES);
}

#[test]
fn every_role_of_the_team_can_decrypt() {
    Property::always(
        "every role of the ML team can decrypt with the dataset key, whatever the context",
    )
    .callers(Callers::listed().matching("role/ml/*"))
    .action("kms:Decrypt")
    .resource("alias/dataset")
    .assert(&POLICIES);
}
