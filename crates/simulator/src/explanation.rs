//! Answers: a verdict, why, and what would change it.

use std::collections::BTreeSet;
use std::fmt;

use preclear_catalog::kms::KmsException;
use preclear_condition::Dependency;
use preclear_model::policy::Version;
use preclear_model::{Diagnostic, Place, codes};

use crate::layer::Layer;
use crate::request::{AmbiguityMode, ContextMode};

/// What is said of an allow where guardrails were set aside because a complete snapshot lists no organization: outputs of an
/// account say nothing of the organization above it, and an SCP may deny. Rule: IAM-TRI-7, IAM-EVAL-7.
pub const NO_ORGANIZATION: &str =
    "organization:no SCPs and RCPs, as a complete snapshot lists no organization";

/// What no decision takes into account: an assumption of every one. Rule: IAM-EVAL-28.
pub const NOT_MODELLED: &str = "not modelled: access control lists, S3 Block Public Access, permissions managed by RAM, \
     Lake Formation, checks of the services themselves, quotas, eventual consistency, declarative policies, back doors \
     of services for the root user (IAM-EVAL-28)";

/// The answer. Rule: UI-50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Allowed whatever is still unknown.
    Allow,
    /// A statement denies it.
    ExplicitDeny,
    /// Nothing allows it.
    ImplicitDeny,
    /// What is unknown decides.
    Depends,
    /// There is nothing to decide.
    NotApplicable,
    /// The question cannot be asked this way.
    Invalid,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 6] = [
        Self::Allow,
        Self::ExplicitDeny,
        Self::ImplicitDeny,
        Self::Depends,
        Self::NotApplicable,
        Self::Invalid,
    ];

    /// Name in files and output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::ExplicitDeny => "explicit_deny",
            Self::ImplicitDeny => "implicit_deny",
            Self::Depends => "depends",
            Self::NotApplicable => "not_applicable",
            Self::Invalid => "invalid",
        }
    }

    /// True for both kinds of deny.
    #[must_use]
    pub fn is_deny(self) -> bool {
        matches!(self, Self::ExplicitDeny | Self::ImplicitDeny)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Why a decision fell as it did. Rule: IAM-RSN-2.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Name in files and output.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    /// An SCP denies.
    ExplicitDenyScp = "explicit_deny_scp",
    /// An RCP denies.
    ExplicitDenyRcp = "explicit_deny_rcp",
    /// The VPC endpoint policy denies.
    ExplicitDenyVpce = "explicit_deny_vpce",
    /// The permissions boundary denies.
    ExplicitDenyBoundary = "explicit_deny_boundary",
    /// A session policy denies.
    ExplicitDenySession = "explicit_deny_session",
    /// The resource-based policy denies.
    ExplicitDenyResource = "explicit_deny_resource",
    /// The trust policy denies.
    ExplicitDenyTrust = "explicit_deny_trust",
    /// An identity policy denies.
    ExplicitDenyIdentity = "explicit_deny_identity",
    /// Caller and resource are in different partitions.
    CrossPartition = "cross_partition",
    /// STS does not let this caller do that.
    StsRestriction = "sts_restriction",
    /// No key has that identifier.
    KeyNotFound = "key_not_found",
    /// The operation does not work across accounts.
    OperationNotCrossAccount = "operation_not_cross_account",
    /// The caller's account has not enabled the opt-in Region of the key. Rule: KMS-XA-3.
    RegionNotEnabled = "region_not_enabled",
    /// AWS managed keys do not take this operation.
    UnsupportedOnAwsManagedKey = "unsupported_on_aws_managed_key",
    /// A level of SCPs does not allow.
    NoScpAllow = "no_scp_allow",
    /// The VPC endpoint policy does not allow.
    NoVpceAllow = "no_vpce_allow",
    /// Only the retiring principal, a grantee with RetireGrant or the issuing account may retire.
    RetireGrantNotEntitled = "retire_grant_not_entitled",
    /// A child grant goes beyond its parent.
    GrantDelegationExceeded = "grant_delegation_exceeded",
    /// A grant by the key's owner to a foreign identity also needs an allow at home.
    KeyTrustMissing = "key_trust_missing",
    /// The key policy does not let the account's identity policies count.
    IamNotEnabledByKeyPolicy = "iam_not_enabled_by_key_policy",
    /// No resource-based policy allows.
    NoResourceAllow = "no_resource_allow",
    /// No trust policy allows.
    NoTrustAllow = "no_trust_allow",
    /// No identity policy allows.
    NoIdentityAllow = "no_identity_allow",
    /// The permissions boundary does not allow.
    NoBoundaryAllow = "no_boundary_allow",
    /// No session policy allows.
    NoSessionAllow = "no_session_allow",
    /// A federated user without session policy has no permissions.
    FederatedNoSessionPolicy = "federated_no_session_policy",
    /// AWS owned keys need no permission.
    NotApplicableAwsOwned = "not_applicable_aws_owned",
    /// The key policy allows the caller itself.
    AllowKeyPolicy = "allow_key_policy",
    /// A grant allows.
    AllowGrant = "allow_grant",
    /// The key policy lets identity policies count, and one allows.
    AllowIamViaKeyPolicy = "allow_iam_via_key_policy",
    /// An identity policy allows.
    AllowIdentity = "allow_identity",
    /// The resource-based policy allows this user, session or everyone.
    AllowResourceDirect = "allow_resource_direct",
    /// The resource-based policy allows the caller's role.
    AllowResourceEntity = "allow_resource_entity",
    /// Both accounts allow.
    AllowCrossAccount = "allow_cross_account",
    /// The resource-based policy allows the service.
    AllowService = "allow_service",
    /// The resource-based policy allows anonymous callers.
    AllowAnonymous = "allow_anonymous",
    /// The root user may.
    AllowRoot = "allow_root",
    /// STS always allows it.
    AllowStsSpecial = "allow_sts_special",
    /// The trust policy allows the federated identity.
    AllowFederated = "allow_federated",
    /// Further grant terms allow.
    AllowExtra = "allow_extra",
    /// The document is malformed.
    InvalidDocument = "invalid_document",
    /// The request cannot be asked this way.
    InvalidRequest = "invalid_request",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A statement of a policy, as users find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRef {
    /// Name of the policy: ARN, name, file or place in the snapshot.
    pub policy: String,
    /// Index in the document, from 0.
    pub statement: usize,
    /// `Sid`.
    pub sid: Option<String>,
    /// Place in the source text.
    pub place: Option<Place>,
}

/// One contribution to a decision. Rule: IAM-RSN-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What it says.
    pub code: Code,
    /// The layer it comes from.
    pub layer: Option<Layer>,
    /// The statement, where one decides.
    pub statement: Option<StatementRef>,
    /// Policy that is silent, or a level of SCPs, where no statement decides.
    pub policy: Option<String>,
    /// Id of the grant, where one decides. Rule: KMS-DEC-1.
    pub grant: Option<String>,
}

