//! Policy documents as typed values.

use std::sync::Arc;

use crate::operator::Operator;
use crate::source::{Place, Source, Span};
use crate::template::Template;

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

/// `Allow` or `Deny`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The statement allows.
    Allow,
    /// The statement denies.
    Deny,
}

/// An element and its negated twin, such as `Action` and `NotAction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match<T> {
    /// Applies when one of the entries matches.
    In(Vec<T>),
    /// Applies when none of the entries matches.
    NotIn(Vec<T>),
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
    pub id: Option<String>,
    /// Statements in the order of the text.
    pub statements: Vec<Statement>,
    /// The text it was read from.
    pub source: Arc<Source>,
    /// Where the document stands in it.
    pub span: Span,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`.
    pub sid: Option<String>,
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
    /// Where it stands.
    pub span: Span,
}

/// An entry of `Action` or `NotAction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionEntry {
    /// As written: `*` or `prefix:name`.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// An entry of `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceEntry {
    /// The text in pieces. Variables are pieces only behind the fifth colon (IAM-VAR-3).
    pub template: Template,
    /// Where it stands.
    pub span: Span,
}

/// An entry of `Principal` or `NotPrincipal`. Rule: IAM-GRAM-14.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalEntry {
    /// What it names.
    pub kind: PrincipalKind,
    /// As written.
    pub text: String,
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
    pub operator_text: String,
    /// The key as written.
    pub key: String,
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

impl Policy {
    /// The place of a span of this document.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        Place { source: Arc::clone(&self.source), span }
    }
}
