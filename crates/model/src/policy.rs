//! Policy documents as typed values.
//!
//! Parsing knows the grammar of each kind of policy. It knows no action, no condition key and no resource: what needs
//! the catalogue of services is somebody else's to judge.

use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::node::{self, Limits, Node};
use crate::operator::Operator;
use crate::source::{Place, Source, Span};
use crate::template::Template;
use crate::text::Text;
use crate::tree;

mod action;
mod condition;
mod document;
mod grammar;
mod letters;
mod parser;
mod principal;
mod resource;
mod statement;
mod storage;
mod templates;
mod trust;

/// Version of the policy language. Rule: IAM-GRAM-4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// `2008-10-17`, also where `Version` is absent: nothing is a variable.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// Which kind of policy a document is; decides the grammar (IAM-GRAM-20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PolicyKind {
    /// Identity policy of a user, role or group.
    Identity,
    /// Permissions boundary.
    Boundary,
    /// Session policy.
    Session,
    /// Service control policy.
    Scp,
    /// Resource control policy written by a customer.
    Rcp,
    /// Resource-based policy of a bucket, queue and the like.
    Resource,
    /// Key policy of a KMS key.
    Key,
    /// Trust policy of a role.
    Trust,
    /// VPC endpoint policy.
    VpcEndpoint,
}

impl PolicyKind {
    /// All kinds.
    pub const ALL: [PolicyKind; 9] = [
        PolicyKind::Identity,
        PolicyKind::Boundary,
        PolicyKind::Session,
        PolicyKind::Scp,
        PolicyKind::Rcp,
        PolicyKind::Resource,
        PolicyKind::Key,
        PolicyKind::Trust,
        PolicyKind::VpcEndpoint,
    ];

    /// The name users write. Rule: UI-22.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PolicyKind::Identity => "identity",
            PolicyKind::Boundary => "boundary",
            PolicyKind::Session => "session",
            PolicyKind::Scp => "scp",
            PolicyKind::Rcp => "rcp",
            PolicyKind::Resource => "resource",
            PolicyKind::Key => "key",
            PolicyKind::Trust => "trust",
            PolicyKind::VpcEndpoint => "vpce",
        }
    }

    /// The kind of a name that users write. Rule: UI-22.
    #[must_use]
    pub fn from_name(name: &str) -> Option<PolicyKind> {
        PolicyKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What such a document is called in messages, with its article.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            PolicyKind::Identity => "an identity policy",
            PolicyKind::Boundary => "a permissions boundary",
            PolicyKind::Session => "a session policy",
            PolicyKind::Scp => "a service control policy",
            PolicyKind::Rcp => "a resource control policy",
            PolicyKind::Resource => "a resource-based policy",
            PolicyKind::Key => "a key policy",
            PolicyKind::Trust => "a trust policy",
            PolicyKind::VpcEndpoint => "a VPC endpoint policy",
        }
    }
}

/// `Allow` or `Deny`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The statement allows.
    Allow,
    /// The statement denies.
    Deny,
}

/// An element and its negated twin, such as `Action` and `NotAction`.
///
/// A parsed empty list of actions or resources is `In`, and never applies (IAM-GRAM-10, IAM-GRAM-12); but a `Deny` whose
/// `NotAction` has no entries is about every action (IAM-WILD-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match<T> {
    /// Applies when one of the entries matches.
    In(Vec<T>),
    /// Applies when none of the entries matches.
    NotIn(Vec<T>),
}

impl<T> Match<T> {
    /// The entries, whichever way they count.
    #[must_use]
    pub fn entries(&self) -> &[T] {
        match self {
            Match::In(entries) | Match::NotIn(entries) => entries,
        }
    }

    /// True for the negated twin.
    #[must_use]
    pub fn is_negated(&self) -> bool {
        matches!(self, Match::NotIn(_))
    }
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What users know it by: ARN, name, file, or its place in the snapshot.
    pub name: String,
    /// Its grammar.
    pub kind: PolicyKind,
    /// Language version.
    pub version: Version,
    /// `Id`, without effect.
    pub id: Option<Text>,
    /// Statements in the order of the text.
    pub statements: Vec<Statement>,
    /// Whether AWS would refuse to store it for its length; no answer depends on it. Rule: IAM-GRAM-23, KMS-POL-13.
    pub exceeds_quota: bool,
    /// The text it was read from.
    pub source: Arc<Source>,
    /// Where the document stands in it.
    pub span: Span,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`.
    pub sid: Option<Text>,
    /// `Effect`.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; `None` where the kind has none (or it is missing, lenient).
    pub principal: Option<Match<PrincipalEntry>>,
    /// `Action` or `NotAction`; `None` only in key policies (KMS-POL-12: dead).
    pub action: Option<Match<ActionEntry>>,
    /// `Resource` or `NotResource`; `None` where the kind makes it optional or forbids it.
    pub resource: Option<Match<ResourceEntry>>,
    /// Tests of `Condition`, in the order of the text; all must hold.
    pub conditions: Vec<ConditionTest>,
    /// What it hangs on, where a part of it is not determined yet: then it says no more than what stands here, and perhaps less.
    /// No document says it of itself. Rule: IAM-TRI-7.
    pub open: Option<Box<[String]>>,
    /// Where it stands.
    pub span: Span,
}

/// An entry of `Action` or `NotAction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionEntry {
    /// As written: `*` or `prefix:name`.
    pub text: Text,
    /// Where it stands.
    pub span: Span,
}

/// An entry of `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceEntry {
    /// The text in pieces. Variables are pieces only behind the fifth colon (IAM-VAR-3).
    pub template: Template,
    /// True for an ARN of fewer than six fields that was kept as written (AMB-14). In identity policies and
    /// boundaries such an ARN is completed instead (IAM-WILD-10).
    pub incomplete: bool,
    /// Where it stands.
    pub span: Span,
}