impl Reason {
    /// A reason that names nothing but its code and layer.
    #[must_use]
    pub fn new(code: Code, layer: Option<Layer>) -> Self {
        Self {
            code,
            layer,
            statement: None,
            policy: None,
            grant: None,
        }
    }
}

/// Elements that a near miss can be about: those of a statement, and those of a grant.
pub const NEAR_MISS_ELEMENTS: [&str; 14] = [
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "GranteePrincipal",
    "GranteeServicePrincipal",
    "Operations",
    "EncryptionContextEquals",
    "EncryptionContextSubset",
    "SourceArn",
    "GrantToken",
];

/// A statement or grant that failed in exactly one element, or a condition but for which a statement would not deny.
/// Rule: IAM-RSN-5, KMS-DEC-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The layer of the statement.
    pub layer: Layer,
    /// The statement; none for a grant.
    pub statement: Option<StatementRef>,
    /// Id of the grant.
    pub grant: Option<String>,
    /// True for a condition of a statement that denies: the request met it.
    pub denies: bool,
    /// Element as written: `Principal`, `NotAction`, `Condition` …; of a grant the member of ListGrants.
    pub element: &'static str,
    /// Condition key as written.
    pub key: Option<String>,
    /// Condition operator as written.
    pub operator: Option<String>,
    /// What the policy or grant asks for, as written.
    pub expected: String,
    /// The same with the values that its policy variables have in this request; none without variables.
    pub stands_for: Option<String>,
    /// What the request has.
    pub actual: String,
    /// The same where it is values of a condition key, one by one.
    pub values: Vec<String>,
    /// The pattern of the value, where no more of it is known.
    pub pattern: Option<String>,
    /// True where the element is plainly meant for others: principals of another account, actions or resources of another service.
    pub is_remote: bool,
    /// True where mending it would change nothing: its layer allows anyway, or no way to be allowed lacks it.
    pub is_idle: bool,
    /// True where a hint of the job's template speaks of it.
    pub is_hinted: bool,
    /// Conditions of the statement that the request meets.
    pub met: Vec<MetTest>,
    /// Conditions of the statement of which it is open whether the request meets them.
    pub open: Vec<MetTest>,
}

