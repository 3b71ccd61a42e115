//! The answer about a job: every requirement, the verdict, and what to add.

use std::collections::BTreeMap;
use std::fmt;

use preclear_model::{Place, PolicyKind};

use crate::codes::Code;
use crate::explanation::{Explanation, NOT_MODELLED, Operability, Verdict, Warning};

/// The answer about a job, worst first. Rule: JOB-4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobVerdict {
    /// The request breaks the API's rules; nothing was decided.
    Invalid,
    /// A permission that the service is known to need is denied.
    Denied,
    /// All is allowed, but a key cannot be used.
    Inoperable,
    /// A permission depends on something unknown.
    Undecided,
    /// Only documented permissions that may not be needed are missing.
    Gaps,
    /// Everything is allowed.
    Allowed,
}

impl JobVerdict {
    /// Name in files and output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID",
            Self::Denied => "DENIED",
            Self::Inoperable => "INOPERABLE",
            Self::Undecided => "UNDECIDED",
            Self::Gaps => "GAPS",
            Self::Allowed => "ALLOWED",
        }
    }
}

impl fmt::Display for JobVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How sure it is that the service makes the call. Rule: JOB-3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// `M`: the service is known to make it.
    Mandatory,
    /// `L`: the documentation lists the permission, the call is not established.
    Listed,
    /// `A`: advisory.
    Advisory,
}

impl Basis {
    /// Letter in files and output.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Self::Mandatory => "M",
            Self::Listed => "L",
            Self::Advisory => "A",
        }
    }
}

/// When in the job's life a requirement matters. Rule: JOB-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// When the job is submitted.
    Submit,
    /// While it runs.
    Run,
    /// When it writes its output.
    Output,
    /// When people work on it.
    Human,
}

impl Phase {
    /// Name in files and output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Run => "run",
            Self::Output => "output",
            Self::Human => "human",
        }
    }
}

/// One decision of a requirement. Rule: JOB-2.
#[derive(Debug, Clone)]
pub struct RequirementPart {
    /// ARN or name of who needs the permission.
    pub principal: String,
    /// True where the root user's ARN stands for its whole account.
    pub is_account: bool,
    /// IAM action.
    pub action: String,
    /// Resource; an ARN, a pattern or `*`.
    pub resource: String,
    /// How sure it is.
    pub basis: Basis,
    /// Context keys that the template states.
    pub context: BTreeMap<String, String>,
    /// The decision.
    pub result: Explanation,
}

/// One row of the job's list of permissions. Rule: JOB-2.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// Id, such as `GT-22`.
    pub id: String,
    /// When it matters.
    pub phase: Phase,
    /// How sure it is; the strongest of its parts.
    pub basis: Basis,
    /// Why the job needs it.
    pub why: String,
    /// The worst of the parts; not applicable if its trigger is false, open if nothing is known to ask about.
    pub result: Verdict,
    /// The decisions; empty if its trigger is false, or nothing is known to ask about.
    pub parts: Vec<RequirementPart>,
    /// Why there are no parts although it applies: which value is missing. Rule: JOB-8.
    pub missing: Option<String>,
    /// What users see in the real job where the permission is missing, as far as that is known.
    pub if_missing: Option<String>,
    /// What the rules add to a failure, such as "naming the service does not help".
    pub hints: Vec<String>,
}

impl Requirement {
    /// The worst operability of the parts.
    #[must_use]
    pub fn operability(&self) -> Operability {
        self.parts
            .iter()
            .map(|part| &part.result.operability)
            .max_by_key(|operability| match operability {
                Operability::NotAsked => 0,
                Operability::Ok => 1,
                Operability::Exception(_) => 2,
            })
            .cloned()
            .unwrap_or_default()
    }
}

/// A policy that an addition goes into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FixTarget {
    /// Identity policy of a user or role, by its ARN.
    Identity(String),
    /// Key policy, by the key's ARN.
    Key(String),
    /// Trust policy of a role, by its ARN.
    Trust(String),
    /// Resource-based policy, by the resource's ARN.
    Resource(String),
}

impl FixTarget {
    /// Kind of document the statement goes into.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        match self {
            Self::Identity(_) => PolicyKind::Identity,
            Self::Key(_) => PolicyKind::Key,
            Self::Trust(_) => PolicyKind::Trust,
            Self::Resource(_) => PolicyKind::Resource,
        }
    }

    /// ARN of what the policy belongs to.
    #[must_use]
    pub fn arn(&self) -> &str {
        match self {
            Self::Identity(arn) | Self::Key(arn) | Self::Trust(arn) | Self::Resource(arn) => arn,
        }
    }
}

impl fmt::Display for FixTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(arn) => write!(f, "identity policy of {arn}"),
            Self::Key(arn) => write!(f, "key policy of {arn}"),
            Self::Trust(arn) => write!(f, "trust policy of {arn}"),
            Self::Resource(arn) => write!(f, "resource policy of {arn}"),
        }
    }
}

/// The smallest addition that mends something. Rule: JOB-4, UI-13.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// Where it goes.
    pub target: FixTarget,
    /// The statement, ready to paste.
    pub statement: serde_json::Value,
    /// Ids of the requirements that it serves.
    pub serves: Vec<String>,
    /// What to know of it: conditions that it leaves out, and a statement that may be corrected instead.
    pub notes: Vec<String>,
}

/// Something wrong with the job's own request. Rule: JOB-4, INVALID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    /// Stable code in upper snake case, such as `FIELD_FORMAT`; a row of a table of codes.
    pub code: String,
    /// Member of the request, if it is about one.
    pub field: Option<String>,
    /// Where it is, if the job was read from a file.
    pub place: Option<Place>,
    /// One sentence.
    pub message: String,
    /// Id of the rule behind it.
    pub rule: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
}

impl JobError {
    /// An error of this row, with the row's rule and remedy.
    pub(crate) fn new(row: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code: row.name.to_owned(),
            field: None,
            place: None,
            message: message.into(),
            rule: Some(row.rule.to_owned()),
            help: Some(row.remedy.to_owned()),
        }
    }

    pub(crate) fn of_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    pub(crate) fn rule(mut self, rule: impl Into<String>) -> Self {
        self.rule = Some(rule.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The full answer about a job.
#[derive(Debug, Clone)]
pub struct JobReport {
    /// What users call the job.
    pub name: String,
    /// The operation.
    pub operation: String,
    /// Who submits it.
    pub caller: Option<String>,
    /// The verdict.
    pub verdict: JobVerdict,
    /// Why it is invalid; empty for other verdicts.
    pub errors: Vec<JobError>,
    /// What looks wrong.
    pub warnings: Vec<Warning>,
    /// Every requirement, in the order of the template.
    pub requirements: Vec<Requirement>,
    /// Additions that mend what policy text can mend.
    pub fixes: Vec<Fix>,
    /// Obstacles that no addition can help against: a deny, a boundary, an SCP, a key's state.
    pub obstacles: Vec<String>,
    /// True where the snapshot says that it lists everything. Rule: IAM-TRI-7.
    pub is_complete: bool,
}

impl JobReport {
    /// What all decisions of the job take for granted. Rule: IAM-EVAL-28.
    #[must_use]
    pub fn assumptions(&self) -> Vec<&'static str> {
        let decides = self.requirements.iter().any(|one| !one.parts.is_empty());
        decides.then_some(NOT_MODELLED).into_iter().collect()
    }
}
