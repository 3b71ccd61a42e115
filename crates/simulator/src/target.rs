//! What a request is about: the resource behind the text that was typed.

use preclear_model::ArnRef;

use crate::engine::keys::CompiledKey;
use crate::engine::principals::CompiledPrincipal;
use crate::engine::resources::CompiledResource;
use crate::matching::resource::Question;
use crate::snapshot::Tags;

/// The resource of one decision, looked up once.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// What resource elements are matched against.
    pub(crate) question: Question<'a>,
    /// Identifier as typed, before resolution.
    pub(crate) typed: Option<&'a str>,
    /// The ARN, for a single resource that has one.
    pub(crate) arn: Option<ArnRef<'a>>,
    /// Owner. Rule: IAM-EVAL-5.
    pub(crate) account: Option<&'a str>,
    /// Region, where ARN or snapshot says it.
    pub(crate) region: Option<&'a str>,
    /// What it is.
    pub(crate) kind: TargetKind<'a>,
    /// Tags, if they are known.
    pub(crate) tags: Option<&'a Tags>,
    /// What it means where they are not.
    pub(crate) untagged: Untagged,
    /// For the halves of `ReEncrypt`: whether source and destination are the same key, if known.
    pub(crate) same_key: Option<bool>,
    /// The owner, where it was taken for granted.
    pub(crate) assumed_owner: Option<&'a str>,
}

impl Target<'_> {
    /// What was taken for granted on the way.
    pub(crate) fn assumption(&self) -> Option<String> {
        let (owner, arn) = self.assumed_owner.zip(self.arn)?;
        Some(format!("resource-account:{owner} owns {arn}"))
    }
}

/// What it means that no tags are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untagged {
    /// There are none.
    Certain,
    /// There are none if the snapshot is as complete as it says. Rule: IAM-TRI-7.
    Assumed,
    /// There may be some, where the request does not leave out what it does not say.
    Open,
    /// There may be some, in every mode. Rule: KMS-DEC-2.
    Unknown,
}

impl Untagged {
    /// For what a snapshot does not tell.
    pub(crate) fn left_out(is_complete: bool) -> Self {
        if is_complete {
            Self::Assumed
        } else {
            Self::Open
        }
    }
}

/// Kind of resource; decides where its policy is.
#[derive(Debug)]
pub(crate) enum TargetKind<'a> {
    /// A KMS key that the action is decided on.
    Key(KeyTarget<'a>),
    /// A role that is to be assumed: its trust policy decides.
    TrustedRole(Option<&'a CompiledPrincipal>),
    /// Anything that may carry a resource-based policy.
    Carrier(Option<&'a CompiledResource>),
    /// Something without a policy of its own: an alias, a role that is passed, the pseudo-resource `*`.
    WithoutPolicy,
}

/// Where an identifier of a key led.
#[derive(Debug)]
pub(crate) enum KeyTarget<'a> {
    /// To this key.
    Found {
        /// The key.
        key: KeyHandle<'a>,
    },
    /// Nowhere, and the snapshot lists everything. Rule: KMS-DEC-0.
    Missing,
    /// To a key that is not loaded.
    NotLoaded,
}

/// A key of the snapshot, or an AWS managed key made from its template.
#[derive(Debug)]
pub(crate) enum KeyHandle<'a> {
    Listed(&'a CompiledKey),
    Made(std::sync::Arc<CompiledKey>),
}

impl std::ops::Deref for KeyHandle<'_> {
    type Target = CompiledKey;

    fn deref(&self) -> &CompiledKey {
        match self {
            Self::Listed(key) => key,
            Self::Made(key) => key,
        }
    }
}
