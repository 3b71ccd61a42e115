//! Job templates: which permissions a job needs, as data.
//!
//! A template is a JSON file of the catalogue, or a JSON or YAML file of a user. It names the service, the operations with the fields of their
//! requests, named values, checks, and rows of permissions; a new job is a new file. This module says what a
//! template may hold; [`mod@read`] reads a file, [`verify`] refuses one that does not fit together, [`library`] finds
//! the one of a job.
//!
//! # Format
//!
//! The folder of the templates explains it with examples; in short:
//!
//! | member | holds |
//! |---|---|
//! | `id`, `service`, `sources`, `notes` | name, service principal, documentation it rests on, what surprises users |
//! | `profiles`, `default_profile` | revisions of the documentation, where they differ |
//! | `operations` | each with `operation`, `title`, `fields` and, before those of the template, `let`, `key_uses`, `checks` |
//! | `let` | named values; an operation's own win |
//! | `key_uses` | keys in use, each with its encryption context |
//! | `checks` | what makes the request invalid |
//! | `exists` | what must be in the snapshot |
//! | `warnings` | what only looks wrong |
//! | `requirements` | the rows, each with its parts |
//!
//! Texts hold names in braces. These names are always there: `partition`, `region`, `account`, `service` (the
//! principal), `api` (`personalize:CreateDatasetGroup`), `operation` (`CreateDatasetGroup`), `interface`, `profile`,
//! `lifetime`, `readers`, `data`; in a part with `for_each` also `item`.

pub(crate) mod condition;
pub(crate) mod expr;
pub(crate) mod library;
pub(crate) mod path;
pub(crate) mod read;
pub(crate) mod shape;
pub(crate) mod text;
pub(crate) mod tree;
pub(crate) mod verify;

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use self::condition::Condition;
use self::expr::Expr;
use self::shape::Shape;
use self::text::{Text, TextPiece};
use crate::codes;
use crate::explanation::Code;
use crate::job::report::{Basis, Phase};

/// A template file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Template {
    pub(crate) id: String,
    /// Service principal that runs the job.
    pub(crate) service: String,
    #[serde(default)]
    pub(crate) profiles: Vec<String>,
    pub(crate) default_profile: Option<String>,
    pub(crate) sources: Vec<String>,
    /// What surprises users, a sentence each.
    #[serde(default)]
    pub(crate) notes: Vec<String>,
    pub(crate) operations: Vec<Operation>,
    #[serde(default, rename = "let")]
    pub(crate) names: BTreeMap<String, Expr>,
    #[serde(default)]
    pub(crate) key_uses: BTreeMap<String, KeyUseExpr>,
    #[serde(default)]
    pub(crate) checks: Vec<Check>,
    #[serde(default)]
    pub(crate) exists: Vec<Existence>,
    #[serde(default)]
    pub(crate) warnings: Vec<JobWarning>,
    pub(crate) requirements: Vec<Row>,
}

/// An operation of the service that the template covers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    /// `service:Operation`, or the template's id where no single one starts the job.
    pub(crate) operation: String,
    pub(crate) title: String,
    pub(crate) fields: Shape,
    #[serde(default, rename = "let")]
    pub(crate) names: BTreeMap<String, Expr>,
    #[serde(default)]
    pub(crate) key_uses: BTreeMap<String, KeyUseExpr>,
    #[serde(default)]
    pub(crate) checks: Vec<Check>,
}

/// Keys in use, each with an encryption context. Rule: JOB-S3-1, JOB-S3-2.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum KeyUseExpr {
    /// Of objects that exist: as they were written, or the key named.
    Read {
        objects: Expr,
        #[serde(default)]
        key: Expr,
        /// As of `Named`.
        #[serde(default)]
        managed: bool,
    },
    /// Of objects to be written: the key named, `aws/s3` with a header that names none, else the bucket's default.
    Write {
        objects: Expr,
        #[serde(default)]
        key: Expr,
        /// True where the request carries the header `aws:kms` even without a key.
        #[serde(default)]
        header: bool,
        /// As of `Named`.
        #[serde(default)]
        managed: bool,
    },
    /// Of the keys that these identifiers mean, with these pairs.
    Named {
        key: Expr,
        #[serde(default)]
        context: BTreeMap<String, Expr>,
        /// True where the keys that AWS manages are asked about as well: their policies allow what comes through the service, and a
        /// deny of the caller's still counts. Rule: KMS-AMK-2.
        #[serde(default)]
        managed: bool,
    },
}

impl KeyUseExpr {
    /// Values inside, each behind the members that lead to it.
    pub(crate) fn parts(&self) -> Vec<(String, &Expr)> {
        match self {
            Self::Read { objects, key, .. } => vec![
                ("read.objects".to_owned(), objects),
                ("read.key".to_owned(), key),
            ],
            Self::Write { objects, key, .. } => vec![
                ("write.objects".to_owned(), objects),
                ("write.key".to_owned(), key),
            ],
            Self::Named { key, context, .. } => {
                let pairs = context.iter();
                let pairs = pairs.map(|(name, value)| (format!("named.context.{name}"), value));
                std::iter::once(("named.key".to_owned(), key))
                    .chain(pairs)
                    .collect()
            }
        }
    }