/// A condition that a request meets, or of which it is open whether it does, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetTest {
    /// Operator.
    pub operator: String,
    /// Condition key.
    pub key: String,
    /// Values to compare with.
    pub operands: Vec<String>,
    /// Version of the document: whether `${…}` is a variable (IAM-GRAM-4).
    pub version: Version,
}

/// What one statement did, for the full explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementReport {
    /// The statement.
    pub statement: StatementRef,
    /// True for `Allow`.
    pub allows: bool,
    /// True, false or unknown: whether it applies.
    pub applies: preclear_condition::Tri,
    /// Elements that failed or are undecided, each as `Element: expected … , actual …`.
    pub remarks: Vec<String>,
    /// Its conditions that are undecided, as written.
    pub undecided: Vec<MetTest>,
}

/// What one grant did, for the full explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantReport {
    /// Its id.
    pub id: String,
    /// True, false or unknown: whether it allows the call, boundary and session policy aside.
    pub applies: preclear_condition::Tri,
    /// What failed or is undecided, a phrase each.
    pub remarks: Vec<String>,
    /// What of it is undecided: the member of ListGrants, and what it asks for.
    pub undecided: Vec<(&'static str, String)>,
}

/// What one layer contributed, for the full explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerReport {
    /// The layer.
    pub layer: Layer,
    /// For SCPs and RCPs: the level, such as `ou-ab12-x`.
    pub level: Option<String>,
    /// Whether it allows.
    pub allow: preclear_condition::Tri,
    /// Whether it denies.
    pub deny: preclear_condition::Tri,
    /// Why it has no policy to speak of: `not reached`, `not loaded`, `no boundary` …
    pub note: Option<String>,
    /// Every statement considered.
    pub statements: Vec<StatementReport>,
    /// Grants to the caller, and those whose grantee is called like it.
    pub grants: Vec<GrantReport>,
}

/// Whether an allowed KMS call would also work. Rule: KMS-STATE-1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Operability {
    /// Not a KMS question, or not allowed.
    #[default]
    NotAsked,
    /// It works.
    Ok,
    /// KMS answers with an exception.
    Exception(KmsAnswer),
}

impl Operability {
    /// What KMS answers in place of doing what is asked.
    #[must_use]
    pub fn answer(&self) -> Option<&KmsAnswer> {
        match self {
            Self::NotAsked | Self::Ok => None,
            Self::Exception(answer) => Some(answer),
        }
    }
}

/// What KMS answers in place of doing what is asked, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsAnswer {
    /// The exception.
    pub exception: KmsException,
    /// Why, as a sentence without its end.
    pub why: String,
    /// Id of the rule behind it.
    pub rule: &'static str,
    /// What has to change.
    pub change: Change,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for KmsAnswer {
    /// Why, by which rule, and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}); {}", self.why, self.rule, self.remedy)
    }
}

/// What has to change for a call to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// The key, or its state; or another one has to be named.
    Key,
    /// The request.
    Request,
    /// Nothing: the answer is a success.
    Nothing,
}

