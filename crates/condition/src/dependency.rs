//! What an undecided answer depends on.

use std::fmt;

/// Something that would settle an unknown. Rule: IAM-TRI-9.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dependency {
    /// A condition key, in lower case.
    Key(String),
    /// Policies of a layer that are not loaded, such as `scp`.
    Layer(&'static str),
    /// A field of the caller that was not given: `session-name`, `unique-id`, `canonical-id`, `user`.
    Requester(&'static str),
    /// The question stands for many resources, and some differ (IAM-WILD-13).
    Resource(String),
    /// An entry of the ambiguity register.
    Ambiguity(u8),
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Layer(name) => write!(f, "layer:{name}"),
            Self::Requester(field) => write!(f, "requester:{field}"),
            Self::Resource(pattern) => write!(f, "resource:{pattern}"),
            Self::Ambiguity(number) => write!(f, "AMB-{number}"),
        }
    }
}
