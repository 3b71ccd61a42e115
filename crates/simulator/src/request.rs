//! Questions: one request each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_model::{Place, Policy, caller::Caller};

use crate::snapshot::GrantRecord;

/// What unsaid context keys are. Rule: IAM-TRI-11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ContextMode {
    /// The defaults of IAM-CTX-2: mostly unknown.
    #[default]
    Open,
    /// Absent, as AWS's own simulator assumes.
    Closed,
}

/// What ambiguous behaviour of AWS counts as. Rule: IAM-TRI-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AmbiguityMode {
    /// Unknown, and the answer says so.
    #[default]
    Report,
    /// The register's guess.
    Guess,
    /// The reading that allows less.
    Failsafe,
}

/// Value of a context key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// One value.
    One(String),
    /// Values of a multivalued key.
    Many(Vec<String>),
}

/// How a foreign grantee is treated. Rule: KMS-GRANT-11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GrantKeyTrust {
    /// A grant issued by the key's owner also needs an allow in the grantee's account.
    #[default]
    Strict,
    /// The grant alone is enough.
    Lenient,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// One IAM action, such as `kms:Decrypt`: one decision.
    Action(String),
    /// An API operation, such as `kms:ReEncrypt`: all the decisions it takes. Rule: KMS-ACT-3.
    Operation(String),
}

/// One question.
#[derive(Debug, Clone)]
pub struct Request {
    /// Comes back in the result.
    pub id: Option<String>,
    /// Where it stands, if it was read from a file.
    pub place: Option<Place>,
    /// Who asks.
    pub caller: Caller,
    /// Session policies of the caller; `None` if not mentioned.
    pub session_policies: Option<Vec<Arc<Policy>>>,
    /// True: a session policy of the caller was refused, so nothing is known of what it says. Rule: IAM-GRAM-19.
    pub session_policy_rejected: bool,
    /// What for.
    pub ask: Ask,
    /// Resource as typed: any ARN, a key identifier, `*`. Rule: UI-11.
    pub resource: Option<String>,
    /// Owner of the resource, where neither ARN nor snapshot says it.
    pub resource_account: Option<String>,
    /// Region of the call; left out: the resource's, else the snapshot's.
    pub region: Option<String>,
    /// Members of the API request. `None`: not given. Rule: UI-38.
    pub parameters: Option<serde_json::Map<String, serde_json::Value>>,
    /// Key that made the ciphertext. Rule: KMS-ID-6.
    pub ciphertext_key: Option<String>,
    /// New key policy for the lockout check. Rule: KMS-POL-15.
    pub key_policy_candidate: Option<Arc<Policy>>,
    /// Context keys with values, by the name as written.
    pub context: BTreeMap<String, ContextValue>,
    /// Keys that are unknown whatever the mode says.
    pub unknown: BTreeSet<String>,
    /// Keys that are absent whatever the mode says.
    pub absent: BTreeSet<String>,
    /// Keys that exist without a known value.
    pub present: BTreeSet<String>,
    /// Keys whose value is one of those that a pattern matches, such as the ARN of some object below a prefix.
    /// Rule: IAM-WILD-13.
    pub like: BTreeMap<String, String>,
    /// True: accept a context that cannot occur. Rule: IAM-CTX-5.
    pub force_context: bool,
    /// What unsaid keys are.
    pub mode: ContextMode,
    /// What ambiguous behaviour counts as.
    pub ambiguity: AmbiguityMode,
    /// Evaluation clock, ISO 8601 UTC. `None`: `aws:CurrentTime` is present without a value.
    pub now: Option<String>,
    /// Services through which the call is made, in call order. Rule: UI-39.
    pub via: Vec<String>,
    /// `kms:GrantIsForAWSResource`; left out: true with `via`. Rule: KMS-GRANT-16.
    pub grant_for_aws_resource: Option<bool>,
    /// VPC endpoint that the call passes.
    pub vpc_endpoint: Option<String>,
    /// How a foreign grantee is treated.
    pub grant_key_trust: GrantKeyTrust,
    /// Grants that count beside those of the snapshot: what if they existed?
    pub assumed_grants: Vec<GrantRecord>,
}

impl Request {
    /// True where no context key is mentioned in any way.
    #[inline]
    pub(crate) fn says_nothing_of_context(&self) -> bool {
        self.context.is_empty()
            && self.unknown.is_empty()
            && self.absent.is_empty()
            && self.present.is_empty()
            && self.like.is_empty()
    }

    /// A member of the operation's own request. Rule: UI-38.
    pub(crate) fn parameter(&self, name: &str) -> Option<&serde_json::Value> {
        self.parameters.as_ref()?.get(name)
    }

    /// The same where it is a text.
    pub(crate) fn text_parameter(&self, name: &str) -> Option<&str> {
        self.parameter(name)?.as_str()
    }

    /// A request with nothing but caller and question.
    #[must_use]
    pub fn new(caller: Caller, ask: Ask) -> Self {
        Self {
            id: None,
            place: None,
            caller,
            session_policies: None,
            session_policy_rejected: false,
            ask,
            resource: None,
            resource_account: None,
            region: None,
            parameters: None,
            ciphertext_key: None,
            key_policy_candidate: None,
            context: BTreeMap::new(),
            unknown: BTreeSet::new(),
            absent: BTreeSet::new(),
            present: BTreeSet::new(),
            like: BTreeMap::new(),
            force_context: false,
            mode: ContextMode::default(),
            ambiguity: AmbiguityMode::default(),
            now: None,
            via: Vec::new(),
            grant_for_aws_resource: None,
            vpc_endpoint: None,
            grant_key_trust: GrantKeyTrust::default(),
            assumed_grants: Vec::new(),
        }
    }
}