    /// What it is about: without it no key is in use.
    pub(crate) fn subject(&self) -> &Expr {
        match self {
            Self::Read { objects, .. } | Self::Write { objects, .. } => objects,
            Self::Named { key, .. } => key,
        }
    }
}

/// What makes a request invalid. Rule: JOB-4.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    pub(crate) test: CheckTest,
    /// Path of the member it is about.
    pub(crate) field: Option<String>,
    pub(crate) rule: String,
    pub(crate) help: String,
}

/// The test of a [`Check`].
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum CheckTest {
    /// Invalid where the condition holds.
    Refuse {
        when: Condition,
        code: RowName,
        message: Text,
    },
    /// Buckets of another Region than the job's. Rule: JOB-S3-7.
    BucketRegion(Expr),
    /// Keys of another Region. Rule: KMS-STATE-4.
    KeyRegion(Expr),
    /// Keys that encrypt no data at rest. Rule: KMS-STATE-3.
    KeySpec(Expr),
    /// Roles of another account. Rule: JOB-6.
    RoleAccount(Expr),
}

/// What the snapshot should list. Rule: JOB-8.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Existence {
    pub(crate) what: Thing,
    pub(crate) of: Expr,
}

/// Kind of thing that a job touches.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Thing {
    Key,
    Role,
    /// Anything else, by the word for it.
    #[serde(untagged)]
    Resource(String),
}

/// What looks wrong about a job.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobWarning {
    pub(crate) code: RowName,
    pub(crate) when: Condition,
    pub(crate) message: Text,
}

/// A code, by its name in one of the tables: none but those can be used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowName(pub(crate) &'static codes::Code);

impl<'de> Deserialize<'de> for RowName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let row = codes::find(&name);
        row.map(Self).ok_or_else(|| {
            D::Error::custom(format!(
                "there is no code `{name}`\ndocs/diagnostics.md lists them"
            ))
        })
    }
}

/// A row of permissions. Rule: JOB-2.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) id: String,
    #[serde(deserialize_with = "phase")]
    pub(crate) phase: Phase,
    #[serde(deserialize_with = "basis")]
    pub(crate) basis: Basis,
    pub(crate) why: String,
    /// What users see where the permission is missing.
    pub(crate) if_missing: Option<String>,
    /// The trigger; left out: always.
    pub(crate) when: Option<Condition>,
    /// True: where no value is there to ask about, nothing is missing.
    #[serde(default)]
    pub(crate) may_be_empty: bool,
    #[serde(default)]
    pub(crate) parts: Vec<PartSpec>,
    /// Lists of parts of which one is enough, in place of `parts`.
    #[serde(default)]
    pub(crate) alternatives: Vec<Vec<PartSpec>>,
    #[serde(default)]
    pub(crate) hints: Vec<Hint>,
}

impl Row {
    /// All parts, of all alternatives, each behind the members that lead to it.
    pub(crate) fn all_parts(&self) -> impl Iterator<Item = (String, &PartSpec)> {
        let parts = self.parts.iter().enumerate();
        let parts = parts.map(|(index, part)| (format!("parts[{index}]"), part));
        let alternatives = self.alternatives.iter().enumerate();
        let alternatives = alternatives.flat_map(|(alternative, parts)| {
            parts.iter().enumerate().map(move |(index, part)| {
                let place = format!("alternatives[{alternative}][{index}]");
                (place, part)
            })
        });
        parts.chain(alternatives)
    }

    /// True where some part is asked of the job's caller.
    pub(crate) fn asks_caller(&self) -> bool {
        self.all_parts().any(|(_, part)| match part {
            PartSpec::Allow(part) => matches!(part.actor, Actor::Caller),
            PartSpec::PassRole { actor, .. } => matches!(actor, Actor::Caller),
            PartSpec::AssumeRole { .. } => false,
        })
    }
}

/// A part of a row.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum PartSpec {
    /// Somebody may do something to something.
    Allow(Box<Part>),
    /// Somebody may pass a role to the service. Rule: JOB-6.
    PassRole {
        #[serde(rename = "as")]
        actor: Actor,
        role: Expr,
    },
    /// The service may assume a role. Rule: JOB-7.
    AssumeRole {
        role: Expr,
        /// For whom it does; several are asked one by one.
        source_arn: Expr,
        #[serde(default)]
        weaker: Option<Weaker>,
    },
}

