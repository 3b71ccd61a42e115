//! What preclear knows about AWS without asking AWS: services, actions, resource types and condition keys, the tables of
//! KMS authorization, managed policies and job templates, all embedded.
//!
//! Two kinds of data live here. The [`Catalog`] is a generated binary blob, searched where it lies and never unpacked;
//! its layout is [`format`](mod@format). Everything else is hand-kept JSON under `data/`, parsed once, on first use.
//!
//! The crate knows names and tables. It does not match patterns, parse policies or decide anything.
//!
//! ```
//! use preclear_catalog::{AccessLevel, KeyKind, catalog};
//!
//! let decrypt = catalog().action("KMS", "decrypt").expect("KMS can decrypt");
//! assert_eq!(decrypt.name(), "Decrypt");
//! assert_eq!(decrypt.access_level(), AccessLevel::Write);
//! assert!(decrypt.resource_uses().any(|used| used.name() == "key" && used.is_required()));
//!
//! let tag = catalog().condition_key("aws:ResourceTag/team").expect("a family of keys");
//! assert_eq!(tag.name(), "aws:ResourceTag/${TagKey}");
//! assert_eq!(tag.kind(), KeyKind::String);
//! ```

#![forbid(unsafe_code)]

mod blob;
mod catalog;
pub mod described;
mod embedded;
mod entry;
mod finder;
mod fold;
pub mod format;
pub mod globals;
pub mod jobs;
mod key;
pub mod kms;
mod level;
mod managed;
pub mod operations;
pub mod sagemaker;
pub mod services;
mod verify;

pub use blob::CatalogError;
pub use catalog::{Catalog, catalog};
pub use entry::{Action, ResourceType, ResourceUse, Service};
pub use finder::ActionFinder;
pub use key::{ConditionKey, KeyKind};
pub use level::AccessLevel;
pub use managed::{managed_policies, managed_policy};