impl Change {
    /// Name in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Request => "request",
            Self::Nothing => "nothing",
        }
    }
}

/// A warning about the question or the policies met on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// Stable code in upper snake case; a row of a table of codes.
    pub code: &'static str,
    /// Id of the rule behind it.
    pub rule: &'static str,
    /// One sentence, without the rule and the remedy.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Where it is, if it is about a text.
    pub place: Option<Place>,
}

impl Warning {
    /// A warning of this row, with the row's rule and remedy.
    ///
    /// ```
    /// use preclear_simulator::{Warning, codes};
    /// let warning = Warning::new(&codes::LITERAL_STAR_RESOURCE, "`*` stands for itself");
    /// assert_eq!((warning.code, warning.rule), ("LITERAL_STAR_RESOURCE", "UI-11"));
    /// ```
    #[must_use]
    pub fn new(row: &'static codes::Code, message: impl Into<String>) -> Self {
        Self {
            code: row.name,
            rule: row.rule,
            message: message.into(),
            help: row.remedy.to_owned(),
            place: None,
        }
    }

    pub(crate) fn rule(mut self, rule: &'static str) -> Self {
        self.rule = rule;
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    pub(crate) fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }
}

/// What was found when the question was read, as a warning of its answer.
impl From<Diagnostic> for Warning {
    fn from(found: Diagnostic) -> Self {
        Self {
            code: found.code,
            rule: found.rule.unwrap_or_default(),
            message: found.message,
            help: found.help.unwrap_or_default(),
            place: found.place,
        }
    }
}

/// A key whose value is not known and does not matter: the answer is the same in every case. Rule: IAM-TRI-10.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refinement {
    /// The key, in lower case.
    pub key: String,
    /// The cases that were tried, in words: `absent`, each value that a policy names, `another value`.
    pub cases: Vec<String>,
}

/// One decision of an operation. Rule: UI-50.
#[derive(Debug, Clone)]
pub struct Part {
    /// IAM action.
    pub action: String,
    /// Resource it was decided on.
    pub resource: String,
    /// The decision.
    pub result: Explanation,
}

/// The full answer to one request.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Id of the request.
    pub id: Option<String>,
    /// ARN or name of the caller.
    pub caller: String,
    /// Action as AWS spells it, if known, else as asked.
    pub action: String,
    /// ARN of the resource the decision was made on.
    pub resource: String,
    /// The answer.
    pub verdict: Verdict,
    /// The reason printed first. Rule: IAM-RSN-3.
    pub primary: Option<Reason>,
    /// All contributions, the primary one included.
    pub reasons: Vec<Reason>,
    /// Statements and grants that nearly allowed it, those that could have changed the answer first. Rule: IAM-RSN-5.
    pub near_misses: Vec<NearMiss>,
    /// What an undecided answer depends on.
    pub depends_on: BTreeSet<Dependency>,
    /// What would allow an undecided request: statements and grants of every way that is open.
    pub open_ways: Vec<Reason>,
    /// Keys of unknown value that a decided answer was found for case by case.
    pub refined: Vec<Refinement>,
    /// Entries of the ambiguity register that mattered.
    pub ambiguities: BTreeSet<u8>,
    /// What was taken for granted.
    pub assumptions: BTreeSet<String>,
    /// What looks wrong.
    pub warnings: Vec<Warning>,
    /// Whether an allowed KMS call would work.
    pub operability: Operability,
    /// The decisions of an operation; empty for a single action.
    pub parts: Vec<Part>,
    /// Every layer and statement considered.
    pub layers: Vec<LayerReport>,
    /// What unsaid keys counted as.
    pub mode: ContextMode,
    /// What ambiguous behaviour counted as.
    pub ambiguity: AmbiguityMode,
    /// For [`Verdict::Invalid`]: what is wrong with the request.
    pub errors: Vec<Diagnostic>,
}

impl Explanation {
    /// The near misses that could have changed the answer.
    pub fn useful_near_misses(&self) -> impl Iterator<Item = &NearMiss> {
        self.near_misses.iter().filter(|miss| !miss.is_idle)
    }
}
