//! What a test says that fails: in `hole/` the key policy has lost the line that keeps other accounts out.

mod common;

use preclear_properties::{Failure, Policies};

#[test]
fn the_hole_is_found_and_made_small() {
    let policies = Policies::load("hole").unwrap();
    let failure = common::no_stranger_decrypts().check(&policies).unwrap_err();
    assert_eq!(failure.to_string(), include_str!("expected/hole.txt"));
    let Failure::Refuted(found) = failure else {
        unreachable!("it says so");
    };
    // One key of the context, and one statement.
    let context: Vec<&str> = found.context.keys().map(String::as_str).collect();
    assert_eq!(context, ["kms:ViaService"]);
    let statements: Vec<Option<&str>> =
        found.culprits.iter().map(|one| one.id.as_deref()).collect();
    assert_eq!(statements, [Some("UsedThroughS3")]);
}
