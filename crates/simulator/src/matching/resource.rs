//! `Resource` and `NotResource`.

use preclear_condition::{Ambiguities, Evidence, KeyTypes, Lookup, Outcome, VariableFields};
use preclear_model::policy::ResourceEntry;
use preclear_model::{Match, PolicyKind, Statement};
use preclear_wildcard::FieldPattern;

/// The resource that a request is about.
#[derive(Debug, Clone)]
pub(crate) enum Question {
    /// One resource by its ARN. `*` and `?` in it are plain text.
    One(String),
    /// Every resource that the pattern covers. Rule: IAM-WILD-13.
    Many {
        /// The pattern as written.
        text: String,
        /// The pattern.
        pattern: FieldPattern,
    },
    /// The pseudo-resource `*` of actions without resource. Rule: IAM-WILD-8.
    Everything,
}

impl Question {
    /// The question as users write it.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::One(text) | Self::Many { text, .. } => text,
            Self::Everything => "*",
        }
    }

    /// A question for every resource that the ARN pattern covers; one for a single resource if it has no
    /// wildcard or is no ARN.
    pub(crate) fn many(text: &str) -> Self {
        match FieldPattern::parse(text, ':', ARN_FIELDS) {
            Some(pattern) if text.contains(['*', '?']) => Self::Many {
                text: text.to_owned(),
                pattern,
            },
            _ => Self::One(text.to_owned()),
        }
    }
}

/// Fields of an ARN. Rule: IAM-WILD-5.
const ARN_FIELDS: usize = 6;

/// A compiled `Resource` or `NotResource`.
#[derive(Debug)]
pub(crate) enum ResourceTest {
    /// The kind of policy has no resources, or leaves them to what it is attached to. Rule: IAM-GRAM-12.
    Attached,
    /// The statement has none but must: it never applies. Rule: KMS-POL-12.
    Dead,
    /// Applies when an entry matches.
    In(Vec<ResourcePattern>),
    /// Applies when no entry matches.
    NotIn(Vec<ResourcePattern>),
}

#[derive(Debug)]
pub(crate) enum ResourcePattern {
    /// All stars.
    Everything,
    /// A whole ARN.
    Arn(VariableFields),
    /// An ARN with fewer than six fields where AWS's reading is not published (AMB-14).
    Short {
        padded: VariableFields,
        has_wildcard: bool,
    },
    /// Never matches.
    Nothing,
}

impl ResourceTest {
    /// Compiles the element for a kind of document.
    pub(crate) fn compile(statement: &Statement, kind: PolicyKind, keys: &dyn KeyTypes) -> Self {
        let patterns = |entries: &[ResourceEntry]| {
            entries
                .iter()
                .map(|entry| ResourcePattern::compile(entry, keys))
                .collect()
        };
        match &statement.resource {
            None if kind == PolicyKind::Key => Self::Dead,
            None => Self::Attached,
            Some(Match::In(entries)) => Self::In(patterns(entries)),
            // In a key policy `NotResource` alone counts as no resource (KMS-POL-12).
            Some(Match::NotIn(_)) if kind == PolicyKind::Key => Self::Dead,
            Some(Match::NotIn(entries)) => Self::NotIn(patterns(entries)),
        }
    }

    /// Whether the element admits the resource.
    pub(crate) fn matches<E: Evidence>(
        &self,
        question: &Question,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let any = |patterns: &[ResourcePattern], ambiguities| {
            Outcome::any(
                patterns
                    .iter()
                    .map(|pattern| pattern.matches(question, keys, ambiguities)),
            )
        };
        match self {
            Self::Attached => Outcome::known(true),
            Self::Dead => Outcome::known(false),
            Self::In(patterns) => any(patterns, ambiguities),
            Self::NotIn(patterns) if patterns.is_empty() => Outcome::known(false),
            Self::NotIn(patterns) => {
                let applies: Outcome<E> = !any(patterns, ambiguities.negated());
                let resolved: Outcome<E> = Outcome::all(
                    patterns
                        .iter()
                        .map(|pattern| pattern.is_resolved(keys, ambiguities)),
                );
                if resolved.value.is_false() {
                    // An entry whose variable has no value names nothing, so the statement applies; the other
                    // reading is that it does not (AMB-5).
                    ambiguities.between(5, applies, Outcome::known(false))
                } else {
                    applies
                }
            }
        }
    }
}

impl ResourcePattern {
    fn compile(entry: &ResourceEntry, keys: &dyn KeyTypes) -> Self {
        let text = entry.template.source.as_str();
        if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
            return Self::Everything;
        }
        if let Some(fields) = VariableFields::compile(&entry.template, keys) {
            return Self::Arn(fields);
        }
        match VariableFields::compile_padded(&entry.template, keys) {
            Some(padded) if text.starts_with("arn:") => Self::Short {
                padded,
                has_wildcard: text.contains(['*', '?']),
            },
            _ => Self::Nothing,
        }
    }

    /// Whether every variable of the entry has a value or a default (IAM-VAR-6).
    fn is_resolved<E: Evidence>(&self, keys: &impl Lookup, ambiguities: Ambiguities) -> Outcome<E> {
        match self {
            Self::Arn(fields) | Self::Short { padded: fields, .. } => {
                fields.is_resolved(keys, ambiguities)
            }
            Self::Everything | Self::Nothing => Outcome::known(true),
        }
    }

    fn matches<E: Evidence>(
        &self,
        question: &Question,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        match (self, question) {
            (Self::Everything, _) => Outcome::known(true),
            (Self::Nothing, _) | (_, Question::Everything) => Outcome::known(false),
            (Self::Arn(fields), Question::One(text)) => {
                fields.matches_resource(text, keys, ambiguities)
            }
            (Self::Arn(fields), Question::Many { text, pattern }) => {
                fields.matches_all_of(pattern, text, keys, ambiguities)
            }
            (
                Self::Short {
                    padded,
                    has_wildcard,
                },
                Question::One(text),
            ) => {
                let matches = padded.matches::<E>(text, keys, ambiguities);
                short(matches, *has_wildcard, ambiguities)
            }
            (
                Self::Short {
                    padded,
                    has_wildcard,
                },
                Question::Many { text, pattern },
            ) => {
                let matches = padded.matches_all_of::<E>(pattern, text, keys, ambiguities);
                short(matches, *has_wildcard, ambiguities)
            }
        }
    }
}

/// AMB-14: an ARN with too few fields matches as if padded, or nothing.
fn short<E: Evidence>(
    padded: Outcome<E>,
    guess_padded: bool,
    ambiguities: Ambiguities,
) -> Outcome<E> {
    let nothing = Outcome::known(false);
    if guess_padded {
        ambiguities.between(14, padded, nothing)
    } else {
        ambiguities.between(14, nothing, padded)
    }
}