/// A permission, one decision for each action and resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    #[serde(rename = "as")]
    pub(crate) actor: Actor,
    /// IAM actions; those that end in `*` stand for what the catalogue has.
    pub(crate) actions: Expr,
    /// ARNs, ARN patterns, or `*`.
    pub(crate) on: Option<Expr>,
    /// Name of key uses, in place of `on`.
    pub(crate) on_keys: Option<String>,
    /// Condition keys; one without value is absent.
    #[serde(default)]
    pub(crate) context: BTreeMap<String, Expr>,
    /// Encryption context of KMS calls, beside what `on_keys` brings.
    #[serde(default)]
    pub(crate) encryption_context: BTreeMap<String, Expr>,
    /// Tags that the request passes.
    pub(crate) tags: Option<TagFields>,
    /// Services through which the call is made; one whose name has no value is left out. Rule: UI-39.
    #[serde(default)]
    pub(crate) via: Vec<Text>,
    /// Where it differs from the row's.
    #[serde(default, deserialize_with = "optional_basis")]
    pub(crate) basis: Option<Basis>,
    pub(crate) when: Option<Condition>,
    /// Region of the call; left out: the job's.
    pub(crate) region: Option<Expr>,
    #[serde(default)]
    pub(crate) side: Side,
    /// Decided once for each text, which is `{item}`.
    pub(crate) for_each: Option<Expr>,
    pub(crate) weaker: Option<Weaker>,
    /// True: decided as if a grant of exactly these actions existed.
    #[serde(default)]
    pub(crate) granted: bool,
    /// `kms:GrantIsForAWSResource`, where `via` does not say it.
    pub(crate) for_aws_resource: Option<bool>,
    /// True: left out where only a condition on the encryption context denies it. Rule: KMS-COND-3.
    #[serde(default)]
    pub(crate) unless_by_encryption_context: bool,
}

impl Part {
    /// A part with nothing but actor, actions and resource.
    pub(crate) fn new(actor: Actor, action: &str, on: Expr) -> Self {
        Self {
            actor,
            actions: Expr::Text(Text {
                pieces: vec![TextPiece::Literal(action.to_owned())],
            }),
            on: Some(on),
            on_keys: None,
            context: BTreeMap::new(),
            encryption_context: BTreeMap::new(),
            tags: None,
            via: Vec::new(),
            basis: None,
            when: None,
            region: None,
            side: Side::default(),
            for_each: None,
            weaker: None,
            granted: false,
            for_aws_resource: None,
            unless_by_encryption_context: false,
        }
    }
}

/// Who acts. Rule: JOB-5.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Actor {
    /// Who submits the job.
    Caller,
    /// The template's service as itself.
    Service,
    /// Another service as itself.
    OtherService(Text),
    /// A role, in a session of the template's service.
    Role(Expr),
    /// A role, in a session of another service.
    RoleOf { role: Expr, service: Text },
    /// Users, roles and whole accounts, by their ARNs.
    Principal(Expr),
}

/// Members of the request that hold its tags.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagFields {
    pub(crate) field: String,
    /// Members of each tag that hold its key and its value.
    pub(crate) key: Option<String>,
    pub(crate) value: Option<String>,
    /// True in their place: the field is an object whose members are the tags.
    #[serde(default)]
    pub(crate) map: bool,
}

/// Which policies must speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    /// As AWS decides.
    #[default]
    Any,
    /// The actor's identity policies must allow.
    Identity,
    /// The key policy must name the actor, and its identity policies must allow. Rule: JOB-PZ-4.
    Both,
}

/// The basis of a part that is denied only because of some condition keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Weaker {
    pub(crate) keys: Vec<String>,
    #[serde(deserialize_with = "basis")]
    pub(crate) basis: Basis,
}

/// What the rules add to a failure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hint {
    pub(crate) text: Text,
    /// Only where this is the primary reason of a part.
    #[serde(default, deserialize_with = "code")]
    pub(crate) code: Option<Code>,
    /// Only where a near miss has this as its condition key or among what it expected.
    pub(crate) near_miss: Option<Text>,
}

fn phase<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Phase, D::Error> {
    let text = String::deserialize(deserializer)?;
    [Phase::Submit, Phase::Run, Phase::Output, Phase::Human]
        .into_iter()
        .find(|phase| phase.name() == text)
        .ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is no phase\nthere are: submit, run, output, human"
            ))
        })
}

fn basis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Basis, D::Error> {
    let text = String::deserialize(deserializer)?;
    [Basis::Mandatory, Basis::Listed, Basis::Advisory]
        .into_iter()
        .find(|basis| basis.letter() == text)
        .ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is no basis\nthere are: M (mandatory), L (listed), A (advisory)"
            ))
        })
}

fn optional_basis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Basis>, D::Error> {
    basis(deserializer).map(Some)
}

fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Code>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let code = Code::ALL.iter().find(|code| code.name() == text);
    code.map(|code| Some(*code)).ok_or_else(|| {
        D::Error::custom(format!(
            "`{text}` is no reason code\nwrite one as answers show it, such as `no_identity_allow`"
        ))
    })
}
