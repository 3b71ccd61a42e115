//! ARNs.

/// An ARN in its six fields. Field six may hold colons and slashes. Rule: IAM-WILD-5.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// The whole text.
    text: String,
    /// Offsets of the first five colons.
    colons: [u32; 5],
}
