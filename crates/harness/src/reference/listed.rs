//! What a snapshot says by leaving out: whether what it does not list exists, and what was declared of whole layers.
//!
//! Knows no policies.

use preclear_simulator::{Given, Layer, Snapshot};

use super::language::{matches, share_a_text};

/// True if the ARN is one of those that exist without being loaded. Rule: IAM-TRI-7.
pub(crate) fn is_external(snapshot: &Snapshot, arn: &str) -> bool {
    let mut patterns = snapshot.external.iter();
    patterns.any(|pattern| matches(pattern, arn))
}

/// True if one of the ARNs that a pattern matches exists without being loaded. Rule: IAM-TRI-7.
pub(crate) fn may_be_external(snapshot: &Snapshot, arns: &str) -> bool {
    let mut patterns = snapshot.external.iter();
    patterns.any(|pattern| share_a_text(pattern, arns))
}

/// True if what the snapshot does not say about an ARN does not exist. Rule: IAM-TRI-7.
pub(crate) fn is_all_listed(snapshot: &Snapshot, arn: &str) -> bool {
    snapshot.complete && !is_external(snapshot, arn)
}

/// What was declared of a layer as a whole. Rule: IAM-TRI-7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declared {
    /// Its policies were not loaded: nothing is known of what they say.
    NotLoaded,
    /// It is assumed to let everything pass.
    Open,
    /// It is known to hold no policy.
    Empty,
    /// It is as the snapshot lists it.
    AsListed,
}

/// What the snapshot declares of a layer. Rule: IAM-TRI-7.
pub(crate) fn declared(snapshot: &Snapshot, layer: Layer) -> Declared {
    if snapshot.layers_not_loaded.contains(&layer) {
        Declared::NotLoaded
    } else if snapshot.layers_open.contains(&layer) {
        Declared::Open
    } else if snapshot.layers_empty.contains(&layer) {
        Declared::Empty
    } else {
        Declared::AsListed
    }
}

/// A member of the snapshot as it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known<T> {
    /// This.
    Here(T),
    /// There is none.
    Nothing,
    /// Nobody knows.
    Unknown,
}

/// What a member says; one that is left out is nothing if everything is listed, else unknown. Rule: UI-33, IAM-TRI-7.
pub(crate) fn known<T>(member: &Given<T>, is_all_listed: bool) -> Known<&T> {
    match member {
        Given::Here(value) => Known::Here(value),
        Given::Nothing => Known::Nothing,
        Given::LeftOut if is_all_listed => Known::Nothing,
        Given::LeftOut => Known::Unknown,
    }
}