/// An entry of `Principal` or `NotPrincipal`. Rule: IAM-GRAM-14.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalEntry {
    /// What it names.
    pub kind: PrincipalKind,
    /// As written.
    pub text: Text,
    /// Where it stands.
    pub span: Span,
}

/// What an entry of `Principal` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    /// `"*"` or `{"AWS": "*"}`.
    Everyone,
    /// Twelve digits or `arn:P:iam::ACCOUNT:root`: the account. The partition is absent for bare digits.
    Account {
        /// Partition of the ARN form.
        partition: Option<String>,
        /// Account id.
        account: String,
    },
    /// ARN of an IAM user.
    User(crate::Arn),
    /// ARN of a role, path included.
    Role(crate::Arn),
    /// ARN of a role session (`assumed-role/NAME/SESSION`).
    RoleSession(crate::Arn),
    /// ARN of a federated user's session.
    FederatedUser(crate::Arn),
    /// Unique id of a deleted user (`AIDA…`) or role (`AROA…`), or another unique id.
    UniqueId(String),
    /// Service principal such as `sagemaker.amazonaws.com`.
    Service(String),
    /// Identity provider: ARN of a SAML or OIDC provider, or a built-in domain.
    Federated(String),
    /// Canonical user id of S3.
    CanonicalUser(String),
    /// Any other ARN or text that AWS might accept: matches nobody we know.
    Other,
}

/// One test of a `Condition` block: operator, key, operands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionTest {
    /// The operator.
    pub operator: Operator,
    /// The operator as written.
    pub operator_text: Text,
    /// The key as written.
    pub key: Text,
    /// Where the key stands.
    pub key_span: Span,
    /// Operands in the order of the text (OR; NOR for negated operators).
    pub operands: Vec<Operand>,
}

/// An operand. JSON numbers and booleans are their source text (IAM-GRAM-16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// The text in pieces; one `Text` for operators without variables (IAM-VAR-3), except `Bool` (AMB-8).
    pub template: Template,
    /// Where it stands.
    pub span: Span,
}

/// How strictly a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ParseOptions {
    /// True to warn instead of refusing where a rule has a lenient reading: condition keys that differ in case
    /// (IAM-GRAM-3), `Allow` with `NotPrincipal` (IAM-GRAM-15), no principal (IAM-GRAM-21).
    pub lenient: bool,
}

impl Policy {
    /// Reads a document from an object, or from a string that holds it, percent-encoded or not. Rule: IAM-GRAM-1…23.
    ///
    /// All errors of the document are found at once; with one there is no policy. Warnings come with the policy. A
    /// document in a string gets a source of its own, whose places lead back to the outer text.
    pub fn parse(
        node: &Node,
        source: &Arc<Source>,
        name: &str,
        kind: PolicyKind,
        options: ParseOptions,
    ) -> (Option<Policy>, Diagnostics) {
        document::parse(node, source, name, kind, options)
    }

    /// Reads a document that is a whole JSON or YAML text, or a string that is one. As [`Policy::parse`] of the text's node,
    /// which is not made where the text is JSON.
    pub fn read(
        source: &Arc<Source>,
        name: &str,
        kind: PolicyKind,
        options: ParseOptions,
    ) -> (Option<Policy>, Diagnostics) {
        if source.text.trim_start().starts_with('{')
            && let Some(tree) = tree::scan(source, &Limits::POLICY)
        {
            return document::parse_tree(&tree, source, name, kind, options);
        }
        match node::read_within(source, &Limits::POLICY) {
            Ok(node) => Policy::parse(&node, source, name, kind, options),
            Err(found) => (None, found),
        }
    }

    /// The place of a span of this document.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        self.source.place(span)
    }
}

/// Reads a document from a JSON or YAML text; `name` names both the text and the policy.
///
/// ```
/// use preclear_model::policy::{ParseOptions, PolicyKind, parse_policy};
///
/// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}"#;
/// let (policy, found) = parse_policy(text, "p.json", PolicyKind::Identity, ParseOptions::default());
/// assert!(found.is_empty());
/// let statement = &policy.unwrap().statements[0];
/// assert_eq!(statement.action.as_ref().unwrap().entries()[0].text, "kms:Decrypt");
///
/// let (policy, found) = parse_policy(text, "p.json", PolicyKind::Trust, ParseOptions::default());
/// assert!(policy.is_none());
/// assert!(found.mentions("IAM-GRAM-21") && found.mentions("IAM-GRAM-22"));
/// ```
pub fn parse_policy(
    text: &str,
    name: &str,
    kind: PolicyKind,
    options: ParseOptions,
) -> (Option<Policy>, Diagnostics) {
    let source = Arc::new(Source::new(name, text));
    Policy::read(&source, name, kind, options)
}

#[cfg(test)]
mod tests;
